import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError, messageOf } from '../../errors.ts';
import { extensionId, viewId, walkthroughId } from '../ids.ts';
import { pickStep } from '../prompts.ts';
import { stepNodeId, type StepArguments } from '../arguments.ts';
import { uriOf } from '../documents.ts';
import { nextStep } from '../stepState.ts';
import { codeOf, fillIn, readPage } from '../stepTexts.ts';
import { tutorialNames } from '../trees/controller.ts';
import type { Step } from '../../tutorial/model.ts';
import type { Services } from '../services.ts';
import { language } from '../settings.ts';

/** Opens the walkthrough in the middle of the window. */
export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false);
}

/** Opens a step, or the one that comes next: in the view of the steps, and in the walkthrough or, of another tutorial, as its text. @returns its id. */
export async function goToStep(services: Services, values: StepArguments): Promise<string> {
  const { steps } = await services.tutorial.load();
  const step = values.step === undefined ? (nextStep(steps, services.steps.states()) ?? steps[0]) : steps.find(({ id }) => id === values.step);
  if (!step) {
    throw unknownStep(values.step ?? '', steps);
  }
  if (services.tutorial.isBuiltIn) {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', { category: `${extensionId}#${walkthroughId}`, step: step.id }, false);
  } else {
    await readStep(services, { step: step.id });
  }
  await showInSteps(services, step);
  return step.id;
}

/** Scrolls the view of the steps, where it is on show, so that a step can be seen in it. */
export async function bringIntoView(services: Services, step: Pick<Step, 'id'>): Promise<void> {
  if (services.sidebar.isVisible('steps')) {
    await showInSteps(services, step, { select: false, focus: false });
  }
}

async function showInSteps({ sidebar, log }: Services, { id }: Pick<Step, 'id'>, how = { select: true, focus: true }): Promise<void> {
  const tree = await sidebar.tree('steps');
  if (how.focus) {
    await vscode.commands.executeCommand(`${viewId('steps')}.focus`);
  }
  // A tree that is read anew at this moment does not know the node that it has just given: the next one it does.
  for (let tries = 0; tries < 5; tries++) {
    const node = await tree.model.find([stepNodeId(id)]);
    // Without an account the view says how to get one, and has no nodes.
    if (!node || tree.emptiness !== 'ok') {
      return;
    }
    try {
      return await tree.view.reveal(node, how);
    } catch (error) {
      log.debug(`${id} not selected: ${messageOf(error)}`);
      await delay(200);
    }
  }
}

const unknownStep = (id: string, steps: readonly Step[]): UserError =>
  new UserError('step.unknown', l10n.t('The tutorial has no step "{0}".', id), { next: l10n.t('Its steps are: {0}.', steps.map((each) => each.id).join(', ')) });

/** Shows a step's text beside what is open: what to do by hand, what can fail, permissions and costs. */
export async function readStep(services: Services, values: StepArguments): Promise<vscode.Uri> {
  const { steps } = await services.tutorial.load();
  const id = values.step ?? (await pickStep(steps, services.steps.states(), l10n.t('Read which step?')));
  const step = steps.find((each) => each.id === id);
  if (!step) {
    throw unknownStep(id, steps);
  }
  const file = await services.tutorial.uri();
  // The text of the built-in tutorial ships step by step, with what the catalogue knows of each, and is shown with the learner's own values.
  const text = file ? file.with({ fragment: await anchorOf(file, step) }) : uriOf(`${stepsFolder}/${language()}/${step.id}.md`);
  try {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', text);
  } catch {
    // The editor's own preview of Markdown can be turned off.
    const { line } = step.headingRange.start;
    await vscode.window.showTextDocument(text.with({ fragment: '' }), { viewColumn: vscode.ViewColumn.Beside, preview: true, ...(file && { selection: new vscode.Range(line - 1, 0, line - 1, 0) }) });
  }
  return text;
}

/** Where the pages of the built-in tutorial's steps are among our documents. */
export const stepsFolder = 'steps';

/** A page of the built-in tutorial, by its path among our documents, with the account's own values. */
export async function stepPage(services: Pick<Services, 'model' | 'tutorial'>, path: string): Promise<string> {
  const [, place = '', step = ''] = /([\w-]+)\/([\w-]+)\.md$/.exec(path) ?? [];
  return fillIn(await readPage(place, step), services.model.accountId === undefined ? undefined : await tutorialNames(services));
}

/** Copies one of a page's pieces of code, with the account's own values in it. */
export async function copyCode(services: Services, { step = '', index = 0 }: StepArguments & { readonly index?: number }): Promise<string> {
  const code = codeOf(await stepPage(services, `${stepsFolder}/${language()}/${step}.md`))[index];
  if (code === undefined) {
    throw unknownStep(step, (await services.tutorial.load()).steps);
  }
  await vscode.env.clipboard.writeText(code);
  vscode.window.setStatusBarMessage(`$(check) ${services.model.accountId === undefined ? l10n.t('Copied') : l10n.t('Copied, with the account {0}', services.model.accountId)}`, 6000);
  return code;
}

/** The anchor of a step's heading in the preview: the editor's own, as its outline gives no other word for it. */
async function anchorOf(file: vscode.Uri, { headingRange }: Step): Promise<string> {
  const document = await vscode.workspace.openTextDocument(file);
  const text = document.lineAt(headingRange.start.line - 1).text.replace(/^\s*#+\s*/, '').replace(/\s+#+\s*$/, '');
  return slugOf(text);
}

/** A heading's anchor, as GitHub and VS Code's preview make it: without punctuation, words joined by hyphens. */
const slugOf = (heading: string): string => heading.trim().toLowerCase().replace(/\s+/g, '-').replace(/[!-,./:-@[-^`{-~。，…]/g, '').replace(/^-+|-+$/g, '');
