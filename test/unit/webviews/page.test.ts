import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import { goldDashboard, goldMarks, goldSvg, goldTablesShown } from '../../../src/pictures/goldDashboard.ts';
import { lakeMap } from '../../../src/pictures/lakeMap.ts';
import { mapSvg } from '../../../src/pictures/mapSvg.ts';
import { runChartSvg } from '../../../src/pictures/runChart.ts';
import { runGraphSvg, type DrawnGraph } from '../../../src/pictures/runGraph.ts';
import { mapTables } from '../../../src/pictures/table.ts';
import { loadTutorial } from '../../../src/shell.ts';
import type { Picture, ToEditor } from '../../../src/webviews/protocol.ts';
import { pageOf, seriousOn } from './support.ts';

const map = lakeMap(await loadTutorial({}));
const graph: DrawnGraph = {
  triggers: [{ id: 't', name: 'w-start', type: 'schedule', waitsFor: 'all', schedule: 'cron(0 * * * ? *)' }],
  nodes: [{ id: 'a', name: 'w-a', type: 'job', state: 'failed', attempts: [{ id: '1', state: 'failed', started: new Date(0), ended: new Date(2000), error: 'No route.', logs: [] }], after: [] }],
  edges: [{ from: 't', to: 'a' }],
};
const run = { runId: 'r', status: 'COMPLETED', nodes: [{ name: 'w-a', type: 'JOB' as const, state: 'FAILED', ms: 2000, started: new Date(0).toISOString(), ended: new Date(2000).toISOString(), error: 'No route.' }] };
const picture = (states: Readonly<Record<string, 'done' | 'missing'>> = {}): Picture => {
  const seen = { ...map, nodes: map.nodes.map((node) => ({ ...node, state: states[node.id] ?? node.state })) };
  return {
    title: 'Lake map', status: 'Sandbox', busy: false, actions: [{ id: 'verifyAll', label: 'Verify Everything' }], choice: { label: 'Run', value: 'b', options: [{ value: 'a', label: 'First' }, { value: 'b', label: 'Second' }] },
    drawings: [{ label: 'Lake map', svg: mapSvg(seen) }, { label: 'Graph', svg: runGraphSvg(graph, { workflow: 'w', now: 3000 }) }, { label: 'Time line', svg: runChartSvg(run, { workflow: 'w', opens: true, previous: run }) }], tables: mapTables(seen), keep: { run: 'b' },
    things: Object.fromEntries(seen.nodes.map(({ id, title, state }) => [id, { title, state, lines: ['A line'], problems: ['<b>Not</b> there.'], actions: [{ id: 'provision', label: 'Provision' }, { id: 'verify', label: 'Verify' }] }])),
  };
};

