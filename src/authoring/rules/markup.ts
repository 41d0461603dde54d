import * as l10n from '@vscode/l10n';

import { closest } from '../iam.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const OF_FENCES = new Set(['fence-unclosed']);

/** What the parser could not understand of the markup, and kinds of resources that there are not. */
export const markup: Rule = {
  id: 'markup',
  level: 'error',
  title: () => l10n.t('Markup that cannot be understood'),
  check: (document, { kinds }) => {
    const { problems, steps } = document.tutorial;
    const found = problems.filter(({ code }) => !OF_FENCES.has(code) && (document.isDeclared || /^(?:step|provisions|needs|comment|fence)-/.test(code))).map(({ severity, message, range }): RawFinding => ({ start: range.start.offset, end: range.end.offset, message, severity }));
    if (!kinds) return found;
    for (const step of steps) {
      for (const { kind } of step.provisions) {
        if (kinds.includes(kind)) continue;
        const area = document.text.slice(step.range.start.offset, step.range.end.offset);
        const at = area.search(new RegExp(`(?<![\\w-])${kind.replace(/[^\w-]/g, '\\$&')}(?![\\w-])(?=[^>]*-->)`));
        const start = step.range.start.offset + Math.max(0, at);
        const meant = closest(kind, kinds);
        found.push({
          start, end: start + kind.length,
          message: meant ? l10n.t('There is no such kind of resource. Did you mean {0}? {1}', meant, kind) : l10n.t('There is no such kind of resource. There are {0}. Not this: {1}', kinds.join(', '), kind),
          ...(meant && at >= 0 && { fix: replace(l10n.t('Write {0}', meant), start, start + kind.length, meant) }),
        });
      }
    }
    return found;
  },
};
