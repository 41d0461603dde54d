import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { UserError } from '../../errors.ts';
import { isTutorial, treatAsTutorial } from '../tutorials/recognise.ts';
import { say } from '../messages.ts';

/** The text in front of the user. @throws UserError when that is no Markdown. */
export function activeMarkdown(): vscode.TextDocument {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== 'markdown') {
    throw new UserError('tutorial.none', l10n.t('No Markdown file is open in front.'), { next: l10n.t('Open the tutorial, then run the command again.') });
  }
  return document;
}

/** Checks the text in front as a lake tutorial, though it does not say that it is one. */
export async function treatActiveAsTutorial(): Promise<void> {
  const document = activeMarkdown();
  if (!isTutorial(document)) {
    treatAsTutorial(document.uri);
  }
  await vscode.commands.executeCommand('workbench.actions.view.problems');
}

/** Mends all that can be mended in the text in front, in one step that can be undone. */
export async function fixActiveTutorial(): Promise<void> {
  const document = activeMarkdown();
  if (!isTutorial(document)) {
    treatAsTutorial(document.uri);
  }
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, all, vscode.CodeActionKind.SourceFixAll.value);
  const mend = actions.find(({ title }) => title === l10n.t('Mend all of this tutorial'));
  if (!mend?.edit) {
    say(l10n.t('There is nothing in this tutorial that can be mended at a click.'));
    return;
  }
  await vscode.workspace.applyEdit(mend.edit);
}
