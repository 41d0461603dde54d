import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { pythonModule } from '../../kernel/files.ts';
import { ownEnvironment } from '../../kernel/processes.ts';
import type { ServiceContext } from '../context.ts';
import { defaultDriverFails } from './default-driver.ts';
import { ControlPlaneClient, ControlPlaneError } from '../../kernel/control-plane-client.ts';

/** A crawler as Glue's GetCrawler has it, as far as a crawl needs it. */
export interface CrawlerDefinition {
  readonly Name: string;
  /** Name, path or ARN. */
  readonly Role: string;
  readonly DatabaseName: string;
  readonly TablePrefix?: string;
  readonly Classifiers?: readonly string[];
  /** JSON. */
  readonly Configuration?: string;
  readonly Targets: {
    readonly JdbcTargets?: readonly { readonly ConnectionName: string; readonly Path: string; readonly Exclusions?: readonly string[] }[];
    readonly S3Targets?: readonly { readonly Path: string; readonly Exclusions?: readonly string[] }[];
  };
  readonly SchemaChangePolicy?: { readonly UpdateBehavior?: 'LOG' | 'UPDATE_IN_DATABASE'; readonly DeleteBehavior?: 'LOG' | 'DELETE_FROM_DATABASE' | 'DEPRECATE_IN_DATABASE' };
}

export interface CrawlOutcome {
  readonly tablesCreated: number;
  readonly tablesUpdated: number;
  readonly tablesDeleted: number;
}

/** What a crawl of a crawler is given of the sandbox. */
export type CrawlContext = Pick<ServiceContext, 'accessKeys' | 'network' | 'authorization' | 'controlPlane' | 'python' | 'endpoint'>;

/** A crawl that failed, with the words that Glue has for it. */
export class CrawlError extends Error {}

interface Column {
  readonly Name: string;
  readonly Type: string;
}

