// npm run bench: the figures that we hold ourselves to, as a table and in bench/results.json. Ends with 1 if a target is missed.
// Everything is measured on the packed extension, unpacked elsewhere. `npm run bench -- lake|authoring|editor|trees|sandbox|rights|rows|environment` measures that part alone and keeps no results.
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { register } from 'tsx/esm/api';
import { measureActivation, measureCompletion, measureSizes, measureTrees, startLargeAccount } from '../test/bench/editor.mjs';
import { summary, table, timed } from '../test/bench/figures.mjs';
import { chart } from '../test/bench/chart.mjs';
import { measureLake, startRelay } from '../test/bench/lake.mjs';
import { measureRights } from '../test/bench/rights.mjs';
import { measureRows } from '../test/bench/rows.mjs';
import { root, run } from './prepare.mjs';

register();
const { clientConfig, sharedPython, temporaryState } = await import('../test/integration/sandbox/support.ts');
const { inProcess } = await import('../test/integration/sandbox/inprocess.ts');
const { fillObjects, startLarge } = await import('../test/integration/sandbox/large.ts');
const { stopSandbox } = await import('../src/sandbox/control/sandbox.ts');

const only = process.argv.slice(2);
const wants = (part) => only.length === 0 || only.includes(part);
const log = (line) => console.error(line);
const scratch = await mkdtemp(join(tmpdir(), 'lake-bench-'));

/** The .vsix as an editor unpacks it. */
async function unpack(vsix) {
  const folder = join(scratch, 'extension');
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(vsix)))) {
    if (!name.startsWith('extension/') || name.endsWith('/')) continue;
    const file = join(scratch, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return folder;
}

/** `sandbox start` with its Python environment made: the first start and the start with what it held, each to the first answer. */
async function measureSandbox(cli, rounds) {
  const { state, remove } = await temporaryState();
  const command = (action, ...flags) => timed([cli, 'sandbox', action, '--state', state, '--json', '--yes', ...flags]);
  const times = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      times.push((await command('start')).ms);
      log(`sandbox ${round}/${rounds}: ${times.at(-1).toFixed(0)} ms`);
      await command('stop');
      await command('reset');
    }
  } finally {
    await remove();
  }
  return { startMs: summary(times) };
}

/** `sandbox start` with 100,000 objects: with nothing but the journal, as after a kill, and with the index that a start or a stop leaves. */
async function measureManyObjects(cli, rounds) {
  const { state, remove } = await temporaryState();
  const command = (action) => timed([cli, 'sandbox', action, '--state', state, '--json', '--yes']);
  const [whole, indexed, peaks] = [[], [], []];
  try {
    await fillObjects(state);
    for (let round = 1; round <= rounds; round++) {
      await rm(join(state, 'journal', 'journal.index'), { force: true });
      for (const times of [whole, indexed]) {
        times.push((await command('start')).ms);
        peaks.push(await controlPlaneMb(state));
        await command('stop');
      }
      log(`start with 100,000 objects ${round}/${rounds}: ${whole.at(-1).toFixed(0)} ms, by its index ${indexed.at(-1).toFixed(0)} ms, at most ${peaks.slice(-2).join(' and ')} MB`);
    }
  } finally {
    await remove();
  }
  return { wholeMs: summary(whole), indexedMs: summary(indexed), peakMb: Math.max(...peaks) };
}

