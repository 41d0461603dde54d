import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { messageOf } from '../../../errors.ts';
import type { Instances, Machine } from '../ec2/instances.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import type { Call, Route } from '../../kernel/router.ts';

type Status = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';

/** A command on one instance, as it is kept. Times are milliseconds since the epoch. */
interface Run {
  readonly commandId: string;
  readonly instanceId: string;
  readonly region: string;
  readonly comment: string;
  readonly document: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly requested: number;
  readonly timeout: number;
  status: Status;
  ended?: number;
  code: number;
  stdout: string;
  stderr: string;
}

const DOCUMENT = 'AWS-RunShellScript';
const PLUGIN = 'aws:runShellScript';
/** As much as GetCommandInvocation shows. */
const MOST_STDOUT = 24_000;
const MOST_STDERR = 8_000;
/** Systems Manager keeps the history of commands for 30 days; the sandbox, no more than so many. */
const KEPT_MS = 30 * 24 * 3_600_000;
const MOST_RUNS = 1_000;
/** A question about a command that is about to end waits for it: who asks would ask again a second later. */
const PATIENCE_MS = 3_000;

/** A refusal of Systems Manager. */
class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Systems Manager's Run Command on the sandbox's instances. What was run is kept, also across a restart, as long as AWS
 * keeps it; what a restart cut short has failed.
 */
