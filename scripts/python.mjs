import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Python with pip: the machine's, else that of a virtual environment made here. */
export async function findPython(root) {
  const candidates = [process.env.LAKE_TUTORIAL_PYTHON, 'python3', 'python'].filter(Boolean);
  for (const python of candidates) {
    try {
      await run(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);
    } catch {
      continue;
    }
    if (await run(python, ['-m', 'pip', '--version']).then(() => true, () => false)) return python;
    const environment = join(root, '.cache', 'build-python');
    await run(python, ['-m', 'venv', environment]);
    return join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  }
  throw new Error('Python 3.10 or newer was not found. Install it, or name it in LAKE_TUTORIAL_PYTHON.');
}
