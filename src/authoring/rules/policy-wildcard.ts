import * as l10n from '@vscode/l10n';

import { eachPolicy } from '../policyBlocks.ts';
import type { RawFinding, Rule } from '../rule.ts';

/** All of a service, or all there is, on everything. */
export const policyWildcard: Rule = {
  id: 'policy-wildcard',
  level: 'note',
  title: () => l10n.t('A policy that allows all on everything'),
  check: (document) =>
    eachPolicy(document, 'policy-wildcard', ({ statements }) => statements.flatMap(({ effect, actions, resources, keys }): RawFinding[] => {
      if (effect !== 'Allow' || keys.has('Condition') || keys.has('NotAction') || !resources.some(({ value }) => value === '*')) return [];
      const all = actions.find(({ value }) => value === '*' || value === '*:*' || /^(?:iam|sts|organizations):\*$/.test(value));
      return all ? [{ start: all.start, end: all.end, message: l10n.t('This allows all of it on everything in the account. Name what the tutorial needs: {0}', all.value) }] : [];
    })),
};
