// The workbench of a server, shown in a headless Chromium.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const CHROMIUM_PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** @returns {string | undefined} the Chromium to use: `LAKE_TUTORIAL_CHROMIUM`, or what the machine has */
export function findChromium() {
  if (process.env.LAKE_TUTORIAL_CHROMIUM) return process.env.LAKE_TUTORIAL_CHROMIUM;
  return findOnPath(CHROMIUM_NAMES) ?? CHROMIUM_PLACES.find(isExecutable);
}

/**
 * @param {string[]} names executables, best first
 * @returns {string | undefined} the path of the first that is on PATH
 */
export function findOnPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found) return found;
  }
  return undefined;
}

/**
 * Opens a headless browser with an empty page that is ready for a workbench.
 * @param {{ locale?: string, size?: { width: number, height: number, scale?: number } }} [options]
 * @returns {Promise<{ page: import('playwright-core').Page, browser: import('playwright-core').Browser }>}
 */
export async function openPage({ locale, size = { width: 1280, height: 800 } } = {}) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium found. Install one (Debian: apt-get install chromium) or set LAKE_TUTORIAL_CHROMIUM.');
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    // The caller ends the browser together with the server.
    handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: size.width, height: size.height }, deviceScaleFactor: size.scale ?? 1 });
  if (locale) await page.addInitScript({ content: workbenchLanguage(locale) });
  return { browser, page };
}

/**
 * A script for the page. Language packs come from a gallery; this global decides which `package.nls.*.json` extensions get.
 * A text and not a function: a loader such as tsx puts calls of its own helpers into functions, which the page does not have.
 */
function workbenchLanguage(language) {
  return `Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: () => ${JSON.stringify(language)}, set: () => {} });`;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
