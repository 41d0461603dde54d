import assert from 'node:assert/strict';
import {
  CreateVpcEndpointCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
} from '@aws-sdk/client-ec2';
import { CreateRoleCommand, CreateUserCommand, GetRoleCommand, GetUserCommand, GetUserPolicyCommand, ListUserPoliciesCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { anyCredentials, cli, commandsAt, documentOf, inState, type UpDocument } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, type Moto } from '../support/moto.ts';

describe('CLI: what a learner made by hand under our names', function () {
  this.timeout(120_000);
  let moto: Moto;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;

  before(async () => {
    moto = await bareMoto();
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', moto.endpoint]);
    const VpcId = (await clients.ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId;
    await Promise.all([
      clients.iam.send(new CreateUserCommand({ UserName: 'datalakeadmin' })),
      clients.iam.send(new CreateRoleCommand({ RoleName: 'LakeFormationWorkflowRole', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' })),
      clients.ec2.send(new CreateVpcEndpointCommand({ VpcId, ServiceName: 'com.amazonaws.us-east-2.s3', VpcEndpointType: 'Gateway' })),
    ]);
  });

  const adopted = ['admin-user', 's3-endpoint', 'workflow-role'];

  it('is planned to be adopted', async () => {
    const { actions } = await run.plan();
    const adopt = actions.filter(({ action }) => action === 'adopt');
    assert.deepEqual(adopt.map(({ resource }) => resource).sort(), adopted);
    for (const { reason } of adopt) {
      assert.match(reason, /not made by the tutorial/);
    }
  });

  it('is not touched without consent, and nothing else is made', async () => {
    const { error } = await run.fails(2, 'up');
    assert.equal(error.code, 'adopt.refused');
    assert.match(error.message, /datalakeadmin|admin-user/);
    assert.deepEqual((await clients.iam.send(new ListUserPoliciesCommand({ UserName: 'datalakeadmin' }))).PolicyNames, []);
    assert.deepEqual((await clients.s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  });

  it('is completed and marked on consent', async () => {
    assert.deepEqual(inState(await run.up(), 'adopted').sort(), adopted);
    await clients.iam.send(new GetUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'UserPassRole' }));
    const { Role } = await clients.iam.send(new GetRoleCommand({ RoleName: 'LakeFormationWorkflowRole' }));
    assert.match(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), /glue\.amazonaws\.com/);
    assert.equal((await clients.ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints?.[0]?.RouteTableIds?.length, 1);
    await run.verify(0);
    const again = await run.up();
    assert.deepEqual(inState(again, 'created', 'updated', 'adopted', 'failed', 'blocked'), []);
  });

  it('stays when all of ours goes, and down says why', async () => {
    const { removed, left, failed } = await run.down();
    assert.deepEqual(failed, []);
    for (const resource of adopted) {
      assert.ok(!removed.includes(resource), resource);
      assert.match(left.find(({ id }) => id === resource)?.why ?? '', /yours before/, resource);
    }
    await clients.iam.send(new GetUserCommand({ UserName: 'datalakeadmin' }));
    await clients.iam.send(new GetRoleCommand({ RoleName: 'LakeFormationWorkflowRole' }));
    assert.equal((await clients.ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints?.length, 1);
    await run.verify(0, '--step', 'teardown');
  });
});

describe('CLI: an account without a default VPC', function () {
  this.timeout(120_000);
  let moto: Moto;

  before(async () => {
    moto = await bareMoto();
    const { ec2 } = clientsFor(moto.endpoint);
    const VpcId = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId;
    const [subnets, gateways] = await Promise.all([ec2.send(new DescribeSubnetsCommand({})), ec2.send(new DescribeInternetGatewaysCommand({}))]);
    await Promise.all([
      ...(subnets.Subnets ?? []).map(({ SubnetId }) => ec2.send(new DeleteSubnetCommand({ SubnetId }))),
      ...(gateways.InternetGateways ?? []).map(({ InternetGatewayId }) => ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }))),
    ]);
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  });

  it('gets all that needs no network, and is told what is missing', async () => {
    const outcome = await cli(['up', '--endpoint', moto.endpoint, '--yes', '--json'], { env: anyCredentials });
    const document = documentOf<UpDocument>(outcome, 3);
    assert.deepEqual(document.resources.filter(({ state }) => state === 'failed').map(({ resource, error }) => [resource, error?.code]), [['network', 'network.missing']]);
    const blocked = inState(document, 'blocked');
    for (const resource of ['security-group', 'instance', 'elastic-ip', 'inserter', 's3-endpoint', 'connection']) {
      assert.ok(blocked.includes(resource), resource);
    }
    const created = inState(document, 'created');
    for (const resource of ['admin-user', 'lake-admin', 'bucket', 'zones', 'workflow-role', 'lake-location', 'lake-database', 'lake-grants', 'work-group']) {
      assert.ok(created.includes(resource), resource);
    }
    assert.match(outcome.stderr, /--var vpc-id=/);
    assert.deepEqual((await clientsFor(moto.endpoint).ec2.send(new DescribeInstancesCommand({}))).Reservations ?? [], []);
  });

  it('is verified and torn down all the same', async () => {
    const run = commandsAt(['--endpoint', moto.endpoint]);
    const { steps } = await run.verify(1);
    assert.ok(steps.find(({ id }) => id === 'source-database')?.findings.some(({ code }) => code === 'network.missing'));
    const { removed, failed } = await run.down();
    assert.deepEqual(failed, []);
    assert.ok(removed.includes('bucket') && removed.includes('admin-user'));
    await run.verify(0, '--step', 'teardown');
  });
});
