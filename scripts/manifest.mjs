// Generates what package.json contributes, its texts in both languages and the walkthrough's media
// from the built-in tutorial, the resource catalogue, the policies and the editor's ids.
import * as l10n from '@vscode/l10n';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as ids from '../src/editor/ids.ts';
import { hasMarks } from '../src/policies/document.ts';
import { policyLiteral, toSnippet } from '../src/policies/literal.ts';
import { policies } from '../src/policies/policies.ts';
import { catalogue } from '../src/resources/catalogue.generated.ts';
import { unknownNames } from '../src/resources/names.ts';
import { parseTutorial } from '../src/tutorial/parse.ts';
import { drawMap } from './lake-map.mjs';

const languages = ['en', 'es'];
/** Steps of which a map tells more than their text; the others show their text. */
const pictured = new Set(['account', 'lake-admin', 'zones', 'schedule', 'rows', 'lake-location', 'visualize', 'teardown']);
const mediaFolder = 'walkthroughs/media';

const words = {
  en: {
    provision: 'Provision', verify: 'Verify', connect: 'Connect', tearDown: 'Tear Down', reveal: 'Show in Sidebar',
    provisions: 'What the button provisions', lookedAt: 'only looked at', consent: 'only with your consent to its monthly cost',
    actions: 'IAM actions that this takes', cost: 'What it costs', hour: 'USD an hour', run: 'USD a run of the workflow',
    read: (open) => `What to do by hand, what can fail, what it costs: ${open('read the step')}.`,
    open: 'not filled in',
    snippet: (name, open) => `IAM policy ${name}${open ? " – not filled in: the editor knows your account after 'Lake Tutorial: Connect…'" : ''}`,
  },
  es: {
    provision: 'Aprovisionar', verify: 'Verificar', connect: 'Conectar', tearDown: 'Desmontar', reveal: 'Mostrar en la barra lateral',
    provisions: 'Qué aprovisiona el botón', lookedAt: 'solo se consulta', consent: 'solo si aceptas su costo mensual',
    actions: 'Acciones de IAM que requiere', cost: 'Cuánto cuesta', hour: 'USD por hora', run: 'USD por ejecución del flujo de trabajo',
    read: (open) => `Qué hacer a mano, qué puede fallar, cuánto cuesta: ${open('lee el paso')}.`,
    open: 'sin completar',
    snippet: (name, open) => `Política de IAM ${name}${open ? " – sin completar: el editor conoce tu cuenta después de 'Lake Tutorial: Conectar…'" : ''}`,
  },
};

