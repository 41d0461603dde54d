import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError, isCancellation } from '../errors.ts';
import type { Connection } from './connection.ts';
import { AwsError, explain } from './errors.ts';

export interface QueryOptions {
  readonly database?: string;
  readonly workGroup?: string;
  /** Aborting cancels the query too: what is not cancelled goes on reading, and costs. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (state: string) => void;
  /** Rows that are fetched at most; all without it. */
  readonly maxRows?: number;
}

export interface QueryColumn {
  readonly name: string;
  /** As Athena names it: `bigint`, `varchar`, `timestamp`… */
  readonly type: string;
}

export interface QueryResult {
  readonly columns: readonly QueryColumn[];
  /** As Athena writes the values: text, and null. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly queryId: string;
  readonly scannedBytes: number;
  readonly ms: number;
  /** True when there are more rows than `maxRows`. */
  readonly truncated: boolean;
  /** Where they go on, for `nextRows`. */
  readonly next?: string;
}

/** The most that Athena gives in one page. */
const pageSize = 1_000;

/** That there is nothing to run. `next`: how it is given there. */
export const noSql = (next?: string): UserError => new UserError('query.empty', l10n.t('There is no SQL to run.'), { ...(next !== undefined && { next }), exit: ExitCode.usage });

/**
 * Runs SQL on Athena, waits for its end and fetches the rows.
 *
 * @throws UserError `query.empty`, `query.failed` (with Athena's message), `query.cancelled`, and what explains a refused call.
 */
export async function runQuery(connection: Connection, sql: string, options: QueryOptions = {}): Promise<QueryResult> {
  const { signal, maxRows = Number.POSITIVE_INFINITY } = options;
  if (sql.trim() === '') {
    throw noSql();
  }
  signal?.throwIfAborted();
  const start = performance.now();
  const aws = signal ? connection.withSignal(signal) : connection;
  let queryId: string | undefined;
  try {
    const started = await aws.athena.startQueryExecution({
      QueryString: sql,
      ...(options.database !== undefined && { QueryExecutionContext: { Database: options.database } }),
      ...(options.workGroup !== undefined && { WorkGroup: options.workGroup }),
    });
    queryId = started.QueryExecutionId ?? '';
    const { scannedBytes, kind } = await ended(aws, queryId, options);
    const result = await fetchRows(aws, queryId, kind, maxRows);
    return { ...result, queryId, scannedBytes, ms: Math.round(performance.now() - start) };
  } catch (error) {
    if (queryId !== undefined && (signal?.aborted || isCancellation(error))) {
      // Not through the aborted connection: this call must still go out.
      await connection.withoutSignal().athena.stopQueryExecution({ QueryExecutionId: queryId }).catch(() => undefined);
    }
    throw readable(error, connection);
  }
}

async function ended(aws: Connection, queryId: string, { signal, onProgress }: QueryOptions): Promise<{ scannedBytes: number; kind: string }> {
  // The sandbox answers in tens of milliseconds, AWS in a second or more: begin short, back off.
  for (let wait = 20; ; wait = Math.min(wait * 1.5, 1_000)) {
    const { QueryExecution: query } = await aws.athena.getQueryExecution({ QueryExecutionId: queryId });
    const state = query?.Status?.State ?? 'QUEUED';
    if (state === 'SUCCEEDED') {
      return { scannedBytes: query?.Statistics?.DataScannedInBytes ?? 0, kind: query?.StatementType ?? 'DML' };
    }
    if (state === 'FAILED') {
      throw failed(query?.Status?.StateChangeReason ?? query?.Status?.AthenaError?.ErrorMessage ?? '');
    }
    if (state === 'CANCELLED') {
      throw new UserError('query.cancelled', l10n.t('The query was cancelled by somebody else.'), { why: query?.Status?.StateChangeReason, next: l10n.t('Run it again.') });
    }
    onProgress?.(state);
    await delay(wait, undefined, { signal });
  }
}

async function fetchRows(aws: Connection, queryId: string, kind: string, maxRows: number): Promise<Pick<QueryResult, 'columns' | 'rows' | 'truncated' | 'next'>> {
  const rows: (string | null)[][] = [];
  let columns: QueryColumn[] = [];
  // The rows of a SELECT begin with the columns' names; those of a SHOW or DESCRIBE do not.
  let header = kind === 'DML';
  let token: string | undefined;
  do {
    // No more than is wanted: the rest begins where this ends.
    const size = Math.max(1, Math.min(pageSize, maxRows - rows.length + (header ? 1 : 0)));
    const page = await aws.athena.getQueryResults({ QueryExecutionId: queryId, MaxResults: size, ...(token && { NextToken: token }) });
    columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name, Type }) => ({ name: Name ?? '', type: Type ?? '' }));
    const data = page.ResultSet?.Rows ?? [];
    rows.push(...(header ? data.slice(1) : data).map((row) => valuesOf(row, columns.length)));
    header = false;
    token = page.NextToken;
  } while (token && rows.length < maxRows);
  return { columns, rows: rows.slice(0, maxRows), truncated: token !== undefined || rows.length > maxRows, ...(token !== undefined && { next: token }) };
}

