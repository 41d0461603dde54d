/**
 * The sandbox's process: the server that takes AWS's calls and, behind it, the control plane. Started by control/sandbox.ts; it outlives whoever
 * started it and ends on request, or by a signal.
 *
 * Arguments: `--state FOLDER --python FILE --port N` (0: any free port); `--listen ADDRESS` for a door beyond this machine; `--control-plane-only` without engine and
 * PostgreSQL; `LAKE_TUTORIAL_SPARK_REMOTE` in its environment names another Spark Connect server to run jobs on. Its progress goes to the starter as IPC messages of type `GatewayMessage`.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../errors.ts';
import { Clock } from '../kernel/clock.ts';
import { ControlPlane } from './control-plane.ts';
import { Engine } from '../kernel/engine.ts';
import { stateFiles } from '../kernel/files.ts';
import { createGatewayServer, type GatewayServerOptions } from './server.ts';
import { AccessKeys } from '../kernel/access-keys.ts';
import { Network } from '../services/ec2/network.ts';
import type { Service } from '../kernel/service.ts';
import { makeServices } from './services.ts';
import { Peers, type Access } from './peers.ts';
import { Postgres } from '../services/ec2/postgres.ts';
import type { PostgresError } from '../services/ec2/postgres-error.ts';
import { SPARK_REMOTE, sparkRemoteAddress } from '../kernel/spark-remote.ts';
import { Authorization } from '../services/lakeformation/authorization.ts';
import { Router } from '../kernel/router.ts';
import type { RemoteKey } from './signatures.ts';
import { ControlPlaneClient } from '../kernel/control-plane-client.ts';
import { Guard } from './guard.ts';

/** What the gateway tells its starter. */
export type GatewayMessage = { type: 'ready'; port: number } | { type: 'failed'; code: string; message: string };

/** A door beyond this machine, for requests that are signed with its key. */
export interface RemoteDoor {
  readonly address: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
}

/** `remote.json`: kept, so that who was given the key can use it after the next start too. */
export interface RemoteFile extends RemoteKey {
  readonly port: number;
}

/** What runs, as `running.json` has it. */
export interface RunningFile {
  pid: number;
  port: number;
  token: string;
}

/** The answer of `/_lake/status`. */
export interface GatewayStatus {
  pid: number;
  port: number;
  state: 'starting' | 'running';
  controlPlaneOnly: boolean;
  access: Access;
  /** Where it listens beyond this machine, if it does. */
  listen: RemoteDoor | null;
  /** HOST:PORT of the Spark Connect server that jobs run on, if it is not the sandbox's own. */
  sparkRemote: string | null;
  /** Why AWS calls fail, if they do. */
  failure: string | null;
  /** The first of the PostgreSQL servers that run. */
  postgres?: { host: string; port: number } | null;
  /** How many changes of before the start could not read in the journal, and where they are kept. */
  damaged?: { lines: number; file: string };
  /** Why one that should run does not. */
  postgresProblem?: { code: PostgresError['code']; message: string };
}

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