/** Texts that do not come from the tutorial: key, English, Spanish. */
const texts = [
  ['extension.displayName', 'Lake Tutorial', 'Lake Tutorial'],
  ['extension.description',
    'Build your first data lake on AWS step by step: provision, verify and tear down from a walkthrough, in a local sandbox or in your own account.',
    'Construye tu primer data lake en AWS paso a paso: aprovisiona, verifica y desmonta desde un recorrido, en un sandbox local o en tu propia cuenta.'],
  // The editor cuts it after three short lines.
  ['walkthrough.description',
    'Build it, verify it, take it down: in a sandbox or in your own account.',
    'Constrúyelo, verifícalo, desmóntalo: en un sandbox o en tu cuenta.'],
  ['trust.description',
    'Until you trust the workspace, the tutorial and its snippets can be read, but nothing is provisioned, verified or started.',
    'Mientras no confíes en el área de trabajo puedes leer el tutorial y usar sus snippets, pero nada se aprovisiona, verifica ni inicia.'],
  ['virtualWorkspaces.description',
    'The walkthrough works; tutorials of your own are read from disk only.',
    'El recorrido funciona; los tutoriales propios solo se leen del disco.'],
  ['configuration.target',
    'Where the steps provision and verify.',
    'Dónde aprovisionan y verifican los pasos.'],
  ['configuration.target.sandbox',
    'The local AWS that comes with Lake Tutorial: no account, no cost.',
    'El AWS local que viene con Lake Tutorial: sin cuenta y sin costo.'],
  ['configuration.target.aws',
    'Your AWS account. What costs money is shown and confirmed first.',
    'Tu cuenta de AWS. Lo que cuesta dinero se muestra y se confirma antes.'],
  ['configuration.profile',
    'Profile of `~/.aws/config` for the target `aws`. Empty: the usual credential chain.',
    'Perfil de `~/.aws/config` para el destino `aws`. Vacío: la cadena habitual de credenciales.'],
  ['configuration.region',
    'AWS region in which everything is provisioned.',
    'Región de AWS en la que se aprovisiona todo.'],
  ['configuration.region.pattern',
    'Write the name of a region, such as us-east-2.',
    'Escribe el nombre de una región, por ejemplo us-east-2.'],
  ['configuration.endpoint',
    'URL of any AWS-compatible endpoint to use in place of AWS. Empty: AWS itself, or the sandbox if that is the target.',
    'URL de cualquier endpoint compatible con AWS que se usa en lugar de AWS. Vacío: AWS mismo, o el sandbox si ese es el destino.'],
  ['configuration.endpoint.pattern',
    'Write a URL that begins with http:// or https://, or nothing.',
    'Escribe una URL que empiece con http:// o https://, o nada.'],
  ['configuration.variables',
    'Values for the variables of the tutorial, by name.',
    'Valores para las variables del tutorial, por nombre.'],
  ['configuration.stateFolder',
    'Folder in which the sandbox keeps its state. Empty: its own folder in your home.',
    'Carpeta en la que el sandbox guarda su estado. Vacío: su propia carpeta en tu directorio personal.'],
  ['configuration.python',
    'Python (3.10 or later) with which the sandbox makes its environment. Empty: it is looked for.',
    'Python (3.10 o posterior) con el que el sandbox crea su entorno. Vacío: se busca.'],
  ['configuration.sparkRemote',
    'Spark Connect server on which the sandbox runs its jobs, such as sc://host:15002. Empty: its own engine. Takes effect when the sandbox starts; the server must reach the S3 of the sandbox.',
    'Servidor de Spark Connect en el que el sandbox ejecuta sus trabajos, como sc://host:15002. Vacío: su propio motor. Se aplica al iniciar el sandbox; el servidor debe alcanzar el S3 del sandbox.'],
  ['view.untrusted',
    'In a workspace that you do not trust nothing is asked of AWS.\n[Manage Trust](command:workbench.trust.manage)',
    'En un área de trabajo en la que no confías no se consulta nada a AWS.\n[Administrar la confianza](command:workbench.trust.manage)'],
  ['view.disconnected',
    'You are not connected to an AWS account.\n[Connect…](command:lakeTutorial.connect)\nThe sandbox needs no account and costs nothing.',
    'No estás conectado a ninguna cuenta de AWS.\n[Conectar…](command:lakeTutorial.connect)\nEl sandbox no necesita cuenta ni cuesta nada.'],
  ['view.stopped',
    'The sandbox, your local AWS, is not running.\n[Start Sandbox](command:lakeTutorial.startSandbox)\nOr work in your own account.\n[Connect…](command:lakeTutorial.connect)',
    'El sandbox, tu AWS local, no está en marcha.\n[Iniciar el sandbox](command:lakeTutorial.startSandbox)\nO trabaja en tu propia cuenta.\n[Conectar…](command:lakeTutorial.connect)'],
];

