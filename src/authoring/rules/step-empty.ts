import * as l10n from '@vscode/l10n';

import type { RawFinding, Rule } from '../rule.ts';

/** In a tutorial that declares its steps, one that provisions nothing and verifies nothing is never seen to be done. */
export const stepEmpty: Rule = {
  id: 'step-empty',
  level: 'note',
  title: () => l10n.t('A step that provisions and verifies nothing'),
  check: (document) => {
    const { steps, version } = document.tutorial;
    if (version === undefined || !steps.some(({ declared, provisions }) => declared || provisions.length > 0)) return [];
    return steps.filter(({ declared, provisions, fences, role }) => declared && role === 'step' && provisions.length === 0 && !fences.some(({ verify, policy }) => verify || policy !== undefined)).map(({ headingRange, id }): RawFinding => ({
      start: headingRange.start.offset, end: headingRange.end.offset,
      message: l10n.t('This step provisions nothing and verifies nothing, so nobody sees when it is done. Say what it provisions, or add a block with lake:verify: {0}', id),
    }));
  },
};
