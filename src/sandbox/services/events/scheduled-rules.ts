import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../errors.ts';
import { parseSchedule, type Scheduled } from '../../kernel/clock.ts';
import type { Functions } from '../lambda/functions.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import type { Call, Route } from '../../kernel/router.ts';

interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: object;
  /** The function's policy lets EventBridge invoke it. */
  readonly permitted: boolean;
}

interface Rule {
  readonly arn: string;
  readonly region: string;
  readonly expression: string;
  readonly targets: readonly Target[];
}

/** What pushing time forward did. */
export interface TickResult {
  /** Invocations by schedules. */
  readonly ran: number;
  readonly failed: number;
  /** Each different reason once. */
  readonly errors: readonly string[];
  /** ISO 8601: the time that the sandbox's schedules have reached. */
  readonly now: string;
}

/** More ticks in one push are a mistake, or a wish that an insert fulfils better. */
const MOST_TICKS = 10_000;

/** Actions after which there may be other schedules. */
const CHANGES = ['PutRule', 'DeleteRule', 'EnableRule', 'DisableRule', 'PutTargets', 'RemoveTargets'];

/** Amazon EventBridge's rules with a schedule: invokes their functions when they are due. */
export class ScheduledRules implements Service {
  readonly routes: readonly Route[];
  readonly commands = { tick: (input: Readonly<Record<string, unknown>>): Promise<TickResult> => this.tick(Number(input['count'] ?? 1)) };
  readonly #entries = new Map<string, Scheduled>();
  readonly #reported = new Set<string>();
  #ran = 0;
  #failures: string[] = [];

  constructor(
    private readonly context: ServiceContext,
    private readonly functions: Functions,
  ) {
    // Source: botocore events 1.44.5 PutRule, 2026-11-28
    // Source: botocore events 1.44.5 DeleteRule, 2026-11-28
    // Source: botocore events 1.44.5 EnableRule, 2026-11-28
    // Source: botocore events 1.44.5 DisableRule, 2026-11-28
    // Source: botocore events 1.44.5 PutTargets, 2026-11-28
    // Source: botocore events 1.44.5 RemoveTargets, 2026-11-28
    this.routes = CHANGES.map((action) => ({ service: 'events', action, handle: (call) => this.#change(call) }));
  }

  start(): Promise<void> {
    return this.#reconcile();
  }

  stop(): Promise<void> {
    for (const entry of this.#entries.values()) {
      entry.cancel();
    }
    this.#entries.clear();
    return Promise.resolve();
  }

  /**
   * Pushes time forward until rules with a schedule have been due so many times.
   *
   * @throws Error when nothing is scheduled.
   */
  async tick(count: number): Promise<TickResult> {
    if (!Number.isInteger(count) || count < 1 || count > MOST_TICKS) {
      throw new Error(`The number of ticks must be between 1 and ${MOST_TICKS}.`);
    }
    const { clock } = this.context;
    const before = this.#ran;
    this.#failures = [];
    while (this.#ran - before < count) {
      const next = Math.min(...[...this.#entries.values()].map(({ due }) => due ?? Infinity));
      if (next === Infinity) {
        throw new Error('Nothing is scheduled: no enabled EventBridge rule has a schedule. Provision the step "schedule" first.');
      }
      await clock.advance(Math.max(0, next - clock.now()));
    }
    return { ran: this.#ran - before, failed: this.#failures.length, errors: [...new Set(this.#failures)], now: new Date(clock.now()).toISOString() };
  }

  /** Source: localstack/localstack tests/aws/services/events/test_events_schedule.snapshot.json, 2026-11-28 */
  async #change(call: Call): Promise<void> {
    const { ScheduleExpression, Targets } = await call.json<{ ScheduleExpression?: string; Targets?: readonly { readonly Arn?: string; readonly InputTransformer?: object }[] }>();
    if (call.operation.action === 'PutRule' && ScheduleExpression && !isSchedule(ScheduleExpression)) {
      call.fail('ValidationException', 'Parameter ScheduleExpression is not valid.');
      return;
    }
    if (Targets?.some(({ Arn, InputTransformer }) => InputTransformer !== undefined || Arn?.startsWith('arn:aws:lambda:') === false)) {
      call.limit('events-targets');
    }
    const { status, headers, body } = await call.ask();
    await this.#reconcile();
    call.response.writeHead(status, [...headers]).end(body);
  }

  /** Schedules what is new or has changed, forgets what is gone; what stays keeps its rhythm. */
  async #reconcile(): Promise<void> {
    const rules = await this.context.controlPlane.inspect<Rule[]>('schedules');
    const wanted = new Map(rules.map((rule) => [`${rule.arn} ${rule.expression}`, rule]));
    for (const [key, entry] of this.#entries) {
      if (!wanted.has(key)) {
        entry.cancel();
        this.#entries.delete(key);
      }
    }
    for (const [key, rule] of wanted) {
      if (!this.#entries.has(key)) {
        try {
          this.#entries.set(key, this.context.clock.every(parseSchedule(rule.expression), (due) => this.#fire(rule.arn, due)));
        } catch (error) {
          this.context.log(`${rule.arn} is never due: ${messageOf(error)}`);
        }
      }
    }
  }

  async #fire(arn: string, due: number): Promise<void> {
    this.#ran += 1;
    // As the rule is now: its targets and their permissions change without it.
    const rule = (await this.context.controlPlane.inspect<Rule[]>('schedules')).find((candidate) => candidate.arn === arn);
    await Promise.all((rule?.targets ?? []).map((target) => this.#invoke(arn, rule?.region ?? '', target, due)));
  }

  async #invoke(arn: string, region: string, target: Target, due: number): Promise<void> {
    try {
      if (!target.Arn.startsWith('arn:aws:lambda:')) {
        throw new Error(`The sandbox's EventBridge invokes functions, not ${target.Arn}.`);
      }
      if (!target.permitted) {
        throw new Error(`EventBridge may not invoke ${target.Arn}: its policy has no statement for ${arn}.`);
      }
      const { failed, payload } = await this.functions.invoke(region, target.Arn, inputOf(target, scheduledEvent(arn, region, due)));
      if (failed) {
        throw new Error((JSON.parse(payload) as { errorMessage?: string }).errorMessage ?? payload);
      }
    } catch (error) {
      const message = messageOf(error);
      this.#failures.push(message);
      // A rule fails every two minutes, for days: each reason is worth one line.
      if (!this.#reported.has(message)) {
        this.#reported.add(message);
        this.context.log(`${arn}: ${message}`);
      }
    }
  }
}

function isSchedule(expression: string): boolean {
  try {
    parseSchedule(expression);
    return true;
  } catch {
    return false;
  }
}

/** The event that EventBridge makes of a schedule. */
function scheduledEvent(arn: string, region: string, due: number): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: arn.split(':')[4],
    time: new Date(due).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [arn],
    detail: {},
  };
}

function inputOf(target: Target, event: Record<string, unknown>): unknown {
  if (target.InputTransformer) {
    throw new Error(`The sandbox's EventBridge knows Input and InputPath, not InputTransformer (target ${target.Id}).`);
  }
  if (target.Input !== undefined) {
    return JSON.parse(target.Input) as unknown;
  }
  const path = (target.InputPath ?? '$').split('.').slice(1);
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event) ?? {};
}
