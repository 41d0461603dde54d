import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { findChromium } from '../../../scripts/vscode-host/workbench.mjs';
import { lakeMap } from '../../../src/pictures/lakeMap.ts';
import { mapSvg } from '../../../src/pictures/mapSvg.ts';
import { runChartSvg } from '../../../src/pictures/runChart.ts';
import { runGraphSvg, type DrawnGraph } from '../../../src/pictures/runGraph.ts';
import { mapTables } from '../../../src/pictures/table.ts';
import { loadTutorial } from '../../../src/shell.ts';
import { pageDocument } from '../../../src/webviews/document.ts';
import { pageTexts, type PageTexts, type Picture, type ToEditor, type ToPage } from '../../../src/webviews/protocol.ts';

const folder = resolve(import.meta.dirname, '../../../src/webviews/page');
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
  let server: Server;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async function () {
    this.timeout(60_000);
    const executablePath = findChromium();
    if (!executablePath) {
      this.skip();
    }
    const [{ outputFiles }, style] = await Promise.all([
      build({ entryPoints: [resolve(folder, 'main.ts')], bundle: true, write: false, format: 'iife', target: 'es2022', tsconfig: resolve(folder, 'tsconfig.json') }),
      readFile(resolve(folder, 'page.css'), 'utf8'),
    ]);
    const files: Readonly<Record<string, readonly [string, string]>> = {
      '/': ['text/html', pageDocument({ title: 'Map', language: 'en', texts: Object.fromEntries(pageTexts.map((key) => [key, `text ${key.replace('exportSvg', 'SVG').replace('exportPng', 'PNG')}`])) as PageTexts, nonce: 'n0nce', script: 'main.js', style: 'main.css' })],
      '/main.js': ['text/javascript', outputFiles[0]?.text ?? ''],
      '/main.css': ['text/css', style],
    };
    server = createServer((request, response) => {
      const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(text ? 200 : 404, { 'content-type': type }).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 980, height: 700 } });
    page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addInitScript({ content: 'globalThis.said = []; let state; globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => said.push(message), getState: () => state, setState: (next) => (globalThis.kept = state = next) });' });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  const said = (): Promise<readonly ToEditor[]> => page.evaluate('said.splice(0)');
  const tell = (message: ToPage): Promise<unknown> => page.evaluate(`postMessage(${JSON.stringify(message)}, '*')`);
  const show = async (states: Parameters<typeof picture>[0], revision: number): Promise<Extract<ToEditor, { type: 'drawn' }>> => {
    await tell({ type: 'show', revision, picture: picture(states) });
    await page.waitForFunction(`said.some(({ type, revision }) => type === 'drawn' && revision === ${revision})`);
    return (await said()).find((message): message is Extract<ToEditor, { type: 'drawn' }> => message.type === 'drawn')!;
  };
  const seriousIn = async (what: string): Promise<void> => {
    // A test's own tool: the page's policy lets nothing in that has no nonce.
    const { violations } = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`) as { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
    assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html.slice(0, 200)}`), []);
  };

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
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
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

  it('breaks its own policy nowhere', () => {
    assert.deepEqual(errors, []);
  });
});
