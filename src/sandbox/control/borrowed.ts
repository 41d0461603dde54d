import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sandboxFile, stateFiles } from '../kernel/files.ts';
import { borrowedPrefix } from './borrowed-folder.ts';
import { environmentPython } from './python-environment.ts';
import { prepareSandbox, resetSandbox, startSandbox, type SandboxOptions } from './sandbox.ts';

/** A sandbox that nobody else has: with a folder and a port of its own, and gone when it is given back. */
export interface BorrowedSandbox {
  readonly endpoint: string;
  readonly state: string;
  /** The Python of its environment. */
  readonly python: string;
  /** Stops it and removes all that it held. May be called twice. */
  remove(): Promise<void>;
}

/**
 * Starts a sandbox for a while, beside the user's own, whose Python environment it shares and nothing else.
 *
 * It ends with {@link BorrowedSandbox.remove}, and also when this process is killed: another watches.
 *
 * @param options `state` is the folder whose environment is shared; `defaultStateFolder()` without it.
 * @throws UserError as `startSandbox`.
 */
export async function borrowSandbox(options: Pick<SandboxOptions, 'state' | 'controlPlaneOnly' | 'python' | 'signal' | 'onProgress'>): Promise<BorrowedSandbox> {
  const environment = await prepareSandbox(options);
  const state = await mkdtemp(join(tmpdir(), borrowedPrefix));
  const guard = watch(state);
  const remove = async (): Promise<void> => {
    await giveBack(guard);
    // The guard may have been killed.
    if (existsSync(state)) {
      await resetSandbox({ state });
      await rm(state, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  try {
    await symlink(await realpath(environment), stateFiles(state).environment, 'junction');
    const { endpoint } = await startSandbox({ ...options, state });
    return { endpoint: endpoint ?? '', state, python: environmentPython(environment), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Starts the process that removes the sandbox when this one has ended. */
function watch(state: string): ChildProcess {
  const entry = sandboxFile('guard.js', 'control/guard.ts');
  // From the sources the entry is TypeScript, and `tsx` is there.
  const loader = entry.endsWith('.ts') ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  // A group of its own: Ctrl+C in a terminal must not end it along with us. In the editor the executable is Electron.
  const guard = spawn(process.execPath, [...loader, entry, state], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' }, cwd: tmpdir(), detached: true, stdio: ['pipe', 'ignore', 'ignore'], windowsHide: true,
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  // Nor does the open pipe keep us.
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}

async function giveBack(guard: ChildProcess): Promise<void> {
  if (guard.pid === undefined || guard.exitCode !== null || guard.signalCode !== null) {
    return;
  }
  guard.ref();
  const ended = once(guard, 'exit');
  guard.stdin?.end();
  await ended;
}
