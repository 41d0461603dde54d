// What the jobs are compared on besides the sandbox's engine: Apache Spark, of PyPI, on this machine's Java, with a driver of Maven Central.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareEnvironment } from '../../../src/sandbox/environment.ts';
import { withLock } from '../../../src/sandbox/lock.ts';
import { shared } from '../sandbox/support.ts';

/** Glue 5.0 has Java 17; 21 is what Debian 13 has. Spark 3.5 does not run on 24 and newer. */
const JAVA_VERSIONS = ['17', '21'];

const DRIVER = {
  url: 'https://repo1.maven.org/maven2/org/postgresql/postgresql/42.7.8/postgresql-42.7.8.jar',
  sha256: '2a32a9dcbc42d67a50ad3a0de5efd102c8d2be46720045f2cbd6689f160ab7c7',
};

/** What a program prints, or nothing when it cannot be run. */
const said = (command: string, args: readonly string[]): Promise<string> =>
  promisify(execFile)(command, args).then(({ stdout, stderr }) => stdout + stderr, () => '');

/** The home of a Java that Spark runs on, the oldest first; nothing when there is none. */
export async function findJava(): Promise<string | undefined> {
  const homes = [process.env['JAVA_HOME']];
  for (const folder of ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines', 'C:/Program Files/Eclipse Adoptium', 'C:/Program Files/Java']) {
    for (const name of await readdir(folder).catch(() => [])) {
      homes.push(join(folder, name), join(folder, name, 'Contents', 'Home'));
    }
  }
  const commands = homes.filter((home) => home !== undefined).map((home) => join(home, 'bin', process.platform === 'win32' ? 'java.exe' : 'java'));
  const found = new Map<string, string>();
  for (const command of ['java', ...commands.filter((command) => existsSync(command))]) {
    const settings = await said(command, ['-XshowSettings:properties', '-version']);
    const [version, home] = ['java.specification.version', 'java.home'].map((name) => new RegExp(`^ *${name} = (.+?)\\s*$`, 'm').exec(settings)?.[1]);
    if (version && home && !found.has(version)) {
      found.set(version, home);
    }
  }
  return JAVA_VERSIONS.map((version) => found.get(version)).find((home) => home !== undefined);
}

/** An interpreter with the pyspark of a requirements file, made on first use: some 500 MB. */
export async function sparkPython(name: 'spark35' | 'spark4'): Promise<string> {
  // pyspark 3.5 is older than Python 3.14 and newer; Glue 5.0 itself has 3.11.
  const older = name === 'spark35' ? await olderPython() : undefined;
  await mkdir(shared.folder, { recursive: true, mode: 0o700 });
  return withLock(join(shared.folder, `${name}.lock`), () =>
    prepareEnvironment({ folder: join(shared.folder, name), requirements: [join(import.meta.dirname, `${name}-requirements.txt`)], ...(older ? { python: older } : {}) }),
  );
}

async function olderPython(): Promise<string | undefined> {
  for (const command of ['python3.11', 'python3.12', 'python3.13']) {
    if ((await said(command, ['-c', 'import venv, ensurepip; print("whole")'])).trim() === 'whole') {
      return command;
    }
  }
  return undefined;
}

/** PostgreSQL's JDBC driver, fetched on first use. */
export async function jdbcDriver(): Promise<string> {
  const folder = join(shared.folder, 'jdbc');
  const file = join(folder, 'postgresql.jar');
  const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
  const known = await readFile(file).catch(() => undefined);
  if (!known || digest(known) !== DRIVER.sha256) {
    const answer = await fetch(DRIVER.url);
    assert.equal(answer.status, 200, `${DRIVER.url}: ${answer.status}`);
    const content = new Uint8Array(await answer.arrayBuffer());
    assert.equal(digest(content), DRIVER.sha256, `${DRIVER.url} is not what it was`);
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.${process.pid}`, content);
    await rename(`${file}.${process.pid}`, file);
  }
  return file;
}
