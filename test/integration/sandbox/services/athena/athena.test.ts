import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  AthenaClient,
  BatchGetQueryExecutionCommand,
  CreateWorkGroupCommand,
  GetDataCatalogCommand,
  GetDatabaseCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetQueryRuntimeStatisticsCommand,
  GetTableMetadataCommand,
  ListDataCatalogsCommand,
  ListDatabasesCommand,
  ListQueryExecutionsCommand,
  ListTableMetadataCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type GetQueryResultsCommandOutput,
  type QueryExecution,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, CreatePartitionCommand, CreateTableCommand, GetDatabasesCommand, GetTableCommand, type Column } from '@aws-sdk/client-glue';
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { DeregisterResourceCommand, GrantPermissionsCommand, RegisterResourceCommand, RevokePermissionsCommand } from '@aws-sdk/client-lakeformation';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { connect, sandboxCredentials } from '../../../../../src/aws/connection.ts';
import { runQuery } from '../../../../../src/aws/query.ts';
import { UserError } from '../../../../../src/errors.ts';
import { takeRows } from '../../../../../src/sandbox/services/athena/result-pages.ts';
import { startSandbox, stopSandbox } from '../../../../../src/sandbox/control/sandbox.ts';
import { clientsFor, type Clients } from '../../../support/clients.ts';
import { clientConfig, runningFile, sharedPython, temporaryState } from '../../support.ts';

const run = promisify(execFile);

// Another region than the engine's own, and no name of the tutorial's: the sandbox knows neither.
const region = 'eu-west-1';
const parquet = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
const visitColumns: Column[] = [
  { Name: 'id', Type: 'bigint' },
  { Name: 'name', Type: 'string' },
  { Name: 'at', Type: 'timestamp' },
  { Name: 'day', Type: 'date' },
  { Name: 'score', Type: 'double' },
  { Name: 'price', Type: 'decimal(10,2)' },
  { Name: 'ok', Type: 'boolean' },
  { Name: 'tags', Type: 'array<string>' },
  { Name: 'added_later', Type: 'int' },
];

/** A Parquet file as other programs write it: with a zone in its times, and without the newest column. */
const writeVisits = `
import datetime, decimal, sys
import pyarrow as pa, pyarrow.parquet as pq
start = datetime.datetime(2026, 1, 31, 23, 59, 58, 5000)
names = ["plain", 'quote" and, comma', "two\\nlines", "", None]
rows = range(5)
table = pa.table({
    "id": pa.array([1, 2, 3, 4, None], pa.int64()), "name": names,
    "at": pa.array([start + datetime.timedelta(seconds=n) for n in rows], pa.timestamp("us", "UTC")),
    "day": [datetime.date(2026, 2, 1)] * 5, "score": [1.5, 1e20, float("nan"), 0.1, None],
    "price": pa.array([decimal.Decimal("1.20")] * 5, pa.decimal128(10, 2)), "ok": [True, False, None, True, False],
    "tags": [["a", None], [], None, ["b"], ["c"]],
})
pq.write_table(table, sys.stdout.buffer)
`;

