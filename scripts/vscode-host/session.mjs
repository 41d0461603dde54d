// Drives the real editor from a script: screenshots, and looking at what a learner sees.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startServer } from './server.mjs';
import { openPage } from './workbench.mjs';

const QUICK_INPUT = '.quick-input-widget input[type="text"]';

/**
 * Opens the editor with an extension in it.
 * @param {object} options
 * @param {string} [options.extensionPath] an extension to run from its folder
 * @param {string | string[]} [options.vsix] or packed ones, installed into an empty extensions folder
 * @param {string} [options.folder] workspace; an empty one when not given
 * @param {string} [options.locale] such as `es`
 * @param {string} [options.theme] such as `Default Light Modern`
 * @param {Record<string, unknown>} [options.settings]
 * @param {Record<string, string | undefined>} [options.env] seen by the extension host
 * @param {{ width: number, height: number, scale?: number }} [options.size] at 1280 a walkthrough shows no media, at the default 1600 it does
 * @param {(line: string) => void} [options.log]
 */
export async function openSession({ extensionPath, vsix, folder, locale, theme, settings, env, size = { width: 1600, height: 1000 }, log }) {
  const server = await startServer({
    folder, vsix, linkedExtension: extensionPath, env, log,
    // A screenshot should not catch something fading in.
    settings: { 'workbench.reduceMotion': 'on', ...(theme ? { 'workbench.colorTheme': theme } : {}), ...settings },
  });
  let browser;
  const close = async () => {
    await browser?.close().catch(() => {});
    await server.close();
  };
  try {
    const opened = await openPage({ locale, size });
    browser = opened.browser;
    const { page } = opened;
    await page.goto(server.url());
    await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 60_000 });
    // The workbench takes no keys before it was clicked into.
    await page.click('.part.editor', { position: { x: 20, y: 60 } });
    return { ...drive(page), page, folder: server.folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {import('playwright-core').Page} page a page that shows a workbench
 */
function drive(page) {
  /** Opens the command palette and types; `>` before the text is not needed. */
  async function palette(text) {
    // Without an open quick pick, Escape would leave the walkthrough on show.
    if (await page.locator(QUICK_INPUT).isVisible()) await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+P');
    await page.fill(QUICK_INPUT, `>${text}`);
  }

  /** Picks the entry of the open quick pick whose label holds the text, waiting for it. */
  async function pick(text, timeout = 30_000) {
    const entry = page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await entry.waitFor({ timeout });
    await entry.click();
  }

  /** Runs a command by its palette title, with or without its category. */
  async function runCommand(title) {
    // Extensions are read after the palette can open, and an open palette does not learn of new commands.
    for (let attempt = 0; ; attempt++) {
      await palette(title);
      try {
        return await pick(title, 3000);
      } catch (error) {
        if (attempt === 9) throw new Error(`The palette has no command "${title}".`, { cause: error });
      }
    }
  }

  /** Opens a contributed walkthrough by its title (in the session's language). */
  async function openWalkthrough(title) {
    for (let attempt = 0; ; attempt++) {
      await runCommand('Welcome: Open Walkthrough...');
      try {
        await page.fill(QUICK_INPUT, title);
        await pick(title, 3000);
        break;
      } catch (error) {
        if (attempt === 9) throw new Error(`There is no walkthrough "${title}".`, { cause: error });
      }
    }
    await page.locator('.gettingStartedContainer .getting-started-step').first().waitFor();
  }

  /** The walkthrough on show, step by step. */
  async function walkthroughSteps() {
    return page.locator('.getting-started-step').evaluateAll((nodes) => nodes.map((node) => ({
      id: node.getAttribute('data-step-id'),
      title: node.querySelector('.step-title')?.textContent ?? '',
      done: node.querySelector('[data-done-step-id]')?.getAttribute('aria-checked') === 'true',
      expanded: node.classList.contains('expanded'),
      buttons: [...node.querySelectorAll('.monaco-button')].map((button) => button.textContent ?? ''),
    })));
  }

  /** Saves a PNG of the whole window. */
  async function screenshot(path) {
    await mkdir(dirname(path), { recursive: true });
    await page.screenshot({ path });
  }

  return { palette, pick, runCommand, openWalkthrough, walkthroughSteps, screenshot };
}
