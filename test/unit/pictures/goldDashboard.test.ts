import { strict as assert } from 'node:assert';
import { describeMark, goldCsv, goldDashboard, goldMarks, goldSvg, goldTablesShown, totalBehind } from '../../../src/pictures/goldDashboard.ts';
import { rowsBehindSql, type GoldCell, type GoldData } from '../../../src/provision/goldData.ts';
import { goldVisuals } from '../../../src/resources/goldVisuals.ts';

const tables = { cube: 'gold_x_cube', quality: 'gold_quality', freshness: 'gold_freshness', silver: 'silver_x', rejected: 'silver_x_rejected', version: '1' };
/** A cell of each day, hour and class, all different. */
const cells: readonly Required<GoldCell>[] = ['2026-11-01', '2026-11-03'].flatMap((day, d) => [0, 13].flatMap((hour, h) => ['A', 'B', '<other>'].map((valueClass, c) => ({ day, hour, valueClass, rows: 1 + c + 3 * h + 6 * d }))));
const by = (keys: readonly (keyof GoldCell)[]): GoldCell[] => {
  const groups = new Map<string, GoldCell>();
  for (const cell of cells) {
    const kept: GoldCell = { valueClass: cell.valueClass, ...(keys.includes('day') && { day: cell.day }), ...(keys.includes('hour') && { hour: cell.hour }), rows: 0 };
    const key = JSON.stringify(kept);
    groups.set(key, { ...kept, rows: (groups.get(key)?.rows ?? 0) + cell.rows });
  }
  return [...groups.values()];
};
const data: GoldData = {
  tables, byClass: by([]), byHour: by(['hour']), byDay: by(['day']), byDayAndHour: by(['day', 'hour']),
  quality: { read: 80, accepted: 78, reasons: { null_key: 0, null_fecha: 0, future_fecha: 0, invalid_text: 1, duplicate: 1 } },
  freshness: { source: 's', lastRow: '2026-11-03 13:59:59.123456', lastLoaded: '2026-11-03 14:00:30.000000', lagSeconds: 30.9, rows: 78, batches: 2 },
};
const rowsOf = (marks: readonly { readonly rows: number }[] | undefined): number => (marks ?? []).reduce((total, { rows }) => total + rows, 0);
const total = cells.reduce((all, { rows }) => all + rows, 0);

