import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../errors.ts';
import { extensionId, walkthroughId } from '../ids.ts';
import { tutorial } from '../operations.ts';
import { pickStep } from '../prompts.ts';
import type { StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { language } from '../settings.ts';
import { stepIds } from '../steps.generated.ts';

/** Opens the walkthrough in the middle of the window. */
export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false);
}

/** Shows a step's text beside the walkthrough, in the editor's language: what to do by hand, what can fail, permissions and costs. */
export async function readStep(services: Services, values: StepArguments): Promise<vscode.Uri> {
  const step = values.step ?? (await pickStep((await tutorial()).steps, services.walkthrough.states(), l10n.t('Read which step?')));
  if (!stepIds.some(({ id }) => id === step)) {
    throw new UserError('step.unknown', l10n.t('The tutorial has no step "{0}".', step), { next: l10n.t('Its steps are: {0}.', stepIds.map(({ id }) => id).join(', ')) });
  }
  const { extensionUri } = vscode.extensions.getExtension(extensionId)!;
  const text = vscode.Uri.joinPath(extensionUri, 'walkthroughs', 'media', language(), `${step}.md`);
  try {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', text);
  } catch {
    // The editor's own preview of Markdown can be turned off.
    await vscode.window.showTextDocument(text, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
  return text;
}
