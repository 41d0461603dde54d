import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { GetDatabasesCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { HttpRequest } from '@smithy/types';
import { ExitCode, UserError } from '../../../../src/errors.ts';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox, type SandboxStatus } from '../../../../src/sandbox/control/sandbox.ts';
import { stateFiles } from '../../../../src/sandbox/kernel/files.ts';
import { Peers } from '../../../../src/sandbox/gateway/peers.ts';
import { clientConfig, runningFile, sharedPython, temporaryState } from '../support.ts';

const run = promisify(execFile);

/** nobody's, whom no process of the sandbox runs as. Only root can become another user. */
const ANOTHER = 65534;
const asAnother = process.platform === 'linux' && process.geteuid?.() === 0 ? it : it.skip;

const ASK = `
import base64, os, socket, sys
os.setgroups([]); os.setgid(${ANOTHER}); os.setuid(${ANOTHER})
host, port, text, closes = sys.argv[1], int(sys.argv[2]), base64.b64decode(sys.argv[3]), sys.argv[4] == "true"
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
s.settimeout(3)
try:
    s.connect((host, port))
    s.sendall(text)
    while not closes and (piece := s.recv(65536)):
        sys.stdout.buffer.write(piece)
except (ConnectionError, TimeoutError) as error:
    print(type(error).__name__)
`;

/** Sends bytes to a port of this machine from a process of another user, and returns what comes back. */
async function asNobody(port: number, text: string, { host = '127.0.0.1', closes = false } = {}): Promise<string> {
  return (await run(await sharedPython(), ['-c', ASK, host, String(port), Buffer.from(text, 'latin1').toString('base64'), String(closes)])).stdout;
}

/** The ports of this machine on which the sandbox's processes listen, by what runs there. */
async function listeners(pid: number): Promise<Map<string, number[]>> {
  const { stdout } = await run('ps', ['-ww', '-e', '-o', 'pid=,ppid=,command=']);
  const all = stdout.split('\n').flatMap((line) => {
    const [, id, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id, parent, command }];
  });
  const family = new Set([String(pid)]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    all.filter(({ parent }) => family.has(parent ?? '')).forEach(({ id }) => family.add(id));
  }
  const ours = all.filter(({ id }) => family.has(id));
  const { stdout: sockets } = await run('python3', ['-c', `
import os, sys
listening = {}
for line in open("/proc/net/tcp").read().split("\\n")[1:]:
    f = line.split()
    if f and f[3] == "0A": listening[f[9]] = int(f[1].split(":")[1], 16)
for pid in sys.argv[1:]:
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try: link = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError: continue
        if link.startswith("socket:[") and link[8:-1] in listening: print(pid, listening[link[8:-1]])
`, ...ours.map(({ id }) => id)]);
  const found = new Map<string, number[]>();
  for (const line of sockets.trim().split('\n').filter(Boolean)) {
    const [id, port] = line.split(' ');
    const command = ours.find((each) => each.id === id)?.command ?? '';
    const name = /(?:-m sandbox\.\w+\.|\/)(control_plane|engine_door|engine|peers|gateway)\b(?:\.(?:py|ts|js))?(?: |$)/.exec(command)?.[1] ?? command;
    found.set(name, [...(found.get(name) ?? []), Number(port)]);
  }
  return found;
}

