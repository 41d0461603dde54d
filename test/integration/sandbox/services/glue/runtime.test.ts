import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  BatchCreatePartitionCommand,
  BatchGetWorkflowsCommand,
  BatchStopJobRunCommand,
  CreateConnectionCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTableCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  DeleteCrawlerCommand,
  DeleteJobCommand,
  DeleteWorkflowCommand,
  GetConnectionCommand,
  GetCrawlerCommand,
  GetCrawlerMetricsCommand,
  GetJobRunCommand,
  GetJobRunsCommand,
  GetTriggerCommand,
  GetWorkflowCommand,
  GetWorkflowRunCommand,
  GetWorkflowRunPropertiesCommand,
  GetWorkflowRunsCommand,
  GlueClient,
  ListCrawlsCommand,
  PutWorkflowRunPropertiesCommand,
  ResetJobBookmarkCommand,
  ResumeWorkflowRunCommand,
  StartCrawlerCommand,
  StartJobRunCommand,
  StartTriggerCommand,
  StartWorkflowRunCommand,
  StopCrawlerCommand,
  StopTriggerCommand,
  StopWorkflowRunCommand,
  UpdateCrawlerCommand,
  type Action,
  type Condition,
  type CreateJobCommandInput,
  type CreateTriggerCommandInput,
  type JobRun,
  type WorkflowRun,
} from '@aws-sdk/client-glue';
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { LIMITATION_HEADER, limitationHeader } from '../../../../../src/sandbox/kernel/limitations.ts';
import { startSandbox, stopSandbox } from '../../../../../src/sandbox/control/sandbox.ts';
import { stateFiles } from '../../../../../src/sandbox/kernel/files.ts';
import { clientConfig, runningFile, temporaryState } from '../../support.ts';

const role = 'arn:aws:iam::000000000000:role/runner';
const bucket = 'scripts-of-the-runtime';

/** Plain Python, without Spark: what a script does is not what is tested here. */
const scripts = {
  'good.py': 'print("good ran")',
  'bad.py': 'class JobFailed(Exception): pass\nimport sys\nprint("about to fail", file=sys.stderr)\nraise JobFailed("bad: no rows, as wanted")',
  'slow.py': 'import time\nprint("begun", flush=True)\ntime.sleep(600)',
  'exits.py': 'import sys\nsys.exit(3)',
  'dies.py': 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)',
  // Waits until somebody lets it go on.
  'gate.py': `import boto3, sys, time
bucket, key = [sys.argv[sys.argv.index(n) + 1] for n in ("--bucket", "--gate")]
s3 = boto3.client("s3")
while "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=key): time.sleep(0.1)`,
  // Fails the first time.
  'flaky.py': `import boto3, os, sys
s3 = boto3.client("s3")
if "Contents" not in s3.list_objects_v2(Bucket="${bucket}", Prefix="flaky-ran"):
    s3.put_object(Bucket="${bucket}", Key="flaky-ran", Body=b"")
    raise RuntimeError("not yet")`,
  'tells.py': `import helper, json, os, sys, zipped
print(json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ), "cwd": os.getcwd(), "file": __file__, "path": sys.path, "helper": helper.word + zipped.word, "stdin": sys.stdin.read()}))`,
  'helper.py': 'word = "helped"',
  'connects.py': `import boto3, json
print(json.dumps(boto3.client("glue").get_connection(Name="source")["Connection"]["ConnectionProperties"]))`,
  // As Glue's guide has it, from the first line on.
  'tutorial.py': `import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
sc = SparkContext()
glueContext = GlueContext(sc)
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
orders = glueContext.create_dynamic_frame.from_catalog(database="bronze", table_name="orders", transformation_ctx="orders")
orders.printSchema()
orders = orders.resolveChoice(specs=[("amount", "cast:double")])
mapped = ApplyMapping.apply(frame=orders, mappings=[("id", "long", "order_id", "int"), ("customer name", "string", "customer", "string"), ("amount", "double", "amount", "decimal(10,2)"), ("day", "string", "day", "string")], transformation_ctx="mapped")
print(mapped.count())
glueContext.write_dynamic_frame.from_options(frame=mapped, connection_type="s3", connection_options={"path": f"s3://{args['bucket']}/silver/orders/", "partitionKeys": ["day"]}, format="parquet", transformation_ctx="silver")
job.commit()`,
  // As Glue Studio writes it: by options, SQL, and a sink that tells the catalog.
  'studio.py': `import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue import DynamicFrame

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
events = glueContext.create_dynamic_frame.from_options(format_options={"multiLine": False}, connection_type="s3", format="json", connection_options={"paths": [f"s3://{args['bucket']}/bronze/events/"], "recurse": True})
events.show()
ResolveChoice.apply(events, choice="make_cols").printSchema()
paid = Filter.apply(frame=events, f=lambda row: row["user"]["name"] != "nobody")
silver = glueContext.create_dynamic_frame.from_options(connection_type="s3", connection_options={"paths": [f"s3://{args['bucket']}/silver/orders/day=2026-01-02/"]}, format="parquet")
joined = Join.apply(paid.select_fields(["id", "user"]), silver.drop_fields(["amount"]).rename_field("order_id", "number"), ["id"], ["number"])
joined.toDF().createOrReplaceTempView("joined")
frame = DynamicFrame.fromDF(spark.sql("SELECT id, user.name AS name, customer FROM joined"), glueContext, "joined")
sink = glueContext.getSink(path=f"s3://{args['bucket']}/gold/", connection_type="s3", updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["name"], enableUpdateCatalog=True, transformation_ctx="sink")
sink.setCatalogInfo(catalogDatabase="bronze", catalogTableName="gold")
sink.setFormat("glueparquet", compression="snappy")
sink.writeFrame(frame)
again = glueContext.create_dynamic_frame.from_catalog(database="bronze", table_name="gold", push_down_predicate="name > 'b'")
again.show()
job.commit()
sc.parallelize([1])`,
  'lacks.py': `from awsglue.transforms import *
Relationalize.apply(None, "root")`,
  'catalog.py': `from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().sql("SELECT * FROM bronze.orders").collect()`,
  'argument.py': `import sys
from awsglue.utils import getResolvedOptions
getResolvedOptions(sys.argv, ["JOB_NAME", "nowhere"])`,
  'chatty.py': 'for n in range(30000): print("line", n, "x" * 40)',
};

const usesSpark = new Set(['tells.py', 'tutorial.py', 'studio.py', 'lacks.py', 'catalog.py', 'argument.py']);

