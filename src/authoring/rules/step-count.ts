import * as l10n from '@vscode/l10n';

import type { RawFinding, Rule } from '../rule.ts';

const WORDS: Readonly<Record<string, number>> = { two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, dos: 2, tres: 3, cuatro: 4, cinco: 5, seis: 6, siete: 7, ocho: 8, dois: 2, duas: 2, quatro: 4, sete: 7, oito: 8, deux: 2, trois: 3, quatre: 4, cinq: 5, sept: 7, huit: 8 };
const CLAIM = new RegExp(String.raw`(?<!\p{L})(?<count>\d{1,2}|${Object.keys(WORDS).join('|')})\s?(?:(?:main|easy|simple|major|hands-on|grandes|sencillos|simples|principais|principales)\s)?(?:steps|parts|modules|labs|stages|pasos|partes|módulos|etapas|passos|étapes|parties|단계(?:로|를)|个步骤|шаг(?:ов|а)|bước)(?!\p{L})`, 'giu');
const ABOUT = /tutorial|workshop|lab\b|guide|walkthrough|taller|guía|laborat|oficina|atelier|divid|consist|compos|structured|워크샵|실습|실험|实验|教程|руководств/i;

/** "This tutorial has five steps", and there are six. */
export const stepCount: Rule = {
  id: 'step-count',
  level: 'warning',
  title: () => l10n.t('A count of steps that differs'),
  check: (document) => {
    const { steps } = document.tutorial;
    const numbers = steps.flatMap(({ number, role }) => (number !== undefined && /^\d/.test(number) && role !== 'cleanup' ? [Number.parseInt(number, 10)] : []));
    const top = new Set(numbers);
    const first = document.steps[0]?.range.start.offset ?? 0;
    if (top.size < 2 || numbers.length < 2) return [];
    const counts = new Set([top.size, steps.length, document.steps.length, numbers.length, Math.max(...top), new Set(steps.filter(({ role }) => role === 'step').map(({ id }) => id)).size]);
    const intro = document.text.slice(0, Math.min(first, 10_000));
    return [...intro.matchAll(CLAIM)].flatMap((match) => {
      const line = document.lineAt(match.index);
      const count = Number(match.groups?.['count']) || WORDS[match.groups?.['count']?.toLowerCase() ?? ''] || 0;
      return ABOUT.test(line) && !/^#/.test(line) ? [{ start: match.index, end: match.index + match[0].length, count }] : [];
    }).filter(({ count }) => count > 1 && !counts.has(count) && !counts.has(count - 1)).map(({ start, end, count }): RawFinding => ({ start, end, message: l10n.t('The text says {0}, and it has {1} steps.', String(count), String(top.size)) }));
  },
};
