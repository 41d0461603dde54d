import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { CreateDatabaseCommand, CreateTableCommand, CreateWorkflowCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { connect, sandboxCredentials, type Connection } from '../../../src/aws/connection.ts';
import { BucketsSource } from '../../../src/editor/trees/buckets.ts';
import { CatalogSource } from '../../../src/editor/trees/catalog.ts';
import { TreeModel, isPlaceholder, type TreeNode, type TreeSource } from '../../../src/editor/trees/tree.ts';
import { wordsIn } from '../../../src/editor/trees/words.ts';
import { WorkflowsSource } from '../../../src/editor/trees/workflows.ts';
import { bucketPlace, databasePlace, runPlace, workflowPlace } from '../../../src/resources/place.ts';
import { startSandbox, stopSandbox } from '../../../src/sandbox/control.ts';
import { stateFiles } from '../../../src/sandbox/files.ts';
import type { WorkflowRun } from '../../../src/sandbox/runtime/glue.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { clientConfig, fill, temporaryState } from './support.ts';

const runs = 1_000;
const much = {
  objects: { first: 'o-000000-000000', format: 'o-%06d-%06d', of: 1, count: 100_000 },
  folders: { first: 'folder-000000/000000', format: 'folder-%06d/%06d', of: 1_000, count: 100_000 },
  few: { first: 'few-000000/000000', format: 'few-%06d/%06d', of: 20, count: 60 },
  tables: { first: 't_0_000000', format: 't_%d_%06d', of: 1, count: 10_000 },
};

describe('the sidebar on a sandbox that holds much', function () {
  let sandbox: Awaited<ReturnType<typeof temporaryState>>;
  let relay: Relay;
  let aws: Connection;
  let calls: string[] = [];

  before(async () => {
    sandbox = await temporaryState();
    const { endpoint } = await startSandbox({ state: sandbox.state, controlPlaneOnly: true });
    const s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    const glue = new GlueClient(clientConfig(endpoint));
    for (const Bucket of ['flat', 'folders', 'few']) await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'large' } }));
    await glue.send(new CreateWorkflowCommand({ Name: 'busy' }));
    for (const [Bucket, Key] of [['flat', much.objects.first], ['folders', much.folders.first], ['few', much.few.first]] as const) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await glue.send(new CreateTableCommand({ DatabaseName: 'large', TableInput: { Name: much.tables.first, StorageDescriptor: { Location: 's3://flat/', Columns: [{ Name: 'id', Type: 'int' }] } } }));
    await stopSandbox({ state: sandbox.state });
    await fill(sandbox.state, Object.values(much));
    // What ran is in a file: a thousand runs would take an hour.
    const run = (index: number): WorkflowRun => ({
      id: `wr_${index}`, region: 'us-east-2', name: 'busy', startedOn: Date.now() - (runs - index) * 60_000, completedOn: Date.now() - (runs - index) * 60_000 + 30_000,
      graph: { Nodes: [], Edges: [] }, status: 'COMPLETED', properties: {}, jobs: {}, crawls: {}, fired: [],
    });
    await writeFile(stateFiles(sandbox.state).history, Array.from({ length: runs }, (_, index) => `${JSON.stringify({ kind: 'workflow', add: run(index) })}\n`).join(''));
    const again = await startSandbox({ state: sandbox.state });
    relay = await startRelay(again.endpoint ?? '');
    relay.intercept = ({ name }) => void calls.push(name);
    aws = connect({ target: 'sandbox', region: 'us-east-2', endpoint: relay.endpoint, credentials: sandboxCredentials });
  });
  after(async () => {
    aws?.close();
    await relay?.stop();
    await stopSandbox({ state: sandbox.state });
    await sandbox.remove();
  });

  /** Opens the way to a node, then the node itself: what that takes, and how many nodes are shown. */
  async function opening<N extends TreeNode>(source: TreeSource<N>, path: readonly string[]) {
    const model = new TreeModel(source, { id: 'tree', patience: 60_000, work: (signal, ask) => ask(aws.withSignal(signal)), changed: () => undefined });
    const node = await model.find(path);
    assert.equal(node?.id, path.at(-1));
    calls = [];
    const children = await model.children(node);
    const opened = { calls, nodes: children.length, more: children.some((child) => isPlaceholder(child) && child.kind === 'more') };
    const shown = model.known(node).length;
    if (opened.more) {
      calls = [];
      await model.loadMore(node);
      assert.deepEqual([calls.length, model.known(node).length > shown], [1, true], 'the next page is one request more');
    }
    return opened;
  }
  const words = wordsIn('en');
  const none = () => Promise.resolve(undefined);
  const buckets = (own?: string) => new BucketsSource({ words, zones: [], tutorialBucket: () => Promise.resolve(own) });

  it('opens each node with one request, for no more than it shows', async () => {
    assert.deepEqual(await opening(buckets(), bucketPlace('flat').path), { calls: ['GET /flat/'], nodes: 501, more: true });
    assert.deepEqual(await opening(buckets(), bucketPlace('folders').path), { calls: ['GET /folders/'], nodes: 501, more: true });
    assert.deepEqual(await opening(buckets(), bucketPlace('folders', 'folder-000500/').path), { calls: ['GET /folders/'], nodes: 100, more: false });
    const catalog = new CatalogSource({ words, zones: [], tutorialDatabase: none, partition: () => 'aws' });
    assert.deepEqual(await opening(catalog, databasePlace('large').path), { calls: ['GetTables'], nodes: 102, more: true });
    const workflows = () => new WorkflowsSource({ words, language: 'en', tutorialWorkflow: none });
    assert.deepEqual(await opening(workflows(), workflowPlace('busy').path), { calls: ['GetWorkflowRuns'], nodes: 51, more: true });
    assert.deepEqual((await opening(workflows(), runPlace('busy', `wr_${runs - 1}`).path)).calls, ['GetWorkflowRun']);
  });

  it('counts what lies in the tutorial\'s own bucket with a second one, when it holds more than one tells', async () => {
    const { calls: made } = await opening(buckets('few'), bucketPlace('few').path);
    assert.deepEqual(made, ['GET /few/']);
    assert.deepEqual((await opening(buckets('flat'), bucketPlace('flat').path)).calls, ['GET /flat/', 'GET /flat/']);
  });
});
