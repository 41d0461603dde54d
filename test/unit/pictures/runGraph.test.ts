import { strict as assert } from 'node:assert';
import type { RunNode } from '../../../src/aws/workflows.ts';
import { runChart, runChartSvg } from '../../../src/pictures/runChart.ts';
import { placeGraph, runGraphSvg, type DrawnGraph } from '../../../src/pictures/runGraph.ts';
import { runTable } from '../../../src/pictures/runTable.ts';
import { joinSvg } from '../../../src/pictures/svg.ts';
import type { RunNode as ResultNode } from '../../../src/provision/run.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 28) + seconds * 1000);
const part = (name: string, state: RunNode['state'], more: Partial<RunNode> = {}): RunNode => ({ id: name, name, type: 'job', state, attempts: state === 'waiting' ? [] : [{ id: 'a', state, started: at(0), logs: [] }], after: [], ...more });
const trigger = (name: string, waitsFor: 'all' | 'any' = 'all'): DrawnGraph['triggers'][number] => ({ id: name, name, type: 'condition', waitsFor });
/** Two jobs that one trigger waits for. */
const fork: DrawnGraph = {
  triggers: [{ id: 'start', name: 'w-start', type: 'schedule', waitsFor: 'all', schedule: 'cron(0 * * * ? *)' }, trigger('both')],
  nodes: [part('w-a', 'succeeded', { id: 'a' }), part('w-b', 'failed', { id: 'b', attempts: [{ id: '2', state: 'failed', started: at(0), ended: at(2), error: 'No <route>', logs: [] }, { id: '1', state: 'failed', logs: [] }] }), part('w-c', 'waiting', { id: 'c' })],
  edges: [{ from: 'start', to: 'a' }, { from: 'start', to: 'b' }, { from: 'a', to: 'both' }, { from: 'b', to: 'both' }, { from: 'both', to: 'c' }],
};

describe('a run as a graph', () => {
  it('puts each part right of what it waits for, and none on another', () => {
    const spots = placeGraph(fork);
    assert.deepEqual(Object.fromEntries(spots.map(({ id, column }) => [id, column])), { start: 0, a: 1, b: 1, both: 2, c: 3 });
    assert.equal(new Set(spots.map(({ column, row }) => `${column} ${row}`)).size, spots.length);
  });

  it('ends where a graph runs in circles', () => {
    const spots = placeGraph({ triggers: [trigger('t')], nodes: [part('a', 'waiting')], edges: [{ from: 't', to: 'a' }, { from: 'a', to: 't' }] });
    assert.equal(spots.length, 2);
  });

  it('says ANY and ALL where several are waited for, and the state of each part without its colour', () => {
    const svg = runGraphSvg(fork, { workflow: 'w', now: at(10).getTime() });
    assert.match(svg, />After ALL</);
    assert.match(runGraphSvg({ ...fork, triggers: [trigger('both', 'any')] }, { workflow: 'w', now: 0 }), />After ANY</);
    assert.match(svg, /data-thing="part:w-b" data-state="failed" aria-label="b, job · 2 s · 2 attempts: failed\. No &#60;route&#62;"/);
    assert.match(svg, /data-thing="trigger:w-start" data-state="succeeded"/);
    assert.match(svg, /data-thing="trigger:both" data-state="waiting"/);
    assert.doesNotMatch(svg, /<route>| style=|NaN/);
  });

  it('is no wider than needed for one of the tutorial\'s size, and draws nothing at all', () => {
    assert.match(runGraphSvg(fork, { workflow: 'w', now: 0 }), /viewBox="0 0 1240 /);
    assert.doesNotMatch(runGraphSvg({ triggers: [], nodes: [], edges: [] }, { workflow: 'w', now: 0 }), /NaN|Infinity/);
  });
});

const ran = (name: string, from: number, to: number, more: Partial<ResultNode> = {}): ResultNode => ({ name, type: 'JOB', state: 'SUCCEEDED', ms: (to - from) * 1000, started: at(from).toISOString(), ended: at(to).toISOString(), error: null, ...more });
const run = (...nodes: ResultNode[]) => ({ runId: 'wr', status: 'COMPLETED', started: at(0).toISOString(), nodes });

describe('a run beside the run before', () => {
  it('marks what held it back: of what came one after the other, what took longest', () => {
    const { rows } = runChart(run(ran('crawl', 0, 2), ran('aside', 0, 9), ran('ingest', 10, 18), ran('refine', 18, 20)));
    assert.deepEqual(rows.filter(({ held }) => held).map(({ name, held }) => [name, held]), [['aside', 'running']]);
    const { rows: waiting } = runChart(run(ran('crawl', 0, 2), ran('ingest', 12, 14)));
    assert.deepEqual(waiting.filter(({ held }) => held).map(({ name, held }) => [name, held]), [['ingest', 'waiting']]);
    assert.deepEqual(runChart(run(ran('alone', 1, 9))).rows.map(({ held }) => held), [undefined]);
  });

  it('says how long each part took before, and how much longer the whole', () => {
    const svg = runChartSvg(run(ran('ingest', 0, 5), ran('refine', 5, 6)), { previous: run(ran('ingest', 0, 3), ran('refine', 3, 5)) });
    assert.match(svg, /6 s \(the run before: 5 s\)/);
    assert.match(svg, />5 s \(\+2 s\)</);
    assert.match(svg, />1 s \(−1 s\)</);
    assert.match(svg, /class="before"/);
    assert.doesNotMatch(runChartSvg(run(ran('ingest', 0, 5))), /class="(before|held)"/);
  });

  it('keeps the order that it is given, and makes rows things to open on a page alone', () => {
    const nodes = run(ran('b', 0, 1), ran('a', 1, 2));
    const svg = runChartSvg(nodes, { order: ['a', 'b'], opens: true });
    assert.ok(svg.indexOf('data-thing="part:a"') < svg.indexOf('data-thing="part:b"'));
    assert.doesNotMatch(runChartSvg(nodes), /data-thing|role="button"/);
  });

  it('is a table too', () => {
    const table = runTable(fork.nodes, runChart(run(ran('w-a', 0, 5))));
    assert.deepEqual(table.rows.map(({ thing, cells }) => [thing, cells.length, cells[1]]), [['part:w-a', 8, 'succeeded'], ['part:w-b', 8, 'failed'], ['part:w-c', 8, 'waiting for its turn']]);
    assert.equal(table.rows[1]?.cells[7], 'No <route>');
  });

  it('joins drawings to one', () => {
    assert.match(joinSvg(['<svg xmlns="x" viewBox="0 0 10 20" width="10" height="20"></svg>', '<svg viewBox="0 0 30 5"></svg>']), /viewBox="0 0 30 25"[^]*<svg y="0" [^]*<svg y="20" /);
  });
});