describe('sandbox: Athena', function () {
  this.timeout(180_000);
  let state: string;
  let endpoint: string;
  let remove: () => Promise<void>;
  let clients: Clients;

  before(async () => {
    ({ state, remove } = await temporaryState());
    endpoint = (await startSandbox({ state })).endpoint ?? '';
    clients = clientsFor(endpoint, region);
    const { athena, glue, s3 } = clients;
    await s3.send(new CreateBucketCommand({ Bucket: 'warehouse', CreateBucketConfiguration: { LocationConstraint: region } }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }));
    await athena.send(new CreateWorkGroupCommand({ Name: 'strict', Configuration: { ResultConfiguration: { OutputLocation: 's3://warehouse/results/' }, EnforceWorkGroupConfiguration: true } }));
    const { stdout } = await run(await sharedPython(), ['-c', writeVisits], { encoding: 'buffer' });
    const put = (Key: string, Body: Buffer | string) => s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key, Body }));
    // Partitions lie where the catalog says, not where their names would have them.
    await Promise.all([put('visits/country=es/1.parquet', stdout), put('visits/country=es/_SUCCESS', ''), put('visits/country=es/_temporary/2.parquet', stdout), put('elsewhere/3.parquet', stdout), put('visits/country=unregistered/4.parquet', stdout)]);
    await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name: 'visits', TableType: 'EXTERNAL_TABLE', PartitionKeys: [{ Name: 'country', Type: 'string' }], StorageDescriptor: { ...parquet, Location: 's3://warehouse/visits/', Columns: visitColumns } } }));
    for (const [Value, Location] of [['es', 's3://warehouse/visits/country=es'], ['mx', 's3://warehouse/elsewhere/']] as const) {
      await glue.send(new CreatePartitionCommand({ DatabaseName: 'shop', TableName: 'visits', PartitionInput: { Values: [Value], StorageDescriptor: { ...parquet, Location, Columns: visitColumns } } }));
    }
  });
  after(() => remove());

  async function ended(id: string): Promise<QueryExecution> {
    for (;;) {
      const { QueryExecution: query } = await clients.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
      if (query && query.Status?.State !== 'QUEUED' && query.Status?.State !== 'RUNNING') {
        return query;
      }
      await delay(20);
    }
  }
  const start = async (QueryString: string, input: Partial<StartQueryExecutionCommandInput> = {}): Promise<string> =>
    (await clients.athena.send(new StartQueryExecutionCommand({ QueryString, WorkGroup: 'strict', QueryExecutionContext: { Database: 'shop' }, ...input }))).QueryExecutionId ?? '';
  const page = (id: string, NextToken?: string, MaxResults?: number) => clients.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken, MaxResults }));
  async function query(sql: string, input: Partial<StartQueryExecutionCommandInput> = {}): Promise<(string | undefined)[][]> {
    const id = await start(sql, input);
    const { Status } = await ended(id);
    assert.equal(Status?.State, 'SUCCEEDED', Status?.StateChangeReason);
    return ((await page(id)).ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue));
  }
  const failure = async (sql: string): Promise<string> => {
    const { Status } = await ended(await start(sql));
    assert.equal(Status?.State, 'FAILED', sql);
    return Status?.StateChangeReason ?? '';
  };

  it('asks for what a query reads and writes with the rights of whoever started it, and for registered places Lake Formation', async () => {
    const { iam, lakeFormation } = clients;
    const UserName = 'analyst';
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const theirs = new AthenaClient({ ...clientConfig(endpoint), region, credentials: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: 'any' } });
    const may = (Action: readonly string[], Resource: readonly string[] = ['*']) =>
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'analyst', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['athena:*', 'glue:Get*', ...Action], Resource: '*' }, ...(Resource[0] === '*' ? [] : [{ Effect: 'Allow', Action: 's3:*', Resource }])] }) }));
    const ask = async (): Promise<string | undefined> => {
      const { QueryExecutionId: id = '' } = await theirs.send(new StartQueryExecutionCommand({ QueryString: 'SELECT count(*) FROM visits', WorkGroup: 'strict', QueryExecutionContext: { Database: 'shop' } }));
      const { Status } = await ended(id);
      // Who may ask of one's own query only has its work group.
      await theirs.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
      return Status?.State === 'SUCCEEDED' ? undefined : Status?.StateChangeReason;
    };
    await may([]);
    await assert.rejects(ask(), { name: 'InvalidRequestException', message: 'Unable to verify/create output bucket warehouse' });
    await may(['s3:GetBucketLocation']);
    assert.match((await ask()) ?? '', /^PERMISSION_DENIED: Access Denied \(Service: S3, Status Code: 403\): User: arn:aws:iam::000000000000:user\/analyst is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::warehouse"/);
    await may(['s3:GetBucketLocation', 's3:ListBucket', 's3:GetObject']);
    assert.match((await ask()) ?? '', /^PERMISSION_DENIED: Access denied when writing output to url: s3:\/\/warehouse\/results\//);
    await may(['s3:GetBucketLocation', 's3:ListBucket', 's3:GetObject', 's3:PutObject']);
    assert.equal(await ask(), undefined);

    // Of what is registered Lake Formation decides, and S3's policies matter for the results alone.
    const principal = { DataLakePrincipalIdentifier: 'arn:aws:iam::000000000000:user/analyst' };
    const on = { Table: { DatabaseName: 'shop', Name: 'visits' } };
    await lakeFormation.send(new RegisterResourceCommand({ ResourceArn: 'arn:aws:s3:::warehouse/visits', UseServiceLinkedRole: true }));
    await lakeFormation.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Resource: on, Permissions: ['ALL'] }));
    await lakeFormation.send(new GrantPermissionsCommand({ Principal: principal, Resource: on, Permissions: ['DESCRIBE'] }));
    const results = ['arn:aws:s3:::warehouse', 'arn:aws:s3:::warehouse/results/*', 'arn:aws:s3:::warehouse/elsewhere/*'];
    await may([], results);
    assert.match((await ask()) ?? '', /Insufficient Lake Formation permission\(s\): Required Select on visits/);
    await lakeFormation.send(new GrantPermissionsCommand({ Principal: principal, Resource: on, Permissions: ['SELECT'] }));
    assert.match((await ask()) ?? '', /is not authorized to perform: lakeformation:GetDataAccess/);
    await may(['lakeformation:GetDataAccess'], results);
    assert.equal(await ask(), undefined);
    await lakeFormation.send(new GrantPermissionsCommand({ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Resource: on, Permissions: ['ALL'] }));
    await lakeFormation.send(new DeregisterResourceCommand({ ResourceArn: 'arn:aws:s3:::warehouse/visits' }));
  });

  it('gives values as Athena writes them, under a row of names, and nothing for null', async () => {
    const id = await start("SELECT * FROM visits WHERE country = 'es' ORDER BY at");
    const { Statistics, StatementType, Status } = await ended(id);
    assert.equal(Status?.State, 'SUCCEEDED', Status?.StateChangeReason);
    assert.equal(StatementType, 'DML');
    assert.ok((Statistics?.DataScannedInBytes ?? 0) > 1000);
    const { ResultSet } = await page(id);
    const columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
    assert.deepEqual(
      columns.map(({ Name, Type }) => [Name, Type]),
      [['id', 'bigint'], ['name', 'varchar'], ['at', 'timestamp'], ['day', 'date'], ['score', 'double'], ['price', 'decimal'], ['ok', 'boolean'], ['tags', 'array'], ['added_later', 'integer'], ['country', 'varchar']],
    );
    assert.deepEqual([columns[5]?.Precision, columns[5]?.Scale], [10, 2]);
    const rows = (ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue));
    assert.deepEqual(rows, [
      columns.map(({ Name }) => Name),
      ['1', 'plain', '2026-01-31 23:59:58.005', '2026-02-01', '1.5', '1.20', 'true', '[a, null]', undefined, 'es'],
      ['2', 'quote" and, comma', '2026-01-31 23:59:59.005', '2026-02-01', '1.0E20', '1.20', 'false', '[]', undefined, 'es'],
      ['3', 'two\nlines', '2026-02-01 00:00:00.005', '2026-02-01', 'NaN', '1.20', undefined, undefined, undefined, 'es'],
      ['4', '', '2026-02-01 00:00:01.005', '2026-02-01', '0.1', '1.20', 'true', '[b]', undefined, 'es'],
      [undefined, undefined, '2026-02-01 00:00:02.005', '2026-02-01', undefined, '1.20', 'false', '[c]', undefined, 'es'],
    ]);
  });

  it('reads the partitions that the catalog has, where it has them', async () => {
    assert.deepEqual(await query('SELECT count(*), count(id) FROM visits'), [['_col0', '_col1'], ['10', '8']]);
    assert.deepEqual(await query('SELECT country, count(*) AS Visits FROM shop.visits GROUP BY 1 ORDER BY 1'), [['country', 'visits'], ['es', '5'], ['mx', '5']]);
    assert.deepEqual(await query('SELECT * FROM "visits$partitions" ORDER BY country'), [['country'], ['es'], ['mx']]);
    assert.deepEqual((await query('SHOW PARTITIONS visits')).flat().sort(), ['country=es', 'country=mx']);
  });

  it('reads many partitions, and of them those that are asked for', async () => {
    const { glue, s3 } = clients;
    const Columns = [{ Name: 'n', Type: 'int' }];
    const SerdeInfo = { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' };
    for (const [Name, count] of [['few', 8], ['many', 40]] as const) {
      await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name, PartitionKeys: [{ Name: 'part', Type: 'int' }], StorageDescriptor: { Location: `s3://warehouse/${Name}/`, Columns, SerdeInfo } } }));
      await Promise.all(Array.from({ length: count }, async (_, part) => {
        await s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key: `${Name}/part=${part}/rows.json`, Body: `{"n":${part}}\n` }));
        await glue.send(new CreatePartitionCommand({ DatabaseName: 'shop', TableName: Name, PartitionInput: { Values: [String(part)], StorageDescriptor: { Location: `s3://warehouse/${Name}/part=${part}/`, Columns, SerdeInfo } } }));
      }));
      for (const part of [0, 5, 7]) {
        assert.deepEqual(await query(`SELECT n, part FROM ${Name} WHERE part = ${part} ORDER BY n`), [['n', 'part'], [String(part), String(part)]]);
      }
      assert.deepEqual(await query(`SELECT count(*), sum(n), sum(part) FROM ${Name} WHERE part > 2`), [['_col0', '_col1', '_col2'], [count - 3, (count * (count - 1)) / 2 - 3, (count * (count - 1)) / 2 - 3].map(String)]);
    }
  });

  it('speaks the SQL of Trino', async () => {
    const sql = `WITH each AS (SELECT country, at, row_number() OVER (PARTITION BY country ORDER BY at) AS n FROM visits)
      SELECT country, date_trunc('hour', at) AS hour, date_diff('second', timestamp '2026-01-31 23:00:00', at) / 60 AS minutes, 7 / 2 AS whole,
        date_format(at, '%Y/%m/%d %H:%i') AS text, day_of_week(at) AS weekday, count_if(n > 0) OVER () AS all_of_them, CAST(n AS varchar) || '!' AS said
      FROM each WHERE n = 3 AND at >= timestamp '2026-02-01 00:00:00' ORDER BY country DESC LIMIT 1`;
    assert.deepEqual(await query(sql), [
      ['country', 'hour', 'minutes', 'whole', 'text', 'weekday', 'all_of_them', 'said'],
      ['mx', '2026-02-01 00:00:00.000', '60', '3', '2026/02/01 00:00', '7', '2', '3!'],
    ]);
    assert.deepEqual(await query("SELECT country, ok, count(*) AS n FROM visits GROUP BY CUBE (country, ok) HAVING count(*) >= 5 ORDER BY n DESC, country"), [['country', 'ok', 'n'], [undefined, undefined, '10'], ['es', undefined, '5'], ['mx', undefined, '5']]);
    assert.deepEqual(await query("SELECT tag, count(*) AS n FROM visits CROSS JOIN UNNEST(tags) AS u(tag) WHERE tag > 'a' GROUP BY tag ORDER BY tag"), [['tag', 'n'], ['b', '2'], ['c', '2']]);
    assert.deepEqual(await query('SELECT "NAME" FROM "Shop"."Visits" WHERE id = ? AND country = ?', { ExecutionParameters: ['1', "'mx'"] }), [['name'], ['plain']]);
    assert.deepEqual(await query("SELECT count(*) AS n FROM visits WHERE at < now() - interval '1' hour AND at < localtimestamp AND day <= current_date"), [['n'], ['10']]);
    // A subscript is an operator on map(K, V) and K: both become what they have in common.
    assert.deepEqual((await query("SELECT MAP(ARRAY[1, 2], ARRAY['a', 'b'])[BIGINT '1'], MAP(ARRAY[1.5], ARRAY['c'])[1.50], MAP(ARRAY[SMALLINT '1'], ARRAY['d'])[1e0]"))[1], ['a', 'c', 'd']);
    await assert.rejects(query("SELECT MAP(ARRAY[1], ARRAY['a'])['1']"), /Cannot use varchar\(1\) for subscript of map\(integer, varchar\(1\)\)/);
    assert.deepEqual((await query("SELECT split('A-1.b|c', '-')[2], split('a|b', '|')[1], split(name, chr(46))[1] FROM visits WHERE id = 1"))[1], ['1.b|c', 'a', 'plain']);
    assert.deepEqual((await query("SELECT decimal '1.10', CAST(12345678901 AS decimal), date_parse('2026-02-01 10', '%Y-%m-%d %H'), length(format_datetime(at, 'yyyy')), hour(date_parse('10', '%H')) FROM visits LIMIT 1"))[1], ['1.10', '12345678901', '2026-02-01 10:00:00.000', '4', '10']);
    // The zone stays with the time (Trino 476, recorded on 2026-11-28: `TIMESTAMP '2024-07-01 12:00:00' AT TIME ZONE 'America/New_York'`).
    assert.deepEqual((await query("SELECT at AT TIME ZONE 'America/Mexico_City', hour(at AT TIME ZONE 'America/Mexico_City') FROM visits WHERE id = 1"))[1], ['2026-01-31 17:59:58.005 America/Mexico_City', '17']);
    assert.deepEqual(await query('SELECT country, ok, grouping(country, ok) AS g FROM visits GROUP BY ROLLUP (country, ok) HAVING grouping(country, ok) > 0 ORDER BY 3 DESC, 1'), [['country', 'ok', 'g'], [undefined, undefined, '3'], ['es', undefined, '1'], ['mx', undefined, '1']]);
    assert.deepEqual(await query("VALUES (1, 'a'), (2, NULL)"), [['_col0', '_col1'], ['1', 'a'], ['2', undefined]]);
  });

  it('writes letters between the fields of a date, orders what it collects, and gives digests as bytes', async () => {
    assert.deepEqual((await query("SELECT date_format(at, '%Y-%m-%dT%H:%i:%sZ'), date_format(at, '%e de %M, h o''clock'), date_format(at, 'yyyy-MM'), date_parse('2026-02-01T10:11:12', '%Y-%m-%dT%H:%i:%s') FROM visits WHERE id = 1"))[1], ['2026-01-31T23:59:58Z', "31 de January, h o'clock", 'yyyy-MM', '2026-02-01 10:11:12.000']);
    assert.deepEqual((await query("SELECT array_agg(n ORDER BY n DESC), array_agg(DISTINCT t ORDER BY t), array_agg(n ORDER BY t DESC, n) FILTER (WHERE n < 3) FROM (VALUES (2, 'a'), (3, 'b'), (1, 'b'), (2, 'c')) AS v (n, t)"))[1], ['[3, 2, 2, 1]', '[a, b, c]', '[2, 1, 2]']);
    assert.deepEqual((await query("SELECT to_hex(md5(to_utf8(name))), to_hex(sha1(to_utf8(name))), substr(to_hex(sha256(to_utf8(name))), 1, 8), substr(to_hex(sha512(to_utf8(name))), 1, 8) FROM visits WHERE id = 1"))[1], ['md5', 'sha1', 'sha256', 'sha512'].map((kind) => createHash(kind).update('plain').digest('hex').toUpperCase().slice(0, kind.length > 4 ? 8 : undefined)));
    assert.deepEqual((await query("SELECT date_trunc('month', day), date_trunc('year', CAST(at AS date)), date_trunc('day', at) FROM visits WHERE id = 1"))[1], ['2026-02-01', '2026-01-01', '2026-01-31 00:00:00.000']);
    assert.deepEqual(await query("SELECT if(id > 1, 'late') AS late, CASE WHEN id > 1 THEN 'late' END AS also FROM visits WHERE country = 'es' AND id < 3 ORDER BY id"), [['late', 'also'], [undefined, undefined], ['late', 'late']]);
  });

  it('reads CSV and JSON as their serdes say', async () => {
    const { glue, s3 } = clients;
    await s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key: 'csv/a.csv', Body: 'id;name\n1;"a;b"\n' }));
    await s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key: 'json/a.json', Body: '{"id":1,"n":{"k":[1,2]}}\n{"id":2}\n' }));
    const table = (Name: string, Location: string, Columns: Column[], SerializationLibrary: string, serde: Record<string, string> = {}, Parameters: Record<string, string> = {}) =>
      glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name, Parameters, StorageDescriptor: { Location, Columns, SerdeInfo: { SerializationLibrary, Parameters: serde } } } }));
    await table('as_csv', 's3://warehouse/csv/', [{ Name: 'id', Type: 'string' }, { Name: 'name', Type: 'string' }], 'org.apache.hadoop.hive.serde2.OpenCSVSerde', { separatorChar: ';' }, { 'skip.header.line.count': '1' });
    await s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key: 'text/a.csv', Body: 'id,name,score\n1,,1.5\n2,\\N,x\n' }));
    const typed: Column[] = [{ Name: 'id', Type: 'int' }, { Name: 'name', Type: 'string' }, { Name: 'score', Type: 'double' }];
    await table('as_text', 's3://warehouse/text/', typed, 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe', { 'field.delim': ',' });
    await table('as_json', 's3://warehouse/json', [{ Name: 'id', Type: 'int' }, { Name: 'n', Type: 'struct<k:array<int>>' }], 'org.openx.data.jsonserde.JsonSerDe');
    await table('as_orc', 's3://warehouse/orc', [{ Name: 'id', Type: 'int' }], 'org.apache.hadoop.hive.ql.io.orc.OrcSerde');
    assert.deepEqual(await query('SELECT * FROM as_csv'), [['id', 'name'], ['1', 'a;b']]);
    assert.deepEqual(await query('SELECT * FROM as_text ORDER BY id NULLS FIRST'), [['id', 'name', 'score'], [undefined, 'name', undefined], ['1', '', '1.5'], ['2', undefined, undefined]]);
    assert.deepEqual(await query('SELECT count(*), sum(score) FROM as_text WHERE id = 1'), [['_col0', '_col1'], ['1', '1.5']]);
    assert.deepEqual(await query('SELECT id, n, n.k[1] AS first FROM as_json ORDER BY id'), [['id', 'n', 'first'], ['1', '{k=[1, 2]}', '1'], ['2', undefined, undefined]]);
    assert.match(await failure('SELECT * FROM as_orc'), /^HIVE_UNSUPPORTED_FORMAT: /);
  });

  it('tells of the catalog what Glue has in it', async () => {
    const inCatalog = { CatalogName: 'AwsDataCatalog', DatabaseName: 'shop' };
    const names = async () => (await clients.athena.send(new ListDatabasesCommand({ CatalogName: 'AwsDataCatalog' }))).DatabaseList?.map(({ Name }) => Name);
    assert.deepEqual(await names(), (await clients.glue.send(new GetDatabasesCommand({}))).DatabaseList?.map(({ Name }) => Name));
    assert.equal((await clients.athena.send(new GetDatabaseCommand(inCatalog))).Database?.Name, 'shop');
    const { TableMetadata } = await clients.athena.send(new GetTableMetadataCommand({ ...inCatalog, TableName: 'visits' }));
    assert.deepEqual(TableMetadata?.Columns, visitColumns);
    assert.deepEqual(TableMetadata?.PartitionKeys, [{ Name: 'country', Type: 'string' }]);
    assert.equal(TableMetadata?.Parameters?.['location'], 's3://warehouse/visits/');
    assert.ok(TableMetadata?.CreateTime instanceof Date);
    const listed = await clients.athena.send(new ListTableMetadataCommand({ ...inCatalog, Expression: 'visi.*' }));
    assert.deepEqual(listed.TableMetadataList?.map(({ Name }) => Name), ['visits']);
    assert.deepEqual((await clients.athena.send(new ListTableMetadataCommand({ ...inCatalog, Expression: 'none.*' }))).TableMetadataList, []);
    await assert.rejects(clients.athena.send(new GetTableMetadataCommand({ ...inCatalog, TableName: 'none' })), { name: 'MetadataException', message: /EntityNotFoundException/ });
    await assert.rejects(clients.athena.send(new ListDatabasesCommand({ CatalogName: 'elsewhere' })), { name: 'InvalidRequestException' });
  });

  it('gives big results page by page, and each row once', async () => {
    const id = await start("SELECT n, 'row ' || CAST(n AS varchar) AS text FROM UNNEST(sequence(1, 2500)) AS s(n) ORDER BY n");
    await ended(id);
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    let token: string | undefined;
    do {
      const { ResultSet, NextToken } = await page(id, token);
      seen.push(...(ResultSet?.Rows ?? []).map(({ Data }) => Data?.[0]?.VarCharValue));
      sizes.push(ResultSet?.Rows?.length ?? 0);
      token = NextToken;
    } while (token);
    assert.deepEqual(seen, ['n', ...Array.from({ length: 2500 }, (_, index) => String(index + 1))]);
    assert.deepEqual(sizes, [1000, 1000, 501]);
    const few = await page(id, undefined, 2);
    assert.equal(few.ResultSet?.Rows?.length, 2);
    assert.deepEqual((await page(id, few.NextToken, 1)).ResultSet?.Rows?.[0]?.Data?.map(({ VarCharValue }) => VarCharValue), ['2', 'row 2']);
    await assert.rejects(page(id, undefined, 1001), { name: 'InvalidRequestException' });
    await assert.rejects(page(id, 'nonsense'), { name: 'InvalidRequestException' });
  });

  it('takes a row apart wherever what was read of it ends', () => {
    const text = '"a","b""c",\n,"d\ne,""",""\n';
    const whole = takeRows(Buffer.from(text), 10, true);
    assert.deepEqual(whole, { rows: [['a', 'b"c', null], [null, 'd\ne,"', '']], used: text.length });
    for (let end = 0; end < text.length; end++) {
      const { rows, used } = takeRows(Buffer.from(text.slice(0, end)), 10, false);
      assert.deepEqual([...rows, ...takeRows(Buffer.from(text.slice(used)), 10, true).rows], whole.rows, `cut at ${end}`);
    }
  });

  it('writes the result to the place that the work group enforces, as CSV with its columns beside it', async () => {
    const id = await start("SELECT 1 AS a, CAST(NULL AS varchar) AS b, 'say \"x\"' AS c", { ResultConfiguration: { OutputLocation: 's3://warehouse/mine/' } });
    const { ResultConfiguration, WorkGroup } = await ended(id);
    assert.equal(WorkGroup, 'strict');
    assert.equal(ResultConfiguration?.OutputLocation, `s3://warehouse/results/${id}.csv`);
    const object = await clients.s3.send(new GetObjectCommand({ Bucket: 'warehouse', Key: `results/${id}.csv` }));
    assert.equal(await object.Body?.transformToString(), '"a","b","c"\n"1",,"say ""x"""\n');
    const { Contents } = await clients.s3.send(new ListObjectsV2Command({ Bucket: 'warehouse', Prefix: `results/${id}` }));
    assert.deepEqual(Contents?.map(({ Key }) => Key), [`results/${id}.csv`, `results/${id}.csv.metadata`]);
  });

  it('writes it where the client says when no work group forbids it, and refuses to guess', async () => {
    const id = await start('SELECT 1', { WorkGroup: 'primary', ResultConfiguration: { OutputLocation: 's3://warehouse/mine' } });
    assert.equal((await ended(id)).ResultConfiguration?.OutputLocation, `s3://warehouse/mine/${id}.csv`);
    await assert.rejects(start('SELECT 1', { WorkGroup: 'primary' }), { name: 'InvalidRequestException', message: /^No output location provided\./ });
    await assert.rejects(start('SELECT 1', { WorkGroup: 'nobody' }), { name: 'InvalidRequestException', message: /WorkGroup nobody is not found/ });
    const lost = await ended(await start('SELECT 1', { WorkGroup: 'primary', ResultConfiguration: { OutputLocation: 's3://no-such-bucket/' } }));
    assert.equal(lost.Status?.State, 'FAILED');
    assert.match(lost.Status?.StateChangeReason ?? '', /no-such-bucket/);
  });

  it('says what is wrong with a query, and where', async () => {
    assert.equal(await failure('SELECT * FROM nothing_here'), "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nothing_here' does not exist");
    assert.equal(await failure('SELECT 1\n FROM nowhere.visits'), "SCHEMA_NOT_FOUND: line 2:7: Schema 'nowhere' does not exist");
    assert.equal(await failure('SELECT id, nope FROM visits'), "COLUMN_NOT_FOUND: line 1:12: Column 'nope' cannot be resolved or requester is not authorized to access requested resources");
    assert.equal(await failure('SELECT frobnicate(id) FROM visits'), "FUNCTION_NOT_FOUND: line 1:8: Function 'frobnicate' not registered");
    assert.match(await failure('SELECT name, count(*) FROM visits'), /^EXPRESSION_NOT_AGGREGATE: line 1:8: 'name' must be an aggregate expression/);
    assert.match(await failure('SELECT id FROM visits GROUP BY name'), /^EXPRESSION_NOT_AGGREGATE: line 1:8: 'id' must be an aggregate expression/);
    assert.match(await failure("SELECT CAST('x' AS bigint)"), /^INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT$/);
    assert.match(await failure('DELETE FROM visits'), /^NOT_SUPPORTED: .* does not run DELETE\./);
    assert.match(await failure('SHOW FUNCTIONS'), /^NOT_SUPPORTED: .* does not run SHOW FUNCTIONS\..* TABLES/);
    const id = await start('SELECT nope FROM visits');
    assert.equal((await ended(id)).Status?.AthenaError?.ErrorCategory, 2);
    await assert.rejects(page(id), { name: 'InvalidRequestException', message: /Final query state: FAILED/ });
  });

  // The engine would answer most of them; what a learner writes here is to run on AWS. An operation stands where its operator does.
  it('says of types and functions what Athena says of them', async () => {
    const wrong: [string, string][] = [
      ['SELECT * FROM visits WHERE at > 5', 'TYPE_MISMATCH: line 1:31: Cannot apply operator: timestamp(3) < integer'],
      ["SELECT * FROM visits WHERE day = '2026-02-01'", 'TYPE_MISMATCH: line 1:32: Cannot apply operator: date = varchar(10)'],
      ['SELECT *\nFROM visits\nWHERE country = 3', 'TYPE_MISMATCH: line 3:15: Cannot apply operator: varchar = integer'],
      ["SELECT * FROM visits WHERE id BETWEEN '1' AND '2'", 'TYPE_MISMATCH: line 1:31: Cannot check if bigint is BETWEEN varchar(1) and varchar(1)'],
      [
        "SELECT * FROM visits WHERE id IN (1, '2')",
        'TYPE_MISMATCH: line 1:38: IN value and list items must be the same type or coercible to a common type. Cannot find common type between bigint and varchar(1), all types (without duplicates): [bigint, integer, varchar(1)]',
      ],
      ['SELECT * FROM visits WHERE id IN (SELECT name FROM visits)', 'TYPE_MISMATCH: line 1:31: Value expression and result of subquery must be of the same type: row(bigint) vs row(name varchar)'],
      ['SELECT * FROM visits v JOIN as_counted c ON v.id = c.name', 'TYPE_MISMATCH: line 1:50: Cannot apply operator: bigint = varchar'],
      ['WITH d AS (SELECT date(at) AS d FROM visits) SELECT * FROM d WHERE d > 5', 'TYPE_MISMATCH: line 1:70: Cannot apply operator: date < integer'],
      ['SELECT day - 1 FROM visits', 'TYPE_MISMATCH: line 1:12: Cannot apply operator: date - integer'],
      ['SELECT * FROM visits WHERE name', 'TYPE_MISMATCH: line 1:28: WHERE clause must evaluate to a boolean: actual type varchar'],
      ['SELECT * FROM visits WHERE ok AND id', 'TYPE_MISMATCH: line 1:35: Logical expression term must evaluate to a boolean (actual: bigint)'],
      ["SELECT * FROM visits WHERE id LIKE '1%'", 'TYPE_MISMATCH: line 1:28: Left side of LIKE expression must evaluate to a varchar (actual: bigint)'],
      [
        "SELECT CASE WHEN ok THEN 'a' ELSE 0 END FROM visits",
        'TYPE_MISMATCH: line 1:35: All CASE results must be the same type or coercible to a common type. Cannot find common type between varchar(1) and integer, all types (without duplicates): [varchar(1), integer]',
      ],
      ["SELECT if(ok, 1, 'x') FROM visits", 'TYPE_MISMATCH: line 1:8: Result types for IF must be the same: integer vs varchar(1)'],
      ['SELECT CAST(at AS bigint) FROM visits', 'TYPE_MISMATCH: line 1:8: Cannot cast timestamp(3) to bigint'],
      ['SELECT id FROM visits UNION SELECT name FROM visits', 'TYPE_MISMATCH: line 1:23: column 1 in UNION query has incompatible types: bigint, varchar'],
      ['SELECT id, name FROM visits UNION ALL SELECT id FROM visits', 'TYPE_MISMATCH: line 1:29: UNION query has different number of fields: 2, 1'],
      ['SELECT length(id) FROM visits', 'FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (bigint) for function length. Expected: length(char(x)), length(varbinary), length(varchar(x))'],
      ['SELECT md5(name) FROM visits', 'FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar) for function md5. Expected: md5(varbinary)'],
      [
        'SELECT name || id FROM visits',
        'FUNCTION_NOT_FOUND: line 1:13: Unexpected parameters (varchar, bigint) for function concat. Expected: concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)',
      ],
      // Taken, and refused when they run: they are SQL. The last fails in the midst of its rows.
      ['SELECT * FROM visits NATURAL JOIN visits AS v', 'NOT_SUPPORTED: line 1:15: Natural join not supported'],
      ['SELECT id FROM visits FETCH FIRST 1 ROW WITH TIES', 'MISSING_ORDER_BY: line 1:23: FETCH FIRST WITH TIES clause requires ORDER BY'],
      ['WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r', "NOT_SUPPORTED: Recursion depth limit exceeded (10). Use 'max_recursion_depth' session property to modify the limit."],
      ["SELECT nvl(name, 'x') FROM visits", "FUNCTION_NOT_FOUND: line 1:8: Function 'nvl' not registered"],
      ['SELECT * FROM visits WHERE count(*) > 5', 'EXPRESSION_NOT_SCALAR: line 1:37: WHERE clause cannot contain aggregations, window functions or grouping operations: [count(*)]'],
      ["SELECT date_trunc('day', at) AS d FROM visits GROUP BY d", "COLUMN_NOT_FOUND: line 1:56: Column 'd' cannot be resolved or requester is not authorized to access requested resources"],
      ['SELECT id * 2 AS twice FROM visits WHERE twice > 3', "COLUMN_NOT_FOUND: line 1:42: Column 'twice' cannot be resolved or requester is not authorized to access requested resources"],
    ];
    await query('CREATE OR REPLACE VIEW as_counted AS SELECT name, count(*) AS n FROM visits GROUP BY name');
    await Promise.all(wrong.map(async ([sql, reason]) => assert.equal(await failure(sql), reason, sql)));
    const right = ["at > timestamp '2026-01-01 00:00:00'", 'at < now()', "at >= date '2026-01-01'", 'price > 1', 'score < id + 1.5', "day + interval '1' day > at", 'id IN (1, 2.5, NULL)', "name || country LIKE '%es'", "coalesce(added_later, id) BETWEEN 1 AND 2e0", "length(name) > 3 AND NOT ok", "n.name = 'plain'"];
    assert.deepEqual(await query("SELECT y FROM UNNEST(ARRAY[1, 2], ARRAY['a', 'b']) AS t(x, y) WHERE x = 1 AND y = 'a'"), [['y'], ['a']]);
    await Promise.all(right.map((condition) => query(`SELECT count(*) FROM visits v JOIN as_counted n USING (name) WHERE ${condition.replace('n.name', 'name')} GROUP BY country ORDER BY 1`)));
  });

  it('tells the file of each row, and the number of each element', async () => {
    assert.deepEqual(await query('SELECT "$path", count(*) FROM visits GROUP BY 1 ORDER BY 1'), [['$path', '_col1'], ['s3://warehouse/elsewhere/3.parquet', '5'], ['s3://warehouse/visits/country=es/1.parquet', '5']]);
    assert.deepEqual(await query(`SELECT v.*, "$path" AS file FROM visits v WHERE id = 1 AND "$path" LIKE '%elsewhere%'`), [
      [...visitColumns.map(({ Name }) => Name), 'country', 'file'],
      ['1', 'plain', '2026-01-31 23:59:58.005', '2026-02-01', '1.5', '1.20', 'true', '[a, null]', undefined, 'mx', 's3://warehouse/elsewhere/3.parquet'],
    ]);
    assert.deepEqual(await query("SELECT id, tag, n FROM visits CROSS JOIN UNNEST(tags) WITH ORDINALITY AS t(tag, n) WHERE country = 'es' AND n <= id ORDER BY id, n"), [['id', 'tag', 'n'], ['1', 'a', '1'], ['4', 'b', '1']]);
    assert.deepEqual(await query("SELECT * FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, n) ORDER BY n DESC"), [['x', 'n'], ['b', '2'], ['a', '1']]);
  });

  it('checks a query that is to be explained, and shows no other engine\'s plan', async () => {
    assert.match(await failure('EXPLAIN SELECT id FROM visits'), /^NOT_SUPPORTED: The query is right, .* Run the query without EXPLAIN/);
    assert.match(await failure('EXPLAIN ANALYZE SELECT nope FROM visits'), /^COLUMN_NOT_FOUND: line 1:24: Column 'nope'/);
  });

  it('makes tables over files that are there, and registers their partitions', async () => {
    for (const day of ['2026-01-31', '2026-02-01']) {
      await clients.s3.send(new PutObjectCommand({ Bucket: 'warehouse', Key: `logs/day=${day}/a.csv`, Body: `id,said\n1,"hello, ${day}"\n2,\n` }));
    }
    await query(`CREATE EXTERNAL TABLE IF NOT EXISTS shop.logs (
        id int COMMENT 'the key',
        \`said\` string
      ) PARTITIONED BY (day string)
      ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('separatorChar' = ',')
      LOCATION 's3://warehouse/logs/' TBLPROPERTIES ('skip.header.line.count' = '1')`);
    const read = () => query('SELECT id, said, day FROM logs ORDER BY day, id');
    assert.deepEqual(await read(), [['id', 'said', 'day']]);
    assert.deepEqual(await query('MSCK REPAIR TABLE logs'), [['Partitions not in metastore:\tlogs:day=2026-01-31\tlogs:day=2026-02-01'], ['Repair: Added partition to metastore logs:day=2026-01-31'], ['Repair: Added partition to metastore logs:day=2026-02-01']]);
    assert.deepEqual(await query('MSCK REPAIR TABLE logs'), []);
    const rows = await read();
    // An empty field of OpenCSVSerde is an empty text (Trino 476's Hive connector, recorded on 2026-11-28).
    assert.deepEqual(rows.slice(1), [['1', 'hello, 2026-01-31', '2026-01-31'], ['2', '', '2026-01-31'], ['1', 'hello, 2026-02-01', '2026-02-01'], ['2', '', '2026-02-01']]);
    await query("ALTER TABLE logs DROP PARTITION (day = '2026-01-31')");
    assert.match(await failure("ALTER TABLE logs DROP PARTITION (day = '2026-01-31')"), /day=2026-01-31 of shop\.logs does not exist/);
    await query("ALTER TABLE logs ADD IF NOT EXISTS PARTITION (day = 'first') LOCATION 's3://warehouse/logs/day=2026-01-31/' PARTITION (day = '2026-02-01')");
    assert.deepEqual((await query('SHOW PARTITIONS logs')).flat().sort(), ['day=2026-02-01', 'day=first']);
    // What SHOW CREATE TABLE says makes the table again.
    const shown = (await query('SHOW CREATE TABLE logs')).flat().join('\n');
    await query('DROP TABLE logs');
    await query(shown);
    assert.equal((await query('SHOW CREATE TABLE logs')).flat().join('\n'), shown);
    assert.match(shown, /^CREATE EXTERNAL TABLE `shop\.logs`\(\n {2}`id` int COMMENT 'the key', \n {2}`said` string\)\nPARTITIONED BY \( \n {2}`day` string\)\nROW FORMAT SERDE \n/);
    assert.match(await failure("CREATE EXTERNAL TABLE logs (id int) LOCATION 's3://warehouse/logs/'"), /^FAILED: Execution Error, return code 1 from \S+DDLTask\. AlreadyExistsException\(message:Table logs already exists\.\)$/);
    assert.match(await failure('CREATE TABLE plain (id int)'), /^NOT_SUPPORTED: .*CREATE EXTERNAL TABLE … LOCATION/);
    assert.match(await failure("CREATE EXTERNAL TABLE o (id int) STORED AS ORC LOCATION 's3://warehouse/o/'"), /^NOT_SUPPORTED: .* in ORC/);
    await query('ALTER TABLE logs ADD COLUMNS (later int)');
    assert.deepEqual(await query('SHOW COLUMNS IN logs'), [['id'], ['said'], ['later'], ['day']]);
    await query("CREATE EXTERNAL TABLE narrow (id int) STORED AS PARQUET LOCATION 's3://warehouse/elsewhere/'");
    assert.equal(await failure('SELECT * FROM narrow'), "HIVE_BAD_DATA: Field id's type INT64 in parquet file is incompatible with type integer defined in table schema");
    await query('DROP TABLE narrow');
    assert.match(await failure('SHOW PARTITIONS as_counted'), /^FAILED: Execution Error, .* is not a partitioned table$/);
    assert.match(await failure('DROP DATABASE shop'), /^FAILED: Execution Error, .* InvalidOperationException\(message:Database shop is not empty\./);
    await query('DROP TABLE logs');
  });

  it('takes only what is a statement', async () => {
    await assert.rejects(start('SELEC 1'), { name: 'InvalidRequestException', message: /^line 1:1: mismatched input 'SELEC'\. Expecting: / });
    await assert.rejects(start('SELECT *\nFROM'), { name: 'InvalidRequestException', message: /^line 2:5: mismatched input '<EOF>'/ });
    await assert.rejects(start('SELECT 1 +'), { name: 'InvalidRequestException', message: /^line 1:11: mismatched input '<EOF>'/ });
    await assert.rejects(start('SELECT id, FROM visits'), { name: 'InvalidRequestException', message: /^line 1:12: mismatched input 'FROM'\. Expecting: / });
    await assert.rejects(start('SELECT FROM visits'), { name: 'InvalidRequestException', message: /^line 1:8: mismatched input 'FROM'\. Expecting: / });
    await assert.rejects(start('SELECT 1; SELECT 2'), { name: 'InvalidRequestException', message: /^Only one sql statement is allowed/ });
    await assert.rejects(start('SELECT `id` FROM visits'), { name: 'InvalidRequestException', message: 'line 1:8: backquoted identifiers are not supported; use double quotes to quote identifiers' });
    await assert.rejects(start("SELECT id FROM visits WHERE name == 'a'"), { name: 'InvalidRequestException', message: /^line 1:35: mismatched input '='/ });
    await assert.rejects(start("SELECT 'a FROM visits"), { name: 'InvalidRequestException', message: /^line 1:8: mismatched input '''/ });
    await assert.rejects(start('SELECT id FROM visits GROUP BY'), { name: 'InvalidRequestException', message: /^line 1:31: mismatched input '<EOF>'/ });
    await assert.rejects(start('SELECT id FROM visits LIMIT 1 OFFSET 2'), { name: 'InvalidRequestException', message: /^line 1:31: mismatched input 'OFFSET'/ });
    assert.deepEqual(await query('SELECT n FROM (VALUES 1, 2, 3) AS v (n) ORDER BY n OFFSET 1 LIMIT 1'), [['n'], ['2']]);
    await assert.rejects(start('-- nothing'), { name: 'InvalidRequestException', message: /^line 1:11: mismatched input '<EOF>'/ });
    await assert.rejects(start(' '), { name: 'InvalidRequestException' });
    await assert.rejects(page('00000000-0000-0000-0000-000000000000'), { name: 'InvalidRequestException', message: /was not found/, AthenaErrorCode: 'QUERY_EXECUTION_NOT_FOUND' });
  });

  it('lists and describes what the catalog has', async () => {
    assert.ok((await query('SHOW DATABASES')).flat().includes('shop'));
    assert.deepEqual((await query("SHOW TABLES IN shop 'vis*'")).flat(), ['visits']);
    const described = (await query('DESCRIBE shop.visits')).map(([line = '']) => line.split('\t').map((value) => value.trim()));
    assert.deepEqual(described[0], ['id', 'bigint', '']);
    assert.ok(described.some(([name, type]) => name === 'country' && type === 'string'));
    assert.deepEqual(
      await query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'visits' AND ordinal_position IN (1, 2, 10) ORDER BY ordinal_position"),
      [['column_name', 'data_type'], ['id', 'bigint'], ['name', 'varchar'], ['country', 'varchar']],
    );
    assert.match(await failure('SHOW TABLES IN nowhere'), /^SCHEMA_NOT_FOUND/);
  });

  it('makes views and tables, adds to them and drops them', async () => {
    await query('CREATE OR REPLACE VIEW busy AS SELECT country, count(*) AS n FROM visits GROUP BY country');
    assert.deepEqual(await query('SELECT sum(n) AS n FROM busy'), [['n'], ['10']]);
    await query("CREATE TABLE kept WITH (format = 'PARQUET', external_location = 's3://warehouse/kept/') AS SELECT id, name, at FROM visits WHERE id < 3");
    const { Table } = await clients.glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'kept' }));
    assert.deepEqual(Table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type]), [['id', 'bigint'], ['name', 'string'], ['at', 'timestamp']]);
    await query("INSERT INTO kept (name, id) VALUES ('new', 9)");
    assert.deepEqual(await query('SELECT count(*), max(id), max(name) FROM kept'), [['_col0', '_col1', '_col2'], ['5', '9', 'quote" and, comma']]);
    assert.match(await failure('CREATE TABLE kept AS SELECT 1 AS a'), /^TABLE_ALREADY_EXISTS/);
    assert.equal(await failure("INSERT INTO kept SELECT name, id, at FROM visits"), 'TYPE_MISMATCH: Insert query has mismatched column types: Table: [bigint, varchar, timestamp(3)], Query: [varchar, bigint, timestamp(3)]');
    assert.match(await failure('INSERT INTO kept VALUES (1)'), /^TYPE_MISMATCH: Insert query has mismatched column types: Table: \[bigint, varchar, timestamp\(3\)\], Query: \[integer\]$/);
    await query('DROP TABLE kept');
    await query('DROP VIEW busy');
    await query("CREATE TABLE by_name WITH (format = 'PARQUET', external_location = 's3://warehouse/by-name/', partitioned_by = ARRAY['day', 'said']) AS SELECT id, day, name AS said FROM visits WHERE id < 3");
    await query("INSERT INTO by_name VALUES (7, date '2026-03-01', 'a:b')");
    assert.deepEqual(await query('SELECT said, day, count(*) AS n FROM by_name GROUP BY said, day ORDER BY said'), [['said', 'day', 'n'], ['a:b', '2026-03-01', '1'], ['plain', '2026-02-01', '2'], ['quote" and, comma', '2026-02-01', '2']]);
    assert.equal((await query('SHOW PARTITIONS by_name')).length, 3);
    assert.match(await failure("CREATE TABLE wrong WITH (partitioned_by = ARRAY['id']) AS SELECT id, name FROM visits"), /^HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns/);
    assert.match(await failure('DROP TABLE kept'), /^TABLE_NOT_FOUND/);
    await query('DROP TABLE IF EXISTS kept');
  });

  it('tells of what it wrote: which files, how many rows, and no result of its own', async () => {
    const rowsOf = (result: GetQueryResultsCommandOutput) => [result.UpdateCount, result.ResultSet?.Rows, result.ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name, Type }) => `${Name} ${Type}`)];
    const manifestOf = async ({ Statistics }: QueryExecution): Promise<string[]> => {
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(Statistics?.DataManifestLocation ?? '') ?? [];
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString() ?? '').split('\n').filter(Boolean);
    };
    const made = await ended(await start("CREATE TABLE tides WITH (external_location = 's3://warehouse/tides/') AS SELECT id, name FROM visits WHERE id < 3"));
    assert.deepEqual([made.StatementType, made.SubstatementType, made.ResultConfiguration?.OutputLocation], ['DML', 'CREATE_TABLE_AS_SELECT', `s3://warehouse/results/tables/${made.QueryExecutionId}`]);
    assert.equal(made.Statistics?.DataManifestLocation, `s3://warehouse/results/tables/${made.QueryExecutionId}-manifest.csv`);
    const files = (await clients.s3.send(new ListObjectsV2Command({ Bucket: 'warehouse', Prefix: 'tides/' }))).Contents?.map(({ Key }) => `s3://warehouse/${Key}`);
    assert.deepEqual(await manifestOf(made), files);
    assert.deepEqual(rowsOf(await page(made.QueryExecutionId ?? '')), [4, [], ['rows bigint']]);
    const added = await ended(await start("INSERT INTO tides VALUES (1, 'ebb'), (2, 'flow')"));
    assert.deepEqual([added.StatementType, added.SubstatementType, added.ResultConfiguration?.OutputLocation], ['DML', 'INSERT', `s3://warehouse/results/${added.QueryExecutionId}`]);
    assert.deepEqual(await manifestOf(added), [`s3://warehouse/tides/${added.QueryExecutionId}.parquet`]);
    assert.deepEqual(rowsOf(await page(added.QueryExecutionId ?? '')), [2, [], ['rows bigint']]);
    const parted = await ended(await start("CREATE TABLE by_ebb WITH (partitioned_by = ARRAY['name']) AS SELECT id, name FROM tides WHERE name IN ('ebb', 'flow')"));
    assert.deepEqual((await manifestOf(parted)).map((file) => /name=\w+/.exec(file)?.[0]), ['name=ebb', 'name=flow']);
    const read = await ended(await start('SELECT 1 AS one'));
    assert.equal(read.Statistics?.DataManifestLocation, undefined);
    await query('DROP TABLE tides');
    await query('DROP TABLE by_ebb');
  });

  it('takes a database in backquotes, and has the catalog of the account', async () => {
    const inBackquotes = { QueryExecutionContext: { Database: '`shop`' } };
    assert.deepEqual(await query('SELECT count(*) AS n FROM visits', inBackquotes), [['n'], ['10']]);
    for (const statement of ['DESCRIBE `by_name`', 'SHOW CREATE TABLE `by_name`', 'MSCK REPAIR TABLE `by_name`', 'SHOW PARTITIONS `by_name`']) {
      await query(statement, inBackquotes);
    }
    assert.deepEqual((await clients.athena.send(new ListDataCatalogsCommand({}))).DataCatalogsSummary, [{ CatalogName: 'AwsDataCatalog', Type: 'GLUE' }]);
    assert.equal((await clients.athena.send(new GetDataCatalogCommand({ Name: 'AwsDataCatalog' }))).DataCatalog?.Type, 'GLUE');
    await assert.rejects(clients.athena.send(new GetDataCatalogCommand({ Name: 'elsewhere' })), { name: 'InvalidRequestException', message: 'DataCatalog elsewhere was not found' });
  });

  it('knows a request again by its token', async () => {
    await assert.rejects(start('SELECT 1', { ClientRequestToken: 'short' }), { name: 'InvalidRequestException', message: /'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32$/ });
    const [first, second] = await Promise.all([start('SELECT 1', { ClientRequestToken: 'a-token-of-at-least-32-characters' }), start('SELECT 1', { ClientRequestToken: 'a-token-of-at-least-32-characters' })]);
    assert.equal(first, second);
    await assert.rejects(start('SELECT 2', { ClientRequestToken: 'a-token-of-at-least-32-characters' }), { name: 'InvalidRequestException', message: /Idempotent parameters do not match/, AthenaErrorCode: 'IDEMPOTENT_PARAMETER_MISMATCH' });
  });

  it('takes an earlier result again where it may, and only there', async () => {
    const sql = 'SELECT random() AS dice';
    const reuse = (MaxAgeInMinutes?: number) => ({ ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes } } });
    const thrown = async (text: string, input: Partial<StartQueryExecutionCommandInput> = {}) => {
      const id = await start(text, input);
      const { Statistics, ResultReuseConfiguration, ResultConfiguration } = await ended(id);
      return { dice: (await page(id)).ResultSet?.Rows?.[1]?.Data?.[0]?.VarCharValue, reused: Statistics?.ResultReuseInformation?.ReusedPreviousResult, asked: ResultReuseConfiguration?.ResultReuseByAgeConfiguration, file: ResultConfiguration?.OutputLocation ?? '' };
    };
    const first = await thrown(sql);
    assert.deepEqual([first.reused, first.asked], [false, { Enabled: false }]);
    assert.deepEqual(await thrown(sql, reuse()), { ...first, reused: true, asked: { Enabled: true, MaxAgeInMinutes: 60 } });
    for (const other of [await thrown(sql), await thrown(`${sql} `, reuse()), await thrown(sql, reuse(0)), await thrown(sql, { ...reuse(), QueryExecutionContext: { Database: 'default' } })]) {
      assert.equal(other.reused, false);
    }
    await assert.rejects(start(sql, reuse(10_081)), { name: 'InvalidRequestException', message: /less than or equal to 10080/ });
    // What is no longer there is asked for anew.
    const once = await thrown('SELECT random() AS once');
    await clients.s3.send(new DeleteObjectCommand({ Bucket: 'warehouse', Key: once.file.replace('s3://warehouse/', '') }));
    assert.equal((await thrown('SELECT random() AS once', reuse())).reused, false);
  });

  const endless = 'WITH s AS (SELECT n FROM UNNEST(sequence(1, 3000)) AS u(n)) SELECT count(*) FROM s a, s b, s c, s d WHERE (a.n + b.n + c.n + d.n) % 7 = 3';

  it('cancels what runs and what waits, and goes on with the rest', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => start(endless)));
    const states = await clients.athena.send(new BatchGetQueryExecutionCommand({ QueryExecutionIds: [...ids, 'unknown'] }));
    assert.deepEqual(new Set(states.QueryExecutions?.map(({ Status }) => Status?.State)), new Set(['RUNNING', 'QUEUED']));
    assert.deepEqual(states.UnprocessedQueryExecutionIds?.map(({ QueryExecutionId }) => QueryExecutionId), ['unknown']);
    for (const QueryExecutionId of ids) {
      await clients.athena.send(new StopQueryExecutionCommand({ QueryExecutionId }));
      assert.equal((await ended(QueryExecutionId)).Status?.State, 'CANCELLED');
      await clients.athena.send(new StopQueryExecutionCommand({ QueryExecutionId }));
    }
    assert.deepEqual(await query('SELECT 1 AS one'), [['one'], ['1']]);
  });

  it('answers the core: rows, a cancelled query, a wrong one', async () => {
    const connection = connect({ target: 'sandbox', region, endpoint, credentials: sandboxCredentials });
    try {
      const result = await runQuery(connection, 'SELECT n, NULL AS nothing FROM UNNEST(sequence(1, 1200)) AS s(n)', { workGroup: 'strict' });
      assert.equal(result.rows.length, 1200);
      assert.deepEqual(result.rows[0], ['1', null]);
      assert.deepEqual(result.columns.map(({ name }) => name), ['n', 'nothing']);
      const limited = await runQuery(connection, 'SELECT n FROM UNNEST(sequence(1, 1200)) AS s(n)', { workGroup: 'strict', maxRows: 3 });
      assert.deepEqual([limited.rows.length, limited.truncated], [3, true]);
      const described = await runQuery(connection, 'DESCRIBE shop.visits', { workGroup: 'strict' });
      assert.deepEqual(described.rows[0], ['id', 'bigint', '']);
      const stop = new AbortController();
      await assert.rejects(runQuery(connection, endless, { workGroup: 'strict', signal: stop.signal, onProgress: () => stop.abort() }), { name: 'AbortError' });
      const { QueryExecutionIds } = await clients.athena.send(new ListQueryExecutionsCommand({ WorkGroup: 'strict', MaxResults: 1 }));
      assert.equal((await ended(QueryExecutionIds?.[0] ?? '')).Status?.State, 'CANCELLED');
      for (const sql of ['SELECT * FROM nothing_here', 'SELEC 1']) {
        const error = await runQuery(connection, sql, { workGroup: 'strict', database: 'shop' }).catch((thrown: unknown) => thrown);
        assert.ok(UserError.is(error) && error.code === 'query.failed' && error.why && error.next, String(error));
      }
    } finally {
      connection.close();
    }
  });

  it('is used by boto3 and its paginator', async () => {
    const script = `
import boto3, sys, time
athena = boto3.client("athena", endpoint_url=sys.argv[1], region_name="${region}", aws_access_key_id="a", aws_secret_access_key="b")
id = athena.start_query_execution(QueryString="SELECT country, count(*) AS n FROM visits GROUP BY country ORDER BY 1", WorkGroup="strict", QueryExecutionContext={"Database": "shop"})["QueryExecutionId"]
while athena.get_query_execution(QueryExecutionId=id)["QueryExecution"]["Status"]["State"] in ("QUEUED", "RUNNING"):
    time.sleep(0.05)
for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=id, PaginationConfig={"PageSize": 2}):
    for row in page["ResultSet"]["Rows"]:
        print(*[each.get("VarCharValue") for each in row["Data"]])
`;
    assert.equal((await run(await sharedPython(), ['-c', script, endpoint])).stdout, 'country n\nes 5\nmx 5\n');
  });

  it('remembers its queries across a stop and a kill, and what ran then has failed', async () => {
    const done = await start('SELECT 42 AS answer');
    await ended(done);
    const running = await start(endless);
    process.kill((await runningFile(state)).pid, 'SIGKILL');
    endpoint = (await startSandbox({ state })).endpoint ?? '';
    clients = clientsFor(endpoint, region);
    assert.deepEqual((await page(done)).ResultSet?.Rows?.map(({ Data }) => Data?.[0]?.VarCharValue), ['answer', '42']);
    const lost = await ended(running);
    assert.equal(lost.Status?.State, 'FAILED');
    assert.match(lost.Status?.StateChangeReason ?? '', /The sandbox was stopped/);
    await stopSandbox({ state });
    await startSandbox({ state });
    const { QueryRuntimeStatistics } = await clients.athena.send(new GetQueryRuntimeStatisticsCommand({ QueryExecutionId: done }));
    assert.ok(QueryRuntimeStatistics?.Timeline?.TotalExecutionTimeInMillis !== undefined);
    const listed: string[] = [];
    let token: string | undefined;
    do {
      const { QueryExecutionIds, NextToken } = await clients.athena.send(new ListQueryExecutionsCommand({ WorkGroup: 'strict', MaxResults: 5, NextToken: token }));
      listed.push(...(QueryExecutionIds ?? []));
      token = NextToken;
    } while (token);
    assert.equal(new Set(listed).size, listed.length);
    assert.deepEqual(listed.slice(0, 2), [running, done]);
    assert.deepEqual(await query('SELECT count(*) AS n FROM visits'), [['n'], ['10']]);
  });
});
