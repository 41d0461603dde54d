import { writeFile } from 'node:fs/promises';
import Mocha from 'mocha';

/** What `scripts/vscode-host/hosts.mjs` reads back from the extension host. */
export interface SuiteResult {
  passed: number;
  failed: number;
  pending: number;
}

/**
 * Runs mocha inside the extension host. The entry of a bundled suite calls it from its `run()`.
 * @param define declares the tests; dynamic imports in it find `describe` and `it` in place
 * @throws when a test failed, which is what gives the host its exit code
 */
export async function runSuite(define: () => Promise<unknown>, options: Mocha.MochaOptions = {}): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false, ...options });
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, '', mocha);
  await define();
  const result: SuiteResult = { passed: 0, failed: 0, pending: 0 };
  await new Promise<void>((done) => {
    mocha.run(() => done())
      .on('pass', () => result.passed++)
      .on('fail', () => result.failed++)
      .on('pending', () => result.pending++);
  });
  const file = process.env['LAKE_TUTORIAL_TEST_RESULT'];
  if (file) await writeFile(file, JSON.stringify(result));
  if (result.failed > 0) throw new Error(`${result.failed} test(s) failed`);
}
