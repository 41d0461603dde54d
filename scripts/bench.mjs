// npm run bench: the figures that we hold ourselves to, as a table and in bench/results.json. Ends with 1 if a target is missed.
// Everything is measured on the packed extension, unpacked elsewhere. `npm run bench -- lake|editor|sandbox` measures that part alone and keeps no results.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { register } from 'tsx/esm/api';
import { measureActivation, measureCompletion, measureSizes } from '../test/bench/editor.mjs';
import { summary, table, timed } from '../test/bench/figures.mjs';
import { measureLake } from '../test/bench/lake.mjs';
import { root, run } from './prepare.mjs';

register();
const { sharedPython, temporaryState } = await import('../test/integration/sandbox/support.ts');

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
  if (wants('editor')) {
    const sizes = (results.sizes = await measureSizes({ dist, vsix }));
    target('the .vsix', sizes.vsix / 1024, 2048, 'KB');
    target('dist/extension.js with what it imports', sizes.extensionWithImports / 1024, 150, 'KB');
    const activation = (results.activation = await measureActivation({ extensionPath, scratch, starts: 10, log }));
    if (activation.skipped) {
      log(`activation: not measured: ${activation.skipped}`);
    } else {
      target('activation', activation.ms.median, 20, 'ms');
      target('files of the SDK loaded by it', activation.sdkFiles, 0, '');
    }
    const completion = (results.completion = await measureCompletion({ extensionPath, scratch, log }));
    if (completion.skipped) log(`completion: not measured: ${completion.skipped}`);
    else target('completion list', completion.ms.median, 10, 'ms');
  }
  if (wants('sandbox')) results.sandbox = await measureSandbox(cli, 5);

  results.targets = targets.map((each) => ({ ...each, value: Number(each.value.toFixed(3)) }));
  print(results);
  if (only.length === 0) {
    await mkdir(join(root, 'bench'), { recursive: true });
    await writeFile(join(root, 'bench', 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exitCode = targets.every(({ met }) => met) ? 0 : 1;

function print({ lake, activation, completion, sizes, sandbox }) {
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
  if (activation && !activation.skipped) {
    rows.push(['activation (ms)', ...spread(activation.ms), `code and activate(), by the extension host's marks; ${activation.loadedFiles} files, ${activation.sdkFiles} of the SDK; ${activation.host} host`]);
    rows.push(['activation, asked to done (ms)', ...spread(activation.wallMs), "with the editor's part: the extension's stored state comes from another process"]);
  }
  if (completion && !completion.skipped) {
    rows.push(['completion list (ms)', ...spread(completion.ms), `${completion.found} policies, ${completion.profiles} profiles, ${(completion.characters / 1e6).toFixed(1)} MB of text above`]);
    rows.push(['completion, asked to answered (ms)', ...spread(completion.wallMs), "through the editor's other process and back"]);
  }
  if (sandbox) rows.push(['sandbox start (ms)', ...spread(sandbox.startMs), 'its Python environment made']);
  console.log(`\n${table(rows)}`);
  if (sizes) console.log(`\n${table([['SDK client', 'KB'], ...Object.entries(sizes.clients).map(([name, bytes]) => [name, (bytes / 1024).toFixed(0)])])}`);
  console.log(`\n${table([['target', 'is', 'limit', ''], ...targets.map(({ what, value, limit, unit, met }) => [what, `${Number(value.toFixed(2))} ${unit}`.trim(), `≤ ${limit} ${unit}`.trim(), met ? 'met' : 'MISSED'])])}`);
}
