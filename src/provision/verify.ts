import * as l10n from '@vscode/l10n';
import { AwsError } from '../aws/errors.ts';
import { sentences } from '../errors.ts';
import type { Finding } from '../resources/kind.ts';
import type { Step } from '../tutorial/model.ts';
import { callerProblem } from './caller.ts';
import { AccountView, dependencies, elsewhere, isFatal, preload, resourcesOf, stepsOf, unseenBecause, type ProvisionOptions, type Resource } from './account-view.ts';

/** `nothing`: the step asks for nothing that could be looked at. `waiting`: it was made, and its result is still to come. */
export type StepState = 'done' | 'missing' | 'wrong' | 'unknown' | 'nothing' | 'waiting';

export interface VerifiedFinding extends Finding {
  /** The resource kind that it is about; none for findings about the identity. */
  readonly resource?: string;
}

/** One of a step's resources, as it was seen to be. */
export interface VerifiedResource {
  /** Its kind. */
  readonly id: string;
  readonly title: string;
  readonly state: StepState;
}

export interface VerifiedStep {
  readonly id: string;
  readonly title: string;
  readonly state: StepState;
  readonly findings: readonly VerifiedFinding[];
  /** What the step provisions, thing by thing. */
  readonly resources?: readonly VerifiedResource[];
  /** What was looked at, what was found there and what was expected, in words; where the step is not done. */
  readonly looked?: string;
  readonly found?: string;
  readonly expected?: string;
}

/** What a resource was seen to be. */
export interface Verdict {
  readonly state: StepState;
  readonly findings: readonly VerifiedFinding[];
}

/** What trials showed, by resource kind. */
export type ProbedVerdicts = Map<string, Verdict>;

export interface VerifyOptions extends ProvisionOptions {
  /** Whether to try out what only a trial shows: test the connection, ask the instance. Not for a look that nobody asked for. Default true. */
  readonly probe?: boolean;
  /** What earlier trials showed: brought up to date by a look that tries, and believed by one that does not. */
  readonly probed?: ProbedVerdicts;
}

export interface VerifyResult {
  readonly steps: readonly VerifiedStep[];
}

/**
 * Looks at the account, step by step, and changes nothing.
 *
 * The clean-up step is verified only when it is asked for: while one learns, everything is there.
 *
 * @throws UserError when the account cannot be looked at at all.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  preload(options.connection, resourcesOf(options.tutorial, options.steps, false));
  const account = await AccountView.open(options);
  const steps = stepsOf(options.tutorial, options.steps).filter((step) => options.steps !== undefined || step.role !== 'cleanup');
  account.expect(steps.length);
  return { steps: await Promise.all(steps.map((step) => verifyStep(account, step, options))) };
}

async function verifyStep(account: AccountView, step: Step, options: VerifyOptions): Promise<VerifiedStep> {
  const base = { id: step.id, title: step.title };
  if (step.role === 'cleanup') {
    return { ...base, ...(await verifyGone(account)) };
  }
  if (step.provisions.length === 0) {
    return { ...base, ...verifyIdentity(account) };
  }
  const resources = resourcesOf(account.options.tutorial, [step.id], false).filter(({ kind }) => !account.isLeftOut(kind));
  const verdicts = await Promise.all(resources.map((resource) => verifyResource(account, resource, options)));
  const states = verdicts.map(({ state }) => state);
  const worst = (['missing', 'wrong', 'unknown'] as const).find((state) => states.includes(state)) ?? 'done';
  return { ...base, state: worst, findings: verdicts.flatMap(({ findings }) => findings), resources: resources.map(({ kind }, at) => ({ id: kind.id, title: kind.title(), state: states[at] ?? 'unknown' })) };
}

async function verifyResource(account: AccountView, resource: Resource, { probe = true, probed }: VerifyOptions): Promise<Verdict> {
  const { kind } = resource;
  if (!kind.probe && !kind.readTries) {
    return judge(account, resource, false);
  }
  if (probe) {
    const verdict = await judge(account, resource, true);
    probed?.set(kind.id, verdict);
    return verdict;
  }
  // What can be seen without a trial counts first: the thing itself, or what it stands on.
  const seen = kind.readTries ? await missingBelow(account, resource) : await judge(account, resource, false);
  if (seen && seen.state !== 'done') {
    return seen;
  }
  return probed?.get(kind.id) ?? {
    state: 'unknown',
    findings: [{ code: `${kind.id}.not-tried`, message: l10n.t('{0}: only trying it shows whether it works.', kind.title()), fix: l10n.t('Verify the step.'), unknown: true, resource: kind.id }],
  };
}

/** The verdict on what cannot be there, since something that it depends on is not. */
async function missingBelow(account: AccountView, resource: Resource): Promise<Verdict | undefined> {
  for (const kind of dependencies(resource.kind)) {
    const needed = account.resourceOf(kind);
    const gone = kind.readTries ? await missingBelow(account, needed) : (await account.observe(needed)).kind === 'missing';
    if (gone) {
      return missing(resource);
    }
  }
  return undefined;
}

