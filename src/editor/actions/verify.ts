import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { VerifiedFinding, VerifiedStep, VerifyResult } from '../../provision/verify.ts';
import { sentences } from '../../errors.ts';
import { showFailure } from '../failures.ts';
import { stepTitle, withAccountProgress } from '../operations.ts';
import { achieved, calling, say } from '../messages.ts';
import { pick, pickStep } from '../prompts.ts';
import { problemsFirst, showState, titleOf } from '../stepState.ts';
import type { StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';

/** Looks at every step and lists what was found. */
export async function verifyAll(services: Services): Promise<VerifyResult> {
  const result = await look(services, l10n.t('Lake Tutorial: verifying'), undefined);
  const open = result.steps.filter(({ state }) => state !== 'done' && state !== 'nothing');
  if (open.length === 0) {
    achieved(services, result.steps.length === 1 ? l10n.t('The only step is done.') : l10n.t('All {0} steps are done.', result.steps.length), []);
  } else {
    inBackground(services, () => showSteps(services, result.steps));
  }
  return result;
}

/** Looks at one step, and says what is missing or wrong and what to do about it. */
export async function verifyStep(services: Services, values: StepArguments): Promise<VerifyResult> {
  const step = values.step ?? (await pickStep((await services.tutorial.load()).steps, services.steps.states(), l10n.t('Verify which step?')));
  const result = await look(services, l10n.t('Lake Tutorial: verifying "{0}"', await stepTitle(services, step)), [step]);
  const [verified] = result.steps;
  if (verified?.state === 'done') {
    achieved(services, l10n.t('"{0}" is done.', verified.title), []);
  } else if (verified?.follows !== undefined) {
    // One cause is told once, where it lies.
    const { follows } = verified;
    say(sentences(l10n.t('The step "{0}": {1}.', verified.title, showState(verified.state).label), verified.found), { answers: [calling(l10n.t('Show the Cause'), 'lakeTutorial.verifyStep', follows)] });
  } else if (verified?.findings.length === 0) {
    say(l10n.t('The step "{0}": {1}.', verified.title, showState(verified.state).label));
  } else if (verified) {
    inBackground(services, () => showFindings(services, verified));
  }
  return result;
}

export async function look(services: Services, title: string, steps: readonly string[] | undefined): Promise<VerifyResult> {
  const result = await withAccountProgress(services, title, async (options) => (await import('../core.ts')).verify({ ...options, probed: services.probed(services.model.targetKey, services.tutorial.key ?? ''), ...(steps && { steps }) }));
  for (const { id, state, findings } of result.steps) {
    services.log.info(`verify ${id}: ${state}${findings.map(({ code }) => ` ${code}`).join('')}`);
  }
  services.steps.accept(result.steps);
  return result;
}

/** Shows a list without waiting for it: the command ends, and the list stays open until the user closes it. */
function inBackground(services: Services, show: () => Promise<void>): void {
  show().catch((error: unknown) => showFailure(services, 'findings', error));
}

async function showSteps(services: Services, steps: readonly VerifiedStep[]): Promise<void> {
  const titles = new Map((await services.tutorial.load()).steps.map((step) => [step.id, titleOf(step)]));
  const items = problemsFirst(steps).map((step) => {
    const { icon, label } = showState(step.state);
    return { label: `$(${icon}) ${titles.get(step.id) ?? step.title}`, description: label, detail: step.findings[0]?.message ?? step.found, step };
  });
  const { step } = await pick(items, l10n.t('{0} of {1} steps are done', steps.filter(({ state }) => state === 'done').length, steps.length));
  const cause = steps.find(({ id }) => id === step.follows) ?? step;
  if (cause.findings.length > 0) {
    await showFindings(services, cause);
  }
}

async function showFindings(services: Services, { id, title, state, findings }: VerifiedStep): Promise<void> {
  const provision = { label: `$(cloud-upload) ${l10n.t('Provision this step')}`, description: l10n.t('and what it needs'), detail: undefined, id };
  const items: (vscode.QuickPickItem & { readonly id?: string; readonly finding?: VerifiedFinding })[] = findings.map((finding) => ({
    label: `$(${finding.unknown ? 'question' : 'warning'}) ${finding.message}`, description: finding.code, detail: finding.fix, finding,
  }));
  const { resourcesOf } = await import('../core.ts');
  if (state !== 'unknown' && resourcesOf(await services.tutorial.load(), [id], false).some(({ kind }) => kind.create)) {
    items.push(provision);
  }
  const chosen = await pick(items, l10n.t('What "{0}" lacks', title));
  if (chosen.id !== undefined) {
    await vscode.commands.executeCommand('lakeTutorial.provisionStep', chosen.id);
  } else if (chosen.finding) {
    await (await import('./sidebar.ts')).revealFinding(services, chosen.finding);
  }
}
