import * as l10n from '@vscode/l10n';

import type { RawFinding, Rule } from '../rule.ts';

const REFERENCE = /(?:step|paso|passo|étape|шаге?|bước|단계|步骤)\s*(?:n[.ºo°]\s*)?[*_`"]{0,3}(?<number>\d{1,2}(?:\.\d{1,2})*)/giu;
const OBTAINED = /obtain|got\b|get\b|copied|noted|saved|created|from|sacamos|obtuv|obtenid|obtien|anot|copi|creamos|creaste|obtid|pegamos|criamos|obtenu|noté|récupér|получ|얻|복사|생성한|获取|记录|创建的|lấy|đã tạo/i;

/** A value is asked for before the step that obtains it. */
export const valueBeforeStep: Rule = {
  id: 'value-before-step',
  level: 'warning',
  title: () => l10n.t('A value that only a later step obtains'),
  check: (document) => {
    const places = new Map(document.steps.flatMap((step) => (step.number !== undefined ? [[step.number, step.range.start.offset] as const] : [])));
    if (places.size < 2) return [];
    return document.each('value-before-step', ({ text }) => [...text.matchAll(REFERENCE)].flatMap((match) => {
      const number = match.groups?.['number'] ?? '';
      const from = text.lastIndexOf('\n', match.index) + 1;
      const line = text.slice(from, (text.indexOf('\n', match.index) + 1 || text.length + 1) - 1);
      // The line is about a value to put in, and says where that comes from.
      const isValue = /<[\p{L}][\p{L}_ -]*>|replac|reemplaz|substitu|remplac|замен|바꾸|替换|thay/iu.test(line) && OBTAINED.test(line.slice(0, match.index - from + match[0].length + 40));
      return isValue && !line.startsWith('#') ? [{ start: match.index, end: match.index + match[0].length, number }] : [];
    })).filter(({ start, number }) => {
      const at = places.get(number);
      const now = document.stepAt(start);
      return at !== undefined && at > start && now !== undefined && now.number !== number && document.steps.filter((step) => step.number === number).length === 1;
    }).map(({ start, end, number }): RawFinding => ({ start, end, message: l10n.t('This value is needed here, and obtained only later, in step {0}. Move that step up, or say here how to get it.', number) }));
  },
};
