import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EC2Client, DescribeInstancesCommand, DescribeVpcsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, DeleteAccessKeyCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { UserError } from '../../../../src/errors.ts';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox, tickSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { Engine } from '../../../../src/sandbox/kernel/engine.ts';
import { stateFiles } from '../../../../src/sandbox/kernel/files.ts';
import { clientConfig, runningFile, temporaryState } from '../support.ts';

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
    // Whose a key is stays known: of a user, of a session on their behalf, and of nobody any more.
    await iam.send(new CreateUserCommand({ UserName: 'holder' }));
    const keyOf = async () => (await iam.send(new CreateAccessKeyCommand({ UserName: 'holder' }))).AccessKey?.AccessKeyId ?? '';
    const [kept, gone] = [await keyOf(), await keyOf()];
    const as = (accessKeyId: string) => new STSClient({ ...clientConfig(endpoint), credentials: { accessKeyId, secretAccessKey: 'any' } });
    const borrowed = (await as(kept).send(new GetSessionTokenCommand({}))).Credentials?.AccessKeyId ?? '';
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'holder', AccessKeyId: gone }));
    const before = await look();
    process.kill((await runningFile(state)).pid, 'SIGKILL');
    const status = await startSandbox({ state });
    assert.equal(status.endpoint, endpoint);
    assert.deepEqual(await look(), before);
    for (const key of [kept, borrowed]) {
      assert.match((await as(key).send(new GetCallerIdentityCommand({}))).Arn ?? '', /user\/holder$/);
    }
    await assert.rejects(new IAMClient({ ...clientConfig(endpoint), credentials: { accessKeyId: borrowed, secretAccessKey: 'any' } }).send(new GetRoleCommand({ RoleName: 'kept' })), { name: 'AccessDenied' });
    await assert.rejects(as(gone).send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' });
    if (process.platform !== 'win32') {
      const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'command=']);
      assert.equal(stdout.split('\n').filter((line) => line.includes('control_plane') && line.includes(state)).length, 1);
    }
  });

  it('answers 503 with an error of AWS when its control plane dies again and again, and mends at the next start', async () => {
    const { endpoint } = await startSandbox({ state });
    const sts = new STSClient(clientConfig(endpoint));
    for (let isBroken = false; !isBroken; ) {
      const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'pid=,command=']);
      const line = stdout.split('\n').find((each) => each.includes('control_plane') && each.includes(state));
      if (line) process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL');
      // One that died once or twice is back by the time that this is answered.
      await sts.send(new GetCallerIdentityCommand({})).catch((error: Error) => {
        isBroken = error.name === 'ServiceUnavailable';
        if (isBroken) assert.match(error.message, /start it again/);
      });
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

  it('does not pass a sandbox on its own engine off as one on another', async () => {
    await startSandbox({ state });
    await assert.rejects(startSandbox({ state, sparkRemote: 'sc://127.0.0.1:15002' }), (error) => UserError.is(error) && error.code === 'spark-remote-differs');
    await stopSandbox({ state });
    const status = await startSandbox({ state, sparkRemote: 'sc://127.0.0.1:1/;token=secret' });
    assert.equal(status.sparkRemote, '127.0.0.1:1');
    if (process.platform !== 'win32') {
      const { stdout } = spawnSync('ps', ['-ww', '-e', '-o', 'command='], { encoding: 'utf8' });
      assert.match(stdout, /gateway/);
      assert.doesNotMatch(stdout, /token=secret/);
    }
    assert.deepEqual(await startSandbox({ state }), status);
    assert.deepEqual(await startSandbox({ state, sparkRemote: 'sc://127.0.0.1:1' }), status);
    await stopSandbox({ state });
  });

  it('says at once that the Spark server of the setting is not there, and no token of it', async () => {
    const engine = new Engine({ modules: [], python: 'none', endpoint: 'none', region: 'us-east-2', sparkRemote: 'sc://127.0.0.1:1/;token=secret', log: () => undefined });
    await assert.rejects(engine.remote(), (error: Error) => /127\.0\.0\.1:1 does not answer.*ECONNREFUSED/.test(error.message) && !error.message.includes('secret'));
  });

  it('says what is wrong with a folder that is none', async () => {
    const file = `${state}/a-file`;
    await writeFile(file, '');
    for (const folder of [file, `${file}/below`]) {
      await assert.rejects(startSandbox({ state: folder }), (error) => UserError.is(error) && error.code === 'state-folder' && error.message.includes(folder));
    }
  });

  it('on a full disk does not start, and says so; stops all the same', async function () {
    const full = await mkdtemp(join(tmpdir(), 'lake-full-'));
    // Only root on Linux can have a disk that is full.
    const mounted = await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', full]).then(() => true, () => false);
    try {
      if (!mounted) this.skip();
      await writeFile(join(full, 'filling'), Buffer.alloc(4096));
      const own = join(full, 'state');
      await assert.rejects(startSandbox({ state: own }), (error) => UserError.is(error) && error.code === 'disk-full');
      assert.equal((await stopSandbox({ state: own })).state, 'stopped');
      assert.deepEqual(await readdir(own), []);
    } finally {
      if (mounted) await promisify(execFile)('umount', [full]);
      await rm(full, { recursive: true, force: true });
    }
  });

  it('with the control plane alone, says why time cannot be pushed forward', async () => {
    await stopSandbox({ state });
    await startSandbox({ state, controlPlaneOnly: true });
    await assert.rejects(tickSandbox(1, { state }), (error) => UserError.is(error) && error.code === 'sandbox.hollow');
    await stopSandbox({ state });
  });

  it('says so when the sandbox ends over what it was asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lake-ends-'));
    const ends = createHttpServer((request, response) => {
      if (request.url === '/_lake/status') {
        response.end(JSON.stringify({ pid: process.pid, port: 1, state: 'running' }));
      } else {
        request.socket.destroy();
      }
    });
    await new Promise<void>((done) => ends.listen(0, '127.0.0.1', done));
    try {
      await writeFile(stateFiles(folder).running, JSON.stringify({ pid: process.pid, port: (ends.address() as AddressInfo).port, token: 'x' }));
      await assert.rejects(tickSandbox(1, { state: folder }), (error) => UserError.is(error) && error.code === 'sandbox.stopped');
    } finally {
      ends.close();
      ends.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('stopping what does not run is no error', async () => {
    await stopSandbox({ state });
    assert.equal((await stopSandbox({ state })).state, 'stopped');
    assert.equal((await stopSandbox({ state: `${state}/nowhere` })).state, 'stopped');
  });
});
