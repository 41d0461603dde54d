import { AwsError } from '../aws/errors.ts';
import type { Cost } from '../resources/kind.ts';
import { AccountView, isFatal, preload, resourcesOf, type ProvisionOptions, type Resource } from './account-view.ts';

/** Something that exists and is charged: by the hour, or (with 0 an hour) by what it is used for. */
export interface ChargedResource {
  readonly resource: string;
  readonly step: string;
  readonly title: string;
  /** USD an hour as it is now. */
  readonly perHour: number;
  /** USD for each run of the workflow. */
  readonly perRun?: number;
  /** ISO 8601; null where AWS does not tell. */
  readonly since: string | null;
  /** USD by now, had it been all the time as it is; null where nobody knows since when. */
  readonly soFar: number | null;
  /** What it is charged for; localized. */
  readonly what: readonly string[];
}

export interface Costs {
  readonly resources: readonly ChargedResource[];
  readonly perHour: number;
  readonly perRun: number;
  readonly currency: 'USD';
  /** The sum of what can be told. */
  readonly soFar: number;
  /** What may be there and was not seen: its cost is in no sum. `denied` where AWS refused the look, rather than that the endpoint has no answer. */
  readonly unknown: readonly { readonly resource: string; readonly title: string; readonly why: string; readonly denied: boolean }[];
}

const hourMs = 3_600_000;
const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/**
 * What of the tutorial exists now and is charged, whoever made it; changes nothing.
 *
 * @throws UserError when the account cannot be looked at at all.
 */
export async function costs(options: ProvisionOptions, now = Date.now()): Promise<Costs> {
  // What was consented to once is charged, whether or not this call consents too.
  const charged = resourcesOf(options.tutorial, options.steps, true).filter(({ kind }) => kind.costs);
  preload(options.connection, charged);
  const account = await AccountView.open(options);
  account.expect(charged.length);
  const resources: ChargedResource[] = [];
  const unknown: Costs['unknown'][number][] = [];
  await Promise.all(charged.map(async (resource) => {
    const { id: name, title } = resource.kind;
    const observation = await account.observe(resource);
    if (observation.kind === 'error' && isFatal(observation.error) && !resource.kind.consent) {
      throw observation.error;
    }
    if (observation.kind === 'found') {
      resources.push(await charge(account, resource, observation.found.state, now));
    } else if (observation.kind !== 'missing') {
      unknown.push({ resource: name, title: title(), why: observation.kind === 'unknown' ? observation.reason : observation.error.message, denied: observation.kind === 'denied' || (observation.kind === 'error' && !resource.kind.consent) });
    }
    account.report(resource, 'done');
  }));
  const order = new Map(charged.map(({ kind }, index) => [kind.id, index]));
  const inOrder = <T extends { readonly resource: string }>(items: T[]): T[] => items.sort((one, other) => (order.get(one.resource) ?? 0) - (order.get(other.resource) ?? 0));
  const sum = (of: (each: ChargedResource) => number | null | undefined): number => round(resources.reduce((all, each) => all + (of(each) ?? 0), 0));
  return {
    resources: inOrder(resources), perHour: sum(({ perHour }) => perHour), perRun: sum(({ perRun }) => perRun), currency: 'USD', soFar: sum(({ soFar }) => soFar), unknown: inOrder(unknown),
  };
}

async function charge(account: AccountView, resource: Resource, state: unknown, now: number): Promise<ChargedResource> {
  const { kind, step } = resource;
  const items: readonly Cost[] = (kind.costs ?? []).filter((item) => item.times?.(state) !== 0);
  const total = (of: (item: Cost) => number | undefined): number => round(items.reduce((sum, item) => sum + (of(item) ?? 0) * (item.times?.(state) ?? 1), 0));
  const since = await sinceWhen(account, resource, state);
  const [perHour, perRun] = [total((item) => item.perHour), total((item) => item.perRun)];
  return {
    resource: kind.id, step, title: kind.title(), perHour, ...(perRun > 0 && { perRun }),
    since: since?.toISOString() ?? null,
    soFar: perHour === 0 ? 0 : since ? round((perHour * Math.max(0, now - since.getTime())) / hourMs) : null,
    what: items.map(({ what }) => what()),
  };
}

/** That it is charged is known, and since when is only said beside it: who may not see that sees the rest. */
async function sinceWhen(account: AccountView, resource: Resource, state: unknown): Promise<Date | undefined> {
  try {
    return await resource.kind.since?.(account.context(resource, 'observed'), state);
  } catch (error) {
    account.signal.throwIfAborted();
    if (AwsError.is(error)) {
      return undefined;
    }
    throw error;
  }
}
