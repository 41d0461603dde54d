import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { sandboxFile } from '../kernel/files.ts';
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
 * Quick when nothing is to do. What was interrupted anywhere is completed by the next call. uv installs the packages; pip
 * does where uv cannot be had. pip's own configuration (indexes, proxies, certificates) is honoured by both.
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
  const usable = existsSync(join(folder, 'pyvenv.cfg')) && !existsSync(installing(folder)) && (await versionOf(python, [], env))?.version === base.version;
  await rm(markerFile(folder), { force: true });
  if (!usable) {
    options.onProgress?.(l10n.t('Creating the Python environment…'), 0.02);
    await rm(folder, { recursive: true, force: true });
    await createVenv(base, folder, options, env);
  }
  await install(base, python, options, env);
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
  const made = await run(base.command, [...base.args, '-m', 'venv', '--without-pip', folder], { env, signal: options.signal, pidFile: pidFile(folder) });
  throwIfCancelled(options.signal);
  if (made.code !== 0) {
    throw failure(made.output, l10n.t('The Python environment could not be created.'));
  }
}

/** Installs with uv, or with pip where there is no uv or it fails: what pip says of a failure is what people can look up. */
async function install(base: Python, python: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const { folder, signal } = options;
  const uv = join(folder, 'uv');
  try {
    await writeFile(installing(folder), '');
    const pip = await findPip(base, python, options, env);
    if (!(await fetchUv(pip, uv, options, env)) || !(await installWithUv(uv, pip, python, options, env))) {
      await installWithPip(python, options, env);
    }
    await rm(installing(folder), { force: true });
  } finally {
    throwIfCancelled(signal);
    await rm(uv, { recursive: true, force: true });
  }
}

