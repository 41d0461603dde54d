// What rows cost on their way from PostgreSQL to gold in the sandbox: time and memory by their number, the second run, the start with them.
import { spawn } from 'node:child_process';
import { GetConnectionsCommand, GlueClient } from '@aws-sdk/client-glue';
import { timed } from './figures.mjs';
import { watchProcesses } from './processes.mjs';

const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_EC2_METADATA_DISABLED: 'true' };

// Past the inserter, which takes a while for ten million; dated so that none is in the future.
const INSERT = `
import json, re, sys
from pg8000 import dbapi
asked = json.load(sys.stdin)
connection = dbapi.connect(host=asked["host"], port=asked["port"], database=asked["database"], user=asked["user"], password=asked["password"])
cursor = connection.cursor()
cursor.execute(f"""INSERT INTO random_data (valor, fecha) SELECT chr(65 + n % 5) || '-' || md5(n::text), timestamp '2020-01-01' + n * interval '20 seconds'
    FROM generate_series(1, {asked['rows']}) AS n""")
connection.commit()
`;

/** A lake in a sandbox of its own, made and ready. */
class Lake {
  constructor({ cli, python, state }) {
    Object.assign(this, { cli, python, state });
  }

  async command(action, ...flags) {
    const { stdout, ms } = await timed([this.cli, ...action.split(' '), '--state', this.state, '--json', '--yes', ...flags], credentials);
    return { ...JSON.parse(stdout), ms };
  }

  async start() {
    this.running = await this.command('sandbox start');
    this.glue = new GlueClient({ endpoint: this.running.endpoint, region: this.running.region, credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
    return this.running.ms;
  }

  async insert(rows) {
    const { ConnectionProperties: { USERNAME, PASSWORD, JDBC_CONNECTION_URL } } = (await this.glue.send(new GetConnectionsCommand({}))).ConnectionList[0];
    const { host, port } = (await this.command('sandbox status')).postgres;
    const asked = { host, port, user: USERNAME, password: PASSWORD, database: JDBC_CONNECTION_URL.split('/').at(-1).split('?')[0], rows };
    await new Promise((resolve, reject) => {
      const child = spawn(this.python, ['-c', INSERT], { stdio: ['pipe', 'ignore', 'inherit'] });
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`inserting ${rows} rows failed`))));
      child.stdin.end(JSON.stringify(asked));
    });
  }

  /** Runs the workflow as a learner does. Its jobs' times are from the request to start each to its end. */
  async run() {
    const watched = await watchProcesses(this.running.pid);
    const { ms: _, nodes, rows } = await this.command('run').finally(() => (this.used = watched.stop()));
    const jobs = nodes.filter(({ type, state }) => type === 'JOB' && state === 'SUCCEEDED');
    if (jobs.length !== 3) throw new Error(`${jobs.length} jobs succeeded`);
    return {
      ms: jobs.reduce((sum, { ms }) => sum + ms, 0),
      workflowMs: nodes.reduce((sum, { ms }) => sum + ms, 0),
      ...(await this.used),
      jobs: Object.fromEntries(jobs.map(({ name, ms }) => [name, ms])),
      silver: rows.silver,
    };
  }
}

/**
 * Each number of rows goes into a lake of its own, made for it; then 1,000 more into the lake of a million, which is stopped and started.
 *
 * @param {{ cli: string, python: string, newState: () => Promise<{ state: string, remove: () => Promise<void> }>, sizes: number[], log: (line: string) => void }} options
 */
export async function measureRows({ cli, python, newState, sizes, log }) {
  const by = [];
  let second;
  let startWithThemMs;
  for (const rows of sizes) {
    const { state, remove } = await newState();
    try {
      const lake = new Lake({ cli, python, state });
      await lake.start();
      await lake.command('up');
      await lake.insert(rows);
      const result = { rows, ...(await lake.run()) };
      // The schedule may have added one or two.
      if (!(result.silver >= rows)) throw new Error(`${result.silver} rows of ${rows} in silver`);
      by.push(result);
      log(`rows ${JSON.stringify(result)}`);
      if (rows === Math.max(...sizes.filter((size) => size <= 1_000_000))) {
        await lake.insert(1000);
        second = { rows: 1000, on: rows, ...(await lake.run()) };
        log(`second run ${JSON.stringify(second)}`);
      }
      if (rows === Math.max(...sizes)) {
        await lake.command('sandbox stop');
        startWithThemMs = Math.round(await lake.start());
        log(`start with ${rows} rows: ${startWithThemMs} ms`);
      }
    } finally {
      await remove();
    }
  }
  return { by, second, startWithThemMs };
}
