import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateConnectionCommand, GlueClient, TestConnectionCommand, UpdateConnectionCommand } from '@aws-sdk/client-glue';
import { AddRoleToInstanceProfileCommand, AttachRolePolicyCommand, CreateInstanceProfileCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CancelCommandCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  SSMClient,
  SendCommandCommand,
  type GetCommandInvocationCommandOutput,
} from '@aws-sdk/client-ssm';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox } from '../../../../../src/sandbox/control/sandbox.ts';
import { stateFiles } from '../../../../../src/sandbox/kernel/files.ts';
import { clientConfig, runningFile, sharedPython, temporaryState } from '../../support.ts';

/** Not the tutorial's: the sandbox must not know what the tutorial will ask. */
const userData = `#!/bin/bash
# The shop's database.
yum install -y \\
  postgresql16-server
postgresql-setup --initdb
systemctl enable --now postgresql
while ! secret="$(aws ssm get-parameter --name /shop/secret --with-decryption --output text --query Parameter.Value)"; do
  sleep 5
done
sudo -u postgres psql -v ON_ERROR_STOP=1 -v secret="$secret" <<SQL
SET password_encryption = 'md5';
CREATE ROLE clerk LOGIN PASSWORD :'secret';
SET password_encryption = 'scram-sha-256';
CREATE ROLE modern LOGIN PASSWORD :'secret';
SELECT 'CREATE DATABASE ' || quote_ident('shop') || ' OWNER clerk' \\gexec
\\c shop
CREATE TABLE sales (id serial PRIMARY KEY, what text);
INSERT INTO sales (what) SELECT 'sale ' || n FROM generate_series(1, 3) n;
ALTER TABLE sales OWNER TO clerk;
SQL
`;
const password = `it's % a "secret" \\ ñ`;

