import * as l10n from '@vscode/l10n';

import type { Rule } from '../rule.ts';

const JDBC = /jdbc:[a-z]+(?::thin:@)?(?::\/\/|:@)?\/{0,2}(?<host>[^\s:/"'`;,]{1,120})/gi;
const isPrivate = (host: string): boolean => /^(?:10|127)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^0\.|^169\.254\.|^(?:192\.0\.2|198\.51\.100|203\.0\.113)\./.test(host);

/** Glue is inside of the network: a public address is one that it does not reach. */
export const jdbcPublicAddress: Rule = {
  id: 'jdbc-public-address',
  level: 'warning',
  title: () => l10n.t('A public address in a JDBC URL'),
  check: (document) =>
    document.each('jdbc', ({ text }) => (text.includes('jdbc:') || text.includes('JDBC:') ? [...text.matchAll(JDBC)].flatMap((match) => {
      const host = match.groups?.['host'] ?? '';
      const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) && !isPrivate(host);
      const isPublic = isAddress || /^ec2-\d+-\d+-\d+-\d+\.[\w.-]*amazonaws\.com$/i.test(host) || /^[<{[$(]*(?:your[-_ ]?)?(?:ec2[-_ ]?)?(?:public|elastic|publica|elastica)[-_ ]?(?:ip|dns|address)?/i.test(host);
      const start = match.index + match[0].length - host.length;
      return isPublic ? [{ start, end: start + host.length, message: l10n.t('Glue connects from inside of the VPC and does not reach a public address. Use the private one in place of: {0}', host) }] : [];
    }) : [])),
};
