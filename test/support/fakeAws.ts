import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Connection } from '../../src/aws/connection.ts';
import { refusal, type Answer } from '../integration/support/relay.ts';

/** A call as the fake saw it: `s3:ListObjectsV2`, `glue:GetTables`. */
export interface Call {
  readonly name: string;
  readonly service: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Milliseconds that the fake itself took. */
  ms: number;
  /** The caller hung up before there was an answer. */
  aborted: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** An account that needs no sandbox: as large, slow or unwilling as a test wants it. */
export interface FakeAws {
  readonly endpoint: string;
  readonly calls: Call[];
  /** Names of the calls since the last time. */
  taken(): string[];
  /** Sorted keys with sizes, by bucket. */
  readonly buckets: Map<string, { readonly key: string; readonly size: number; readonly body?: Buffer; readonly modified?: string }[]>;
  /** XML of a bucket's lifecycle configuration. */
  readonly lifecycle: Map<string, string>;
  /** Answers by `service:Action`: those of the JSON services, and of IAM and EC2 as `{ xml }`, what stands inside of their answer. */
  readonly answers: Map<string, (input: Json) => Json | Promise<Json>>;
  /** ARN of who calls. */
  caller: string;
  /** Refuses a call with AWS's code, in the form of its service. */
  refuse: ((call: Call) => { readonly code: string; readonly message?: string; readonly status?: number } | undefined) | undefined;
  /** Milliseconds before a call is answered. */
  slow: ((call: Call) => number) | undefined;
  stop(): Promise<void>;
}

const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>${body}` });
const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const when = '2026-11-20T10:00:00.000Z';

/** The first index whose key is not before the given one. */
function lower(keys: readonly { readonly key: string }[], key: string): number {
  let [from, to] = [0, keys.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((keys[middle]?.key ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

const last = '\uffff';

function listing(objects: NonNullable<ReturnType<FakeAws['buckets']['get']>>, query: URLSearchParams): Answer {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const contents: string[] = [];
  const folders: string[] = [];
  let next = '';
  let at = lower(objects, query.get('continuation-token') ?? prefix);
  for (; at < objects.length && objects[at]?.key.startsWith(prefix); ) {
    const { key, size, modified = when } = objects[at] as { key: string; size: number; modified?: string };
    if (contents.length + folders.length === most) {
      next = key;
      break;
    }
    const slash = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (slash >= 0) {
      const folder = key.slice(0, slash + 1);
      folders.push(folder);
      at = lower(objects, folder + last);
    } else {
      contents.push(`<Contents><Key>${escape(key)}</Key><LastModified>${modified}</LastModified><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`);
      at++;
    }
  }
  return xml(`<ListBucketResult><Prefix>${escape(prefix)}</Prefix><KeyCount>${contents.length + folders.length}</KeyCount><IsTruncated>${next !== ''}</IsTruncated>${next && `<NextContinuationToken>${escape(next)}</NextContinuationToken>`}${contents.join('')}${folders.map((folder) => `<CommonPrefixes><Prefix>${escape(folder)}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`);
}

/** S3's calls by method and query, as far as the trees make them. */
function s3Name(method: string, path: string, query: URLSearchParams): string {
  if (path === '/') return 'ListBuckets';
  if (query.has('lifecycle')) return 'GetBucketLifecycleConfiguration';
  if (query.has('tagging')) return 'GetBucketTagging';
  if (query.has('publicAccessBlock')) return 'GetPublicAccessBlock';
  if (query.has('versions')) return 'ListObjectVersions';
  if (method === 'HEAD' && /^\/[^/]+\/?$/.test(path)) return 'HeadBucket';
  if (query.has('delete')) return 'DeleteObjects';
  if (query.get('list-type') === '2') return 'ListObjectsV2';
  return `${{ GET: 'Get', HEAD: 'Head', PUT: 'Put' }[method] ?? method}Object`;
}

export async function startFakeAws(): Promise<FakeAws> {
  const s3 = (name: string, message: IncomingMessage, url: URL, body: Buffer): Answer | { readonly bytes: Buffer; readonly status: number } => {
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const key = rest.join('/');
    const objects = fake.buckets.get(bucket);
    if (name === 'ListBuckets') {
      return xml(`<ListAllMyBucketsResult><Buckets>${[...fake.buckets.keys()].map((each) => `<Bucket><Name>${each}</Name><CreationDate>${when}</CreationDate></Bucket>`).join('')}</Buckets></ListAllMyBucketsResult>`);
    }
    if (!objects) return xml('<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>', 404);
    if (name === 'ListObjectVersions') return xml(`<ListVersionsResult><IsTruncated>false</IsTruncated>${objects.map(({ key: each }) => `<Version><Key>${escape(each)}</Key></Version>`).join('')}</ListVersionsResult>`);
    if (name === 'HeadBucket') return { status: 200, bytes: Buffer.alloc(0) };
    if (name === 'ListObjectsV2') return listing(objects, url.searchParams);
    if (name === 'GetBucketLifecycleConfiguration') {
      const rules = fake.lifecycle.get(bucket);
      return rules ? xml(`<LifecycleConfiguration>${rules}</LifecycleConfiguration>`) : xml('<Error><Code>NoSuchLifecycleConfiguration</Code><Message>none</Message></Error>', 404);
    }
    if (name === 'DeleteObjects') {
      for (const [, gone = ''] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) {
        const index = objects.findIndex((object) => object.key === gone);
        if (index >= 0) objects.splice(index, 1);
      }
      return xml('<DeleteResult></DeleteResult>');
    }
    if (name === 'PutObject') {
      const chunked = /aws-chunked/.test(message.headers['content-encoding'] ?? '');
      const content = chunked ? unchunk(body) : body;
      objects.splice(lower(objects, key), objects[lower(objects, key)]?.key === key ? 1 : 0, { key, size: content.length, body: content });
      return { status: 200, bytes: Buffer.alloc(0) };
    }
    const object = objects.find((each) => each.key === key);
    if (!object) return xml('<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>', 404);
    const content = object.body ?? Buffer.alloc(object.size, 'x');
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(message.headers.range ?? '') ?? [];
    return from === undefined ? { status: 200, bytes: content } : { status: 206, bytes: content.subarray(Number(from), Number(to) + 1) };
  };

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const start = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(message.url ?? '/', 'http://fake');
    if (url.pathname === '/-/calls') {
      // For a program in another process: what was called since the last time, and how long it took here.
      const calls = fake.calls.splice(0).map(({ name, ms }) => ({ name, ms }));
      response.end(JSON.stringify(calls));
      return;
    }
    const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(message.headers.authorization ?? '')?.[1] ?? '';
    const target = message.headers['x-amz-target'];
    const action = service === 's3' ? s3Name(message.method ?? '', url.pathname, url.searchParams)
      : typeof target === 'string' ? (target.split('.').pop() ?? '')
      : /(?:^|&)Action=(\w+)/.exec(body.toString())?.[1] ?? url.pathname.slice(1);
    const input = service === 's3' ? { path: decodeURIComponent(url.pathname), range: message.headers.range, ...Object.fromEntries(url.searchParams) } : body.length > 0 && body[0] === 0x7b ? (JSON.parse(body.toString()) as Json) : Object.fromEntries(new URLSearchParams(body.toString()));
    const call: Call = { name: `${service}:${action}`, service, input, ms: 0, aborted: false };
    fake.calls.push(call);
    response.once('close', () => (call.aborted ||= !response.writableFinished));
    const wait = fake.slow?.(call) ?? 0;
    if (wait > 0) await delay(wait, undefined, { ref: false });
    const send = (status: number, headers: Readonly<Record<string, string>>, content: string | Buffer): void => {
      call.ms = performance.now() - start;
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(content)) }).end(message.method === 'HEAD' ? undefined : content);
    };
    const no = fake.refuse?.(call);
    if (no) {
      const { status, headers = {}, body: text = '' } = refusal({ service, name: action, method: '', path: '', region: '', headers: {}, body: '', change: 0 }, no.code.replace(/Exception$/, ''), no.message ?? no.code, no.status ?? 400);
      return send(status, headers, text);
    }
    if (service === 's3') {
      const result = s3(action, message, url, body);
      return 'bytes' in result ? send(result.status, { 'content-type': 'application/octet-stream', 'last-modified': new Date(when).toUTCString() }, result.bytes) : send(result.status, result.headers ?? {}, result.body ?? '');
    }
    if (service === 'sts') {
      return send(200, { 'content-type': 'text/xml' }, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${fake.caller}</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`);
    }
    const handler = fake.answers.get(call.name);
    const result = handler ? await handler(input) : undefined;
    if (typeof result?.['xml'] === 'string') {
      // EC2's answers have no element for the result.
      const inside = service === 'ec2' ? result['xml'] : `<${action}Result>${result['xml']}</${action}Result>`;
      return send(200, { 'content-type': 'text/xml' }, `<${action}Response>${inside}</${action}Response>`);
    }
    return result
      ? send(200, { 'content-type': 'application/x-amz-json-1.1' }, JSON.stringify(result))
      : send(400, { 'content-type': 'application/json' }, JSON.stringify({ __type: 'UnknownOperationException', message: call.name }));
  };

  const server = createServer((message, response) => void answer(message, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let seen = 0;
  const fake: FakeAws = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    taken() {
      const names = fake.calls.slice(seen).map(({ name }) => name);
      seen = fake.calls.length;
      return names;
    },
    buckets: new Map(),
    lifecycle: new Map(),
    answers: new Map(),
    caller: 'arn:aws:iam::111122223333:user/learner',
    refuse: undefined,
    slow: undefined,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
  return fake;
}

/** A fake account for the tests of a suite, and a connection to it. */
export function useFakeAws(use: (fake: FakeAws, aws: Connection) => void): void {
  let fake: FakeAws;
  let aws: Connection;
  before(async () => {
    fake = await startFakeAws();
    aws = connect({ target: 'aws', region: 'us-east-2', endpoint: fake.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' } });
    use(fake, aws);
  });
  after(async () => {
    aws.close();
    await fake.stop();
  });
}

/** The content of a body in AWS's own chunks. */
function unchunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** Fills an account with what is large: a bucket flat and one in folders of 100,000 objects each, 10,000 tables, 1,000 runs. */
export function fillLarge(fake: FakeAws): void {
  const number = (index: number): string => String(index).padStart(6, '0');
  fake.buckets.set('flat', Array.from({ length: 100_000 }, (_, index) => ({ key: `object-${number(index)}.parquet`, size: index })));
  fake.buckets.set('folders', Array.from({ length: 100_000 }, (_, index) => ({ key: `folder-${number(Math.floor(index / 100))}/object-${number(index)}.parquet`, size: index })));
  const tables = Array.from({ length: 10_000 }, (_, index) => ({
    Name: `table_${number(index)}`, Parameters: { classification: 'parquet', recordCount: String(index) }, UpdateTime: 1_763_600_000,
    StorageDescriptor: { Location: `s3://folders/folder-${number(index)}/`, Columns: Array.from({ length: 20 }, (__, column) => ({ Name: `column_${column}`, Type: 'string' })) },
  }));
  fake.answers.set('glue:GetDatabases', paged('DatabaseList', [{ Name: 'large' }]));
  fake.answers.set('glue:GetTables', paged('TableList', tables, 100));
  fake.answers.set('glue:GetTable', ({ Name }) => ({ Table: tables.find((table) => table.Name === Name) }));
  const runs = Array.from({ length: 1000 }, (_, index) => ({
    Name: 'busy', WorkflowRunId: `wr_${index}`, Status: 'COMPLETED', StartedOn: 1_763_600_000 - index * 3600, CompletedOn: 1_763_600_090 - index * 3600, Statistics: { TotalActions: 4, SucceededActions: 4 },
  }));
  const Graph = {
    Nodes: Array.from({ length: 4 }, (_, index) => ({ Type: 'JOB', Name: `job-${index}`, UniqueId: String(index), JobDetails: { JobRuns: [{ Id: `jr_${index}`, JobRunState: 'SUCCEEDED', StartedOn: 1_763_600_000, CompletedOn: 1_763_600_020 }] } })),
    Edges: [],
  };
  fake.answers.set('glue:ListWorkflows', () => ({ Workflows: ['busy'] }));
  fake.answers.set('glue:BatchGetWorkflows', () => ({ Workflows: [{ Name: 'busy', Graph, LastRun: runs[0] }] }));
  fake.answers.set('glue:GetWorkflow', () => ({ Workflow: { Name: 'busy', Graph, LastRun: runs[0] } }));
  fake.answers.set('glue:GetWorkflowRuns', paged('Runs', runs));
  fake.answers.set('glue:GetWorkflowRun', ({ RunId }) => ({ Run: { ...runs.find(({ WorkflowRunId }) => WorkflowRunId === RunId), Graph } }));
}

/** Answers a listing of JSON items in pages: `MaxResults` and `NextToken` as Glue has them. */
export const paged = <T>(key: string, items: readonly T[], limit = 1000) => (input: Json): Json => {
  const from = Number(input['NextToken'] ?? 0);
  const to = from + Math.min(limit, Number(input['MaxResults'] ?? limit));
  return { [key]: items.slice(from, to), ...(to < items.length && { NextToken: String(to) }) };
};
