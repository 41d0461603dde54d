import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ControlPlaneClient } from '../../kernel/control-plane-client.ts';
import { sandboxFile } from '../../kernel/files.ts';
import { LogStream } from '../logs/log-stream.ts';
import type { Network } from '../ec2/network.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import { bareEnvironment } from '../../kernel/processes.ts';
import type { Call, Route } from '../../kernel/router.ts';

/** Lambda keeps an idle environment for some minutes; so long a learner who tries things waits only once. */
const IDLE_MS = 5 * 60_000;
/** Nothing can be connected to there. */
const NOWHERE = ['127.0.0.1', 0] as const;
const LARGEST_REQUEST = 6 * 1024 * 1024;
/** Environments at a time. (AWS: 1,000 in an account; each is a process of some 30 MB here.) */
const MOST_WORKERS = 20;
/** What `LogType: Tail` shows. */
const TAIL_BYTES = 4 * 1024;

interface FunctionInfo {
  readonly arn: string;
  readonly name: string;
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly timeout: number;
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly codeSha256: string;
  readonly layers: readonly string[];
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** How an invocation ended. */
export interface Invocation {
  readonly requestId: string;
  /** The function's answer or its failure, as JSON. */
  readonly payload: string;
  readonly failed: boolean;
  /** The last lines that it logged. */
  readonly tail: string;
}

/** A refusal of Lambda's Invoke. */
export class InvokeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

interface Answer {
  reach?: [string, number];
  result?: string;
  failure?: { errorType: string; errorMessage: string };
}

/** The names that the system's library has for signals. */
const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = { SIGKILL: 'killed', SIGTERM: 'terminated', SIGSEGV: 'segmentation fault', SIGABRT: 'aborted' };

/** One warm process that holds a function's code; it serves one invocation at a time, as Lambda's do. */
class Worker {
  readonly log: LogStream;
  busy = true;
  ended = false;
  #idle: NodeJS.Timeout | undefined;
  #output = '';
  #flushed: { id: string; done: () => void } | undefined;
  #answered: ((answer: Answer | undefined) => void) | undefined;
  #exited = 'Runtime exited without providing a reason';

  constructor(
    readonly info: FunctionInfo,
    private readonly child: ChildProcess,
    private readonly context: ServiceContext,
    private readonly network: Network,
    log: LogStream,
    /** Where its code lies; on Lambda that is `/var/task`. */
    private readonly folder: string,
    private readonly end: () => void,
  ) {
    this.log = log;
    child.stdin?.on('error', () => undefined);
    child.once('error', () => this.#exit());
    child.once('close', (code, signal) => this.#exit(code, signal));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const answer = readAnswer(line);
      if (answer) {
        void this.#take(answer);
      } else {
        // Its code has found the descriptor that answers go through, and has written to it.
        this.#output += `${line}\n`;
      }
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line === `\0${this.#flushed?.id}`) {
        this.#flushed?.done();
      } else {
        this.#output += `${line}\n`;
      }
    });
  }

