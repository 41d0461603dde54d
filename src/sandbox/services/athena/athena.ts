import { createHash, randomUUID } from 'node:crypto';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { EngineError } from '../../kernel/engine.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import type { Call, Route } from '../../kernel/router.ts';
import { ControlPlaneError } from '../../kernel/control-plane-client.ts';

/** Queries that run at a time; more of them wait their turn, as on AWS. */
const AT_ONCE = 4;
/** Queries that are remembered. (AWS: those of 45 days.) */
const MOST_KEPT = 5_000;
/** What of a result is read from S3 for one page: first so much, then more if its rows are long, but no more than this. */
const PAGE_BYTES = 256 * 1024;
const LARGEST_PAGE_BYTES = 16 * 1024 * 1024;
const MOST_ROWS = 1_000;

type State = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

interface Column {
  readonly Name: string;
  readonly Type: string;
}

/** A query as the history keeps it: one line of JSON for each change, the last one counts. */
interface Execution {
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
  state: State;
  reason?: string;
  readonly submitted: number;
  started?: number;
  ended?: number;
  scannedBytes?: number;
  columns?: readonly Column[];
}

interface StartInput {
  QueryString?: string;
  ClientRequestToken?: string;
  QueryExecutionContext?: { Database?: string; Catalog?: string };
  ResultConfiguration?: { OutputLocation?: string };
  WorkGroup?: string;
  ExecutionParameters?: string[];
}

interface WorkGroup {
  State?: string;
  Configuration?: { EnforceWorkGroupConfiguration?: boolean; ResultConfiguration?: { OutputLocation?: string } };
}

interface InCatalog {
  CatalogName?: string;
  DatabaseName?: string;
  TableName?: string;
  Expression?: string;
  MaxResults?: number;
  NextToken?: string;
}

interface GlueDatabase {
  readonly Name: string;
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
}

interface GlueTable extends GlueDatabase {
  readonly CreateTime?: number;
  readonly LastAccessTime?: number;
  readonly TableType?: string;
  readonly PartitionKeys?: readonly object[];
  readonly StorageDescriptor?: {
    readonly Columns?: readonly object[];
    readonly Location?: string;
    readonly InputFormat?: string;
    readonly OutputFormat?: string;
    readonly SerdeInfo?: { readonly SerializationLibrary?: string; readonly Parameters?: Readonly<Record<string, string>> };
  };
}

const shownDatabase = ({ Name, Description, Parameters }: GlueDatabase): object => ({ Name, Description, Parameters });

/** A table as Athena has it: what Glue says of its storage is among the parameters. */
function shownTable({ Name, CreateTime, LastAccessTime, TableType, PartitionKeys, StorageDescriptor, Parameters }: GlueTable): object {
  const { Columns, Location, InputFormat, OutputFormat, SerdeInfo } = StorageDescriptor ?? {};
  const serde = Object.entries(SerdeInfo?.Parameters ?? {}).map(([name, value]) => [`serde.param.${name}`, value]);
  return {
    Name,
    CreateTime,
    LastAccessTime,
    TableType,
    Columns,
    PartitionKeys,
    Parameters: {
      ...Parameters,
      ...(Location && { location: Location }),
      ...(InputFormat && { inputformat: InputFormat }),
      ...(OutputFormat && { outputformat: OutputFormat }),
      ...(SerdeInfo?.SerializationLibrary && { 'serde.serialization.lib': SerdeInfo.SerializationLibrary }),
      ...Object.fromEntries(serde),
    },
  };
}

/** An answer of Athena's that is an error. */
class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

const invalid = (message: string, detail = 'INVALID_INPUT'): Refused => new Refused('InvalidRequestException', message, detail);

/**
 * Athena's queries. The engine's process runs them (`query.py`) and writes the results to S3; here is
 * what Athena knows about them, which outlives a stop.
 */
