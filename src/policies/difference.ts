import * as l10n from '@vscode/l10n';
import type { PolicyDocument, Statement } from './document.ts';
import { samePolicy } from './document.ts';

type Loose = Readonly<Partial<Record<keyof Statement, unknown>>>;
interface LooseDocument {
  readonly Version?: unknown;
  readonly Statement: readonly Loose[];
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
/** IAM reads the names of actions without regard to case. */
const actionsOf = ({ Action }: Loose): string[] => list(Action).map((action) => action.toLowerCase());
const servicesOf = (document: LooseDocument): string[] => document.Statement.flatMap(({ Principal }) => list((Principal as { readonly Service?: unknown } | undefined)?.Service));

function likeness(left: readonly string[], right: readonly string[]): number {
  const both = left.filter((item) => right.includes(item)).length;
  return both === 0 ? 0 : both / new Set([...left, ...right]).size;
}

/**
 * Which of some policies a document is meant to be: the one that it shares the most actions with (for a trust policy,
 * whoever is trusted), if that is half of them at least.
 */
export function closestPolicy<P extends { readonly document: PolicyDocument }>(found: LooseDocument, candidates: readonly P[]): P | undefined {
  const marks = (document: LooseDocument): string[] => [...new Set([...document.Statement.flatMap(actionsOf), ...servicesOf(document)])];
  const own = marks(found);
  const [best] = candidates.map((candidate) => ({ candidate, like: likeness(own, marks(candidate.document)) })).sort((a, b) => b.like - a.like);
  // Every trust policy has the one action: only the service tells them apart.
  const trusted = servicesOf(found);
  return best && best.like >= 0.5 && (trusted.length > 0 ? best.like === 1 : true) ? best.candidate : undefined;
}

/** What a document says other than it should, one line each, in the reader's language; empty when it says the same. */
export function differences(found: LooseDocument, wanted: PolicyDocument): string[] {
  // A fragment has none, which is no difference.
  const lines = found.Version === undefined || found.Version === wanted.Version ? [] : [l10n.t('The version is {0} instead of {1}.', shown(found.Version), wanted.Version)];
  if (samePolicy(found.Statement, wanted.Statement)) {
    return lines;
  }
  const left = [...found.Statement];
  for (const statement of wanted.Statement) {
    const actions = actionsOf(statement);
    const [best] = left.map((candidate) => ({ candidate, like: likeness(actionsOf(candidate), actions) })).sort((a, b) => b.like - a.like);
    if (!best || best.like === 0) {
      lines.push(l10n.t('No statement allows {0}.', list(statement.Action).join(', ')));
      continue;
    }
    left.splice(left.indexOf(best.candidate), 1);
    lines.push(...ofStatement(best.candidate, statement));
  }
  return [...lines, ...left.map((statement) => l10n.t('A statement too many: {0}.', list(statement.Action).join(', ') || JSON.stringify(statement)))];
}

function ofStatement(found: Loose, wanted: Statement): string[] {
  const about = list(wanted.Action).join(', ');
  const lines: string[] = [];
  const missing = list(wanted.Action).filter((action) => !actionsOf(found).includes(action.toLowerCase()));
  const extra = list(found.Action).filter((action) => !actionsOf(wanted).includes(action.toLowerCase()));
  if (missing.length > 0) {
    lines.push(l10n.t('Missing: {0}.', missing.join(', ')));
  }
  if (extra.length > 0) {
    lines.push(l10n.t('Not needed: {0}.', extra.join(', ')));
  }
  const effect = found.Effect;
  if (effect !== wanted.Effect) {
    lines.push(l10n.t('The effect of {0} is {1} instead of {2}.', about, shown(effect), wanted.Effect));
  }
  for (const key of ['Principal', 'Resource', 'Condition'] as const) {
    if (!samePolicy(found[key], wanted[key])) {
      lines.push(l10n.t('{0} of {1} is {2} instead of {3}.', key, about, shown(found[key]), shown(wanted[key])));
    }
  }
  return lines;
}

const shown = (value: unknown): string => (value === undefined ? '–' : typeof value === 'string' ? value : list(value).length > 0 && Array.isArray(value) ? list(value).join(', ') : JSON.stringify(value));