describe('sandbox: who gets in', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;
  let endpoint: string;
  let port: number;
  let s3: S3Client;
  const buckets = async (): Promise<(string | undefined)[]> => ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
  const signed = (service: string): string => `Authorization: AWS4-HMAC-SHA256 Credential=invented/20260101/us-east-2/${service}/aws4_request, SignedHeaders=host, Signature=0\r\n`;

  before(async () => {
    ({ state, remove } = await temporaryState());
    endpoint = (await startSandbox({ state })).endpoint ?? '';
    port = Number(new URL(endpoint).port);
    s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  });
  after(() => remove());

  it('says who gets in', async () => {
    assert.equal((await sandboxStatus({ state })).access, process.platform === 'linux' ? 'user' : 'machine');
  });

  asAnother('are closed to another user of the machine, however the connection comes', async () => {
    const get = `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${signed('s3')}\r\n`;
    for (const host of ['127.0.0.1', '::ffff:127.0.0.1']) {
      const answer = await asNobody(port, get, { host });
      assert.match(answer, /^HTTP\/1\.1 403 .*AccessDenied.*belongs to another user/s);
      assert.doesNotMatch(answer, /kept/);
    }
    // Before it is told to send its content.
    assert.doesNotMatch(await asNobody(port, `PUT /kept/a HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n${signed('s3')}\r\n`), /100 Continue/);
    assert.deepEqual(await buckets(), ['kept']);
  });

  asAnother('are closed to who sends and is gone at once: a socket that nobody holds is not root\'s', async () => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await asNobody(port, `PUT /stolen-${attempt} HTTP/1.1\r\nHost: 127.0.0.1\r\n${signed('s3')}Content-Length: 0\r\n\r\n`, { closes: true });
    }
    assert.deepEqual(await buckets(), ['kept']);
  });

  asAnother('are closed at every port that its processes listen on', async () => {
    const { pid } = await sandboxStatus({ state });
    const found = await listeners(pid ?? 0);
    assert.deepEqual([...found.keys()].sort(), ['control_plane', 'engine', 'engine_door', 'gateway']);
    for (const [name, ports] of found) {
      for (const each of ports) {
        const answer = await asNobody(each, name.startsWith('engine') ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000' : `GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n${signed('s3')}\r\n`);
        assert.match(answer, /^(HTTP\/1\.1 403 .*|TimeoutError\n|ConnectionResetError\n)?$/s, `${name} ${each}`);
        assert.doesNotMatch(answer, /kept/);
      }
    }
  });

  it("moto's own doors are shut, however they are spelt, and nothing is lost by knocking", async () => {
    const { pid } = await sandboxStatus({ state });
    const ports = [port, ...(process.platform === 'linux' ? ((await listeners(pid ?? 0)).get('control_plane') ?? []) : [])];
    for (const each of ports) {
      for (const path of ['/moto-api/reset', '/moto%2Dapi/reset', '//moto-api/reset', `http://127.0.0.1:${each}/moto-api/reset`, '/moto-api/', '/moto-api/data.json', '/moto-api/seed?a=1']) {
        for (const authorization of ['', signed('moto_api')]) {
          const socket = connect(each, '127.0.0.1');
          let answer = '';
          socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
          socket.write(`POST ${path} HTTP/1.0\r\nHost: 127.0.0.1:${each}\r\n${authorization}Content-Length: 0\r\n\r\n`);
          await once(socket, 'close');
          assert.match(answer, /^HTTP\/1\.[01] (403|404|405|501) /, `${each} ${path}\n${answer}`);
        }
      }
    }
    assert.equal((await fetch(`${endpoint}/%5Flake/inspect`, { method: 'POST', body: '{"what":"instances"}' })).status, 403);
    assert.deepEqual(await buckets(), ['kept']);
    await stopSandbox({ state });
    await startSandbox({ state });
    assert.deepEqual(await buckets(), ['kept']);
  });
});

