import * as l10n from '@vscode/l10n';
import { sentences } from '../errors.ts';
import { changesOf } from './adoption.ts';
import { isMendable, type Finding } from '../resources/kind.ts';
import { AccountView, isFatal, preload, resourcesOf, type ProvisionOptions, type Resource } from './account-view.ts';
import { comesByItself, fine } from './words.ts';

export type Action = 'create' | 'update' | 'none' | 'adopt' | 'unknown';

export interface PlannedAction {
  readonly resource: string;
  readonly step: string;
  readonly title: string;
  readonly action: Action;
  readonly reason: string;
}

export interface Plan {
  readonly actions: readonly PlannedAction[];
  /** What the tutorial costs once it is provisioned, approximately: USD an hour while it stands, USD for each run of its workflow. */
  readonly cost: { readonly perHour: number; readonly perRun: number; readonly currency: 'USD'; readonly items: readonly { readonly resource: string; readonly what: string; readonly perHour?: number; readonly perRun?: number; readonly consent?: 'quicksight' }[] };
}

/**
 * What {@link up} would do; changes nothing.
 *
 * @throws UserError when the account cannot be looked at at all, or has the lake in another region.
 */
export async function plan(options: ProvisionOptions): Promise<Plan> {
  preload(options.connection, resourcesOf(options.tutorial, options.steps, true));
  return planIn(await AccountView.open(options));
}

/** What everybody pays who provisions the tutorial; and, apart from it, what those pay an hour who have agreed to a monthly cost, as the sandbox does for nobody's money. */
export function baseCost({ items }: Plan['cost']): { readonly perHour: number; readonly perRun: number; readonly consented: number } {
  const sum = (of: readonly Plan['cost']['items'][number][], figure: 'perHour' | 'perRun'): number => of.reduce((all, item) => all + (item[figure] ?? 0), 0);
  const base = items.filter(({ consent }) => consent === undefined);
  return { perHour: sum(base, 'perHour'), perRun: sum(base, 'perRun'), consented: sum(items.filter(({ consent }) => consent !== undefined), 'perHour') };
}

export async function planIn(account: AccountView): Promise<Plan> {
  const resources = resourcesOf(account.options.tutorial, account.options.steps, true).filter(({ kind }) => !account.isLeftOut(kind));
  account.expect(resources.length);
  const actions = await Promise.all(
    resources.map(async (resource) => {
      const action = await planOne(account, resource);
      account.report(resource, 'done');
      return action;
    }),
  );
  await account.requireHere(resources);
  const round = (value: number): number => Math.round(value * 10_000) / 10_000;
  const items = resources.flatMap(({ kind }) =>
    (kind.costs ?? []).map((cost) => ({ resource: kind.id, what: cost.what(), ...(cost.perHour !== undefined && { perHour: cost.perHour }), ...(cost.perRun !== undefined && { perRun: cost.perRun }), ...(kind.consent && { consent: kind.consent }) })),
  );
  return {
    actions,
    cost: {
      perHour: round(items.reduce((sum, item) => sum + (item.perHour ?? 0), 0)),
      perRun: round(items.reduce((sum, item) => sum + (item.perRun ?? 0), 0)),
      currency: 'USD',
      items,
    },
  };
}

async function planOne(account: AccountView, resource: Resource): Promise<PlannedAction> {
  const base = { resource: resource.kind.id, step: resource.step, title: resource.kind.title() };
  const observation = await account.observe(resource);
  switch (observation.kind) {
    case 'error':
      if (isFatal(observation.error)) {
        throw observation.error;
      }
      return { ...base, action: 'unknown', reason: observation.error.message };
    case 'denied':
      return { ...base, action: 'unknown', reason: observation.error.message };
    case 'unknown':
      return { ...base, action: 'unknown', reason: observation.reason };
    case 'missing':
      return resource.kind.create
        ? { ...base, action: 'create', reason: l10n.t('It is not there yet.') }
        : { ...base, action: 'none', reason: comesByItself() };
    case 'found': {
      let findings: Finding[];
      try {
        findings = await account.check(resource, observation.found.state, 'observed');
      } catch (error) {
        return { ...base, action: 'unknown', reason: account.failure(error).message };
      }
      const wrong = sentences(...findings.map(({ message }) => message));
      if (observation.found.owner === 'foreign') {
        const changes = await changesOf(account, resource, observation.found.state);
        return { ...base, action: 'adopt', reason: sentences(l10n.t('It is there and was not made by the tutorial.'), ...changes) };
      }
      return findings.some(isMendable) && resource.kind.update ? { ...base, action: 'update', reason: wrong } : { ...base, action: 'none', reason: wrong || fine() };
    }
  }
}
