import * as l10n from '@vscode/l10n';

import { distance } from '../iam.ts';
import { policiesOf } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const ROLE = /(?:--role-name[ =]+["']?|"RoleName"\s*:\s*"|\b[Rr]ol[el]?s?\b[^\n.;`]{0,40}?[`*"']+)(?<name>[A-Z][\w+=,.@-]{5,63})/g;

/** iam:PassRole of a role that the tutorial does not create, but for a slip in its name. */
export const passRoleName: Rule = {
  id: 'pass-role-name',
  level: 'warning',
  title: () => l10n.t('iam:PassRole names another role than the one created'),
  check: (document) => {
    const passed = policiesOf(document, ({ text }) => /passrole/i.test(text)).flatMap(({ statements }) => statements.filter(({ actions }) => actions.some(({ value }) => /^iam:PassRole$/i.test(value))).flatMap(({ resources }) => resources));
    if (passed.length === 0) return [];
    const roles = new Set(document.each('role-names', ({ text }) => [...text.matchAll(ROLE)].map((match) => ({ start: match.index, end: match.index, name: match.groups?.['name'] ?? '' }))).map(({ name }) => name));
    return passed.flatMap(({ value, start, end }): RawFinding[] => {
      const name = /:role\/(?:[\w-]+\/)*([A-Za-z][\w+=,.@-]{4,63})$/.exec(value)?.[1];
      if (name === undefined || roles.has(name) || document.once(`mentions:${name}`, () => document.text.split(new RegExp(`(?<![\\w-])${name.replace(/[+=,.@]/g, '\\$&')}(?![\\w-])`)).length > 2)) return [];
      const meant = [...roles].find((role) => (role.toLowerCase().replace(/[-_]/g, '') === name.toLowerCase().replace(/[-_]/g, '') || distance(role, name, 2) <= 2) && Math.abs(role.length - name.length) <= 2 && role.replace(/\d+/g, '') !== name.replace(/\d+/g, ''));
      return meant ? [{ start: end - name.length, end, message: l10n.t('The role that the text creates is {0}, and this policy passes another: {1}', meant, name), fix: replace(l10n.t('Write {0}', meant), end - name.length, end, meant) }] : (void start, []);
    });
  },
};
