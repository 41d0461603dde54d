import * as l10n from '@vscode/l10n';
import { accountsOf } from '../accounts.ts';
import { replace, type Rule } from '../rule.ts';

/** Somebody's account id in a text that others paste from; an example of AWS's documentation is a note. */
export const accountLiteral: Rule = {
  id: 'account-literal',
  level: 'warning',
  title: () => l10n.t('An account id where a placeholder belongs'),
  check: (document) =>
    accountsOf(document).filter(({ digits, kind }) => digits.length === 12 && kind !== 'output').filter(({ isExample, kind, start }) => !isExample || (kind === 'arn' && document.fenceAt(start) !== undefined)).map(({ start, end, digits, isExample, name }) => {
      const right = isInBackticks(document.before(start, 400)) || document.fenceAt(start) !== undefined || /arn:\S*$/.test(document.before(start, 60)) ? name : `\`${name}\``;
      return {
        start, end,
        ...(isExample && { severity: 'note' as const }),
        message: isExample
          ? l10n.t('This is an example id of AWS\'s documentation, and pasted it belongs to nobody. {0} says that it is to be replaced: {1}', name, digits)
          : l10n.t('This looks like a real account\'s id. Write {0}, so that each reader puts in their own: {1}', name, digits),
        fix: replace(l10n.t('Write {0}', name), start, end, right),
      };
    }),
};

/** An odd number of backticks on its line before it. */
const isInBackticks = (before: string): boolean => (before.slice(before.lastIndexOf('\n') + 1).match(/`/g)?.length ?? 0) % 2 === 1;
