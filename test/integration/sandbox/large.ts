import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateDatabaseCommand, CreateTableCommand, CreateWorkflowCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, stopSandbox } from '../../../src/sandbox/control/sandbox.ts';
import { pythonModule, stateFiles } from '../../../src/sandbox/kernel/files.ts';
import type { WorkflowRun } from '../../../src/sandbox/services/glue/definitions.ts';
import { clientConfig, sharedPython } from './support.ts';

/** What is made by the API once, and then repeated: the name that its request has, and the names that take its place (`%d`s: the number by `of`, and the number). */
const objects = { first: 'object-0-000000', format: 'object-%d-%06d', of: 1, count: 100_000 };
const folders = { first: 'folder-000000/000000', format: 'folder-%06d/%06d', of: 1_000, count: 100_000 };
const few = { first: 'few-000000/000000', format: 'few-%06d/%06d', of: 20, count: 60 };
const tables = { first: 't_0_000000', format: 't_%d_%06d', of: 1, count: 10_000 };

/** Runs of the workflow `busy`; the newest is `wr_0`. */
export const runs = 1_000;

/** A request at a time, all this would take half an hour. */
async function fill(state: string, what: readonly { first: string; format: string; of: number; count: number }[]): Promise<void> {
  const wanted = JSON.stringify(what.map(({ first, ...names }) => [first, names]));
  const sources = pythonModule('sandbox.store.journal').cwd;
  await promisify(execFile)(await sharedPython(), ['-B', join(import.meta.dirname, 'fill.py'), sources, stateFiles(state).journal, wanted]);
}

/** Leaves a stopped sandbox that holds 100,000 objects in one bucket. */
export async function fillObjects(state: string): Promise<void> {
  const { endpoint } = await startSandbox({ state, controlPlaneOnly: true });
  const s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'flat', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
  await s3.send(new PutObjectCommand({ Bucket: 'flat', Key: objects.first, Body: 'x' }));
  await stopSandbox({ state });
  await fill(state, [objects]);
}

/**
 * Starts a sandbox that holds much: the buckets `flat` and `folders` with 100,000 objects each, in `folders` in 1,000 prefixes, and
 * `few`; the database `large` with 10,000 tables; the workflow `busy` with its runs.
 *
 * @returns where it answers, and how long the last start took
 */
export async function startLarge(state: string): Promise<{ endpoint: string; startMs: number }> {
  const { endpoint } = await startSandbox({ state, controlPlaneOnly: true });
  const s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
  const glue = new GlueClient(clientConfig(endpoint));
  for (const [Bucket, Key] of [['flat', objects.first], ['folders', folders.first], ['few', few.first]] as const) {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  }
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'large' } }));
  await glue.send(new CreateTableCommand({ DatabaseName: 'large', TableInput: { Name: tables.first, StorageDescriptor: { Location: 's3://flat/', Columns: [{ Name: 'id', Type: 'int' }] } } }));
  await glue.send(new CreateWorkflowCommand({ Name: 'busy' }));
  await stopSandbox({ state });
  await fill(state, [objects, folders, few, tables]);
  const run = (age: number): WorkflowRun => ({
    id: `wr_${age}`, region: 'us-east-2', name: 'busy', startedOn: Date.now() - (age + 1) * 60_000, completedOn: Date.now() - (age + 1) * 60_000 + 30_000,
    graph: { Nodes: [], Edges: [] }, status: 'COMPLETED', properties: {}, jobs: {}, crawls: {}, fired: [],
  });
  await writeFile(stateFiles(state).history, Array.from({ length: runs }, (_, index) => `${JSON.stringify({ kind: 'workflow', add: run(runs - 1 - index) })}\n`).join(''));
  const started = performance.now();
  const again = await startSandbox({ state });
  return { endpoint: again.endpoint ?? '', startMs: performance.now() - started };
}
