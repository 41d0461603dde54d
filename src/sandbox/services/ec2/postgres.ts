import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateFiles } from '../../kernel/files.ts';
import type { Servers } from './network.ts';
import { endServer, Server } from './postgres-server.ts';
import { type Installation, runPsql } from './postgres-programs.ts';
import { asProblem, type PostgresError } from './postgres-error.ts';
import { dataOf, findInstallation, isRoot, rootFolder, SERVERS } from './postgres-installation.ts';

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
    this.#installation ??= findInstallation(this.options.files, this.options.python).catch((error: unknown) => {
      this.#installation = undefined;
      throw asProblem(error);
    });
    return this.#installation;
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
