import * as l10n from '@vscode/l10n';
import { AwsError } from '../aws/errors.ts';
import { UserError, sentences } from '../errors.ts';
import type { Finding } from '../resources/kind.ts';
import { Unknowable } from '../resources/support.ts';
import type { Step } from '../tutorial/model.ts';
import { callerProblem } from './caller.ts';
import { AccountView, dependencies, elsewhere, findKind, howToDeclare, isFatal, preload, reliances, resourcesOf, stepsOf, unseenBecause, type ProvisionOptions, type Resource } from './account-view.ts';

/**
 * How far a step is, as the account shows it.
 * - `nothing`: it asks for nothing that could be looked at.
 * - `waiting`: made, and its result is still to come (no row yet, no run yet). No failure.
 */
export type StepState = 'done' | 'missing' | 'wrong' | 'unknown' | 'waiting' | 'nothing';

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
  /** What the step asks for, thing by thing; none where it asks for nothing. */
  readonly resources?: readonly VerifiedResource[];
  /** What was looked at, what was found and what was expected, wherever it is not done. */
  readonly looked?: string;
  readonly found?: string;
  readonly expected?: string;
  /** The step whose findings are the cause of all that is missing or wrong in this one. */
  readonly follows?: string;
}

/** What a resource was seen to be. */
export interface Verdict {
  readonly state: StepState;
  readonly findings: readonly VerifiedFinding[];
  /** Set when it was not seen by itself: by a trial of it, through another resource, or by its result. Then it may only follow from what is wrong elsewhere. */
  readonly seenBy?: 'trial' | 'result';
}

/** What a trial showed. */
export interface Probed {
  readonly verdict: Verdict;
  /** Whether the thing that was tried was there, and well as far as one sees without a trial. */
  readonly sound: boolean;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** What trials showed, by resource kind. */
export type ProbedVerdicts = Map<string, Probed>;

export interface VerifyOptions extends ProvisionOptions {
  /** Whether to try out what only a trial shows: test the connection, ask the instance. Not for a look that nobody asked for. Default true. */
  readonly probe?: boolean;
  /** Whether trials are made too that AWS charges for, such as a query. By default, with `probe`: on AWS only where the steps are named, elsewhere always. */
  readonly charged?: boolean;
  /** What earlier trials showed: brought up to date by a look that tries, and believed by one that does not, as long as what was tried has not come to be since. */
  readonly probed?: ProbedVerdicts;
  /** For where trials cost nothing: a look without `probe` tries what was never tried, and again what was not well so many milliseconds ago. */
  readonly retryMs?: number;
}

export interface VerifyResult {
  readonly steps: readonly VerifiedStep[];
  /** How a tutorial says what its steps provision, where none of them does. */
  readonly hint?: string;
}

/** States from the worst on: a step is as its worst resource. */
const worstFirst: readonly StepState[] = ['missing', 'wrong', 'unknown', 'waiting', 'done', 'nothing'];
const isBad = ({ state }: Pick<Verdict, 'state'>): boolean => state === 'missing' || state === 'wrong';

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
  const verification = new Verification(account, options);
  const looked = await Promise.all(steps.map((step) => verification.look(step)));
  const hint = howToDeclare(options.tutorial);
  return { steps: await Promise.all(looked.map((each) => verification.conclude(each, looked))), ...(hint !== undefined && { hint }) };
}

/** True for a step that is about who is connected: its own check asks that, and it provisions nothing. */
export const isIdentityStep = ({ role, provisions, fences }: Step): boolean =>
  role !== 'cleanup' && provisions.length === 0 && fences.some(({ verify: checks, text }) => checks && /\bsts\s+get-caller-identity\b/.test(text));

interface Seen {
  readonly resource: Resource;
  readonly verdict: Verdict;
}

/** A step as it was looked at: resource by resource, or as a whole where it has none. */
interface LookedStep {
  readonly step: Step;
  readonly seen: readonly Seen[];
  readonly whole?: Pick<VerifiedStep, 'state' | 'findings' | 'looked' | 'found' | 'expected'>;
}

