import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { CreateDatabaseCommand, DeleteDatabaseCommand, GetJobCommand } from '@aws-sdk/client-glue';
import { GetUserPolicyCommand } from '@aws-sdk/client-iam';
import { ListPermissionsCommand } from '@aws-sdk/client-lakeformation';
import { temporaryState } from '../sandbox/support.ts';
import { anyCredentials, cli, codesOf, commandsAt, documentOf, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, motoAccount } from '../support/moto.ts';
import { databaseGroup, drifts, sandboxDrifts, type Drift } from '../support/drifts.ts';
import { startRelay, type RelayedCall } from '../support/relay.ts';

/** Does everything by hand, and has it found by `verify`, planned, and repaired by `up`. */
async function assertFoundAndRepaired(run: ReturnType<typeof commandsAt>, clients: Clients, account: string, all: readonly Drift[]): Promise<void> {
  await run.up();
  await run.verify(0);
  // One after the other: some change the same thing.
  for (const drift of all) {
    await drift.by(clients, account);
  }
  const found = await run.verify(1);
  assert.deepEqual([...new Set(codesOf(found).filter((code) => !code.endsWith('.unknown')))].sort(), [...new Set(all.map(({ code }) => code))].sort());
  for (const finding of found.steps.flatMap(({ findings }) => findings)) {
    assert.ok(finding.message && finding.fix, finding.code);
  }
  const resources = [...new Set(all.map(({ resource }) => resource))].sort();
  const planned = (await run.plan()).actions.filter(({ action }) => action === 'update' || action === 'create');
  assert.deepEqual(planned.map(({ resource }) => resource).sort(), resources);
  assert.deepEqual(inState(await run.up(), 'updated', 'created').sort(), resources);
  await run.verify(0);
  assert.deepEqual(inState(await run.up(), 'updated', 'created', 'failed', 'blocked'), []);
}

describe('CLI: what was changed by hand, on a bare moto', function () {
  this.timeout(120_000);

  it(`is found with a code each and repaired: ${drifts.map(({ what }) => what).join(', ')}`, async () => {
    const moto = await bareMoto();
    const clients = clientsFor(moto.endpoint);
    await assertFoundAndRepaired(commandsAt(['--endpoint', moto.endpoint]), clients, motoAccount, drifts);
    await clients.iam.send(new GetUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'UserPassRole' }));
    const { IpPermissions } = await databaseGroup(clients);
    assert.deepEqual(IpPermissions?.flatMap(({ IpRanges = [] }) => IpRanges), [], '5432 is closed again');
  });
});

describe('CLI: the tutorial in the sandbox', function () {
  this.timeout(180_000);
  const account = '000000000000';
  let remove: (() => Promise<void>) | undefined;
  let run: ReturnType<typeof commandsAt>;
  let clients: Clients;
  let state: string;
  let endpoint: string;

  before(async () => {
    ({ state, remove } = await temporaryState());
    const outcome = await cli(['sandbox', 'start', '--control-plane-only', '--state', state, '--json']);
    const started = documentOf<{ endpoint: string; accountId: string }>(outcome, 0);
    endpoint = started.endpoint;
    assert.equal(started.accountId, account);
    clients = clientsFor(endpoint);
    run = commandsAt(['--state', state], {});
  });
  after(() => remove?.());

  it(`finds and repairs what was changed by hand, also ${sandboxDrifts.map(({ what }) => what).join(', ')}`, async () => {
    await assertFoundAndRepaired(run, clients, account, [...drifts, ...sandboxDrifts]);
    assert.equal((await clients.glue.send(new GetJobCommand({ JobName: 'lake-tutorial-ingest' }))).Job?.DefaultArguments?.['--bookmark-key'], 'id');
  });

  it('leaves both databases to grants, and gives `default` back to everybody when the lake goes', async () => {
    const open = async (Name: string) =>
      (await clients.lakeFormation.send(new ListPermissionsCommand({ Resource: { Database: { Name } } }))).PrincipalResourcePermissions
        ?.some(({ Principal }) => Principal?.DataLakePrincipalIdentifier === 'IAM_ALLOWED_PRINCIPALS');
    assert.deepEqual([await open('lake_tutorial'), await open('default')], [false, false]);
    await run.down('--step', 'lake-database');
    assert.equal(await open('default'), true);
    await run.up();
    assert.equal(await open('default'), false);

    // Killed between two of its calls: the next run finds by looking what is still to be done.
    const killed = async (command: string, at: (call: RelayedCall) => boolean, ...args: string[]): Promise<void> => {
      const relay = await startRelay(endpoint);
      let child: ChildProcess | undefined;
      relay.intercept = (call) => (at(call) && child?.kill('SIGKILL') ? { status: 500 } : undefined);
      const { signal } = await cli([command, '--endpoint', relay.endpoint, '--yes', '--json', ...args], { env: anyCredentials, onStart: (started) => (child = started) });
      await relay.stop();
      assert.equal(signal, 'SIGKILL');
    };
    await killed('down', ({ path, body }) => path === '/GrantPermissions' && body.includes('"default"'), '--step', 'lake-database');
    assert.equal(await open('default'), false);
    assert.ok((await run.down('--step', 'lake-database')).removed.includes('lake-grants'));
    assert.equal(await open('default'), true);
    await killed('up', ({ path, body }) => path === '/RevokePermissions' && body.includes('"default"'));
    assert.equal(await open('default'), true);
    await run.up();
    assert.equal(await open('default'), false);

    await run.down('--step', 'lake-database');
    await clients.glue.send(new DeleteDatabaseCommand({ Name: 'default' }));
    await clients.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'default' } }));
    await run.up();
    assert.equal(await open('default'), true, 'what was there before is not ours to close');
  });

  it('removes all of it: nothing is left, nothing unknown', async () => {
    const { removed, left, failed } = await run.down();
    assert.deepEqual(failed, []);
    assert.ok(removed.includes('connection') && removed.includes('quicksight-dashboard'), removed.join());
    assert.deepEqual(left.map(({ id }) => id), ['service-linked-role', 'default-database']);
    const { steps } = await run.verify(0, '--step', 'teardown');
    assert.deepEqual(steps.map(({ state: seen }) => seen), ['done']);
    assert.deepEqual((await run.down()).removed, []);
  });

  it('stopped, is an error that says how to start it', async () => {
    documentOf(await cli(['sandbox', 'stop', '--state', state, '--json'], { env: anyCredentials }), 0);
    const { error } = await run.fails(3, 'plan');
    assert.equal(error.code, 'sandbox.stopped');
    assert.match(error.fix ?? '', /sandbox start/);
  });
});
