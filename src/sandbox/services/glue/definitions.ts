import { ControlPlaneError } from '../../kernel/control-plane-client.ts';
import type { RunRecord } from './run-history.ts';

const ACCOUNT = '000000000000';

/** Refuses a call in AWS's words. */
export function refuse(code: string, message: string): never {
  throw new ControlPlaneError(code, message, 400);
}

/**
 * Says that something is not there in the words of the call that needed it, for `catch`.
 *
 * Source: botocore glue 1.44.5 EntityNotFoundException, 2026-11-28
 */
export const missing = (message: string) => (error: unknown): never => {
  throw error instanceof ControlPlaneError && error.code === 'EntityNotFoundException' ? new ControlPlaneError(error.code, message, error.status) : error;
};

/** Glue takes a role by name, by path and name, or by ARN. */
export const roleArn = (role: string): string => (role.startsWith('arn:') ? role : `arn:aws:iam::${ACCOUNT}:role/${role.replace(/^\//, '')}`);

/** A time as JSON protocols carry it. */
export const seconds = (milliseconds: number | undefined): number | undefined => (milliseconds === undefined ? undefined : milliseconds / 1000);

/** What a run was doing when the sandbox stopped or was killed. */
export const INTERRUPTED = 'The sandbox was stopped while this ran.';

/** A job as GetJob has it, as far as running it needs it. */
export interface JobDefinition {
  readonly Name: string;
  readonly Role: string;
  readonly Command: { readonly Name?: string; readonly ScriptLocation?: string };
  readonly DefaultArguments?: Readonly<Record<string, string>>;
  readonly NonOverridableArguments?: Readonly<Record<string, string>>;
  readonly Connections?: { readonly Connections?: readonly string[] };
  readonly ExecutionProperty?: { readonly MaxConcurrentRuns?: number };
  readonly MaxRetries?: number;
  readonly Timeout?: number;
  readonly GlueVersion?: string;
  readonly WorkerType?: string;
  readonly NumberOfWorkers?: number;
  readonly MaxCapacity?: number;
  readonly AllocatedCapacity?: number;
  readonly ExecutionClass?: string;
}

/** What a trigger starts. */
export interface Action {
  readonly JobName?: string;
  readonly CrawlerName?: string;
  readonly Arguments?: Readonly<Record<string, string>>;
  readonly Timeout?: number;
}

export interface Condition {
  readonly JobName?: string;
  readonly State?: string;
  readonly CrawlerName?: string;
  readonly CrawlState?: string;
}

/** A trigger as GetTrigger has it. */
export interface Trigger {
  readonly Name: string;
  readonly Type: 'SCHEDULED' | 'CONDITIONAL' | 'ON_DEMAND' | 'EVENT';
  readonly State: string;
  readonly WorkflowName?: string;
  readonly Schedule?: string;
  readonly Actions?: readonly Action[];
  readonly Predicate?: { readonly Logical?: 'AND' | 'ANY'; readonly Conditions?: readonly Condition[] };
}

/** Who started a job or a crawl, if not a caller. */
export interface Origin {
  readonly trigger?: string;
  readonly workflow?: { readonly name: string; readonly runId: string };
  /** The job runs that the trigger waited for. */
  readonly predecessors?: readonly { readonly JobName: string; readonly RunId: string }[];
}

export interface JobRun extends RunRecord, Origin {
  readonly attempt: number;
  readonly previous?: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** What of the definition GetJobRun shows. */
  readonly shown: Readonly<Record<string, unknown>>;
  state: 'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED' | 'TIMEOUT' | 'ERROR';
  modifiedOn: number;
  completedOn?: number;
  /** Seconds. */
  executionTime?: number;
  error?: string;
  pid?: number;
  /** How far it has read its sources, once it has committed that; null after a reset. */
  bookmark?: object | null;
}

export interface Crawl extends RunRecord, Origin {
  state: 'RUNNING' | 'CANCELLING' | 'CANCELLED' | 'SUCCEEDED' | 'FAILED' | 'ERROR';
  completedOn?: number;
  error?: string;
  tables?: { created: number; updated: number; deleted: number };
}

/** A crawler, job or trigger in the graph of a workflow, as GetWorkflow has it. */
export interface GraphNode {
  readonly Type: 'CRAWLER' | 'JOB' | 'TRIGGER';
  readonly Name: string;
  readonly UniqueId: string;
  readonly TriggerDetails?: { readonly Trigger: Trigger };
}

export interface Graph {
  readonly Nodes: readonly GraphNode[];
  readonly Edges: readonly { readonly SourceId: string; readonly DestinationId: string }[];
}

export interface WorkflowRun extends RunRecord {
  readonly previous?: string;
  /** As it was when the run began. */
  readonly graph: Graph;
  status: 'RUNNING' | 'COMPLETED' | 'STOPPING' | 'STOPPED' | 'ERROR';
  properties: Readonly<Record<string, string>>;
  completedOn?: number;
  error?: string;
  /** Ids of the runs of each job, all attempts, and of the crawls of each crawler. */
  jobs: Readonly<Record<string, readonly string[]>>;
  crawls: Readonly<Record<string, readonly string[]>>;
  fired: readonly string[];
}

export const isOver = (run: { state: string }): boolean => !['STARTING', 'RUNNING', 'STOPPING', 'WAITING', 'CANCELLING'].includes(run.state);
