import type { JobRun, Table } from '@aws-sdk/client-glue';
import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import { runQuery } from '../aws/query.ts';
import { glueName } from './glue.ts';
import type { Context, Finding, ResourceKind, Result } from './kind.ts';
import type { Names } from './names.ts';
import { ifExists } from './support.ts';

// What the workflow's jobs have made, and whether that is all there is to make. A job's manifests (jobs/README.md) say what it did last.

/** The tables of the lake, as the jobs name them. */
export const tablesOf = ({ sourceTable }: Pick<Names, 'sourceTable'>) =>
  ({ bronze: `bronze_${sourceTable}`, silver: `silver_${sourceTable}`, gold: `gold_${sourceTable}_cube` }) as const;

/** The tables beside the cube that gold is made of, as the jobs name them. */
export const goldTables = { quality: 'gold_quality', freshness: 'gold_freshness' } as const;

type Zone = keyof ReturnType<typeof tablesOf>;
type Part = 'ingest' | 'refine' | 'aggregate';

const zones: Readonly<Record<Part, Zone>> = { ingest: 'bronze', refine: 'silver', aggregate: 'gold' };

/** The zone that a job reads, and the entry of its manifest that says which of that zone's manifests it has read last. */
const inputs: Readonly<Partial<Record<Part, { readonly zone: Zone; readonly read: string }>>> = { refine: { zone: 'bronze', read: 'refined' }, aggregate: { zone: 'silver', read: 'silver' } };

/** What is known of the source, where it was looked at. */
type Source = ResourceKind<{ readonly keys?: { readonly highest: number; readonly older: number } }>;

/** Rows by zone. */
type ZoneRows = Readonly<Record<string, number>>;

/**
 * The rows of each zone as the catalog has them: the jobs write their number beside the table, all of them or, where a table grows by batches, those of the
 * newest batch. What the catalog does not tell is left out; no query is made.
 */
export async function rowsInCatalog(aws: Connection, names: Names): Promise<{ readonly all: ZoneRows; readonly newest: ZoneRows }> {
  const each = await Promise.all(Object.entries(tablesOf(names)).map(async ([zone, Name]) => {
    const table = (await ifExists(aws.glue.getTable({ DatabaseName: names.lakeDatabase, Name })))?.Table;
    const rows = Number(table?.Parameters?.['lake_rows'] ?? Number.NaN);
    return Number.isFinite(rows) ? [{
      zone, rows,
      // The first batch is all that there is.
      batch: table?.Parameters?.['lake_batch'] !== undefined && sequenceOf(table) !== 1,
    }] : [];
  }));
  const of = (isBatch: boolean): ZoneRows => Object.fromEntries(each.flat().filter(({ batch }) => batch === isBatch).map(({ zone, rows }) => [zone, rows]));
  return { all: of(false), newest: of(true) };
}

/** What a job's own run says of it. */
type Manifest = Readonly<Record<string, unknown>>;

const runIt = (): string => l10n.t('Run the workflow.');

/** How to see whether a job has made its zone's table of all that there was. */
export function jobResult(part: Part, source?: Source): Result {
  const zone = zones[part];
  return {
    async check(context) {
      const lack = await lackOf(context, part);
      return lack ? [await withLastRun(context, part, { ...expectation(context, part), ...lack })] : [];
    },
    ...(source && {
      async probe(context: Context) {
        const [keys, manifest] = await Promise.all([context.get(source).then((state) => state?.keys), tableIn(context, zone).then((table) => newest(context, zone, table))]);
        const high = Number(manifest?.['high']);
        // The workflow takes rows once an hour: those that are younger may wait for it, and one comes every two minutes.
        if (!keys || manifest?.['bookmark_key'] !== 'id' || !(keys.older > high)) {
          return [];
        }
        const message = l10n.t('Bronze has the source\'s rows up to id {0}; the source has them up to {1}.', high, keys.highest);
        return [await withLastRun(context, part, { ...expectation(context, part), code: `${part}.behind`, message, fix: runIt(), waiting: true })];
      },
    }),
  };
}

