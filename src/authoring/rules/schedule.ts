import * as l10n from '@vscode/l10n';

import type { LakeDocument } from '../document.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const EXPRESSION = /(?<![\w.])(?<kind>cron|rate)\((?<inside>[^()\n`]{1,80})\)/g;
const EVERY = /(?:every|each|cada|a cada|toutes les|chaque|alle|매|每隔?|каждые|mỗi)\s{0,2}(?<count>\d{1,3})\s?(?:min(?:ute|uto|út)?e?s?\b|분|分钟|мин)/giu;

/** A schedule that EventBridge and Glue do not take, or that does not do what the text says. */
export const schedule: Rule = {
  id: 'schedule',
  level: 'warning',
  title: () => l10n.t('A schedule that does not do what it says'),
  check: (document) => [...document.each('schedule', ({ text }) => expressions(text)).map(settle), ...claims(document)],
};

type Found = RawFinding & { readonly right?: string };
const settle = ({ right, ...finding }: Found): RawFinding => ({ ...finding, ...(right !== undefined && { fix: replace(l10n.t('Write {0}', right), finding.start, finding.end, right) }) });

function expressions(text: string): Found[] {
  if (!/(?:cron|rate)\(/.test(text)) return [];
  return [...text.matchAll(EXPRESSION)].flatMap((match): Found[] => {
    const { kind = '', inside = '' } = match.groups ?? {};
    const place = { start: match.index, end: match.index + match[0].length };
    // Placeholders, and prose that only speaks of the form.
    if (!/[\d*]/.test(inside) || /[<>{}$…]|\.\.\.|expression|fields?|value|unit/i.test(inside)) return [];
    if (kind === 'rate') {
      const [, count = '', unit = ''] = /^\s*(\d+)\s+(minutes?|hours?|days?)\s*$/.exec(inside) ?? [];
      if (count === '') return /^\s*\d/.test(inside) ? [{ ...place, message: l10n.t('A rate is a number and minutes, hours or days: rate(5 minutes). This is refused: {0}', match[0]) }] : [];
      if (count === '0') return [{ ...place, message: l10n.t('A rate is at least 1. This is refused: {0}', match[0]) }];
      const right = `rate(${count} ${unit.replace(/s$/, '')}${count === '1' ? '' : 's'})`;
      return (count === '1') === unit.endsWith('s') ? [{ ...place, message: l10n.t('The unit is singular for 1 and plural for more; else it is refused: {0}', match[0]), right }] : [];
    }
    const fields = inside.trim().split(/\s+/);
    if (fields.length === 5) return [{ ...place, message: l10n.t('A schedule of AWS\'s has six fields, the last of them the year; this has {0}: {1}', String(fields.length), match[0]), right: cron([...question(fields), '*']) }];
    if (fields.length !== 6) return /^[\d*?]/.test(inside) ? [{ ...place, message: l10n.t('A schedule of AWS\'s has six fields, the last of them the year; this has {0}: {1}', String(fields.length), match[0]) }] : [];
    const [minute = '', , day = '', , weekday = ''] = fields;
    if (day !== '?' && weekday !== '?') return [{ ...place, message: l10n.t('One of the two fields for the day is "?"; else it is refused: {0}', match[0]), right: cron([...question(fields.slice(0, 5)), fields[5] ?? '*']) }];
    if (day === '?' && weekday === '?') return [{ ...place, message: l10n.t('Only one of the two fields for the day can be "?": {0}', match[0]) }];
    const step = Number(/^(?:\*|\d+)\/(\d+)$/.exec(minute)?.[1]);
    if (step > 30 && step < 60) return [{ ...place, message: l10n.t('Steps begin anew each hour: this runs in minute 0 and {0} of every hour, and not every {0} minutes. The expression: {1}', String(step), match[0]) }];
    return [];
  });
}

const cron = (fields: readonly string[]): string => `cron(${fields.join(' ')})`;
const question = ([minute = '0', hour = '*', day = '*', month = '*', weekday = '*']: readonly string[]): string[] => [minute, hour, weekday === '*' ? day : day === '*' ? '?' : day, month, weekday === '*' ? '?' : weekday];

/** "A cron expression for every 59 minutes": there is none. */
function claims(document: LakeDocument): RawFinding[] {
  return document.each('schedule-claims', ({ text, prose }) => {
    if (!/cron/i.test(text)) return [];
    return [...prose.matchAll(EVERY)].flatMap((match) => {
      const count = Number(match.groups?.['count']);
      const line = text.slice(text.lastIndexOf('\n', match.index) + 1, (text.indexOf('\n', match.index) + 1 || text.length + 1) - 1);
      if (count < 2 || count > 59 || 60 % count === 0 || !/cron/i.test(line) || /cron\(/.test(line)) return [];
      return [{ start: match.index, end: match.index + match[0].length, message: l10n.t('No cron expression runs every {0} minutes: its steps begin anew each hour. Say rate({0} minutes), or a number that divides 60.', String(count)) }];
    });
  });
}
