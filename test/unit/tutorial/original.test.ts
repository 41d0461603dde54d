import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTutorial } from '../../../src/tutorial/parse.ts';

/**
 * The tutorial that this was made for. Its text is its author's and not in this repository, so only its shape is here,
 * and a clone without the text beside it has no such tests.
 */
const folder = new URL('../../../../shared/tutorial/', import.meta.url);

const SHAPE = [
  ['0.1', 75], ['0.2', 81], ['0.3', 161], ['0.4', 173], ['1.1', 221], ['1.2', 237], ['2.1', 261], ['2.2', 272], ['2.3', 295], ['2.4', 307],
  ['3.1', 318], ['3.2', 342], ['4.1', 421], ['4.2', 437], ['5.1', 451], ['5.2', 479],
];

const paths = ['original.es.md', 'original.mojibake.md'].map((name) => fileURLToPath(new URL(name, folder)));

for (const path of paths.filter((candidate) => existsSync(candidate))) {
  describe(basename(path), () => {
    it('has its steps, each below its section', () => {
      const { steps, problems } = parseTutorial(readFileSync(path, 'utf8'));
      assert.deepEqual(problems, []);
      assert.deepEqual(steps.map((step) => [step.number, step.headingRange.start.line]), SHAPE);
      for (const step of steps) {
        assert.equal(step.path.length, 2);
        assert.ok(step.path[1]?.startsWith(`${step.number?.split('.')[0]}. `));
        assert.ok(step.title !== '' && !/^[\d*]|\*\*/.test(step.title), step.number);
      }
      assert.deepEqual(steps.filter((step) => step.role === 'verify').map((step) => step.number), ['2.4']);
      assert.equal(new Set(steps.map((step) => step.id)).size, steps.length);
    });

    it('has three policies and a table in the right steps', () => {
      const { steps, fences } = parseTutorial(readFileSync(path, 'utf8'));
      assert.deepEqual(
        steps.flatMap((step) => step.fences.map((fence) => [step.number, fence.language, fence.range.start.line])),
        [['0.2', 'javascript', 113], ['0.2', 'javascript', 140], ['2.1', 'sql', 263], ['3.2', 'javascript', 391]],
      );
      for (const fence of fences ?? []) {
        if (fence.language === 'javascript') assert.ok('Statement' in (JSON.parse(fence.text) as object));
      }
    });
  });
}
