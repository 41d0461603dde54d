// Installs a VS Code that a package registry alone can give: the npm package `code-server` carries the
// workbench and the Node extension host, and the npm packages `node-<platform>-<arch>` the Node it wants.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CODE_SERVER = '4.139.1';
const NODE_MAJOR = '24';
const MARKER = 'installed.json';

/** Debian packages that building the server's native modules takes (Node's headers come from npm). */
export const BUILD_APT_PACKAGES = [
  'g++', 'make', 'python3', 'pkg-config', 'libkrb5-dev', 'libsecret-1-dev', 'libx11-dev', 'libxkbfile-dev',
];
/** Every Debian package that the host takes: the build's, and the browser that shows the workbench. */
export const APT_PACKAGES = [...BUILD_APT_PACKAGES, 'chromium'];

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder for downloads that are not part of the extension. */
export function cacheDir() {
  return process.env.LAKE_TUTORIAL_CACHE ? resolve(process.env.LAKE_TUTORIAL_CACHE) : join(repository, '.cache');
}

/**
 * The installed host, or undefined where `ensureHost` has not finished yet. Starts nothing.
 * @returns {Promise<{ nodePath: string, serverMain: string } | undefined>}
 */
export async function installedHost() {
  const root = hostDir();
  const marker = await readFile(join(root, MARKER), 'utf8').catch(() => undefined);
  return marker === undefined ? undefined : pathsIn(root);
}

/**
 * Installs the host unless it is there: about two minutes and 0.8 GB, once.
 * @param {{ log?: (line: string) => void }} [options] `log` gets npm's output and what is being done
 * @returns {Promise<{ nodePath: string, serverMain: string }>} Node 24 and the server's entry
 * @throws {Error} naming the apt packages that are missing, or how npm failed
 */
export async function ensureHost({ log = () => {} } = {}) {
  const installed = await installedHost();
  if (installed) return installed;
  const missing = await missingBuildPackages();
  if (missing.length > 0) {
    throw new Error(`VS Code's native modules cannot be built: ${missing.join(', ')} missing. `
      + `Install with: apt-get install ${missing.join(' ')}`);
  }

  // Built beside its place and renamed at the end: two starts at once, or one killed halfway, leave no half host.
  const root = hostDir();
  await removeAbandoned(root);
  const work = `${root}.part-${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    log('Installing VS Code (about two minutes, once)…');
    // npm 11 warns about install scripts and its successor skips those that are not allowed here.
    // argon2 serves only code-server's own login page, which is never started.
    const manifest = { private: true, allowScripts: { [`code-server@${CODE_SERVER}`]: true, argon2: false } };
    await writeFile(join(work, 'package.json'), JSON.stringify(manifest));
    await npmInstall(work, `${nodePackage()}@${NODE_MAJOR}`, process.env, log);
    const { nodePath, nodeDir } = pathsIn(work);
    // First on PATH, so that npm itself runs on it: code-server's install script asks npm for its Node version.
    await npmInstall(work, `code-server@${CODE_SERVER}`, {
      ...process.env,
      PATH: dirname(nodePath) + delimiter + (process.env.PATH ?? ''),
      npm_config_nodedir: nodeDir,
      npm_package_config_node_gyp_nodedir: nodeDir,
    }, log);
    await checkNativeModules(work);
    await writeFile(join(work, MARKER), JSON.stringify({ codeServer: CODE_SERVER, node: NODE_MAJOR }));
    await rename(work, root).catch(async (error) => {
      if (!(await installedHost())) throw error; // else another start was faster
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return pathsIn(root);
}

/** @returns {Promise<string[]>} the build packages this Debian lacks; none where there is no dpkg to ask */
export async function missingBuildPackages() {
  const installed = await promisify(execFile)('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...BUILD_APT_PACKAGES])
    // dpkg-query fails when it does not know one of them, and still prints the others
    .then(({ stdout }) => stdout, (error) => (error.code === 'ENOENT' ? undefined : String(error.stdout ?? '')));
  if (installed === undefined) return [];
  const found = new Set(installed.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  // pkg-config is a name that another package may provide
  if (found.has('pkg-config') || existsSync('/usr/bin/pkg-config')) found.add('pkg-config');
  return BUILD_APT_PACKAGES.filter((name) => !found.has(name));
}

function hostDir() {
  return join(cacheDir(), 'vscode-host', `code-server-${CODE_SERVER}-${process.platform}-${process.arch}`);
}

function nodePackage() {
  return `node-${process.platform}-${process.arch}`;
}

function pathsIn(root) {
  const nodeDir = join(root, 'node_modules', nodePackage());
  return {
    nodeDir,
    nodePath: join(nodeDir, 'bin', 'node'),
    serverMain: join(root, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

/** npm can report success with its scripts skipped, so what they build is what counts. */
async function checkNativeModules(root) {
  const modules = join(dirname(pathsIn(root).serverMain), '..', 'node_modules', '@vscode');
  for (const file of ['spdlog/build/Release/spdlog.node', 'sqlite3/build/Release/vscode-sqlite3.node']) {
    if (!existsSync(join(modules, file))) {
      throw new Error(`npm installed code-server without building ${file}: were its install scripts skipped?`);
    }
  }
}

async function removeAbandoned(root) {
  const parent = dirname(root);
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(/\.part-(\d+)$/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function npmInstall(cwd, spec, env, log) {
  const lastLines = [];
  const child = spawn('npm', ['install', spec, '--no-audit', '--no-fund', '--no-update-notifier'],
    { cwd, env: withoutNpmContext(env), stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  const note = (data) => {
    for (const line of String(data).split('\n').filter((part) => part.trim())) {
      log(line);
      lastLines.push(line);
      if (lastLines.length > 15) lastLines.shift();
    }
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`npm install ${spec} failed (${code}):\n${lastLines.join('\n')}`))));
  });
}

/**
 * Started from an npm script, npm would otherwise take the outer project's context for its own, and the outer Node for its own too:
 * packages read its version from `npm_config_user_agent`.
 */
function withoutNpmContext(env) {
  const kept = Object.entries(env).filter(([name]) => !/^npm_(package|lifecycle|command|execpath|node_execpath|config_user_agent)/.test(name) || /node_gyp/.test(name));
  return Object.fromEntries(kept.filter(([name]) => !['NODE', 'NODE_OPTIONS', 'INIT_CWD'].includes(name)));
}
