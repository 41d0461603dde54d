import assert from 'node:assert/strict';
import {
  AthenaClient,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetWorkGroupCommand,
  StartQueryExecutionCommand,
  UpdateWorkGroupCommand,
} from '@aws-sdk/client-athena';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DeleteSecurityGroupCommand,
  DeleteVpcEndpointsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcEndpointsCommand,
  DisassociateAddressCommand,
  EC2Client,
  ModifyVpcEndpointCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import {
  BatchCreatePartitionCommand,
  BatchDeleteTableCommand,
  CreateConnectionCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTableCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  DeleteConnectionCommand,
  DeleteDatabaseCommand,
  DeleteJobCommand,
  DeleteWorkflowCommand,
  GetConnectionCommand,
  GetCrawlerCommand,
  GetJobCommand,
  GetPartitionsCommand,
  GetTablesCommand,
  GetTagsCommand,
  GetTriggerCommand,
  GetWorkflowCommand,
  GlueClient,
  StartTriggerCommand,
  StartWorkflowRunCommand,
  TestConnectionCommand,
  UpdateConnectionCommand,
  UpdateCrawlerCommand,
  UpdateJobCommand,
  type CreateJobCommandInput,
  type WorkerType,
  UpdateTriggerCommand,
  paginateGetDatabases,
  paginateGetTables,
  type ConnectionInput,
} from '@aws-sdk/client-glue';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteInstanceProfileCommand,
  DeleteUserCommand,
  GetRoleCommand,
  IAMClient,
  ListInstanceProfileTagsCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeResourceCommand,
  GetDataLakeSettingsCommand,
  GrantPermissionsCommand,
  LakeFormationClient,
  ListPermissionsCommand,
  type ListPermissionsCommandInput,
  type Permission,
  type Resource,
  PutDataLakeSettingsCommand,
  RegisterResourceCommand,
  RevokePermissionsCommand,
} from '@aws-sdk/client-lakeformation';
import { AddPermissionCommand, CreateFunctionCommand, DeleteFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateDashboardCommand,
  CreateDataSetCommand,
  CreateDataSourceCommand,
  DeleteDashboardCommand,
  DeleteDataSetCommand,
  DeleteDataSourceCommand,
  DescribeAccountSubscriptionCommand,
  DescribeDashboardCommand,
  DescribeDataSetCommand,
  DescribeDataSetPermissionsCommand,
  DescribeDataSourceCommand,
  ListDashboardsCommand,
  ListDataSetsCommand,
  ListTagsForResourceCommand,
  QuickSightClient,
  UpdateDashboardCommand,
  UpdateDataSetCommand,
  type CreateDataSetCommandInput,
} from '@aws-sdk/client-quicksight';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { zipSync } from 'fflate';
import { startSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { clientConfig, temporaryState } from '../support.ts';

const account = '000000000000';
const tags = { 'lake-tutorial': 'test' };

/** Checks that AWS's error of this name comes, and that its message matches. */
async function refused(promise: Promise<unknown>, name: string, message = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
    return true;
  });
}

