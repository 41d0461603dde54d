import * as l10n from '@vscode/l10n';
import { connect, sandboxCredentials, type Connection } from '../aws/connection.ts';
import { ExitCode, UserError, sentences } from '../errors.ts';
import { AccountView, dependencies, findKind, resourcesOf, type ProvisionOptions } from '../provision/account-view.ts';
import { down } from '../provision/down.ts';
import { insertRows } from '../provision/insert.ts';
import { failedNodes, isGood, run } from '../provision/run.ts';
import { up, type AppliedResource } from '../provision/up.ts';
import { verify, type VerifiedStep } from '../provision/verify.ts';
import { doing } from '../provision/words.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import { openAwsCalls, type AwsCalls } from '../sandbox/control/aws-calls.ts';
import { borrowSandbox } from '../sandbox/control/borrowed.ts';
import { SANDBOX_REGION } from '../sandbox/control/sandbox.ts';
import type { Fence, Step, Tutorial } from '../tutorial/model.ts';
import { parseTutorial } from '../tutorial/parse.ts';
import { substitute } from '../tutorial/variables.ts';
import { readCommandLines } from './command-lines.ts';
import { comparePolicy, isInside, leftOver, malformedPlaceholders } from './fences.ts';
import type { TestedBreak, TestedStep, TestEvent, TestFinding, TestResult, TestState } from './model.ts';

export interface TestOptions {
  /** The tutorial in Markdown. */
  readonly text: string;
  /** What it is called in messages. */
  readonly name: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** In place of what the tutorial says of it. */
  readonly region?: string;
  /** Only these steps; what they need of others is provisioned for them. */
  readonly steps?: readonly string[];
  /** All steps up to this one. */
  readonly upTo?: string;
  /** Makes the classic mistakes that belong to the tutorial's resources, one at a time, and looks who sees them. */
  readonly break?: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: TestEvent) => void;
  readonly assets: ProvisionOptions['assets'];
  /** Whose Python environment the sandbox of the test shares: a sandbox's folder, its default without it. */
  readonly state?: string;
  readonly python?: string;
}

/**
 * Provisions and verifies a tutorial's steps in their order, in a sandbox of their own that is gone afterwards, however this ends.
 *
 * Of the text itself only the read-only calls of `lake:verify` blocks are made, against that sandbox.
 *
 * @throws UserError for a text that cannot be tested, and what starting a sandbox throws; the signal's reason when it is aborted.
 */
export async function testTutorial(options: TestOptions): Promise<TestResult> {
  const start = performance.now();
  const tutorial = readForTest(options);
  const chosen = chosenSteps(tutorial, options);
  const { signal } = options;
  const tell = (event: TestEvent): void => options.onEvent?.(event);
  signal.throwIfAborted();
  const region = options.region ?? options.variables?.['region'] ?? tutorial.variables.find(({ name }) => name === 'region')?.default ?? SANDBOX_REGION;
  const sandbox = await borrowSandbox({
    ...(options.state !== undefined && { state: options.state }), ...(options.python !== undefined && { python: options.python }),
    controlPlaneOnly: !needsData(tutorial, chosen), signal, onProgress: (message, fraction) => tell({ type: 'progress', message, ...(fraction !== undefined && { fraction }) }),
  });
  const calls = openAwsCalls({ python: sandbox.python, endpoint: sandbox.endpoint, region });
  const stop = (): void => calls.close();
  signal.addEventListener('abort', stop, { once: true });
  let connection: Connection | undefined;
  try {
    connection = connect({ target: 'sandbox', region, endpoint: sandbox.endpoint, credentials: sandboxCredentials, signal });
    const provision: ProvisionOptions = {
      tutorial, connection, variables: options.variables ?? {}, signal, assets: options.assets,
      onProgress: ({ title, state, message }) => tell({ type: 'progress', message: `${title}: ${message ?? doing(state)}` }),
    };
    const account = await AccountView.open(provision);
    const { names } = account;
    const tester = new Tester(options.text, provision, calls, {
      ...account.variables, 'account-id': names.account, region, partition: names.partition, bucket: names.bucket, 'lake-database': names.lakeDatabase,
    }, names, tell);
    const steps: TestedStep[] = [];
    const cleanup = chosen.findIndex(({ role }) => role === 'cleanup');
    const head = cleanup < 0 ? chosen : chosen.slice(0, cleanup);
    for (const step of head) {
      steps.push(await tester.test(step));
    }
    let breaks: TestedBreak[] | undefined;
    if (options.break) {
      const { makeBreaks } = await import('./breaks.ts');
      breaks = await makeBreaks({ options: provision, text: options.text, calls, steps: head, tested: steps, tell });
    }
    for (const step of cleanup < 0 ? [] : chosen.slice(cleanup)) {
      steps.push(await tester.test(step));
    }
    return { steps, ...(breaks && { breaks }), ms: Math.round(performance.now() - start) };
  } catch (error) {
    // What a call says that was cut off is no news: it was cancelled.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    calls.close();
    connection?.close();
    await sandbox.remove();
  }
}

