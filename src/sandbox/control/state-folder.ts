/**
 * Whose a folder is. What the sandbox deletes has everyday names (`functions`, `journal`), so it never does so in a
 * folder that is not its own beyond doubt.
 */
import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StateFiles } from '../kernel/files.ts';

/** What a folder is to the sandbox: its own, free to take, somebody else's, or not there. */
export type Claim = 'ours' | 'free' | 'foreign' | 'missing';

/** A folder that is not the sandbox's, and must not become it. */
export class ForeignFolder extends Error {}

const OWNER = 'lake-tutorial sandbox';
const UUID = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What file managers leave everywhere. */
const DROPPINGS = new Set(['.DS_Store', 'desktop.ini', 'Thumbs.db']);

/** Looks whose a folder is, and changes nothing. Errors of the file system other than that it is not there are thrown. */
export async function claimOf(files: StateFiles): Promise<Claim> {
  const names = await readdir(files.folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (!names) {
    return 'missing';
  }
  if (await isMark(files.mark)) {
    return 'ours';
  }
  if (names.every((name) => isPassing(files, name))) {
    return 'free';
  }
  return (await isEarlier(files, names)) ? 'ours' : 'foreign';
}

/**
 * Makes a folder the sandbox's: one that is not there, an empty one, or its own already. It is kept to its owner, as it
 * holds secrets.
 *
 * @throws ForeignFolder for any other, which stays as it is; else the file system's error.
 */
export async function takeFolder(files: StateFiles): Promise<void> {
  const claim = await claimOf(files);
  if (claim === 'foreign') {
    throw new ForeignFolder(`${files.folder} is not empty`);
  }
  if (claim === 'missing') {
    await makeFolder(files.folder);
  }
  const found = await stat(files.folder);
  // An empty /tmp, say: others count on its being open to all.
  if (claim === 'free' && process.platform !== 'win32' && (found.mode & 0o1002) !== 0) {
    throw new ForeignFolder(`${files.folder} is open to all`);
  }
  if ((found.mode & 0o777) !== 0o700) {
    await chmod(files.folder, 0o700);
  }
  if (!(await isMark(files.mark))) {
    // Whole or not at all: half a mark is none.
    const draft = `${files.mark}.${randomUUID()}`;
    try {
      await writeFile(draft, `${JSON.stringify({ owner: OWNER, version: 1 })}\n`, { mode: 0o600 });
      await rename(draft, files.mark);
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** As `mkdir -p`. Node's own goes on for ever where a folder is there and takes none, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<void> => mkdir(folder, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(folder) !== folder) {
      await makeFolder(dirname(folder));
      await make().catch(ifNotThere);
    } else {
      await ifNotThere(error as NodeJS.ErrnoException);
    }
  }
  async function ifNotThere(error: NodeJS.ErrnoException): Promise<void> {
    // Another may have been quicker.
    if (error.code !== 'EEXIST' || !(await stat(folder)).isDirectory()) {
      throw error;
    }
  }
}

/** A mark that was written there: a link to another folder's does not count. */
async function isMark(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true && (await readJson(file))?.['owner'] === OWNER;
}

/** What is there before the mark is, while somebody takes the folder. */
const isPassing = (files: StateFiles, name: string): boolean =>
  DROPPINGS.has(name) || [files.lock, files.mark].some((file) => name === basename(file) || name.replace(UUID, '') === basename(file));

/**
 * Whether an earlier version, which wrote no mark, made it: there is nothing in it but what the sandbox has there, and
 * among that a file with contents that only the sandbox writes.
 */
async function isEarlier(files: StateFiles, names: readonly string[]): Promise<boolean> {
  const known = new Set([...Object.values(files.held), files.environment, files.logs, files.running, files.port].map((path) => basename(path)));
  if (!names.every((name) => isPassing(files, name) || known.has(name.replace(/\.(new|pid)$/, '')))) {
    return false;
  }
  const [environment, running, lock] = await Promise.all([join(files.environment, 'lake-tutorial.json'), files.running, files.lock].map(readJson));
  return (
    (Array.isArray(environment?.['hashes']) && typeof environment['python'] === 'string') ||
    (typeof running?.['pid'] === 'number' && typeof running['port'] === 'number' && typeof running['token'] === 'string') ||
    (typeof lock?.['pid'] === 'number' && UUID.test(`.${String(lock['id'])}`)) ||
    // The environment was deleted, or its making ended early.
    (/^\d{1,5}\s*$/.test(await readFile(files.port, 'utf8').catch(() => '')) && /^\d{4}-\d\d-\d\dT[\d:.]+Z ready on 127\.0\.0\.1:\d+$/m.test(await readFile(files.log, 'utf8').catch(() => ''))) ||
    (await stat(join(files.environment, 'installing')).then((found) => found.isFile() && found.size === 0, () => false))
  );
}

async function readJson(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
