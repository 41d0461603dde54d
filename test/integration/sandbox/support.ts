import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { requirementsOf, resetSandbox } from '../../../src/sandbox/control/sandbox.ts';
import { prepareEnvironment } from '../../../src/sandbox/control/python-environment.ts';
import { stateFiles } from '../../../src/sandbox/kernel/files.ts';
import type { RunningFile } from '../../../src/sandbox/gateway/gateway.ts';
import { withLock } from '../../../src/sandbox/kernel/lock-file.ts';

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
