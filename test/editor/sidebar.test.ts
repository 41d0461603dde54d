import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { QueryResult } from '../../src/aws/query.ts';
import type { TreeController } from '../../src/editor/trees/controller.ts';
import type { Placeholder, TreeNode } from '../../src/editor/trees/tree.ts';
import { trees, viewId, type TreeId } from '../../src/editor/ids.ts';
import { bucketTreePath, databaseTreePath, runTreePath, tableTreePath, workflowTreePath } from '../../src/resources/tree-path.ts';
import { paged, startFakeAws, type FakeAws } from '../support/fakeAws.ts';
import { api, behindItsBack, command, failureOf, listening, withSettings } from './support.ts';

const tree = async (id: TreeId): Promise<TreeController> => (await api()).sidebar.tree(id);
const bucket = 'lake-tutorial-000000000000-us-east-2';

/** Waits for something to be so, and gives it. */
async function until<T>(look: () => Promise<T> | T, fits: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; ) {
    const value = await look();
    if (fits(value) || Date.now() > end) {
      return value;
    }
    await delay(50);
  }
}

/** A level of a tree as one sees it. */
async function level(id: TreeId, path: readonly string[] = []): Promise<string[]> {
  const controller = await tree(id);
  const node = path.length > 0 ? await controller.model.find(path) : undefined;
  assert.equal(node?.id, path.at(-1));
  const children = await until(() => controller.children(node), (nodes) => !nodes.some(({ id: child }) => child.endsWith('#waiting')));
  return children.map((child: TreeNode | Placeholder) => {
    const { label, description } = controller.present(child);
    return [label, description].filter(Boolean).join(' | ');
  });
}

const emptiness = async (id: TreeId): Promise<string | undefined> => {
  const controller = await tree(id);
  await controller.children(undefined);
  return controller.emptiness;
};

const selectionOf = async (id: TreeId): Promise<string | undefined> => (await tree(id)).view.selection[0]?.id;
const inSpanish = (): boolean => vscode.env.language.startsWith('es');
const shownText = (): string => vscode.window.activeTextEditor?.document.getText() ?? '';

