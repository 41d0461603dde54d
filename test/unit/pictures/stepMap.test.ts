import { strict as assert } from 'node:assert';
import { stepMap, stepPicture } from '../../../src/pictures/stepMap.ts';
import { loadTutorial } from '../../../src/shell.ts';

const tutorial = await loadTutorial({});
const stepOf = (id: string) => {
  const step = tutorial.steps.find((each) => each.id === id);
  assert.ok(step, id);
  return step;
};

describe('a step\'s picture', () => {
  it('shows what the step makes, what that needs, and what comes before and after', () => {
    const { roles } = stepMap(tutorial, stepOf('zones'));
    assert.deepEqual(Object.fromEntries(roles), { bronze: 'current', silver: 'current', gold: 'current', bucket: 'needed', 'ingest-job': 'other', 'refine-job': 'other', 'aggregate-job': 'other', 'work-group': 'other' });
  });

  it('shows the whole way of the data for a step that makes nothing', () => {
    const { map, roles } = stepMap(tutorial, stepOf('account'));
    assert.deepEqual([...new Set(roles.values())], ['other']);
    for (const id of ['schedule', 'source-table', 'bronze', 'gold', 'work-group']) {
      assert.ok(map.nodes.some((node) => node.id === id), id);
    }
  });

  it('claims no state of any thing, since nobody has looked', () => {
    for (const step of tutorial.steps) {
      const { svg, alt } = stepPicture(tutorial, step, 'en');
      assert.doesNotMatch(svg, /data-state|not known|missing|done|built before|[✓○?…]</i, step.id);
      assert.doesNotMatch(svg, / style=|NaN|role="button"/, step.id);
      assert.ok(alt.length > 20 && Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]) <= 660, step.id);
    }
  });
});
