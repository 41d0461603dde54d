import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { CreateClassifierCommand, CreateDatabaseCommand, DeleteClassifierCommand, GetClassifierCommand, GetClassifiersCommand, UpdateClassifierCommand, GetPartitionsCommand, GetTableCommand, GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { LakeFormationClient, RegisterResourceCommand } from '@aws-sdk/client-lakeformation';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { crawl, type CrawlerDefinition } from '../../../../../src/sandbox/services/glue/crawler.ts';
import type { Network } from '../../../../../src/sandbox/services/ec2/network.ts';
import { clientConfig } from '../../support.ts';
import { inProcess, type InProcess } from '../../inprocess.ts';

const role = 'worker';

describe('sandbox: crawlers over S3', function () {
  this.timeout(120_000);
  let sandbox: InProcess;
  let glue: GlueClient;
  let s3: S3Client;
  let iam: IAMClient;
  const logged: string[] = [];

  const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket: 'shore', Key, Body }));
  const run = (definition: Partial<CrawlerDefinition> = {}) => {
    logged.length = 0;
    const crawler = { Name: 'walker', Role: role, DatabaseName: 'found', Targets: { S3Targets: [{ Path: 's3://shore/data/' }] }, ...definition };
    return crawl({ ...sandbox, network: {} as Network }, 'us-east-2', crawler, new AbortController().signal, (line) => logged.push(line));
  };
  const table = async (Name: string) => (await glue.send(new GetTableCommand({ DatabaseName: 'found', Name }))).Table;
  const names = async () => ((await glue.send(new GetTablesCommand({ DatabaseName: 'found' }))).TableList ?? []).map(({ Name }) => Name).sort();
  const typesOf = async (name: string) => Object.fromEntries(((await table(name))?.StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => [Name, Type]));

  /** A Parquet file, made as others make them. */
  const parquet = (rows: string): Buffer =>
    spawnSync(sandbox.python, ['-c', `
import sys, io, decimal, datetime, pyarrow as pa, pyarrow.parquet as pq
out = io.BytesIO(); pq.write_table(pa.table(${rows}), out); sys.stdout.buffer.write(out.getvalue())`]).stdout;

  before(async () => {
    sandbox = await inProcess();
    glue = new GlueClient(clientConfig(sandbox.endpoint));
    s3 = new S3Client({ ...clientConfig(sandbox.endpoint), forcePathStyle: true });
    iam = new IAMClient(clientConfig(sandbox.endpoint));
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }] });
    await iam.send(new CreateRoleCommand({ RoleName: role, AssumeRolePolicyDocument: trust }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: role, PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'shore', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'found' } }));
    await put('data/shells/day=2026-01-01/a.parquet', parquet('{"id": pa.array([1], pa.int64()), "Size": pa.array([1.5]), "price": pa.array([decimal.Decimal("1.50")]), "seen": pa.array([datetime.datetime(2026,1,1)], pa.timestamp("us")), "tags": pa.array([["a"]]), "where": pa.array([{"x": 1}])}'));
    await put('data/shells/day=2026-01-02/b.parquet', parquet('{"id": pa.array([2], pa.int64()), "Size": pa.array([2.5]), "price": pa.array([decimal.Decimal("2.50")]), "seen": pa.array([datetime.datetime(2026,1,2)], pa.timestamp("us")), "tags": pa.array([["b"]]), "where": pa.array([{"x": 1}])}'));
    await put('data/shells/_manifests/1.json', '{"rows": 1}');
    await put('data/crabs/crabs.csv', 'id,name,claws\n1,Rita,2\n2,"O, Tom",1.5\n');
    await put('data/birds/one.json', '{"id": 1, "name": "gull", "loud": true}\n{"id": 2, "name": "tern", "loud": false}\n');
    await put('data/notes.txt', 'nothing of a table\n');
  });
  after(() => sandbox?.stop());

  it('needs the role to read the place', async () => {
    await assert.rejects(run(), { message: /^User: .*assumed-role\/worker\/.* is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::shore\/data\// });
    const Statement = [{ Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetObject'], Resource: ['arn:aws:s3:::shore', 'arn:aws:s3:::shore/*', 'arn:aws:s3:::nowhere', 'arn:aws:s3:::nowhere/*'] }];
    await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: 'read', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }) }));
    await assert.rejects(run({ Targets: { S3Targets: [{ Path: 's3://nowhere/' }] } }), { message: /bucket does not exist/ });
  });

  it('makes a table of each folder, with types, format and partitions; not of what is hidden', async () => {
    assert.deepEqual(await run({ TablePrefix: 'x_' }), { tablesCreated: 3, tablesUpdated: 0, tablesDeleted: 0 });
    assert.deepEqual(await names(), ['x_birds', 'x_crabs', 'x_shells']);
    assert.deepEqual(await typesOf('x_shells'), { id: 'bigint', size: 'double', price: 'decimal(3,2)', seen: 'timestamp', tags: 'array<string>', where: 'struct<x:bigint>' });
    assert.deepEqual(await typesOf('x_crabs'), { id: 'bigint', name: 'string', claws: 'double' });
    assert.deepEqual(await typesOf('x_birds'), { id: 'bigint', name: 'string', loud: 'boolean' });
    const shells = await table('x_shells');
    assert.deepEqual(shells?.PartitionKeys, [{ Name: 'day', Type: 'string' }]);
    assert.equal(shells?.StorageDescriptor?.Location, 's3://shore/data/shells/');
    assert.match(shells?.StorageDescriptor?.InputFormat ?? '', /MapredParquetInputFormat$/);
    assert.deepEqual([shells?.Parameters?.['classification'], shells?.Parameters?.['UPDATED_BY_CRAWLER'], (await table('x_crabs'))?.Parameters?.['skip.header.line.count']], ['parquet', 'walker', '1']);
    const { Partitions } = await glue.send(new GetPartitionsCommand({ DatabaseName: 'found', TableName: 'x_shells' }));
    assert.deepEqual(Partitions?.map(({ Values, StorageDescriptor }) => [Values?.[0], StorageDescriptor?.Location]), [
      ['2026-01-01', 's3://shore/data/shells/day=2026-01-01/'],
      ['2026-01-02', 's3://shore/data/shells/day=2026-01-02/'],
    ]);
  });

  it('finds only what is new the second time', async () => {
    assert.deepEqual(await run({ TablePrefix: 'x_' }), { tablesCreated: 0, tablesUpdated: 0, tablesDeleted: 0 });
    await put('data/shells/day=2026-01-03/c.parquet', parquet('{"id": pa.array([3], pa.int64()), "Size": pa.array([2.5]), "price": pa.array([decimal.Decimal("2.50")]), "seen": pa.array([datetime.datetime(2026,1,2)], pa.timestamp("us")), "tags": pa.array([["b"]]), "where": pa.array([{"x": 1}])}'));
    await put('data/crabs/crabs.csv', 'id,name,claws,age\n1,Rita,2,4\n');
    assert.deepEqual(await run({ TablePrefix: 'x_', SchemaChangePolicy: { UpdateBehavior: 'LOG' } }), { tablesCreated: 0, tablesUpdated: 0, tablesDeleted: 0 });
    assert.ok(logged.some((line) => /x_crabs has changed/.test(line)), logged.join('\n'));
    assert.deepEqual(await run({ TablePrefix: 'x_' }), { tablesCreated: 0, tablesUpdated: 1, tablesDeleted: 0 });
    assert.deepEqual(Object.keys(await typesOf('x_crabs')), ['id', 'name', 'claws', 'age']);
    assert.equal((await glue.send(new GetPartitionsCommand({ DatabaseName: 'found', TableName: 'x_shells' }))).Partitions?.length, 3);
  });

  it('puts away what is gone, as its policy says', async () => {
    await s3.send(new DeleteObjectCommand({ Bucket: 'shore', Key: 'data/birds/one.json' }));
    const gone = (DeleteBehavior: 'LOG' | 'DEPRECATE_IN_DATABASE' | 'DELETE_FROM_DATABASE') => run({ TablePrefix: 'x_', SchemaChangePolicy: { DeleteBehavior } });
    assert.equal((await gone('LOG')).tablesDeleted, 0);
    assert.equal((await table('x_birds'))?.Parameters?.['DEPRECATED_BY_CRAWLER'], undefined);
    assert.equal((await gone('DEPRECATE_IN_DATABASE')).tablesDeleted, 0);
    assert.match((await table('x_birds'))?.Parameters?.['DEPRECATED_BY_CRAWLER'] ?? '', /^\d+$/);
    await s3.send(new DeleteObjectCommand({ Bucket: 'shore', Key: 'data/shells/day=2026-01-02/b.parquet' }));
    assert.equal((await gone('DELETE_FROM_DATABASE')).tablesDeleted, 1);
    const { Partitions } = await glue.send(new GetPartitionsCommand({ DatabaseName: 'found', TableName: 'x_shells' }));
    assert.deepEqual(Partitions?.map(({ Values }) => Values?.[0]), ['2026-01-01', '2026-01-03']);
    assert.deepEqual(await names(), ['x_crabs', 'x_shells']);
  });

  it('leaves out what it is told to', async () => {
    await run({ Name: 'other', TablePrefix: 'y_', Targets: { S3Targets: [{ Path: 's3://shore/data/', Exclusions: ['shells/**', '*.txt'] }] } });
    assert.deepEqual(await names(), ['x_crabs', 'x_shells', 'y_crabs']);
  });

  it('reads a file as the built-in classifiers do', async () => {
    const files: Record<string, [string, string[]]> = {
      'trailing.csv': ['port,depth,\nVigo,12,\nCadiz,9.5,\n', ['port string', 'depth double', 'col2 string']],
      'control.txt': ['port\x01depth\nVigo\x0112\nCadiz\x019\n', ['port string', 'depth bigint']],
      'pipes.txt': ['port|depth\nVigo|12\nCadiz|9\n', ['port string', 'depth bigint']],
      'tabs.tsv': ['port\tdepth\nVigo\t12\n', ['port string', 'depth bigint']],
      'semicolons.csv': ['port;depth\nVigo, north;12\nVigo, south;9\n', ['port string', 'depth bigint']],
      'alike.csv': ['T °C,T °F,T\n1,33.8,a\n2,35.6,b\n', ['t__c bigint', 't__f double', 't string']],
      'twice.csv': ['Fee £,Fee €,fee__1\n1,2,3\n', ['fee__ bigint', 'fee___1 bigint', 'fee__1 bigint']],
      'words.csv': ['port,sea\nVigo,Atlantic\n', ['col0 string', 'col1 string']],
      'numbers.csv': ['1,2\n3,4\n', ['col0 bigint', 'col1 bigint']],
      'long.csv': [`${'x'.repeat(150)},b\n1,2\n`, ['col0 string', 'col1 string']],
      'short-rows.csv': ['port,depth,sea\nVigo,12\nCadiz,9,Atlantic\nFaro,3,Atlantic\n', ['port string', 'depth bigint', 'sea string']],
      'array.json': ['[{"port": "Vigo", "depth": 12}, {"port": "Cadiz", "depth": 9.5}]', ['port string', 'depth double']],
      'pretty.json': ['{\n  "port": "Vigo",\n  "at": {"x": 1}\n}\n{\n  "port": "Cadiz",\n  "at": {"x": 2, "Y": null}\n}\n', ['port string', 'at struct<x:bigint,y:string>']],
      'arrays.json': ['[{"port": "Vigo"}]\n[{"port": "Faro"}]\n', ['port string']],
      'mixed.json': ['{"depth": 12, "sea": "A", "tags": ["a"], "big": 1, "open": true}\n{"depth": 9, "sea": 5, "tags": "a", "big": 2.5, "open": null}\n', ['depth bigint', 'sea string', 'tags string', 'big double', 'open boolean']],
      'inner.json': ['{"at": {"x": 1}, "list": [{"n": 1}]}\n{"at": {"x": "one", "y": true}, "list": [{"m": 2.5}]}\n', ['at struct<x:string,y:boolean>', 'list array<struct<n:bigint,m:double>>']],
    };
    const folderOf = (name: string) => name.replace(/\W/g, '_');
    await Promise.all(Object.entries(files).map(([name, [text]]) => put(`read/${folderOf(name)}/${name}`, text)));
    await put('read/prose/a.txt', 'no table at all\n');
    const { tablesCreated } = await run({ Targets: { S3Targets: [{ Path: 's3://shore/read/' }] }, TablePrefix: 'r_' });
    for (const [name, [, columns]] of Object.entries(files)) {
      assert.deepEqual((await table(`r_${folderOf(name)}`))?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`), columns, name);
    }
    assert.equal(tablesCreated, Object.keys(files).length);
    assert.equal((await table('r_control_txt'))?.StorageDescriptor?.SerdeInfo?.Parameters?.['field.delim'], '\x01');
    assert.ok(logged.includes('s3://shore/read/prose/a.txt is left out: no classifier knows its format (UNKNOWN)'), logged.join('\n'));
  });

  it('makes one table of files that are alike, and one of each where a folder has several schemas', async () => {
    await put('grow/old.csv', 'id,n\n1,2\n');
    await put('grow/new.csv', 'id,n,more\n1,x,9\n');
    await put('heap/a.csv', 'id,n\n1,2\n');
    await put('heap/b.json', '{"k": "v"}\n');
    await put('heap/c.csv', 'port,depth,sea\nVigo,1,A\n');
    await run({ Targets: { S3Targets: [{ Path: 's3://shore/grow/' }, { Path: 's3://shore/heap/' }] } });
    assert.deepEqual(await typesOf('grow'), { id: 'bigint', n: 'string', more: 'bigint' });
    const made = await Promise.all(['a_csv', 'b_json', 'c_csv'].map(table));
    assert.deepEqual(made.map((each) => [each?.Parameters?.['classification'], each?.StorageDescriptor?.Location]), [['csv', 's3://shore/heap/a.csv'], ['json', 's3://shore/heap/b.json'], ['csv', 's3://shore/heap/c.csv']]);
    assert.ok(logged.some((line) => line.startsWith('s3://shore/heap/ has files of 3 schemas')));
    await run({ Targets: { S3Targets: [{ Path: 's3://shore/empty/' }] }, SchemaChangePolicy: { DeleteBehavior: 'LOG' } });
    assert.ok(logged.includes('No objects were found below s3://shore/empty/'));
  });

  it('groups as its configuration says: one table for a path, or one for each folder of a level', async () => {
    for (const [key, text] of [['one/2025/01/a.json', '{"a": 1, "b": 2}\n'], ['one/2026/01/b.json', '{"c": 3, "d": 4}\n'], ['one/2026/02/c.json', '{"c": "x"}\n']] as const) {
      await put(`grouped/${key}`, text);
    }
    const grouped = async (Grouping: object, TablePrefix: string, name: string) => {
      await run({ TablePrefix, Targets: { S3Targets: [{ Path: 's3://shore/grouped/one/' }] }, Configuration: JSON.stringify({ Version: 1, Grouping }), SchemaChangePolicy: { DeleteBehavior: 'LOG' } });
      const { Partitions = [] } = await glue.send(new GetPartitionsCommand({ DatabaseName: 'found', TableName: name }));
      return { types: await typesOf(name), location: (await table(name))?.StorageDescriptor?.Location, partitions: Partitions.map(({ Values }) => Values?.join('/')).sort() };
    };
    assert.deepEqual(await grouped({ TableGroupingPolicy: 'CombineCompatibleSchemas' }, 'all_', 'all_one'), { types: { a: 'bigint', b: 'bigint', c: 'string', d: 'bigint' }, location: 's3://shore/grouped/one/', partitions: ['2025/01', '2026/01', '2026/02'] });
    // The bucket is level 1: at 4 stand the years.
    assert.deepEqual(await grouped({ TableLevelConfiguration: 4 }, 'year_', 'year_2026'), { types: { c: 'string', d: 'bigint' }, location: 's3://shore/grouped/one/2026/', partitions: ['01', '02'] });
    assert.deepEqual(Object.keys(await typesOf('year_2025')), ['a', 'b']);
  });

  it('asks its custom classifiers first, in their order', async () => {
    await glue.send(new CreateClassifierCommand({ CsvClassifier: { Name: 'ports', Delimiter: '~', ContainsHeader: 'ABSENT', Header: ['Port', 'Depth'], QuoteSymbol: "'", Serde: 'OpenCSVSerDe' } }));
    await glue.send(new CreateClassifierCommand({ CsvClassifier: { Name: 'lines', Delimiter: '|', ContainsHeader: 'PRESENT', AllowSingleColumn: true } }));
    await glue.send(new CreateClassifierCommand({ JsonClassifier: { Name: 'records', JsonPath: '$.Records[*]' } }));
    await put('custom/ports/a.txt', "'Vigo~x'~12\nFaro~3\n");
    await put('custom/words/a.txt', 'word\nsea\nland\n');
    await put('custom/trail/a.json', '{"Records": [{"id": 1, "who": {"arn": "a"}}, {"id": 2.5}]}\n');
    await run({ TablePrefix: 'k_', Targets: { S3Targets: [{ Path: 's3://shore/custom/' }] }, Classifiers: ['ports', 'records', 'lines'], SchemaChangePolicy: { DeleteBehavior: 'LOG' } });
    const ports = await table('k_ports');
    assert.deepEqual([await typesOf('k_ports'), ports?.StorageDescriptor?.SerdeInfo, ports?.Parameters?.['skip.header.line.count']], [{ port: 'string', depth: 'bigint' }, { SerializationLibrary: 'org.apache.hadoop.hive.serde2.OpenCSVSerde', Parameters: { separatorChar: '~', quoteChar: "'" } }, undefined]);
    assert.deepEqual([await typesOf('k_words'), (await table('k_words'))?.Parameters?.['skip.header.line.count']], [{ word: 'string' }, '1']);
    assert.deepEqual(await typesOf('k_trail'), { id: 'double', who: 'struct<arn:string>' });
    await assert.rejects(run({ Classifiers: ['nobody'] }), { message: 'Classifier nobody not found' });
    await assert.rejects(glue.send(new CreateClassifierCommand({ JsonClassifier: { Name: 'records', JsonPath: '$' } })), { name: 'AlreadyExistsException' });
    await assert.rejects(glue.send(new CreateClassifierCommand({ GrokClassifier: { Name: 'logs', Classification: 'logs', GrokPattern: '%{WORD:a}' } })), /NotImplemented|GrokClassifier/);
    await glue.send(new UpdateClassifierCommand({ JsonClassifier: { Name: 'records', JsonPath: '$' } }));
    const { Classifier } = await glue.send(new GetClassifierCommand({ Name: 'records' }));
    assert.deepEqual([Classifier?.JsonClassifier?.JsonPath, Classifier?.JsonClassifier?.Version, Classifier?.JsonClassifier?.CreationTime instanceof Date], ['$', 2, true]);
    await glue.send(new DeleteClassifierCommand({ Name: 'lines' }));
    assert.deepEqual((await glue.send(new GetClassifiersCommand({}))).Classifiers?.map((each) => each.CsvClassifier?.Name ?? each.JsonClassifier?.Name), ['ports', 'records']);
  });

  it('fails with the words of AWS where its role has no right', async () => {
    await new LakeFormationClient(clientConfig(sandbox.endpoint)).send(new RegisterResourceCommand({ ResourceArn: 'arn:aws:s3:::shore', UseServiceLinkedRole: true }));
    await assert.rejects(run({ TablePrefix: 'z_' }), { message: /^Insufficient Lake Formation permission\(s\) on s3:\/\/shore\/data\/crabs\/ .*\(Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException\)$/ });
    await assert.rejects(run({ DatabaseName: 'nothing' }), { message: /Insufficient Lake Formation|not found/ });
  });
});
