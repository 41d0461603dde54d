import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sharedPython } from '../sandbox/support.ts';

/** moto's one account. */
export const motoAccount = '123456789012';

export interface Moto {
  readonly endpoint: string;
  /** An account with nothing in it but what AWS puts there. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** A bare moto on a free port of 127.0.0.1, with AWS's managed policies; it ends with the tests. */
export async function startMoto(): Promise<Moto> {
  const python = await sharedPython();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|PYTHON)_?/.test(name)));
  const child = spawn(python, ['-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { ...env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const endpoint = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto ended (${code}): ${said}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      said += `${line}\n`;
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) {
        resolve(address);
        said = '';
      }
    });
  });
  return {
    endpoint,
    async reset() {
      assert.equal((await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })).status, 200);
    },
    async stop() {
      process.off('exit', kill);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      kill();
      await ended;
    },
  };
}