/**
 * Reads a tutorial that is to be tested.
 *
 * @throws UserError `tutorial.broken`, `tutorial.empty`, `kind.unknown`.
 */
export function readForTest({ text, name }: Pick<TestOptions, 'text' | 'name'>): Tutorial {
  const tutorial = parseTutorial(text);
  const broken = tutorial.problems.find(({ severity }) => severity === 'error');
  if (broken) {
    throw new UserError('tutorial.broken', l10n.t('The tutorial {0} has an error at line {1}, column {2}.', name, broken.range.start.line, broken.range.start.column), {
      why: broken.message, next: l10n.t('Correct the line, then try again.'), exit: ExitCode.usage,
    });
  }
  if (tutorial.steps.length === 0) {
    throw new UserError('tutorial.empty', l10n.t('The tutorial {0} has no steps.', name), {
      next: l10n.t('Number its headings, or declare one below its heading: {0}', '<!-- lake:step id=bucket provisions=bucket -->'), exit: ExitCode.usage,
    });
  }
  resourcesOf(tutorial, undefined, false);
  return tutorial;
}

function chosenSteps(tutorial: Tutorial, { steps, upTo }: Pick<TestOptions, 'steps' | 'upTo'>): readonly Step[] {
  // Says which there are, for an id that is none.
  resourcesOf(tutorial, [...(steps ?? []), ...(upTo === undefined ? [] : [upTo])], false);
  const last = upTo === undefined ? tutorial.steps.length : tutorial.steps.findIndex(({ id }) => id === upTo) + 1;
  return tutorial.steps.slice(0, last).filter(({ id }) => steps?.includes(id) ?? true);
}

/** Whether a step needs what only engine and PostgreSQL give: something that is tried out, or a workflow that runs. */
function needsData(tutorial: Tutorial, steps: readonly Step[]): boolean {
  return resourcesOf(tutorial, steps.map(({ id }) => id), true).some(({ kind }) => kind.probe !== undefined || kind.readTries === true || ['instance', 'workflow', 'work-group'].includes(kind.id));
}

/** Rows that a test inserts before it looks for what becomes of them. */
const testRows = 100;

class Tester {
  /** Kinds that could not be made, and those that were. */
  private readonly failed = new Set<string>();
  private readonly made = new Set<string>();
  private readonly kinds: ReadonlySet<string> = new Set(catalogue.map(({ id }) => id));
  private readonly malformed: ReturnType<typeof malformedPlaceholders>;

  constructor(
    text: string,
    private readonly options: ProvisionOptions,
    private readonly calls: AwsCalls,
    private readonly values: Readonly<Record<string, string>>,
    private readonly names: AccountView['names'],
    private readonly tell: (event: TestEvent) => void,
  ) {
    this.malformed = malformedPlaceholders(text);
  }

