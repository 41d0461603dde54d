import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { sandboxFile } from '../files.ts';
import type { Host } from '../part.ts';
import { bareEnvironment, endGroup, spawnGroup } from '../processes.ts';
import { WorldError } from '../world.ts';
import type { RunLog } from './logs.ts';

export interface ScriptRun {
  readonly id: string;
  readonly region: string;
  /** `s3://BUCKET/KEY` of the script. */
  readonly script: string;
  /** `--name`, `value`, … */
  readonly arguments: readonly string[];
  /** What is to be importable, and what is to lie in the working folder: `s3://` addresses. */
  readonly modules: readonly string[];
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly output: RunLog;
  readonly errors: RunLog;
  /** The script's process has begun. */
  readonly onStart: (pid: number) => void;
  /** Ends the process and all it has started. */
  readonly signal: AbortSignal;
}

/** The folder of a run's files, as its process sees it; logs show `/tmp` in its place, where Glue has them. */
export const scratchOf = (host: Host, id: string): string => join(host.files.scratch, id);

/**
 * Runs a job's script in a process and a folder of its own, which is removed afterwards. Returns why it failed, if it
 * did, in the words of the script's last exception.
 *
 * @throws ScriptMissing, or the signal's reason.
 */
export async function runScript(host: Host, run: ScriptRun): Promise<string | undefined> {
  const scratch = scratchOf(host, run.id);
  try {
    const environment = await prepare(host, run, scratch);
    run.signal.throwIfAborted();
    const child = spawnGroup(host.python, ['-u', '-s', sandboxFile('python/run_job.py'), scratch], {
      cwd: join(scratch, 'work'),
      env: { ...environment, ...run.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return await follow(child, run, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => host.log(`${scratch}: ${messageOf(error)}`));
  }
}

async function prepare(host: Host, run: ScriptRun, scratch: string): Promise<NodeJS.ProcessEnv> {
  const [work, modules, temporary] = ['work', 'modules', 'tmp'].map((name) => join(scratch, name)) as [string, string, string];
  for (const folder of [work, modules, temporary]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const take = async (uri: string, folder: string): Promise<string> => {
    const { name, content } = await fetchObject(host, uri, run.region);
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const script = await take(run.script, scratch);
  const archives: string[] = [];
  for (const uri of run.modules) {
    const file = await take(uri, modules);
    if (!file.endsWith('.py')) {
      archives.push(file);
    }
  }
  for (const uri of run.files) {
    await take(uri, work);
  }
  await writeFile(join(scratch, 'job.json'), JSON.stringify({ script, arguments: run.arguments, path: [scratch, modules, ...archives] }), { mode: 0o600 });
  return { ...bareEnvironment(), HOME: work, USERPROFILE: work, TMPDIR: temporary, TEMP: temporary, TMP: temporary, TZ: 'UTC', PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
}

/** A script or module that is not where the job says it is. */
export class ScriptMissing extends Error {}

async function fetchObject(host: Host, uri: string, region: string): Promise<{ name: string; content: Buffer }> {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (!bucket || !key) {
    throw new ScriptMissing(`LAUNCH ERROR | ${uri} is not an S3 location of the form s3://BUCKET/KEY.`);
  }
  try {
    const content = await host.world.getObject(bucket, key, region);
    // A key may hold anything, a file's name may not.
    return { name: (key.split('/').at(-1) ?? '').replaceAll(/[^\w.-]/g, '_').replace(/^\.*$/, '_'), content };
  } catch (error) {
    if (error instanceof WorldError && error.status === 404) {
      const what = error.code === 'NoSuchBucket' ? `Bucket "${bucket}" does not exist` : `Key "${key}" does not exist`;
      throw new ScriptMissing(`LAUNCH ERROR | File not found: ${uri}. An error occurred (404) when calling the HeadObject operation: ${what}`);
    }
    throw error;
  }
}

async function follow(child: ChildProcess, run: ScriptRun, scratch: string): Promise<string | undefined> {
  const { pid } = child;
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      if (pid) {
        // What it has left behind would hold its output open.
        endGroup(pid);
      }
    });
    child.once('close', (code, signal) => {
      readFile(join(scratch, 'result.json'), 'utf8').then(
        (text) => resolve((JSON.parse(text) as { error: string | null }).error ?? undefined),
        () => resolve(`Command failed with exit code ${code ?? (signal === 'SIGKILL' ? 137 : signal)}`),
      );
    });
  });
  // Held open for as long as somebody follows the run; never written to.
  child.stdin?.on('error', () => undefined);
  const stop = (): void => {
    if (pid) {
      endGroup(pid);
    }
  };
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    if (pid) {
      run.onStart(pid);
    }
    if (run.signal.aborted) {
      stop();
    }
    const [error] = await Promise.all([ended, drain(child.stdout, run.output), drain(child.stderr, run.errors)]);
    run.signal.throwIfAborted();
    return error;
  } finally {
    run.signal.removeEventListener('abort', stop);
    child.stdin?.destroy();
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
