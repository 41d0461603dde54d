import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../errors.ts';
import { sandboxFile } from '../../kernel/files.ts';
import type { ServiceContext } from '../context.ts';
import { bareEnvironment, endGroup, spawnGroup } from '../../kernel/processes.ts';
import { ControlPlaneClient, ControlPlaneError } from '../../kernel/control-plane-client.ts';
import type { RunLog } from './run-log.ts';

export interface ScriptRun {
  readonly region: string;
  /** Of the job's role, which must be allowed to read the script. */
  readonly accessKey: string;
  /** `s3://BUCKET/KEY` of the script. */
  readonly script: string;
  /** `--name`, `value`, … */
  readonly arguments: readonly string[];
  /** What is to be importable, and what is to lie in the working folder: `s3://` addresses. */
  readonly modules: readonly string[];
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** It loads what Spark needs: a process that has done so is welcome. */
  readonly usesSpark: boolean;
  /** `job-bookmark-enable` or its kin, and how far the last run came that committed. */
  readonly bookmarkOption?: string | undefined;
  readonly bookmark?: object | undefined;
  readonly output: RunLog;
  readonly errors: RunLog;
  /** The script begins. */
  readonly onStart: (pid: number) => void;
  /** Ends the process and all it has started. */
  readonly signal: AbortSignal;
}

/** A process that waits to be told which script to run, and its folder. */
interface WaitingProcess {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly ended: Promise<ScriptEnd>;
}

/** How a script ended. */
export interface ScriptEnd {
  /** Its last exception, if it failed. */
  readonly error?: string | undefined;
  /** How far it has read its sources, if it said that this is done. */
  readonly bookmark?: object | undefined;
}

/** So long a process waits for a script that may come. */
const SPARE_MS = 60_000;

/**
 * Runs scripts, each in a process and a folder of its own that is removed afterwards.
 *
 * Half of a small job is Python loading its libraries. So where another job is to come, a process that has them loaded
 * already is kept ready.
 */
export class Scripts {
  #spare: Promise<WaitingProcess> | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(private readonly context: ServiceContext) {}

