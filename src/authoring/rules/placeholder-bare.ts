import * as l10n from '@vscode/l10n';
import { replace, type RawFinding, type Rule } from '../rule.ts';
import { closedTags, isElement } from '../spellings.ts';

// What CommonMark takes for a tag: a name without underscores, and words behind it.
const TAG = /(?<![\\<\p{L}\d])<(?<name>[A-Za-z][A-Za-z\d-]*)(?<rest>(?: [A-Za-z_:][\w.:-]*){0,6})\s?>/gu;

/** `<account-id>` in prose: Markdown takes it for a tag, and the page shows nothing. */
export const placeholderBare: Rule = {
  id: 'placeholder-bare',
  level: 'warning',
  title: () => l10n.t('A placeholder in prose that Markdown swallows'),
  check: (document) =>
    document.each('placeholder-bare', ({ text, prose }) => {
      const found: (RawFinding & { readonly from: number; readonly to: number })[] = [];
      if (!prose.includes('<')) return found;
      const closed = closedTags(text);
      for (const match of prose.matchAll(TAG)) {
        const name = match.groups?.['name'] ?? '';
        const rest = match.groups?.['rest'] ?? '';
        // Elements, components of a site generator, and whatever is closed again, are tags indeed.
        if (isElement(name) || (/^[A-Z][a-z]+(?:[A-Z][a-z]*)*$/.test(name) && rest === '' && !/^[A-Z]{2,}/.test(name)) || closed.has(name)) continue;
        const [start, end] = [match.index, match.index + match[0].length];
        // The word that it is part of goes into backticks with it: s3://<bucket>/raw.
        const from = start - (/[\w\p{L}:/.\-{}$%<>]*$/u.exec(prose.slice(Math.max(0, start - 200), start))?.[0].length ?? 0);
        const to = end + (/^[\w\p{L}:/\-{}$%<>]*(?:\.[\w\p{L}]+)*/u.exec(prose.slice(end, end + 200))?.[0].length ?? 0);
        found.push({ start, end, from: from - start, to: to - end, message: l10n.t('Markdown takes this for a tag and shows nothing. Put it in backticks: {0}', match[0]) });
      }
      return found;
    }).map(({ from, to, ...finding }) => {
      const [start, end] = [finding.start + from, finding.end + to];
      return { ...finding, fix: replace(l10n.t('Put it in backticks'), start, end, `\`${document.text.slice(start, end)}\``) };
    }),
};
