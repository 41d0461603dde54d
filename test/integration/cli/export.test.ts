import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { cli, documentOf, type ErrorDocument } from '../support/cli.ts';

interface ExportDocument {
  readonly files: readonly string[];
  readonly out: string;
  readonly vsix?: string;
}

const english = '---\nlake: 1\ntitle: A small lake\n---\n\n# A small lake\n\nOne bucket.\n\n## 1. Create it\n<!-- lake:step id=bucket provisions=bucket -->\n\nA bucket.\n\n![map](map.png)\n';
const spanish = english.replace('title: A small lake', 'title: Un data lake').replace('Create it', 'Créalo');

describe('CLI: export', function () {
  this.timeout(120_000);
  let folder: string;
  const at = (...path: string[]): string => join(folder, ...path);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-export-'));
    await Promise.all([writeFile(at('lab.en.md'), english), writeFile(at('lab.es.md'), spanish), writeFile(at('map.png'), 'PNG'), writeFile(at('LICENSE'), 'Mine\n')]);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const exported = async (...args: string[]): Promise<ExportDocument> => documentOf<ExportDocument>(await cli(['export', at('lab.es.md'), '--out', at('out'), '--json', ...args]), 0);
  const refused = async (code: string, ...args: string[]): Promise<ErrorDocument['error']> => {
    const { error } = documentOf<ErrorDocument>(await cli(['export', ...args, '--json']), 2);
    assert.equal(error.code, code);
    return error;
  };

  it('writes all files of the extension, both languages of it, and packs it by the official packer', async () => {
    const { files, vsix } = await exported('--vsix', '--publisher', 'a-teacher');
    assert.deepEqual([...files].sort(), [
      '.vscodeignore', 'LICENSE', 'README.md', 'a-small-lake-0.1.0.vsix', 'media/en/bucket.md', 'media/es/bucket.md', 'media/pictures/map.png',
      'package.json', 'package.nls.es.json', 'package.nls.json', 'tutorial/tutorial.en.md', 'tutorial/tutorial.es.md',
    ]);
    for (const file of files) assert.ok(existsSync(at('out', file)), file);
    const packed = unzipSync(await readFile(at('out', vsix ?? '')));
    assert.deepEqual(Object.keys(packed).filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length).toLowerCase()).sort(), [
      'license.txt', 'media/en/bucket.md', 'media/es/bucket.md', 'media/pictures/map.png', 'package.json', 'package.nls.es.json', 'package.nls.json', 'readme.md', 'tutorial/tutorial.en.md', 'tutorial/tutorial.es.md',
    ]);
    assert.match(Buffer.from(packed['extension.vsixmanifest'] ?? []).toString(), /Publisher="a-teacher"[^]*Microsoft\.VisualStudio\.Code\.ExtensionDependencies" Value="lake-tutorial\.lake-tutorial"/);
  });

  it('says it in Spanish too, for people', async () => {
    const { code, stdout, stderr } = await cli(['export', at('lab.en.md'), '--out', at('out'), '--lang', 'es']);
    assert.equal(code, 0);
    assert.match(stdout, /: 11 archivos\.$/m);
    assert.match(stderr, /El editor es "my-tutorials"/);
    // The README is in the tutorial's language, not in the messages'.
    assert.match(await readFile(at('out', 'README.md'), 'utf8'), /^A walkthrough for/m);
  });

  it('exports again into the same folder: what is the author\'s stays, what derives is renewed or taken away', async () => {
    await exported();
    const manifest = JSON.parse(await readFile(at('out', 'package.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(at('out', 'package.json'), JSON.stringify({ ...manifest, version: '1.2.3', publisher: 'me' }));
    await writeFile(at('out', 'README.md'), 'Mine\n');
    await writeFile(at('out', 'notes.txt'), 'Mine\n');
    await rm(at('lab.en.md'));
    await writeFile(at('lab.es.md'), spanish.replace('Créalo', 'Hazlo'));
    await exported();
    const renewed = JSON.parse(await readFile(at('out', 'package.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([renewed['version'], renewed['publisher']], ['1.2.3', 'me']);
    assert.equal(await readFile(at('out', 'README.md'), 'utf8'), 'Mine\n');
    assert.deepEqual((await readdir(at('out', 'media'))).sort(), ['es', 'pictures']);
    assert.ok(existsSync(at('out', 'notes.txt')));
    assert.match(await readFile(at('out', 'package.nls.json'), 'utf8'), /Hazlo/);
    assert.match(await readFile(at('out', 'package.nls.json'), 'utf8'), /%22tutorial%22%3A%22me\.a-small-lake%22/);
  });

  it('overwrites nothing silently: neither a folder of somebody else\'s nor what was changed since', async () => {
    await mkdir(at('full'));
    await writeFile(at('full', 'a.txt'), 'Mine\n');
    assert.match((await refused('export.folder', at('lab.en.md'), '--out', at('full'))).why ?? '', /not empty/);
    assert.deepEqual(await readdir(at('full')), ['a.txt']);
    await refused('export.folder', at('lab.en.md'), '--out', at('lab.en.md'));
    await refused('export.folder', at('lab.en.md'), '--out', folder);
    await exported();
    await writeFile(at('out', 'media', 'en', 'bucket.md'), 'Mine\n');
    assert.match((await refused('export.changed', at('lab.en.md'), '--out', at('out'))).message, /media\/en\/bucket\.md\.$/);
    assert.equal(await readFile(at('out', 'media', 'en', 'bucket.md'), 'utf8'), 'Mine\n');
    await exported('--yes');
    assert.match(await readFile(at('out', 'media', 'en', 'bucket.md'), 'utf8'), /^One bucket/);
  });

  it('says in words what is wrong, and writes nothing then', async () => {
    await refused('usage', at('lab.en.md'));
    await refused('tutorial.unreadable', at('none.md'), '--out', at('out'));
    await writeFile(at('prose.md'), 'Only prose.\n');
    await refused('export.empty', at('prose.md'), '--out', at('out'));
    await writeFile(at('lab.es.md'), `${spanish}\n## 2. Otro\n\nMás.\n`);
    await refused('export.languages', at('lab.en.md'), '--out', at('out'));
    assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith('out')), []);
  });

  it('without a packer leaves the extension, and says how it is packed', async () => {
    // A copy of what is installed has no packer among its libraries.
    const installed = at('installed');
    await mkdir(installed);
    for (const part of ['dist', 'l10n', 'package.json']) await cp(part, join(installed, part), { recursive: true });
    const { status, stdout } = spawnSync(process.execPath, [join(installed, 'dist/cli.js'), 'export', at('lab.en.md'), '--out', at('out'), '--vsix', '--json'], { encoding: 'utf8', env: { PATH: '' } });
    assert.equal(status, 1);
    const { error } = JSON.parse(stdout) as ErrorDocument;
    assert.equal(error.code, 'export.packer');
    assert.match(error.fix ?? '', /npx @vscode\/vsce package/);
    assert.ok(existsSync(at('out', 'package.json')));
  });
});