class Verification {
  private readonly probe: boolean;
  private readonly charged: boolean;
  private readonly cheap = new Map<string, Promise<Verdict>>();

  constructor(
    private readonly account: AccountView,
    private readonly options: VerifyOptions,
  ) {
    const { target, endpoint } = options.connection.options;
    this.probe = options.probe ?? true;
    this.charged = this.probe && (options.charged ?? (options.steps !== undefined || target === 'sandbox' || endpoint !== undefined));
  }

  async look(step: Step): Promise<LookedStep> {
    const { account } = this;
    if (step.role === 'cleanup') {
      return { step, seen: [], whole: await verifyGone(account) };
    }
    // By what this step asks for, also where an earlier one asked for it first.
    const kinds = step.provisions.flatMap(({ kind }) => findKind(kind) ?? []);
    const resources = [...new Set(kinds)].filter((kind) => !account.isLeftOut(kind)).map((kind) => account.resourceOf(kind));
    if (resources.length === 0) {
      return { step, seen: [], whole: isIdentityStep(step) ? verifyIdentity(account) : nothing(step, kinds.map((kind) => kind.title())) };
    }
    return { step, seen: await Promise.all(resources.map(async (resource) => ({ resource, verdict: await this.verdictOn(resource) }))) };
  }

  /** Says what a step is: one cause is told once, where it lies. */
  async conclude({ step, seen, whole }: LookedStep, all: readonly LookedStep[]): Promise<VerifiedStep> {
    if (whole) {
      return { id: step.id, title: step.title, ...whole };
    }
    const causes = await Promise.all(seen.map((each) => (isBad(each.verdict) && each.verdict.seenBy ? this.causeOf(each, step, all) : undefined)));
    const verdicts = seen.map(({ resource, verdict }, index) => (verdict.state === 'missing' && !resource.kind.create && !causes[index] ? comesLater(resource) : verdict));
    const state = worstFirst.find((each) => verdicts.some((verdict) => verdict.state === each)) ?? 'done';
    const resources = seen.map(({ resource: { kind } }, index) => ({ id: kind.id, title: kind.title(), state: verdicts[index]?.state ?? state }));
    const base = { id: step.id, title: step.title, resources };
    const own = verdicts.filter((_, index) => !causes[index]).flatMap(({ findings: found }) => found);
    // Beside what has to be mended, what comes by itself afterwards is no news.
    const findings = worstOf(isBad({ state }) ? own.filter(({ waiting }) => !waiting) : own);
    const [cause] = causes.filter((each) => each !== undefined);
    if (state === 'done') {
      return { ...base, state, findings };
    }
    if (findings.some(({ unknown }) => !unknown) || !cause) {
      return { ...base, state, findings: findings.map(explained), ...summary(findings) };
    }
    const [because] = cause.verdict.findings;
    const elsewhere = cause.resource.step !== step.id && all.some(({ step: { id } }) => id === cause.resource.step);
    const ofCause = because ? [explained(because)] : [];
    return {
      ...base,
      state,
      findings: [...(elsewhere ? [] : ofCause), ...findings.map(explained)],
      ...summary([...ofCause, ...findings]),
      ...(elsewhere && { found: l10n.t('It follows from the step "{0}": {1}', cause.resource.step, because?.message ?? ''), follows: cause.resource.step }),
    };
  }

  /** What a bad verdict follows from: something that it stands on; for a result, whatever is bad up to there. */
  private async causeOf({ resource, verdict }: Seen, step: Step, all: readonly LookedStep[]): Promise<Seen | undefined> {
    const below = await this.badBelow(resource);
    if (below || verdict.seenBy !== 'result') {
      return below;
    }
    const upTo = all.slice(0, all.findIndex((each) => each.step === step) + 1).flatMap(({ seen }) => seen);
    return upTo.find((other) => isBad(other.verdict) && !other.verdict.seenBy);
  }

