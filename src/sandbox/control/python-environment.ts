import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { endGroup, isRunning, spawnGroup } from '../kernel/processes.ts';

/** The oldest Python that the sandbox's packages run on. */
const OLDEST_PYTHON = [3, 10] as const;

export interface EnvironmentOptions {
  /** The folder of the virtual environment; made, repaired or completed here. */
  folder: string;
  /** Requirements files, installed together. */
  requirements: readonly string[];
  /** The Python to use; without it `LAKE_TUTORIAL_PYTHON`, then `python3`, `python` and `py -3`. */
  python?: string;
  signal?: AbortSignal;
  /** `fraction` is an estimate from 0 to 1. */
  onProgress?: (message: string, fraction?: number) => void;
  env?: NodeJS.ProcessEnv;
}

interface Python {
  command: string;
  args: string[];
  version: string;
}

/** What is written last into a finished environment. */
interface Marker {
  /** Of each requirements file that it satisfies: a sandbox without engine is content with more. */
  hashes: string[];
  python: string;
}

/**
 * Makes sure that the environment holds what the requirements ask for, and returns the path of its Python.
 *
 * Quick when nothing is to do. What was interrupted anywhere is completed by the next call. pip's own configuration
 * (indexes, proxies, certificates) is honoured.
 *
 * @throws UserError `python-missing`, `python-too-old`, `python-broken`, `venv-missing`, `no-network`, `certificate`,
 *   `disk-full`, `install-failed`, `cancelled`.
 */
export async function prepareEnvironment(options: EnvironmentOptions): Promise<string> {
  const { folder, signal } = options;
  const env = options.env ?? process.env;
  throwIfCancelled(signal);
  const hashes = await Promise.all(options.requirements.map(hashOf));
  const python = environmentPython(folder);
  const marker = await readMarker(folder);
  if (marker && hashes.every((hash) => marker.hashes?.includes(hash)) && (await versionOf(python, [], env))?.version === marker.python) {
    return python;
  }

  options.onProgress?.(l10n.t('Looking for Python…'), 0);
  const base = await findPython(options.python ?? env['LAKE_TUTORIAL_PYTHON'], env);
  await endLeftover(folder);
  // pip trusts what it finds: a package of which a kill left only half must not be taken for whole. An older, finished
  // set of packages is brought up to date in place.
  const usable = existsSync(join(folder, 'pyvenv.cfg')) && !existsSync(installing(folder)) && (await versionOf(python, ['-m', 'pip'], env))?.version === base.version;
  await rm(markerFile(folder), { force: true });
  if (!usable) {
    options.onProgress?.(l10n.t('Creating the Python environment…'), 0.02);
    await rm(folder, { recursive: true, force: true });
    await createVenv(base, folder, options, env);
  }
  await install(python, options, env);
  await writeWhole(markerFile(folder), JSON.stringify({ hashes, python: base.version } satisfies Marker));
  options.onProgress?.(l10n.t('The Python environment is ready.'), 1);
  return python;
}

/** The interpreter inside a virtual environment. */
export function environmentPython(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

const markerFile = (folder: string): string => join(folder, 'lake-tutorial.json');
const installing = (folder: string): string => join(folder, 'installing');
const pidFile = (folder: string): string => `${folder}.pid`;

async function hashOf(file: string): Promise<string> {
  return createHash('sha256').update(await readFile(file)).digest('hex');
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    return JSON.parse(await readFile(markerFile(folder), 'utf8')) as Marker;
  } catch {
    return undefined;
  }
}

/** Writes a small file so that a reader sees all of it or nothing. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

/** A pip that outlived the process that started it (killed) must not go on beside ours. */
async function endLeftover(folder: string): Promise<void> {
  const pid = Number(await readFile(pidFile(folder), 'utf8').catch(() => ''));
  if (pid && isRunning(pid, folder)) {
    endGroup(pid);
  }
  await rm(pidFile(folder), { force: true });
}

async function findPython(asked: string | undefined, env: NodeJS.ProcessEnv): Promise<Python> {
  const candidates: [string, ...string[]][] = asked ? [[asked]] : process.platform === 'win32' ? [['py', '-3'], ['python'], ['python3']] : [['python3'], ['python'], ['py', '-3']];
  let old: Python | undefined;
  for (const [command, ...args] of candidates) {
    const found = await versionOf(command, args, env);
    if (found && isNewEnough(found.version)) {
      return found;
    }
    old ??= found;
  }
  const oldest = OLDEST_PYTHON.join('.');
  if (old) {
    throw new UserError('python-too-old', l10n.t('The sandbox needs Python {0} or newer; {1} is Python {2}.', oldest, old.command, old.version), {
      next: l10n.t('Install a newer Python, or name one in the setting "lakeTutorial.sandbox.python" or in LAKE_TUTORIAL_PYTHON.'),
    });
  }
  if (asked) {
    throw new UserError('python-missing', l10n.t('{0} is not a Python that can be run.', asked), {
      next: l10n.t('Correct the setting "lakeTutorial.sandbox.python" or LAKE_TUTORIAL_PYTHON, or remove it.'),
    });
  }
  throw new UserError('python-missing', l10n.t('No Python was found.'), {
    why: l10n.t('The sandbox runs on Python {0} or newer.', oldest),
    next: l10n.t('Install Python, or name one in the setting "lakeTutorial.sandbox.python" or in LAKE_TUTORIAL_PYTHON.'),
  });
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
}

