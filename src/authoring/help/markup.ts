import * as l10n from '@vscode/l10n';
import type { LakeDocument, Place } from '../document.ts';
import { commonVariables } from '../tutorial.ts';
import { nameAt, occurrencesOf } from './names.ts';

/** A kind of resource, for people. */
export interface KindHelp {
  readonly id: string;
  readonly title: string;
  /** AWS's name for it. */
  readonly type: string;
  /** Parameters with an example each. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Kinds that it needs. */
  readonly needs: readonly string[];
  readonly costs: readonly string[];
}

/** What is known beside the text. */
export interface HelpContext {
  readonly kinds: readonly KindHelp[];
  readonly policies: readonly { readonly name: string }[];
  readonly rules: readonly { readonly id: string; readonly title: string }[];
}

/** Something that can be put in, in place of what stands between the offsets. */
export interface Completion extends Place {
  readonly kind: 'attribute' | 'resource' | 'parameter' | 'variable' | 'policy' | 'rule' | 'key';
  readonly label: string;
  readonly detail: string;
  /** A snippet of the editor's, with its tab stops. */
  readonly insert: string;
}

/** Where in the markup an offset is, with what was typed of the word there. */
type Spot =
  | { readonly at: 'directive' | 'rule' | 'attribute' | 'kind' | 'need' | 'fence' | 'policy' | 'key' | 'option' | 'source' | 'placeholder'; readonly word: string }
  | { readonly at: 'parameter'; readonly word: string; readonly of: string };

const attributes: Readonly<Record<string, () => string>> = {
  id: () => l10n.t('The step\'s name on the command line and in reports: letters, digits, hyphens and dots.'),
  provisions: () => l10n.t('The kinds of resources that the step makes, separated by commas, each with its parameters in parentheses.'),
  needs: () => l10n.t('The variables that the step needs, separated by commas.'),
  optional: () => l10n.t('The step may be left out.'),
};
const options: Readonly<Record<string, () => string>> = {
  from: () => l10n.t('Where its value comes from when nobody gives one: sts is the account that one is connected to.'),
  default: () => l10n.t('Its value when nobody gives one.'),
  pattern: () => l10n.t('A regular expression that its value matches as a whole.'),
};
const keys: Readonly<Record<string, () => string>> = {
  lake: () => l10n.t('This text is a lake tutorial, in version 1 of the markup.'),
  title: () => l10n.t('The tutorial\'s title, in place of its first heading.'),
  id: () => l10n.t('The tutorial\'s name in the tags of what it provisions.'),
  vars: () => l10n.t('The variables of the tutorial, by name.'),
};
const directives: Readonly<Record<string, () => string>> = {
  'lake:step': () => l10n.t('Says what the step above provisions and needs.'),
  'lake:ignore': () => l10n.t('What follows is wrong on purpose: rules leave the next block alone.'),
  'lake:ignore-file': () => l10n.t('What these rules look for is wrong on purpose in all of this text.'),
};
const fenceWords: Readonly<Record<string, () => string>> = {
  'lake:policy=': () => l10n.t('This block is that policy; it is compared with the one that is provisioned.'),
  'lake:verify': () => l10n.t('Commands that only read, which show that the step is done. Nothing runs by itself.'),
};

/** No comment, and no line, is looked through further. */
const REACH = 2000;

function spotAt(document: LakeDocument, offset: number): Spot | undefined {
  const { text, source } = document;
  const front = document.pieces[0]?.blocks[0];
  if (front?.type === 'yaml' && offset <= front.end) return offset > source.lineEnd(front.start) ? inFrontMatter(text.slice(source.lineEnd(front.start), offset)) : undefined;
  const line = text.slice(Math.max(source.lineStart(offset), offset - REACH), offset);
  const before = text.slice(Math.max(0, offset - REACH), offset);
  const open = before.lastIndexOf('<!--');
  if (open >= 0 && !before.slice(open).includes('-->') && !isInFence(document, offset)) return inComment(before.slice(open + 4));
  const info = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(?:`{3,}|~{3,})(?<info>[^`]*)$/.exec(line)?.groups?.['info'];
  if (info !== undefined && /\s/.test(info)) {
    const word = /\S*$/.exec(info)?.[0] ?? '';
    const policy = /^lake:policy=["']?(?<name>.*)$/.exec(word)?.groups?.['name'];
    return policy === undefined ? { at: 'fence', word } : { at: 'policy', word: policy };
  }
  const placeholder = /(?<![<\w])<(?<word>[a-z\d-]*)$/.exec(line)?.groups?.['word'];
  return placeholder === undefined ? undefined : { at: 'placeholder', word: placeholder };
}

