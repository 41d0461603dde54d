import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { describe, parse, type Execution } from './query-execution.ts';
import { invalid, limit } from './refusals.ts';

/** Queries that are remembered. (AWS: those of 45 days.) */
const MOST_KEPT = 5_000;

const tokenKey = (region: string, token: string): string => `${region}/${token}`;

/** The queries that Athena knows of, in the order in which they came: a file with a line for each change. */
export class QueryHistory {
  readonly #executions = new Map<string, Execution>();
  readonly #byToken = new Map<string, Execution>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly log: (line: string) => void,
  ) {}

  /** Reads the file. `interrupted` is told of each query that had not ended. */
  async load(interrupted: (execution: Execution) => void): Promise<void> {
    const lines = (await readFile(this.file, 'utf8').catch(() => '')).split('\n');
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
    }
    this.unended().forEach(interrupted);
    await this.#writing;
    if (lines.length > 2 * this.#executions.size + 100) {
      await this.#compact();
    }
  }

  /** The work group of a query; nothing when there is no such query. */
  workGroupOf(id: string): string | undefined {
    return this.#executions.get(id)?.workGroup;
  }

  /** Queries that wait or run. */
  unended(): Execution[] {
    return [...this.#executions.values()].filter(({ state }) => state === 'QUEUED' || state === 'RUNNING');
  }

  /** The query that a request token already asked for. */
  byToken(region: string, token: string | undefined): Execution | undefined {
    return token === undefined ? undefined : this.#byToken.get(tokenKey(region, token));
  }

  /**
   * The newest result that a query may take again: of the same text, place and asker, and no older than it says.
   *
   * Source: https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html, 2026-11-28
   */
  reusable(wanted: Execution): Execution | undefined {
    const { reuse } = wanted;
    if (reuse === undefined || wanted.substatementType !== 'SELECT') {
      return undefined;
    }
    const of = ({ region, workGroup, sql, database, catalog, parameters, caller }: Execution): string => JSON.stringify([region, workGroup, sql, database, catalog, parameters, caller?.principal]);
    const [same, since] = [of(wanted), Date.now() - reuse * 60_000];
    return [...this.#executions.values()].reverse().find((each) => each.state === 'SUCCEEDED' && !each.reused && (each.ended ?? 0) > since && each.output.startsWith(wanted.output.replace(/\/?$/, '/')) && of(each) === same);
  }

  /** Resolves when it is on disk. */
  async add(execution: Execution): Promise<void> {
    this.#executions.set(execution.id, execution);
    if (execution.token) {
      this.#byToken.set(tokenKey(execution.region, execution.token), execution);
    }
    this.#forget();
    await this.write(execution);
  }

  /**
   * @throws Refused when there is none of that id in the region.
   *
   * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
   */
  find(id: string | undefined, region: string): Execution {
    const execution = this.#executions.get(id ?? '');
    if (!execution || execution.region !== region) {
      throw invalid(`QueryExecution ${id ?? ''} was not found`, 'QUERY_EXECUTION_NOT_FOUND');
    }
    return execution;
  }

  /**
   * What `BatchGetQueryExecution` answers.
   *
   * Source: botocore athena 1.44.5 BatchGetQueryExecution, 2026-11-28
   * Source: botocore athena 1.44.5 QueryExecutionIdList, 2026-11-28
   * Source: none found (tried: botocore, which has no words for it), 2026-11-28
   */
  batch(ids: readonly string[], region: string): unknown {
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

  /**
   * A page of the ids of a work group, newest first.
   *
   * Source: botocore athena 1.44.5 ListQueryExecutions, 2026-11-28
   * Source: none found (tried: botocore, which has no words for a bad token), 2026-11-28
   */
  list(input: { WorkGroup?: string; MaxResults?: number; NextToken?: string }, region: string): unknown {
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

  /** Resolves when all that was to be written is on disk; what cannot be written is logged. */
  write(execution: Execution): Promise<void> {
    const line = `${JSON.stringify(execution)}\n`;
    this.#writing = this.#writing
      .then(() => appendFile(this.file, line, { mode: 0o600 }))
      .catch((error: unknown) => this.log(`the query history could not be written: ${String(error)}`));
    return this.#writing;
  }

  async #compact(): Promise<void> {
    await writeFile(`${this.file}.new`, [...this.#executions.values()].map((execution) => `${JSON.stringify(execution)}\n`).join(''), { mode: 0o600 });
    await rename(`${this.file}.new`, this.file);
  }

  /** Resolves when nothing is left to be written. */
  settled(): Promise<void> {
    return this.#writing;
  }
}
