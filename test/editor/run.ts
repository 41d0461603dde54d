// Runs the editor suites in the real VS Code host, in both languages, against a sandbox of their own. Prints one line of JSON at the end.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleSuite } from '../../scripts/vscode-host/bundle.mjs';
import { chooseHost, runExtensionTests } from '../../scripts/vscode-host/hosts.mjs';
import { startSandbox } from '../../src/sandbox/control.ts';
import { temporaryState } from '../integration/sandbox/support.ts';

const root = resolve(import.meta.dirname, '../..');
const log = (line: string): void => console.log(line);
const counts = { passed: 0, failed: 0, skipped: 0, reason: '' };

const host = await chooseHost({ log });
if (host.kind === 'none') {
  counts.skipped++;
  counts.reason = host.reason;
} else {
  const testsPath = join(root, '.cache/editor-tests/index.js');
  await bundleSuite(join(root, 'test/editor/index.ts'), testsPath);
  for (const locale of ['en', 'es']) {
    const { state, remove } = await temporaryState();
    try {
      await startSandbox({ state, controlPlaneOnly: true });
      log(`\n--- ${host.kind}, ${locale} ---`);
      const result = await runExtensionTests({ host, extensionPath: root, testsPath, locale, env: { LAKE_TUTORIAL_HOME: state } });
      counts.passed += result.passed;
      counts.failed += result.failed;
      // A host that ends badly without a failed test, or without any test, has failed all the same.
      if ((result.code !== 0 && result.failed === 0) || result.passed + result.failed === 0) {
        counts.failed++;
      }
    } finally {
      await remove();
    }
  }
}
const file = process.argv[2];
if (file) {
  await writeFile(file, JSON.stringify(counts));
}
process.exit(counts.failed > 0 ? 1 : 0);
