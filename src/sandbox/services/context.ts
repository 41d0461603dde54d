import type { AccessKeys } from '../kernel/access-keys.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ControlPlaneClient } from '../kernel/control-plane-client.ts';
import type { Engine } from '../kernel/engine.ts';
import type { StateFiles } from '../kernel/files.ts';
import type { Network } from './ec2/network.ts';
import type { Postgres } from './ec2/postgres.ts';
import type { Authorization } from './lakeformation/authorization.ts';

/** What every service is given. */
export interface ServiceContext {
  readonly controlPlane: ControlPlaneClient;
  readonly engine: Engine;
  /** The time that schedules go by. */
  readonly clock: Clock;
  readonly accessKeys: AccessKeys;
  readonly authorization: Authorization;
  /** Where to dial the addresses of the modelled network. */
  readonly network: Network;
  /** The PostgreSQL servers of EC2's instances. */
  readonly postgres: Postgres;
  readonly files: StateFiles;
  /** The interpreter of the prepared environment. */
  readonly python: string;
  /** `http://127.0.0.1:PORT`, where the sandbox's AWS is. */
  readonly endpoint: string;
  log(line: string): void;
}