/** The control plane is started again so often within so long. */
const MOST_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;
const LONGEST_RESTART_MS = 15_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      state: { type: 'string' },
      python: { type: 'string' },
      port: { type: 'string', default: '0' },
      listen: { type: 'string' },
      'control-plane-only': { type: 'boolean', default: false },
    },
  });
  if (!values.state || !values.python) {
    throw new Error('--state and --python are required');
  }
  const sparkRemote = process.env[SPARK_REMOTE];
  // Not for what is started from here.
  delete process.env[SPARK_REMOTE];
  const files = stateFiles(values.state);
  const token = randomBytes(24).toString('base64url');

  let plane: ControlPlane | undefined;
  let failure: string | null = null;
  const restarts: number[] = [];
  let restarting: Promise<void> | undefined;
  let stopping = false;
  let port = 0;
  let ready = false;
  let services: readonly Service[] = [];
  let engine: Engine | undefined;
  let guard: Guard | undefined;
  let access: Access = 'user';
  const peers = new Peers({ python: values.python, log });
  const accessKeys = new AccessKeys();
  const clock = new Clock(log);
  const postgres = new Postgres({ files, python: values.python, log });

  const stop = async (): Promise<void> => {
    if (stopping) {
      return;
    }
    stopping = true;
    log('stopping');
    remoteServer?.close();
    clock.stop();
    for (const service of services.toReversed()) {
      await service.stop?.().catch((error: unknown) => log(`stopping: ${messageOf(error)}`));
    }
    // What was running has written its last lines through it.
    server.close();
    await Promise.all([engine?.stop(), postgres.stop()]);
    await plane?.stop();
    peers.stop();
    await rm(files.running, { force: true });
    server.closeAllConnections();
    remoteServer?.closeAllConnections();
    process.exit(0);
  };

  const router = new Router();
  let listen: RemoteDoor | null = null;
  let remoteServer: Server | undefined;
  const serverOptions: GatewayServerOptions = {
    router,
    upstream: async () => {
      // A call that comes while the control plane starts again waits for it: that takes a second or two.
      if (restarting) {
        await Promise.race([restarting, delay(LONGEST_RESTART_MS, undefined, { ref: false })]);
      }
      return plane && ready && !failure ? plane.port : { unavailable: failure ?? 'The sandbox is starting.' };
    },
    token,
    status: (): GatewayStatus => ({
      pid: process.pid,
      port,
      state: ready ? 'running' : 'starting',
      controlPlaneOnly: values['control-plane-only'],
      listen,
      access: engine?.guarded === false ? 'machine' : access,
      sparkRemote: sparkRemote ? sparkRemoteAddress(sparkRemote) : null,
      failure,
      ...(plane?.damaged ? { damaged: { lines: plane.damaged, file: join(files.journal, 'journal.damaged') } } : {}),
      ...Object.assign({}, ...services.map((service) => service.status?.())),
    }),
    guard: async (call) => guard?.judge(call),
    command: (name) => services.map((service) => service.commands?.[name]).find((command) => command),
    shutdown: () => void stop(),
    log,
  };
  // It starts while all else does.
  const told = peers.access();
  told.catch(() => undefined);
  const server = createGatewayServer({ ...serverOptions, admit: (socket) => peers.isOwn(socket) });
  port = await listenAt(server, '127.0.0.1', Number(values.port));
  if (values.listen !== undefined) {
    const kept = await readRemote(files.remote);
    remoteServer = createGatewayServer({ ...serverOptions, remoteKey: kept });
    const remotePort = await listenAt(remoteServer, values.listen, kept.port)
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' && kept.port !== 0) {
          return listenAt(remoteServer!, values.listen!, 0);
        }
        throw error;
      })
      .catch((error: unknown) => {
        throw Object.assign(new Error(messageOf(error)), { code: 'listen' });
      });
    await writeFile(files.remote, JSON.stringify({ ...kept, port: remotePort } satisfies RemoteFile), { mode: 0o600 });
    listen = { address: values.listen, endpoint: `http://${isIPv6(values.listen) ? `[${values.listen}]` : values.listen}:${remotePort}`, accessKeyId: kept.accessKeyId };
    log(`listening at ${listen.endpoint} for what is signed`);
  }
  await writeFile(files.running, JSON.stringify({ pid: process.pid, port, token } satisfies RunningFile), { mode: 0o600 });
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());

  /** The control plane; one that dies is started again from its journal. One that dies again and again stays down, and the status says so. */
  const startPlane = (): Promise<ControlPlane> =>
    ControlPlane.start({
      python: values.python ?? '',
      journal: files.journal,
      onExit: (why) => {
        if (stopping) {
          return;
        }
        log(why);
        const now = Date.now();
        restarts.push(now);
        const broken = (reason: string): void => {
          failure = `The sandbox is broken: ${reason}. Its log is ${files.log}. Stop the sandbox and start it again.`;
          log(failure);
        };
        if (restarts.filter((each) => now - each < RESTART_WINDOW_MS).length > MOST_RESTARTS) {
          broken(why);
          return;
        }
        failure = `The sandbox is starting again: ${why}. Try again in some seconds.`;
        restarting = startPlane().then(
          (started) => {
            plane = started;
            failure = null;
            restarting = undefined;
            log(`the control plane is back on port ${started.port}`);
          },
          (error: unknown) => {
            restarting = undefined;
            broken(messageOf(error));
          },
        );
      },
    });

  try {
    const resumed = values['control-plane-only'] ? Promise.resolve() : postgres.resume();
    plane = await startPlane();
    const controlPlane = new ControlPlaneClient(() => plane?.port ?? 0);
    const authorization = new Authorization(controlPlane);
    guard = new Guard(controlPlane, accessKeys, authorization, (call, input) => Object.assign({}, ...services.map((service) => service.hints?.(call, input))) as Record<string, string>);
    if (!values['control-plane-only']) {
      const endpoint = `http://127.0.0.1:${port}`;
      engine = new Engine({ modules: ['sandbox.services.athena.query'], python: values.python, endpoint, region: 'us-east-2', sparkRemote, log });
      const network = new Network(controlPlane, postgres, log);
      const context = { controlPlane, engine, clock, accessKeys, authorization, network, postgres, files, python: values.python, endpoint, log };
      services = makeServices(context, resumed);
      router.add(services.flatMap((service) => service.routes ?? []));
      for (const service of services) {
        await service.start?.();
      }
      // In the background: the first job or query waits for it, the start does not.
      engine.start().catch((error: unknown) => log(`the engine did not start: ${messageOf(error)}`));
    }
    access = await told;
    ready = true;
  } catch (error) {
    await rm(files.running, { force: true });
    for (const service of services.toReversed()) {
      await service.stop?.().catch(() => undefined);
    }
    await postgres.stop();
    peers.stop();
    throw error;
  }
  log(`ready on 127.0.0.1:${port}`);
  tell({ type: 'ready', port });
}

async function listenAt(server: Server, address: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function readRemote(file: string): Promise<RemoteFile> {
  const kept = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Partial<RemoteFile>).catch((): Partial<RemoteFile> => ({}));
  return kept.accessKeyId && kept.secretAccessKey
    ? { accessKeyId: kept.accessKeyId, secretAccessKey: kept.secretAccessKey, port: kept.port ?? 0 }
    : { accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: randomBytes(30).toString('base64url'), port: 0 };
}

function tell(message: GatewayMessage): void {
  // The starter may be gone already.
  process.send?.(message, () => {
    if (process.connected) {
      process.disconnect();
    }
  });
}

// A log that cannot be written (a full disk) is no reason to end.
process.stderr.on('error', () => undefined);

// A starter that is killed closes the channel; the sandbox goes on.
process.on('disconnect', () => undefined);

main().catch((error: unknown) => {
  log(`failed to start: ${messageOf(error)}`);
  tell({ type: 'failed', code: (error as NodeJS.ErrnoException).code ?? 'failed', message: messageOf(error) });
  setTimeout(() => process.exit(1), 50);
});
