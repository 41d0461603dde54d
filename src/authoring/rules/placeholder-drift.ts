import * as l10n from '@vscode/l10n';
import { grouped } from '../document.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';
import { canonical, spellingsOf } from '../spellings.ts';

/** One thing in two spellings: a reader replaces one of them and leaves the other. */
export const placeholderDrift: Rule = {
  id: 'placeholder-drift',
  level: 'warning',
  title: () => l10n.t('One placeholder in two spellings'),
  check: (document) => {
    const found: RawFinding[] = [];
    for (const spellings of grouped(spellingsOf(document), ({ thing }) => thing).values()) {
      if (spellings.every(({ text }) => text === spellings[0]?.text)) continue;
      const counts = new Map<string, number>();
      for (const { text } of spellings) counts.set(shown(text), (counts.get(shown(text)) ?? 0) + 1);
      if (counts.size < 2) continue;
      const kept = [...counts].sort(([a, many], [b, few]) => few - many || Number(isCanonical(b)) - Number(isCanonical(a)))[0]?.[0] ?? '';
      for (const { start, end, text, where } of spellings) {
        if (shown(text) === kept) continue;
        const right = isCanonical(kept) ? kept : canonical(kept);
        const written = where === 'prose' && right.startsWith('<') ? `\`${right}\`` : right;
        found.push({
          start, end,
          message: l10n.t('The same thing is written {0} elsewhere in this text. Use one spelling, or whoever replaces one leaves the other: {1}', kept, text),
          ...(isCanonical(kept) && { fix: replace(l10n.t('Write {0}', right), start, end, written) }),
        });
      }
    }
    return found;
  },
};

const shown = (text: string): string => text.replace(/\\(?=[<>])/g, '').replace(/^\{\{ ?| ?\}\}$/g, (marks) => marks.trim());
const isCanonical = (text: string): boolean => /^<[\p{Ll}\d]+(?:-[\p{Ll}\d]+)*>$/u.test(text);