function expectation({ names }: Context, part: Part): Pick<Finding, 'looked' | 'expected'> {
  const zone = zones[part];
  const expected: Readonly<Record<Part, () => string>> = {
    ingest: () => l10n.t('Bronze has what the source has.'),
    refine: () => l10n.t('Silver is made of all that is in bronze.'),
    aggregate: () => l10n.t('Gold is made of the newest silver.'),
  };
  return { looked: l10n.t('The table {0} in the catalog, s3://{1}, and the job\'s last run', `${names.lakeDatabase}.${tablesOf(names)[zone]}`, `${names.bucket}/${zone}/`), expected: expected[part]() };
}

/** What is lacking of a job's result; undefined when all is there. */
async function lackOf(context: Context, part: Part): Promise<Finding | undefined> {
  const { names } = context;
  const zone = zones[part];
  const input = inputs[part];
  const [table, before] = await Promise.all([tableIn(context, zone), input && tableIn(context, input.zone)]);
  const manifest = await newest(context, zone, table);
  const name = tablesOf(names)[zone];
  const waiting = { fix: runIt(), waiting: true as const };
  if (!manifest) {
    // Somebody's own job keeps no manifests: then what the catalog points to counts.
    if (table && sequenceOf(table) === 0 && (await hasObjects(context, table.StorageDescriptor?.Location))) {
      return undefined;
    }
    return table
      ? { code: `${part}.emptied`, message: l10n.t('The catalog has the table {0}, and the bucket has nothing of it.', name), ...waiting }
      : { code: `${part}.waiting`, message: l10n.t('It is made and has not run yet: there is no table {0}.', name), ...waiting };
  }
  if (!table) {
    return { code: `${part}.dropped`, message: l10n.t('The table {0} is not in the catalog, though a run has made it.', name), fix: l10n.t('Run the workflow: it puts the table back.'), waiting: true };
  }
  if (!(await hasData(context, zone, manifest))) {
    return {
      code: `${part}.data-gone`,
      message: l10n.t('The files of the table {0} are gone from the bucket, though the job\'s notes still name them.', name),
      fix: l10n.t('Empty bronze/, silver/ and gold/ in the bucket, their _manifests/ too, then run the workflow: it reads everything again.'),
    };
  }
  if (input && before && sequenceOf(before) > Number(manifest[input.read])) {
    return { code: `${part}.behind`, message: l10n.t('{0} was made of an older {1}: {2} is newer.', name, input.zone, tablesOf(names)[input.zone]), ...waiting };
  }
  return undefined;
}

/** A finding, and what the job's last run says of it. */
async function withLastRun(context: Context, part: Part, finding: Finding): Promise<Finding> {
  const last = await lastRunOf(context, glueName(context, part));
  switch (last?.JobRunState) {
    case 'FAILED':
    case 'TIMEOUT':
    case 'ERROR':
    case 'EXPIRED': {
      const { waiting: _waiting, ...failed } = finding;
      return { ...failed, code: `${part}.failed`, message: l10n.t('The last run of the job {0} failed: {1}', glueName(context, part), last.ErrorMessage ?? last.JobRunState), fix: l10n.t('Its log says more. When the cause is mended, run the workflow again.') };
    }
    case 'STARTING':
    case 'RUNNING':
    case 'WAITING':
    case 'STOPPING':
      return { ...finding, message: l10n.t('The job {0} is running.', glueName(context, part)), fix: l10n.t('Wait until the run has ended, then verify again.') };
    case 'SUCCEEDED':
      return finding.code === `${part}.waiting` ? { ...finding, message: l10n.t('The job {0} has run, and there was nothing to copy.', glueName(context, part)), fix: l10n.t('When rows have come, run the workflow again.') } : finding;
    default:
      return finding;
  }
}

/** GetJobRuns gives the newest first (https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html, 2026-07); not everything that stands in for AWS does. */
async function lastRunOf(context: Context, JobName: string): Promise<JobRun | undefined> {
  const runs = (await ifExists(context.aws.glue.getJobRuns({ JobName, MaxResults: 10 })))?.JobRuns ?? [];
  return [...runs].sort((one, other) => (other.StartedOn?.getTime() ?? 0) - (one.StartedOn?.getTime() ?? 0))[0];
}

