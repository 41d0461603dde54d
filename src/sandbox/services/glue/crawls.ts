import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../errors.ts';
import { crawl, CrawlError, type CrawlerDefinition } from './crawler.ts';
import type { ServiceContext } from '../context.ts';
import { INTERRUPTED, isOver, missing, refuse, roleArn, seconds, type Crawl, type Origin } from './definitions.ts';
import type { Table } from './run-history.ts';
import { RunLog } from './run-log.ts';

const LOG_GROUP = '/aws-glue/crawlers';

/** Runs crawlers, each once at a time. */
export class Crawls {
  readonly #going = new Map<string, { stop: AbortController; ended: Promise<Crawl> }>();
  #stopping = false;

  constructor(
    private readonly context: ServiceContext,
    private readonly runs: Table<Crawl>,
    private readonly onEnd: (crawl: Crawl) => void,
  ) {}

  /**
   * @throws WorldError `EntityNotFoundException`, `CrawlerRunningException`, `CrawlerStoppingException`.
   *
   * Source: botocore glue 1.44.5 StartCrawler, 2026-11-28
   * Source: awslabs/aws-customer-churn-pipeline#15, 2026-11-28
   * Source: none found (tried: code search for the words of CrawlerRunningException and CrawlerStoppingException), 2026-11-28
   */
  async start(region: string, name: string, origin: Origin = {}): Promise<{ run: Crawl; ended: Promise<Crawl>; crawler: CrawlerDefinition }> {
    const { Crawler: crawler } = await this.context.controlPlane.call<{ Crawler: CrawlerDefinition }>('glue', 'GetCrawler', { Name: name }, region).catch(missing(`Crawler with name ${name} does not exist`));
    const last = this.last(region, name);
    if (last && !isOver(last)) {
      if (last.state === 'CANCELLING') {
        refuse('CrawlerStoppingException', `Crawler with name ${name} is stopping`);
      }
      refuse('CrawlerRunningException', `Crawler with name ${name} has already started`);
    }
    if (this.#stopping) {
      refuse('InternalServiceException', 'The sandbox is stopping.');
    }
    const run = this.runs.add({ id: randomUUID(), region, name, startedOn: Date.now(), state: 'RUNNING', ...origin });
    const stop = new AbortController();
    const ended = this.#run(run, crawler, stop.signal).then(() => {
      this.#going.delete(run.id);
      this.onEnd(run);
      return run;
    });
    this.#going.set(run.id, { stop, ended });
    return { run, ended, crawler };
  }

  /** Notes a crawl that could not even start. */
  refused(region: string, name: string, error: string, origin: Origin): Crawl {
    const now = Date.now();
    return this.runs.add({ id: randomUUID(), region, name, startedOn: now, completedOn: now, state: 'ERROR', error, ...origin });
  }

  /** Stops a crawl that goes on; false when it is over. */
  stop(run: Crawl): boolean {
    const going = this.#going.get(run.id);
    if (!going || isOver(run)) {
      return false;
    }
    this.runs.set(run, { state: 'CANCELLING' });
    going.stop.abort();
    return true;
  }

  /** The newest crawl that really began. */
  last(region: string, name: string): Crawl | undefined {
    return this.runs.list(region, name).findLast(({ state }) => state !== 'ERROR');
  }

  recover(): void {
    for (const run of this.runs.all()) {
      if (!isOver(run)) {
        this.runs.set(run, { state: 'FAILED', error: INTERRUPTED, completedOn: Date.now() }, true);
      }
    }
  }

  async close(): Promise<void> {
    this.#stopping = true;
    const all = [...this.#going.values()];
    for (const { stop } of all) {
      stop.abort();
    }
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** Crawls and notes how it ended. Never throws. */
  async #run(run: Crawl, crawler: CrawlerDefinition, signal: AbortSignal): Promise<void> {
    const { context: host } = this;
    const role = roleArn(crawler.Role);
    const key = host.accessKeys.issue({ role, name: 'AWS-Crawler', service: 'glue', region: run.region, id: run.id });
    const log = new RunLog(host, run.region, LOG_GROUP, run.name, (text) => host.network.disguise(text), key.accessKeyId);
    const say = (level: 'BENCHMARK' | 'INFO' | 'ERROR', text: string): void => log.line(`[${run.id}] ${level} : ${text}`);
    let end: Partial<Crawl>;
    say('BENCHMARK', `Running Start Crawl for Crawler ${run.name}`);
    try {
      const denial = run.workflow && ((await host.authorization.mayBeAssumed(role)) ?? (await host.authorization.mayPass(role, role, run.region)));
      if (denial) {
        throw new CrawlError(denial.message);
      }
      const found = await cancellable(crawl(host, run.region, crawler, signal, (line) => say('INFO', line)), signal);
      end = { state: 'SUCCEEDED', tables: { created: found.tablesCreated, updated: found.tablesUpdated, deleted: found.tablesDeleted } };
    } catch (error) {
      if (signal.aborted) {
        end = this.#stopping ? { state: 'FAILED', error: INTERRUPTED } : { state: 'CANCELLED' };
      } else {
        end = { state: 'FAILED', error: host.network.disguise(messageOf(error)) };
        say('ERROR', end.error ?? '');
        if (!(error instanceof CrawlError)) {
          host.log(`crawl ${run.id} of ${run.name}: ${messageOf(error)}`);
        }
      }
    }
    say('BENCHMARK', end.state === 'SUCCEEDED' ? 'Crawler has finished running and is in state READY' : `Crawler has ended: ${end.state}`);
    await log.end();
    host.accessKeys.revoke(key.accessKeyId);
    this.runs.set(run, { ...end, completedOn: Date.now() }, true);
  }
}

