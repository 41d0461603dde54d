import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { get, request } from 'node:http';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError, isCancellation, messageOf } from '../../errors.ts';
import { prepareEnvironment } from './python-environment.ts';
import { defaultStateFolder, sandboxFile, stateFiles, type StateFiles } from '../kernel/files.ts';
import type { GatewayMessage, GatewayStatus, RemoteDoor, RemoteFile, RunningFile } from '../gateway/gateway.ts';
import { withLock } from '../kernel/lock-file.ts';
import { ForeignFolder, claimOf, takeFolder } from './state-folder.ts';
import type { Access } from '../gateway/peers.ts';
import { removePostgres } from '../services/ec2/postgres.ts';
import { isAlive, isRunning } from '../kernel/processes.ts';
import { SPARK_REMOTE, isSparkRemote, sparkRemoteAddress } from '../kernel/spark-remote.ts';
import type { TickResult } from '../services/events/scheduled-rules.ts';

export { defaultStateFolder } from '../kernel/files.ts';

/** The sandbox's account; any credentials are accepted. */
export const SANDBOX_ACCOUNT = '000000000000';
/** Where the tutorial's text is at home. The sandbox answers in every region. */
export const SANDBOX_REGION = 'us-east-2';

const LARGEST_LOG = 5 * 1024 * 1024;

export interface SandboxOptions {
  /** The folder of all that the sandbox keeps; `defaultStateFolder()` without it. */
  state?: string;
  /** Asks for this port and no other. Without it: the port of last time, else a free one. */
  port?: number;
  /** An IP address beyond loopback to listen at too, for requests signed with the key that the start returns. */
  listen?: string;
  /** AWS's control plane alone: no engine, no PostgreSQL. */
  controlPlaneOnly?: boolean;
  /** A Spark Connect server to run the jobs on instead of the sandbox's own engine: `sc://host:port`. */
  sparkRemote?: string;
  /** The Python to make the environment with; see `EnvironmentOptions.python`. */
  python?: string;
  signal?: AbortSignal;
  onProgress?: (message: string, fraction?: number) => void;
}

export interface SandboxStatus {
  /** `http://127.0.0.1:PORT`, or nothing when it is stopped. */
  endpoint: string | null;
  region: string;
  accountId: string;
  postgres: null | { host: string; port: number };
  state: 'running' | 'stopped' | 'starting';
  stateFolder: string;
  pid?: number;
  controlPlaneOnly?: boolean;
  /** Who gets in with any credentials: its user alone, or every user of the machine where the system does not tell whose a connection is. */
  access?: Access;
  /** The door beyond this machine, if there is one; the secret is a start's to tell. */
  listen?: RemoteDoor & { readonly secretAccessKey?: string };
  /** HOST:PORT of the Spark Connect server that jobs run on, if it is not the sandbox's own engine. */
  sparkRemote?: string;
  /** Why the calls of a running sandbox fail, if they do. */
  failure?: string;
  /** Why the database of an instance that runs does not, and what to do about it. */
  postgresProblem?: string;
}

/**
 * Starts the sandbox, or returns the one that runs on this state folder. Resolves when it answers. Two starters at once
 * give one sandbox.
 *
 * @throws UserError what `prepareEnvironment` throws; `usage.empty`; `state-folder`; `state-folder.foreign`; `port-in-use`; `port-differs`; `spark-remote`; `spark-remote-differs`; `sandbox-failed`; `cancelled`.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxStatus> {
  if (options.sparkRemote !== undefined && !isSparkRemote(options.sparkRemote)) {
    throw new UserError('spark-remote', l10n.t('"{0}" is not the address of a Spark Connect server.', options.sparkRemote), {
      next: l10n.t('Write it as sc://host:15002, or leave it out to use the sandbox\'s own engine.'),
      exit: ExitCode.usage,
    });
  }
  if (options.listen !== undefined && (isIP(options.listen) === 0 || /^(127\.|::1$)/.test(options.listen))) {
    throw new UserError('listen', l10n.t('"{0}" is not an address of this machine that others reach.', options.listen), {
      next: l10n.t('Name one of its IP addresses, or 0.0.0.0 for all of them.'),
      exit: ExitCode.usage,
    });
  }
  const files = filesOf(options.state);
  const known = await sandboxStatus(options);
  if (known.state === 'running' && !known.failure) {
    return withSecret(files, matching(known, options));
  }
  await takeFolder(files).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
  try {
    return await alone(files, async () => {
      const now = await sandboxStatus(options);
      if (now.state === 'running' && !now.failure) {
        return withSecret(files, matching(now, options));
      }
      // One that hangs, is broken or was killed.
      await stopRunning(files);
      const python = await environmentOf(files, options);
      options.onProgress?.(l10n.t('Starting the sandbox…'));
      await startGateway(files, python, options);
      return withSecret(files, await sandboxStatus(options));
    }, options.signal);
  } catch (error) {
    throw options.signal?.aborted && !UserError.is(error) ? cancelled() : error;
  }
}

/**
 * Makes sure that a folder has the Python environment that a sandbox of it would run in, and gives the environment's folder: for another
 * sandbox that is to share it.
 *
 * @throws UserError what `prepareEnvironment` throws; `usage.empty`; `state-folder`; `state-folder.foreign`.
 */
