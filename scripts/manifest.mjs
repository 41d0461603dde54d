// Generates what package.json contributes, its texts in every language and the walkthrough's media
// from the built-in tutorial, the resource catalogue, the policies and the editor's commands and ids.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands } from '../src/editor/commands.generated.ts';
import { rules } from '../src/authoring/rules/index.ts';
import * as ids from '../src/editor/ids.ts';
import { deniedViewTexts, emptyViewTexts, startViewTexts, manifestTexts, snippetTexts } from '../src/editor/manifestTexts.ts';
import { provisionStep } from '../src/editor/provisionStep.ts';
import { exportedWalkthroughId } from '../src/export/installed.ts';
import { inLanguage, walkthroughTexts } from '../src/export/texts.ts';
import { commandLink, contribution, description, isCreatable, link, page } from '../src/export/walkthrough.ts';
import { hasMarks } from '../src/policies/document.ts';
import { policyLiteral, toSnippet } from '../src/policies/literal.ts';
import { policies } from '../src/policies/policies.ts';
import { catalogue } from '../src/resources/catalogue.generated.ts';
import { stepPicture } from '../src/pictures/stepMap.ts';
import { unknownNames } from '../src/resources/names.ts';
import { parseTutorial } from '../src/tutorial/parse.ts';
import { panelKinds } from '../src/webviews/protocol.ts';
import { translator } from './languages.mjs';

/** Steps of which a map tells more than their text; the others show their text. */
const pictured = new Set(['account', 'lake-admin', 'zones', 'schedule', 'rows', 'lake-location', 'visualize', 'teardown']);
const mediaFolder = 'walkthroughs/media';

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;

/** The tutorial in one language, each step with the resource kinds it asks for. */
async function readTutorial(root, language) {
  const source = await readFile(join(root, `walkthroughs/data-lake.${language}.md`), 'utf8');
  const tutorial = parseTutorial(source);
  if (tutorial.problems.length > 0) {
    throw new Error(tutorial.problems.map(({ message, range }) => `walkthroughs/data-lake.${language}.md:${range.start.line}: ${message}`).join('\n'));
  }
  const steps = tutorial.steps.map((step) => ({
    ...step,
    kinds: step.provisions.map((provision) => {
      const kind = catalogue.find(({ id }) => id === provision.kind);
      if (!kind) throw new Error(`walkthroughs/data-lake.${language}.md: the step "${step.id}" asks for "${provision.kind}", which is no kind of resource.`);
      return kind;
    }),
  }));
  return { title: tutorial.title, variables: tutorial.variables, steps, text: tutorial };
}

/** A button is a link alone on its line. */
function buttons(step, say, translate) {
  const first =
    step.id === 'account' ? [link(say.connect, 'lakeTutorial.connect')]
    : step.id === 'teardown' ? [link(say.tearDown, 'lakeTutorial.tearDown')]
    : step.kinds.some(isCreatable) ? [link(say.provision, ids.provisionCommand(step.id))]
    : [];
  const own = commands.filter((command) => command.buttons?.[step.id]).sort((a, b) => a.buttons[step.id] - b.buttons[step.id]).map(({ id, title }) => link(translate(title), id));
  const shown = step.kinds.some(({ sidebar }) => sidebar) ? [link(say.reveal, 'lakeTutorial.revealStep', step.id)] : [];
  return [...first, ...own, ...shown, link(say.verify, 'lakeTutorial.verifyStep', step.id)];
}

/** A page beside a step shows some so many letters of a line of code, and the editor neither breaks nor scrolls it. */
const widestCode = 50;

