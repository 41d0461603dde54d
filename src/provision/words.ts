import * as l10n from '@vscode/l10n';
import type { ProgressEvent } from './account-view.ts';

const words: Readonly<Record<ProgressEvent['state'], () => string>> = {
  reading: () => l10n.t('looking'),
  creating: () => l10n.t('creating'),
  updating: () => l10n.t('correcting'),
  adopting: () => l10n.t('taking over'),
  removing: () => l10n.t('removing'),
  waiting: () => l10n.t('waiting'),
  done: () => l10n.t('done'),
  failed: () => l10n.t('failed'),
};

/** What is happening to a resource, in words. */
export const doing = (state: ProgressEvent['state']): string => words[state]();

// What a plan says of resources that there is nothing to do for.
export const fine = (): string => l10n.t('It is as it should be.');
export const comesByItself = (): string => l10n.t('It comes by itself.');
