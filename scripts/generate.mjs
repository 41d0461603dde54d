// Writes what derives from the model: indexes of modules, package.json's generated lists, the walkthrough's media, the languages' bundles.
// `--check` writes nothing and fails when something differs.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { derived, indexes, isDerived } from './generated.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

/** Writes files that are not as they should be. @returns their paths. */
async function update(files) {
  const changed = [];
  for (const [path, content] of files) {
    const file = join(root, path);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === content) continue;
    changed.push(path);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return changed;
}

/** Removes what is generated no longer, such as the media of a step or the texts of a language that is gone. @returns the paths. */
async function removeStale(files) {
  const below = async (folder, recursive) => (await readdir(join(root, folder), { recursive }).catch(() => [])).map((file) => join(folder, file).replaceAll('\\', '/'));
  const present = await Promise.all([below('.', false), below('l10n', false), below('snippets', false), below('walkthroughs/media', true)]);
  const stale = present.flat().filter((path) => isDerived(path) && !files.has(path));
  if (!check) await Promise.all(stale.map((path) => rm(join(root, path))));
  return stale;
}

const changed = await update(await indexes(root));
const files = await derived(root);
changed.push(...(await update(files)));
const stale = await removeStale(files);
if (changed.length > 0) console.error(check ? `Out of date: ${changed.join(', ')}. Run: npm run generate` : `Generated: ${changed.join(', ')}`);
if (stale.length > 0) console.error(check ? `Not generated any more: ${stale.join(', ')}. Run: npm run generate` : `Removed: ${stale.join(', ')}`);
if (check && changed.length + stale.length > 0) process.exit(1);
