import { request, type IncomingHttpHeaders } from 'node:http';

/** An error answer of the control plane. */
export class ControlPlaneError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const ACTION_PREFIX: Readonly<Record<string, string>> = {
  glue: 'AWSGlue',
  logs: 'Logs_20140328',
  events: 'AWSEvents',
  ssm: 'AmazonSSM',
  athena: 'AmazonAthena',
};

/**
 * What the sandbox's own services know and change of the modelled AWS: a client of the control plane behind the
 * gateway. What it changes is journaled like everybody's changes.
 */
export class ControlPlaneClient {
  /** With a key of `AccessKeys` and the gateway's port, what it asks is judged like any call with that key. */
  constructor(
    private readonly port: () => number,
    private readonly accessKey = 'sandbox',
  ) {}

  /**
   * Asks one of the questions of `inspection.py`.
   *
   * Source: our own (a failure of the sandbox itself, told to nobody outside), 2026-11-28
   */
  async inspect<T>(what: string, input: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { status, body } = await this.#send('POST', '/_lake/inspect', { 'content-type': 'application/json' }, JSON.stringify({ what, ...input }));
    if (status !== 200) {
      throw new ControlPlaneError('InternalFailure', `${what}: ${body.toString('utf8')}`, status);
    }
    return JSON.parse(body.toString('utf8')) as T;
  }

  /**
   * Calls an action of a JSON protocol (`glue`, `logs`, `events`, `ssm`, `athena`).
   *
   * @throws WorldError with AWS's code and message.
   */
  async call<T>(service: keyof typeof ACTION_PREFIX & string, action: string, input: object, region: string): Promise<T> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${ACTION_PREFIX[service]}.${action}`,
      ...signature(service, region, this.accessKey),
    };
    const { status, body } = await this.#send('POST', '/', headers, JSON.stringify(input));
    const text = body.toString('utf8');
    if (status >= 300) {
      const error = JSON.parse(text || '{}') as { __type?: string; message?: string; Message?: string };
      throw new ControlPlaneError(error.__type?.split('#').at(-1) ?? 'InternalFailure', error.message ?? error.Message ?? text, status);
    }
    return JSON.parse(text || '{}') as T;
  }

  /**
   * An object of S3, whole.
   *
   * @throws WorldError `NoSuchBucket`, `NoSuchKey`.
   */
  async getObject(bucket: string, key: string, region: string): Promise<Buffer> {
    return (await this.#s3('GET', bucket, key, region)).body;
  }

  /**
   * A part of an object, and how long the whole is.
   *
   * @throws WorldError `NoSuchBucket`, `NoSuchKey`.
   */
  async getRange(bucket: string, key: string, region: string, offset: number, size: number): Promise<{ content: Buffer; total: number }> {
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const { status, body, headers } = await this.#send('GET', path, { ...signature('s3', region, this.accessKey), range: `bytes=${offset}-${offset + size - 1}` });
    if (status === 416) {
      return { content: Buffer.alloc(0), total: offset };
    }
    if (status >= 300) {
      throw s3Error(status, body);
    }
    return { content: body, total: Number(/\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? offset + body.length) };
  }

  async putObject(bucket: string, key: string, content: string | Buffer, region: string): Promise<void> {
    await this.#s3('PUT', bucket, key, region, content);
  }

  async #s3(method: string, bucket: string, key: string, region: string, content?: string | Buffer): Promise<Response> {
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const answer = await this.#send(method, path, signature('s3', region, this.accessKey), content);
    if (answer.status >= 300) {
      throw s3Error(answer.status, answer.body);
    }
    return answer;
  }

  #send(method: string, path: string, headers: Record<string, string>, content: string | Buffer = ''): Promise<Response> {
    return new Promise((resolve, reject) => {
      const asked = request(
        // `Host` decides how moto takes an S3 path: an address means path style.
        { host: '127.0.0.1', port: this.port(), method, path, agent: false, headers: { ...headers, 'content-length': Buffer.byteLength(content) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) }));
        },
      );
      asked.once('error', reject);
      asked.end(content);
    });
  }
}

function s3Error(status: number, body: Buffer): ControlPlaneError {
  const text = body.toString('utf8');
  return new ControlPlaneError(/<Code>([^<]*)/.exec(text)?.[1] ?? 'InternalFailure', /<Message>([^<]*)/.exec(text)?.[1] ?? text, status);
}

/** Nobody checks it; it names service and region. */
function signature(service: string, region: string, accessKey: string): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${date.slice(0, 8)}/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    'x-amz-date': date,
  };
}
