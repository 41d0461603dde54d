import * as l10n from '@vscode/l10n';

import { eachPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

/** A statement without an effect, an action or a resource; a version that IAM does not have. */
export const policyMissingPart: Rule = {
  id: 'policy-missing-part',
  level: 'warning',
  title: () => l10n.t('A policy that lacks a part'),
  check: (document) =>
    eachPolicy(document, 'policy-missing-part', ({ statements, version, isWhole, faults }): RawFinding[] => {
      const found: RawFinding[] = [];
      if (version && version.value !== '2012-10-17' && version.value !== '2008-10-17' && !/[<>{}$[]/.test(version.value)) {
        found.push({ start: version.start, end: version.end, message: l10n.t('IAM\'s policies have the version 2012-10-17, which is no date of yours: {0}', version.value), fix: replace(l10n.t('Write {0}', '2012-10-17'), version.start, version.end, '2012-10-17') });
      }
      // What cannot be read to its end lacks parts only because of that.
      if (!isWhole || faults.some(({ kind }) => kind === 'unclosed' || kind === 'syntax')) return found;
      const isResourcePolicy = statements.some(({ keys }) => keys.has('Principal') || keys.has('NotPrincipal'));
      for (const { keys, start } of statements) {
        const missing = !keys.has('Effect') ? 'Effect' : !keys.has('Action') && !keys.has('NotAction') ? 'Action' : !isResourcePolicy && !keys.has('Resource') && !keys.has('NotResource') ? 'Resource' : undefined;
        if (missing) found.push({ start, end: start + 1, message: l10n.t('This statement lacks a part that IAM asks for: {0}', missing) });
      }
      return found;
    }),
};
