import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { get, request } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { sandboxFile, type StateFiles } from '../kernel/files.ts';
import type { GatewayMessage, GatewayStatus, RunningFile } from '../gateway/gateway.ts';
import { isAlive, isRunning } from '../kernel/processes.ts';
import { SPARK_REMOTE } from '../kernel/spark-remote.ts';
import type { SandboxOptions } from './sandbox-status.ts';
import { cancelled } from './state-access.ts';

const LARGEST_LOG = 5 * 1024 * 1024;

export async function readRunning(files: StateFiles): Promise<RunningFile | undefined> {
  try {
    return JSON.parse(await readFile(files.running, 'utf8')) as RunningFile;
  } catch {
    return undefined;
  }
}

/** Asks the gateway itself: a process id may have been reused, a port taken by another. */
export function probe(running: RunningFile): Promise<GatewayStatus | undefined> {
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

export async function stopRunning(files: StateFiles): Promise<void> {
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

export async function startGateway(files: StateFiles, python: string, options: SandboxOptions): Promise<void> {
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