export class Athena implements Service {
  readonly routes: readonly Route[];
  /** In the order in which they came. */
  readonly #executions = new Map<string, Execution>();
  readonly #byToken = new Map<string, Execution>();
  readonly #waiting: Execution[] = [];
  readonly #running = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly context: ServiceContext) {
    const route = <I>(action: string, answer: (input: I, region: string, call: Call) => unknown): Route => ({
      service: 'athena',
      action,
      handle: async (call) => {
        try {
          call.reply(await answer(await call.json<I>(), call.operation.region, call));
        } catch (error) {
          refuse(call, error);
        }
      },
    });
    this.routes = [
      route<StartInput>('StartQueryExecution', (input, region) => this.#start(input, region)),
      route<{ QueryExecutionId?: string }>('StopQueryExecution', (input, region) => this.#cancel(this.#find(input.QueryExecutionId, region))),
      route<{ QueryExecutionId?: string }>('GetQueryExecution', (input, region, call) => {
        const execution = this.#find(input.QueryExecutionId, region);
        sayLimitation(call, execution);
        return { QueryExecution: describe(execution) };
      }),
      route<{ QueryExecutionIds?: string[] }>('BatchGetQueryExecution', (input, region) => this.#batch(input.QueryExecutionIds ?? [], region)),
      route<{ WorkGroup?: string; MaxResults?: number; NextToken?: string }>('ListQueryExecutions', (input, region) => this.#list(input, region)),
      route<{ QueryExecutionId?: string; MaxResults?: number; NextToken?: string }>('GetQueryResults', (input, region) => this.#results(input, region)),
      route<InCatalog>('ListDatabases', async ({ MaxResults, NextToken, ...where }, region) => {
        const page = await this.#catalog<{ DatabaseList?: GlueDatabase[] }>('GetDatabases', where, { MaxResults, NextToken }, region);
        return { DatabaseList: (page.DatabaseList ?? []).map(shownDatabase), NextToken: page.NextToken };
      }),
      route<InCatalog>('GetDatabase', async (input, region) => {
        const { Database } = await this.#catalog<{ Database: GlueDatabase }>('GetDatabase', input, { Name: input.DatabaseName }, region);
        return { Database: shownDatabase(Database) };
      }),
      route<InCatalog>('ListTableMetadata', async ({ Expression, MaxResults, NextToken, ...where }, region) => {
        const page = await this.#catalog<{ TableList?: GlueTable[] }>('GetTables', where, { DatabaseName: where.DatabaseName, Expression, MaxResults, NextToken }, region);
        return { TableMetadataList: (page.TableList ?? []).map(shownTable), NextToken: page.NextToken };
      }),
      route<InCatalog>('GetTableMetadata', async (input, region) => {
        const { Table } = await this.#catalog<{ Table: GlueTable }>('GetTable', input, { DatabaseName: input.DatabaseName, Name: input.TableName }, region);
        return { TableMetadata: shownTable(Table) };
      }),
      route<{ QueryExecutionId?: string }>('GetQueryRuntimeStatistics', (input, region) => ({ QueryRuntimeStatistics: runtime(this.#find(input.QueryExecutionId, region)) })),
    ];
  }

  /** What a stop or a kill interrupted has failed: the engine that ran it is gone. */
  async start(): Promise<void> {
    const text = await readFile(this.context.files.queries, 'utf8').catch(() => '');
    const lines = text.split('\n');
    for (const line of lines) {
      const execution = parse(line);
      if (execution) {
        this.#executions.set(execution.id, execution);
      }
    }
    this.#forget();
    for (const execution of this.#executions.values()) {
      if (execution.token) {
        this.#byToken.set(tokenKey(execution.region, execution.token), execution);
      }
      if (execution.state === 'QUEUED' || execution.state === 'RUNNING') {
        this.#end(execution, 'FAILED', 'GENERIC_INTERNAL_ERROR: The sandbox was stopped while the query ran.');
      }
    }
    await this.#writing;
    if (lines.length > 2 * this.#executions.size + 100) {
      await this.#compact();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const execution of [...this.#executions.values()].filter(({ state }) => state === 'QUEUED' || state === 'RUNNING')) {
      this.#end(execution, 'FAILED', 'GENERIC_INTERNAL_ERROR: The sandbox was stopped while the query ran.');
    }
    await this.#writing;
  }

  async #start(input: StartInput, region: string): Promise<unknown> {
    const sql = input.QueryString ?? '';
    if (sql.trim() === '') {
      throw invalid('queryString is null or empty');
    }
    const request = createHash('sha256').update(JSON.stringify([sql, input.QueryExecutionContext ?? {}, input.ResultConfiguration ?? {}, input.WorkGroup ?? '', input.ExecutionParameters ?? []])).digest('base64');
    const known = input.ClientRequestToken === undefined ? undefined : this.#byToken.get(tokenKey(region, input.ClientRequestToken));
    if (known) {
      if (known.request !== request) {
        throw invalid('Idempotent parameters do not match');
      }
      return { QueryExecutionId: known.id };
    }
    const workGroup = input.WorkGroup ?? 'primary';
    const output = await this.#outputOf(workGroup, input, region);
    const kind = await this.#check(sql);
    // Another request with the same token may have come while this one waited.
    const meanwhile = input.ClientRequestToken === undefined ? undefined : this.#byToken.get(tokenKey(region, input.ClientRequestToken));
    if (meanwhile) {
      return { QueryExecutionId: meanwhile.id };
    }
    const execution: Execution = {
      id: randomUUID(),
      region,
      workGroup,
      sql,
      database: input.QueryExecutionContext?.Database,
      catalog: input.QueryExecutionContext?.Catalog,
      parameters: input.ExecutionParameters ?? [],
      ...kind,
      output,
      token: input.ClientRequestToken,
      request,
      state: 'QUEUED',
      submitted: Date.now(),
    };
    this.#executions.set(execution.id, execution);
    if (execution.token) {
      this.#byToken.set(tokenKey(region, execution.token), execution);
    }
    this.#forget();
    await this.#write(execution);
    this.#waiting.push(execution);
    this.#next();
    return { QueryExecutionId: execution.id };
  }

  async #outputOf(name: string, input: StartInput, region: string): Promise<string> {
    const group = await this.context.controlPlane.call<{ WorkGroup?: WorkGroup }>('athena', 'GetWorkGroup', { WorkGroup: name }, region).catch((error: unknown) => {
      if (error instanceof ControlPlaneError) {
        throw invalid(error.message);
      }
      throw error;
    });
    const { State, Configuration } = group.WorkGroup ?? {};
    if (State === 'DISABLED') {
      throw invalid(`WorkGroup ${name} is disabled`);
    }
    const its = Configuration?.ResultConfiguration?.OutputLocation;
    // An enforced configuration wins over what the client asks for.
    const output = (Configuration?.EnforceWorkGroupConfiguration ? its : undefined) ?? input.ResultConfiguration?.OutputLocation ?? its;
    if (!output) {
      throw invalid("No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.");
    }
    if (!/^s3:\/\/[^/]+/.test(output)) {
      throw invalid(`outputLocation is not a valid S3 path. Provided: ${output}`);
    }
    return output;
  }

  /** What Athena tells of the Glue catalog, which is the one that it has here. */
  async #catalog<T extends object>(action: string, { CatalogName = '' }: InCatalog, input: object, region: string): Promise<T & { NextToken?: string }> {
    if (CatalogName.toLowerCase() !== 'awsdatacatalog') {
      throw invalid(`DataCatalog ${CatalogName} was not found`);
    }
    return this.context.controlPlane.call<T & { NextToken?: string }>('glue', action, input, region).catch((error: unknown) => {
      throw error instanceof ControlPlaneError ? new Refused('MetadataException', `${error.message} (Service: AmazonDataCatalog; Status Code: ${error.status}; Error Code: ${error.code})`) : error;
    });
  }

  async #check(sql: string): Promise<{ statementType: string; substatementType: string }> {
    try {
      return await this.context.engine.ask('athena_check', { sql });
    } catch (error) {
      if (error instanceof EngineError && error.code === 'MALFORMED_QUERY') {
        throw invalid(error.message, 'MALFORMED_QUERY');
      }
      throw error;
    }
  }

  #next(): void {
    while (this.#running.size < AT_ONCE && !this.#stopped) {
      const execution = this.#waiting.shift();
      if (!execution) {
        return;
      }
      if (execution.state === 'QUEUED') {
        this.#running.add(execution.id);
        void this.#run(execution).finally(() => {
          this.#running.delete(execution.id);
          this.#next();
        });
      }
    }
  }

  async #run(execution: Execution): Promise<void> {
    execution.state = 'RUNNING';
    execution.started = Date.now();
    try {
      const { id, sql, region, database, output, parameters } = execution;
      const done = await this.context.engine.ask<{ columns: Column[]; scannedBytes: number; outputFile: string }>('athena_run', { query: id, sql, region, database: database ?? 'default', output, parameters });
      if (execution.state === 'RUNNING') {
        Object.assign(execution, { columns: done.columns, scannedBytes: done.scannedBytes, output: done.outputFile });
        this.#end(execution, 'SUCCEEDED');
      }
    } catch (error) {
      // A cancelled one has ended already.
      if (execution.state === 'RUNNING') {
        const [code, message] = error instanceof EngineError ? [error.code, error.message] : ['GENERIC_INTERNAL_ERROR', String(error)];
        this.context.log(`athena ${execution.id}: ${code}: ${message}`);
        this.#end(execution, 'FAILED', /^[A-Z_]+$/.test(code) ? `${code}: ${message}` : `GENERIC_INTERNAL_ERROR: ${message}`);
      }
    }
  }