describe('sandbox: what Glue runs', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;
  let glue: GlueClient;
  let s3: S3Client;
  let logs: CloudWatchLogsClient;
  let iam: IAMClient;
  let endpoint: string;
  let timedOut: Promise<JobRun>;

  const connect = async (): Promise<void> => {
    endpoint = (await startSandbox({ state })).endpoint ?? '';
    glue = new GlueClient(clientConfig(endpoint));
    s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    logs = new CloudWatchLogsClient(clientConfig(endpoint));
    iam = new IAMClient(clientConfig(endpoint));
  };

  const job = (Name: string, script: string, more: Partial<CreateJobCommandInput> = {}) =>
    glue.send(new CreateJobCommand({ Name, Role: role, Command: { Name: usesSpark.has(script) ? 'glueetl' : 'pythonshell', ScriptLocation: `s3://${bucket}/${script}`, PythonVersion: '3' }, GlueVersion: '5.0', ...more }));

  /** A workflow of jobs: a start trigger and conditional ones. */
  const workflow = async (Name: string, start: Action[], conditional: { when: Condition[]; any?: boolean; then: Action[]; off?: boolean }[] = [], MaxConcurrentRuns = 1) => {
    await glue.send(new CreateWorkflowCommand({ Name, MaxConcurrentRuns, DefaultRunProperties: { from: 'default' } }));
    await glue.send(new CreateTriggerCommand({ Name: `${Name}-start`, WorkflowName: Name, Type: 'ON_DEMAND', Actions: start }));
    for (const [at, { when, any, then, off }] of conditional.entries()) {
      const Conditions = when.map((condition) => ({ LogicalOperator: 'EQUALS' as const, ...condition }));
      await glue.send(
        new CreateTriggerCommand({ Name: `${Name}-${at}`, WorkflowName: Name, Type: 'CONDITIONAL', StartOnCreation: !off, Predicate: { Logical: any ? 'ANY' : 'AND', Conditions }, Actions: then }),
      );
    }
  };

  async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found) {
        return found;
      }
      await delay(50);
    }
  }
  const jobRun = async (JobName: string, RunId: string): Promise<JobRun> => (await glue.send(new GetJobRunCommand({ JobName, RunId }))).JobRun ?? {};
  const over = (JobName: string, RunId: string) =>
    until(async () => {
      const run = await jobRun(JobName, RunId);
      return !['STARTING', 'RUNNING', 'STOPPING'].includes(run.JobRunState ?? '') && run;
    });
  const runJob = async (JobName: string, more: object = {}): Promise<JobRun> => over(JobName, (await glue.send(new StartJobRunCommand({ JobName, ...more }))).JobRunId ?? '');
  const workflowRun = async (Name: string, RunId: string): Promise<WorkflowRun> => (await glue.send(new GetWorkflowRunCommand({ Name, RunId, IncludeGraph: true }))).Run ?? {};
  const followed = (Name: string, RunId: string) =>
    until(async () => {
      const run = await workflowRun(Name, RunId);
      return run.Status !== 'RUNNING' && run.Status !== 'STOPPING' && run;
    });
  const run = async (Name: string): Promise<WorkflowRun> => followed(Name, (await glue.send(new StartWorkflowRunCommand({ Name }))).RunId ?? '');
  const states = (done: WorkflowRun) =>
    Object.fromEntries(
      (done.Graph?.Nodes ?? []).flatMap(({ Type, Name, JobDetails, CrawlerDetails }) =>
        Type === 'TRIGGER' ? [] : [[Name, JobDetails?.JobRuns?.map(({ JobRunState }) => JobRunState) ?? CrawlerDetails?.Crawls?.map(({ State }) => State)]],
      ),
    ) as Record<string, string[]>;
  const said = async (RunId: string, group: 'output' | 'error'): Promise<string[]> =>
    ((await logs.send(new GetLogEventsCommand({ logGroupName: `/aws-glue/jobs/${group}`, logStreamName: RunId, startFromHead: true }))).events ?? []).map(({ message }) => message ?? '');
  const refused = (call: Promise<unknown>, name: string, message?: RegExp) =>
    assert.rejects(call, (error: Error) => error.name === name && (message === undefined || message.test(error.message)));
  /** What runs scripts of this sandbox now. Windows does not tell by the same means. */
  const jobProcesses = async (): Promise<string[]> =>
    process.platform === 'win32' ? [] : (await promisify(execFile)('ps', ['-ww', '-e', '-o', 'command='])).stdout.split('\n').filter((line) => line.includes(stateFiles(state).scratch));
  const maySelf = (RoleName: string) =>
    iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'pass', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: role }] }) }),
    );

  /** What its scripts do, its logs, and not more. */
  const mayWork = (Action: readonly string[] = ['s3:*', 'logs:*', 'glue:*']) =>
    iam.send(new PutRolePolicyCommand({ RoleName: 'runner', PolicyName: 'work', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }) }));

  before(async () => {
    ({ state, remove } = await temporaryState());
    await connect();
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }] });
    await iam.send(new CreateRoleCommand({ RoleName: 'runner', AssumeRolePolicyDocument }));
    await maySelf('runner');
    await mayWork();
    await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    for (const [Key, Body] of Object.entries(scripts)) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    }
    // A zip with one stored file, zipped.py.
    const { stdout } = await promisify(execFile)(
      `${stateFiles(state).environment}/${process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python'}`,
      ['-c', 'import base64,io,zipfile\nb=io.BytesIO()\nwith zipfile.ZipFile(b,"w") as z: z.writestr("zipped.py","word = \\" twice\\"")\nprint(base64.b64encode(b.getvalue()).decode())'],
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'lib/zipped.zip', Body: Buffer.from(stdout, 'base64') }));
    for (const name of ['good', 'bad', 'slow']) {
      await job(name, `${name}.py`);
    }
    // A minute is the shortest time-out: it passes while the other tests run.
    await job('times-out', 'slow.py', { Timeout: 1 });
    const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'times-out' }));
    timedOut = over('times-out', JobRunId);
    timedOut.catch(() => undefined);
  });
  after(() => remove());

  describe('jobs', () => {
    it('run their script and keep its output', async () => {
      const done = await runJob('good');
      assert.deepEqual([done.JobRunState, done.Attempt, done.LogGroupName, done.GlueVersion, done.ErrorMessage], ['SUCCEEDED', 0, '/aws-glue/jobs', '5.0', undefined]);
      assert.match(done.Id ?? '', /^jr_[0-9a-f]{64}$/);
      assert.ok(done.StartedOn instanceof Date && done.CompletedOn instanceof Date && done.CompletedOn >= done.StartedOn && Math.abs(Date.now() - done.StartedOn.getTime()) < 60_000);
      assert.deepEqual(await said(done.Id ?? '', 'output'), ['good ran']);
      await assert.rejects(said('jr_none', 'output'), { name: 'ResourceNotFoundException', message: 'The specified log stream does not exist.' });
    });

    it('do what their role may: read the script, write the log, and what they ask for', async () => {
      await mayWork(['logs:*']);
      const unread = await runJob('good');
      const denied = 'User: arn:aws:sts::000000000000:assumed-role/runner/GlueJobRunnerSession is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::scripts-of-the-runtime/good.py" because no identity-based policy allows the s3:GetObject action';
      assert.deepEqual([unread.JobRunState, unread.ErrorMessage], ['FAILED', `LAUNCH ERROR | Error downloading from S3 for bucket: ${bucket}, key: good.py. Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied): ${denied}`]);
      await mayWork(['s3:GetObject']);
      const silent = await runJob('good');
      assert.equal(silent.JobRunState, 'SUCCEEDED');
      await assert.rejects(said(silent.Id ?? '', 'output'), { name: 'ResourceNotFoundException' });
      await mayWork();
    });

    it('fail with the last exception, and the trace in the log of errors', async () => {
      const done = await runJob('bad');
      assert.deepEqual([done.JobRunState, done.ErrorMessage], ['FAILED', 'JobFailed: bad: no rows, as wanted']);
      const errors = await said(done.Id ?? '', 'error');
      assert.deepEqual([errors[0], errors[1], errors.at(-1)], ['about to fail', 'Traceback (most recent call last):', 'JobFailed: bad: no rows, as wanted']);
      assert.ok(errors.some((line) => line.includes('/tmp/bad.py", line 4')), errors.join('\n'));
      assert.ok(!errors.some((line) => line.includes('runpy') || line.includes(state)), errors.join('\n'));
      await job('exits', 'exits.py');
      assert.equal((await runJob('exits')).ErrorMessage, 'SystemExit: 3');
      if (process.platform !== 'win32') {
        await job('dies', 'dies.py');
        assert.equal((await runJob('dies')).ErrorMessage, 'Command failed with exit code 137');
      }
    });

    it('get merged arguments, modules, credentials of their own, and nothing of the user', async () => {
      process.env['SECRET_OF_THE_USER'] = 'seen';
      await job('tells', 'tells.py', {
        DefaultArguments: { '--a': 'default', '--b': 'default', '--extra-py-files': `s3://${bucket}/helper.py, s3://${bucket}/lib/zipped.zip` },
        NonOverridableArguments: { '--c': 'fixed' },
      });
      const done = await runJob('tells', { Arguments: { '--b': 'given', '--c': 'given', '--empty': '' } });
      assert.equal(done.JobRunState, 'SUCCEEDED', done.ErrorMessage);
      assert.deepEqual(done.Arguments, { '--b': 'given', '--c': 'given', '--empty': '' });
      const told = JSON.parse((await said(done.Id ?? '', 'output'))[0] ?? '') as { arguments: string[]; environment: Record<string, string>; cwd: string; file: string; path: string[]; helper: string; stdin: string };
      const given = (name: string) => told.arguments[told.arguments.indexOf(name) + 1];
      assert.deepEqual(['--a', '--b', '--c', '--empty', '--JOB_NAME', '--JOB_RUN_ID'].map(given), ['default', 'given', 'fixed', '', 'tells', done.Id]);
      assert.deepEqual([told.helper, told.stdin, told.file], ['helped twice', '', '/tmp/tells.py']);
      assert.match(told.environment['SPARK_REMOTE'] ?? '', /^sc:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(told.environment['AWS_ENDPOINT_URL'], endpoint);
      assert.match(told.environment['AWS_ACCESS_KEY_ID'] ?? '', /^ASIA/);
      assert.equal(told.environment['AWS_SECRET_ACCESS_KEY'], '***', 'its own secret is not in its log');
      assert.equal(told.environment['SECRET_OF_THE_USER'], undefined);
      assert.match(told.environment['HOME'] ?? '', /^\/tmp\//);
      assert.equal((await readdir(stateFiles(state).scratch)).length, 1, 'its folder is gone; one is of the job that takes too long');
    });

    it('begin as Glue\'s guide has it: the catalog\'s table of CSV becomes Parquet, and only what is new, once more', async () => {
      const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      await put('bronze/orders/day=2026-01-01/a.csv', 'id,"customer name",amount\n1,"An, na",2.50\n2,Bob,n/a\n3\n\n');
      await put('bronze/orders/day=2026-01-02/b.csv', 'id,name,amount\n4,"q""q",7,more\n');
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'bronze' } }));
      const storage = (Location: string) => ({
        Columns: [{ Name: 'id', Type: 'bigint' }, { Name: 'customer name', Type: 'string' }, { Name: 'amount', Type: 'double' }],
        Location, SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe', Parameters: { 'field.delim': ',' } },
      });
      const root = `s3://${bucket}/bronze/orders/`;
      await glue.send(new CreateTableCommand({ DatabaseName: 'bronze', TableInput: { Name: 'orders', TableType: 'EXTERNAL_TABLE', Parameters: { classification: 'csv', 'skip.header.line.count': '1' }, PartitionKeys: [{ Name: 'day', Type: 'string' }], StorageDescriptor: storage(root) } }));
      await glue.send(new BatchCreatePartitionCommand({ DatabaseName: 'bronze', TableName: 'orders', PartitionInputList: ['2026-01-01', '2026-01-02'].map((day) => ({ Values: [day], StorageDescriptor: storage(`${root}day=${day}/`) })) }));
      const more = { DefaultArguments: { '--bucket': bucket, '--job-bookmark-option': 'job-bookmark-enable' } };
      await job('tutorial', 'tutorial.py', more);
      await job('studio', 'studio.py', more);
      const printed = async (name: string): Promise<string[]> => {
        const done = await runJob(name);
        assert.equal(done.JobRunState, 'SUCCEEDED', done.ErrorMessage);
        return said(done.Id ?? '', 'output');
      };
      assert.deepEqual(await printed('tutorial'), ['root', '|-- id: long', '|-- customer name: string', '|-- amount: choice', '|    |-- double', '|    |-- string', '|-- day: string', '4']);
      await put('bronze/orders/day=2026-01-02/c.csv', 'id,name,amount\n5,Eve,1.25\n');
      assert.equal((await printed('tutorial')).at(-1), '1');
      await put('bronze/events/a.json', '{"id":4,"user":{"name":"ann","tags":["x"]},"price":5}\n{"id":5,"user":{"name":"bob"},"price":"5 EUR"}\n{"id":5,"user":{"name":"nobody"}}\n');
      const studio = await runJob('studio');
      assert.deepEqual(await said(studio.Id ?? '', 'output'), [
        '{"id": 4, "user": {"name": "ann", "tags": ["x"]}, "price": 5}', '{"id": 5, "user": {"name": "bob", "tags": null}, "price": "5 EUR"}', '{"id": 5, "user": {"name": "nobody", "tags": null}, "price": null}',
        'root', '|-- id: int', '|-- user: struct', '|    |-- name: string', '|    |-- tags: array', '|    |    |-- element: string', '|-- price_int: int', '|-- price_string: string',
        '{"id": 5, "customer": "Eve", "name": "bob"}',
      ], studio.ErrorMessage);
      // The rest of a script may need what Spark Connect has none of: that is said in words.
      assert.match(studio.ErrorMessage ?? '', /^NotInSandbox: The sandbox's awsglue has no SparkContext\.parallelize\. .*spark_session/);
    });

    it('read and write with the rights of their role, and say which part of Glue\'s library they lack', async () => {
      await mayWork(['s3:ListBucket', 'logs:*', 'glue:*']);
      await iam.send(new PutRolePolicyCommand({ RoleName: 'runner', PolicyName: 'script', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*.py` }] }) }));
      try {
        // After a reset all is read again.
        const { JobBookmarkEntry } = await glue.send(new ResetJobBookmarkCommand({ JobName: 'tutorial' }));
        assert.deepEqual([JobBookmarkEntry?.JobName, JobBookmarkEntry?.JobBookmark], ['tutorial', undefined]);
        assert.match((await runJob('tutorial')).ErrorMessage ?? '', /AccessDenied.* s3:GetObject on resource: "arn:aws:s3:::scripts-of-the-runtime\/bronze\/orders\/|java\.nio\.file\.AccessDeniedException: s3:\/\/scripts-of-the-runtime\/bronze\/orders\/.*s3:GetObject/);
      } finally {
        await iam.send(new DeleteRolePolicyCommand({ RoleName: 'runner', PolicyName: 'script' }));
        await mayWork();
      }
      await job('lacks', 'lacks.py');
      assert.match((await runJob('lacks')).ErrorMessage ?? '', /^NotInSandbox: The sandbox's awsglue has no transform Relationalize\. .*explode/);
      // What the sandbox falls short in stands beside the answer that tells of it.
      const told = async (action: string, input: object): Promise<string | null> => (await fetch(endpoint, {
        method: 'POST', body: JSON.stringify(input),
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=any/20261128/us-east-2/glue/aws4_request, SignedHeaders=host, Signature=0', 'x-amz-target': `AWSGlue.${action}`, 'content-type': 'application/x-amz-json-1.1' },
      })).headers.get(LIMITATION_HEADER);
      assert.equal(await told('GetJobRuns', { JobName: 'lacks' }), limitationHeader('glue-library'));
      assert.equal(await told('CreateClassifier', { GrokClassifier: { Name: 'logs', Classification: 'logs', GrokPattern: '%{WORD:a}' } }), limitationHeader('glue-classifiers'));
      assert.equal(await told('CreateClassifier', { JsonClassifier: { Name: 'records', JsonPath: '$[*]' } }), null);
      await job('catalog', 'catalog.py');
      assert.match((await runJob('catalog')).ErrorMessage ?? '', /TABLE_OR_VIEW_NOT_FOUND/);
      assert.equal(await told('GetJobRuns', { JobName: 'catalog' }), limitationHeader('glue-job-catalog'));
      await job('argument', 'argument.py');
      assert.equal((await runJob('argument')).ErrorMessage, 'GlueArgumentError: the following arguments are required: --nowhere');
    });

    it('say that a script or a module is missing', async () => {
      await job('missing', 'nowhere/script.py');
      assert.match((await runJob('missing')).ErrorMessage ?? '', /^LAUNCH ERROR .*s3:\/\/scripts-of-the-runtime\/nowhere\/script\.py.*404.*Key "nowhere\/script\.py" does not exist/);
      const done = await runJob('good', { Arguments: { '--extra-py-files': 's3://no-such-bucket/helper.py' } });
      assert.equal(done.JobRunState, 'FAILED');
      assert.match(done.ErrorMessage ?? '', /Bucket "no-such-bucket" does not exist/);
      assert.equal((await said(done.Id ?? '', 'error')).at(-1), done.ErrorMessage);
    });

    it('are tried again as often as they may', async () => {
      await job('flaky', 'flaky.py', { MaxRetries: 2 });
      const first = await runJob('flaky');
      assert.deepEqual([first.JobRunState, first.Attempt], ['FAILED', 0]);
      const runs = await until(async () => {
        const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: 'flaky' }));
        return JobRuns[0]?.JobRunState === 'SUCCEEDED' && JobRuns;
      });
      assert.deepEqual(runs.map(({ Id, Attempt, PreviousRunId }) => [Id, Attempt, PreviousRunId]), [[`${first.Id}_attempt_1`, 1, first.Id], [first.Id, 0, undefined]]);
    });

    it('stop with all that they started, once', async () => {
      const before = (await jobProcesses()).length;
      const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'slow' }));
      await until(() => said(JobRunId, 'output').then((lines) => lines.length > 0, () => false));
      assert.equal((await jobRun('slow', JobRunId)).JobRunState, 'RUNNING');
      await refused(glue.send(new StartJobRunCommand({ JobName: 'slow' })), 'ConcurrentRunsExceededException', /^Concurrent runs exceeded for slow$/);
      const stopped = await glue.send(new BatchStopJobRunCommand({ JobName: 'slow', JobRunIds: [JobRunId, 'jr_none'] }));
      assert.deepEqual([stopped.SuccessfulSubmissions, stopped.Errors?.[0]?.ErrorDetail?.ErrorCode], [[{ JobName: 'slow', JobRunId }], 'EntityNotFoundException']);
      const done = await over('slow', JobRunId);
      assert.deepEqual([done.JobRunState, done.ErrorMessage], ['STOPPED', undefined]);
      assert.deepEqual(await said(JobRunId, 'output'), ['begun']);
      assert.equal((await glue.send(new BatchStopJobRunCommand({ JobName: 'slow', JobRunIds: [JobRunId] }))).Errors?.[0]?.ErrorDetail?.ErrorCode, 'JobRunInTerminalStateException');
      assert.equal((await jobProcesses()).length, before);
    });

    it('that print much are kept up to a limit, in order', async () => {
      await job('chatty', 'chatty.py');
      const done = await runJob('chatty');
      const lines = await said(done.Id ?? '', 'output');
      assert.match(lines[0] ?? '', /^line 0 /);
      assert.match(lines[1000] ?? '', /^line 1000 /);
      assert.equal(done.JobRunState, 'SUCCEEDED');
    });

    it('reach their database by the address that the sandbox dials, and only they', async () => {
      const JDBC_CONNECTION_URL = 'jdbc:postgresql://172.31.9.9:5432/shop?ssl=false';
      await glue.send(
        new CreateConnectionCommand({ ConnectionInput: { Name: 'source', ConnectionType: 'JDBC', ConnectionProperties: { JDBC_CONNECTION_URL, USERNAME: 'u', PASSWORD: 'hidden-word' } } }),
      );
      const { Connection } = await glue.send(new GetConnectionCommand({ Name: 'source' }));
      assert.deepEqual([Connection?.ConnectionType, Connection?.ConnectionProperties?.JDBC_CONNECTION_URL], ['JDBC', JDBC_CONNECTION_URL]);
      await job('connects', 'connects.py');
      const done = await runJob('connects');
      // Its log shows the address that was asked for: nobody needs to know what is dialled.
      assert.equal((JSON.parse((await said(done.Id ?? '', 'output'))[0] ?? '{}') as Record<string, string>)['JDBC_CONNECTION_URL'], JDBC_CONNECTION_URL);
      const key = { accessKeyId: 'ASIANOBODYSKEY', secretAccessKey: 'x' };
      const other = new GlueClient({ ...clientConfig(endpoint), credentials: key });
      assert.equal((await other.send(new GetConnectionCommand({ Name: 'source' }))).Connection?.ConnectionProperties?.JDBC_CONNECTION_URL, JDBC_CONNECTION_URL);
      // Glue looks at the network of an attached connection before it launches a job.
      const ec2 = new EC2Client(clientConfig(endpoint));
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['default'] }] }));
      const PhysicalConnectionRequirements = { SubnetId: Subnets[0]?.SubnetId, SecurityGroupIdList: [SecurityGroups[0]?.GroupId ?? ''] };
      await glue.send(new CreateConnectionCommand({ ConnectionInput: { Name: 'inside', ConnectionType: 'JDBC', ConnectionProperties: { JDBC_CONNECTION_URL }, PhysicalConnectionRequirements } }));
      await job('attached', 'connects.py', { Connections: { Connections: ['inside'] } });
      assert.match((await runJob('attached')).ErrorMessage ?? '', /^inside: (At least one security group must open all ingress ports|VPC S3 endpoint validation failed for SubnetId: subnet-)/);
    });

    it('fail when their role is not there, alone and in a workflow', async () => {
      await job('roleless', 'good.py', { Role: 'nobody' });
      const said = (Id = '') => `JobName:roleless and JobRunId:${Id} failed to execute with exception Role arn:aws:iam::000000000000:role/nobody should be given assume role permissions for Glue Service.`;
      const alone = await runJob('roleless');
      assert.deepEqual([alone.JobRunState, alone.ErrorMessage], ['FAILED', said(alone.Id)]);
      await workflow('roleless', [{ JobName: 'roleless' }]);
      const done = await run('roleless');
      const [inWorkflow] = done.Graph?.Nodes?.find(({ Type }) => Type === 'JOB')?.JobDetails?.JobRuns ?? [];
      assert.deepEqual([done.Status, done.Statistics?.FailedActions, inWorkflow?.JobRunState, inWorkflow?.ErrorMessage], ['COMPLETED', 1, 'FAILED', said(inWorkflow?.Id)]);
    });

    it('that are not there are not found; deleted ones lose their runs', async () => {
      await refused(glue.send(new StartJobRunCommand({ JobName: 'none' })), 'EntityNotFoundException', /^Failed to start job run due to missing metadata\.$/);
      await refused(glue.send(new GetJobRunsCommand({ JobName: 'none' })), 'EntityNotFoundException');
      await refused(glue.send(new GetJobRunCommand({ JobName: 'good', RunId: 'jr_none' })), 'EntityNotFoundException');
      await job('gone', 'good.py');
      const { Id } = await runJob('gone');
      await glue.send(new DeleteJobCommand({ JobName: 'gone' }));
      await refused(glue.send(new GetJobRunCommand({ JobName: 'gone', RunId: Id ?? '' })), 'EntityNotFoundException');
      await job('gone', 'good.py');
      assert.deepEqual((await glue.send(new GetJobRunsCommand({ JobName: 'gone' }))).JobRuns, []);
    });

    it('page newest first', async () => {
      await job('many', 'good.py', { ExecutionProperty: { MaxConcurrentRuns: 5 } });
      const ids: string[] = [];
      for (let at = 0; at < 3; at += 1) {
        ids.push((await runJob('many')).Id ?? '');
      }
      const first = await glue.send(new GetJobRunsCommand({ JobName: 'many', MaxResults: 2 }));
      const second = await glue.send(new GetJobRunsCommand({ JobName: 'many', MaxResults: 2, NextToken: first.NextToken }));
      assert.deepEqual([...(first.JobRuns ?? []), ...(second.JobRuns ?? [])].map(({ Id }) => Id), ids.toReversed());
      assert.equal(second.NextToken, undefined);
      await refused(glue.send(new GetJobRunsCommand({ JobName: 'many', NextToken: 'rubbish' })), 'InvalidInputException');
      await refused(glue.send(new GetJobRunsCommand({ JobName: 'many', MaxResults: 0 })), 'ValidationException');
    });
  });

  describe('workflows', () => {
    it('walk their triggers: ALL and ANY over states of this run; what was not reached waits', async () => {
      await job('good-2', 'good.py');
      await job('last', 'good.py');
      await job('after-any', 'good.py');
      await job('never', 'good.py');
      await job('switched-off', 'good.py');
      await workflow('walk', [{ JobName: 'good' }, { JobName: 'bad' }], [
        { when: [{ JobName: 'good', State: 'SUCCEEDED' }, { JobName: 'bad', State: 'FAILED' }], then: [{ JobName: 'good-2', Arguments: { '--x': 'y' } }] },
        { when: [{ JobName: 'good-2', State: 'SUCCEEDED' }], then: [{ JobName: 'last' }] },
        { when: [{ JobName: 'good', State: 'FAILED' }, { JobName: 'bad', State: 'FAILED' }], any: true, then: [{ JobName: 'after-any' }] },
        { when: [{ JobName: 'good', State: 'SUCCEEDED' }, { JobName: 'bad', State: 'SUCCEEDED' }], then: [{ JobName: 'never' }] },
        { when: [{ JobName: 'good', State: 'SUCCEEDED' }], then: [{ JobName: 'switched-off' }], off: true },
      ]);
      const done = await run('walk');
      assert.equal(done.Status, 'COMPLETED', 'completed does not mean that all went well');
      assert.deepEqual(states(done), { good: ['SUCCEEDED'], bad: ['FAILED'], 'good-2': ['SUCCEEDED'], last: ['SUCCEEDED'], 'after-any': ['SUCCEEDED'], never: [], 'switched-off': [] });
      assert.deepEqual(done.Statistics, { TotalActions: 7, TimeoutActions: 0, FailedActions: 1, StoppedActions: 0, SucceededActions: 4, RunningActions: 0, ErroredActions: 0, WaitingActions: 0 });
      const second = done.Graph?.Nodes?.find(({ Name }) => Name === 'good-2')?.JobDetails?.JobRuns?.[0];
      assert.deepEqual([second?.TriggerName, second?.Arguments, second?.PredecessorRuns?.map(({ JobName }) => JobName)], ['walk-0', { '--x': 'y' }, ['good', 'bad']]);
      assert.equal(done.Graph?.Edges?.length, 2 + 3 + 2 + 3 + 3 + 2);
      assert.equal((await jobRun('good-2', second?.Id ?? '')).TriggerName, 'walk-0');
    });

    it('say what they run, while they run and afterwards', async () => {
      await job('gate', 'gate.py', { DefaultArguments: { '--bucket': bucket, '--gate': 'gate-1' } });
      await workflow('shown', [{ JobName: 'gate' }], [{ when: [{ JobName: 'gate', State: 'SUCCEEDED' }], then: [{ JobName: 'good' }] }]);
      const { RunId = '' } = await glue.send(new StartWorkflowRunCommand({ Name: 'shown', RunProperties: { mine: 'yes' } }));
      assert.match(RunId, /^wr_[0-9a-f]{64}$/);
      const running = await until(async () => {
        const now = await workflowRun('shown', RunId);
        return states(now)['gate']?.[0] === 'RUNNING' && now;
      });
      assert.deepEqual([running.Status, running.Statistics?.RunningActions, running.CompletedOn, running.PreviousRunId], ['RUNNING', 1, undefined, undefined]);
      assert.equal((await glue.send(new GetWorkflowCommand({ Name: 'shown' }))).Workflow?.LastRun?.Status, 'RUNNING');
      await refused(glue.send(new StartWorkflowRunCommand({ Name: 'shown' })), 'ConcurrentRunsExceededException', /^Concurrent runs exceeded for workflow: shown\.$/);
      await glue.send(new PutWorkflowRunPropertiesCommand({ Name: 'shown', RunId, RunProperties: { more: '1' } }));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'gate-1', Body: 'open' }));
      const done = await followed('shown', RunId);
      assert.deepEqual([done.Status, states(done)], ['COMPLETED', { gate: ['SUCCEEDED'], good: ['SUCCEEDED'] }]);
      assert.deepEqual((await glue.send(new GetWorkflowRunPropertiesCommand({ Name: 'shown', RunId }))).RunProperties, { from: 'default', mine: 'yes', more: '1' });
      const again = await run('shown');
      assert.equal(again.PreviousRunId, RunId);
      const all = await glue.send(new GetWorkflowRunsCommand({ Name: 'shown', MaxResults: 1, IncludeGraph: true }));
      assert.deepEqual([all.Runs?.map(({ WorkflowRunId }) => WorkflowRunId), all.Runs?.[0]?.Graph?.Nodes?.length], [[again.WorkflowRunId], 4]);
      const batch = await glue.send(new BatchGetWorkflowsCommand({ Names: ['shown', 'none'], IncludeGraph: true }));
      assert.deepEqual([batch.Workflows?.[0]?.LastRun?.WorkflowRunId, batch.Workflows?.[0]?.Graph?.Nodes?.length, batch.MissingWorkflows], [again.WorkflowRunId, 4, ['none']]);
    });

    it('stop: what runs is stopped, nothing more begins', async () => {
      await workflow('stopped', [{ JobName: 'slow' }], [{ when: [{ JobName: 'slow', State: 'STOPPED' }], then: [{ JobName: 'good' }] }]);
      const { RunId = '' } = await glue.send(new StartWorkflowRunCommand({ Name: 'stopped' }));
      await until(async () => states(await workflowRun('stopped', RunId))['slow']?.[0] === 'RUNNING');
      await glue.send(new StopWorkflowRunCommand({ Name: 'stopped', RunId }));
      assert.ok(['STOPPING', 'STOPPED'].includes((await workflowRun('stopped', RunId)).Status ?? ''));
      const done = await followed('stopped', RunId);
      assert.deepEqual([done.Status, states(done), done.Statistics?.StoppedActions], ['STOPPED', { slow: ['STOPPED'], good: [] }, 1]);
      await refused(glue.send(new StopWorkflowRunCommand({ Name: 'stopped', RunId })), 'IllegalWorkflowStateException');
      await refused(glue.send(new StopWorkflowRunCommand({ Name: 'stopped', RunId: 'wr_none' })), 'EntityNotFoundException');
    });

    it('go on from a node that failed', async () => {
      await job('repaired', 'repaired.py');
      await workflow('resumed', [{ JobName: 'good' }], [
        { when: [{ JobName: 'good', State: 'SUCCEEDED' }], then: [{ JobName: 'repaired' }] },
        { when: [{ JobName: 'repaired', State: 'SUCCEEDED' }], then: [{ JobName: 'good-2' }] },
      ]);
      const first = await run('resumed');
      assert.deepEqual(states(first), { good: ['SUCCEEDED'], repaired: ['FAILED'], 'good-2': [] });
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'repaired.py', Body: scripts['good.py'] }));
      const NodeIds = [first.Graph?.Nodes?.find(({ Name }) => Name === 'repaired')?.UniqueId ?? ''];
      const resumed = await glue.send(new ResumeWorkflowRunCommand({ Name: 'resumed', RunId: first.WorkflowRunId, NodeIds }));
      assert.deepEqual(resumed.NodeIds, NodeIds);
      const second = await followed('resumed', resumed.RunId ?? '');
      assert.deepEqual([states(second), second.PreviousRunId], [{ good: ['SUCCEEDED'], repaired: ['SUCCEEDED'], 'good-2': ['SUCCEEDED'] }, first.WorkflowRunId]);
      assert.equal((await glue.send(new GetJobRunsCommand({ JobName: 'repaired' }))).JobRuns?.length, 2);
    });

    it('try a job again before its trigger fires', async () => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'flaky-2.py', Body: scripts['flaky.py'].replaceAll('flaky-ran', 'second-flaky-ran') }));
      await job('flaky-2', 'flaky-2.py', { MaxRetries: 1 });
      await workflow('retried', [{ JobName: 'flaky-2' }], [{ when: [{ JobName: 'flaky-2', State: 'SUCCEEDED' }], then: [{ JobName: 'good' }] }]);
      assert.deepEqual(states(await run('retried')), { 'flaky-2': ['FAILED', 'SUCCEEDED'], good: ['SUCCEEDED'] });
    });

    it('note jobs that are gone or have no room', async () => {
      await job('leaves', 'good.py');
      await workflow('gone', [{ JobName: 'leaves' }, { JobName: 'slow' }]);
      await glue.send(new DeleteJobCommand({ JobName: 'leaves' }));
      const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'slow' }));
      const done = await run('gone');
      const node = (name: string) => done.Graph?.Nodes?.find(({ Name }) => Name === name)?.JobDetails?.JobRuns?.[0];
      assert.deepEqual([node('leaves')?.JobRunState, node('slow')?.JobRunState], ['ERROR', 'FAILED']);
      assert.match(node('slow')?.ErrorMessage ?? '', /Concurrent runs exceeded/);
      assert.deepEqual([done.Statistics?.ErroredActions, done.Statistics?.FailedActions], [1, 1]);
      await glue.send(new BatchStopJobRunCommand({ JobName: 'slow', JobRunIds: [JobRunId] }));
      await over('slow', JobRunId);
    });

    it('need a role that may pass itself', async () => {
      await iam.send(new DeleteRolePolicyCommand({ RoleName: 'runner', PolicyName: 'pass' }));
      try {
        await workflow('passing', [{ JobName: 'good' }]);
        const done = await run('passing');
        const [only] = done.Graph?.Nodes?.find(({ Type }) => Type === 'JOB')?.JobDetails?.JobRuns ?? [];
        assert.equal(only?.JobRunState, 'FAILED');
        assert.match(only?.ErrorMessage ?? '', /^User: arn:aws:sts::000000000000:assumed-role\/runner\/.* is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role\/runner/);
        assert.equal((await runJob('good')).JobRunState, 'SUCCEEDED', 'outside a workflow nobody passes it');
      } finally {
        await maySelf('runner');
      }
    });

    it('that are not there, or have nothing to start with, are refused; deleted ones lose their runs', async () => {
      await refused(glue.send(new StartWorkflowRunCommand({ Name: 'none' })), 'EntityNotFoundException');
      await refused(glue.send(new GetWorkflowRunsCommand({ Name: 'none' })), 'EntityNotFoundException');
      await refused(glue.send(new GetWorkflowRunCommand({ Name: 'shown', RunId: 'wr_none' })), 'EntityNotFoundException');
      await glue.send(new CreateWorkflowCommand({ Name: 'empty' }));
      await refused(glue.send(new StartWorkflowRunCommand({ Name: 'empty' })), 'InvalidInputException');
      await workflow('deleted', [{ JobName: 'good' }]);
      const { WorkflowRunId: RunId } = await run('deleted');
      await glue.send(new DeleteWorkflowCommand({ Name: 'deleted' }));
      await refused(glue.send(new GetWorkflowRunCommand({ Name: 'deleted', RunId })), 'EntityNotFoundException');
    });
  });

  describe('triggers', () => {
    const trigger = (Name: string, more: Partial<CreateTriggerCommandInput>) => glue.send(new CreateTriggerCommand({ Name, Type: 'ON_DEMAND', Actions: [{ JobName: 'good' }], ...more }));

    it('on demand fire when they are started, and the conditional ones after them', async () => {
      await job('demanded', 'good.py');
      await job('follows', 'good.py');
      await trigger('demand', { Actions: [{ JobName: 'demanded' }] });
      await trigger('follow', { Type: 'CONDITIONAL', StartOnCreation: true, Predicate: { Conditions: [{ LogicalOperator: 'EQUALS', JobName: 'demanded', State: 'SUCCEEDED' }] }, Actions: [{ JobName: 'follows' }] });
      await runJob('demanded');
      await glue.send(new StartTriggerCommand({ Name: 'demand' }));
      const [only, ...more] = await until(async () => {
        const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: 'follows' }));
        return JobRuns[0]?.JobRunState === 'SUCCEEDED' && JobRuns;
      });
      assert.deepEqual([only?.TriggerName, more.length], ['follow', 0], 'a run that no trigger started sets nothing off');
      assert.equal((await glue.send(new GetJobRunsCommand({ JobName: 'demanded' }))).JobRuns?.[0]?.TriggerName, 'demand');
    });

    it('on a schedule fire when time is pushed forward, only while they are activated', async () => {
      await glue.send(new CreateWorkflowCommand({ Name: 'hourly', MaxConcurrentRuns: 1 }));
      await trigger('hourly-start', { WorkflowName: 'hourly', Type: 'SCHEDULED', Schedule: 'cron(59 * * * ? *)' });
      const push = async (minutes: number): Promise<number> => {
        const { token } = await runningFile(state);
        const answer = await fetch(`${endpoint}/_lake/advance`, { method: 'POST', headers: { 'x-lake-token': token }, body: JSON.stringify({ minutes }) });
        return ((await answer.json()) as { ran: number }).ran;
      };
      const count = async (): Promise<number> => (await glue.send(new GetWorkflowRunsCommand({ Name: 'hourly' }))).Runs?.length ?? 0;
      assert.equal(await push(60), 0, 'a deactivated trigger does nothing');
      await glue.send(new StartTriggerCommand({ Name: 'hourly-start' }));
      assert.equal((await glue.send(new GetTriggerCommand({ Name: 'hourly-start' }))).Trigger?.State, 'ACTIVATED');
      assert.equal(await push(120), 2);
      // Time that is pushed waits for what it sets off: no run meets the one before.
      const { Runs = [] } = await glue.send(new GetWorkflowRunsCommand({ Name: 'hourly' }));
      assert.deepEqual(Runs.map(({ Status, Statistics }) => [Status, Statistics?.SucceededActions]), [['COMPLETED', 1], ['COMPLETED', 1]]);
      await glue.send(new StopTriggerCommand({ Name: 'hourly-start' }));
      assert.equal(await push(120), 0);
      assert.equal(await count(), 2);
      await refused(trigger('wrong', { Type: 'SCHEDULED', Schedule: 'cron(99 * * * ? *)' }), 'ValidationException');
    });
  });

  describe('crawlers', () => {
    it('have states, and a history', async () => {
      await glue.send(new CreateCrawlerCommand({ Name: 'crawler', Role: role, DatabaseName: 'nowhere', Targets: { S3Targets: [{ Path: `s3://${bucket}/none/` }] } }));
      const look = async () => (await glue.send(new GetCrawlerCommand({ Name: 'crawler' }))).Crawler;
      assert.deepEqual([(await look())?.State, (await look())?.LastCrawl], ['READY', undefined]);
      await refused(glue.send(new StopCrawlerCommand({ Name: 'crawler' })), 'CrawlerNotRunningException');
      await refused(glue.send(new StartCrawlerCommand({ Name: 'none' })), 'EntityNotFoundException', /^Crawler with name none does not exist$/);
      await refused(glue.send(new GetCrawlerCommand({ Name: 'none' })), 'EntityNotFoundException', /^Crawler entry with name none does not exist$/);
      await glue.send(new StartCrawlerCommand({ Name: 'crawler' }));
      const done = await until(async () => {
        const now = await look();
        return now?.State === 'READY' && now;
      });
      assert.ok(['SUCCEEDED', 'FAILED'].includes(done.LastCrawl?.Status ?? ''));
      assert.deepEqual([done.LastCrawl?.LogGroup, done.LastCrawl?.LogStream], ['/aws-glue/crawlers', 'crawler']);
      assert.ok(done.LastCrawl?.StartTime instanceof Date);
      const { events = [] } = await logs.send(new GetLogEventsCommand({ logGroupName: '/aws-glue/crawlers', logStreamName: 'crawler', startFromHead: true }));
      assert.match(events[0]?.message ?? '', /^\[[0-9a-f-]{36}\] BENCHMARK : Running Start Crawl for Crawler crawler$/);
      const { Crawls = [] } = await glue.send(new ListCrawlsCommand({ CrawlerName: 'crawler' }));
      assert.deepEqual([Crawls.length, Crawls[0]?.CrawlId, Crawls[0]?.EndTime instanceof Date], [1, done.LastCrawl?.MessagePrefix, true]);
      assert.equal((await glue.send(new GetCrawlerMetricsCommand({ CrawlerNameList: ['crawler'] }))).CrawlerMetricsList?.[0]?.CrawlerName, 'crawler');
      await glue.send(new UpdateCrawlerCommand({ Name: 'crawler', Description: 'changed' }));
      await glue.send(new DeleteCrawlerCommand({ Name: 'crawler' }));
      await refused(glue.send(new ListCrawlsCommand({ CrawlerName: 'crawler' })), 'EntityNotFoundException');
    });
  });

  describe('history', () => {
    it('survives kill -9; what ran then has failed, and runs again', async () => {
      const before = await glue.send(new GetWorkflowRunsCommand({ Name: 'walk', IncludeGraph: true }));
      await workflow('killed', [{ JobName: 'slow' }]);
      const { RunId = '' } = await glue.send(new StartWorkflowRunCommand({ Name: 'killed' }));
      await until(async () => states(await workflowRun('killed', RunId))['slow']?.[0] === 'RUNNING');
      const running = (await workflowRun('killed', RunId)).Graph?.Nodes?.find(({ Type }) => Type === 'JOB')?.JobDetails?.JobRuns?.[0];
      await timedOut;
      assert.equal((await jobProcesses()).length > 0, process.platform !== 'win32');
      process.kill((await runningFile(state)).pid, 'SIGKILL');
      // Without anybody's help: its parent is gone.
      await until(async () => (await jobProcesses()).length === 0);
      // As a kill in the middle of a line leaves it.
      const file = stateFiles(state).history;
      await writeFile(file, `${await readFile(file, 'utf8')}{"kind":"job","id":"jr_`);
      await connect();
      assert.deepEqual((await glue.send(new GetWorkflowRunsCommand({ Name: 'walk', IncludeGraph: true }))).Runs, before.Runs);
      const cut = await workflowRun('killed', RunId);
      assert.deepEqual([cut.Status, cut.ErrorMessage, states(cut)], ['ERROR', 'The sandbox was stopped while this ran.', { slow: ['FAILED'] }]);
      assert.equal((await jobRun('slow', running?.Id ?? '')).ErrorMessage, 'The sandbox was stopped while this ran.');
      const again = await glue.send(new StartWorkflowRunCommand({ Name: 'killed' }));
      await until(async () => states(await workflowRun('killed', again.RunId ?? ''))['slow']?.[0] === 'RUNNING');
      await stopSandbox({ state });
      await connect();
      const stopped = await workflowRun('killed', again.RunId ?? '');
      assert.deepEqual([stopped.Status, states(stopped)], ['ERROR', { slow: ['FAILED'] }]);
      assert.equal((await runJob('good')).JobRunState, 'SUCCEEDED');
    });

    it('pages through a thousand runs of one workflow', async () => {
      await stopSandbox({ state });
      const file = stateFiles(state).history;
      const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
      const model = lines.map((line) => JSON.parse(line) as { kind: string; add?: Record<string, unknown> }).find(({ kind, add }) => kind === 'workflow' && add?.['name'] === 'walk')?.add;
      const more = Array.from({ length: 1_000 }, (_, at) => JSON.stringify({ kind: 'workflow', add: { ...model, id: `wr_${at}`, startedOn: Date.now() } }));
      await writeFile(file, `${[...lines, ...more].join('\n')}\n`);
      await connect();
      const seen: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await glue.send(new GetWorkflowRunsCommand({ Name: 'walk', MaxResults: 25, NextToken, IncludeGraph: true }));
        assert.ok((page.Runs?.length ?? 0) <= 25);
        seen.push(...(page.Runs ?? []).map(({ WorkflowRunId }) => WorkflowRunId ?? ''));
        NextToken = page.NextToken;
      } while (NextToken);
      assert.equal(seen.length, 1_001);
      assert.deepEqual([seen[0], seen[999], new Set(seen).size], ['wr_999', 'wr_0', 1_001]);
    });
  });

  describe('time', () => {
    it('ends a job that takes too long', async () => {
      const done = await timedOut;
      assert.deepEqual([done.JobRunState, done.Timeout, done.ErrorMessage], ['TIMEOUT', 1, 'Job run timed out']);
      assert.ok((done.ExecutionTime ?? 0) >= 60);
    });
  });
});