  /** Source: localstack/localstack tests/aws/services/lambda_/test_lambda.snapshot.json, 2026-11-28 */
  async invoke(event: unknown, requestId: string): Promise<Invocation> {
    clearTimeout(this.#idle);
    const { info } = this;
    const started = performance.now();
    this.#output = '';
    const flushed = new Promise<void>((done) => (this.#flushed = { id: requestId, done }));
    const answered = new Promise<Answer | undefined>((resolve) => (this.#answered = resolve));
    let late: NodeJS.Timeout | undefined;
    const timedOut = new Promise<'late'>((resolve) => (late = setTimeout(() => resolve('late'), info.timeout * 1000)));
    this.child.stdin?.write(`${JSON.stringify({ event, requestId, timeout: info.timeout, arn: info.arn })}\n`);
    const answer = await Promise.race([answered, timedOut]);
    clearTimeout(late);
    const ms = performance.now() - started;
    let payload: string;
    let failed = true;
    if (answer === 'late') {
      this.stop();
      payload = JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: Task timed out after ${info.timeout.toFixed(2)} seconds` });
      this.#output += `${new Date().toISOString()} ${requestId} Task timed out after ${info.timeout.toFixed(2)} seconds\n`;
    } else if (!answer) {
      payload = JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${this.#exited}` });
    } else {
      await Promise.race([flushed, new Promise((resolve) => this.child.once('close', resolve))]);
      failed = answer.failure !== undefined;
      payload = answer.result ?? JSON.stringify(answer.failure);
      if (answer.failure?.errorType.startsWith('Runtime.')) {
        // Lambda throws an environment away whose code could not be loaded or left.
        this.stop();
      }
    }
    const output = this.#clean(this.#output);
    const billed = Math.ceil(ms);
    const text =
      `START RequestId: ${requestId} Version: ${info.version}\n${output}END RequestId: ${requestId}\n` +
      `REPORT RequestId: ${requestId}\tDuration: ${ms.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: ${info.memory} MB\n`;
    this.log.write(text);
    this.busy = false;
    this.#idle = setTimeout(() => this.stop(), IDLE_MS);
    this.#idle.unref();
    return { requestId, payload: this.#clean(payload), failed, tail: Buffer.from(text).subarray(-TAIL_BYTES).toString('utf8') };
  }

  /** Addresses and paths as Lambda has them, not this machine's. */
  #clean(text: string): string {
    return this.network.disguise(text).replaceAll(this.folder, '/var/task');
  }

  stop(): void {
    this.ended = true;
    clearTimeout(this.#idle);
    this.child.kill('SIGKILL');
  }

  #exit(code: number | null = null, signal: NodeJS.Signals | null = null): void {
    this.ended = true;
    // As Lambda words it: AWS Lambda Developer Guide, "Troubleshoot invocation issues", read in November 2026.
    this.#exited = signal ? `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal.toLowerCase()}` : code ? `Runtime exited with error: exit status ${code}` : 'Runtime exited without providing a reason';
    this.#answered?.(undefined);
    void this.log.flush().catch((error: unknown) => this.context.log(`the log of ${this.info.name}: ${String(error)}`));
    this.end();
  }

  async #take(answer: Answer): Promise<void> {
    if (!answer.reach) {
      this.#answered?.(answer);
      return;
    }
    const dial = await this.#dial(...answer.reach).catch((error: unknown) => {
      this.context.log(`${this.info.name} asks for ${String(answer.reach)}: ${String(error)}`);
      return NOWHERE;
    });
    this.child.stdin?.write(`${JSON.stringify({ dial })}\n`);
  }

  /** Where to connect to instead of an address, as the function's place in the modelled network has it. */
  async #dial(host: string, port: number): Promise<[string, number]> {
    const { info } = this;
    const [subnetId] = info.subnetIds;
    const region = regionOf(info);
    // AWS itself is at the gateway; outside a VPC a function reaches the internet, which the sandbox does not model.
    const isGateway = `http://${host}:${port}` === this.context.endpoint;
    if (isGateway || (subnetId === undefined && isIP(host) !== 0 && !isModelled(host))) {
      return [host, port];
    }
    const reach = await this.network.reach(
      { region, ...(subnetId === undefined ? {} : { subnetId }), securityGroupIds: info.securityGroupIds, description: `the function ${info.name}` },
      host,
      port,
    );
    return [reach.host, reach.port];
  }
}

/** What the worker says on a line; nothing when somebody else has written it. */
function readAnswer(line: string): Answer | undefined {
  try {
    const said = JSON.parse(line) as Partial<Answer> | null;
    const { reach, result, failure } = said ?? {};
    const whole = Array.isArray(reach) ? typeof reach[0] === 'string' && typeof reach[1] === 'number' : typeof result === 'string' || typeof failure?.errorType === 'string';
    return whole ? (said as Answer) : undefined;
  } catch {
    return undefined;
  }
}

const regionOf = (info: FunctionInfo): string => info.arn.split(':')[3] ?? '';

/** Private addresses, those of this machine, and those that the sandbox gives out as elastic ones. */
const isModelled = (address: string): boolean => /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|198\.1[89]\.)/.test(address);

/** What a function's code is called as a file. */
const codeName = (codeSha256: string): string => codeSha256.replace(/\W/g, '_');

/** Runs the functions of AWS Lambda: the uploaded zip's handler, in a process of the prepared Python. */
export class Functions implements Service {
  readonly #workers = new Set<Worker>();
  /** Invocations that nobody waits for, until there is room for them. */
  readonly #waiting: (() => void)[] = [];
  readonly routes: readonly Route[];