describe('gold as a dashboard', () => {
  it('counts every row once in each picture, and hours without rows as none', () => {
    const dashboard = goldDashboard(data);
    assert.equal(dashboard.total, total);
    for (const chart of [dashboard.overTime, dashboard.byHour, dashboard.byClass]) {
      assert.equal(rowsOf(chart?.marks), total, chart?.id);
    }
    assert.equal(dashboard.byHour?.marks.length, 24);
    // From the first hour that had rows to the last one.
    assert.deepEqual([dashboard.overTime?.marks.length, dashboard.overTime?.marks[0]?.id, dashboard.overTime?.marks.at(-1)?.id], [24 + 24 + 14, 'time:2026-11-01T00', 'time:2026-11-03T13']);
    assert.deepEqual(dashboard.byClass?.marks.map(({ label }) => label), ['<other>', 'B', 'A']);
    assert.equal(rowsOf(dashboard.quality?.marks), 80);
  });

  it('shows time and hours of one class, and the classes as they are', () => {
    const dashboard = goldDashboard(data, { chosen: 'A' });
    const ofA = cells.filter(({ valueClass }) => valueClass === 'A').reduce((all, { rows }) => all + rows, 0);
    assert.deepEqual([rowsOf(dashboard.overTime?.marks), rowsOf(dashboard.byHour?.marks), rowsOf(dashboard.byClass?.marks)], [ofA, ofA, total]);
    assert.equal(goldDashboard(data, { chosen: 'gone' }).chosen, undefined);
  });

  it('shows days of many, and several days as one where there are more than anybody tells apart', () => {
    const days = (count: number): GoldCell[] => Array.from({ length: count }, (_, index) => ({ day: new Date(Date.UTC(2025, 0, 1 + index * 2)).toISOString().slice(0, 10), valueClass: 'A', rows: 1 }));
    const few = goldDashboard({ ...data, byDayAndHour: [], byDay: days(20) }).overTime?.marks ?? [];
    assert.deepEqual([few.length, few[1]?.rows, few[1]?.part], [39, 0, { days: ['2025-01-02', '2025-01-02'] }]);
    const many = goldDashboard({ ...data, byDayAndHour: [], byDay: days(1_000) }).overTime?.marks ?? [];
    assert.ok(many.length <= 120 && rowsOf(many) === 1_000);
    assert.match(goldDashboard({ ...data, byDayAndHour: [], byDay: days(1_000) }, { language: 'es' }).overTime?.marks[0]?.label ?? '', /^1 ene 2025 – 17 ene 2025$/);
  });

  it('leaves out what there is no table for', () => {
    const dashboard = goldDashboard({ tables: { freshness: 'gold_freshness', version: '' }, byClass: [], byHour: [], byDay: [], byDayAndHour: [], freshness: data.freshness! });
    assert.deepEqual(Object.keys(dashboard).sort(), ['classes', 'freshness', 'total']);
    assert.doesNotMatch(goldSvg(dashboard), /class="mark"|Rows in gold/);
    assert.match(goldSvg(goldDashboard({ tables: { version: '' }, byClass: [], byHour: [], byDay: [], byDayAndHour: [] })), /^<svg [^]*<\/svg>\n$/);
  });

  it('is drawn with every mark said and to be opened, and without a variable for other programs', () => {
    const dashboard = goldDashboard(data);
    const svg = goldSvg(dashboard, { opens: true });
    assert.equal([...svg.matchAll(/data-thing="[^"]+" tabindex="-1" role="button" data-state="\d+" aria-label="[^"]+"/g)].length, goldMarks(dashboard).length);
    assert.ok(svg.includes('&#60;other') && !svg.includes('<other'));
    assert.doesNotMatch(svg, /NaN|undefined|Infinity|style=/);
    assert.doesNotMatch(goldSvg(dashboard, { colouring: 'plain' }), /var\(|data-thing/);
    const [mark] = dashboard.byClass?.marks ?? [];
    assert.equal(describeMark(mark!, totalBehind(dashboard, mark!.id), 'en'), '<other>: 30 rows (38.5%)');
  });

  it('is tables too, and CSV whose sums are the same', () => {
    const dashboard = goldDashboard(data);
    const shown = goldTablesShown(dashboard);
    assert.deepEqual(shown.map(({ rows }) => rows.length), [6, 62, 24, 3, 6]);
    const lines = goldCsv(dashboard).trimEnd().split('\r\n').map((line) => line.split(','));
    const of = (visual: string): number => lines.filter(([id]) => id === visual).reduce((all, line) => all + Number(line.at(-1)), 0);
    assert.deepEqual(goldVisuals.map(({ id }) => of(id)), [total, total, total]);
    assert.equal(of('quality'), 80);
  });

  it('asks for the rows behind a mark, where there is a table with them', () => {
    assert.equal(rowsBehindSql(tables, { valueClass: 'it\'s', days: ['2026-11-01', '2026-11-03'], hour: 13 }),
      'SELECT *\nFROM "silver_x"\nWHERE value_class = \'it\'\'s\'\n  AND day BETWEEN DATE \'2026-11-01\' AND DATE \'2026-11-03\'\n  AND hour = 13\nORDER BY fecha DESC\nLIMIT 10000');
    assert.equal(rowsBehindSql(tables, { reason: 'duplicate' }), 'SELECT *\nFROM "silver_x_rejected"\nWHERE reason = \'duplicate\'\nLIMIT 10000');
    assert.equal(rowsBehindSql({ version: '', rejected: 'r' }, { hour: 1 }), undefined);
  });
});
