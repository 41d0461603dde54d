import { timingSafeEqual } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../errors.ts';
import type { Denial } from '../services/lakeformation/authorization.ts';
import { judgeSignature, type RemoteKey } from './signatures.ts';
import { LIMITATION_HEADER, limitationHeader, limitationOf, type LimitationId } from '../kernel/limitations.ts';
import { errorAnswer, operationOf, type Answer, type Call, type Caller, type Operation, type Router } from '../kernel/router.ts';

/** Larger forms are not read for their action; no AWS query request comes near. */
const LARGEST_FORM = 1024 * 1024;

/** Headers that belong to one connection, not to the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'expect']);

/** Of a request that is judged, and not carried out: Spark's server reads and writes in place of a job (`storage_rights.py`). */
const ONLY_JUDGED = 'x-lake-only-judged';

const FRAMING = new Set(['content-length', 'transfer-encoding']);

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

export interface GatewayServerOptions {
  router: Router;
  /** moto's port, or why there is none. */
  upstream: () => number | { readonly unavailable: string } | Promise<number | { readonly unavailable: string }>;
  /** Whether a connection may be served, asked once for each; all may without it. */
  admit?: (socket: Socket) => Promise<boolean>;
  /** Makes it a door to beyond this machine: all that comes by it must be signed with this key, and there is no private endpoint. */
  remoteKey?: RemoteKey;
  /** Guards the private endpoint under `/_lake/`. */
  token: string;
  status: () => object;
  shutdown: () => void;
  /** Why a call is refused before anybody handles it; nothing when it is not. */
  guard?: (call: Call) => Promise<(Denial & { readonly status?: number }) | undefined>;
  /** A command of the private endpoint, by name; nothing when there is none. */
  command?: (name: string) => ((input: Readonly<Record<string, unknown>>) => Promise<unknown>) | undefined;
  log: (line: string) => void;
}

/**
 * The sandbox's one door: an HTTP server that takes requests to AWS, gives each to the route that handles it or passes
 * it through to moto, streaming bodies untouched.
 *
 * Only programs of this machine, and of whom `admit` lets in, get in: a `Host` that is not this machine (DNS rebinding) and anything that a web page
 * sends are refused.
 */
export function createGatewayServer(options: GatewayServerOptions): Server {
  const server = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: 64 * 1024, requestTimeout: 0 });
  const connections = new WeakMap<Socket, boolean | Promise<boolean>>();
  if (options.admit) {
    const { admit } = options;
    server.on('connection', (socket: Socket) => {
      // Looked at while the request is on its way, and known from then on.
      const asked = admit(socket).catch((error: unknown) => {
        options.log(messageOf(error));
        return false;
      });
      connections.set(socket, asked);
      void asked.then((admitted) => connections.set(socket, admitted));
    });
  }
  const refusalOf = async (request: IncomingMessage): Promise<string | undefined> => {
    const admitted = connections.get(request.socket) ?? true;
    return admitted === true || (await admitted) ? refusal(request, options.remoteKey !== undefined) : 'The sandbox belongs to another user of this machine. Start one of your own: lake-tutorial sandbox start';
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse, isAwaited = false): void => {
    response.on('error', () => undefined);
    serve(options, request, response, refusalOf, isAwaited).catch((error: unknown) => {
      options.log(`${request.method} ${request.url}: ${messageOf(error)}`);
      if (response.headersSent) {
        response.destroy();
      } else {
        sendError(response, operationOf(request), 'InternalFailure', messageOf(error), 500);
      }
    });
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => onRequest(request, response));
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    onRequest(request, response, true);
  });
  return server;
}

function refusal(request: IncomingMessage, anyHost: boolean): string | undefined {
  if (!anyHost && !LOOPBACK_HOST.test(request.headers.host ?? '')) {
    return 'The sandbox answers only to 127.0.0.1 and localhost.';
  }
  const site = request.headers['sec-fetch-site'];
  if (request.headers.origin !== undefined || (site !== undefined && site !== 'none')) {
    return 'The sandbox does not answer web pages.';
  }
  return undefined;
}

/** moto's own doors, one of which empties the account, and the control plane's, which only the sandbox asks; however they are spelt. */
function isClosed(url: string): boolean {
  const path = url.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*/s, '');
  let plain = path;
  try {
    plain = decodeURIComponent(path);
  } catch {
    // Nothing that hides its name by that is one of them.
  }
  return /^[/\\]*(moto-api|_lake)(\/|$)/.test(plain);
}

async function serve(options: GatewayServerOptions, request: IncomingMessage, response: ServerResponse, refusalOf: (request: IncomingMessage) => Promise<string | undefined>, isAwaited: boolean): Promise<void> {
  const refused = await refusalOf(request);
  if (refused) {
    sendError(response, operationOf(request), 'AccessDenied', refused, 403);
    return;
  }
  let read: Buffer | undefined;
  if (options.remoteKey) {
    const denial = await judgeSignature(request, options.remoteKey, async (most) => {
      if (isAwaited) {
        response.writeContinue();
        isAwaited = false;
      }
      read = await readAll(request, most);
      return read;
    });
    if (denial) {
      sendError(response, operationOf(request), denial.code, denial.message, 403);
      return;
    }
  }
  if (isAwaited) {
    response.writeContinue();
  }
  if (!options.remoteKey && request.url?.startsWith('/_lake/')) {
    await servePrivate(options, request, response);
    return;
  }
  if (isClosed(request.url ?? '/')) {
    sendError(response, operationOf(request), 'AccessDenied', 'AWS has nothing there, and what its stand-in has is closed.', 403);
    return;
  }
  const form = read ?? (await readForm(request));
  const operation = operationOf(request, isForm(request) && form && form.length <= LARGEST_FORM ? form.toString('utf8') : undefined);
  const started = performance.now();
  response.once('close', () => {
    const name = operation.action || `${operation.method} ${operation.path}`;
    options.log(`${response.statusCode} ${operation.service} ${name} ${Math.round(performance.now() - started)} ms`);
  });
  const upstream = await options.upstream();
  if (typeof upstream !== 'number') {
    sendError(response, operation, 'ServiceUnavailable', upstream.unavailable, 503);
    return;
  }
  const limited = limitationOf(operation, request.url ?? '');
  const call = new ProxiedCall(operation, request, response, upstream, form);
  if (limited) {
    call.limit(limited);
  }
  const denial = await options.guard?.(call);
  if (denial) {
    call.fail(denial.code, denial.message, denial.status);
    return;
  }
  if (call.isOnlyJudged) {
    response.writeHead(204).end();
    return;
  }
  const route = options.router.find(operation);
  await (route ? route.handle(call) : call.forward());
}

