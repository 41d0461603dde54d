import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { QueryResult } from '../../src/aws/query.ts';
import type { RunResult } from '../../src/provision/run.ts';
import type { SourceRows } from '../../src/provision/source.ts';
import type { UpResult } from '../../src/provision/up.ts';
import type { SandboxStatus } from '../../src/sandbox/control/sandbox.ts';
import { api, command, drawn, failureOf, listening, withSettings } from './support.ts';

const shownText = (): string => vscode.window.activeTextEditor?.document.getText() ?? '';

// After all others: it needs the sandbox whole, with engine and PostgreSQL.
describe('the workflow and its results from the editor', () => {
  before(async () => {
    await command('lakeTutorial.stopSandbox');
    // The one button to begin with: it starts all there is, opens the first step that is to do, and says so once.
    const { heard, all, end } = await listening();
    assert.equal((await command<SandboxStatus>('lakeTutorial.startInSandbox')).state, 'running');
    assert.match((await heard(/^(The sandbox runs: an AWS|El sandbox está en marcha)/)).answers[0] ?? '', /^(Next|Siguiente): \d\.\d /);
    assert.equal(all().length, 1, all().join('\n'));
    end();
    // The walkthrough's tab is of a kind that the API does not know.
    assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab?.input, undefined);
  });

  it('says in words that there is nothing to run yet', async () => {
    await command('lakeTutorial.tearDown', { yes: true });
    const { code, next } = await failureOf('lakeTutorial.runWorkflow');
    assert.equal(code, 'run.nothing');
    assert.match(next ?? '', /lake-tutorial up/);
    assert.equal(await withSettings({ 'lakeTutorial.rowsAs': 'text' }, async () => (await failureOf('lakeTutorial.showGold')).code), 'query.workGroup');
    // The dashboard says it itself, with what to do.
    await command('lakeTutorial.showGold');
    const gold = (await api()).panels.get('gold');
    assert.ok(gold);
    await drawn(gold, () => gold.content?.problem !== undefined && gold.content.actions.some(({ id }) => id === 'provisionAll'));
    assert.match(gold.content?.problem ?? '', /workflow|flujo de trabajo/i);
  });

  it('shows the source\'s rows as they come', async () => {
    const { resources } = await command<UpResult>('lakeTutorial.provisionAll', { yes: true });
    assert.deepEqual(resources.filter(({ state }) => state === 'failed' || state === 'blocked').map(({ resource, reason }) => [resource, reason]), []);
    await command('lakeTutorial.insertRows', { count: 200 });
    const source = await command<SourceRows>('lakeTutorial.showSource');
    assert.ok(source.count >= 200 && source.newest.length === 20 && (source.newest[0]?.id ?? 0) >= 200, JSON.stringify(source));
    assert.match(shownText(), /^random_data: \d+ /);
    // The count rises while it is on show.
    const shown = vscode.window.activeTextEditor?.document;
    await command('lakeTutorial.insertRows', { count: 50 });
    for (const until = Date.now() + 30_000; !/\(\+\d+ /.test(shown?.getText() ?? ''); await delay(100)) assert.ok(Date.now() < until, shown?.getText());
  });

  let run: RunResult;

  it('runs the tutorial\'s workflow to its end, and says what came of it', async () => {
    const { heard, all, end } = await listening();
    // The tree shows that it runs while it does, though it was read before.
    await vscode.commands.executeCommand('lakeTutorial.workflows.focus');
    const tree = await (await api()).sidebar.tree('workflows');
    // So does the picture of the newest run: it is opened before there is one.
    const { panels } = await api();
    const panel = await panels.open('run');
    const seen = new Set<string>();
    panel.onDidDraw(({ states }) => Object.entries(states).forEach(([thing, state]) => seen.add(`${thing} ${state}`)));
    const icons = new Set<string>();
    let ended = false;
    const running = command<RunResult>('lakeTutorial.runWorkflow').finally(() => (ended = true));
    while (!ended) {
      (await tree.children(undefined)).forEach((node) => icons.add(tree.present(node).icon));
      await delay(100);
    }
    run = await running;
    assert.ok(icons.has('sync~spin'), [...icons].join());
    assert.equal(run.status, 'COMPLETED');
    await drawn(panel, ({ states }) => run.nodes.every(({ name }) => states[`part:${name}`]?.toLowerCase() === 'succeeded'));
    assert.ok(seen.has('part:lake-tutorial-ingest running') && seen.has('part:lake-tutorial-refine waiting'), [...seen].join());
    assert.match(panel.content?.tables[0]?.rows.map(({ cells }) => cells.join(' ')).join('\n') ?? '', /lake-tutorial-ingest/);
    panel.dispose();
    assert.deepEqual(run.nodes.filter(({ state }) => state !== 'SUCCEEDED'), []);
    assert.ok((run.rows.bronze ?? 0) >= 200 && (run.rows.gold ?? 0) > 0);
    assert.ok((await heard(/bronze (now has|ya tiene) \d+ /)).answers.some((answer) => /^(Show Gold|Mostrar gold)/i.test(answer)));
    // What was said of the rows may come while the run begins.
    assert.equal(all().filter((message) => !message.includes('random_data')).length, 1, `one message for one thing that the user did: ${all().join(' / ')}`);
    end();
  });

  it('shows gold as a text, and as a dashboard from which one comes to the rows', async () => {
    const { panels } = await api();
    const gold = await withSettings({ 'lakeTutorial.rowsAs': 'text' }, () => command<QueryResult>('lakeTutorial.showGold'));
    assert.equal(gold.rows.reduce((sum, row) => sum + Number(row[2]), 0), run.rows.silver);
    assert.match(shownText(), /^A +\d+ +█+ [\d.]+ %$/m);
    assert.equal(vscode.window.activeTextEditor?.document.isUntitled, false);

    await command('lakeTutorial.showGold');
    const dashboard = panels.get('gold');
    assert.ok(dashboard);
    const rowsOf = (states: Readonly<Record<string, string>>, of: RegExp): number => Object.entries(states).reduce((sum, [thing, rows]) => sum + (of.test(thing) ? Number(rows) : 0), 0);
    const silver = run.rows.silver ?? 0;
    await drawn(dashboard, ({ states }) => [/^class:/, /^hour:/, /^time:/].every((of) => rowsOf(states, of) === silver) && rowsOf(states, /^quality:/) === run.rows.bronze);
    // One class, and its rows.
    dashboard.press('class:A', 'filter');
    const ofA = Number(gold.rows.find(([name]) => name === 'A')?.[2]);
    await drawn(dashboard, ({ states }) => rowsOf(states, /^hour:/) === ofA && rowsOf(states, /^class:/) === silver);
    const svg = new TextDecoder().decode(await dashboard.contentAs('svg'));
    assert.doesNotMatch(svg, /var\(/);
    assert.equal(new TextDecoder().decode(await dashboard.contentAs('csv')).split('\r\n')[0], 'visual,day_from,day_to,hour,value_class,reason,rows');
    const opened = new Promise<void>((resolve) => panels.onDidOpen(({ kind }) => kind === 'grid' && resolve()));
    dashboard.press('class:A', 'rows');
    await opened;
    const grid = panels.get('grid');
    assert.ok(grid);
    await drawn(grid, ({ states }) => states['total'] === String(ofA));
    dashboard.dispose();
  });

  it('runs SQL on what the workflow made, and says what is wrong with it', async () => {
    const { rows, columns } = await command<QueryResult>('lakeTutorial.runSql', { sql: 'SELECT count(*) AS n FROM bronze_random_data' });
    assert.deepEqual(columns, [{ name: 'n', type: 'bigint' }]);
    assert.ok(Number(rows[0]?.[0]) >= 200);
    const grid = (await api()).panels.get('grid');
    assert.ok(grid);
    await drawn(grid, ({ states }) => states['0,0'] === rows[0]?.[0]);
    const { code, message } = await failureOf('lakeTutorial.runSql', { sql: 'SELECT nope FROM bronze_random_data' });
    assert.equal(code, 'query.failed');
    assert.match(message, /COLUMN_NOT_FOUND: line 1:8/);
  });

  it('reads a query\'s rows on, beyond its first thousand, and keeps what no double holds', async () => {
    await command('lakeTutorial.runSql', { sql: "SELECT n, CAST('12345678901234567890.0000000001' AS decimal(38, 10)) AS d, CAST(NULL AS varchar) AS nothing, '' AS empty FROM UNNEST(sequence(1, 2500)) AS s(n)" });
    const grid = (await api()).panels.get('grid');
    assert.ok(grid);
    await drawn(grid, ({ states }) => states['total'] === '1000' && states['0,1'] === '12345678901234567890.0000000001' && states['0,2'] === 'NULL' && states['0,3'] === '');
    grid.press('', 'readAll');
    await drawn(grid, ({ states }) => states['total'] === '2500');
    const csv = new TextDecoder().decode(await grid.contentAs('csv'));
    assert.deepEqual(csv.trimEnd().split('\r\n').slice(1).map((line) => Number(line.split(',')[0])), Array.from({ length: 2_500 }, (_, index) => index + 1));
  });
});
