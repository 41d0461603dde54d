import { messageOf } from '../../../errors.ts';
import { parseSchedule, type Scheduled } from '../../kernel/clock.ts';
import type { ServiceContext } from '../context.ts';
import type { Crawls } from './crawls.ts';
import { isOver, type Action, type Crawl, type JobRun, type Trigger } from './definitions.ts';
import type { Jobs } from './jobs.ts';
import { isMet, type Workflows } from './workflows.ts';

interface Due {
  readonly region: string;
  readonly expression: string;
  readonly trigger?: Trigger;
  readonly crawler?: string;
}

/** Starts what starts by the clock, and the triggers that belong to no workflow. */
export class ScheduledTriggers {
  readonly #armed = new Map<string, { due: Due; scheduled: Scheduled }>();
  /** How the jobs and crawlers that a trigger waits for have ended since it fired last. */
  readonly #seen = new Map<string, Map<string, string>>();
  #syncing: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ServiceContext,
    private readonly jobs: Jobs,
    private readonly crawls: Crawls,
    private readonly workflows: Workflows,
  ) {}

  /** Looks up what is scheduled now. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#sync()).catch((error: unknown) => this.context.log(`schedules: ${messageOf(error)}`));
    return this.#syncing;
  }

  stop(): void {
    for (const { scheduled } of this.#armed.values()) {
      scheduled.cancel();
    }
    this.#armed.clear();
  }

  /** Starts a trigger's jobs and crawlers; what cannot start is noted in its history. Resolves when all are over. */
  async fire(region: string, trigger: Trigger): Promise<void> {
    await Promise.all((trigger.Actions ?? []).map((action) => this.#act(region, trigger.Name, action)));
  }

  /** A job or crawl that a trigger started outside a workflow is over: others may wait for it. */
  async noticed(run: JobRun | Crawl): Promise<void> {
    if (!run.trigger || run.workflow || !isOver(run)) {
      return;
    }
    const key = `${'attempt' in run ? 'JOB' : 'CRAWLER'} ${run.name}`;
    for (const trigger of await this.context.controlPlane.inspect<Trigger[]>('glue_conditional_triggers', { region: run.region })) {
      const watched = (trigger.Predicate?.Conditions ?? []).some(({ JobName, CrawlerName }) => (JobName ? `JOB ${JobName}` : `CRAWLER ${CrawlerName}`) === key);
      if (watched) {
        const name = `${run.region}/${trigger.Name}`;
        const states = this.#seen.get(name) ?? new Map<string, string>();
        this.#seen.set(name, states.set(key, run.state));
        if (isMet(trigger, states)) {
          this.#seen.delete(name);
          await this.fire(run.region, trigger);
        }
      }
    }
  }

  async #act(region: string, trigger: string, { JobName, CrawlerName = '', Arguments, Timeout }: Action): Promise<void> {
    const options = { trigger, arguments: Arguments, timeout: Timeout };
    try {
      await (JobName ? await this.jobs.start(region, JobName, options) : await this.crawls.start(region, CrawlerName, { trigger })).ended;
    } catch (error) {
      if (JobName) {
        this.jobs.refused(region, JobName, 'FAILED', messageOf(error), options);
      } else {
        this.crawls.refused(region, CrawlerName, messageOf(error), { trigger });
      }
    }
  }

  async #sync(): Promise<void> {
    const wanted = new Map((await this.context.controlPlane.inspect<Due[]>('glue_schedules')).map((due) => [`${due.region}/${due.crawler === undefined ? 'trigger' : 'crawler'}/${due.crawler ?? due.trigger?.Name}`, due]));
    for (const [key, { due, scheduled }] of this.#armed) {
      if (JSON.stringify(wanted.get(key)) !== JSON.stringify(due)) {
        scheduled.cancel();
        this.#armed.delete(key);
      }
    }
    for (const [key, due] of wanted) {
      if (!this.#armed.has(key)) {
        try {
          this.#armed.set(key, { due, scheduled: this.context.clock.every(parseSchedule(due.expression), () => this.#due(due)) });
        } catch (error) {
          this.context.log(`${key}: ${messageOf(error)}`);
        }
      }
    }
  }

  async #due({ region, trigger, crawler }: Due): Promise<void> {
    if (crawler !== undefined) {
      await (await this.crawls.start(region, crawler)).ended;
    } else if (trigger?.WorkflowName) {
      await this.workflows.startScheduled(region, trigger.WorkflowName);
    } else if (trigger) {
      await this.fire(region, trigger);
    }
  }
}