/** The version of an interpreter as `major.minor`, or nothing when it cannot be run (or lacks the module asked for). */
async function versionOf(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Python | undefined> {
  const wanted = args[0] === '-m' ? `import ${args[1]}; ` : '';
  const before = args[0] === '-m' ? [] : args;
  const result = await run(command, [...before, '-c', `${wanted}import sys; print("%d.%d" % sys.version_info[:2])`], { env });
  const version = /^\d+\.\d+$/m.exec(result.output)?.[0];
  return result.code === 0 && version ? { command, args: before, version } : undefined;
}

async function createVenv(base: Python, folder: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const modules = await run(base.command, [...base.args, '-c', 'import venv, ensurepip'], { env });
  if (modules.code !== 0) {
    throw new UserError('venv-missing', l10n.t('{0} cannot make virtual environments: its modules "venv" and "ensurepip" are missing.', base.command), {
      next:
        process.platform === 'linux'
          ? l10n.t('On Debian and Ubuntu: sudo apt install python{0}-venv', base.version)
          : l10n.t('Install a complete Python, or name another one in LAKE_TUTORIAL_PYTHON.'),
    });
  }
  await mkdir(join(folder, '..'), { recursive: true, mode: 0o700 });
  const made = await run(base.command, [...base.args, '-m', 'venv', folder], { env, signal: options.signal, pidFile: pidFile(folder) });
  throwIfCancelled(options.signal);
  if (made.code !== 0) {
    throw failure(made.output, l10n.t('The Python environment could not be created.'));
  }
}

async function install(python: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const { folder, onProgress, signal } = options;
  const args = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
  for (const file of options.requirements) {
    args.push('--requirement', file);
  }
  let collected = 0;
  const onLine = (line: string): void => {
    const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
    if (name) {
      collected += 1;
      // The number of packages is not known beforehand: approach, never reach.
      onProgress?.(l10n.t('Fetching {0}…', name), 0.05 + 0.75 * (1 - Math.exp(-collected / 40)));
    } else if (line.startsWith('Installing collected packages')) {
      onProgress?.(l10n.t('Installing {0} packages…', collected), 0.85);
    }
  };
  onProgress?.(l10n.t('Fetching Python packages…'), 0.05);
  await writeFile(installing(folder), '');
  const result = await run(python, args, { env, signal, onLine, pidFile: pidFile(folder) });
  // Before that line pip has only fetched (its cache keeps that): the environment itself is untouched.
  if (result.code === 0 || !result.output.includes('Installing collected packages')) {
    await rm(installing(folder), { force: true });
  }
  throwIfCancelled(signal);
  if (result.code !== 0) {
    throw failure(result.output, l10n.t('The Python packages of the sandbox could not be installed.'));
  }
}

/** pip's and venv's failures, as something that a learner can act on. */
function failure(output: string, what: string): UserError {
  const last = output.split('\n').filter((line) => /error|exception/i.test(line)).at(-1)?.trim();
  if (/No space left on device|Errno 28|not enough space on the disk/i.test(output)) {
    return new UserError('disk-full', what, { why: l10n.t('The disk is full.'), next: l10n.t('Free about 2 GB and try again.') });
  }
  if (/CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError/.test(output)) {
    return new UserError('certificate', what, {
      why: l10n.t("The package index's certificate is not trusted, as behind a company's proxy."),
      next: l10n.t('Tell pip about the certificate (pip config set global.cert FILE) and try again.'),
      exit: ExitCode.failed,
    });
  }
  if (/Failed to establish a new connection|NewConnectionError|Name or service not known|name resolution|getaddrinfo failed|ProxyError|ConnectTimeoutError|ReadTimeoutError|Read timed out|Connection refused|Network is unreachable|Connection aborted|Connection broken|IncompleteRead|from versions: none/i.test(output)) {
    return new UserError('no-network', what, {
      why: l10n.t('The package index cannot be reached.'),
      next: l10n.t("Check the network and pip's configuration (pip config list), then try again: what was fetched is kept."),
    });
  }
  return new UserError('install-failed', what, { why: last, next: l10n.t('Try again; if it fails again, look at the message above.') });
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new UserError('cancelled', l10n.t('Cancelled.'), {
      next: l10n.t('Start again at any time: it continues where it was.'),
      exit: ExitCode.cancelled,
    });
  }
}

interface RunOptions {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onLine?: (line: string) => void;
  pidFile?: string;
}

/** Runs to the end; never throws. A command that does not exist has the code `null`. */
async function run(command: string, args: string[], options: RunOptions): Promise<{ code: number | null; output: string }> {
  const child = (options.pidFile ? spawnGroup : spawn)(command, args, {
    env: { ...options.env, PYTHONUNBUFFERED: '1', PYTHONIOENCODING: 'utf-8', LC_MESSAGES: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let output = '';
  let rest = '';
  const take = (chunk: string): void => {
    output += chunk;
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      options.onLine?.(line.trim());
    }
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const cancel = (): void => {
    if (child.pid) {
      endGroup(child.pid);
    }
  };
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.pidFile && child.pid) {
    await writeFile(options.pidFile, String(child.pid)).catch(() => undefined);
  }
  if (options.signal?.aborted) {
    cancel();
  }
  const code = await ended;
  options.signal?.removeEventListener('abort', cancel);
  if (options.pidFile) {
    await rm(options.pidFile, { force: true });
  }
  return { code, output };
}
