import * as l10n from '@vscode/l10n';
import { LakeDocument } from './document.ts';
import type { Edit, Fix, Level, RawFinding, Rule, RuleContext, Severity } from './rule.ts';
import { rules } from './rules/index.ts';
import { plainText, type Step } from './tutorial.ts';

export { LakeDocument } from './document.ts';
export type { Edit, Fix, Level, Rule, RuleContext, Severity } from './rule.ts';
export { rules } from './rules/index.ts';

/** A finding with its place as people count: lines and columns from 1. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly fix?: Fix;
}

/** A step as `check` tells of it. */
export interface CheckedStep {
  readonly id: string;
  readonly title: string;
  readonly line: number;
  readonly number?: string;
  /** `section` is a numbered heading that only holds steps. */
  readonly kind: 'step' | 'verification' | 'clean-up' | 'section';
  readonly optional: boolean;
  /** Titles of the headings that enclose it, outermost first. */
  readonly path: readonly string[];
}

export interface Checked {
  readonly steps: readonly CheckedStep[];
  readonly findings: readonly Finding[];
}

export interface CheckOptions extends RuleContext {
  /** Levels by rule id, in place of the rules' own. */
  readonly levels?: Readonly<Record<string, Level>>;
  /** Only these rules. */
  readonly only?: readonly string[];
}

/** Nobody's tutorial is longer; what is, is a dump that somebody opened by mistake. */
export const longest = 1_000_000;

/** Why a text is not looked at; undefined for one that is. */
function refusalOf(text: string): string | undefined {
  if (text.length > longest) return l10n.t('This has {0} characters, more than any tutorial: it is not checked.', String(text.length));
  const start = text.slice(0, 20_000);
  const signs = start.match(/[\0-\x08\x0E-\x1F\x7F-\x9F\uFFFD]/g)?.length ?? 0;
  return signs > 20 && signs > start.length / 10 ? l10n.t('This is not a text, or one in an encoding that cannot be told: it is not checked.') : undefined;
}

const refused = (message: string, level: Level = 'error'): Checked => ({ steps: [], findings: level === 'off' ? [] : [{ rule: 'markup', severity: level, line: 1, column: 1, endLine: 1, endColumn: 1, start: 0, end: 0, message }] });

/** All steps and findings of a text. Pure: what a rule needs to know of the world is in the options. */
export function check(text: string, options: CheckOptions = {}): Checked {
  return new Checker().check(text, options);
}

export function checkDocument(document: LakeDocument, options: CheckOptions = {}): Checked {
  return { steps: stepsOf(document), findings: findingsOf(document, options) };
}

/** A text that is checked again at each edit: what has not changed is not read again. */
export class Checker {
  private last: LakeDocument | undefined;

  document(text: string): LakeDocument {
    if (this.last?.text === text) return this.last;
    return (this.last = LakeDocument.parse(refusalOf(text) === undefined ? text : '', this.last?.pieces));
  }

  check(text: string, options: CheckOptions = {}): Checked {
    const refusal = refusalOf(text);
    return refusal === undefined ? checkDocument(this.document(text), options) : refused(refusal, options.levels?.['markup']);
  }
}

function stepsOf(document: LakeDocument): CheckedStep[] {
  const steps = new Set<Step>(document.tutorial.steps);
  return document.steps.map((step) => ({
    id: step.id, title: step.title, line: step.headingRange.start.line,
    ...(step.number !== undefined && { number: step.number }),
    kind: !steps.has(step) ? 'section' : step.role === 'verify' ? 'verification' : step.role === 'cleanup' ? 'clean-up' : 'step',
    optional: step.optional, path: step.path.map(plainText),
  }));
}