  async test(step: Step): Promise<TestedStep> {
    const { tutorial, signal } = this.options;
    signal?.throwIfAborted();
    const start = performance.now();
    const { line } = step.headingRange.start;
    const output: string[] = [];
    const say = (text: string): void => {
      output.push(text);
      this.tell({ type: 'output', step: step.id, text });
    };
    this.tell({ type: 'started', step: step.id });
    const findings: TestFinding[] = [];
    const end = (state: TestState): TestedStep => {
      const tested: TestedStep = { id: step.id, title: step.title, line, state, ms: Math.round(performance.now() - start), findings, output };
      this.tell({ type: 'ended', step: tested });
      return tested;
    };
    const needs = resourcesOf(tutorial, [step.id], true);
    const gone = needs.find(({ kind }) => this.failed.has(kind.id));
    if (gone) {
      findings.push({ code: 'test.blocked', line, resource: gone.kind.id, message: l10n.t('It needs {0}, which could not be provisioned.', gone.kind.title()), fix: l10n.t('Correct the step "{0}" first.', gone.step) });
      return end('blocked');
    }
    let state: TestState = 'nothing';
    if (step.provisions.length > 0) {
      findings.push(...this.outOfOrder(step));
      state = await this.provision(step, findings, say);
    } else if (step.role === 'cleanup') {
      state = await this.cleanUp(step, findings, say);
    }
    const fences = this.fencesOf(step);
    for (const fence of fences) {
      findings.push(...(await this.look(fence, say)));
    }
    if (findings.some(({ note }) => !note)) {
      return end('failed');
    }
    return end(state === 'nothing' && fences.length > 0 ? 'done' : state);
  }

  /** What a step needs and only a later one makes: the runner makes it all the same, a reader cannot. */
  private outOfOrder(step: Step): TestFinding[] {
    const { tutorial } = this.options;
    const place = (id: string): number => tutorial.steps.findIndex((each) => each.id === id);
    const declared = new Map(resourcesOf(tutorial, undefined, false).map((resource) => [resource.kind.id, resource.step]));
    const later = resourcesOf(tutorial, [step.id], false)
      .flatMap(({ kind }) => dependencies(kind))
      .filter(({ id }) => place(declared.get(id) ?? step.id) > place(step.id));
    return [...new Set(later)].map((kind) => ({
      code: 'test.order', line: step.headingRange.start.line, resource: kind.id,
      message: l10n.t('This step needs {0}, which only a later one makes: "{1}".', kind.title(), declared.get(kind.id) ?? ''),
      fix: l10n.t('Put that step before this one.'),
    }));
  }

  private async provision(step: Step, findings: TestFinding[], say: (text: string) => void): Promise<TestState> {
    const { line } = step.headingRange.start;
    const provisioned = await up({ ...this.options, steps: [step.id], adopt: () => Promise.resolve(true) });
    for (const resource of provisioned.resources.filter(({ state }) => state !== 'unchanged')) {
      say(`${resource.title}: ${appliedWord(resource)} (${resource.ms} ms)`);
    }
    const broken = provisioned.resources.filter(({ state }) => state === 'failed' || state === 'blocked');
    provisioned.resources.filter((resource) => !broken.includes(resource)).forEach(({ resource }) => this.made.add(resource));
    for (const { resource, title, error, state } of broken) {
      this.failed.add(resource);
      if (state === 'failed') {
        findings.push({ code: error?.code ?? 'test.failed', line, resource, message: sentences(`${title}: ${error?.what ?? ''}`, error?.why), fix: error?.next ?? '' });
      }
    }
    if (broken.length > 0) {
      return 'failed';
    }
    let [seen] = await this.verify(step);
    if (seen && isWaiting(seen)) {
      seen = await this.bringAbout(step, seen, findings, say);
    }
    if (!seen || (seen.state as string) === 'nothing') {
      return 'nothing';
    }
    const isFine = seen.state === 'done' || isWaiting(seen) || seen.state === 'unknown';
    findings.push(...seen.findings.map(({ code, message, fix, resource }) => ({ code, message, fix, line, ...(resource !== undefined && { resource }), ...(isFine && { note: true as const }) })));
    if (!isFine && seen.findings.length === 0) {
      // Its cause lies in another step, and is told there.
      findings.push({ code: 'test.follows', line, message: l10n.t('It is not as it should be, as something of another step is not.'), fix: l10n.t('Correct the steps before it first.') });
    }
    return isWaiting(seen) ? 'waiting' : seen.state === 'done' || seen.state === 'unknown' ? seen.state : 'failed';
  }

