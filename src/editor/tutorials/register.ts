import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { settings } from '../ids.ts';
import { isTutorial, onDidTreat } from './recognise.ts';

/** So long nobody types before a text is checked again. */
const pauseMs = 150;

/** What an author's tutorial is told: findings and their fixes. Nothing of it is loaded before the first such text is open. */
export function registerTutorialChecks({ log }: Services, extensionUri: vscode.Uri): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('lake-tutorial');
  const waiting = new Map<string, NodeJS.Timeout>();
  let loading: Promise<typeof import('./diagnostics.ts')> | undefined;
  const diagnostics = (): NonNullable<typeof loading> => (loading ??= import('./diagnostics.ts'));

  const forget = ({ uri }: vscode.TextDocument): void => {
    clearTimeout(waiting.get(uri.toString()));
    waiting.delete(uri.toString());
    collection.delete(uri);
    void loading?.then(({ forget: drop }) => drop(uri));
  };
  const check = async (document: vscode.TextDocument): Promise<void> => {
    const { diagnose } = await diagnostics();
    const { version } = document;
    const found = diagnose(document, extensionUri);
    if (!document.isClosed && document.version === version) {
      collection.set(document.uri, found);
    }
  };
  const soon = (document: vscode.TextDocument, ms: number): void => {
    if (!isTutorial(document)) {
      if (collection.has(document.uri)) {
        forget(document);
      }
      return;
    }
    clearTimeout(waiting.get(document.uri.toString()));
    waiting.set(document.uri.toString(), setTimeout(() => void check(document).catch((error: unknown) => log.error(`check: ${String(error)}`)), ms));
  };
  const all = (): void => vscode.workspace.textDocuments.forEach((document) => soon(document, 0));
  all();

  const kinds = [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.SourceFixAll];
  return vscode.Disposable.from(
    collection,
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
    vscode.workspace.onDidOpenTextDocument((document) => soon(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && soon(document, pauseMs)),
    vscode.workspace.onDidCloseTextDocument(forget),
    vscode.workspace.onDidChangeConfiguration((event) => (event.affectsConfiguration(settings.rules) || event.affectsConfiguration(settings.tutorials)) && all()),
    onDidTreat(all),
    vscode.languages.registerCodeActionsProvider({ language: 'markdown' }, {
      async provideCodeActions(document, range, context) {
        return isTutorial(document) ? (await diagnostics()).fixes(document, range, context) : [];
      },
    }, { providedCodeActionKinds: kinds }),
  );
}
