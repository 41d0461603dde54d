import type { Crawl, Edge, JobRun, Node, Trigger, Workflow, WorkflowRun } from '@aws-sdk/client-glue';
import * as l10n from '@vscode/l10n';
import { UserError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { AwsError } from './errors.ts';
import type { Listed } from './catalog.ts';

/** What a run, or a node in it, has come to. */
export type RunState = 'waiting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped' | 'unknown';

export const isGoing = (state: RunState): boolean => state === 'running' || state === 'stopping';

/** A trigger that starts a workflow by the clock. */
export interface RunSchedule {
  readonly trigger: string;
  readonly expression: string;
  readonly on: boolean;
}

export interface LakeRun {
  readonly workflow: string;
  readonly id: string;
  readonly state: RunState;
  readonly started?: Date;
  readonly ended?: Date;
  readonly error?: string;
  /** Actions: done with success, and all. */
  readonly done: number;
  readonly total: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface LakeWorkflow {
  readonly name: string;
  readonly description?: string;
  readonly schedules: readonly RunSchedule[];
  /** Undefined where the endpoint tells no graph. */
  readonly parts?: number;
  readonly lastRun?: LakeRun;
}

/** One time that a node was tried. */
export interface Attempt {
  readonly id: string;
  readonly state: RunState;
  readonly started?: Date;
  readonly ended?: Date;
  readonly error?: string;
  readonly logs: readonly LogPlace[];
}

export interface LogPlace {
  readonly group: string;
  readonly stream: string;
  /** What was logged before is of something else: a crawler has one stream for all of its crawls. */
  readonly from?: Date;
}

/** A job or a crawler in a run. */
export interface RunNode {
  readonly id: string;
  readonly name: string;
  readonly type: 'job' | 'crawler';
  readonly state: RunState;
  /** The newest first; none while it waits. */
  readonly attempts: readonly Attempt[];
  /** The trigger that starts it, and what that waits for. */
  readonly trigger?: string;
  readonly after: readonly string[];
}

/** What starts parts of a run. */
export interface RunTrigger {
  readonly id: string;
  readonly name: string;
  readonly type: 'schedule' | 'demand' | 'condition' | 'event';
  /** Whether all of what it waits for must have come, or any of it. */
  readonly waitsFor: 'all' | 'any';
  readonly schedule?: string;
}

/** A run as AWS draws it: triggers, and between them jobs and crawlers. */
export interface RunGraph {
  readonly triggers: readonly RunTrigger[];
  /** Ids of triggers and parts. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

const states: Readonly<Record<string, RunState>> = {
  STARTING: 'running', RUNNING: 'running', WAITING: 'waiting', STOPPING: 'stopping', CANCELLING: 'stopping', STOPPED: 'stopped', CANCELLED: 'stopped',
  SUCCEEDED: 'succeeded', COMPLETED: 'succeeded', FAILED: 'failed', TIMEOUT: 'failed', ERROR: 'failed', EXPIRED: 'failed',
};

const toState = (state: string | undefined): RunState => states[state ?? ''] ?? 'unknown';

/** A run is COMPLETED when it has ended, however it ended: its statistics tell. */
function runState({ Status, Statistics = {} }: WorkflowRun): RunState {
  if (Status !== 'COMPLETED') {
    return toState(Status);
  }
  const { FailedActions = 0, ErroredActions = 0, TimeoutActions = 0, StoppedActions = 0 } = Statistics;
  return FailedActions + ErroredActions + TimeoutActions > 0 ? 'failed' : StoppedActions > 0 ? 'stopped' : 'succeeded';
}

export function toRun(run: WorkflowRun, workflow: string): LakeRun {
  const { StartedOn, CompletedOn, ErrorMessage, Statistics, WorkflowRunId, WorkflowRunProperties } = run;
  return {
    workflow: run.Name ?? workflow,
    id: WorkflowRunId ?? '',
    state: runState(run),
    ...(StartedOn && { started: StartedOn }),
    ...(CompletedOn && { ended: CompletedOn }),
    ...(ErrorMessage && { error: ErrorMessage }),
    done: Statistics?.SucceededActions ?? 0,
    total: Statistics?.TotalActions ?? 0,
    properties: WorkflowRunProperties ?? {},
  };
}

const toSchedule = ({ Name, Schedule, State }: Trigger): RunSchedule => ({ trigger: Name ?? '', expression: Schedule ?? '', on: State === 'ACTIVATED' || State === 'ACTIVATING' });

function toWorkflow({ Name = '', Description, Graph, LastRun }: Workflow): LakeWorkflow {
  const triggers = (Graph?.Nodes ?? []).flatMap(({ TriggerDetails }) => TriggerDetails?.Trigger ?? []);
  return {
    name: Name,
    ...(Description && { description: Description }),
    schedules: triggers.filter(({ Type }) => Type === 'SCHEDULED').map(toSchedule),
    ...(Graph && { parts: (Graph.Nodes ?? []).filter(({ Type }) => Type !== 'TRIGGER').length }),
    ...(LastRun && { lastRun: toRun(LastRun, Name) }),
  };
}

/** Glue lists no more names at a time, and tells about no more workflows at a time. */
const workflowsPerPage = 25;

/** Workflows with their schedules and last run: two requests, since the one that lists gives names alone. */
export async function listWorkflows(aws: Connection, next?: string): Promise<Listed<LakeWorkflow>> {
  const { Workflows: names = [], NextToken } = await aws.glue.listWorkflows({ NextToken: next, MaxResults: workflowsPerPage });
  const { Workflows = [] } = names.length > 0 ? await aws.glue.batchGetWorkflows({ Names: names, IncludeGraph: true }) : {};
  return { items: Workflows.map(toWorkflow), ...(NextToken && { next: NextToken }) };
}

/** One workflow, as it is now. */
export async function readWorkflow(aws: Connection, name: string): Promise<LakeWorkflow> {
  const { Workflow: workflow = { Name: name } } = await aws.glue.getWorkflow({ Name: name, IncludeGraph: true });
  return toWorkflow(workflow);
}

const startOf = ({ started }: LakeRun): number => started?.getTime() ?? 0;

/** The most that Glue gives of runs at a time. */
const mostRuns = 1000;

/**
 * Runs of a workflow, newest first as AWS gives them: one request.
 *
 * An endpoint that gives the oldest first is asked for all of them: the newest are what one looks for.
 */
export async function listRuns(aws: Connection, workflow: string, options: { readonly next?: string; readonly limit: number }): Promise<Listed<LakeRun>> {
  const ask = async (next: string | undefined, limit: number): Promise<Listed<LakeRun>> => {
    const { Runs = [], NextToken } = await aws.glue.getWorkflowRuns({ Name: workflow, NextToken: next, MaxResults: limit });
    return { items: Runs.map((run) => toRun(run, workflow)), ...(NextToken && { next: NextToken }) };
  };
  const newestFirst = (runs: readonly LakeRun[]): LakeRun[] => [...runs].sort((a, b) => startOf(b) - startOf(a));
  const page = await ask(options.next, options.limit);
  const [first, last] = [page.items[0], page.items.at(-1)];
  if (!page.next || !first || !last || startOf(first) >= startOf(last)) {
    return { ...page, items: newestFirst(page.items) };
  }
  const all = [...page.items];
  let next: string | undefined = page.next;
  while (next) {
    const following: Listed<LakeRun> = await ask(next, mostRuns);
    all.push(...following.items);
    next = following.next;
  }
  return { items: newestFirst(all) };
}

/** A run and its jobs and crawlers, each after those that it waits for: one request. */
export async function readRun(aws: Connection, workflow: string, id: string): Promise<{ readonly run: LakeRun; readonly nodes: readonly RunNode[]; readonly graph: RunGraph; readonly raw: WorkflowRun }> {
  const { Run: raw = { Name: workflow, WorkflowRunId: id } } = await aws.glue.getWorkflowRun({ Name: workflow, RunId: id, IncludeGraph: true });
  const [nodes, edges] = [raw.Graph?.Nodes ?? [], raw.Graph?.Edges ?? []];
  return { run: toRun(raw, workflow), nodes: inOrder(nodes, edges), graph: toGraph(nodes, edges), raw };
}

const triggerTypes: Readonly<Record<string, RunTrigger['type']>> = { SCHEDULED: 'schedule', ON_DEMAND: 'demand', CONDITIONAL: 'condition', EVENT: 'event' };

const toGraph = (nodes: readonly Node[], edges: readonly Edge[]): RunGraph => ({
  triggers: nodes.filter(({ Type }) => Type === 'TRIGGER').map(({ UniqueId, Name = '', TriggerDetails }) => {
    const { Type = '', Predicate, Schedule } = TriggerDetails?.Trigger ?? {};
    // A predicate of one condition has no word for it, or either.
    return { id: UniqueId ?? Name, name: Name, type: triggerTypes[Type] ?? 'demand', waitsFor: Predicate?.Logical === 'ANY' ? 'any' : 'all', ...(Type === 'SCHEDULED' && Schedule && { schedule: Schedule }) };
  }),
  edges: edges.map(({ SourceId = '', DestinationId = '' }) => ({ from: SourceId, to: DestinationId })),
});

/** Jobs and crawlers in the order in which they come: topological, and by name where nothing else decides. */
export function inOrder(nodes: readonly Node[], edges: readonly Edge[]): RunNode[] {
  const byId = new Map(nodes.map((node) => [node.UniqueId ?? '', node]));
  const before = new Map<string, string[]>();
  for (const { SourceId = '', DestinationId = '' } of edges) {
    if (byId.has(SourceId) && byId.has(DestinationId)) {
      before.set(DestinationId, [...(before.get(DestinationId) ?? []), SourceId]);
    }
  }
  const depths = new Map<string, number>();
  const depth = (id: string): number => {
    let value = depths.get(id);
    if (value === undefined) {
      // Set first: a graph that runs in circles must not.
      depths.set(id, 0);
      value = Math.max(-1, ...(before.get(id) ?? []).map(depth)) + 1;
      depths.set(id, value);
    }
    return value;
  };
  return nodes
    .filter(({ Type }) => Type !== 'TRIGGER')
    .map((node) => ({ node, id: node.UniqueId ?? node.Name ?? '' }))
    .sort((a, b) => depth(a.id) - depth(b.id) || (a.node.Name ?? '').localeCompare(b.node.Name ?? ''))
    .map(({ node, id }) => {
      const triggers = before.get(id) ?? [];
      const after = triggers.flatMap((trigger) => before.get(trigger) ?? []).map((each) => byId.get(each)?.Name ?? '');
      const [trigger] = triggers;
      return toRunNode(node, id, trigger === undefined ? undefined : byId.get(trigger)?.Name, after);
    });
}

function toRunNode({ Name = '', Type, JobDetails, CrawlerDetails }: Node, id: string, trigger: string | undefined, after: readonly string[]): RunNode {
  const attempts = Type === 'CRAWLER' ? (CrawlerDetails?.Crawls ?? []).map((crawl, index) => toCrawl(crawl, Name, index)) : (JobDetails?.JobRuns ?? []).map(toAttempt);
  attempts.sort((a, b) => (b.started?.getTime() ?? 0) - (a.started?.getTime() ?? 0));
  return { id, name: Name, type: Type === 'CRAWLER' ? 'crawler' : 'job', state: attempts[0]?.state ?? 'waiting', attempts, ...(trigger && { trigger }), after };
}

const toAttempt = ({ Id = '', JobRunState, StartedOn, CompletedOn, ErrorMessage, LogGroupName }: JobRun): Attempt => ({
  id: Id,
  state: toState(JobRunState),
  ...(StartedOn && { started: StartedOn }),
  ...(CompletedOn && { ended: CompletedOn }),
  ...(ErrorMessage && { error: ErrorMessage }),
  logs: ['output', 'error'].map((kind) => ({ group: `${LogGroupName ?? '/aws-glue/jobs'}/${kind}`, stream: Id })),
});

const toCrawl = ({ State, StartedOn, CompletedOn, ErrorMessage, LogGroup, LogStream }: Crawl, crawler: string, index: number): Attempt => ({
  id: `crawl-${index + 1}`,
  state: toState(State),
  ...(StartedOn && { started: StartedOn }),
  ...(CompletedOn && { ended: CompletedOn }),
  ...(ErrorMessage && { error: ErrorMessage }),
  logs: [{ group: LogGroup ?? '/aws-glue/crawlers', stream: LogStream ?? crawler, ...(StartedOn && { from: StartedOn }) }],
});

/**
 * Starts a workflow.
 *
 * @returns the run's id.
 * @throws UserError `run.busy` when as many runs are under way as it allows.
 *
 * Source: botocore glue 1.44.5 StartWorkflowRun, 2026-11-28
 */
export async function startRun(aws: Connection, workflow: string, properties: Readonly<Record<string, string>> = {}): Promise<string> {
  try {
    const { RunId } = await aws.glue.startWorkflowRun({ Name: workflow, ...(Object.keys(properties).length > 0 && { RunProperties: { ...properties } }) });
    return RunId ?? '';
  } catch (error) {
    if (AwsError.is(error) && error.code === 'ConcurrentRunsExceededException') {
      throw new UserError('run.busy', l10n.t('The workflow "{0}" is running already.', workflow), {
        why: error.message, next: l10n.t('Wait until that run has ended, then run it again.'), cause: error,
      });
    }
    throw error;
  }
}

export async function stopRun(aws: Connection, workflow: string, id: string): Promise<void> {
  await aws.glue.stopWorkflowRun({ Name: workflow, RunId: id });
}

/** Switches the trigger that starts a workflow by the clock. */
export async function switchSchedule(aws: Connection, trigger: string, on: boolean): Promise<void> {
  await (on ? aws.glue.startTrigger({ Name: trigger }) : aws.glue.stopTrigger({ Name: trigger }));
}

/** The newest lines of a log; none where nothing was logged. */
export async function readLog(aws: Connection, { group, stream, from }: LogPlace, limit = 5000): Promise<readonly { readonly time?: Date; readonly text: string }[]> {
  try {
    const { events = [] } = await aws.logs.getLogEvents({ logGroupName: group, logStreamName: stream, startFromHead: false, limit, ...(from && { startTime: from.getTime() }) });
    return events.map(({ timestamp, message = '' }) => ({ ...(timestamp !== undefined && { time: new Date(timestamp) }), text: message.replace(/\n$/, '') }));
  } catch (error) {
    if (AwsError.is(error, 'notFound')) {
      return [];
    }
    throw error;
  }
}