describe('the sidebar on the sandbox', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-files-'));
    await command('lakeTutorial.tearDown', { yes: true });
    for (const { id } of trees) {
      await vscode.commands.executeCommand(`${viewId(id)}.focus`);
    }
  });
  after(async () => {
    await command('lakeTutorial.tearDown', { yes: true });
    await rm(folder, { recursive: true, force: true });
  });

  it('says what to do in an account without buckets and workflows', async () => {
    assert.equal(await emptiness('buckets'), 'empty');
    assert.equal(await emptiness('workflows'), 'empty');
  });

  it('shows what another program does, while somebody looks at it', async () => {
    await vscode.commands.executeCommand(`${viewId('buckets')}.focus`);
    await behindItsBack(({ s3 }) => s3.createBucket({ Bucket: 'of-another', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    assert.ok((await until(() => level('buckets'), (rows) => rows.some((row) => row.includes('of-another')))).some((row) => row.includes('of-another')));
    await behindItsBack(({ s3 }) => s3.deleteBucket({ Bucket: 'of-another' }));
    assert.ok(!(await until(() => level('buckets'), (rows) => !rows.some((row) => row.includes('of-another')))).some((row) => row.includes('of-another')));
  });

  it('shows the bucket with its zones, once they are provisioned, without being asked', async () => {
    await command('lakeTutorial.provision.zones');
    const roots = await until(() => level('buckets'), (names) => names.length > 0);
    assert.match(roots[0] ?? '', new RegExp(`^${bucket} \\| `));
    const zones = await level('buckets', bucketTreePath(bucket).path);
    assert.deepEqual(zones.slice(0, 3).map((zone) => zone.split(' | ')[0]), ['bronze', 'silver', 'gold']);
    assert.match(zones[0] ?? '', /0 .*0 B/);
  });

  it('uploads into a zone, and shows, copies, previews, downloads and deletes what was uploaded', async () => {
    const file = join(folder, 'rows.csv');
    await writeFile(file, 'id;name\n1;"a;b"\n2;c\n');
    const zone = bucketTreePath(bucket, 'bronze/').path;
    const { path } = bucketTreePath(bucket, 'bronze/rows.csv');
    assert.deepEqual(await command('lakeTutorial.uploadFiles', { path: zone, files: [file] }), ['bronze/rows.csv']);
    assert.match((await level('buckets', zone))[0] ?? '', /^rows\.csv \| 20 B/);

    assert.equal(await command('lakeTutorial.copyUri', { path }), `s3://${bucket}/bronze/rows.csv`);
    assert.equal(await vscode.env.clipboard.readText(), `s3://${bucket}/bronze/rows.csv`);
    assert.equal(await command('lakeTutorial.copyArn', { path }), `arn:aws:s3:::${bucket}/bronze/rows.csv`);
    assert.equal(await command('lakeTutorial.copyPath', { path }), 'bronze/rows.csv');

    await withSettings({ 'lakeTutorial.rowsAs': 'text' }, () => command('lakeTutorial.previewObject', { path }));
    assert.match(shownText(), /^id {2}name *\n─+ {2}─+\n *1 {2}a;b *\n *2 {2}c *\n/m);

    const copy = join(folder, 'copy.csv');
    await command('lakeTutorial.downloadObject', { path, files: [copy] });
    assert.equal(await readFile(copy, 'utf8'), await readFile(file, 'utf8'));

    assert.equal(await command('lakeTutorial.countObjects', { path: zone }), 1);
    const rules = await command<string[]>('lakeTutorial.showLifecycle', { path });
    assert.match(rules.join('\n'), /lake-tutorial-bronze-colder: .*STANDARD_IA/);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');

    // Nothing is replaced without a question, which nobody answers here, also where the tree was never opened.
    await writeFile(file, 'other\n');
    (await tree('buckets')).model.refresh();
    await command('lakeTutorial.uploadFiles', { path: zone, files: [file] });
    assert.match((await level('buckets', zone))[0] ?? '', /^rows\.csv \| 20 B/);
    assert.deepEqual(await command('lakeTutorial.uploadFiles', { path: zone, files: [file], yes: true }), ['bronze/rows.csv']);
    assert.match((await level('buckets', zone))[0] ?? '', /^rows\.csv \| 6 B/);

    assert.equal(await command('lakeTutorial.deleteObjects', { path, yes: true }), 1);
    assert.match((await level('buckets', zone)).join(), /^(Nothing here yet|Aquí aún no hay nada)$/);
  });

  it('says in words that a file is not there, or an object', async () => {
    assert.equal((await failureOf('lakeTutorial.uploadFiles', { path: bucketTreePath(bucket, 'bronze/').path, files: [join(folder, 'none')] })).code, 'file.read');
    assert.equal((await failureOf('lakeTutorial.previewObject', { path: bucketTreePath(bucket, 'bronze/none').path })).code, 'sidebar.missing');
  });

  it('reveals what a step provisions, and says what is not there yet', async () => {
    const revealed = await command('lakeTutorial.revealStep', 'zones');
    assert.equal(revealed, bucketTreePath(bucket, 'bronze/').path.at(-1));
    assert.equal(await until(() => selectionOf('buckets'), (id) => id === revealed), revealed);
    assert.equal(await command('lakeTutorial.revealStep', 'ingest'), undefined);
    assert.equal((await failureOf('lakeTutorial.revealStep', 'schedule')).code, 'sidebar.none');
  });

  it('shows catalog, grants and workflow of the whole tutorial', async function () {
    this.timeout(120_000);
    await command('lakeTutorial.provisionAll', { yes: true });
    const databases = await until(() => level('catalog'), (names) => names.length > 0);
    assert.match(databases[0] ?? '', /^lake_tutorial \| /);
    assert.match((await level('catalog', databaseTreePath('lake_tutorial', 'grants').path)).join('\n'), /LakeFormationWorkflowRole \| .*CREATE_TABLE/);
    assert.match((await level('catalog', databaseTreePath('lake_tutorial', 'location').path)).join('\n'), /LakeFormationWorkflowRole \| DATA_LOCATION_ACCESS/);
    const [workflow] = await until(() => level('workflows'), (names) => names.length > 0);
    assert.match(workflow ?? '', /^lake-tutorial/);
    assert.equal(await command('lakeTutorial.revealStep', 'lake-database'), databaseTreePath('lake_tutorial').path.at(-1));
    assert.equal(await command('lakeTutorial.revealStep', 'ingest'), workflowTreePath('lake-tutorial').path.at(-1));
  });

  it('turns the schedule on and off, and says when it comes next', async () => {
    const schedule = workflowTreePath('lake-tutorial', 'lake-tutorial-start').path;
    await command('lakeTutorial.turnScheduleOn', { path: schedule });
    const [on] = await level('workflows', workflowTreePath('lake-tutorial').path);
    assert.match(on ?? '', /59.* \| .*(\d+ (minutes?|minutos?)|less than a minute|menos de un minuto)/);
    await command('lakeTutorial.turnScheduleOff', { path: schedule });
    const [off] = await level('workflows', workflowTreePath('lake-tutorial').path);
    assert.match(off ?? '', /\| (off|desactivada)$/);
  });

  it('puts a link above each statement of SQL', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content: "-- first\nSELECT ';' AS a;\n\nSELECT 2;\n" });
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 5);
    const ours = lenses.filter(({ command: link }) => link?.command === 'lakeTutorial.runSql');
    assert.deepEqual(ours.map(({ range, command: link }) => [range.start.line, link?.arguments]), [[1, [{ sql: "SELECT ';' AS a" }]], [3, [{ sql: 'SELECT 2' }]]]);
  });

  it('says what is missing when there is nobody to ask', async () => {
    await withSettings({ 'lakeTutorial.sandbox.stateFolder': `${process.env['LAKE_TUTORIAL_HOME']}/elsewhere` }, async () => {
      assert.deepEqual(await Promise.all(trees.map(({ id }) => emptiness(id))), ['stopped', 'stopped', 'stopped', 'stopped']);
    });
    await withSettings({ 'lakeTutorial.target': 'aws', 'lakeTutorial.profile': 'never-asked' }, async () => {
      assert.deepEqual(await Promise.all(trees.map(({ id }) => emptiness(id))), ['disconnected', 'disconnected', 'disconnected', 'disconnected']);
    });
    assert.equal(await until(() => emptiness('buckets'), (state) => state === 'ok'), 'ok');
  });
});