  private async badBelow(resource: Resource, visited = new Set<string>()): Promise<Seen | undefined> {
    for (const kind of [...dependencies(resource.kind), ...reliances(resource.kind)]) {
      if (visited.has(kind.id) || this.account.isLeftOut(kind)) {
        continue;
      }
      visited.add(kind.id);
      const needed = this.account.resourceOf(kind);
      const deeper = await this.badBelow(needed, visited);
      if (deeper) {
        return deeper;
      }
      const verdict = kind.readTries && !this.probe ? undefined : await this.judged(needed);
      if (verdict && isBad(verdict)) {
        return { resource: needed, verdict };
      }
    }
    return undefined;
  }

  private async verdictOn(resource: Resource): Promise<Verdict> {
    const made = await this.madeOf(resource);
    return made.state === 'done' && resource.kind.result ? this.resultOf(resource) : made;
  }

  /** Whether a resource is there and as it should be. */
  private async madeOf(resource: Resource): Promise<Verdict> {
    const { kind } = resource;
    if (!kind.probe && !kind.readTries) {
      return this.judged(resource);
    }
    // What can be seen without a trial counts first: the thing itself, or what it stands on.
    const seen = kind.readTries ? await this.missingBelow(resource) : await this.judged(resource);
    const sound = !seen || seen.state === 'done';
    if (!sound && !this.probe) {
      return seen;
    }
    return this.byTrial(kind.id, sound, this.probe, () => this.tried(resource)) ?? notTried(resource);
  }

  /** What a trial shows, or showed; nothing when none was made and none may be. */
  private byTrial(id: string, sound: boolean, may: boolean, make: () => Promise<Verdict>): Promise<Verdict> | undefined {
    const { probed, retryMs } = this.options;
    const known = probed?.get(id);
    const isOver = known !== undefined && (!known.sound || (known.verdict.state !== 'done' && Date.now() - known.at >= (retryMs ?? Infinity)));
    if (may || isOver || (!known && retryMs !== undefined)) {
      return make().then((verdict) => {
        probed?.set(id, { verdict, sound, at: Date.now() });
        return verdict;
      });
    }
    return known && Promise.resolve(known.verdict);
  }

  /** What has come of a resource that is as it should be. */
  private async resultOf(resource: Resource): Promise<Verdict> {
    const { kind } = resource;
    const { result } = kind;
    const checked = await this.verdictOf(resource, 'result', async () => (await result?.check(this.account.context(resource, 'observed'))) ?? []);
    if (checked.state !== 'done' || !result?.probe) {
      return checked;
    }
    const trial = this.byTrial(`${kind.id}:result`, true, result.charged ? this.charged : this.probe, () =>
      this.verdictOf(resource, 'result', async () => (await result.probe?.(this.account.context(resource, 'observed'))) ?? []));
    return trial ?? (result.charged ? notTried(resource) : checked);
  }

  /** What is seen of a resource without trying it. */
  private judged(resource: Resource): Promise<Verdict> {
    let verdict = this.cheap.get(resource.kind.id);
    if (!verdict) {
      verdict = this.judge(resource);
      this.cheap.set(resource.kind.id, verdict);
    }
    return verdict;
  }

  private async tried(resource: Resource): Promise<Verdict> {
    const { kind } = resource;
    const seen = await this.judged(resource);
    if (seen.state === 'done' && kind.probe) {
      const observation = await this.account.observe(resource);
      return this.verdictOf(resource, 'trial', async () => (observation.kind === 'found' ? ((await kind.probe?.(this.account.context(resource, 'observed'), observation.found.state)) ?? []) : []));
    }
    // What cannot be provisioned comes of other things, in whatever way it is bad; another that is read by a trial, when it cannot be seen.
    return kind.readTries && (!kind.create || seen.state === 'missing') ? { ...seen, seenBy: 'trial' } : seen;
  }

