import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded, isAlive, isRunning } from '../../kernel/processes.ts';
import { answers, exe, freePort, type Installation, isFree, type PsqlOptions, type PsqlResult, run, runPsql, SUPERUSER } from './postgres-programs.ts';
import { asProblem, PostgresError } from './postgres-error.ts';
import { dataOf } from './postgres-installation.ts';

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

/** So often a server is looked at. */
const WATCH_MS = 1_000;

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
      // As `md5` in pg_hba.conf has it: who has a SCRAM password is asked for that. The superuser's is one.
      // Only what is the same on every operating system: the C collation and UTC, as servers have it.
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC', 'logging_collector=off'];
      const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
      const args = ['-D', draft, '-U', SUPERUSER, '-E', 'UTF8', '-A', 'md5', `--pwfile=${passwordFile}`, ...locale, ...settings.flatMap((setting) => ['--set', setting])];
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

/** Ends a server whose data are about to be deleted, if it is ours beyond doubt. */
export async function endServer(data: string): Promise<void> {
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

const isFull = (path: string): Promise<boolean> => statfs(path).then(({ bavail, bsize }) => bavail * bsize < 1024 * 1024, () => false);
