/** Where the sidebar shows something: the tree, and the ids of the nodes on the way down to it, its own last. */
export interface TreePath {
  readonly tree: 'buckets' | 'catalog' | 'workflows';
  readonly path: readonly string[];
}

/** The id of a bucket, a folder (with its slash) or an object: its URI. */
export const objectId = (bucket: string, key = ''): string => `s3://${bucket}${key && `/${key}`}`;

/** A bucket, or what lies in it. */
export function bucketTreePath(bucket: string, key = ''): TreePath {
  const folders = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1));
  return { tree: 'buckets', path: [objectId(bucket), ...folders.map((folder) => objectId(bucket, folder)), ...(key && !key.endsWith('/') ? [objectId(bucket, key)] : [])] };
}

export const databaseId = (database: string): string => `database:${database}`;
export const tableId = (database: string, table: string): string => `${databaseId(database)}/table:${table}`;
/** What hangs below a database or table beside its tables or columns. */
export const partId = (parent: string, part: 'grants' | 'location' | 'columns' | 'partitions'): string => `${parent}/${part}`;

export const databaseTreePath = (database: string, part?: 'grants' | 'location'): TreePath => ({ tree: 'catalog', path: [databaseId(database), ...(part ? [partId(databaseId(database), part)] : [])] });
export const tableTreePath = (database: string, table: string): TreePath => ({ tree: 'catalog', path: [databaseId(database), tableId(database, table)] });

export const workflowId = (workflow: string): string => `workflow:${workflow}`;
export const scheduleId = (workflow: string, trigger: string): string => `${workflowId(workflow)}/schedule:${trigger}`;
export const runId = (workflow: string, run: string): string => `${workflowId(workflow)}/run:${run}`;

/** A workflow, or the schedule that starts it. */
export const workflowTreePath = (workflow: string, trigger?: string): TreePath => ({ tree: 'workflows', path: [workflowId(workflow), ...(trigger === undefined ? [] : [scheduleId(workflow, trigger)])] });
export const runTreePath = (workflow: string, run: string): TreePath => ({ tree: 'workflows', path: [workflowId(workflow), runId(workflow, run)] });
