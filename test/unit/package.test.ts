import { strict as assert } from 'node:assert';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const services = join(root, 'src/sandbox/services');

describe('what ships', () => {
  it('is listed by name, and nothing of src is', async () => {
    const [all, ...listed] = (await readFile(join(root, '.vscodeignore'), 'utf8')).trim().split('\n');
    assert.equal(all, '**');
    // A pattern without a folder is of the root only.
    const wrong = listed.filter((pattern) => !pattern.startsWith('!') || /^!(src|\*)/.test(pattern) || (/README/i.test(pattern) && pattern !== '!README.md'));
    assert.deepEqual(wrong, []);
  });
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
