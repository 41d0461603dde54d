import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { languageOfName } from '../../../src/export/folder.ts';
import { installedField, installedKey } from '../../../src/export/installed.ts';
import { exportTutorial, type Exported, type ExportOptions, type TutorialText } from '../../../src/export/tutorial.ts';
import { UserError } from '../../../src/errors.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Step { id: string; title: string; description: string; media: { markdown: string }; completionEvents: string[] }
interface Manifest {
  name: string; publisher: string; version: string; license: string; extensionDependencies: string[]; extensionKind: string[];
  contributes: { walkthroughs: { id: string; title: string; description: string; steps: Step[] }[]; commands?: unknown };
}

const english = `---
lake: 1
id: two-tongues
title: A lake in two tongues
---

# A lake in two tongues

You build a bucket, and *only* a bucket. [The site](https://example.com/) has more.

![Overview](img/over%20view.png)

## 1. Prepare

Everything below happens in one account.

### 1.1 Create the bucket
<!-- lake:step id=bucket provisions=bucket -->

A **bucket** holds _files_, see [the notes](notes.md) and \`aws s3\`.

There is [a list](lists/all.md) too.

[Open a terminal](command:workbench.action.terminal.new)

![Once more](./img/over%20view.png) and <img alt="HTML" src='img/b.png'> and ![gone](img/gone.png) and ![far](https://example.com/a.png)

\`\`\`sh lake:verify
aws s3api head-bucket --bucket <bucket> # [no](link.md) ![no](picture.png)
\`\`\`

See [what follows](#12-read-on) and [the guide][guide] and ![ref][shot].

### 1.2 Read on

Nothing to make here.

## 2. Clean up
<!-- lake:step id=gone -->

Delete what you made.

[guide]: https://example.com/guide "The guide"
[shot]: img/b.png
`;

const spanish = english
  .replace('title: A lake in two tongues', 'title: Un data lake en dos lenguas').replace('# A lake in two tongues', '# Un data lake en dos lenguas')
  .replace('Create the bucket', 'Crea el bucket').replace('Read on', 'Sigue leyendo').replace('Clean up', 'Limpieza');

const pictures = new Set(['img/over view.png', 'img/b.png'].map((path) => resolve('/t', path)));

async function exported(texts: readonly TutorialText[], more: Partial<ExportOptions> = {}): Promise<Exported> {
  const es = JSON.parse(await readFile(join(root, 'l10n/bundle.l10n.es.json'), 'utf8')) as Record<string, string>;
  return exportTutorial(texts, { extensionId: 'us.ours', engine: '^1.100.0', bundles: { es }, current: {}, exists: (file) => pictures.has(file), given: {}, ...more });
}
const contentOf = ({ files }: Exported, path: string): string => {
  const file = files.find((each) => each.path === path);
  assert.ok(file && 'content' in file, `${path} is not among ${files.map((each) => each.path).join(', ')}`);
  return file.content;
};
const manifestOf = (made: Exported): Manifest => JSON.parse(contentOf(made, 'package.json')) as Manifest;
const texts = (made: Exported, path = 'package.nls.json'): Record<string, string> => JSON.parse(contentOf(made, path)) as Record<string, string>;
const stepsOf = (made: Exported): Step[] => manifestOf(made).contributes.walkthroughs[0]?.steps ?? [];
const said = (made: Exported, reference: string | undefined, path?: string): string => texts(made, path)[reference?.slice(1, -1) ?? ''] ?? assert.fail(`no text for ${reference}`);
const both = (): Promise<Exported> => exported([{ file: '/t/t.en.md', language: 'en', text: english }, { file: '/t/t.es.md', language: 'es', text: spanish }]);
const only = (text: string): Promise<Exported> => exported([{ file: '/t/lab.md', text }]);

async function refused(work: Promise<unknown>): Promise<UserError> {
  return work.then(() => assert.fail('it was not refused'), (error: unknown) => (UserError.is(error) ? error : assert.fail(String(error))));
}

