import { randomBytes } from 'node:crypto';
import { messageOf } from '../../../errors.ts';
import type { ServiceContext } from '../context.ts';
import { ControlPlaneError } from '../../kernel/control-plane-client.ts';
import { shownCrawl, type Crawls } from './crawls.ts';
import { INTERRUPTED, isOver, refuse, seconds, type Action, type Condition, type Crawl, type Graph, type GraphNode, type JobRun, type Trigger, type WorkflowRun } from './definitions.ts';
import type { Table } from './run-history.ts';
import { shownJobRun, type JobOptions, type Jobs } from './jobs.ts';

interface Definition {
  readonly Name: string;
  readonly DefaultRunProperties?: Readonly<Record<string, string>>;
  readonly MaxConcurrentRuns?: number;
  readonly Graph: Graph;
}

/** One run while it goes on. */
interface Walk {
  readonly ended: Promise<WorkflowRun>;
  /** How each crawler and job ended, by `JOB name`. */
  readonly states: Map<string, string>;
  readonly going: Set<JobRun | Crawl>;
  readonly pending: Set<Promise<void>>;
}

const STARTING = ['SCHEDULED', 'ON_DEMAND', 'EVENT'];

/** Runs workflows: walks the graph of their triggers. */
export class Workflows {
  readonly #walks = new Map<string, Walk>();
  #stopping = false;

  constructor(
    private readonly context: ServiceContext,
    private readonly runs: Table<WorkflowRun>,
    private readonly jobRuns: Table<JobRun>,
    private readonly crawlRuns: Table<Crawl>,
    private readonly jobs: Jobs,
    private readonly crawls: Crawls,
  ) {}

  /**
   * @throws WorldError `EntityNotFoundException`, `ConcurrentRunsExceededException`, `InvalidInputException`.
   *
   * Source: botocore glue 1.44.5 StartWorkflowRun, 2026-11-28
   * Source: none found (tried: code search for the words of a workflow without a starting trigger), 2026-11-28
   */
  async start(region: string, name: string, properties: Readonly<Record<string, string>> = {}): Promise<WorkflowRun> {
    const definition = await this.#definition(region, name);
    this.#roomFor(region, definition);
    const start = triggersOf(definition.Graph).find(({ Type }) => STARTING.includes(Type));
    if (!start) {
      refuse('InvalidInputException', `Workflow ${name} has no starting trigger.`);
    }
    const run = this.#add(region, definition, properties);
    this.#walk(run, new Map(), (walk) => this.#fire(run, walk, start));
    return run;
  }

  /**
   * Starts a run because its time has come; one that finds no room is noted as AWS notes it. Resolves when it is over.
   *
   * Source: botocore glue 1.44.5 WorkflowRun, 2026-11-28
   */
  async startScheduled(region: string, name: string): Promise<void> {
    try {
      const run = await this.start(region, name);
      await this.#walks.get(run.id)?.ended;
    } catch (error) {
      if (!(error instanceof ControlPlaneError && error.code === 'ConcurrentRunsExceededException')) {
        throw error;
      }
      const run = this.#add(region, await this.#definition(region, name), {});
      this.runs.set(run, { status: 'ERROR', error: error.message, completedOn: Date.now() }, true);
    }
  }

