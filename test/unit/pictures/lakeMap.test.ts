import { strict as assert } from 'node:assert';
import { lakeMap, type LakeMap } from '../../../src/pictures/lakeMap.ts';
import { box, layOut } from '../../../src/pictures/layout.ts';
import { mapSvg } from '../../../src/pictures/mapSvg.ts';
import type { StepState, VerifiedStep } from '../../../src/provision/verify.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { loadTutorial } from '../../../src/shell.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';
import type { Tutorial } from '../../../src/tutorial/model.ts';

const builtIn = await loadTutorial({});
const small = parseTutorial('---\nlake: 1\nid: small\n---\n# Rows & <zones>\n\n## 1. Hold\n<!-- lake:step id=hold provisions=bucket,zones,source-table -->\n\nText.\n\n## 2. Copy\n<!-- lake:step id=copy provisions=ingest-job,location-grant -->\n\nText.\n');

/** What a look would have found: everything done, but for what is named. */
const lookAt = ({ steps }: Tutorial, states: Readonly<Record<string, StepState>> = {}): VerifiedStep[] =>
  steps.map(({ id, title, provisions }) => {
    const resources = provisions.map(({ kind }) => ({ id: kind, title: kind, state: states[kind] ?? 'done' }));
    const findings = resources.filter(({ state }) => state !== 'done').map(({ id: resource, state }) => ({ code: `${resource}.${state}`, message: `${resource} is ${state}`, fix: 'Mend it.', resource }));
    return { id, title, state: 'done', findings, resources };
  });

const edge = ({ edges }: LakeMap, from: string, to: string) => {
  const found = edges.find((each) => each.from === from && each.to === to);
  assert.ok(found, `${from} → ${to} in ${edges.map((each) => `${each.from} → ${each.to}`).join(', ')}`);
  return found;
};
const stateOf = ({ nodes }: LakeMap, id: string): StepState | undefined => nodes.find((node) => node.id === id)?.state;
const flows = ({ edges }: LakeMap): string[] => edges.filter(({ kind }) => kind === 'flow').map(({ from, to }) => `${from}>${to}`).sort();

describe('the lake map', () => {
  it('names only kinds and parts that there are on the data\'s way', () => {
    const known = new Set(catalogue.flatMap(({ id, parts = [] }) => [id, ...parts]));
    const named = catalogue.flatMap(({ flow }) => [flow?.from ?? {}, flow?.to ?? {}].flatMap((ways) => Object.entries(ways).flat(2)));
    assert.ok(named.length > 0);
    assert.deepEqual(named.filter((id) => !known.has(id)), []);
  });

  it('has each thing that the tutorial asks for, and the data\'s way from the source to the chart', () => {
    const map = lakeMap(builtIn, lookAt(builtIn));
    const asked = new Set(builtIn.steps.flatMap(({ provisions }) => provisions.map(({ kind }) => kind)));
    assert.deepEqual([...new Set(map.nodes.map(({ kind }) => kind))].sort(), [...asked].sort());
    const reached = new Set(['schedule']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      map.edges.filter(({ kind, from }) => kind === 'flow' && reached.has(from)).forEach(({ to }) => reached.add(to));
    }
    for (const id of ['source-table', 'connection', 'bronze', 'silver', 'gold', 'work-group']) {
      assert.ok(reached.has(id), id);
    }
    assert.deepEqual(map.edges.filter(({ state }) => state !== 'open'), []);
  });

  it('knows nothing where nobody has looked', () => {
    const map = lakeMap(builtIn);
    assert.deepEqual([...new Set(map.nodes.map(({ state }) => state))], ['unknown']);
    assert.deepEqual([...new Set(map.edges.map(({ state }) => state))], ['unknown']);
  });

  it('shows on the way what is missing between two things: the route, the rule, the grant, the trigger', () => {
    for (const [gate, from, to] of [['s3-endpoint', 'connection', 'ingest-job'], ['security-group', 'source-table', 'connection'], ['location-grant', 'ingest-job', 'bronze'], ['refine-trigger', 'bronze', 'refine-job']] as const) {
      const { state, finding } = edge(lakeMap(builtIn, lookAt(builtIn, { [gate]: 'missing' })), from, to);
      assert.deepEqual([state, finding?.resource, finding?.message], ['broken', gate, `${gate} is missing`], gate);
    }
  });

  it('does not call broken what leads to a thing that is not there yet', () => {
    const map = lakeMap(builtIn, lookAt(builtIn, { 's3-endpoint': 'missing', connection: 'missing' }));
    assert.equal(edge(map, 'connection', 'ingest-job').state, 'missing');
  });

  it('shows broken ground beneath what stands on it', () => {
    const map = lakeMap(builtIn, lookAt(builtIn, { 'inserter-role': 'wrong' }));
    assert.deepEqual([edge(map, 'inserter-role', 'inserter').state, edge(map, 'inserter-role', 'inserter').finding?.code], ['broken', 'inserter-role.wrong']);
  });

  it('a zone is as what the job before it has made', () => {
    const map = lakeMap(builtIn, lookAt(builtIn, { 'refine-job': 'waiting', 'aggregate-job': 'missing' }), { bronze: 1200 });
    assert.deepEqual([stateOf(map, 'bronze'), stateOf(map, 'silver'), stateOf(map, 'gold')], ['done', 'waiting', 'waiting']);
    assert.equal(edge(map, 'ingest-job', 'bronze').count, 1200);
    assert.equal(edge(map, 'refine-job', 'silver').state, 'waiting');
  });

  it('is another one for another tutorial: ways past what it does not have', () => {
    const map = lakeMap(small, lookAt(small));
    assert.deepEqual(map.nodes.map(({ id, step }) => `${step}:${id}`), ['hold:bucket', 'hold:bronze', 'hold:silver', 'hold:gold', 'hold:source-table', 'copy:ingest-job', 'copy:location-grant']);
    assert.ok(flows(map).includes('source-table>ingest-job') && flows(map).includes('ingest-job>bronze'));
    assert.equal(edge(lakeMap(small, lookAt(small, { 'location-grant': 'missing' })), 'ingest-job', 'bronze').state, 'broken');
  });
});

