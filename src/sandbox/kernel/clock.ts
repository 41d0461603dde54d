import { Cron } from 'croner';

/** When something is due again; times are milliseconds since the epoch. */
export interface Schedule {
  /** The first time after the one given, or nothing when there is none any more. */
  next(after: number): number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads a schedule as Glue and EventBridge write it: `cron(…)` of six fields in UTC, or `rate(5 minutes)`.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, content = ''] = /^\s*(cron|rate)\((.*)\)\s*$/.exec(expression) ?? [];
  if (kind === 'rate') {
    const [, count = '', unit = '', plural] = /^\s*([1-9]\d*)\s+(minute|hour|day)(s?)\s*$/.exec(content) ?? [];
    const period = Number(count) * (UNITS[unit] ?? Number.NaN);
    if (!Number.isSafeInteger(period) || (count === '1') === Boolean(plural)) {
      throw new Error(`${expression} is not a rate such as rate(5 minutes).`);
    }
    return { next: (after) => after + period };
  }
  if (kind !== 'cron') {
    throw new Error(`${expression} is neither cron(…) nor rate(…).`);
  }
  const fields = content.trim().split(/\s+/);
  if (fields.length !== 6 || (fields[2] === '?') === (fields[4] === '?')) {
    throw new Error(`${expression} must have six fields: minutes, hours, day of month, month, day of week, year; one of the two days must be ?.`);
  }
  // The last day of a week is Saturday; the library knows `L` there only behind a number.
  const [minutes, hours, day, month, weekday, year] = fields.map((field, at) => (at === 4 && field === 'L' ? '7' : field));
  const cron = new Cron(['0', minutes, hours, day, month, weekday, year].join(' '), {
    mode: '7-part',
    timezone: 'UTC',
    // 1 is Sunday, `0/15` is a step, as AWS has it.
    alternativeWeekdays: true,
    sloppyRanges: true,
    domAndDow: true,
  });
  return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
}

/** Something that the clock will do again and again. */
export interface Scheduled {
  /** When it is due next, in the clock's time; nothing when never again. */
  readonly due: number | undefined;
  cancel(): void;
}

/** Longer than this no timer can be set; the clock then looks again. */
const LONGEST_TIMER = 0x7fffffff;

/**
 * The time that schedules go by: the machine's, until somebody pushes it forward instead of waiting. What has been
 * pushed stays pushed until the sandbox stops. Records carry the machine's own time.
 */
export class Clock {
  #ahead = 0;
  readonly #all = new Set<Entry>();
  #pushing: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(private readonly log: (line: string) => void = () => undefined) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /**
   * Does something whenever a schedule is due. What was due while the machine slept is done once. The action may
   * promise its end: time that is pushed waits for it, time that passes does not.
   */
  every(schedule: Schedule, action: (due: number) => Promise<void> | void): Scheduled {
    const entry = new Entry(schedule, action, this.now());
    this.#all.add(entry);
    this.#arm(entry);
    return {
      get due() {
        return entry.due;
      },
      cancel: () => {
        clearTimeout(entry.timer);
        entry.due = undefined;
        this.#all.delete(entry);
      },
    };
  }

  /** When the next thing is due, if any. */
  next(): number | undefined {
    return this.#first()?.due;
  }

  /**
   * Pushes time forward and does all that becomes due on the way, in order, one after the other; each is over before
   * the next. Returns how many there were. Stops early, at the time it has reached, when aborted.
   */
  advance(milliseconds: number, signal?: AbortSignal): Promise<number> {
    const pushed = this.#pushing.then(() => this.#advance(milliseconds, signal));
    this.#pushing = pushed.catch(() => undefined);
    return pushed;
  }

  /** Nothing is due any more. */
  stop(): void {
    this.#stopped = true;
    for (const entry of this.#all) {
      clearTimeout(entry.timer);
    }
    this.#all.clear();
  }

  async #advance(milliseconds: number, signal: AbortSignal | undefined): Promise<number> {
    const until = this.now() + milliseconds;
    let done = 0;
    for (;;) {
      const entry = this.#first();
      if (signal?.aborted || this.#stopped || entry?.due === undefined || entry.due > until) {
        break;
      }
      const { due } = entry;
      this.#ahead += Math.max(0, due - this.now());
      entry.due = entry.schedule.next(due);
      await this.#run(entry, due);
      done += 1;
    }
    if (!signal?.aborted) {
      this.#ahead += Math.max(0, until - this.now());
    }
    for (const entry of this.#all) {
      this.#arm(entry);
    }
    return done;
  }

  #first(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#all) {
      if (entry.due !== undefined && (first?.due === undefined || entry.due < first.due)) {
        first = entry;
      }
    }
    return first;
  }

  #arm(entry: Entry): void {
    clearTimeout(entry.timer);
    if (entry.due === undefined || this.#stopped) {
      return;
    }
    entry.timer = setTimeout(() => this.#look(entry), Math.min(Math.max(0, entry.due - this.now()), LONGEST_TIMER));
    entry.timer.unref();
  }

  #look(entry: Entry): void {
    const { due } = entry;
    // A pushed clock may have done it already; a long timer, or an early one, is not there yet.
    if (due !== undefined && due <= this.now()) {
      entry.due = entry.schedule.next(due);
      if (entry.due !== undefined && entry.due <= this.now()) {
        entry.due = entry.schedule.next(this.now());
      }
      void this.#run(entry, due);
    }
    this.#arm(entry);
  }

  async #run(entry: Entry, due: number): Promise<void> {
    try {
      await entry.action(due);
    } catch (error) {
      this.log(`scheduled for ${new Date(due).toISOString()}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

class Entry {
  due: number | undefined;
  timer: NodeJS.Timeout | undefined;

  constructor(
    readonly schedule: Schedule,
    readonly action: (due: number) => Promise<void> | void,
    now: number,
  ) {
    this.due = schedule.next(now);
  }
}
