import type { LiteralLanguage, LiteralPosition } from '../policies/literal.ts';

/** A text around the place where a policy is about to be put. Lines are those above, the nearest first, read only as far as needed. */
export interface Surroundings {
  /** As VS Code names the language. */
  readonly languageId: string;
  readonly path: string;
  /** The line up to where the policy starts. */
  readonly before: string;
  readonly above: Iterable<string>;
}

/** How a policy is put there. */
export interface Insertion {
  readonly language: LiteralLanguage;
  readonly place: LiteralPosition;
  /** Characters of `before`, from its end, that the policy takes the place of. */
  readonly replaces: number;
  /** What goes before the literal and after it. */
  readonly opening: string;
  readonly closing: string;
  /** What every line of the literal but its first is indented by, beyond the line that the policy starts in. */
  readonly indent: string;
}

/** A literal as it is put there, its lines indented as far as this is beyond the line's own indentation. */
export const placed = (literal: string, { opening, closing, indent }: Insertion): string => `${opening}${`${literal}${closing}`.replaceAll('\n', `\n${indent}`)}`;

const languages: Readonly<Record<string, LiteralLanguage | 'markdown'>> = {
  json: 'json', jsonc: 'json', json5: 'json', jsonl: 'json',
  yaml: 'yaml', dockercompose: 'yaml', cloudformation: 'yaml', 'yaml-cfn': 'yaml',
  terraform: 'hcl', 'terraform-vars': 'hcl', opentofu: 'hcl', hcl: 'hcl',
  typescript: 'typescript', typescriptreact: 'typescript', javascript: 'typescript', javascriptreact: 'typescript',
  python: 'python', markdown: 'markdown', mdx: 'markdown',
};
/** VS Code knows no Terraform by itself: the file's name must do. */
const hclPath = /\.(tf|tfvars|hcl|tofu)$/i;

/** The languages that the editor offers policies in, by VS Code's names. */
export const languageIds = Object.keys(languages);

/** What kind of literals a document takes; JSON where nothing better is known is the caller's to decide. */
export function literalLanguageOf(languageId: string, path: string): LiteralLanguage | 'markdown' | undefined {
  return languages[languageId] ?? (hclPath.test(path) ? 'hcl' : undefined);
}

const fences: Readonly<Record<string, LiteralLanguage>> = {
  yaml: 'yaml', yml: 'yaml', hcl: 'hcl', terraform: 'hcl', tf: 'hcl', ts: 'typescript', tsx: 'typescript', typescript: 'typescript', js: 'typescript', jsx: 'typescript', javascript: 'typescript', py: 'python', python: 'python', python3: 'python',
};

const plain = { replaces: 0, opening: '', closing: '', indent: '' } as const;

/**
 * How a policy is written at a place: in which language, as a value or a statement, inside a fence or with one around it.
 *
 * Undefined inside a string, where no literal can begin.
 */
export function planInsertion({ languageId, path, before, above }: Surroundings): Insertion | undefined {
  const language = literalLanguageOf(languageId, path) ?? 'json';
  // Values of variables are arguments at the top; so are other tools' files in HCL.
  const isTerraform = /^(terraform|opentofu)$/.test(languageId) || /\.(tf|tofu)$/i.test(path);
  return language === 'markdown' ? planInMarkdown(before, [...above]) : planIn(language, before, first(above, language === 'json' ? longestPolicy : Infinity), isTerraform);
}

function planInMarkdown(before: string, above: readonly string[]): Insertion | undefined {
  const fence = openFence([before, ...above]);
  if (!fence) {
    return within(continuation(before), { ...aroundFence(before), language: 'json', place: 'value' });
  }
  const language = fences[fence.language] ?? 'json';
  if (fence.lines === 0) {
    // Behind the line that opens a fence: what is in it begins on the next one.
    const inside = planIn(language, '', []);
    return within(continuation(before), inside && { ...inside, opening: `\n${inside.opening}` });
  }
  const [marks, rest] = unquoted(before, fence.quotes);
  const indent = marks === '' ? '' : rest.slice(0, rest.length - rest.trimStart().length);
  return within(marks.trimStart() + indent, planIn(language, rest, above.slice(0, fence.lines - 1).map((line) => unquoted(line, fence.quotes)[1])));
}

