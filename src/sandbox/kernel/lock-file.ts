import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './processes.ts';

/** A holder renews its lock this often; one that has not for `STALE_MS` is dead, even if its process id lives on in another. */
const RENEW_MS = 2_000;
const STALE_MS = 30_000;
const LOOK_MS = 100;

/**
 * Runs `work` while holding a lock file that other processes respect. Waits for a live holder; takes over from one that
 * was killed.
 *
 * @throws the signal's reason when aborted while waiting.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const mine = JSON.stringify({ pid: process.pid, id: randomUUID() });
  while (!(await take(file, mine))) {
    signal?.throwIfAborted();
    await dropStale(file);
    await delay(LOOK_MS);
  }
  const renewal = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, RENEW_MS);
  renewal.unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    if ((await readFile(file, 'utf8').catch(() => '')) === mine) {
      await rm(file, { force: true });
    }
  }
}

async function take(file: string, content: string): Promise<boolean> {
  // Linking a finished file makes the lock appear with its content, never empty.
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function dropStale(file: string): Promise<void> {
  let seen: string;
  try {
    seen = await readFile(file, 'utf8');
    const { pid } = JSON.parse(seen) as { pid: number };
    if (isAlive(pid) && Date.now() - (await stat(file)).mtimeMs < STALE_MS) {
      return;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      return;
    }
    seen = '';
  }
  // Moved away before it is judged once more: between reading and removing, another may have taken it over.
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    if (seen && (await readFile(aside, 'utf8')) !== seen) {
      await link(aside, file).catch(() => undefined);
    }
    await rm(aside, { force: true });
  } catch {
    // Another took it.
  }
}
