import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteObjects, download, keyFromInput, lifecycleOf, measure, existingKeys, upload } from '../../../src/aws/buckets.ts';
import { selectFrom } from '../../../src/aws/catalog.ts';
import { connect, type Connection } from '../../../src/aws/connection.ts';
import { readSchedule } from '../../../src/aws/schedule.ts';
import { inOrder } from '../../../src/aws/workflows.ts';
import { statementAt, statements } from '../../../src/editor/sql.ts';
import { tableText } from '../../../src/table.ts';
import { isCancellation } from '../../../src/errors.ts';
import { startFakeAws, type FakeAws } from '../../support/fakeAws.ts';

describe('schedules in words', () => {
  const from = new Date('2026-11-24T03:30:00Z');
  const read = (expression: string, language = 'en') => {
    const schedule = readSchedule(expression, { from, count: 2, language });
    return schedule && [schedule.description, ...schedule.next.map((date) => date.toISOString().slice(0, 16))];
  };
  for (const [expression, expected] of [
    ['cron(59 * * * ? *)', ['At 59 minutes past the hour', '2026-11-24T03:59', '2026-11-24T04:59']],
    // The original's "every 59 minutes" that is none.
    ['cron(0/59 * * * ? *)', ['Every 59 minutes', '2026-11-24T03:59', '2026-11-24T04:00']],
    ['cron(15 10 ? * 2-6 *)', ['At 10:15, Monday through Friday', '2026-11-24T10:15', '2026-11-25T10:15']],
    ['cron(0 8 1 * ? *)', ['At 08:00, on day 1 of the month', '2026-12-01T08:00', '2027-01-01T08:00']],
    ['cron(0 8 L * ? *)', ['At 08:00, on the last day of the month', '2026-11-30T08:00', '2026-12-31T08:00']],
    ['cron(0 9 ? * 3#1 *)', ['At 09:00, on the first Tuesday of the month', '2026-12-01T09:00', '2027-01-05T09:00']],
    ['cron(0 9 1 1 ? 2020)', ['At 09:00, on day 1 of the month, only in January, only in 2020']],
    ['rate(2 minutes)', ['every 2 minutes']],
    ['rate(1 hour)', ['every hour']],
  ] as const) {
    it(`reads ${expression}`, () => assert.deepEqual(read(expression), expected));
  }
  it('says them in Spanish', () => assert.match(read('cron(59 * * * ? *)', 'es')?.[0] ?? '', /59 minutos/));
  it('takes nothing else for a schedule', () => {
    for (const wrong of ['', 'cron(* * * * *)', 'cron(99 * * * ? *)', 'rate(two days)', '59 * * * ? *']) assert.equal(read(wrong), undefined, wrong);
  });
});

describe('statements of SQL', () => {
  it('are told apart by semicolons that are in no string, name or comment', () => {
    const sql = "-- a; b\nSELECT ';' AS \"x;y\" /* ; */ FROM t;\n\n/* only; a comment */\n;SELECT 'it''s; so'\n";
    assert.deepEqual(statements(sql).map(({ text }) => text), ["SELECT ';' AS \"x;y\" /* ; */ FROM t", "SELECT 'it''s; so'"]);
    for (const { text, start, end } of statements(sql)) assert.equal(sql.slice(start, end), text);
  });
  it('are found by where the cursor is', () => {
    const sql = 'SELECT 1;\n\nSELECT 2;\n';
    assert.deepEqual([0, 9, 10, 11, 20, 99].map((offset) => statementAt(sql, offset)), ['SELECT 1', 'SELECT 1', 'SELECT 1', 'SELECT 2', 'SELECT 2', 'SELECT 2']);
    assert.equal(statementAt('-- nothing', 3), undefined);
  });
  it('quote names that Athena would not take as they are', () => {
    assert.equal(selectFrom('lake', '_catalog_x', 5), 'SELECT *\nFROM lake."_catalog_x"\nLIMIT 5;\n');
    assert.equal(selectFrom('My lake', 'a"b', 5), 'SELECT *\nFROM "My lake"."a""b"\nLIMIT 5;\n');
  });
});

describe('tables in text', () => {
  it('have columns that stand under each other, numbers to the right, and say what is null', () => {
    assert.equal(tableText([{ name: 'id', type: 'int' }, { name: 'name' }], [['1', 'a\nb'], ['20', null]]), ' id  name\nint\n───  ────\n  1  a b\n 20  ∅\n');
  });
  it('show what a terminal would obey', () => {
    assert.equal(tableText([{ name: 'valor' }], [['A\x07\x1b[2J\x9b1m']]), 'valor\n─────────\nA␇␛[2J�1m\n');
  });
});

