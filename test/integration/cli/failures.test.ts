import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthorizeSecurityGroupIngressCommand, DescribeAddressesCommand, DescribeInstancesCommand, DescribeSecurityGroupsCommand, DescribeVpcEndpointsCommand, ModifyVpcEndpointCommand, RevokeSecurityGroupIngressCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateCrawlerCommand, GetConnectionCommand, GetCrawlerCommand, GetJobCommand, GetTableCommand, GetTablesCommand, GetWorkflowRunCommand, StartCrawlerCommand, StartWorkflowRunCommand, TestConnectionCommand, UpdateConnectionCommand, UpdateJobCommand } from '@aws-sdk/client-glue';
import { DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { RevokePermissionsCommand, type Permission, type Resource } from '@aws-sdk/client-lakeformation';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientConfig, temporaryState } from '../sandbox/support.ts';
import { anyCredentials, cli, codesOf, commandsAt, documentOf, inState, type ErrorDocument } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';

const account = '000000000000';
const bucket = `lake-tutorial-${account}-us-east-2`;
const Name = 'lake-tutorial';

interface RunDocument {
  readonly status: string;
  readonly nodes: readonly { readonly name: string; readonly type: string; readonly state: string; readonly error: string | null }[];
}

interface Failure {
  readonly what: string;
  /** What somebody did by hand. */
  readonly by: () => Promise<unknown>;
  /** The crawler or job that fails, and what it says. */
  readonly node: RegExp;
  readonly says: RegExp;
  /** Codes of `verify` that name the cause, and what `up` mends. */
  readonly codes: readonly string[];
  readonly mends: readonly string[];
}

