import * as l10n from '@vscode/l10n';

import { createsOf, titleOf } from '../subject.ts';
import type { Rule } from '../rule.ts';

const COST = /\bcosts?\b|pric(?:e|es|ing|ey|ed)\b|\bcharg(?:e|es|ed|ing|eable)\b|billing|\bbill(?:s|ed)?\b|free[- ]tier|\bfees?\b|\$\s?\d|USD|\bpay(?:ing|s)?\b|paid\b|expens|budget|spend(?:ing)?\b|credits\b|costos?|costes?|costar|precios?|cobr|factur|gratis|gratuit|pag(?:ar|as|o)\b|preços?|fatur|custos?|grátis|\bcoûts?|tarif|payant|비용|요금|과금|무료|가격|chi phí|tính phí|miễn phí|giá |стоимост|плат[аыитя]|беспл|расход|费用|費用|成本|收费|计费|免费|价格|料金|コスト|無料|课金/i;

/** Some of what is created costs by the hour, and the text has no word of it. */
export const noCost: Rule = {
  id: 'no-cost',
  level: 'note',
  title: () => l10n.t('No word about what it costs'),
  check: (document) => {
    const { isLake, costly } = createsOf(document);
    if (!isLake || costly === undefined || document.count('cost', ({ text }) => COST.test(text)) > 0) return [];
    const { start, end } = titleOf(document);
    return [{ start, end, message: l10n.t('What this text creates is charged, and it has no word about the cost. Such a thing is: {0}', costly) }];
  },
};
