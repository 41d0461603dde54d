// What the jobs are compared on besides the sandbox's engine: Apache Spark, of PyPI, on this machine's Java with PostgreSQL's own driver.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareEnvironment } from '../../../src/sandbox/control/python-environment.ts';
import { withLock } from '../../../src/sandbox/kernel/lock-file.ts';
import { shared } from '../sandbox/support.ts';

/** Glue 5.0 has Java 17; 21 is what Debian 13 has. Spark 3.5 does not run on 24 and newer. */
const JAVA_VERSIONS = ['17', '21'];

const DRIVER = { version: '42.7.8', sha256: '2a32a9dcbc42d67a50ad3a0de5efd102c8d2be46720045f2cbd6689f160ab7c7' };

const run = promisify(execFile);

/** What a program prints, or nothing when it cannot be run. */
const said = (command: string, args: readonly string[]): Promise<string> =>
  run(command, args).then(({ stdout, stderr }) => stdout + stderr, () => '');

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
  // PyPI has pyspark's source only. What is built of it is installed and thrown away: compressing 400 MB takes longer than all else.
  const configuration = join(shared.folder, 'wheel.cfg');
  await writeFile(configuration, '[bdist_wheel]\ncompression = stored\n');
  return withLock(join(shared.folder, `${name}.lock`), () =>
    prepareEnvironment({
      folder: join(shared.folder, name),
      requirements: [join(import.meta.dirname, `${name}-requirements.txt`)],
      env: { ...process.env, DIST_EXTRA_CONFIG: configuration },
      ...(older ? { python: older } : {}),
    }),
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

/** PostgreSQL's JDBC driver, fetched on first use by Ivy, which Spark brings along and which knows where the driver is to be had. */
export async function jdbcDriver(java: string, python: string): Promise<string> {
  const folder = join(shared.folder, 'jdbc');
  const file = join(folder, 'postgresql.jar');
  if ((await digestOf(file)) !== DRIVER.sha256) {
    const jars = (await run(python, ['-c', 'import os, pyspark; print(os.path.join(os.path.dirname(pyspark.__file__), "jars"))'])).stdout.trim();
    const ivy = (await readdir(jars)).find((name) => /^ivy-[\d.]+\.jar$/.test(name));
    assert.ok(ivy, `no Ivy in ${jars}`);
    const command = ['-jar', join(jars, ivy), '-cache', join(folder, 'cache'), '-dependency', 'org.postgresql', 'postgresql', DRIVER.version, '-types', 'jar', '-retrieve', join(folder, '[artifact].[ext]')];
    const { stdout } = await run(join(java, 'bin', 'java'), command);
    assert.equal(await digestOf(file), DRIVER.sha256, `PostgreSQL's driver is not what it was:\n${stdout}`);
  }
  return file;
}

const digestOf = (file: string): Promise<string | undefined> => readFile(file).then((content) => createHash('sha256').update(content).digest('hex'), () => undefined);