describe('the sidebar on an account as AWS has them', () => {
  let fake: FakeAws;
  let state: 'RUNNING' | 'COMPLETED' | 'FAILED' = 'COMPLETED';
  let started: unknown[] = [];
  const run = (id: string, as: string) => ({
    Name: 'etl', WorkflowRunId: id, Status: as === 'FAILED' ? 'COMPLETED' : as, WorkflowRunProperties: { day: 'monday' }, StartedOn: Date.now() / 1000 - 60,
    Statistics: { TotalActions: 1, SucceededActions: as === 'COMPLETED' ? 1 : 0, FailedActions: as === 'FAILED' ? 1 : 0 },
  });
  const graph = () => ({ Nodes: [{ Type: 'JOB', Name: 'load', UniqueId: 'j', JobDetails: { JobRuns: [{ Id: 'jr_1', JobRunState: state === 'COMPLETED' ? 'SUCCEEDED' : state, ...(state === 'FAILED' && { ErrorMessage: 'no such column' }), StartedOn: Date.now() / 1000 - 50 }] } }], Edges: [] });

  before(async () => {
    fake = await startFakeAws();
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'anything', AWS_EC2_METADATA_DISABLED: 'true' });
    fake.buckets.set('theirs', [{ key: 'a.txt', size: 5, body: Buffer.from('hello') }]);
    fake.answers.set('glue:GetDatabases', paged('DatabaseList', [{ Name: 'sales' }]));
    fake.answers.set('glue:GetTables', paged('TableList', [{ Name: 'orders', Parameters: {}, StorageDescriptor: { Location: 's3://theirs/orders/' } }, { Name: 'source', StorageDescriptor: { Location: 'shop.public.orders' } }]));
    fake.answers.set('glue:GetTable', () => ({ Table: { Name: 'orders', StorageDescriptor: { Columns: [{ Name: 'id', Type: 'int' }] } } }));
    fake.answers.set('glue:ListWorkflows', () => ({ Workflows: ['etl'] }));
    fake.answers.set('glue:BatchGetWorkflows', () => ({ Workflows: [{ Name: 'etl', Graph: { Nodes: [], Edges: [] } }] }));
    fake.answers.set('glue:GetWorkflow', () => ({ Workflow: { Name: 'etl', Graph: { Nodes: [], Edges: [] } } }));
    fake.answers.set('glue:GetWorkflowRuns', (input) => paged('Runs', [run('wr_2', state), run('wr_1', 'COMPLETED')])(input));
    fake.answers.set('glue:GetWorkflowRun', ({ RunId }) => ({ Run: { ...run(String(RunId), RunId === 'wr_2' ? state : 'COMPLETED'), Graph: graph() } }));
    fake.answers.set('glue:StartWorkflowRun', (input) => {
      started.push(input);
      state = 'RUNNING';
      return { RunId: 'wr_2' };
    });
    fake.answers.set('glue:StopWorkflowRun', () => {
      state = 'COMPLETED';
      return {};
    });
    fake.answers.set('logs:GetLogEvents', ({ logGroupName }) => ({ events: [{ timestamp: 0, message: `said in ${String(logGroupName)}\n` }] }));
    fake.answers.set('athena:StartQueryExecution', ({ QueryString }) => {
      started.push(QueryString);
      return { QueryExecutionId: 'q' };
    });
    fake.answers.set('athena:GetQueryExecution', () => ({ QueryExecution: { Status: { State: 'SUCCEEDED' }, StatementType: 'DML', Statistics: { DataScannedInBytes: 10 } } }));
    fake.answers.set('athena:GetQueryResults', () => ({ ResultSet: { ResultSetMetadata: { ColumnInfo: [{ Name: 'id', Type: 'integer' }] }, Rows: [{ Data: [{ VarCharValue: 'id' }] }, { Data: [{ VarCharValue: '7' }] }] } }));
    await command('lakeTutorial.connect', { target: 'sandbox', endpoint: fake.endpoint, region: 'us-east-2' });
  });
  beforeEach(() => {
    started = [];
    fake.refuse = undefined;
  });
  after(async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await command('lakeTutorial.connect', { target: 'sandbox', region: 'us-east-2' });
    await fake.stop();
  });

  it('shows that account once one is connected to it', async () => {
    assert.deepEqual(await until(() => level('buckets'), (names) => names.length > 0), ['theirs']);
    await command('lakeTutorial.previewObject', { path: bucketTreePath('theirs', 'a.txt').path });
    assert.equal(shownText(), 'hello');
  });

  it('says of an object that nothing is in it', async () => {
    const contents = { 'empty.csv': '', 'empty.json': '', 'empty.txt': '', 'list.json': '[]' };
    fake.buckets.set('voids', Object.entries(contents).map(([key, text]) => ({ key, size: text.length, body: Buffer.from(text) })));
    await command('lakeTutorial.refreshTree');
    for (const key of Object.keys(contents)) {
      await command('lakeTutorial.previewObject', { path: bucketTreePath('voids', key).path });
      assert.match(shownText(), new RegExp(`^s3://voids/${key}\n[02] B[^]*\n${inSpanish() ? '(No hay filas|Está vacío)' : '(There are no rows|It is empty)'}\\.\n`), key);
    }
    assert.match(shownText(), /\n\[\]\n/);
    fake.buckets.delete('voids');
    await command('lakeTutorial.refreshTree');
  });

  it('asks for what it works on when it is called from the palette, level by level', async () => {
    const copied = vscode.commands.executeCommand<string>('lakeTutorial.copyPath');
    let done = false;
    void copied.then(() => (done = true));
    // The bucket, and in it the only object: the first entry each time.
    await until(async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done;
    }, Boolean);
    assert.equal(await copied, 'a.txt');
  });

  it('fills in a tooltip when it is asked for', async () => {
    const controller = await tree('buckets');
    const node = await controller.model.find(bucketTreePath('theirs', 'a.txt').path);
    assert.ok(node);
    const item = controller.item(node);
    assert.equal(item.tooltip, undefined);
    const { tooltip } = await controller.resolve(item, node, new vscode.CancellationTokenSource().token);
    // Text and not Markdown, in which an address in an error would show what escapes it.
    assert.match(typeof tooltip === 'string' ? tooltip : '', /^s3:\/\/theirs\/a\.txt\n/);
  });

  it('shows beside the name what was counted for a tooltip, as soon as another one is looked at', async () => {
    fake.buckets.set('counted', ['a/1.txt', 'b/2.txt'].map((key) => ({ key, size: 5 })));
    await command('lakeTutorial.refreshTree');
    const controller = await tree('buckets');
    const { model } = controller;
    const [a, b] = await Promise.all(['a/', 'b/'].map((key) => model.find(bucketTreePath('counted', key).path)));
    assert.ok(a && b);
    const redrawn: (string | undefined)[] = [];
    model.redraw = (node) => void redrawn.push(node?.id);
    try {
      const look = (node: TreeNode) => controller.resolve(controller.item(node), node, new vscode.CancellationTokenSource().token);
      await look(a);
      // Under the mouse that would close the tooltip.
      assert.deepEqual(redrawn, []);
      await look(b);
      assert.deepEqual(redrawn, [a.id]);
      assert.match(controller.present(a).description ?? '', /^1 (object|objeto) · 5 B/);
    } finally {
      delete (model as { redraw?: unknown }).redraw;
      fake.buckets.delete('counted');
      await command('lakeTutorial.refreshTree');
    }
  });

  it('names the permission without which there is nothing to show, and shows what there is when it is granted', async () => {
    fake.refuse = ({ name }) => (['s3:ListBuckets', 'glue:GetDatabases', 'glue:ListWorkflows'].includes(name) ? { code: 'AccessDenied', status: 403 } : undefined);
    await command('lakeTutorial.refreshTree');
    for (const { id } of trees.filter((each) => each.id !== 'steps')) {
      assert.equal(await until(() => emptiness(id), (why) => why === 'denied'), 'denied', id);
    }
    fake.refuse = undefined;
    await command('lakeTutorial.refreshTree');
    assert.deepEqual(await until(() => level('buckets'), (names) => names.length > 0), ['theirs']);
  });

  it('shows the first rows of a table by Athena, and writes its SELECT', async () => {
    const { path } = tableTreePath('sales', 'orders');
    const result = await withSettings({ 'lakeTutorial.rowsAs': 'text' }, () => command<QueryResult>('lakeTutorial.previewTable', { path }));
    assert.deepEqual([result.columns, result.rows, started], [[{ name: 'id', type: 'integer' }], [['7']], ['SELECT *\nFROM sales.orders\nLIMIT 100;\n']]);
    assert.match(shownText(), /^ {0,}id *\ninteger\n─+\n +7\n/m);
    assert.equal(await command('lakeTutorial.copyName', { path }), 'sales.orders');
    await command('lakeTutorial.selectFromTable', { path });
    assert.deepEqual([vscode.window.activeTextEditor?.document.languageId, shownText()], ['sql', 'SELECT *\nFROM sales.orders\nLIMIT 100;\n']);
    await command('lakeTutorial.runSql');
    assert.equal(started.at(-1), 'SELECT *\nFROM sales.orders\nLIMIT 100');
    assert.equal(await command('lakeTutorial.showTableData', { path }), 's3://theirs');
  });

  it('says of a source that Athena does not read it, before it is asked', async () => {
    const { code, next } = await failureOf('lakeTutorial.previewTable', { path: tableTreePath('sales', 'source').path });
    assert.deepEqual([code, started], ['table.elsewhere', []]);
    assert.match(next ?? '', /bronze/);
  });

  it('asks for SQL where what is open is none, and runs what is selected in it', async () => {
    const program = await vscode.workspace.openTextDocument({ language: 'python', content: 'print("SELECT 1")\n' });
    const editor = await vscode.window.showTextDocument(program);
    let done = false;
    const asked = vscode.commands.executeCommand('lakeTutorial.runSql').then(() => (done = true));
    await until(async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done;
    }, Boolean);
    await asked;
    assert.deepEqual(started, ['SHOW TABLES']);
    const again = await vscode.window.showTextDocument(program);
    assert.equal(again.document, editor.document);
    again.selection = new vscode.Selection(0, 7, 0, 15);
    await command('lakeTutorial.runSql');
    assert.equal(started.at(-1), 'SELECT 1');
  });

  it('follows a run while the view is on show, and asks nothing when it is not', async () => {
    await vscode.commands.executeCommand('lakeTutorial.workflows.focus');
    // Somebody else starts it.
    state = 'RUNNING';
    await command('lakeTutorial.refreshTree');
    const steps = runTreePath('etl', 'wr_2').path;
    assert.match((await level('workflows', steps))[0] ?? '', /^load \| .*(job|trabajo)$/);
    const polls = (): number => fake.taken().filter((name) => name === 'glue:GetWorkflowRun').length;
    assert.ok((await until(() => fake.calls.filter(({ name }) => name === 'glue:GetWorkflowRun').length, (count) => count >= 3)) >= 3);
    await vscode.commands.executeCommand('workbench.view.explorer');
    assert.equal(await until(async () => (await tree('workflows')).view.visible, (visible) => !visible), false);
    await delay(200);
    polls();
    await delay(2500);
    assert.equal(polls(), 0);
    await vscode.commands.executeCommand('lakeTutorial.workflows.focus');
    assert.equal(await until(() => fake.taken().includes('glue:GetWorkflowRun'), Boolean), true);
  });

  it('says how a run ended that was started from the tree, with what to do where it failed', async () => {
    const { heard, end } = await listening();
    state = 'COMPLETED';
    assert.equal(await command('lakeTutorial.runWorkflow', { path: workflowTreePath('etl').path }), 'wr_2');
    state = 'FAILED';
    const said = await heard(/^load .*(failed|falló).*no such column/);
    assert.match(said.answers[0] ?? '', /Explain and Repair|Explicar y reparar/);
    end();
    state = 'RUNNING';
    await command('lakeTutorial.refreshTree');
  });

  it('shows what AWS says of a node, and inserts its name at the cursor', async () => {
    assert.deepEqual((JSON.parse(await command<string>('lakeTutorial.showDetails', { tree: 'catalog', path: tableTreePath('sales', 'orders').path })) as { Table: { Name: string } }).Table.Name, 'orders');
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'json');
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content: 'SELECT * FROM ' });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 14, 0, 14);
    assert.equal(await command('lakeTutorial.insertName', { tree: 'catalog', path: tableTreePath('sales', 'orders').path }), 'sales.orders');
    assert.equal(document.getText(), 'SELECT * FROM sales.orders');
  });

  it('stops a run, runs it again with its properties, and opens its log', async () => {
    await command('lakeTutorial.stopRun', { path: runTreePath('etl', 'wr_2').path });
    assert.match((await until(() => level('workflows', workflowTreePath('etl').path), ([first]) => /succeeded|terminó/.test(first ?? '')))[0] ?? '', /succeeded|terminó/);
    await command('lakeTutorial.runAgain', { path: runTreePath('etl', 'wr_1').path });
    assert.deepEqual(started, [{ Name: 'etl', RunProperties: { day: 'monday' } }]);
    await level('workflows', runTreePath('etl', 'wr_1').path);
    const log = await command<string>('lakeTutorial.openLog', { path: [...runTreePath('etl', 'wr_1').path, `${runTreePath('etl', 'wr_1').path.at(-1)}/step:j`] });
    assert.match(log, /said in \/aws-glue\/jobs\/output/);
    assert.match(log, /said in \/aws-glue\/jobs\/error/);
    assert.equal(shownText(), log);
    state = 'COMPLETED';
  });
});
