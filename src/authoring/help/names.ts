import * as l10n from '@vscode/l10n';
import type { LakeDocument, Place, View } from '../document.ts';
import type { Edit } from '../rule.ts';
import { isElement } from '../spellings.ts';
import { commonVariables, findPlaceholders, isVariableName } from '../tutorial.ts';

/** A name that the author gives: of a variable, or of a step. */
export interface Name extends Place {
  readonly kind: 'variable' | 'step';
  readonly name: string;
  /** Where it is given, and not used. */
  readonly isDeclaration: boolean;
}

const COMMENT = /<!--\s*lake:step\b(?<inside>[^]*?)-->/g;
const ID = /(?<![\w-])id\s*=\s*["']?(?<id>[A-Za-z\d][\w.-]*)/;
const NEEDS = /(?<![\w-])needs\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s>]+))/;
/** A step is named on the command line, and in links within the text. */
const STEP_USE = /--step[ =](?<id>[A-Za-z\d][\w.-]*)|\]\(#(?<anchor>[A-Za-z\d][\w.-]*)\)/g;

function find({ text, code }: View): Name[] {
  const found: Name[] = [];
  for (const comment of text.includes('lake:step') ? text.matchAll(COMMENT) : []) {
    // In a block it is text.
    if (code[comment.index] === '<') continue;
    const inside = comment.groups?.['inside'] ?? '';
    const base = comment.index + comment[0].length - '-->'.length - inside.length;
    const id = ID.exec(inside);
    const name = id?.groups?.['id'] ?? '';
    if (id) found.push({ kind: 'step', name, start: base + id.index + id[0].length - name.length, end: base + id.index + id[0].length, isDeclaration: true });
    const needs = NEEDS.exec(inside);
    const list = needs?.groups?.['double'] ?? needs?.groups?.['single'] ?? needs?.groups?.['bare'] ?? '';
    for (const need of needs ? list.matchAll(/[\w-]+/g) : []) {
      const start = base + needs!.index + needs![0].lastIndexOf(list) + need.index;
      found.push({ kind: 'variable', name: need[0], start, end: start + need[0].length, isDeclaration: false });
    }
  }
  for (const { name, start, end } of text.includes('<') ? findPlaceholders(text) : []) if (!isElement(name)) found.push({ kind: 'variable', name, start: start + 1, end: end - 1, isDeclaration: false });
  for (const use of text.matchAll(STEP_USE)) {
    const name = use.groups?.['id'] ?? use.groups?.['anchor'] ?? '';
    const end = use.index + use[0].length - (use.groups?.['anchor'] === undefined ? 0 : 1);
    found.push({ kind: 'step', name, start: end - name.length, end, isDeclaration: false });
  }
  return found;
}

/** Every place where a variable or a step is named, in order. */
export const namesOf = (document: LakeDocument): readonly Name[] =>
  document.once('all-names', () => {
    const declared = document.tutorial.variables.flatMap(({ name, range }): Name[] => (range ? [{ kind: 'variable', name, start: range.start.offset, end: range.end.offset, isDeclaration: true }] : []));
    const used = document.each('all-names', find);
    // A link to a heading is no step's name, unless a step has it.
    const steps = new Set(used.filter(({ kind, isDeclaration }) => kind === 'step' && isDeclaration).map(({ name }) => name));
    return [...declared, ...used.filter(({ kind, name }) => kind !== 'step' || steps.has(name))].sort((a, b) => a.start - b.start);
  });

/** The name at an offset, its end included. */
export const nameAt = (document: LakeDocument, offset: number): Name | undefined => namesOf(document).find(({ start, end }) => start <= offset && offset <= end);

/** All places of the same name. */
export const occurrencesOf = (document: LakeDocument, { kind, name }: Pick<Name, 'kind' | 'name'>): readonly Name[] => namesOf(document).filter((each) => each.kind === kind && each.name === name);

/** The edits that give a variable or a step another name everywhere; a sentence for people where that cannot be done. */
export function rename(document: LakeDocument, name: Pick<Name, 'kind' | 'name'>, to: string): readonly Edit[] | string {
  const places = occurrencesOf(document, name);
  if (name.kind === 'variable') {
    if (!isVariableName(to)) return l10n.t('A variable has a name in lower case with hyphens, such as account-id, and not: {0}', to);
    if (commonVariables.some((each) => each.name === name.name) && !places.some(({ isDeclaration }) => isDeclaration)) return l10n.t('Every tutorial has this variable, and gives it its value. Declare one of your own in "vars" instead of: {0}', name.name);
  } else if (!/^[A-Za-z\d][A-Za-z\d.-]*$/.test(to)) return l10n.t('A step id has letters, digits, hyphens and dots, no spaces: {0}', to);
  if (to !== name.name && namesOf(document).some((each) => each.kind === name.kind && each.name === to)) return l10n.t('The text has this name already: {0}', to);
  return places.map(({ start, end }) => ({ start, end, text: to }));
}
