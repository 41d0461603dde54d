import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { inFence, type LakeDocument, type Place } from './document.ts';
import type { Fix } from './rule.ts';
import type { Fence } from './tutorial.ts';

/** A string of a policy with its place in the text. */
export interface Word {
  readonly value: string;
  /** Without the quotes. */
  readonly start: number;
  readonly end: number;
}

export interface PolicyStatement {
  readonly start: number;
  readonly end: number;
  readonly effect?: string;
  readonly keys: ReadonlySet<string>;
  readonly actions: readonly Word[];
  readonly resources: readonly Word[];
  /** Service principals and those that are accounts, roles or users. */
  readonly servicePrincipals: readonly Word[];
  readonly awsPrincipals: readonly Word[];
  readonly conditionOperators: readonly Word[];
  readonly conditionKeys: readonly Word[];
}

/** What keeps a block of JSON from being pasted. */
export interface JsonFault {
  readonly kind: 'comment' | 'comma' | 'unclosed' | 'prose' | 'syntax';
  readonly start: number;
  readonly end: number;
  /** What puts it right; a prose fault has none of these. */
  readonly edits: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

/** A policy in a code block, found by its content. */
export interface PolicyBlock {
  readonly fence: Fence;
  readonly start: number;
  readonly end: number;
  /** A whole document, with a list of statements; else a piece of one. */
  readonly isWhole: boolean;
  readonly version?: Word;
  readonly statements: readonly PolicyStatement[];
  readonly faults: readonly JsonFault[];
}

/** jsonc-parser's kinds of tokens: its enum is one that cannot be imported where each file is compiled alone. */
const Token = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, comma: 5, lineComment: 12, blockComment: 13, lineBreak: 14, trivia: 15, end: 17 } as const;

const OTHER_LANGUAGE = /^(?:py(?:thon)?\d?|ya?ml|hcl|terraform|tf|ts|typescript|tsx|jsx|java|scala|go|ruby|rb|csharp|cs|php|rust|mermaid|diff|html|xml|sql|r)$/;
const SHELL = /^(?:ba|z|da)?sh(?:ell)?$|^(?:console|terminal|shell-session|cmd|bat(?:ch)?|powershell|pwsh|ps1?)$/;
/** Templates, transcripts and texts that only quote a policy. */
const NO_POLICY = /AWSTemplateFormatVersion|"Type"\s*:\s*"AWS::|"Fn::|"Ref"\s*:|!Sub\b|!Ref\b|\\"Statement\\"|\\"Effect\\"|PolicyDocument"\s*:|AssumeRolePolicyDocument|"PolicyText"|<<-?\s*['"\\]?\w+|^\s*(?:resource|data)\s+"|jsonencode\(|aws_iam_policy/m;
const LOOKS_LIKE = /["“”']?(?:Effect)["“”']?\s*:\s*["“”']?(?:Allow|Deny)\b/;

/** The policies of a text, whatever their fences are tagged. */
export const policiesOf = (document: LakeDocument, wanted: (policy: Analysis) => boolean = () => true): readonly PolicyBlock[] =>
  analysesOf(document).flatMap(({ fence, policy }) => (wanted(policy) ? [moved(fence, policy)] : []));

const analysesOf = (document: LakeDocument): readonly { readonly fence: Fence; readonly policy: Analysis }[] =>
  document.once('policies', () => document.fences.flatMap((fence) => {
    const policy = analysisOf(fence);
    return policy ? [{ fence, policy }] : [];
  }));

/** True for a block that holds a policy. */
export const isPolicy = (fence: Fence): boolean => analysisOf(fence) !== undefined;

/** Read once for the same code, wherever it has moved to. */
const [inShell, elsewhere] = [new Map<string, Analysis | undefined>(), new Map<string, Analysis | undefined>()];

function analysisOf({ text, language }: Fence): Analysis | undefined {
  if (text.length > 100_000 || !text.includes('Effect') || OTHER_LANGUAGE.test(language)) return undefined;
  const of = SHELL.test(language) ? inShell : elsewhere;
  if (of.has(text)) return of.get(text);
  const found = LOOKS_LIKE.test(text) && !NO_POLICY.test(text) ? analyse(text, of === inShell) : undefined;
  if (of.size > 5000) of.clear();
  of.set(text, found);
  return found;
}

function moved(fence: Fence, found: Analysis): PolicyBlock {
  const at = (offset: number): number => inFence(fence, offset);
  const move = <T extends { readonly start: number; readonly end: number }>(item: T): T => ({ ...item, start: at(item.start), end: at(item.end) });
  return {
    fence, start: at(found.start), end: at(found.end), isWhole: found.isWhole,
    ...(found.version && { version: move(found.version) }),
    statements: found.statements.map((each) => ({
      ...move(each), actions: each.actions.map(move), resources: each.resources.map(move), servicePrincipals: each.servicePrincipals.map(move),
      awsPrincipals: each.awsPrincipals.map(move), conditionKeys: each.conditionKeys.map(move), conditionOperators: each.conditionOperators.map(move),
    })),
    faults: found.faults.map((fault) => ({ ...move(fault), edits: fault.edits.map(move) })),
  };
}