export class RunCommand implements Service {
  readonly routes: readonly Route[];
  readonly #runs = new Map<string, Run>();
  readonly #running = new Map<string, { ended: Promise<void>; cancel: AbortController }>();
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ServiceContext,
    private readonly instances: Instances,
  ) {
    const actions: Readonly<Record<string, (input: never, region: string) => Promise<object>>> = {
      SendCommand: (input: SendInput, region) => this.#send(input, region),
      GetCommandInvocation: (input: GetInput, region) => this.#get(input, region),
      ListCommandInvocations: (input: ListInput, region) => this.#list(input, region),
      ListCommands: (input: ListInput, region) => this.#listCommands(input, region),
      CancelCommand: (input: GetInput, region) => this.#cancel(input, region),
    };
    // Source: botocore ssm 1.44.5 SendCommand, 2026-11-28
    // Source: botocore ssm 1.44.5 GetCommandInvocation, 2026-11-28
    // Source: botocore ssm 1.44.5 ListCommandInvocations, 2026-11-28
    // Source: botocore ssm 1.44.5 ListCommands, 2026-11-28
    // Source: botocore ssm 1.44.5 CancelCommand, 2026-11-28
    this.routes = Object.entries(actions).map(([action, handle]) => ({ service: 'ssm', action, handle: (call) => this.#answer(call, handle) }));
  }

  async start(): Promise<void> {
    const now = Date.now();
    const text = await readFile(this.context.files.commands, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      try {
        const run = JSON.parse(line) as Run;
        if (run.requested > now - KEPT_MS) {
          this.#runs.set(key(run), run);
        }
      } catch {
        // The last line may have been cut off by a kill.
      }
    }
    for (const run of this.#runs.values()) {
      if (isOpen(run)) {
        Object.assign(run, { status: 'Failed', code: 1, ended: now, stderr: 'The sandbox was stopped while the command ran.\n' } satisfies Partial<Run>);
      }
    }
    this.#forget();
    const file = this.context.files.commands;
    await writeFile(`${file}.new`, [...this.#runs.values()].map((run) => `${JSON.stringify(run)}\n`).join(''), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async stop(): Promise<void> {
    for (const { cancel } of this.#running.values()) {
      cancel.abort(new Error('The sandbox is stopping.'));
    }
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    await this.#written;
  }

  /** Source: botocore ssm 1.44.5 InvalidDocument, 2026-11-28 */
  async #answer(call: Call, handle: (input: never, region: string) => Promise<object>): Promise<void> {
    try {
      call.reply(await handle((await call.json()) as never, call.operation.region));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      if (error.code === 'InvalidDocument') {
        call.limit('ssm-documents');
      }
      call.fail(error.code, error.message);
    }
  }

  /**
   * Source: botocore ssm 1.44.5 SendCommand, 2026-11-28
   * Source: botocore ssm 1.44.5 InvalidDocument, 2026-11-28
   * Source: botocore ssm 1.44.5 InvalidParameters, 2026-11-28
   */
  async #send(input: SendInput, region: string): Promise<object> {
    const { DocumentName: document = '', Parameters: parameters = {} } = input;
    if (document !== DOCUMENT && !document.endsWith(`document/${DOCUMENT}`)) {
      throw new Refusal('InvalidDocument', `Document with name ${document} does not exist. The sandbox has ${DOCUMENT} only.`);
    }
    const unknown = Object.keys(parameters).filter((name) => !['commands', 'workingDirectory', 'executionTimeout'].includes(name));
    if (!parameters.commands?.length || unknown.length > 0) {
      throw new Refusal('InvalidParameters', unknown.length > 0 ? `Document ${DOCUMENT} has no parameter ${unknown.join(', ')}.` : 'The parameter commands is missing.');
    }
    const machines = (await this.instances.machines()).filter((machine) => machine.region === region);
    const chosen = choose(machines, input);
    const requested = Date.now();
    const commandId = randomUUID();
    const runs = chosen.map((machine): [Machine, Run] => [
      machine,
      {
        commandId,
        instanceId: machine.id,
        region,
        comment: input.Comment ?? '',
        document: DOCUMENT,
        parameters,
        requested,
        timeout: Number(parameters.executionTimeout?.[0] ?? 3600),
        status: 'InProgress',
        code: -1,
        stdout: '',
        stderr: '',
      },
    ]);
    for (const [machine, run] of runs) {
      this.#runs.set(key(run), run);
      await this.#write(run);
      this.#begin(machine, run);
    }
    this.#forget();
    return { Command: describe(runs.map(([, run]) => run), input.InstanceIds ?? [], input.Targets ?? []) };
  }

  #begin(machine: Machine, run: Run): void {
    const cancel = new AbortController();
    const late = setTimeout(() => cancel.abort(new Error('timed out')), run.timeout * 1_000);
    late.unref();
    const ended = this.instances
      .run(machine, (run.parameters['commands'] ?? []).join('\n'), cancel.signal)
      .then(
        ({ status, stdout, stderr }) => Object.assign(run, { status: status === 0 ? 'Success' : 'Failed', code: status, stdout: cut(stdout, MOST_STDOUT), stderr: cut(status === 0 ? stderr : `${stderr}failed to run commands: exit status ${status}`, MOST_STDERR) } satisfies Partial<Run>),
        (error: unknown) => Object.assign(run, { status: messageOf(error) === 'timed out' ? 'TimedOut' : run.status === 'Cancelled' ? 'Cancelled' : 'Failed', code: 1, stderr: `${messageOf(error)}\n` } satisfies Partial<Run>),
      )
      .then(() => {
        clearTimeout(late);
        run.ended = Date.now();
        this.#running.delete(key(run));
        return this.#write(run);
      })
      .catch((error: unknown) => this.context.log(`command ${run.commandId}: ${messageOf(error)}`));
    this.#running.set(key(run), { ended, cancel });
  }

  /**
   * Source: botocore ssm 1.44.5 InvocationDoesNotExist, 2026-11-28
   * Source: none found (tried: botocore, which has no words for it), 2026-11-28
   */
  async #get({ CommandId, InstanceId }: GetInput, region: string): Promise<object> {
    const run = this.#runs.get(key({ commandId: CommandId ?? '', instanceId: InstanceId ?? '' }));
    if (!run || run.region !== region) {
      throw new Refusal('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match any invocations.');
    }
    await this.#patient([run]);
    const time = (moment: number | undefined): string => (moment === undefined ? '' : new Date(moment).toISOString());
    return {
      ...this.#shown(run),
      ResponseCode: run.code,
      ExecutionStartDateTime: time(run.requested),
      ExecutionElapsedTime: run.ended === undefined ? '' : `PT${(run.ended - run.requested) / 1_000}S`,
      ExecutionEndDateTime: time(run.ended),
      PluginName: PLUGIN,
      StandardOutputContent: run.stdout,
      StandardOutputUrl: '',
      StandardErrorContent: run.stderr,
      StandardErrorUrl: '',
    };
  }

  async #list(input: ListInput, region: string): Promise<object> {
    const { items, next } = page(this.#chosen(input, region), input);
    await this.#patient(input.CommandId ? items : []);
    return {
      CommandInvocations: items.map((run) => ({
        ...this.#shown(run),
        RequestedDateTime: run.requested / 1_000,
        TraceOutput: '',
        CommandPlugins: input.Details
          ? [{ Name: PLUGIN, Status: run.status, StatusDetails: details(run), ResponseCode: run.code, ResponseStartDateTime: run.requested / 1_000, ...(run.ended === undefined ? {} : { ResponseFinishDateTime: run.ended / 1_000 }), Output: run.stdout + (run.stderr ? `\n----------ERROR-------\n${run.stderr}` : '') }]
          : [],
      })),
      ...next,
    };
  }

  async #listCommands(input: ListInput, region: string): Promise<object> {
    const commands = new Map<string, Run[]>();
    for (const run of this.#chosen(input, region)) {
      commands.set(run.commandId, [...(commands.get(run.commandId) ?? []), run]);
    }
    const { items, next } = page([...commands.values()], input);
    return Promise.resolve({ Commands: items.map((runs) => describe(runs, runs.map(({ instanceId }) => instanceId), [])), ...next });
  }

  /**
   * Source: botocore ssm 1.44.5 InvalidCommandId, 2026-11-28
   * Source: none found (tried: botocore, which has no words for it), 2026-11-28
   */
  async #cancel({ CommandId, InstanceIds }: GetInput, region: string): Promise<object> {
    const runs = this.#chosen({ ...(CommandId === undefined ? {} : { CommandId }) }, region);
    if (!CommandId || runs.length === 0) {
      throw new Refusal('InvalidCommandId', `The command ID ${CommandId ?? ''} is not valid.`);
    }
    for (const run of runs.filter(({ instanceId }) => !InstanceIds?.length || InstanceIds.includes(instanceId))) {
      const running = this.#running.get(key(run));
      if (running) {
        run.status = 'Cancelled';
        running.cancel.abort(new Error('The command was cancelled.'));
      }
    }
    return Promise.resolve({});
  }

  /** The newest first. */
  #chosen({ CommandId, InstanceId }: ListInput, region: string): Run[] {
    return [...this.#runs.values()].filter((run) => run.region === region && (!CommandId || run.commandId === CommandId) && (!InstanceId || run.instanceId === InstanceId)).reverse();
  }

  #shown(run: Run): object {
    return {
      CommandId: run.commandId,
      InstanceId: run.instanceId,
      Comment: run.comment,
      DocumentName: run.document,
      DocumentVersion: '$DEFAULT',
      Status: run.status,
      StatusDetails: details(run),
      CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
    };
  }

  async #patient(runs: readonly Run[]): Promise<void> {
    const ended = runs.map((run) => this.#running.get(key(run))?.ended);
    let late: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(ended), new Promise((resolve) => (late = setTimeout(resolve, PATIENCE_MS)))]);
    clearTimeout(late);
  }

  #write(run: Run): Promise<void> {
    const line = `${JSON.stringify(run)}\n`;
    this.#written = this.#written.then(() => appendFile(this.context.files.commands, line, { mode: 0o600 })).catch((error: unknown) => this.context.log(`${this.context.files.commands}: ${messageOf(error)}`));
    return this.#written;
  }

  #forget(): void {
    for (const [id, run] of this.#runs) {
      if (this.#runs.size <= MOST_RUNS) {
        return;
      }
      if (!isOpen(run)) {
        this.#runs.delete(id);
      }
    }
  }
}

