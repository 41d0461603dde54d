import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { StateFiles } from './files.ts';
import type { Keys } from './access-keys.ts';
import type { Network } from '../services/ec2/network.ts';
import type { Postgres } from '../services/ec2/postgres.ts';
import type { Rights } from '../services/lakeformation/authorization.ts';
import type { Route } from './router.ts';
import type { World } from './control-plane-client.ts';

/** What every part of the sandbox is given. */
export interface Host {
  readonly world: World;
  readonly engine: Engine;
  /** The time that schedules go by. */
  readonly clock: Clock;
  readonly keys: Keys;
  readonly rights: Rights;
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

/**
 * Something of AWS that the sandbox does for real, in front of moto.
 *
 * `start` brings back what a stop or a kill interrupted; it is over before AWS is answered. `stop` ends its processes.
 */
export interface Part {
  readonly routes?: readonly Route[];
  /** Commands of the private endpoint: `POST /_lake/NAME`, JSON in and out. */
  readonly commands?: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Promise<unknown>>>;
  /** What it adds to the sandbox's status. */
  status?(): object;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}
