import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declaredAmong, headBytes, headOfPath } from '../../../src/editor/tutorials/heads.ts';

describe('the lake tutorials among many files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-heads-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are found by their front matter, in their order, past files that cannot be read', async () => {
    const paths = Array.from({ length: 300 }, (_, at) => join(folder, `${at}.md`));
    await Promise.all(paths.map((path, at) => (at === 7 ? undefined : writeFile(path, at === 250 || at === 3 ? '---\nlake: 1\n---\n# A\n' : '# lake: 1\n'))));
    assert.deepEqual(await declaredAmong(paths, headOfPath), [paths[3], paths[250]]);
    assert.deepEqual(await declaredAmong([], headOfPath), []);
  });

  it('have no more read of them than their beginning, and no more opened at once than the system lets', async () => {
    const path = join(folder, 'large.md');
    await writeFile(path, `---\nlake: 1\n---\n${'x'.repeat(100_000)}`);
    assert.equal((await headOfPath(path)).length, headBytes);
    let open = 0;
    let most = 0;
    await declaredAmong(Array.from({ length: 200 }), async () => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      open--;
      return '';
    });
    assert.ok(most <= 32, String(most));
  });
});