  private async verify({ id }: Pick<Step, 'id'>): Promise<readonly VerifiedStep[]> {
    return (await verify({ ...this.options, steps: [id] })).steps;
  }

  /** Lets happen what a step waits for: rows arrive, and the workflow runs. */
  private async bringAbout(step: Step, seen: VerifiedStep, findings: TestFinding[], say: (text: string) => void): Promise<VerifiedStep> {
    let now: VerifiedStep | undefined = seen;
    try {
      if (this.made.has('inserter')) {
        const { inserted, ms } = await insertRows(this.options, testRows, 0);
        say(l10n.t('{0} rows inserted ({1} ms)', inserted, ms));
        [now] = await this.verify(step);
      }
      if (now && isWaiting(now) && this.made.has('workflow')) {
        const result = await run(this.options);
        say(l10n.t('The workflow ran: {0} ({1} ms)', result.nodes.map(({ name, state }) => `${name} ${state}`).join(', '), result.ms));
        if (!isGood(result)) {
          const why = failedNodes(result).map(({ name, state, error }) => `${name}: ${error ?? state}`);
          findings.push({ code: 'run.failed', line: step.headingRange.start.line, message: sentences(l10n.t('The workflow did not run through.'), result.error ?? undefined, ...why), fix: l10n.t('Correct what its steps declare.') });
        }
        [now] = await this.verify(step);
      }
    } catch (error) {
      const failure = UserError.is(error) ? error : undefined;
      if (!failure || this.options.signal?.aborted) {
        throw error;
      }
      findings.push({ code: failure.code, line: step.headingRange.start.line, message: sentences(failure.what, failure.why), fix: failure.next ?? '' });
    }
    return now ?? seen;
  }

  private async cleanUp(step: Step, findings: TestFinding[], say: (text: string) => void): Promise<TestState> {
    const { line } = step.headingRange.start;
    const removed = await down(this.options);
    for (const id of removed.removed) {
      say(l10n.t('{0}: removed', findKind(id)?.title() ?? id));
    }
    for (const { id, why } of removed.failed) {
      findings.push({ code: 'teardown.failed', line, resource: id, message: why, fix: l10n.t('Tear down again.') });
    }
    const [seen] = await this.verify(step);
    const isFine = seen?.state === 'done' || seen?.state === 'unknown';
    findings.push(...(seen?.findings ?? []).map(({ code, message, fix, resource }) => ({ code, message, fix, line, ...(resource !== undefined && { resource }), ...(isFine && { note: true as const }) })));
    return seen?.state === 'done' || seen?.state === 'unknown' ? seen.state : 'failed';
  }

  /** The blocks of a step that are tested: those within it, and what follows it under a heading that is no step. */
  private fencesOf(step: Step): Fence[] {
    const { steps, fences = [] } = this.options.tutorial;
    const at = steps.indexOf(step);
    const from = at === 0 ? 0 : step.range.start.offset;
    const to = steps[at + 1]?.range.start.offset ?? Number.POSITIVE_INFINITY;
    return fences.filter(({ range, verify: calls, policy }) => (calls || policy !== undefined) && range.start.offset >= from && range.start.offset < to);
  }