  /** The verdict on what cannot be there, since something that it depends on is not. */
  private async missingBelow(resource: Resource): Promise<Verdict | undefined> {
    for (const kind of dependencies(resource.kind)) {
      const needed = this.account.resourceOf(kind);
      const gone = kind.readTries ? await this.missingBelow(needed) : (await this.account.observe(needed)).kind === 'missing';
      if (gone) {
        return { ...missing(resource), seenBy: 'trial' };
      }
    }
    return undefined;
  }

  private async judge(resource: Resource): Promise<Verdict> {
    const { account } = this;
    const { kind } = resource;
    const about = (findings: readonly Finding[]): VerifiedFinding[] => aboutKind(resource, findings);
    const observation = await account.observe(resource);
    if (observation.kind === 'error') {
      if (isFatal(observation.error)) {
        throw observation.error;
      }
      return { state: 'wrong', findings: about([findingOf(observation.error)]) };
    }
    if (observation.kind === 'denied') {
      return { state: 'unknown', findings: about([{ ...findingOf(observation.error), unknown: true }]) };
    }
    if (observation.kind === 'unknown') {
      return { state: 'unknown', findings: about([{ code: `${kind.id}.unknown`, message: observation.reason, fix: l10n.t('Nothing to do: this endpoint cannot tell. On AWS it can be seen.'), unknown: true }]) };
    }
    if (observation.kind === 'missing') {
      return missing(resource);
    }
    if (observation.found.owner === 'elsewhere') {
      return { state: 'wrong', findings: about([findingOf(elsewhere(kind, observation.found.region ?? ''))]) };
    }
    try {
      return verdictFrom(resource, await account.check(resource, observation.found.state, 'observed'));
    } catch (error) {
      return { state: 'wrong', findings: about([findingOf(account.failure(error))]) };
    }
  }

  /** The verdict of a trial, or on a result. */
  private async verdictOf(resource: Resource, seenBy: 'trial' | 'result', look: () => Promise<readonly Finding[]>): Promise<Verdict> {
    const { account } = this;
    try {
      return { ...verdictFrom(resource, await look()), seenBy };
    } catch (error) {
      const failure = error instanceof Unknowable ? new UserError(`${resource.kind.id}.unknown`, error.message) : account.failure(error);
      if (isFatal(failure)) {
        throw failure;
      }
      const blind = failure.code === 'aws.denied' || error instanceof Unknowable || AwsError.is(error, 'unimplemented');
      const finding = findingOf(failure);
      return { state: blind ? 'unknown' : 'wrong', findings: aboutKind(resource, [{ ...finding, fix: finding.fix || l10n.t('Look at it in the console.'), ...(blind && { unknown: true as const }) }]), seenBy };
    }
  }
}

const findingOf = ({ code, what, why, next }: UserError): Finding => ({ code, message: sentences(what, why), fix: next ?? '' });

/** Findings of a kind, with what was looked at. */
function aboutKind({ kind }: Resource, findings: readonly Finding[]): VerifiedFinding[] {
  return findings.map((finding) => ({ ...finding, looked: finding.looked ?? l10n.t('{0} ({1}, by {2})', kind.title(), kind.type, kind.actions.read.join(', ')), resource: kind.id }));
}

function verdictFrom(resource: Resource, found: readonly Finding[]): Verdict {
  const findings = aboutKind(resource, found);
  const state = findings.length === 0 ? 'done'
    : findings.some(({ unknown, waiting }) => !unknown && !waiting) ? 'wrong'
    : findings.some(({ unknown }) => unknown) ? 'unknown' : 'waiting';
  return { state, findings };
}

function missing(resource: Resource): Verdict {
  const { kind, step } = resource;
  return { state: 'missing', findings: aboutKind(resource, [{ code: `${kind.id}.missing`, message: l10n.t('{0}: not there.', kind.title()), fix: l10n.t('Provision the step "{0}".', step), expected: l10n.t('{0}: there.', kind.title()) }]) };
}

