import * as l10n from '@vscode/l10n';
import type { StepState } from '../provision/verify.ts';
import type { Step } from '../tutorial/model.ts';

// What a step's state looks like to people. There is no VS Code here: trees, lenses and pictures are rendered from it.

export type States = Readonly<Record<string, StepState>>;

interface Look {
  /** A product icon's name. It must say the same without its colour. */
  readonly icon: string;
  readonly color: string;
  /** One sign of text, where there are no icons. */
  readonly sign: string;
  readonly label: () => string;
}

const looks: Readonly<Record<StepState, Look>> = {
  done: { icon: 'pass-filled', color: 'charts.green', sign: '✓', label: () => l10n.t('done') },
  missing: { icon: 'circle-large-outline', color: 'disabledForeground', sign: '○', label: () => l10n.t('not there yet') },
  wrong: { icon: 'warning', color: 'problemsWarningIcon.foreground', sign: '!', label: () => l10n.t('needs correction') },
  waiting: { icon: 'watch', color: 'charts.blue', sign: '…', label: () => l10n.t('made, its result is still to come') },
  nothing: { icon: 'dash', color: 'disabledForeground', sign: '–', label: () => l10n.t('nothing to check') },
  unknown: { icon: 'question', color: 'disabledForeground', sign: '?', label: () => l10n.t('cannot be told') },
};

/** Every state that a step can have. */
export const stepStates = Object.keys(looks) as readonly StepState[];

/** A step's state for people, with its icon and sign; without a state it has not been looked at. */
export function showState(state: StepState | undefined): { readonly icon: string; readonly color: string; readonly sign: string; readonly label: string } {
  return state ? { ...looks[state], label: looks[state].label() } : { icon: 'circle-outline', color: 'disabledForeground', sign: '', label: '' };
}

/** A step's number and title. */
export const titleOf = ({ number, title }: Pick<Step, 'number' | 'title'>): string => [number, title].filter(Boolean).join(' ');

/** Steps in the order in which they are read by somebody who mends: what is missing or wrong by itself, what follows from that, what may be left, what is done. */
export function problemsFirst<S extends { readonly state: StepState; readonly follows?: string }>(steps: readonly S[]): S[] {
  const rank = ({ state, follows }: S): number => (state === 'wrong' || state === 'missing' ? (follows === undefined ? 0 : 1) : state === 'unknown' || state === 'waiting' ? 2 : 3);
  return [...steps].sort((one, other) => rank(one) - rank(other));
}

/** True when all is done that can be: but for what is optional, and the clean-up. */
export const isComplete = (steps: readonly Pick<Step, 'id' | 'role' | 'optional'>[], states: States): boolean => {
  const counted = steps.filter(({ role, optional }) => role !== 'cleanup' && !optional).map(({ id }) => states[id]);
  return counted.includes('done') && counted.every((state) => state === 'done' || state === 'nothing');
};

/** The step that comes next: the first that is to do, else the first whose result is awaited. Nothing while nothing was looked at. */
export function nextStep<S extends Pick<Step, 'id' | 'role' | 'optional'>>(steps: readonly S[], states: States): S | undefined {
  const candidates = steps.filter(({ role, optional }) => role !== 'cleanup' && !optional);
  const first = (...wanted: StepState[]): S | undefined => candidates.find(({ id }) => {
    const state = states[id];
    return state !== undefined && wanted.includes(state);
  });
  return first('missing', 'wrong') ?? first('waiting');
}