/** What a tree shows when it has nothing to show: state, tree, English, Spanish. */
const denied = (what, action, queEs) => [
  `You are not allowed to list ${what}: your identity lacks the permission ${action}. Ask for it, or connect as somebody who has it.\n[Connect…](command:lakeTutorial.connect)\n[Try Again](command:lakeTutorial.refreshTree)`,
  `No tienes permiso para listar ${queEs}: a tu identidad le falta el permiso ${action}. Pídelo, o conéctate como alguien que lo tenga.\n[Conectar…](command:lakeTutorial.connect)\n[Volver a intentarlo](command:lakeTutorial.refreshTree)`,
];
const emptyTexts = {
  buckets: [
    'This account has no buckets yet.\n[Create the Bucket](command:lakeTutorial.provision.bucket)\nThe walkthrough explains each step.\n[Open Walkthrough](command:lakeTutorial.openWalkthrough)',
    'Esta cuenta aún no tiene buckets.\n[Crear el bucket](command:lakeTutorial.provision.bucket)\nEl recorrido explica cada paso.\n[Abrir el recorrido](command:lakeTutorial.openWalkthrough)',
  ],
  catalog: [
    'The catalog has no databases in this region yet.\n[Create the Database](command:lakeTutorial.provision.lake-database)\nThe walkthrough explains each step.\n[Open Walkthrough](command:lakeTutorial.openWalkthrough)',
    'El catálogo aún no tiene bases de datos en esta región.\n[Crear la base de datos](command:lakeTutorial.provision.lake-database)\nEl recorrido explica cada paso.\n[Abrir el recorrido](command:lakeTutorial.openWalkthrough)',
  ],
  workflows: [
    'There are no workflows in this region yet.\n[Create the Workflow](command:lakeTutorial.provision.ingest)\nThe walkthrough explains each step.\n[Open Walkthrough](command:lakeTutorial.openWalkthrough)',
    'Aún no hay flujos de trabajo en esta región.\n[Crear el flujo de trabajo](command:lakeTutorial.provision.ingest)\nEl recorrido explica cada paso.\n[Abrir el recorrido](command:lakeTutorial.openWalkthrough)',
  ],
};
const deniedTexts = {
  buckets: denied('buckets', ids.rootAction.buckets, 'los buckets'),
  catalog: denied('databases', ids.rootAction.catalog, 'las bases de datos'),
  workflows: denied('workflows', ids.rootAction.workflows, 'los flujos de trabajo'),
};

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;
const isCreatable = (kind) => kind.create !== undefined;
const link = (label, command, ...args) => `[${label}](command:${command}${args.length > 0 ? `?${encodeURIComponent(JSON.stringify(args))}` : ''})`;