  private async look(fence: Fence, say: (text: string) => void): Promise<TestFinding[]> {
    const broken = this.malformed.filter(({ start }) => isInside(fence, start)).map(({ finding }) => finding);
    if (broken.length > 0) {
      return broken;
    }
    if (fence.policy !== undefined) {
      const findings = comparePolicy(fence, this.values, this.names);
      say(findings.length === 0 ? l10n.t('The policy {0} is the one that is provisioned.', fence.policy) : l10n.t('The policy {0}: {1}', fence.policy, findings.map(({ message }) => message).join(' ')));
      return findings;
    }
    const left = leftOver(fence, this.values);
    return left.length > 0 ? left : this.runCalls(fence, say);
  }

  private async runCalls(fence: Fence, say: (text: string) => void): Promise<TestFinding[]> {
    const findings: TestFinding[] = [];
    for (const line of readCommandLines(substitute(fence.text, this.values), this.kinds)) {
      this.options.signal?.throwIfAborted();
      const place = { line: fence.lineStarts?.[line.at]?.line ?? fence.range.start.line };
      if (line.kind === 'refused') {
        say(`$ ${line.text}`);
        findings.push({ ...place, code: 'verify.refused', message: sentences(l10n.t('This line was not run: {0}', line.text), line.why), fix: line.next });
        continue;
      }
      if (line.kind === 'check') {
        findings.push(...(await this.checkKind(line.resource, place.line, say)));
        continue;
      }
      const { service, operation, words } = line;
      say(`$ ${line.text}`);
      const answer = await this.calls.run({ service, operation }, words);
      this.options.signal?.throwIfAborted();
      if ('output' in answer) {
        say(shortened(answer.output));
        continue;
      }
      const { kind, code, message } = answer.error;
      say(`${code}: ${message}`);
      findings.push(kind === 'unimplemented'
        ? { ...place, code: 'verify.unimplemented', note: true, message: l10n.t('The sandbox does not implement {0} {1}.', service, operation), fix: l10n.t('Nothing to do: on AWS it can be called.') }
        : { ...place, code: kind === 'usage' ? 'verify.usage' : 'verify.failed', message: l10n.t('{0} {1} failed: {2}', service, operation, kind === 'aws' && code !== '' ? `${code}: ${message}` : message), fix: kind === 'usage' ? l10n.t('Correct the line.') : l10n.t('Correct the line, or what the steps up to here provision.') });
    }
    return findings;
  }

  /** Looks at one kind, as if a step asked for it. */
  private async checkKind(kind: string, line: number, say: (text: string) => void): Promise<TestFinding[]> {
    const { tutorial } = this.options;
    const [first] = tutorial.steps;
    const id = `check-${kind}`;
    const steps = first ? [...tutorial.steps, { ...first, id, role: 'step' as const, provisions: [{ kind, parameters: {} }] }] : [];
    const owner = tutorial.steps.find(({ provisions }) => provisions.some((each) => each.kind === kind));
    const { steps: [seen] } = await verify({ ...this.options, tutorial: { ...tutorial, steps }, steps: [owner?.id ?? id] });
    const about = (seen?.findings ?? []).filter(({ resource }) => resource === kind);
    say(`${findKind(kind)?.title() ?? kind}: ${about.length === 0 ? l10n.t('as it should be') : about.map(({ message }) => message).join(' ')}`);
    return about.map(({ code, message, fix, unknown }) => ({ code, message, fix, line, resource: kind, ...(unknown && { note: true as const }) }));
  }
}

/** Made, and not there yet: what comes by itself has to be brought about first. */
const isWaiting = ({ state }: VerifiedStep): boolean => state === 'waiting';

const appliedWords: Readonly<Record<AppliedResource['state'], () => string>> = {
  created: () => l10n.t('created'),
  updated: () => l10n.t('corrected'),
  adopted: () => l10n.t('taken over'),
  unchanged: () => l10n.t('as it should be'),
  unknown: () => l10n.t('not known'),
  failed: () => l10n.t('failed'),
  blocked: () => l10n.t('not tried'),
};
const appliedWord = ({ state }: AppliedResource): string => appliedWords[state]();

const longest = 2000;
/** An answer as people read it, and not all of a long one. */
function shortened(output: unknown): string {
  const text = JSON.stringify(output, undefined, 2) ?? 'null';
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
