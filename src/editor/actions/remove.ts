import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { sentence, sentences } from '../../errors.ts';
import type { DownResult } from '../../provision/down.ts';
import type { ProvisionOptions, Resource } from '../../provision/account-view.ts';
import type { VerifiedStep } from '../../provision/verify.ts';
import type { ResourceKind } from '../../resources/kind.ts';
import type { Tutorial } from '../../tutorial/model.ts';
import { withAccountProgress } from '../operations.ts';
import { say, showLog, tell } from '../messages.ts';
import { confirm, pickStep, seconds } from '../prompts.ts';
import { titleOf } from '../stepState.ts';
import type { ConsentArguments, StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';

/** Removes one step's resources and all that depends on them. */
export async function removeStep(services: Services, values: StepArguments & ConsentArguments): Promise<DownResult | undefined> {
  const { steps } = await services.tutorial.load();
  const removable = steps.filter((step) => step.provisions.length > 0);
  const step = values.step ?? (await pickStep(removable, services.steps.states(), l10n.t('Remove which step?')));
  const found = steps.find(({ id }) => id === step);
  return remove(services, l10n.t('Lake Tutorial: removing "{0}"', found?.title ?? step), l10n.t('Remove "{0}" and what depends on it?', found ? titleOf(found) : step), values, [step]);
}

/** What takes over what a look after the removal found. */
type Accept = (steps: readonly VerifiedStep[]) => void;

/**
 * Removes everything that is ours, and looks whether anything is left.
 *
 * @param other another tutorial than the one that everything works on.
 */
export function tearDown(services: Services, values: ConsentArguments, other?: { readonly of: Tutorial; readonly accept: Accept }): Promise<DownResult | undefined> {
  return remove(services, l10n.t('Lake Tutorial: tearing down'), l10n.t('Remove everything that the tutorial made?'), values, undefined, other);
}

async function remove(services: Services, title: string, question: string, values: ConsentArguments, steps: readonly string[] | undefined, other?: { readonly of: Tutorial; readonly accept: Accept }): Promise<DownResult | undefined> {
  const result = await withAccountProgress(services, title, async (account) => {
    const { down, verify } = await import('../core.ts');
    const options: ProvisionOptions = { ...account, ...(steps && { steps }) };
    if (!values.yes) {
      const going = await whatGoes(options);
      if (going.length === 0) {
        say(l10n.t('There is nothing of the tutorial to remove.'));
        return undefined;
      }
      const where = services.model.isSandbox ? l10n.t('In the sandbox:') : l10n.t('In the AWS account {0}, region {1}:', services.model.accountId ?? '', services.model.target.region);
      await confirm(question, [where, ...groupLines(going.map(({ kind }) => kind)), '', l10n.t('What you made yourself stays.')].join('\n'), l10n.t('Remove'), l10n.t('Keep'));
    }
    const removed = await down(options);
    const cleanup = options.tutorial.steps.find(({ role }) => role === 'cleanup');
    if (!steps && cleanup) {
      const left = (await verify({ ...account, onProgress: undefined, steps: [cleanup.id] })).steps;
      (other?.accept ?? ((seen) => services.steps.accept(seen)))(left);
    }
    return removed;
  }, { of: other?.of });
  if (result) {
    tellResult(services, result, steps === undefined && !other);
  }
  return result;
}

/** The resources that exist and are ours, so that the question names what is really removed. */
async function whatGoes(options: ProvisionOptions): Promise<Resource[]> {
  const { AccountView, isFatal, resourcesOf, unseenBecause, withDependants } = await import('../core.ts');
  const account = await AccountView.open(options);
  const all = resourcesOf(options.tutorial, undefined, true);
  const candidates = (options.steps ? withDependants(all, options.steps) : all).filter(({ kind }) => kind.remove);
  const observations = await Promise.all(candidates.map((resource) => account.observe(resource)));
  return candidates.filter((_, index) => {
    const observation = observations[index];
    if (observation?.kind === 'error' && isFatal(observation.error)) {
      throw observation.error;
    }
    // What could not be looked at may be there: it must not be said that nothing is.
    return observation !== undefined && (observation.kind === 'unknown' || unseenBecause(observation) !== undefined || (observation.kind === 'found' && observation.found.owner === 'ours'));
  });
}

function tellResult(services: Services, { removed, left, failed, unseen, ms }: DownResult, everything: boolean): void {
  const { log } = services;
  removed.forEach((id) => log.info(`down ${id}: removed`));
  left.forEach(({ id, why }) => log.info(`down ${id}: left: ${why}`));
  failed.forEach(({ id, why }) => log.error(`down ${id}: failed: ${why}`));
  log.info(`down: ${removed.length} removed, ${left.length} left, ${failed.length} failed, ${ms} ms`);
  const [first] = failed;
  if (first) {
    tell(l10n.t('{0} could not be removed: {1} Correct the cause and tear down again.', first.id, sentence(first.why)), { warning: true });
    return;
  }
  const unknown = left.find(({ id }) => unseen.includes(id));
  if (unknown) {
    tell(l10n.t('{0}: {1} Correct the cause and tear down again.', unknown.id, sentence(unknown.why)), { warning: true });
    return;
  }
  const count = removed.length === 1 ? l10n.t('1 thing is gone, after {0} s.', seconds(ms)) : l10n.t('{0} things are gone, after {1} s.', removed.length, seconds(ms));
  const on = everything ? services.steps.completedOn : undefined;
  const completed = on && l10n.t('You completed the tutorial on {0}: that stays.', new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'long' }).format(on));
  const stays = left.length === 0 ? undefined : left.length === 1 ? l10n.t('1 stays on purpose.') : l10n.t('{0} stay on purpose.', left.length);
  say(sentences(everything ? l10n.t('What the tutorial made is removed.') : undefined, count, stays, completed), {
    answers: [...(left.length > 0 ? [{ title: l10n.t('What Stays and Why'), run: () => showWhatStays(services, left) }] : []), showLog()],
  });
}

/** What was not removed, each with the reason: none of it is a failure. */
async function showWhatStays({ documents }: Services, left: DownResult['left']): Promise<void> {
  const { findKind } = await import('../core.ts');
  const lines = left.map(({ id, why }) => `- **${findKind(id)?.title() ?? id}**: ${why}`);
  await documents.show('removed/stays.md', [`# ${l10n.t('What stays, and why')}`, '', l10n.t('Nothing went wrong here. These were left alone on purpose:'), '', ...lines, ''].join('\n'), 'markdown');
}

/** So many names a group tells; the rest it counts. */
const namesOfGroup = 3;

/** What people call services whose names in types differ. */
const serviceNames: Readonly<Record<string, string>> = { LakeFormation: 'Lake Formation', Events: 'EventBridge', SSM: 'Systems Manager' };

/** Things by the service that they are of, each group a line: thirty names in a paragraph nobody reads. */
function groupLines(kinds: readonly Pick<ResourceKind, 'title' | 'type'>[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { type, title } of kinds) {
    const parts = type.split('::');
    const short = parts.length > 2 ? (parts[1] ?? type) : (parts[0] ?? type);
    const service = serviceNames[short] ?? short;
    groups.set(service, [...(groups.get(service) ?? []), title()]);
  }
  return [...groups].map(([service, titles]) => {
    const more = titles.length - namesOfGroup;
    const names = titles.slice(0, more === 1 ? titles.length : namesOfGroup).join(', ');
    return `• ${service} (${titles.length}): ${more > 1 ? l10n.t('{0} and {1} more', names, more) : names}`;
  });
}
