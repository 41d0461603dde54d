import { messageOf } from '../../../errors.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import { PostgresError } from './postgres-error.ts';
import type { Server } from './postgres-server.ts';
import { PsqlRefusal, readPsql } from './psql.ts';
import type { Call, Route } from '../../kernel/router.ts';
import { runScript, type Invocation, type ScriptOptions, type ScriptResult } from './script-interpreter.ts';
import { ScriptError } from './script-reader.ts';

/** An instance of EC2, with what it was told to do at its first start. */
export interface Machine {
  readonly region: string;
  readonly id: string;
  readonly state: string;
  /** Whether its agent takes commands. */
  readonly agent: boolean;
  /** What it calls itself. */
  readonly names: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly script: string;
}

/** Scripts that install a PostgreSQL server: the packages of Amazon Linux, Red Hat, Debian and Ubuntu. */
const INSTALLS_POSTGRES = /\b(?:(?:dnf|yum)\b[^\n;&|]*\binstall\b[^\n;&|]*\bpostgresql[\w.+-]*-server\b|amazon-linux-extras\b[^\n;&|]*\bpostgresql\d+|apt(?:-get)?\b[^\n;&|]*\binstall\b[^\n;&|]*\bpostgresql(?:-\d+)?(?![\w.+-]))/;

