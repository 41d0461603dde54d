import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commands } from '../../../src/editor/commands.generated.ts';
import { containerId, contextKey, provisionCommand, rootAction, settings, statesOf, treeStateKey, trees, viewId, walkthroughId } from '../../../src/editor/ids.ts';
import { stepStates } from '../../../src/editor/stepState.ts';
import { exportedWalkthroughId } from '../../../src/export/installed.ts';
import { stepIds } from '../../../src/editor/steps.generated.ts';
import { policies } from '../../../src/policies/policies.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { languages, type Language } from '../../../src/languages.generated.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const readJson = async <T>(path: string): Promise<T> => JSON.parse(await read(path)) as T;

interface WalkthroughStep {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly media: { readonly markdown?: string; readonly svg?: string; readonly altText?: string };
  readonly completionEvents: readonly string[];
}

interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly walkthroughs: readonly { readonly id: string; readonly title: string; readonly steps: readonly WalkthroughStep[] }[];
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly enablement?: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string; readonly default: unknown }>> };
    readonly snippets: readonly { readonly path: string }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string; readonly contents: string }[];
    readonly 'markdown.markdownItPlugins': boolean;
    readonly 'markdown.previewStyles': readonly string[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when: string; readonly group?: string }[]>>;
  };
}

/** Keys of the editor's contexts that look like commands. */
const contextKeys = ['lakeTutorial.ownTutorial'];

type Texts = Readonly<Record<string, string>>;

/** The steps of `contract.md`, in its order. */
const contract = [
  'account', 'admin-user', 'lake-admin', 'bucket', 'zones', 'source-database', 'inserter', 'schedule', 'rows', 'endpoint', 'workflow-role',
  'lake-location', 'lake-database', 'connection', 'ingest', 'refine', 'aggregate', 'visualize', 'teardown',
];

