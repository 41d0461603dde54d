// Packs the .vsix that users install: built from the sources, with only what runs (.vscodeignore).
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const packagePath = join(root, process.argv[2] ?? 'lake-tutorial.vsix');
// README's pictures are the repository's: a package holds only what runs.
const readmePath = 'dist/README.md';
await writeFile(join(root, readmePath), (await readFile(join(root, 'README.md'), 'utf8')).replace(/<!-- pictures[^]*?<!-- \/pictures -->\n*/, ''));
await createVSIX({ cwd: root, packagePath, dependencies: false, skipLicense: false, allowMissingRepository: true, readmePath });
console.error(`${packagePath}: ${((await stat(packagePath)).size / 1024).toFixed(0)} KB`);
