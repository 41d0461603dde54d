import * as l10n from '@vscode/l10n';
import { accountsOf } from '../accounts.ts';
import { replace, type Rule } from '../rule.ts';

/** An account id has twelve digits. */
export const accountLength: Rule = {
  id: 'account-length',
  level: 'warning',
  title: () => l10n.t('An account id that does not have twelve digits'),
  check: (document) =>
    accountsOf(document).filter(({ digits }) => digits.length !== 12).map(({ start, end, digits, name }) => ({
      start, end,
      message: l10n.t('An account id has 12 digits, and this has {0}: {1}', String(digits.length), digits),
      fix: replace(l10n.t('Write {0}', name), start, end, name),
    })),
};
