import { setTimeout as delay } from 'node:timers/promises';
import type { Node, WorkflowRun } from '@aws-sdk/client-glue';
import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import { AwsError, explain } from '../aws/errors.ts';
import { runQuery } from '../aws/query.ts';
import { startRun as startWorkflow } from '../aws/workflows.ts';
import { UserError, isCancellation } from '../errors.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import { workflowName } from '../resources/glue.ts';
import { workGroupName } from '../resources/kinds/work-group.ts';
import type { Names } from '../resources/names.ts';
import { tablesOf } from '../resources/results.ts';
import { AccountView, type ProvisionOptions } from './account-view.ts';

/** A crawler or job of a run; triggers are the lines between them and not listed. */
export interface RunNode {
  readonly name: string;
  readonly type: 'CRAWLER' | 'JOB';
  /** AWS's state of the crawl or job run; `WAITING` before its turn came. */
  readonly state: string;
  readonly ms: number;
  /** When it began and when it ended, in ISO 8601; none while that is still to come. */
  readonly started?: string;
  readonly ended?: string;
  readonly error: string | null;
  /** Where its log is: a group of CloudWatch Logs and a stream in it. */
  readonly log?: { readonly group: string; readonly stream: string };
}

export interface RunResult {
  readonly runId: string;
  /** AWS's word. `COMPLETED` says that it ended, not that it went well: see {@link failedNodes}. */
  readonly status: string;
  /** When AWS began it, in ISO 8601. */
  readonly started?: string;
  readonly nodes: readonly RunNode[];
  /** Rows in each zone after the run; null where they cannot be counted. */
  readonly rows: { readonly bronze: number | null; readonly silver: number | null; readonly gold: number | null };
  readonly ms: number;
  readonly error: string | null;
}

export interface RunProgress {
  readonly runId: string;
  readonly status: string;
  readonly nodes: readonly RunNode[];
}

export interface RunOptions extends Pick<ProvisionOptions, 'tutorial' | 'connection' | 'variables' | 'signal' | 'assets'> {
  readonly onRunProgress?: (progress: RunProgress) => void;
}

const finalStates = new Set(['COMPLETED', 'STOPPED', 'ERROR']);
const goodStates = new Set(['SUCCEEDED', 'WAITING']);

/** What kept a run from being good: nodes that failed, and a run that ended otherwise than by itself. */
export const failedNodes = ({ nodes }: Pick<RunResult, 'nodes'>): readonly RunNode[] => nodes.filter(({ state }) => !goodStates.has(state));

/** What a run is charged for on AWS, each with its price in USD. */
export const costsPerRun = (): readonly { readonly what: string; readonly perRun: number }[] => catalogue.flatMap(({ costs = [] }) => costs).flatMap(({ what, perRun }) => (perRun === undefined ? [] : [{ what: what(), perRun }]));

/** What a run costs on AWS, in USD. */
export const costPerRun = (): number => catalogue.flatMap(({ costs = [] }) => costs).reduce((sum, { perRun = 0 }) => sum + perRun, 0);

/** True when every crawler and job of it did its work. */
export const isGood = (run: RunResult): boolean => run.status === 'COMPLETED' && run.nodes.length > 0 && run.nodes.every(({ state }) => state === 'SUCCEEDED');

/**
 * Starts the tutorial's workflow, follows it to its end and counts the rows of the zones. Aborting stops the run.
 *
 * @throws UserError `run.nothing` when there is no workflow, `run.busy` when a run is under way, and what explains a refused call.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const account = await AccountView.open({ ...options, onProgress: undefined });
  const { connection, names, signal } = account;
  const start = performance.now();
  const runId = await startRun(connection, names);
  const ended = await followRun(options.connection, names, runId, signal, options.onRunProgress);
  return { runId, ...ended, rows: await countRows(connection, names), ms: Math.round(performance.now() - start) };
}

/** Starts the workflow. @throws UserError as {@link run} */
export async function startRun(connection: Connection, names: Names): Promise<string> {
  try {
    return await startWorkflow(connection, workflowName({ names }));
  } catch (error) {
    if (AwsError.is(error, 'notFound')) {
      throw new UserError('run.nothing', l10n.t('There is no workflow "{0}" to run.', workflowName({ names })), {
        next: l10n.t('Provision the lake first: "Lake Tutorial: Provision Everything", or: lake-tutorial up'), cause: error,
      });
    }
    throw AwsError.is(error) ? explain(error, connection.options) : error;
  }
}