  #cancel(execution: Execution): object {
    if (execution.state === 'QUEUED' || execution.state === 'RUNNING') {
      const ran = execution.state === 'RUNNING';
      this.#end(execution, 'CANCELLED', 'Query cancelled by user');
      if (ran) {
        this.context.engine.ask('athena_cancel', { query: execution.id }).catch((error: unknown) => this.context.log(`athena ${execution.id}: not cancelled: ${String(error)}`));
      }
    }
    return {};
  }

  #end(execution: Execution, state: State, reason?: string): void {
    execution.state = state;
    execution.ended = Date.now();
    if (reason !== undefined) {
      execution.reason = reason;
    }
    void this.#write(execution);
  }

  #find(id: string | undefined, region: string): Execution {
    const execution = this.#executions.get(id ?? '');
    if (!execution || execution.region !== region) {
      throw invalid(`QueryExecution ${id ?? ''} was not found`);
    }
    return execution;
  }

  #batch(ids: readonly string[], region: string): unknown {
    if (ids.length === 0 || ids.length > 50) {
      throw invalid('queryExecutionIds must have between 1 and 50 members');
    }
    const found = ids.map((id) => this.#executions.get(id)).filter((execution) => execution?.region === region);
    return {
      QueryExecutions: found.map((execution) => describe(execution!)),
      UnprocessedQueryExecutionIds: ids
        .filter((id) => this.#executions.get(id)?.region !== region)
        .map((id) => ({ QueryExecutionId: id, ErrorCode: 'INVALID_INPUT', ErrorMessage: `QueryExecution ${id} was not found` })),
    };
  }

  #list(input: { WorkGroup?: string; MaxResults?: number; NextToken?: string }, region: string): unknown {
    const most = limit(input.MaxResults, 50, 50);
    const ids = [...this.#executions.values()].filter((execution) => execution.region === region && execution.workGroup === (input.WorkGroup ?? 'primary')).map(({ id }) => id).toReversed();
    // A token is the last id given: what came since does not shift the pages.
    const from = input.NextToken === undefined ? 0 : ids.indexOf(input.NextToken) + 1;
    if (input.NextToken !== undefined && from === 0) {
      throw invalid('The token in NextToken is not valid.');
    }
    const page = ids.slice(from, from + most);
    return { QueryExecutionIds: page, ...(from + most < ids.length && { NextToken: page.at(-1) }) };
  }

  /** One page of a result, read from where it lies in S3: nothing is held between pages. */
  async #results(input: { QueryExecutionId?: string; MaxResults?: number; NextToken?: string }, region: string): Promise<unknown> {
    const execution = this.#find(input.QueryExecutionId, region);
    if (execution.state !== 'SUCCEEDED') {
      const state = execution.state === 'FAILED' || execution.state === 'CANCELLED' ? `Query did not finish successfully. Final query state: ${execution.state}` : `Query has not yet finished. Current state: ${execution.state}`;
      throw invalid(state, 'INVALID_QUERY_EXECUTION_STATE');
    }
    const most = limit(input.MaxResults, MOST_ROWS, MOST_ROWS);
    const offset = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64url').toString());
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw invalid('The token in NextToken is not valid.');
    }
    const { rows, next } = await this.#rows(execution, offset, most);
    return {
      UpdateCount: 0,
      ResultSet: {
        Rows: rows.map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) })),
        ResultSetMetadata: { ColumnInfo: execution.columns ?? [] },
      },
      ...(next !== undefined && { NextToken: Buffer.from(String(next)).toString('base64url') }),
    };
  }

  async #rows({ output, region }: Execution, offset: number, most: number): Promise<{ rows: (string | null)[][]; next: number | undefined }> {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? [];
    const read = output.endsWith('.csv') ? takeRows : takeLines;
    for (let size = PAGE_BYTES; ; size *= 4) {
      const { bytes, isLast } = await this.#range(bucket, key, region, offset, size);
      const { rows, used } = read(bytes, most, isLast);
      if (rows.length === most || isLast || (rows.length > 0 && size >= LARGEST_PAGE_BYTES)) {
        return { rows, next: isLast && used >= bytes.length ? undefined : offset + used };
      }
    }
  }

  async #range(bucket: string, key: string, region: string, offset: number, size: number): Promise<{ bytes: Buffer; isLast: boolean }> {
    try {
      const { content, total } = await this.context.controlPlane.getRange(bucket, key, region, offset, size);
      return { bytes: content, isLast: offset + content.length >= total };
    } catch (error) {
      if (error instanceof ControlPlaneError && error.code.startsWith('NoSuch')) {
        throw invalid(`Could not find results: s3://${bucket}/${key}`);
      }
      throw error;
    }
  }

  /** The oldest go when there are too many. */
  #forget(): void {
    for (const [id, { region, token }] of this.#executions) {
      if (this.#executions.size <= MOST_KEPT) {
        return;
      }
      this.#executions.delete(id);
      if (token) {
        this.#byToken.delete(tokenKey(region, token));
      }
    }
  }

  #write(execution: Execution): Promise<void> {
    const line = `${JSON.stringify(execution)}\n`;
    this.#writing = this.#writing
      .then(() => appendFile(this.context.files.queries, line, { mode: 0o600 }))
      .catch((error: unknown) => this.context.log(`the query history could not be written: ${String(error)}`));
    return this.#writing;
  }

  async #compact(): Promise<void> {
    const file = this.context.files.queries;
    await writeFile(`${file}.new`, [...this.#executions.values()].map((execution) => `${JSON.stringify(execution)}\n`).join(''), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

const tokenKey = (region: string, token: string): string => `${region}/${token}`;

function refuse(call: Call, error: unknown): void {
  if (error instanceof Refused) {
    // Beside code and message Athena says what kind of invalid it is.
    call.reply({ __type: error.code, Message: error.message, message: error.message, ...(error.detail && { AthenaErrorCode: error.detail }) }, 400);
  } else if (error instanceof EngineError) {
    call.fail('InternalServerException', error.message, 500);
  } else {
    throw error;
  }
}

/** A query that failed because of what the sandbox lacks says so in its own words. */
function sayLimitation(call: Call, { state, reason = '' }: Execution): void {
  if (state === 'FAILED' && reason.startsWith('NOT_SUPPORTED') && reason.includes("The sandbox's Athena")) {
    call.limit(/ reads no files in | does not read | in Parquet only/.test(reason) ? 'athena-formats' : 'athena-sql');
  }
}

function limit(asked: number | undefined, otherwise: number, most: number): number {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1 || asked > most)) {
    throw invalid(`MaxResults must be between 1 and ${most}`);
  }
  return asked ?? otherwise;
}

