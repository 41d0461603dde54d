import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '../../errors.ts';
import { pythonModule } from './files.ts';
import { ownEnvironment } from './processes.ts';
import { sparkRemoteAddress } from './spark-remote.ts';

/** A failure that the engine reports: Spark's or the translation's, for whoever asked. */
export class EngineError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface EngineOptions {
  /** Modules of ours whose functions `ask` reaches. */
  readonly modules: readonly string[];
  python: string;
  /** The sandbox's address, which the engine's S3 is at. */
  endpoint: string;
  region: string;
  /** A Spark Connect server to use for the jobs instead of ours: `sc://host:port`. */
  sparkRemote: string | undefined;
  log: (line: string) => void;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * The process that runs Spark's API (see `engine.py`). Started in the background with the sandbox, and again
 * on demand when it has died: what it does can be repeated, what it holds cannot be lost.
 */
export class Engine {
  #process: Promise<{ child: ChildProcess; port: number }> | undefined;
  #pending = new Map<number, Pending>();
  #next = 1;
  #stopped = false;
  readonly #onLoss = new Set<(why: EngineError) => void>();
  /** Whether only the sandbox's user reaches it; unknown until it runs. */
  guarded: boolean | undefined;

  constructor(private readonly options: EngineOptions) {}

  /** Whether jobs run on this process, and not on a Spark Connect server of the user's. */
  get isOwn(): boolean {
    return this.options.sparkRemote === undefined;
  }

  /**
   * Where jobs run, as `SPARK_REMOTE` has it. Resolves when it answers.
   *
   * @throws EngineError `EngineUnreachable`: Spark's own client would go on trying for ten minutes, without a word.
   */
  async remote(): Promise<string> {
    const { sparkRemote } = this.options;
    if (sparkRemote === undefined) {
      return `sc://127.0.0.1:${(await this.start()).port}`;
    }
    await reach(sparkRemoteAddress(sparkRemote)).catch((error: unknown) => {
      throw new EngineError(
        'EngineUnreachable',
        `The Spark Connect server ${sparkRemoteAddress(sparkRemote)} does not answer (${messageOf(error)}). Start it and run the job again, or stop the sandbox and start it without --spark-remote or the setting lakeTutorial.sandbox.sparkRemote: then jobs run on its own engine.`,
      );
    });
    return sparkRemote;
  }

  /** Starts the process unless it runs. */
  start(): Promise<{ child: ChildProcess; port: number }> {
    this.#process ??= this.#spawn().catch((error: unknown) => {
      this.#process = undefined;
      throw error;
    });
    return this.#process;
  }

  /**
   * Asks the engine's process one of its questions.
   *
   * @throws EngineError what the engine refused; `EngineEnded` when it died over it.
   */
  async ask<T>(what: string, input: Readonly<Record<string, unknown>>): Promise<T> {
    const { child } = await this.start();
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      child.stdin?.write(`${JSON.stringify({ ...input, id, what })}\n`);
    });
  }

  /**
   * Tells when the engine's process has died, until the function that is returned is called. What ran on it runs no more,
   * and Spark's client would go on waiting for it for minutes.
   */
  onLoss(listener: (why: EngineError) => void): () => void {
    this.#onLoss.add(listener);
    return () => void this.#onLoss.delete(listener);
  }

  #lost(why: EngineError, wasUp: boolean): void {
    if (this.#stopped) {
      return;
    }
    for (const listener of [...this.#onLoss]) {
      listener(why);
    }
    // One that does not even start is tried again when somebody asks for it.
    if (wasUp) {
      this.start().catch((error: unknown) => this.options.log(`the engine did not start: ${messageOf(error)}`));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const running = await this.#process?.catch(() => undefined);
    if (!running || running.child.exitCode !== null || running.child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => running.child.once('exit', resolve));
    running.child.stdin?.end();
    const impatient = setTimeout(() => running.child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(impatient);
  }

  #spawn(): Promise<{ child: ChildProcess; port: number }> {
    if (this.#stopped) {
      return Promise.reject(new EngineError('EngineEnded', 'The sandbox is stopping.'));
    }
    const { python, endpoint, region } = this.options;
    const module = pythonModule('sandbox.kernel.engine');
    const child = spawn(python, ['-u', ...module.arguments, ...this.options.modules], {
      cwd: module.cwd,
      env: { ...ownEnvironment(), ...engineS3(endpoint, region) },
      stdio: ['pipe', 'pipe', 'inherit'],
      windowsHide: true,
    });
    child.stdin?.on('error', () => undefined);
    let isUp = false;
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const how = signal === 'SIGKILL' ? 'killed, as by a system that is out of memory' : (signal ?? `exit code ${code}`);
        const why = new EngineError('EngineEnded', `The sandbox's engine ended (${how}). It is started again: free some memory if that was it, and run the same again.`);
        this.options.log(why.message);
        this.#process = undefined;
        reject(why);
        this.#lost(why, isUp);
        for (const pending of this.#pending.values()) {
          pending.reject(why);
        }
        this.#pending.clear();
      });
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const message = JSON.parse(line) as { port: number; guarded: boolean } | { id: number; result: unknown } | { id: number; error: { code: string; message: string } };
        if ('port' in message) {
          this.guarded = message.guarded;
          isUp = true;
          resolve({ child, port: message.port });
          return;
        }
        const pending = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        if ('error' in message) {
          pending?.reject(new EngineError(message.error.code, message.error.message));
        } else {
          pending?.resolve(message.result);
        }
      });
    });
  }
}

const REMOTE_MS = 10_000;

/** Connects to HOST:PORT, and no more. */
function reach(place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(place) ?? [];
    const socket = connect({ host, port: Number(port), timeout: REMOTE_MS });
    socket.once('connect', () => socket.destroy());
    socket.once('timeout', () => socket.destroy(new Error(`no answer in ${REMOTE_MS / 1000} s`)));
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}

/** The environment by which the engine's object store finds the sandbox's S3. */
export function engineS3(endpoint: string, region: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT: endpoint,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ALLOW_HTTP: 'true',
    AWS_VIRTUAL_HOSTED_STYLE_REQUEST: 'false',
    AWS_ACCESS_KEY_ID: 'sandbox-engine',
    AWS_SECRET_ACCESS_KEY: 'sandbox-engine',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