function inFrontMatter(before: string): Spot | undefined {
  const line = before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1);
  if (/^[\w-]*$/.test(line)) return { at: 'key', word: line };
  const section = [...before.matchAll(/^([\w-]+)[ \t]*:/gm)].at(-1)?.[1];
  if (section !== 'vars') return undefined;
  const from = /\bfrom\s*:\s*(?<word>\w*)$/.exec(line)?.groups?.['word'];
  if (from !== undefined) return { at: 'source', word: from };
  const option = /(?:^\s{3,}|[{,]\s*)(?<word>\w*)$/.exec(line)?.groups?.['word'];
  return option === undefined ? undefined : { at: 'option', word: option };
}

function inComment(inside: string): Spot | undefined {
  const directive = /^\s*(?<word>[\w:-]*)$/.exec(inside)?.groups?.['word'];
  if (directive !== undefined) return { at: 'directive', word: directive };
  if (/^\s*lake:ignore(?:-file)?\s/.test(inside)) return { at: 'rule', word: /[\w-]*$/.exec(inside)?.[0] ?? '' };
  let rest = /^\s*lake:step\s(?<rest>[^]*)$/.exec(inside)?.groups?.['rest'];
  if (rest === undefined) return undefined;
  // Attributes that are complete are passed over: quoted, or bare with blanks in parentheses alone.
  for (let passed = COMPLETE.exec(rest); passed; passed = COMPLETE.exec(rest)) rest = rest.slice(passed[0].length);
  const value = /^\s*(?<name>[\w-]+)\s*=\s*["']?(?<value>[^]*)$/.exec(rest)?.groups;
  if (!value) return { at: 'attribute', word: /[\w-]*$/.exec(rest)?.[0] ?? '' };
  const last = /(?:^|,)\s*(?<word>[\w.-]*)$/.exec(value['value'] ?? '')?.groups?.['word'];
  if (value['name'] === 'needs') return last === undefined ? undefined : { at: 'need', word: last };
  if (value['name'] !== 'provisions') return undefined;
  const parameter = /(?<of>[\w.-]+)\((?:[^()]*,)?\s*(?<word>[\w-]*)$/.exec(value['value'] ?? '')?.groups;
  if (parameter) return { at: 'parameter', of: parameter['of'] ?? '', word: parameter['word'] ?? '' };
  return last === undefined ? undefined : { at: 'kind', word: last };
}

const COMPLETE = /^\s*[\w-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|(?!["'])(?:[^\s()]|\([^()]*\))*(?=\s)))?(?=\s)/;

const isInFence = (document: LakeDocument, offset: number): boolean => document.fenceAt(offset - 1) !== undefined && document.fenceAt(offset) !== undefined;

/** What can stand at an offset. */
export function completionsAt(document: LakeDocument, offset: number, context: HelpContext): readonly Completion[] {
  const spot = spotAt(document, offset);
  if (!spot) return [];
  const place = { start: offset - spot.word.length, end: offset };
  const from = (kind: Completion['kind'], words: Readonly<Record<string, () => string>>, insert: (word: string) => string): Completion[] =>
    Object.entries(words).map(([label, about]) => ({ ...place, kind, label, detail: about(), insert: insert(label) }));
  switch (spot.at) {
    case 'directive': return from('attribute', directives, (word) => (word === 'lake:step' ? 'lake:step id=$1 provisions=$2' : word));
    case 'rule': return context.rules.map(({ id, title }) => ({ ...place, kind: 'rule', label: id, detail: title, insert: id }));
    case 'attribute': return from('attribute', attributes, (word) => (word === 'optional' ? word : `${word}=$1`));
    case 'kind': return context.kinds.map(({ id, title, parameters }) => ({ ...place, kind: 'resource', label: id, detail: title, insert: parameters ? `${id}(${Object.entries(parameters).map(([name, example], index) => `${name}="\${${index + 1}:${example}}"`).join(', ')})` : id }));
    case 'parameter': return Object.entries(context.kinds.find(({ id }) => id === spot.of)?.parameters ?? {}).map(([label, example]) => ({ ...place, kind: 'parameter', label, detail: example, insert: `${label}="\${1:${example}}"` }));
    case 'need': return variablesOf(document).map(({ name, about }) => ({ ...place, kind: 'variable', label: name, detail: about, insert: name }));
    case 'fence': return from('attribute', fenceWords, (word) => word);
    case 'policy': return context.policies.map(({ name }) => ({ ...place, kind: 'policy', label: name, detail: '', insert: name }));
    case 'key': return from('key', keys, (word) => (word === 'lake' ? 'lake: 1' : word === 'vars' ? 'vars:\n  ${1:name}: {$2}' : `${word}: `));
    case 'option': return from('key', options, (word) => (word === 'from' ? 'from: sts' : word === 'pattern' ? "pattern: '$1'" : `${word}: `));
    case 'source': return [{ ...place, kind: 'key', label: 'sts', detail: options['from']?.() ?? '', insert: 'sts' }];
    case 'placeholder': {
      const isClosed = document.text[offset] === '>';
      // In prose Markdown takes it for a tag: there it stands in backticks.
      const line = document.text.slice(document.source.lineStart(offset), offset);
      const isCode = isInFence(document, offset) || (line.match(/`/g)?.length ?? 0) % 2 === 1;
      return variablesOf(document).map(({ name, about }) => ({ start: place.start - 1, end: offset + (isClosed ? 1 : 0), kind: 'variable', label: `<${name}>`, detail: about, insert: isCode ? `<${name}>` : `\`<${name}>\`` }));
    }
  }
}

/** The variables that can be used: the tutorial's own first. */
function variablesOf({ tutorial }: LakeDocument): { readonly name: string; readonly about: string }[] {
  const all = new Map([...tutorial.variables, ...commonVariables.filter(({ name }) => !tutorial.variables.some((own) => own.name === name))].map((variable) => [variable.name, variable]));
  return [...all.values()].map(({ name, from, default: fallback, pattern }) => ({
    name,
    about: [from === 'sts' ? l10n.t('the account that one is connected to') : '', fallback === undefined ? '' : l10n.t('default {0}', fallback), pattern ?? ''].filter(Boolean).join(' · '),
  }));
}

/** What the word at an offset is, as Markdown, with its place. */
export function hoverAt(document: LakeDocument, offset: number, { kinds }: HelpContext): (Place & { readonly text: string }) | undefined {
  const name = nameAt(document, offset);
  if (name) {
    const places = occurrencesOf(document, name);
    const declared = places.find(({ isDeclaration }) => isDeclaration);
    const where = declared ? l10n.t('Declared in line {0}, used {1} times.', String(document.source.position(declared.start).line), String(places.length - 1)) : l10n.t('Used {0} times.', String(places.length));
    if (name.kind === 'step') return { start: name.start, end: name.end, text: `**${name.name}**: ${l10n.t('a step of this tutorial.')} ${where}` };
    const variable = variablesOf(document).find((each) => each.name === name.name);
    return { start: name.start, end: name.end, text: `**<${name.name}>**: ${variable ? (variable.about && `${variable.about}.`) || l10n.t('a variable of this tutorial.') : l10n.t('a placeholder. Declare it in "vars" for it to be filled in.')} ${where}` };
  }
  const { start, end, word } = wordAt(document.text, offset);
  const spot = spotAt(document, end);
  if (!spot || word === '') return undefined;
  const about = spot.at === 'attribute' ? attributes[word]?.() : spot.at === 'option' ? options[word]?.() : spot.at === 'key' ? keys[word]?.() : spot.at === 'directive' ? directives[word]?.() : spot.at === 'fence' ? fenceWords[word]?.() : undefined;
  if (about !== undefined) return { start, end, text: `**${word}**: ${about}` };
  const kind = spot.at === 'kind' ? kinds.find(({ id }) => id === word) : undefined;
  if (!kind) return undefined;
  const facts = [
    ...(kind.needs.length > 0 ? [l10n.t('Needs {0}.', kind.needs.map((each) => `\`${each}\``).join(', '))] : []),
    ...Object.entries(kind.parameters ?? {}).map(([parameter, example]) => l10n.t('Parameter {0}, such as {1}.', `\`${parameter}\``, `\`${example}\``)),
    ...kind.costs,
  ];
  return { start, end, text: [`**${kind.title}** (${kind.type})`, ...facts].join('\n\n') };
}

function wordAt(text: string, offset: number): Place & { readonly word: string } {
  const start = offset - (/[\w:.-]*$/.exec(text.slice(Math.max(0, offset - 100), offset))?.[0].length ?? 0);
  // A key's colon is none of it.
  const end = offset + (/^(?:[\w.-]|:(?=\w))*/.exec(text.slice(offset, offset + 100))?.[0].length ?? 0);
  return { start, end, word: text.slice(start, end) };
}
