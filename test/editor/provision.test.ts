import assert from 'node:assert/strict';
import type { DownResult } from '../../src/provision/down.ts';
import type { Plan } from '../../src/provision/plan.ts';
import type { UpResult } from '../../src/provision/up.ts';
import type { VerifyResult } from '../../src/provision/verify.ts';
import { provisionCommand } from '../../src/editor/ids.ts';
import { stepIds } from '../../src/editor/steps.generated.ts';
import { api, behindItsBack, command, failureOf, withSettings } from './support.ts';

const bucket = 'lake-tutorial-000000000000-us-east-2';
const ticks = async (): Promise<readonly string[]> => (await api()).walkthrough.ticks();

describe('provisioning from the editor', () => {
  before(() => command('lakeTutorial.tearDown', { yes: true }));

  it('ticks a step when the account has it', async () => {
    const { resources } = await command<UpResult>(provisionCommand('bucket'));
    assert.equal(resources.find(({ resource }) => resource === 'bucket')?.state, 'created');
    await behindItsBack(({ s3 }) => s3.headBucket({ Bucket: bucket }));
    assert.ok((await ticks()).includes('bucket'));
    assert.ok(!(await ticks()).includes('lake-location'));
  });

  it('unticks it when the account has it no longer, and says what is missing', async () => {
    await behindItsBack(({ s3 }) => s3.deleteBucket({ Bucket: bucket }));
    const { steps } = await command<VerifyResult>('lakeTutorial.verifyStep', 'bucket');
    assert.deepEqual(steps.map(({ id, state, findings }) => [id, state, findings.map(({ code }) => code)]), [['bucket', 'missing', ['bucket.missing']]]);
    assert.ok(!(await ticks()).includes('bucket'));
  });

  it('plans without changing anything', async () => {
    const plan = await command<Plan>('lakeTutorial.showPlan');
    assert.equal(plan.actions.find(({ resource }) => resource === 'bucket')?.action, 'create');
    assert.ok(plan.cost.perHour > 0);
    await assert.rejects(behindItsBack(({ s3 }) => s3.headBucket({ Bucket: bucket })));
  });

  it('provisions everything, and ticks what the account shows', async () => {
    const { resources } = await command<UpResult>('lakeTutorial.provisionAll', { yes: true });
    assert.deepEqual(resources.filter(({ state }) => state === 'failed' || state === 'blocked').map(({ resource, reason }) => [resource, reason]), []);
    const { walkthrough } = await api();
    const states = walkthrough.states();
    // Nothing has run yet.
    const waiting = ['ingest', 'refine', 'aggregate', 'visualize'].filter((id) => states[id] === 'waiting');
    assert.ok(waiting.includes('ingest') && waiting.includes('refine') && waiting.includes('aggregate'), JSON.stringify(states));
    assert.deepEqual(stepIds.filter(({ id, provision }) => provision && !waiting.includes(id) && states[id] !== 'done' && states[id] !== 'unknown').map(({ id }) => [id, states[id]]), []);
    assert.deepEqual([...walkthrough.ticks()].sort(), Object.keys(states).filter((id) => states[id] === 'done').sort());
    assert.ok(walkthrough.ticks().length > 10);
  });

  it('finds nothing to do the second time', async () => {
    const { resources } = await command<UpResult>('lakeTutorial.provisionAll', { yes: true });
    assert.deepEqual(resources.filter(({ state }) => state !== 'unchanged' && state !== 'unknown').map(({ resource, state }) => [resource, state]), []);
  });

  it('signs in as the administrator and back', async () => {
    const keys = (): Promise<number | undefined> => behindItsBack(async ({ iam }) => (await iam.listAccessKeys({ UserName: 'datalakeadmin' })).AccessKeyMetadata?.length);
    await command('lakeTutorial.signInAsAdmin', { method: 'password', yes: true });
    assert.equal(await keys(), 0);
    await command('lakeTutorial.signInAsAdmin', { method: 'key' });
    assert.equal(await keys(), 1);
    const { steps } = await command<VerifyResult>('lakeTutorial.verifyStep', 'account');
    assert.equal(steps[0]?.state, 'done');
    await command('lakeTutorial.signInAsAdmin', { method: 'forget' });
  });

  it('removes a step and what depends on it, and nothing else', async () => {
    const { removed } = await command<DownResult>('lakeTutorial.removeStep', 'inserter', { yes: true });
    assert.ok(removed.includes('inserter') && removed.includes('schedule'));
    assert.ok(!(await ticks()).includes('inserter'));
    assert.ok((await ticks()).includes('bucket'));
  });

  it('tears everything down, and ticks that', async () => {
    const { failed } = await command<DownResult>('lakeTutorial.tearDown', { yes: true });
    assert.deepEqual(failed, []);
    assert.deepEqual((await ticks()).filter((id) => stepIds.some((step) => step.id === id && step.provision)), []);
    assert.ok((await ticks()).includes('teardown'));
    await command(provisionCommand('bucket'));
    assert.ok(!(await ticks()).includes('teardown'));
  });

  it('unticks everything, quietly, when the sandbox does not run', async () => {
    assert.ok((await ticks()).includes('bucket'));
    await withSettings({ 'lakeTutorial.sandbox.stateFolder': `${process.env['LAKE_TUTORIAL_HOME']}/elsewhere` }, async () => {
      await command('lakeTutorial.sandboxStatus');
      assert.deepEqual(await ticks(), []);
      assert.equal((await failureOf('lakeTutorial.verifyAll')).code, 'sandbox.stopped');
    });
    assert.ok((await ticks()).includes('bucket'));
    await command('lakeTutorial.tearDown', { yes: true });
  });

  it('says in words that a step does not exist', async () => {
    const { code, message } = await failureOf('lakeTutorial.verifyStep', 'nonsense');
    assert.equal(code, 'step.unknown');
    assert.match(message, /nonsense/);
  });
});
