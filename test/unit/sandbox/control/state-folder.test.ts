import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, UserError } from '../../../../src/errors.ts';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { defaultStateFolder, stateFiles } from '../../../../src/sandbox/kernel/files.ts';
import { claimOf, takeFolder } from '../../../../src/sandbox/control/state-folder.ts';

/** The error that a use of a folder must end with. */
async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  assert.ok(UserError.is(error), String(error));
  assert.equal(error.exit, ExitCode.usage, error.message);
  return error;
}

const posixOnly = process.platform === 'win32' ? it.skip : it;

describe('sandbox: whose a folder is', () => {
  let root: string;
  let folder: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lake-folder-'));
    folder = join(root, 'state');
    await mkdir(folder);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** All that lies in the folder, with what is in it. */
  const contents = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

  async function project(): Promise<string[]> {
    for (const name of ['functions', 'scratch', 'journal', 'instances', 'src']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'work.txt'), 'of somebody');
    }
    await writeFile(join(folder, 'history.jsonl'), '{}\n');
    await chmod(folder, 0o755);
    return contents();
  }

  it("touches nothing in a folder that is somebody else's, whatever it is asked", async () => {
    const before = await project();
    for (const use of [resetSandbox, stopSandbox, startSandbox]) {
      const error = await refusal(use({ state: folder }));
      assert.equal(error.code, 'state-folder.foreign');
      assert.ok(error.next, error.message);
      assert.deepEqual(await contents(), before, use.name);
    }
    assert.equal((await sandboxStatus({ state: folder })).state, 'stopped');
    if (process.platform !== 'win32') {
      assert.equal((await stat(folder)).mode & 0o777, 0o755);
    }
  });

  it('takes names like its own for nothing: without a file that only it writes the folder is not its own', async () => {
    for (const name of ['functions', 'journal', 'environment', 'logs']) {
      await mkdir(join(folder, name));
    }
    await writeFile(join(folder, 'port'), '4566');
    await writeFile(join(folder, 'running.json'), '{"pid": 1}');
    const before = await contents();
    assert.equal((await refusal(resetSandbox({ state: folder }))).code, 'state-folder.foreign');
    assert.deepEqual(await contents(), before);
  });

  it('takes an empty folder and one that is not there, and knows both again', async () => {
    const made = stateFiles(join(root, 'new', 'deep'));
    for (const files of [stateFiles(folder), made]) {
      await takeFolder(files);
      assert.equal(await claimOf(files), 'ours');
      if (process.platform !== 'win32') {
        assert.equal((await stat(files.folder)).mode & 0o777, 0o700);
      }
      // What lies there later is no reason to doubt it.
      await writeFile(join(files.folder, 'notes.txt'), '');
      await takeFolder(files);
      await mkdir(files.functions);
      await resetSandbox({ state: files.folder });
      assert.deepEqual((await readdir(files.folder)).filter((name) => ['functions', 'notes.txt'].includes(name)), ['notes.txt']);
    }
  });

  it('is marked once when several start on it at a time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => takeFolder(stateFiles(folder))));
    assert.equal(await claimOf(stateFiles(folder)), 'ours');
    assert.equal((await readdir(folder)).length, 1);
  });

  it('knows what an earlier version made, which had no mark', async () => {
    const files = stateFiles(folder);
    const signs: readonly [string, string][] = [
      ['environment/lake-tutorial.json', '{"hashes":["0"],"python":"3.11.7"}'],
      ['running.json', '{"pid":1,"port":4566,"token":"secret"}'],
      ['start.lock', '{"pid":4194305,"id":"3b0c6a1e-57c5-4f0e-8f0a-0d4f0d7f1f11"}'],
    ];
    for (const [name, text] of signs) {
      await mkdir(files.journal);
      await mkdir(files.environment);
      await writeFile(files.queries, '{}\n');
      await writeFile(join(folder, name), text);
      assert.equal(await claimOf(files), 'ours', name);
      // Beside what is not its own it could be anybody's: a project's folder that was once named by mistake.
      await writeFile(join(folder, 'package.json'), '{}');
      assert.equal(await claimOf(files), 'foreign', name);
      await rm(join(folder, 'package.json'));
      for (const each of await readdir(folder)) {
        await rm(join(folder, each), { recursive: true });
      }
    }
  });

  posixOnly('is not taken in by a mark that is a link or says nothing', async () => {
    const files = stateFiles(folder);
    const marked = stateFiles(join(root, 'marked'));
    await takeFolder(marked);
    await writeFile(join(folder, 'work.txt'), '');
    await symlink(marked.mark, files.mark);
    assert.equal(await claimOf(files), 'foreign');
    await rm(files.mark);
    await writeFile(files.mark, '{}');
    assert.equal(await claimOf(files), 'foreign');
    await writeFile(files.mark, await readFile(marked.mark));
    assert.equal(await claimOf(files), 'ours');
  });

  posixOnly('does not take an empty folder that everybody may write to', async () => {
    await chmod(folder, 0o1777);
    assert.equal((await refusal(startSandbox({ state: folder }))).code, 'state-folder.foreign');
    assert.equal((await stat(folder)).mode & 0o7777, 0o1777);
  });

  it('refuses an empty name, of the flag and of the variable', async () => {
    for (const use of [startSandbox, stopSandbox, resetSandbox, sandboxStatus]) {
      for (const state of ['', '  ']) {
        assert.equal((await refusal(use({ state }))).code, 'usage.empty', use.name);
      }
    }
    assert.throws(() => defaultStateFolder({ LAKE_TUTORIAL_HOME: '', HOME: '/h' }, 'linux'), (error) => UserError.is(error) && error.code === 'usage.empty' && error.exit === ExitCode.usage);
  });

  it('says in words that it cannot be made there', async () => {
    await writeFile(join(root, 'file'), '');
    assert.equal((await refusal(startSandbox({ state: join(root, 'file') }))).code, 'state-folder');
    assert.equal((await refusal(startSandbox({ state: join(root, 'file', 'x') }))).code, 'state-folder');
    if (process.platform === 'linux') {
      // Node's own recursive mkdir never ends there.
      assert.equal((await refusal(startSandbox({ state: '/proc/1/x/y' }))).code, 'state-folder');
    }
  });
});
