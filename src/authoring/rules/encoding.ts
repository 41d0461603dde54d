import * as l10n from '@vscode/l10n';
import { codePages, unread, type CodePage } from '../codepages.ts';
import type { LakeDocument } from '../document.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

/** What stands in a text that people write: letters of Europe, signs, and pictures. */
const PLAUSIBLE = /^[\t\r\n -~\u00A0-\u024F\u0370-\u03FF\u0400-\u04FF\u1E00-\u1EFF\u2000-\u206F\u20A0-\u20BF\u2100-\u27BF\u2900-\u2BFF\u3000-\u30FF\u3400-\u9FFF\uAC00-\uD7A3\uFE0F\uFF01-\uFFEE\p{Extended_Pictographic}\p{Emoji_Component}]*$/u;
const LATIN = /^[\t\r\n -~\u00A0-\u024F\u1E00-\u1EFF\u2000-\u206F\u20A0-\u20BF\u2100-\u27BF\u2900-\u2BFF\uFE0F\p{Extended_Pictographic}\p{Emoji_Component}]*$/u;

const MIXED = /[A-Za-z][\u3130-\u318F\u3400-\u9FFF\uAC00-\uD7A3\uFF61-\uFF9F]|[\u3130-\u318F\u3400-\u9FFF\uAC00-\uD7A3\uFF61-\uFF9F][A-Za-z]/u;

interface Line {
  readonly start: number;
  readonly text: string;
}

/** UTF-8 that was read in another code page on its way: `Ã³` for ó, `칩` for ó. */
export const encoding: Rule = {
  id: 'encoding',
  level: 'error',
  title: () => l10n.t('Text whose encoding was broken on its way'),
  check: (document) => (/[^\x00-\x7f]/.test(document.text) ? [...byLines(document), ...byRuns(document)] : []),
};

const message = (page: CodePage, right: string): string => l10n.t('This was UTF-8 and has been read as {0} on its way. It was: {1}', page.name, right.trim().slice(0, 80));

/** Two bytes became one character, and may have taken an ASCII letter along: only a line as a whole can be read back. */
function byLines(document: LakeDocument): RawFinding[] {
  // Where letters of the East stand within words of the West, and in no other way.
  const lines = document.each('encoding-lines', ({ text }): (Line & { readonly end: number; readonly isMixed: boolean })[] => {
    if (!/[^\x00-\x7f]/.test(text)) return [];
    return [...text.matchAll(/^.*[^\x00-\x7f].*$/gm)].map((match) => ({ start: match.index, end: match.index + match[0].length, text: match[0], isMixed: MIXED.test(match[0]) }));
  });
  const mixed = lines.filter(({ isMixed }) => isMixed);
  if (mixed.length === 0) return [];
  for (const page of codePages(true)) {
    const repaired = lines.map((line) => ({ line, right: unread(line.text, page) })).filter(({ right, line }) => right !== undefined && right !== line.text && LATIN.test(right));
    if (repaired.length === 0 || repaired.length < lines.length * 0.8) continue;
    return repaired.map(({ line, right = '' }) => ({ start: line.start, end: line.start + line.text.length, message: message(page, right), fix: replace(l10n.t('Repair the encoding'), line.start, line.start + line.text.length, right) }));
  }
  return [];
}

/** One byte became one character: what is not ASCII and stands together is read back. */
function byRuns(document: LakeDocument): RawFinding[] {
  const found = document.each('encoding', ({ text }) => {
    const runs: (RawFinding & { readonly page: string; readonly right: string })[] = [];
    for (const match of text.matchAll(/[^\x00-\x7f]{2,}/g)) {
      // Bytes C2 to F4 begin a character of UTF-8: in these pages they are letters and signs that a word hardly begins with.
      const run = match[0];
      if (/^[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7A3\u1100-\u11FF]/.test(run)) continue;
      for (const page of codePages(false)) {
        const right = unread(run, page);
        if (right === undefined || right === run || !PLAUSIBLE.test(right) || /[\u0080-\u009f\uFFFD]/.test(right)) continue;
        if (page.name !== 'Windows-1252' && !LATIN.test(right) && !/^[\u0400-\u04FF\s\p{P}]+$/u.test(right)) continue;
        const [start, end] = [match.index, match.index + run.length];
        runs.push({ start, end, page: page.name, right, message: message(page, right), fix: replace(l10n.t('Repair the encoding'), start, end, right) });
        break;
      }
    }
    return runs;
  });
  // One chance hit in a Russian text is no fault of its encoding.
  const rare = found.filter(({ page }) => page !== 'Windows-1252').length < 2;
  return found.filter(({ page }) => page === 'Windows-1252' || !rare).map(({ start, end, message: text, right }) => ({ start, end, message: text, fix: replace(l10n.t('Repair the encoding'), start, end, right) }));
}
