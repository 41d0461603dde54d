import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedPython } from '../sandbox/support.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { findJava, jdbcDriver, sparkPython } from './engines.ts';

interface Outcome {
  readonly check: string;
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/** The checks of portability.py: what each shows, and whether it takes Spark itself. */
const CHECKS: readonly (readonly [name: string, title: string, spark: boolean])[] = [
  ['portable35', 'make the same bronze, silver and gold on Sail and on Apache Spark 3.5', true],
  ['portable4', 'make the same bronze, silver and gold on Sail and on Apache Spark 4.1', true],
  ['glue', "take arguments, connection and catalog from Glue's library where there is one (a stand-in, on Apache Spark 3.5)", true],
  ['refused', 'say why they fail, never the password, and a wrong one at once', false],
  ['merged', 'merge small parts of silver, and remove those a run later', false],
  ['inflight', 'neither lose nor pass by a row that is committed late', false],
  ['killed', 'lose nothing and double nothing, killed at each effect and at any moment', false],
];

describe('the jobs', function () {
  this.timeout(900_000);
  let java: string | undefined;
  let postgres: Postgres | undefined;
  let child: ChildProcess | undefined;
  const outcomes = new Map<string, Promise<Outcome>>();

  before(async () => {
    const python = await sharedPython();
    java = await findJava();
    const args: string[] = [];
    if (java) {
      const [spark35, spark4] = await Promise.all([sparkPython('spark35'), sparkPython('spark4')]);
      const jar = await jdbcDriver(java, spark35);
      args.push('--spark35', spark35, '--spark4', spark4, '--jar', jar, '--java', java);
    } else {
      console.log('    skipped: the jobs on Apache Spark: no Java 17 or 21 was found (JAVA_HOME, PATH)');
    }
    postgres = await startPostgres(python);
    child = spawn(python, ['-B', join(import.meta.dirname, 'portability.py'), ...args], {
      env: { ...process.env, LAKE_JDBC_URL: postgres.url, LAKE_JDBC_USER: postgres.user, LAKE_JDBC_PASSWORD: postgres.password },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)));
    const waiting = new Map<string, (outcome: Outcome) => void>();
    for (const [name] of CHECKS) {
      outcomes.set(name, new Promise((resolve) => waiting.set(name, resolve)));
    }
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const outcome = JSON.parse(line) as Outcome;
      waiting.get(outcome.check)?.(outcome);
    });
    child.once('close', () => {
      for (const [check, resolve] of waiting) {
        resolve({ check, ok: false, error: `it was not run: ${complaints}` });
      }
    });
  });
  after(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill();
      await new Promise((resolve) => child?.once('exit', resolve));
    }
    await postgres?.stop();
  });

  for (const [name, title, spark] of CHECKS) {
    it(title, async function () {
      if (spark && !java) {
        this.skip();
      }
      const outcome = await outcomes.get(name);
      assert.ok(outcome?.ok, outcome?.error);
    });
  }
});