/** What cannot be provisioned comes by itself, once all that it comes of is there. */
function comesLater(resource: Resource): Verdict {
  const { kind } = resource;
  return {
    state: 'waiting',
    findings: aboutKind(resource, [{
      code: `${kind.id}.waiting`, message: l10n.t('{0}: none yet.', kind.title()), fix: l10n.t('Wait a few minutes, then verify again; if nothing comes, verify the steps before this one.'), expected: l10n.t('{0}: there.', kind.title()), waiting: true,
    }]),
  };
}

function notTried(resource: Resource): Verdict {
  const { kind } = resource;
  return {
    state: 'unknown',
    findings: aboutKind(resource, [{ code: `${kind.id}.not-tried`, message: l10n.t('{0}: only trying it shows whether it works.', kind.title()), fix: l10n.t('Verify the step.'), unknown: true }]),
  };
}

/** What has to be mended first, then what could not be seen, then what is still to come. */
function worstOf(findings: readonly VerifiedFinding[]): VerifiedFinding[] {
  const rank = ({ unknown, waiting }: Finding): number => (unknown ? 1 : waiting ? 2 : 0);
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

/** A finding with all of what was looked at, found and expected. */
function explained(finding: VerifiedFinding): VerifiedFinding {
  return { ...finding, looked: finding.looked ?? '', found: foundIn(finding), expected: expectedOf(finding) };
}

const foundIn = ({ found, message }: Finding): string => found ?? message;
const expectedOf = ({ expected, unknown }: Finding): string => expected ?? (unknown ? l10n.t('It can be looked at.') : l10n.t('It is as the step describes it.'));

/** The same of a step with several findings: each thing once. */
function summary(findings: readonly VerifiedFinding[]): Pick<VerifiedStep, 'looked' | 'found' | 'expected'> {
  const each = (of: (finding: VerifiedFinding) => string): string[] => [...new Set(findings.map(of))];
  return { looked: each(({ looked = '' }) => looked).join('; '), found: sentences(...each(foundIn)), expected: sentences(...each(expectedOf)) };
}

/** A step about which nothing can be looked at: it asks for nothing, or only for what the user has not consented to. */
function nothing({ fences }: Step, leftOut: readonly string[]): NonNullable<LookedStep['whole']> {
  return {
    state: 'nothing',
    findings: [],
    looked: l10n.t('What the step asks for, in the tutorial\'s text'),
    found: leftOut.length === 0 ? (fences.some(({ verify: checks }) => checks) ? l10n.t('It asks for no resource. Its own check is run by hand.') : l10n.t('It asks for no resource.')) : l10n.t('Left out, since it costs by the month and nobody has agreed to that: {0}.', leftOut.join(', ')),
    expected: leftOut.length === 0 ? l10n.t('Nothing: there is nothing to check.') : l10n.t('Nothing, unless you agree to the cost (--quicksight).'),
  };
}

/** Done when the caller is somebody who can go on. */
function verifyIdentity(account: AccountView): NonNullable<LookedStep['whole']> {
  const problem = callerProblem(account.identity);
  if (!problem) {
    return { state: 'done', findings: [] };
  }
  const findings = [explained({
    ...findingOf(problem), message: problem.what, looked: l10n.t('Who is connected (sts:GetCallerIdentity)'), found: account.identity.arn, expected: l10n.t('A user or role of IAM in an account that has Lake Formation.'),
  })];
  return { state: 'wrong', findings, ...summary(findings) };
}

/** Clean-up is done when nothing that is ours is left. */
async function verifyGone(account: AccountView): Promise<NonNullable<LookedStep['whole']>> {
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
  const findings = worstOf(left.flat());
  if (findings.length === 0) {
    return { state: 'done', findings };
  }
  return {
    state: findings.every(({ unknown }) => unknown) ? 'unknown' : 'wrong',
    findings,
    looked: l10n.t('All that the tutorial provisions'),
    found: sentences(...findings.map(({ message }) => message)),
    expected: l10n.t('Nothing is left of it.'),
  };
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
