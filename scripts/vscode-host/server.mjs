// One VS Code server on 127.0.0.1 with folders and a token of its own, and the way to end it.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureHost } from './install.mjs';

/** What every start sets, so that nothing but the extension under test asks for attention. */
export const QUIET_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.autoDetectColorScheme': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
};

/**
 * Starts a server and returns when it listens.
 * @param {object} options
 * @param {string} [options.folder] workspace; an empty one of its own when not given
 * @param {string | string[]} [options.vsix] packed extensions to install, in an order in which each finds what it depends on
 * @param {string} [options.linkedExtension] unpacked extension to show as an installed one
 * @param {string} [options.extensionsDir] where installed extensions are; an empty one when not given
 * @param {Record<string, unknown>} [options.settings] user settings beside `QUIET_SETTINGS`
 * @param {Record<string, string | undefined>} [options.env] added to the environment of server and extension host
 * @param {boolean} [options.testable] lets the page's payload name an extension under development and its tests; hides most notifications
 * @param {boolean} [options.lasting] stays although no page is open any more
 * @param {boolean} [options.gallery] lets the editor look for extensions on the internet
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<{ folder: string, url: (payload?: [string, string][]) => string, remote: (path: string) => string, exited: Promise<void>, close: () => Promise<void> }>}
 */
export async function startServer({
  folder, vsix, linkedExtension, extensionsDir, settings = {}, env = {}, testable = false, gallery = false, lasting = false, log = () => {},
}) {
  const { nodePath, serverMain } = await ensureHost({ log });
  const scratch = await mkdtemp(join(tmpdir(), 'vscode-host-'));
  const data = join(scratch, 'data');
  const extensions = extensionsDir ?? join(scratch, 'extensions');
  const workspace = folder ? resolve(folder) : join(scratch, 'workspace');
  for (const path of [extensions, workspace]) await mkdir(path, { recursive: true });
  // Settings of machine scope are read from the machine's file only, the others from the user's.
  for (const scope of ['User', 'Machine']) {
    await mkdir(join(data, 'data', scope), { recursive: true });
    await writeFile(join(data, 'data', scope, 'settings.json'), JSON.stringify({ ...QUIET_SETTINGS, ...settings }));
  }
  // In a file, since a command line can be read by every user of the machine.
  const token = randomBytes(16).toString('hex');
  await writeFile(join(scratch, 'token'), token, { mode: 0o600 });

  const environment = serverEnvironment(env, gallery);
  if (process.platform === 'linux') {
    // Killed, the editor leaves its sockets behind: here they go with the rest.
    environment.XDG_RUNTIME_DIR = join(scratch, 'run');
    await mkdir(environment.XDG_RUNTIME_DIR, { mode: 0o700 });
  }
  const places = ['--server-data-dir', data, '--extensions-dir', extensions, '--accept-server-license-terms'];
  if (linkedExtension) await linkExtension(resolve(linkedExtension), extensions);
  if (vsix) {
    const all = [vsix].flat().flatMap((file) => ['--install-extension', resolve(file)]);
    await promisify(execFile)(nodePath, [serverMain, ...places, ...all, '--force'], { env: environment });
  }

  const child = spawn(nodePath, [
    serverMain, ...places, '--host', '127.0.0.1', '--port', '0', '--connection-token-file', join(scratch, 'token'),
    '--telemetry-level', 'off', '--force-disable-user-env',
    // Without the driver a built workbench ignores the payload's extension under development and its tests.
    ...(testable ? ['--enable-smoke-test-driver'] : []),
    // Ends the server some minutes after its last page, should whoever started it be killed without a signal.
    ...(lasting ? [] : ['--enable-remote-auto-shutdown', '--reconnection-grace-time', '30']),
  ], { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((done) => child.on('exit', () => done()));

  const killNow = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killNow);
  const close = async () => {
    process.off('exit', killNow);
    signalGroup(child.pid, 'SIGTERM');
    // The extension host may outlive the server for a moment, so the group is killed in any case.
    await Promise.race([exited, delay(3000, undefined, { ref: false })]);
    signalGroup(child.pid, 'SIGKILL');
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };

  try {
    const port = await listeningPort(child, log);
    const authority = `127.0.0.1:${port}`;
    const remote = (path) => `vscode-remote://${authority}${encodeURI(resolve(path))}`;
    const url = (payload = []) => {
      const query = new URLSearchParams({ tkn: token, folder: workspace });
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      // `+` for a blank is a form's habit which the workbench does not share
      return `http://${authority}/?${String(query).replaceAll('+', '%20')}`;
    };
    return { folder: workspace, url, remote, exited, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function linkExtension(path, extensions) {
  const { publisher, name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  for (const entry of await readdir(extensions)) {
    if (entry === 'extensions.json' || entry.startsWith(`${publisher}.${name}-`)) await rm(join(extensions, entry), { recursive: true });
  }
  await symlink(path, join(extensions, `${publisher}.${name}-${version}`), 'dir');
}

function serverEnvironment(added, gallery) {
  // Loaders and editors that started us are none of the extension host's business.
  const own = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|ELECTRON_|VSCODE_)/.test(name));
  return { ...Object.fromEntries(own), ...(gallery ? {} : { EXTENSIONS_GALLERY: '{}' }), ...added };
}

function listeningPort(child, log) {
  return new Promise((done, fail) => {
    let output = '';
    const timer = setTimeout(() => fail(new Error(`The VS Code server did not listen within 60 s:\n${output}`)), 60_000);
    const read = (data) => {
      log(String(data).trimEnd());
      if (output === undefined) return;
      output += data;
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port) {
        output = undefined;
        clearTimeout(timer);
        done(Number(port));
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', fail);
    child.on('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`The VS Code server ended (${code}) before it listened:\n${output}`));
    });
  });
}

function signalGroup(pid, signal) {
  if (!pid) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone
  }
}
