import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../errors.ts';
import { viewId } from '../ids.ts';
import type { Services } from '../services.ts';
import { isTutorial, treatAsTutorial } from '../tutorials/recognise.ts';

/** Makes a file the active tutorial, the one in front if nobody named one, and shows its steps. @returns its title. */
export async function useAsTutorial({ tutorial }: Services, { uri: given }: { readonly uri?: string }): Promise<string> {
  const document = given === undefined ? vscode.window.activeTextEditor?.document : await vscode.workspace.openTextDocument(vscode.Uri.parse(given, true));
  if (document?.languageId !== 'markdown' || document.isUntitled) {
    throw new UserError('tutorial.none', l10n.t('No Markdown file is open in front.'), { next: l10n.t('Save the tutorial as a Markdown file and open it, then run the command again.') });
  }
  if (!isTutorial(document)) {
    treatAsTutorial(document.uri);
  }
  await tutorial.use(document.uri);
  // What is broken in it is told now, and not when a step is provisioned.
  const { title } = await tutorial.load();
  await vscode.commands.executeCommand(`${viewId('steps')}.focus`);
  return title;
}

/** Goes back to the tutorial that ships with us. */
export async function useBuiltIn({ tutorial }: Services): Promise<string> {
  await tutorial.use(undefined);
  await vscode.commands.executeCommand(`${viewId('steps')}.focus`);
  return (await tutorial.load()).title;
}
