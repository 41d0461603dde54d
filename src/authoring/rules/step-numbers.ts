import * as l10n from '@vscode/l10n';

import { grouped } from '../document.ts';
import type { Step } from '../tutorial.ts';
import type { RawFinding, Rule } from '../rule.ts';

/** "Task 1 (continued)" has the number of the one that it continues. */
const CONTINUED = /[(（［[]\s*(?:cont(?:inued|inuación|inuacion|inuação|inuacao|\.|d\.?)?|suite|fortsetzung|forts\.|계속|続き|续|續|продолжение|tiếp(?: theo)?)\s*[)）］\]]\s*$/iu;

/** "Step 4 and 5" has both numbers, and a heading that only tells, and is no step, has one as well. */
const isInHeading = (number: string, text: string): boolean => {
  const found = new RegExp(String.raw`(?<![\d.])${number.replaceAll('.', String.raw`\.`)}(?!\.?\d)`);
  return text.split(/\r\n|\n|\r/).some((line) => /^\s*(?:#{1,6}\s|\*\*|__|<h\d)/i.test(line) && found.test(line));
};

/** Steps numbered twice, or with a number left out. */
export const stepNumbers: Rule = {
  id: 'step-numbers',
  level: 'warning',
  title: () => l10n.t('Steps numbered twice or with a gap'),
  check: (document) => {
    const { text } = document;
    // A list's numbers are Markdown's own.
    const written = document.steps.filter(({ number, headingRange }) => number !== undefined && /^\d+(?:\.\d+)*$/.test(number) && !/^\d{1,9}[.)][ \t]/.test(text.slice(headingRange.start.offset, headingRange.start.offset + 12)) && text.slice(headingRange.start.offset, headingRange.end.offset).includes(number));
    const all = new Set(written.map(({ number }) => number));
    const series = grouped(written, (step) => {
      const parent = step.number?.slice(0, Math.max(0, step.number.lastIndexOf('.'))) ?? '';
      let level = step.headingRange.start.offset;
      while (text[level] === '#') level++;
      return `${parent}|${level - step.headingRange.start.offset}|${parent === '' ? step.path.join('\n') : ''}`;
    });
    return [...series.values()].flatMap((steps) => {
      const last = (step: Step): number => Number(step.number?.split('.').at(-1));
      if (steps.length < 2 || steps.every((step) => last(step) === last(steps[0]!))) return [];
      return steps.slice(1).flatMap((step, index): RawFinding[] => {
        const before = steps[index]!;
        const [was, is] = [last(before), last(step)];
        const place = { start: step.headingRange.start.offset, end: step.headingRange.end.offset };
        // Under another heading, which may have the same words, numbers start anew.
        const isApart = text.slice(before.range.end.offset, step.headingRange.start.offset).trim() !== '';
        if (is === was && is > 0 && !isApart && !CONTINUED.test(step.title)) return [{ ...place, message: l10n.t('This number is given twice in a row: {0}', step.number ?? '') }];
        const missing = [...(step.number?.split('.').slice(0, -1) ?? []), String(was + 1)].join('.');
        if (is === was + 2 && !all.has(missing) && !isInHeading(missing, text.slice(before.headingRange.start.offset, step.headingRange.start.offset))) return [{ ...place, message: l10n.t('There is no step of the number before this one: {0}', missing) }];
        return [];
      });
    });
  },
};