/** The same with something before each line but the first: a quote's marks, and the indentation of a list's item. */
function within(prefix: string, plan: Insertion | undefined): Insertion | undefined {
  const lines = plan?.opening.split('\n') ?? [];
  const opening = lines.map((line, index) => (index === 0 ? line : line === '' && index < lines.length - 1 ? prefix.trimEnd() : prefix + line)).join('\n');
  return plan && { ...plan, opening, indent: prefix + plan.indent };
}

function planIn(around: LiteralLanguage, before: string, above: readonly string[], isTerraform = false): Insertion | undefined {
  if (insideString(around, before)) {
    return undefined;
  }
  // A policy in a text of many lines is JSON, whatever the program around it is written in.
  const language = around !== 'json' && insideText(around, before, above) ? 'json' : around;
  if (language === 'yaml') {
    return inYamlStatements(before, above) ?? { language, place: 'value', ...inYaml(before) };
  }
  const place = inStatements(before, above) ? 'list' : language === 'json' ? 'value' : language === 'hcl' ? placeInHcl(before, above, isTerraform) : placeIn(language, before, above);
  return place && { ...plain, language, place };
}

/** So many, and not one more is asked for. */
function first(lines: Iterable<string>, count: number): string[] {
  const taken: string[] = [];
  for (const line of lines) {
    if (taken.push(line) >= count) {
      break;
    }
  }
  return taken;
}

// Nobody's policy is longer.
const longestPolicy = 400;

