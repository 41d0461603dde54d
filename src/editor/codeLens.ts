import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';

/** A link above each statement of SQL that runs it. */
export function registerCodeLens(): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider({ language: 'sql' }, {
    async provideCodeLenses(document) {
      const { statements } = await import('./sql.ts');
      return statements(document.getText()).map(({ text, start, end }) =>
        new vscode.CodeLens(new vscode.Range(document.positionAt(start), document.positionAt(end)), { title: `$(play) ${l10n.t('Run on Athena')}`, command: 'lakeTutorial.runSql', arguments: [{ sql: text }] }));
    },
  });
}
