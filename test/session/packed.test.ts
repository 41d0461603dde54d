import { strict as assert } from 'node:assert';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { openSession, type Session } from '../../scripts/vscode-host/session.mjs';
import { temporaryState } from '../integration/sandbox/support.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'test-results');

/** More than so many clicks nobody should need from the closed drawer to gold, and back to an empty account. */
const mostClicks = 25;

interface Words {
  readonly locale: string;
  readonly theme: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly title: string;
  readonly start: string;
  readonly next: RegExp;
  readonly isNext: RegExp;
  readonly done: RegExp;
  readonly came: RegExp;
  readonly atOnce: string;
  readonly insert: string;
  readonly run: string;
  readonly everything: string;
  readonly gold: RegExp;
  readonly goldButton: string;
  readonly remove: string;
  readonly gone: RegExp;
  readonly zones: string;
  readonly read: string;
  readonly byHand: string;
}

const ways: readonly Words[] = [
  {
    locale: 'en', theme: 'Default Dark Modern', size: { width: 1280, height: 800 }, title: 'Your first data lake on AWS', start: 'Start in the Sandbox', next: /^Next: \d\.\d /, isNext: /next · /, done: /is provisioned\./,
    came: /rows came into random_data/, atOnce: 'rows at once', insert: 'Insert Rows Now…', run: 'Run Workflow', everything: 'Provision Everything', gold: /bronze now has 1,0\d\d rows, silver .* gold .*Every step is done/, goldButton: 'Show Gold',
    remove: 'Remove', gone: /What the tutorial made is removed\. \d+ things are gone.*You completed the tutorial on/, zones: 'Lay out the zones', read: 'read the step', byHand: 'By hand',
  },
  {
    locale: 'es', theme: 'Default Light Modern', size: { width: 1920, height: 1080 }, title: 'Tu primer data lake en AWS', start: 'Empezar en el sandbox', next: /^Siguiente: \d\.\d /, isNext: /siguiente · /, done: /está aprovisionado/,
    came: /Llegaron .* filas a random_data/, atOnce: 'filas de una vez', insert: 'Insertar filas ahora…', run: 'Ejecutar el flujo de trabajo', everything: 'Aprovisionar todo', gold: /bronze ya tiene 10\d\d filas, silver .* gold .*Todos los pasos están hechos/, goldButton: 'Mostrar gold',
    remove: 'Eliminar', gone: /Lo que creó el tutorial está eliminado\. Se eliminaron \d+ recursos.*Completaste el tutorial el/, zones: 'Organiza las zonas', read: 'lee el paso', byHand: 'A mano',
  },
];