/** A table as `crawl.py` found it. */
interface FoundTable {
  readonly name: string;
  readonly location: string;
  readonly columns: readonly Column[];
  readonly partitionKeys?: readonly Column[];
  readonly partitions?: readonly { readonly values: readonly string[]; readonly location: string }[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly storage: Readonly<Record<string, unknown>>;
}

interface CatalogTable {
  readonly Name: string;
  readonly PartitionKeys?: readonly Column[];
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly StorageDescriptor?: { readonly Columns?: readonly Column[]; readonly Location?: string };
}

/** Parameters of a table by which crawlers know what is theirs, and mark what is gone. */
const CRAWLED_BY = 'UPDATED_BY_CRAWLER';
const DEPRECATED = 'DEPRECATED_BY_CRAWLER';
const ACCOUNT = '000000000000';

/** The kinds of targets that a crawler has and the sandbox does not look at. */
export const otherTargets = ({ Targets }: CrawlerDefinition): string[] =>
  Object.entries(Targets).filter(([kind, list]) => kind !== 'JdbcTargets' && kind !== 'S3Targets' && Array.isArray(list) && list.length > 0).map(([kind]) => kind);

/**
 * Looks at a crawler's targets and writes the tables that it finds to the Data Catalog, with the rights of its role.
 *
 * @throws CrawlError in AWS's words.
 */
export async function crawl(context: CrawlContext, region: string, crawler: CrawlerDefinition, signal: AbortSignal, log: (line: string) => void): Promise<CrawlOutcome> {
  const role = crawler.Role.startsWith('arn:') ? crawler.Role : `arn:aws:iam::${ACCOUNT}:role/${crawler.Role.replace(/^\//, '')}`;
  const untrusted = await context.authorization.mayBeAssumed(role);
  if (untrusted) {
    throw new CrawlError(untrusted.message);
  }
  const { Targets } = crawler;
  const [other] = otherTargets(crawler);
  if (other) {
    // Nothing found would look like nothing there.
    throw new CrawlError(`The sandbox's crawler looks at JdbcTargets and S3Targets only, not at ${other}.`);
  }
  const how = { ...grouping(crawler.Configuration), classifiers: await classifiersOf(context, region, crawler.Classifiers ?? []) };
  const found: FoundTable[] = [];
  for (const target of Targets.JdbcTargets ?? []) {
    found.push(...(await ofDatabase(context, region, target, signal)));
  }
  for (const target of Targets.S3Targets ?? []) {
    found.push(...(await ofBucket(context, region, role, target, how, signal, log)));
  }
  const key = context.accessKeys.issue({ role, name: 'AWS-Crawler', service: 'glue', region, id: crawler.Name });
  try {
    // Through the gateway, which judges the role as it judges a job's calls.
    const catalog = new Catalog(new ControlPlaneClient(() => Number(new URL(context.endpoint).port), key.accessKeyId), region, crawler.DatabaseName);
    return await write(catalog, crawler, found, signal, log);
  } catch (error) {
    throw error instanceof ControlPlaneError ? new CrawlError(`${error.message} (Service: AWSGlue; Status Code: ${error.status}; Error Code: ${error.code})`) : error;
  } finally {
    context.accessKeys.revoke(key.accessKeyId);
  }
}

async function ofDatabase(context: CrawlContext, region: string, target: NonNullable<CrawlerDefinition['Targets']['JdbcTargets']>[number], signal: AbortSignal): Promise<FoundTable[]> {
  const reach = await context.network.reachConnection(region, target.ConnectionName).catch((error: unknown) => {
    throw error instanceof ControlPlaneError ? new CrawlError(error.message) : error;
  });
  if (!reach.open) {
    throw new CrawlError(reach.problem);
  }
  const { host: to, port, asked, user, password, database } = reach;
  const unable = await defaultDriverFails(to, port, { user, database });
  if (unable) {
    throw new CrawlError(unable);
  }
  const tables = await crawlTarget(context, { what: 'postgresql', host: to, port, address: asked, user, password, database, path: target.Path, exclusions: target.Exclusions ?? [] }, signal);
  return tables.map((table) => ({ ...table, parameters: { ...table.parameters, connectionName: target.ConnectionName } }));
}

/**
 * How a crawler's configuration has tables grouped: one for each path that it is given, or for each folder of a level, of which the bucket is the first.
 *
 * Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html, 2026-11-28
 */
function grouping(configuration: string | undefined): { combine: boolean; level: number | null } {
  try {
    const { Grouping = {} } = JSON.parse(configuration || '{}') as { Grouping?: { TableGroupingPolicy?: string; TableLevelConfiguration?: number } };
    return { combine: Grouping.TableGroupingPolicy === 'CombineCompatibleSchemas', level: Number(Grouping.TableLevelConfiguration) || null };
  } catch {
    throw new CrawlError("The crawler's Configuration is no JSON.");
  }
}

/** The custom classifiers of a crawler, in its order. */
function classifiersOf(context: CrawlContext, region: string, names: readonly string[]): Promise<object[]> {
  return Promise.all(names.map(async (Name) => (await context.controlPlane.call<{ Classifier: object }>('glue', 'GetClassifier', { Name }, region).catch((error: unknown) => {
    throw error instanceof ControlPlaneError ? new CrawlError(error.message) : error;
  })).Classifier));
}

async function ofBucket(context: CrawlContext, region: string, role: string, target: NonNullable<CrawlerDefinition['Targets']['S3Targets']>[number], how: object, signal: AbortSignal, log: (line: string) => void): Promise<FoundTable[]> {
  const denial = await context.authorization.mayRead(role, region, target.Path);
  if (denial) {
    throw new CrawlError(denial.message);
  }
  return crawlTarget(context, { what: 's3', endpoint: context.endpoint, region, path: target.Path, exclusions: target.Exclusions ?? [], ...how }, signal, log);
}

/** Runs `crawl.py` over one target. */
function crawlTarget(context: CrawlContext, request: object, signal: AbortSignal, log: (line: string) => void = () => undefined): Promise<FoundTable[]> {
  return new Promise((resolve, reject) => {
    const module = pythonModule('sandbox.services.glue.crawl');
    const child = spawn(context.python, module.arguments, { cwd: module.cwd, env: ownEnvironment(), stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, signal, killSignal: 'SIGKILL' });
    const output: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    }
    child.once('error', reject);
    child.once('close', () => {
      try {
        const answer = JSON.parse(output.stdout) as { tables: FoundTable[]; notes: string[] } | { error: string };
        if ('error' in answer) {
          reject(new CrawlError(answer.error));
        } else {
          answer.notes.forEach(log);
          resolve(answer.tables);
        }
      } catch {
        reject(new Error(`the crawl ended: ${output.stderr.trim().split('\n').at(-1) ?? ''}`));
      }
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

/** The tables of one database. */
class Catalog {
  constructor(
    private readonly controlPlane: ControlPlaneClient,
    private readonly region: string,
    private readonly database: string,
  ) {}

  do<T = unknown>(action: string, input: object): Promise<T> {
    return this.controlPlane.call<T>('glue', action, { DatabaseName: this.database, ...input }, this.region);
  }

  async all<T>(action: string, field: string, input: object = {}): Promise<T[]> {
    const found: T[] = [];
    for (let NextToken: string | undefined; ; ) {
      const page = await this.do<Record<string, unknown> & { NextToken?: string }>(action, { ...input, ...(NextToken ? { NextToken } : {}) });
      found.push(...((page[field] as T[] | undefined) ?? []));
      NextToken = page.NextToken;
      if (!NextToken) {
        return found;
      }
    }
  }
}

async function write(catalog: Catalog, crawler: CrawlerDefinition, found: readonly FoundTable[], signal: AbortSignal, log: (line: string) => void): Promise<CrawlOutcome> {
  const existing = new Map((await catalog.all<CatalogTable>('GetTables', 'TableList')).map((table) => [table.Name, table]));
  const outcome = { tablesCreated: 0, tablesUpdated: 0, tablesDeleted: 0 };
  const seen = new Set<string>();
  for (const table of found) {
    signal.throwIfAborted();
    const name = nameFor(`${crawler.TablePrefix ?? ''}${table.name}`.toLowerCase(), table, existing, seen);
    seen.add(name);
    const before = existing.get(name);
    const input = tableInput(name, table, crawler.Name);
    if (!before) {
      await catalog.do('CreateTable', { TableInput: input });
      outcome.tablesCreated++;
      log(`Created table ${name} in database ${crawler.DatabaseName}`);
    } else if (describes(before, table)) {
      log(`Table ${name} in database ${crawler.DatabaseName} is unchanged`);
    } else if (crawler.SchemaChangePolicy?.UpdateBehavior === 'LOG') {
      log(`Table ${name} has changed. It is left as it is: UpdateBehavior is LOG`);
      continue;
    } else {
      await catalog.do('UpdateTable', { TableInput: { ...input, Parameters: { ...without(before.Parameters, DEPRECATED), ...input.Parameters } } });
      outcome.tablesUpdated++;
      log(`Updated table ${name} in database ${crawler.DatabaseName}`);
    }
    await matchPartitions(catalog, crawler, name, table, before !== undefined, log);
  }
  for (const table of existing.values()) {
    if (table.Parameters?.[CRAWLED_BY] === crawler.Name && !seen.has(table.Name)) {
      outcome.tablesDeleted += await putAway(catalog, crawler, table, log);
    }
  }
  return outcome;
}

/** A name that another thing has already gets the place's hash behind it, as Glue does. */
function nameFor(wanted: string, table: FoundTable, existing: ReadonlyMap<string, CatalogTable>, seen: ReadonlySet<string>): string {
  const there = existing.get(wanted)?.StorageDescriptor?.Location;
  const taken = seen.has(wanted) || (there !== undefined && there.replace(/\/$/, '') !== table.location.replace(/\/$/, ''));
  return taken ? `${wanted}_${createHash('md5').update(table.location).digest('hex')}` : wanted;
}

function tableInput(name: string, table: FoundTable, crawler: string) {
  const versions = { CrawlerSchemaDeserializerVersion: '1.0', CrawlerSchemaSerializerVersion: '1.0' };
  return {
    Name: name,
    Owner: 'owner',
    Retention: 0,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: table.partitionKeys ?? [],
    Parameters: { ...versions, ...table.parameters, [CRAWLED_BY]: crawler },
    StorageDescriptor: storage(table, table.location),
  };
}

const storage = (table: FoundTable, Location: string) => ({
  Columns: table.columns,
  Location,
  ...table.storage,
  Compressed: false,
  NumberOfBuckets: -1,
  BucketColumns: [],
  SortColumns: [],
  StoredAsSubDirectories: false,
});

/** Whether the catalog has a table as it was found: its columns, and whose it is. Counts of files and bytes do not make it another. */
function describes(table: CatalogTable, found: FoundTable): boolean {
  const essence = (columns: readonly Column[] = []): string => columns.map(({ Name, Type }) => `${Name} ${Type}`).join();
  return (
    essence(table.StorageDescriptor?.Columns) === essence(found.columns) &&
    essence(table.PartitionKeys) === essence(found.partitionKeys) &&
    table.Parameters?.['classification'] === found.parameters['classification'] &&
    table.Parameters?.['connectionName'] === found.parameters['connectionName'] &&
    !(DEPRECATED in (table.Parameters ?? {}))
  );
}

const without = (parameters: Readonly<Record<string, string>> = {}, name: string): Record<string, string> => Object.fromEntries(Object.entries(parameters).filter(([key]) => key !== name));

async function matchPartitions(catalog: Catalog, crawler: CrawlerDefinition, TableName: string, table: FoundTable, isOld: boolean, log: (line: string) => void): Promise<void> {
  const { partitionKeys = [], partitions = [] } = table;
  if (partitionKeys.length === 0) {
    return;
  }
  const known = isOld ? await catalog.all<{ Values: string[] }>('GetPartitions', 'Partitions', { TableName }) : [];
  const keyOf = (values: readonly string[]): string => JSON.stringify(values);
  const [there, found] = [new Set(known.map(({ Values }) => keyOf(Values))), new Set(partitions.map(({ values }) => keyOf(values)))];
  const fresh = partitions.filter(({ values }) => !there.has(keyOf(values)));
  for (const some of batches(fresh, 100)) {
    await catalog.do('BatchCreatePartition', { TableName, PartitionInputList: some.map(({ values, location }) => ({ Values: values, StorageDescriptor: storage(table, location) })) });
  }
  const gone = crawler.SchemaChangePolicy?.DeleteBehavior === 'DELETE_FROM_DATABASE' ? known.filter(({ Values }) => !found.has(keyOf(Values))) : [];
  for (const some of batches(gone, 25)) {
    await catalog.do('BatchDeletePartition', { TableName, PartitionsToDelete: some.map(({ Values }) => ({ Values })) });
  }
  if (fresh.length + gone.length > 0) {
    log(`Added ${fresh.length} partitions to table ${TableName} and deleted ${gone.length}`);
  }
}

/** No call takes more than so many. */
const batches = <T>(all: readonly T[], most: number): T[][] => Array.from({ length: Math.ceil(all.length / most) }, (_, at) => all.slice(at * most, (at + 1) * most));

/** What was crawled before and is gone. */
async function putAway(catalog: Catalog, crawler: CrawlerDefinition, table: CatalogTable, log: (line: string) => void): Promise<number> {
  const behavior = crawler.SchemaChangePolicy?.DeleteBehavior ?? 'DEPRECATE_IN_DATABASE';
  if (behavior === 'DELETE_FROM_DATABASE') {
    await catalog.do('DeleteTable', { Name: table.Name });
    log(`Deleted table ${table.Name}: it was not found`);
    return 1;
  }
  if (behavior === 'DEPRECATE_IN_DATABASE' && !(DEPRECATED in (table.Parameters ?? {}))) {
    const { Name, PartitionKeys = [], Parameters, StorageDescriptor } = table;
    await catalog.do('UpdateTable', { TableInput: { Name, TableType: 'EXTERNAL_TABLE', PartitionKeys, StorageDescriptor, Parameters: { ...Parameters, [DEPRECATED]: String(Date.now()) } } });
  }
  log(`Table ${table.Name} was not found. It stays in the catalog: DeleteBehavior is ${behavior}`);
  return 0;
}
