import * as l10n from '@vscode/l10n';
import { catalogue } from '../../resources/catalogue.generated.ts';
import type { Tutorial } from '../../tutorial/model.ts';
import type { CommandId } from '../commandIds.generated.ts';
import { nextStep, showState, type States } from '../stepState.ts';

// What stands above the headings of a lake tutorial that is open. No VS Code here.

export interface Lens {
  /** From 0. */
  readonly line: number;
  readonly title: string;
  readonly command: CommandId | 'workbench.trust.manage';
  readonly arguments: readonly unknown[];
}

export interface LensOptions {
  /** The states of its steps, for the active tutorial; none for another. */
  readonly states: States | undefined;
  readonly trusted: boolean;
  /** The address of the text. */
  readonly uri: string;
}

/** An icon and a word: an ordinary space after an icon is not shown. */
const withIcon = (icon: string, word: string): string => `$(${icon})\u00A0${word}`;

const kinds = new Map(catalogue.map((kind) => [kind.id, kind]));

/** The lenses of a text: for the active tutorial each step's state and what can be done with it, for another one that it can be the active one. */
export function stepLenses({ steps }: Pick<Tutorial, 'steps'>, { states, trusted, uri }: LensOptions): Lens[] {
  const [first] = steps;
  if (!first) {
    return [];
  }
  const lineOf = (step: Tutorial['steps'][number]): number => step.headingRange.start.line - 1;
  if (!states) {
    return [{ line: lineOf(first), title: withIcon('mortar-board', l10n.t('Use as Tutorial')), command: 'lakeTutorial.useAsTutorial', arguments: [{ uri }] }];
  }
  if (!trusted) {
    return [{ line: lineOf(first), title: withIcon('shield', l10n.t('Trust the workspace to provision and verify')), command: 'workbench.trust.manage', arguments: [] }];
  }
  const next = nextStep(steps, states);
  return steps.flatMap((step) => {
    const state = states[step.id];
    const { icon, label } = showState(state);
    const asked = step.provisions.map(({ kind }) => kinds.get(kind));
    const makes = asked.some((kind) => kind?.create);
    const lens = (title: string, command: CommandId): Lens => ({ line: lineOf(step), title, command, arguments: [step.id] });
    return [
      lens(withIcon(icon, [step === next && l10n.t('next'), label || l10n.t('not looked at yet')].filter(Boolean).join(' · ')), 'lakeTutorial.whyNotDone'),
      ...(makes ? [lens(l10n.t('Provision'), 'lakeTutorial.provisionStep')] : []),
      ...(step.role === 'cleanup' ? [lens(l10n.t('Tear Down'), 'lakeTutorial.tearDown')] : []),
      lens(l10n.t('Verify'), 'lakeTutorial.verifyStep'),
      ...(state !== undefined && state !== 'done' ? [lens(l10n.t('Why not done?'), 'lakeTutorial.whyNotDone')] : []),
      ...(asked.some((kind) => kind?.sidebar) ? [lens(l10n.t('Reveal'), 'lakeTutorial.revealStep')] : []),
      ...(makes ? [lens(l10n.t('Remove'), 'lakeTutorial.removeStep')] : []),
    ];
  });
}

/** The lenses above a text that says why a step is not done. */
export function whyLenses({ steps }: Pick<Tutorial, 'steps'>, id: string): Lens[] {
  const step = steps.find((each) => each.id === id);
  if (!step) {
    return [];
  }
  const lens = (title: string, command: CommandId): Lens => ({ line: 0, title, command, arguments: [id] });
  return [
    ...(step.provisions.some(({ kind }) => kinds.get(kind)?.create) ? [lens(withIcon('cloud-upload', l10n.t('Provision')), 'lakeTutorial.provisionStep')] : []),
    lens(withIcon('refresh', l10n.t('Look Again')), 'lakeTutorial.whyNotDone'),
    lens(withIcon('open-preview', l10n.t('Read the Step')), 'lakeTutorial.readStep'),
  ];
}
