import * as l10n from '@vscode/l10n';
import type { Provision } from './model.ts';
import type { Problems } from './source.ts';
import { isVariableName } from './variables.ts';

/** What a `<!-- lake:step … -->` comment declares, with offsets into the tutorial for messages. */
export interface Declaration {
  readonly id?: string;
  readonly idStart: number;
  readonly idEnd: number;
  readonly provisions: readonly Provision[];
  readonly needs: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  readonly optional: boolean;
  /** The whole comment. */
  readonly start: number;
  readonly end: number;
}

interface Attribute {
  readonly name: string;
  readonly value?: string;
  readonly start: number;
  readonly end: number;
  /** Where the value starts, within its quotes. */
  readonly valueStart: number;
}

const COMMENT = /<!--\s*lake:([\w-]*)([^]*?)(-->|$)/g;

/** The `lake:step` comments in a piece of HTML that starts at offset `base` of the tutorial. */
export function readComments(html: string, base: number, problems: Problems): Declaration[] {
  const declarations: Declaration[] = [];
  for (const comment of html.matchAll(COMMENT)) {
    const [whole, name = '', content = '', close] = comment;
    const start = base + comment.index;
    const lineLength = /^[^\r\n]*/.exec(whole)?.[0].length ?? 0;
    // What the rules leave alone is theirs to read.
    if (name === 'ignore' || name === 'ignore-file') continue;
    if (name !== 'step') {
      problems.add('comment-unknown', 'warning', start, start + lineLength,
        l10n.t('Lake Tutorial knows no comment of this name; use lake:step: {0}', `lake:${name}`));
      continue;
    }
    if (!close) {
      problems.add('step-syntax', 'error', start, start + lineLength,
        l10n.t('This comment is not closed, so it hides the rest of the text. End it with -->.'));
    }
    const contentStart = start + whole.length - content.length - (close?.length ?? 0);
    const declared = close ? content : (/^[^\r\n]*/.exec(content)?.[0] ?? '');
    declarations.push({ ...readDeclaration(declared, contentStart, problems), start, end: start + whole.length });
  }
  return declarations;
}

function readDeclaration(content: string, base: number, problems: Problems): Omit<Declaration, 'start' | 'end'> {
  let id: string | undefined;
  let idStart = base;
  let idEnd = base;
  let provisions: Provision[] = [];
  let needs: { name: string; start: number; end: number }[] = [];
  let optional = false;
  const seen = new Set<string>();
  for (const attribute of readAttributes(content, base, problems)) {
    const { name, value, start, end, valueStart } = attribute;
    if (seen.has(name)) {
      problems.add('step-syntax', 'warning', start, end, l10n.t('This attribute is given twice; the first one counts: {0}', name));
      continue;
    }
    seen.add(name);
    if (name === 'optional') {
      optional = value !== 'false';
      if (value !== undefined && value !== 'true' && value !== 'false') {
        problems.add('step-syntax', 'error', start, end, l10n.t('"optional" takes no value. Write it alone, or leave it out.'));
      }
    } else if (name === 'id' || name === 'provisions' || name === 'needs') {
      if (value === undefined || value.trim() === '') {
        problems.add('step-syntax', 'error', start, end, l10n.t('A value is missing. Write {0}=…', name));
      } else if (name === 'provisions') {
        provisions = readProvisions(value, valueStart, problems);
      } else if (name === 'needs') {
        needs = readNeeds(value, valueStart, problems);
      } else if (/^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u.test(value)) {
        [id, idStart, idEnd] = [value, valueStart, valueStart + value.length];
      } else {
        problems.add('step-id', 'error', valueStart, valueStart + value.length,
          l10n.t('A step id has letters, digits, hyphens and dots, no spaces: {0}', value));
      }
    } else {
      problems.add('step-syntax', 'warning', start, end,
        l10n.t('lake:step knows id, provisions, needs and optional, but not this: {0}', name));
    }
  }
  return { ...(id !== undefined && { id }), idStart, idEnd, provisions, needs, optional };
}