export async function prepareSandbox(options: Pick<SandboxOptions, 'state' | 'controlPlaneOnly' | 'python' | 'signal' | 'onProgress'> = {}): Promise<string> {
  const files = filesOf(options.state);
  await takeFolder(files).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
  await alone(files, () => environmentOf(files, options), options.signal);
  return files.environment;
}

function environmentOf(files: StateFiles, options: Pick<SandboxOptions, 'controlPlaneOnly' | 'python' | 'signal' | 'onProgress'>): Promise<string> {
  return prepareEnvironment({
    folder: files.environment,
    requirements: requirementsOf(options.controlPlaneOnly),
    ...(options.python === undefined ? {} : { python: options.python }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
}

/**
 * Stops the sandbox; what it holds is kept for the next start. Says what it is afterwards: stopped.
 *
 * @throws UserError `usage.empty`; `state-folder.foreign` for a folder that is not the sandbox's: it stays as it is.
 */
export async function stopSandbox(options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  if (await isOurs(files)) {
    await aloneIfRoom(files, () => stopRunning(files), options.signal);
  }
  return sandboxStatus(options);
}

/**
 * Stops the sandbox and forgets all that its AWS held. The Python environment stays.
 *
 * @throws UserError as {@link stopSandbox}.
 */
export async function resetSandbox(options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  if (await isOurs(files)) {
    await aloneIfRoom(files, async () => {
      await stopRunning(files);
      await removePostgres(files);
      await Promise.all(Object.values(files.held).map((path) => rm(path, { recursive: true, force: true })));
    }, options.signal);
  }
  return sandboxStatus(options);
}

/** What runs on a state folder: one small file and one local question. Never throws for a sandbox that is not there. */
export async function sandboxStatus(options: Pick<SandboxOptions, 'state'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  const base = { region: SANDBOX_REGION, accountId: SANDBOX_ACCOUNT, postgres: null, stateFolder: files.folder };
  const running = await readRunning(files);
  const status = running && (await probe(running));
  if (!status) {
    return { ...base, endpoint: null, state: 'stopped' };
  }
  return {
    ...base,
    endpoint: `http://127.0.0.1:${status.port}`,
    state: status.state,
    pid: status.pid,
    controlPlaneOnly: status.controlPlaneOnly,
    access: status.access,
    ...(status.listen ? { listen: status.listen } : {}),
    postgres: status.postgres ?? null,
    ...(status.sparkRemote ? { sparkRemote: status.sparkRemote } : {}),
    ...(status.failure ? { failure: status.failure } : {}),
    ...(status.postgresProblem ? { postgresProblem: explain(status.postgresProblem) } : {}),
  };
}

function explain({ code, message }: NonNullable<GatewayStatus['postgresProblem']>): string {
  const hints: Readonly<Record<typeof code, string>> = {
    'disk-full': l10n.t('The disk is full: free some space. It is tried again when the instance is started, or when somebody needs the database.'),
    'no-user': l10n.t('PostgreSQL does not run as root, and this machine has no user to run it as: start the sandbox as an ordinary user.'),
    folder: l10n.t('Its folder must be writable. As root, PostgreSQL has its data in /var/lib/lake-tutorial: start the sandbox as an ordinary user, or name another folder in LAKE_TUTORIAL_POSTGRES that every user may enter.'),
    incomplete: l10n.t('The Python environment of the sandbox is not complete: delete it, and it is made again.'),
    failed: l10n.t('It is tried again when the instance is started, or when somebody needs the database.'),
  };
  return `${l10n.t('PostgreSQL does not run: {0}', message)} ${hints[code]}`;
}

/** What there is to say where the sandbox is needed and does not run. */
export const sandboxStopped = (): UserError =>
  new UserError('sandbox.stopped', l10n.t('The sandbox is not running.'), { next: l10n.t('Start it: "Lake Tutorial: Start Sandbox", or: lake-tutorial sandbox start'), exit: ExitCode.aws });

/** The requirements files that a sandbox's environment is made of. */
export function requirementsOf(controlPlaneOnly = false): string[] {
  const names = controlPlaneOnly ? ['requirements'] : ['requirements', 'engine-requirements'];
  return names.map((name) => sandboxFile(`control/${name}.txt`));
}

/**
 * Asks a running sandbox to do something that AWS has no call for, such as pushing time forward.
 *
 * @throws UserError `sandbox.stopped`; `sandbox.hollow`; `sandbox.command` with the sandbox's own reason.
 */
export async function askSandbox<T>(command: string, input: Readonly<Record<string, unknown>>, options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<T> {
  const running = await readRunning(filesOf(options.state));
  const status = running && (await probe(running));
  if (!status) {
    throw sandboxStopped();
  }
  if (status.controlPlaneOnly) {
    throw new UserError('sandbox.hollow', l10n.t('The sandbox runs without engine and PostgreSQL.'), { next: l10n.t('Stop it, then start it again: what it holds is kept.'), exit: ExitCode.failed });
  }
  const response = await fetch(`http://127.0.0.1:${running.port}/_lake/${command}`, {
    method: 'POST',
    headers: { 'x-lake-token': running.token },
    body: JSON.stringify(input),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    if (isCancellation(error)) {
      throw error;
    }
    // It ended over it: fetch's own words say nothing.
    throw new UserError('sandbox.stopped', l10n.t('The sandbox ended while it did that.'), { next: l10n.t('Start it again: what it holds is kept.'), exit: ExitCode.failed, cause: error });
  });
  const text = await response.text();
  if (!response.ok) {
    const why = text.startsWith('{') ? (JSON.parse(text) as { error: string }).error : `HTTP ${response.status}`;
    throw new UserError('sandbox.command', l10n.t('The sandbox could not do that.'), { why, exit: ExitCode.failed });
  }
  return JSON.parse(text) as T;
}

/** So many scheduled events run in one request: between requests there is progress, and a chance to cancel. */
const TICKS_AT_ONCE = 10;

/**
 * Pushes the sandbox's time forward until so many scheduled events have run.
 *
 * @throws UserError as `askSandbox`; `cancelled`.
 */
export async function tickSandbox(count: number, options: Pick<SandboxOptions, 'state' | 'signal' | 'onProgress'> = {}): Promise<TickResult> {
  let sum: TickResult = { ran: 0, failed: 0, errors: [], now: '' };
  while (sum.ran < count) {
    if (options.signal?.aborted) {
      throw cancelled();
    }
    const part = await askSandbox<TickResult>('tick', { count: Math.min(TICKS_AT_ONCE, count - sum.ran) }, { ...(options.state === undefined ? {} : { state: options.state }) });
    sum = { ran: sum.ran + part.ran, failed: sum.failed + part.failed, errors: [...new Set([...sum.errors, ...part.errors])], now: part.now };
    options.onProgress?.(l10n.t('{0} of {1} scheduled events', sum.ran, count), sum.ran / count);
  }
  return sum;
}

function filesOf(state: string | undefined): StateFiles {
  // An empty name would mean the current folder.
  if (state?.trim() === '') {
    throw new UserError('usage.empty', l10n.t('The name of the sandbox\'s folder is empty.'), { next: l10n.t('Name a folder, or leave it out to use the sandbox\'s own.'), exit: ExitCode.usage });
  }
  return stateFiles(resolve(state ?? defaultStateFolder()));
}

/** What a start tells: with the secret of the key that others need. */
async function withSecret(files: StateFiles, status: SandboxStatus): Promise<SandboxStatus> {
  if (!status.listen) {
    return status;
  }
  const { secretAccessKey } = JSON.parse(await readFile(files.remote, 'utf8')) as RemoteFile;
  return { ...status, listen: { ...status.listen, secretAccessKey } };
}

function matching(status: SandboxStatus, options: SandboxOptions): SandboxStatus {
  if (options.port !== undefined && status.endpoint !== `http://127.0.0.1:${options.port}`) {
    throw new UserError('port-differs', l10n.t('The sandbox already runs at {0}.', status.endpoint ?? ''), {
      next: l10n.t('Use it there, or stop it first to start it on port {0}.', options.port),
      exit: ExitCode.failed,
    });
  }
  if (options.listen !== undefined && status.listen?.address !== options.listen) {
    throw new UserError('listen-differs', l10n.t('The sandbox runs already, and does not listen at {0}.', options.listen), {
      next: l10n.t('Stop it, then start it again: what it holds is kept.'),
      exit: ExitCode.failed,
    });
  }
  if (options.sparkRemote !== undefined && status.sparkRemote !== sparkRemoteAddress(options.sparkRemote)) {
    throw new UserError('spark-remote-differs', l10n.t('The sandbox runs already, and its jobs not on {0}.', sparkRemoteAddress(options.sparkRemote)), {
      why: status.sparkRemote === undefined ? l10n.t('They run on its own engine.') : l10n.t('They run on {0}.', status.sparkRemote),
      next: l10n.t('Stop it, then start it again: what it holds is kept.'),
      exit: ExitCode.failed,
    });
  }
  return status;
}

/** Whether there is a folder of the sandbox's to do something with. @throws UserError `state-folder.foreign`, `state-folder`. */
async function isOurs(files: StateFiles): Promise<boolean> {
  try {
    const claim = await claimOf(files);
    if (claim === 'foreign') {
      throw new ForeignFolder();
    }
    return claim === 'ours';
  } catch (error) {
    throw folderProblem(files.folder, error);
  }
}

/** Runs alone on the state folder. @throws UserError `disk-full`, `state-folder`, what `work` throws, or the signal's reason. */
function alone<T>(files: StateFiles, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withLock(files.lock, work, signal).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
}

/** Why a folder cannot be written to, for who can do something about it. Other errors as they are. */
function folderProblem(folder: string, error: unknown): unknown {
  if (error instanceof ForeignFolder) {
    return new UserError('state-folder.foreign', l10n.t('{0} is not a folder of the sandbox.', folder), {
      why: l10n.t('Something else is kept there, or it is open to every user; nothing in it was touched.'),
      next: l10n.t('Name an empty folder of your own, or one that is not there yet: the sandbox makes it.'),
      exit: ExitCode.usage,
      cause: error,
    });
  }
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError('disk-full', l10n.t('The disk is full.'), { why: messageOf(error), next: l10n.t('Free some space where {0} is and try again.', folder), cause: error });
  }
  // What is missing inside is another matter than that no folder can be made.
  const unmade = code === 'ENOENT' && path !== undefined && `${folder}${sep}`.startsWith(`${path}${sep}`);
  if (code !== undefined && path !== undefined && (unmade || ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(code))) {
    return new UserError('state-folder', l10n.t('The sandbox cannot keep its state in {0}.', folder), { why: messageOf(error), next: l10n.t('Name a folder that you may write to.'), exit: ExitCode.usage, cause: error });
  }
  return error;
}

/** As {@link alone}; but a full disk, which has no room for a lock, is no reason why nothing could be stopped or removed. */
async function aloneIfRoom(files: StateFiles, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  let began = false;
  try {
    await alone(files, () => {
      began = true;
      return work();
    }, signal);
  } catch (error) {
    if (began || !(UserError.is(error) && error.code === 'disk-full')) {
      throw error;
    }
    await work();
  }
}

async function readRunning(files: StateFiles): Promise<RunningFile | undefined> {
  try {
    return JSON.parse(await readFile(files.running, 'utf8')) as RunningFile;
  } catch {
    return undefined;
  }
}

/** Asks the gateway itself: a process id may have been reused, a port taken by another. */
function probe(running: RunningFile): Promise<GatewayStatus | undefined> {
  return new Promise((answer) => {
    const ask = get(
      { host: '127.0.0.1', port: running.port, path: '/_lake/status', headers: { 'x-lake-token': running.token }, timeout: 3_000, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', () => answer(undefined));
        response.on('end', () => {
          try {
            const status = JSON.parse(text) as GatewayStatus;
            answer(response.statusCode === 200 && status.pid === running.pid ? status : undefined);
          } catch {
            answer(undefined);
          }
        });
      },
    );
    ask.on('timeout', () => ask.destroy());
    ask.on('error', () => answer(undefined));
  });
}

async function stopRunning(files: StateFiles): Promise<void> {
  const running = await readRunning(files);
  if (!running) {
    return;
  }
  const asked = (await probe(running)) !== undefined && (await askToStop(running));
  const deadline = Date.now() + (asked ? 15_000 : 0);
  while (isAlive(running.pid) && Date.now() < deadline) {
    await delay(20);
  }
  // It did not answer, or hangs. Ended only if it is ours beyond doubt: ids are reused.
  if (isRunning(running.pid, files.folder)) {
    process.kill(running.pid, 'SIGKILL');
    while (isAlive(running.pid)) {
      await delay(20);
    }
  }
  await rm(files.running, { force: true });
}

function askToStop(running: RunningFile): Promise<boolean> {
  return new Promise((done) => {
    const ask = request(
      { host: '127.0.0.1', port: running.port, method: 'POST', path: '/_lake/shutdown', headers: { 'x-lake-token': running.token, 'content-length': 0 }, agent: false },
      (response) => {
        response.resume();
        done(response.statusCode === 202);
      },
    );
    ask.on('error', () => done(false));
    ask.end();
  });
}

async function startGateway(files: StateFiles, python: string, options: SandboxOptions): Promise<void> {
  const remembered = Number(await readFile(files.port, 'utf8').catch(() => '0')) || 0;
  const wanted = options.port ?? remembered;
  let outcome = await launch(files, python, wanted, options);
  if (outcome.type === 'failed' && outcome.code === 'EADDRINUSE' && options.port === undefined) {
    outcome = await launch(files, python, 0, options);
  }
  if (outcome.type === 'ready') {
    await writeFile(files.port, String(outcome.port));
    return;
  }
  if (outcome.code === 'EADDRINUSE') {
    throw new UserError('port-in-use', l10n.t('Port {0} is in use by another program.', wanted), {
      next: l10n.t('Choose another port, or none to take a free one.'),
    });
  }
  if (outcome.code === 'EACCES') {
    throw new UserError('port-in-use', l10n.t('Port {0} may not be used.', wanted), { next: l10n.t('Choose a port above 1023.') });
  }
  if (outcome.code === 'listen') {
    throw new UserError('listen', l10n.t('The sandbox cannot listen at {0}.', options.listen ?? ''), { why: outcome.message, next: l10n.t('Name one of its IP addresses, or 0.0.0.0 for all of them.'), exit: ExitCode.usage });
  }
  throw new UserError('sandbox-failed', l10n.t('The sandbox did not start.'), {
    why: outcome.message,
    next: l10n.t('Its log is {0}.', files.log),
  });
}

/** Starts the gateway and waits until it answers AWS calls, says why it does not, or dies. */
async function launch(files: StateFiles, python: string, port: number, options: SandboxOptions): Promise<GatewayMessage> {
  await mkdir(files.logs, { recursive: true, mode: 0o700 });
  await rotate(files.log);
  const log = openSync(files.log, 'a', 0o600);
  try {
    const entry = sandboxFile('gateway.js', 'gateway/gateway.ts');
    const args = ['--state', files.folder, '--python', python, '--port', String(port)];
    // From the sources the entry is TypeScript, and `tsx` is there.
    const loader = entry.endsWith('.ts') ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
    const child = spawn(process.execPath, [...loader, entry, ...args, ...(options.controlPlaneOnly ? ['--control-plane-only'] : []), ...(options.listen === undefined ? [] : ['--listen', options.listen])], {
      // In the editor the executable is Electron. The server's address may hold a token, which no command line may show.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '', [SPARK_REMOTE]: options.sparkRemote },
      cwd: files.folder,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      windowsHide: true,
    });
    const abort = (): void => void child.kill('SIGTERM');
    options.signal?.addEventListener('abort', abort, { once: true });
    const outcome = await new Promise<GatewayMessage>((tell) => {
      child.once('message', (message) => tell(message as GatewayMessage));
      child.once('error', (error) => tell({ type: 'failed', code: 'spawn', message: error.message }));
      child.once('exit', (code, signal) => tell({ type: 'failed', code: 'exit', message: `The process ended (${signal ?? code}).` }));
    });
    options.signal?.removeEventListener('abort', abort);
    if (options.signal?.aborted) {
      child.kill('SIGTERM');
      throw cancelled();
    }
    if (child.connected) {
      child.disconnect();
    }
    child.unref();
    return outcome;
  } finally {
    closeSync(log);
  }
}

async function rotate(file: string): Promise<void> {
  const size = await stat(file).then((found) => found.size, () => 0);
  if (size > LARGEST_LOG) {
    await rename(file, `${file}.1`);
  }
}

function cancelled(): UserError {
  return new UserError('cancelled', l10n.t('Cancelled.'), {
    next: l10n.t('Start again at any time: it continues where it was.'),
    exit: ExitCode.cancelled,
  });
}
