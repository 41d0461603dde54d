import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Connection } from '../../../src/aws/connection.ts';
import { UserError } from '../../../src/errors.ts';
import { previewObject } from '../../../src/aws/preview.ts';
import { useFakeAws, type FakeAws } from '../../support/fakeAws.ts';

describe('previews of objects', function () {
  this.timeout(30_000);
  let fake: FakeAws;
  let aws: Connection;
  useFakeAws((...opened) => ([fake, aws] = opened));

  /** Looks into some bytes under a name, and tells how many of them it took. */
  async function look(key: string, body: Buffer) {
    fake.buckets.set('b', [{ key, size: body.length, body }]);
    const from = fake.calls.length;
    const preview = await previewObject(aws, 'b', key, body.length);
    const ranges = fake.calls.slice(from).map(({ input }) => /bytes=(\d+)-(\d+)/.exec(String(input['range'])) ?? assert.fail('not a range request'));
    return { preview, bytes: ranges.reduce((sum, [, start, end]) => sum + Math.min(Number(end), body.length - 1) - Number(start) + 1, 0) };
  }
  const tableOf = async (key: string, body: Buffer) => {
    const { preview } = await look(key, body);
    assert.equal(preview.kind, 'table');
    return preview.kind === 'table' ? preview : assert.fail();
  };
  const rows = 200_000;
  const parquet = () => Buffer.from(parquetWriteBuffer({
    columnData: [
      { name: 'id', data: Array.from({ length: rows }, (_, index) => index), type: 'INT32' },
      { name: 'text', data: Array.from({ length: rows }, (_, index) => (index % 7 === 0 ? null : `row ${(index * 2654435761) % 4294967296}`)), type: 'STRING', nullable: true },
      { name: 'tags', data: Array.from({ length: rows }, (_, index) => ({ a: index, b: [`x${index}`] })), type: 'JSON' },
    ],
    pageSize: 65_536, rowGroupSize: rows, codec: 'SNAPPY',
  }));

  it('shows schema and first rows of a Parquet file through ranges, not by a download', async () => {
    const body = parquet();
    const { preview, bytes } = await look('x/part-0.parquet', body);
    assert.ok(preview.kind === 'table');
    assert.deepEqual(preview.columns, [{ name: 'id', type: 'int32' }, { name: 'text', type: 'utf8' }, { name: 'tags', type: 'json' }]);
    assert.equal(preview.rows.length, 100);
    assert.deepEqual(preview.rows[0], ['0', null, '{"a":0,"b":["x0"]}']);
    assert.deepEqual(preview.rows[99]?.[0], '99');
    assert.deepEqual([preview.facts[0], preview.truncated], ['200000 rows', true]);
    assert.ok(bytes < body.length / 4, `${bytes} of ${body.length}`);
  });

  it('shows decimals with their digits, and days as days', async () => {
    const body = Buffer.from(parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'price', type: 'INT64', converted_type: 'DECIMAL', precision: 10, scale: 2, repetition_type: 'REQUIRED' },
        { name: 'day', type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
      ],
      columnData: [{ name: 'price', data: [0.35, 12] }, { name: 'day', data: [new Date('2026-11-24'), new Date('2026-01-01')] }],
    }));
    assert.deepEqual((await tableOf('a.parquet', body)).rows, [['0.35', '2026-11-24'], ['12.00', '2026-01-01']]);
  });

  it('shows what is stored, and not what a number of JavaScript makes of it', async () => {
    const leaf = { repetition_type: 'OPTIONAL' } as const;
    const body = Buffer.from(parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 8 },
        { name: 'wide', type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 4, ...leaf },
        { name: 'single', type: 'FLOAT', ...leaf },
        { name: 'local', type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' }, ...leaf },
        { name: 'utc', type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' }, ...leaf },
        { name: 'clock', type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' }, ...leaf },
        { name: 'bytes', type: 'BYTE_ARRAY', ...leaf },
        { name: 'words', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...leaf },
        { name: 'big', type: 'INT64', ...leaf },
      ],
      columnData: [
        { name: 'wide', data: [-12345678901.0001, null] },
        { name: 'single', data: [0.1, 16777216] },
        { name: 'local', data: [1_700_000_000_123_456n, -1n] },
        { name: 'utc', data: [1_700_000_000_123_456_789n, 0n] },
        { name: 'clock', data: [3_723_000_004n, 0n] },
        { name: 'bytes', data: [new Uint8Array([0, 255]), new TextEncoder().encode('plain')] },
        { name: 'words', data: ['ñ', ''] },
        { name: 'big', data: [9_223_372_036_854_775_807n, null] },
      ],
    }));
    assert.deepEqual((await tableOf('exact.parquet', body)).rows, [
      ['-12345678901.0001', '0.1', '2023-11-14T22:13:20.123456', '2023-11-14T22:13:20.123456789Z', '01:02:03.000004', '00ff', 'ñ', '9223372036854775807'],
      [null, '16777216', '1969-12-31T23:59:59.999999', '1970-01-01T00:00:00.000Z', '00:00:00.000', 'plain', '', null],
    ]);
  });

  it('lays JSON out without touching its numbers', async () => {
    const { preview } = await look('big.json', Buffer.from('{"n":[98765432109876543210,2.50,-1E+3],"e":{},"l":[],"t":"a, {\\"b\\": 1.0}"}'));
    assert.ok(preview.kind === 'text');
    assert.equal(preview.text, '{\n  "n": [\n    98765432109876543210,\n    2.50,\n    -1E+3\n  ],\n  "e": {},\n  "l": [],\n  "t": "a, {\\"b\\": 1.0}"\n}\n');
  });

  it('knows Parquet by its content too', async () => {
    const body = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'n', data: [1, 2], type: 'INT32' }] }));
    assert.deepEqual((await tableOf('no-name', body)).rows, [['1'], ['2']]);
  });

  it('reads CSV with quotes and whatever separates it, also compressed', async () => {
    const text = 'id;name\n1;"a;b"\n2;"say ""hi"""\n';
    for (const [key, body] of [['a.csv', Buffer.from(text)], ['a.csv.gz', gzipSync(text)]] as const) {
      const { columns, rows: found, truncated } = await tableOf(key, body);
      assert.deepEqual([columns.map(({ name }) => name), found, truncated], [['id', 'name'], [['1', 'a;b'], ['2', 'say "hi"']], false]);
    }
  });

  it('reads the beginning of what is large, in whole lines', async () => {
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `${index},${'x'.repeat(20)}`).join('\n'));
    for (const [key, content] of [['big.csv', body], ['big.csv.gz', gzipSync(body, { level: 0 })]] as const) {
      const { preview, bytes } = await look(key, content);
      assert.ok(preview.kind === 'table' && preview.truncated && preview.rows.length === 100 && bytes <= 256 * 1024, key);
    }
    const { preview } = await look('big.txt', body);
    assert.ok(preview.kind === 'text' && preview.truncated && preview.text.endsWith('\n'));
  });

  it('indents JSON, and shows lines of JSON and text as they are', async () => {
    const shown = async (key: string, text: string) => (await look(key, Buffer.from(text))).preview;
    assert.deepEqual(await shown('a.json', '{"a":[1]}'), { kind: 'text', text: '{\n  "a": [\n    1\n  ]\n}\n', language: 'json', truncated: false, empty: false });
    // As a document the editor would find errors in what is none.
    assert.deepEqual(await shown('a.jsonl', '{"a":1}\n{"a":2}\n'), { kind: 'text', text: '{"a":1}\n{"a":2}\n', language: 'jsonl', truncated: false, empty: false });
    const large = await shown('large.json', `[${'"x",\n'.repeat(100_000)}"x"]`);
    assert.ok(large.kind === 'text' && large.truncated && large.language === 'jsonl');
    assert.deepEqual(await shown('ñ.txt', 'mañana'), { kind: 'text', text: 'mañana', language: 'plaintext', truncated: false, empty: false });
  });

  it('tells of a text and of JSON that there is nothing in it', async () => {
    for (const [key, text, empty] of [
      ['a.txt', '', true], ['a.txt', ' \n', true], ['a.json', '', true], ['a.json', '[]', true], ['a.json', ' { } ', true], ['a.json', 'null', true], ['a.jsonl', '\n', true],
      ['a.json', '[[]]', false], ['a.json', '0', false], ['a.json', '""', false], ['a.json', '{', false], ['a.txt', '[]', false],
    ] as const) {
      const { preview } = await look(key, Buffer.from(text));
      assert.ok(preview.kind === 'text');
      assert.equal(preview.empty, empty, `${key} ${JSON.stringify(text)}`);
    }
    const { preview } = await look('a.json.gz', gzipSync(''));
    assert.ok(preview.kind === 'text' && preview.empty);
  });

  it('reads what older programs and spreadsheets wrote, and names the encoding', async () => {
    const text = 'ciudad;año\nMálaga;2026\n';
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const [body, facts] of [
      [Buffer.from(text, 'latin1'), ['separated by ";"', 'in the encoding windows-1252']],
      [wide, ['separated by ";"', 'in the encoding utf-16le']],
      [Buffer.from(wide).swap16(), ['separated by ";"', 'in the encoding utf-16be']],
      [Buffer.from(`\ufeff${text}`), ['separated by ";"']],
    ] as const) {
      const { columns, rows: found, facts: told } = await tableOf('a.csv', body);
      assert.deepEqual([columns.map(({ name }) => name), found, told], [['ciudad', 'año'], [['Málaga', '2026']], facts]);
    }
    // Cut through in the middle of a character it is UTF-8 all the same.
    const { preview } = await look('ñ.txt', Buffer.from(`x${'ñ'.repeat(200_000)}`));
    assert.ok(preview.kind === 'text' && /^xñ+$/.test(preview.text));
  });

  it('says in words what it cannot read', async () => {
    const refused = (code: string) => (error: unknown) => UserError.is(error) && error.code === code && Boolean(error.next);
    await assert.rejects(look('a.bin', Buffer.from([1, 0, 2])), refused('preview.binary'));
    await assert.rejects(look('a.txt', Buffer.from([0x93, 0xff, 0x02, 0x81, 0xfe])), refused('preview.binary'));
    await assert.rejects(look('broken.parquet', Buffer.from('PAR1 is how it begins, and not how it ends')), refused('preview.unreadable'));
    await assert.rejects(look('empty.parquet', Buffer.alloc(0)), refused('preview.empty'));
    // Only a beginning and an end that are right: the library fails with an error of JavaScript's own, which is not for people.
    await assert.rejects(look('hollow.parquet', Buffer.from('PAR1\0\0\0\0PAR1')), (error: unknown) => refused('preview.unreadable')(error) && !/DataView|undefined|bounds/.test((error as UserError).message));
    await assert.rejects(look('broken.csv.gz', Buffer.from('not gzip')), refused('preview.unreadable'));
  });
});
