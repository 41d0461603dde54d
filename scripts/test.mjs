// npm test: everything, each part installing what it needs, and one last line with the sum. Parts that a machine cannot run are named and counted.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root, run } from './prepare.mjs';

const only = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const wants = (suite) => only.length === 0 || only.includes(suite);

/** Runs mocha in a process of its own and adds its counts; a run without a single test is a failure. */
async function mocha(name, patterns, options = [], always = false) {
  if (!always && !wants(name)) return;
  console.log(`\n=== ${name} ===`);
  const folder = await mkdtemp(join(tmpdir(), 'lake-tests-'));
  const report = join(folder, 'report.json');
  const code = await new Promise((resolve) => {
    spawn(process.execPath, ['--import=tsx', 'node_modules/mocha/bin/mocha.js', '--reporter', join(root, 'test/reporter.cjs'), '--reporter-option', `file=${report}`, ...options, ...patterns], {
      cwd: root, stdio: ['ignore', 'inherit', 'inherit'],
      // Mocha's own time limits do not reach what never gives the thread back, as Node 20 when it words some failed `assert.ok`.
      timeout: 20 * 60_000, killSignal: 'SIGKILL',
      env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    }).once('exit', resolve);
  });
  const counts = await readFile(report, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 0, skipped: 0 }));
  if (counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0)) counts.failed++;
  add(counts);
  await rm(folder, { recursive: true, force: true });
}

function add({ passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function skip(suite, reason) {
  console.log(`\n=== ${suite}: skipped: ${reason} ===`);
  total.skipped++;
}

async function step(name, action) {
  console.log(`\n=== ${name} ===`);
  try {
    await action();
    add({ passed: 1 });
  } catch (error) {
    console.log(error.message);
    add({ failed: 1 });
  }
}

/** The suites in the real VS Code, and what users get, the packed extension, driven like a user would. */
async function editor() {
  if (!wants('editor')) return;
  console.log('\n=== editor ===');
  await host;
  const folder = await mkdtemp(join(tmpdir(), 'lake-tests-'));
  const report = join(folder, 'report.json');
  await run(process.execPath, ['--import=tsx', 'test/editor/run.ts', report]).catch(() => undefined);
  const { reason, ...counts } = await readFile(report, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 1, skipped: 0 }));
  await rm(folder, { recursive: true, force: true });
  add(counts);
  if (reason) {
    console.log(`skipped: editor: ${reason}`);
    return skip('session', reason);
  }
  await mocha('session', ['test/session/*.test.ts'], [], true);
}

await prepare({ force: true });
// Getting an editor is mostly waiting for the network: it goes on beside the first suites. What goes wrong is said where it is needed.
const host = wants('editor') ? import('./vscode-host/hosts.mjs').then(({ chooseHost }) => chooseHost()).catch(() => undefined) : undefined;
if (wants('types')) await step('types', () => run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit']));
if (wants('generated')) await step('generated', () => run(process.execPath, ['--import=tsx', 'scripts/generate.mjs', '--check']));
await mocha('unit', ['test/unit/**/*.test.ts']);
await mocha('sandbox', ['test/integration/sandbox/*.test.ts'], ['--timeout', '300000']);
await mocha('policies', ['test/integration/policies/*.test.ts'], ['--timeout', '300000']);
await mocha('jobs', ['test/integration/jobs/*.test.ts']);
await mocha('cli', ['test/integration/cli/*.test.ts'], ['--timeout', '300000']);
await editor();

console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);