/** A command of a shell over several lines, where it is longer than what can be seen: the shell takes them for one. */
function wrapped(line) {
  const quotes = line.replace(/'[^']*'|"[^"]*"/g, '');
  if (line.length <= widestCode || /^\s*#|\\$|<<|['"]/.test(quotes)) return line;
  const lines = [];
  const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  for (const [at, word] of words.entries()) {
    const last = lines.at(-1);
    // A flag and its value stay together.
    const needed = word.startsWith('--') && words[at + 1]?.startsWith('--') === false ? `${word} ${words[at + 1]}` : word;
    const isValue = words[at - 1]?.startsWith('--') && last?.trim() === words[at - 1];
    if (last !== undefined && (isValue ? last.length + 1 + word.length <= widestCode + 10 : last.length + 1 + needed.length <= widestCode - 2)) lines.push(`${lines.pop()} ${word}`);
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.join(' \\\n');
}

/** The same for each line of the pieces of code that a shell takes. */
const withShortLines = (markdown) => markdown.replace(/^(```sh\n)([^]*?)(\n```)$/gm, (_all, open, code, close) => `${open}${code.split('\n').map(wrapped).join('\n')}${close}`);

/** A button below each piece of code: it copies it with the learner's own account, bucket and region in it. */
function withCopies(markdown, step, label) {
  let index = 0;
  return markdown.replace(/^(`{3,})[^\n]*\n[^]*?\n\1 *$/gm, (fence) => `${fence}\n\n${link(label, 'lakeTutorial.copyCode', step, { index: index++ })}`);
}

function configuration(variables) {
  const property = (name, schema) => [name, { scope: 'machine', ...schema }];
  const named = variables.filter(({ name }) => !['account-id', 'region'].includes(name));
  return {
    title: '%extension.displayName%',
    properties: Object.fromEntries([
      property(ids.settings.target, {
        type: 'string', enum: ['sandbox', 'aws'], default: 'sandbox', description: '%configuration.target%',
        enumDescriptions: ['%configuration.target.sandbox%', '%configuration.target.aws%'],
      }),
      property(ids.settings.profile, { type: 'string', default: '', markdownDescription: '%configuration.profile%' }),
      property(ids.settings.region, {
        type: 'string', default: variables.find(({ name }) => name === 'region')?.default ?? 'us-east-2', description: '%configuration.region%',
        pattern: '^[a-z]{2,}(-[a-z]+)+-\\d+$', patternErrorMessage: '%configuration.region.pattern%',
      }),
      property(ids.settings.endpoint, {
        type: 'string', default: '', description: '%configuration.endpoint%', pattern: '^(https?://.+)?$', patternErrorMessage: '%configuration.endpoint.pattern%',
      }),
      property(ids.settings.variables, {
        type: 'object', default: {}, description: '%configuration.variables%',
        properties: Object.fromEntries(named.map(({ name, pattern }) => [name, { type: 'string', ...(pattern && { pattern }) }])),
        additionalProperties: { type: 'string' },
      }),
      property(ids.settings.stateFolder, { type: 'string', default: '', description: '%configuration.stateFolder%' }),
      property(ids.settings.python, { type: 'string', default: '', description: '%configuration.python%' }),
      property(ids.settings.tutorial, { type: 'string', default: '', scope: 'window', markdownDescription: '%configuration.tutorial%' }),
      property(ids.settings.tutorials, { type: 'array', items: { type: 'string' }, default: [], scope: 'resource', markdownDescription: '%configuration.tutorials%' }),
      property(ids.settings.rules, {
        type: 'object', default: {}, scope: 'resource', markdownDescription: '%configuration.rules%', additionalProperties: false,
        properties: Object.fromEntries(rules.map(({ id, level }) => [id, { type: 'string', enum: ['error', 'warning', 'note', 'off'], default: level }])),
      }),
      property(ids.settings.rowsAs, {
        type: 'string', enum: ['grid', 'text'], default: 'grid', scope: 'window', description: '%configuration.rowsAs%',
        enumDescriptions: ['%configuration.rowsAs.grid%', '%configuration.rowsAs.text%'],
      }),
      property(ids.settings.sparkRemote, { type: 'string', default: '', pattern: '^(sc://.+)?$', description: '%configuration.sparkRemote%' }),
    ]),
  };
}

/** The policies as snippets that know no account; the editor's completions, where an account is known, are filled. */
function policySnippets(translate) {
  const names = unknownNames('data-lake', 'aws', {});
  const snippets = policies.map(({ name, prefix, document }) => {
    const body = toSnippet(policyLiteral(document(names), name, 'json', 'value', '\t'));
    const open = hasMarks(JSON.stringify(document(names)));
    // The name is what the list shows: among filled ones it must tell that this is none.
    return [open ? `${name} (${translate(snippetTexts.unfilledMark)})` : name, { prefix, description: translate(open ? snippetTexts.unfilled : snippetTexts.filled, name), body: body.split('\n') }];
  });
  return Object.fromEntries(snippets);
}

/** The sidebar: its container, its trees, what they show when empty, and which commands they offer where. */
function sidebar(say, provisioning) {
  const contents = { denied: (tree) => [deniedViewTexts[tree], ids.rootAction[tree]], empty: (tree) => [emptyViewTexts[tree]] };
  const placed = commands.filter((command) => command.sidebar);
  const outside = commands.flatMap(({ id, menus = [] }) => menus.map((place) => ({ command: id, ...place })));
  const within = (trees) => trees.map((tree) => `view == ${ids.viewId(tree)}`).join(' || ');
  const of = (trees, more) => (trees.length > 1 ? `(${within(trees)})` : within(trees)) + (more ? ` && ${more}` : '');
  return {
    viewsContainers: { activitybar: [{ id: ids.containerId, title: '%extension.displayName%', icon: 'media/lake.svg' }] },
    views: { [ids.containerId]: ids.trees.map(({ id, title }) => ({ id: ids.viewId(id), name: say(`view.${id}`, title), icon: 'media/lake.svg', initialSize: id === 'steps' ? 3 : 1 })) },
    viewsWelcome: ids.trees.flatMap(({ id }) => ids.statesOf(id).map((state) => ({
      view: ids.viewId(id),
      when: `${ids.treeStateKey(id)} == ${state}`,
      contents: startViewTexts[id]?.[state] ? say(`view.${id}.${state}`, startViewTexts[id][state]) : contents[state] ? say(`view.${id}.${state}`, ...contents[state](id)) : `%view.${state}%`,
    }))),
    menus: {
      'view/title': placed.filter(({ sidebar: { title } }) => title).map(({ id, sidebar: { trees, title } }) => ({ command: id, when: within(trees), group: title })),
      'view/item/context': placed.flatMap(({ id, sidebar: { trees, nodes, inline, inlineNodes = nodes, menu } }) => {
        if (!nodes) return [];
        const at = (contexts) => of(trees, `viewItem =~ /^(${contexts.map((node) => node.replaceAll('.', '\\.')).join('|')})$/`);
        return [...(inline ? [{ command: id, when: at(inlineNodes), group: `inline@${inline}` }] : []), ...(menu ? [{ command: id, when: at(nodes), group: menu }] : [])];
      }),
      ...Object.fromEntries(outside.map(({ menu }) => [menu, outside.filter((place) => place.menu === menu).map(({ menu: _, ...place }) => place)])),
      commandPalette: [...commands, ...provisioning].filter(({ palette }) => palette !== undefined).map(({ id, palette }) => ({ command: id, when: String(palette) })),
    },
    keybindings: placed.filter(({ sidebar: { key } }) => key).map(({ id, sidebar: { trees, key } }) => ({
      command: id, ...key, when: trees.map((tree) => `focusedView == ${ids.viewId(tree)}`).join(' || ') + ' && listFocus && !inputFocus', args: { focused: true },
    })),
  };
}

/**
 * Emits all that this module generates.
 *
 * @param emit takes a path and its content.
 * @param bundles what the resource catalogue says, by language.
 */
export async function manifest(emit, root, languages, bundles) {
  const [original] = languages;
  const each = (work) => Object.fromEntries(languages.map((language) => [language, work(language)]));
  const tutorials = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, await readTutorial(root, language)])));
  const translators = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, await translator(root, language)])));
  const tutorial = tutorials[original];
  const order = ({ steps }) => steps.map(({ id }) => id).join();
  for (const language of languages) if (order(tutorials[language]) !== order(tutorial)) throw new Error(`walkthroughs/data-lake.${language}.md has not the same steps as the tutorial in English.`);
  const misplaced = commands.flatMap(({ id, buttons: places = {} }) => Object.keys(places).filter((step) => !tutorial.steps.some((one) => one.id === step)).map((step) => `${id}: ${step}`));
  if (misplaced.length > 0) throw new Error(`src/editor/commands offers commands in steps that the tutorial does not have: ${misplaced.join(', ')}`);

  const nls = each(() => ({}));
  /** Puts what each language says under a key. @returns the manifest's reference to it. */
  const sayEach = (key, texts) => {
    for (const language of languages) nls[language][key] = texts[language];
    return `%${key}%`;
  };
  const say = (key, text, ...values) => sayEach(key, each((language) => translators[language](text, ...values)));
  for (const [key, text] of Object.entries(manifestTexts)) say(key, text);

  const declared = ({ id, icon, worksUntrusted }, title) => ({ command: id, title, category: ids.category, ...(icon && { icon }), ...(!worksUntrusted && { enablement: 'isWorkspaceTrusted' }) });
  const contributed = commands.map((command) => declared(command, say(`command.${command.id}`, command.title)));
  const media = new Map();
  const provisioning = [];
  const pageTexts = each((language) => inLanguage(bundles[language], {}, walkthroughTexts));
  const steps = tutorial.steps.map((step, index) => {
    const eachStep = (work) => each((language) => work(tutorials[language].steps[index], translators[language], language));
    if (step.kinds.some(isCreatable)) {
      const command = provisionStep(step.id);
      provisioning.push(command);
      contributed.push(declared(command, sayEach(`command.${command.id}`, eachStep(({ title }, translate) => `${translate(command.title)}: ${title}`))));
    }
    const extension = pictured.has(step.id) ? 'svg' : 'md';
    const path = (language, type = extension) => `${mediaFolder}/${language}/${step.id}.${type}`;
    const alts = eachStep((own, _translate, language) => {
      const text = inLanguage(bundles[language], {}, () => page(own, pageTexts[language], { alone: extension === 'svg' }));
      media.set(path(language, 'md'), withCopies(withShortLines(text), step.id, pageTexts[language].copy));
      if (extension === 'md') {
        return undefined;
      }
      const { svg, alt } = inLanguage(bundles[language], {}, () => stepPicture(tutorials[language].text, own, language));
      media.set(path(language), svg);
      return alt;
    });
    const file = each((language) => path(language));
    return {
      id: step.id,
      // As on the map, in the steps and on the page.
      title: eachStep(({ number, title }) => [number, title].filter(Boolean).join(' ')),
      // A picture hides the step's text, and a narrow window does: the last line leads to it.
      description: eachStep((own, translate, language) => {
        const texts = pageTexts[language];
        return description(own.lead, buttons(own, texts, translate), texts.read.replace('{0}', () => commandLink('lakeTutorial.readStep', step.id)));
      }),
      media: extension === 'svg' ? { svg: file, altText: alts } : { markdown: file },
      completionEvents: [`onContext:${ids.contextKey(step.id)}`],
    };
  });
  const walkthroughs = [contribution({ id: ids.walkthroughId, title: each((language) => tutorials[language].title), description: '%walkthrough.description%', steps }, sayEach)];
  const settings = configuration(tutorial.variables);
  const snippets = (language) => `./snippets/iam-policies.${language}.json`;
  const snippetsPath = sayEach('snippets.path', each(snippets));

  const current = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const generated = {
    // The file marks a folder that was made for the tutorial, as `npm start` makes one.
    // CodeLens stands above SQL, and policies are offered, without anybody having called a command.
    // A window that is opened again asks for its panels.
    // Other extensions' walkthroughs that were exported from tutorials are ours to tick.
    activationEvents: [`onWalkthrough:${ids.walkthroughId}`, `onWalkthrough:${exportedWalkthroughId}`, 'workspaceContains:.lake-tutorial', ...panelKinds.map((kind) => `onWebviewPanel:${ids.panelType(kind)}`), 'onLanguage:sql', ...ids.policyLanguages.map((language) => `onLanguage:${language}`)],
    capabilities: {
      untrustedWorkspaces: { supported: 'limited', description: '%trust.description%', restrictedConfigurations: Object.entries(settings.properties).filter(([, { scope }]) => scope === 'machine').map(([id]) => id) },
      virtualWorkspaces: { supported: 'limited', description: '%virtualWorkspaces.description%' },
    },
    contributes: {
      ...current.contributes,
      walkthroughs,
      commands: contributed,
      configuration: settings,
      ...sidebar(say, provisioning),
      // States beside the headings of the active tutorial.
      'markdown.markdownItPlugins': true,
      'markdown.previewStyles': ['./media/preview.css'],
      snippets: ['json', 'jsonc'].map((language) => ({ language, path: snippetsPath })),
    },
  };

  emit('package.json', json({ ...current, ...generated }));
  for (const language of languages) {
    emit(language === original ? 'package.nls.json' : `package.nls.${language}.json`, json(nls[language]));
    emit(snippets(language).slice(2), json(policySnippets(translators[language])));
  }
  emit('src/editor/steps.generated.ts', [
    '// Generated by scripts/manifest.mjs from the built-in tutorial. Do not edit.',
    "/** The built-in tutorial's steps in order; `provision` is true where a command of its own provisions something. */",
    'export const stepIds: readonly { readonly id: string; readonly provision: boolean }[] = [',
    ...tutorial.steps.map(({ id, kinds }) => `  { id: '${id}', provision: ${kinds.some(isCreatable)} },`),
    '];',
    '',
  ].join('\n'));
  for (const [path, content] of media) emit(path, content);
  for (const language of languages) translators[language].check();
}
