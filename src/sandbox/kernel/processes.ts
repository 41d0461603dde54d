import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** True while a process of that id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True once a process has ended, also one that nobody has waited for yet. */
export function hasEnded(pid: number): boolean {
  if (!isAlive(pid)) {
    return true;
  }
  try {
    // Linux: the state follows the name, which is in parentheses.
    return /^.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * True when the process still is what we started: ids are reused, and a foreign process must never be ended.
 * Where the command line cannot be read the answer is no.
 */
export function isRunning(pid: number, commandContains: string): boolean {
  if (!isAlive(pid)) {
    return false;
  }
  try {
    // Linux: no program to start, and slim images have no `ps`.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(commandContains);
  } catch {
    // No such file elsewhere.
  }
  const result =
    process.platform === 'win32'
      ? spawnSync('powershell', ['-NoProfile', '-Command', `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`], { encoding: 'utf8' })
      : spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return result.status === 0 && result.stdout.includes(commandContains);
}

/** Starts a process as leader of its own group, so that `endGroup` reaches its children too. */
export function spawnGroup(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(command, args, { ...options, detached: process.platform !== 'win32', windowsHide: true });
}

/** Ends a process of `spawnGroup` and all that it started. */
export function endGroup(pid: number): void {
  try {
    if (process.platform === 'win32') {
      spawnSync('taskkill', ['/PID', String(pid), '/T', '/F']);
    } else {
      process.kill(-pid, 'SIGKILL');
    }
  } catch {
    // It has ended by itself.
  }
}

/** What any program needs of the environment to run, and nothing of the user's that code under test could read. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const needed = ['PATH', 'PATHEXT', 'SystemRoot', 'SYSTEMROOT', 'ComSpec', 'TEMP', 'TMP', 'TMPDIR', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(needed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** Nothing of the user's AWS setup concerns the stand-in for AWS. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|PYTHON)_?/.test(name)));
}
