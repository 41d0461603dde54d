import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError, sentences } from '../../errors.ts';
import type { Adoption } from '../../provision/adoption.ts';
import type { ProvisionOptions } from '../../provision/account-view.ts';
import type { Action, Plan } from '../../provision/plan.ts';
import type { AppliedResource, AppliedState, UpResult } from '../../provision/up.ts';
import type { Tutorial } from '../../tutorial/model.ts';
import { describe } from '../log.ts';
import { stepTitle, withAccountProgress } from '../operations.ts';
import { achieved, calling, say, showLog, tell } from '../messages.ts';
import { cancelled, confirm, dollars, pickStep, seconds } from '../prompts.ts';
import { titleOf } from '../stepState.ts';
import { about } from '../../numbers.ts';
import { declareHint } from '../whyText.ts';
import type { ConsentArguments, StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';

/** Agrees to QuickSight's monthly cost. */
interface QuickSightArguments {
  readonly quicksight: boolean;
}

/** Shows what provisioning would do and cost; changes nothing. */
export async function showPlan(services: Services, { step, quicksight }: StepArguments & QuickSightArguments): Promise<Plan> {
  const plan = await withAccountProgress(services, l10n.t('Lake Tutorial: plan'), async (options) =>
    (await import('../core.ts')).plan({ ...options, quicksight, ...(step !== undefined && { steps: [step] }) }));
  const isToDo = ({ action }: Plan['actions'][number]): number => Number(action !== 'none');
  const items: vscode.QuickPickItem[] = [
    // Resources without changes come last: there may be one change among forty.
    ...[...plan.actions].sort((a, b) => isToDo(b) - isToDo(a)).map(({ title, action, reason, step: of }) => ({ label: `$(${icons[action]}) ${title}`, description: `${actionName(action)} · ${of}`, detail: reason })),
    { label: l10n.t('Cost'), kind: vscode.QuickPickItemKind.Separator },
    ...plan.cost.items.map(({ what, perHour, perRun }) => ({ label: `$(credit-card) ${what}`, description: costOf(perHour, perRun) })),
  ];
  // The command ends here; the list stays open until the user closes it.
  void vscode.window.showQuickPick(items, { title: `${countActions(plan)} ${await costLine(plan, services)}`, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true });
  return plan;
}

/** Names a step by a kind of resource: the first that provisions one. */
interface KindArguments {
  readonly kind?: string;
}

/** Provisions one step and what it needs; asks which, if nobody said. */
export async function provisionOne(services: Services, values: StepArguments & KindArguments & ConsentArguments & QuickSightArguments): Promise<UpResult> {
  const { resourcesOf } = await import('../core.ts');
  const text = await services.tutorial.load();
  const making = text.steps.filter(({ id }) => resourcesOf(text, [id], false).some(({ kind }) => kind.create));
  if (values.step === undefined && making.length === 0) {
    throw new UserError('tutorial.declaresNothing', l10n.t('No step of this tutorial says what it provisions.'), { next: declareHint() });
  }
  const named = values.step ?? (values.kind && making.find(({ provisions }) => provisions.some(({ kind }) => kind === values.kind))?.id);
  return provision(services, { ...values, step: named ?? (await pickStep(making, services.steps.states(), l10n.t('Provision which step?'))) });
}

/**
 * Provisions one step and what it needs, or everything. On AWS plan and cost are shown first and must be agreed to.
 *
 * @param of another tutorial than the one that everything works on.
 */
export async function provision(services: Services, values: StepArguments & ConsentArguments & QuickSightArguments, of?: Tutorial): Promise<UpResult> {
  const { step } = values;
  const title = step === undefined ? l10n.t('Lake Tutorial: provisioning everything') : l10n.t('Lake Tutorial: provisioning "{0}"', of ? (of.steps.find(({ id }) => id === step)?.title ?? step) : await stepTitle(services, step));
  const result = await withAccountProgress(services, title, async (account, report) => {
    const { up } = await import('../core.ts');
    const options: ProvisionOptions = { ...account, ...(step !== undefined && { steps: [step] }) };
    const quicksight = values.quicksight || (!services.model.isSandbox && !values.yes && (await wantsQuickSight(options)));
    if (!services.model.isSandbox && !values.yes) {
      await agreeToPlan(services, { ...options, quicksight });
    }
    report(l10n.t('Provisioning…'));
    return up({ ...options, quicksight, adopt: async (found) => values.yes || agreeToAdopt(found) });
  }, { start: true, of });
  for (const resource of result.resources) {
    services.log[resource.error ? 'error' : 'info'](`up ${resource.resource} (${resource.step}): ${resource.state}, ${resource.ms} ms${resource.error ? `: ${describe(resource.error)}` : ''}`);
  }
  services.log.info(`up: ${result.resources.length} resources, ${result.calls} calls, ${result.retries} retries, ${result.ms} ms`);
  tellResult(services, result, of ?? (await services.tutorial.load()), step, of === undefined);
  return result;
}

/** QuickSight is a monthly subscription, so it is provisioned only after an explicit question. */
async function wantsQuickSight({ tutorial, steps }: ProvisionOptions): Promise<boolean> {
  const { resourcesOf } = await import('../core.ts');
  if (!resourcesOf(tutorial, steps, true).some(({ kind }) => kind.consent === 'quicksight')) {
    return false;
  }
  const without = l10n.t('Without QuickSight');
  const including = l10n.t('With QuickSight');
  const chosen = await vscode.window.showWarningMessage(l10n.t('Provision QuickSight too?'), {
    modal: true,
    detail: l10n.t('QuickSight is charged by the month for each user, also when it is not used. The tutorial draws its chart with Athena as well, which has no monthly cost.'),
  }, without, including);
  if (chosen === undefined) {
    throw cancelled();
  }
  return chosen === including;
}

async function agreeToPlan(services: Services, options: ProvisionOptions): Promise<void> {
  const { plan } = await import('../core.ts');
  // Silent: the progress bar is for the provisioning that follows.
  const planned = await plan({ ...options, onProgress: undefined });
  if (planned.actions.every(({ action }) => action === 'none')) {
    return;
  }
  const { accountId = '', target: { region } } = services.model;
  // Cost first: the list may be longer than a small screen.
  const costs = planned.cost.items.map(({ what, perHour, perRun }) => `• ${[what, costOf(perHour, perRun)].filter(Boolean).join(': ')}`);
  const changes = (['create', 'update', 'adopt', 'unknown'] as const).flatMap((action) => {
    const titles = planned.actions.filter((one) => one.action === action).map(({ title }) => title);
    return titles.length > 0 ? [`${actionName(action)}: ${titles.join(' · ')}`] : [];
  });
  await confirm(
    l10n.t('Provision this in the AWS account {0}, region {1}?', accountId, region),
    [await costLine(planned, services), ...costs, '', countActions(planned), ...changes].join('\n'),
    l10n.t('Provision'),
  );
}

async function agreeToAdopt(found: readonly Adoption[]): Promise<boolean> {
  const { adoptionLead, adoptionLines } = await import('../core.ts');
  await confirm(l10n.t('Take over what is there already?'), [adoptionLead(), ...found.flatMap(adoptionLines)].join('\n'), l10n.t('Take Over'));
  return true;
}

function tellResult(services: Services, { resources, ms }: UpResult, { steps }: Tutorial, step: string | undefined, isActive: boolean): void {
  const count = (...states: AppliedState[]): number => resources.filter(({ state }) => states.includes(state)).length;
  const failed = resources.find(({ state }) => state === 'failed');
  if (failed) {
    const others = count('failed', 'blocked') - 1;
    const more = others <= 0 ? undefined : others === 1 ? l10n.t('1 more was not provisioned.') : l10n.t('{0} more were not provisioned.', others);
    say(sentences(failureOf(failed), more), { weight: 'error', answers: [...(isActive ? [calling(l10n.t('Why?'), 'lakeTutorial.whyNotDone', failed.step)] : []), showLog()] });
    return;
  }
  const [created, updated, unknown] = [count('created'), count('updated', 'adopted'), count('unknown')];
  const titles = (of: readonly AppliedResource[]): string[] => steps.filter(({ id }) => of.some((each) => each.step === id)).map(titleOf);
  const changed = resources.filter(({ state }) => ['created', 'updated', 'adopted'].includes(state));
  const asked = steps.find(({ id }) => id === step);
  const along = titles(changed.filter((each) => each.step !== step));
  const message = changed.length + unknown === 0
    ? l10n.t('Nothing to do: everything is as it should be.')
    : asked
      ? sentences(
        l10n.t('"{0}" is provisioned.', titleOf(asked)),
        along.length > 0 ? l10n.t('With it came what it needs: {0}.', along.join(', ')) : undefined,
      )
      : l10n.t('The lake is provisioned, in {0} s: {1}, {2}.', seconds(ms), created === 1 ? l10n.t('1 thing made') : l10n.t('{0} things made', created), updated === 1 ? l10n.t('1 put right') : l10n.t('{0} put right', updated));
  const said = sentences(message, unknown === 0 ? undefined : unknown === 1 ? l10n.t('1 could not be told.') : l10n.t('{0} could not be told.', unknown));
  if (isActive) {
    achieved(services, said);
  } else {
    tell(said);
  }
}

const failureOf = ({ title, reason }: AppliedResource): string => l10n.t('{0} could not be provisioned: {1}', title, reason ?? '');

const icons: Readonly<Record<Action, string>> = { create: 'add', update: 'edit', none: 'pass', adopt: 'git-merge', unknown: 'question' };

function actionName(action: Action): string {
  const names: Readonly<Record<Action, () => string>> = {
    create: () => l10n.t('create'),
    update: () => l10n.t('correct'),
    none: () => l10n.t('nothing to do'),
    adopt: () => l10n.t('take over'),
    unknown: () => l10n.t('cannot be told'),
  };
  return names[action]();
}

function countActions({ actions }: Plan): string {
  const count = (action: Action): number => actions.filter((planned) => planned.action === action).length;
  return l10n.t('{0} to create, {1} to correct, {2} to take over, {3} as they should be.', count('create'), count('update'), count('adopt'), count('none'));
}

async function costLine({ cost }: Plan, { model }: Services): Promise<string> {
  const { perHour, perRun, consented } = (await import('../core.ts')).baseCost(cost);
  const [hour, run] = [dollars(about(perHour)), dollars(about(perRun))];
  return sentences(
    model.isSandbox
      ? l10n.t('In the sandbox it costs nothing; on AWS about {0} an hour and {1} a run.', hour, run)
      : l10n.t('It costs about {0} an hour while it stands and {1} for each run.', hour, run),
    consented > 0 ? l10n.t('QuickSight, for those who agree to it: {0} a month more.', dollars(about(consented * hoursOfMonth))) : undefined,
  );
}

/** Hours in a month, on average: as AWS's own price pages count. */
const hoursOfMonth = 730;

function costOf(perHour: number | undefined, perRun: number | undefined): string {
  return [
    perHour === undefined ? '' : l10n.t('{0} an hour', dollars(perHour)),
    perRun === undefined ? '' : l10n.t('{0} a run', dollars(perRun)),
  ].filter(Boolean).join(' · ');
}
