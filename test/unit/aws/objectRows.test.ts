import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Connection } from '../../../src/aws/connection.ts';
import { jsonMembers, jsonTable, rowsAfter } from '../../../src/aws/objectRows.ts';
import { previewObject } from '../../../src/aws/preview.ts';
import { useFakeAws, type FakeAws } from '../../support/fakeAws.ts';

describe('rows of objects beyond their preview', function () {
  this.timeout(30_000);
  let fake: FakeAws;
  let aws: Connection;
  useFakeAws((...opened) => ([fake, aws] = opened));

  /** The preview as a table, and then so many pages, all without a number. */
  async function read(key: string, body: Buffer, most = Number.POSITIVE_INFINITY) {
    fake.buckets.set('b', [{ key, size: body.length, body }]);
    const from = fake.calls.length;
    const preview = await previewObject(aws, 'b', key, body.length);
    const table = preview.kind === 'table' ? preview : jsonTable(preview) ?? assert.fail('no table');
    const rows = [...table.rows];
    let columns = table.columns;
    let done = !table.truncated;
    const rest = rowsAfter('b', key, body.length, table);
    for (let page = 0; page < most && !done; page++) {
      const next = await rest.next(aws);
      rows.push(...next.rows);
      ({ done } = next);
      columns = next.columns ?? columns;
    }
    const bytes = fake.calls.slice(from).reduce((sum, { input }) => {
      const [, start = 0, end = 0] = /bytes=(\d+)-(\d+)/.exec(String(input['range']))?.map(Number) ?? assert.fail('not a range request');
      return sum + Math.min(end, body.length - 1) - start + 1;
    }, 0);
    return { rows, columns, done, bytes };
  }

  it('are all of a file of Parquet, each once and in its order, over its groups', async () => {
    const count = 5_321;
    const body = Buffer.from(parquetWriteBuffer({
      columnData: [
        { name: 'id', data: Array.from({ length: count }, (_, index) => BigInt(index) + 9_007_199_254_740_993n), type: 'INT64' },
        { name: 'text', data: Array.from({ length: count }, (_, index) => (index % 7 === 0 ? null : index % 7 === 1 ? '' : `row ${index}`)), type: 'STRING', nullable: true },
      ],
      rowGroupSize: 2_000, codec: 'SNAPPY',
    }));
    const { rows, done } = await read('a.parquet', body);
    assert.equal(done, true);
    assert.deepEqual(rows, Array.from({ length: count }, (_, index) => [String(BigInt(index) + 9_007_199_254_740_993n), index % 7 === 0 ? null : index % 7 === 1 ? '' : `row ${index}`]));
  });

  it('are read of a large file of Parquet as far as somebody scrolls', async () => {
    const count = 200_000;
    const body = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'text', data: Array.from({ length: count }, (_, index) => `row ${(index * 2654435761) % 4294967296}`), type: 'STRING' }], pageSize: 65_536, rowGroupSize: count, codec: 'SNAPPY' }));
    const { rows, bytes } = await read('a.parquet', body, 2);
    assert.deepEqual([rows.length, rows[2_099]], [2_100, [`row ${(2_099 * 2654435761) % 4294967296}`]]);
    assert.ok(bytes < body.length / 2, `${bytes} of ${body.length}`);
  });

  const wanted = Array.from({ length: 12_000 }, (_, index) => [String(index), index % 5 === 0 ? `two\nlines, "${index}"` : `año ${index}`, 'x'.repeat(index % 120)]);
  const csv = Buffer.from(['id,text,x', ...wanted.map((row) => row.map((value) => (/[\n",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(','))].join('\n'));

  it('are all of a CSV, though stretches end within quotes and characters', async () => {
    assert.ok(csv.length > 3 * 256 * 1024);
    const { rows, done } = await read('a.csv', csv);
    assert.deepEqual([done, rows], [true, wanted]);
  });

  it('are all of a compressed CSV, and of one in another encoding', async () => {
    assert.deepEqual((await read('a.csv.gz', gzipSync(csv))).rows, wanted);
    assert.deepEqual((await read('a.csv', Buffer.from(`\ufeff${csv.toString()}`, 'utf16le'))).rows, wanted);
    assert.deepEqual((await read('a.csv', Buffer.from(csv.toString(), 'latin1'))).rows, wanted);
  });

  it('are no more of a CSV than somebody scrolls to', async () => {
    const { rows, bytes } = await read('a.csv', csv, 1);
    assert.ok(rows.length >= 1_100 && bytes < csv.length, `${rows.length} ${bytes}`);
  });

  it('are lines of JSON, their numbers as they are written, with columns that only later ones have', async () => {
    const lines = Array.from({ length: 9_000 }, (_, index) => `{"id": ${index}.10, "big": 9007199254740993${index}, "t": ${index % 3 === 0 ? 'null' : '"\\u00e1, }"'}${index > 8_000 ? ', "new": {"a": [1.0, "]"]}' : ''}}`);
    const { rows, columns } = await read('a.jsonl', Buffer.from(lines.join('\n')));
    assert.deepEqual(columns.map(({ name }) => name), ['id', 'big', 't', 'new']);
    assert.equal(rows.length, lines.length);
    assert.deepEqual([rows[0], rows[4]], [['0.10', '90071992547409930', null], ['4.10', '90071992547409934', 'á, }']]);
    assert.deepEqual(rows.at(-1), ['8999.10', '90071992547409938999', 'á, }', '{"a": [1.0, "]"]}']);
  });

  it('are a document of JSON\'s objects, and nothing where it is something else', () => {
    assert.deepEqual(jsonMembers('[{"a": 1.50, "b": {}}, {"b": []}, {}]')?.map((each) => [...each]), [[['a', '1.50'], ['b', '{}']], [['b', '[]']], []]);
    assert.deepEqual(jsonMembers(' {"a:b": "{", "c": [ {"d": 1} ]} ')?.map((each) => [...each]), [[['a:b', '{'], ['c', '[ {"d": 1} ]']]]);
    for (const none of ['', '[]', '[1]', '[{}, 2]', '"x"', 'null', '{"a"', '[[{}]]']) {
      assert.equal(jsonMembers(none), undefined, none);
    }
  });
});