/** Follows a run to its end. Aborting asks AWS to stop it. */
export async function followRun(
  connection: Connection,
  names: Names,
  runId: string,
  signal: AbortSignal,
  onProgress?: (progress: RunProgress) => void,
): Promise<Pick<RunResult, 'status' | 'started' | 'nodes' | 'error'>> {
  const Name = workflowName({ names });
  const aws = connection.withSignal(signal);
  try {
    // A run takes seconds in the sandbox and minutes on AWS: begin short, back off.
    const longest = connection.options.target === 'sandbox' ? 200 : 10_000;
    for (let wait = 50; ; wait = Math.min(wait * 1.3, longest)) {
      const { Run } = await aws.glue.getWorkflowRun({ Name, RunId: runId, IncludeGraph: true });
      const status = Run?.Status ?? 'RUNNING';
      const nodes = nodesOf(Run);
      onProgress?.({ runId, status, nodes });
      if (finalStates.has(status)) {
        return { status, ...(Run?.StartedOn && { started: Run.StartedOn.toISOString() }), nodes, error: Run?.ErrorMessage ?? null };
      }
      await delay(wait, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted || isCancellation(error)) {
      // Not through the aborted connection: this call must still go out.
      await connection.withoutSignal().glue.stopWorkflowRun({ Name, RunId: runId }).catch(() => undefined);
    }
    throw AwsError.is(error) ? explain(error, connection.options) : error;
  }
}

/** What a run of AWS's is as a result of ours, as far as it has come. */
export const resultOf = (run: WorkflowRun): Pick<RunResult, 'runId' | 'status' | 'started' | 'nodes' | 'error'> => ({
  runId: run.WorkflowRunId ?? '', status: run.Status ?? 'RUNNING', ...(run.StartedOn && { started: run.StartedOn.toISOString() }), nodes: nodesOf(run), error: run.ErrorMessage ?? null,
});

function nodesOf(run: WorkflowRun | undefined): RunNode[] {
  const known = run?.Graph?.Nodes ?? [];
  return known.flatMap((node) => (node.Type === 'CRAWLER' || node.Type === 'JOB' ? [nodeOf(node, node.Type)] : [])).sort((one, other) => one.began - other.began).map(({ began: _, ...node }) => node);
}

function nodeOf(node: Node, type: RunNode['type']): RunNode & { readonly began: number } {
  const name = node.Name ?? '';
  const job = node.JobDetails?.JobRuns?.at(-1);
  const crawl = node.CrawlerDetails?.Crawls?.at(-1);
  const began = job?.StartedOn ?? crawl?.StartedOn;
  const ended = job?.CompletedOn ?? crawl?.CompletedOn;
  return {
    name,
    type,
    state: job?.JobRunState ?? crawl?.State ?? 'WAITING',
    ...(began && { started: began.toISOString() }),
    ...(began && ended && { ended: ended.toISOString() }),
    ms: began ? Math.max(0, (ended?.getTime() ?? Date.now()) - began.getTime()) : 0,
    error: job?.ErrorMessage ?? crawl?.ErrorMessage ?? null,
    ...(job?.Id && { log: { group: job.LogGroupName ? `${job.LogGroupName}/error` : '/aws-glue/jobs/error', stream: job.Id } }),
    ...(crawl && { log: { group: crawl.LogGroup ?? '/aws-glue/crawlers', stream: crawl.LogStream ?? name } }),
    began: began?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}

async function countRows(connection: Connection, names: Names): Promise<RunResult['rows']> {
  const count = async (table: string): Promise<number | null> => {
    try {
      const { rows } = await runQuery(connection, `SELECT count(*) FROM "${table}"`, { database: names.lakeDatabase, workGroup: workGroupName({ names }) });
      return Number(rows[0]?.[0] ?? Number.NaN);
    } catch (error) {
      if (isCancellation(error)) {
        throw error;
      }
      // No table: nothing has come that far. Anything else, such as a missing right, is not known here, and the run's own errors say more.
      return UserError.is(error) && error.why?.startsWith('TABLE_NOT_FOUND') ? 0 : null;
    }
  };
  const tables = tablesOf(names);
  const [bronze, silver, gold] = await Promise.all([count(tables.bronze), count(tables.silver), count(tables.gold)]);
  return { bronze, silver, gold };
}
