// What the extension costs an editor: its size, what it loads, and how long it takes to wake up.
import { cp, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { bundleSuite } from '../../scripts/vscode-host/bundle.mjs';
import { chooseHost, runExtensionTests } from '../../scripts/vscode-host/hosts.mjs';
import { service, summary } from './figures.mjs';

const services = new URL('../../src/aws/services/', import.meta.url);
const nameOf = (file) => basename(file).replace(/-[0-9A-Z]{8}\.js$/, '');

/** A bundled file and all that it imports statically, by path within `dist`. */
async function closure(dist, entry, found = new Map()) {
  if (found.has(entry)) return found;
  const text = await readFile(join(dist, entry), 'utf8');
  found.set(entry, text);
  for (const [, file] of text.matchAll(/(?:from|import)"(\.{1,2}\/[^"]+\.js)"/g)) await closure(dist, posix.join(posix.dirname(entry), file), found);
  return found;
}
const size = (files) => [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** Sizes in bytes of the extension's start and of each client of the SDK. */
export async function measureSizes({ dist, vsix }) {
  const start = await closure(dist, 'extension.js');
  const wanted = (await readdir(services)).map((file) => basename(file, '.ts'));
  const clients = {};
  for (const file of await readdir(join(dist, 'chunks'))) {
    const text = wanted.includes(nameOf(file)) ? await readFile(join(dist, 'chunks', file), 'utf8') : '';
    // An SDK's inner client can have the same name; ours is the one that gives `Client` and `commands`.
    if (/ as Client\b/.test(text)) clients[nameOf(file)] = Buffer.byteLength(text);
  }
  const missing = wanted.filter((name) => !(name in clients));
  if (missing.length > 0) throw new Error(`no chunk of its own: ${missing.join(', ')}`);
  return { vsix: (await stat(vsix)).size, extension: Buffer.byteLength(start.get('extension.js')), extensionWithImports: size(start), importedChunks: start.size - 1, clients };
}

/** Whether a bundled file holds code of the AWS SDK. */
const holdsSdk = (text) => /aws-sdk|smithy|x-amz-/i.test(text);

/**
 * Activates the extension in one new window after the other.
 *
 * @param {{ extensionPath: string, scratch: string, starts: number, log: (line: string) => void }} options
 * @returns the figures, or why there are none
 */
export async function measureActivation({ extensionPath, scratch, starts, log }) {
  const host = await chooseHost({ log });
  if (host.kind === 'none') return { skipped: host.reason };
  const testsPath = join(scratch, 'activation.mjs');
  await bundleSuite(join(import.meta.dirname, 'activation.ts'), testsPath);
  // VS Code opens JSON of its own while a window starts, which wakes whoever serves JSON. What our code takes is measured in a copy that only wakes when asked.
  const calm = join(scratch, 'calm');
  await cp(extensionPath, calm, { recursive: true });
  const { activationEvents: _, ...manifest } = JSON.parse(await readFile(join(calm, 'package.json'), 'utf8'));
  await writeFile(join(calm, 'package.json'), JSON.stringify(manifest));
  /** One new window after the other. */
  const windows = async (path, what, env = {}) => {
    const runs = [];
    for (let start = 1; start <= starts; start++) {
      const file = join(scratch, `activation-${start}.json`);
      // A sandbox of its own that is not there: nothing of the user's is looked at.
      const { code } = await runExtensionTests({ host, extensionPath: path, testsPath, env: { LAKE_TUTORIAL_BENCH: file, LAKE_TUTORIAL_HOME: join(scratch, 'home'), ...env } });
      if (code !== 0) throw new Error(`window ${start} ended with ${code}`);
      runs.push(JSON.parse(await readFile(file, 'utf8')));
      log(`activation ${what} ${start}/${starts}: ${runs.at(-1).ms ?? '-'} ms`);
    }
    return runs;
  };
  const runs = await windows(calm, 'when asked');
  const early = (await windows(extensionPath, 'as the window starts', { LAKE_TUTORIAL_BENCH_BY_ITSELF: '1' })).flatMap(({ ms }) => ms ?? []);
  const loaded = runs[0].loaded;
  if (!loaded.includes('dist/extension.js')) throw new Error(`what was loaded is not known: ${loaded.join(', ')}`);
  const sdk = [];
  for (const file of loaded) if (holdsSdk(await readFile(join(calm, file), 'utf8'))) sdk.push(file);
  return { host: host.kind, ms: summary(runs.map(({ ms }) => ms)), wallMs: summary(runs.map(({ wallMs }) => wallMs), 1), asWindowStarts: { windows: starts, ...(early.length > 0 && { ms: summary(early) }) }, loadedFiles: loaded.length, sdkFiles: sdk.length };
}

/**
 * Asks for the completions of IAM policies in a window of its own.
 *
 * @returns the figures, or why there are none
 */
export async function measureCompletion({ extensionPath, scratch, log }) {
  const host = await chooseHost({ log });
  if (host.kind === 'none') return { skipped: host.reason };
  const testsPath = join(scratch, 'completion.mjs');
  await bundleSuite(join(import.meta.dirname, 'completion.ts'), testsPath);
  const file = join(scratch, 'completion.json');
  const { code } = await runExtensionTests({ host, extensionPath, testsPath, env: { LAKE_TUTORIAL_BENCH: file, LAKE_TUTORIAL_HOME: join(scratch, 'home') } });
  if (code !== 0) throw new Error(`the window ended with ${code}`);
  const { ms, wallMs, ...rest } = JSON.parse(await readFile(file, 'utf8'));
  return { host: host.kind, ms: summary(ms, 1), wallMs: summary(wallMs, 1), ...rest };
}

/** A large account that answers at once, in a process of its own. */
export const startLargeAccount = () =>
  service(process.execPath, ['--import=tsx', join(import.meta.dirname, 'largeAccount.ts')], {
    ready: (child) => new Promise((resolve) => child.stdout.once('data', (line) => resolve(JSON.parse(String(line)).endpoint))),
  });

/**
 * Opens the sidebar's nodes on a large account, in a window of its own.
 *
 * @param {{ extensionPath: string, scratch: string, endpoint: string, log: (line: string) => void }} options the endpoint tells the time of its calls at `/-/calls`
 * @returns the figures by what was opened, or why there are none
 */
export async function measureTrees({ extensionPath, scratch, endpoint, log }) {
  const host = await chooseHost({ log });
  if (host.kind === 'none') return { skipped: host.reason };
  const testsPath = join(scratch, 'trees.mjs');
  await bundleSuite(join(import.meta.dirname, 'trees.ts'), testsPath);
  const file = join(scratch, 'trees.json');
  const env = { LAKE_TUTORIAL_BENCH: file, LAKE_TUTORIAL_BENCH_ENDPOINT: endpoint, LAKE_TUTORIAL_HOME: join(scratch, 'home'), AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'anything', AWS_EC2_METADATA_DISABLED: 'true' };
  const { code } = await runExtensionTests({ host, extensionPath, testsPath, env });
  if (code !== 0) throw new Error(`the window of the trees ended with ${code}`);
  const { openings, grownMb } = JSON.parse(await readFile(file, 'utf8'));
  const opened = [...new Set(openings.map(({ what }) => what))].map((what) => {
    const all = openings.filter((opening) => opening.what === what);
    return { what, requests: Math.max(...all.map(({ requests }) => requests)), nodes: all[0].nodes, beyondMs: summary(all.map(({ beyondMs }) => beyondMs)), serverMs: summary(all.map(({ serverMs }) => serverMs)) };
  });
  return { opened, grownMb: Number(grownMb.toFixed(1)) };
}
