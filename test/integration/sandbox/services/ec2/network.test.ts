import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import { CreateConnectionCommand, GlueClient } from '@aws-sdk/client-glue';
import { ControlPlane } from '../../../../../src/sandbox/gateway/control-plane.ts';
import { Network } from '../../../../../src/sandbox/services/ec2/network.ts';
import { ControlPlaneClient } from '../../../../../src/sandbox/kernel/control-plane-client.ts';
import { clientConfig, sharedPython } from '../../support.ts';

describe('sandbox: the way to a database', function () {
  this.timeout(120_000);
  const region = 'us-east-2';
  const port = 45_678;
  let folder: string;
  let plane: ControlPlane;
  let ec2: EC2Client;
  let glue: GlueClient;
  let network: Network;
  let subnet: string;
  let vpc: string;
  let instance: string;
  let address: string;
  let elastic: string;
  let client: string;
  let database: string;

  const group = async (name: string, ...rules: IpPermission[]): Promise<string> => {
    const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: name }));
    if (rules.length > 0) {
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: rules }));
    }
    return GroupId;
  };
  const from = (securityGroupIds: string[], subnetId: string | undefined = subnet) => ({ region, subnetId, securityGroupIds, description: 'a test' });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-network-'));
    plane = await ControlPlane.start({ python: await sharedPython(), journal: folder, onExit: () => undefined });
    const endpoint = `http://127.0.0.1:${plane.port}`;
    ec2 = new EC2Client(clientConfig(endpoint));
    glue = new GlueClient(clientConfig(endpoint));
    // As if this instance alone ran PostgreSQL.
    network = new Network(new ControlPlaneClient(() => plane.port), { portOf: (id) => Promise.resolve(id === instance ? port : undefined) }, () => undefined);
    const found = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.[0];
    [subnet, vpc] = [found?.SubnetId ?? '', found?.VpcId ?? ''];
    client = await group('client');
    database = await group('database', { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5433, UserIdGroupPairs: [{ GroupId: client }] });
    const launched = await ec2.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, SubnetId: subnet, SecurityGroupIds: [database] }));
    [instance, address] = [launched.Instances?.[0]?.InstanceId ?? '', launched.Instances?.[0]?.PrivateIpAddress ?? ''];
    const allocated = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId: allocated.AllocationId, InstanceId: instance }));
    elastic = allocated.PublicIp ?? '';
  });
  after(async () => {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const closed = async (origin: ReturnType<typeof from>, host: string, at = 5432): Promise<string> => {
    const way = await network.reach(origin, host, at);
    assert.ok(!way.open, `${host}:${at} is open`);
    assert.equal(way.asked, `${host}:${at}`);
    return way.problem;
  };

  it('is open from where the groups let in, by address and by name', async () => {
    for (const host of [address, `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`]) {
      assert.deepEqual(await network.reach(from([client]), host, 5432), { open: true, host: '127.0.0.1', port, asked: `${host}:5432` });
    }
  });

  it('is closed from elsewhere, to elsewhere, and to the elastic address from inside', async () => {
    const timedOut = (host: string): string => `The connection attempt failed: connect timed out (${host}:5432)`;
    assert.equal(await closed(from([database]), address), timedOut(address));
    assert.equal(await closed(from([client]), elastic), timedOut(elastic));
    // A name of the instance's public address is its private one inside.
    assert.ok((await network.reach(from([client]), `ec2-${elastic.replaceAll('.', '-')}.${region}.compute.amazonaws.com`, 5432)).open);
    for (const host of ['127.0.0.1', 'localhost', '10.0.0.1', 'db.example.com']) {
      assert.equal(await closed(from([client]), host), timedOut(host));
    }
    const other = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const there = await ec2.send(new CreateSubnetCommand({ VpcId: other.Vpc?.VpcId, CidrBlock: '10.9.0.0/24' }));
    assert.equal(await closed(from([client], there.Subnet?.SubnetId), address), timedOut(address));
    assert.match(await closed(from([client], 'subnet-0'), address), /does not exist/);
    // What PostgreSQL does not listen on is refused, where the groups would let it in.
    assert.match(await closed(from([client]), address, 5433), /refused/);
  });

  it('is open from the internet only to a public address that everybody may reach', async () => {
    const internet = { region, securityGroupIds: [], description: 'a test' };
    assert.ok(!(await network.reach(internet, elastic, 5432)).open);
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: database, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    assert.ok((await network.reach(internet, elastic, 5432)).open);
    assert.ok(!(await network.reach(internet, address, 5432)).open);
  });

  it('is closed while the instance is stopped', async () => {
    await ec2.send(new StopInstancesCommand({ InstanceIds: [instance] }));
    assert.match(await closed(from([client]), address), /timed out/);
    await ec2.send(new StartInstancesCommand({ InstanceIds: [instance] }));
    assert.ok((await network.reach(from([client]), address, 5432)).open);
  });

  it('that is closed leads to where nothing ever answers', async () => {
    const way = await network.reach(from([client]), elastic, 5432);
    const socket = connect({ host: way.host, port: way.port });
    const happened = await Promise.race([
      new Promise<string>((resolve) => socket.once('data', () => resolve('data')).once('error', (error) => resolve(error.message)).once('close', () => resolve('closed'))),
      // On Windows it connects, and hears nothing.
      ...(process.platform === 'win32' ? [] : [new Promise<string>((resolve) => socket.once('connect', () => resolve('connected')))]),
      delay(1_000, 'nothing'),
    ]);
    socket.destroy();
    assert.equal(happened, 'nothing');
  });

  it('shows people the addresses that were asked for', async () => {
    const open = await network.reach(from([client]), address, 5432);
    const shut = await network.reach(from([client]), elastic, 5432);
    assert.notEqual(open.port, shut.port);
    for (const [dialled, asked] of [[open, address], [shut, elastic]] as const) {
      for (const text of ['HOST:PORT refused', 'server at "HOST", port PORT failed', "('HOST', PORT)", 'host HOST and port PORT', 'HOST, port=PORT']) {
        const written = (host: string, at: number): string => text.replace('HOST', host).replace('PORT', String(at));
        assert.equal(network.disguise(written(dialled.host, dialled.port)), written(asked, 5432));
      }
    }
    assert.equal(network.disguise(`at http://127.0.0.1:${plane.port}/ of 127.0.0.1`), `at http://127.0.0.1:${plane.port}/ of 127.0.0.1`);
  });

  describe('by a Glue connection', () => {
    const connection = (Name: string, more: Record<string, string>, groups: string[]) =>
      glue.send(
        new CreateConnectionCommand({
          ConnectionInput: {
            Name,
            ConnectionType: 'JDBC',
            ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:postgresql://${address}:5432/shop?ssl=false`, ...more },
            PhysicalConnectionRequirements: { SubnetId: subnet, SecurityGroupIdList: groups },
          },
        }),
      );
    const problem = async (name: string): Promise<string> => {
      const way = await network.reachConnection(region, name);
      return way.open ? '' : way.problem;
    };

    it('says where it leads and who logs in, once AWS would let it', async () => {
      await connection('bare', { USERNAME: 'clerk', PASSWORD: 'secret' }, [client]);
      assert.match(await problem('bare'), /^At least one security group must open all ingress ports/);
      const self = await group('self');
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: self, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, UserIdGroupPairs: [{ GroupId: self }] }] }));
      await connection('shop', { USERNAME: 'clerk', PASSWORD: 'secret' }, [client, self]);
      assert.match(await problem('shop'), /^VPC S3 endpoint validation failed for SubnetId: subnet-\w+\. VPC: vpc-\w+\. Reason: Could not find S3 endpoint or NAT gateway/);
      const tables = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.main', Values: ['true'] }, { Name: 'vpc-id', Values: [vpc] }] }));
      await ec2.send(new CreateVpcEndpointCommand({ VpcId: vpc, ServiceName: `com.amazonaws.${region}.s3`, RouteTableIds: [tables.RouteTables?.[0]?.RouteTableId ?? ''] }));
      const way = await network.reachConnection(region, 'shop');
      assert.deepEqual([way.open, way.host, way.port, way.asked], [true, '127.0.0.1', port, `${address}:5432`]);
      assert.deepEqual([way.database, way.user, way.password, way.connection.Name], ['shop', 'clerk', 'secret', 'shop']);
    });

    it('takes user and password from a secret, where the subnet reaches Secrets Manager', async () => {
      const self = (await network.reachConnection(region, 'shop')).connection.PhysicalConnectionRequirements?.SecurityGroupIdList ?? [];
      await connection('secret', { SECRET_ID: 'shop/clerk' }, [...self]);
      assert.match(await problem('secret'), /secretsmanager\.us-east-2\.amazonaws\.com:443 failed: connect timed out/);
      await ec2.send(new CreateVpcEndpointCommand({ VpcId: vpc, VpcEndpointType: 'Interface', ServiceName: `com.amazonaws.${region}.secretsmanager`, SubnetIds: [subnet] }));
      assert.match(await problem('secret'), /can't find the specified secret/);
      const created = await fetch(`http://127.0.0.1:${plane.port}/`, {
        method: 'POST',
        headers: {
          'x-amz-target': 'secretsmanager.CreateSecret',
          'content-type': 'application/x-amz-json-1.1',
          authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/${region}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0`,
        },
        body: JSON.stringify({ Name: 'shop/clerk', SecretString: JSON.stringify({ username: 'clerk', password: 'in a secret' }), ClientRequestToken: '0'.repeat(32) }),
      });
      assert.equal(created.status, 200);
      const way = await network.reachConnection(region, 'secret');
      assert.deepEqual([way.open, way.user, way.password], [true, 'clerk', 'in a secret']);
    });

    it('that does not exist is an error of AWS', () => assert.rejects(network.reachConnection(region, 'none'), { code: 'EntityNotFoundException' }));
  });
});
