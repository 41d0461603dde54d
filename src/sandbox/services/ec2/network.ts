import { ControlPlaneError, type ControlPlaneClient } from '../../kernel/control-plane-client.ts';

/** From where something dials: what AWS's network judges it by. */
export interface Origin {
  readonly region: string;
  /** The subnet it has an interface in; without one it dials from the internet. */
  readonly subnetId?: string | undefined;
  readonly securityGroupIds: readonly string[];
  /** For the log: `function inserter`. */
  readonly description: string;
}

/** Where to dial in place of an address of the modelled network, always on this machine. */
export type Reachability =
  | { readonly open: true; readonly host: string; readonly port: number; readonly asked: string }
  /** `host` and `port` never answer; `problem` is AWS's message for it. */
  | { readonly open: false; readonly host: string; readonly port: number; readonly asked: string; readonly problem: string };

/** A Glue connection as GetConnection shows it. */
export interface GlueConnection {
  readonly Name: string;
  readonly ConnectionType?: string;
  readonly ConnectionProperties?: Readonly<Record<string, string>>;
  readonly PhysicalConnectionRequirements?: { readonly SubnetId?: string; readonly SecurityGroupIdList?: readonly string[]; readonly AvailabilityZone?: string };
}

/** Where a connection leads and who it logs in as. */
export type ConnectionReachability = Reachability & {
  readonly connection: GlueConnection;
  readonly database: string;
  readonly user: string;
  readonly password: string;
};

/** What runs on the instances of the modelled network. */
export interface Servers {
  /**
   * The port of this machine on which an instance's PostgreSQL answers; it is started if it does not run.
   *
   * @throws Error why it does not; nothing is there when the instance has none.
   */
  portOf(instance: string): Promise<number | undefined>;
}

/** The one port that an instance's PostgreSQL listens on. */
const POSTGRES_PORT = 5432;
const LOOPBACK = '127.0.0.1';
/** Dialled ports that `disguise` remembers. */
const MOST_DISGUISES = 256;

/**
 * AWS's network as far as databases are concerned: a private address cannot be bound on this machine, so whoever dials
 * one in the sandbox asks here where to dial instead, and is judged by the modelled subnets, groups and instances.
 */
export class Network {
  readonly #disguises = new Map<number, string>();

  constructor(
    private readonly controlPlane: ControlPlaneClient,
    private readonly servers: Servers,
    private readonly log: (line: string) => void,
  ) {}

  /** Where something in the sandbox that dials `host:port` gets to. */
  async reach(from: Origin, host: string, port: number): Promise<Reachability> {
    const asked = `${host}:${port}`;
    const way = await this.controlPlane.inspect<{ instance?: string; problem?: string }>('reach_address', {
      region: from.region,
      subnet: from.subnetId ?? null,
      groups: from.securityGroupIds,
      host,
      port,
    });
    const found = await this.#dial(way, asked, port);
    if (!found.open) {
      this.log(`${from.description} does not reach ${asked}: ${found.problem}`);
    }
    return found;
  }

  /**
   * Where a Glue connection of a region leads.
   *
   * @throws WorldError `EntityNotFoundException` when there is no such connection.
   *
   * Source: botocore glue 1.44.5 GetConnection, 2026-11-28
   * Source: none found (tried: botocore, which has no words for it), 2026-11-28
   */
  async reachConnection(region: string, connection: string | GlueConnection): Promise<ConnectionReachability> {
    const named = typeof connection === 'string';
    const way = await this.controlPlane.inspect<ConnectionRoute>('reach_connection', named ? { region, name: connection } : { region, connection });
    if (way.missing) {
      throw new ControlPlaneError('EntityNotFoundException', `Connection ${named ? connection : ''} not found.`, 400);
    }
    const found = await this.#dial(way, `${way.host}:${way.port}`, way.port);
    return { ...found, connection: way.connection, database: way.database, user: way.user ?? '', password: way.password ?? '' };
  }

  /** Text for people: the addresses that were asked for in place of those that were dialled. */
  disguise(text: string): string {
    // As drivers write it: `127.0.0.1:PORT`, `"127.0.0.1", port PORT`, `host 127.0.0.1 and port PORT`, `('127.0.0.1', PORT)`.
    return text.replaceAll(/(?:127\.0\.0\.1|localhost)(\D{1,14})(\d{2,5})\b/g, (whole, between: string, port: string) => {
      const asked = this.#disguises.get(Number(port));
      const at = asked?.lastIndexOf(':') ?? 0;
      return asked ? `${asked.slice(0, at)}${between}${asked.slice(at + 1)}` : whole;
    });
  }

  async #dial(way: { instance?: string; problem?: string }, asked: string, port: number): Promise<Reachability> {
    const { target, problem } = await this.#target(way, asked, port);
    const dialled = target ?? (await this.controlPlane.inspect<number>('black_hole', { asked }));
    this.#disguises.delete(dialled);
    this.#disguises.set(dialled, asked);
    if (this.#disguises.size > MOST_DISGUISES) {
      this.#disguises.delete(this.#disguises.keys().next().value ?? 0);
    }
    return target === undefined ? { open: false, host: LOOPBACK, port: dialled, asked, problem } : { open: true, host: LOOPBACK, port: dialled, asked };
  }

  async #target(way: { instance?: string; problem?: string }, asked: string, port: number): Promise<{ target?: number; problem: string }> {
    if (way.instance === undefined) {
      return { problem: way.problem ?? '' };
    }
    const refused = `Connection to ${asked} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`;
    if (port !== POSTGRES_PORT) {
      return { problem: refused };
    }
    try {
      const target = await this.servers.portOf(way.instance);
      return target === undefined ? { problem: refused } : { target, problem: '' };
    } catch (error) {
      this.log(`PostgreSQL of ${way.instance}: ${String(error)}`);
      return { problem: refused };
    }
  }
}

interface ConnectionRoute {
  missing?: boolean;
  connection: GlueConnection;
  host: string;
  port: number;
  database: string;
  user?: string;
  password?: string;
  instance?: string;
  problem?: string;
}
