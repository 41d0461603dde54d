import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { VerifiedFinding, VerifiedStep } from '../../provision/verify.ts';
import type { NodeArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { problemsFirst, titleOf } from '../stepState.ts';
import { ofKinds } from '../trees/nodeFilter.ts';
import type { AttemptNode, StepNode, WorkflowRunNode } from '../trees/workflows.ts';
import { nodeFor } from './sidebar.ts';
import { look } from './verify.ts';

const isFailed = ofKinds<StepNode | AttemptNode | WorkflowRunNode>(['step', 'attempt', 'run'], (node) => stateOf(node) === 'failed');
const stateOf = (node: StepNode | AttemptNode | WorkflowRunNode): string => (node.kind === 'run' ? node.run.state : node.kind === 'step' ? node.step.state : node.attempt.state);

interface FailureArguments extends NodeArguments {
  /** What failed, and with which words. Without it, the node says so. */
  readonly name?: string;
  readonly error?: string;
}

/** What an explanation says. */
export interface FailureExplanation {
  readonly name: string;
  readonly error: string;
  /** The step in which the cause lies, and what it is; none where every step is in order by now. */
  readonly step?: string;
  readonly cause?: string;
  readonly fix?: string;
}

/** Says why a part of a run failed: what the account lacks that the run needs, how it is mended, and a button that mends it. */
export async function explainFailure(services: Services, values: FailureArguments): Promise<FailureExplanation> {
  const failed = values.name === undefined && values.error === undefined ? failureOf((await nodeFor(services, 'workflows', values, l10n.t('Explain which failure?'), isFailed)).node) : { name: values.name ?? '', error: values.error ?? '' };
  const { steps } = await look(services, l10n.t('Lake Tutorial: looking for the cause'), undefined);
  const { steps: texts } = await services.tutorial.load();
  const [cause] = problemsFirst(steps).filter(isCause);
  const finding = cause?.findings.find(isBad);
  const title = texts.find(({ id }) => id === cause?.id);
  const explanation: FailureExplanation = { ...failed, ...(cause && finding && { step: cause.id, cause: finding.message, fix: finding.fix }) };
  void ask(services, explanation, title ? titleOf(title) : '', finding?.byHand !== true);
  return explanation;
}

const isBad = ({ unknown, waiting }: VerifiedFinding): boolean => !unknown && !waiting;
const isCause = ({ state, follows, findings }: VerifiedStep): boolean => (state === 'wrong' || state === 'missing') && follows === undefined && findings.some(isBad);

function failureOf(node: StepNode | AttemptNode | WorkflowRunNode): { readonly name: string; readonly error: string } {
  switch (node.kind) {
    case 'run':
      return { name: node.run.workflow, error: node.run.error ?? '' };
    case 'step':
      return { name: node.step.name, error: node.step.attempts[0]?.error ?? '' };
    case 'attempt':
      return { name: node.parent.step.name, error: node.attempt.error ?? '' };
  }
}

/** The command does not wait for the answer. */
async function ask(services: Services, { name, error, step, cause, fix }: FailureExplanation, title: string, repairable: boolean): Promise<void> {
  const repair = l10n.t('Repair: Provision "{0}"', title);
  const why = l10n.t('Why?');
  const again = l10n.t('Run Workflow');
  const detail = step === undefined
    ? [error, '', l10n.t('Every step is in order by now: what was the cause is mended, or passed by itself. Run the workflow again.')]
    : [error, '', l10n.t('Cause, in the step "{0}": {1}', title, cause ?? ''), ...(fix ? [l10n.t('What to do: {0}', fix)] : [])];
  const answers = step === undefined ? [again] : [...(repairable ? [repair] : []), why];
  const chosen = await vscode.window.showWarningMessage(name === '' ? l10n.t('The run failed') : l10n.t('{0} failed', name), { modal: true, detail: detail.join('\n').trim() }, ...answers);
  if (chosen === again) {
    await vscode.commands.executeCommand('lakeTutorial.runWorkflow');
  } else if (chosen === repair) {
    await vscode.commands.executeCommand('lakeTutorial.provisionStep', step);
  } else if (chosen === why) {
    await vscode.commands.executeCommand('lakeTutorial.whyNotDone', step);
  }
  services.log.debug(`explained ${name}: ${step ?? '-'}`);
}
