import { AccountView } from '../provision/account-view.ts';
import { verify, type VerifyOptions, type VerifyResult } from '../provision/verify.ts';
import type { Connection } from '../aws/connection.ts';
import { isGoing, readRun, readWorkflow } from '../aws/workflows.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import { workflowName } from '../resources/glue.ts';
import { zoneNames } from '../resources/kinds/zones.ts';
import type { Names } from '../resources/names.ts';
import { rowsInCatalog } from '../resources/results.ts';
import type { MapCounts, MapNow } from './lakeMap.ts';


/**
 * What a map shows: states by a look at the account that makes no query which is charged, and rows.
 *
 * @throws UserError as {@link verify}
 */
export async function lookForMap(options: VerifyOptions): Promise<VerifyResult & { readonly traffic: Traffic }> {
  // A picture without numbers is better than none.
  const [result, traffic] = await Promise.all([verify({ ...options, steps: undefined }), trafficForMap(options).catch(() => ({ counts: {} }))]);
  return { ...result, traffic };
}

/** What passes and runs just now, as far as it can be told by a few calls that cost next to nothing. */
export interface Traffic extends MapNow {
  readonly counts: MapCounts;
}

/** Reads what passes and runs; what cannot be read is left out. */
export async function trafficForMap(options: VerifyOptions): Promise<Traffic> {
  const { connection, names } = await AccountView.open({ ...options, onProgress: undefined });
  const [rows, objects, running] = await Promise.all([
    rowsInCatalog(connection, names).catch(() => ({ all: {}, newest: {} })),
    objectsInZones(connection, names),
    runningKinds(connection, names).catch(() => new Set<string>()),
  ]);
  return { counts: rows.all, newest: rows.newest, objects, running };
}

/** A listing gives up to 1,000 objects; of more than so many nobody waits for the number. */
const mostListings = 5;

async function objectsInZones(aws: Connection, { bucket }: Names): Promise<MapCounts> {
  const each = await Promise.all(zoneNames.map(async (zone): Promise<[string, number][]> => {
    try {
      let [objects, after]: [number, string | undefined] = [0, undefined];
      for (let listing = 0; listing < mostListings; listing++) {
        const { Contents = [], NextContinuationToken }: { readonly Contents?: readonly { readonly Key?: string }[]; readonly NextContinuationToken?: string } = await aws.s3.listObjectsV2({ Bucket: bucket, Prefix: `${zone}/`, ContinuationToken: after });
        // Neither a folder's own mark nor what the jobs note is data.
        objects += Contents.filter(({ Key = '' }) => !Key.endsWith('/') && !Key.includes('/_')).length;
        after = NextContinuationToken;
        if (after === undefined) {
          return [[zone, objects]];
        }
      }
    } catch {
      // There is no bucket yet, or it may not be read.
    }
    return [];
  }));
  return Object.fromEntries(each.flat());
}

/** The kinds of resource that a run of the workflow has at work. */
async function runningKinds(aws: Connection, names: Names): Promise<ReadonlySet<string>> {
  const { lastRun } = await readWorkflow(aws, workflowName({ names }));
  if (!lastRun || !isGoing(lastRun.state)) {
    return new Set();
  }
  const { nodes } = await readRun(aws, lastRun.workflow, lastRun.id);
  const going = new Set(nodes.filter(({ state }) => isGoing(state)).map(({ name }) => name));
  return new Set(['workflow', ...catalogue.filter(({ runsAs }) => runsAs && going.has(runsAs({ names }))).map(({ id }) => id)]);
}
