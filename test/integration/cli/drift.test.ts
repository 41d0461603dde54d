import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { AuthorizeSecurityGroupIngressCommand, DescribeSecurityGroupsCommand, DisassociateAddressCommand, DescribeAddressesCommand, ModifyVpcEndpointCommand, DescribeVpcEndpointsCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { DisableRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateDatabaseCommand, DeleteDatabaseCommand, DeleteTriggerCommand, GetConnectionCommand, GetJobCommand, StopTriggerCommand, UpdateConnectionCommand, UpdateJobCommand } from '@aws-sdk/client-glue';
import { DeleteUserPolicyCommand, DetachRolePolicyCommand, GetUserPolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetDataLakeSettingsCommand, GrantPermissionsCommand, ListPermissionsCommand, PutDataLakeSettingsCommand, RevokePermissionsCommand } from '@aws-sdk/client-lakeformation';
import { DeleteObjectCommand, DeletePublicAccessBlockCommand, DeleteBucketLifecycleCommand } from '@aws-sdk/client-s3';
import { temporaryState } from '../sandbox/support.ts';
import { anyCredentials, cli, codesOf, commandsAt, documentOf, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, motoAccount } from '../support/moto.ts';
import { startRelay, type RelayedCall } from '../support/relay.ts';

interface Drift {
  readonly what: string;
  readonly code: string;
  readonly resource: string;
  /** What somebody did by hand. */
  readonly by: (clients: Clients, account: string) => Promise<unknown>;
}

const bucketOf = (account: string): string => `lake-tutorial-${account}-us-east-2`;
const roleOf = (account: string): string => `arn:aws:iam::${account}:role/LakeFormationWorkflowRole`;
async function databaseGroup({ ec2 }: Clients) {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['lake-tutorial-database'] }] }));
  return SecurityGroups?.[0] ?? {};
}

// One thing of each step, all done at once: what is found must be these and nothing else.
const drifts: readonly Drift[] = [
  {
    what: 'an inline policy deleted', code: 'admin-user.inline-policy', resource: 'admin-user',
    by: ({ iam }) => iam.send(new DeleteUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'UserPassRole' })),
  },
  {
    what: 'a Lake Formation administrator removed', code: 'lake-admin.not-admin', resource: 'lake-admin',
    by: async ({ lakeFormation }) => {
      const { DataLakeSettings } = await lakeFormation.send(new GetDataLakeSettingsCommand({}));
      const DataLakeAdmins = DataLakeSettings?.DataLakeAdmins?.filter(({ DataLakePrincipalIdentifier }) => !DataLakePrincipalIdentifier?.endsWith('user/datalakeadmin'));
      await lakeFormation.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { ...DataLakeSettings, DataLakeAdmins } }));
    },
  },
  { what: 'the bucket opened', code: 'bucket.public-access', resource: 'bucket', by: ({ s3 }, account) => s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucketOf(account) })) },
  { what: 'a zone deleted', code: 'zones.missing-zone', resource: 'zones', by: ({ s3 }, account) => s3.send(new DeleteObjectCommand({ Bucket: bucketOf(account), Key: 'silver/' })) },
  { what: 'the lifecycle deleted', code: 'zones.lifecycle', resource: 'zones', by: ({ s3 }, account) => s3.send(new DeleteBucketLifecycleCommand({ Bucket: bucketOf(account) })) },
  {
    what: 'the self-reference removed', code: 'security-group.self-reference', resource: 'security-group',
    by: async (clients) => {
      const { GroupId, IpPermissions } = await databaseGroup(clients);
      await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    },
  },
  {
    what: '5432 opened to the world', code: 'security-group.public-database', resource: 'security-group',
    by: async (clients) => {
      const { GroupId } = await databaseGroup(clients);
      await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    },
  },
  {
    what: 'the elastic IP taken off', code: 'elastic-ip.not-associated', resource: 'elastic-ip',
    by: async ({ ec2 }) => {
      const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
      await ec2.send(new DisassociateAddressCommand({ AssociationId: Addresses?.[0]?.AssociationId }));
    },
  },
  { what: 'the rule disabled', code: 'schedule.disabled', resource: 'schedule', by: ({ events }) => events.send(new DisableRuleCommand({ Name: 'lake-tutorial-insert' })) },
  { what: 'its target removed', code: 'schedule.target', resource: 'schedule', by: ({ events }) => events.send(new RemoveTargetsCommand({ Rule: 'lake-tutorial-insert', Ids: ['inserter'] })) },
  {
    what: 'the endpoint taken off the route table', code: 's3-endpoint.route-table', resource: 's3-endpoint',
    by: async ({ ec2 }) => {
      const { VpcEndpoints } = await ec2.send(new DescribeVpcEndpointsCommand({}));
      await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: VpcEndpoints?.[0]?.VpcEndpointId, RemoveRouteTableIds: VpcEndpoints?.[0]?.RouteTableIds }));
    },
  },
  {
    what: "the role's managed policy detached", code: 'role.managed-policy', resource: 'workflow-role',
    by: ({ iam }) => iam.send(new DetachRolePolicyCommand({ RoleName: 'LakeFormationWorkflowRole', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole' })),
  },
  {
    what: "the role's inline policy widened", code: 'role.inline-policy', resource: 'workflow-role',
    by: ({ iam }) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'LakeFormationWorkflowRole', PolicyName: 'LakeBucketAccess', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }) })),
  },
  {
    what: 'a grant revoked', code: 'grant.missing', resource: 'lake-grants',
    by: ({ lakeFormation }, account) =>
      lakeFormation.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: roleOf(account) }, Resource: { Database: { Name: 'lake_tutorial' } }, Permissions: ['CREATE_TABLE'] })),
  },
  { what: 'a trigger deleted', code: 'refine-trigger.missing', resource: 'refine-trigger', by: ({ glue }) => glue.send(new DeleteTriggerCommand({ Name: 'lake-tutorial-refine' })) },
];