  /** Another script will come soon. */
  prepare(): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => void this.close(), SPARE_MS);
    this.#expiry.unref();
    this.#spare ??= this.#open(true);
    this.#spare.catch(() => undefined);
  }

  /**
   * Runs a script to its end. Why it failed, if it did, is in the words of its last exception.
   *
   * @throws ScriptMissing, or the signal's reason.
   */
  async run(run: ScriptRun): Promise<ScriptEnd> {
    const spare = run.usesSpark ? this.#spare : undefined;
    if (spare) {
      this.#spare = undefined;
    }
    const place = await (spare ?? this.#open(false));
    try {
      return await this.#runIn(place, run);
    } finally {
      await this.#remove(place);
    }
  }

  /** Ends the process that waits. */
  async close(): Promise<void> {
    clearTimeout(this.#expiry);
    const spare = this.#spare;
    this.#spare = undefined;
    const place = await spare?.catch(() => undefined);
    if (place) {
      await this.#remove(place);
    }
  }

  async #open(warm: boolean): Promise<WaitingProcess> {
    const folder = join(this.context.files.scratch, randomBytes(6).toString('hex'));
    const [work, temporary] = [join(folder, 'work'), join(folder, 'tmp')];
    for (const each of [work, temporary, join(folder, 'modules')]) {
      await mkdir(each, { recursive: true, mode: 0o700 });
    }
    const child = spawnGroup(this.context.python, ['-u', '-s', sandboxFile('services/glue/run_job.py'), folder, ...(warm ? ['warm'] : [])], {
      cwd: work,
      env: { ...bareEnvironment(), HOME: work, USERPROFILE: work, TMPDIR: temporary, TEMP: temporary, TMP: temporary, TZ: 'UTC', PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // It ends when its stdin does, so that it never outlives us.
    child.stdin?.on('error', () => undefined);
    const ended = new Promise<ScriptEnd>((resolve, reject) => {
      child.once('error', reject);
      // What the script has left behind would hold its output open.
      child.once('exit', () => end(child));
      child.once('close', (code, signal) => {
        readFile(join(folder, 'result.json'), 'utf8').then(
          (text) => {
            const { error, bookmark } = JSON.parse(text) as { error: string | null; bookmark?: object | null };
            resolve({ error: error ?? undefined, bookmark: bookmark ?? undefined });
          },
          () => resolve({ error: `Command failed with exit code ${code ?? (signal === 'SIGKILL' ? 137 : signal)}` }),
        );
      });
    });
    ended.catch(() => undefined);
    return { folder, child, ended };
  }

  async #runIn({ folder, child, ended }: WaitingProcess, run: ScriptRun): Promise<ScriptEnd> {
    const stop = (): void => end(child);
    // Through the gateway, which judges the role.
    const storage = new ControlPlaneClient(() => Number(new URL(this.context.endpoint).port), run.accessKey);
    const take = async (uri: string, into: string): Promise<string> => {
      const { name, content } = await fetchObject(storage, uri, run.region);
      await writeFile(join(into, name), content, { mode: 0o600 });
      return join(into, name);
    };
    const script = await take(run.script, folder);
    const modules = join(folder, 'modules');
    const path = [folder, modules];
    for (const uri of run.modules) {
      const file = await take(uri, modules);
      if (!file.endsWith('.py')) {
        path.push(file);
      }
    }
    for (const uri of run.files) {
      await take(uri, join(folder, 'work'));
    }
    run.signal.throwIfAborted();
    run.signal.addEventListener('abort', stop, { once: true });
    try {
      // Not by the command line or a file: its arguments and its key are nobody else's business.
      child.stdin?.write(`${JSON.stringify({ script, arguments: run.arguments, path, environment: run.environment, bookmarkOption: run.bookmarkOption, bookmark: run.bookmark })}\n`);
      run.onStart(child.pid ?? 0);
      const [end] = await Promise.all([ended, drain(child.stdout, run.output), drain(child.stderr, run.errors)]);
      run.signal.throwIfAborted();
      return end;
    } finally {
      run.signal.removeEventListener('abort', stop);
    }
  }

  async #remove({ folder, child, ended }: WaitingProcess): Promise<void> {
    child.stdin?.destroy();
    if (child.exitCode === null && child.signalCode === null) {
      end(child);
      child.stdout?.resume();
      child.stderr?.resume();
      await ended.catch(() => undefined);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => this.context.log(`${folder}: ${messageOf(error)}`));
  }
}

function end(child: ChildProcess): void {
  if (child.pid) {
    endGroup(child.pid);
  }
}

/** A script or module that is not where the job says it is, or that its role may not read. */
export class ScriptMissing extends Error {}

/**
 * Source: none found (tried: code search for the words "LAUNCH ERROR | File not found"), 2026-11-28
 * Source: https://repost.aws/knowledge-center/glue-403-access-denied-error, 2026-11-28
 */
async function fetchObject(storage: ControlPlaneClient, uri: string, region: string): Promise<{ name: string; content: Buffer }> {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (!bucket || !key) {
    throw new ScriptMissing(`LAUNCH ERROR | ${uri} is not an S3 location of the form s3://BUCKET/KEY.`);
  }
  try {
    const content = await storage.getObject(bucket, key, region);
    // A key may hold anything, a file's name may not.
    return { name: (key.split('/').at(-1) ?? '').replaceAll(/[^\w.-]/g, '_').replace(/^\.*$/, '_'), content };
  } catch (error) {
    if (error instanceof ControlPlaneError && error.status === 404) {
      const what = error.code === 'NoSuchBucket' ? `Bucket "${bucket}" does not exist` : `Key "${key}" does not exist`;
      throw new ScriptMissing(`LAUNCH ERROR | File not found: ${uri}. An error occurred (404) when calling the HeadObject operation: ${what}`);
    }
    if (error instanceof ControlPlaneError && error.status === 403) {
      throw new ScriptMissing(`LAUNCH ERROR | Error downloading from S3 for bucket: ${bucket}, key: ${key}. Access Denied (Service: Amazon S3; Status Code: 403; Error Code: ${error.code}): ${error.message}`);
    }
    throw error;
  }
}

/** Reads no faster than the log can take it. */
async function drain(stream: NodeJS.ReadableStream | null, log: RunLog): Promise<void> {
  try {
    for await (const chunk of stream ?? []) {
      await log.write(chunk as Buffer);
    }
  } catch {
    // The process was ended while it wrote.
  }
}
