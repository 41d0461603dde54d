import { spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { bareEnvironment } from '../../kernel/processes.ts';

export interface PsqlResult {
  readonly status: number;
}

/** What a psql is told, and where its output goes as it comes. */
export interface PsqlOptions {
  readonly args: readonly string[];
  readonly input: string;
  readonly database: string;
  /** Without one the superuser, whose password nobody else has. */
  readonly login?: { readonly user: string; readonly password: string | undefined };
  readonly signal?: AbortSignal;
  out(text: string): void;
  err(text: string): void;
}

/** Where the data are, and with whose rights the server runs. */
export interface Installation {
  /** A folder for each server. */
  readonly servers: string;
  readonly bin: string;
  readonly as: { readonly uid: number; readonly gid: number } | Record<string, never>;
}

const LOOPBACK = '127.0.0.1';

export const SUPERUSER = 'postgres';

export const exe = process.platform === 'win32' ? '.exe' : '';

/** Messages in English: they are read here. */
const environment = (): NodeJS.ProcessEnv => ({ ...bareEnvironment(), LC_ALL: 'C' });

/** Runs psql on one of the servers. Nothing secret is among its arguments. */
export async function runPsql({ bin, as }: Installation, port: number, { args, input, database, login, signal, out, err }: PsqlOptions): Promise<PsqlResult> {
  const { user, password } = login ?? { user: SUPERUSER, password: undefined };
  const child = spawn(join(bin, `psql${exe}`), [...args, '-h', LOOPBACK, '-p', String(port), '-U', user, '-d', database], {
    ...as,
    cwd: bin,
    env: { ...environment(), PGCLIENTENCODING: 'UTF8', PGCONNECT_TIMEOUT: '10', ...(password === undefined ? {} : { PGPASSWORD: password }) },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // On this one psql takes its query back.
    ...(signal ? { signal, killSignal: 'SIGINT' as const } : {}),
  });
  child.stdout.setEncoding('utf8').on('data', out);
  child.stderr.setEncoding('utf8').on('data', err);
  // One that ends before it has read all closes the pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? 1 }));
  });
}

export function run(command: string, args: readonly string[], as: Installation['as'], output = true): Promise<{ status: number; output: string }> {
  const child = spawn(command, args, {
    ...as,
    cwd: dirname(command) === '.' ? '/' : dirname(command),
    env: environment(),
    stdio: ['ignore', output ? 'pipe' : 'ignore', output ? 'pipe' : 'ignore'],
    windowsHide: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ status: 1, output: error.message }));
    child.once('close', (code) => resolve({ status: code ?? 1, output: said }));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
