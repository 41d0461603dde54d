// npm test: everything, each part installing what it needs, and one last line with the sum. Parts that a machine cannot run are named and counted.
// `npm test SUITE…` runs some suites: types, generated, unit, sandbox, policies, jobs, cli, editor. One part more runs at a time than there are processors: half of their time they wait.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { install, root, run } from './prepare.mjs';

const only = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const times = [];
const wants = (suite) => only.length === 0 || only.includes(suite);

/** Runs a Node program to its end and gives all that it printed: what runs beside it prints too. */
function program(args, env = {}) {
  return new Promise((resolve) => {
    const output = [];
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
      // Mocha's own time limits do not reach what never gives the thread back, as Node 20 when it words some failed `assert.ok`.
      timeout: 20 * 60_000, killSignal: 'SIGKILL',
      env: { ...process.env, ...env },
    });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('exit', async (code, signal) => {
      // A process that it left behind would keep its output open for ever.
      await Promise.race([once(child, 'close'), delay(2000)]);
      resolve({ ok: code === 0, seconds: (performance.now() - started) / 1000, output: Buffer.concat(output).toString() + (signal ? `\nended by ${signal}\n` : '') });
    });
  });
}

/** Somebody who watches sees what goes on. */
const begin = (name) => {
  if (process.stderr.isTTY) console.error(`… ${name}`);
};

/** What mocha says of its failures, or the end of what something else printed. */
function whatFailed(output) {
  const start = output.search(/^ +\d+ failing$/m);
  return (start < 0 ? output.split('\n').slice(-60).join('\n') : output.slice(start)).trimEnd();
}

/** Tells how a part went, all at once. */
function tell(name, output, { passed = 0, failed = 0, skipped = 0 }, seconds = 0) {
  console.log(`\n=== ${name} (${Math.round(seconds)} s) ===\n${output.trimEnd()}`);
  times.push({ name, seconds });
  if (failed > 0) failures.push(`\n=== failed: ${name} ===\n${whatFailed(output)}`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** A part that passes or fails as a whole. */
const whole = (name, args) => async () => {
  begin(name);
  const { ok, output, seconds } = await program(args);
  tell(name, output, ok ? { passed: 1 } : { failed: 1 }, seconds);
};

/** A part that writes its counts to the file whose name `args` puts where it is expected; one without a single test has failed. */
const counted = (name, args, env) => async () => {
  begin(name);
  const folder = await mkdtemp(join(tmpdir(), 'lake-tests-'));
  const report = join(folder, 'report.json');
  const { ok, output, seconds } = await program(args(report), env);
  const counts = await readFile(report, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 0, skipped: 0 }));
  if (counts.passed + counts.failed === 0 || (!ok && counts.failed === 0)) counts.failed++;
  await rm(folder, { recursive: true, force: true });
  tell(name, output, counts, seconds);
};

const mocha = (name, files, options = []) => counted(
  name,
  (report) => ['--import=tsx', 'node_modules/mocha/bin/mocha.js', '--reporter', 'test/reporter.cjs', '--reporter-option', `file=${report}`, ...options, ...files],
  { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
);

/** Each test file below a folder as a part of its own, the largest first. */
async function each(suite, folder, options = ['--timeout', '300000']) {
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith('.test.ts')).sort();
  const files = await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(root, folder, name))).size })));
  return files.sort((a, b) => b.size - a.size).map(({ name }) => mocha(`${suite}: ${name.replace(/\.test\.ts$/, '').replaceAll('\\', '/')}`, [join(folder, name)], options));
}

await install();
const { default: pLimit } = await import('p-limit');
const editor = wants('editor');
// Getting an editor is mostly waiting for the network: it goes on beside the first parts.
const host = editor ? import('./vscode-host/hosts.mjs').then(({ chooseHost }) => chooseHost()).catch((error) => ({ kind: 'none', reason: String(error) })) : undefined;
// What is tested is what was built now; packed, it is what users get. Nothing is built again while tests use it.
await run(process.execPath, editor ? ['scripts/package.mjs', '.cache/packed.vsix'] : ['scripts/build.mjs']);

const limit = pLimit(availableParallelism() + 1);
const running = [];
const queue = (...parts) => running.push(...parts.map((part) => limit(part)));
if (wants('types')) {
  queue(whole('types', ['node_modules/typescript/bin/tsc', '--noEmit']));
  queue(whole('types of the pages', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'src/webviews/page']));
}
if (wants('generated')) queue(whole('generated', ['--import=tsx', 'scripts/generate.mjs', '--check']));
if (wants('unit')) queue(mocha('unit', ['test/unit/**/*.test.ts']));
if (wants('jobs')) queue(...(await each('jobs', 'test/integration/jobs', [])));
if (wants('sandbox')) queue(...(await each('sandbox', 'test/integration/sandbox')));
if (editor) {
  const { kind, reason } = await host;
  if (kind === 'none') {
    queue(() => tell('editor: skipped', reason, { skipped: 1 }));
  } else {
    for (const locale of ['en', 'es']) queue(counted(`editor: ${locale}`, (report) => ['--import=tsx', 'test/editor/run.ts', locale, report]));
    // What users get, the packed extension, and the editor as a person drives it.
    queue(...(await each('session', 'test/session', [])));
  }
}
// The many short ones last, so that no processor waits for the other at the end.
if (wants('cli')) queue(...(await each('cli', 'test/integration/cli')));
if (wants('policies')) queue(...(await each('policies', 'test/integration/policies')));
await Promise.all(running);

console.log('\nThe ten slowest parts:');
for (const { name, seconds } of times.sort((a, b) => b.seconds - a.seconds).slice(0, 10)) console.log(`${String(Math.round(seconds)).padStart(5)} s  ${name}`);

// Said again where nobody has to look for it: who reads a long log reads its end.
for (const failure of failures) console.log(failure);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);