function findingsOf(document: LakeDocument, { levels = {}, only, ...context }: CheckOptions): Finding[] {
  const ignored = ignoresOf(document);
  const found: Finding[] = [];
  for (const rule of rules) {
    const level = levels[rule.id] ?? rule.level;
    if (level === 'off' || (only && !only.includes(rule.id))) continue;
    const seen = new Set<string>();
    for (const raw of rule.check(document, context)) {
      if (isIgnored(ignored, rule.id, raw) || seen.has(`${raw.start} ${raw.end} ${raw.message}`)) continue;
      seen.add(`${raw.start} ${raw.end} ${raw.message}`);
      found.push(place(document, rule, levels[rule.id] === undefined ? (raw.severity ?? rule.level) : level, raw));
    }
  }
  return found.sort((a, b) => a.start - b.start || (a.rule < b.rule ? -1 : 1));
}

function place({ source, text }: LakeDocument, { id }: Rule, severity: Severity, { start, end, message, fix }: RawFinding): Finding {
  // Never one past the end: an editor has no such place.
  const from = Math.max(0, Math.min(start, text.length));
  const to = Math.max(from, Math.min(end, text.length));
  const [first, last] = [source.position(from), source.position(to)];
  return { rule: id, severity, line: first.line, column: first.column, endLine: last.line, endColumn: last.column, start: from, end: to, message, ...(fix && { fix }) };
}

interface Ignore {
  readonly start: number;
  readonly end: number;
  /** None: every rule. */
  readonly ids: ReadonlySet<string>;
}

const IGNORE = /<!--\s*lake:ignore(?<ids>[^>]*?)\s*-->/g;

/** `<!-- lake:ignore rule… -->`: wrong on purpose, up to the end of the next block; in the first lines, in the whole text. */
function ignoresOf(document: LakeDocument): Ignore[] {
  return document.each('ignores', ({ text }) => (text.includes('lake:ignore') ? [...text.matchAll(IGNORE)].map((match) => ({ start: match.index, end: match.index + match[0].length, list: match.groups?.['ids'] ?? '' })) : [])).map(({ start, end, list }) => {
    const ids = new Set(list.split(/[\s,]+/).filter((id) => id !== '' && id !== '-file'));
    if (/^-file\b/.test(list)) return { start: 0, end: Infinity, ids };
    const fence = document.fences.find(({ range }) => range.start.offset >= end);
    const between = fence ? document.text.slice(end, fence.range.start.offset) : 'x';
    if (fence && between.trim() === '') return { start, end: fence.range.end.offset, ids };
    const rest = document.text.slice(end);
    const skipped = /^\s*/.exec(rest)?.[0].length ?? 0;
    const block = rest.slice(skipped).search(/(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)/);
    return { start, end: block < 0 ? Infinity : end + skipped + block, ids };
  });
}

const isIgnored = (ignores: readonly Ignore[], id: string, { start }: RawFinding): boolean => ignores.some((each) => each.start <= start && start <= each.end && (each.ids.size === 0 || each.ids.has(id)));

/** The text with edits done; of two that overlap, the first. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: put } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) continue;
    result += text.slice(at, start) + put;
    at = end;
  }
  return result + text.slice(at);
}

/** The edits of fixes that can be done together: a fix is done as a whole or not at all, and a draft only by itself. */
export function compatible(findings: readonly Finding[]): Edit[] {
  const taken: Edit[] = [];
  for (const { fix } of findings) {
    if (!fix || fix.isDraft || fix.edits.some((edit) => taken.some((other) => edit.start < other.end && other.start < edit.end || (edit.start === other.start && edit.end === other.end)))) continue;
    taken.push(...fix.edits);
  }
  return taken;
}

/** The text with everything fixed that can be, or all of some rules; again until nothing is left that a fix changes. */
export function fixAll(text: string, options: CheckOptions = {}): { readonly text: string; readonly fixed: number } {
  const checker = new Checker();
  let [current, fixed] = [text, 0];
  for (let round = 0; round < 10; round++) {
    const edits = compatible(checker.check(current, options).findings);
    const next = applyEdits(current, edits);
    if (next === current) break;
    fixed += edits.length;
    current = next;
  }
  return { text: current, fixed };
}
