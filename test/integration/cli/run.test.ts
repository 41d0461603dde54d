import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GetQueryExecutionCommand, ListQueryExecutionsCommand } from '@aws-sdk/client-athena';
import { DeleteTableCommand, DeleteTriggerCommand, GetWorkflowRunsCommand } from '@aws-sdk/client-glue';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { clientsFor } from '../support/clients.ts';
import { runningFile, temporaryState } from '../sandbox/support.ts';
import { anyCredentials, assertNoStack, cli, documentOf, type ErrorDocument, type VerifyDocument } from '../support/cli.ts';

interface RunDocument {
  readonly runId: string;
  readonly status: string;
  readonly nodes: readonly { readonly name: string; readonly type: string; readonly state: string; readonly ms: number; readonly error: string | null }[];
  readonly rows: { readonly bronze: number; readonly silver: number; readonly gold: number };
}
interface MapDocument {
  readonly nodes: readonly { readonly id: string; readonly step: string; readonly state: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly state: string; readonly count?: number; readonly finding?: { readonly message: string } }[];
}
interface ErrorlessProblem {
  readonly problem: { readonly code: string };
}
interface QueryDocument {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}
interface DemoDocument {
  readonly sandbox: { readonly endpoint: string };
  readonly up: { readonly resources: readonly { readonly state: string }[] };
  readonly rows: { readonly inserted: number };
  readonly run: RunDocument;
  readonly query: QueryDocument;
  readonly verify: VerifyDocument;
}

