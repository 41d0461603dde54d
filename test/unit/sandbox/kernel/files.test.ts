import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultStateFolder, sandboxFile } from '../../../../src/sandbox/kernel/files.ts';
import { withLock } from '../../../../src/sandbox/kernel/lock-file.ts';

describe('sandbox state folder', () => {
  it('is where the operating system keeps such data', () => {
    assert.equal(defaultStateFolder({ LAKE_TUTORIAL_HOME: '/somewhere' }, 'linux'), '/somewhere');
    assert.equal(defaultStateFolder({ HOME: '/h' }, 'linux'), join('/h', '.local', 'share', 'lake-tutorial'));
    assert.equal(defaultStateFolder({ HOME: '/h', XDG_DATA_HOME: '/x' }, 'linux'), join('/x', 'lake-tutorial'));
    assert.equal(defaultStateFolder({ HOME: '/h' }, 'darwin'), join('/h', 'Library', 'Application Support', 'lake-tutorial'));
    assert.equal(defaultStateFolder({ LOCALAPPDATA: '/l' }, 'win32'), join('/l', 'lake-tutorial'));
  });

  it('finds its own files, and says when they are missing', () => {
    assert.match(sandboxFile('gateway/control_plane.py'), /control_plane\.py$/);
    assert.throws(() => sandboxFile('nothing.txt'), /incomplete/);
  });
});

describe('sandbox lock', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-lock-'));
    file = join(folder, 'lock');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is given back after a failure', async () => {
    await assert.rejects(withLock(file, () => Promise.reject(new Error('no'))), /no/);
    assert.equal(await withLock(file, () => Promise.resolve(1)), 1);
  });

  it('is taken over from a holder that was killed, even if its process id lives on in another', async () => {
    await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, id: 'gone' }));
    assert.equal(await withLock(file, () => Promise.resolve(1)), 1);
    await writeFile(file, JSON.stringify({ pid: process.pid, id: 'reused' }));
    const past = new Date(Date.now() - 3_600_000);
    await utimes(file, past, past);
    assert.equal(await withLock(file, () => Promise.resolve(2)), 2);
  });

  it('waits for a live holder until cancelled', async () => {
    await withLock(file, () => assert.rejects(withLock(file, () => Promise.resolve(), AbortSignal.timeout(50))));
  });
});