describe('the lake map\'s layout and picture', () => {
  const all = parseTutorial(`---\nlake: 1\nid: all\n---\n# All\n\n## 1. All\n<!-- lake:step id=all provisions=${catalogue.map(({ id }) => id).join(',')} -->\n\nText.\n`);
  const text = (svg: string): string => svg.replaceAll(/<[^>]*>/g, ' ');

  for (const [name, tutorial] of [['the built-in tutorial', builtIn], ['a small one', small], ['one with every kind that there is', all], ['one that asks for nothing', parseTutorial('---\nlake: 1\nid: none\n---\n# None\n\n## 1. Nothing\n\nText.\n')]] as const) {
    it(`of ${name}: no box lies on another or outside, and 1280 pixels are enough`, () => {
      const map = lakeMap(tutorial);
      const { placed, width, height } = layOut(map);
      const boxes = [...placed.values()];
      assert.equal(boxes.length, map.nodes.length);
      assert.ok(width <= 1280);
      for (const one of boxes) {
        assert.ok(one.x >= 0 && one.y >= 0 && one.x + box.width <= width && one.y + box.height <= height, one.node.id);
        const over = boxes.filter((other) => other !== one && Math.abs(other.x - one.x) < box.width && Math.abs(other.y - one.y) < box.height);
        assert.deepEqual(over.map(({ node }) => node.id), [], one.node.id);
      }
    });
  }

  it('is the same for the same map, and well-formed where titles have signs of XML', () => {
    const map = lakeMap(small, lookAt(small, { bucket: 'wrong' }));
    const hostile = { ...map, nodes: map.nodes.map((node) => ({ ...node, title: `<b>&"'\u0000${node.title}</b>`, finding: { code: 'x', message: ']]><script>alert(1)</script>', fix: '', resource: node.kind } })) };
    for (const colouring of ['theme', 'plain'] as const) {
      const svg = mapSvg(hostile, { colouring });
      assert.equal(svg, mapSvg(hostile, { colouring }));
      assert.doesNotMatch(svg, /<script|<b>|\u0000|&(?!#\d+;)/);
      assert.doesNotMatch(svg, / style=|<style|\son\w+=/);
      const open: string[] = [];
      for (const [, close, tag = '', empty] of svg.matchAll(/<(\/?)([\w]+)(?:\s+[\w-:]+="[^"<]*")*\s*(\/?)>/g)) {
        if (close) {
          assert.equal(open.pop(), tag);
        } else if (!empty) {
          open.push(tag);
        }
      }
      assert.deepEqual(open, []);
      assert.equal(svg.split('<').length - 1, [...svg.matchAll(/<(\/?)([\w]+)(?:\s+[\w-:]+="[^"<]*")*\s*(\/?)>/g)].length);
    }
  });

  it('has the theme\'s colours where there is a theme, and none of its variables in a file', () => {
    const map = lakeMap(builtIn, lookAt(builtIn));
    assert.match(mapSvg(map), /fill="var\(--vscode-editor-foreground, #\w+\)"/);
    assert.doesNotMatch(mapSvg(map, { colouring: 'plain' }), /var\(/);
  });

  it('says each thing to a screen reader, its state not by colour alone, and what is broken where', () => {
    const svg = mapSvg(lakeMap(builtIn, lookAt(builtIn, { 's3-endpoint': 'missing' }), { silver: 4321 }));
    assert.match(svg, /role="button" tabindex="-1" id="node-connection" data-node="connection" data-state="done" aria-label="Glue connection to PostgreSQL, Glue: done\./);
    assert.match(svg, /<title>Glue connection to PostgreSQL → Ingestion job \(bronze\): something between is missing or wrong\. s3-endpoint is missing Mend it\.<\/title>/);
    assert.match(svg, /4,321 rows/);
    assert.match(text(svg), /missing[^]*open[^]*something between/);
  });
});
