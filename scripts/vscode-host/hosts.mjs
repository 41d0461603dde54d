// Which VS Code this machine can have: for extension tests, and for a person.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir, ensureHost, installedHost } from './install.mjs';
import { QUIET_SETTINGS, startServer } from './server.mjs';
import { findChromium, findOnPath } from './workbench.mjs';

const RELEASES = 'https://update.code.visualstudio.com/api/releases/stable';
const launcher = fileURLToPath(new URL('launcher.mjs', import.meta.url));

/**
 * Finds a VS Code to run extension tests in, installing or downloading it where it is not there yet.
 * `LAKE_TUTORIAL_EDITOR_HOST` = `desktop` or `browser` tries only that one.
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<{ kind: 'desktop' | 'browser', executable: string } | { kind: 'none', reason: string }>}
 */
export async function chooseHost({ log = () => {} } = {}) {
  const only = process.env.LAKE_TUTORIAL_EDITOR_HOST;
  const reasons = [];
  for (const [kind, prepare] of [['desktop', desktopExecutable], ['browser', browserExecutable]]) {
    if (only && only !== kind) continue;
    try {
      return { kind, executable: await prepare(log) };
    } catch (error) {
      reasons.push(`${kind}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { kind: 'none', reason: reasons.join('; ') || `LAKE_TUTORIAL_EDITOR_HOST=${only} is neither desktop nor browser` };
}

/**
 * Runs a bundled test suite (`export async function run()`) in a host of `chooseHost`, in a profile of its own.
 * @param {object} options
 * @param {{ executable: string }} options.host
 * @param {string} options.extensionPath
 * @param {string} options.testsPath the bundle, inside or outside the extension
 * @param {string} [options.folder] workspace; an empty one when not given
 * @param {string} [options.locale] such as `es`; a desktop host has no language packs and stays English
 * @param {string} [options.theme]
 * @param {Record<string, unknown>} [options.settings]
 * @param {Record<string, string>} [options.env] seen by the extension host
 * @returns {Promise<{ code: number, passed: number, failed: number, pending: number }>} exit code 0 when all passed, 1 when not, others when
 *   the host failed; the counts are those of a suite that runs by `test/editor/harness/suite.ts`, else 0
 */
export async function runExtensionTests({ host, extensionPath, testsPath, folder, locale, theme, settings, env }) {
  const { runTests, TestRunFailedError } = await import('@vscode/test-electron');
  const scratch = await mkdtemp(join(tmpdir(), 'vscode-profile-'));
  try {
    const profile = await writeProfile(scratch, { ...(theme ? { 'workbench.colorTheme': theme } : {}), ...settings });
    const workspace = folder ?? join(scratch, 'workspace');
    await mkdir(workspace, { recursive: true });
    const resultFile = join(scratch, 'result.json');
    const code = await runTests({
      vscodeExecutablePath: host.executable,
      extensionDevelopmentPath: extensionPath,
      extensionTestsPath: testsPath,
      extensionTestsEnv: { ...env, LAKE_TUTORIAL_TEST_RESULT: resultFile, ...(locale ? { LAKE_TUTORIAL_LOCALE: locale } : {}) },
      launchArgs: [workspace, ...profile],
    }).catch((error) => {
      if (error instanceof TestRunFailedError) return error.code ?? 1;
      throw error;
    });
    const counts = await readFile(resultFile, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 0, pending: 0 }));
    return { code, ...counts };
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * Opens the editor for a person, with the extension in it and a profile apart from the person's own: the
 * desktop VS Code on PATH, else one served on 127.0.0.1 and shown in the default browser. Returns when the
 * desktop window was closed, or for a served editor when `signal` aborts or Ctrl+C is pressed.
 * @param {object} options
 * @param {string} options.extensionPath
 * @param {string} options.folder
 * @param {Record<string, unknown>} [options.settings]
 * @param {Record<string, string>} [options.env] seen by the extension host
 * @param {(line: string) => void} [options.log] what the person should read
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<'desktop' | 'browser'>}
 */
export async function openEditor({ extensionPath, folder, settings = {}, env = {}, log = console.error, signal }) {
  const code = desktopOnPath();
  if (code) {
    await openDesktop({ code, extensionPath, folder, settings, env, log, signal });
    return 'desktop';
  }
  await serveEditor({ extensionPath, folder, settings, env, log, signal });
  return 'browser';
}

async function openDesktop({ code, extensionPath, folder, settings, env, log, signal }) {
  const scratch = await mkdtemp(join(tmpdir(), 'vscode-profile-'));
  try {
    const profile = await writeProfile(scratch, settings);
    const args = ['--new-window', '--wait', '--disable-workspace-trust', `--extensionDevelopmentPath=${extensionPath}`, ...profile, folder];
    if (process.getuid?.() === 0) args.push('--no-sandbox');
    log('VS Code opens; close its window to end.');
    const shell = process.platform === 'win32'; // there `code` is a .cmd, which only a shell starts
    const child = spawn(shell ? `"${code}"` : code, shell ? args.map((arg) => `"${arg}"`) : args, { env: { ...process.env, ...env }, stdio: 'ignore', shell });
    signal?.addEventListener('abort', () => child.kill(), { once: true });
    await new Promise((done, fail) => child.on('error', fail).on('exit', done));
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function serveEditor({ extensionPath, folder, settings, env, log, signal }) {
  if (!(await installedHost())) log('No desktop VS Code can be shown here: one for the browser is installed below .cache (0.8 GB).');
  await ensureHost({ log });
  const server = await startServer({ linkedExtension: extensionPath, folder, settings, env, gallery: true, lasting: true });
  let interrupt;
  const stopped = new Promise((done) => {
    interrupt = () => done(undefined);
  });
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    log(`VS Code in a browser: ${server.url()}`);
    log(openInBrowser(server.url()) ? 'Press Ctrl+C to end it.' : 'Open that address in a browser of this machine; press Ctrl+C to end it.');
    if (!signal?.aborted) await Promise.race([stopped, server.exited]);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await server.close();
  }
}

/** @returns {boolean} whether there was something to open it with */
function openInBrowser(url) {
  const opener = { darwin: ['open', url], win32: ['rundll32', 'url.dll,FileProtocolHandler', url] }[process.platform] ?? ['xdg-open', url];
  if (!hasDisplay() || (process.platform === 'linux' && !findOnPath(['xdg-open']))) return false;
  spawn(opener[0], opener.slice(1), { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
  return true;
}

function desktopOnPath() {
  // In a terminal of a remote window `code` only speaks to that window, and cannot start one.
  if (!hasDisplay() || process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  return findOnPath(process.platform === 'win32' ? ['code.cmd'] : ['code']);
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function desktopExecutable(log) {
  if (!hasDisplay()) throw new Error('no display (DISPLAY is not set)');
  await fetch(RELEASES, { signal: AbortSignal.timeout(5000) }).catch(() => {
    throw new Error('VS Code cannot be downloaded from here');
  });
  log('Getting desktop VS Code…');
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  return downloadAndUnzipVSCode({ cachePath: join(cacheDir(), 'vscode-desktop') });
}

async function browserExecutable(log) {
  if (process.platform === 'win32') throw new Error('not made for Windows');
  if (!findChromium()) throw new Error('no Chromium (Debian: apt-get install chromium)');
  await ensureHost({ log });
  return launcher;
}

async function writeProfile(dir, settings) {
  const file = join(dir, 'data', 'User', 'settings.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...QUIET_SETTINGS, ...settings }));
  return [`--user-data-dir=${join(dir, 'data')}`, `--extensions-dir=${join(dir, 'extensions')}`];
}
