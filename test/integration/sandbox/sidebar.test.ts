import assert from 'node:assert/strict';
import { connect, sandboxCredentials, type Connection } from '../../../src/aws/connection.ts';
import { BucketsSource } from '../../../src/editor/trees/buckets.ts';
import { CatalogSource } from '../../../src/editor/trees/catalog.ts';
import { TreeModel, isPlaceholder, type TreeNode, type TreeSource } from '../../../src/editor/trees/tree.ts';
import { formatterFor } from '../../../src/editor/trees/format.ts';
import { WorkflowsSource } from '../../../src/editor/trees/workflows.ts';
import { bucketTreePath, databaseTreePath, runTreePath, workflowTreePath } from '../../../src/resources/tree-path.ts';
import { stopSandbox } from '../../../src/sandbox/control/sandbox.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { startLarge } from './large.ts';
import { temporaryState } from './support.ts';

describe('the sidebar on a sandbox that holds much', function () {
  let sandbox: Awaited<ReturnType<typeof temporaryState>>;
  let relay: Relay;
  let aws: Connection;
  let calls: string[] = [];

  before(async () => {
    sandbox = await temporaryState();
    relay = await startRelay((await startLarge(sandbox.state)).endpoint);
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
  const format = formatterFor('en');
  const none = () => Promise.resolve(undefined);
  const buckets = (own?: string) => new BucketsSource({ format, zones: [], tutorialBucket: () => Promise.resolve(own) });

  it('opens each node with one request, for no more than it shows', async () => {
    assert.deepEqual(await opening(buckets(), bucketTreePath('flat').path), { calls: ['GET /flat/'], nodes: 501, more: true });
    assert.deepEqual(await opening(buckets(), bucketTreePath('folders').path), { calls: ['GET /folders/'], nodes: 501, more: true });
    assert.deepEqual(await opening(buckets(), bucketTreePath('folders', 'folder-000500/').path), { calls: ['GET /folders/'], nodes: 100, more: false });
    const catalog = new CatalogSource({ format, zones: [], tutorialDatabase: none, partition: () => 'aws' });
    assert.deepEqual(await opening(catalog, databaseTreePath('large').path), { calls: ['GetTables'], nodes: 102, more: true });
    const workflows = () => new WorkflowsSource({ format, language: 'en', tutorialWorkflow: none });
    assert.deepEqual(await opening(workflows(), workflowTreePath('busy').path), { calls: ['GetWorkflowRuns'], nodes: 51, more: true });
    assert.deepEqual((await opening(workflows(), runTreePath('busy', 'wr_3').path)).calls, ['GetWorkflowRun']);
  });

  it('counts what lies in the tutorial\'s own bucket with a second one, when it holds more than one tells', async () => {
    const { calls: made } = await opening(buckets('few'), bucketTreePath('few').path);
    assert.deepEqual(made, ['GET /few/']);
    assert.deepEqual((await opening(buckets('flat'), bucketTreePath('flat').path)).calls, ['GET /flat/', 'GET /flat/']);
  });
});
