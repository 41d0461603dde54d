import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { documentScheme } from './ids.ts';

/** The address of a document of ours. */
export const uriOf = (path: string): vscode.Uri => vscode.Uri.from({ scheme: documentScheme, path: `/${path.replace(/^\/+/, '')}` });

/** Previews, results and logs: virtual documents, which nobody is asked to save. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly contents = new Map<string, string>();
  private readonly makers = new Map<string, (path: string) => Promise<string>>();
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

  /** Documents below a folder that can be made again at any time, also in the next window. */
  make(folder: string, make: (path: string) => Promise<string>): void {
    this.makers.set(`/${folder}/`, make);
  }

  provideTextDocumentContent(uri: vscode.Uri): string | Promise<string> {
    const maker = [...this.makers].find(([folder]) => uri.path.startsWith(folder))?.[1];
    if (maker) {
      return maker(uri.path);
    }
    // A new window opens again the documents of the last one, but their contents are gone.
    return this.contents.get(uri.toString()) ?? l10n.t('This is no longer here: open it again from where it came.');
  }

  /** Replaces the text under a path where it is on show, and takes the focus from nobody. */
  update(path: string, text: string): void {
    const uri = uriOf(path);
    this.contents.set(uri.toString(), text);
    this.changed.fire(uri);
  }

  /** Shows a text under a path, in place of what was shown there. `language` is the id of one, for its colours. */
  async show(path: string, text: string, language = 'plaintext'): Promise<vscode.TextDocument> {
    const uri = uriOf(path);
    this.update(path, text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document.languageId === language ? document : await vscode.languages.setTextDocumentLanguage(document, language), { preview: true });
    return document;
  }
}
