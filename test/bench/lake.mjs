// How long `up` takes over a network, beside the same lake made call by call.
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { service, summary, timed } from './figures.mjs';
import { changes, script } from './recorded.mjs';

const here = import.meta.dirname;
const hold = 50;
const env = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_EC2_METADATA_DISABLED: 'true' };

/** moto as it comes, in a process of its own. */
async function startMoto(python) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    for (const until = Date.now() + 60_000; Date.now() < until; await delay(100)) {
      if (await fetch(`${url}/moto-api/`).then(() => true, () => false)) return url;
    }
    throw new Error('moto does not answer');
  };
  return service(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { env: { MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' }, ready });
}

/** A network before an endpoint, in a process of its own. */
export const startRelay = (upstream, holdMs = hold) =>
  service(process.execPath, [join(here, 'relay.mjs'), upstream, String(holdMs)], {
    ready: async (child) => JSON.parse((await once(createInterface({ input: child.stdout }), 'line'))[0]).url,
  });

/**
 * Each round makes the lake from nothing call by call, makes it from nothing with `up`, and runs `up` again with nothing to do.
 *
 * @param {{ cli: string, python: string, scratch: string, rounds: number, log: (line: string) => void }} options
 */
export async function measureLake({ cli, python, scratch, rounds, log }) {
  const moto = await startMoto(python);
  const relay = await startRelay(moto.value).catch((error) => {
    moto.stop();
    throw error;
  });
  const file = join(scratch, 'calls.json');
  try {
    const up = async () => {
      const { stdout, ms } = await timed([cli, 'up', '--endpoint', relay.value, '--yes', '--json'], env);
      return { ms, result: JSON.parse(stdout) };
    };
    // Empty, and every service loaded, as after a first use: moto loads its services, its managed policies and its default VPC when first asked.
    const empty = async () => {
      await fetch(`${moto.value}/moto-api/reset`, { method: 'POST' });
      await timed([cli, 'plan', '--endpoint', moto.value, '--json'], env);
    };

    await empty();
    await fetch(`${relay.value}/_relay/record`, { method: 'POST' });
    await up();
    const recording = await (await fetch(`${relay.value}/_relay/recorded`)).json();
    const calls = script(recording);
    await writeFile(file, JSON.stringify(calls), { mode: 0o600 });

    const sequential = [];
    const first = [];
    const again = [];
    for (let round = 1; round <= rounds; round++) {
      await empty();
      sequential.push((await timed([join(here, 'replay.mjs'), relay.value, file])).ms);
      sameLake(await up());
      await empty();
      first.push(await up());
      again.push(await up());
      log(`lake ${round}/${rounds}: call by call ${sequential.at(-1).toFixed(0)} ms, up ${first.at(-1).ms.toFixed(0)} ms, up again ${again.at(-1).ms.toFixed(0)} ms`);
    }
    const changed = again.flatMap(({ result }) => result.resources).filter(({ state }) => !['unchanged', 'unknown'].includes(state));
    if (changed.length > 0) throw new Error(`up again changed ${changed.map(({ resource }) => resource).join(', ')}`);
    const of = (runs) => ({ ms: summary(runs.map(({ ms }) => ms)), calls: runs[0].result.calls, retries: summary(runs.map(({ result }) => result.retries)).max });
    const ratio = (runs) => summary(runs.map(({ ms }, index) => ms / sequential[index]), 3);
    return {
      holdMs: hold,
      resources: first[0].result.resources.length,
      depth: first[0].result.depth,
      sequential: { ms: summary(sequential), calls: calls.length, changing: calls.filter(changes).length },
      up: { ...of(first), ratio: ratio(first) },
      upAgain: { ...of(again), ratio: ratio(again) },
    };
  } finally {
    relay.stop();
    moto.stop();
    await rm(file, { force: true });
  }
}

/** What was made call by call is the lake: `up` finds nothing to do on it. */
function sameLake({ result }) {
  const missing = result.resources.filter(({ state }) => !['unchanged', 'unknown'].includes(state));
  if (missing.length > 0) throw new Error(`the lake made call by call lacks ${missing.map(({ resource, reason }) => `${resource} (${reason})`).join(', ')}`);
}