function parse(line: string): Execution | undefined {
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

function describe(execution: Execution): object {
  const { queue, engine, total } = times(execution);
  const { id, sql, state, reason, submitted, ended, output, database, catalog, parameters } = execution;
  return {
    QueryExecutionId: id,
    Query: sql,
    StatementType: execution.statementType,
    SubstatementType: execution.substatementType,
    ResultConfiguration: { OutputLocation: /\.(csv|txt)$/.test(output) ? output : `${output.replace(/\/?$/, '/')}${id}${execution.substatementType === 'SELECT' ? '.csv' : '.txt'}` },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
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
      TotalExecutionTimeInMillis: total,
      QueryQueueTimeInMillis: queue,
      ServicePreProcessingTimeInMillis: 0,
      QueryPlanningTimeInMillis: 0,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: execution.workGroup,
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
    ...(parameters.length > 0 && { ExecutionParameters: parameters }),
  };
}

/** AWS's categories: 1 the system's fault, 2 the user's, 3 others. */
function athenaError(message: string): object {
  const internal = message.startsWith('GENERIC_INTERNAL_ERROR');
  return { ErrorCategory: internal ? 1 : 2, ErrorType: internal ? 401 : 1301, Retryable: false, ErrorMessage: message };
}

function runtime(execution: Execution): object {
  const { queue, engine, total } = times(execution);
  return {
    Timeline: { QueryQueueTimeInMillis: queue, QueryPlanningTimeInMillis: 0, EngineExecutionTimeInMillis: engine, ServiceProcessingTimeInMillis: 0, TotalExecutionTimeInMillis: total },
    Rows: { InputBytes: execution.scannedBytes ?? 0 },
  };
}

interface Taken {
  readonly rows: (string | null)[][];
  /** Bytes that they take. */
  readonly used: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Whole rows of CSV as we write it: every value quoted, nothing for null. */
export function takeRows(bytes: Buffer, most: number, isLast: boolean): Taken {
  const rows: (string | null)[][] = [];
  let at = 0;
  let used = 0;
  while (rows.length < most && at < bytes.length) {
    const row: (string | null)[] = [];
    for (;;) {
      if (bytes[at] === QUOTE) {
        const from = at + 1;
        let close = bytes.indexOf(QUOTE, from);
        while (close >= 0 && bytes[close + 1] === QUOTE) {
          close = bytes.indexOf(QUOTE, close + 2);
        }
        // A quote that is the last byte read may be the first half of a doubled one.
        if (close < 0 || (close + 1 === bytes.length && !isLast)) {
          return { rows, used };
        }
        row.push(bytes.toString('utf8', from, close).replaceAll('""', '"'));
        at = close + 1;
      } else {
        row.push(null);
      }
      if (bytes[at] === COMMA) {
        at++;
      } else if (bytes[at] === NEWLINE || (at === bytes.length && isLast)) {
        break;
      } else {
        return { rows, used };
      }
    }
    at++;
    used = Math.min(at, bytes.length);
    rows.push(row);
  }
  return { rows, used };
}

/** Whole lines of text, each a row of one value. */
function takeLines(bytes: Buffer, most: number, isLast: boolean): Taken {
  const rows: (string | null)[][] = [];
  let used = 0;
  while (rows.length < most && used < bytes.length) {
    const end = bytes.indexOf(NEWLINE, used);
    if (end < 0 && !isLast) {
      break;
    }
    rows.push([bytes.toString('utf8', used, end < 0 ? bytes.length : end)]);
    used = end < 0 ? bytes.length : end + 1;
  }
  return { rows, used };
}
