import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSubnetsCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand, type JobRun } from '@aws-sdk/client-glue';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { strToU8, zipSync } from 'fflate';
import { sandboxStatus, startSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { clientConfig, temporaryState } from '../support.ts';

const bucket = 'of-those-who-die';
const scripts = {
  // Goes on for ever, a short question after the other: whenever its engine dies, it is at work.
  'long.py': `from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.sql("SELECT 1").collect()
print("begun", flush=True)
while True: spark.sql("SELECT 1").collect()`,
  'short.py': `from pyspark.sql import SparkSession
print(SparkSession.builder.getOrCreate().sql("SELECT 1").collect())`,
};
const handler = 'import os, signal\ndef handler(event, context):\n    if event.get("die"): os.kill(os.getpid(), signal.SIGKILL)\n    if event.get("leave"): os._exit(3)\n    return "alive"';
const userData = '#!/bin/bash\nyum install -y postgresql16-server\npostgresql-setup --initdb\nsystemctl enable --now postgresql\n';

/** So long it may take until everybody knows. */
const SOON_MS = 20_000;

/** Asks until the answer is there, and says what was last seen when it does not come. */
async function soon<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const started = Date.now();
  while (Date.now() - started < SOON_MS) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(50);
  }
  throw new Error(`not within ${SOON_MS / 1000} s: ${what}`);
}

