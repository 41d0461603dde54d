import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { upload } from '../../../src/aws/buckets.ts';
import { connect, type Connection } from '../../../src/aws/connection.ts';
import { UserError } from '../../../src/errors.ts';
import { BucketsSource } from '../../../src/editor/trees/buckets.ts';
import { CatalogSource } from '../../../src/editor/trees/catalog.ts';
import { choices, hasMatchesBelow, ofKinds, type NodeFilter } from '../../../src/editor/trees/nodeFilter.ts';
import { RunFollower } from '../../../src/editor/trees/runFollower.ts';
import { TreeModel, isPlaceholder, presentPlaceholder, type Placeholder, type TreeNode, type TreeSource } from '../../../src/editor/trees/tree.ts';
import { formatRowCount, formatterFor } from '../../../src/editor/trees/format.ts';
import { SharedConnection } from '../../../src/editor/trees/sharedConnection.ts';
import { WorkflowsSource, presentState, type WorkflowRunNode, type WorkflowsNode } from '../../../src/editor/trees/workflows.ts';
import { bucketTreePath, runTreePath, tableTreePath } from '../../../src/resources/tree-path.ts';
import { fillLarge, paged, useFakeAws, type Call, type FakeAws } from '../../support/fakeAws.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const format = formatterFor('en', () => now);
const zones = ['bronze', 'silver', 'gold'];
const ofLake = 'lake';