/** `name=bare`, `name='…'`, `name="…"` or `name`; a bare value may hold blanks within parentheses and quotes. */
function readAttributes(content: string, base: number, problems: Problems): Attribute[] {
  const attributes: Attribute[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(content)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  for (take(/\s*/y); at < content.length; take(/\s*/y)) {
    const start = at;
    const name = take(/[A-Za-z][\w-]*(?=[\s=]|$)/y);
    if (name === undefined) {
      take(/\S+/y);
      problems.add('step-syntax', 'error', base + start, base + at,
        l10n.t('This is no attribute. Write name=value, and put a value with spaces or quotes in quotes: {0}', content.slice(start, at)));
      continue;
    }
    let value: string | undefined;
    let valueStart = at;
    if (take(/\s*=\s*/y)) {
      valueStart = at;
      const quoted = take(/'[^']*'|"[^"]*"/y);
      const quote = quoted === undefined ? take(/['"]/y) : undefined;
      if (quoted !== undefined) {
        value = quoted.slice(1, -1);
        valueStart++;
      } else if (quote !== undefined) {
        at = content.trimEnd().length;
        problems.add('step-syntax', 'error', base + valueStart, base + at, l10n.t('The closing quote is missing: {0}', quote));
        continue;
      } else {
        at += bareLength(content.slice(at));
        value = content.slice(valueStart, at);
      }
    }
    attributes.push({ name, ...(value !== undefined && { value }), start: base + start, end: base + content.slice(0, at).trimEnd().length, valueStart: base + valueStart });
  }
  return attributes;
}

/** How far a bare value goes: to the first blank that is not within parentheses or quotes. */
function bareLength(text: string): number {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote) quote = character === quote ? '' : quote;
    else if (/\s/.test(character) && depth === 0) return index;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if ((character === '"' || character === "'") && depth > 0) quote = character;
  }
  return text.length;
}

/** `kind`, `kind(name=value, name="…")`, separated by commas. What is malformed is reported and left out. */
export function readProvisions(text: string, base: number, problems: Problems): Provision[] {
  const provisions: Provision[] = [];
  for (const item of splitAtCommas(text)) {
    const fail = (start: number, end: number, message: string): void =>
      problems.add('provisions-syntax', 'error', base + item.start + start, base + item.start + end, message);
    const head = /^([A-Za-z][\w.-]*)\s*/.exec(item.text);
    const kind = head?.[1];
    const rest = item.text.slice(head?.[0].length ?? 0);
    if (!head || !kind) {
      fail(0, Math.max(1, item.text.length), l10n.t('A resource kind is expected here, such as bucket or schedule(rate="rate(5 minutes)").'));
    } else if (rest === '') {
      provisions.push({ kind, parameters: {} });
    } else if (!rest.startsWith('(')) {
      fail(head[0].length, item.text.length, l10n.t('A comma or "(" is expected here: {0}', rest));
    } else if (!rest.endsWith(')') || !isBalanced(rest)) {
      fail(head[0].length, item.text.length, l10n.t('Parentheses or quotes are not closed here: {0}', rest));
    } else {
      const parameters = readParameters(rest.slice(1, -1), head[0].length + 1, fail);
      if (parameters) provisions.push({ kind, parameters });
    }
  }
  return provisions;
}

function readParameters(
  text: string,
  base: number,
  fail: (start: number, end: number, message: string) => void,
): Record<string, string> | undefined {
  const parameters = new Map<string, string>();
  let valid = true;
  for (const item of text.trim() === '' ? [] : splitAtCommas(text)) {
    const match = /^([A-Za-z][\w-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^"']+))$/.exec(item.text);
    const name = match?.[1];
    const [start, end] = [base + item.start, base + item.start + Math.max(1, item.text.length)];
    if (!match || !name) {
      fail(start, end, l10n.t('A parameter is written name=value or name="…": {0}', item.text));
      valid = false;
    } else if (parameters.has(name)) {
      fail(start, end, l10n.t('This parameter is given twice: {0}', name));
      valid = false;
    } else {
      parameters.set(name, match[2] ?? match[3] ?? match[4]?.trim() ?? '');
    }
  }
  return valid ? Object.fromEntries(parameters) : undefined;
}

function readNeeds(text: string, base: number, problems: Problems): { name: string; start: number; end: number }[] {
  const needs: { name: string; start: number; end: number }[] = [];
  for (const item of splitAtCommas(text)) {
    const [start, end] = [base + item.start, base + item.start + Math.max(1, item.text.length)];
    if (isVariableName(item.text)) needs.push({ name: item.text, start, end });
    else {
      problems.add('needs-syntax', 'error', start, end,
        l10n.t('A variable name is expected here, in lower case with hyphens, such as account-id: {0}', item.text));
    }
  }
  return needs;
}

/** The trimmed parts between the commas that stand outside of parentheses and quotes, and where they start. */
function splitAtCommas(text: string): { text: string; start: number }[] {
  const parts: { text: string; start: number }[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  const push = (to: number): void => {
    const raw = text.slice(from, to);
    const trimmed = raw.trim();
    parts.push({ text: trimmed, start: trimmed ? from + raw.indexOf(trimmed) : from });
    from = to + 1;
  };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth <= 0) push(index);
  }
  push(text.length);
  return parts;
}

/** True when every parenthesis and quote is closed, and the first parenthesis only at the end. */
function isBalanced(text: string): boolean {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0 && index < text.length - 1) return false;
  }
  return depth === 0 && quote === '';
}
