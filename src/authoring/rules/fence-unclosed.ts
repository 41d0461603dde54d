import * as l10n from '@vscode/l10n';

import type { Rule } from '../rule.ts';

/** A code block that is never closed takes in all that follows. */
export const fenceUnclosed: Rule = {
  id: 'fence-unclosed',
  level: 'warning',
  title: () => l10n.t('A code block that is never closed'),
  check: (document) => document.tutorial.problems.filter(({ code }) => code === 'fence-unclosed').map(({ message, range }) => ({ start: range.start.offset, end: range.end.offset, message })),
};
