import { strict as assert } from 'node:assert';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

const source = resolve(import.meta.dirname, '../../src');

/** What each room of the house may import from; rooms not named may import nothing of ours but errors. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  tutorial: [],
  aws: [],
  policies: [],
  sandbox: [],
  resources: ['policies', 'aws', 'tutorial'],
  provision: ['resources', 'policies', 'aws', 'tutorial'],
  authoring: ['provision', 'resources', 'policies', 'aws', 'tutorial'],
};

async function imports(): Promise<{ file: string; target: string }[]> {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(source, file), 'utf8');
      return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({ file: file.replaceAll('\\', '/'), target: match[1] ?? '' }));
    }),
  );
  return all.flat();
}

describe('imports point one way', () => {
  it('below the editor nothing knows vscode', async () => {
    const wrong = (await imports()).filter(({ file, target }) => target === 'vscode' && !file.startsWith('editor/') && file !== 'extension.ts');
    assert.deepEqual(wrong, []);
  });
  it('only aws/ loads the SDK; the rest takes its types', async () => {
    const files = [...new Set((await imports()).filter(({ target }) => target.startsWith('@aws-sdk/')).map(({ file }) => file))].filter((file) => !file.startsWith('aws/'));
    for (const file of files) {
      const text = await readFile(join(source, file), 'utf8');
      for (const [line] of text.matchAll(/^import .*'@aws-sdk\/.*$/gm)) {
        assert.match(line, /^import type /, `${file}: ${line}`);
      }
    }
  });
  it('rooms import only from those below them', async () => {
    const wrong = (await imports()).filter(({ file, target }) => {
      const [room = ''] = file.split('/');
      const rooms = allowed[room];
      if (!rooms || !target.startsWith('.')) {
        return false;
      }
      const path = relative(source, resolve(source, dirname(file), target)).replaceAll('\\', '/');
      const [other = ''] = path.split('/');
      return path.includes('/') && other !== room && !rooms.includes(other);
    });
    assert.deepEqual(wrong, []);
  });
});
