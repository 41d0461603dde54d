import { rules, type Finding, type Severity } from './index.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' };

/** Findings as SARIF 2.1.0, which code hosts show beside the lines. `file` is a relative path or a URI. */
export function toSarif(files: readonly { readonly file: string; readonly findings: readonly Finding[] }[], version: string): object {
  const used = rules.filter(({ id }) => files.some(({ findings }) => findings.some(({ rule }) => rule === id)));
  const index = new Map(used.map(({ id }, at) => [id, at]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'lake-tutorial',
            semanticVersion: version,
            rules: used.map(({ id, level, title }) => ({ id, shortDescription: { text: title() }, defaultConfiguration: { level: LEVELS[level] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap(({ file, findings }) =>
          findings.map(({ rule, severity, message, line, column, endLine, endColumn }) => ({
            ruleId: rule,
            ...(index.has(rule) && { ruleIndex: index.get(rule) }),
            level: LEVELS[severity],
            message: { text: message },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/').replace(/^([A-Za-z])%3A\//, 'file:///$1:/') },
                  region: { startLine: line, startColumn: column, endLine, endColumn },
                },
              },
            ],
          })),
        ),
      },
    ],
  };
}