describe('CLI: from nothing to gold in the sandbox', function () {
  this.timeout(300_000);
  let state: string;
  let remove: () => Promise<void>;
  let demo: DemoDocument;

  before(async () => {
    ({ state, remove } = await temporaryState());
  });
  after(() => remove());

  const lake = (...args: string[]) => cli([...args, '--state', state], { env: anyCredentials });
  const results = ['ingest', 'refine', 'aggregate', 'visualize'];
  /** States and codes of the steps that are done when there is a result. */
  const ticks = async (): Promise<readonly (readonly [string, readonly string[]])[]> =>
    documentOf<VerifyDocument>(await lake('verify', ...results.flatMap((id) => ['--step', id]), '--json'), 0).steps.map(({ state: each, findings }) => [each, findings.map(({ code }) => code)] as const);

  it('says what to do when nothing runs, and when nothing is provisioned', async () => {
    assert.equal(documentOf<ErrorDocument>(await lake('run', '--json'), 3).error.code, 'sandbox.stopped');
    await lake('sandbox', 'start');
    const { error } = documentOf<ErrorDocument>(await lake('run', '--json'), 1);
    assert.equal(error.code, 'run.nothing');
    assert.match(error.fix ?? '', /lake-tutorial up/);
    assert.equal(documentOf<ErrorDocument>(await lake('query', 'SELECT 1', '--json'), 1).error.code, 'query.workGroup');
  });

  it('map: knows no state where nobody can look, and draws what is there', async () => {
    const file = join(state, 'map.svg');
    const empty = documentOf<MapDocument>(await lake('map', '--json', '--svg', file), 0);
    assert.deepEqual([...new Set(empty.nodes.filter(({ id }) => ['bucket', 'crawler', 'bronze'].includes(id)).map(({ state: each }) => each))], ['missing']);
    assert.match(await readFile(file, 'utf8'), /^<svg [^]*data-node="bucket" data-state="missing"[^]*<\/svg>\n$/);
    const unreachable = documentOf<MapDocument & ErrorlessProblem>(await lake('map', '--endpoint', 'http://127.0.0.1:9', '--json', '--svg', file), 3);
    assert.deepEqual([...new Set(unreachable.nodes.map(({ state: each }) => each))], ['unknown']);
    assert.ok(unreachable.problem.code);
    assert.doesNotMatch(await readFile(file, 'utf8'), /data-state="(?!unknown)/);
  });

  it('run: before any row has come it says how to get some', async () => {
    await lake('up');
    assert.deepEqual(await ticks(), results.map((id) => ['waiting', [`${id}.waiting`]]), 'made, and not run yet');
    const { code, stdout, stderr } = await lake('run');
    assert.equal(code, 0);
    // The schedule may have been quicker.
    assert.equal(/bronze 0,/.test(stdout), /sandbox insert --rows/.test(stderr), stdout);
  });

  it('demo: rows come to gold and are shown', async () => {
    demo = documentOf<DemoDocument>(await lake('demo', '--json'), 0);
    assert.ok(demo.up.resources.every((resource) => resource.state !== 'failed' && resource.state !== 'blocked'));
    assert.equal(demo.rows.inserted, 1000);
    assert.equal(demo.run.status, 'COMPLETED');
    assert.deepEqual(demo.run.nodes.map(({ type, state: each, error }) => [type, each, error]), [['CRAWLER', 'SUCCEEDED', null], ['JOB', 'SUCCEEDED', null], ['JOB', 'SUCCEEDED', null], ['JOB', 'SUCCEEDED', null]]);
    assert.ok(demo.run.rows.bronze >= 1000);
    const column = demo.query.columns.findIndex(({ name }) => name === 'rows');
    const inGold = demo.query.rows.reduce((sum, row) => sum + Number(row[column]), 0);
    assert.equal(inGold, demo.run.rows.silver);
    assert.deepEqual(demo.verify.steps.filter(({ id }) => results.includes(id)).map(({ id, state: each }) => [id, each]), results.map((id) => [id, 'done']));
  });

  it('map: rows on the way to each zone, and what is missing between two things where it fails', async () => {
    const full = documentOf<MapDocument>(await lake('map', '--json'), 0);
    const edgeOf = (map: MapDocument, from: string, to: string) => map.edges.find((edge) => edge.from === from && edge.to === to);
    assert.deepEqual(['ingest-job', 'refine-job', 'aggregate-job'].map((job, index) => { const zone = ['bronze', 'silver', 'gold'][index] ?? ''; const edge = edgeOf(full, job, zone); return [edge?.state, edge?.count]; }),
      [['open', demo.run.rows.bronze], ['open', demo.run.rows.silver], ['open', demo.run.rows.gold]]);
    const { endpoint } = demo.sandbox;
    const clients = clientsFor(endpoint);
    await clients.glue.send(new DeleteTriggerCommand({ Name: 'lake-tutorial-refine' }));
    const file = join(state, 'broken.svg');
    const people = await lake('map', '--svg', file);
    assert.match(people.stdout, /✗ bronze → Refining job \(silver\): /);
    assert.match(await readFile(file, 'utf8'), /data-from="bronze" data-to="refine-job" data-state="broken"/);
    await lake('up', '--step', 'refine');
    assert.equal(edgeOf(documentOf<MapDocument>(await lake('map', '--json'), 0), 'bronze', 'refine-job')?.state, 'open');
  });

  it('query: rows as JSON and as a table, from an argument and from standard input', async () => {
    const sql = 'SELECT value_class, "rows", CAST(NULL AS varchar) AS nothing FROM gold_random_data_cube WHERE level = \'value_class\' ORDER BY 2 DESC;';
    const { columns, rows } = documentOf<QueryDocument>(await lake('query', sql, '--json'), 0);
    assert.deepEqual(columns, [{ name: 'value_class', type: 'varchar' }, { name: 'rows', type: 'bigint' }, { name: 'nothing', type: 'varchar' }]);
    assert.equal(rows[0]?.[2], null);
    const { stdout } = await lake('query', sql);
    assert.match(stdout, /^value_class +rows +nothing\n/);
    const child = spawn(process.execPath, [resolve('dist/cli.js'), 'query', '-', '--state', state, '--json'], { env: { ...process.env, ...anyCredentials }, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.end('SELECT count(*) FROM silver_random_data');
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
    }
    assert.deepEqual((JSON.parse(text) as QueryDocument).rows, [[String(demo.run.rows.silver)]]);
  });

  it('query: wrong SQL is said in words', async () => {
    for (const [sql, fix] of [
      ['SELECT nope FROM silver_random_data', /DESCRIBE/],
      ['SELECT * FROM nothing_here', /SHOW TABLES/],
      ["SELECT * FROM silver_random_data WHERE day = '2026-01-31'", /date '2026-01-31'/],
      ['SELECT * FROM _catalog_transactionaldb_public_random_data', /bronze/],
      ['SHOW FUNCTIONS', /statements that the sandbox runs/],
      ['SELEC 1', /Correct the SQL/],
      ['SELECT 1; SELECT 2', /Correct the SQL/],
    ] as const) {
      const outcome = await lake('query', sql, '--json');
      const { error } = documentOf<ErrorDocument>(outcome, 1);
      assert.equal(error.code, 'query.failed');
      assert.ok(error.why);
      assert.match(error.fix ?? '', fix);
      assert.doesNotMatch(error.fix ?? '', /Nothing that was done is lost/);
      assertNoStack(outcome);
    }
    assert.equal(documentOf<ErrorDocument>(await lake('query', ' ', '--json'), 2).error.code, 'query.empty');
  });

  it('verify: a gold table that was dropped is not done, and it is said why, for people and for CI', async () => {
    const { glue } = clientsFor(`http://127.0.0.1:${(await runningFile(state)).port}`);
    await glue.send(new DeleteTableCommand({ DatabaseName: 'lake_tutorial', Name: 'gold_random_data_cube' }));
    assert.deepEqual(await ticks(), [['done', []], ['done', []], ['waiting', ['aggregate.dropped']], ['waiting', ['visualize.waiting']]]);
    const file = join(state, 'grades.xml');
    const { code, stdout } = await lake('verify', '--step', 'refine', '--step', 'aggregate', '--junit', file);
    assert.equal(code, 0);
    assert.match(stdout, /^… aggregate: .*\n {4}aggregate\.dropped:\n {6}looked at: .*lake_tutorial\.gold_random_data_cube.*\n {6}found: .*not in the catalog.*\n {6}expected: .+\n {6}what to do: Run the workflow.*\n✓ refine: /);
    const report = await readFile(file, 'utf8');
    assert.match(report, /<testsuites name="[^"]+" tests="2" failures="0" errors="0" skipped="1"/);
    assert.match(report, /<testcase name="aggregate: [^"]+" classname="data-lake">\s*<skipped message="[^"]*gold_random_data_cube/);
  });

  it('run: shows each part, and a second one adds only what is new', async () => {
    await lake('sandbox', 'insert', '--rows', '10', '--spread-hours', '48');
    assert.deepEqual((await ticks())[0], ['waiting', ['ingest.behind']], 'of rows older than an hour none may be left in the source');
    const { stdout, code } = await lake('run');
    assert.equal(code, 0);
    assert.match(stdout, /JOB +SUCCEEDED/);
    assert.match(stdout, /Rows: bronze \d+, silver \d+, gold \d+\./);
    assert.deepEqual(await ticks(), results.map(() => ['done', []]));
    const after = documentOf<QueryDocument>(await lake('query', 'SELECT count(*), count(DISTINCT id) FROM bronze_random_data', '--json'), 0).rows[0];
    assert.ok(Number(after?.[0]) >= demo.run.rows.bronze + 10);
    assert.equal(after?.[0], after?.[1]);
  });

  it('run: while one is under way another is refused, and Ctrl+C stops the one', async () => {
    let second: Promise<Awaited<ReturnType<typeof lake>>> | undefined;
    const first = await cli(['run', '--state', state, '--json'], {
      env: anyCredentials,
      onStart: (child) => setTimeout(() => {
        second = lake('run', '--json');
        void second.then(() => child.kill('SIGINT'));
      }, 1_000),
    });
    const refused = documentOf<ErrorDocument>((await second)!, 1).error;
    assert.equal(refused.code, 'run.busy');
    assert.match(refused.why ?? '', /Concurrent runs exceeded/);
    assert.equal(first.code, 130);
    const { glue } = clientsFor(`http://127.0.0.1:${(await runningFile(state)).port}`);
    const latest = async (): Promise<string | undefined> => (await glue.send(new GetWorkflowRunsCommand({ Name: 'lake-tutorial', MaxResults: 1 }))).Runs?.[0]?.Status;
    while ((await latest()) === 'STOPPING') {
      await delay(100);
    }
    assert.equal(await latest(), 'STOPPED');
    assert.equal((await lake('run')).code, 0);
  });

  it('query: Ctrl+C cancels it in Athena', async () => {
    const endless = 'WITH s AS (SELECT n FROM UNNEST(sequence(1, 3000)) AS u(n)) SELECT count(*) FROM s a, s b, s c, s d WHERE (a.n + b.n + c.n + d.n) % 7 = 3';
    const { athena } = clientsFor(`http://127.0.0.1:${(await runningFile(state)).port}`);
    const latest = async () => {
      const { QueryExecutionIds: [QueryExecutionId] = [] } = await athena.send(new ListQueryExecutionsCommand({ WorkGroup: 'lake-tutorial', MaxResults: 1 }));
      return (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution;
    };
    const { code } = await cli(['query', endless, '--state', state], {
      env: anyCredentials,
      onStart: (child) => void (async () => {
        while (!((await latest())?.Query === endless && (await latest())?.Status?.State === 'RUNNING')) {
          await delay(50);
        }
        child.kill('SIGINT');
      })(),
    });
    assert.equal(code, 130);
    assert.equal((await latest())?.Status?.State, 'CANCELLED');
  });

  it('demo for people: each part is told when it is done', async () => {
    const file = join(state, 'told');
    const told = await open(file, 'w');
    // One file for both, as a terminal is one.
    const child = spawn(process.execPath, [resolve('dist/cli.js'), 'demo', '--state', state], { env: { ...process.env, ...anyCredentials }, stdio: ['ignore', told.fd, told.fd] });
    const [code] = await once(child, 'exit');
    await told.close();
    const text = await readFile(file, 'utf8');
    assert.equal(code, 0, text);
    const parts = [/^Provisioning…$/m, /^Nothing to do: everything/m, /^Inserting 1000 rows…$/m, /^1000 rows inserted/m, /^Running the workflow…$/m, /^Rows: bronze/m, /^SELECT /m, /^✓ account/m, /^provisioned /m].map((part) => text.search(part));
    assert.ok(!parts.includes(-1), `${parts.join()}\n${text}`);
    assert.deepEqual(parts, [...parts].sort((a, b) => a - b), text);
  });

  it('run: what failed, why, and where its log is', async () => {
    const { port } = await runningFile(state);
    // The script is gone from where the job has it.
    await clientsFor(`http://127.0.0.1:${port}`).s3.send(new DeleteObjectCommand({ Bucket: 'lake-tutorial-000000000000-us-east-2', Key: 'scripts/refine.py' }));
    const file = join(state, 'run.svg');
    const outcome = await lake('run', '--json', '--svg', file);
    const { status, nodes } = documentOf<RunDocument>(outcome, 1);
    assert.equal(status, 'COMPLETED');
    const drawn = [...(await readFile(file, 'utf8')).matchAll(/data-name="([^"]+)" data-state="([^"]+)"/g)].map(([, name, each]) => `${name} ${each}`);
    assert.deepEqual(drawn, nodes.map((node) => `${node.name} ${node.state}`));
    assert.equal(nodes.find(({ name }) => name.endsWith('refine'))?.state, 'FAILED');
    assert.ok(nodes.find(({ name }) => name.endsWith('refine'))?.error);
    assert.equal(nodes.find(({ name }) => name.endsWith('aggregate'))?.state, 'WAITING');
    // Without the endpoint it would be AWS itself that is asked.
    assert.match(outcome.stderr, new RegExp(`aws logs get-log-events .*--endpoint-url http://127.0.0.1:${port} .*--log-group-name /aws-glue/jobs/error`));
  });
});