/** In the list of a policy's statements, where another policy would be none. */
function inStatements(before: string, above: readonly string[]): boolean {
  let closed = 0;
  for (const line of [before, ...above.slice(0, longestPolicy)]) {
    const code = line.length > longestLine ? '' : line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) => text.replace(/[[\](){}]/g, ' '));
    for (let at = code.length - 1; at >= 0; at--) {
      if (/[\])}]/.test(code[at] ?? '')) {
        closed++;
      } else if (/[[({]/.test(code[at] ?? '') && --closed < 0) {
        return code[at] === '[' && /\bStatement["']?\s*[:=]\s*$/.test(code.slice(0, at));
      }
    }
  }
  return false;
}

/** The same in YAML, behind a dash or where one would stand. */
function inYamlStatements(before: string, above: readonly string[]): Insertion | undefined {
  const [, space = '', dash] = /^(\s*)(- +)?$/.exec(before) ?? [];
  if (space + (dash ?? '') !== before) {
    return undefined;
  }
  for (const line of above.slice(0, longestPolicy)) {
    const column = line.length - line.trimStart().length;
    if (line.trim() !== '' && (column < space.length || (column === space.length && !line.trimStart().startsWith('-')))) {
      return /^\s*(?:- +)?Statement:\s*(?:#.*)?$/.test(line) ? { ...plain, language: 'yaml', place: 'list', replaces: dash?.length ?? 0 } : undefined;
    }
  }
  return undefined;
}

/** An odd number of quotes to the left. */
function insideString(language: LiteralLanguage, before: string): boolean {
  const quotes = language === 'json' || language === 'hcl' ? /"/g : /["'`]/g;
  const kinds = before.replace(/\\./g, '').match(quotes) ?? [];
  return ['"', "'", '`'].some((quote) => kinds.filter((kind) => kind === quote).length % 2 === 1);
}

// What a text of many lines opens with. Read from the top: whatever opens last and is not closed is what the place is in.
const texts: Readonly<Record<'typescript' | 'python', RegExp>> = { typescript: /`/g, python: /"""|'''/g };
/** No person wrote a longer one. */
const longestLine = 2000;

/** In a text of many lines: a heredoc, a block scalar, a template or a triple-quoted string that began further up. */
function insideText(language: Exclude<LiteralLanguage, 'json'>, before: string, above: readonly string[]): boolean {
  if (language === 'yaml') {
    return inBlockScalar(before, above);
  }
  let end: string | undefined;
  for (const line of [...above].reverse()) {
    if (language === 'hcl') {
      end = end === undefined ? /<<-?(\w+)\s*$/.exec(line.slice(-200))?.[1] : line.trim() === end ? undefined : end;
    } else if (line.length <= longestLine) {
      for (const [quotes] of (line.includes('\\') ? line.replace(/\\./g, '') : line).matchAll(texts[language])) {
        end = end === undefined ? quotes : quotes === end ? undefined : end;
      }
    }
  }
  return end !== undefined;
}

/** Below a key that ends in `|` or `>`. */
function inBlockScalar(before: string, above: readonly string[]): boolean {
  let column = before.length - before.trimStart().length;
  for (const line of above) {
    const own = line.length - line.trimStart().length;
    if (line.trim() !== '' && own < column) {
      if (/(?:^|[\s:-])[|>][-+\d]{0,2}\s*(?:#.*)?$/.test(line.slice(-300))) {
        return true;
      }
      column = own;
    }
  }
  return false;
}

/** A mapping cannot begin behind a key; behind the dash of a list it can. */
function inYaml(before: string): Omit<Insertion, 'language' | 'place'> {
  const [, space = '', dashes = ''] = /^(\s*)((?:- +)*)/.exec(before) ?? [];
  const rest = before.slice(space.length + dashes.length);
  const dash = ' '.repeat(dashes.length);
  if (/:\s*$/.test(rest)) {
    const replaces = before.length - before.trimEnd().length;
    return { replaces, opening: `\n${dash}  `, closing: '', indent: `${dash}  ` };
  }
  return { ...plain, indent: dash };
}

/** The quotes and items of lists that a line of Markdown begins in. */
const containers = String.raw`^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*`;
const container = new RegExp(containers);

/** What the next line begins with to be in the same quotes and items, beyond the indentation that the editor repeats. */
const continuation = (before: string): string => (container.exec(before)?.[0] ?? '').trimStart().replace(/[^>\s]/g, ' ');

/** A line's quote marks, and what is behind so many of them. */
function unquoted(line: string, quotes: number): readonly [string, string] {
  const marks = quotes === 0 ? '' : (new RegExp(`^(?:[ \\t]*>){${quotes}}[ \\t]?`).exec(line)?.[0] ?? '');
  return [marks, line.slice(marks.length)];
}

const quotesIn = (text: string): number => text.split('>').length - 1;

/** A fence begins a line, or the text of a quote or a list's item. */
function aroundFence(before: string): Omit<Insertion, 'language' | 'place'> {
  const fence = { replaces: 0, opening: '```json\n', closing: '\n```', indent: '' };
  return before === container.exec(before)?.[0] ? fence : { ...fence, replaces: before.length - before.trimEnd().length, opening: `\n\n${fence.opening}` };
}

interface Fence {
  readonly marker: string;
  /** '' for none of its own. */
  readonly language: string;
  /** How many lines begin in it already. */
  readonly lines: number;
  /** How many quotes it stands in: it ends with them. */
  readonly quotes: number;
}

const fenceLine = new RegExp(`(${containers})(\`{3,}|~{3,})(.*)$`);

/** The fence that is open after these lines, of which the nearest is the first; undefined outside of fences. */
function openFence(above: readonly string[]): Fence | undefined {
  let open: Fence | undefined;
  for (let lines = above.length - 1; lines >= 0; lines--) {
    const line = above[lines]?.slice(0, 300) ?? '';
    if (open && quotesIn(/^[ \t>]*/.exec(line)?.[0] ?? '') < open.quotes) {
      open = undefined;
    }
    const [, lead = '', marker = '', info = ''] = fenceLine.exec(line) ?? [];
    if (marker === '') {
      continue;
    }
    const quotes = quotesIn(lead);
    if (!open) {
      open = marker.startsWith('`') && info.includes('`') ? undefined : { marker, language: /^\s*([\w+#-]*)/.exec(info)?.[1]?.toLowerCase() ?? '', lines, quotes };
    } else if (quotes === open.quotes && /^[ \t>]*$/.test(lead) && marker.startsWith(open.marker) && info.trim() === '') {
      open = undefined;
    }
  }
  return open;
}

/** A resource that is a policy of IAM's: its argument `policy` takes one. */
const policyResource = /^\s*(?:resource\s+"aws_iam_(?:(?:user|role|group)_)?policy"\s+"[^"]*"|inline_policy)\s*\{$/;

/**
 * The places that HCL has: an expression, an argument of something that takes any, or what the block around it is for. None in other blocks,
 * which refuse an argument that they do not know, as Terraform does at the top of a file.
 */
function placeInHcl(before: string, above: readonly string[], isTerraform: boolean): LiteralPosition | undefined {
  const own = before.trim();
  const last = own || firstOf(above);
  if (/\bjson(?:en|de)code\(\s*$/.test(last)) {
    return 'argument';
  }
  const around = openedBy(before, above);
  const isObject = around !== undefined && /(?:[=(,[:?]|=>)\s*\{$/.test(around.code);
  if (continues.hcl.test(last) && !(around?.code.endsWith('{') && last.endsWith(','))) {
    return 'value';
  }
  if (own !== '' && !/[{,]$/.test(own)) {
    return undefined;
  }
  if (around === undefined) {
    return isTerraform ? 'locals' : 'statement';
  }
  if (isObject) {
    return /\bjsonencode\(\s*\{$/.test(around.code) ? undefined : 'statement';
  }
  if (/^\s*locals\s*\{$/.test(around.code)) {
    return 'statement';
  }
  if (/^\s*data\s+"aws_iam_policy_document"\s+"[^"]*"\s*\{$/.test(around.code)) {
    return 'blocks';
  }
  return policyResource.test(around.code) && !around.inside.some((line) => /^\s*policy\s*=/.test(line)) ? 'policy' : undefined;
}

/** What opens the bracket that the place is in, up to it, and the lines behind it; undefined at the top. */
function openedBy(before: string, above: readonly string[]): { readonly code: string; readonly inside: readonly string[] } | undefined {
  let closed = 0;
  for (const [index, line] of [before, ...above].entries()) {
    const text = line.length > longestLine ? '' : line;
    // What stands in quotes, and comments, open nothing.
    const code = text.replace(/"(?:[^"\\]|\\.)*"/g, (each) => each.replace(/[[\](){}#/]/g, ' ')).replace(/(?:#|\/\/).*$/, '');
    for (let at = code.length - 1; at >= 0; at--) {
      if (/[\])}]/.test(code[at] ?? '')) {
        closed++;
      } else if (/[[({]/.test(code[at] ?? '') && --closed < 0) {
        return { code: text.slice(0, at + 1), inside: [before, ...above].slice(0, index) };
      }
    }
  }
  return undefined;
}

// What a line ends with when the next one continues an expression.
const continues: Readonly<Record<'typescript' | 'python' | 'hcl', RegExp>> = {
  typescript: /(?:[=(,[?&|:]|=>|\b(?:return|default|satisfies|as))$/,
  python: /(?:[=(,[\\]|["']\s*:|\breturn)$/,
  hcl: /(?:[=(,[:?]|=>)$/,
};

function placeIn(language: 'typescript' | 'python', before: string, above: readonly string[]): LiteralPosition {
  const own = before.trim();
  const last = own || firstOf(above);
  return own !== '' || continues[language].test(last) ? 'value' : 'statement';
}

/** The nearest line above that says something. */
function firstOf(above: readonly string[]): string {
  let looked = 0;
  for (const line of above) {
    const text = line.slice(0, 2000).replace(/\s*(?:\/\/|#).*$/, '').trim();
    if (text !== '' || ++looked > 50) {
      return text;
    }
  }
  return '';
}
