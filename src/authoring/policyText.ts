import type { Statement } from '../policies/document.ts';

/** A policy that was found in a text, as far as it could be read. */
export interface FoundPolicy {
  readonly document: { readonly Version?: unknown; readonly Statement: readonly LooseStatement[] };
  readonly start: number;
  readonly end: number;
}

/** A statement as somebody wrote it: anything may be missing or of another type. */
export type LooseStatement = Readonly<Partial<Record<keyof Statement, unknown>>>;

/**
 * The policy around an offset, written as JSON, or as a literal of TypeScript, Python or HCL.
 *
 * No language's own parser would do: a policy stands in the middle of a program, and may be half typed. This reads no more
 * than brackets, strings, and keys with `:` or `=`, and takes what it gets.
 */
export function findPolicy(text: string, offset: number): FoundPolicy | undefined {
  // A policy's own brackets are few: whatever holds hundreds of others is none, and must not cost anything.
  for (const start of enclosing(text, offset).slice(-deepest)) {
    const reader = new Reader(text, start);
    const value = reader.value(0);
    const document = asPolicy(value);
    if (document) {
      return { document, start, end: reader.at };
    }
  }
  return undefined;
}

const deepest = 20;

/** Reads a policy that is all of a text, in the notations of {@link findPolicy}. */
export const readPolicy = (text: string): FoundPolicy['document'] | undefined => findPolicy(text, 0)?.document;

/**
 * The lines around an offset that are one policy in YAML: the mapping that holds the nearest `Version` or `Statement`,
 * with its indentation taken away.
 */
export function findYamlPolicy(text: string, offset: number): { readonly text: string; readonly start: number; readonly end: number } | undefined {
  const lines = text.split('\n');
  let at = text.slice(0, offset).split('\n').length - 1;
  const keyColumn = (line: string): number | undefined => /^(\s*(?:- +)*)(?:Version|Statement)\s*:/.exec(line)?.[1]?.length;
  const column = (line: string): number => line.length - line.trimStart().length;
  while (at >= 0 && keyColumn(lines[at] ?? '') === undefined) at--;
  const base = keyColumn(lines[at] ?? '');
  if (base === undefined) {
    return undefined;
  }
  const belongs = (line: string | undefined): boolean => line !== undefined && (line.trim() === '' || column(line) >= base || /^\s*- /.test(line) && column(line) >= base);
  let [first, last] = [at, at];
  while (column(lines[first] ?? '') >= base && first > 0 && belongs(lines[first - 1])) first--;
  // The first key may stand behind the dash of a list's item.
  if (column(lines[first] ?? '') >= base && first > 0 && (/^(\s*(?:- +)+)\S/.exec(lines[first - 1] ?? '')?.[1]?.length ?? -1) === base) first--;
  while (belongs(lines[last + 1])) last++;
  const start = lines.slice(0, first).join('\n').length + (first > 0 ? 1 : 0);
  const block = lines.slice(first, last + 1);
  return { text: block.map((line) => line.slice(base)).join('\n'), start, end: start + block.join('\n').length };
}

/** A whole document, a list of statements, or one statement: tutorials show all three. */
export function asPolicy(value: unknown): FoundPolicy['document'] | undefined {
  if (isObject(value) && 'Statement' in value) {
    const statements = (Array.isArray(value['Statement']) ? value['Statement'] : [value['Statement']]).filter(isObject);
    return statements.some((each) => 'Effect' in each || 'Action' in each) ? { Version: value['Version'], Statement: statements } : undefined;
  }
  const statements = (Array.isArray(value) ? value : [value]).filter((each): each is Readonly<Record<string, unknown>> => isObject(each) && 'Effect' in each && 'Action' in each);
  return statements.length > 0 ? { Statement: statements } : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the brackets around an offset open, the outermost first. */
function enclosing(text: string, offset: number): number[] {
  const open: number[] = [];
  for (let at = 0; at < offset && at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"' || char === "'" || char === '`') {
      at = endOfString(text, at);
    } else if (endOfComment(text, at) > at) {
      at = endOfComment(text, at) - 1;
    } else if (char === '{' || char === '[') {
      open.push(at);
    } else if (char === '}' || char === ']') {
      open.pop();
    }
  }
  return text[offset] === '{' || text[offset] === '[' ? [...open, offset] : open;
}

/** The closing quote, or the end of the line where there is none: a string that is being typed must not swallow the rest. */
function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
    else if (text[at] === '\n') return at;
  }
  return text.length;
}

/** Where the comment that begins here ends; `start` where none does. */
function endOfComment(text: string, start: number): number {
  const block = text.startsWith('/*', start);
  if (!block && text[start] !== '#' && !text.startsWith('//', start)) {
    return start;
  }
  const end = text.indexOf(block ? '*/' : '\n', start + (block ? 2 : 0));
  return end === -1 ? text.length : end + (block ? 2 : 0);
}

class Reader {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  value(depth: number): unknown {
    this.space();
    const char = this.text[this.at];
    if (depth > deepest) {
      // Nothing that is read here is that deep: the rest is not worth reading.
      this.at = this.text.length;
      return undefined;
    }
    if (char === '{') return this.object(depth);
    if (char === '[') return this.list(depth);
    if (char === '"' || char === "'" || char === '`') return this.string();
    const word = /^[^\s,{}[\]"'`]+/.exec(this.text.slice(this.at, this.at + 400))?.[0];
    this.at += word?.length ?? 0;
    return word;
  }

  private object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.at++;
    for (;;) {
      this.space(',');
      const char = this.text[this.at];
      if (char === undefined || char === '}' || char === ']') {
        this.at++;
        return object;
      }
      const before = this.at;
      const key = char === '"' || char === "'" || char === '`' ? this.string() : this.key();
      this.space();
      if (/[:=]/.test(this.text[this.at] ?? '')) {
        this.at++;
        const value = this.value(depth + 1);
        // Not by assignment: a key may be "__proto__".
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      }
      if (this.at === before) this.at++;
    }
  }

  private list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.at++;
    for (;;) {
      this.space(',');
      const char = this.text[this.at];
      if (char === undefined || char === ']' || char === '}') {
        this.at++;
        return items;
      }
      const before = this.at;
      items.push(this.value(depth + 1));
      if (this.at === before) this.at++;
    }
  }

  private string(): string {
    const end = endOfString(this.text, this.at);
    const inside = this.text.slice(this.at + 1, end);
    this.at = this.text[end] === '\n' ? end : end + 1;
    return inside.replace(/\\(.)/g, '$1');
  }

  private key(): string {
    const word = /^[\w$.-]+/.exec(this.text.slice(this.at, this.at + 200))?.[0] ?? '';
    this.at += word.length;
    return word;
  }

  private space(also = ''): void {
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] ?? '';
      const end = endOfComment(this.text, this.at);
      if (end > this.at) {
        this.at = end - 1;
      } else if (!/\s/.test(char) && !(also && also.includes(char))) {
        return;
      }
    }
  }
}
