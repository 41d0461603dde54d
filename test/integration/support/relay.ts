import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it passes: `RunInstances`, `CreateJob`, or for REST services method and path, `PUT /bucket`. */
export interface RelayedCall {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Byte by byte, as latin1. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The service that it is signed for: `s3`. */
  readonly service: string;
  /** And the region: `us-east-2`. */
  readonly region: string;
  /** Its place among the calls that change something, from 1; 0 for one that reads. */
  readonly change: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer in the endpoint's place, a connection that breaks, or one on which nothing ever comes. */
export type Fault = Answer | 'reset' | 'silent';

export interface Relay {
  readonly endpoint: string;
  /** Answers a call in the endpoint's place, unless it returns nothing. */
  intercept: ((call: RelayedCall) => Fault | undefined) | undefined;
  /** Called when the endpoint has done a call, before its answer is passed on; with false the answer is lost. */
  done: ((call: RelayedCall, status: number, answer: string) => boolean | void) | undefined;
  /** Forgets counts and hooks. */
  clear(): void;
  stop(): Promise<void>;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function scopeOf(message: IncomingMessage): { readonly region: string; readonly service: string } {
  const [, region = '', service = ''] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(message.headers.authorization ?? '') ?? [];
  return { region, service };
}

/** An error in the form that the call's service gives it. */
export function refusal({ service, name }: RelayedCall, code: string, message: string, status: number): Answer {
  const xml = (body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>${body}` });
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  switch (service) {
    case 's3':
      return name.startsWith('HEAD') ? { status } : xml(`<Error>${error}<RequestId>1</RequestId></Error>`);
    case 'ec2':
      return xml(`<Response><Errors><Error>${error}</Error></Errors><RequestID>1</RequestID></Response>`);
    case 'iam':
    case 'sts':
      return xml(`<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>1</RequestId></ErrorResponse>`);
    default:
      return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': `${code}Exception` }, body: JSON.stringify({ __type: `${code}Exception`, message }) };
  }
}

function nameOf(message: IncomingMessage, body: string): string {
  const target = message.headers['x-amz-target'];
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
  return typeof target === 'string' ? (target.split('.').pop() ?? '') : (action ?? `${message.method} ${(message.url ?? '').split('?')[0]}`);
}

const reads = /^(Get|List|Describe|HEAD|Batch(Get)|GET )|^POST \/GetDataLakeSettings|^POST \/(List|Describe|Get)/;

/** A relay in front of an endpoint that can answer for it, lose its answers and tell what passes. */
export async function startRelay(upstream: string): Promise<Relay> {
  const to = new URL(upstream);
  let changes = 0;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const bytes = await bodyOf(incoming);
      const body = bytes.toString('latin1');
      const name = nameOf(incoming, body);
      const call: RelayedCall = { name, method: incoming.method ?? '', path: incoming.url ?? '', body, headers: incoming.headers, ...scopeOf(incoming), change: reads.test(name) ? 0 : ++changes };
      const own = relay.intercept?.(call);
      if (own === 'silent') {
        return;
      }
      if (own === 'reset') {
        incoming.socket.resetAndDestroy();
        return;
      }
      if (own) {
        outgoing.writeHead(own.status, own.headers).end(own.body);
        return;
      }
      const forwarded = request({ host: to.hostname, port: to.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
        void bodyOf(answer).then((content) => {
          if (relay.done?.(call, answer.statusCode ?? 502, content.toString('utf8')) === false) {
            outgoing.destroy();
            return;
          }
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(incoming.method === 'HEAD' ? undefined : content);
        });
      });
      forwarded.on('error', () => outgoing.destroy());
      forwarded.end(bytes);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: Relay = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intercept: undefined,
    done: undefined,
    clear() {
      changes = 0;
      relay.intercept = undefined;
      relay.done = undefined;
    },
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
  return relay;
}
