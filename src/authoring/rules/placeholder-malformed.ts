import * as l10n from '@vscode/l10n';
import { replace, type RawFinding, type Rule } from '../rule.ts';
import { canonical, isElement } from '../spellings.ts';

/** Marks that do not belong together, around words that ask to be replaced; before each, what is quickly found of it. */
const FORMS: readonly (readonly [mark: string, sign: string, form: RegExp])[] = [
  ['<>', '', /(?<all><>\s?(?<name>[\p{L}][\p{L}\d_-]{1,40}))/gu],
  ['$(', '}', /(?<all>\$\((?<name>[A-Z][A-Z\d_]{1,40})\})/g],
  ['${', ')', /(?<all>\$\{(?<name>[A-Za-z][\w-]{1,40})\))/g],
  // In an ARN a bracket of one kind closed by one of another, or by none.
  ['arn:', '<', /arn:aws[\w-]{0,10}:[a-z\d-]{1,20}:[^:\s"]{0,40}:(?<all><(?<name>[\p{L}][\p{L}\d_-]{1,40})(?:[\])}]|(?=:)))/gu],
  ['arn:', '>', /arn:aws[\w-]{0,10}:[a-z\d-]{1,20}:[^:\s"]{0,40}:(?<all>[[{(]?(?<name>[\p{L}][\p{L}\d_-]{1,40})>)/gu],
  ['s3:', '<', /s3:(?:::|\/\/)(?<all><(?<name>[\p{L}][\p{L}\d_-]{1,40})(?=\/))/gu],
];
/** The brackets behind the name: only where there are any. */
const BEHIND = ['<>', '', /(?<![\p{L}\d])(?<all>(?<name>[\p{L}][\p{L}\d_-]{1,40})<>)/gu] as const;

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
        for (const match of [...FORMS, BEHIND].flatMap(([mark, sign, form]) => (of.includes(mark) && of.includes(sign) ? [...of.matchAll(form)] : []))) {
          const { name = '', all = '' } = match.groups ?? {};
          // SQL's "not equal", an empty fragment of JSX, and arrows are none.
          if (isElement(name) || /^(?:and|or|null|then)$/i.test(name)) continue;
          if (all.startsWith('<>') && !/[-_]/.test(name) && !/arn:\S*$/.test(of.slice(Math.max(0, match.index - 100), match.index)) && !/account|bucket|region|cuenta|conta|role/i.test(name)) continue;
          if (all.endsWith('<>') && !/[-_]/.test(name)) continue;
          const end = match.index + match[0].length;
          const start = end - all.length;
          const right = all.startsWith('$') ? `\${${name}}` : canonical(name);
          found.push({ start, end, message: l10n.t('The marks of this placeholder are broken. Write {0} in place of: {1}', right, all), fix: replace(l10n.t('Write {0}', right), start, end, right) });
        }
      }
      return found;
    }).map(settle),
};

// Findings of a piece move with it, and so do their fixes.
const settle = (finding: RawFinding): RawFinding => (finding.fix ? { ...finding, fix: replace(finding.fix.title, finding.start, finding.end, finding.fix.edits[0]?.text ?? '') } : finding);
