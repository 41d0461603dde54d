// What rows cost on their way from PostgreSQL to gold through the sandbox: time and memory by their number, the second run, the start with them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { engineS3 } from '../../src/sandbox/engine.ts';
import { startPostgres } from '../integration/support/postgres.ts';
import { timed } from './figures.mjs';
import { watchMemory } from './memory.mjs';

const BUCKET = 'bench-lake';
const DATABASE = 'bench';
const REGION = 'us-east-2';

const SERVER = `
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
`;

const SQL = `
import os, sys
from pg8000 import dbapi
host, port = os.environ["LAKE_JDBC_URL"].split("//")[1].split("/")[0].split(":")
connection = dbapi.connect(host=host, port=int(port), database="postgres", user=os.environ["LAKE_JDBC_USER"], password=os.environ["LAKE_JDBC_PASSWORD"])
for statement in sys.stdin.read().split(";"):
    connection.cursor().execute(statement)
connection.commit()
`;

/** Ends with what it printed; rejects unless it ends with 0. */
function python(command, args, env, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')}: ${err.slice(-2000)}`))));
    child.stdin.end(input);
  });
}

/**
 * Each number of rows goes into an empty lake of its own; then 1,000 more rows into the lake of a million.
 *
 * @param {{ cli: string, jobs: string, python: string, state: string, sizes: number[], log: (line: string) => void }} options
 */
export async function measureRows({ cli, jobs, python: interpreter, state, sizes, log }) {
  const sandbox = async (action, ...flags) => {
    const { stdout, ms } = await timed([cli, 'sandbox', action, '--state', state, '--json', '--yes', ...flags]);
    return { ...JSON.parse(stdout), ms };
  };
  const postgres = await startPostgres(interpreter);
  let engine;
  try {
    let running = await sandbox('start', '--control-plane-only');
    const config = { endpoint: running.endpoint, region: REGION, credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };
    await new S3Client({ ...config, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }));
    await new GlueClient(config).send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }));
    const env = { ...engineS3(running.endpoint, REGION), LAKE_JDBC_URL: postgres.url, LAKE_JDBC_USER: postgres.user, LAKE_JDBC_PASSWORD: postgres.password };
    engine = spawn(interpreter, ['-u', '-c', SERVER], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    const port = (await once(createInterface({ input: engine.stdout }), 'line'))[0];

    const sql = (text) => python(interpreter, ['-c', SQL], env, text);
    const add = (table, rows) => sql(`INSERT INTO ${table} (valor, fecha) SELECT chr(65 + n % 5) || '-' || md5(n::text), timestamp '2020-01-01' + n * interval '20 seconds' FROM generate_series(1, ${rows}) AS n; ANALYZE ${table}`);
    const run = async (table) => {
      let job;
      const memory = watchMemory(() => [running.pid, postgres.pid, engine.pid, job]);
      const parts = {};
      const started = performance.now();
      for (const name of ['ingest', 'refine', 'aggregate']) {
        const from = performance.now();
        const child = spawn(interpreter, [join(jobs, `${name}.py`), '--JOB_NAME', name, '--bucket', BUCKET, '--source_table', `public.${table}`, '--bookmark-key', 'id', '--database', DATABASE, '--source_connection', 'bench'], {
          env: { ...process.env, ...env, SPARK_REMOTE: `sc://127.0.0.1:${port}` }, stdio: ['ignore', 'pipe', 'pipe'],
        });
        job = child.pid;
        let [out, err] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
        child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
        const [code] = await once(child, 'close');
        if (code !== 0) throw new Error(`${name}: ${err.slice(-2000)}`);
        parts[name] = { ...JSON.parse(out.trim().split('\n').at(-1)), ms: Math.round(performance.now() - from) };
      }
      return { ms: Math.round(performance.now() - started), peakMb: await memory.stop(), parts };
    };

    const by = [];
    for (const rows of sizes) {
      const table = `rows_${rows}`;
      await sql(`CREATE TABLE ${table} (id serial PRIMARY KEY, valor text, fecha timestamp)`);
      await add(table, rows);
      const { ms, peakMb, parts } = await run(table);
      if (parts.refine.rows !== rows) throw new Error(`${parts.refine.rows} rows of ${rows} in silver`);
      by.push({ rows, ms, peakMb, jobs: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.ms])) });
      log(`rows ${rows}: ${ms} ms, ${peakMb} MB ${JSON.stringify(by.at(-1).jobs)}`);
      if (process.env.LAKE_BENCH_DETAILS) log(JSON.stringify(parts));
    }
    const big = sizes.includes(1_000_000) ? 1_000_000 : sizes.at(-1);
    await add(`rows_${big}`, 1000);
    const second = await run(`rows_${big}`);
    if (second.parts.ingest.rows !== 1000) throw new Error(`${second.parts.ingest.rows} rows in the second run`);
    log(`1,000 more: ${second.ms} ms ${JSON.stringify(Object.fromEntries(Object.entries(second.parts).map(([name, part]) => [name, part.ms])))}`);
    await sandbox('stop');
    running = await sandbox('start', '--control-plane-only');
    log(`start with them: ${running.ms.toFixed(0)} ms`);
    return { by, second: { rows: 1000, on: big, ms: second.ms }, startWithThemMs: Math.round(running.ms) };
  } finally {
    engine?.kill();
    await sandbox('stop').catch(() => undefined);
    await postgres.stop();
  }
}
