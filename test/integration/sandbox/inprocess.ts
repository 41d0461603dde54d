import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlane } from '../../../src/sandbox/gateway/control-plane.ts';
import { createFrontDoor } from '../../../src/sandbox/gateway/server.ts';
import { Keys, type Holder } from '../../../src/sandbox/kernel/access-keys.ts';
import { Rights } from '../../../src/sandbox/services/lakeformation/authorization.ts';
import { Router } from '../../../src/sandbox/kernel/router.ts';
import { World } from '../../../src/sandbox/kernel/control-plane-client.ts';
import { clientConfig, sharedPython } from './support.ts';

/** The control plane behind a front door in this process: what a test gives out keys for is judged as in the sandbox. */
export interface InProcess {
  readonly endpoint: string;
  readonly python: string;
  readonly keys: Keys;
  readonly rights: Rights;
  readonly world: World;
  /** What a client needs to call as what holds a key. */
  as(holder: Partial<Holder>): ReturnType<typeof clientConfig>;
  stop(): Promise<void>;
}

export async function inProcess(): Promise<InProcess> {
  const python = await sharedPython();
  const folder = await mkdtemp(join(tmpdir(), 'lake-rights-'));
  const plane = await ControlPlane.start({ python, journal: join(folder, 'journal'), onExit: () => undefined });
  const keys = new Keys();
  const world = new World(() => plane.port);
  const rights = new Rights(world);
  const server = createFrontDoor({
    router: new Router(),
    upstream: () => plane.port,
    token: 'none',
    status: () => ({}),
    shutdown: () => undefined,
    guard: async (call) => {
      const holder = keys.find(call.operation.accessKey);
      return holder && rights.authorize(call, holder);
    },
    log: () => undefined,
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint, python, keys, rights, world,
    as: (holder) => ({ ...clientConfig(endpoint), credentials: keys.issue({ role: 'arn:aws:iam::000000000000:role/nobody', service: 'glue', region: 'us-east-2', id: 'test', ...holder }) }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await plane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