describe('lifecycle rules', () => {
  const modified = new Date('2026-11-20T10:00:00Z');
  const rules = [
    { ID: 'colder', Status: 'Enabled' as const, Filter: { Prefix: 'bronze/' }, Transitions: [{ Days: 90, StorageClass: 'GLACIER_IR' as const }, { Days: 30, StorageClass: 'STANDARD_IA' as const }] },
    { ID: 'large', Status: 'Enabled' as const, Filter: { And: { Prefix: '', ObjectSizeGreaterThan: 1000 } }, Expiration: { Days: 365 } },
    { ID: 'off', Status: 'Disabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    { ID: 'uploads', Status: 'Enabled' as const, Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    { ID: 'deep', Status: 'Enabled' as const, Prefix: 'bronze/old/', Expiration: { Days: 10 } },
  ];
  const lines = (target: Parameters<typeof lifecycleOf>[1]) => lifecycleOf(rules, target).map(({ rule, does, days, on, partly }) => [rule, does, days, on?.toISOString().slice(0, 10), partly]);

  it('apply to an object by prefix and size, at the midnight after so many days', () => {
    assert.deepEqual(lines({ key: 'bronze/a', size: 10, modified }), [['colder', 'move', 30, '2026-12-21', false], ['colder', 'move', 90, '2027-02-19', false]]);
    assert.deepEqual(lines({ key: 'gold/a', size: 5000, modified }), [['large', 'expire', 365, '2027-11-21', false]]);
  });
  it('apply to a zone, and say where to a part of it only', () => {
    assert.deepEqual(lines({ prefix: 'bronze/' }), [
      ['uploads', 'abort-upload', 7, undefined, false], ['deep', 'expire', 10, undefined, true], ['colder', 'move', 30, undefined, false], ['colder', 'move', 90, undefined, false], ['large', 'expire', 365, undefined, true],
    ]);
  });
});

describe('the order of a run\'s nodes', () => {
  it('ends also for a graph that runs in circles', () => {
    const nodes = ['a', 'b', 'c'].map((UniqueId) => ({ UniqueId, Name: UniqueId, Type: 'JOB' as const }));
    assert.equal(inOrder(nodes, [['a', 'b'], ['b', 'a'], ['b', 'c']].map(([SourceId, DestinationId]) => ({ SourceId, DestinationId }))).length, 3);
  });
});

describe('objects and files', function () {
  this.timeout(30_000);
  let fake: FakeAws;
  let aws: Connection;
  let folder: string;
  before(async () => {
    fake = await startFakeAws();
    aws = connect({ target: 'aws', region: 'us-east-2', endpoint: fake.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' } });
    folder = await mkdtemp(join(tmpdir(), 'lake-files-'));
  });
  after(async () => {
    aws.close();
    await fake.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('come back as they went', async () => {
    fake.buckets.set('b', []);
    const body = Buffer.alloc(300_000, 'lake ');
    await writeFile(join(folder, 'up'), body);
    const seen: number[] = [];
    await upload(aws, join(folder, 'up'), 'b', 'x/up', { onProgress: (done, total) => seen.push(done / total) });
    assert.ok(seen.length > 1 && seen.at(-1) === 1);
    await download(aws, 'b', 'x/up', join(folder, 'down'));
    assert.ok((await readFile(join(folder, 'down'))).equals(body));
  });

  it('leave nothing half done when a download is cancelled', async () => {
    fake.buckets.set('b', [{ key: 'big', size: 50_000_000 }]);
    const cancelling = new AbortController();
    const before = await readdir(folder);
    await assert.rejects(download(aws.withSignal(cancelling.signal), 'b', 'big', join(folder, 'big'), { signal: cancelling.signal, onProgress: () => cancelling.abort() }), isCancellation);
    assert.deepEqual(await readdir(folder), before);
  });

  it('are not put when an upload is cancelled', async () => {
    fake.buckets.set('b', []);
    await writeFile(join(folder, 'large'), Buffer.alloc(20_000_000));
    const cancelling = new AbortController();
    await assert.rejects(upload(aws.withSignal(cancelling.signal), join(folder, 'large'), 'b', 'large', { signal: cancelling.signal, onProgress: () => cancelling.abort() }));
    assert.deepEqual(fake.buckets.get('b'), []);
  });

  it('are known to be there already, one request each, however much is beside them', async () => {
    fake.buckets.set('b', ['a/rows.csv', 'a/rows.csv.gz', ...Array.from({ length: 1500 }, (_, index) => `a/x${index}`), 'b'].sort().map((key) => ({ key, size: 1 })));
    fake.taken();
    assert.deepEqual(await existingKeys(aws, 'b', ['a/rows.csv', 'a/rows', 'a/x1499', 'a/none']), ['a/rows.csv', 'a/x1499']);
    assert.deepEqual(fake.taken(), Array.from({ length: 4 }, () => 's3:ListObjectsV2'));
  });

  it('are searched for by what was typed, spaces and all, or by a whole URI', () => {
    for (const [typed, key] of [['bronze/', 'bronze/'], [' a /b ', ' a /b '], [' s3://b/x y/ ', 'x y/'], ['s3://other/x', ''], ['//x', '//x']] as const) assert.equal(keyFromInput(typed, 'b'), key);
  });

  it('are counted and deleted below a prefix, and nowhere else', async () => {
    fake.buckets.set('b', [...Array.from({ length: 2500 }, (_, index) => ({ key: `a/${String(index).padStart(5, '0')}`, size: 2 })), { key: 'ab', size: 1 }]);
    assert.deepEqual(await measure(aws, 'b', 'a/'), { objects: 2500, bytes: 5000, newest: new Date('2026-11-20T10:00:00.000Z'), complete: true });
    assert.deepEqual((await measure(aws, 'b', 'a/', { pages: 1 })).complete, false);
    assert.equal(await deleteObjects(aws, 'b', 'a/'), 2500);
    assert.deepEqual(fake.buckets.get('b')?.map(({ key }) => key), ['ab']);
  });
});