describe('manifest', () => {
  let manifest: Manifest;
  let texts: Readonly<Record<Language, Texts>>;
  let steps: readonly WalkthroughStep[];
  const resolve = (language: Language, reference: string | undefined): string => {
    const key = /^%(.+)%$/.exec(reference ?? '')?.[1] ?? '';
    return texts[language][key] ?? assert.fail(`no text for ${reference} in ${language}`);
  };

  before(async () => {
    manifest = await readJson('package.json');
    texts = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, await readJson<Texts>(language === 'en' ? 'package.nls.json' : `package.nls.${language}.json`)] as const))) as Record<Language, Texts>;
    steps = manifest.contributes.walkthroughs[0]?.steps ?? [];
  });

  it('is what the generator makes of tutorial, catalogue, commands and ids', async function () {
    this.timeout(60_000);
    await promisify(execFile)(process.execPath, ['--import=tsx', 'scripts/generate.mjs', '--check'], { cwd: root });
  });

  it('has each of its texts in every language, and no other', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? ''));
    for (const language of languages) assert.deepEqual(Object.keys(texts[language]).sort(), [...used].sort(), language);
  });

  it('shows the steps of the contract in its order, as the tutorial tells them', async () => {
    assert.equal(manifest.contributes.walkthroughs[0]?.id, walkthroughId);
    assert.deepEqual(steps.map(({ id }) => id), contract);
    assert.deepEqual(stepIds.map(({ id }) => id), contract);
    for (const language of languages) {
      const tutorial = parseTutorial(await read(`walkthroughs/data-lake.${language}.md`));
      assert.deepEqual(tutorial.steps.map(({ id }) => id), contract, language);
      for (const [index, step] of tutorial.steps.entries()) {
        // With the number that the map, the page and the view of the steps have.
        assert.equal(resolve(language, steps[index]?.title), [step.number, step.title].filter(Boolean).join(' '));
        assert.ok(resolve(language, steps[index]?.description).replaceAll('``', '`').startsWith(step.lead), step.id);
      }
    }
  });

  it('ticks each step by its own context key only', () => {
    for (const { id, completionEvents } of steps) assert.deepEqual(completionEvents, [`onContext:${contextKey(id)}`]);
  });

  it('asks for resource kinds that exist', async () => {
    const kinds = new Set(catalogue.map(({ id }) => id));
    for (const language of languages) {
      const tutorial = parseTutorial(await read(`walkthroughs/data-lake.${language}.md`));
      for (const { id, provisions } of tutorial.steps) for (const { kind } of provisions) assert.ok(kinds.has(kind), `${id}: ${kind}`);
    }
  });

  it('declares the commands of commands/ and one for each step that provisions something', () => {
    const provisioning = stepIds.filter(({ provision }) => provision).map(({ id }) => provisionCommand(id));
    assert.deepEqual(manifest.contributes.commands.map(({ command }) => command), [...commands.map(({ id }) => id), ...provisioning]);
    for (const { command, category, enablement } of manifest.contributes.commands) {
      assert.equal(category, 'Lake Tutorial');
      if (provisioning.includes(command)) assert.equal(enablement, 'isWorkspaceTrusted');
    }
  });

  it('has every command that the code or a text calls', async () => {
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    const files = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
    const called = (await Promise.all(files.map((file) => read(`src/${file}`)))).flatMap((text) => [...text.matchAll(/(?:executeCommand\([^)\n]*?'|command: '|\(command:)(lakeTutorial\.[\w.-]+)/g)].map((match) => match[1] ?? ''));
    assert.ok(called.includes('lakeTutorial.connect') && called.includes('lakeTutorial.provisionStep'));
    const ofViews = trees.map(({ id }) => `${viewId(id)}.focus`);
    assert.deepEqual(called.filter((command) => !declared.has(command) && !ofViews.includes(command) && !contextKeys.includes(command)), []);
  });

  it('has one container with the four trees, the steps first, which say why they are empty, in each state and language', () => {
    const { viewsContainers, views, viewsWelcome } = manifest.contributes;
    assert.deepEqual(viewsContainers.activitybar.map(({ id }) => id), [containerId]);
    assert.deepEqual(Object.keys(views), [containerId]);
    assert.deepEqual(views[containerId]?.map(({ id }) => id), ['lakeTutorial.steps', 'lakeTutorial.buckets', 'lakeTutorial.catalog', 'lakeTutorial.workflows']);
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    for (const { id } of trees) {
      for (const state of statesOf(id)) {
        const welcome = viewsWelcome.filter(({ view, when }) => view === viewId(id) && when === `${treeStateKey(id)} == ${state}`);
        assert.equal(welcome.length, 1, `${id} ${state}`);
        for (const language of languages) {
          const text = resolve(language, welcome[0]?.contents);
          if (state === 'denied' && id !== 'steps') assert.ok(text.includes(rootAction[id]), text);
          const links = [...text.matchAll(/\]\(command:([\w.-]+)(?:\?[\w%.-]+)?\)/g)].map((match) => match[1] ?? '');
          assert.ok(links.length > 0, text);
          for (const command of links) assert.ok(declared.has(command) || command.startsWith('workbench.') || command === `${viewId('steps')}.focus`, command);
        }
      }
    }
  });

  it('has one button to begin with, in the view of the steps: elsewhere it is a link in a sentence', () => {
    const begin = /^\[[^\]]+\]\(command:lakeTutorial\.start\w*\)$/;
    for (const language of languages) {
      for (const state of ['disconnected', 'stopped']) {
        const views = manifest.contributes.viewsWelcome.filter(({ when }) => when.endsWith(` == ${state}`)).map(({ view, contents }) => [view, resolve(language, contents).split('\n').filter((line) => begin.test(line)).length]);
        assert.deepEqual(views, trees.map(({ id }) => [viewId(id), id === 'steps' ? 1 : 0]), `${language} ${state}`);
      }
    }
  });

  it('has an icon of each state of a step for light and dark themes, and styles for the preview', async () => {
    for (const state of stepStates) for (const theme of ['light', 'dark']) assert.match(await read(`media/states/${state}.${theme}.svg`), /^<svg [^>]*viewBox="0 0 16 16"/, `${state} ${theme}`);
    assert.equal(manifest.contributes['markdown.markdownItPlugins'], true);
    for (const path of manifest.contributes['markdown.previewStyles']) {
      const styles = await read(path);
      // The theme's colours alone: a fixed one would be unreadable in another theme.
      assert.doesNotMatch(styles, /#[\da-f]{3,8}\b|\b(?:rgb|hsl)a?\(/i);
      for (const [, name] of styles.matchAll(/(\.[\w-]+)[^{}]*\{/g)) assert.match(name ?? '', /^\.(lake-tutorial|vscode-high-contrast)/);
    }
  });

  it('offers the sidebar\'s commands where they belong: at most two beside a name, none in a tree that does not know it', () => {
    const { menus } = manifest.contributes;
    const inline = new Map<string, number>();
    for (const command of commands) {
      for (const tree of command.sidebar?.inline === undefined ? [] : command.sidebar.trees) {
        for (const node of command.sidebar?.inlineNodes ?? command.sidebar?.nodes ?? []) inline.set(`${tree} ${node}`, (inline.get(`${tree} ${node}`) ?? 0) + 1);
      }
    }
    assert.deepEqual([...inline].filter(([, count]) => count > 2), []);
    // What is beside a name is in its menu too: a keyboard reaches the menu.
    const context = menus['view/item/context'] ?? [];
    const nodesOf = (when = ''): readonly string[] => (/viewItem =~ \/\^\((.+)\)\$\//.exec(when)?.[1] ?? '').split('|');
    const inMenu = (command: string, node: string): boolean => context.some((entry) => entry.command === command && !entry.group?.startsWith('inline') && nodesOf(entry.when).includes(node));
    for (const { command, when } of context) {
      for (const node of nodesOf(when)) assert.ok(inMenu(command, node), `${command} ${node}`);
    }
  });

  it('has in the palette what stands on its own, some twenty commands; the others where their node or their button is', () => {
    const { menus, commands: contributed, viewsWelcome, walkthroughs } = manifest.contributes;
    const palette = new Map(menus['commandPalette']?.map(({ command, when }) => [command, when]));
    const always = contributed.map(({ command }) => command).filter((command) => !palette.has(command));
    assert.ok(always.length >= 15 && always.length <= 24, `${always.length}: ${always.join(', ')}`);
    for (const name of ['startInSandbox', 'connect', 'openWalkthrough', 'provisionStep', 'provisionAll', 'verifyAll', 'whyNotDone', 'insertRows', 'runWorkflow', 'showGold', 'runSql', 'tearDown', 'showLog']) assert.ok(always.includes(`lakeTutorial.${name}`), name);
    // No two say the same.
    const titles = always.map((command) => resolve('en', contributed.find((each) => each.command === command)?.title).replace(/ .*/, ''));
    assert.equal(new Set(titles.filter((title) => title === 'Run')).size, 1);
    // What the palette has not, somebody finds elsewhere; some are kept for key bindings of old, or are buttons of messages and pages.
    const offered = JSON.stringify([Object.entries(menus).filter(([menu]) => menu !== 'commandPalette'), viewsWelcome.flatMap(({ contents }) => resolve('en', contents)), walkthroughs.flatMap(({ steps: each }) => each.map(({ description }) => resolve('en', description)))]);
    const elsewhere = ['copyCode', 'installedTutorial', 'sandboxStatus', 'startSandbox', 'startWorkflow', 'tickSandbox', 'treatAsTutorial'].map((name) => `lakeTutorial.${name}`);
    for (const [command, when] of palette) if (when === 'false') assert.ok(offered.includes(command) || elsewhere.includes(command), command);
  });

  it('has buttons that run declared commands, each alone on its line, and Verify with the step on every step', () => {
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    for (const language of languages) {
      for (const { id, description } of steps) {
        // A link within a line stays a link: the one to the step's text.
        const lines = resolve(language, description).split('\n').filter((line) => line.includes('](command:') && !line.includes('](command:lakeTutorial.readStep'));
        const targets = lines.map((line) => /^\[[^\]]+\]\(command:([\w.-]+)(?:\?(\S+))?\)$/.exec(line) ?? assert.fail(`not a button: ${line}`));
        for (const [, command] of targets) assert.ok(declared.has(command ?? ''), `${id}: ${command}`);
        const verify = targets.at(-1);
        assert.equal(verify?.[1], 'lakeTutorial.verifyStep');
        assert.deepEqual(JSON.parse(decodeURIComponent(verify?.[2] ?? '')), [id]);
      }
    }
  });

  it('has a medium for each step in each language, self-contained, and a text for each picture', async () => {
    for (const language of languages) {
      for (const { id, media } of steps) {
        const path = resolve(language, media.markdown ?? media.svg);
        assert.match(path, new RegExp(`^walkthroughs/media/${language}/${id}\\.(md|svg)$`));
        const content = await read(path);
        if (media.svg) {
          assert.ok(resolve(language, media.altText));
          // The editor's content policy for pictures allows neither styles nor scripts nor anything from elsewhere.
          assert.doesNotMatch(content, /<style|<script|\sstyle=|href=/);
          assert.match(content, /<title id="lake-title">[^<]+<\/title>/);
          assert.match(content, /var\(--vscode-/);
        } else {
          assert.doesNotMatch(content, /lake:/);
        }
      }
    }
  });

  it('has a text to read for each step in each language, with what to do by hand, whatever is shown beside the buttons', async () => {
    for (const language of languages) {
      for (const { id, description } of steps) {
        const links = resolve(language, description).split('\n').flatMap((line) => [.../^(.+)\[[^\]]+\]\(command:lakeTutorial\.readStep\?(\S+)\)\.$/.exec(line)?.slice(2) ?? []]);
        assert.equal(links.length, 1, `${language} ${id}`);
        assert.deepEqual(JSON.parse(decodeURIComponent(links[0] ?? '')), [id]);
        const text = await read(`walkthroughs/media/${language}/${id}.md`);
        assert.match(text, /^# [\d.–]*/);
        assert.doesNotMatch(text, /lake:(step|policy|verify)/);
        const source = (await read(`walkthroughs/data-lake.${language}.md`)).split(`<!-- lake:step id=${id} `)[1]?.split('<!-- lake:step')[0] ?? '';
        for (const heading of source.match(/^\*\*(By hand|A mano)\*\*$/gm) ?? []) assert.ok(text.includes(heading), `${language} ${id}`);
      }
    }
  });

  it('keeps workspaces from redirecting requests: every setting is of machine scope and restricted, but how texts are checked and rows are shown', () => {
    // What is said of a text redirects nothing, and belongs to the text's folder; nor does how something looks, which is the window's.
    const ofTexts: readonly string[] = [settings.tutorial, settings.tutorials, settings.rules, settings.rowsAs];
    const ofWindow: readonly string[] = [settings.tutorial, settings.rowsAs];
    const { properties } = manifest.contributes.configuration;
    assert.deepEqual(Object.keys(properties).sort(), Object.values(settings).sort());
    for (const [name, { scope }] of Object.entries(properties)) assert.equal(scope, ofWindow.includes(name) ? 'window' : ofTexts.includes(name) ? 'resource' : 'machine', name);
    assert.deepEqual([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(), Object.values(settings).filter((name) => !ofTexts.includes(name)).sort());
    assert.equal(properties[settings.target]?.default, 'sandbox');
    assert.equal(properties[settings.region]?.default, 'us-east-2');
  });

  it('starts nothing but by the walkthrough or one that was exported from a tutorial, a view, a command, in a folder that was made for the tutorial, for a panel that a window brings back, or for a file of SQL or one that policies are written in', () => {
    const languages = ['json', 'jsonc', 'markdown', 'yaml', 'terraform', 'terraform-vars', 'opentofu', 'hcl', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'python'];
    assert.deepEqual(manifest.activationEvents, [`onWalkthrough:${walkthroughId}`, `onWalkthrough:${exportedWalkthroughId}`, 'workspaceContains:.lake-tutorial', 'onWebviewPanel:lakeTutorial.lakeMap', 'onWebviewPanel:lakeTutorial.run', 'onWebviewPanel:lakeTutorial.gold', 'onWebviewPanel:lakeTutorial.grid', 'onLanguage:sql', ...languages.map((language) => `onLanguage:${language}`)]);
  });

  it('offers each policy as a snippet that becomes the policy when its tab stops are left as they are', async () => {
    for (const language of languages) {
      for (const { path } of manifest.contributes.snippets) {
        const snippets = Object.values(await readJson<Record<string, { prefix: string; body: string[]; description: string }>>(resolve(language, path)));
        for (const { prefix, document, name } of policies) {
          const { body, description } = snippets.find((snippet) => snippet.prefix === prefix) ?? assert.fail(`no snippet ${prefix}`);
          const inserted = body.join('\n').replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$0$/, '').replace(/\\([\\$}])/g, '$1');
          const names = {
            partition: 'aws', account: '<account-id>', region: '<region>', bucket: '<bucket>', lakeDatabase: 'lake_tutorial', prefix: 'lake-tutorial',
            workflowRole: 'LakeFormationWorkflowRole', passwordParameter: '/lake-tutorial/transactionaldb/password',
          };
          assert.deepEqual(JSON.parse(inserted), document(names), name);
          // Who uses it must know that it is not filled in.
          assert.equal(/not filled in|sin completar/.test(description), inserted.includes('<'), name);
        }
      }
    }
  });

  it('has an icon of at least 128 pixels', async () => {
    const png = await readFile(join(root, manifest.icon));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) >= 128 && png.readUInt32BE(16) === png.readUInt32BE(20));
  });
});
