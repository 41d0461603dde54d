import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { AllocateAddressCommand, DescribeAddressesCommand, DescribeInstancesCommand, DescribeSecurityGroupsCommand, DescribeVpcEndpointsCommand } from '@aws-sdk/client-ec2';
import { GetJobsCommand } from '@aws-sdk/client-glue';
import { anyCredentials, cli, codesOf, commandsAt, documentOf, inState, motoUnknowns, type ErrorDocument, type UpDocument } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, type Moto } from '../support/moto.ts';
import { refusal, startRelay, type Relay, type RelayedCall } from '../support/relay.ts';

describe('CLI: an up that is interrupted', function () {
  this.timeout(120_000);
  let moto: Moto;
  let relay: Relay;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;

  before(async () => {
    moto = await bareMoto();
    relay = await startRelay(moto.endpoint);
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', relay.endpoint]);
    // Each service loads at its first call, which would let the first test wait alone.
    await run.plan();
  });
  beforeEach(async () => {
    relay.clear();
    await moto.reset();
  });
  after(async () => {
    await relay?.stop();
  });

  /** Runs `up` and sends it a signal when a call is done and its answer is on the way; the answer is lost. */
  async function interrupt(signal: NodeJS.Signals, at: (call: RelayedCall) => boolean) {
    let child: ChildProcess | undefined;
    let hit = false;
    relay.clear();
    relay.done = (call) => {
      if (!hit && at(call)) {
        hit = true;
        child?.kill(signal);
        return false;
      }
      return !hit;
    };
    const outcome = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials, onStart: (started) => (child = started) });
    relay.clear();
    return { outcome, hit };
  }

  /** Run again, it ends where an undisturbed run ends, with one of each. */
  async function assertConverges(): Promise<void> {
    const again = await run.up();
    assert.deepEqual(inState(again, 'failed', 'blocked', 'adopted'), []);
    assert.deepEqual(inState(again, 'unknown').filter((resource) => !motoUnknowns.includes(resource)), []);
    const instances = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    // moto honours no client token: of two runs at the same moment one ends its own again.
    assert.equal(instances.filter(({ State }) => State?.Name !== 'terminated').length, 1, 'instances');
    assert.deepEqual((await clients.ec2.send(new DescribeAddressesCommand({}))).Addresses?.map(({ InstanceId }) => InstanceId), [instances.find(({ State }) => State?.Name !== 'terminated')?.InstanceId], 'elastic IPs');
    assert.equal((await clients.ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.filter(({ GroupName }) => GroupName !== 'default').length, 1, 'security groups');
    // A deleted one is told of for a while.
    assert.equal((await clients.ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints?.filter(({ State }) => !/^delet/i.test(State ?? '')).length, 1, 'endpoints');
    assert.equal((await clients.glue.send(new GetJobsCommand({}))).Jobs?.length, 3, 'jobs');
    await run.verify(0);
  }

  // Deeper in the graph each time: what one run was killed at, the next one finds.
  for (const chain of [['CreateSecurityGroup', 'RunInstances', 'AllocateAddress'], ['CreateVpcEndpoint', 'CreateConnection', 'CreateTrigger']]) {
    it(`killed when ${chain.join(', then when ')} is done and its answer lost, makes one of each`, async () => {
      for (const name of chain) {
        const { outcome, hit } = await interrupt('SIGKILL', (call) => call.name === name);
        assert.ok(hit, `${name} was called`);
        assert.equal(outcome.signal, 'SIGKILL');
      }
      await assertConverges();
    });
  }

  it('killed again and again, further on each time, goes on where it was', async () => {
    for (const change of [3, 11, 17, 9, 14, 6]) {
      await interrupt('SIGKILL', (call) => call.change === change);
    }
    await assertConverges();
    assert.deepEqual((await run.plan()).actions.filter(({ action }) => action !== 'none' && action !== 'unknown'), []);
  });

  it('cancelled with SIGINT, says so, exits with 130 and loses nothing', async () => {
    const { outcome, hit } = await interrupt('SIGINT', (call) => call.change === 12);
    assert.ok(hit);
    assert.equal(documentOf<ErrorDocument>(outcome, 130).error.code, 'cancelled');
    assert.match(outcome.stderr, /Cancelled/);
    await assertConverges();
  });

  it('whose token expires on the way, says so, and goes on with a new one', async () => {
    let calls = 0;
    relay.intercept = (call) => (++calls > 60 ? refusal(call, 'ExpiredToken', 'The security token included in the request is expired', 400) : undefined);
    const failure = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials });
    assert.equal(documentOf<ErrorDocument>(failure, 3).error.code, 'aws.expired');
    relay.clear();
    await assertConverges();
  });

  it('whose grants to everybody are taken away by another run meanwhile, goes on', async () => {
    let hit = false;
    relay.intercept = (call) => {
      // Another run was here between the look and the change.
      if (call.path === '/ListPermissions') {
        return { status: 200, body: JSON.stringify({ PrincipalResourcePermissions: [{ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Permissions: ['ALL'] }] }) };
      }
      if (call.path === '/RevokePermissions') {
        hit = true;
        return refusal(call, 'InvalidInput', 'No permissions revoked. Grantee has no permissions and no grantable permissions on resource.', 400);
      }
      return undefined;
    };
    const applied = await run.up('--step', 'lake-database');
    assert.ok(hit);
    assert.deepEqual(inState(applied, 'failed', 'blocked'), []);
  });

  // Source: hashicorp/terraform-provider-aws#2449, 2026-11-28
  // Source: hashicorp/terraform-provider-aws#2008, 2026-11-28
  // Source: hashicorp/terraform-provider-aws#49953, 2026-11-28
  // Source: hashicorp/terraform-provider-aws#21759, 2026-11-28
  // Source: aws-cloudformation/cloudformation-coverage-roadmap#2103, 2026-11-28
  // Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
  it('to which AWS says once of each what it says for seconds after a change, waits, says so, and ends well; the changes of one bucket come one after the other', async () => {
    const user = ['NoSuchEntity', 'The user with name datalakeadmin cannot be found.', 404] as const;
    const role = ['NoSuchEntity', 'The role with name LakeFormationWorkflowRole cannot be found.', 404] as const;
    const unlisted = ['AccessDenied', 'Insufficient Lake Formation permission(s): Required Create Database on Catalog', 400] as const;
    const busy = ['ConcurrentModification', 'Workflow lake-tutorial was modified while adding trigger lake-tutorial-start to it', 400] as const;
    const aborted = ['OperationAborted', 'A conflicting conditional operation is currently in progress against this resource. Please try again.', 409] as const;
    const answers = new Map<string, readonly [code: string, message: string, status: number]>([
      ['AttachUserPolicy', user], ['PutUserPolicy', user], ['TagUser', user], ['AttachRolePolicy', role], ['PutRolePolicy', role],
      ['CreateDatabase', unlisted], ['CreateCrawler', unlisted], ['CreateTrigger', busy], ['CreateJob', busy], ['CreateConnection', busy],
      ['POST /BatchGrantPermissions', ['EntityNotFound', 'Database not found.', 400]],
      ['publicAccessBlock', aborted], ['tagging', aborted], ['lifecycle', aborted],
    ]);
    const configuration = ({ service, method, path }: RelayedCall): string | undefined => (service === 's3' && method === 'PUT' ? /\?(publicAccessBlock|tagging|lifecycle)/.exec(path)?.[1] : undefined);
    let [atOnce, most] = [0, 0];
    relay.intercept = (call) => {
      const key = configuration(call) ?? call.name;
      const answer = answers.get(key);
      answers.delete(key);
      if (!answer && configuration(call)) {
        most = Math.max(most, ++atOnce);
      }
      return answer && refusal(call, ...answer);
    };
    relay.done = (call) => {
      atOnce -= configuration(call) ? 1 : 0;
    };
    const outcome = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials });
    assert.deepEqual(inState(documentOf<UpDocument>(outcome, 0), 'failed', 'blocked'), []);
    assert.deepEqual([...answers.keys()], [], 'each was given');
    assert.equal(most, 1);
    assert.match(outcome.stderr, /Waiting until AWS knows everywhere what was just changed… \(up to 2 minutes\)/);
  });

  const addresses = async () => (await clients.ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [];

  it('whose answer to an allocation is lost, has one elastic IP', async () => {
    let lost = 0;
    // The SDK asks again, and AWS gives another one.
    relay.done = (call) => call.name !== 'AllocateAddress' || ++lost > 1;
    await run.up('--step', 'source-database');
    assert.ok(lost > 1);
    assert.deepEqual((await addresses()).map(({ AssociationId }) => Boolean(AssociationId)), [true]);
  });

  it('sees elastic IPs of its own that nothing uses, which are charged, and releases them', async () => {
    await run.up('--step', 'source-database');
    const [used] = await addresses();
    for (let made = 0; made < 2; made += 1) {
      await clients.ec2.send(new AllocateAddressCommand({ Domain: 'vpc', TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: used?.Tags }] }));
    }
    // Somebody else's is not looked at.
    const { AllocationId: foreign } = await clients.ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    assert.ok(codesOf(await run.verify(1, '--step', 'source-database')).includes('elastic-ip.extra'));
    assert.equal((await run.plan()).actions.find(({ resource }) => resource === 'elastic-ip')?.action, 'update');
    await run.up('--step', 'source-database');
    assert.deepEqual((await addresses()).map(({ AllocationId }) => AllocationId).sort(), [used?.AllocationId, foreign].sort());
    await run.down();
    assert.deepEqual((await addresses()).map(({ AllocationId }) => AllocationId), [foreign]);
  });

  it('twice at the same moment, fails in neither, makes one of each, and down, twice at the same moment, fails in neither and leaves nothing that costs money', async () => {
    await Promise.all([run.up(), run.up()]);
    assert.equal((await addresses()).length, 1);
    await assertConverges();
    // Two of these, too: what one finds gone that it was about to remove is no failure.
    assert.deepEqual((await Promise.all([run.down(), run.down()])).map(({ failed }) => failed), [[], []]);
    const instances = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    assert.deepEqual(instances.filter(({ State }) => State?.Name !== 'terminated'), []);
    assert.deepEqual((await clients.ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [], []);
  });
});