/** What a user gets: the packed extension, installed into a clean profile, with a sandbox that nobody has started, driven as a person does. */
describe('the packed extension in a clean profile', function () {
  this.timeout(400_000);
  // scripts/test.mjs packs it before anything is tested.
  const vsix = join(root, '.cache/packed.vsix');
  let sandbox: Awaited<ReturnType<typeof temporaryState>> | undefined;
  let session: Session | undefined;

  before(() => mkdir(pictures, { recursive: true }));
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session?.screenshot(join(pictures, 'failed.png'));
    }
    await session?.close();
    session = undefined;
    await sandbox?.remove();
    sandbox = undefined;
  });

  it('is smaller than 2 MB', async () => {
    const { size } = await stat(vsix);
    assert.ok(size < 2 * 1024 * 1024, `${size} bytes`);
  });

  for (const words of ways) {
    const { locale, theme, size } = words;
    it(`leads from the closed drawer to gold and back in at most ${mostClicks} clicks, none of them dead (${locale}, ${size.width} × ${size.height})`, async () => {
      sandbox = await temporaryState();
      session = await openSession({ vsix, locale, theme, size, env: { LAKE_TUTORIAL_HOME: sandbox.state } });
      const { page, screenshot } = session;
      let clicks = 0;
      /** A click of the learner's. It is dead unless what they expect of it comes. */
      const click = async (target: Locator, expected: Locator, patience = 120_000): Promise<void> => {
        clicks++;
        await target.click({ timeout: 60_000 });
        await expected.first().waitFor({ timeout: patience });
      };
      const toasts = page.locator('.notifications-toasts .notification-toast');
      const message = (text: RegExp): Locator => toasts.filter({ hasText: text });
      const button = (text: string | RegExp): Locator => toasts.locator('.monaco-button', { hasText: text }).last();
      const rows = page.locator('.part.sidebar .split-view-view').first().locator('.monaco-list-row');
      const nextRow = rows.filter({ hasText: words.isNext });
      const inside = (webview: Locator) => webview.contentFrame().frameLocator('#active-frame');
      const stepOf = (id: string): Locator => page.locator(`.getting-started-step[data-step-id$="#${id}"]`);

      // One button begins. It opens the first step that is to do, beside the list of all.
      await click(page.locator('.activitybar .action-label[aria-label*="Lake Tutorial"]'), page.locator('.monaco-button', { hasText: words.start }));
      assert.equal(await page.locator('.part.sidebar .monaco-button', { hasText: words.start }).count(), 1, 'one button to begin with');
      await screenshot(join(pictures, `way-1-begin-${locale}.png`));
      await click(page.locator('.part.sidebar .monaco-button', { hasText: words.start }), message(/sandbox/).filter({ hasText: /AWS/ }), 240_000);
      await stepOf('admin-user').and(page.locator('.expanded')).waitFor();
      assert.match((await button(words.next).textContent()) ?? '', words.next);
      await screenshot(join(pictures, `way-2-started-${locale}.png`));

      if (locale === 'en') {
        // Step by step, by the button beside the one that comes next.
        for (let before = ''; ; ) {
          const row = nextRow.first();
          let name = before;
          // The message comes when the step is provisioned, the mark when the account was looked at again.
          for (const end = Date.now() + 30_000; name === before && Date.now() < end; await page.waitForTimeout(100)) name = (await row.getAttribute('aria-label')) ?? '';
          assert.notEqual(name, before, 'a step that was provisioned is not the next one any more');
          before = name;
          // What is made and waits for its result has nothing more to be made.
          if (/still to come/.test(name)) break;
          await row.hover();
          const number = /^\d\.\d/.exec(name)?.[0] ?? assert.fail(name);
          await click(row.locator('.actions .action-label').first(), message(words.done).filter({ hasText: `"${number} ` }));
          assert.equal(await toasts.count(), 1, 'one message at a time');
        }
        // Next opens the step that comes next, where its button is.
        await click(button(words.next), stepOf('rows').and(page.locator('.expanded')));
        await screenshot(join(pictures, `way-3-next-${locale}.png`));
      } else {
        await session.palette('');
        await page.keyboard.press('Escape');
        await rows.first().hover();
        await click(page.locator('.part.sidebar .pane-header .action-label[aria-label="' + words.everything + '"]').first(), message(/está aprovisionado/));
        await click(button(words.next), stepOf('rows').and(page.locator('.expanded')));
      }
      await click(stepOf('rows').locator('.monaco-button', { hasText: words.insert }), page.locator('.quick-input-list .monaco-list-row', { hasText: words.atOnce }));
      await click(page.locator('.quick-input-list .monaco-list-row', { hasText: words.atOnce }), message(words.came));
      await click(button(words.run), message(words.gold), 240_000);
      await screenshot(join(pictures, `way-4-ran-${locale}.png`));
      assert.equal(await toasts.count(), 1, 'one message at a time');
      await click(button(words.goldButton), inside(page.locator('iframe.webview.ready').last()).locator('[data-thing]'));
      await screenshot(join(pictures, `way-5-gold-${locale}.png`));

      // What to do by hand, beside a step that shows a picture: reading takes no click of the way.
      await session.openWalkthrough(words.title);
      assert.equal((await session.walkthroughSteps()).filter(({ done }) => done).length, 18);
      await stepOf('zones').click();
      if (size.width > 1300) {
        // For a moment the picture of the step before stands there still.
        await inside(page.locator('.getting-started-media iframe.webview.ready')).locator('svg').getByText(words.zones).waitFor({ state: 'attached', timeout: 30_000 });
      }
      await stepOf('zones').getByText(words.read).click();
      // The walkthrough's medium is a web view too, and the older one.
      const preview = inside(page.locator('iframe.webview.ready').last()).locator('.markdown-body');
      await preview.getByText(words.byHand, { exact: true }).waitFor({ timeout: 30_000 });
      assert.match((await preview.locator('h1').textContent()) ?? '', new RegExp(`^1\\.2 ${words.zones}`));
      assert.match((await preview.textContent()) ?? '', /lake-tutorial-000000000000-us-east-2/, 'with the learner\'s own bucket');
      await screenshot(join(pictures, `way-6-read-${locale}.png`));

      // The end: what goes, by groups; the first button, which Enter presses, keeps it.
      await rows.last().scrollIntoViewIfNeeded();
      await page.locator('.part.sidebar .split-view-view').first().locator('.monaco-list').hover();
      const last = rows.filter({ hasText: locale === 'en' ? 'Remove everything' : 'Elimina todo' });
      for (let tries = 0; tries < 20 && (await last.count()) === 0; tries++) await page.mouse.wheel(0, 300);
      await last.hover();
      const dialog = page.locator('.monaco-dialog-box');
      await click(last.locator('.actions .action-label').first(), dialog);
      assert.match((await dialog.textContent()) ?? '', /Glue \(\d+\)[^]*IAM \(\d+\)|IAM \(\d+\)[^]*Glue \(\d+\)/);
      await screenshot(join(pictures, `way-7-end-${locale}.png`));
      await click(dialog.locator('.monaco-button', { hasText: words.remove }), message(words.gone), 240_000);
      await screenshot(join(pictures, `way-8-gone-${locale}.png`));
      assert.ok(clicks <= mostClicks, `${clicks} clicks`);
      console.log(`        ${clicks} clicks`);
    });
  }
});
