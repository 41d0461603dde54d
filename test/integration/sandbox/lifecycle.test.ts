import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { EC2Client, DescribeInstancesCommand, DescribeVpcsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { UserError } from '../../../src/errors.ts';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox } from '../../../src/sandbox/control.ts';
import { clientConfig, runningFile, temporaryState } from './support.ts';

const trust = (service: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] });

describe('sandbox: start, stop, reset', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;

  before(async () => {
    ({ state, remove } = await temporaryState());
  });
  after(() => remove());

  it('starts, says where, and gives the running one to a second start', async () => {
    assert.equal((await sandboxStatus({ state })).state, 'stopped');
    const first = await startSandbox({ state });
    assert.equal(first.state, 'running');
    assert.match(first.endpoint ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(await startSandbox({ state }), first);
    const identity = await new STSClient(clientConfig(first.endpoint)).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Account, '000000000000');
    assert.match(identity.Arn ?? '', /^arn:aws:iam::000000000000:user\//);
  });

  it('keeps its state folder to its owner', async function () {
    if (process.platform === 'win32') this.skip();
    assert.equal((await stat(state)).mode & 0o077, 0);
  });

  it('keeps what it holds across a stop, at the same address', async () => {
    const before = await startSandbox({ state });
    const s3 = new S3Client({ ...clientConfig(before.endpoint), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
    await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a b/ñ+%20', Body: 'content' }));
    assert.equal((await stopSandbox({ state })).state, 'stopped');
    await assert.rejects(fetch(`${before.endpoint}/`));
    const after = await startSandbox({ state });
    assert.equal(after.endpoint, before.endpoint);
    const object = await s3.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a b/ñ+%20' }));
    assert.equal(await object.Body?.transformToString(), 'content');
  });

  it('survives kill -9: same ids, same dates, and nothing of the old process left', async () => {
    const { endpoint } = await startSandbox({ state });
    const ec2 = new EC2Client(clientConfig(endpoint));
    const iam = new IAMClient(clientConfig(endpoint));
    const vpc = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId;
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, ClientToken: 'once' }));
    await iam.send(new CreateRoleCommand({ RoleName: 'kept', AssumeRolePolicyDocument: trust('glue.amazonaws.com') }));
    // Reads between the changes, in parallel, must not disturb what ids are drawn.
    const look = async () => ({
      vpc,
      instances: (await ec2.send(new DescribeInstancesCommand({}))).Reservations,
      role: (await iam.send(new GetRoleCommand({ RoleName: 'kept' }))).Role,
    });
    const before = await look();
    process.kill((await runningFile(state)).pid, 'SIGKILL');
    const status = await startSandbox({ state });
    assert.equal(status.endpoint, endpoint);
    assert.deepEqual(await look(), before);
    if (process.platform !== 'win32') {
      const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'command=']);
      assert.equal(stdout.split('\n').filter((line) => line.includes('control_plane.py') && line.includes(state)).length, 1);
    }
  });

  it('answers 503 with an error of AWS when its control plane has died, and mends at the next start', async () => {
    const { endpoint } = await startSandbox({ state });
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'pid=,command=']);
    const line = stdout.split('\n').find((each) => each.includes('control_plane.py') && each.includes(state));
    process.kill(Number(line?.trim().split(' ')[0]), 'SIGKILL');
    const sts = new STSClient(clientConfig(endpoint));
    for (;;) {
      try {
        await sts.send(new GetCallerIdentityCommand({}));
      } catch (error) {
        if (error instanceof Error && error.name === 'ServiceUnavailable') {
          assert.match(error.message, /start it again/);
          break;
        }
      }
    }
    assert.match((await sandboxStatus({ state })).failure ?? '', /control plane/);
    assert.equal((await startSandbox({ state })).failure, undefined);
    assert.ok(await sts.send(new GetCallerIdentityCommand({})));
  });

  it('is empty after a reset, with its environment kept', async () => {
    await startSandbox({ state });
    assert.equal((await resetSandbox({ state })).state, 'stopped');
    const messages: string[] = [];
    const { endpoint } = await startSandbox({ state, onProgress: (message) => messages.push(message) });
    const s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
    assert.ok(!messages.some((message) => message.startsWith('Fetching')), messages.join());
  });

  it('two starters at once give one sandbox', async () => {
    await stopSandbox({ state });
    const [one, two] = await Promise.all([startSandbox({ state }), startSandbox({ state })]);
    assert.deepEqual(one, two);
  });

  it('says so when the port asked for is taken, and takes another when none was asked for', async () => {
    await stopSandbox({ state });
    const remembered = (await startSandbox({ state })).endpoint;
    await stopSandbox({ state });
    const other = createServer();
    await new Promise<void>((done) => other.listen(Number(new URL(remembered ?? '').port), '127.0.0.1', done));
    try {
      const { port } = other.address() as AddressInfo;
      await assert.rejects(startSandbox({ state, port }), (error) => UserError.is(error) && error.code === 'port-in-use');
      assert.notEqual((await startSandbox({ state })).endpoint, remembered);
    } finally {
      other.close();
    }
  });

  it('stopping what does not run is no error', async () => {
    await stopSandbox({ state });
    assert.equal((await stopSandbox({ state })).state, 'stopped');
    assert.equal((await stopSandbox({ state: `${state}/nowhere` })).state, 'stopped');
  });
});