interface ResultRow {
  readonly Data?: readonly { readonly VarCharValue?: string | undefined }[] | undefined;
}

function valuesOf({ Data = [] }: ResultRow, columns: number): (string | null)[] {
  const values = Data.map(({ VarCharValue }) => VarCharValue ?? null);
  // DESCRIBE has several columns, and all of them in one value.
  return values.length === 1 && columns > 1 ? split(values[0] ?? '', columns) : values;
}

/** The next page of a query's rows: Athena keeps them. @param token where the page before ended. */
export async function nextRows(connection: Connection, queryId: string, token: string, columns: number): Promise<Pick<QueryResult, 'rows' | 'next'>> {
  try {
    const { ResultSet, NextToken } = await connection.athena.getQueryResults({ QueryExecutionId: queryId, MaxResults: pageSize, NextToken: token });
    return { rows: (ResultSet?.Rows ?? []).map((row) => valuesOf(row, columns)), ...(NextToken !== undefined && { next: NextToken }) };
  } catch (error) {
    throw readable(error, connection);
  }
}


function split(line: string, columns: number): string[] {
  const values = line.split('\t').map((value) => value.trim());
  return Array.from({ length: columns }, (_, index) => values[index] ?? '');
}

/**
 * Source: ColeMurray/aws-athena-mcp#23, 2026-11-28
 * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
 * Source: aoyagikouhei/athena-local docs/dev/measurements/errors.md, 2026-11-28
 */
function readable(error: unknown, connection: Connection): unknown {
  if (!AwsError.is(error)) {
    return error;
  }
  if (error.code === 'InvalidRequestException' && /^WorkGroup (?:.* )?is not found/.test(error.message)) {
    return new UserError('query.workGroup', l10n.t('Athena\'s work group is not there.'), {
      why: error.message, next: l10n.t('Provision the lake first: "Lake Tutorial: Provision Everything", or: lake-tutorial up'), cause: error,
    });
  }
  // Source: our own (the sandbox's word for a full disk), 2026-11-28
  if (error.code === 'InsufficientStorage') {
    return failed(error.message, error);
  }
  // Athena refuses what it cannot parse when the query starts, and all else when it runs: to people it is the same.
  return error.code === 'InvalidRequestException' && /^(line \d+:\d+: |Queries of this type|Only one sql statement)/.test(error.message) ? failed(error.message, error) : explain(error, connection.options, l10n.t('Correct the SQL and run it again. Athena speaks the SQL of Trino.'));
}

/**
 * What to do about Athena's failures, the first that fits.
 *
 * Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28
 * Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
 */
const remedies: readonly (readonly [failure: RegExp, next: () => string])[] = [
  [/TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|does not exist/, () => l10n.t('Look at what there is with SHOW TABLES. The tables of the lake come with the first run of the workflow.')],
  [/COLUMN_NOT_FOUND|cannot be resolved/, () => l10n.t('Look at the table\'s columns with DESCRIBE, then correct the name. A name given with AS is known in ORDER BY only: elsewhere repeat what it stands for. Text stands between single quotes.')],
  [/FUNCTION_NOT_FOUND/, () => l10n.t('Athena has the functions of Trino, and they convert nothing by themselves: give them the types that they expect, with CAST where need be.')],
  [/TYPE_MISMATCH/, () => l10n.t('Give both sides the same type, such as date \'2026-01-31\' or timestamp \'2026-01-31 12:00:00\', or convert one with CAST.')],
  [/HIVE_BAD_DATA/, () => l10n.t('Drop the table and make it again with the types that its files have.')],
  [/HIVE_UNSUPPORTED_FORMAT/, () => l10n.t('Ask a table whose data lie in the bucket: those of bronze, silver and gold.')],
  [/No space left on device|disk is full|disk quota exceeded/i, () => l10n.t('Free some space where the sandbox keeps its state, then run it again: nothing is wrong with the SQL.')],
  [/The sandbox's Athena does not run/, () => l10n.t('Say it with one of the statements that the sandbox runs; AWS\'s own Athena may run this one.')],
  [/Insufficient (Lake Formation )?permission|AccessDenied|not authorized/i, () => l10n.t('Verify the step that grants rights on the lake, and provision it again.')],
];

function failed(why: string, cause?: unknown): UserError {
  const next = remedies.find(([failure]) => failure.test(why))?.[1]() ?? l10n.t('Correct the SQL and run it again. Athena speaks the SQL of Trino.');
  return new UserError('query.failed', l10n.t('The query failed.'), { why, next, exit: ExitCode.failed, cause });
}
