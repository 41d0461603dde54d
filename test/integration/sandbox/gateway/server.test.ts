import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { GlueClient, CreateBlueprintCommand, GetDatabasesCommand } from '@aws-sdk/client-glue';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, stopSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { clientConfig, temporaryState } from '../support.ts';

function send(url: string, options: { method?: string; headers?: OutgoingHttpHeaders; body?: string }): Promise<{ status?: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const ask = request(url, { method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ ...(response.statusCode === undefined ? {} : { status: response.statusCode }), headers: response.headers, body }));
    });
    ask.on('error', reject);
    ask.end(options.body);
  });
}

describe('sandbox: the server of the gateway', function () {
  this.timeout(180_000);
  let state: string;
  let remove: () => Promise<void>;
  let endpoint: string;
  let s3: S3Client;
  const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

  before(async () => {
    ({ state, remove } = await temporaryState());
    endpoint = (await startSandbox({ state, controlPlaneOnly: true })).endpoint ?? '';
    s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'door' }));
  });
  after(() => remove());

  for (const host of ['example.com', '127.0.0.1.example.com', 'localhost.example.com:80', '0.0.0.0', '169.254.169.254']) {
    it(`refuses the Host "${host}"`, async () => {
      const answer = await send(endpoint, { headers: { host } });
      assert.equal(answer.status, 403);
      assert.match(answer.body, /AccessDenied/);
    });
  }

  it('answers to this machine by each of its names', async () => {
    for (const host of ['127.0.0.1', 'localhost:1234', '[::1]:80', 'LOCALHOST']) {
      assert.equal((await send(endpoint, { headers: { host } })).status, 200, host);
    }
  });

  it('refuses what web pages send, and lets none read', async () => {
    assert.equal((await send(endpoint, { headers: { origin: 'http://127.0.0.1' } })).status, 403);
    assert.equal((await send(endpoint, { method: 'OPTIONS', headers: { origin: 'null' } })).status, 403);
    assert.equal((await send(endpoint, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    const answer = await send(endpoint, {});
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });

  it('keeps its private endpoint to who knows the token', async () => {
    assert.equal((await send(`${endpoint}/_lake/status`, {})).status, 403);
    assert.equal((await send(`${endpoint}/_lake/shutdown`, { method: 'POST', headers: { 'x-lake-token': 'x' } })).status, 403);
  });

  it('streams a big object in and out, whole and in ranges, and keeps it across a restart', async () => {
    const content = randomBytes(20 * 1024 * 1024);
    await s3.send(new PutObjectCommand({ Bucket: 'door', Key: 'big', Body: content }));
    const check = async () => {
      const whole = await s3.send(new GetObjectCommand({ Bucket: 'door', Key: 'big' }));
      assert.equal(digest((await whole.Body?.transformToByteArray()) ?? new Uint8Array()), digest(content));
      const part = await s3.send(new GetObjectCommand({ Bucket: 'door', Key: 'big', Range: 'bytes=1048576-2097151' }));
      assert.equal(part.ContentRange, `bytes 1048576-2097151/${content.length}`);
      assert.equal(digest((await part.Body?.transformToByteArray()) ?? new Uint8Array()), digest(content.subarray(1048576, 2097152)));
    };
    await check();
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket: 'door', Key: 'big' }))).ContentLength, content.length);
    await stopSandbox({ state });
    await startSandbox({ state, controlPlaneOnly: true });
    await check();
    await s3.send(new DeleteObjectCommand({ Bucket: 'door', Key: 'big' }));
  });

  it('takes an aws-chunked stream of a known length', async () => {
    const pieces = Array.from({ length: 24 }, () => randomBytes(100_000));
    await s3.send(new PutObjectCommand({ Bucket: 'door', Key: 'chunks', Body: Readable.from(pieces), ContentLength: 2_400_000 }));
    const read = await s3.send(new GetObjectCommand({ Bucket: 'door', Key: 'chunks' }));
    assert.equal(digest((await read.Body?.transformToByteArray()) ?? new Uint8Array()), digest(Buffer.concat(pieces)));
  });

  it('answers Expect: 100-continue', async () => {
    const headers = { expect: '100-continue', 'content-length': 5, authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-2/s3/aws4_request, SignedHeaders=host, Signature=0' };
    const continued = await new Promise<boolean>((resolve, reject) => {
      const ask = request(`${endpoint}/door/expected`, { method: 'PUT', headers });
      let went = false;
      ask.on('continue', () => {
        went = true;
        ask.end('hello');
      });
      ask.on('response', (response) => {
        response.resume();
        resolve(went && response.statusCode === 200);
      });
      ask.on('error', reject);
      ask.flushHeaders();
    });
    assert.ok(continued);
  });

  it('reads in parallel with a slow upload', async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    async function* slow() {
      yield randomBytes(70_000);
      await held;
      yield randomBytes(70_000);
    }
    const upload = s3.send(new PutObjectCommand({ Bucket: 'door', Key: 'slow', Body: Readable.from(slow()), ContentLength: 140_000 }));
    const iam = new IAMClient(clientConfig(endpoint));
    await Promise.all(Array.from({ length: 8 }, () => iam.send(new ListUsersCommand({}))));
    finish();
    await upload;
  });

  it('says which operation it does not implement, in the shape of the service', async () => {
    const glue = new GlueClient(clientConfig(endpoint));
    await assert.rejects(glue.send(new CreateBlueprintCommand({ Name: 'b', BlueprintLocation: 's3://x/y' })), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'NotImplemented');
      assert.match(error.message, /glue CreateBlueprint/);
      return true;
    });
    assert.deepEqual((await glue.send(new GetDatabasesCommand({}))).DatabaseList, []);
  });
});