  constructor(private readonly context: ServiceContext) {
    this.routes = [
      // Source: botocore lambda 1.44.5 Invoke, 2026-11-28
      { service: 'lambda', method: 'POST', path: /^\/2015-03-31\/functions\/[^/]+\/invocations\/?$/, handle: (call) => this.#handle(call) },
      // Source: botocore lambda 1.44.5 InvokeAsync, 2026-11-28
      { service: 'lambda', method: 'POST', path: /^\/2014-11-13\/functions\/[^/]+\/invoke-async\/?$/, handle: (call) => this.#handle(call, 'Event') },
      // Source: botocore lambda 1.44.5 DeleteFunction, 2026-11-28
      { service: 'lambda', method: 'DELETE', path: /^\/2015-03-31\/functions\/[^/]+\/?$/, handle: (call) => this.#delete(call) },
    ];
  }

  /** What a function was made of goes with it, unless another one is made of the same. */
  async #delete(call: Call): Promise<void> {
    await call.forward();
    const kept = new Set((await this.context.controlPlane.inspect<string[]>('function_codes', {})).map(codeName));
    for (const { busy, info } of this.#workers) {
      if (busy) {
        kept.add(codeName(info.codeSha256));
      }
    }
    const gone = (await readdir(this.context.files.functions).catch(() => [])).filter((name) => !kept.has(name.split('.')[0] ?? ''));
    for (const worker of this.#workers) {
      if (!kept.has(codeName(worker.info.codeSha256)) && !worker.busy) {
        worker.stop();
      }
    }
    await Promise.all(gone.map((name) => rm(join(this.context.files.functions, name), { recursive: true, force: true })));
  }

  /**
   * Invokes a function and resolves with its answer, also when that is a failure of the function's own.
   *
   * @param name Its name or ARN.
   * @throws InvokeError what Lambda refuses.
   */
  async invoke(region: string, name: string, event: unknown, qualifier?: string): Promise<Invocation> {
    return this.#runWhenThereIsRoom(await this.#find(region, name, qualifier), event);
  }

  /** @throws InvokeError `TooManyRequestsException` when as many run as may. */
  async #run(info: FunctionInfo, event: unknown): Promise<Invocation> {
    const worker = await this.#worker(info);
    try {
      return await worker.invoke(event, randomUUID());
    } finally {
      this.#waiting.shift()?.();
    }
  }

  /** For what has no caller to tell: Lambda keeps such an event and tries it again. */
  async #runWhenThereIsRoom(info: FunctionInfo, event: unknown): Promise<Invocation> {
    for (;;) {
      try {
        return await this.#run(info, event);
      } catch (error) {
        if (!(error instanceof InvokeError && error.status === 429)) {
          throw error;
        }
        await new Promise<void>((free) => this.#waiting.push(free));
      }
    }
  }

  /** A process's place, for which an idle one of another function may have to go. */
  #makeRoom(): void {
    const alive = [...this.#workers].filter(({ ended }) => !ended);
    if (alive.length >= MOST_WORKERS) {
      const idle = alive.find(({ busy }) => !busy);
      if (!idle) {
        // Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (Errors), 2026-11-28.
        throw new InvokeError('TooManyRequestsException', 'Rate Exceeded.', 429);
      }
      idle.stop();
    }
  }

  /**
   * Source: localstack/localstack tests/aws/services/lambda_/test_lambda.snapshot.json, 2026-11-28
   * Source: botocore lambda 1.44.5 InvalidRuntimeException, 2026-11-28
   */
  async #find(region: string, name: string, qualifier: string | undefined): Promise<FunctionInfo> {
    const info = await this.context.controlPlane.inspect<FunctionInfo | null>('function', { region, name, qualifier });
    if (!info) {
      throw new InvokeError('ResourceNotFoundException', `Function not found: ${name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:000000000000:function:${name}`}`, 404);
    }
    if (!info.runtime.startsWith('python')) {
      throw new InvokeError('InvalidRuntimeException', `The sandbox runs functions in Python, and ${info.name} has the runtime ${info.runtime || 'of a container image'}.`, 502);
    }
    return info;
  }

  async stop(): Promise<void> {
    const logs = [...this.#workers].map(({ log }) => log.flush().catch(() => undefined));
    for (const worker of this.#workers) {
      worker.stop();
    }
    await Promise.all(logs);
  }

  /**
   * Source: botocore lambda 1.44.5 Invoke, 2026-11-28
   * Source: botocore lambda 1.44.5 RequestTooLargeException, 2026-11-28
   * Source: none found (tried: code search; the words of a request that is too large are in many logs, published by nobody of AWS), 2026-11-28
   */
  async #handle(call: Call, type = String(call.request.headers['x-amz-invocation-type'] ?? 'RequestResponse')): Promise<void> {
    const name = decodeURIComponent(/functions\/([^/]+)\//.exec(call.operation.path)?.[1] ?? '');
    const qualifier = new URL(call.request.url ?? '/', 'http://localhost').searchParams.get('Qualifier') ?? undefined;
    const body = await call.body();
    try {
      if (body.length > LARGEST_REQUEST) {
        throw new InvokeError('RequestTooLargeException', `${body.length} byte payload is too large for the ${type} invocation type (limit 6291456 bytes)`, 413);
      }
      const event = parse(body);
      const info = await this.#find(call.operation.region, name, qualifier);
      if (info.layers.length > 0) {
        call.limit('lambda-layers');
      }
      if (type === 'DryRun') {
        call.response.writeHead(204).end();
        return;
      }
      if (type === 'Event') {
        // Answered before it has run; what it fails with is in its log.
        this.#runWhenThereIsRoom(info, event).catch((error: unknown) => this.context.log(`${name}: ${String(error)}`));
        call.response.writeHead(202, { 'content-length': 0 }).end();
        return;
      }
      const { payload, failed, tail, requestId } = await this.#run(info, event);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
        'x-amzn-requestid': requestId,
        'x-amz-executed-version': '$LATEST',
        ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
        ...(call.request.headers['x-amz-log-type'] === 'Tail' ? { 'x-amz-log-result': Buffer.from(tail).toString('base64') } : {}),
      };
      call.response.writeHead(200, headers).end(payload);
    } catch (error) {
      if (error instanceof InvokeError && error.code === 'InvalidRuntimeException') {
        call.limit('lambda-runtimes');
      }
      if (!(error instanceof InvokeError)) {
        throw error;
      }
      call.fail(error.code, error.message, error.status);
    }
  }

  /** A warm, idle environment of the function as it is now, else a new one. */
  async #worker(info: FunctionInfo): Promise<Worker> {
    const key = JSON.stringify(info);
    const region = regionOf(info);
    for (const worker of this.#workers) {
      if (!worker.busy && !worker.ended && worker.info.arn === info.arn) {
        if (JSON.stringify(worker.info) === key) {
          worker.busy = true;
          return worker;
        }
        worker.stop();
      }
    }
    const folder = join(this.context.files.functions, codeName(info.codeSha256));
    const archive = `${folder}.zip`;
    if (!existsSync(archive)) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const code = await this.context.controlPlane.inspect<string>('function_code', { region, name: info.arn });
      // A torn file must not be taken for the code later.
      const draft = `${archive}.${randomUUID()}`;
      await writeFile(draft, Buffer.from(code, 'base64'), { mode: 0o600 });
      await rename(draft, archive);
    }
    // From here to the process nothing else comes in between.
    this.#makeRoom();
    const now = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const keys = this.context.accessKeys.issue({ role: info.role, name: info.name, service: 'lambda', region, id: info.name });
    // With the rights of its role: without them there is no log.
    const log = new LogStream(new ControlPlaneClient(() => Number(new URL(this.context.endpoint).port), keys.accessKeyId), region, `/aws/lambda/${info.name}`, `${now}/[${info.version}]${randomBytes(16).toString('hex')}`);
    const child = spawn(this.context.python, ['-u', sandboxFile('services/lambda/worker.py'), info.handler, archive, folder], {
      env: {
        ...bareEnvironment(),
        ...info.environment,
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_ENDPOINT_URL: this.context.endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_EXECUTION_ENV: `AWS_Lambda_${info.runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: info.name,
        AWS_LAMBDA_FUNCTION_VERSION: info.version,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(info.memory),
        AWS_LAMBDA_LOG_GROUP_NAME: log.group,
        AWS_LAMBDA_LOG_STREAM_NAME: log.stream,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: info.handler,
        TZ: ':UTC',
        PYTHONUTF8: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const worker: Worker = new Worker(info, child, this.context, this.context.network, log, folder, () => {
      this.#workers.delete(worker);
      // What it has said last is written with its key.
      void log.flush().catch(() => undefined).then(() => this.context.accessKeys.revoke(keys.accessKeyId));
    });
    this.#workers.add(worker);
    return worker;
  }
}

/** Source: localstack/localstack tests/aws/services/lambda_/test_lambda.snapshot.json, 2026-11-28 */
function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as unknown);
  } catch (error) {
    throw new InvokeError('InvalidRequestContentException', `Could not parse request body into json: ${String(error)}`);
  }
}