/** A step's description knows code between double backticks only. */
const formatted = (markdown) => markdown.replace(/(?<!`)`([^`]+)`(?!`)/g, '``$1``');

/** Runs `work` with the catalogue's own texts in a language. */
function inLanguage(bundle, work) {
  l10n.config({ contents: bundle });
  try {
    return work();
  } finally {
    l10n.config({ contents: {} });
  }
}

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
  return { title: tutorial.title, variables: tutorial.variables, steps };
}

/** A button is a link alone on its line. */
function buttons(step, language) {
  const say = words[language];
  const first =
    step.id === 'account' ? [link(say.connect, 'lakeTutorial.connect')]
    : step.id === 'teardown' ? [link(say.tearDown, 'lakeTutorial.tearDown')]
    : step.kinds.some(isCreatable) ? [link(say.provision, ids.provisionCommand(step.id))]
    : [];
  const next = ids.commands.filter(({ steps }) => steps?.includes(step.id)).map(({ id, title, titleEs }) => link(language === 'es' ? titleEs : title, id));
  const shown = step.kinds.some(({ sidebar }) => sidebar) ? [link(say.reveal, 'lakeTutorial.revealStep', step.id)] : [];
  return [...first, ...next, ...shown, link(say.verify, 'lakeTutorial.verifyStep', step.id)].join('\n');
}

/** The way to the step's text, which a picture would hide, and a narrow window does: within a line a link stays a link. */
const readLine = (step, language) => words[language].read((label) => link(label, 'lakeTutorial.readStep', step.id));

/** `ec2:DescribeVpcs`, `ec2:RunInstances`, … as one line a service. */
function actionLines(kinds) {
  const byService = new Map();
  const actions = new Set(kinds.flatMap(({ actions: { read, write = [], remove = [] } }) => [...read, ...write, ...remove]));
  for (const action of [...actions].sort()) {
    const [service, name] = action.split(':');
    byService.set(service, [...(byService.get(service) ?? []), `\`${name}\``]);
  }
  return [...byService].map(([service, names]) => `- \`${service}:\` ${names.join(', ')}`);
}

function costLines(kinds, say) {
  return kinds.flatMap(({ costs = [] }) => costs).map(({ what, perHour, perRun }) => {
    const figures = [perHour !== undefined && `${perHour} ${say.hour}`, perRun !== undefined && `${perRun} ${say.run}`].filter(Boolean);
    return `- ${what()}${figures.length > 0 ? `: ${figures.join(', ')}` : ''}`;
  });
}

/** The step's text, with what the catalogue knows: as the editor shows it beside the buttons, without the lead that stands there, or as it is read alone. */
function mediaMarkdown(step, language, bundle) {
  const say = words[language];
  const body = step.body.trim();
  const rest = (body.startsWith(step.lead) ? body.slice(step.lead.length) : body).trim().replace(/^(\s*(?:`{3,}|~{3,})[^\n]*?)(?: +lake:\S+)+ *$/gm, '$1');
  const parts = [`# ${step.number} ${step.title}`, ...(pictured.has(step.id) ? [step.lead] : []), rest];
  inLanguage(bundle, () => {
    if (step.kinds.length > 0) {
      const notes = (kind) => [!isCreatable(kind) && say.lookedAt, kind.consent && say.consent].filter(Boolean);
      parts.push(`## ${say.provisions}`, step.kinds.map((kind) => `- ${[`${kind.title()} (\`${kind.type}\`)`, ...notes(kind)].join(', ')}`).join('\n'));
      parts.push(`**${say.actions}**`, actionLines(step.kinds).join('\n'));
      const costs = costLines(step.kinds, say);
      if (costs.length > 0) parts.push(`**${say.cost}**`, costs.join('\n'));
    }
  });
  return `${parts.join('\n\n')}\n`;
}

/** Ids of the steps that provision what this step's kinds depend on. */
function needsOf(step, steps) {
  const needed = new Set(step.kinds.flatMap(({ dependsOn = [] }) => dependsOn.map(({ id }) => id)));
  return steps.filter((other) => other !== step && other.kinds.some(({ id }) => needed.has(id))).map(({ id }) => id);
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
      property(ids.settings.sparkRemote, { type: 'string', default: '', pattern: '^(sc://.+)?$', description: '%configuration.sparkRemote%' }),
    ]),
  };
}

/** The policies as snippets that know no account; the editor's completions, where an account is known, are filled. */
function policySnippets(language) {
  const names = unknownNames('data-lake', 'aws', {});
  const snippets = policies.map(({ name, prefix, document }) => {
    const body = toSnippet(policyLiteral(document(names), name, 'json', 'value', '\t'));
    const open = hasMarks(JSON.stringify(document(names)));
    // The name is what the list shows: among filled ones it must tell that this is none.
    return [open ? `${name} (${words[language].open})` : name, { prefix, description: words[language].snippet(name, open), body: body.split('\n') }];
  });
  return Object.fromEntries(snippets);
}

/** The sidebar: its container, its trees, what they show when empty, and which commands they offer where. */
function sidebar(say) {
  const text = { denied: deniedTexts, empty: emptyTexts };
  const placed = ids.commands.filter((command) => command.sidebar);
  const within = (trees) => trees.map((tree) => `view == ${ids.viewId(tree)}`).join(' || ');
  const of = (trees, more) => (trees.length > 1 ? `(${within(trees)})` : within(trees)) + (more ? ` && ${more}` : '');
  return {
    viewsContainers: { activitybar: [{ id: ids.containerId, title: '%extension.displayName%', icon: 'media/lake.svg' }] },
    views: { [ids.containerId]: ids.trees.map(({ id, title, titleEs }) => ({ id: ids.viewId(id), name: say(`view.${id}`, title, titleEs), icon: 'media/lake.svg' })) },
    viewsWelcome: ids.trees.flatMap(({ id }) => ids.treeStates.map((state) => ({
      view: ids.viewId(id),
      when: `${ids.treeStateKey(id)} == ${state}`,
      contents: text[state] ? say(`view.${id}.${state}`, ...text[state][id]) : `%view.${state}%`,
    }))),
    menus: {
      'view/title': placed.filter(({ sidebar: { title } }) => title).map(({ id, sidebar: { trees, title } }) => ({ command: id, when: within(trees), group: title })),
      'view/item/context': placed.flatMap(({ id, sidebar: { trees, nodes, inline, inlineNodes = nodes, menu } }) => {
        if (!nodes) return [];
        const at = (contexts) => of(trees, `viewItem =~ /^(${contexts.map((node) => node.replaceAll('.', '\\.')).join('|')})$/`);
        return [...(inline ? [{ command: id, when: at(inlineNodes), group: `inline@${inline}` }] : []), ...(menu ? [{ command: id, when: at(nodes), group: menu }] : [])];
      }),
      commandPalette: placed.filter(({ sidebar: { asks } }) => asks === false).map(({ id }) => ({ command: id, when: 'false' })),
    },
    keybindings: placed.filter(({ sidebar: { key } }) => key).map(({ id, sidebar: { trees, key } }) => ({
      command: id, ...key, when: trees.map((tree) => `focusedView == ${ids.viewId(tree)}`).join(' || ') + ' && listFocus && !inputFocus', args: { focused: true },
    })),
  };
}

/** Removes media of steps that no longer have them. With `--check` it only says so. */
async function removeStale(root, wanted) {
  const files = (await readdir(join(root, mediaFolder), { recursive: true }).catch(() => [])).map((file) => `${mediaFolder}/${file.replaceAll('\\', '/')}`);
  const stale = files.filter((file) => /\.(md|svg)$/.test(file) && !wanted.has(file));
  if (stale.length > 0 && process.argv.includes('--check')) throw new Error(`Not generated any more: ${stale.join(', ')}. Run: npm run generate`);
  await Promise.all(stale.map((file) => rm(join(root, file))));
}

/** Writes all that this module generates through `emit(path, content)`. */
export async function manifest(emit, root) {
  const bundles = { en: {}, es: JSON.parse(await readFile(join(root, 'l10n/bundle.l10n.es.json'), 'utf8').catch(() => '{}')) };
  const tutorials = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, await readTutorial(root, language)])));
  const { en, es } = tutorials;
  const misplaced = ids.commands.flatMap(({ id, steps = [] }) => steps.filter((step) => !en.steps.some((one) => one.id === step)).map((step) => `${id}: ${step}`));
  if (misplaced.length > 0) throw new Error(`src/editor/ids.ts offers commands in steps that the tutorial does not have: ${misplaced.join(', ')}`);
  if (en.steps.map(({ id }) => id).join() !== es.steps.map(({ id }) => id).join()) throw new Error('The tutorial has not the same steps in both languages.');

  const nls = { en: {}, es: {} };
  const say = (key, english, spanish) => {
    nls.en[key] = english;
    nls.es[key] = spanish;
    return `%${key}%`;
  };
  for (const entry of texts) say(...entry);

  const commands = ids.commands.map(({ id, title, titleEs, icon, enablement }) => ({
    command: id, title: say(`command.${id}`, title, titleEs), category: ids.category, ...(icon && { icon }), ...(enablement && { enablement }),
  }));
  const media = new Map();
  const steps = en.steps.map((step, index) => {
    const translated = { en: step, es: es.steps[index] };
    const key = `walkthrough.${ids.walkthroughId}.${step.id}`;
    const each = (work) => languages.map((language) => work(language, translated[language]));
    if (step.kinds.some(isCreatable)) {
      const id = ids.provisionCommand(step.id);
      const titles = each((language, { title }) => `${words[language].provision}: ${title}`);
      commands.push({ command: id, title: say(`command.${id}`, ...titles), category: ids.category, enablement: ids.provisionEnablement });
    }
    const extension = pictured.has(step.id) ? 'svg' : 'md';
    const path = (language, type = extension) => `${mediaFolder}/${language}/${step.id}.${type}`;
    const alts = each((language, own) => {
      media.set(path(language, 'md'), mediaMarkdown(own, language, bundles[language]));
      if (extension === 'md') {
        return undefined;
      }
      const { svg, alt } = drawMap(tutorials[language].steps, own, needsOf(own, tutorials[language].steps), language);
      media.set(path(language), svg);
      return alt;
    });
    const file = say(`${key}.media`, ...languages.map((language) => path(language)));
    return {
      id: step.id,
      title: say(`${key}.title`, ...each((_, { title }) => title)),
      description: say(`${key}.description`, ...each((language, own) => `${formatted(own.lead)}\n\n${buttons(own, language)}\n${readLine(own, language)}`)),
      media: extension === 'svg' ? { svg: file, altText: say(`${key}.alt`, ...alts) } : { markdown: file },
      completionEvents: [`onContext:${ids.contextKey(step.id)}`],
    };
  });
  const walkthrough = `walkthrough.${ids.walkthroughId}`;
  const walkthroughs = [{
    id: ids.walkthroughId,
    title: say(`${walkthrough}.title`, en.title, es.title),
    description: '%walkthrough.description%',
    steps,
  }];
  const settings = configuration(en.variables);
  const snippets = (language) => `./snippets/iam-policies.${language}.json`;
  const snippetsPath = say('snippets.path', ...languages.map(snippets));

  const current = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const generated = {
    // The file marks a folder that was made for the tutorial, as `npm start` makes one.
    // CodeLens stands above SQL, and policies are offered, without anybody having called a command.
    activationEvents: [`onWalkthrough:${ids.walkthroughId}`, 'workspaceContains:.lake-tutorial', 'onLanguage:sql', ...ids.policyLanguages.map((language) => `onLanguage:${language}`)],
    capabilities: {
      untrustedWorkspaces: { supported: 'limited', description: '%trust.description%', restrictedConfigurations: Object.keys(settings.properties) },
      virtualWorkspaces: { supported: 'limited', description: '%virtualWorkspaces.description%' },
    },
    contributes: {
      ...current.contributes,
      walkthroughs,
      commands,
      configuration: settings,
      ...sidebar(say),
      snippets: ['json', 'jsonc'].map((language) => ({ language, path: snippetsPath })),
    },
  };

  await emit('package.json', json({ ...current, ...generated }));
  await emit('package.nls.json', json(nls.en));
  await emit('package.nls.es.json', json(nls.es));
  for (const language of languages) await emit(snippets(language), json(policySnippets(language)));
  await emit('src/editor/steps.generated.ts', [
    '// Generated by scripts/manifest.mjs from the built-in tutorial. Do not edit.',
    "/** The built-in tutorial's steps in order; `provision` is true where a command of its own provisions something. */",
    'export const stepIds: readonly { readonly id: string; readonly provision: boolean }[] = [',
    ...en.steps.map(({ id, kinds }) => `  { id: '${id}', provision: ${kinds.some(isCreatable)} },`),
    '];',
    '',
  ].join('\n'));
  for (const [path, content] of media) await emit(path, content);
  await removeStale(root, new Set(media.keys()));
}
