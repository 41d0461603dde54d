import { strict as assert } from 'node:assert';
import { isKept, isPageTexts, isToEditor, isToPage, pageTexts, type Picture, type ToEditor, type ToPage } from '../../../src/webviews/protocol.ts';

const picture: Picture = {
  title: 'Map', status: 'Sandbox', busy: false, problem: 'None', actions: [{ id: 'verifyAll', label: 'Verify' }], choice: { label: 'Run', value: 'a', options: [{ value: 'a', label: 'A' }] },
  drawings: [{ label: 'Map', svg: '<svg/>' }], things: { bucket: { title: 'Bucket', state: 'done', lines: [], problems: [], actions: [] } },
  tables: [{ caption: 'Things', columns: ['Name'], rows: [{ thing: 'bucket', cells: ['Bucket'] }] }], keep: { run: 'a' }, exports: ['csv', 'png'],
  grid: { id: 1, columns: [{ name: 'n', type: 'bigint', numeric: true }], total: 2, more: false, note: '2 rows', sort: { column: 0, descending: true }, filter: { column: 0, operator: 'less', text: '3' } },
};
const toPage: readonly ToPage[] = [{ type: 'show', revision: 1, picture }, { type: 'rasterise', id: 1, svg: '<svg/>', scale: 2 }, { type: 'press', thing: 'bucket' }, { type: 'rows', grid: 1, from: 100, rows: [[]] }, { type: 'press', thing: '', action: 'verifyAll' }];
const toEditor: readonly ToEditor[] = [
  { type: 'ready' }, { type: 'drawn', revision: 1, states: { bucket: 'done' }, ms: 3 }, { type: 'act', thing: 'bucket', action: 'verify' }, { type: 'choose', value: 'a' },
  { type: 'export', format: 'png' }, { type: 'raster', id: 1, png: 'AAAA' }, { type: 'raster', id: 1, problem: 'no' },
  { type: 'rows', grid: 1, from: 0, to: 100 }, { type: 'more' }, { type: 'look' }, { type: 'look', sort: { column: 0, descending: false }, filter: { operator: 'isNull', text: '' } }, { type: 'copy', grid: 1, top: 0, left: 0, bottom: 1, right: 1 },
];

/** All that becomes of a value when one of its parts is of another type, or not there. */
function* spoiled(value: unknown): Generator<unknown> {
  if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      const part = (value as Record<string, unknown>)[key];
      const instead = (other: unknown): unknown => (Array.isArray(value) ? value.map((each: unknown, index) => (String(index) === key ? other : each)) : { ...value, [key]: other });
      yield instead(typeof part === 'number' ? 'text' : 7);
      yield instead(null);
      for (const deeper of spoiled(part)) {
        yield instead(deeper);
      }
    }
  }
}

describe('what the editor and a page say to each other', () => {
  it('is understood, also after it was serialised', () => {
    assert.deepEqual(toPage.filter((message) => !isToPage(JSON.parse(JSON.stringify(message)))), []);
    assert.deepEqual(toEditor.filter((message) => !isToEditor(JSON.parse(JSON.stringify(message)))), []);
  });

  it('is understood by the other side alone', () => {
    assert.deepEqual(toPage.filter(isToEditor), []);
    assert.deepEqual(toEditor.filter(isToPage), []);
  });

  it('is not believed where any part of it is of another type', () => {
    let count = 0;
    for (const [messages, guard] of [[toPage, isToPage], [toEditor, isToEditor]] as const) {
      for (const message of messages) {
        for (const bad of spoiled(message)) {
          count++;
          assert.equal(guard(bad), false, JSON.stringify(bad));
        }
      }
    }
    assert.ok(count > 100);
    // No value is a value of a cell, and a number is none.
    const rows = (cell: unknown): unknown => ({ type: 'rows', grid: 1, from: 0, rows: [['1', cell]] });
    assert.deepEqual([null, '', 7, undefined, []].map((cell) => isToPage(rows(cell))), [true, true, false, false, false]);
    for (const bad of [undefined, null, 'ready', 1, [], {}, { type: 'other' }, { type: 'export', format: 'exe' }, { type: 'drawn', revision: Number.NaN, states: {}, ms: 1 }, { type: 'act', thing: 'x'.repeat(1001), action: 'a' }]) {
      assert.equal(isToEditor(bad) || isToPage(bad), false, JSON.stringify(bad));
    }
  });

  it('keeps little, and texts alone', () => {
    assert.ok(isKept({ workflow: 'w', run: 'r' }) && isKept({}));
    for (const bad of [undefined, [], 'x', { run: 1 }, { run: 'x'.repeat(1001) }, Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 'v']))]) {
      assert.equal(isKept(bad), false);
    }
  });

  it('gives a page all of its texts', () => {
    const texts = Object.fromEntries(pageTexts.map((key) => [key, key]));
    assert.ok(isPageTexts(texts));
    assert.ok(!isPageTexts({ ...texts, fit: undefined }));
  });
});
