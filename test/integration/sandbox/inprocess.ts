import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlane } from '../../../src/sandbox/gateway/control-plane.ts';
import { Guard } from '../../../src/sandbox/gateway/guard.ts';
import { createGatewayServer } from '../../../src/sandbox/gateway/server.ts';
import { AccessKeys, type RoleSession } from '../../../src/sandbox/kernel/access-keys.ts';
import { Authorization } from '../../../src/sandbox/services/lakeformation/authorization.ts';
import { Router } from '../../../src/sandbox/kernel/router.ts';
import { ControlPlaneClient } from '../../../src/sandbox/kernel/control-plane-client.ts';
import { clientConfig, sharedPython } from './support.ts';

/** The control plane behind a gateway in this process: what a test gives out keys for is judged as in the sandbox. */
export interface InProcess {
  readonly endpoint: string;
  readonly python: string;
  readonly accessKeys: AccessKeys;
  readonly authorization: Authorization;
  readonly controlPlane: ControlPlaneClient;
  /** What a client needs to call as what holds a key. */
  as(session: Partial<RoleSession>): ReturnType<typeof clientConfig>;
  stop(): Promise<void>;
}

export async function inProcess(): Promise<InProcess> {
  const python = await sharedPython();
  const folder = await mkdtemp(join(tmpdir(), 'lake-rights-'));
  const plane = await ControlPlane.start({ python, journal: join(folder, 'journal'), onExit: () => undefined });
  const accessKeys = new AccessKeys();
  const controlPlane = new ControlPlaneClient(() => plane.port);
  const authorization = new Authorization(controlPlane);
  const guard = new Guard(controlPlane, accessKeys, authorization);
  const server = createGatewayServer({
    router: new Router(),
    upstream: () => plane.port,
    token: 'none',
    status: () => ({}),
    shutdown: () => undefined,
    guard: (call) => guard.judge(call),
    log: () => undefined,
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint, python, accessKeys, authorization, controlPlane,
    as: (session) => ({ ...clientConfig(endpoint), credentials: accessKeys.issue({ role: 'arn:aws:iam::000000000000:role/nobody', name: 'GlueJobRunnerSession', service: 'glue', region: 'us-east-2', id: 'test', ...session }) }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await plane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
