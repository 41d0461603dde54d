import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { DescribeAddressesCommand, DescribeInstancesCommand, DescribeSecurityGroupsCommand, DescribeVpcEndpointsCommand } from '@aws-sdk/client-ec2';
import { GetJobsCommand } from '@aws-sdk/client-glue';
import { anyCredentials, cli, commandsAt, inState, motoUnknowns, type DownDocument, type UpDocument } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { dice } from '../support/dice.ts';
import { bareMoto, type Moto } from '../support/moto.ts';
import { refusal, startRelay, type Fault, type Relay, type RelayedCall } from '../support/relay.ts';

/** All kills and all faults one by one; else a sample, and the faults mixed. Takes half an hour. */
const all = process.env['LAKE_TEST_FAULTS'] === 'all';
const seed = Number(process.env['LAKE_TEST_SEED'] ?? Date.now() % 1_000_000);

/** What goes wrong with a call on its way, or in AWS. */
const faults: Readonly<Record<string, (call: RelayedCall) => Fault>> = {
  throttled: (call) => refusal(call, 'Throttling', 'Rate exceeded', 400),
  'failed with 500': (call) => refusal(call, 'InternalError', 'An internal error occurred', 500),
  reset: () => 'reset',
};

describe(`CLI: an up and a down whose calls go wrong (seed ${seed})`, function () {
  this.timeout(all ? 3_600_000 : 180_000);
  let moto: Moto;
  let relay: Relay;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;
  let changes = 0;

  before(async () => {
    moto = await bareMoto();
    relay = await startRelay(moto.endpoint);
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', relay.endpoint]);
    // How many calls there are to be killed at.
    relay.done = ({ change }) => void (changes = Math.max(changes, change));
    await run.up();
    assert.ok(changes > 40, `${changes} changes`);
  });
  beforeEach(async () => {
    relay.clear();
    await moto.reset();
  });
  after(() => relay?.stop());

  /** Undisturbed, it ends where an undisturbed run ends, with one of each. */
  async function assertConverges(): Promise<void> {
    relay.clear();
    const again = await run.up();
    assert.deepEqual(inState(again, 'failed', 'blocked', 'adopted'), []);
    assert.deepEqual(again.resources.filter(({ resource, state }) => state === 'unknown' && !motoUnknowns.includes(resource)), []);
    await assertOneOfEach();
    assert.deepEqual((await run.plan()).actions.filter(({ action }) => action !== 'none' && action !== 'unknown'), []);
  }
  async function assertOneOfEach(): Promise<void> {
    const { ec2, glue } = clients;
    const instances = (await ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    const living = instances.filter(({ State }) => State?.Name !== 'terminated');
    assert.deepEqual([
      living.length,
      (await ec2.send(new DescribeAddressesCommand({}))).Addresses?.map(({ InstanceId }) => InstanceId),
      (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.filter(({ GroupName }) => GroupName !== 'default').length,
      (await ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints?.filter(({ State }) => !/^delet/i.test(State ?? '')).length,
      (await glue.send(new GetJobsCommand({}))).Jobs?.length,
    ], [1, [living[0]?.InstanceId], 1, 1, 3], 'one instance with its one address, one security group, one endpoint, three jobs');
  }
  /** What costs money is gone. */
  async function assertNothingCosts(): Promise<void> {
    const { ec2 } = clients;
    const instances = (await ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    assert.deepEqual(instances.filter(({ State }) => State?.Name !== 'terminated'), []);
    assert.deepEqual((await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [], []);
  }

  /** A run to its end; what failed of it is what there is to see. */
  async function made(): Promise<void> {
    const { stdout, stderr } = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials });
    const { resources, error } = JSON.parse(stdout) as UpDocument & { readonly error?: unknown };
    assert.deepEqual([error, resources?.filter(({ state }) => ['failed', 'blocked'].includes(state))], [undefined, []], stderr);
  }
  async function removed(): Promise<void> {
    const { stdout, stderr } = await cli(['down', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials });
    const { failed, error } = JSON.parse(stdout) as DownDocument & { readonly error?: unknown };
    assert.deepEqual([error, failed], [undefined, []], stderr);
    await assertNothingCosts();
  }

  async function killed(command: string, at: number): Promise<void> {
    let child: ChildProcess | undefined;
    relay.clear();
    relay.done = ({ change }) => (change === at ? !child?.kill('SIGKILL') : undefined);
    await cli([command, '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials, onStart: (started) => (child = started) });
    relay.clear();
  }

  it('killed at any of its calls, goes on where it was; down too', async () => {
    const random = dice(seed);
    const sample = Array.from({ length: 2 }, () => 1 + Math.floor(random() * changes));
    for (const at of all ? Array.from({ length: changes }, (_, index) => index + 1) : sample) {
      // moto cannot delete a connection, nor change one that was left.
      await moto.reset();
      await killed('up', at);
      await assertConverges();
      await killed('down', Math.ceil(at / 2));
      await removed();
    }
  });

  it('every answer lost once, makes one of each, and removes it', async () => {
    const lost = new Set<string>();
    const lose = ({ name, path, body }: RelayedCall): boolean => {
      const call = `${name} ${path} ${body}`;
      const first = !lost.has(call);
      lost.add(call);
      return !first;
    };
    relay.done = lose;
    await made();
    assert.ok(lost.size > 100, `${lost.size} answers`);
    await assertConverges();
    relay.done = lose;
    await removed();
  });

  if (all) {
    it('calls that are never answered, asks again and ends well', async () => {
      const random = dice(seed);
      let hit = 0;
      // Each is waited for as long as a call may be without an answer.
      relay.intercept = () => (hit < 3 && random() < 0.05 ? (hit++, 'silent') : undefined);
      await made();
      assert.equal(hit, 3);
      await assertConverges();
    });
  }

  const kinds = Object.entries(faults);
  for (const [what, chosen] of all ? kinds.map(([name, fault]) => [name, [fault]] as const) : [['throttled, failed with 500 or reset', kinds.map(([, fault]) => fault)] as const]) {
    it(`one call of ten ${what}, tries again and ends well`, async () => {
      const random = dice(seed);
      let hit = 0;
      relay.intercept = (call) => (random() < 0.1 ? (hit++, chosen[Math.floor(random() * chosen.length)]?.(call)) : undefined);
      await made();
      assert.ok(hit > 5, `${hit} calls`);
      await removed();
    });
  }
});