/** The page as the editor shows it, in a browser alone: what stands for the editor keeps what the page says. */
describe('a panel\'s page, in a browser', () => {
  let page: Page;
  const { said, tell, errors } = pageOf('main', (opened) => (page = opened));
  const show = async (states: Parameters<typeof picture>[0], revision: number): Promise<Extract<ToEditor, { type: 'drawn' }>> => {
    await tell({ type: 'show', revision, picture: picture(states) });
    await page.waitForFunction(`said.some(({ type, revision }) => type === 'drawn' && revision === ${revision})`);
    return (await said()).find((message): message is Extract<ToEditor, { type: 'drawn' }> => message.type === 'drawn')!;
  };
  const seriousIn = async (what: string): Promise<void> => assert.deepEqual(await seriousOn(page, what), []);

  it('says that it is ready, and shows what it is sent', async () => {
    assert.deepEqual((await said()).map(({ type }) => type), ['ready']);
    const { states } = await show({ bucket: 'missing' }, 1);
    assert.equal(states['bucket'], 'missing');
    assert.equal(Object.keys(states).length, map.nodes.length + 2);
  });

  it('keeps place, zoom and focus when there is another picture', async () => {
    await page.locator('[data-thing="bucket"]').focus();
    await page.keyboard.press('+');
    const before = await page.evaluate('document.querySelector(".percent").textContent');
    assert.equal(await page.locator('[data-thing="bucket"]').count(), 1);
    const { states, ms } = await show({ bucket: 'done' }, 2);
    assert.equal(states['bucket'], 'done');
    assert.equal(await page.evaluate('document.activeElement.dataset.thing'), 'bucket');
    assert.equal(await page.evaluate('document.querySelector(".percent").textContent'), before);
    assert.ok(ms < 250, `${ms} ms`);
  });

  it('opens a thing by mouse and by keys, does what its buttons say, and gives the focus back', async () => {
    await page.locator('[data-thing="bucket"]').click();
    assert.equal(await page.locator('.card b').count(), 0, 'a text is no HTML');
    await page.locator('.card [data-action="verify"]').click();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.locator('[data-action="verifyAll"]').click();
    assert.deepEqual((await said()).filter(({ type }) => type === 'act'), [{ type: 'act', thing: 'bucket', action: 'verify' }, { type: 'act', thing: 'bucket', action: 'provision' }, { type: 'act', thing: '', action: 'verifyAll' }]);
    await page.locator('[data-thing="bucket"]').focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate('document.activeElement.dataset.thing'), 'bucket');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.evaluate('document.activeElement.dataset.thing'), 'job-scripts');
    assert.equal(await page.locator('.card').count(), 0);
  });

  it('zooms by keys, buttons and wheel, and shows all of it', async () => {
    const percent = async (): Promise<number> => Number.parseInt(await page.locator('.percent').innerText(), 10);
    await page.keyboard.press('1');
    assert.equal(await percent(), 100);
    await page.keyboard.press('-');
    assert.equal(await percent(), 83);
    await page.keyboard.press('0');
    const fit = await percent();
    assert.ok(fit < 75);
    assert.ok(await page.evaluate('(() => { const { scrollHeight, clientHeight } = document.querySelector(".view"); return scrollHeight <= clientHeight; })()'));
    await page.locator('.view').hover();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await page.waitForFunction(`Number.parseInt(document.querySelector('.percent').textContent, 10) > ${fit}`);
  });

  it('makes a PNG of a drawing, says which run was chosen, and keeps how it is looked at', async () => {
    await tell({ type: 'rasterise', id: 7, svg: mapSvg(map, { colouring: 'plain' }), scale: 2 });
    await page.waitForFunction('said.some(({ type }) => type === "raster")');
    const [raster] = (await said()).filter((message) => message.type === 'raster');
    assert.ok(raster?.type === 'raster' && raster.png, JSON.stringify(raster)?.slice(0, 200));
    const png = Buffer.from(raster.png, 'base64');
    assert.equal(png.readUInt32BE(16), 2 * Number(/width="(\d+)"/.exec(mapSvg(map))?.[1]));
    await page.locator('select').selectOption('a');
    assert.deepEqual((await said()).filter(({ type }) => type === 'choose'), [{ type: 'choose', value: 'a' }]);
    await page.waitForFunction('globalThis.kept?.keep?.run === "b" && typeof kept.view.zoom === "number"');
  });

  it('is a table for who reads, with the same menus, and axe finds nothing serious in either', async () => {
    // Axe takes what a pointer shows for what is drawn, and misses it in the names.
    await page.evaluate('document.querySelectorAll("svg title").forEach((title) => title.remove())');
    await page.locator('[data-thing="bucket"]').click();
    await seriousIn('drawing');
    await page.keyboard.press('Escape');
    await page.locator('[aria-pressed]').click();
    assert.equal(await page.locator('[aria-pressed]').getAttribute('aria-pressed'), 'true');
    assert.equal(await page.locator('table').first().locator('tbody tr').count(), map.nodes.length);
    await page.locator('tbody button').first().click();
    assert.equal(await page.locator('.card').count(), 1);
    await seriousIn('table');
    await page.keyboard.press('Escape');
  }).timeout(60_000);

  it('shows gold with every mark to be opened, its formats, and nothing serious for axe', async () => {
    const marks = goldDashboard({ tables: { cube: 'c', silver: 's', version: '' }, byClass: [{ valueClass: 'A', rows: 3 }, { valueClass: 'B', rows: 1 }], byHour: [{ hour: 3, valueClass: 'A', rows: 4 }], byDay: [{ day: '2026-11-28', valueClass: 'A', rows: 4 }], byDayAndHour: [],
      quality: { read: 5, accepted: 4, reasons: { null_key: 0, null_fecha: 0, future_fecha: 0, invalid_text: 1, duplicate: 0 } } });
    const { choice: _choice, ...rest } = picture();
    await tell({ type: 'show', revision: 9, picture: {
      ...rest, exports: ['csv', 'svg'], drawings: [{ label: 'Gold', svg: goldSvg(marks, { opens: true }) }], tables: goldTablesShown(marks), keep: {},
      things: Object.fromEntries(goldMarks(marks).map(({ id, label, rows }) => [id, { title: label, state: String(rows), lines: [], problems: [], actions: [{ id: 'rows', label: 'Show Rows' }] }])),
    } });
    await page.locator('[aria-pressed]').click();
    assert.equal(await page.locator('.mark[data-thing]').count(), goldMarks(marks).length);
    assert.deepEqual(await page.locator('[data-format]').evaluateAll((all) => all.filter((each) => !(each as unknown as { hidden: boolean }).hidden).map((each) => each.getAttribute('data-format'))), ['csv', 'svg']);
    await page.evaluate('document.querySelectorAll("svg title").forEach((title) => title.remove())');
    await seriousIn('gold');
    await page.locator('[data-thing="class:B"]').focus();
    await page.keyboard.press('Enter');
    await said();
    await page.locator('.card [data-action="rows"]').click();
    assert.deepEqual((await said()).filter(({ type }) => type === 'act'), [{ type: 'act', thing: 'class:B', action: 'rows' }]);
  }).timeout(60_000);

  it('breaks its own policy nowhere', () => {
    assert.deepEqual(errors, []);
  });
});