interface SendInput {
  DocumentName?: string;
  InstanceIds?: string[];
  Targets?: { Key: string; Values: string[] }[];
  Comment?: string;
  Parameters?: Record<string, string[]>;
}
interface GetInput {
  CommandId?: string;
  InstanceId?: string;
  InstanceIds?: string[];
}
interface ListInput {
  CommandId?: string;
  InstanceId?: string;
  Details?: boolean;
  MaxResults?: number;
  NextToken?: string;
}

const key = ({ commandId, instanceId }: Pick<Run, 'commandId' | 'instanceId'>): string => `${commandId} ${instanceId}`;
const isOpen = ({ status }: Run): boolean => status === 'Pending' || status === 'InProgress';
const details = ({ status }: Run): string => ({ InProgress: 'InProgress', TimedOut: 'ExecutionTimedOut' })[status as string] ?? status;
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 25)}\n---Output truncated---` : text);

/**
 * The instances that a command is for. Named ones must be able to take it.
 *
 * Source: aws-samples/eks-security-compromised-cluster-remediation#12, 2026-11-28
 */
function choose(machines: readonly Machine[], { InstanceIds = [], Targets = [] }: SendInput): Machine[] {
  const able = machines.filter(({ state, agent }) => state === 'running' && agent);
  const unable = InstanceIds.filter((id) => !able.some((machine) => machine.id === id));
  if (unable.length > 0) {
    throw new Refusal('InvalidInstanceId', `Instances [[${unable.join(', ')}]] not in a valid state for account 000000000000`);
  }
  const meets = (machine: Machine, { Key, Values }: { Key: string; Values: string[] }): boolean =>
    Key.toLowerCase() === 'instanceids' ? Values.includes(machine.id) : Key.startsWith('tag:') ? Values.includes(machine.tags[Key.slice(4)] ?? '') : Key === 'tag-key' && Values.some((name) => name in machine.tags);
  return able.filter((machine) => InstanceIds.includes(machine.id) || (Targets.length > 0 && Targets.every((target) => meets(machine, target))));
}

/** A command over all of its instances. */
function describe(runs: readonly Run[], instanceIds: readonly string[], targets: readonly object[]): object {
  const [first] = runs;
  const open = runs.some(isOpen);
  const failed = runs.find(({ status }) => !['Success', 'Pending', 'InProgress'].includes(status));
  const status = open ? 'InProgress' : (failed?.status ?? 'Success');
  return {
    CommandId: first?.commandId ?? randomUUID(),
    DocumentName: DOCUMENT,
    DocumentVersion: '$DEFAULT',
    Comment: first?.comment ?? '',
    Parameters: first?.parameters ?? {},
    InstanceIds: instanceIds,
    Targets: targets,
    RequestedDateTime: (first?.requested ?? Date.now()) / 1_000,
    ExpiresAfter: ((first?.requested ?? Date.now()) + 2 * 3_600_000) / 1_000,
    Status: status,
    StatusDetails: status,
    TargetCount: runs.length,
    CompletedCount: runs.filter((run) => !isOpen(run)).length,
    ErrorCount: runs.filter((run) => run.status === 'Failed' || run.status === 'TimedOut').length,
    DeliveryTimedOutCount: 0,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TimeoutSeconds: 3600,
  };
}

function page<T>(items: readonly T[], { MaxResults = 50, NextToken = '0' }: ListInput): { items: T[]; next: { NextToken?: string } } {
  const from = Number(NextToken) || 0;
  const to = from + Math.max(1, MaxResults);
  return { items: items.slice(from, to), next: to < items.length ? { NextToken: String(to) } : {} };
}