describe('sandbox: one of its processes dies', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryState>>;
  let config: ReturnType<typeof clientConfig>;
  let glue: GlueClient;
  let athena: AthenaClient;
  let lambda: LambdaClient;
  let s3: S3Client;

  const status = () => sandboxStatus({ state: place.state });

  before(async function () {
    if (process.platform === 'win32') this.skip();
    place = await temporaryState();
    config = { ...clientConfig((await startSandbox({ state: place.state })).endpoint), maxAttempts: 8 };
    [glue, athena, lambda, s3] = [new GlueClient(config), new AthenaClient(config), new LambdaClient(config), new S3Client({ ...config, forcePathStyle: true })];
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: ['glue.amazonaws.com', 'lambda.amazonaws.com'] }, Action: 'sts:AssumeRole' }] };
    const { Role } = await new IAMClient(config).send(new CreateRoleCommand({ RoleName: 'runner', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const work = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:*', 'logs:*', 'glue:*'], Resource: '*' }] };
    await new IAMClient(config).send(new PutRolePolicyCommand({ RoleName: 'runner', PolicyName: 'work', PolicyDocument: JSON.stringify(work) }));
    await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    for (const [Key, Body] of Object.entries(scripts)) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      await glue.send(new CreateJobCommand({ Name: Key, Role: Role?.Arn, Command: { Name: 'glueetl', ScriptLocation: `s3://${bucket}/${Key}` }, GlueVersion: '5.0' }));
    }
    await lambda.send(new CreateFunctionCommand({ FunctionName: 'mortal', Runtime: 'python3.13', Handler: 'handler.handler', Role: Role?.Arn, Code: { ZipFile: zipSync({ 'handler.py': strToU8(handler) }) } }));
  });
  after(() => place?.remove());

  /** The processes of this sandbox whose command line has a text. */
  async function processes(text: string): Promise<number[]> {
    const { pid } = await status();
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'pid=,ppid=,command=']);
    const all = stdout.split('\n').flatMap((line) => {
      const [, id, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return id === undefined ? [] : [{ id: Number(id), parent: Number(parent), command }];
    });
    const family = new Set([pid]);
    for (let before = 0; before < family.size; ) {
      before = family.size;
      all.filter(({ parent }) => family.has(parent)).forEach(({ id }) => family.add(id));
    }
    return all.filter(({ id, command }) => family.has(id) && command.includes(text)).map(({ id }) => id);
  }
  async function kill(text: string): Promise<void> {
    const [pid] = await processes(text);
    assert.ok(pid, text);
    process.kill(pid, 'SIGKILL');
  }

  const startJob = async (JobName: string): Promise<string> => (await glue.send(new StartJobRunCommand({ JobName }))).JobRunId ?? '';
  const jobRun = async (JobName: string, RunId: string): Promise<JobRun> => (await glue.send(new GetJobRunCommand({ JobName, RunId }))).JobRun ?? {};
  const endOf = (JobName: string, RunId: string) =>
    soon(`the end of ${JobName}`, async () => {
      const run = await jobRun(JobName, RunId);
      return ['STARTING', 'RUNNING', 'STOPPING'].includes(run.JobRunState ?? '') ? undefined : run;
    });

  it('the engine during a job: the run fails with that reason, and the next one runs', async () => {
    const RunId = await startJob('long.py');
    const logs = new CloudWatchLogsClient(config);
    await soon('the job is at work', async () => {
      const found = await logs.send(new GetLogEventsCommand({ logGroupName: '/aws-glue/jobs/output', logStreamName: RunId })).catch(() => undefined);
      return found?.events?.some(({ message }) => message === 'begun') || undefined;
    });
    await kill('sandbox.kernel.engine ');
    const { JobRunState, ErrorMessage } = await endOf('long.py', RunId);
    assert.equal(JobRunState, 'FAILED');
    assert.match(ErrorMessage ?? '', /engine ended \(killed, as by a system that is out of memory\)/);
    assert.deepEqual(await processes('run_job.py').then((all) => all.length <= 1), true, 'its own process is gone');
    assert.equal((await endOf('short.py', await startJob('short.py'))).JobRunState, 'SUCCEEDED');
    assert.equal((await status()).state, 'running');
  });

  it('the engine during a query: it fails in words, and the next one runs', async () => {
    const start = async (QueryString: string): Promise<string> =>
      (await athena.send(new StartQueryExecutionCommand({ QueryString, ResultConfiguration: { OutputLocation: `s3://${bucket}/results/` } }))).QueryExecutionId ?? '';
    const state = async (QueryExecutionId: string) => (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution?.Status ?? {};
    const end = (id: string) => soon('the end of the query', async () => (/SUCCEEDED|FAILED|CANCELLED/.test((await state(id)).State ?? '') ? state(id) : undefined));
    assert.equal((await end(await start('SELECT 1'))).State, 'SUCCEEDED');
    const many = 'UNNEST(sequence(1, 9000))';
    const long = await start(`SELECT sum(a.x % 7 + b.x % 11 + c.x % 13) FROM ${many} a(x) CROSS JOIN ${many} b(x) CROSS JOIN ${many} c(x)`);
    await soon('the query runs', async () => (await state(long)).State === 'RUNNING' || undefined);
    await kill('sandbox.kernel.engine ');
    const { State, StateChangeReason } = await end(long);
    assert.equal(State, 'FAILED');
    assert.match(StateChangeReason ?? '', /engine ended/);
    assert.equal((await end(await start('SELECT 1'))).State, 'SUCCEEDED');
  });

  it("a function's process: the invocation says so as on AWS, and the next one runs", async () => {
    const invoke = async (event: object) => {
      const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'mortal', Payload: Buffer.from(JSON.stringify(event)) }));
      return { FunctionError, payload: JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown };
    };
    assert.deepEqual(await invoke({}), { FunctionError: undefined, payload: 'alive' });
    const killed = await invoke({ die: true });
    assert.equal(killed.FunctionError, 'Unhandled');
    assert.match(JSON.stringify(killed.payload), /"Runtime\.ExitError".*RequestId: \S+ Error: Runtime exited with error: signal: killed/);
    assert.match(JSON.stringify((await invoke({ leave: true })).payload), /Runtime exited with error: exit status 3/);
    assert.deepEqual(await invoke({}), { FunctionError: undefined, payload: 'alive' });
  });

  it('PostgreSQL: its port is shown no more, and it comes back', async () => {
    const ec2 = new EC2Client(config);
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: 'ami-0abcdef1234567890', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: Subnets?.[0]?.SubnetId, UserData: Buffer.from(userData).toString('base64') }));
    const InstanceId = Instances?.[0]?.InstanceId;
    const answers = (port: number) => new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && true)).once('error', () => resolve(false));
    });
    const up = () => soon('PostgreSQL answers', async () => {
      const { postgres } = await status();
      return postgres && (await answers(postgres.port)) ? postgres.port : undefined;
    });
    await up();
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'pid=,command=']);
    const postmaster = stdout.split('\n').find((line) => line.includes('postgres -D') && line.includes(InstanceId ?? '?'));
    const pid = Number(/^\s*(\d+) /.exec(postmaster ?? '')?.[1]);
    assert.ok(pid > 1, stdout);
    process.kill(pid, 'SIGKILL');
    // From the first look on the status is true: a port that is shown answers.
    for (let looks = 0; looks < 20; looks += 1) {
      const { postgres } = await status();
      if (postgres) assert.ok(await answers(postgres.port), 'a dead port is shown');
      await delay(50);
    }
    await up();
  });

  it('the control plane: what it held is there again, and no call hangs', async () => {
    await kill('sandbox.gateway.control_plane');
    const started = Date.now();
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    assert.ok(Date.now() - started < SOON_MS);
    assert.equal((await endOf('short.py', await startJob('short.py'))).JobRunState, 'SUCCEEDED');
    assert.equal((await status()).failure, undefined);
  });
});
