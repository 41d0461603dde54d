import { strict as assert } from 'node:assert';
import { duration, runChart, runChartSvg } from '../../../src/pictures/runChart.ts';
import type { RunNode } from '../../../src/provision/run.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 28) + seconds * 1000).toISOString();
const node = (name: string, from?: number, to?: number, more: Partial<RunNode> = {}): RunNode => ({
  name, type: 'JOB', state: from === undefined ? 'WAITING' : 'SUCCEEDED', ms: from === undefined || to === undefined ? 0 : (to - from) * 1000, error: null,
  ...(from !== undefined && { started: at(from) }), ...(to !== undefined && { ended: at(to) }), ...more,
});
const run = (...nodes: RunNode[]) => ({ runId: 'wr_1', status: 'COMPLETED', started: at(0), nodes });
const bars = (svg: string, kind: string): { x: number; width: number }[] => [...svg.matchAll(new RegExp(`class="${kind}" x="([\\d.]+)" y="[\\d.]+" width="([\\d.]+)"`, 'g'))].map(([, x, width]) => ({ x: Number(x), width: Number(width) }));

describe('a run over time', () => {
  it('keeps waiting apart from running', () => {
    const { rows, length } = runChart(run(node('crawl', 2, 12), node('ingest', 15, 20)));
    assert.deepEqual(rows.map(({ waiting, running }) => [waiting, running]), [[{ from: 0, to: 2000 }, { from: 2000, to: 12_000 }], [{ from: 12_000, to: 15_000 }, { from: 15_000, to: 20_000 }]]);
    assert.equal(length, 20_000);
  });

  it('gives a long stretch in which nothing runs no width of its length, and the rest the same measure', () => {
    const chart = run(node('crawl', 0, 10), node('ingest', 1000, 1010));
    assert.deepEqual(runChart(chart).idle, [{ from: 10_000, to: 1_000_000 }]);
    const svg = runChartSvg(chart);
    const [first, second] = bars(svg, 'running');
    assert.ok(first && second && first.width > 300 && Math.abs(first.width - second.width) < 1 && second.x - first.x - first.width < 30, svg);
    assert.match(svg, />16 min 30 s<\/text>/);
    assert.doesNotMatch(runChartSvg(run(node('crawl', 0, 10), node('ingest', 10, 20))), /class="idle"/);
  });

  it('says of a run that failed what failed, and whose turn never came', () => {
    const svg = runChartSvg({ ...run(node('crawl', 0, 10), node('in<gest>', 10, 12, { state: 'FAILED', error: 'No route & "no" <S3>' }), node('refine')), error: 'a & b' });
    assert.match(svg, /data-name="in&#60;gest&#62;" data-state="FAILED" role="listitem" aria-label="in&#60;gest&#62;: FAILED, ran 2 s\. No route &#38; &#34;no&#34; &#60;S3&#62;"/);
    assert.match(svg, /refine: WAITING, its turn never came/);
    assert.equal(bars(svg, 'running').length, 2);
    assert.doesNotMatch(svg, /<S3>|&(?!#\d+;)/);
  });

  it('draws what has no times, and nothing at all', () => {
    assert.equal(bars(runChartSvg({ runId: 'x', status: 'ERROR', nodes: [] }), 'running').length, 0);
    assert.equal(bars(runChartSvg({ runId: 'x', status: 'ERROR', nodes: [node('a')] }), 'running').length, 0);
    assert.doesNotMatch(runChartSvg({ runId: 'x', status: 'ERROR', nodes: [node('a')] }), /NaN|Infinity/);
  });

  it('says times as fine as they matter', () => {
    assert.deepEqual([12, 1250, 61_000, 3_720_000].map((ms) => duration(ms)), ['12 ms', '1.3 s', '1 min 1 s', '1 h 2 min']);
  });
});
