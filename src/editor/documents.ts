import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { documentScheme } from './ids.ts';

/** Previews, results and logs: virtual documents, which nobody is asked to save. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly contents = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.Disposable.from(
    this.changed,
    vscode.workspace.registerTextDocumentContentProvider(documentScheme, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.contents.delete(uri.toString())),
  );

  dispose(): void {
    this.subscription.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    // A new window opens again the documents of the last one, but their contents are gone.
    return this.contents.get(uri.toString()) ?? l10n.t('This is no longer here: open it again from where it came.');
  }

  /** Shows a text under a path, in place of what was shown there. `language` is the id of one, for its colours. */
  async show(path: string, text: string, language = 'plaintext'): Promise<vscode.TextDocument> {
    const uri = vscode.Uri.from({ scheme: documentScheme, path: `/${path.replace(/^\/+/, '')}` });
    this.contents.set(uri.toString(), text);
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document.languageId === language ? document : await vscode.languages.setTextDocumentLanguage(document, language), { preview: true });
    return document;
  }
}
