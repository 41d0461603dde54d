import * as l10n from '@vscode/l10n';

import { distance } from '../iam.ts';
import { eachPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const ROLE = /(?:--role-name[ =]+["']?|"RoleName"\s*:\s*"|\b[Rr]ol[el]?s?\b[^\n.;`]{0,40}?[`*"']+)(?<name>[A-Z][\w+=,.@-]{5,63})/g;

/** iam:PassRole of a role that the tutorial does not create, but for a slip in its name. */
export const passRoleName: Rule = {
  id: 'pass-role-name',
  level: 'warning',
  title: () => l10n.t('iam:PassRole names another role than the one created'),
  check: (document) => {
    const roles = document.once('role-names', () => new Set(document.each('role-names', ({ text }) => [...text.matchAll(ROLE)].map((match) => ({ start: match.index, end: match.index, name: match.groups?.['name'] ?? '' }))).map(({ name }) => name)));
    const meantBy = (name: string): string | undefined => document.once(`role:${name}`, () => (roles.has(name) || isMentionedTwice(document.text, name) ? undefined : [...roles].find((role) => isAlike(role, name))));
    const passed = eachPolicy(document, 'passed-roles', ({ statements }) =>
      statements.filter(({ actions }) => actions.some(({ value }) => /^iam:PassRole$/i.test(value))).flatMap(({ resources }) => resources).flatMap(({ value, end }) => {
        const name = /:role\/(?:[\w-]+\/)*([A-Za-z][\w+=,.@-]{4,63})$/.exec(value)?.[1];
        return name === undefined ? [] : [{ start: end - name.length, end, name }];
      }), ({ name }) => meantBy(name) !== undefined);
    return passed.map(({ start, end, name }): RawFinding => {
      const meant = meantBy(name) ?? name;
      return { start, end, message: l10n.t('The role that the text creates is {0}, and this policy passes another: {1}', meant, name), fix: replace(l10n.t('Write {0}', meant), start, end, meant) };
    });
  },
};

function isMentionedTwice(text: string, name: string): boolean {
  let count = 0;
  for (let at = text.indexOf(name); at >= 0 && count < 2; at = text.indexOf(name, at + name.length)) {
    if (!/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + name.length] ?? '')) count++;
  }
  return count > 1;
}

/** A slip apart: not two roles that are numbered. */
function isAlike(role: string, name: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/[-_]/g, '');
  return Math.abs(role.length - name.length) <= 2 && (bare(role) === bare(name) || distance(role, name, 2) <= 2) && role.replace(/\d+/g, '') !== name.replace(/\d+/g, '');
}
