import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedPython } from '../sandbox/support.ts';

/** moto's one account. */
export const motoAccount = '123456789012';

export interface Moto {
  readonly endpoint: string;
  /** An account with nothing in it but what AWS puts there. */
  reset(): Promise<void>;
}

// It ends when its stdin does, so with the tests, however they end. What makes moto faster changes none of its answers.
const server = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
import sandbox.store.moto_caches, sandbox.store.moto_start
from moto.server import main
main(["-H", "127.0.0.1", "-p", "0"])
`;

let running: Promise<Moto> | undefined;

/** The one bare moto of this test run, with AWS's managed policies, emptied: it loads a service at its first call, which takes seconds. */
export async function bareMoto(): Promise<Moto> {
  running ??= startMoto();
  const moto = await running;
  await moto.reset();
  return moto;
}

async function startMoto(): Promise<Moto> {
  const python = await sharedPython();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|PYTHON)_?/.test(name)));
  const child = spawn(python, ['-u', '-c', server], { env: { ...env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true', PYTHONPATH: resolve('src') }, stdio: ['pipe', 'ignore', 'pipe'] });
  const endpoint = await new Promise<string>((done, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto ended (${code}): ${said}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      said = address ? '' : `${said}${line}\n`.slice(-4000);
      if (address) {
        done(address);
      }
    });
  });
  // The test run need not wait for it.
  child.unref();
  for (const stream of [child.stdin, child.stderr] as unknown as Socket[]) {
    stream.unref();
  }
  return {
    endpoint,
    async reset() {
      assert.equal((await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })).status, 200);
    },
  };
}