function missing({ kind, step }: Resource): Verdict {
  const finding = kind.create
    ? { code: `${kind.id}.missing`, message: l10n.t('{0}: not there.', kind.title()), fix: l10n.t('Provision the step "{0}".', step) }
    : { code: `${kind.id}.missing`, message: l10n.t('{0}: none yet.', kind.title()), fix: l10n.t('Wait a few minutes, then verify again; if nothing comes, verify the steps before this one.') };
  return { state: 'missing', findings: [{ ...finding, resource: kind.id }] };
}

async function judge(account: AccountView, resource: Resource, probe: boolean): Promise<Verdict> {
  const { kind } = resource;
  const about = (findings: readonly Finding[]): VerifiedFinding[] => findings.map((finding) => ({ ...finding, resource: kind.id }));
  const observation = await account.observe(resource);
  if (observation.kind === 'error') {
    if (isFatal(observation.error)) {
      throw observation.error;
    }
    const { code, what, why, next } = observation.error;
    return { state: 'wrong', findings: about([{ code, message: sentences(what, why), fix: next ?? '' }]) };
  }
  if (observation.kind === 'denied') {
    const { code, what, why, next } = observation.error;
    return { state: 'unknown', findings: about([{ code, message: sentences(what, why), fix: next ?? '', unknown: true }]) };
  }
  if (observation.kind === 'unknown') {
    return { state: 'unknown', findings: about([{ code: `${kind.id}.unknown`, message: observation.reason, fix: l10n.t('Nothing to do: this endpoint cannot tell. On AWS it can be seen.'), unknown: true }]) };
  }
  if (observation.kind === 'missing') {
    return missing(resource);
  }
  if (observation.found.owner === 'elsewhere') {
    const { code, what, next } = elsewhere(kind, observation.found.region ?? '');
    return { state: 'wrong', findings: about([{ code, message: what, fix: next ?? '' }]) };
  }
  let findings: Finding[];
  try {
    findings = await account.check(resource, observation.found.state, 'observed', probe);
  } catch (error) {
    const failure = account.failure(error);
    return { state: 'wrong', findings: about([{ code: failure.code, message: sentences(failure.what, failure.why), fix: failure.next ?? '' }]) };
  }
  const state = findings.length === 0 ? 'done' : findings.every(({ unknown }) => unknown) ? 'unknown' : 'wrong';
  return { state, findings: about(findings) };
}

/** The first step provisions nothing: it is done when the caller is somebody who can go on. */
function verifyIdentity(account: AccountView): { state: StepState; findings: VerifiedFinding[] } {
  const problem = callerProblem(account.identity);
  return problem
    ? { state: 'wrong', findings: [{ code: problem.code, message: problem.what, fix: problem.next ?? '' }] }
    : { state: 'done', findings: [] };
}

/** Clean-up is done when nothing that is ours is left. */
async function verifyGone(account: AccountView): Promise<{ state: StepState; findings: VerifiedFinding[] }> {
  const resources = resourcesOf(account.options.tutorial, undefined, true);
  const left = await Promise.all(
    resources.map(async (resource): Promise<VerifiedFinding[]> => {
      const observation = await account.observe(resource);
      if (observation.kind === 'found' && observation.found.owner === 'ours') {
        const obstacle = await obstacleToRemoval(account, resource);
        return [obstacle ?? { code: 'teardown.left', message: l10n.t('Still there: {0}.', resource.kind.title()), fix: l10n.t('Tear down again.'), resource: resource.kind.id }];
      }
      const reason = unseenBecause(observation);
      if (reason && resource.kind.remove) {
        const { code, message, next } = reason;
        return [{ code, message: sentences(l10n.t('Not known whether it is still there.'), message), fix: next ?? l10n.t('Look at it in the console.'), unknown: true, resource: resource.kind.id }];
      }
      return observation.kind === 'unknown' && observation.reason && resource.kind.remove
        ? [{ code: `${resource.kind.id}.unknown`, message: observation.reason, fix: l10n.t('Look at it in the console.'), unknown: true, resource: resource.kind.id }]
        : [];
    }),
  );
  const findings = left.flat();
  return { state: findings.length === 0 ? 'done' : findings.every(({ unknown }) => unknown) ? 'unknown' : 'wrong', findings };
}

/** Why the endpoint, when it is not AWS itself, cannot remove something: no failure of the learner's. */
async function obstacleToRemoval(account: AccountView, resource: Resource): Promise<VerifiedFinding | undefined> {
  const { kind } = resource;
  if (!kind.removable || !account.connection.options.endpoint) {
    return undefined;
  }
  try {
    await kind.removable(account.context(resource, 'observed'));
  } catch (error) {
    const failure = account.failure(error);
    if (AwsError.is(error, 'unimplemented')) {
      return { code: `${kind.id}.unknown`, message: failure.message, fix: l10n.t('Look at it in the console.'), unknown: true, resource: kind.id };
    }
  }
  return undefined;
}