describe('sandbox: what runs on instances', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;
  let ec2: EC2Client;
  let iam: IAMClient;
  let ssm: SSMClient;
  let glue: GlueClient;
  let subnetId: string;
  let groupId: string;
  let instanceId: string;
  let privateIp: string;
  let routeTableId: string;

  const start = async (): Promise<void> => {
    const { endpoint } = await startSandbox({ state });
    ec2 = new EC2Client(clientConfig(endpoint));
    iam = new IAMClient(clientConfig(endpoint));
    ssm = new SSMClient(clientConfig(endpoint));
    glue = new GlueClient(clientConfig(endpoint));
  };
  const running = () => ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));

  const send = async (script: string): Promise<string> =>
    (await ssm.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [instanceId], Parameters: { commands: script.split('\n') } }))).Command?.CommandId ?? '';
  const ended = async (CommandId: string): Promise<GetCommandInvocationCommandOutput> => {
    for (const deadline = Date.now() + 60_000; ; ) {
      assert.ok(Date.now() < deadline, 'the command does not end');
      const found = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));
      if (found.Status !== 'InProgress' && found.Status !== 'Pending') {
        return found;
      }
      await delay(20);
    }
  };
  const on = async (script: string) => ended(await send(script));
  const sql = (text: string) => on(`sudo -u postgres psql -XqAt -v ON_ERROR_STOP=1 -d shop <<'SQL' 2>&1\n${text}\nSQL`);

  /** Waits for what happens in the background. */
  const until = async <T>(look: () => Promise<T | undefined | false | null>): Promise<T> => {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const found = await look();
      if (found) {
        return found;
      }
      assert.ok(Date.now() < deadline, `in vain: ${String(look)}`);
      await delay(50);
    }
  };
  const server = () => until(async () => (await sandboxStatus({ state })).postgres);

  /** Logs in as any program would; resolves with the number of sales, or what the driver says. */
  const login = async (user: string, secret: string): Promise<string> => {
    const program = `import pg8000.dbapi, sys, os
try:
    c = pg8000.dbapi.connect(user=sys.argv[1], password=os.environ["SECRET"], host="127.0.0.1", port=int(sys.argv[2]), database="shop", timeout=10)
    k = c.cursor(); k.execute("SELECT count(*) FROM sales"); print(k.fetchone()[0])
except Exception as error:
    print(error.args[0].get("M") if isinstance(error.args[0], dict) else error)`;
    const { stdout } = await promisify(execFile)(await sharedPython(), ['-c', program, user, String((await server()).port)], { env: { ...process.env, SECRET: secret } });
    return stdout.trim();
  };

  before(async () => {
    ({ state, remove } = await temporaryState());
    await start();
    subnetId = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.[0]?.SubnetId ?? '';
    groupId = (await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'shop', Description: 'shop' }))).GroupId ?? '';
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, UserIdGroupPairs: [{ GroupId: groupId }] }] }));
    const tables = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.main', Values: ['true'] }] }));
    routeTableId = tables.RouteTables?.[0]?.RouteTableId ?? '';
    await ec2.send(new CreateVpcEndpointCommand({ VpcId: tables.RouteTables?.[0]?.VpcId, ServiceName: 'com.amazonaws.us-east-2.s3', RouteTableIds: [routeTableId] }));
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] });
    await iam.send(new CreateRoleCommand({ RoleName: 'shop', AssumeRolePolicyDocument: trust }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'shop', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'shop' }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'shop', RoleName: 'shop' }));
    const launch = new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      SecurityGroupIds: [groupId],
      IamInstanceProfile: { Name: 'shop' },
      UserData: Buffer.from(userData).toString('base64'),
    });
    const instance = (await ec2.send(launch)).Instances?.[0];
    instanceId = instance?.InstanceId ?? '';
    privateIp = instance?.PrivateIpAddress ?? '';
  });
  after(() => remove());

  describe('first boot', () => {
    it('waits for the parameter, and for the right to read it', async () => {
      const databases = async () => (await on("sudo -u postgres psql -XqAt -c 'SELECT datname FROM pg_database ORDER BY 1'")).StandardOutputContent;
      assert.equal(await databases(), 'postgres\ntemplate0\ntemplate1\n');
      await ssm.send(new PutParameterCommand({ Name: '/shop/secret', Type: 'SecureString', Value: password }));
      const read = await on('aws ssm get-parameter --name /shop/secret --with-decryption || exit 3');
      assert.equal(read.ResponseCode, 0, 'the managed policy of the agent reads parameters');
      await until(async () => (await databases())?.includes('shop'));
    });

    it('does with PostgreSQL what the user data say, the password kept secret', async () => {
      await until(async () => (await login('clerk', password)) === '3');
      assert.match(await login('clerk', 'wrong'), /password authentication failed for user "clerk"/);
      assert.match(await login('postgres', ''), /authentication failed|no password|SASL/i);
      const log = await readFile(stateFiles(state).log, 'utf8');
      assert.ok(!log.includes('secret"') && !log.includes('\\ ñ'), 'the password is in the log');
      assert.match(log, /first boot of i-\w+: status 0; left out: yum, postgresql-setup, systemctl/);
    });

    it('happens once', async () => {
      assert.equal((await sql("INSERT INTO sales (what) VALUES ('one more') RETURNING id;")).StandardOutputContent, '4\n');
      await stopSandbox({ state });
      await start();
      assert.equal(await login('clerk', password), '4');
    });
  });

  describe('Run Command', () => {
    it('gives output, errors and exit status of the real psql', async () => {
      const good = await on("echo before\nsudo -u postgres psql -d shop -c 'SELECT what FROM sales ORDER BY id LIMIT 1'\necho after >&2");
      assert.deepEqual([good.Status, good.ResponseCode, good.StandardErrorContent], ['Success', 0, 'after\n']);
      assert.match(good.StandardOutputContent ?? '', /^before\n +what +\n-+\n sale 1\n\(1 row\)\n/);
      const bad = await on("sudo -u postgres psql -d shop -v ON_ERROR_STOP=1 <<'SQL'\nSELECT 1/0;\nSQL");
      assert.deepEqual([bad.Status, bad.ResponseCode], ['Failed', 3]);
      assert.match(bad.StandardErrorContent ?? '', /division by zero/);
      assert.match((await on('sudo -u postgres psql -d nowhere -c "SELECT 1"')).StandardErrorContent ?? '', /port 5432 failed: FATAL: {2}database "nowhere" does not exist/);
      assert.match((await on('psql -c "SELECT 1"')).StandardErrorContent ?? '', /role "root" does not exist/);
      assert.equal((await on(`PGPASSWORD='${password.replaceAll("'", "'\\''")}' psql -XAt -h ${privateIp} -U clerk shop -c 'SELECT current_user'`)).StandardOutputContent, 'clerk\n');
    });

    it('says what the instance does not understand', async () => {
      const { Status, StandardErrorContent } = await on('yum install -y htop');
      assert.equal(Status, 'Failed');
      assert.match(StandardErrorContent ?? '', /yum: the sandbox's instance understands psql and echo only/);
      await assert.rejects(ssm.send(new SendCommandCommand({ DocumentName: 'My-Document', InstanceIds: [instanceId] })), { name: 'InvalidDocument' });
      await assert.rejects(ssm.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0'], Parameters: { commands: ['echo'] } })), { name: 'InvalidInstanceId' });
      await assert.rejects(ssm.send(new GetCommandInvocationCommand({ CommandId: '00000000-0000-0000-0000-000000000000', InstanceId: instanceId })), { name: 'InvocationDoesNotExist' });
    });

    it('cancels, and lists what was run', async () => {
      const id = await send("sudo -u postgres psql -c 'SELECT pg_sleep(600)'");
      await ssm.send(new CancelCommandCommand({ CommandId: id }));
      assert.equal((await ended(id)).Status, 'Cancelled');
      const listed = await ssm.send(new ListCommandInvocationsCommand({ InstanceId: instanceId, Details: true, MaxResults: 1 }));
      assert.deepEqual(listed.CommandInvocations?.map(({ CommandId, Status }) => [CommandId, Status]), [[id, 'Cancelled']]);
      assert.ok(listed.NextToken);
      assert.equal((await ssm.send(new ListCommandsCommand({ CommandId: id }))).Commands?.[0]?.Status, 'Cancelled');
    });
  });

  describe('TestConnection', () => {
    const connection = (host: string, secret: string) => ({
      Name: 'shop',
      ConnectionType: 'JDBC' as const,
      ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:postgresql://${host}:5432/shop`, USERNAME: 'clerk', PASSWORD: secret },
      PhysicalConnectionRequirements: { SubnetId: subnetId, SecurityGroupIdList: [groupId] },
    });
    const test = () => glue.send(new TestConnectionCommand({ ConnectionName: 'shop' }));
    const change = (host: string, secret: string) => glue.send(new UpdateConnectionCommand({ Name: 'shop', ConnectionInput: connection(host, secret) }));

    it('logs in', async () => {
      await glue.send(new CreateConnectionCommand({ ConnectionInput: connection(privateIp, password) }));
      await test();
      // Without a place in the VPC there is no way to a private address.
      const { ConnectionType, ConnectionProperties } = connection(privateIp, password);
      await assert.rejects(glue.send(new TestConnectionCommand({ TestConnectionInput: { ConnectionType, ConnectionProperties } })), /connect timed out/);
      await assert.rejects(glue.send(new TestConnectionCommand({ ConnectionName: 'none' })), { name: 'EntityNotFoundException' });
    });

    it('fails with a wrong password, database or address, as AWS says it', async () => {
      await change(privateIp, 'wrong');
      await assert.rejects(test(), (error: Error) => error.name === 'InvalidInputException' && /URL syntax, username, and password\. FATAL: password authentication failed for user "clerk"$/.test(error.message));
      const elastic = await ec2.send(new AllocateAddressCommand({}));
      await ec2.send(new AssociateAddressCommand({ AllocationId: elastic.AllocationId, InstanceId: instanceId }));
      await change(elastic.PublicIp ?? '', password);
      await assert.rejects(test(), { name: 'InvalidInputException', message: `The connection attempt failed: connect timed out (${elastic.PublicIp}:5432)` });
      await change(privateIp, password);
      await test();
    });

    it('fails where the password is kept as SCRAM, which the driver of Glue cannot do', async () => {
      const wanted = connection(privateIp, password);
      await glue.send(new UpdateConnectionCommand({ Name: 'shop', ConnectionInput: { ...wanted, ConnectionProperties: { ...wanted.ConnectionProperties, USERNAME: 'modern' } } }));
      await assert.rejects(test(), (error: Error) => error.name === 'InvalidInputException' && /The authentication type 10 is not supported\./.test(error.message));
      await change(privateIp, password);
      await test();
    });

    it('fails while the instance is stopped; its server is stopped with it, and its data are kept', async () => {
      const { port } = await server();
      await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
      await until(async () => (await sandboxStatus({ state })).postgres === null);
      await assert.rejects(test(), /connect timed out/);
      await assert.rejects(send('echo'), { name: 'InvalidInstanceId' });
      await stopSandbox({ state });
      await start();
      await until(async () => (await readFile(stateFiles(state).log, 'utf8')).split('ready on').length > 3);
      assert.equal((await sandboxStatus({ state })).postgres, null);
      await running();
      assert.equal((await server()).port, port);
      assert.equal(await login('clerk', password), '4');
      await test();
    });

    it('works after a reboot', async () => {
      await ec2.send(new RebootInstancesCommand({ InstanceIds: [instanceId] }));
      await test();
      assert.equal(await login('clerk', password), '4');
    });
  });

  /** The processes of this sandbox: of its state folder, or children of such. */
  const processes = (what: RegExp): number[] => {
    const { stdout } = spawnSync('ps', ['-ww', '-e', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
    return stdout.split('\n').filter((line) => what.test(line)).map((line) => Number(line.trim().split(/\s+/)[0]));
  };

  describe('kill -9', function () {
    before(function () {
      if (process.platform === 'win32') this.skip();
    });

    it('of the server: it is started again when somebody needs it', async () => {
      const { port } = await server();
      const [postmaster] = processes(new RegExp(`postgres -D .*${instanceId}`));
      process.kill(postmaster ?? 0, 'SIGKILL');
      assert.equal((await sql('SELECT count(*) FROM sales;')).StandardOutputContent, '4\n');
      assert.equal((await server()).port, port);
    });

    it('of everything at once: all is back with the next start', async () => {
      assert.equal((await sql("INSERT INTO sales (what) VALUES ('the last before') RETURNING id;")).StandardOutputContent, '5\n');
      const history = (await ssm.send(new ListCommandInvocationsCommand({ Details: true }))).CommandInvocations;
      const slow = await send("sudo -u postgres psql -c 'SELECT pg_sleep(600)'");
      const { pid } = await runningFile(state);
      for (const each of [pid, ...processes(new RegExp(`control_plane.*${state}|postgres -D .*${instanceId}`))]) {
        process.kill(each, 'SIGKILL');
      }
      await start();
      assert.equal(await login('clerk', password), '5');
      assert.deepEqual((await ssm.send(new ListCommandInvocationsCommand({ Details: true }))).CommandInvocations?.slice(1), history);
      assert.match((await ended(slow)).StandardErrorContent ?? '', /stopped while the command ran/);
    });

    it('of the gateway alone: the server that it left is taken over', async () => {
      const before = processes(new RegExp(`postgres -D .*${instanceId}`));
      process.kill((await runningFile(state)).pid, 'SIGKILL');
      await start();
      assert.equal(await login('clerk', password), '5');
      assert.deepEqual(processes(new RegExp(`postgres -D .*${instanceId}`)), before);
    });
  });

  describe('the rest of its life', () => {
    it('takes another port when its own is taken', async () => {
      const { port } = await server();
      await stopSandbox({ state });
      const other = createServer();
      await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
      try {
        await start();
        assert.notEqual((await server()).port, port);
        assert.equal(await login('clerk', password), '5');
      } finally {
        other.close();
      }
    });

    it('keeps its secrets to the state folder, and off the command lines', async function () {
      if (process.platform === 'win32') this.skip();
      const kept = JSON.parse(await readFile(join(stateFiles(state).instances, instanceId, 'server.json'), 'utf8')) as { password: string };
      const { stdout } = spawnSync('ps', ['-ww', '-e', '-o', 'command='], { encoding: 'utf8' });
      assert.ok(!stdout.includes(kept.password));
      assert.ok(!(await readFile(stateFiles(state).log, 'utf8')).includes(kept.password));
    });

    it('forgets a terminated instance, data and all', async () => {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
      await until(async () => (await readdir(stateFiles(state).instances)).length === 0);
      assert.equal((await sandboxStatus({ state })).postgres, null);
      await assert.rejects(send('echo'), { name: 'InvalidInstanceId' });
      assert.deepEqual(processes(new RegExp(`postgres -D .*${instanceId}`)), []);
    });

    it('leaves nothing after a reset, not even of a server that outlived its sandbox', async function () {
      if (process.platform === 'win32') this.skip();
      await ec2.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, UserData: Buffer.from(userData).toString('base64') }));
      await server();
      process.kill((await runningFile(state)).pid, 'SIGKILL');
      const [id = ''] = await readdir(stateFiles(state).instances);
      assert.equal(processes(new RegExp(`postgres -D .*${id}`)).length, 1);
      await resetSandbox({ state });
      assert.deepEqual(processes(new RegExp(`postgres -D .*${id}`)), []);
      assert.ok(!existsSync(stateFiles(state).instances) && !existsSync(stateFiles(state).commands));
    });

    it('says why a server does not run, and tries again', async () => {
      await writeFile(stateFiles(state).instances, 'in the way');
      await start();
      const launched = await ec2.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, UserData: Buffer.from(userData).toString('base64') }));
      const problem = await until(async () => (await sandboxStatus({ state })).postgresProblem);
      assert.match(problem, /^PostgreSQL does not run: .*(ENOTDIR|EEXIST).* Its folder must be writable/);
      await rm(stateFiles(state).instances);
      await ec2.send(new StartInstancesCommand({ InstanceIds: [launched.Instances?.[0]?.InstanceId ?? ''] }));
      await server();
      assert.equal((await sandboxStatus({ state })).postgresProblem, undefined);
      await resetSandbox({ state });
    });

    it('is not there with the control plane alone', async () => {
      const { endpoint, postgres } = await startSandbox({ state, controlPlaneOnly: true });
      assert.equal(postgres, null);
      const plain = new EC2Client(clientConfig(endpoint));
      await plain.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, UserData: Buffer.from(userData).toString('base64') }));
      await assert.rejects(new SSMClient(clientConfig(endpoint)).send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0'] })), /not implement/i);
      assert.ok(!existsSync(stateFiles(state).instances));
    });
  });
});