/** Whoever stops a crawl need not wait for a database that does not answer. */
function cancellable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = (): void => reject(new CrawlError('cancelled'));
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
    if (signal.aborted) {
      cancel();
    }
  });
}

/** A crawl as a workflow run's graph shows it. */
export const shownCrawl = (run: Crawl): object => ({
  State: run.state,
  StartedOn: seconds(run.startedOn),
  CompletedOn: seconds(run.completedOn),
  LogGroup: LOG_GROUP,
  LogStream: run.name,
  ...(run.error !== undefined && { ErrorMessage: run.error }),
});

/** A crawl as ListCrawls shows it. */
export const shownCrawlHistory = (run: Crawl): object => ({
  CrawlId: run.id,
  State: { RUNNING: 'RUNNING', CANCELLING: 'RUNNING', CANCELLED: 'STOPPED', SUCCEEDED: 'COMPLETED', FAILED: 'FAILED', ERROR: 'FAILED' }[run.state],
  StartTime: seconds(run.startedOn),
  EndTime: seconds(run.completedOn),
  LogGroup: LOG_GROUP,
  LogStream: run.name,
  MessagePrefix: run.id,
  ...(run.error !== undefined && { ErrorMessage: run.error }),
  ...(run.tables && { Summary: JSON.stringify({ TABLE: { ADD: { Count: run.tables.created }, UPDATE: { Count: run.tables.updated }, DELETE: { Count: run.tables.deleted } } }) }),
});

/** What GetCrawler shows of a crawler's crawls. */
export function shownCrawlerState(last: Crawl | undefined): object {
  const going = last !== undefined && !isOver(last);
  return {
    State: !going ? 'READY' : last.state === 'CANCELLING' ? 'STOPPING' : 'RUNNING',
    CrawlElapsedTime: going ? Date.now() - last.startedOn : 0,
    ...(last &&
      !going && {
        LastCrawl: {
          Status: last.state,
          StartTime: seconds(last.startedOn),
          LogGroup: LOG_GROUP,
          LogStream: last.name,
          MessagePrefix: last.id,
          ...(last.error !== undefined && { ErrorMessage: last.error }),
        },
      }),
  };
}
