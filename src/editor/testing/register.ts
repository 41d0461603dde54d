import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { isTutorial, onDidTreat } from '../tutorials/recognise.ts';
import type { EndedTests } from './ended.ts';
import type { TutorialTests } from './explorer.ts';

export interface RegisteredTests extends vscode.Disposable {
  /** The tests of a tutorial have ended. */
  readonly onDidEnd: vscode.Event<EndedTests>;
}

/**
 * A tutorial's steps in the Test Explorer. Nothing of it is loaded, and VS Code told of nothing, before the first tutorial is open; and not at
 * all in a workspace that nobody trusts, as tests start programs.
 */
export function registerTutorialTests({ log }: Services): RegisteredTests {
  const ended = new vscode.EventEmitter<EndedTests>();
  let loading: Promise<TutorialTests> | undefined;
  const tests = (): Promise<TutorialTests> => (loading ??= import('./explorer.ts').then(({ TutorialTests: Tests }) => new Tests(log, ended)));
  const opened = (document: vscode.TextDocument): void => {
    if (vscode.workspace.isTrusted && isTutorial(document)) {
      tests().then((explorer) => explorer.show(document), (error: unknown) => log.error(`tests: ${String(error)}`));
    }
  };
  const all = (): void => vscode.workspace.textDocuments.forEach(opened);
  all();
  const subscriptions = vscode.Disposable.from(
    ended,
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidGrantWorkspaceTrust(all),
    onDidTreat(all),
    { dispose: () => void loading?.then((explorer) => explorer.dispose()) },
  );
  return { onDidEnd: ended.event, dispose: () => subscriptions.dispose() };
}
