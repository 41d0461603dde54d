import assert from 'node:assert/strict';
import { DescribeInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { connect, type Connection } from '../../../src/aws/connection.ts';
import { verify, type ProbedVerdicts, type StepState, type VerifyOptions } from '../../../src/provision/verify.ts';
import { loadTutorial, readAsset } from '../../../src/shell.ts';
import { commandsAt } from '../support/cli.ts';
import { clientsFor } from '../support/clients.ts';
import { bareMoto, type Moto } from '../support/moto.ts';
import { startRelay, type Relay } from '../support/relay.ts';

/** The editor looks at the account whenever its window gets the focus: that must not test connections and run commands on instances. */
describe('verify: a look that nobody asked for', function () {
  this.timeout(120_000);
  let moto: Moto;
  let relay: Relay;
  let connection: Connection;
  let tried: string[] = [];
  let testFails = false;
  let isHidden = false;
  let rows = 'rows:7:30';
  const probed: ProbedVerdicts = new Map();

  before(async () => {
    moto = await bareMoto();
    relay = await startRelay(moto.endpoint);
    relay.intercept = (call) => {
      const answer = (body: object) => ({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) });
      if (call.name === 'TestConnection') {
        tried.push(call.name);
        return testFails ? { ...answer({ __type: 'InvalidInputException', message: 'Connection refused' }), status: 400 } : answer({});
      }
      if (call.name === 'SendCommand') {
        tried.push(call.name);
        return answer({ Command: { CommandId: call.body.includes('count(*)') ? 'rows' : 'table' } });
      }
      if (call.name === 'GetConnection' && isHidden) {
        return { ...answer({ __type: 'EntityNotFoundException', message: 'Connection not found' }), status: 400 };
      }
      return call.name === 'GetCommandInvocation'
        ? answer({ Status: 'Success', StandardOutputContent: `${call.body.includes('rows') ? rows : 'column:id NO\ncolumn:valor YES\ncolumn:fecha YES'}\nlake-tutorial:end\n` })
        : undefined;
    };
    await commandsAt(['--endpoint', relay.endpoint]).up();
    connection = connect({ target: 'sandbox', region: 'us-east-2', endpoint: relay.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' } });
  });
  beforeEach(() => {
    tried = [];
  });
  after(async () => {
    connection?.close();
    await relay?.stop();
  });

  async function look(options: Pick<VerifyOptions, 'probe' | 'probed' | 'retryMs'>): Promise<Record<string, StepState>> {
    const { steps } = await verify({ tutorial: await loadTutorial({}), connection, assets: readAsset, ...options });
    return Object.fromEntries(steps.filter(({ id }) => ['bucket', 'source-database', 'rows', 'connection'].includes(id)).map(({ id, state }) => [id, state]));
  }

  it('tries nothing, and says that it cannot tell what only a trial shows', async () => {
    assert.deepEqual(await look({ probe: false }), { bucket: 'done', 'source-database': 'unknown', rows: 'unknown', connection: 'unknown' });
    assert.deepEqual(tried, []);
  });

  it('a verification that was asked for tries', async () => {
    assert.deepEqual(await look({ probed }), { bucket: 'done', 'source-database': 'done', rows: 'done', connection: 'done' });
    assert.deepEqual(tried.sort(), ['SendCommand', 'SendCommand', 'TestConnection']);
  });

  it('no row yet is a result that is still to come', async () => {
    rows = 'rows:0:-1';
    assert.equal((await look({}))['rows'], 'waiting');
    rows = 'rows:7:30';
  });

  it('keeps what the last trial showed', async () => {
    testFails = true;
    assert.deepEqual(await look({ probe: false, probed }), { bucket: 'done', 'source-database': 'done', rows: 'done', connection: 'done' });
    assert.deepEqual(tried, []);
    assert.equal((await look({ probed }))['connection'], 'wrong');
    testFails = false;
    assert.equal((await look({ probe: false, probed }))['connection'], 'wrong');
  });

  it('tries again in time what was not well, where that costs nothing', async () => {
    assert.equal((await look({ probe: false, probed, retryMs: 60_000 }))['connection'], 'wrong');
    assert.deepEqual(tried, []);
    assert.equal((await look({ probe: false, probed, retryMs: 0 }))['connection'], 'done');
    assert.deepEqual(tried, ['TestConnection']);
  });

  it('does not believe a trial from before the thing was there', async () => {
    isHidden = true;
    assert.equal((await look({ probed }))['connection'], 'missing');
    isHidden = false;
    tried = [];
    assert.equal((await look({ probe: false, probed }))['connection'], 'done');
    assert.deepEqual(tried, ['TestConnection']);
  });

  it('sees all the same what is gone', async () => {
    const { ec2 } = clientsFor(moto.endpoint);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: Reservations?.flatMap(({ Instances }) => Instances?.map(({ InstanceId }) => InstanceId ?? '') ?? []) }));
    const seen = await look({ probe: false, probed });
    assert.equal(seen['source-database'], 'missing');
    assert.equal(seen['rows'], 'missing');
    assert.deepEqual(tried, []);
  });
});