/** Every one as a learner meets it: something is missing, a run fails with the words of AWS, `verify` names the cause, `up` mends it. */
describe('CLI: honest failures in the sandbox', function () {
  this.timeout(300_000);
  let remove: (() => Promise<void>) | undefined;
  let state: string;
  let run: ReturnType<typeof commandsAt>;
  let clients: Clients;
  let ssm: SSMClient;

  const start = async (): Promise<string> => (await clients.glue.send(new StartWorkflowRunCommand({ Name }))).RunId ?? '';
  const follow = (code: number) => cli(['run', '--state', state, '--yes', '--json']).then((outcome) => documentOf<RunDocument>(outcome, code));
  async function assertRuns(): Promise<void> {
    const { status, nodes } = await follow(0);
    assert.deepEqual([status, nodes.filter((node) => node.state !== 'SUCCEEDED')], ['COMPLETED', []]);
  }
  /** SQL at the database server, as the tutorial's administrator would. */
  async function psql(sql: string): Promise<string> {
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }));
    const InstanceId = Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
    const commands = [`sudo -u postgres psql -XqAt -v ON_ERROR_STOP=1 -d transactionaldb <<'SQL' 2>&1\n${sql}\nSQL`];
    const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [InstanceId], Parameters: { commands } }));
    for (;;) {
      const found = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
      if (!['Pending', 'InProgress', 'Delayed'].includes(found.Status ?? '')) {
        assert.equal(found.Status, 'Success', found.StandardOutputContent);
        return found.StandardOutputContent ?? '';
      }
      await delay(100);
    }
  }
  const rows = (count: number) => psql(`INSERT INTO random_data (valor, fecha) SELECT 'A-' || n, now() AT TIME ZONE 'UTC' FROM generate_series(1, ${count}) n;`);
  const revoke = (Resource: Resource, Permissions: Permission[]) =>
    clients.lakeFormation.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: `arn:aws:iam::${account}:role/LakeFormationWorkflowRole` }, Resource, Permissions }));
  async function changeConnection(properties: Record<string, string>) {
    const { Connection } = await clients.glue.send(new GetConnectionCommand({ Name: 'lake-tutorial-source' }));
    const { PhysicalConnectionRequirements, ConnectionProperties } = Connection ?? {};
    const ConnectionInput = { Name: 'lake-tutorial-source', ConnectionType: 'JDBC' as const, PhysicalConnectionRequirements, ConnectionProperties: { ...ConnectionProperties, ...properties } };
    await clients.glue.send(new UpdateConnectionCommand({ Name: 'lake-tutorial-source', ConnectionInput }));
  }
  const elasticAddress = async () => (await clients.ec2.send(new DescribeAddressesCommand({}))).Addresses?.[0]?.PublicIp ?? '';
  async function changeJob(name: string, given: Record<string, string>) {
    const { Job } = await clients.glue.send(new GetJobCommand({ JobName: name }));
    const { Role, Command, Connections, GlueVersion, WorkerType, NumberOfWorkers, DefaultArguments } = Job ?? {};
    await clients.glue.send(new UpdateJobCommand({ JobName: name, JobUpdate: { Role, Command, Connections, GlueVersion, WorkerType, NumberOfWorkers, DefaultArguments: { ...DefaultArguments, ...given } } }));
  }

  const failures: readonly Failure[] = [
    {
      // First of all, and the next: once the tables are there, nobody creates any.
      what: 'no CREATE_TABLE on the database', node: /^CRAWLER /, says: /Insufficient Lake Formation permission\(s\): Required Create Table on lake_tutorial.*Resource does not exist or requester is not authorized/,
      by: () => revoke({ Database: { Name: 'lake_tutorial' } }, ['CREATE_TABLE']),
      codes: ['grant.missing'], mends: ['lake-grants'],
    },
    {
      what: 'no grant on the data location', node: /ingest$/, says: new RegExp(`Insufficient Lake Formation permission\\(s\\) on s3://${bucket}/bronze/`),
      by: () => revoke({ DataLocation: { ResourceArn: `arn:aws:s3:::${bucket}` } }, ['DATA_LOCATION_ACCESS']),
      codes: ['location-grant.missing'], mends: ['location-grant'],
    },
    {
      what: 'no DESCRIBE on the database default', node: /ingest$/, says: /default database.*Insufficient Lake Formation permission\(s\): Required Create Database on Catalog/,
      by: () => revoke({ Database: { Name: 'default' } }, ['DESCRIBE']),
      codes: ['grant.missing'], mends: ['lake-grants'],
    },
    {
      what: 'no self-referencing rule', node: /^CRAWLER /, says: /At least one security group must open all ingress ports/,
      by: async () => {
        const { SecurityGroups } = await clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['lake-tutorial-database'] }] }));
        const { GroupId, IpPermissions } = SecurityGroups?.[0] ?? {};
        await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
        // The port alone is not enough.
        await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '172.31.0.0/16' }] }] }));
      },
      codes: ['security-group.self-reference'], mends: ['security-group'],
    },
    {
      what: "no S3 endpoint on the subnet's route table", node: /^CRAWLER /, says: /VPC S3 endpoint validation failed.*Could not find S3 endpoint or NAT gateway/,
      by: async () => {
        const { VpcEndpoints } = await clients.ec2.send(new DescribeVpcEndpointsCommand({}));
        await clients.ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: VpcEndpoints?.[0]?.VpcEndpointId, RemoveRouteTableIds: VpcEndpoints?.[0]?.RouteTableIds }));
      },
      codes: ['s3-endpoint.route-table'], mends: ['s3-endpoint'],
    },
    {
      what: 'a workflow role that may not pass itself', node: /^CRAWLER /,
      says: /User: arn:aws:sts::000000000000:assumed-role\/LakeFormationWorkflowRole\/\S+ is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role\/LakeFormationWorkflowRole/,
      by: () => clients.iam.send(new DeleteRolePolicyCommand({ RoleName: 'LakeFormationWorkflowRole', PolicyName: 'LakeFormationWorkflow' })),
      codes: ['role.inline-policy'], mends: ['workflow-role'],
    },
    {
      what: 'the elastic address in the URL', node: /^CRAWLER /, says: /connect timed out/i,
      by: async () => changeConnection({ JDBC_CONNECTION_URL: `jdbc:postgresql://${await elasticAddress()}:5432/transactionaldb` }),
      codes: ['connection.elastic-address'], mends: ['connection'],
    },
    {
      what: 'a wrong password', node: /^CRAWLER /, says: /password authentication failed for user "lake_tutorial"/,
      by: () => changeConnection({ PASSWORD: 'wrong' }),
      codes: ['connection.credentials'], mends: ['connection'],
    },
    {
      what: 'the instance stopped', node: /^CRAWLER /, says: /connect timed out|connection attempt failed/i,
      by: async () => {
        const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({}));
        await clients.ec2.send(new StopInstancesCommand({ InstanceIds: [Reservations?.[0]?.Instances?.[0]?.InstanceId ?? ''] }));
      },
      // While it is stopped nobody can see its table.
      codes: ['instance.stopped'], mends: ['instance', 'source-table'],
    },
    {
      what: 'the script missing at its ScriptLocation', node: /refine$/, says: new RegExp(`s3://${bucket}/scripts/refine.py|NoSuchKey|404`),
      by: () => clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'scripts/refine.py' })),
      codes: ['job-scripts.missing'], mends: ['job-scripts'],
    },
    {
      what: 'a bookmark key with nulls', node: /ingest$/, says: /The bookmark key id of "public"\."random_data" has nulls/,
      by: () => psql('ALTER TABLE random_data DROP CONSTRAINT random_data_pkey; ALTER TABLE random_data ALTER COLUMN id DROP NOT NULL; INSERT INTO random_data VALUES (NULL, \'B-0\', now());'),
      codes: ['source-table.null-key'], mends: ['source-table'],
    },
    {
      what: 'another bookmark key, with nulls', node: /ingest$/, says: /The bookmark key parent of "public"\."random_data" has nulls/,
      by: async () => {
        await psql('ALTER TABLE random_data ADD COLUMN parent integer;');
        await changeJob('lake-tutorial-ingest', { '--bookmark-key': 'parent' });
      },
      codes: ['job.argument'], mends: ['ingest-job'],
    },
  ];

  before(async () => {
    ({ state, remove } = await temporaryState());
    const { endpoint } = documentOf<{ endpoint: string }>(await cli(['sandbox', 'start', '--state', state, '--json']), 0);
    clients = clientsFor(endpoint);
    ssm = new SSMClient(clientConfig(endpoint));
    run = commandsAt(['--state', state], {});
    await run.up();
    await rows(100);
  });
  after(() => remove?.());

  for (const { what, by, node, says, codes, mends } of failures) {
    it(`${what}: the run fails as on AWS, verify names it, up mends it`, async () => {
      await rows(1);
      await by();
      const { nodes } = await follow(1);
      const failed = nodes.filter(({ state: seen }) => seen === 'FAILED');
      assert.deepEqual(failed.map(({ name, type }) => node.test(`${type} ${name}`)), [true], JSON.stringify(nodes));
      assert.match(failed[0]?.error ?? '', says);
      const found = await run.verify(1);
      // One cause once: neither the run that failed of it, nor what cannot be seen because of it, is told beside it.
      assert.deepEqual([...new Set(codesOf(found))], codes);
      for (const finding of found.steps.flatMap(({ findings }) => findings)) {
        assert.ok(finding.message && finding.fix, finding.code);
      }
      assert.deepEqual(inState(await run.up(), 'updated', 'created', 'failed', 'blocked'), mends);
      await assertRuns();
    });
  }

  it('a second run at the same time: it is refused as on AWS, verify names the one that runs', async () => {
    await rows(1);
    const first = await start();
    await assert.rejects(start(), { name: 'ConcurrentRunsExceededException', message: /Concurrent runs exceeded for workflow/i });
    assert.equal((await run.fails(1, 'run')).error.code, 'run.busy');
    const { steps } = await run.verify(0, '--step', 'ingest');
    assert.deepEqual(steps.map(({ state: seen, findings }) => [seen, findings.map(({ code }) => code)]), [['unknown', ['workflow.running']]]);
    assert.match(steps[0]?.findings[0]?.message ?? '', new RegExp(first));
    assert.deepEqual(inState(await run.up('--step', 'ingest'), 'updated', 'created', 'failed', 'blocked'), []);
    while ((await clients.glue.send(new GetWorkflowRunCommand({ Name, RunId: first }))).Run?.Status === 'RUNNING') {
      await delay(100);
    }
    await assertRuns();
    await run.verify(0, '--step', 'ingest');
  });

  it('a test of the connection says the same, before any run', async () => {
    await changeConnection({ JDBC_CONNECTION_URL: `jdbc:postgresql://${await elasticAddress()}:5432/transactionaldb` });
    await assert.rejects(clients.glue.send(new TestConnectionCommand({ ConnectionName: 'lake-tutorial-source' })), /timed out/);
    assert.deepEqual(inState(await run.up(), 'updated'), ['connection']);
    await clients.glue.send(new TestConnectionCommand({ ConnectionName: 'lake-tutorial-source' }));
  });

  it('the crawler has what PostgreSQL has, with its types', async () => {
    const { Table } = await clients.glue.send(new GetTableCommand({ DatabaseName: 'lake_tutorial', Name: '_catalog_transactionaldb_public_random_data' }));
    const columns = Object.fromEntries((Table?.StorageDescriptor?.Columns ?? []).map((column) => [column.Name, column.Type]));
    assert.deepEqual([columns['id'], columns['valor'], columns['fecha']], ['int', 'string', 'timestamp']);
    assert.equal(Table?.StorageDescriptor?.Location, 'transactionaldb.public.random_data');
    assert.deepEqual([Table?.Parameters?.['classification'], Table?.Parameters?.['connectionName']], ['postgresql', 'lake-tutorial-source']);
  });

  it("an insert that fails says why in the database's words", async () => {
    await psql('ALTER TABLE random_data RENAME TO away;');
    const { error } = documentOf<ErrorDocument>(await cli(['sandbox', 'insert', '--rows', '1', '--state', state, '--json']), 1);
    await psql('ALTER TABLE away RENAME TO random_data;');
    assert.deepEqual([error.code, error.why], ['insert.failed', 'relation "random_data" does not exist']);
  });

  it('rows dated after all time do not hide those that arrive', async () => {
    await rows(1);
    await psql("INSERT INTO random_data (valor, fecha) VALUES ('A-infinity', 'infinity'), ('A-never', NULL);");
    const { steps } = await run.verify(0, '--step', 'rows');
    assert.deepEqual(steps.map(({ state: seen, findings }) => [seen, findings]), [['done', []]]);
  });

  it('a crawler over a schema has its tables, less those left out, each type as Glue has it', async () => {
    await psql(`CREATE SCHEMA "Sales"; CREATE TABLE "Sales"."All Types" (a smallint, b bigint, c real, d double precision, e numeric(10, 2), f numeric, g boolean, h char(3), i date, j timestamptz, k bytea, l jsonb, m uuid, n integer[], o text[], "P" money, q time);
      CREATE TABLE "Sales".secret (a int); CREATE VIEW "Sales".view AS SELECT 1 AS one; GRANT ALL ON SCHEMA "Sales" TO lake_tutorial; GRANT ALL ON ALL TABLES IN SCHEMA "Sales" TO lake_tutorial;`);
    const JdbcTargets = [{ ConnectionName: 'lake-tutorial-source', Path: 'transactionaldb/Sales/%', Exclusions: ['sec*'] }];
    await clients.glue.send(new CreateCrawlerCommand({ Name: 'sales', Role: 'LakeFormationWorkflowRole', DatabaseName: 'lake_tutorial', Targets: { JdbcTargets } }));
    await clients.glue.send(new StartCrawlerCommand({ Name: 'sales' }));
    for (;;) {
      const { Crawler } = await clients.glue.send(new GetCrawlerCommand({ Name: 'sales' }));
      if (Crawler?.State === 'READY') {
        assert.deepEqual([Crawler.LastCrawl?.Status, Crawler.LastCrawl?.ErrorMessage], ['SUCCEEDED', undefined]);
        break;
      }
      await delay(100);
    }
    const { TableList } = await clients.glue.send(new GetTablesCommand({ DatabaseName: 'lake_tutorial', Expression: 'transactionaldb_sales.*' }));
    assert.deepEqual(TableList?.map((table) => table.Name).sort(), ['transactionaldb_sales_all_types', 'transactionaldb_sales_view']);
    const all = TableList?.find((table) => table.Name?.endsWith('all_types'));
    assert.equal(all?.StorageDescriptor?.Columns?.map((column) => `${column.Name} ${column.Type}`).join(), [
      'a smallint', 'b bigint', 'c float', 'd double', 'e decimal(10,2)', 'f decimal(38,18)', 'g boolean', 'h string', 'i date', 'j timestamp', 'k binary', 'l string', 'm string', 'n array<int>', 'o array<string>', 'p double', 'q string',
    ].join());
    assert.equal(all?.StorageDescriptor?.Location, 'transactionaldb.Sales.All Types');
  });

  it('stops with nothing left running', async () => {
    documentOf(await cli(['sandbox', 'stop', '--state', state, '--json'], { env: anyCredentials }), 0);
  });
});
