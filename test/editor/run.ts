// Runs the editor suites in the real VS Code host, in one language, against a sandbox of their own, and writes the counts to a file.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleSuite } from '../../scripts/vscode-host/bundle.mjs';
import { chooseHost, runExtensionTests } from '../../scripts/vscode-host/hosts.mjs';
import { startSandbox } from '../../src/sandbox/control/sandbox.ts';
import { temporaryState } from '../integration/sandbox/support.ts';

const root = resolve(import.meta.dirname, '../..');
const log = (line: string): void => console.log(line);
const [locale = 'en', report] = process.argv.slice(2);

const host = await chooseHost({ log });
if (host.kind === 'none') {
  throw new Error(host.reason);
}
const testsPath = join(root, `.cache/editor-tests/${locale}.js`);
await bundleSuite(join(root, 'test/editor/index.ts'), testsPath);
const { state, remove } = await temporaryState();
try {
  await startSandbox({ state, controlPlaneOnly: true });
  log(`--- ${host.kind}, ${locale} ---`);
  // VS Code opens its own settings while a window starts, which wakes whoever serves JSON, sometimes before the first test: here they are no JSON.
  // Moving pictures take a processor's seventh here.
  const settings = { 'workbench.reduceMotion': 'on', 'files.associations': { '**/data/*/*.json': 'plaintext' } };
  const { code, passed, failed, pending } = await runExtensionTests({ host, extensionPath: root, testsPath, locale, settings, env: { LAKE_TUTORIAL_HOME: state } });
  if (report) {
    await writeFile(report, JSON.stringify({ passed, failed, skipped: pending }));
  }
  // A host that ends badly without a failed test has failed all the same.
  process.exitCode = code;
} finally {
  await remove();
}