/** The most memory that the control plane of a sandbox has had. */
async function controlPlaneMb(state) {
  for (const id of await readdir('/proc')) {
    const line = /^\d+$/.test(id) ? await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '') : '';
    if (!line.includes('control_plane') || !line.includes(state)) continue;
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${id}/status`, 'utf8'))?.[1]) / 1024);
  }
  return NaN;
}

/** The main job from nothing, its Python environment made: sandbox, lake, 1,000 rows, run, query. */
async function measureDemo(cli, rounds) {
  const times = [];
  for (let round = 1; round <= rounds; round++) {
    const { state, remove } = await temporaryState();
    try {
      const { run, ms } = JSON.parse((await timed([cli, 'demo', '--state', state, '--json', '--yes'])).stdout);
      if (!(run.rows.gold > 0)) throw new Error(`demo ended without rows in gold: ${JSON.stringify(run)}`);
      times.push(ms.toGoldMs);
      log(`demo ${round}/${rounds}: ${JSON.stringify(ms)}`);
    } finally {
      await remove();
    }
  }
  return { toGoldMs: summary(times) };
}

/** What a folder takes on the disk; a file that has several names counts once. */
async function megabytesBelow(folder) {
  const seen = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = await stat(join(entry.parentPath ?? entry.path, entry.name));
    seen.set(ino, size);
  }
  return Math.round([...seen.values()].reduce((sum, size) => sum + size, 0) / 1e6);
}

/** The first start of all: the Python environment is made, and neither uv nor pip has anything from before. */
async function measureEnvironment(cli) {
  const state = join(scratch, 'first');
  try {
    const { ms } = await timed([cli, 'sandbox', 'start', '--state', state, '--json', '--yes'], { PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1' });
    const mb = await megabytesBelow(join(state, 'environment'));
    log(`environment from nothing, and start: ${ms.toFixed(0)} ms, ${mb} MB`);
    return { ms: Math.round(ms), mb };
  } finally {
    await timed([cli, 'sandbox', 'stop', '--state', state, '--json']).catch(() => undefined);
  }
}

/** The same nodes on a real sandbox that holds as much. */
async function measureTreesOnSandbox(extensionPath) {
  const { state, remove } = await temporaryState();
  try {
    const { endpoint, startMs } = await startLarge(state);
    log(`sandbox start with 200,000 objects and 10,000 tables: ${startMs.toFixed(0)} ms`);
    const relay = await startRelay(endpoint, 0);
    return { startMs: Math.round(startMs), ...(await measureTrees({ extensionPath, scratch, log, endpoint: relay.value }).finally(relay.stop)) };
  } finally {
    await stopSandbox({ state });
    await remove();
  }
}

function treeTargets(trees, where) {
  if (trees.skipped) {
    log(`trees: not measured: ${trees.skipped}`);
    return;
  }
  for (const { what, requests, beyondMs } of trees.opened) {
    target(`opening ${what}${where}, requests`, requests, 2, '');
    target(`opening ${what}${where}, beyond the server's time`, beyondMs.median, 150, 'ms');
  }
  target(`the extension host's memory, grown by all of it${where}`, trees.grownMb, 20, 'MB');
}

const targets = [];
const target = (what, value, limit, unit) => targets.push({ what, value, limit, unit, met: value <= limit });

