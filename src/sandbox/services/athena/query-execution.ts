import type { Call, Caller } from '../../kernel/router.ts';

export type State = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface Column {
  readonly Name: string;
  readonly Type: string;
}

/** A query as the history keeps it: one line of JSON for each change, the last one counts. */
export interface Execution {
  readonly id: string;
  readonly region: string;
  readonly workGroup: string;
  readonly sql: string;
  readonly database: string | undefined;
  readonly catalog: string | undefined;
  readonly parameters: readonly string[];
  readonly statementType: string;
  readonly substatementType: string;
  /** Where the result goes: a folder before it is there, the file afterwards. */
  output: string;
  /** Of what the client sent, to know it again by its token. */
  readonly token: string | undefined;
  readonly request: string;
  /** Who asked, where that is somebody who is judged: the query reads and writes with their rights. */
  readonly caller?: Caller | undefined;
  state: State;
  reason?: string;
  readonly submitted: number;
  started?: number;
  ended?: number;
  scannedBytes?: number;
  columns?: readonly Column[];
  /** Of what wrote a table: where the list of its files is, and how many rows. */
  manifest?: string;
  updated?: number;
  /** Minutes: how old a result may be that is taken again. */
  readonly reuse?: number | undefined;
  /** The result is an earlier query's. */
  readonly reused?: boolean;
}

export interface StartInput {
  QueryString?: string;
  ClientRequestToken?: string;
  QueryExecutionContext?: { Database?: string; Catalog?: string };
  ResultConfiguration?: { OutputLocation?: string };
  WorkGroup?: string;
  ExecutionParameters?: string[];
  ResultReuseConfiguration?: { ResultReuseByAgeConfiguration?: { Enabled?: boolean; MaxAgeInMinutes?: number } };
}

/**
 * A query that failed because of what the sandbox lacks says so in its own words.
 *
 * Source: our own (which of our own limits a failure tells of), 2026-11-28
 */
export function sayLimitation(call: Call, { state, reason = '' }: Execution): void {
  if (state === 'FAILED' && reason.startsWith('NOT_SUPPORTED') && reason.includes("The sandbox's Athena")) {
    call.limit(/ reads no files in | does not read | in Parquet only/.test(reason) ? 'athena-formats' : 'athena-sql');
  }
}

export function parse(line: string): Execution | undefined {
  try {
    return line ? (JSON.parse(line) as Execution) : undefined;
  } catch {
    // Torn by a kill.
    return undefined;
  }
}

function times({ submitted, started, ended }: Execution): { queue: number; engine: number; total: number } {
  const until = ended ?? Date.now();
  return { queue: (started ?? until) - submitted, engine: started === undefined ? 0 : until - started, total: until - submitted };
}

/**
 * The file of the result, also before it is there.
 *
 * Source: aoyagikouhei/athena-local docs/result-files.md, 2026-11-28
 */
function outputOf({ id, output, substatementType, reused }: Execution): string {
  if (reused || output.includes(id)) {
    return output;
  }
  const name = { SELECT: `${id}.csv`, INSERT: id, CREATE_TABLE_AS_SELECT: `tables/${id}` }[substatementType] ?? `${id}.txt`;
  return `${output.replace(/\/?$/, '/')}${name}`;
}

export function describe(execution: Execution): object {
  const { queue, engine, total } = times(execution);
  const { id, sql, state, reason, submitted, ended, manifest, database, catalog, parameters } = execution;
  return {
    QueryExecutionId: id,
    Query: sql,
    StatementType: execution.statementType,
    SubstatementType: execution.substatementType,
    ResultConfiguration: { OutputLocation: outputOf(execution) },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: execution.reuse === undefined ? { Enabled: false } : { Enabled: true, MaxAgeInMinutes: execution.reuse } },
    QueryExecutionContext: { ...(database !== undefined && { Database: database }), ...(catalog !== undefined && { Catalog: catalog }) },
    Status: {
      State: state,
      ...(reason !== undefined && { StateChangeReason: reason }),
      SubmissionDateTime: submitted / 1000,
      ...(ended !== undefined && { CompletionDateTime: ended / 1000 }),
      ...(state === 'FAILED' && { AthenaError: athenaError(reason ?? '') }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: engine,
      DataScannedInBytes: execution.scannedBytes ?? 0,
      ...(manifest !== undefined && { DataManifestLocation: manifest }),
      TotalExecutionTimeInMillis: total,
      QueryQueueTimeInMillis: queue,
      ServicePreProcessingTimeInMillis: 0,
      QueryPlanningTimeInMillis: 0,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: execution.reused === true },
    },
    WorkGroup: execution.workGroup,
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
    ...(parameters.length > 0 && { ExecutionParameters: parameters }),
  };
}

/**
 * AWS's categories: 1 the system's fault, 2 the user's, 3 others.
 *
 * Source: botocore athena 1.44.5 AthenaError, 2026-11-28
 * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
 */
function athenaError(message: string): object {
  const internal = message.startsWith('GENERIC_INTERNAL_ERROR');
  return { ErrorCategory: internal ? 1 : 2, ErrorType: internal ? 401 : 1301, Retryable: false, ErrorMessage: message };
}

export function runtime(execution: Execution): object {
  const { queue, engine, total } = times(execution);
  return {
    Timeline: { QueryQueueTimeInMillis: queue, QueryPlanningTimeInMillis: 0, EngineExecutionTimeInMillis: engine, ServiceProcessingTimeInMillis: 0, TotalExecutionTimeInMillis: total },
    Rows: { InputBytes: execution.scannedBytes ?? 0 },
  };
}
