import * as l10n from '@vscode/l10n';
import { basename, dirname, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { languageOfText } from '../authoring/language.ts';
import { findKind } from '../provision/account-view.ts';
import { plainText } from '../tutorial/markdown.ts';
import type { Step, Tutorial } from '../tutorial/model.ts';
import { parseTutorial } from '../tutorial/parse.ts';
import { definitions, kindOfTarget, pathOfTarget, rewriteLinks, type Rewritten } from './links.ts';
import { inLanguage, walkthroughTexts, type Bundle } from './texts.ts';
import { commandLink, contribution, description, isCreatable, link, page, type PerLanguage, type WalkthroughContribution, type WalkthroughStep } from './walkthrough.ts';
import { exportedWalkthroughId, installedCommand, installedKey, type InstalledField } from './installed.ts';

/** A tutorial's text in one language. */
export interface TutorialText {
  readonly file: string;
  /** As its file's name has it; none where it does not say. */
  readonly language?: string;
  readonly text: string;
}

/** What an export needs to know of the world. */
export interface ExportOptions {
  /** Ours, which the extension depends on, and the editor that it needs. */
  readonly extensionId: string;
  readonly engine: string;
  /** What a language says, and what is set now. */
  readonly bundles: PerLanguage<Bundle>;
  readonly current: Bundle;
  /** Whether a file is there. */
  readonly exists: (file: string) => boolean;
  /** What the author has said of the extension: flags, or the manifest of the last export. */
  readonly given: Readonly<Record<string, unknown>>;
  /** A licence beside the tutorial. */
  readonly license?: string;
}

/** A file of the extension: with its content, or to be copied. */
export type ExportedFile = { readonly path: string; readonly content: string } | { readonly path: string; readonly from: string };

export interface Exported {
  readonly name: string;
  readonly version: string;
  readonly files: readonly ExportedFile[];
  /** What the author should know, in words. */
  readonly notes: readonly string[];
}

interface Read {
  readonly tutorial: Tutorial;
  readonly file: string;
  readonly language: string;
  readonly text: string;
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * A walkthrough extension of a tutorial in one or several languages, the first of which is shown where the reader's is not among them.
 *
 * Nothing is read or written here but what the options give.
 *
 * @throws UserError `tutorial.broken`, `kind.unknown`, `export.empty`, `export.languages`.
 */
export function exportTutorial(texts: readonly TutorialText[], options: ExportOptions): Exported {
  const read = texts.map(({ file, language, text }): Read => ({ tutorial: parseTutorial(text), file, text, language: language ?? languageOfText(text) }));
  const [first] = read;
  if (!first) {
    throw new Error('no text');
  }
  for (const each of read) {
    refuseBroken(each);
    refuseDifferent(first, each);
  }
  const { name, publisher, version } = identity(first, options.given);
  const key = `${publisher}.${name}`;
  const ids = stepIds(first.tutorial.steps);
  const pictures = new Pictures(options.exists);
  const notes: string[] = [];
  const pages: ExportedFile[] = [];
  const each = <T>(work: (read: Read) => T): PerLanguage<T> => Object.fromEntries(read.map((one) => [one.language, work(one)]));

  const drawn = each((one) => inLanguage(options.bundles[one.language] ?? {}, options.current, () => drawSteps(one, ids, key, pictures)));
  const steps = ids.map((id, index): WalkthroughStep => {
    const shown = each(({ language }) => drawn[language]?.[index]);
    const path = (language: string): string => `media/${language}/${id}.md`;
    for (const { language } of read) {
      pages.push({ path: path(language), content: shown[language]?.page ?? '' });
    }
    const step = first.tutorial.steps[index];
    return {
      id,
      title: each(({ tutorial }) => [tutorial.steps[index]?.number, tutorial.steps[index]?.title].filter(Boolean).join(' ')),
      description: each(({ language }) => shown[language]?.description ?? ''),
      media: { markdown: each(({ language }) => path(language)) },
      // What makes nothing cannot be seen to be made: it is done when it has been read.
      completionEvents: [step && isSeen(step) ? `onContext:${installedKey(key, id)}` : 'onStepSelected'],
    };
  });

  const nls: Record<string, Record<string, string>> = Object.fromEntries(read.map(({ language }) => [language, {}]));
  const say = (id: string, said: PerLanguage): string => {
    for (const { language } of read) {
      nls[language] = { ...nls[language], [id]: said[language] ?? '' };
    }
    return `%${id}%`;
  };
  const titles = each(({ tutorial, file }) => tutorial.title || basename(file).replace(/\.md$/i, ''));
  const about = each((one) => summary(one));
  const walkthrough = contribution({ id: exportedWalkthroughId, title: titles, description: about, steps }, say);
  const field: InstalledField = {
    version: 1,
    key,
    tutorials: read.map(({ language, tutorial }) => ({ language, file: `tutorial/tutorial.${language}.md`, steps: tutorial.steps.map(({ id }) => id) })),
  };
  const manifest = {
    name,
    displayName: say('displayName', titles),
    description: say('description', about),
    version,
    publisher,
    ...options.given,
    license: options.license === undefined ? (options.given['license'] ?? 'UNLICENSED') : 'SEE LICENSE IN LICENSE',
    // What follows derives from the tutorial, whatever the manifest of the last export says.
    engines: { vscode: options.engine },
    categories: options.given['categories'] ?? ['Education'],
    // Beside ours, which looks at the account.
    extensionKind: ['workspace'],
    extensionDependencies: [...new Set([options.extensionId, ...listOf(options.given['extensionDependencies'])])],
    contributes: contributed(options.given['contributes'], walkthrough),
    lakeTutorial: field,
  };
  if (read.every(({ tutorial }) => tutorial.steps.every(({ provisions }) => provisions.length === 0))) {
    notes.push(l10n.t('No step says what it provisions, so its page has no button for it and it is done when it was read: declare it by <!-- lake:step provisions=… --> below its heading.'));
  }
  notes.push(...pictures.missing.map(({ file, target }) => l10n.t('{0}: the picture {1} is not there; its text takes its place.', file, target)));
  if (options.given['publisher'] === undefined) {
    notes.push(l10n.t('The publisher is "{0}", which is nobody: before you publish the extension, export it again with --publisher, or change it in package.json.', publisher));
  }
  return {
    name,
    version,
    notes,
    files: [
      { path: 'package.json', content: json(manifest) },
      ...read.map(({ language }, index) => ({ path: index === 0 ? 'package.nls.json' : `package.nls.${language.toLowerCase()}.json`, content: json(nls[language]) })),
      ...pages,
      ...pictures.files,
      ...read.map(({ language, text }) => ({ path: `tutorial/tutorial.${language}.md`, content: text.replace(/^\ufeff/, '') })),
      { path: 'README.md', content: inLanguage(options.bundles[first.language] ?? {}, options.current, () => readme(first, titles[first.language] ?? name)) },
      ...(options.license === undefined ? [] : [{ path: 'LICENSE', from: options.license }]),
      { path: '.vscodeignore', content: '.lake-tutorial-export.json\n.vscodeignore\n*.vsix\n' },
    ],
  };
}

/** What the author has the extension contribute besides stays. */
function contributed(given: unknown, walkthrough: WalkthroughContribution): object {
  const { walkthroughs, ...others } = (given ?? {}) as { readonly walkthroughs?: unknown };
  const own = Array.isArray(walkthroughs) ? (walkthroughs as readonly { readonly id?: unknown }[]).filter(({ id }) => id !== walkthrough.id) : [];
  return { ...others, walkthroughs: [walkthrough, ...own] };
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []);

function refuseBroken({ tutorial, file }: Read): void {
  const broken = tutorial.problems.find(({ severity }) => severity === 'error');
  if (broken) {
    throw new UserError('tutorial.broken', l10n.t('The tutorial {0} has an error at line {1}, column {2}.', file, broken.range.start.line, broken.range.start.column), {
      why: broken.message, next: l10n.t('Correct the line, then try again.'), exit: ExitCode.usage,
    });
  }
  if (tutorial.steps.length === 0) {
    throw new UserError('export.empty', l10n.t('No step was found in {0}.', file), { next: l10n.t('Number the headings of its steps, or mark them by <!-- lake:step --> below them.'), exit: ExitCode.usage });
  }
  for (const step of tutorial.steps) {
    const unknown = step.provisions.find(({ kind }) => !findKind(kind));
    if (unknown) {
      throw new UserError('kind.unknown', l10n.t('The step "{0}" asks for "{1}", which is no kind of resource.', step.id, unknown.kind), {
        why: `${file}:${step.headingRange.start.line}`, next: l10n.t('See what is wrong: lake-tutorial check {0}', file), exit: ExitCode.usage,
      });
    }
  }
}

/** Translations are of one walkthrough: the same steps in the same order. Ids that nobody has written derive from titles, and differ. */
function refuseDifferent(first: Read, other: Read): void {
  const [a, b] = [first.tutorial.steps, other.tutorial.steps];
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => {
    const [one, two] = [a[index], b[index]];
    return !one || !two || (one.declared && two.declared && one.id !== two.id) || kindsOf(one) !== kindsOf(two);
  });
  if (at >= 0) {
    const name = (step: Step | undefined): string => (step ? l10n.t('"{0}" at line {1}', step.title, step.headingRange.start.line) : l10n.t('nothing'));
    throw new UserError('export.languages', l10n.t('{0} and {1} are translations of each other by their names, but have not the same steps.', first.file, other.file), {
      why: l10n.t('Step {0} is {1} in the one and {2} in the other, or provisions something else there.', at + 1, name(a[at]), name(b[at])),
      next: l10n.t('Make their steps the same, or give one of them another name.'), exit: ExitCode.usage,
    });
  }
}

const kindsOf = ({ provisions }: Step): string => JSON.stringify(provisions);

/** Whether the account shows that a step is done. */
const isSeen = ({ provisions, role }: Step): boolean => provisions.length > 0 || role === 'cleanup';

/** Name, publisher and version of the extension: as given, else made of the tutorial's id. */
function identity({ tutorial, file }: Read, given: ExportOptions['given']): { name: string; publisher: string; version: string } {
  const text = (name: string): string | undefined => (typeof given[name] === 'string' ? given[name] : undefined);
  const name = text('name') ?? (ascii(tutorial.id) || ascii(basename(file).replace(/\.md$/i, '')) || 'tutorial');
  const publisher = text('publisher') ?? 'my-tutorials';
  for (const [flag, value] of [['name', name], ['publisher', publisher]] as const) {
    if (!/^[a-z0-9][a-z0-9-]*$/i.test(value)) {
      throw new UserError(`export.${flag}`, l10n.t('"{0}" cannot be the {1} of an extension.', value, flag), { why: l10n.t('It may have letters, digits and hyphens, no others.'), next: l10n.t('Give another one with --{0}.', flag), exit: ExitCode.usage });
    }
  }
  return { name, publisher, version: text('version') ?? '0.1.0' };
}

/** Lower case letters of English, digits and hyphens. */
const ascii = (text: string): string => text.normalize('NFD').toLowerCase().replace(/[\u0300-\u036f]/g, '').replace(/[^a-z\d]+/g, '-').replace(/^-+|-+$/g, '');

/** The ids of the walkthrough's steps. They name files and context keys, for which an author's may be too odd. */
export function stepIds(steps: readonly Step[]): string[] {
  const taken = new Set<string>();
  return steps.map(({ id }, index) => {
    const plain = /^[a-z\d][a-z\d_-]{0,80}$/i.test(id) ? id : ascii(id).slice(0, 80) || `step-${index + 1}`;
    let unique = plain;
    // Some file systems take two names for the same that differ in case.
    for (let more = 2; taken.has(unique.toLowerCase()); more++) {
      unique = `${plain}-${more}`;
    }
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** What is to be copied of a tutorial's pictures, and which are not there. */
class Pictures {
  private readonly paths = new Map<string, string>();
  readonly missing: { readonly file: string; readonly target: string }[] = [];

  constructor(private readonly exists: (file: string) => boolean) {}

  get files(): ExportedFile[] {
    return [...this.paths].map(([from, path]) => ({ path, from }));
  }

  /** The picture's path in the extension; undefined where it is not there. */
  take(file: string, target: string): string | undefined {
    const from = resolve(dirname(file), pathOfTarget(target));
    if (!this.exists(from)) {
      if (!this.missing.some((other) => other.file === file && other.target === target)) {
        this.missing.push({ file, target });
      }
      return undefined;
    }
    const known = this.paths.get(from);
    if (known !== undefined) {
      return known;
    }
    const [, stem = '', extension = ''] = /^(.*?)(\.[a-z\d]+)?$/i.exec(basename(from)) ?? [];
    const taken = new Set(this.paths.values());
    // The editor takes a picture's path as it is written: no blanks, no signs that a URL would escape.
    const plain = ascii(stem) || 'picture';
    let path = `media/pictures/${plain}${extension.toLowerCase()}`;
    for (let more = 2; taken.has(path); more++) {
      path = `media/pictures/${plain}-${more}${extension.toLowerCase()}`;
    }
    this.paths.set(from, path);
    return path;
  }
}

/** Each step's page and what stands beside it, in the language that is set. */
function drawSteps({ tutorial, file, text }: Read, ids: readonly string[], key: string, pictures: Pictures): { readonly page: string; readonly description: string }[] {
  const texts = walkthroughTexts();
  const defined = definitions(text);
  const start = (step: Step | undefined): number => step?.headingRange.start.offset ?? 0;
  return tutorial.steps.map((step, index) => {
    const id = ids[index] ?? '';
    const kinds = step.provisions.flatMap(({ kind }) => findKind(kind) ?? []);
    const calls = new Map<string, string>();
    const rewrite = (markdown: string, inDescription: boolean): string => rewriteLinks(withoutComments(markdown), defined, ({ kind, text: label, target }): Rewritten => {
      const leads = kindOfTarget(target);
      if (kind === 'picture') {
        if (inDescription) return { text: label };
        if (leads !== 'local') return leads === 'web' || /^data:image\//i.test(target) ? undefined : { text: label };
        const path = pictures.take(file, target);
        return path === undefined ? { text: label } : { target: `../${path.slice('media/'.length)}` };
      }
      if (leads === 'web') return undefined;
      // The editor takes calls of commands out of pages: they become buttons beside the page.
      if (leads === 'command') calls.set(target, plainText(label));
      if (leads !== 'local' || inDescription) return { text: label };
      // There is nothing to open beside the page, so its reader is told what it is.
      const path = pathOfTarget(target);
      return { text: label.includes(path) ? label : `${label} (\`${path}\`)` };
    });
    // What stands between two steps, such as the heading of a chapter and its text, is read with the one that follows.
    const from = index === 0 ? 0 : (tutorial.steps[index - 1]?.range.end.offset ?? 0);
    const between = text.slice(from, start(step));
    const before = rewrite(index === 0 ? introduction(between, tutorial) : plainLines(between), false).trim();
    const after = step === tutorial.steps.at(-1) ? rewrite(plainLines(text.slice(step.range.end.offset)), false).trim() : '';
    const lead = rewrite(step.lead, true);
    const body = `${rewrite(step.body, false)}\n\n${after}`;
    const call = (action: 'provision' | 'verify' | 'read' | 'remove'): [string, ...unknown[]] => [installedCommand, id, { tutorial: key, action }];
    const buttons = [
      ...(kinds.some(isCreatable) ? [link(texts.provision, ...call('provision'))] : []),
      ...(step.role === 'cleanup' ? [link(texts.tearDown, ...call('remove'))] : []),
      ...(isSeen(step) ? [link(texts.verify, ...call('verify'))] : []),
      ...[...calls].map(([target, label]) => `[${label}](${target})`),
    ];
    return {
      // With its lead: where the window is too narrow for both, the page is read alone.
      page: page({ number: step.number, title: step.title, lead: '', body, kinds }, texts, { before }),
      description: description(plainEmphasis(lead), buttons, texts.readPage.replace('{0}', () => commandLink(...call('read')))),
    };
  });
}

/** A description knows neither single emphasis, nor HTML, nor a way to escape signs. */
const plainEmphasis = (lead: string): string =>
  (lead.length > 4000 ? `${lead.slice(0, 4000)}…` : lead).split(/(`[^`]{0,500}`|\]\([^)]{0,1000}\))/).map((part, index) => (index % 2 === 1 ? part : part
    .replace(/<\/?[a-z][^>]{0,500}>/gi, '').replace(/(?<![*\w\\])\*(?!\*)([^*\n]{1,500})\*(?!\*)/g, '$1').replace(/(?<![\w\\])_(?!_)([^_\n]{1,500})_(?![\w_])/g, '$1').replace(/\\([\\`*_{}[\]<>()#+\-.!])/g, '$1'))).join('');

/** Our own comments say nothing to a reader. */
const withoutComments = (markdown: string): string => markdown.replace(/(?<![ \t])[ \t]*<!--\s*lake:[^]{0,5000}?-->[ \t]*\n?/g, '');

const plainLines = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');

/** What stands before the first step, without front matter and title. */
function introduction(text: string, { title }: Tutorial): string {
  const intro = plainLines(text).replace(/^---[ \t]*\n[^]*?\n---[ \t]*(?:\n|$)/, '');
  return intro.replace(/^\s*(?:#[ \t]+([^\n]+)|([^\n]+)\n=+[ \t]*)(?:\n|$)/, (whole, hashed?: string, underlined?: string) => (plainText(hashed ?? underlined ?? '') === plainText(title) ? '' : whole)).trim();
}

/** What the list of walkthroughs says: the first sentences, as far as there is room. */
function summary({ text, tutorial }: Read): string {
  const [step] = tutorial.steps;
  // Nobody's first paragraph begins later.
  const paragraphs = introduction(text.slice(0, step?.headingRange.start.offset ?? 0), tutorial).slice(0, 5000).replace(/<!--[^]*?-->|^[ \t]*(`{3,}|~{3,})[^]*?^[ \t]*\1|!\[[^\]]*\]\([^)]*\)|<[^>]+>/gm, '').split(/\n[ \t]*\n/);
  const prose = paragraphs.map((paragraph) => plainText(paragraph.replace(/\s+/g, ' '))).find((paragraph) => /\p{L}{2}/u.test(paragraph) && !/^\s*[#|>*+-]|^\s*\d+[.)]/.test(paragraph)) ?? '';
  const whole = prose === '' ? (tutorial.steps.map(({ title }) => title).join(' · ')) : prose;
  return whole.length <= 160 ? whole : `${whole.slice(0, 160).replace(/\s+\S*$/, '')}…`;
}

function readme({ tutorial }: Read, title: string): string {
  return [
    `# ${title}`,
    l10n.t('A walkthrough for Visual Studio Code: open it with the command "Welcome: Open Walkthrough...".'),
    l10n.t('It needs the extension Lake Tutorial, which provisions and verifies its steps in a local sandbox or in your AWS account.'),
    tutorial.steps.map(({ number, title: name }) => `- ${[number, name].filter(Boolean).join(' ')}`).join('\n'),
    '',
  ].join('\n\n').trimEnd() + '\n';
}
