import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Generator {
  indexes(root: string): Promise<ReadonlyMap<string, string>>;
  derived(root: string): Promise<ReadonlyMap<string, string>>;
}

const read = async (path: string): Promise<Record<string, string>> => JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;

/** A text in a language that does not exist: its placeholders, links and code stay. */
const inPseudo = (text: string): string => `⟦${text}⟧`;

describe('another language', () => {
  let folder = '';
  let generator: Generator;

  before(async () => {
    generator = (await import(pathToFileURL(join(root, 'scripts/generated.mjs')).href)) as Generator;
    folder = await mkdtemp(join(tmpdir(), 'lake-language-'));
    await Promise.all(['walkthroughs', 'l10n/parts'].map((path) => mkdir(join(folder, path), { recursive: true })));
    await symlink(join(root, 'src'), join(folder, 'src'), 'junction');
    for (const file of ['package.json', 'README.md']) await copyFile(join(root, file), join(folder, file));
    for (const language of ['en', 'es']) await copyFile(join(root, `walkthroughs/data-lake.${language}.md`), join(folder, `walkthroughs/data-lake.${language}.md`));
    for (const part of await readdir(join(root, 'l10n/parts'))) await copyFile(join(root, 'l10n/parts', part), join(folder, 'l10n/parts', part));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is one file a part and one tutorial', async () => {
    const before = await generator.derived(folder);
    const parts = (await readdir(join(folder, 'l10n/parts'))).filter((file) => file.endsWith('.es.json'));
    for (const part of parts) {
      const texts = Object.keys(await read(join(folder, 'l10n/parts', part)));
      await writeFile(join(folder, 'l10n/parts', part.replace('.es.', '.xx.')), JSON.stringify(Object.fromEntries(texts.map((text) => [text, inPseudo(text)]))));
    }
    const tutorial = (await readFile(join(folder, 'walkthroughs/data-lake.en.md'), 'utf8')).replaceAll('Create the bucket', inPseudo('Create the bucket'));
    await writeFile(join(folder, 'walkthroughs/data-lake.xx.md'), tutorial);

    const indexes = await generator.indexes(folder);
    assert.match(indexes.get('src/languages.generated.ts') ?? '', /\['en', 'es', 'xx'\]/);
    const files = await generator.derived(folder);
    // The others are as they were, and the new one has all that Spanish has.
    for (const [path, content] of before) assert.equal(files.get(path), content, path);
    const added = [...files.keys()].filter((path) => !before.has(path));
    const wanted = [...before.keys()].filter((path) => /[./]es[./]/.test(path)).map((path) => path.replace(/([./])es([./])/, '$1xx$2'));
    assert.deepEqual(added.sort(), wanted.sort());

    const nls = JSON.parse(files.get('package.nls.xx.json') ?? '') as Record<string, string>;
    const english = JSON.parse(files.get('package.nls.json') ?? '') as Record<string, string>;
    assert.deepEqual(Object.keys(nls), Object.keys(english));
    const own = Object.entries(nls).filter(([key]) => !/^walkthrough\.dataLake\.|^snippets\.|^command\.lakeTutorial\.provision\./.test(key));
    assert.deepEqual(own.filter(([, text]) => !/^⟦[^]*⟧$/.test(text)).map(([key]) => key), []);
    assert.equal(nls['command.lakeTutorial.provision.bucket'], '⟦Provision⟧: ⟦Create the bucket⟧');
    assert.match(nls['walkthrough.dataLake.bucket.description'] ?? '', /\[⟦Verify⟧\]\(command:lakeTutorial\.verifyStep\?/);
    assert.equal(nls['snippets.path'], './snippets/iam-policies.xx.json');
    assert.match(files.get('walkthroughs/media/xx/zones.svg') ?? '', /⟦S3 bucket⟧[^]*⟦This step⟧/);
    assert.match(files.get('walkthroughs/media/xx/zones.md') ?? '', /\*\*⟦IAM actions that this takes⟧\*\*/);
    const bundle = JSON.parse(files.get('l10n/bundle.l10n.xx.json') ?? '') as Record<string, string>;
    assert.deepEqual(bundle, Object.fromEntries(Object.keys(await read(join(root, 'l10n/bundle.l10n.es.json'))).map((text) => [text, inPseudo(text)])));
  });

  it('is told what it lacks, and what it says for nothing', async () => {
    const file = join(folder, 'l10n/parts/manifest.es.json');
    const { 'Show Log': _, ...texts } = await read(file);
    await writeFile(file, JSON.stringify({ ...texts, 'Show Nothing': 'Mostrar nada' }));
    await assert.rejects(generator.derived(folder), /manifest\.es\.json lacks: Show Log\n.*manifest\.es\.json has what nothing uses: Show Nothing/);
  });
});
