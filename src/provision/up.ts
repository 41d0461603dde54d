import * as l10n from '@vscode/l10n';
import { UserError, sentences } from '../errors.ts';
import { AwsError } from '../aws/errors.ts';
import { isMendable } from '../resources/kind.ts';
import { Unknowable } from '../resources/support.ts';
import { adoptionLead, adoptionLines, adoptions, type Adoption } from './adoption.ts';
import { callerProblem } from './caller.ts';
import { AccountView, dependencies, graphDepth, isFatal, preload, resourcesOf, type ProvisionOptions, type Resource } from './account-view.ts';
import { comesByItself } from './words.ts';

export type AppliedState = 'created' | 'updated' | 'adopted' | 'unchanged' | 'unknown' | 'failed' | 'blocked';

export interface AppliedResource {
  readonly resource: string;
  readonly step: string;
  readonly title: string;
  readonly state: AppliedState;
  /** Milliseconds from when its turn came until it was settled. */
  readonly ms: number;
  /** Why it is unknown, failed or blocked. */
  readonly reason?: string;
  readonly error?: UserError;
}

export interface UpResult {
  readonly resources: readonly AppliedResource[];
  readonly ms: number;
  /** Calls made to AWS, how many of them were repeated by the SDK, and the longest chain of dependencies. */
  readonly calls: number;
  readonly retries: number;
  readonly depth: number;
}

export interface UpOptions extends ProvisionOptions {
  /** Consents to taking over what has the tutorial's names but was not made by it. Called once, with all of it and what that changes. */
  readonly adopt: (found: readonly Adoption[]) => Promise<boolean>;
}

/**
 * Provisions the tutorial's resources as a graph: all are read at once, and each is created or mended as soon as what it depends on is there.
 *
 * Killed anywhere and run again it goes on where it was. A failure blocks what depends on it and nothing else.
 *
 * @throws UserError when nothing can work at all, the account has the lake in another region, or the user does not consent to an adoption (before anything is changed).
 */
export async function up(options: UpOptions): Promise<UpResult> {
  const start = performance.now();
  const wanted = resourcesOf(options.tutorial, options.steps, true);
  preload(options.connection, wanted);
  const account = await AccountView.open(options);
  const problem = callerProblem(account.identity);
  if (problem?.code === 'account.academy') {
    throw problem;
  }
  const resources = wanted.filter(({ kind }) => !account.isLeftOut(kind));
  account.expect(resources.length);
  const applied = new Map<string, Promise<AppliedResource>>();
  const consent = new Consent(account, resources, options.adopt);
  const apply = (resource: Resource): Promise<AppliedResource> => {
    let result = applied.get(resource.kind.id);
    if (!result) {
      result = applyOne(account, resource, consent, dependencies(resource.kind).filter((kind) => !account.isLeftOut(kind)).map((kind) => apply(account.resourceOf(kind))));
      // Of several rejections only the first is awaited.
      result.catch(() => undefined);
      applied.set(resource.kind.id, result);
    }
    return result;
  };
  const results = await Promise.all(resources.map(apply));
  const { calls, retries } = account.connection.statistics;
  return { resources: results, ms: Math.round(performance.now() - start), calls, retries, depth: graphDepth(resources) };
}

/** Asks once, when all is read, and before the first change: a foreign thing found late must not come after half a lake. */
class Consent {
  readonly given: Promise<void>;
  constructor(account: AccountView, resources: readonly Resource[], ask: UpOptions['adopt']) {
    this.given = this.settle(account, resources, ask);
    this.given.catch(() => undefined);
  }