const tableIn = async ({ aws, names }: Context, zone: Zone): Promise<Table | undefined> =>
  (await ifExists(aws.glue.getTable({ DatabaseName: names.lakeDatabase, Name: tablesOf(names)[zone] })))?.Table;

/** The number of the manifest that a table shows; 0 for a table that no job of ours has made. */
const sequenceOf = ({ Parameters }: Table): number => Number(Parameters?.['lake_sequence'] ?? 0) || 0;

/** The last manifest of a zone. */
async function newest(context: Context, zone: Zone, table: Table | undefined): Promise<Manifest | undefined> {
  const { aws, names } = context;
  const folder = `${zone}/_manifests/${names.sourceTable}/`;
  let last: string | undefined;
  // The table says from where on to look: there is one manifest more for each run.
  let after: string | undefined = `${folder}${String(Math.max(0, (table ? sequenceOf(table) : 0) - 1)).padStart(8, '0')}.json`;
  while (after !== undefined) {
    const listing: { readonly Contents?: readonly { readonly Key?: string }[]; readonly IsTruncated?: boolean } | undefined = await ifExists(aws.s3.listObjectsV2({ Bucket: names.bucket, Prefix: folder, StartAfter: after }));
    const keys: string[] = (listing?.Contents ?? []).map(({ Key = '' }) => Key);
    last = keys.filter((key) => /\/\d{8}\.json$/.test(key)).at(-1) ?? last;
    after = listing?.IsTruncated ? keys.at(-1) : undefined;
  }
  const object = last === undefined ? undefined : await ifExists(aws.s3.getObject({ Bucket: names.bucket, Key: last }));
  const text = await object?.Body?.transformToString();
  return text === undefined ? undefined : parsed(text);
}

function parsed(text: string): Manifest {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Manifest) : {};
  } catch {
    return {};
  }
}

/** Whether the files that a manifest names are there; the first of them stands for all. */
async function hasData(context: Context, zone: Zone, manifest: Manifest): Promise<boolean> {
  const { bucket, sourceTable } = context.names;
  const parts = manifest['silver'];
  const first: unknown = Array.isArray(parts) ? (parts[0] as { location?: unknown } | undefined)?.location : undefined;
  const cells = (manifest['rows'] as { cube?: unknown } | undefined)?.cube;
  const location = zone === 'bronze' ? manifest['location'] : zone === 'silver' ? first : cells === 0 ? undefined : `s3://${bucket}/gold/${sourceTable}_cube/run=${String(manifest['name'])}/`;
  // All rows can have been set aside: then there is no file.
  return typeof location !== 'string' || hasObjects(context, location);
}

async function hasObjects(context: Context, location: string | undefined): Promise<boolean> {
  const [, bucket, path = ''] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(location ?? '') ?? [];
  const listing = bucket === undefined ? undefined : await ifExists(context.aws.s3.listObjectsV2({ Bucket: bucket, Prefix: `${path.replace(/\/$/, '')}/`, MaxKeys: 1 }));
  return (listing?.Contents ?? []).length > 0;
}

/** How to see whether gold answers a query in a work group. */
export const queryResult = (workGroup: (context: Context) => string): Result => ({
  charged: true,
  async check(context) {
    return (await tableIn(context, 'gold'))
      ? []
      : [{ code: 'visualize.waiting', message: l10n.t('There is no table {0} to ask yet.', tablesOf(context.names).gold), fix: runIt(), waiting: true, ...answerExpected(context) }];
  },
  async probe(context) {
    const { names, aws, signal } = context;
    const { rows } = await runQuery(aws, `SELECT count(*) FROM "${tablesOf(names).gold}" WHERE level = 'total'`, { database: names.lakeDatabase, workGroup: workGroup(context), signal });
    return Number(rows[0]?.[0]) > 0
      ? []
      : [{ code: 'visualize.empty', message: l10n.t('The table {0} has no rows yet.', tablesOf(names).gold), fix: runIt(), waiting: true, ...answerExpected(context) }];
  },
});

const answerExpected = ({ names }: Context): Pick<Finding, 'looked' | 'expected'> => ({
  looked: l10n.t('A query on {0}, by Athena', `${names.lakeDatabase}.${tablesOf(names).gold}`),
  expected: l10n.t('Gold answers a query.'),
});