try {
  const vsix = join(scratch, 'lake-tutorial.vsix');
  await run(process.execPath, ['scripts/package.mjs', relative(root, vsix)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const extensionPath = await unpack(vsix);
  const dist = join(extensionPath, 'dist');
  const cli = join(dist, 'cli.js');
  const results = { date: new Date().toISOString().slice(0, 10), machine: { platform: `${process.platform}-${process.arch}`, cores: availableParallelism(), node: process.version, loadBefore: Number(loadavg()[0].toFixed(1)) } };

  if (wants('lake')) {
    const lake = (results.lake = await measureLake({ cli, python: await sharedPython(), scratch, rounds: 7, log }));
    target('up, of the time call by call', lake.up.ratio.median, 0.4, '×');
    target('up with nothing to do, of the same', lake.upAgain.ratio.median, 0.35, '×');
  }
  if (wants('authoring')) {
    const { measureAuthoring } = await import('../test/bench/authoring.mjs');
    const authoring = (results.authoring = measureAuthoring({ log }));
    target('a check of 10,000 lines', authoring.fullMs.median, 100, 'ms');
    target('a check after an edit of them', authoring.editMs.median, 16, 'ms');
  }
  if (wants('editor')) {
    const sizes = (results.sizes = await measureSizes({ dist, vsix }));
    target('the .vsix', sizes.vsix / 1024, 2048, 'KB');
    target('dist/extension.js with what it imports', sizes.extensionWithImports / 1024, 150, 'KB');
    const activation = (results.activation = await measureActivation({ extensionPath, scratch, starts: 7, log }));
    if (activation.skipped) {
      log(`activation: not measured: ${activation.skipped}`);
    } else {
      target('activation, in a window at rest', activation.ms.median, 20, 'ms');
      target('files of the SDK loaded by it', activation.sdkFiles, 0, '');
    }
    const completion = (results.completion = await measureCompletion({ extensionPath, scratch, log }));
    if (completion.skipped) log(`completion: not measured: ${completion.skipped}`);
    else target('completion list', completion.ms.median, 10, 'ms');
  }
  if (wants('trees')) {
    const onFake = await startLargeAccount();
    const trees = (results.trees = await measureTrees({ extensionPath, scratch, log, endpoint: onFake.value }).finally(onFake.stop));
    treeTargets(trees, '');
    if (!trees.skipped) treeTargets((results.treesOnSandbox = await measureTreesOnSandbox(extensionPath)), ' of the sandbox');
  }
  if (wants('sandbox')) {
    const sandbox = (results.sandbox = await measureSandbox(cli, 5));
    target('sandbox start', sandbox.startMs.median / 1000, 5, 's');
    const many = (results.manyObjects = await measureManyObjects(cli, 3));
    target('sandbox start with 100,000 objects', many.indexedMs.median / 1000, 4, 's');
    target('the same without its index, as after a kill', many.wholeMs.median / 1000, 8, 's');
    target("its control plane's memory", many.peakMb, 300, 'MB');
    const demo = (results.demo = await measureDemo(cli, 3));
    target('demo, 1,000 rows to gold', demo.toGoldMs.median / 1000, 15, 's');
  }
  if (wants('rights')) {
    const rights = (results.rights = await measureRights({ inProcess, clientConfig, calls: 300, log }));
    target("judging a user's call", rights.userAddedMs.median, 2, 'ms');
    target("judging a role's call", rights.roleAddedMs.median, 2, 'ms');
  }
  if (wants('rows')) {
    const rows = (results.rows = await measureRows({ cli, python: await sharedPython(), newState: temporaryState, sizes: [1_000, 100_000, 1_000_000, 10_000_000], log }));
    const [few, , million, most] = rows.by;
    target('1,000,000 rows to gold', million.ms / 1000, 8, 's');
    target('their memory, all processes', million.peakMb, 1536, 'MB');
    target('10,000,000 rows, of the time of 1,000,000', most.ms / million.ms, 12, '×');
    target('their memory, all processes', most.peakMb, 4096, 'MB');
    target('1,000 more on 1,000,000, of an empty lake', rows.second.ms / few.ms, 3, '×');
    target('sandbox start with 10,000,000 rows', rows.startWithThemMs / 1000, 5, 's');
  }
  if (wants('environment')) {
    const environment = (results.environment = await measureEnvironment(cli));
    target('the first start of all', environment.ms / 1000, 25, 's');
    target('the Python environment', environment.mb, 900, 'MB');
  }

  results.targets = targets.map((each) => ({ ...each, value: Number(each.value.toFixed(3)) }));
  print(results);
  if (only.length === 0) {
    await mkdir(join(root, 'bench'), { recursive: true });
    await writeFile(join(root, 'bench', 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
    await writeFile(join(root, 'bench', 'rows.svg'), chart(results.rows.by));
  }
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exitCode = targets.every(({ met }) => met) ? 0 : 1;

function print({ lake, authoring, activation, completion, trees, treesOnSandbox, sizes, sandbox, manyObjects, demo, rights, rows: byRows, environment }) {
  const spread = ({ median, min, max, runs }) => [String(median), `${min} – ${max}`, String(runs)];
  const rows = [['what', 'median', 'spread', 'runs', 'remarks']];
  if (lake) {
    const made = `${lake.resources} resources, graph depth ${lake.depth}`;
    rows.push(['call by call (ms)', ...spread(lake.sequential.ms), `${lake.sequential.calls} calls, ${lake.sequential.changing} that change something`]);
    rows.push(['up (ms)', ...spread(lake.up.ms), `${lake.up.calls} calls, ${lake.up.retries} retries, ${made}`]);
    rows.push(['up again (ms)', ...spread(lake.upAgain.ms), `${lake.upAgain.calls} calls, ${lake.upAgain.retries} retries`]);
    rows.push(['up ÷ call by call', ...spread(lake.up.ratio), '']);
    rows.push(['up again ÷ call by call', ...spread(lake.upAgain.ratio), '']);
  }
  if (authoring) {
    rows.push(['check of a tutorial (ms)', ...spread(authoring.fullMs), `${authoring.lines} lines, ${authoring.findings} findings`]);
    rows.push(['check after an edit (ms)', ...spread(authoring.editMs), 'of the same lines, a letter more']);
  }
  if (activation && !activation.skipped) {
    rows.push(['activation (ms)', ...spread(activation.ms), `code and activate(), by the extension host's marks; ${activation.loadedFiles} files, ${activation.sdkFiles} of the SDK; ${activation.host} host`]);
    rows.push(['activation, asked to done (ms)', ...spread(activation.wallMs), "with the editor's part: the extension's stored state comes from another process"]);
    if (activation.asWindowStarts.ms) rows.push(['activation as a window starts (ms)', ...spread(activation.asWindowStarts.ms), 'VS Code opened JSON of its own, which we serve; amid all else that starts then']);
  }
  if (completion && !completion.skipped) {
    rows.push(['completion list (ms)', ...spread(completion.ms), `${completion.found} policies, ${completion.profiles} profiles, ${(completion.characters / 1e6).toFixed(1)} MB of text above`]);
    rows.push(['completion, asked to answered (ms)', ...spread(completion.wallMs), "through the editor's other process and back"]);
  }
  for (const { what, requests, nodes, beyondMs, serverMs } of trees?.opened ?? []) rows.push([`opening ${what} (ms)`, ...spread(beyondMs), `beyond the server's ${serverMs.median} ms; ${requests} requests, ${nodes} nodes`]);
  for (const { what, requests, nodes, beyondMs, serverMs } of treesOnSandbox?.opened ?? []) rows.push([`opening ${what} of the sandbox (ms)`, ...spread(beyondMs), `beyond the server's ${serverMs.median} ms; ${requests} requests, ${nodes} nodes`]);
  if (treesOnSandbox) rows.push(['start with 200,000 objects and 10,000 tables (ms)', String(treesOnSandbox.startMs), '', '1', '']);
  if (sandbox) rows.push(['sandbox start (ms)', ...spread(sandbox.startMs), 'its Python environment made']);
  if (manyObjects) rows.push(['start with 100,000 objects (ms)', ...spread(manyObjects.indexedMs), `by the index of its journal; ${manyObjects.peakMb} MB`], ['the same without the index (ms)', ...spread(manyObjects.wholeMs), 'as after a kill']);
  if (demo) rows.push(['demo to gold (ms)', ...spread(demo.toGoldMs), 'sandbox, lake, 1,000 rows, run, query']);
  if (rights) {
    rows.push(["a user's call, judged (ms more)", ...spread(rights.userAddedMs), 'four policies; HeadBucket, in turn with the learner\'s']);
    rows.push(["a role's call, judged (ms more)", ...spread(rights.roleAddedMs), `the learner's takes ${rights.learnerMs.median}`]);
  }
  if (environment) rows.push(['first start (ms)', String(environment.ms), '', '1', `the Python environment of ${environment.mb} MB fetched and made`]);
  if (byRows) rows.push([`start with ${byRows.by.at(-1).rows.toLocaleString('en')} rows (ms)`, String(byRows.startWithThemMs), '', '1', '']);
  console.log(`\n${table(rows)}`);
  if (byRows) {
    const line = (what, { ms, workflowMs, cpuMs, peakMb, jobs }) => [what, ...[ms, ...['ingest', 'refine', 'aggregate'].map((name) => Object.entries(jobs).find(([job]) => job.endsWith(name))?.[1]), workflowMs, cpuMs, peakMb].map(String)];
    const lines = [...byRows.by.map((each) => line(each.rows.toLocaleString('en'), each)), line(`1,000 more on ${byRows.second.on.toLocaleString('en')}`, byRows.second)];
    console.log(`\n${table([['rows to gold', 'jobs (ms)', 'ingest', 'refine', 'aggregate', 'with the crawler (ms)', 'processors (ms)', 'memory (MB)'], ...lines])}`);
  }
  if (sizes) console.log(`\n${table([['SDK client', 'KB'], ...Object.entries(sizes.clients).map(([name, bytes]) => [name, (bytes / 1024).toFixed(0)])])}`);
  console.log(`\n${table([['target', 'is', 'limit', ''], ...targets.map(({ what, value, limit, unit, met }) => [what, `${Number(value.toFixed(2))} ${unit}`.trim(), `≤ ${limit} ${unit}`.trim(), met ? 'met' : 'MISSED'])])}`);
}