describe('export: a tutorial as a walkthrough extension', () => {
  it('has a step for each of the tutorial, texts and pages in each language, and depends on ours', async () => {
    const made = await both();
    const { name, publisher, extensionDependencies, extensionKind, contributes } = manifestOf(made);
    assert.deepEqual([name, publisher, extensionDependencies, extensionKind], ['two-tongues', 'my-tutorials', ['us.ours'], ['workspace']]);
    assert.deepEqual(stepsOf(made).map(({ id }) => id), ['bucket', 'read-on', 'gone']);
    const [first] = stepsOf(made);
    assert.deepEqual([said(made, contributes.walkthroughs[0]?.title), said(made, contributes.walkthroughs[0]?.title, 'package.nls.es.json')], ['A lake in two tongues', 'Un data lake en dos lenguas']);
    assert.deepEqual([said(made, first?.title), said(made, first?.title, 'package.nls.es.json')], ['1.1 Create the bucket', '1.1 Crea el bucket']);
    assert.deepEqual([said(made, first?.media.markdown), said(made, first?.media.markdown, 'package.nls.es.json')], ['media/en/bucket.md', 'media/es/bucket.md']);
    assert.deepEqual(Object.keys(texts(made)).sort(), Object.keys(texts(made, 'package.nls.es.json')).sort());
    assert.match(said(made, first?.description, 'package.nls.es.json'), /^\[Aprovisionar\]\(command:/m);
    assert.match(contentOf(made, 'media/es/bucket.md'), /^## Qué aprovisiona el botón\n\n- Bucket/m);
    // What we say is set back to what it was.
    assert.match(contentOf(made, 'media/en/bucket.md'), /^## What the button provisions$/m);
  });

  it('leaves nothing of the text out: what stands before a step is on its page', async () => {
    const page = contentOf(await both(), 'media/en/bucket.md');
    const order = ['You build a bucket', '## 1. Prepare', 'Everything below', '# 1.1 Create the bucket'].map((part) => page.indexOf(part));
    assert.deepEqual(order, [...order].sort((a, b) => a - b));
    assert.ok(order.every((at) => at >= 0), order.join());
    assert.doesNotMatch(page, /lake:|two-tongues|<!--/);
    const last = contentOf(await both(), 'media/en/gone.md');
    assert.match(last, /^# 2 Clean up\n\nDelete what you made\.\n$/);
    const chapters = await only('## 1. A\n\n### 1.1 B\n\nb\n\n## 2. C\n\nOf c.\n\n### 2.1 D\n\nd\n\n# Further\n\nMore to read.\n');
    assert.match(contentOf(chapters, 'media/en/d.md'), /^## 2\. C\n\nOf c\.\n\n# 2\.1 D\n\nd/);
    assert.match(contentOf(chapters, 'media/en/d.md'), /# Further\n\nMore to read\.\n$/);
  });

  it('takes pictures along, in every way they are written, and names those that are not there', async () => {
    const made = await both();
    assert.deepEqual(made.files.flatMap((file) => ('from' in file ? [[file.path, file.from]] : [])), [
      ['media/pictures/over-view.png', resolve('/t/img/over view.png')], ['media/pictures/b.png', resolve('/t/img/b.png')],
    ]);
    const page = contentOf(made, 'media/en/bucket.md');
    assert.equal(page.match(/!\[[^\]]*\]\(\.\.\/pictures\/over-view\.png\)/g)?.length, 2);
    assert.match(page, /<img alt="HTML" src="\.\.\/pictures\/b\.png">/);
    assert.match(page, /!\[ref\]\(\.\.\/pictures\/b\.png\)/);
    assert.match(page, /!\[far\]\(https:\/\/example\.com\/a\.png\)/);
    assert.match(page, / and gone and /);
    assert.deepEqual(made.notes.filter((note) => note.includes('gone.png')).length, 2);
  });

  it('turns links that lead nowhere in a page into words, and calls of commands into buttons beside it', async () => {
    const made = await both();
    const page = contentOf(made, 'media/en/bucket.md');
    assert.match(page, /There is a list \(`lists\/all\.md`\) too\.\n\nOpen a terminal\n/);
    assert.doesNotMatch(page, /\]\(notes\.md\)|\]\(#|\]\(command:/);
    assert.match(page, /See what follows and \[the guide\]\(https:\/\/example\.com\/guide\)/);
    // Code stays as it is, but for our words.
    assert.ok(page.includes('```sh\naws s3api head-bucket --bucket <bucket> # [no](link.md) ![no](picture.png)\n```'), page);
    const lines = said(made, stepsOf(made)[0]?.description).split('\n');
    assert.equal(lines[0], 'A **bucket** holds files, see the notes and ``aws s3``.');
    assert.ok(lines.includes('[Open a terminal](command:workbench.action.terminal.new)'));
  });

  it('ticks by what the account shows, under keys of its own, and what makes nothing when it was read', async () => {
    const made = await both();
    const key = 'my-tutorials.two-tongues';
    assert.deepEqual(stepsOf(made).map(({ completionEvents }) => completionEvents), [[`onContext:${installedKey(key, 'bucket')}`], ['onStepSelected'], [`onContext:${installedKey(key, 'gone')}`]]);
    assert.notEqual(installedKey(key, 'bucket'), 'lakeTutorial.done.bucket');
    const field = installedField(manifestOf(made));
    assert.deepEqual(field?.tutorials.map(({ language, steps }) => [language, steps]), [['en', ['bucket', 'read-on', 'gone']], ['es', ['bucket', 'sigue-leyendo', 'gone']]]);
    assert.equal(contentOf(made, field?.tutorials[1]?.file ?? ''), spanish);
    const calls = stepsOf(made).map((step) => [...said(made, step.description).matchAll(/^\[[^\]]+\]\(command:lakeTutorial\.installedTutorial\?(\S+)\)$/gm)].map(([, given = '']) => JSON.parse(decodeURIComponent(given)) as [string, { tutorial: string; action: string }]));
    assert.deepEqual(calls.map((each) => each.map(([id, { tutorial, action }]) => `${id} ${tutorial === key} ${action}`)), [['bucket true provision', 'bucket true verify'], [], ['gone true remove', 'gone true verify']]);
  });

  it('takes a text without any markup, in its own language', async () => {
    const made = await only('# Un lago\n\nCon esto se construye el almacén de los datos, y es tu primera vez.\n\n**0.1. Entra a la consola**\n\nAbre la página, con tu usuario.\n\n**0.2. Crea el bucket**\n\nCon una carpeta.\n');
    assert.deepEqual(made.files.map(({ path }) => path).filter((path) => !path.startsWith('media/')), ['package.json', 'package.nls.json', 'tutorial/tutorial.es.md', 'README.md', '.vscodeignore']);
    const steps = stepsOf(made);
    assert.deepEqual(steps.map(({ title }) => said(made, title)), ['0.1 Entra a la consola', '0.2 Crea el bucket']);
    assert.match(said(made, steps[0]?.description), /Todo este paso: \[léelo\]\(command:/);
    assert.doesNotMatch(said(made, steps[0]?.description), /Aprovisionar/);
    assert.match(made.notes.join('\n'), /No step says what it provisions/);
    assert.match(manifestOf(made).name, /^un-lago$/);
  });

  it('gives odd ids files and keys that every system takes', async () => {
    const made = await only('# 데이터\n\n## 1. 버킷 만들기\n<!-- lake:step id=만들기 provisions=bucket -->\n\n글\n\n## 2. Over\n<!-- lake:step id=A.b -->\n\nx\n\n## 3. Again\n<!-- lake:step id=a-B -->\n\ny\n');
    assert.deepEqual(stepsOf(made).map(({ id }) => id), ['step-1', 'a-b', 'a-B-2']);
    assert.deepEqual(installedField(manifestOf(made))?.tutorials[0]?.steps, ['만들기', 'A.b', 'a-B']);
    assert.equal(manifestOf(made).name, 'lab');
  });

  it("keeps what the author has put into the manifest of the last export, and renews what is the tutorial's", async () => {
    const given = { name: 'mine', publisher: 'me', version: '2.3.4', icon: 'icon.png', license: 'MIT', contributes: { commands: [1], walkthroughs: [{ id: 'other' }, { id: 'lakeTutorialOfAuthor' }] }, extensionDependencies: ['a.b'], lakeTutorial: {} };
    const made = await exported([{ file: '/t/t.en.md', text: english }], { given });
    const manifest = manifestOf(made) as Manifest & { icon: string };
    assert.deepEqual([manifest.publisher, manifest.version, manifest.license, manifest.icon, manifest.contributes.commands, manifest.extensionDependencies], ['me', '2.3.4', 'MIT', 'icon.png', [1], ['us.ours', 'a.b']]);
    assert.deepEqual(manifest.contributes.walkthroughs.map(({ id }) => id), ['lakeTutorialOfAuthor', 'other']);
    assert.equal(installedField(manifest)?.key, 'me.mine');
    assert.doesNotMatch(made.notes.join('\n'), /publisher/);
  });

  it('refuses in words what is no tutorial, is broken, or is no translation', async () => {
    assert.equal((await refused(only('Just a text.\n'))).code, 'export.empty');
    assert.equal((await refused(only('## 1. A\n<!-- lake:step id=a provisions=buckt -->\n\nb\n'))).code, 'kind.unknown');
    const broken = await refused(only('## 1. A\n<!-- lake:step id="a -->\n\nb\n'));
    assert.deepEqual([broken.code, broken.exit], ['tutorial.broken', 2]);
    const shorter = spanish.replace(/### 1\.2[^]*?(?=## 2\.)/, '');
    const different = await refused(exported([{ file: 't.en.md', language: 'en', text: english }, { file: 't.es.md', language: 'es', text: shorter }]));
    assert.deepEqual([different.code, different.exit], ['export.languages', 2]);
    assert.match(different.message, /t\.en\.md and t\.es\.md .*Step 3 is "Clean up" at line \d+ in the one and nothing/);
    assert.equal((await refused(exported([{ file: 't.md', text: english }], { given: { publisher: 'not one' } }))).code, 'export.publisher');
  });

  it('does not hang on what nobody closes', async function () {
    this.timeout(60_000);
    const n = 40_000;
    for (const part of ['![', '](', '[a](', '<img ', '<a href="x">', '`a', '~~~', '<', '[[a]', '_a ']) {
      const before = process.cpuUsage();
      const open = part.repeat(n);
      await only(`# T\n\n${open}\n\n## 1. A\n\n${open}\n\n## 2. B\n\nb\n`).catch((error: unknown) => UserError.is(error) || assert.fail(String(error)));
      // The processor's time: a busy machine is no fault.
      assert.ok(process.cpuUsage(before).user / 1e6 < 2, part);
    }
  });

  it('reads a language out of a name only where it is one', () => {
    const cases: readonly [string, string | undefined][] = [['tutorial.es.md', 'es'], ['lab.pt-BR.md', 'pt-BR'], ['lab.v2.md', undefined], ['lab.new.md', undefined], ['lab.md', undefined], ['README.zz.md', undefined]];
    assert.deepEqual(cases.map(([name]) => languageOfName(name)?.language), cases.map(([, language]) => language));
  });

  it('does not trust what an extension says of itself: its files lie within it', () => {
    const field = (file: unknown, steps: unknown = ['a']): unknown => ({ lakeTutorial: { version: 1, key: 'a.b', tutorials: [{ language: 'en', file, steps }] } });
    assert.ok(installedField(field('tutorial/a.md')));
    for (const wrong of [undefined, {}, { lakeTutorial: 1 }, field('../a.md'), field('/etc/a.md'), field('a/..\\b.md'), field('c:/a.md'), field(1), field('a.md', 'a'), { lakeTutorial: { version: 1, key: 'a', tutorials: [null] } }]) {
      assert.equal(installedField(wrong), undefined, JSON.stringify(wrong));
    }
  });
});