const sandboxDrifts: readonly Drift[] = [
  {
    what: "the connection's address changed", code: 'connection.url', resource: 'connection',
    by: async ({ glue }) => {
      const { Connection } = await glue.send(new GetConnectionCommand({ Name: 'lake-tutorial-source' }));
      await glue.send(new UpdateConnectionCommand({
        Name: 'lake-tutorial-source',
        ConnectionInput: {
          Name: 'lake-tutorial-source', ConnectionType: 'JDBC', PhysicalConnectionRequirements: Connection?.PhysicalConnectionRequirements,
          ConnectionProperties: { ...Connection?.ConnectionProperties, JDBC_CONNECTION_URL: 'jdbc:postgresql://203.0.113.7:5432/transactionaldb' },
        },
      }));
    },
  },
  {
    what: "a job's Glue version changed", code: 'job.setting', resource: 'ingest-job',
    by: async ({ glue }) => {
      const { Job } = await glue.send(new GetJobCommand({ JobName: 'lake-tutorial-ingest' }));
      await glue.send(new UpdateJobCommand({ JobName: 'lake-tutorial-ingest', JobUpdate: { Role: Job?.Role, Command: Job?.Command, DefaultArguments: Job?.DefaultArguments, Connections: Job?.Connections, GlueVersion: '3.0', WorkerType: Job?.WorkerType, NumberOfWorkers: Job?.NumberOfWorkers } }));
    },
  },
  {
    what: 'the database opened to everybody whom IAM allows', code: 'lake-database.open', resource: 'lake-database',
    by: ({ lakeFormation }) =>
      lakeFormation.send(new GrantPermissionsCommand({ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Resource: { Database: { Name: 'lake_tutorial' } }, Permissions: ['ALL'] })),
  },
  { what: 'a trigger stopped', code: 'trigger.deactivated', resource: 'aggregate-trigger', by: ({ glue }) => glue.send(new StopTriggerCommand({ Name: 'lake-tutorial-aggregate' })) },
];

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
