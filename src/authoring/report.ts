import * as l10n from '@vscode/l10n';
import type { Checked, Finding, Severity } from './index.ts';

/** A tutorial as the report tells of it. */
export interface ReportedFile extends Checked {
  /** As people know it: its path in the workspace. */
  readonly name: string;
  /** A link to a place of it; lines and columns from 1. */
  readonly link: (line: number, column: number) => string;
}

const severities: readonly Severity[] = ['error', 'warning', 'note'];

const words: Readonly<Record<Severity, () => string>> = { error: () => l10n.t('error'), warning: () => l10n.t('warning'), note: () => l10n.t('note') };

/**
 * All findings of tutorials as a Markdown text, each with a link to its place and its rule's page, the worst first.
 *
 * @param page where a rule's page is.
 */
export function report(files: readonly ReportedFile[], page: (rule: string) => string): string {
  const all = files.flatMap(({ findings }) => findings);
  const count = (findings: readonly Finding[], severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const summary = (findings: readonly Finding[]): string =>
    findings.length === 0 ? l10n.t('Nothing found.') : l10n.t('{0} errors, {1} warnings, {2} notes.', count(findings, 'error'), count(findings, 'warning'), count(findings, 'note'));
  const lines = [`# ${l10n.t('Lake Tutorial: check')}`, '', `${files.length === 1 ? l10n.t('1 tutorial.') : l10n.t('{0} tutorials.', files.length)} ${summary(all)}`];
  const mendable = all.filter(({ fix }) => fix).length;
  if (mendable > 0) {
    lines.push('', l10n.t('{0} of them can be mended at a click: open the tutorial, then "Lake Tutorial: Mend the Tutorial".', mendable));
  }
  for (const { name, link, steps, findings } of files) {
    const own = steps.filter(({ kind }) => kind !== 'section');
    lines.push('', `## [${escaped(name)}](${link(1, 1)})`, '', `${l10n.t('{0} steps.', own.length)} ${summary(findings)}`);
    for (const severity of severities) {
      for (const finding of findings.filter((each) => each.severity === severity)) {
        const step = own.findLast(({ line }) => line <= finding.line);
        const where = step ? ` · ${escaped([step.number, step.title].filter(Boolean).join(' '))}` : '';
        lines.push('', `- **${words[severity]()}** [${finding.line}:${finding.column}](${link(finding.line, finding.column)})${where}`, `  ${escaped(finding.message)} [${finding.rule}](${page(finding.rule)})${finding.fix ? ` – ${escaped(finding.fix.title)}` : ''}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A message quotes what stands in a tutorial, which must not be read as markup. */
const escaped = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
