import { createHash, randomUUID } from 'node:crypto';
import { EngineError } from '../../kernel/engine.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import type { Call, Caller, Route } from '../../kernel/router.ts';
import { ControlPlaneError } from '../../kernel/control-plane-client.ts';
import { describe, runtime, sayLimitation, type Column, type Execution, type StartInput, type State } from './query-execution.ts';
import { QueryHistory } from './query-history.ts';
import { invalid, refuse } from './refusals.ts';
import { askCatalog, shownDatabase, shownTable, type GlueDatabase, type GlueTable, type InCatalog } from './catalog-metadata.ts';
import { resultPage } from './result-pages.ts';

/** Queries that run at a time; more of them wait their turn, as on AWS. */
const AT_ONCE = 4;

interface WorkGroup {
  State?: string;
  Configuration?: { EnforceWorkGroupConfiguration?: boolean; ResultConfiguration?: { OutputLocation?: string } };
}

/**
 * A database's name without the backquotes that Hive, and clients that write its statements, put around it.
 *
 * Source: aws/aws-sdk-pandas awswrangler/athena/_utils.py, 2026-11-28
 */
const bare = (name: string): string => /^`(.*)`$/.exec(name)?.[1] ?? name;

/**
 * Minutes that a result may be old to be taken again; nothing where it must be new.
 *
 * Source: botocore athena 1.44.5 ResultReuseByAgeConfiguration, 2026-11-28
 * Source: https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html, 2026-11-28
 */
function reuseOf({ ResultReuseConfiguration }: StartInput): number | undefined {
  const { Enabled = false, MaxAgeInMinutes = 60 } = ResultReuseConfiguration?.ResultReuseByAgeConfiguration ?? {};
  if (MaxAgeInMinutes < 0 || MaxAgeInMinutes > 10_080) {
    throw invalid(`1 validation error detected: Value '${MaxAgeInMinutes}' at 'resultReuseConfiguration.resultReuseByAgeConfiguration.maxAgeInMinutes' failed to satisfy constraint: Member must have value ${MaxAgeInMinutes < 0 ? 'greater than or equal to 0' : 'less than or equal to 10080'}`);
  }
  return Enabled ? MaxAgeInMinutes : undefined;
}

/**
 * Athena's queries. The engine's process runs them (`query.py`) and writes the results to S3; here is
 * what Athena knows about them, which outlives a stop.
 */
export class Athena implements Service {
  readonly routes: readonly Route[];
  readonly #history: QueryHistory;
  readonly #waiting: Execution[] = [];
  readonly #running = new Set<string>();
  #stopped = false;