export const installsPostgres = (script: string): boolean => INSTALLS_POSTGRES.test(script.replaceAll(/\\\r?\n/g, ' ').replaceAll(/^\s*#.*$/gm, ''));

/** cloud-init waits for ever; a script that nothing makes go on is begun again at the next change or start. */
const FIRST_BOOT_MS = 30 * 60_000;

const LONGEST_RESUME_MS = 3_000;

/**
 * What runs on EC2's instances: of what their user data install, PostgreSQL. Its servers follow the instances' states;
 * at an instance's first start, what its user data do with PostgreSQL is done. No user data are run by a shell.
 */
export class Instances implements Service {
  readonly routes: readonly Route[];
  readonly #stopped = new AbortController();
  readonly #booting = new Map<string, AbortController>();
  #reconciling: Promise<void> | undefined;
  #again = false;

  constructor(
    private readonly context: ServiceContext,
    /** Over when the servers of last time are started. */
    private readonly resumed: Promise<void>,
  ) {
    const after = ['RunInstances', 'StartInstances', 'StopInstances', 'TerminateInstances', 'ModifyInstanceAttribute'];
    this.routes = [
      // Source: botocore ec2 1.44.5 RunInstances, 2026-11-28
      // Source: botocore ec2 1.44.5 StartInstances, 2026-11-28
      // Source: botocore ec2 1.44.5 StopInstances, 2026-11-28
      // Source: botocore ec2 1.44.5 TerminateInstances, 2026-11-28
      // Source: botocore ec2 1.44.5 ModifyInstanceAttribute, 2026-11-28
      ...after.map((action) => ({ service: 'ec2', action, handle: (call: Call) => this.#changing(call) })),
      // Source: botocore ec2 1.44.5 RebootInstances, 2026-11-28
      { service: 'ec2', action: 'RebootInstances', handle: (call) => this.#rebooting(call) },
    ];
  }

  status(): object {
    const [server] = this.context.postgres.running();
    const [problem] = this.context.postgres.problems();
    return {
      postgres: server?.port === undefined ? null : { host: '127.0.0.1', port: server.port },
      ...(problem ? { postgresProblem: { code: problem.code, message: problem.message } } : {}),
    };
  }

  async start(): Promise<void> {
    // One that takes long, such as to recover, holds up only who needs it.
    await Promise.race([this.resumed, new Promise((resolve) => setTimeout(resolve, LONGEST_RESUME_MS).unref())]);
    // What was killed before it was done is done now; nobody need wait for it.
    void this.reconcile();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The sandbox is stopping.'));
    await this.#reconciling?.catch(() => undefined);
  }

  /** The instances that there are, the oldest first. */
  machines(): Promise<Machine[]> {
    return this.context.controlPlane.inspect<Machine[]>('machines');
  }

  /** Makes the servers what their instances' states want them to be. Changes meanwhile are seen too. */
  reconcile(): Promise<void> {
    this.#again = true;
    this.#reconciling ??= (async () => {
      try {
        while (this.#again && !this.#stopped.signal.aborted) {
          this.#again = false;
          await this.#reconcileOnce().catch((error: unknown) => this.context.log(`instances: ${messageOf(error)}`));
        }
      } finally {
        this.#reconciling = undefined;
      }
    })();
    this.context.postgres.settled = this.#reconciling;
    return this.#reconciling;
  }

  /**
   * Runs a script on a running instance, which understands psql, echo and little more.
   *
   * @throws the signal's reason.
   */
  run(machine: Machine, script: string, signal: AbortSignal): Promise<ScriptResult> {
    return runScript(script, {
      command: (invocation) => this.#command(machine, invocation, signal),
      unknown: (name) => {
        throw new ScriptError(`${name}: the sandbox's instance understands psql and echo only`);
      },
      signal: AbortSignal.any([signal, this.#stopped.signal]),
    });
  }

  async #changing(call: Call, changed?: () => Promise<unknown>): Promise<void> {
    const { status, headers, body } = await call.ask();
    if (status < 300) {
      await changed?.();
      // Begun before it is answered: whoever asks for the server next waits for it.
      void this.reconcile();
    }
    call.response.writeHead(status, [...headers]).end(body);
  }

  async #rebooting(call: Call): Promise<void> {
    const ids = [...new URLSearchParams((await call.body()).toString('utf8'))].filter(([name]) => name.startsWith('InstanceId')).map(([, id]) => id);
    await this.#changing(call, () => Promise.all(ids.map(async (id) => (await this.context.postgres.server(id)).stop())));
  }

  async #reconcileOnce(): Promise<void> {
    const machines = new Map((await this.machines()).map((machine) => [machine.id, machine]));
    const known = await this.context.postgres.known();
    const gone = known.filter(({ id }) => (machines.get(id)?.state ?? 'terminated') === 'terminated');
    const wanted = [...machines.values()].filter(({ state, script }) => state !== 'terminated' && installsPostgres(script));
    await Promise.all([
      ...gone.map(async (server) => {
        this.#booting.get(server.id)?.abort(new Error('The instance is gone.'));
        await this.context.postgres.remove(server);
        this.context.log(`PostgreSQL of ${server.id} is gone with its instance`);
      }),
      ...wanted.map(async (machine) => {
        const server = await this.context.postgres.server(machine.id);
        await this.#follow(machine, server).catch((error: unknown) => this.context.log(`PostgreSQL of ${machine.id}: ${messageOf(error)}`));
      }),
    ]);
  }

  async #follow(machine: Machine, server: Server): Promise<void> {
    if (machine.state !== 'running') {
      this.#booting.get(machine.id)?.abort(new Error('The instance was stopped.'));
      if (server.exists) {
        await server.stop(false);
      }
      return;
    }
    await server.start(true);
    if (!server.booted && !this.#booting.has(machine.id)) {
      void this.#boot(machine, server);
    }
  }

  /** Does what the user data do with PostgreSQL, once in an instance's life. */
  async #boot(machine: Machine, server: Server): Promise<void> {
    const ending = new AbortController();
    this.#booting.set(machine.id, ending);
    const late = setTimeout(() => ending.abort(new Error('It waits for too long.')), FIRST_BOOT_MS);
    late.unref();
    const skipped = new Set<string>();
    const signal = AbortSignal.any([ending.signal, this.#stopped.signal]);
    try {
      const { status, stderr } = await runScript(machine.script, {
        command: (invocation) => this.#command(machine, invocation, signal),
        // Packages, services and files of the system are the sandbox's own affair.
        unknown: (name) => {
          skipped.add(name);
          return 0;
        },
        signal,
      } satisfies ScriptOptions);
      await server.bootedNow();
      this.context.log(`first boot of ${machine.id}: status ${status}; left out: ${[...skipped].join(', ') || 'nothing'}${status === 0 ? '' : `; ${stderr.trim().slice(-500)}`}`);
    } catch (error) {
      this.context.log(`first boot of ${machine.id} is not finished: ${messageOf(error)}`);
    } finally {
      clearTimeout(late);
      this.#booting.delete(machine.id);
    }
  }

  #command(machine: Machine, invocation: Invocation, signal: AbortSignal): Promise<number> | undefined {
    switch (invocation.name.split('/').at(-1)) {
      case 'psql':
        return this.#psql(machine, invocation, signal);
      case 'aws':
        return this.#aws(machine, invocation);
      default:
        return undefined;
    }
  }

  async #psql(machine: Machine, invocation: Invocation, signal: AbortSignal): Promise<number> {
    const { user: os, out, err } = invocation;
    await this.context.postgres.settled;
    const server = await this.context.postgres.server(machine.id);
    if (!server.exists) {
      err('psql: command not found\n');
      return 127;
    }
    try {
      const call = readPsql(invocation);
      const socket = `psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.${call.port}" failed:`;
      let login: { user: string; password: string | undefined } | undefined;
      if (call.host !== undefined && !call.host.startsWith('/')) {
        if (!['localhost', '127.0.0.1', ...machine.names].includes(call.host) || call.port !== 5432) {
          err(`psql: error: connection to server at "${call.host}", port ${call.port} failed: timeout expired\n`);
          return 2;
        }
        login = { user: call.user, password: call.password };
      } else if (call.port !== 5432) {
        err(`${socket} No such file or directory\n\tIs the server running locally and accepting connections on that socket?\n`);
        return 2;
      } else if (call.user !== os) {
        // Through the socket the name of the instance's user is what counts.
        err(`${socket} FATAL:  Peer authentication failed for user "${call.user}"\n`);
        return 2;
      } else if (call.user !== 'postgres') {
        err(`${socket} FATAL:  role "${call.user}" does not exist\n`);
        return 2;
      }
      // Where the learner's instance would listen.
      const shown = (text: string): string => (server.port === undefined ? text : text.replaceAll(String(server.port), '5432').replaceAll('127.0.0.1', call.host ?? '127.0.0.1'));
      const { status } = await server.psql({ args: call.args, input: call.input, database: call.database, ...(login ? { login } : {}), signal, out, err: (text) => err(shown(text)) });
      return status === 3 && call.failsWith !== undefined ? call.failsWith : status;
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      if (error instanceof PsqlRefusal) {
        throw new ScriptError(error.message);
      }
      err(`psql: error: ${error instanceof PostgresError ? `the sandbox's PostgreSQL does not run: ${error.message}` : messageOf(error)}\n`);
      return 2;
    }
  }

  /** The one thing that a script needs of AWS: a parameter, read with the instance's role. */
  async #aws(machine: Machine, { args, out, err }: Invocation): Promise<number> {
    const option = (name: string): string | undefined => {
      const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
      return at < 0 ? undefined : args[at]?.includes('=') ? args[at].slice(name.length + 3) : args[at + 1];
    };
    const name = option('name');
    const query = option('query');
    if (!args.join(' ').includes('ssm get-parameter ') || name === undefined || (query !== undefined && query !== 'Parameter.Value')) {
      throw new ScriptError(`aws ${args.slice(0, 2).join(' ')}: of AWS the sandbox's instance understands aws ssm get-parameter --name NAME [--with-decryption] [--query Parameter.Value --output text] only`);
    }
    const answer = await this.context.controlPlane.inspect<{ value?: string; error?: string }>('parameter_for', {
      instance: machine.id,
      instance_region: machine.region,
      region: option('region') ?? machine.region,
      name,
      decrypt: args.includes('--with-decryption'),
    });
    if (answer.value === undefined) {
      err(`\n${answer.error ?? ''}\n`);
      return 254;
    }
    const value: unknown = query ? answer.value : { Parameter: { Name: name, Value: answer.value } };
    out(`${option('output') === 'text' && query ? answer.value : JSON.stringify(value, undefined, 4)}\n`);
    return 0;
  }
}
