import * as l10n from '@vscode/l10n';
import { AwsError } from '../aws/errors.ts';
import { sentences, type UserError } from '../errors.ts';
import type { Context, ResourceKind } from '../resources/kind.ts';
import { Unknowable } from '../resources/support.ts';
import { AccountView, dependencies, isFatal, resourcesOf, unseenBecause, type ProvisionOptions, type Resource } from './account-view.ts';

export interface DownResult {
  readonly removed: readonly string[];
  readonly left: readonly { readonly id: string; readonly why: string }[];
  readonly failed: readonly { readonly id: string; readonly why: string }[];
  /** What could not be looked at, and so may still be there: part of `left`, and no success. */
  readonly unseen: readonly string[];
  readonly ms: number;
}

/**
 * Removes what is ours, in the reverse order of its dependencies, and nothing else.
 *
 * With `steps`, what depends on those steps' resources goes too: a bucket is not taken from under its location.
 *
 * @throws UserError when the account cannot be looked at at all.
 */
export async function down(options: ProvisionOptions): Promise<DownResult> {
  const start = performance.now();
  const account = await AccountView.open(options);
  const all = resourcesOf(options.tutorial, undefined, true);
  const resources = options.steps ? withDependants(all, options.steps) : all;
  account.expect(resources.length);
  const outcomes = new Map<string, Promise<Outcome>>();
  const dependants = (kind: ResourceKind): Resource[] => resources.filter((other) => dependencies(other.kind).some(({ id }) => id === kind.id));
  const remove = (resource: Resource): Promise<Outcome> => {
    let outcome = outcomes.get(resource.kind.id);
    if (!outcome) {
      outcome = removeOne(account, resource, dependants(resource.kind).map(remove));
      outcome.catch(() => undefined);
      outcomes.set(resource.kind.id, outcome);
    }
    return outcome;
  };
  // All are read before the first is removed: whose a registration is, its bucket tells.
  await Promise.all(resources.map((resource) => account.observe(resource)));
  const results = await Promise.all(resources.map(remove));
  return {
    removed: results.flatMap((result) => (result.state === 'removed' ? [result.id] : [])),
    left: results.flatMap((result) => (result.state === 'left' || result.state === 'unseen' ? [{ id: result.id, why: result.why }] : [])),
    failed: results.flatMap((result) => (result.state === 'failed' ? [{ id: result.id, why: result.why }] : [])),
    unseen: results.flatMap((result) => (result.state === 'unseen' ? [result.id] : [])),
    ms: Math.round(performance.now() - start),
  };
}

/** So long something is tried to be removed while what may use it could not be looked at. */
const UNSEEN_PATIENCE_MS = 15_000;

type Outcome = { readonly id: string } & ({ readonly state: 'removed' | 'absent' } | { readonly state: 'left' | 'failed' | 'unseen'; readonly why: string });

/** The resources of some steps and all that, directly or not, depends on them. */
export function withDependants(all: readonly Resource[], steps: readonly string[]): Resource[] {
  const chosen = new Set(all.filter(({ step }) => steps.includes(step)).map(({ kind }) => kind.id));
  for (let size = -1; size !== chosen.size; ) {
    size = chosen.size;
    for (const { kind } of all) {
      if (dependencies(kind).some(({ id }) => chosen.has(id))) {
        chosen.add(kind.id);
      }
    }
  }
  return all.filter(({ kind }) => chosen.has(kind.id));
}

/** What could not be looked at is not gone. What nothing of ours removes is none of our business. */
function unseen({ id, remove }: ResourceKind, error: UserError): Outcome {
  return remove ? { id, state: 'unseen', why: sentences(l10n.t('Not known whether it is still there.'), error.message) } : { id, state: 'absent' };
}

/** Others may remove the same at the same moment: a removal that finds a part gone looks again, so often. */
const MOST_LOOKS = 10;

/** Removes a resource, or as much of it as another run leaves. */
async function removeWithOthers(kind: ResourceKind, context: Context, found: unknown): Promise<void> {
  let state = found;
  for (let looks = 0; ; looks++) {
    try {
      await kind.remove?.(context, state);
      return;
    } catch (error) {
      if (looks >= MOST_LOOKS || !AwsError.is(error, 'notFound')) {
        throw error;
      }
      context.signal.throwIfAborted();
      const now = await kind.read(context);
      if (now?.owner !== 'ours') {
        return;
      }
      state = now.state;
    }
  }
}

async function removeOne(account: AccountView, resource: Resource, before: readonly Promise<Outcome>[]): Promise<Outcome> {
  const { kind } = resource;
  const { id } = kind;
  const end = (outcome: Outcome): Outcome => {
    account.report(resource, outcome.state === 'failed' || outcome.state === 'unseen' ? 'failed' : 'done', 'why' in outcome ? outcome.why : undefined);
    return outcome;
  };
  const [observation, dependantsGone] = await Promise.all([account.observe(resource), Promise.all(before)]);
  account.signal.throwIfAborted();
  if (observation.kind === 'missing') {
    return end({ id, state: 'absent' });
  }
  if (observation.kind === 'error') {
    // A region may have no QuickSight at all: what was never consented to must not keep the rest from going.
    if (isFatal(observation.error) && !kind.consent) {
      throw observation.error;
    }
    // What was never consented to may not even be offered in the region.
    if (kind.consent || !unseenBecause(observation)) {
      return end({ id, state: 'left', why: observation.error.message });
    }
  }
  if (observation.kind === 'error' || observation.kind === 'denied') {
    return end(unseen(kind, observation.error));
  }
  if (observation.kind === 'unknown') {
    return end(kind.remove ? { id, state: 'left', why: observation.reason } : { id, state: 'absent' });
  }
  const { owner, state, region } = observation.found;
  if (owner === 'elsewhere') {
    return end({ id, state: 'left', why: l10n.t('It belongs to the tutorial\'s lake in {0}.', region ?? '') });
  }
  if (owner !== 'ours' || !kind.remove) {
    // What exists only inside another resource, or belongs to the account as a whole, is worth a word only if there is one to say.
    return end(owner === 'ours' || owner === 'shared' ? (kind.stays ? { id, state: 'left', why: kind.stays() } : { id, state: 'absent' }) : { id, state: 'left', why: owner === 'adopted' ? (kind.stays?.() ?? l10n.t('It was yours before the tutorial adopted it.')) : l10n.t('It was not made by the tutorial.') });
  }
  // What may use it and could not be looked at does not hold it back: it is ours and may cost money, and AWS keeps what is in use.
  const blocking = dependantsGone.find((outcome) => outcome.state === 'failed');
  if (blocking) {
    return end({ id, state: 'failed', why: l10n.t('{0} uses it and could not be removed.', blocking.id) });
  }
  account.report(resource, 'removing');
  try {
    // It would be waited for to no end: nobody takes away what is not seen.
    const patience = dependantsGone.some((outcome) => outcome.state === 'unseen') ? UNSEEN_PATIENCE_MS : undefined;
    await removeWithOthers(kind, account.context(resource, 'observed', patience), state);
    return end({ id, state: 'removed' });
  } catch (error) {
    if (error instanceof Unknowable) {
      return end({ id, state: 'left', why: error.message });
    }
    const failure = account.failure(error);
    if (AwsError.is(error, 'unimplemented')) {
      return end({ id, state: 'left', why: failure.message });
    }
    if (isFatal(failure)) {
      throw failure;
    }
    return end({ id, state: 'failed', why: failure.message });
  }
}