describe('trees', function () {
  this.timeout(60_000);
  let fake: FakeAws;
  let aws: Connection;
  const changes: string[] = [];

  useFakeAws((...opened) => ([fake, aws] = opened));
  beforeEach(() => {
    fake.buckets.clear();
    fake.lifecycle.clear();
    fake.answers.clear();
    fake.refuse = undefined;
    fake.slow = undefined;
    fake.taken();
    changes.length = 0;
  });

  function modelOf<N extends TreeNode>(source: TreeSource<N>, patience = 50): TreeModel<N> {
    return new TreeModel(source, { id: 'tree', patience, work: (signal, ask, onThrottled) => ask(aws.withSignal(signal, onThrottled)), changed: (node) => changes.push(node?.id ?? '') });
  }
  const buckets = (patience?: number) => modelOf(new BucketsSource({ format, zones, tutorialBucket: () => Promise.resolve(ofLake) }), patience);
  const catalog = () => modelOf(new CatalogSource({ format, zones, tutorialDatabase: () => Promise.resolve(ofLake), partition: () => 'aws' }), 10_000);
  const workflows = (language = 'en') => modelOf(new WorkflowsSource({ format, language, tutorialWorkflow: () => Promise.resolve(ofLake), now: () => now }), 10_000);

  /** Waits for what is being asked, and gives a level as one sees it. */
  async function shown<N extends TreeNode>(model: TreeModel<N>, node?: N): Promise<string[]> {
    for (;;) {
      const children = await model.children(node);
      if (!children.some((child) => isPlaceholder(child) && child.kind === 'waiting')) {
        return children.map((child) => {
          const { label, description } = isPlaceholder(child) ? presentPlaceholder(child) : model.source.present(child as N);
          return [label, description].filter(Boolean).join(' | ');
        });
      }
      await model.settled(node);
    }
  }
  const facts = async <N extends TreeNode>(model: TreeModel<N>, node: N | undefined): Promise<readonly string[]> => (node && model.source.facts?.(node, aws)) ?? [];
  const table = (Name: string, Location: string, Parameters: Record<string, string> = {}) => ({ Name, Parameters, PartitionKeys: Name.startsWith('bronze') ? [{ Name: 'batch', Type: 'string' }] : [], StorageDescriptor: { Location, Columns: [{ Name: 'id', Type: 'bigint' }] } });
  const objects = (...keys: string[]) => keys.sort().map((key) => ({ key, size: 1000 }));

  describe('buckets', () => {
    it('has the tutorial\'s first, and its zones with count, size and age from one request', async () => {
      fake.buckets.set('another', []);
      fake.buckets.set(ofLake, objects('bronze/', 'bronze/a/1.parquet', 'bronze/b/2.parquet', 'gold/', 'scripts/x.py', 'silver/', 'silver/s.parquet', 'top.txt'));
      const model = buckets();
      assert.deepEqual(await shown(model), ['lake | the tutorial\'s', 'another']);
      assert.deepEqual(fake.taken(), ['s3:ListBuckets']);
      const [lake] = model.known(undefined);
      assert.deepEqual(await shown(model, lake), [
        'bronze | 2 objects · 1.95 KB · 2 hours ago', 'silver | 1 object · 1,000 B · 2 hours ago', 'gold | 0 objects · 0 B', 'scripts | 1 object · 1,000 B · 2 hours ago', 'top.txt | 1,000 B · 2 hours ago',
      ]);
      assert.deepEqual(fake.taken(), ['s3:ListObjectsV2']);
    });

    it('opens a folder with one request, however much lies in it, and goes on by pages', async () => {
      fake.buckets.set('big', Array.from({ length: 1200 }, (_, index) => ({ key: `flat/${String(index).padStart(6, '0')}`, size: 1 })));
      const model = buckets();
      const flat = await model.find(bucketTreePath('big', 'flat/').path);
      assert.equal(flat?.id, 's3://big/flat/');
      fake.taken();
      const first = await shown(model, flat);
      assert.deepEqual([first.length, first.at(-1)], [501, 'Load more…']);
      assert.deepEqual(fake.taken(), ['s3:ListObjectsV2']);
      await model.loadMore(flat);
      await model.loadMore(flat);
      assert.deepEqual([(await shown(model, flat)).length, fake.taken()], [1200, ['s3:ListObjectsV2', 's3:ListObjectsV2']]);
    });

    it('finds an object by its place, beyond the first page', async () => {
      fake.buckets.set('big', Array.from({ length: 1200 }, (_, index) => ({ key: `flat/${String(index).padStart(6, '0')}`, size: 1 })));
      const model = buckets();
      assert.equal((await model.find(bucketTreePath('big', 'flat/000777').path))?.id, 's3://big/flat/000777');
      assert.equal((await model.find(bucketTreePath('big', 'flat/none').path))?.id, 's3://big/flat/');
    });

    it('finds what is at a path, also when the tree is read anew meanwhile', async () => {
      fake.buckets.set(ofLake, objects('bronze/a', 'silver/b'));
      const model = buckets();
      fake.slow = () => 50;
      const looking = model.find(bucketTreePath(ofLake, 'bronze/a').path);
      for (let refreshes = 0; refreshes < 3; refreshes++) {
        await delay(30);
        model.refresh();
      }
      assert.equal((await looking)?.id, 's3://lake/bronze/a');
    });

    it('tells in a tooltip, when it is looked at, what is there and which lifecycle rule applies', async () => {
      fake.buckets.set(ofLake, objects('bronze/a', 'silver/b'));
      fake.lifecycle.set(ofLake, [
        '<Rule><ID>colder</ID><Status>Enabled</Status><Filter><Prefix>bronze/</Prefix></Filter><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition></Rule>',
        '<Rule><ID>off</ID><Status>Disabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule>',
      ].join(''));
      const model = buckets();
      const zone = await model.find(bucketTreePath(ofLake, 'bronze/').path);
      const object = await model.find(bucketTreePath(ofLake, 'bronze/a').path);
      const other = await model.find(bucketTreePath(ofLake, 'silver/b').path);
      fake.taken();
      assert.deepEqual((await facts(model, zone)).slice(-1), ['colder: moves to STANDARD_IA after 30 days']);
      assert.match((await facts(model, object)).at(-1) ?? '', /^colder: moves to STANDARD_IA on Dec 2\d, 2026.* \(in 1 month\)$/);
      assert.equal((await facts(model, object))[1], '1,000 B');
      assert.deepEqual((await facts(model, other)).slice(-1), ['No lifecycle rule applies']);
      assert.deepEqual(fake.taken(), ['s3:GetBucketLifecycleConfiguration']);
    });

    it('shows objects with any name as objects, and says of a place that nothing is in it', async () => {
      fake.buckets.set('odd', objects('a#more', 'b#error', 'c#waiting', '/', '//x', ' y', '100%+#?ñ.csv'));
      fake.buckets.set('void', []);
      const model = buckets();
      await shown(model);
      const [odd, empty] = model.known(undefined);
      assert.deepEqual((await shown(model, odd)).map((line) => line.split(' | ')[0]), ['/', ' y', '100%+#?ñ.csv', 'a#more', 'b#error', 'c#waiting']);
      assert.deepEqual((await model.children(odd)).map(({ kind }) => kind), ['folder', 'object', 'object', 'object', 'object', 'object']);
      const [slash] = model.known(odd);
      assert.deepEqual(await shown(model, slash), ['/']);
      assert.deepEqual(await shown(model, model.known(slash)[0]), ['x | 1,000 B · 2 hours ago']);
      assert.deepEqual(await shown(model, empty), ['Nothing here yet']);
      assert.match((await facts(model, model.known(empty)[0])).join(), /Upload Files/);
    });

    it('tells all other facts also where the lifecycle rules may not be read, and the permission that this takes', async () => {
      fake.buckets.set(ofLake, objects('bronze/a'));
      fake.refuse = ({ name }) => (name === 's3:GetBucketLifecycleConfiguration' ? { code: 'AccessDenied', status: 403 } : undefined);
      const model = buckets();
      const object = await model.find(bucketTreePath(ofLake, 'bronze/a').path);
      const lines = await facts(model, object);
      assert.deepEqual(lines.slice(0, 2), ['s3://lake/bronze/a', '1,000 B']);
      assert.match(lines.at(-1) ?? '', /s3:GetLifecycleConfiguration[,.]/);
    });

    it('shows an error with its cure as a node, keeps nothing of it, and shows what is there when it is tried again', async () => {
      fake.buckets.set('big', objects('a'));
      const model = buckets();
      await shown(model);
      const [big] = model.known(undefined);
      fake.refuse = ({ name }) => (name === 's3:ListObjectsV2' ? { code: 'AccessDenied', status: 403 } : undefined);
      // On a busy machine the node says first that it waits.
      await model.children(big);
      await model.settled(big);
      const [failed] = (await model.children(big)) as Placeholder[];
      assert.equal(failed?.kind, 'error');
      assert.equal(failed.error?.code, 'aws.denied');
      assert.match(failed.error?.next ?? '', /s3:ListBucket[,.]/);
      // A narrow sidebar shows little of a sentence: the permission comes at once.
      assert.equal(presentPlaceholder(failed).label, 'Not allowed: s3:ListBucket');
      fake.refuse = undefined;
      model.retry(big);
      assert.deepEqual(changes.at(-1), 's3://big');
      assert.deepEqual(await shown(model, big), ['a | 1,000 B · 2 hours ago']);
    });

    it('calls a lack of grants no lack of an IAM permission', async () => {
      fake.answers.set('glue:GetDatabases', () => ({ DatabaseList: [{ Name: ofLake }] }));
      fake.refuse = ({ name }) => (name === 'glue:GetTables' ? { code: 'AccessDeniedException', message: 'Insufficient Lake Formation permission(s): Required Describe on lake' } : undefined);
      const model = catalog();
      await shown(model);
      assert.deepEqual(await shown(model, model.known(undefined)[0]), ['You are not allowed to call glue:GetTables. | click to try again']);
    });

    it('keeps the pages that are there when the next one fails', async () => {
      fake.buckets.set('big', Array.from({ length: 600 }, (_, index) => ({ key: String(index).padStart(6, '0'), size: 1 })));
      const model = buckets();
      await shown(model);
      const [big] = model.known(undefined);
      await shown(model, big);
      fake.refuse = () => ({ code: 'AccessDenied', status: 403 });
      await model.loadMore(big);
      assert.equal((await shown(model, big)).length, 501);
      assert.match((await shown(model, big)).at(-1) ?? '', /Not allowed/);
      fake.refuse = undefined;
      model.retry(big);
      for (const until = Date.now() + 5000; model.known(big).length < 600 && Date.now() < until; ) await delay(10);
      assert.equal((await shown(model, big)).length, 600);
    });
  });

  describe('large accounts', () => {
    beforeEach(() => fillLarge(fake));

    /** Opens the way to a node, then the node: what that took, and how many nodes there are to show. */
    async function opening<N extends TreeNode>(model: TreeModel<N>, path: readonly string[]): Promise<{ calls: string[]; nodes: number; last: string | undefined }> {
      const node = await model.find(path);
      assert.equal(node?.id, path.at(-1));
      fake.taken();
      const lines = await shown(model, node);
      return { calls: fake.taken(), nodes: lines.length, last: lines.at(-1) };
    }

    it('open a bucket of 100,000 objects with one request for what is shown of them', async () => {
      assert.deepEqual(await opening(buckets(5000), bucketTreePath('flat').path), { calls: ['s3:ListObjectsV2'], nodes: 501, last: 'Load more…' });
      assert.deepEqual(await opening(buckets(5000), bucketTreePath('folders').path), { calls: ['s3:ListObjectsV2'], nodes: 501, last: 'Load more…' });
      assert.deepEqual(await opening(buckets(5000), bucketTreePath('folders', 'folder-000007/').path), { calls: ['s3:ListObjectsV2'], nodes: 100, last: 'object-000799.parquet | 799 B · 2 hours ago' });
    });
    it('open the tutorial\'s own bucket with a second one, when it is as large', async () => {
      fake.buckets.set(ofLake, Array.from({ length: 100_000 }, (_, index) => ({ key: `bronze/${String(index).padStart(6, '0')}`, size: 1 })));
      assert.deepEqual(await opening(buckets(5000), bucketTreePath(ofLake).path), { calls: ['s3:ListObjectsV2', 's3:ListObjectsV2'], nodes: 1, last: 'bronze | 1,000+ objects · 1,000 B+' });
    });
    it('say of a zone that its objects are not counted yet, and offer to count them', async () => {
      fake.buckets.set(ofLake, [...Array.from({ length: 1200 }, (_, index) => ({ key: `bronze/${String(index).padStart(6, '0')}`, size: 1 })), ...objects('gold/g', 'logs/l', 'silver/s')]);
      const model = buckets(5000);
      assert.deepEqual((await opening(model, bucketTreePath(ofLake).path)).calls.length, 2);
      const [lake] = model.known(undefined);
      const looks = () => model.known(lake).map((node) => model.source.present(node)).map(({ label, description, context }) => [label, description, context]);
      assert.deepEqual(looks(), [['bronze', '1,000+ objects · 1,000 B+', 'zone.uncounted'], ['silver', 'not counted', 'zone.uncounted'], ['gold', 'not counted', 'zone.uncounted'], ['logs', undefined, 'folder']]);
      // Whoever looks at its tooltip has it counted.
      const [, silver] = model.known(lake);
      await facts(model, silver);
      assert.deepEqual(looks()[1], ['silver', '1 object · 1,000 B · 2 hours ago', 'zone']);
    });
    it('open a database of 10,000 tables with one', async () => {
      assert.deepEqual(await opening(catalog(), ['database:large']), { calls: ['glue:GetTables'], nodes: 102, last: 'Load more…' });
    });
    it('open a workflow of 1,000 runs with one, and each run with one', async () => {
      const { calls, nodes } = await opening(workflows(), ['workflow:busy']);
      assert.deepEqual([calls, nodes], [['glue:GetWorkflowRuns'], 51]);
      assert.deepEqual(fake.calls.at(-1)?.input['MaxResults'], 50);
      assert.deepEqual((await opening(workflows(), runTreePath('busy', 'wr_3').path)).calls, ['glue:GetWorkflowRun']);
    });
    it('show no more at a time of an endpoint that knows no pages', async () => {
      fake.answers.set('glue:GetTables', () => ({ TableList: Array.from({ length: 10_000 }, (_, index) => ({ Name: `t${index}` })) }));
      const model = catalog();
      assert.deepEqual(await opening(model, ['database:large']), { calls: ['glue:GetTables'], nodes: 102, last: 'Load more…' });
      await model.loadMore(model.known(undefined)[0]);
      assert.equal((await shown(model, model.known(undefined)[0])).length, 202);
      assert.deepEqual(fake.taken(), []);
    });
  });

  describe('slow and throttled servers', () => {
    it('says that it waits, keeps other levels usable, and shows the answer when it is there', async () => {
      fake.buckets.set('fast', objects('f'));
      fake.buckets.set('slow', objects('s'));
      fake.slow = ({ input }) => (String(input['path']).startsWith('/slow') ? 400 : 0);
      const model = buckets();
      await shown(model);
      const [fast, slow] = model.known(undefined);
      const [waiting] = await model.children(slow);
      assert.equal(waiting?.kind, 'waiting');
      assert.deepEqual(await shown(model, fast), ['f | 1,000 B · 2 hours ago']);
      for (const until = Date.now() + 5000; !changes.includes('s3://slow') && Date.now() < until; ) await delay(10);
      assert.deepEqual(await shown(model, slow), ['s | 1,000 B · 2 hours ago']);
      assert.equal(fake.taken().filter((name) => name === 's3:ListObjectsV2').length, 2);
    });

    it('hangs up on what is collapsed, and asks again when it is expanded', async () => {
      fake.buckets.set('slow', objects('s'));
      fake.slow = ({ name }) => (name === 's3:ListObjectsV2' ? 10_000 : 0);
      const model = buckets();
      await shown(model);
      const [slow] = model.known(undefined);
      assert.ok(slow);
      assert.equal((await model.children(slow))[0]?.kind, 'waiting');
      model.collapse(slow);
      for (const until = Date.now() + 5000; !fake.calls.at(-1)?.aborted && Date.now() < until; ) await delay(10);
      assert.equal(fake.calls.at(-1)?.aborted, true);
      fake.slow = undefined;
      changes.length = 0;
      model.expand(slow);
      assert.deepEqual(changes, ['s3://slow']);
      assert.deepEqual(await shown(model, slow), ['s | 1,000 B · 2 hours ago']);
    });

    it('cancels on the user\'s word and says so', async () => {
      fake.buckets.set('slow', objects('s'));
      fake.slow = ({ name }) => (name === 's3:ListObjectsV2' ? 10_000 : 0);
      const model = buckets();
      await shown(model);
      const [slow] = model.known(undefined);
      await model.children(slow);
      model.cancel(slow);
      assert.deepEqual(await shown(model, slow), ['Cancelled. | click to try again']);
    });

    it('says that AWS limits how fast it may be asked only where it does', async () => {
      fake.buckets.set('slow', objects('s'));
      fake.buckets.set('limited', objects('l'));
      const isListing = ({ name, input }: Call, bucket: string): boolean => name === 's3:ListObjectsV2' && String(input['path']).startsWith(`/${bucket}`);
      let tries = 0;
      // Refused once, after it is shown that it is waited for; what is tried next takes its time.
      fake.slow = (call) => (isListing(call, 'slow') ? 10_000 : isListing(call, 'limited') ? (tries++ === 0 ? 300 : 10_000) : 0);
      fake.refuse = (call) => (isListing(call, 'limited') && tries < 2 ? { code: 'SlowDown', status: 503 } : undefined);
      const [model, other] = [buckets(), buckets()];
      await Promise.all([shown(model), shown(other)]);
      const [limited, slow] = model.known(undefined);
      // On a busy machine the buckets themselves were waited for.
      changes.length = 0;
      const waiting = async (tree: typeof model, node: typeof limited): Promise<string> => {
        const [first] = await tree.children(node);
        return first && isPlaceholder(first) ? presentPlaceholder(first).label : 'not waiting';
      };
      // Merely slow, in the same tree and in one beside it, over the same connection.
      await Promise.all([waiting(model, slow), waiting(other, slow), waiting(model, limited)]);
      for (const until = Date.now() + 5000; !changes.includes('s3://limited') && Date.now() < until; ) await delay(5);
      assert.deepEqual(await Promise.all([waiting(model, limited), waiting(model, slow), waiting(other, slow)]), ['AWS limits how fast it may be asked: waiting…', 'Waiting for an answer…', 'Waiting for an answer…']);
      assert.deepEqual(changes, ['s3://limited']);
      model.dispose();
      other.dispose();
    });

    it('comes through when AWS limits how fast it may be asked', async () => {
      fake.buckets.set('b', objects('s'));
      let refused = 0;
      fake.refuse = ({ name }) => (name === 's3:ListBuckets' && refused++ < 2 ? { code: 'SlowDown', status: 503 } : undefined);
      assert.deepEqual([await shown(buckets()), refused], [['b'], 3]);
    });
  });

  describe('the one connection', () => {
    const opened: Connection[] = [];
    const session = () => new SharedConnection({ open: () => {
      const connection = connect({ target: 'aws', region: 'us-east-2', endpoint: fake.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' } });
      opened.push(connection);
      return Promise.resolve(connection);
    } });
    const { signal } = new AbortController();
    beforeEach(() => (opened.length = 0));

    it('is not closed under an upload when everything is read anew', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lake-files-'));
      await writeFile(join(folder, 'up'), 'rows');
      fake.buckets.set('b', []);
      fake.slow = ({ name }) => (name === 's3:PutObject' ? 300 : 0);
      const trees = session();
      const uploading = trees.use(signal, (one) => upload(one, join(folder, 'up'), 'b', 'up'));
      for (const until = Date.now() + 5000; fake.calls.at(-1)?.name !== 's3:PutObject' && Date.now() < until; ) await delay(10);
      trees.close();
      assert.equal(await trees.use(signal, async (one) => (await one.s3.listBuckets({})).Buckets?.length), 1);
      await uploading;
      assert.deepEqual([fake.buckets.get('b')?.map(({ key }) => key), opened.length], [['up'], 2]);
      trees.close();
      await rm(folder, { recursive: true });
    });

    it('stays when something is wrong that is not its fault', async () => {
      const trees = session();
      await assert.rejects(trees.use(signal, () => Promise.reject(new UserError('preview.unreadable', 'The object cannot be read.'))));
      await trees.use(signal, (one) => one.s3.listBuckets({}));
      assert.equal(opened.length, 1);
      trees.close();
    });
  });

  it('tell a run from the one before it, as short as that can be', () => {
    for (const [language, ...expected] of [['en', /^\d+:\d\d:30\sPM$/, /^Nov 18, \d+:\d\d\sPM$/, /^Nov 18, 2024, \d+:\d\d\sPM$/], ['es', /^\d+:\d\d:30$/, /^18 nov, \d+:\d\d$/, /^18 nov 2024, \d+:\d\d$/]] as const) {
      const { brief, duration } = formatterFor(language, () => new Date(2026, 10, 20, 18).getTime());
      [new Date(2026, 10, 20, 17, 5, 30), new Date(2026, 10, 18, 17, 5, 30), new Date(2024, 10, 18, 17, 5, 30)].forEach((date, index) => assert.match(brief(date), expected[index] as RegExp));
      assert.deepEqual([0, 230, 999, 61_000].map(duration), ['0 s', language === 'en' ? '0.3 s' : '0,3 s', '1 s', '1 min 1 s']);
    }
  });

  it('have no colour that high contrast does not have', () => {
    for (const state of ['waiting', 'running', 'stopping', 'succeeded', 'failed', 'stopped', 'unknown'] as const) {
      // Lists' own colours for errors and warnings are none there.
      assert.doesNotMatch(presentState(state).color ?? '', /^list\./, state);
    }
  });

  describe('catalog', () => {
    const tables = [
      table('gold_by_day', 's3://lake/gold/by_day/', { classification: 'parquet', lake_rows: '31' }),
      table('bronze_rows', 's3://lake/bronze/rows/', { classification: 'parquet', lake_rows: '120', lake_batch: 'b7' }),
      table('_catalog_db_rows', 'db.public.rows', { classification: 'postgresql', recordCount: '1234' }),
      table('elsewhere', 's3://other/x/', { classification: 'csv' }),
    ];
    beforeEach(() => {
      fake.answers.set('glue:GetDatabases', paged('DatabaseList', [{ Name: 'default' }, { Name: ofLake, LocationUri: 's3://lake/' }]));
      fake.answers.set('glue:GetTables', paged('TableList', tables, 100));
      fake.answers.set('glue:GetTable', ({ Name }) => ({ Table: tables.find((each) => each.Name === Name) }));
    });

    it('has tables by zone, with format and rows', async () => {
      const model = catalog();
      assert.deepEqual(await shown(model), ['lake | the tutorial\'s', 'default']);
      const [lake] = model.known(undefined);
      fake.taken();
      assert.deepEqual(await shown(model, lake), ['Who may do what', 'Location | s3://lake/', 'Source | 1 table', 'bronze | 1 table', 'gold | 1 table', 'Others | 1 table']);
      assert.deepEqual(fake.taken(), ['glue:GetTables']);
      const groups = model.known(lake).filter(({ kind }) => kind === 'zone');
      assert.deepEqual((await Promise.all(groups.map((group) => shown(model, group)))).flat(), [
        '_catalog_db_rows | postgresql · 1,234 rows', 'bronze_rows | parquet · newest batch 120 rows', 'gold_by_day | parquet · 31 rows', 'elsewhere | csv',
      ]);
      assert.deepEqual(fake.taken(), []);
    });

    it('has a table\'s columns, partitions and grants, each when it is opened', async () => {
      fake.answers.set('glue:GetPartitions', paged('Partitions', [{ Values: ['b6'] }, { Values: ['b7'] }]));
      const grant = (principal: string, permissions: string[], resource: object) => ({ Principal: { DataLakePrincipalIdentifier: principal }, Permissions: permissions, PermissionsWithGrantOption: [], Resource: resource });
      fake.answers.set('lakeformation:ListPermissions', ({ Resource }) => ({
        PrincipalResourcePermissions: (Resource as { Table?: { TableWildcard?: object } }).Table?.TableWildcard
          ? [grant('arn:aws:iam::111122223333:role/LakeFormationWorkflowRole', ['SELECT'], { TableWithColumns: { DatabaseName: ofLake, Name: 'ALL_TABLES', ColumnWildcard: {} } })]
          : [grant('IAM_ALLOWED_PRINCIPALS', ['ALL'], { Table: { DatabaseName: ofLake, Name: 'bronze_rows' } })],
      }));
      const model = catalog();
      const found = await model.find(tableTreePath(ofLake, 'bronze_rows').path);
      assert.equal(found?.id, 'database:lake/table:bronze_rows');
      fake.taken();
      assert.deepEqual(await shown(model, found), ['Who may do what', 'Partitions | batch', 'id | bigint', 'batch | string · partition']);
      const [grants, partitions] = model.known(found);
      assert.deepEqual(fake.taken(), ['glue:GetTable']);
      assert.deepEqual(await shown(model, partitions), ['batch=b6', 'batch=b7']);
      assert.deepEqual(await shown(model, grants), ['LakeFormationWorkflowRole | SELECT · on all tables', 'Everybody whom IAM allows | ALL']);
      assert.deepEqual(fake.taken(), ['glue:GetPartitions', 'lakeformation:ListPermissions', 'lakeformation:ListPermissions']);
    });

    it('asks for the grants on a location by its ARN', async () => {
      fake.answers.set('lakeformation:ListPermissions', () => ({ PrincipalResourcePermissions: [] }));
      const model = catalog();
      const place = await model.find(['database:lake', 'database:lake/location']);
      assert.deepEqual(await shown(model, place), ['No grants']);
      // A sidebar is rarely as wide as an address.
      assert.deepEqual((await facts(model, place))[0], 's3://lake/');
      assert.deepEqual(fake.calls.at(-1)?.input['Resource'], { DataLocation: { ResourceArn: 'arn:aws:s3:::lake' } });
    });

    it('adds tables of later pages to the zones that are there', async () => {
      const many = Array.from({ length: 250 }, (_, index) => table(`t${index}`, `s3://lake/${index % 2 ? 'bronze' : 'gold'}/${index}/`));
      fake.answers.set('glue:GetTables', paged('TableList', many, 100));
      const model = catalog();
      await shown(model);
      const [lake] = model.known(undefined);
      await shown(model, lake);
      await model.loadMore(lake);
      await model.loadMore(lake);
      assert.deepEqual((await shown(model, lake)).slice(2), ['bronze | 125 tables', 'gold | 125 tables']);
    });
  });

  describe('asked for from the palette', () => {
    /** What is offered below the nodes with these ids, as one sees it; what goes on is marked. */
    async function offered<N extends TreeNode>(model: TreeModel<N>, wanted: NodeFilter, path: readonly string[] = []): Promise<string[]> {
      await model.find([...path, 'none']);
      const here = await model.find(path);
      return choices(model.source, await model.children(here), wanted).map((node) => `${model.source.present(node as N).label}${hasMatchesBelow(model.source, node, wanted) ? ' …' : ''}`);
    }

    it('offers buckets alone where a bucket is wanted, and the way to objects and folders where those are', async () => {
      fake.buckets.set(ofLake, objects('bronze/a', 'top.txt'));
      const [bucket] = bucketTreePath(ofLake, '').path;
      assert.deepEqual(await offered(buckets(), ofKinds(['bucket'])), ['lake']);
      assert.deepEqual(await offered(buckets(), ofKinds(['bucket', 'folder'])), ['lake …']);
      assert.deepEqual(await offered(buckets(), ofKinds(['bucket', 'folder']), [bucket ?? '']), ['bronze …']);
      assert.deepEqual(await offered(buckets(), ofKinds(['object']), [bucket ?? '']), ['bronze …', 'top.txt']);
    });

    it('leads to a table\'s columns, past what has no name to copy', async () => {
      fake.answers.set('glue:GetDatabases', () => ({ DatabaseList: [{ Name: ofLake }] }));
      fake.answers.set('glue:GetTables', paged('TableList', [table('t', 's3://lake/gold/t/')], 100));
      fake.answers.set('glue:GetTable', () => ({ Table: table('t', 's3://lake/gold/t/') }));
      const wanted = ofKinds(['database', 'table', 'column']);
      const { path } = tableTreePath(ofLake, 't');
      assert.deepEqual(await offered(catalog(), wanted), ['lake …']);
      assert.deepEqual(await offered(catalog(), wanted, path.slice(0, 1)), ['t …']);
      assert.deepEqual(await offered(catalog(), wanted, path), ['id']);
      assert.deepEqual(await offered(catalog(), ofKinds(['table']), path.slice(0, 1)), ['t']);
    });

    it('offers no runs where a schedule is wanted, and of runs only those that fit', async () => {
      const [going, ended] = [{ WorkflowRunId: 'wr_1', Status: 'RUNNING', StartedOn: now / 1000 }, { WorkflowRunId: 'wr_2', Status: 'COMPLETED', StartedOn: now / 1000 - 60 }];
      const schedule = { Type: 'TRIGGER', Name: 'start', UniqueId: 't', TriggerDetails: { Trigger: { Name: 'start', Type: 'SCHEDULED', State: 'CREATED', Schedule: 'cron(59 * * * ? *)' } } };
      fake.answers.set('glue:ListWorkflows', () => ({ Workflows: [ofLake] }));
      fake.answers.set('glue:BatchGetWorkflows', () => ({ Workflows: [{ Name: ofLake, Graph: { Nodes: [schedule] } }] }));
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [going, ended]));
      const [workflow = ''] = runTreePath(ofLake, 'wr_1').path;
      assert.deepEqual(await offered(workflows(), ofKinds(['workflow'])), ['lake']);
      assert.deepEqual(await offered(workflows(), ofKinds(['schedule'])), ['lake …']);
      assert.deepEqual(await offered(workflows(), ofKinds(['schedule']), [workflow]), ['At 59 minutes past the hour']);
      const isEnded = ofKinds<WorkflowRunNode>(['run'], ({ run }) => run.state === 'succeeded');
      assert.equal((await offered(workflows(), isEnded, [workflow])).length, 1);
      assert.equal((await offered(workflows(), ofKinds(['step']), [workflow])).filter((line) => line.endsWith(' …')).length, 2);
    });
  });

  it('say how many rows are shown', () => {
    assert.deepEqual([formatRowCount(format, 0, false), formatRowCount(format, 1, false), formatRowCount(format, 1200, false), formatRowCount(format, 100, true)], ['There are no rows.', 'The only row:', 'All 1,200 rows:', 'The first 100 rows:']);
  });

  describe('workflows', () => {
    const trigger = { Name: 'lake-start', Type: 'SCHEDULED', State: 'ACTIVATED', Schedule: 'cron(59 * * * ? *)' };
    const graph = (state: string, error?: string) => ({
      Nodes: [
        { Type: 'JOB', Name: 'refine', UniqueId: 'j2', JobDetails: { JobRuns: state === 'SUCCEEDED' ? [{ Id: 'jr_2', JobRunState: 'SUCCEEDED', StartedOn: now / 1000 - 60, CompletedOn: now / 1000 - 30 }] : [] } },
        { Type: 'TRIGGER', Name: 'lake-start', UniqueId: 't0', TriggerDetails: { Trigger: trigger } },
        { Type: 'JOB', Name: 'ingest', UniqueId: 'j1', JobDetails: { JobRuns: [
          { Id: 'jr_1', Attempt: 1, JobRunState: state, StartedOn: now / 1000 - 100, ...(state !== 'RUNNING' && { CompletedOn: now / 1000 - 90 }), ...(error && { ErrorMessage: error }) },
          ...(error ? [{ Id: 'jr_0', Attempt: 0, JobRunState: 'FAILED', StartedOn: now / 1000 - 200, CompletedOn: now / 1000 - 190, ErrorMessage: 'first' }] : []),
        ] } },
        { Type: 'CRAWLER', Name: 'source', UniqueId: 'c0', CrawlerDetails: { Crawls: [{ State: 'SUCCEEDED', StartedOn: now / 1000 - 300, CompletedOn: now / 1000 - 240 }] } },
        { Type: 'TRIGGER', Name: 'after-crawl', UniqueId: 't1', TriggerDetails: { Trigger: { Name: 'after-crawl', Type: 'CONDITIONAL' } } },
        { Type: 'TRIGGER', Name: 'after-ingest', UniqueId: 't2', TriggerDetails: { Trigger: { Name: 'after-ingest', Type: 'CONDITIONAL' } } },
      ],
      Edges: [['t0', 'c0'], ['c0', 't1'], ['t1', 'j1'], ['j1', 't2'], ['t2', 'j2']].map(([SourceId, DestinationId]) => ({ SourceId, DestinationId })),
    });
    const run = (index: number, Status = 'COMPLETED', Statistics: object = { TotalActions: 3, SucceededActions: 3 }) => ({
      Name: ofLake, WorkflowRunId: `wr_${index}`, Status, Statistics, StartedOn: now / 1000 - index * 3600, ...(Status !== 'RUNNING' && { CompletedOn: now / 1000 - index * 3600 + 90 }),
    });

    beforeEach(() => {
      fake.answers.set('glue:ListWorkflows', () => ({ Workflows: ['another', ofLake] }));
      fake.answers.set('glue:BatchGetWorkflows', ({ Names }) => ({ Workflows: (Names as string[]).map((Name) => ({ Name, ...(Name === ofLake && { Graph: graph('SUCCEEDED'), LastRun: run(1) }) })) }));
    });

    it('has a workflow with its last run and its schedule in words, from two requests', async () => {
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [run(1), run(2, 'COMPLETED', { TotalActions: 3, FailedActions: 1 }), run(3, 'STOPPED')]));
      const model = workflows();
      assert.deepEqual(await shown(model), ['lake | succeeded · 1 min 30 s · 1 hour ago · next in 59 minutes', 'another | has not run yet']);
      assert.deepEqual(fake.taken(), ['glue:ListWorkflows', 'glue:BatchGetWorkflows']);
      const [lake] = model.known(undefined);
      const [schedule, ...runs] = await shown(model, lake);
      assert.equal(schedule, 'At 59 minutes past the hour | on · next in 59 minutes');
      assert.deepEqual(runs.map((line) => line.split(' | ')[1]), ['succeeded · 1 min 30 s · 1 hour ago', 'failed · 1 min 30 s · 2 hours ago', 'stopped · 1 min 30 s · 3 hours ago']);
      assert.deepEqual(fake.taken(), ['glue:GetWorkflowRuns']);
      assert.match((await facts(model, model.known(lake)[0])).join('\n'), /cron\(59 \* \* \* \? \*\) UTC: At 59 minutes past the hour\nThe schedule is on\.\nNext times:\n.*\(in 59 minutes\)\n.*\(in 1 hour\)\n.*\(in 2 hours\)/);
      const [spanish] = await shown(workflows('es'));
      assert.ok(spanish);
    });

    it('has a run\'s steps in the order of the graph, with attempts and errors', async () => {
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [run(1)]));
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...run(1), Graph: graph('FAILED', 'second') } }));
      const model = workflows();
      const found = await model.find(runTreePath(ofLake, 'wr_1').path);
      fake.taken();
      assert.deepEqual(await shown(model, found), ['source | succeeded · 1 min 0 s · crawler', 'ingest | failed · 10 s · 2 attempts · job', 'refine | did not run · job']);
      assert.deepEqual(fake.taken(), ['glue:GetWorkflowRun']);
      const [, ingest] = model.known(found);
      assert.deepEqual(await shown(model, ingest), ['Attempt 2 | failed · 10 s', 'Attempt 1 | failed · 10 s']);
      const [newest] = model.known(ingest);
      assert.deepEqual(await shown(model, newest), ['second']);
      assert.deepEqual(fake.taken(), []);
      assert.ok((await facts(model, ingest)).includes('After source'));
    });

    it('does not begin each step with the workflow\'s own name, which is all that a narrow sidebar would show', async () => {
      const named = graph('SUCCEEDED').Nodes.map((node) => ({ ...node, Name: node.Name === 'ingest' ? 'lake-ingest' : node.Name === 'refine' ? 'lake-' : 'lakeside' }));
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [run(1)]));
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...run(1), Graph: { ...graph('SUCCEEDED'), Nodes: named } } }));
      const model = workflows();
      const found = await model.find(runTreePath(ofLake, 'wr_1').path);
      assert.deepEqual((await shown(model, found)).map((line) => line.split(' | ')[0]), ['lakeside', 'ingest', 'lake-']);
      assert.equal((await facts(model, model.known(found)[1]))[0], 'lake-ingest (job)');
    });

    it('shows the newest first also where the oldest are given first', async () => {
      const ascending = Array.from({ length: 120 }, (_, index) => run(120 - index));
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', ascending));
      const model = workflows();
      await shown(model);
      const [lake] = model.known(undefined);
      await shown(model, lake);
      assert.equal(model.known(lake)[1]?.id, runTreePath(ofLake, 'wr_1').path.at(-1));
    });

    it('shows beside a workflow\'s name what opening its last run told', async () => {
      // It ended between the listing and its opening: nobody follows it any more.
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [run(1, 'RUNNING', { TotalActions: 3, SucceededActions: 1 }), run(2)]));
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...run(1, 'COMPLETED', { TotalActions: 3, FailedActions: 1 }), Graph: graph('FAILED', 'no') } }));
      const model = workflows();
      await shown(model);
      const [lake] = model.known(undefined);
      await shown(model, lake);
      const [, newest] = model.known(lake);
      const description = () => lake && model.source.present(lake).description;
      assert.match(description() ?? '', /^running/);
      changes.length = 0;
      await shown(model, newest);
      assert.match(description() ?? '', /^failed · 1 min 30 s/);
      assert.deepEqual(changes, ['workflow:lake']);
      // An earlier one says nothing of the last.
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...run(2), Graph: graph('SUCCEEDED') } }));
      await shown(model, model.known(lake)[2]);
      assert.match(description() ?? '', /^failed/);
    });

    it('tells its age in the same words beside a workflow and beside its last run', async () => {
      fake.answers.set('glue:GetWorkflowRuns', paged('Runs', [run(1)]));
      const model = workflows();
      await shown(model);
      changes.length = 0;
      await shown(model, model.known(undefined)[0]);
      // The list may have been read long ago, and what it says of the time grows old.
      assert.deepEqual(changes, ['workflow:lake']);
    });

    it('follows a run while it is on show, and asks nothing when nobody looks or it has ended', async () => {
      let state = 'RUNNING';
      const current = () => (state === 'RUNNING' ? run(1, 'RUNNING', { TotalActions: 3, SucceededActions: 1 }) : run(1));
      fake.answers.set('glue:GetWorkflowRuns', (input) => paged('Runs', [current(), run(2)])(input));
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...current(), Graph: graph(state) } }));
      const source = new WorkflowsSource({ format, language: 'en', tutorialWorkflow: () => Promise.resolve(ofLake), now: () => now });
      const model = modelOf(source, 10_000);
      let visible = true;
      const live = new RunFollower({ model, source, use: (signal, ask) => ask(aws.withSignal(signal)), visible: () => visible, every: () => 10, now: () => now });
      const polls = () => fake.taken().filter((name) => name === 'glue:GetWorkflowRun').length;
      try {
        const found = await model.find(runTreePath(ofLake, 'wr_1').path);
        await shown(model, found);
        visible = false;
        live.update();
        polls();
        await delay(60);
        assert.equal(polls(), 0);
        visible = true;
        live.update();
        let seen = 0;
        for (const until = Date.now() + 5000; seen < 3 && Date.now() < until; seen += polls()) await delay(10);
        assert.ok(seen >= 3);
        assert.deepEqual((await shown(model, found)).map((line) => line.split(/ \| | · /)[1]), ['succeeded', 'running', 'waiting for its turn']);
        state = 'SUCCEEDED';
        for (const until = Date.now() + 5000; !(await shown(model, found)).every((line) => line.includes('succeeded')) && Date.now() < until; ) await delay(10);
        assert.deepEqual((await shown(model, found)).map((line) => line.split(/ \| | · /)[1]), ['succeeded', 'succeeded', 'succeeded']);
        // The last look may be under way still.
        await delay(100);
        polls();
        await delay(60);
        assert.equal(polls(), 0);
      } finally {
        live.stop();
      }
    });

    it('looks once when the time of a schedule comes, and follows the run that it started', async () => {
      const scheduled = Date.parse('2026-11-20T12:59:00Z');
      let clock = scheduled - 40;
      const start = Date.now();
      const time = () => clock + Date.now() - start;
      let runs: object[] = [run(2)];
      fake.answers.set('glue:BatchGetWorkflows', ({ Names }) => ({ Workflows: (Names as string[]).map((Name) => ({ Name, ...(Name === ofLake && { Graph: graph('SUCCEEDED'), LastRun: runs[0] }) })) }));
      fake.answers.set('glue:GetWorkflow', () => ({ Workflow: { Name: ofLake, Graph: graph('SUCCEEDED'), LastRun: runs[0] } }));
      fake.answers.set('glue:GetWorkflowRuns', (input) => paged('Runs', runs)(input));
      fake.answers.set('glue:GetWorkflowRun', () => ({ Run: { ...runs[0], Graph: graph('RUNNING') } }));
      const source = new WorkflowsSource({ format, language: 'en', tutorialWorkflow: () => Promise.resolve(ofLake), now: time });
      let visible = false;
      let refreshed = 0;
      const model: TreeModel<WorkflowsNode> = new TreeModel(source, { id: 'tree', work: (signal, ask) => ask(aws.withSignal(signal)), changed: (node) => {
        refreshed += node ? 0 : 1;
        // As the view does: what is shown is asked for again.
        if (!node) void shown(model).then(() => live.update());
      } });
      const live = new RunFollower({ model, source, use: (signal, ask) => ask(aws.withSignal(signal)), visible: () => visible, every: () => 10, now: time, grace: 20 });
      try {
        await shown(model);
        live.update();
        await delay(100);
        assert.equal(refreshed, 0, 'nobody looks');
        clock = scheduled - 40 - (Date.now() - start);
        visible = true;
        live.update();
        // Whatever else is opened while the run is about to start must not make it forgotten.
        clock += 45;
        live.update();
        runs = [run(1, 'RUNNING', { TotalActions: 3, SucceededActions: 1 }), run(2)];
        for (const until = Date.now() + 5000; refreshed === 0 && Date.now() < until; ) await delay(10);
        assert.equal(refreshed, 1);
        for (const until = Date.now() + 5000; !fake.calls.some(({ name }) => name === 'glue:GetWorkflowRun') && Date.now() < until; ) await delay(10);
        assert.match((await shown(model))[0] ?? '', /^lake \| running/);
        assert.equal(refreshed, 1);
      } finally {
        live.stop();
      }
    });
  });
});
