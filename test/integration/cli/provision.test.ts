import assert from 'node:assert/strict';
import { GetWorkGroupCommand } from '@aws-sdk/client-athena';
import {
  CreateSecurityGroupCommand,
  DescribeAddressesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
} from '@aws-sdk/client-ec2';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateDatabaseCommand, GetConnectionCommand, GetCrawlerCommand, GetDatabaseCommand, GetDatabasesCommand, GetJobCommand, GetJobsCommand, GetTriggerCommand, GetWorkflowCommand } from '@aws-sdk/client-glue';
import {
  CreateUserCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { DescribeResourceCommand, GetDataLakeSettingsCommand, ListPermissionsCommand, PutDataLakeSettingsCommand, type ListPermissionsCommandInput } from '@aws-sdk/client-lakeformation';
import { GetFunctionCommand, GetPolicyCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetBucketLifecycleConfigurationCommand, GetPublicAccessBlockCommand, ListBucketsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { clientsFor, type Clients } from '../support/clients.ts';
import { commandsAt, inState, motoUnknowns, type UpDocument } from '../support/cli.ts';
import { motoAccount as account, bareMoto, type Moto } from '../support/moto.ts';

const bucket = `lake-tutorial-${account}-us-east-2`;
const foreignAdmin = `arn:aws:iam::${account}:user/somebody`;
const policyOf = (encoded: string | undefined): { Statement: { Action: string | string[]; Resource: string | string[]; Principal?: { Service: string } }[] } => JSON.parse(decodeURIComponent(encoded ?? '')) as never;
const lakeSettings = async ({ lakeFormation }: Clients) => (await lakeFormation.send(new GetDataLakeSettingsCommand({}))).DataLakeSettings ?? {};
const adminsOf = async (clients: Clients): Promise<string[]> => ((await lakeSettings(clients)).DataLakeAdmins ?? []).map((admin) => admin.DataLakePrincipalIdentifier ?? '').sort();

describe('CLI: the whole tutorial on a bare moto', function () {
  this.timeout(120_000);
  let moto: Moto;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;
  let first: UpDocument;
  let defaults: unknown;

  before(async () => {
    moto = await bareMoto();
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', moto.endpoint]);
  });

  it('plans all as new in an empty account, with what it costs', async () => {
    const { actions, cost } = await run.plan();
    assert.ok(actions.length > 30);
    for (const action of actions) {
      assert.ok(action.resource && action.step && action.reason, JSON.stringify(action));
    }
    assert.deepEqual(new Set(actions.map(({ action }) => action)), new Set(['create', 'none', 'unknown']));
    for (const resource of ['admin-user', 'bucket', 'zones', 'instance', 'inserter', 'lake-database', 'workflow', 'ingest-job']) {
      assert.equal(actions.find((action) => action.resource === resource)?.action, 'create', resource);
    }
    assert.deepEqual(actions.filter(({ action }) => action === 'unknown').map(({ resource }) => resource).filter((resource) => !motoUnknowns.includes(resource)), []);
    assert.ok(cost.perHour > 0.01 && cost.perHour < 0.1, String(cost.perHour));
    assert.ok(cost.perRun > 0.1 && cost.perRun < 0.5, String(cost.perRun));
    assert.equal(cost.currency, 'USD');
    assert.deepEqual((await clients.s3.send(new ListBucketsCommand({}))).Buckets ?? [], [], 'a plan changes nothing');
  });

  // The tests that follow are one story: each starts where the one before ended.
  it('provisions all of it, beside what is not ours', async () => {
    await Promise.all([
      clients.s3.send(new CreateBucketCommand({ Bucket: 'foreign-bucket', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } })),
      clients.iam.send(new CreateUserCommand({ UserName: 'somebody' })),
      clients.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'foreign_database' } })),
      clients.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'foreign', Description: 'foreign' })),
    ]);
    const settings = await lakeSettings(clients);
    defaults = [settings.CreateDatabaseDefaultPermissions, settings.CreateTableDefaultPermissions];
    await clients.lakeFormation.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { ...settings, DataLakeAdmins: [{ DataLakePrincipalIdentifier: foreignAdmin }] } }));

    first = await run.up();
    assert.deepEqual(inState(first, 'failed', 'blocked', 'updated', 'adopted'), []);
    assert.deepEqual(inState(first, 'unknown').filter((resource) => !motoUnknowns.includes(resource)), []);
    for (const { resource, state, reason } of first.resources) {
      assert.ok(['created', 'unchanged'].includes(state) || (state === 'unknown' && reason), `${resource}: ${state}`);
    }
  });

  it('has the administrator with policies that name the account', async () => {
    const UserName = 'datalakeadmin';
    await clients.iam.send(new GetUserCommand({ UserName }));
    const { AttachedPolicies } = await clients.iam.send(new ListAttachedUserPoliciesCommand({ UserName }));
    assert.deepEqual(AttachedPolicies?.map(({ PolicyName }) => PolicyName).sort(), ['AWSGlueConsoleFullAccess', 'AWSLakeFormationDataAdmin', 'AmazonAthenaFullAccess', 'CloudWatchLogsReadOnlyAccess', 'IAMUserChangePassword']);
    for (const [PolicyName, resource] of [
      ['LakeFormationSLR', `arn:aws:iam::${account}:role/aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess`],
      ['UserPassRole', `arn:aws:iam::${account}:role/LakeFormationWorkflowRole`],
    ] as const) {
      const { PolicyDocument } = await clients.iam.send(new GetUserPolicyCommand({ UserName, PolicyName }));
      assert.ok(policyOf(PolicyDocument).Statement.some(({ Resource }) => Resource === resource), PolicyName);
    }
  });

  it('has the new administrators beside the one before, and the defaults as they were', async () => {
    assert.deepEqual(await adminsOf(clients), [`arn:aws:iam::${account}:user/datalakeadmin`, `arn:aws:iam::${account}:user/moto`, foreignAdmin].sort());
    const settings = await lakeSettings(clients);
    assert.deepEqual([settings.CreateDatabaseDefaultPermissions, settings.CreateTableDefaultPermissions], defaults);
  });

  it('has a closed bucket with three zones that grow colder', async () => {
    const { PublicAccessBlockConfiguration } = await clients.s3.send(new GetPublicAccessBlockCommand({ Bucket: bucket }));
    assert.deepEqual(PublicAccessBlockConfiguration, { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true });
    const keys = (await clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents?.map(({ Key }) => Key) ?? [];
    for (const zone of ['bronze/', 'silver/', 'gold/']) {
      assert.ok(keys.includes(zone), zone);
    }
    const { Rules } = await clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    assert.ok(Rules?.some(({ Filter, Status, Transitions }) => Filter?.Prefix === 'bronze/' && Status === 'Enabled' && Transitions?.some(({ StorageClass }) => StorageClass === 'STANDARD_IA')));
  });

  it('has one database server, with its address, its role, and no secret in its user data', async () => {
    const instances = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    assert.equal(instances.length, 1);
    const [instance] = instances;
    assert.ok(instance?.InstanceId && instance.IamInstanceProfile?.Arn);
    const profile = await clients.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: instance.IamInstanceProfile.Arn.split('/').pop() }));
    assert.equal(profile.InstanceProfile?.Roles?.length, 1);
    const { Addresses } = await clients.ec2.send(new DescribeAddressesCommand({}));
    assert.deepEqual(Addresses?.map(({ InstanceId }) => InstanceId), [instance.InstanceId]);

    const { UserData } = await clients.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: instance.InstanceId, Attribute: 'userData' }));
    const script = Buffer.from(UserData?.Value ?? '', 'base64').toString();
    assert.match(script, /postgres/);
    const { Configuration } = await clients.lambda.send(new GetFunctionCommand({ FunctionName: 'lake-tutorial-inserter' }));
    const password = Configuration?.Environment?.Variables?.['DB_PASSWORD'] ?? '';
    assert.ok(password.length >= 20);
    assert.ok(!script.includes(password), 'the password is in the user data');
    assert.ok(!JSON.stringify(first).includes(password), 'the password is in the output');
  });

  it('has a group that opens to its own members, and 5432 to nobody else', async () => {
    const { SecurityGroups } = await clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['lake-tutorial-database'] }] }));
    assert.equal(SecurityGroups?.length, 1);
    const [group] = SecurityGroups ?? [];
    const permissions = group?.IpPermissions ?? [];
    assert.ok(permissions.some(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => IpProtocol === 'tcp' && FromPort === 0 && ToPort === 65535 && UserIdGroupPairs?.some(({ GroupId }) => GroupId === group?.GroupId)));
    assert.deepEqual(permissions.flatMap(({ IpRanges = [], Ipv6Ranges = [] }) => [...IpRanges, ...Ipv6Ranges]), []);
  });

  it('has the inserter in the network, knowing the private address, and its schedule', async () => {
    const [instance] = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances ?? [];
    const { Configuration } = await clients.lambda.send(new GetFunctionCommand({ FunctionName: 'lake-tutorial-inserter' }));
    assert.deepEqual(Configuration?.VpcConfig?.SubnetIds, [instance?.SubnetId]);
    assert.equal(Configuration?.VpcConfig?.SecurityGroupIds?.length, 1);
    assert.equal(Configuration?.Environment?.Variables?.['DB_HOST'], instance?.PrivateIpAddress);
    const rule = await clients.events.send(new DescribeRuleCommand({ Name: 'lake-tutorial-insert' }));
    assert.equal(rule.ScheduleExpression, 'rate(2 minutes)');
    assert.equal(rule.State, 'ENABLED');
    const { Targets } = await clients.events.send(new ListTargetsByRuleCommand({ Rule: 'lake-tutorial-insert' }));
    assert.deepEqual(Targets?.map(({ Arn }) => Arn), [Configuration?.FunctionArn]);
    const { Policy } = await clients.lambda.send(new GetPolicyCommand({ FunctionName: 'lake-tutorial-inserter' }));
    const [statement] = (JSON.parse(Policy ?? '{}') as { Statement: { Principal: { Service: string }; Condition: { ArnLike: Record<string, string> } }[] }).Statement;
    assert.equal(statement?.Principal.Service, 'events.amazonaws.com');
    assert.equal(statement?.Condition.ArnLike['AWS:SourceArn'], rule.Arn);
  });

  it("has the endpoint on the route table of the server's subnet", async () => {
    const [instance] = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances ?? [];
    const { VpcEndpoints } = await clients.ec2.send(new DescribeVpcEndpointsCommand({}));
    assert.equal(VpcEndpoints?.length, 1);
    assert.equal(VpcEndpoints?.[0]?.ServiceName, 'com.amazonaws.us-east-2.s3');
    assert.equal(VpcEndpoints?.[0]?.VpcEndpointType, 'Gateway');
    const { RouteTables = [] } = await clients.ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [instance?.VpcId ?? ''] }] }));
    const table =
      RouteTables.find(({ Associations }) => Associations?.some(({ SubnetId }) => SubnetId === instance?.SubnetId)) ?? RouteTables.find(({ Associations }) => Associations?.some(({ Main }) => Main));
    assert.deepEqual(VpcEndpoints?.[0]?.RouteTableIds, [table?.RouteTableId]);
  });

  it('has a workflow role that Glue assumes, with no more of S3 than the one bucket', async () => {
    const RoleName = 'LakeFormationWorkflowRole';
    const { Role } = await clients.iam.send(new GetRoleCommand({ RoleName }));
    assert.equal(policyOf(Role?.AssumeRolePolicyDocument).Statement[0]?.Principal?.Service, 'glue.amazonaws.com');
    const { AttachedPolicies } = await clients.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    assert.deepEqual(AttachedPolicies?.map(({ PolicyArn }) => PolicyArn), ['arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole']);
    const workflow = policyOf((await clients.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'LakeFormationWorkflow' }))).PolicyDocument);
    assert.equal(workflow.Statement.find(({ Action }) => Action === 'iam:PassRole')?.Resource, `arn:aws:iam::${account}:role/${RoleName}`);
    const access = policyOf((await clients.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'LakeBucketAccess' }))).PolicyDocument);
    for (const resource of access.Statement.flatMap(({ Resource }) => Resource)) {
      assert.ok(resource.startsWith(`arn:aws:s3:::${bucket}`), resource);
    }
  });

  it('has the location registered, the grants given, and databases without open defaults', async () => {
    const ResourceArn = `arn:aws:s3:::${bucket}`;
    assert.equal((await clients.lakeFormation.send(new DescribeResourceCommand({ ResourceArn }))).ResourceInfo?.ResourceArn, ResourceArn);
    const { Database } = await clients.glue.send(new GetDatabaseCommand({ Name: 'lake_tutorial' }));
    assert.deepEqual(Database?.CreateTableDefaultPermissions, []);
    assert.match(Database?.LocationUri ?? '', new RegExp(`^s3://${bucket}/`));
    const role = `arn:aws:iam::${account}:role/LakeFormationWorkflowRole`;
    const granted = async (input: ListPermissionsCommandInput): Promise<string[]> =>
      ((await clients.lakeFormation.send(new ListPermissionsCommand(input))).PrincipalResourcePermissions ?? []).filter(({ Principal }) => Principal?.DataLakePrincipalIdentifier === role).flatMap(({ Permissions }) => Permissions ?? []).sort();
    assert.deepEqual(await granted({ Resource: { DataLocation: { ResourceArn } } }), ['DATA_LOCATION_ACCESS']);
    assert.deepEqual(await granted({ Resource: { Database: { Name: 'lake_tutorial' } } }), ['ALTER', 'CREATE_TABLE', 'DESCRIBE', 'DROP']);
  });

  it('has a connection to the private address, a crawler with the prefix, and jobs of a pinned version', async () => {
    const [instance] = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances ?? [];
    const { Connection } = await clients.glue.send(new GetConnectionCommand({ Name: 'lake-tutorial-source' }));
    assert.equal(Connection?.ConnectionProperties?.JDBC_CONNECTION_URL, `jdbc:postgresql://${instance?.PrivateIpAddress}:5432/transactionaldb`);
    const { Crawler } = await clients.glue.send(new GetCrawlerCommand({ Name: 'lake-tutorial-source' }));
    assert.equal(Crawler?.TablePrefix, '_catalog_');
    const { Jobs = [] } = await clients.glue.send(new GetJobsCommand({}));
    assert.deepEqual(Jobs.map(({ Name }) => Name).sort(), ['lake-tutorial-aggregate', 'lake-tutorial-ingest', 'lake-tutorial-refine']);
    for (const { Name, GlueVersion, Command } of Jobs) {
      assert.match(GlueVersion ?? '', /^\d\.\d$/, Name);
      const [, in_ = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(Command?.ScriptLocation ?? '') ?? [];
      assert.ok((await clients.s3.send(new ListObjectsV2Command({ Bucket: in_, Prefix: key }))).KeyCount, `${Command?.ScriptLocation} is there`);
    }
    const { Job } = await clients.glue.send(new GetJobCommand({ JobName: 'lake-tutorial-ingest' }));
    assert.equal(Job?.DefaultArguments?.['--bookmark-key'], 'id');
    assert.deepEqual(Job?.Connections?.Connections, ['lake-tutorial-source']);
  });

  it('has a workflow that runs once at a time, and starts only when asked', async () => {
    const { Workflow } = await clients.glue.send(new GetWorkflowCommand({ Name: 'lake-tutorial' }));
    assert.equal(Workflow?.MaxConcurrentRuns, 1);
    const { Trigger } = await clients.glue.send(new GetTriggerCommand({ Name: 'lake-tutorial-start' }));
    assert.equal(Trigger?.Type, 'SCHEDULED');
    assert.equal(Trigger?.Schedule, 'cron(59 * * * ? *)');
    assert.notEqual(Trigger?.State, 'ACTIVATED');
    const { WorkGroup } = await clients.athena.send(new GetWorkGroupCommand({ WorkGroup: 'lake-tutorial' }));
    assert.match(WorkGroup?.Configuration?.ResultConfiguration?.OutputLocation ?? '', new RegExp(`^s3://${bucket}/`));
  });

  it('finds nothing to do the second time', async () => {
    const plan = await run.plan();
    assert.deepEqual(plan.actions.filter(({ action }) => action !== 'none' && action !== 'unknown'), []);
    const second = await run.up();
    assert.deepEqual(second.resources.filter(({ state }) => state !== 'unchanged' && state !== 'unknown'), []);
    assert.deepEqual(inState(second, 'unknown').filter((resource) => !motoUnknowns.includes(resource)), []);
  });

  it('verifies every step as done, waiting for its first run, or unknown to this endpoint', async () => {
    const { steps } = await run.verify(0);
    assert.ok(!steps.some(({ id }) => id === 'teardown'), 'teardown is verified only when asked for');
    assert.deepEqual(steps.filter(({ state }) => state === 'unknown').map(({ id }) => id), ['source-database', 'rows', 'connection', 'visualize']);
    const waiting = steps.filter(({ state }) => state === 'waiting');
    assert.deepEqual(waiting.map(({ id, findings }) => [id, findings.map(({ code, fix }) => [code, fix])]), ['ingest', 'refine', 'aggregate'].map((id) => [id, [[`${id}.waiting`, 'Run the workflow.']]]));
    for (const { id, looked, found, expected } of [...waiting, ...steps.filter(({ state }) => state === 'unknown')]) {
      assert.ok(looked && found && expected, id);
    }
    assert.deepEqual(steps.filter(({ state }) => state !== 'unknown' && state !== 'done' && state !== 'waiting'), []);
  });

  it('refuses to remove without consent', async () => {
    assert.equal((await run.fails(2, 'down')).error.code, 'usage.confirm');
    assert.deepEqual((await run.plan()).actions.filter(({ action }) => action === 'create'), []);
  });

  it('removes what is ours, also with data in the lake, and leaves the rest', async () => {
    await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'bronze/rows.parquet', Body: 'rows' }));
    const { removed, left, failed } = await run.down();
    assert.deepEqual(failed, []);
    for (const resource of ['admin-user', 'lake-admin', 'bucket', 'security-group', 'instance', 'elastic-ip', 'inserter', 'schedule', 's3-endpoint', 'workflow-role', 'lake-location', 'lake-database', 'workflow', 'ingest-job', 'work-group']) {
      assert.ok(removed.includes(resource), resource);
    }
    for (const { id, why } of left) {
      assert.ok(why, id);
    }

    assert.deepEqual((await clients.s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name), ['foreign-bucket']);
    assert.deepEqual((await clients.iam.send(new ListUsersCommand({}))).Users?.map(({ UserName }) => UserName), ['somebody']);
    assert.deepEqual((await clients.iam.send(new ListRolesCommand({}))).Roles?.filter(({ Path }) => !Path?.startsWith('/aws-service-role/')), []);
    assert.ok((await clients.glue.send(new GetDatabasesCommand({}))).DatabaseList?.some(({ Name }) => Name === 'foreign_database'));
    await assert.rejects(clients.glue.send(new GetDatabaseCommand({ Name: 'lake_tutorial' })), { name: 'EntityNotFoundException' });
    assert.deepEqual(await adminsOf(clients), [foreignAdmin]);
    const settings = await lakeSettings(clients);
    assert.deepEqual([settings.CreateDatabaseDefaultPermissions, settings.CreateTableDefaultPermissions], defaults);
    assert.deepEqual((await clients.ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.map(({ GroupName }) => GroupName).filter((name) => name !== 'default'), ['foreign']);
    assert.deepEqual((await clients.ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [], []);
    assert.deepEqual((await clients.ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints?.filter(({ State }) => !/^delet/i.test(State ?? '')) ?? [], []);
    const instances = (await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(({ Instances }) => Instances ?? []) ?? [];
    assert.deepEqual(instances.filter(({ State }) => State?.Name !== 'terminated'), []);
    assert.deepEqual((await clients.glue.send(new GetJobsCommand({}))).Jobs, []);
  });

  it('has nothing to remove then', async () => {
    const [step] = (await run.verify(0, '--step', 'teardown')).steps;
    assert.ok(step?.state === 'done' || step?.state === 'unknown', JSON.stringify(step));
    assert.deepEqual((await run.down()).removed, []);
  });
});
