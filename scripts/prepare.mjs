// What start and test need first on a fresh clone: the libraries of the lockfile, and a build of the sources as they are now.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program with our standard streams; rejects unless it ends with 0. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    // npm is a shell script on Windows.
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' && command === 'npm', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(Object.assign(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`), { code }))));
  });
}

async function newest(folder) {
  let time = 0;
  for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith('.pyc')) time = Math.max(time, (await stat(join(entry.parentPath ?? entry.path, entry.name))).mtimeMs);
  }
  return time;
}

/** The libraries of the lockfile, where they are not there yet or are older. */
export async function install() {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json')) || (await stat(join(root, 'node_modules', '.package-lock.json'))).mtimeMs < (await stat(join(root, 'package-lock.json'))).mtimeMs - 1000) {
    console.error('Installing libraries…');
    await run('npm', ['ci', '--no-fund', '--no-audit']);
  }
}

export async function prepare() {
  await install();
  const built = await stat(join(root, 'dist', 'cli.js')).then(({ mtimeMs }) => mtimeMs, () => 0);
  if (built < Math.max(await newest('src'), await newest('lambda'), await newest('walkthroughs'))) {
    console.error('Building…');
    await run(process.execPath, ['scripts/build.mjs']);
  }
}
