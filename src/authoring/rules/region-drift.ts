import * as l10n from '@vscode/l10n';

import { replace, type Rule } from '../rule.ts';

const REGION = /(?<![\w.-])(?<region>(?:us|eu|ap|sa|ca|af|me|il|mx)-(?:(?:north|south|east|west|central)(?:east|west)?|northeast|southeast)-\d)(?![\w-])/g;
/** What says that the text is about more regions than one. */
const MANY = /cross[- ]region|multi[- ]region|another region|other regions?\b|second region|different regions?|supported regions?|available regions?|regions? (?:supported|available)|disaster|replica|otra regi[oó]n|varias regiones|regiones (?:disponibles|soportadas)|outra regi[aã]o|regi[oõ]es (?:dispon|suport)|autre région|다른 리전|리전 간|other than|Global Accelerator|any (?:aws )?region|choose (?:a|any|your)|\|\s*(?:us|eu|ap)-/i;
const STATED = /regi[oó]n|regi[aã]o|région|리전|区域|地域|регион|khu vực|ohio|virginia|oregon|ireland|frankfurt|singapore|sydney|tokyo|seoul/i;

/** The text says to work in one region, and a command works in another. */
export const regionDrift: Rule = {
  id: 'region-drift',
  level: 'warning',
  title: () => l10n.t('A command in another region than the text says'),
  check: (document) => {
    const all = document.each('regions', ({ text, prose, code }) => [...text.matchAll(REGION)].map((match) => {
      const [start, end] = [match.index, match.index + match[0].length];
      const line = text.slice(text.lastIndexOf('\n', start) + 1, (text.indexOf('\n', end) + 1 || text.length + 1) - 1);
      const before = text.slice(Math.max(0, start - 60), start);
      const isStated = STATED.test(line) && !/^\s*\|/.test(line) && (prose.slice(start, end) === match[0] || (code.slice(start, end) === match[0] && text[start - 1] === '`'));
      // A command or a setting of the reader's own; AWS's own buckets, hosts, links to the console and tables are none.
      const isUsed = code.slice(start, end) === match[0] && text[start - 1] !== '`' && /(?:--region[ =]+["']?|AWS_(?:DEFAULT_)?REGION["']?\s*[=:]\s*["']?|(?<![?&])\bregion(?:_name)?["']?\s*[=:]\s*["']?|LocationConstraint=)$/i.test(before);
      return { start, end, region: match[0], isStated, isUsed };
    }));
    const regions = new Set(all.map(({ region }) => region));
    if (regions.size < 2 || regions.size > 3 || MANY.test(document.text)) return [];
    const stated = all.filter(({ isStated }) => isStated);
    const statedRegions = new Set(stated.map(({ region }) => region));
    if (statedRegions.size !== 1) return [];
    const [main = ''] = statedRegions;
    const used = all.filter(({ isUsed }) => isUsed);
    // Certificates, CloudFront and its firewall are in us-east-1 whatever the rest is in.
    const isGlobal = /cloudfront|wafv?2|\bacm\b|certificate|billing|cur\b/i.test(document.text);
    const others = used.filter(({ region }) => region !== main && !(isGlobal && region === 'us-east-1'));
    if (others.length > 3 && others.length > used.length / 2) return [];
    return others.map(({ start, end, region }) => ({ start, end, message: l10n.t('The text works in {0}, and this in another region: {1}', main, region), fix: replace(l10n.t('Write {0}', main), start, end, main) }));
  },
};