async function servePrivate(options: GatewayServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = Buffer.from(String(request.headers['x-lake-token'] ?? ''));
  const wanted = Buffer.from(options.token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    response.writeHead(403).end();
  } else if (request.method === 'GET' && request.url === '/_lake/status') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(options.status()));
  } else if (request.method === 'POST' && request.url === '/_lake/shutdown') {
    response.writeHead(202, { connection: 'close' }).end();
    options.shutdown();
  } else {
    const command = request.method === 'POST' ? options.command?.((request.url ?? '').slice('/_lake/'.length)) : undefined;
    if (!command) {
      response.writeHead(404).end();
      return;
    }
    const input = JSON.parse((await readAll(request)).toString('utf8') || '{}') as Record<string, unknown>;
    const [status, answer] = await command(input).then(
      (result) => [200, result ?? {}] as const,
      (error: unknown) => [400, { error: messageOf(error) }] as const,
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}

const isForm = (request: IncomingMessage): boolean => request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;

/** The body of a query protocol, which names its action there. Other bodies stay unread. */
async function readForm(request: IncomingMessage): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  return isForm(request) && length <= LARGEST_FORM ? readAll(request) : undefined;
}

function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer>;
function readAll(stream: AsyncIterable<Buffer>, most: number): Promise<Buffer | undefined>;
async function readAll(stream: AsyncIterable<Buffer>, most = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function sendError(response: ServerResponse, operation: Operation, code: string, message: string, status: number): void {
  const { type, body, headers } = errorAnswer(operation, code, message);
  // A refused body is not read; the connection ends with the answer.
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(body), connection: 'close' });
  response.end(operation.method === 'HEAD' ? undefined : body);
}

class ProxiedCall implements Call {
  caller?: Caller;
  #read: Buffer | undefined;

  constructor(
    readonly operation: Operation,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly port: number,
    read: Buffer | undefined,
  ) {
    this.#read = read;
  }

  /** What runs in the sandbox only asks whether it might. */
  get isOnlyJudged(): boolean {
    return this.caller !== undefined && this.request.headers[ONLY_JUDGED] !== undefined;
  }

  limit(id: LimitationId): void {
    this.response.setHeader(LIMITATION_HEADER, limitationHeader(id));
  }

  async body(): Promise<Buffer> {
    this.#read ??= await readAll(this.request);
    return this.#read;
  }

  async json<T>(): Promise<T> {
    return JSON.parse((await this.body()).toString('utf8') || '{}') as T;
  }

  async forward(): Promise<void> {
    const answer = await this.#send(this.#read);
    if (answer.statusCode === 501) {
      this.limit('operations');
    }
    this.response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
    await pipeline(answer, this.response);
  }

  async ask(body?: string | Buffer): Promise<Answer> {
    const answer = await this.#send(body === undefined ? await this.body() : Buffer.from(body));
    return { status: answer.statusCode ?? 502, headers: endToEnd(answer.rawHeaders), body: await readAll(answer) };
  }

  reply(result: unknown, status = 200): void {
    const body = JSON.stringify(result);
    const type = this.request.headers['x-amz-target'] ? 'application/x-amz-json-1.1' : 'application/json';
    this.response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  fail(code: string, message: string, status = 400): void {
    sendError(this.response, this.operation, code, message, status);
  }

  /** Sends the request on, with the body given or, streamed, its own; resolves with the head of the answer. */
  #send(body: Buffer | undefined): Promise<IncomingMessage> {
    const headers = requestHeaders(this.request, body);
    const upstream = httpRequest({ host: '127.0.0.1', port: this.port, method: this.request.method, path: this.request.url, headers, agent: false });
    // A client that goes away takes its request with it.
    this.response.once('close', () => upstream.destroy());
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.once('response', resolve);
      upstream.once('error', reject);
    });
    if (body) {
      upstream.end(body);
    } else {
      // A failure to send shows as 'error' of the request too; an early answer may leave the body unread.
      pipeline(this.request, upstream).catch(() => undefined);
    }
    return answered;
  }
}

/** Headers as they came, in order and spelling, less those that belong to the connection. */
function endToEnd(raw: readonly string[], dropped?: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    if (!HOP_BY_HOP.has(name) && !dropped?.has(name)) {
      kept.push(raw[at] ?? '', raw[at + 1] ?? '');
    }
  }
  return kept;
}

/** The request's headers; a body that is held whole, or absent, gets its length stated. */
function requestHeaders(request: IncomingMessage, body: Buffer | undefined): string[] {
  if (body) {
    return [...endToEnd(request.rawHeaders, FRAMING), 'Content-Length', String(body.length)];
  }
  const framed = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const headers = endToEnd(request.rawHeaders);
  return framed || request.method === 'GET' || request.method === 'HEAD' ? headers : [...headers, 'Content-Length', '0'];
}