/** A policy by the offsets of its fence's text, with what rules found in it. */
interface Analysis extends Omit<PolicyBlock, 'fence'> {
  readonly text: string;
  readonly memory: Map<string, unknown>;
}

/**
 * What a rule finds in each policy by itself: it is asked once for the same policy, wherever that has moved to. `wanted`
 * looks at each version anew, before what was found is given its place.
 */
export function eachPolicy<T extends Place & { readonly fix?: Fix }>(document: LakeDocument, key: string, find: (policy: Analysis) => readonly T[], wanted?: (item: T) => boolean): T[] {
  return analysesOf(document).flatMap(({ fence, policy }) => {
    let found = policy.memory.get(key) as readonly T[] | undefined;
    if (!found) policy.memory.set(key, (found = find(policy)));
    const all = wanted ? found.filter(wanted) : found;
    if (all.length === 0) return [];
    const move = <P extends Place>(item: P): P => ({ ...item, start: inFence(fence, item.start), end: inFence(fence, item.end) });
    return all.map((finding) => ({ ...move(finding), ...(finding.fix && { fix: { ...finding.fix, edits: finding.fix.edits.map(move) } }) }));
  });
}

function analyse(text: string, isShell: boolean): Analysis | undefined {
  const open = /[{[]|"(?:Effect|Statement|Version|Sid)"/.exec(text)?.index;
  if (open === undefined) return undefined;
  const before = text.slice(0, open);
  const isPart = text[open] === '"';
  const isPlain = !isPart && isJson(text);
  const end = isPart ? text.length : isPlain ? text.trimEnd().length : closing(text, open);
  const last = end ?? text.length;
  // Statements in a row, or members without their braces, are pieces that authors show: they are read within brackets.
  const after = text.slice(last);
  const isRow = !isPart && /^\s*,\s*\{/.test(after);
  const [from, to] = isRow ? [open, text.length] : [open, last];
  const body = text.slice(from, to).replace(/,\s*$/, (tail) => (isPart || isRow ? ' '.repeat(tail.length) : tail));
  const [left, right] = isPart ? ['{', '}'] : isRow ? ['[', ']'] : ['', ''];
  const errors: ParseError[] = [];
  const quoted = body.replace(/[“”]/g, '"');
  // An unquoted <placeholder>, or an ellipsis for what is left out, is none of JSON's and none of the author's faults.
  const readable = quoted.replace(/(:\s*)(<[^<>"\n]{1,60}>)(?=\s*[,}\n])/g, (_, colon: string, name: string) => `${colon}"${name.slice(1, -1)}"`).replace(/(^|[,[{\n])(\s*)(\.\.\.|…)(,?)/g, (_, start: string, space: string, dots: string, comma: string) => start + space + ' '.repeat(dots.length + comma.length));
  const elided = readable.length === quoted.length && readable !== quoted && /\.\.\.|…/.test(quoted);
  const root = parseTree(`${left}${readable}${right}`, errors, { allowTrailingComma: true, disallowComments: false });
  const shift = from - left.length;
  if (!root) return undefined;
  const statements = statementsOf(root, shift);
  if (statements.length === 0) return undefined;
  const versionNode = root.type === 'object' ? member(root, 'Version') : undefined;
  // Somebody who leaves things out means nobody to paste it.
  const faults = isPlain || isShell || elided || /\.\.\.|…/.test(text) ? [] : faultsOf(text, from, to, end === undefined && !isPart && !isRow, before, isPart || isRow ? '' : after, errors.length > 0 && readable === quoted);
  return {
    start: from, end: to, statements, faults, text, memory: new Map(),
    isWhole: root.type === 'object' && !isPart && member(root, 'Statement') !== undefined,
    ...(versionNode?.type === 'string' && { version: wordOf(versionNode, shift) }),
  };
}

/** Most policies are what they should be: nothing has to be looked for in those. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The offset behind the bracket that closes the one at `open`; undefined where none does. */
function closing(text: string, open: number): number | undefined {
  const scanner = createScanner(text.slice(open), false);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== Token.end; token = scanner.scan()) {
    if (token === Token.openBrace || token === Token.openBracket) depth++;
    else if ((token === Token.closeBrace || token === Token.closeBracket) && --depth === 0) return open + scanner.getTokenOffset() + 1;
  }
  return undefined;
}

function faultsOf(text: string, from: number, to: number, isOpen: boolean, before: string, after: string, hasErrors: boolean): JsonFault[] {
  const faults: JsonFault[] = [];
  const body = text.slice(from, to);
  const scanner = createScanner(body, false);
  let comma: number | undefined;
  const stack: string[] = [];
  for (let token: number = scanner.scan(); token !== Token.end; token = scanner.scan()) {
    const start = from + scanner.getTokenOffset();
    const end = start + scanner.getTokenLength();
    switch (token) {
      case Token.lineComment:
      case Token.blockComment: {
        const blank = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
        faults.push({ kind: 'comment', start, end, edits: [{ start: start - blank, end, text: '' }] });
        break;
      }
      case Token.comma:
        comma = start;
        break;
      case Token.openBrace:
        stack.push('}');
        comma = undefined;
        break;
      case Token.openBracket:
        stack.push(']');
        comma = undefined;
        break;
      case Token.closeBrace:
      case Token.closeBracket:
        if (comma !== undefined) faults.push({ kind: 'comma', start: comma, end: comma + 1, edits: [{ start: comma, end: comma + 1, text: '' }] });
        comma = undefined;
        stack.pop();
        break;
      case Token.trivia:
      case Token.lineBreak:
        break;
      default:
        comma = undefined;
    }
  }
  // `#` begins a comment in nothing that IAM reads.
  for (const match of body.matchAll(/^[ \t]*(#[^\r\n]*)$|(?<=[,{[\]}"][ \t]+)(#[^\r\n"]*)$/gm)) {
    const start = from + match.index + match[0].length - (match[1] ?? match[2] ?? '').length;
    faults.push({ kind: 'comment', start, end: from + match.index + match[0].length, edits: [{ start, end: from + match.index + match[0].length, text: '' }] });
  }
  if (isOpen) {
    const end = text.trimEnd().length;
    faults.push({ kind: 'unclosed', start: from, end: from + 1, edits: [{ start: end, end, text: `\n${stack.reverse().join('\n')}` }] });
  }
  const lead = before.trim();
  // A block that holds headings, or a page, was not closed before, or shows another text.
  const isPage = (text: string): boolean => text.length >= 400 || /^#{1,6} /m.test(text);
  if (lead !== '' && !isPage(lead) && !/^[\w.-]+\.json$|^(?:\/\/|#|\/\*)/.test(lead)) {
    const start = before.length - before.trimStart().length;
    faults.push({ kind: 'prose', start, end: before.trimEnd().length, edits: [] });
  } else if (/^(?:\/\/|\/\*|#)/.test(lead) && !isPage(lead)) {
    const start = before.length - before.trimStart().length;
    faults.push({ kind: 'comment', start, end: before.trimEnd().length, edits: [{ start, end: before.length, text: '' }] });
  }
  const tail = after.trim();
  if (tail !== '' && !isOpen) {
    const start = to + after.length - after.trimStart().length;
    if (/^[,;]$/.test(tail)) faults.push({ kind: 'comma', start, end: start + 1, edits: [{ start, end: start + 1, text: '' }] });
    // Several documents in one block are each whole; a bracket too many is not prose.
    else if (/^[}\]]/.test(tail)) faults.push({ kind: 'syntax', start, end: start + 1, edits: [{ start, end: start + 1, text: '' }] });
    else if (!/^[{[]/.test(tail) && !isPage(tail)) faults.push({ kind: 'prose', start, end: to + after.trimEnd().length, edits: [] });
  }
  if (hasErrors && faults.length === 0) {
    const errors: ParseError[] = [];
    parseTree(body, errors, { allowTrailingComma: true });
    const first = errors[0];
    if (first) faults.push({ kind: 'syntax', start: from + first.offset, end: from + first.offset + Math.max(1, first.length), edits: [] });
  }
  return faults;
}

function member(node: Node | undefined, name: string): Node | undefined {
  return node?.children?.find((property) => property.type === 'property' && property.children?.[0]?.value === name)?.children?.[1];
}

const wordOf = (node: Node, shift: number): Word => ({ value: String(node.value), start: shift + node.offset + 1, end: shift + node.offset + node.length - 1 });

function words(node: Node | undefined, shift: number): Word[] {
  if (node?.type === 'string') return [wordOf(node, shift)];
  return node?.type === 'array' ? (node.children ?? []).flatMap((each) => words(each, shift)) : [];
}

function statementsOf(root: Node, shift: number): PolicyStatement[] {
  const list = root.type === 'object' ? (member(root, 'Statement') ?? root) : root;
  const nodes = list.type === 'array' ? (list.children ?? []) : [list];
  return nodes.filter((node) => node.type === 'object' && (member(node, 'Effect') || member(node, 'Action'))).map((node) => {
    const principal = member(node, 'Principal');
    const condition = member(node, 'Condition');
    const operators = (condition?.children ?? []).flatMap((property) => (property.children?.[0] ? [property] : []));
    return {
      start: shift + node.offset, end: shift + node.offset + node.length,
      ...(member(node, 'Effect')?.type === 'string' && { effect: String(member(node, 'Effect')?.value) }),
      keys: new Set((node.children ?? []).map((property) => String(property.children?.[0]?.value))),
      actions: words(member(node, 'Action') ?? member(node, 'NotAction'), shift),
      resources: words(member(node, 'Resource') ?? member(node, 'NotResource'), shift),
      servicePrincipals: words(member(principal, 'Service'), shift),
      awsPrincipals: words(member(principal, 'AWS'), shift),
      conditionOperators: operators.map((property) => wordOf(property.children![0]!, shift)),
      conditionKeys: operators.flatMap((property) => (property.children?.[1]?.children ?? []).flatMap((each) => (each.children?.[0] ? [wordOf(each.children[0], shift)] : []))),
    };
  });
}
