import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { settings } from '../ids.ts';
import { isTutorial, onDidTreat } from './recognise.ts';

/** So long nobody types before a text is checked again. */
const pauseMs = 150;

/** What an author's tutorial is told and helped with: findings, their fixes, and the markup. Nothing of it is loaded before the first such text is open. */
export function registerTutorialChecks({ log }: Services, extensionUri: vscode.Uri): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('lake-tutorial');
  const waiting = new Map<string, NodeJS.Timeout>();
  let loading: Promise<typeof import('./diagnostics.ts')> | undefined;
  const diagnostics = (): NonNullable<typeof loading> => (loading ??= import('./diagnostics.ts'));
  const help = (): Promise<typeof import('./help.ts')> => import('./help.ts');
  /** Asks only for lake tutorials: any other Markdown has its help from elsewhere. */
  const ofTutorial = async <T>(document: vscode.TextDocument, ask: (from: typeof import('./help.ts')) => T): Promise<T | undefined> => (isTutorial(document) ? ask(await help()) : undefined);
  const markdown: vscode.DocumentSelector = { language: 'markdown' };

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
        if (!isTutorial(document)) {
          return [];
        }
        const fixes = (await diagnostics()).fixes(document, range, context);
        return !context.only || context.only.contains(vscode.CodeActionKind.QuickFix) ? [...fixes, ...(await help()).declarations(document, range)] : fixes;
      },
    }, { providedCodeActionKinds: kinds }),
    vscode.languages.registerCompletionItemProvider(markdown, { provideCompletionItems: (document, position) => ofTutorial(document, ({ complete }) => complete(document, position)) }, '<', '=', ',', '(', ':', ' '),
    vscode.languages.registerHoverProvider(markdown, { provideHover: (document, position) => ofTutorial(document, ({ hover }) => hover(document, position)) }),
    vscode.languages.registerDocumentSymbolProvider(markdown, { provideDocumentSymbols: (document) => ofTutorial(document, ({ symbols }) => symbols(document)) }, { label: 'Lake Tutorial' }),
    vscode.languages.registerFoldingRangeProvider(markdown, { provideFoldingRanges: (document) => ofTutorial(document, ({ folds }) => folds(document)) }),
    vscode.languages.registerDefinitionProvider(markdown, { provideDefinition: (document, position) => ofTutorial(document, ({ definition }) => definition(document, position)) }),
    vscode.languages.registerReferenceProvider(markdown, { provideReferences: (document, position, { includeDeclaration }) => ofTutorial(document, ({ references }) => references(document, position, includeDeclaration)) }),
    vscode.languages.registerRenameProvider(markdown, {
      prepareRename: (document, position) => ofTutorial(document, ({ renamable }) => renamable(document, position)),
      provideRenameEdits: (document, position, to) => ofTutorial(document, ({ renameTo }) => renameTo(document, position, to)),
    }),
  );
}
