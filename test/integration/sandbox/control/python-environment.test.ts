import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../../src/errors.ts';
import { environmentPython, prepareEnvironment, type EnvironmentOptions } from '../../../../src/sandbox/control/python-environment.ts';

const failsWith = (code: string) => (error: unknown) => {
  assert.ok(UserError.is(error), String(error));
  assert.equal(error.code, code, error.message);
  assert.ok(error.next, 'it says what to do');
  return true;
};

describe('sandbox: the Python environment', function () {
  this.timeout(180_000);
  let folder: string;
  let options: EnvironmentOptions;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-environment-'));
    await writeFile(join(folder, 'requirements.txt'), 'six==1.17.0\n');
    options = { folder: join(folder, 'environment'), requirements: [join(folder, 'requirements.txt')] };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A Python that answers as told: stands for one that a learner's machine may have. */
  async function fakePython(script: string): Promise<string> {
    const file = join(folder, 'python');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  }

  const installed = (): string =>
    execFileSync(environmentPython(options.folder), ['-c', 'import six; print(six.__version__)'], { encoding: 'utf8' }).trim();

  it('names a Python that is missing', async () => {
    await assert.rejects(prepareEnvironment({ ...options, python: join(folder, 'nothing') }), failsWith('python-missing'));
    await assert.rejects(prepareEnvironment({ ...options, env: { PATH: folder } }), failsWith('python-missing'));
  });

  it('names a Python that is too old', async function () {
    if (process.platform === 'win32') this.skip();
    const python = await fakePython('echo 3.8');
    await assert.rejects(prepareEnvironment({ ...options, env: { ...process.env, LAKE_TUTORIAL_PYTHON: python } }), failsWith('python-too-old'));
  });

  it('names a Python without venv, as on Debian', async function () {
    if (process.platform === 'win32') this.skip();
    const python = await fakePython('case "$*" in *ensurepip*) echo "No module named ensurepip" >&2; exit 1;; *) echo 3.12;; esac');
    await assert.rejects(prepareEnvironment({ ...options, python }), failsWith('venv-missing'));
  });

  it('names a full disk', async function () {
    if (process.platform === 'win32') this.skip();
    const python = await fakePython('case "$*" in *"-m venv"*) echo "OSError: [Errno 28] No space left on device" >&2; exit 1;; *) echo 3.12;; esac');
    await assert.rejects(prepareEnvironment({ ...options, python }), failsWith('disk-full'));
  });

  it('names an index that cannot be reached, and completes when it can', async () => {
    // Port 9 of this machine: nobody listens there.
    const env = { ...process.env, PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_NO_INDEX: '', PIP_EXTRA_INDEX_URL: '', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' };
    await assert.rejects(prepareEnvironment({ ...options, env }), failsWith('no-network'));
    await prepareEnvironment(options);
    assert.equal(installed(), '1.17.0');
  });

  it('is made by pip where there is no uv', async () => {
    const index = join(folder, 'index');
    execFileSync('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', index, 'six==1.17.0']);
    const messages: string[] = [];
    // An index that has the package and not uv.
    const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: index };
    await prepareEnvironment({ ...options, env, onProgress: (message) => void messages.push(message) });
    assert.equal(installed(), '1.17.0');
    assert.ok(messages.includes('Installing 1 packages…'), messages.join());
    assert.ok(execFileSync(environmentPython(options.folder), ['-m', 'pip', '--version']));
  });

  it('has no pip and nothing else that nobody imports, made by uv', async () => {
    await prepareEnvironment(options);
    assert.throws(() => execFileSync(environmentPython(options.folder), ['-c', 'import pip'], { stdio: 'pipe' }));
    assert.deepEqual((await readdir(options.folder)).filter((name) => name === 'uv' || name === 'installing'), []);
  });

  it('stops when cancelled, anywhere, and continues from there', async () => {
    await assert.rejects(prepareEnvironment({ ...options, signal: AbortSignal.abort() }), failsWith('cancelled'));
    for (const stage of ['Creating', 'Fetching', 'Installing']) {
      const abort = new AbortController();
      const onProgress = (message: string): void => {
        if (message.startsWith(stage)) abort.abort();
      };
      await assert.rejects(prepareEnvironment({ ...options, signal: abort.signal, onProgress }), failsWith('cancelled'), stage);
    }
    const python = await prepareEnvironment(options);
    assert.equal(python, environmentPython(options.folder));
    assert.equal(installed(), '1.17.0');
  });

  it('does nothing when nothing is to do, and mends what was broken', async () => {
    await prepareEnvironment(options);
    const messages: string[] = [];
    const onProgress = (message: string): void => void messages.push(message);
    await prepareEnvironment({ ...options, onProgress });
    assert.deepEqual(messages, []);
    await rm(environmentPython(options.folder));
    await prepareEnvironment({ ...options, onProgress });
    assert.equal(installed(), '1.17.0');
  });

  it('follows changed requirements', async () => {
    await prepareEnvironment(options);
    await writeFile(join(folder, 'requirements.txt'), 'six==1.16.0\n');
    await prepareEnvironment(options);
    assert.equal(installed(), '1.16.0');
    assert.match(await readFile(join(options.folder, 'lake-tutorial.json'), 'utf8'), /hash/);
  });
});