describe("sandbox: AWS's control plane where moto lacks it", function () {
  this.timeout(180_000);
  let remove: () => Promise<void>;
  let iam: IAMClient;
  let ec2: EC2Client;
  let glue: GlueClient;
  let lakeFormation: LakeFormationClient;
  let athena: AthenaClient;
  let quickSight: QuickSightClient;
  let lambda: LambdaClient;
  let s3: S3Client;
  let ssm: SSMClient;

  const role = async (name: string, service: string): Promise<string> => {
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] });
    return (await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }))).Role?.Arn ?? '';
  };

  before(async () => {
    const started = await temporaryState();
    remove = started.remove;
    const config = clientConfig((await startSandbox({ state: started.state, controlPlaneOnly: true })).endpoint);
    iam = new IAMClient(config);
    ec2 = new EC2Client(config);
    glue = new GlueClient(config);
    lakeFormation = new LakeFormationClient(config);
    athena = new AthenaClient(config);
    quickSight = new QuickSightClient(config);
    lambda = new LambdaClient(config);
    s3 = new S3Client({ ...config, forcePathStyle: true });
    ssm = new SSMClient(config);
  });
  after(() => remove());

  describe('IAM', () => {
    it("gives Lake Formation's service-linked role its name, once", async () => {
      const AWSServiceName = 'lakeformation.amazonaws.com';
      await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
      assert.ok(await iam.send(new GetRoleCommand({ RoleName: 'AWSServiceRoleForLakeFormationDataAccess' })));
      await refused(iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName })), 'InvalidInputException', /has been taken in this account/);
    });

    it('a role that is out of its instance profile already is not found there', async () => {
      await role('profiled', 'ec2.amazonaws.com');
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'p' }));
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'profiled' }));
      const out = new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'profiled' });
      await iam.send(out);
      await refused(iam.send(out), 'NoSuchEntityException');
      await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'p' }));
    });

    it('keeps a user who has keys', async () => {
      await iam.send(new CreateUserCommand({ UserName: 'keys' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'keys' }));
      await refused(iam.send(new DeleteUserCommand({ UserName: 'keys' })), 'DeleteConflictException');
      await iam.send(new DeleteAccessKeyCommand({ UserName: 'keys', AccessKeyId: AccessKey?.AccessKeyId }));
      await iam.send(new DeleteUserCommand({ UserName: 'keys' }));
    });

    it('simulates identity policies: denied, allowed, neither', async () => {
      const arn = await role('simulated', 'glue.amazonaws.com');
      const Statement = [
        { Effect: 'Allow', Action: ['s3:Get*', 'iam:PassRole'], Resource: ['arn:aws:s3:::lake/*', arn] },
        { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/secret/*' },
        { Effect: 'Allow', Action: 'iam:CreateServiceLinkedRole', Resource: '*', Condition: { StringEquals: { 'iam:AWSServiceName': 'lakeformation.amazonaws.com' } } },
      ];
      await iam.send(new PutRolePolicyCommand({ RoleName: 'simulated', PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }) }));
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'simulated', PolicyArn: 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess' }));
      const decide = async (action: string, resource?: string, service?: string) => {
        const ContextEntries = service ? [{ ContextKeyName: 'iam:AWSServiceName', ContextKeyType: 'string' as const, ContextKeyValues: [service] }] : [];
        const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: [action], ...(resource ? { ResourceArns: [resource] } : {}), ContextEntries });
        return (await iam.send(command)).EvaluationResults?.[0]?.EvalDecision;
      };
      assert.equal(await decide('s3:GetObject', 'arn:aws:s3:::lake/a'), 'allowed');
      assert.equal(await decide('s3:GetObject', 'arn:aws:s3:::lake/secret/a'), 'explicitDeny');
      assert.equal(await decide('s3:GetObject', 'arn:aws:s3:::other/a'), 'implicitDeny');
      assert.equal(await decide('s3:PutObject', 'arn:aws:s3:::lake/a'), 'implicitDeny');
      assert.equal(await decide('iam:PassRole', arn), 'allowed');
      assert.equal(await decide('logs:GetLogEvents'), 'allowed');
      assert.equal(await decide('iam:CreateServiceLinkedRole', undefined, 'lakeformation.amazonaws.com'), 'allowed');
      assert.equal(await decide('iam:CreateServiceLinkedRole', undefined, 'ec2.amazonaws.com'), 'implicitDeny');
      await refused(
        iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: `arn:aws:iam::${account}:user/nobody`, ActionNames: ['s3:GetObject'] })),
        'NoSuchEntityException',
      );
    });
  });

  describe('the network, and the connection that needs it', () => {
    let subnet: string;
    let vpc: string;
    let table: string;
    let group: string;
    let launch: RunInstancesCommandInput;
    let address: string;
    let instance: string;

    const all = () => [{ IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, UserIdGroupPairs: [{ GroupId: group }] }];
    const connection = (host: string): ConnectionInput => ({
      Name: 'to-database',
      ConnectionType: 'JDBC',
      ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:postgresql://${host}:5432/transactionaldb`, USERNAME: 'u', PASSWORD: 'p' },
      PhysicalConnectionRequirements: { SubnetId: subnet, SecurityGroupIdList: [group], AvailabilityZone: 'us-east-2a' },
    });
    const test = () => glue.send(new TestConnectionCommand({ ConnectionName: 'to-database' }));

    before(async () => {
      const found = (await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: ['us-east-2a'] }] }))).Subnets?.[0];
      subnet = found?.SubnetId ?? '';
      vpc = found?.VpcId ?? '';
      const main = new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }, { Name: 'association.main', Values: ['true'] }] });
      table = (await ec2.send(main)).RouteTables?.[0]?.RouteTableId ?? '';
      group = (await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'lake', Description: 'lake', VpcId: vpc }))).GroupId ?? '';
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'agent', Tags: [{ Key: 'lake-tutorial', Value: 'test' }] }));
      await role('agent', 'ec2.amazonaws.com');
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'agent', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' }));
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'agent', RoleName: 'agent' }));
      launch = {
        ImageId: 'ami-12345678',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        ClientToken: 'launch-1',
        SubnetId: subnet,
        SecurityGroupIds: [group],
        IamInstanceProfile: { Name: 'agent' },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 10, VolumeType: 'gp3' } }],
      };
    });

    it('reads the tags of an instance profile', async () => {
      const { Tags } = await iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName: 'agent' }));
      assert.deepEqual(Tags, [{ Key: 'lake-tutorial', Value: 'test' }]);
    });

    it('launches once for a client token, and refuses an unknown instance profile', async () => {
      await refused(ec2.send(new RunInstancesCommand({ ...launch, IamInstanceProfile: { Name: 'nobody' } })), 'InvalidParameterValue', /Invalid IAM Instance Profile name/);
      const [first, second] = [await ec2.send(new RunInstancesCommand(launch)), await ec2.send(new RunInstancesCommand(launch))];
      instance = first.Instances?.[0]?.InstanceId ?? '';
      address = first.Instances?.[0]?.PrivateIpAddress ?? '';
      assert.equal(second.Instances?.[0]?.InstanceId, instance);
      const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
      assert.deepEqual(InstanceInformationList?.map((each) => [each.InstanceId, each.PingStatus]), [[instance, 'Online']]);
    });

    it("tests a connection as the modelled network permits, with AWS's messages", async () => {
      await glue.send(new CreateConnectionCommand({ ConnectionInput: connection(address), Tags: tags }));
      await refused(test(), 'InvalidInputException', /At least one security group must open all ingress ports/);
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: all() }));
      await refused(test(), 'InvalidInputException', /VPC S3 endpoint validation failed.*Could not find S3 endpoint or NAT gateway/);
      const endpoint = await ec2.send(new CreateVpcEndpointCommand({ VpcId: vpc, VpcEndpointType: 'Gateway', ServiceName: 'com.amazonaws.us-east-2.s3' }));
      const VpcEndpointId = endpoint.VpcEndpoint?.VpcEndpointId ?? '';
      await refused(test(), 'InvalidInputException', /Could not find S3 endpoint/);
      const routed = async () => (await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }))).RouteTables?.[0]?.Routes?.some((route) => route.GatewayId === VpcEndpointId);
      await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId, AddRouteTableIds: [table] }));
      assert.ok(await routed());
      // Two runs at once must not make two.
      await refused(ec2.send(new CreateVpcEndpointCommand({ VpcId: vpc, ServiceName: 'com.amazonaws.us-east-2.s3', RouteTableIds: [table] })), 'RouteAlreadyExists', new RegExp(table));
      await test();

      const elastic = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
      assert.doesNotMatch(elastic.PublicIp ?? '', /^127\./);
      const { AssociationId } = await ec2.send(new AssociateAddressCommand({ AllocationId: elastic.AllocationId, InstanceId: instance }));
      await glue.send(new UpdateConnectionCommand({ Name: 'to-database', ConnectionInput: connection(elastic.PublicIp ?? '') }));
      await refused(test(), 'InvalidInputException', /timed out/);
      await refused(ec2.send(new ReleaseAddressCommand({ AllocationId: elastic.AllocationId })), 'InvalidIPAddress.InUse');
      await ec2.send(new DisassociateAddressCommand({ AssociationId }));
      await ec2.send(new ReleaseAddressCommand({ AllocationId: elastic.AllocationId }));

      await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
      assert.ok(!(await routed()));
      assert.deepEqual((await ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints, []);
    });

    it('updates a connection and deletes it, tags and all', async () => {
      const arn = `arn:aws:glue:us-east-2:${account}:connection/to-database`;
      await glue.send(new UpdateConnectionCommand({ Name: 'to-database', ConnectionInput: { ...connection(address), Description: 'new' } }));
      assert.equal((await glue.send(new GetConnectionCommand({ Name: 'to-database' }))).Connection?.Description, 'new');
      assert.deepEqual((await glue.send(new GetTagsCommand({ ResourceArn: arn }))).Tags, tags);
      await glue.send(new DeleteConnectionCommand({ ConnectionName: 'to-database' }));
      assert.deepEqual((await glue.send(new GetTagsCommand({ ResourceArn: arn }))).Tags, {});
      await refused(glue.send(new DeleteConnectionCommand({ ConnectionName: 'to-database' })), 'EntityNotFoundException');
      await refused(glue.send(new TestConnectionCommand({ ConnectionName: 'to-database' })), 'EntityNotFoundException');
      await refused(glue.send(new UpdateConnectionCommand({ Name: 'to-database', ConnectionInput: connection(address) })), 'EntityNotFoundException');
    });

    it('takes a function into the VPC without Docker, if its role trusts Lambda', async () => {
      const ZipFile = zipSync({ 'handler.py': new TextEncoder().encode('def handler(event, context): return 1\n') });
      const input = { FunctionName: 'inserter', Runtime: 'python3.12' as const, Handler: 'handler.handler', Code: { ZipFile }, VpcConfig: { SubnetIds: [subnet], SecurityGroupIds: [group] } };
      const wrong = await role('not-lambda', 'glue.amazonaws.com');
      await refused(lambda.send(new CreateFunctionCommand({ ...input, Role: wrong })), 'InvalidParameterValueException', /cannot be assumed by Lambda/);
      const created = await lambda.send(new CreateFunctionCommand({ ...input, Role: await role('for-lambda', 'lambda.amazonaws.com') }));
      assert.equal(created.VpcConfig?.VpcId, vpc);
      const permission = { FunctionName: 'inserter', StatementId: 'schedule', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
      await lambda.send(new AddPermissionCommand(permission));
      await refused(lambda.send(new AddPermissionCommand(permission)), 'ResourceConflictException');
      await refused(lambda.send(new InvokeCommand({ FunctionName: 'inserter' })), 'NotImplemented');
    });

    it('leaves nothing of an instance, and keeps a security group while it is in use', async () => {
      const drop = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
      await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: all() }));
      await refused(drop(), 'DependencyViolation');
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
      assert.deepEqual((await ec2.send(new DescribeVolumesCommand({}))).Volumes, []);
      assert.deepEqual((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces, []);
      await refused(drop(), 'DependencyViolation');
      await lambda.send(new DeleteFunctionCommand({ FunctionName: 'inserter' }));
      await drop();
      await refused(ec2.send(new RunInstancesCommand(launch)), 'IdempotentInstanceTerminated');
    });
  });

  describe('Glue', () => {
    const job = { Role: 'r', Command: { Name: 'glueetl', ScriptLocation: 's3://b/one.py', PythonVersion: '3' }, GlueVersion: '5.0', Timeout: 5 };

    it('creates once; updates a job whole; forgets its tags with it', async () => {
      const arn = `arn:aws:glue:us-east-2:${account}:job/bronze`;
      await glue.send(new CreateJobCommand({ Name: 'bronze', ...job, Tags: tags }));
      await refused(glue.send(new CreateJobCommand({ Name: 'bronze', ...job })), 'AlreadyExistsException');
      const before = (await glue.send(new GetJobCommand({ JobName: 'bronze' }))).Job;
      const { Timeout: _, ...rest } = job;
      await glue.send(new UpdateJobCommand({ JobName: 'bronze', JobUpdate: { ...rest, DefaultArguments: { '--bookmark-key': 'id' } } }));
      const after = (await glue.send(new GetJobCommand({ JobName: 'bronze' }))).Job;
      assert.deepEqual(after?.DefaultArguments, { '--bookmark-key': 'id' });
      assert.equal(after?.Timeout, undefined);
      assert.deepEqual(after?.CreatedOn, before?.CreatedOn);
      assert.deepEqual((await glue.send(new GetTagsCommand({ ResourceArn: arn }))).Tags, tags);
      await refused(glue.send(new UpdateJobCommand({ JobName: 'nothing', JobUpdate: job })), 'EntityNotFoundException');
      await glue.send(new DeleteJobCommand({ JobName: 'bronze' }));
      assert.deepEqual((await glue.send(new GetTagsCommand({ ResourceArn: arn }))).Tags, {});
    });

    it('takes only sizes of jobs that go together', async () => {
      const both = /^Please set both Worker Type and Number of Workers\.$/;
      const notCapacity = /^Please do not set Max Capacity if using Worker Type and Number of Workers\.$/;
      const sizes: [Partial<CreateJobCommandInput>, RegExp | undefined][] = [
        [{ WorkerType: 'G.1X', NumberOfWorkers: 1 }, /^To use Worker Type G\.1X, minimum allowed value of Number of Workers is 2\.$/],
        [{ WorkerType: 'G.4X', NumberOfWorkers: 0 }, /Number of Workers is 2\.$/],
        [{ WorkerType: 'G.3X' as WorkerType, NumberOfWorkers: 4 }, /G\.3X/],
        [{ WorkerType: 'G.2X', NumberOfWorkers: 2, MaxCapacity: 4 }, notCapacity],
        [{ WorkerType: 'G.2X', MaxCapacity: 4 }, notCapacity],
        [{ WorkerType: 'G.1X' }, both],
        [{ NumberOfWorkers: 5 }, both],
        [{ MaxCapacity: 4, AllocatedCapacity: 4, GlueVersion: '1.0' }, /Max ?Capacity/],
        [{ GlueVersion: '7.5' }, /Glue ?[vV]ersion/],
        [{ GlueVersion: '0.9', MaxCapacity: 1 }, /[mM]ax ?[cC]apacity/],
        [{ Command: { ...job.Command, Name: 'pythonshell' }, GlueVersion: '3.0', MaxCapacity: 2 }, /0\.0625/],
        [{ Command: { ...job.Command, Name: 'pythonshell' }, GlueVersion: '3.0', MaxCapacity: 0.0625 }, undefined],
        [{ Command: { ...job.Command, Name: 'gluestreaming' }, GlueVersion: '4.0', WorkerType: 'G.025X', NumberOfWorkers: 2 }, undefined],
        [{ WorkerType: 'G.025X', NumberOfWorkers: 2 }, /G\.025X/],
        [{ WorkerType: 'G.8X', NumberOfWorkers: 2 }, undefined],
        [{}, undefined],
        [{ GlueVersion: undefined }, undefined],
      ];
      for (const [size, problem] of sizes) {
        const made = glue.send(new CreateJobCommand({ Name: 'sized', ...job, ...size }));
        if (problem) {
          await refused(made, 'InvalidInputException', problem);
        } else {
          await made;
          await glue.send(new DeleteJobCommand({ JobName: 'sized' }));
        }
      }
      await glue.send(new CreateJobCommand({ Name: 'sized', ...job, WorkerType: 'G.1X', NumberOfWorkers: 2 }));
      await refused(glue.send(new UpdateJobCommand({ JobName: 'sized', JobUpdate: { ...job, WorkerType: 'G.1X', NumberOfWorkers: 1 } })), 'InvalidInputException', /minimum allowed value/);
      assert.equal((await glue.send(new GetJobCommand({ JobName: 'sized' }))).Job?.NumberOfWorkers, 2);
      await glue.send(new DeleteJobCommand({ JobName: 'sized' }));
    });

    it('updates of a crawler what is given', async () => {
      await glue.send(new CreateCrawlerCommand({ Name: 'crawler', Role: 'r', DatabaseName: 'd', Targets: { S3Targets: [{ Path: 's3://b/' }] }, TablePrefix: 'a' }));
      await glue.send(new UpdateCrawlerCommand({ Name: 'crawler', TablePrefix: '_catalog' }));
      const { Crawler } = await glue.send(new GetCrawlerCommand({ Name: 'crawler' }));
      assert.deepEqual([Crawler?.TablePrefix, Crawler?.DatabaseName, Crawler?.Version], ['_catalog', 'd', 2]);
      await refused(glue.send(new UpdateCrawlerCommand({ Name: 'nothing' })), 'EntityNotFoundException');
    });

    it('keeps a workflow with one starting trigger and shows its graph', async () => {
      await glue.send(new CreateWorkflowCommand({ Name: 'lake', MaxConcurrentRuns: 1 }));
      await refused(glue.send(new CreateWorkflowCommand({ Name: 'lake' })), 'AlreadyExistsException');
      const start = { Name: 'start', WorkflowName: 'lake', Type: 'SCHEDULED' as const, Schedule: 'cron(59 * * * ? *)', Actions: [{ CrawlerName: 'crawler' }] };
      await glue.send(new CreateTriggerCommand(start));
      await refused(glue.send(new CreateTriggerCommand(start)), 'AlreadyExistsException');
      await refused(glue.send(new CreateTriggerCommand({ ...start, Name: 'other' })), 'InvalidInputException', /starting trigger/);
      await glue.send(
        new CreateTriggerCommand({
          Name: 'then',
          WorkflowName: 'lake',
          Type: 'CONDITIONAL',
          StartOnCreation: true,
          Predicate: { Conditions: [{ LogicalOperator: 'EQUALS', CrawlerName: 'crawler', CrawlState: 'SUCCEEDED' }] },
          Actions: [{ JobName: 'bronze' }],
        }),
      );
      await glue.send(new StartTriggerCommand({ Name: 'start' }));
      const { Trigger } = await glue.send(new UpdateTriggerCommand({ Name: 'start', TriggerUpdate: { Schedule: 'cron(58 * * * ? *)', Actions: [{ CrawlerName: 'crawler' }] } }));
      assert.deepEqual([Trigger?.Schedule, Trigger?.State, Trigger?.WorkflowName, Trigger?.Type], ['cron(58 * * * ? *)', 'ACTIVATED', 'lake', 'SCHEDULED']);

      const graph = (await glue.send(new GetWorkflowCommand({ Name: 'lake', IncludeGraph: true }))).Workflow?.Graph;
      const name = new Map(graph?.Nodes?.map((node) => [node.UniqueId, `${node.Type} ${node.Name}`]));
      const edges = graph?.Edges?.map((edge) => `${name.get(edge.SourceId)} -> ${name.get(edge.DestinationId)}`);
      assert.deepEqual(edges?.sort(), ['CRAWLER crawler -> TRIGGER then', 'TRIGGER start -> CRAWLER crawler', 'TRIGGER then -> JOB bronze']);
      assert.equal((await glue.send(new GetWorkflowCommand({ Name: 'lake' }))).Workflow?.Graph, undefined);

      await glue.send(new DeleteWorkflowCommand({ Name: 'lake' }));
      await refused(glue.send(new GetTriggerCommand({ Name: 'start' })), 'EntityNotFoundException');
    });

    it('lists databases, tables and partitions by pages', async () => {
      const name = 'paged';
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }));
      const tables = Array.from({ length: 120 }, (_, at) => `t_${String(at).padStart(3, '0')}`);
      const PartitionKeys = [{ Name: 'day', Type: 'string' }];
      await Promise.all(tables.map((Name) => glue.send(new CreateTableCommand({ DatabaseName: name, TableInput: { Name, PartitionKeys } }))));
      const pages = async (MaxResults?: number): Promise<string[][]> => {
        const all: string[][] = [];
        for await (const { TableList = [] } of paginateGetTables({ client: glue, ...(MaxResults && { pageSize: MaxResults }) }, { DatabaseName: name })) {
          all.push(TableList.map(({ Name = '' }) => Name));
        }
        return all;
      };
      assert.deepEqual(await pages(), [tables.slice(0, 100), tables.slice(100)]);
      assert.deepEqual(await pages(60), [tables.slice(0, 60), tables.slice(60)]);
      const { NextToken } = await glue.send(new GetTablesCommand({ DatabaseName: name, MaxResults: 50 }));
      await glue.send(new BatchDeleteTableCommand({ DatabaseName: name, TablesToDelete: tables.slice(0, 50) }));
      assert.equal((await glue.send(new GetTablesCommand({ DatabaseName: name, NextToken }))).TableList?.[0]?.Name, 't_050');
      await refused(glue.send(new GetTablesCommand({ DatabaseName: name, MaxResults: 101 })), 'ValidationException', /less than or equal to 100/);
      await refused(glue.send(new GetTablesCommand({ DatabaseName: name, NextToken: 'no token' })), 'InvalidInputException', /token/);

      const days = Array.from({ length: 5 }, (_, at) => ({ Values: [`2026-01-0${at + 1}`] }));
      await glue.send(new BatchCreatePartitionCommand({ DatabaseName: name, TableName: 't_100', PartitionInputList: days }));
      const first = await glue.send(new GetPartitionsCommand({ DatabaseName: name, TableName: 't_100', MaxResults: 3 }));
      const second = await glue.send(new GetPartitionsCommand({ DatabaseName: name, TableName: 't_100', NextToken: first.NextToken }));
      assert.deepEqual([first, second].map(({ Partitions = [] }) => Partitions.map(({ Values }) => ({ Values }))), [days.slice(0, 3), days.slice(3)]);
      assert.equal(second.NextToken, undefined);

      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'paged_too' } }));
      const databases: string[][] = [];
      for await (const { DatabaseList = [] } of paginateGetDatabases({ client: glue, pageSize: 1 }, {})) {
        databases.push(DatabaseList.map(({ Name = '' }) => Name));
      }
      assert.deepEqual(databases.filter(([first]) => first?.startsWith(name)), [[name], ['paged_too']]);
      await glue.send(new DeleteDatabaseCommand({ Name: 'paged_too' }));
      await glue.send(new DeleteDatabaseCommand({ Name: name }));
    });

    it('pretends no run', async () => {
      await glue.send(new CreateWorkflowCommand({ Name: 'idle' }));
      await refused(glue.send(new StartWorkflowRunCommand({ Name: 'idle' })), 'NotImplemented');
      await glue.send(new DeleteWorkflowCommand({ Name: 'idle' }));
    });
  });

  describe('Lake Formation', () => {
    it('registers by the service-linked role', async () => {
      const ResourceArn = 'arn:aws:s3:::lake';
      await lakeFormation.send(new RegisterResourceCommand({ ResourceArn, UseServiceLinkedRole: true }));
      const { ResourceInfo } = await lakeFormation.send(new DescribeResourceCommand({ ResourceArn }));
      assert.match(ResourceInfo?.RoleArn ?? '', /AWSServiceRoleForLakeFormationDataAccess$/);
      assert.ok(ResourceInfo?.LastModified instanceof Date);
      await refused(lakeFormation.send(new RegisterResourceCommand({ ResourceArn, UseServiceLinkedRole: true })), 'AlreadyExistsException');
    });

    it('grants to whom and on what there is; adds up; revokes in part and whole', async () => {
      const Principal = { DataLakePrincipalIdentifier: await role('workflow', 'glue.amazonaws.com') };
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } }));
      const database = { Database: { Name: 'lake' } };
      const grant = (Permissions: ('ALTER' | 'DROP' | 'DESCRIBE')[], Resource = database, to = Principal) =>
        lakeFormation.send(new GrantPermissionsCommand({ Principal: to, Resource, Permissions }));
      const revoke = (Permissions: ('ALTER' | 'DROP' | 'DESCRIBE')[]) => lakeFormation.send(new RevokePermissionsCommand({ Principal, Resource: database, Permissions }));
      const granted = async () =>
        (await lakeFormation.send(new ListPermissionsCommand({ Principal, Resource: { Database: { Name: 'lake', CatalogId: account } } }))).PrincipalResourcePermissions?.[0]?.Permissions;
      await refused(grant(['ALTER'], { Database: { Name: 'nothing' } }), 'EntityNotFoundException');
      await refused(grant(['ALTER'], database, { DataLakePrincipalIdentifier: `arn:aws:iam::${account}:user/nobody` }), 'InvalidInputException', /Invalid principal/);
      await grant(['ALTER', 'DROP']);
      await grant(['DESCRIBE', 'DROP']);
      assert.deepEqual(await granted(), ['ALTER', 'DESCRIBE', 'DROP']);
      await revoke(['ALTER']);
      assert.deepEqual(await granted(), ['DESCRIBE', 'DROP']);
      await revoke(['DESCRIBE', 'DROP']);
      assert.equal(await granted(), undefined);
      await refused(revoke(['DROP']), 'InvalidInputException', /No permissions revoked/);
    });

    it('tells a table from its wildcard, and kinds of resources apart', async () => {
      const Principal = { DataLakePrincipalIdentifier: `arn:aws:iam::${account}:role/workflow` };
      const wildcard = { Table: { DatabaseName: 'lake', TableWildcard: {} } };
      await lakeFormation.send(new GrantPermissionsCommand({ Principal, Resource: wildcard, Permissions: ['SELECT'] }));
      await lakeFormation.send(new GrantPermissionsCommand({ Principal, Resource: { DataLocation: { ResourceArn: 'arn:aws:s3:::lake' } }, Permissions: ['DATA_LOCATION_ACCESS'] }));
      const count = async (input: ListPermissionsCommandInput) =>
        (await lakeFormation.send(new ListPermissionsCommand(input))).PrincipalResourcePermissions?.length;
      assert.equal(await count({ Resource: wildcard }), 1);
      assert.equal(await count({ Resource: { Table: { DatabaseName: 'lake', Name: 'one' } } }), 0);
      assert.equal(await count({ ResourceType: 'DATA_LOCATION' }), 1);
      // And what the account's default gives everybody on a new database.
      assert.equal(await count({}), 3);
      await refused(lakeFormation.send(new ListPermissionsCommand({ Principal })), 'InvalidInputException', /Resource is mandatory/);
    });

    it('grants on each kind of resource only what it can have, and lists SELECT on a table as on all of its columns', async () => {
      const Principal = { DataLakePrincipalIdentifier: await role('diver', 'glue.amazonaws.com') };
      await glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'reeds', PartitionKeys: [{ Name: 'day', Type: 'string' }], StorageDescriptor: { Columns: [{ Name: 'height', Type: 'int' }], Location: 's3://lake/reeds/' } } }));
      const table = { Table: { DatabaseName: 'lake', Name: 'reeds' } };
      const columns = (ColumnNames: string[]) => ({ TableWithColumns: { DatabaseName: 'lake', Name: 'reeds', ColumnNames } });
      const grant = (Resource: Resource, ...Permissions: Permission[]) => lakeFormation.send(new GrantPermissionsCommand({ Principal, Resource, Permissions }));
      const wrong: [Resource, Permission[]][] = [
        [{ Catalog: {} }, ['CREATE_TABLE']],
        [{ Database: { Name: 'lake' } }, ['ALTER', 'SELECT']],
        [{ Database: { Name: 'lake' } }, ['INSERT']],
        [table, ['CREATE_TABLE', 'DROP']],
        [table, ['DATA_LOCATION_ACCESS']],
        [{ Table: { DatabaseName: 'lake', TableWildcard: {} } }, ['CREATE_DATABASE']],
        [columns(['height']), ['SELECT', 'DELETE']],
        [columns(['depth']), ['SELECT']],
        [{ TableWithColumns: { DatabaseName: 'lake', Name: 'reeds', ColumnWildcard: { ExcludedColumnNames: ['depth'] } } }, ['SELECT']],
        [{ DataLocation: { ResourceArn: 'arn:aws:s3:::lake' } }, ['ALL']],
      ];
      for (const [resource, permissions] of wrong) {
        await refused(grant(resource, ...permissions), 'InvalidInputException', /^Permissions modification is invalid\.$/);
      }
      await refused(lakeFormation.send(new GrantPermissionsCommand({ Principal, Resource: { Database: { Name: 'lake' } }, Permissions: ['DROP'], PermissionsWithGrantOption: ['SELECT'] })), 'InvalidInputException', /modification is invalid/);
      const listed = async (Resource: Resource) => (await lakeFormation.send(new ListPermissionsCommand({ Principal, Resource }))).PrincipalResourcePermissions?.map((entry) => [entry.Resource, entry.Permissions]);
      const allColumns = { TableWithColumns: { DatabaseName: 'lake', Name: 'reeds', ColumnWildcard: {} } };
      await grant(table, 'SELECT', 'INSERT');
      assert.deepEqual(await listed(table), [[table, ['INSERT']], [allColumns, ['SELECT']]]);
      // All columns are the table: what is granted on the one is revoked on the other.
      await lakeFormation.send(new RevokePermissionsCommand({ Principal, Resource: allColumns, Permissions: ['SELECT'] }));
      assert.deepEqual(await listed(table), [[table, ['INSERT']]]);
      await grant(columns(['height', 'day']), 'SELECT');
      assert.deepEqual(await listed(table), [[table, ['INSERT']], [columns(['height', 'day']), ['SELECT']]]);
      const all = { Table: { DatabaseName: 'lake', TableWildcard: {} } };
      await grant(all, 'SELECT', 'DESCRIBE');
      assert.deepEqual(await listed(all), [
        [{ Table: { DatabaseName: 'lake', Name: 'ALL_TABLES', TableWildcard: {} } }, ['DESCRIBE']],
        [{ TableWithColumns: { DatabaseName: 'lake', Name: 'ALL_TABLES', ColumnWildcard: {} } }, ['SELECT']],
      ]);
    });

    it('empties what a Put leaves out, and refuses administrators who do not exist', async () => {
      const admin = (name: string) => [{ DataLakePrincipalIdentifier: `arn:aws:iam::${account}:${name}` }];
      await lakeFormation.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { DataLakeAdmins: admin('role/workflow') } }));
      const { DataLakeSettings } = await lakeFormation.send(new GetDataLakeSettingsCommand({}));
      assert.deepEqual(DataLakeSettings?.CreateDatabaseDefaultPermissions, []);
      await refused(
        lakeFormation.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { DataLakeAdmins: admin('user/nobody') } })),
        'InvalidInputException',
        /Invalid principal/,
      );
    });
  });

  it('S3: refuses a name that no bucket can have', async () => {
    for (const Bucket of ['My_Lake', 'MyLake', 'a..b', '-lake', '10.0.0.1', 'ab']) {
      await refused(s3.send(new CreateBucketCommand({ Bucket })), 'InvalidBucketName');
    }
    await s3.send(new CreateBucketCommand({ Bucket: 'my-lake.2026' }));
  });

  it('Athena: updates a work group, keeps its date, and knows which there are', async () => {
    const Configuration = { ResultConfiguration: { OutputLocation: 's3://b/athena/' }, BytesScannedCutoffPerQuery: 10_000_000 };
    await athena.send(new CreateWorkGroupCommand({ Name: 'lake', Configuration }));
    const get = async () => (await athena.send(new GetWorkGroupCommand({ WorkGroup: 'lake' }))).WorkGroup;
    const before = await get();
    await athena.send(
      new UpdateWorkGroupCommand({
        WorkGroup: 'lake',
        Description: 'new',
        ConfigurationUpdates: { RemoveBytesScannedCutoffPerQuery: true, ResultConfigurationUpdates: { OutputLocation: 's3://b/other/' } },
      }),
    );
    const after = await get();
    assert.equal(after?.Description, 'new');
    assert.equal(after?.Configuration?.BytesScannedCutoffPerQuery, undefined);
    assert.equal(after?.Configuration?.ResultConfiguration?.OutputLocation, 's3://b/other/');
    assert.deepEqual(after?.CreationTime, before?.CreationTime);
    await refused(athena.send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1', WorkGroup: 'lake' })), 'NotImplemented');
    await athena.send(new DeleteWorkGroupCommand({ WorkGroup: 'lake' }));
    await refused(get(), 'InvalidRequestException', /not found/);
    await refused(athena.send(new UpdateWorkGroupCommand({ WorkGroup: 'lake' })), 'InvalidRequestException');
  });

  it('QuickSight: data source, data set and dashboard, from creation to deletion', async () => {
    const AwsAccountId = account;
    const arn = (kind: string) => `arn:aws:quicksight:us-east-2:${account}:${kind}/lake`;
    const Tags = [{ Key: 'lake-tutorial', Value: 'test' }];
    const Permissions = [{ Principal: `arn:aws:quicksight:us-east-2:${account}:user/default/learner`, Actions: ['quicksight:DescribeDataSet'] }];
    assert.equal((await quickSight.send(new DescribeAccountSubscriptionCommand({ AwsAccountId }))).AccountInfo?.AccountSubscriptionStatus, 'ACCOUNT_CREATED');

    const source = { AwsAccountId, DataSourceId: 'lake', Name: 'lake', Type: 'ATHENA' as const, DataSourceParameters: { AthenaParameters: { WorkGroup: 'primary' } } };
    const table = { DataSourceArn: arn('datasource'), Catalog: 'AwsDataCatalog', Schema: 'lake', Name: 'gold', InputColumns: [{ Name: 'hour', Type: 'INTEGER' as const }] };
    const set: CreateDataSetCommandInput = { AwsAccountId, DataSetId: 'lake', Name: 'lake', ImportMode: 'DIRECT_QUERY', PhysicalTableMap: { gold: { RelationalTable: table } } };
    await refused(quickSight.send(new CreateDataSetCommand(set)), 'ResourceNotFoundException');
    await quickSight.send(new CreateDataSourceCommand(source));
    await refused(quickSight.send(new CreateDataSourceCommand(source)), 'ResourceExistsException');
    assert.ok((await quickSight.send(new DescribeDataSourceCommand({ AwsAccountId, DataSourceId: 'lake' }))).DataSource?.CreatedTime instanceof Date);

    await quickSight.send(new CreateDataSetCommand({ ...set, Permissions, Tags }));
    await refused(quickSight.send(new CreateDataSetCommand(set)), 'ResourceExistsException');
    await quickSight.send(new UpdateDataSetCommand({ ...set, Name: 'renamed' }));
    const { DataSet } = await quickSight.send(new DescribeDataSetCommand({ AwsAccountId, DataSetId: 'lake' }));
    assert.deepEqual([DataSet?.Name, DataSet?.Arn, DataSet?.OutputColumns?.[0]?.Name], ['renamed', arn('dataset'), 'hour']);
    assert.deepEqual(DataSet?.PhysicalTableMap, set.PhysicalTableMap);
    assert.ok(DataSet?.CreatedTime instanceof Date);
    assert.deepEqual((await quickSight.send(new DescribeDataSetPermissionsCommand({ AwsAccountId, DataSetId: 'lake' }))).Permissions, Permissions);
    assert.deepEqual((await quickSight.send(new ListTagsForResourceCommand({ ResourceArn: arn('dataset') }))).Tags, Tags);

    const Definition = { DataSetIdentifierDeclarations: [{ Identifier: 'lake', DataSetArn: arn('dataset') }], Sheets: [{ SheetId: 'one', Name: 'one' }] };
    const dashboard = { AwsAccountId, DashboardId: 'lake', Name: 'lake', Definition };
    await quickSight.send(new CreateDashboardCommand(dashboard));
    await refused(quickSight.send(new CreateDashboardCommand(dashboard)), 'ResourceExistsException');
    await quickSight.send(new UpdateDashboardCommand({ ...dashboard, Name: 'renamed' }));
    const { Dashboard } = await quickSight.send(new DescribeDashboardCommand({ AwsAccountId, DashboardId: 'lake' }));
    assert.deepEqual([Dashboard?.Name, Dashboard?.Version?.VersionNumber, Dashboard?.Version?.DataSetArns], ['renamed', 2, [arn('dataset')]]);
    assert.ok((await quickSight.send(new ListDashboardsCommand({ AwsAccountId }))).DashboardSummaryList?.[0]?.CreatedTime instanceof Date);

    await quickSight.send(new DeleteDashboardCommand({ AwsAccountId, DashboardId: 'lake' }));
    await refused(quickSight.send(new DescribeDashboardCommand({ AwsAccountId, DashboardId: 'lake' })), 'ResourceNotFoundException');
    await quickSight.send(new DeleteDataSetCommand({ AwsAccountId, DataSetId: 'lake' }));
    await refused(quickSight.send(new DescribeDataSetCommand({ AwsAccountId, DataSetId: 'lake' })), 'ResourceNotFoundException');
    assert.deepEqual((await quickSight.send(new ListDataSetsCommand({ AwsAccountId }))).DataSetSummaries, []);
    await quickSight.send(new DeleteDataSourceCommand({ AwsAccountId, DataSourceId: 'lake' }));
    await refused(quickSight.send(new DescribeDataSourceCommand({ AwsAccountId, DataSourceId: 'lake' })), 'ResourceNotFoundException');
  });
});