  constructor(private readonly context: ServiceContext) {
    this.#history = new QueryHistory(context.files.queries, (line) => context.log(line));
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
      // Source: botocore athena 1.44.5 StartQueryExecution, 2026-11-28
      route<StartInput>('StartQueryExecution', (input, region, call) => this.#start(input, region, call.caller)),
      // Source: botocore athena 1.44.5 StopQueryExecution, 2026-11-28
      route<{ QueryExecutionId?: string }>('StopQueryExecution', (input, region) => this.#cancel(this.#history.find(input.QueryExecutionId, region))),
      // Source: botocore athena 1.44.5 GetQueryExecution, 2026-11-28
      route<{ QueryExecutionId?: string }>('GetQueryExecution', (input, region, call) => {
        const execution = this.#history.find(input.QueryExecutionId, region);
        sayLimitation(call, execution);
        return { QueryExecution: describe(execution) };
      }),
      // Source: botocore athena 1.44.5 BatchGetQueryExecution, 2026-11-28
      route<{ QueryExecutionIds?: string[] }>('BatchGetQueryExecution', (input, region) => this.#history.batch(input.QueryExecutionIds ?? [], region)),
      // Source: botocore athena 1.44.5 ListQueryExecutions, 2026-11-28
      route<{ WorkGroup?: string; MaxResults?: number; NextToken?: string }>('ListQueryExecutions', (input, region) => this.#history.list(input, region)),
      // Source: botocore athena 1.44.5 GetQueryResults, 2026-11-28
      route<{ QueryExecutionId?: string; MaxResults?: number; NextToken?: string }>('GetQueryResults', (input, region) => resultPage(context.controlPlane, this.#history.find(input.QueryExecutionId, region), input)),
      // Source: botocore athena 1.44.5 ListDatabases, 2026-11-28
      route<InCatalog>('ListDatabases', async ({ MaxResults, NextToken, ...where }, region) => {
        const page = await askCatalog<{ DatabaseList?: GlueDatabase[] }>(context.controlPlane, 'GetDatabases', where, { MaxResults, NextToken }, region);
        return { DatabaseList: (page.DatabaseList ?? []).map(shownDatabase), NextToken: page.NextToken };
      }),
      // Source: botocore athena 1.44.5 GetDatabase, 2026-11-28
      route<InCatalog>('GetDatabase', async (input, region) => {
        const { Database } = await askCatalog<{ Database: GlueDatabase }>(context.controlPlane, 'GetDatabase', input, { Name: input.DatabaseName }, region);
        return { Database: shownDatabase(Database) };
      }),
      // Source: botocore athena 1.44.5 ListTableMetadata, 2026-11-28
      route<InCatalog>('ListTableMetadata', async ({ Expression, MaxResults, NextToken, ...where }, region) => {
        const page = await askCatalog<{ TableList?: GlueTable[] }>(context.controlPlane, 'GetTables', where, { DatabaseName: where.DatabaseName, Expression, MaxResults, NextToken }, region);
        return { TableMetadataList: (page.TableList ?? []).map(shownTable), NextToken: page.NextToken };
      }),
      // Source: botocore athena 1.44.5 GetTableMetadata, 2026-11-28
      route<InCatalog>('GetTableMetadata', async (input, region) => {
        const { Table } = await askCatalog<{ Table: GlueTable }>(context.controlPlane, 'GetTable', input, { DatabaseName: input.DatabaseName, Name: input.TableName }, region);
        return { TableMetadata: shownTable(Table) };
      }),
      // Source: botocore athena 1.44.5 GetQueryRuntimeStatistics, 2026-11-28
      route<{ QueryExecutionId?: string }>('GetQueryRuntimeStatistics', (input, region) => ({ QueryRuntimeStatistics: runtime(this.#history.find(input.QueryExecutionId, region)) })),
    ];
  }

  /** What a stop or a kill interrupted has failed: the engine that ran it is gone. */
  async start(): Promise<void> {
    await this.#history.load((execution) => this.#interrupt(execution));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#history.unended().forEach((execution) => this.#interrupt(execution));
    await this.#history.settled();
  }

  #interrupt(execution: Execution): void {
    this.#end(execution, 'FAILED', 'GENERIC_INTERNAL_ERROR: The sandbox was stopped while the query ran.');
  }

  /**
   * Source: botocore athena 1.44.5 StartQueryExecutionInput, 2026-11-28
   * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
   * Source: none found (tried: code search for the words on an empty query string), 2026-11-28
   * Source: pyathena-dev/PyAthena#67, 2026-11-28
   */
  async #start(input: StartInput, region: string, caller: Caller | undefined): Promise<unknown> {
    const sql = input.QueryString ?? '';
    if (sql.trim() === '') {
      throw invalid('queryString is null or empty');
    }
    const token = input.ClientRequestToken?.length ?? 32;
    if (token < 32 || token > 128) {
      throw invalid(`1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length ${token < 32 ? 'greater than or equal to 32' : 'less than or equal to 128'}`);
    }
    const request = createHash('sha256').update(JSON.stringify([sql, input.QueryExecutionContext?.Catalog ?? '', input.QueryExecutionContext?.Database ?? '', input.ResultConfiguration?.OutputLocation ?? ''])).digest('base64');
    const known = this.#history.byToken(region, input.ClientRequestToken);
    if (known) {
      if (known.request !== request) {
        throw invalid('Idempotent parameters do not match', 'IDEMPOTENT_PARAMETER_MISMATCH');
      }
      return { QueryExecutionId: known.id };
    }
    const workGroup = input.WorkGroup ?? 'primary';
    const output = await this.#outputOf(workGroup, input, region);
    const [, bucket = ''] = /^s3:\/\/([^/]+)/.exec(output) ?? [];
    if (caller && (await this.context.authorization.mayLocate(caller.principal, region, bucket))) {
      throw invalid(`Unable to verify/create output bucket ${bucket}`);
    }
    const kind = await this.#check(sql);
    // Another request with the same token may have come while this one waited.
    const meanwhile = this.#history.byToken(region, input.ClientRequestToken);
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
      ...(caller && { caller }),
      token: input.ClientRequestToken,
      request,
      reuse: reuseOf(input),
      state: 'QUEUED',
      submitted: Date.now(),
    };
    const earlier = this.#history.reusable(execution);
    if (earlier && (await this.#isThere(earlier.output, region))) {
      const now = Date.now();
      await this.#history.add({ ...execution, state: 'SUCCEEDED', started: now, ended: now, scannedBytes: 0, columns: earlier.columns ?? [], output: earlier.output, reused: true });
      return { QueryExecutionId: execution.id };
    }
    await this.#history.add(execution);
    this.#waiting.push(execution);
    this.#next();
    return { QueryExecutionId: execution.id };
  }

  /**
   * Source: botocore athena 1.44.5 WorkGroupConfiguration, 2026-11-28
   * Source: aws/aws-sdk-js-v3#3589, 2026-11-28
   * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
   * Source: none found (tried: botocore, which has no words for a work group that is disabled), 2026-11-28
   */
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

  /**
   * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
   * Source: aoyagikouhei/athena-local docs/dev/measurements/errors.md, 2026-11-28
   */
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

  /** Whether a result still lies where it was written. */
  async #isThere(output: string, region: string): Promise<boolean> {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(output) ?? [];
    return this.context.controlPlane.getRange(bucket, key, region, 0, 1).then(() => true, () => false);
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

  /** Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 */
  async #run(execution: Execution): Promise<void> {
    execution.state = 'RUNNING';
    execution.started = Date.now();
    const key = this.#keyFor(execution);
    try {
      const { id, sql, region, database, output, parameters } = execution;
      const done = await this.context.engine.ask<{ columns: Column[]; scannedBytes: number; outputFile: string; manifest: string | null; updated: number | null }>('athena_run', { query: id, sql, region, database: bare(database ?? 'default'), output, parameters, key: key ?? null });
      if (execution.state === 'RUNNING') {
        Object.assign(execution, { columns: done.columns, scannedBytes: done.scannedBytes, output: done.outputFile, manifest: done.manifest ?? undefined, updated: done.updated ?? undefined });
        this.#end(execution, 'SUCCEEDED');
      }
    } catch (error) {
      // A cancelled one has ended already.
      if (execution.state === 'RUNNING') {
        const [code, message] = error instanceof EngineError ? [error.code, error.message] : ['GENERIC_INTERNAL_ERROR', String(error)];
        this.context.log(`athena ${execution.id}: ${code}: ${message}`);
        this.#end(execution, 'FAILED', /^[A-Z_]+$/.test(code) ? `${code}: ${message}` : `GENERIC_INTERNAL_ERROR: ${message}`);
      }
    } finally {
      if (key !== undefined) {
        this.context.accessKeys.revoke(key);
      }
    }
  }

  /** A key of whoever asked, for what the query reads and writes; none for the learner. */
  #keyFor({ caller, region, id }: Execution): string | undefined {
    if (!caller) {
      return undefined;
    }
    const { principal, session } = caller;
    const who = { service: 'athena', region, id } as const;
    return this.context.accessKeys.issue(principal.includes(':role/') ? { ...who, role: principal, name: session.split('/').at(-1) ?? '' } : { ...who, user: principal }).accessKeyId;
  }

  /** The work group of a query, by which IAM judges what is asked about it. */
  hints(call: Call, input: unknown): Readonly<Record<string, string>> {
    const { QueryExecutionId: id, QueryExecutionIds: ids } = (input ?? {}) as { QueryExecutionId?: unknown; QueryExecutionIds?: readonly unknown[] };
    const first = id ?? ids?.[0];
    const group = call.operation.service === 'athena' && typeof first === 'string' ? this.#history.workGroupOf(first) : undefined;
    return group === undefined ? {} : { WorkGroup: group };
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
    void this.#history.write(execution);
  }


}