describe('sandbox: beyond this machine', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;
  let started: SandboxStatus;
  let remote: string;
  let key: { accessKeyId: string; secretAccessKey: string };

  before(async () => {
    ({ state, remove } = await temporaryState());
    started = await startSandbox({ state, controlPlaneOnly: true, listen: '0.0.0.0' });
    key = { accessKeyId: started.listen?.accessKeyId ?? '', secretAccessKey: started.listen?.secretAccessKey ?? '' };
    remote = `http://127.0.0.1:${new URL(started.listen?.endpoint ?? '').port}`;
  });
  after(() => remove());

  const s3At = (credentials: typeof key): S3Client => new S3Client({ ...clientConfig(remote), credentials, forcePathStyle: true });

  it('is off unless asked for, and names its key, whose secret the start alone tells', async () => {
    assert.match(key.accessKeyId, /^AKIA[0-9A-F]{16}$/);
    assert.ok(key.secretAccessKey.length >= 40);
    assert.equal((await sandboxStatus({ state })).listen?.accessKeyId, key.accessKeyId);
    assert.equal((await sandboxStatus({ state })).listen?.secretAccessKey, undefined);
    assert.deepEqual((await startSandbox({ state, listen: '0.0.0.0' })).listen, started.listen);
    assert.equal((await stat(stateFiles(state).remote)).mode & 0o077, 0);
    await assert.rejects(startSandbox({ state, listen: '192.0.2.1' }), (error) => UserError.is(error) && error.code === 'listen-differs');
    for (const listen of ['somewhere', '127.0.0.1', '::1']) {
      await assert.rejects(startSandbox({ state, listen }), (error) => UserError.is(error) && error.code === 'listen' && error.exit === ExitCode.usage, listen);
    }
  });

  it('takes what the SDKs sign with the key: of REST, JSON and query protocols, in chunks and presigned', async () => {
    const s3 = s3At(key);
    await s3.send(new CreateBucketCommand({ Bucket: 'far' }));
    for (const name of ['a b/ñ+%20', 'plain', "it's (1)*!"]) {
      await s3.send(new PutObjectCommand({ Bucket: 'far', Key: name, Body: `content of ${name}` }));
      assert.equal(await (await s3.send(new GetObjectCommand({ Bucket: 'far', Key: name }))).Body?.transformToString(), `content of ${name}`);
    }
    assert.equal((await new STSClient({ ...clientConfig(remote), credentials: key }).send(new GetCallerIdentityCommand({}))).Account, '000000000000');
    const { stdout } = await run(await sharedPython(), ['-c', `
import boto3, sys, urllib.request
from botocore.config import Config
endpoint, access, secret = sys.argv[1:]
def client(name, **more):
    return boto3.client(name, region_name="eu-west-1", endpoint_url=endpoint, aws_access_key_id=access, aws_secret_access_key=secret, **more)
s3 = client("s3", config=Config(signature_version="s3v4"))
s3.put_object(Bucket="far", Key="from boto/+ä", Body=b"x" * 100000)
url = s3.generate_presigned_url("get_object", {"Bucket": "far", "Key": "from boto/+ä"}, ExpiresIn=60)
print(len(urllib.request.urlopen(url).read()))
try: urllib.request.urlopen(url.replace("from", "form"))
except urllib.error.HTTPError as error: print(error.code)
put = s3.generate_presigned_url("put_object", {"Bucket": "far", "Key": "put"}, ExpiresIn=60)
print(urllib.request.urlopen(urllib.request.Request(put, b"content", {"content-type": ""}, method="PUT")).status)
client("glue").create_database(DatabaseInput={"Name": "far"})
print(client("glue").get_databases()["DatabaseList"][0]["Name"])
client("iam").create_role(RoleName="far", AssumeRolePolicyDocument="{}", Path="/a/")
client("lambda").list_functions(MaxItems=5)
client("glue").tag_resource(ResourceArn="arn:aws:glue:eu-west-1:000000000000:database/far", TagsToAdd={"a": "b c"})
print(client("quicksight").list_data_sets(AwsAccountId="000000000000")["Status"])
`, remote, key.accessKeyId, key.secretAccessKey], { env: { PATH: process.env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true' } });
    assert.deepEqual(stdout.trim().split('\n'), ['100000', '403', '200', 'far', '200']);
  });

  it('refuses everything else, in AWS\'s words', async () => {
    const refusedWith = (name: string) => (error: unknown): boolean => (assert.equal((error as Error).name, name), true);
    await assert.rejects(s3At({ ...key, secretAccessKey: 'invented' }).send(new ListBucketsCommand({})), refusedWith('SignatureDoesNotMatch'));
    await assert.rejects(s3At({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' }).send(new ListBucketsCommand({})), refusedWith('InvalidClientTokenId'));
    const late = new S3Client({ ...clientConfig(remote), credentials: key, forcePathStyle: true, systemClockOffset: -3_600_000 });
    await assert.rejects(late.send(new ListBucketsCommand({})), refusedWith('RequestTimeTooSkewed'));
    assert.equal((await fetch(remote)).status, 403);
    const { token } = await runningFile(state);
    assert.equal((await fetch(`${remote}/_lake/shutdown`, { method: 'POST', headers: { 'x-lake-token': token } })).status, 403);
  });

  it('refuses a signed request of which anything was changed on the way', async () => {
    const glue = new GlueClient({ ...clientConfig(remote), credentials: key });
    let sent: HttpRequest | undefined;
    glue.middlewareStack.add((next) => (args) => {
      sent = args.request as HttpRequest;
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low' });
    await glue.send(new GetDatabasesCommand({}));
    assert.ok(sent);
    const { headers, body } = sent;
    const again = (change: object, content = String(body)): Promise<number> =>
      fetch(remote, { method: 'POST', headers: { ...Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host' && name !== 'content-length')), ...change }, body: content }).then(({ status }) => status);
    assert.equal(await again({}), 200);
    assert.equal(await again({}, '{"MaxResults":1}'), 403);
    assert.equal(await again({ 'x-amz-target': 'AWSGlue.DeleteDatabase' }), 403);
    assert.equal(await again({ 'x-amz-security-token': 'more' }), 403);
    assert.equal(await again({ authorization: headers['authorization']?.replace('/us-east-2/', '/us-east-1/') ?? '' }), 403);
  });

  it('keeps the key and the port for the next time, and forgets them in a reset', async () => {
    await stopSandbox({ state });
    assert.equal((await startSandbox({ state, controlPlaneOnly: true })).listen, undefined);
    await assert.rejects(fetch(remote));
    await stopSandbox({ state });
    assert.deepEqual((await startSandbox({ state, controlPlaneOnly: true, listen: '0.0.0.0' })).listen, started.listen);
    await resetSandbox({ state });
    assert.notEqual((await startSandbox({ state, controlPlaneOnly: true, listen: '0.0.0.0' })).listen?.accessKeyId, key.accessKeyId);
  });
});

describe('sandbox: whose a connection is', function () {
  this.timeout(60_000);
  const said: string[] = [];
  let peers: Peers;
  const server = createServer();
  const accepted: Socket[] = [];

  before(async () => {
    peers = new Peers({ python: await sharedPython(), log: (line) => void said.push(line) });
    server.on('connection', (socket) => accepted.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    peers.stop();
    server.close();
  });
  afterEach(() => {
    accepted.splice(0).forEach((socket) => socket.destroy());
  });

  async function connection(): Promise<{ client: Socket; socket: Socket }> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    return { client, socket };
  }

  it('costs next to nothing a connection', async function () {
    if ((await peers.access()) !== 'user') this.skip();
    const { client, socket } = await connection();
    await peers.isOwn(socket);
    const times: number[] = [];
    for (let each = 0; each < 200; each += 1) {
      const started = performance.now();
      assert.equal(await peers.isOwn(socket), true);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    console.log(`      ${(times[100]! * 1000).toFixed(0)} µs a connection (median of 200)`);
    assert.ok(times[100]! < 1, `${times[100]} ms`);
    client.destroy();
  });

  it('lets nobody in while it cannot tell, and can again at once', async function () {
    if ((await peers.access()) !== 'user') this.skip();
    const { client, socket } = await connection();
    const { stdout } = await run('ps', ['-ww', '-e', '-o', 'pid=,ppid=,command=']);
    const helper = stdout.split('\n').find((line) => line.includes('peers.py') && line.trim().split(/\s+/)[1] === String(process.pid));
    const id = Number(helper?.trim().split(/\s+/)[0]);
    process.kill(id, 'SIGSTOP');
    const asked = peers.isOwn(socket);
    await new Promise(setImmediate);
    process.kill(id, 'SIGKILL');
    assert.equal(await asked, false);
    assert.equal(await peers.isOwn(socket), true);
    assert.match(said.join('\n'), /has ended/);
    client.destroy();
  });
});
