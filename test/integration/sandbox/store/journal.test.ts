import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, GetLogEventsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateDatabaseCommand, CreateTableCommand, GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  CompleteMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, CreateMultipartUploadCommand, DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand,
  ListMultipartUploadsCommand, ListObjectsV2Command, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client, UploadPartCommand, UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, stopSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { pythonModule, stateFiles } from '../../../../src/sandbox/kernel/files.ts';
import { clientConfig, runningFile, sharedPython, temporaryState } from '../support.ts';

const Bucket = 'journal';
const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const run = promisify(execFile);

describe("sandbox: the journal and S3's bodies", function () {
  this.timeout(300_000);
  let state: string;
  let remove: () => Promise<void>;
  let s3: S3Client;
  let glue: GlueClient;

  const start = async (): Promise<void> => {
    const { endpoint } = await startSandbox({ state, controlPlaneOnly: true });
    s3 = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
    glue = new GlueClient(clientConfig(endpoint));
  };
  const journal = (): string => stateFiles(state).journal;
  const bodies = (): Promise<string[]> => readdir(join(journal(), 'bodies'));
  const journalSize = async (): Promise<number> => (await stat(join(journal(), 'journal.jsonl'))).size;
  /** The process of the control plane. */
  const controlPlane = async (): Promise<number> => {
    const { stdout } = await run('ps', ['-ww', '-e', '-o', 'pid=,command=']);
    return Number(stdout.split('\n').find((line) => line.includes('control_plane') && line.includes(state))?.trim().split(' ')[0]);
  };
  const put = (Key: string, Body: Uint8Array | string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const read = async (Key: string, Range?: string): Promise<Uint8Array> =>
    (await (await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range ? { Range } : {}) }))).Body?.transformToByteArray()) ?? new Uint8Array();

  const seed = process.env['LAKE_TEST_SEED'] ?? String(Date.now() % 1_000_000);
  /** What runs in a process of its own does so while the first tests wait for the sandbox. */
  const script = async (name: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run(await sharedPython(), ['-B', join(import.meta.dirname, name), pythonModule('sandbox.store.journal').cwd, ...args, seed], { maxBuffer: 1 << 26 });
    return stdout;
  };
  let scripts: Record<'histories' | 'puts' | 'listings' | 'rests', Promise<string>>;

  before(async () => {
    ({ state, remove } = await temporaryState());
    const histories = script('histories.py', '4', '60');
    const listings = script('listings.py', '60');
    scripts = { histories, listings, rests: listings.catch(() => '').then(() => script('rests.py')), puts: histories.catch(() => '').then(() => script('puts.py', '150')) };
    for (const each of Object.values(scripts)) each.catch(() => undefined);
    await start();
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
  });
  after(() => remove());

  it('puts an object together of parts and copies, reads any range of it, and knows it after kill -9', async () => {
    const parts = [randomBytes(6_000_000), randomBytes(5_300_000), randomBytes(100)];
    await put('source', parts[1]!);
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'whole' }));
    const etags: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, part] of parts.entries()) {
      const where = { Bucket, Key: 'whole', UploadId, PartNumber: index + 1 };
      const ETag =
        index === 1
          ? (await s3.send(new UploadPartCopyCommand({ ...where, CopySource: `${Bucket}/source`, CopySourceRange: `bytes=0-${part.length - 1}` }))).CopyPartResult?.ETag
          : (await s3.send(new UploadPartCommand({ ...where, Body: part }))).ETag;
      etags.push({ PartNumber: index + 1, ETag });
    }
    const open = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'open' }));
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'whole', UploadId, MultipartUpload: { Parts: etags } }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/whole` }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'source' }] } }));
    const content = Buffer.concat(parts);
    const look = async () => ({
      listed: (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key, ETag, Size, LastModified }) => [Key, ETag, Size, LastModified?.toISOString()]),
      uploads: (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map(({ Key, UploadId }) => [Key, UploadId]),
      whole: digest(await read('whole')),
      copy: digest(await read('copy')),
      middle: digest(await read('whole', 'bytes=5999990-11300050')),
      end: digest(await read('copy', 'bytes=-60')),
    });
    const was = await look();
    assert.equal(was.whole, digest(content));
    assert.equal(was.copy, was.whole);
    assert.equal(was.middle, digest(content.subarray(5_999_990, 11_300_051)));
    assert.equal(was.end, digest(content.subarray(-60)));
    assert.deepEqual(was.uploads, [['open', open.UploadId]]);
    assert.match(String(was.listed?.find(([key]) => key === 'whole')?.[1]), /-3"$/);
    process.kill((await runningFile(state)).pid, 'SIGKILL');
    await start();
    assert.deepEqual(await look(), was);
  });

  it('keeps no body that nothing is made of, and no line of what is gone', async () => {
    await put('kept', randomBytes(300_000));
    await stopSandbox({ state });
    await start();
    const [files, size] = [(await bodies()).length, await journalSize()];
    for (let round = 0; round < 4; round++) {
      await put('over', randomBytes(200_000));
      await put('small', `round ${round}`);
    }
    assert.equal((await bodies()).length, files + 1, 'an overwritten body is gone at once');
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'over' }, { Key: 'small' }, { Key: 'never' }] } }));
    assert.equal((await bodies()).length, files);
    assert.ok((await journalSize()) > size);
    await stopSandbox({ state });
    await start();
    assert.equal(await journalSize(), size);
    // With all its versions and what marks it as deleted, too.
    await s3.send(new CreateBucketCommand({ Bucket: 'versions', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'versions', VersioningConfiguration: { Status: 'Enabled' } }));
    await s3.send(new PutObjectCommand({ Bucket: 'versions', Key: 'gone', Body: randomBytes(200_000) }));
    await s3.send(new DeleteObjectCommand({ Bucket: 'versions', Key: 'gone' }));
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'versions' }));
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await s3.send(new DeleteObjectCommand({ Bucket: 'versions', Key, VersionId }));
    assert.equal((await bodies()).length, files, 'all versions deleted');
    await s3.send(new DeleteBucketCommand({ Bucket: 'versions' }));
  });

  it('starts no later for a function that has logged for days', async () => {
    let logs = new CloudWatchLogsClient(clientConfig((await startSandbox({ state })).endpoint));
    const names = (logStreamName: string) => ({ logGroupName: 'inserter', logStreamName });
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'inserter' }));
    const from = Date.now();
    for (const stream of ['one', 'two']) {
      await logs.send(new CreateLogStreamCommand(names(stream)));
    }
    for (let n = 0; n < 60; n++) {
      const logEvents = ['START', 'END'].map((word, at) => ({ timestamp: from + 2 * n + at, message: `${word} ${n}` }));
      await logs.send(new PutLogEventsCommand({ ...names(n % 3 ? 'one' : 'two'), logEvents }));
    }
    const seen = async () =>
      Promise.all(['one', 'two'].map(async (stream) => (await logs.send(new GetLogEventsCommand({ ...names(stream), startFromHead: true }))).events?.map(({ timestamp, message }) => [timestamp, message])));
    const was = await seen();
    assert.deepEqual(was.map((events) => events?.length), [80, 40]);
    for (let restart = 0; restart < 2; restart++) {
      await stopSandbox({ state });
      await start();
      logs = new CloudWatchLogsClient(clientConfig((await startSandbox({ state })).endpoint));
      assert.deepEqual(await seen(), was);
      await logs.send(new PutLogEventsCommand({ ...names('two'), logEvents: [{ timestamp: from + 1_000 + restart, message: `after ${restart}` }] }));
      was[1]?.push([from + 1_000 + restart, `after ${restart}`]);
    }
    const lines = (await readFile(join(journal(), 'journal.jsonl'), 'utf8')).split('\n');
    assert.equal(lines.filter((line) => line.includes('"logs/us-east-2/PutLogEvents"')).length, 3, 'one for each stream, and the last one');
  });

  it('reads no body to start', async () => {
    const content = randomBytes(500_000);
    await put('large', content);
    const head = () => s3.send(new HeadObjectCommand({ Bucket, Key: 'large' }));
    const { ETag, ContentLength, LastModified } = await head();
    assert.equal(ETag, `"${createHash('md5').update(content).digest('hex')}"`);
    await stopSandbox({ state });
    for (const name of await bodies()) {
      await truncate(join(journal(), 'bodies', name), 0);
    }
    await start();
    const again = await head();
    assert.deepEqual([again.ETag, again.ContentLength, again.LastModified], [ETag, ContentLength, LastModified]);
    assert.doesNotMatch(await readFile(stateFiles(state).log, 'utf8'), /replay of request/);
  });

  it('says when the disk is full, changes nothing then, and goes on when there is room', async function () {
    if (process.platform !== 'linux') this.skip();
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'full' } }));
    await put('before', 'here');
    // A service's first read is written down too: its defaults are made then.
    await assert.rejects(glue.send(new GetTableCommand({ DatabaseName: 'full', Name: 't' })), { name: 'EntityNotFoundException' });
    const files = (await bodies()).length;
    const pid = String(await controlPlane());
    // Stands for a full disk: from here on no file of the process grows.
    await run('prlimit', ['--pid', pid, `--fsize=${await journalSize()}:`]);
    const table = { DatabaseName: 'full', TableInput: { Name: 't' } };
    const full = (error: unknown): boolean => error instanceof Error && error.name === 'InsufficientStorage' && /disk is full.*Nothing was changed.*try again/.test(error.message);
    await assert.rejects(put('big', randomBytes(3_000_000)), full);
    await assert.rejects(put('before', 'not here'), full);
    await assert.rejects(glue.send(new CreateTableCommand(table)), full);
    assert.equal(Buffer.from(await read('before')).toString(), 'here');
    await assert.rejects(glue.send(new GetTableCommand({ DatabaseName: 'full', Name: 't' })), { name: 'EntityNotFoundException' });
    await run('prlimit', ['--pid', pid, '--fsize=unlimited:']);
    await glue.send(new CreateTableCommand(table));
    await put('big', randomBytes(3_000_000));
    assert.equal((await bodies()).length, files + 1);
    process.kill((await runningFile(state)).pid, 'SIGKILL');
    await start();
    assert.equal(Buffer.from(await read('before')).toString(), 'here');
    assert.equal((await glue.send(new GetTableCommand({ DatabaseName: 'full', Name: 't' }))).Table?.Name, 't');
    assert.equal((await read('big')).length, 3_000_000);
  });

  it('compacted, gives the lake that it was, whatever was done', async () => {
    const { whole, compacted } = JSON.parse(await scripts.histories) as { whole: number; compacted: number };
    assert.ok(compacted < whole * 0.95, `${compacted} of ${whole} requests are left (seed ${seed})`);
  });

  it('puts by its short way what moto would by its own', async () => {
    assert.ok(Number(await scripts.puts) > 0, `none went the short way (seed ${seed})`);
  });

  it('lists page by page what a look at every key finds', async () => {
    const stdout = await scripts.listings;
    assert.ok(Number(stdout) > 200, `${stdout} pages (seed ${seed})`);
  });

  it('lets objects rest in the journal at a start, and brings back what a torn index or a damaged line leaves', async () => {
    assert.deepEqual((await scripts.rests).trim().split('\n'), ['an index', 'changes after it', 'an index that is torn', 'a line that cannot be read'], `seed ${seed}`);
  });

  it('says that a line of the journal could not be read, and where it is kept', async () => {
    await put('damaged', 'x');
    await put('undamaged', 'x');
    await stopSandbox({ state });
    const file = join(journal(), 'journal.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    const at = lines.findIndex((line) => line.includes('"/journal/damaged"'));
    lines[at] = lines[at]!.replace('"environ"', 'environ');
    await writeFile(file, lines.join('\n'));
    const { damaged } = await startSandbox({ state, controlPlaneOnly: true });
    assert.match(String(damaged), /^1 line\(s\) of the sandbox's journal could not be read.*journal\.damaged/);
    assert.match(await readFile(stateFiles(state).log, 'utf8'), new RegExp(`line ${at + 1} of .*journal\\.jsonl cannot be read`));
    await start();
    assert.deepEqual((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key).filter((key) => key?.endsWith('damaged')), ['undamaged']);
    await stopSandbox({ state });
    assert.equal((await startSandbox({ state, controlPlaneOnly: true })).damaged, undefined, 'it is said once');
    await start();
  });

  it('goes on listing from a token that it gave before it was stopped', async () => {
    for (const Key of ['listed/1', 'listed/2', 'listed/3/4']) await put(Key, 'x');
    const page = async (ContinuationToken?: string) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'listed/', Delimiter: '/', MaxKeys: 2, ContinuationToken }));
    const { NextContinuationToken } = await page();
    await stopSandbox({ state });
    await start();
    assert.deepEqual((await page(NextContinuationToken)).CommonPrefixes, [{ Prefix: 'listed/3/' }]);
    await assert.rejects(page('no token'), { name: 'InvalidArgument', message: 'The continuation token provided is incorrect' });
  });

  it('takes for apart from S3 only services that are', async () => {
    const python = await sharedPython();
    const script = `
import sys, json, re, pathlib
sys.path.insert(0, sys.argv[1])
import moto
from sandbox.store import compaction
home = pathlib.Path(moto.__file__).parent
knows = [str(file.relative_to(home)) for name in sorted(compaction.APART) for file in (home / name).glob("*.py")
         if re.search(r"s3_backends|moto\\.s3\\.models|moto\\.s3 import", file.read_text())]
print(json.dumps(knows))`;
    const { stdout } = await run(python, ['-B', '-c', script, pythonModule('sandbox.store.journal').cwd]);
    assert.deepEqual(JSON.parse(stdout), []);
  });
});
