import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LimitationId } from './limitations.ts';

/** What of AWS a request addresses, as far as its head (and a query protocol's form) tells. */
export interface Operation {
  /** The signing name: `glue`, `s3`, `iam`, … Unsigned requests count as `s3`, as they do for moto. */
  readonly service: string;
  readonly region: string;
  /** `StartWorkflowRun`; empty for REST services, whose action is in method and path. */
  readonly action: string;
  readonly accessKey: string;
  readonly method: string;
  /** The raw path, without the query. */
  readonly path: string;
}

/** Who calls, where that is somebody who is judged: the user or role whose rights count, and as whom AWS's messages name it. */
export interface Caller {
  readonly principal: string;
  readonly session: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** One request in the hands of a route. A route must end it by exactly one of `forward`, `reply` and `fail`. */
export interface Call {
  readonly operation: Operation;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Set once it is known; nobody for the learner. */
  caller?: Caller;
  /** The whole body; after this, `forward` sends what was read. */
  body(): Promise<Buffer>;
  /** The body of a JSON protocol. */
  json<T>(): Promise<T>;
  /** Passes request and answer through, untouched. */
  forward(): Promise<void>;
  /** Asks the control plane the same, or with another body, and hands back its answer instead of sending it. */
  ask(body?: string | Buffer): Promise<Answer>;
  /** Says with the answer what it falls short in. */
  limit(id: LimitationId): void;
  /** Sends an answer of a JSON protocol. */
  reply(result: unknown, status?: number): void;
  /** Sends an error in the shape of the service's protocol. */
  fail(code: string, message: string, status?: number): void;
}

/** What a part of the sandbox does itself instead of leaving it to moto. This is where later parts plug in. */
export interface Route {
  readonly service: string;
  /** The action of a JSON or query protocol. */
  readonly action?: string;
  /** For REST services: the method and the path. */
  readonly method?: string;
  readonly path?: RegExp;
  handle(call: Call): Promise<void>;
}

/** Finds who answers an operation; nobody means: moto. */
export class Router {
  readonly #byAction = new Map<string, Route>();
  readonly #byPath: Route[] = [];

  constructor(routes: readonly Route[] = []) {
    this.add(routes);
  }

  /** A later route for the same action takes its place. */
  add(routes: readonly Route[]): void {
    for (const route of routes) {
      if (route.action) {
        this.#byAction.set(`${route.service}.${route.action}`, route);
      } else {
        this.#byPath.push(route);
      }
    }
  }

  find(operation: Operation): Route | undefined {
    return (
      this.#byAction.get(`${operation.service}.${operation.action}`) ??
      this.#byPath.find(
        (route) =>
          route.service === operation.service &&
          (!route.method || route.method === operation.method) &&
          (!route.path || route.path.test(operation.path)),
      )
    );
  }
}

/** Reads service, region and action out of a request's head; `form` is the body of a query protocol, if there is one. */
export function operationOf(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, form = ''): Operation {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ?? new URLSearchParams(query).get('X-Amz-Credential') ?? '';
  const [accessKey = '', , region = '', service = 's3'] = credential.split('/');
  const target = request.headers['x-amz-target'];
  const action =
    (typeof target === 'string' ? target.split('.').at(-1) : undefined) ??
    /(?:^|&)Action=(\w+)/.exec(form)?.[1] ??
    /(?:^|&)Action=(\w+)/.exec(query)?.[1] ??
    // Lake Formation is REST with one POST per action: the path is the action.
    (service === 'lakeformation' ? path.slice(1) : '');
  return { service, region, action, accessKey, method: request.method ?? 'GET', path };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Services that speak AWS's query protocol: XML answers, and errors in an envelope. */
const QUERY_SERVICES = new Set(['iam', 'sts', 'sqs', 'sns', 'cloudformation', 'autoscaling', 'elasticloadbalancing', 'rds', 'redshift']);

/** An error as the service's own protocol writes it. */
export function errorAnswer(operation: Operation, code: string, message: string): { type: string; body: string; headers: Record<string, string> } {
  const fields = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  const xml = (body: string) => ({ type: 'application/xml', body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`, headers: {} });
  if (operation.service === 's3') {
    return xml(`<Error>${fields}</Error>`);
  }
  if (operation.service === 'ec2') {
    return xml(`<Response><Errors><Error>${fields}</Error></Errors><RequestID>sandbox</RequestID></Response>`);
  }
  if (QUERY_SERVICES.has(operation.service)) {
    return xml(`<ErrorResponse><Error><Type>Sender</Type>${fields}</Error><RequestId>sandbox</RequestId></ErrorResponse>`);
  }
  return {
    type: operation.action && operation.service !== 'lakeformation' ? 'application/x-amz-json-1.1' : 'application/json',
    body: JSON.stringify({ __type: code, message, Message: message }),
    headers: { 'x-amzn-errortype': code },
  };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
