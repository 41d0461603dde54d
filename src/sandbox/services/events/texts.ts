import * as l10n from '@vscode/l10n';
import type { TickResult } from './scheduled-rules.ts';

/** What pushing time forward did, in words. */
export function tickSummary({ ran, failed }: Pick<TickResult, 'ran' | 'failed'>): string {
  const all = ran === 1 ? l10n.t('1 scheduled event ran.') : l10n.t('{0} scheduled events ran.', ran);
  return failed === 0 ? all : `${all} ${failed === 1 ? l10n.t('1 of them failed.') : l10n.t('{0} of them failed.', failed)}`;
}
