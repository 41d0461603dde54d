// npm test: everything, each part installing what it needs, and one last line with the sum. Parts that a machine cannot run are named and counted.
// `npm test SUITE…` runs some suites: types, generated, unit, sandbox, policies, jobs, cli, editor. As many parts run at a time as there are processors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { install, root, run } from './prepare.mjs';

const only = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const wants = (suite) => only.length === 0 || only.includes(suite);

/** Runs a Node program to its end and gives all that it printed: what runs beside it prints too. */
function program(args, env = {}) {
  return new Promise((resolve) => {
    const output = [];
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
      resolve({ ok: code === 0, output: Buffer.concat(output).toString() + (signal ? `\nended by ${signal}\n` : '') });
    });
  });
}

/** Somebody who watches sees what goes on. */
const begin = (name) => {
  if (process.stderr.isTTY) console.error(`… ${name}`);
};

/** Tells how a part went, all at once. */
function tell(name, output, { passed = 0, failed = 0, skipped = 0 }) {
  console.log(`\n=== ${name} ===\n${output.trimEnd()}`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** A part that passes or fails as a whole. */
const whole = (name, args) => async () => {
  begin(name);
  const { ok, output } = await program(args);
  tell(name, output, ok ? { passed: 1 } : { failed: 1 });
};

/** A part that writes its counts to the file whose name `args` puts where it is expected; one without a single test has failed. */
const counted = (name, args, env) => async () => {
  begin(name);
  const folder = await mkdtemp(join(tmpdir(), 'lake-tests-'));
  const report = join(folder, 'report.json');
  const { ok, output } = await program(args(report), env);
  const counts = await readFile(report, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 0, skipped: 0 }));
  if (counts.passed + counts.failed === 0 || (!ok && counts.failed === 0)) counts.failed++;
  await rm(folder, { recursive: true, force: true });
  tell(name, output, counts);
};

const mocha = (name, files, options = []) => counted(
  name,
  (report) => ['--import=tsx', 'node_modules/mocha/bin/mocha.js', '--reporter', 'test/reporter.cjs', '--reporter-option', `file=${report}`, ...options, ...files],
  { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
);

/** Each file of a folder as a part of its own. */
async function each(suite, folder, options = ['--timeout', '300000']) {
  const files = (await readdir(join(root, folder))).filter((name) => name.endsWith('.test.ts')).sort();
  return files.map((file) => mocha(`${suite}: ${basename(file, '.test.ts')}`, [join(folder, file)], options));
}

await install();
const { default: pLimit } = await import('p-limit');
const editor = wants('editor');
// Getting an editor is mostly waiting for the network: it goes on beside the first parts.
const host = editor ? import('./vscode-host/hosts.mjs').then(({ chooseHost }) => chooseHost()).catch((error) => ({ kind: 'none', reason: String(error) })) : undefined;
// What is tested is what was built now; packed, it is what users get. Nothing is built again while tests use it.
await run(process.execPath, editor ? ['scripts/package.mjs', '.cache/packed.vsix'] : ['scripts/build.mjs']);

const parts = [];
if (wants('types')) parts.push(whole('types', ['node_modules/typescript/bin/tsc', '--noEmit']));
if (wants('generated')) parts.push(whole('generated', ['--import=tsx', 'scripts/generate.mjs', '--check']));
if (wants('unit')) parts.push(mocha('unit', ['test/unit/**/*.test.ts']));
// The longest first, so that none of them is left at the end.
if (wants('jobs')) parts.push(...(await each('jobs', 'test/integration/jobs', [])));
if (wants('sandbox')) parts.push(...(await each('sandbox', 'test/integration/sandbox')));
if (wants('cli')) parts.push(...(await each('cli', 'test/integration/cli')));
const limit = pLimit(availableParallelism());
const running = parts.map((part) => limit(part));
if (editor) {
  const { kind, reason } = await host;
  if (kind === 'none') {
    running.push(limit(() => tell('editor: skipped', reason, { skipped: 1 })));
  } else {
    for (const locale of ['en', 'es']) running.push(limit(counted(`editor: ${locale}`, (report) => ['--import=tsx', 'test/editor/run.ts', locale, report])));
    // What users get, the packed extension, and the editor as a person drives it.
    for (const part of await each('session', 'test/session', [])) running.push(limit(part));
  }
}
if (wants('policies')) running.push(...(await each('policies', 'test/integration/policies')).map((part) => limit(part)));
await Promise.all(running);

console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);
