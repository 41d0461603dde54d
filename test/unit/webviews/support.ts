import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { findChromium } from '../../../scripts/vscode-host/workbench.mjs';
import { pageDocument } from '../../../src/webviews/document.ts';
import { pageTexts, type PageTexts, type ToEditor, type ToPage } from '../../../src/webviews/protocol.ts';

const folder = resolve(import.meta.dirname, '../../../src/webviews/page');

/** A panel's page in a browser alone: what stands for the editor keeps what the page says, in `said`. Undefined without a browser. */
async function openPage(script: 'main' | 'grid', errors: string[]): Promise<{ readonly browser: Browser; readonly server: Server; readonly page: Page } | undefined> {
  const executablePath = findChromium();
  if (!executablePath) {
    return undefined;
  }
  const [{ outputFiles }, style] = await Promise.all([
    build({ entryPoints: [resolve(folder, `${script}.ts`)], bundle: true, write: false, format: 'iife', target: 'es2022', tsconfig: resolve(folder, 'tsconfig.json') }),
    readFile(resolve(folder, 'page.css'), 'utf8'),
  ]);
  const texts = Object.fromEntries(pageTexts.map((key) => [key, `text ${key.replace(/^export(Svg|Png|Csv|Json)$/, (_, format: string) => format.toUpperCase()).replace('exportMarkdown', 'Markdown')}`])) as PageTexts;
  const files: Readonly<Record<string, readonly [string, string]>> = {
    '/': ['text/html', pageDocument({ title: 'Map', language: 'en', texts, nonce: 'n0nce', script: 'main.js', style: 'main.css' })],
    '/main.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    '/main.css': ['text/css', style],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(text ? 200 : 404, { 'content-type': type }).end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 980, height: 700 } });
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript({ content: 'globalThis.said = []; let state; globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => { said.push(message); globalThis.answer?.(message); }, getState: () => state, setState: (next) => (globalThis.kept = state = next) });' });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { browser, server, page };
}

/** A page for the tests of a suite, which are skipped without a browser: how one speaks with it, and what went wrong on it. */
export function pageOf(script: 'main' | 'grid', use: (page: Page) => unknown) {
  let opened: Awaited<ReturnType<typeof openPage>>;
  const errors: string[] = [];
  before(async function () {
    this.timeout(60_000);
    opened = await openPage(script, errors);
    if (!opened) {
      this.skip();
    }
    await use(opened.page);
  });
  after(async () => {
    await opened?.browser.close();
    opened?.server.close();
  });
  return {
    errors,
    /** What the page has said since this was asked last. */
    said: (): Promise<readonly ToEditor[]> => opened!.page.evaluate('said.splice(0)'),
    tell: (message: ToPage): Promise<unknown> => opened!.page.evaluate(`postMessage(${JSON.stringify(message)}, '*')`),
  };
}

/** What axe finds on a page that is serious or critical. */
export async function seriousOn(page: Page, what: string): Promise<string[]> {
  // A test's own tool: the page's policy lets nothing in that has no nonce.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`) as { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html.slice(0, 200)}`);
}
