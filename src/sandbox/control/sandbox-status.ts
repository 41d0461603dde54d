import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import type { GatewayStatus, RemoteDoor } from '../gateway/gateway.ts';
import type { Access } from '../gateway/peers.ts';
import { filesOf } from './state-access.ts';
import { probe, readRunning } from './gateway-process.ts';

/** The sandbox's account; any credentials are accepted. */
export const SANDBOX_ACCOUNT = '000000000000';

/** Where the tutorial's text is at home. The sandbox answers in every region. */
export const SANDBOX_REGION = 'us-east-2';

export interface SandboxOptions {
  /** The folder of all that the sandbox keeps; `defaultStateFolder()` without it. */
  state?: string;
  /** Asks for this port and no other. Without it: the port of last time, else a free one. */
  port?: number;
  /** An IP address beyond loopback to listen at too, for requests signed with the key that the start returns. */
  listen?: string;
  /** AWS's control plane alone: no engine, no PostgreSQL. */
  controlPlaneOnly?: boolean;
  /** A Spark Connect server to run the jobs on instead of the sandbox's own engine: `sc://host:port`. */
  sparkRemote?: string;
  /** The Python to make the environment with; see `EnvironmentOptions.python`. */
  python?: string;
  signal?: AbortSignal;
  onProgress?: (message: string, fraction?: number) => void;
}

export interface SandboxStatus {
  /** `http://127.0.0.1:PORT`, or nothing when it is stopped. */
  endpoint: string | null;
  region: string;
  accountId: string;
  postgres: null | { host: string; port: number };
  state: 'running' | 'stopped' | 'starting';
  stateFolder: string;
  pid?: number;
  controlPlaneOnly?: boolean;
  /** Who gets in with any credentials: its user alone, or every user of the machine where the system does not tell whose a connection is. */
  access?: Access;
  /** The door beyond this machine, if there is one; the secret is a start's to tell. */
  listen?: RemoteDoor & { readonly secretAccessKey?: string };
  /** HOST:PORT of the Spark Connect server that jobs run on, if it is not the sandbox's own engine. */
  sparkRemote?: string;
  /** Why the calls of a running sandbox fail, if they do. */
  failure?: string;
  /** What the start could not bring back, and where it is kept. */
  damaged?: string;
  /** Why the database of an instance that runs does not, and what to do about it. */
  postgresProblem?: string;
}

/** What runs on a state folder: one small file and one local question. Never throws for a sandbox that is not there. */
export async function sandboxStatus(options: Pick<SandboxOptions, 'state'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  const base = { region: SANDBOX_REGION, accountId: SANDBOX_ACCOUNT, postgres: null, stateFolder: files.folder };
  const running = await readRunning(files);
  const status = running && (await probe(running));
  if (!status) {
    return { ...base, endpoint: null, state: 'stopped' };
  }
  return {
    ...base,
    endpoint: `http://127.0.0.1:${status.port}`,
    state: status.state,
    pid: status.pid,
    controlPlaneOnly: status.controlPlaneOnly,
    access: status.access,
    ...(status.listen ? { listen: status.listen } : {}),
    postgres: status.postgres ?? null,
    ...(status.sparkRemote ? { sparkRemote: status.sparkRemote } : {}),
    ...(status.failure ? { failure: status.failure } : {}),
    ...(status.damaged ? { damaged: l10n.t('{0} line(s) of the sandbox\'s journal could not be read: what they did is missing, everything else is there. They are kept in {1}; the log says which they are.', status.damaged.lines, status.damaged.file) } : {}),
    ...(status.postgresProblem ? { postgresProblem: explain(status.postgresProblem) } : {}),
  };
}

function explain({ code, message }: NonNullable<GatewayStatus['postgresProblem']>): string {
  const hints: Readonly<Record<typeof code, string>> = {
    'disk-full': l10n.t('The disk is full: free some space. It is tried again when the instance is started, or when somebody needs the database.'),
    'no-user': l10n.t('PostgreSQL does not run as root, and this machine has no user to run it as: start the sandbox as an ordinary user.'),
    folder: l10n.t('Its folder must be writable. As root, PostgreSQL has its data in /var/lib/lake-tutorial: start the sandbox as an ordinary user, or name another folder in LAKE_TUTORIAL_POSTGRES that every user may enter.'),
    incomplete: l10n.t('The Python environment of the sandbox is not complete: delete it, and it is made again.'),
    failed: l10n.t('It is tried again when the instance is started, or when somebody needs the database.'),
  };
  return `${l10n.t('PostgreSQL does not run: {0}', message)} ${hints[code]}`;
}

/** What there is to say where the sandbox is needed and does not run. */
export const sandboxStopped = (): UserError =>
  new UserError('sandbox.stopped', l10n.t('The sandbox is not running.'), { next: l10n.t('Start it: "Lake Tutorial: Start Sandbox", or: lake-tutorial sandbox start'), exit: ExitCode.aws });