/** A pip that runs: the one that Python has, else the one that it brings for virtual environments. */
async function findPip(base: Python, python: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<Python> {
  if (await versionOf(base.command, [...base.args, '-m', 'pip'], env)) {
    return base;
  }
  await bringPip(python, options, env);
  return { command: python, args: [], version: base.version };
}

async function bringPip(python: string, { folder, signal }: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<void> {
  if (!(await versionOf(python, ['-m', 'pip'], env))) {
    const made = await run(python, ['-m', 'ensurepip'], { env, signal, pidFile: pidFile(folder) });
    throwIfCancelled(signal);
    if (made.code !== 0) {
      throw failure(made.output, l10n.t('The Python environment could not be created.'));
    }
  }
}

/** Fetches uv into a folder. False where the index has none for this machine. */
async function fetchUv(pip: Python, uv: string, { folder, onProgress, signal }: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  onProgress?.(l10n.t('Fetching the installer of packages…'), 0.03);
  const lock = sandboxFile('control/installer-requirements.txt');
  const args = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--only-binary', ':all:', '--require-hashes', '--target', uv, '--requirement', lock];
  const result = await run(pip.command, [...pip.args, ...args], { env, signal, pidFile: pidFile(folder) });
  throwIfCancelled(signal);
  if (result.code !== 0 && NO_NETWORK.test(result.output)) {
    throw failure(result.output, l10n.t('The Python packages of the sandbox could not be installed.'));
  }
  return result.code === 0;
}

/** Installs the requirements. False when that failed for a reason that pip may not have, or may say better. */
async function installWithUv(uv: string, pip: Python, python: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { folder, onProgress, signal } = options;
  const configured = await run(pip.command, [...pip.args, '-m', 'pip', '--disable-pip-version-check', 'config', 'list'], { env, signal });
  const program = process.platform === 'win32' ? join(uv, 'bin', 'uv.exe') : join(uv, 'bin', 'uv');
  const locked = (await Promise.all(options.requirements.map((file) => readFile(file, 'utf8')))).every((text) => text.includes('--hash='));
  const args = ['pip', 'install', '--python', python, '--no-progress', ...(locked ? ['--require-hashes'] : []), ...options.requirements.flatMap((file) => ['--requirement', file])];
  const sizes = new Map<string, number>();
  const fetched = new Set<string>();
  const started = Date.now();
  const report = (): void => {
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const done = [...fetched].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    const seconds = Math.ceil(((Date.now() - started) / 1000) * ((total - done) / Math.max(done, 1)));
    const megabytes = [Math.round(done), Math.round(total)] as const;
    onProgress?.(
      seconds === 0 ? l10n.t('Fetching packages: {0} of {1} MB…', ...megabytes) : l10n.t('Fetching packages: {0} of {1} MB, about {2} s more…', ...megabytes, seconds),
      0.1 + 0.75 * (done / Math.max(total, 1)),
    );
  };
  let isInstalling = false;
  const onLine = (line: string): void => {
    const [, name = '', size, unit] = /^Downloading ([\w.-]+) \(([\d.]+)([KMG])iB\)/.exec(line) ?? [];
    const finished = /^Downloaded ([\w.-]+)/.exec(line)?.[1];
    const count = /^(?:Prepared|Installed) (\d+) packages?/.exec(line)?.[1];
    if (size !== undefined) {
      sizes.set(name, Number(size) * 1.048576 * ({ K: 1 / 1024, M: 1, G: 1024 }[unit ?? 'M'] ?? 1));
    } else if (finished !== undefined) {
      fetched.add(finished);
      // All that is to come has been announced by the time that the first has come.
      report();
    } else if (count !== undefined && !isInstalling) {
      isInstalling = true;
      onProgress?.(l10n.t('Installing {0} packages…', count), 0.9);
    }
  };
  onProgress?.(l10n.t('Fetching Python packages…'), 0.1);
  const result = await run(program, args, { env: { ...uvConfiguration(configured.output), UV_PYTHON_DOWNLOADS: 'never', ...env }, signal, onLine, pidFile: pidFile(folder), cwd: folder });
  throwIfCancelled(signal);
  if (result.code !== 0 && DISK_FULL.test(result.output)) {
    throw failure(result.output, l10n.t('The Python packages of the sandbox could not be installed.'));
  }
  return result.code === 0;
}

/**
 * What uv must be told of pip's configuration, which it does not read: variables of its environment.
 *
 * @param listed what `pip config list` prints, a line an option: `global.index-url='…'`.
 */
export function uvConfiguration(listed: string): Readonly<Record<string, string>> {
  const options = new Map<string, string>();
  // What comes later wins: a section of the command over `global`, the environment over both.
  for (const section of ['global', 'install', ':env:']) {
    for (const line of listed.split(/\r?\n/)) {
      const [, where, name = '', value = ''] = /^(\S+)\.([\w-]+)=(['"].*['"])$/.exec(line.trim()) ?? [];
      if (where === section) {
        options.set(name, value.slice(1, -1).replaceAll('\\n', ' ').trim());
      }
    }
  }
  const variables: readonly (readonly [string, string, string?])[] = [
    ['index-url', 'UV_DEFAULT_INDEX'],
    ['extra-index-url', 'UV_INDEX'],
    ['find-links', 'UV_FIND_LINKS', ','],
    ['cert', 'SSL_CERT_FILE'],
    ['trusted-host', 'UV_INSECURE_HOST'],
    ['default-timeout', 'UV_HTTP_TIMEOUT'],
    ['timeout', 'UV_HTTP_TIMEOUT'],
    ['retries', 'UV_HTTP_RETRIES'],
    ['proxy', 'HTTPS_PROXY'],
    ['proxy', 'HTTP_PROXY'],
  ];
  const found = variables.flatMap(([option, variable, separator = ' ']) => {
    const value = options.get(option);
    return value ? [[variable, value.split(/\s+/).join(separator)] as const] : [];
  });
  const isOn = (name: string): boolean => /^(1|true|yes|on)$/i.test(options.get(name) ?? '');
  return {
    ...Object.fromEntries(found),
    ...(isOn('no-index') && { UV_NO_INDEX: '1' }),
    ...(isOn('no-cache-dir') && { UV_NO_CACHE: '1' }),
    // As pip has it: one index is as good as another. What is locked has hashes.
    UV_INDEX_STRATEGY: 'unsafe-best-match',
  };
}

async function installWithPip(python: string, options: EnvironmentOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const { folder, onProgress, signal } = options;
  await bringPip(python, options, env);
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
      onProgress?.(l10n.t('Installing {0} packages…', line.split(',').length), 0.85);
    }
  };
  onProgress?.(l10n.t('Fetching Python packages…'), 0.05);
  const result = await run(python, args, { env, signal, onLine, pidFile: pidFile(folder) });
  throwIfCancelled(signal);
  if (result.code !== 0) {
    throw failure(result.output, l10n.t('The Python packages of the sandbox could not be installed.'));
  }
}

const DISK_FULL = /No space left on device|Errno 28|not enough space on the disk/i;
const NO_NETWORK = /Failed to establish a new connection|NewConnectionError|Name or service not known|name resolution|getaddrinfo failed|ProxyError|ConnectTimeoutError|ReadTimeoutError|Read timed out|Connection refused|Network is unreachable|Connection aborted|Connection broken|IncompleteRead/i;

/** pip's and venv's failures, as something that a learner can act on. */
function failure(output: string, what: string): UserError {
  const last = output.split('\n').filter((line) => /error|exception/i.test(line)).at(-1)?.trim();
  if (DISK_FULL.test(output)) {
    return new UserError('disk-full', what, { why: l10n.t('The disk is full.'), next: l10n.t('Free about 2 GB and try again.') });
  }
  if (/CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError/.test(output)) {
    return new UserError('certificate', what, {
      why: l10n.t("The package index's certificate is not trusted, as behind a company's proxy."),
      next: l10n.t('Tell pip about the certificate (pip config set global.cert FILE) and try again.'),
      exit: ExitCode.failed,
    });
  }
  if (NO_NETWORK.test(output) || output.includes('from versions: none')) {
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
  cwd?: string;
}

/** Runs to the end; never throws. A command that does not exist has the code `null`. */
async function run(command: string, args: string[], options: RunOptions): Promise<{ code: number | null; output: string }> {
  const child = (options.pidFile ? spawnGroup : spawn)(command, args, {
    ...(options.cwd && { cwd: options.cwd }),
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
