import * as l10n from '@vscode/l10n';
import { replace, type RawFinding, type Rule } from '../rule.ts';
import { canonical, isElement } from '../spellings.ts';

/** Marks that do not belong together, around words that ask to be replaced. */
const FORMS = new RegExp(
  [
    String.raw`<>\s?(?<a>[\p{L}][\p{L}\d_\-]{1,40})`,
    String.raw`(?<![\p{L}\d])(?<b>[\p{L}][\p{L}\d_\-]{1,40})<>`,
    String.raw`\$\((?<c>[A-Z][A-Z\d_]{1,40})\}`,
    String.raw`\$\{(?<d>[A-Za-z][\w\-]{1,40})\)`,
    // In an ARN a bracket of one kind closed by one of another, or by none.
    String.raw`(?<=arn:aws[\w\-]{0,10}:[a-z\d\-]{1,20}:[^:\s"]{0,40}:)(?:<(?<e>[\p{L}][\p{L}\d_\-]{1,40})(?:[\]\)\}]|(?=:))|[\[{(](?<f>[\p{L}][\p{L}\d_\-]{1,40})>|(?<g>[\p{L}][\p{L}\d_\-]{1,40})>)`,
    String.raw`(?<=s3:::?/{0,2})<(?<h>[\p{L}][\p{L}\d_\-]{1,40})(?=/)`,
  ].join('|'),
  'gu',
);

/** `<>account-id`, `$(ACCOUNT_ID}`: nobody can fill it in, and pasted it is wrong. */
export const placeholderMalformed: Rule = {
  id: 'placeholder-malformed',
  level: 'error',
  title: () => l10n.t('A placeholder whose marks are broken'),
  check: (document) =>
    document.each('placeholder-malformed', ({ text, code, prose }) => {
      if (!/<>|\$[({]|arn:|s3:/.test(text)) return [];
      const found: RawFinding[] = [];
      for (const of of [code, prose]) {
        for (const match of of.matchAll(FORMS)) {
          const name = Object.values(match.groups ?? {}).find((each) => each !== undefined) ?? '';
          // SQL's "not equal", an empty fragment of JSX, and arrows are none.
          if (isElement(name) || /^(?:and|or|null|then)$/i.test(name)) continue;
          if (match[0].startsWith('<>') && !/[-_]/.test(name) && !/arn:\S*$/.test(of.slice(Math.max(0, match.index - 100), match.index)) && !/account|bucket|region|cuenta|conta|role/i.test(name)) continue;
          if (match[0].endsWith('<>') && !/[-_]/.test(name)) continue;
          const [start, end] = [match.index, match.index + match[0].length];
          const right = match[0].startsWith('$') ? `\${${name}}` : canonical(name);
          found.push({ start, end, message: l10n.t('The marks of this placeholder are broken. Write {0} in place of: {1}', right, match[0]), fix: replace(l10n.t('Write {0}', right), start, end, right) });
        }
      }
      return found;
    }).map(settle),
};

// Findings of a piece move with it, and so do their fixes.
const settle = (finding: RawFinding): RawFinding => (finding.fix ? { ...finding, fix: replace(finding.fix.title, finding.start, finding.end, finding.fix.edits[0]?.text ?? '') } : finding);
