import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isComplete, problemsFirst } from '../../../src/editor/stepState.ts';
import { codeOf, fillIn, readPage } from '../../../src/editor/stepTexts.ts';
import { stepIds } from '../../../src/editor/steps.generated.ts';
import { Ages } from '../../../src/editor/trees/ages.ts';
import { formatterFor } from '../../../src/editor/trees/format.ts';
import type { TreeNode } from '../../../src/editor/trees/tree.ts';

describe('the learner\'s way', () => {
  it('reads the problems first, and what only follows from another after that', () => {
    const step = (id: string, state: 'done' | 'missing' | 'wrong' | 'unknown' | 'waiting', follows?: string) => ({ id, state, ...(follows && { follows }) });
    const steps = [step('a', 'done'), step('b', 'missing', 'd'), step('c', 'waiting'), step('d', 'wrong'), step('e', 'unknown'), step('f', 'missing')];
    assert.deepEqual(problemsFirst(steps).map(({ id }) => id), ['d', 'f', 'b', 'c', 'e', 'a']);
  });

  it('is complete when every step is done that can be', () => {
    const steps = [
      { id: 'a', role: 'step' as const, optional: false }, { id: 'b', role: 'step' as const, optional: false }, { id: 'extra', role: 'step' as const, optional: true }, { id: 'gone', role: 'cleanup' as const, optional: false },
    ];
    assert.equal(isComplete(steps, { a: 'done', b: 'nothing' }), true);
    assert.equal(isComplete(steps, { a: 'done', b: 'waiting' }), false);
    assert.equal(isComplete(steps, { a: 'nothing', b: 'nothing', gone: 'done' }), false);
    assert.equal(isComplete([], {}), false);
  });

  describe('ages', () => {
    const node = (id: string): TreeNode => ({ id, kind: 'object' });

    it('move while the tree is visible, each where its words are others by now, and not while it is hidden', async () => {
      let [visible, minutes] = [true, 1];
      const redrawn: string[] = [];
      const ages = new Ages({ describe: ({ id }) => (id === 'old' ? `${minutes} min ago` : '3 KB'), redraw: (each) => redrawn.push(each?.id ?? 'all'), isVisible: () => visible, every: 5 });
      const until = async (wanted: () => boolean): Promise<void> => {
        for (const end = Date.now() + 5_000; !wanted() && Date.now() < end; ) await delay(2);
      };
      ages.shown(node('old'), '1 min ago');
      ages.shown(node('same'), '3 KB');
      ages.update();
      minutes = 2;
      await until(() => redrawn.length > 0);
      assert.deepEqual(redrawn, ['old']);
      ages.shown(node('old'), '2 min ago');
      visible = false;
      ages.update();
      minutes = 3;
      await delay(30);
      assert.deepEqual(redrawn, ['old'], 'a hidden tree is left alone');
      visible = true;
      ages.update();
      assert.deepEqual(redrawn, ['old', 'old'], 'what is shown again is true at once');
      ages.stop();
    });

    it('tell no seconds, which are untrue a moment later', () => {
      const { ago } = formatterFor('en', () => 1_000_000);
      assert.deepEqual([0, 7_000, 59_000, 61_000].map((before) => ago(new Date(1_000_000 - before))), ['now', 'less than a minute ago', 'less than a minute ago', '1 minute ago']);
      assert.equal(ago(new Date(1_030_000)), 'in less than a minute');
    });
  });

  describe('texts', () => {
    const names = { account: '123456789012', region: 'eu-west-1', bucket: 'my-lake', partition: 'aws' };

    it('have the learner\'s own account, bucket and region, but where a placeholder is spoken of', () => {
      assert.equal(fillIn('Wherever it says `<account-id>`: `s3://<bucket>/`, `<bucket>` in <region>, arn:<partition>:iam::<account-id>:x', names), 'Wherever it says `<account-id>`: `s3://my-lake/`, `my-lake` in eu-west-1, arn:aws:iam::123456789012:x');
      assert.equal(fillIn('<bucket>', undefined), '<bucket>');
    });

    it('of every step leave nothing to fill in, and no button that the preview could not press', async () => {
      let pieces = 0;
      for (const { id } of stepIds) {
        for (const language of ['en', 'es']) {
          const text = fillIn(await readPage(language, id), names);
          pieces += codeOf(text).length;
          for (const code of codeOf(text)) assert.doesNotMatch(code, /<(account-id|bucket|region|partition)>/, id);
          assert.doesNotMatch(text, /command:lakeTutorial\.copyCode/, id);
        }
      }
      assert.ok(pieces > 40, String(pieces));
    });
  });
});
