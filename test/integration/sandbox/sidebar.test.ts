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
import { clientConfig, temporaryState } from './support.ts';

/** As many as AWS gives of each at a time, and more; of runs as many as a busy workflow has. To make objects by the hundred thousand takes the sandbox too long: `npm run bench` has them. */
const objects = 1_050;
const tables = 130;
const runs = 1_000;

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
    const each = async (count: number, make: (index: number) => Promise<unknown>): Promise<void> => {
      for (let from = 0; from < count; from += 25) await Promise.all(Array.from({ length: Math.min(25, count - from) }, (_, index) => make(from + index)));
    };
    for (const Bucket of ['flat', 'folders']) await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await each(objects, (index) => s3.send(new PutObjectCommand({ Bucket: 'flat', Key: `object-${String(index).padStart(6, '0')}`, Body: 'x' })));
    await each(60, (index) => s3.send(new PutObjectCommand({ Bucket: 'folders', Key: `${index % 20}/${index}`, Body: 'x' })));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'large' } }));
    await each(tables, (index) => glue.send(new CreateTableCommand({ DatabaseName: 'large', TableInput: { Name: `t_${String(index).padStart(4, '0')}`, StorageDescriptor: { Location: 's3://flat/', Columns: [{ Name: 'id', Type: 'int' }] } } })));
    await glue.send(new CreateWorkflowCommand({ Name: 'busy' }));
    // What ran is in a file: a thousand runs would take an hour.
    await stopSandbox({ state: sandbox.state });
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
    assert.deepEqual(await opening(buckets(), bucketPlace('folders').path), { calls: ['GET /folders/'], nodes: 20, more: false });
    const catalog = new CatalogSource({ words, zones: [], tutorialDatabase: none, partition: () => 'aws' });
    assert.deepEqual(await opening(catalog, databasePlace('large').path), { calls: ['GetTables'], nodes: 102, more: true });
    const workflows = () => new WorkflowsSource({ words, language: 'en', tutorialWorkflow: none });
    assert.deepEqual(await opening(workflows(), workflowPlace('busy').path), { calls: ['GetWorkflowRuns'], nodes: 51, more: true });
    assert.deepEqual((await opening(workflows(), runPlace('busy', `wr_${runs - 1}`).path)).calls, ['GetWorkflowRun']);
  });

  it('counts what lies in the tutorial\'s own bucket with a second one, when it holds more than one tells', async () => {
    const { calls: made } = await opening(buckets('folders'), bucketPlace('folders').path);
    assert.deepEqual(made, ['GET /folders/']);
    assert.deepEqual((await opening(buckets('flat'), bucketPlace('flat').path)).calls, ['GET /flat/', 'GET /flat/']);
  });
});
