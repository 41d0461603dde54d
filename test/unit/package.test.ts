import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const services = join(root, 'src/sandbox/services');

describe('what ships', () => {
  it('is listed by name, and nothing of src is', async () => {
    const [all, ...listed] = (await readFile(join(root, '.vscodeignore'), 'utf8')).trim().split('\n');
    assert.equal(all, '**');
    // A pattern without a folder is of the root only.
    const wrong = listed.filter((pattern) => !pattern.startsWith('!') || /^!(src|\*)/.test(pattern) || /README/i.test(pattern));
    assert.deepEqual(wrong, []);
  });
  it('is, of the command line, what runs and no more', async () => {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, maxBuffer: 1 << 24, shell: process.platform === 'win32' });
    const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = pack.files.map(({ path }) => path);
    const ours = /^(?:package\.json|README\.md|LICENSE|dist\/(?:cli\.js|chunks\/|lambda\/|sandbox\/|tutorials\/)|docs\/rules\/|jobs\/|l10n\/bundle|walkthroughs\/data-lake\.\w+\.md$)/;
    assert.deepEqual(paths.filter((path) => !ours.test(path)), []);
    for (const needed of ['jobs/ingest.py', 'l10n/bundle.l10n.es.json', 'walkthroughs/data-lake.es.md', 'docs/rules/encoding.md']) assert.ok(paths.includes(needed), needed);
  }).timeout(60_000);
  it('copies no README beside the Python that it is about', async () => {
    const [, pattern = ''] = /filter\(\(file\) => (\/.+?\/)\.test\(file\)\)/.exec(await readFile(join(root, 'scripts/build.mjs'), 'utf8')) ?? [];
    const copied = new RegExp(pattern.slice(1, -1));
    assert.ok(copied.test('services/athena/query.py') && copied.test('control/requirements.txt'));
    assert.ok(!copied.test('services/athena/README.md'));
  });
});

describe("a service's README", () => {
  it('is in its folder, and says what is real, what is moto\'s, what is not there, and what it follows', async () => {
    const folders = (await readdir(services, { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== '__pycache__').map(({ name }) => name);
    assert.ok(folders.length > 0);
    for (const folder of folders) {
      const text = await readFile(join(services, folder, 'README.md'), 'utf8');
      for (const part of [/^# /m, /^\*\*Real\.\*\* /m, /^\*\*moto's\.\*\* /m, /^\*\*(Refused|Not modelled|Refused or left out)\.\*\* /m, /^\*\*Follows\.\*\* .*https:\/\/docs\.aws\.amazon\.com\//m]) {
        assert.match(text, part, folder);
      }
      // The files that it names are there.
      const files = await readdir(join(services, folder));
      for (const [, name = ''] of text.matchAll(/`([\w-]+\.(?:ts|py))`/g)) {
        assert.ok(files.includes(name), `${folder}/README.md names ${name}`);
      }
      assert.ok(text.trimEnd().split('\n').length <= 12, folder);
    }
  });
});