  /**
   * Runs some nodes of a run that is over again, and what comes after them.
   *
   * Source: botocore glue 1.44.5 ResumeWorkflowRun, 2026-11-28
   * Source: none found (tried: code search for the words of IllegalWorkflowStateException), 2026-11-28
   */
  async resume(region: string, name: string, runId: string, nodeIds: readonly string[]): Promise<{ run: WorkflowRun; nodes: string[] }> {
    const old = this.get(region, name, runId);
    if (this.#walks.has(runId)) {
      refuse('IllegalWorkflowStateException', `Workflow run ${runId} is not in a state that can be resumed: ${old.status}`);
    }
    const nodes = nodeIds.map((id) => old.graph.Nodes.find(({ UniqueId, Type }) => UniqueId === id && Type !== 'TRIGGER') ?? refuse('EntityNotFoundException', `Node ${id} not found in workflow run ${runId}.`));
    const definition = await this.#definition(region, name);
    this.#roomFor(region, definition);
    const again = downstream(old.graph, nodeIds);
    const states = new Map<string, string>();
    const kept = (type: string, of: WorkflowRun['jobs']): WorkflowRun['jobs'] =>
      Object.fromEntries(Object.entries(of).filter(([each]) => !old.graph.Nodes.some(({ Type, Name, UniqueId }) => Type === type && Name === each && again.has(UniqueId))));
    const jobs = kept('JOB', old.jobs);
    const crawls = kept('CRAWLER', old.crawls);
    for (const [job, ids] of Object.entries(jobs)) {
      states.set(`JOB ${job}`, this.jobRuns.find(ids.at(-1) ?? '')?.state ?? '');
    }
    for (const [crawler, ids] of Object.entries(crawls)) {
      states.set(`CRAWLER ${crawler}`, this.crawlRuns.find(ids.at(-1) ?? '')?.state ?? '');
    }
    const run = this.#add(region, { ...definition, Graph: old.graph }, old.properties, {
      previous: old.id,
      jobs,
      crawls,
      fired: triggersOf(old.graph).filter(({ Name }) => !old.graph.Nodes.some((node) => node.Type === 'TRIGGER' && node.Name === Name && again.has(node.UniqueId)) && old.fired.includes(Name)).map(({ Name }) => Name),
    });
    this.#walk(run, states, (walk) => {
      for (const { Type, Name } of nodes) {
        const actions = triggersOf(old.graph).flatMap((trigger) => (trigger.Actions ?? []).map((action) => ({ trigger, action })));
        const found = actions.find(({ action }) => (Type === 'JOB' ? action.JobName : action.CrawlerName) === Name);
        this.#launch(run, walk, found?.trigger, found?.action ?? (Type === 'JOB' ? { JobName: Name } : { CrawlerName: Name }));
      }
    });
    return { run, nodes: [...nodeIds] };
  }

  /**
   * Source: botocore glue 1.44.5 StopWorkflowRun, 2026-11-28
   * Source: none found (tried: code search for the words of IllegalWorkflowStateException), 2026-11-28
   */
  stop(region: string, name: string, runId: string): void {
    const run = this.get(region, name, runId);
    const walk = this.#walks.get(runId);
    if (!walk || run.status !== 'RUNNING') {
      refuse('IllegalWorkflowStateException', `Workflow run ${runId} is not running: its status is ${run.status}.`);
    }
    this.runs.set(run, { status: 'STOPPING' });
    this.#stopAll(walk);
  }

  /**
   * @throws WorldError `EntityNotFoundException`
   *
   * Source: botocore glue 1.44.5 GetWorkflowRun, 2026-11-28
   * Source: none found (tried: code search for the words of IllegalWorkflowStateException), 2026-11-28
   */
  get(region: string, name: string, runId: string): WorkflowRun {
    return this.runs.get(region, name, runId) ?? refuse('EntityNotFoundException', `Workflow run ${runId} of workflow ${name} not found.`);
  }

  last(region: string, name: string): WorkflowRun | undefined {
    return this.runs.list(region, name).at(-1);
  }

  setProperties(run: WorkflowRun, properties: Readonly<Record<string, string>>): void {
    this.runs.set(run, { properties: { ...run.properties, ...properties } });
  }

  /** A job of a run is tried again. */
  retried(failed: JobRun, next: JobRun): void {
    const run = next.workflow && this.runs.find(next.workflow.runId);
    const walk = run && this.#walks.get(run.id);
    if (run && walk) {
      this.runs.set(run, { jobs: withRun(run.jobs, next.name, next.id) });
      walk.going.delete(failed);
      walk.going.add(next);
      if (run.status !== 'RUNNING') {
        this.jobs.stop(next);
      }
    }
  }

  recover(): void {
    for (const run of this.runs.all()) {
      if (run.status === 'RUNNING' || run.status === 'STOPPING') {
        this.runs.set(run, { status: run.status === 'STOPPING' ? 'STOPPED' : 'ERROR', error: INTERRUPTED, completedOn: Date.now() }, true);
      }
    }
  }

  /** Ends all runs; jobs and crawls are ended by those who run them. */
  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#walks.values()].map(({ ended }) => ended));
  }

  shown(run: WorkflowRun, includeGraph: boolean): object {
    return {
      Name: run.name,
      WorkflowRunId: run.id,
      WorkflowRunProperties: run.properties,
      StartedOn: seconds(run.startedOn),
      CompletedOn: seconds(run.completedOn),
      Status: run.status,
      Statistics: this.#statistics(run),
      ...(run.previous && { PreviousRunId: run.previous }),
      ...(run.error !== undefined && { ErrorMessage: run.error }),
      ...(includeGraph && { Graph: { Nodes: run.graph.Nodes.map((node) => this.#shownNode(run, node)), Edges: run.graph.Edges } }),
    };
  }

  #shownNode(run: WorkflowRun, node: GraphNode): object {
    if (node.Type === 'JOB') {
      return { ...node, JobDetails: { JobRuns: this.#jobRunsOf(run, node.Name).map(shownJobRun) } };
    }
    return node.Type === 'CRAWLER' ? { ...node, CrawlerDetails: { Crawls: this.#crawlsOf(run, node.Name).map(shownCrawl) } } : node;
  }

  #jobRunsOf(run: WorkflowRun, name: string): JobRun[] {
    return (run.jobs[name] ?? []).flatMap((id) => this.jobRuns.find(id) ?? []);
  }

  #crawlsOf(run: WorkflowRun, name: string): Crawl[] {
    return (run.crawls[name] ?? []).flatMap((id) => this.crawlRuns.find(id) ?? []);
  }

  /** Each crawler and job counts once, with its last attempt; what was not reached counts in the total alone. */
  #statistics(run: WorkflowRun): object {
    const nodes = run.graph.Nodes.filter(({ Type }) => Type !== 'TRIGGER');
    const states = nodes.map(({ Type, Name }) => (Type === 'JOB' ? this.#jobRunsOf(run, Name).at(-1)?.state : this.#crawlsOf(run, Name).at(-1)?.state));
    const count = (...which: string[]): number => states.filter((state) => state !== undefined && which.includes(state)).length;
    return {
      TotalActions: nodes.length,
      TimeoutActions: count('TIMEOUT'),
      FailedActions: count('FAILED'),
      StoppedActions: count('STOPPED', 'CANCELLED'),
      SucceededActions: count('SUCCEEDED'),
      RunningActions: count('STARTING', 'RUNNING', 'STOPPING', 'CANCELLING'),
      ErroredActions: count('ERROR'),
      WaitingActions: 0,
    };
  }

  async #definition(region: string, name: string): Promise<Definition> {
    return (await this.context.controlPlane.call<{ Workflow: Definition }>('glue', 'GetWorkflow', { Name: name, IncludeGraph: true }, region)).Workflow;
  }

  /**
   * Source: botocore glue 1.44.5 Workflow, 2026-11-28
   * Source: botocore glue 1.44.5 WorkflowRun, 2026-11-28
   */
  #roomFor(region: string, { Name, MaxConcurrentRuns }: Definition): void {
    if (this.#stopping) {
      refuse('InternalServiceException', 'The sandbox is stopping.');
    }
    const active = this.runs.list(region, Name).filter(({ id }) => this.#walks.has(id)).length;
    if (MaxConcurrentRuns && active >= MaxConcurrentRuns) {
      refuse('ConcurrentRunsExceededException', `Concurrent runs exceeded for workflow: ${Name}.`);
    }
  }

  #add(region: string, definition: Definition, properties: Readonly<Record<string, string>>, more: Partial<WorkflowRun> = {}): WorkflowRun {
    const previous = this.last(region, definition.Name)?.id;
    // What a node ran is looked up when it is shown.
    const Nodes = definition.Graph.Nodes.map(({ Type, Name, UniqueId, TriggerDetails }) => ({ Type, Name, UniqueId, ...(TriggerDetails && { TriggerDetails }) }));
    return this.runs.add({
      id: `wr_${randomBytes(32).toString('hex')}`,
      region,
      name: definition.Name,
      startedOn: Date.now(),
      status: 'RUNNING',
      properties: { ...definition.DefaultRunProperties, ...properties },
      ...(previous && { previous }),
      jobs: {},
      crawls: {},
      fired: [],
      ...more,
      graph: { Nodes, Edges: definition.Graph.Edges },
    });
  }

  /** Follows a run until nothing of it goes on and no trigger can fire any more. */
  #walk(run: WorkflowRun, states: Map<string, string>, begin: (walk: Walk) => void): void {
    const follow = async (): Promise<WorkflowRun> => {
      while (walk.pending.size > 0) {
        await Promise.race(walk.pending);
        if (this.#firing(run)) {
          for (const trigger of triggersOf(run.graph)) {
            if (trigger.Type === 'CONDITIONAL' && trigger.State === 'ACTIVATED' && !run.fired.includes(trigger.Name) && isMet(trigger, walk.states)) {
              this.#fire(run, walk, trigger);
            }
          }
        }
      }
      const interrupted = this.#stopping && run.status === 'RUNNING';
      this.runs.set(
        run,
        { status: interrupted ? 'ERROR' : run.status === 'STOPPING' ? 'STOPPED' : 'COMPLETED', ...(interrupted && { error: INTERRUPTED }), completedOn: Date.now() },
        true,
      );
      this.#walks.delete(run.id);
      return run;
    };
    let ended: Promise<WorkflowRun> | undefined;
    const walk: Walk = {
      states,
      going: new Set(),
      pending: new Set(),
      get ended() {
        return ended ?? Promise.resolve(run);
      },
    };
    this.#walks.set(run.id, walk);
    begin(walk);
    ended = follow();
  }

  /** Nothing new begins in a run that is stopped, or whose workflow was deleted. */
  #firing(run: WorkflowRun): boolean {
    return run.status === 'RUNNING' && !this.#stopping && this.runs.find(run.id) !== undefined;
  }

  #fire(run: WorkflowRun, walk: Walk, trigger: Trigger): void {
    this.runs.set(run, { fired: [...run.fired, trigger.Name] });
    for (const action of trigger.Actions ?? []) {
      this.#launch(run, walk, trigger, action);
    }
  }

  #launch(run: WorkflowRun, walk: Walk, trigger: Trigger | undefined, action: Action): void {
    const pending = (action.JobName ? this.#runJob(run, walk, trigger, action, action.JobName) : this.#runCrawler(run, walk, trigger, action.CrawlerName ?? ''))
      .catch((error: unknown) => this.context.log(`workflow run ${run.id}: ${messageOf(error)}`))
      .finally(() => walk.pending.delete(pending));
    walk.pending.add(pending);
  }

  async #runJob(run: WorkflowRun, walk: Walk, trigger: Trigger | undefined, action: Action, name: string): Promise<void> {
    const watched = (trigger?.Predicate?.Conditions ?? []).flatMap(({ JobName }) => JobName ?? []);
    const options: JobOptions = {
      arguments: action.Arguments,
      timeout: action.Timeout,
      followed: () => this.#hasMore(run),
      workflow: { name: run.name, runId: run.id },
      ...(trigger && { trigger: trigger.Name }),
      predecessors: watched.flatMap((job) => (run.jobs[job] ?? []).slice(-1).map((RunId) => ({ JobName: job, RunId }))),
    };
    let last: JobRun;
    try {
      const started = await this.jobs.start(run.region, name, options);
      this.#note(run, walk, started.run);
      last = await started.ended;
    } catch (error) {
      // Source: botocore glue 1.44.5 ConcurrentRunsExceededException, 2026-11-28
      // Source: none found (tried: botocore, for the states of jobs that a workflow cannot start), 2026-11-28
      // As AWS has it: a job with no room fails, one that was deleted is an error.
      const state = error instanceof ControlPlaneError && error.code === 'ConcurrentRunsExceededException' ? 'FAILED' : 'ERROR';
      last = this.jobs.refused(run.region, name, state, messageOf(error), options);
      this.#note(run, walk, last);
    }
    walk.going.delete(last);
    walk.states.set(`JOB ${name}`, last.state);
  }

  async #runCrawler(run: WorkflowRun, walk: Walk, trigger: Trigger | undefined, name: string): Promise<void> {
    const origin = { workflow: { name: run.name, runId: run.id }, ...(trigger && { trigger: trigger.Name }) };
    let last: Crawl;
    try {
      const started = await this.crawls.start(run.region, name, origin);
      if (this.#hasMore(run)) {
        this.jobs.expect();
      }
      this.#note(run, walk, started.run);
      last = await started.ended;
    } catch (error) {
      last = this.crawls.refused(run.region, name, messageOf(error), origin);
      this.#note(run, walk, last);
    }
    walk.going.delete(last);
    walk.states.set(`CRAWLER ${name}`, last.state);
  }

  /** Whether a job of a run has not begun yet. */
  #hasMore(run: WorkflowRun): boolean {
    return this.#firing(run) && run.graph.Nodes.some(({ Type, Name }) => Type === 'JOB' && !run.jobs[Name]);
  }

  #note(run: WorkflowRun, walk: Walk, started: JobRun | Crawl): void {
    const isJob = 'attempt' in started;
    this.runs.set(run, isJob ? { jobs: withRun(run.jobs, started.name, started.id) } : { crawls: withRun(run.crawls, started.name, started.id) });
    if (!isOver(started)) {
      walk.going.add(started);
      // It may have been stopped while this one was starting.
      if (run.status === 'STOPPING') {
        this.#stopAll(walk);
      }
    }
  }

  #stopAll(walk: Walk): void {
    for (const going of walk.going) {
      if ('attempt' in going) {
        this.jobs.stop(going);
      } else {
        this.crawls.stop(going);
      }
    }
  }
}

const triggersOf = (graph: Graph): Trigger[] => graph.Nodes.flatMap(({ TriggerDetails }) => TriggerDetails?.Trigger ?? []);

const withRun = (all: WorkflowRun['jobs'], name: string, id: string): WorkflowRun['jobs'] => ({ ...all, [name]: [...(all[name] ?? []), id] });

/** Whether a trigger's conditions hold, given how jobs and crawlers have ended. */
export function isMet(trigger: Trigger, states: ReadonlyMap<string, string>): boolean {
  const conditions = trigger.Predicate?.Conditions ?? [];
  const holds = (condition: Condition): boolean =>
    condition.JobName ? states.get(`JOB ${condition.JobName}`) === condition.State : states.get(`CRAWLER ${condition.CrawlerName}`) === condition.CrawlState;
  return conditions.length > 0 && (trigger.Predicate?.Logical === 'ANY' ? conditions.some(holds) : conditions.every(holds));
}

/** The nodes given and all that come after them. */
function downstream(graph: Graph, from: readonly string[]): Set<string> {
  const found = new Set(from);
  for (const id of found) {
    for (const { SourceId, DestinationId } of graph.Edges) {
      if (SourceId === id) {
        found.add(DestinationId);
      }
    }
  }
  return found;
}
