import * as l10n from '@vscode/l10n';
import type { VerifiedStep } from '../provision/verify.ts';
import type { Step } from '../tutorial/model.ts';
import { showState, titleOf } from './stepState.ts';

// Why a step is not done, as a text that a screen reader reads line by line and that can be copied to whoever helps. No VS Code here.

/** Where the account was looked at, and when, in words. */
export interface LookedAt {
  readonly where: string;
  readonly when: string;
}

/** How a text says what a step provisions. */
export const declareHint = (): string => l10n.t('Write below the step\'s heading what it provisions: <!-- lake:step id=bucket provisions=bucket -->');

/** What was looked at for a step, what was found, what was expected, and how to mend it: Markdown. */
export function whyText(step: Pick<Step, 'number' | 'title' | 'role' | 'provisions'>, { state, findings, resources = [], looked, found, expected, follows }: VerifiedStep, { where, when }: LookedAt): string {
  const title = titleOf(step);
  const { sign, label } = showState(state);
  const head = state === 'done' ? l10n.t('"{0}" is done', title) : state === 'nothing' ? l10n.t('"{0}": there is nothing to check', title) : l10n.t('Why "{0}" is not done', title);
  const declaresNothing = state === 'nothing' && step.provisions.length === 0;
  // Finding by finding, where each says it; a step that follows from another says it as a whole.
  const said = (part: 'looked' | 'found' | 'expected', whole: string | undefined): string[] | undefined => {
    const each = follows === undefined ? unique(findings.flatMap((finding) => finding[part] ?? [])) : [];
    return each.length > 0 ? each : whole === undefined ? undefined : [whole];
  };
  const fixes = [...new Set([...findings.map(({ fix }) => fix), ...(declaresNothing ? [declareHint()] : [])])].filter(Boolean);
  return [
    `# ${escape(head)}`,
    `${l10n.t('State:')} ${sign} ${label}. ${l10n.t('Looked at {0}, {1}.', where, when)}`,
    ...section(l10n.t('What was looked at'), said('looked', looked) ?? lookedAt(step, resources)),
    ...section(l10n.t('What was found'), said('found', found) ?? unique(findings.map(({ message }) => message))),
    ...section(l10n.t('What was expected'), said('expected', expected) ?? expectedOf(step, resources)),
    ...section(l10n.t('How to mend it'), fixes, true),
  ].join('\n\n') + '\n';
}

function lookedAt({ role, provisions }: Pick<Step, 'role' | 'provisions'>, resources: NonNullable<VerifiedStep['resources']>): string[] {
  if (resources.length > 0) {
    return resources.map(({ title, state }) => `${showState(state).sign} ${title}: ${showState(state).label}`);
  }
  return [role === 'cleanup' ? l10n.t('Everything that the tutorial made.') : provisions.length === 0 ? l10n.t('Who you are in the account: the step provisions nothing.') : l10n.t('Nothing.')];
}

function expectedOf({ role, provisions }: Pick<Step, 'role' | 'provisions'>, resources: NonNullable<VerifiedStep['resources']>): string[] {
  if (role === 'cleanup') {
    return [l10n.t('Nothing of what the tutorial made is left.')];
  }
  if (provisions.length === 0) {
    return [];
  }
  return resources.filter(({ state }) => state !== 'done').map(({ title }) => l10n.t('{0}: there, and as the tutorial has it.', title));
}

const unique = (lines: readonly string[]): string[] => [...new Set(lines)];

function section(title: string, lines: readonly string[], numbered = false): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.map((line, at) => `${numbered ? `${at + 1}.` : '-'} ${escape(line)}`).join('\n')];
}

/** What AWS says may hold Markdown's signs; a text that is read as it stands must not show escapes, so only what would hide words is escaped. */
const escape = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replace(/<(?=[\w!/-])[^>\n]*>/g, '`$&`').replace(/``/g, '`');
