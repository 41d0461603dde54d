import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { requirementsOf, resetSandbox } from '../../../src/sandbox/control.ts';
import { prepareEnvironment } from '../../../src/sandbox/environment.ts';
import { sandboxFile, stateFiles } from '../../../src/sandbox/files.ts';
import type { RunningFile } from '../../../src/sandbox/gateway.ts';
import { withLock } from '../../../src/sandbox/lock.ts';

/** A state folder with a Python environment that all tests share: `LAKE_TUTORIAL_TEST_ENV`, else one in the repository. */
export const shared = stateFiles(resolve(process.env['LAKE_TUTORIAL_TEST_ENV'] ?? '.cache/test-state'));

/** The shared environment's Python, made on first use. */
export async function sharedPython(): Promise<string> {
  await mkdir(shared.folder, { recursive: true, mode: 0o700 });
  return withLock(shared.lock, () =>
    prepareEnvironment({ folder: shared.environment, requirements: requirementsOf() }),
  );
}

/** A state folder of one's own, for one suite, that uses the shared environment. */
export async function temporaryState(): Promise<{ state: string; remove: () => Promise<void> }> {
  await sharedPython();
  const state = await mkdtemp(join(tmpdir(), 'lake-sandbox-'));
  await symlink(shared.environment, join(state, 'environment'), 'junction');
  return {
    state,
    remove: async () => {
      // As root, PostgreSQL's data are not in the folder.
      await resetSandbox({ state });
      await rm(state, { recursive: true, force: true });
    },
  };
}

/** What a request of the journal is repeated for: the name that is in it, and the names that take its place. */
export interface Repeated {
  readonly first: string;
  /** Of the names, with two `%d`: the number of each by `of`, and the number. */
  readonly format: string;
  readonly of: number;
  /** With the first. */
  readonly count: number;
}

/** Fills a sandbox that is stopped with as many of what is in it as a request at a time would take too long for. */
export async function fill(state: string, repeated: readonly Repeated[]): Promise<void> {
  const wanted = JSON.stringify(repeated.map(({ first, ...names }) => [first, names]));
  const sources = dirname(sandboxFile('python/journal.py'));
  await promisify(execFile)(await sharedPython(), ['-B', join(import.meta.dirname, 'fill.py'), sources, stateFiles(state).journal, wanted]);
}

export async function runningFile(state: string): Promise<RunningFile> {
  return JSON.parse(await readFile(stateFiles(state).running, 'utf8')) as RunningFile;
}

/** What every client of the sandbox needs. */
export function clientConfig(endpoint: string | null) {
  return {
    endpoint: endpoint ?? '',
    region: 'us-east-2',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' },
    maxAttempts: 1,
  };
}