  private async settle(account: AccountView, resources: readonly Resource[], ask: UpOptions['adopt']): Promise<void> {
    const observations = await Promise.all(resources.map((resource) => account.observe(resource)));
    const fatal = observations.find((observation) => observation.kind === 'error' && isFatal(observation.error));
    if (fatal?.kind === 'error') {
      throw fatal.error;
    }
    await account.requireHere(resources);
    const found = await adoptions(account, resources);
    if (found.length > 0 && !(await ask(found))) {
      throw new UserError('adopt.refused', l10n.t('Nothing was changed: {0} is there and was not made by the tutorial.', found.map(({ id, title }) => `${title} (${id})`).join(', ')), {
        why: [adoptionLead(), ...found.flatMap(adoptionLines)].join('\n'),
        next: l10n.t('Agree to take it over (--yes): it will be completed and used, and never deleted by the tutorial.'),
        exit: 2,
      });
    }
  }
}

async function applyOne(account: AccountView, resource: Resource, consent: Consent, needed: readonly Promise<AppliedResource>[]): Promise<AppliedResource> {
  const { kind } = resource;
  const base = { resource: kind.id, step: resource.step, title: kind.title() };
  let start = performance.now();
  const end = (state: AppliedState, detail: { reason?: string; error?: UserError } = {}): AppliedResource => {
    account.report(resource, state === 'failed' || state === 'blocked' ? 'failed' : 'done', detail.reason);
    return { ...base, state, ms: Math.round(performance.now() - start), ...detail };
  };
  const [first, before] = await Promise.all([account.observe(resource), Promise.all(needed), consent.given]);
  const blocking = before.find(({ state }) => state === 'failed' || state === 'blocked');
  if (blocking) {
    return end('blocked', { reason: l10n.t('It needs {0}, which could not be provisioned.', blocking.title) });
  }
  start = performance.now();
  // Who may not look at first may afterwards: what it needs was made meanwhile, the caller a lake administrator.
  const observation = first.kind === 'denied' && before.some(({ state }) => state === 'created' || state === 'updated' || state === 'adopted') ? await account.observeAgain(resource) : first;
  const context = account.context(resource, 'applied');
  try {
    account.signal.throwIfAborted();
    if (kind.asLakeAdmin && account.identity.kind === 'root') {
      throw callerProblem(account.identity);
    }
    // What may not be looked at is not made either: it may be there, and of some things AWS makes a second one that costs money.
    if (observation.kind === 'error' || observation.kind === 'denied') {
      throw observation.error;
    }
    if (observation.kind === 'found') {
      let { state } = observation.found;
      const foreign = observation.found.owner === 'foreign';
      if (foreign && kind.adopt) {
        account.report(resource, 'adopting');
        await kind.adopt(context, state);
        // Read again: an update from the old state would take the marks of the adoption away, and `down` would delete the learner's own.
        state = (await kind.read(context))?.state ?? state;
      }
      const findings = (await account.check(resource, state, 'applied')).filter(isMendable);
      if (findings.length > 0 && kind.update) {
        account.report(resource, 'updating');
        state = await kind.update(context, state, findings);
        account.settle(kind, Promise.resolve(state));
        return end(foreign ? 'adopted' : 'updated', { reason: sentences(...findings.map(({ message }) => message)) });
      }
      return end(foreign ? 'adopted' : 'unchanged');
    }
    if (!kind.create) {
      return observation.kind === 'unknown' ? end('unknown', { reason: observation.reason }) : end('unchanged', { reason: comesByItself() });
    }
    account.report(resource, 'creating');
    // What the endpoint cannot tell of is still created: creating what is there already is success.
    const created = kind.create(context);
    account.settle(kind, created);
    await created;
    return end(observation.kind === 'unknown' ? 'unknown' : 'created', observation.kind === 'unknown' ? { reason: observation.reason } : {});
  } catch (error) {
    if (error instanceof Unknowable) {
      return end('unknown', { reason: error.message });
    }
    const failure = account.failure(error);
    if (AwsError.is(error, 'unimplemented')) {
      return end('unknown', { reason: failure.message });
    }
    if (isFatal(failure)) {
      throw failure;
    }
    return end('failed', { reason: failure.message, error: failure });
  }
}
