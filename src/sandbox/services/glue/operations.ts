import { parseSchedule } from '../../kernel/clock.ts';
import type { ServiceContext } from '../context.ts';
import type { Answer, Call, Route } from '../../kernel/router.ts';
import { otherTargets } from './crawler.ts';
import { ControlPlaneError } from '../../kernel/control-plane-client.ts';
import { shownCrawlerState, shownCrawlHistory, type Crawls } from './crawls.ts';
import { isOver, refuse, type Crawl, type JobRun, type Trigger, type WorkflowRun } from './definitions.ts';
import type { Table } from './run-history.ts';
import { shownBookmark, shownJobRun, type Jobs } from './jobs.ts';
import type { ScheduledTriggers } from './scheduled-triggers.ts';
import type { Workflows } from './workflows.ts';

export interface Runtime {
  readonly context: ServiceContext;
  readonly jobs: Jobs;
  readonly crawls: Crawls;
  readonly workflows: Workflows;
  readonly schedules: ScheduledTriggers;
  readonly jobRuns: Table<JobRun>;
  readonly crawlRuns: Table<Crawl>;
  readonly workflowRuns: Table<WorkflowRun>;
}

type Handler<I> = (input: I, region: string, call: Call) => Promise<object | undefined>;

interface Page {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const LARGEST_PAGE = 1_000;

/** Says what the sandbox lacks, where that is why a job has failed. */
function tellLack(call: Call, runs: readonly JobRun[]): void {
  for (const { error = '' } of runs) {
    const lack = error.startsWith('NotInSandbox: ') ? 'glue-library' : error.includes('[TABLE_OR_VIEW_NOT_FOUND]') ? 'glue-job-catalog' : undefined;
    if (lack) {
      call.limit(lack);
    }
  }
}

/** Glue's actions that run something or tell of what ran. */
export function glueRoutes(runtime: Runtime): Route[] {
  const { context, jobs, crawls, workflows, schedules, jobRuns, crawlRuns, workflowRuns } = runtime;

  /** Answers an action; what it refuses is refused in AWS's shape. */
  function route<I>(action: string, handle: Handler<I>): Route {
    return {
      service: 'glue',
      action,
      handle: async (call) => {
        try {
          // A handler that answers nothing has let the control plane answer.
          const result = await handle(await call.json<I>(), call.operation.region, call);
          if (result) {
            call.reply(result);
          }
        } catch (error) {
          if (!(error instanceof ControlPlaneError)) {
            throw error;
          }
          call.fail(error.code, error.message, error.status);
        }
      },
    };
  }

  /** Lets the control plane answer, and adds to what it says. */
  const extended = <I, T extends object>(action: string, extend: (answer: T, input: I, region: string) => object): Route =>
    route<I>(action, async (input, region, call) => extend(answerOf<T>(await call.ask()), input, region));

  /** Lets the control plane answer; then something follows. `before` may refuse. */
  const followed = <I>(action: string, after: (input: I, region: string) => void | Promise<void>, before?: (input: I, region: string) => void): Route =>
    route<I>(action, async (input, region, call) => {
      before?.(input, region);
      const answer = answerOf(await call.ask());
      await after(input, region);
      return answer;
    });

  /** What keeps a custom classifier, of the kinds that the sandbox has. Source: botocore glue 1.44.5 CreateClassifier, 2026-11-28 */
  const classifier = (action: string): Route =>
    route<{ GrokClassifier?: object; XMLClassifier?: object }>(action, async ({ GrokClassifier, XMLClassifier }, _region, call) => {
      if (GrokClassifier ?? XMLClassifier) {
        call.limit('glue-classifiers');
      }
      return answerOf(await call.ask());
    });

  const exists = {
    job: (region: string, JobName: string) => context.controlPlane.call('glue', 'GetJob', { JobName }, region),
    workflow: (region: string, Name: string) => context.controlPlane.call('glue', 'GetWorkflow', { Name }, region),
    crawler: (region: string, Name: string) => context.controlPlane.call('glue', 'GetCrawler', { Name }, region),
  };

  const workflowRun = async (region: string, name: string, id: string): Promise<WorkflowRun> => {
    if (!workflowRuns.get(region, name, id)) {
      await exists.workflow(region, name);
    }
    return workflows.get(region, name, id);
  };

  const withLastRun = <W extends { Name: string }>(workflow: W, region: string, graph: boolean): object => {
    const last = workflows.last(region, workflow.Name);
    return { ...workflow, ...(last && { LastRun: workflows.shown(last, graph) }) };
  };

  const withCrawls = <C extends { Name: string }>(crawler: C, region: string): object => {
    const { LastCrawl: _, ...definition } = crawler as C & { LastCrawl?: unknown };
    return { ...definition, ...shownCrawlerState(crawls.last(region, crawler.Name)) };
  };

  /**
   * Source: botocore glue 1.44.5 CrawlerRunningException, 2026-11-28
   * Source: none found (tried: code search for the words of CrawlerRunningException for an update or a delete), 2026-11-28
   */
  const notRunning = (region: string, name: string): void => {
    const last = crawls.last(region, name);
    if (last && !isOver(last)) {
      refuse('CrawlerRunningException', `Crawler with name ${name} is currently running`);
    }
  };

  /**
   * Source: botocore glue 1.44.5 EntityNotFoundException, 2026-11-28
   * Source: none found (tried: code search for the words of GetJobBookmark for a job without one), 2026-11-28
   */
  const bookmarked = async (region: string, name: string): Promise<JobRun> => {
    const run = jobs.bookmark(region, name);
    if (!run) {
      await exists.job(region, name);
      refuse('EntityNotFoundException', `JobBookmark for job ${name} not found.`);
    }
    return run;
  };

  return [
    // --- Workflows
    // Source: botocore glue 1.44.5 StartWorkflowRun, 2026-11-28
    route<{ Name: string; RunProperties?: Record<string, string> }>('StartWorkflowRun', async ({ Name, RunProperties }, region) => ({
      RunId: (await workflows.start(region, required(Name, 'name'), RunProperties)).id,
    })),
    // Source: botocore glue 1.44.5 StopWorkflowRun, 2026-11-28
    route<{ Name: string; RunId: string }>('StopWorkflowRun', async ({ Name, RunId }, region) => {
      await workflowRun(region, Name, RunId);
      workflows.stop(region, Name, RunId);
      return {};
    }),
    // Source: botocore glue 1.44.5 ResumeWorkflowRun, 2026-11-28
    route<{ Name: string; RunId: string; NodeIds: string[] }>('ResumeWorkflowRun', async ({ Name, RunId, NodeIds }, region) => {
      await workflowRun(region, Name, RunId);
      const { run, nodes } = await workflows.resume(region, Name, RunId, required(NodeIds, 'nodeIds'));
      return { RunId: run.id, NodeIds: nodes };
    }),
    // Source: botocore glue 1.44.5 GetWorkflowRun, 2026-11-28
    // Source: botocore glue 1.44.5 WorkflowRun, 2026-11-28
    route<{ Name: string; RunId: string; IncludeGraph?: boolean }>('GetWorkflowRun', async ({ Name, RunId, IncludeGraph = false }, region) => ({
      Run: workflows.shown(await workflowRun(region, Name, RunId), IncludeGraph),
    })),
    // Source: botocore glue 1.44.5 GetWorkflowRuns, 2026-11-28
    route<{ Name: string; IncludeGraph?: boolean } & Page>('GetWorkflowRuns', async ({ Name, IncludeGraph = false, ...page }, region) => {
      const runs = workflowRuns.list(region, required(Name, 'name'));
      if (runs.length === 0) {
        await exists.workflow(region, Name);
      }
      const { items, token } = pageOf(runs, page);
      return { Runs: items.map((run) => workflows.shown(run, IncludeGraph)), ...token };
    }),
    // Source: botocore glue 1.44.5 GetWorkflowRunProperties, 2026-11-28
    route<{ Name: string; RunId: string }>('GetWorkflowRunProperties', async ({ Name, RunId }, region) => ({ RunProperties: (await workflowRun(region, Name, RunId)).properties })),
    // Source: botocore glue 1.44.5 PutWorkflowRunProperties, 2026-11-28
    route<{ Name: string; RunId: string; RunProperties: Record<string, string> }>('PutWorkflowRunProperties', async ({ Name, RunId, RunProperties }, region) => {
      workflows.setProperties(await workflowRun(region, Name, RunId), required(RunProperties, 'runProperties'));
      return {};
    }),
    // Source: botocore glue 1.44.5 GetWorkflow, 2026-11-28
    // Source: botocore glue 1.44.5 Workflow, 2026-11-28
    extended<{ IncludeGraph?: boolean }, { Workflow: { Name: string } }>('GetWorkflow', ({ Workflow }, { IncludeGraph = false }, region) => ({ Workflow: withLastRun(Workflow, region, IncludeGraph) })),
    // Source: botocore glue 1.44.5 BatchGetWorkflows, 2026-11-28
    extended<{ IncludeGraph?: boolean }, { Workflows?: { Name: string }[] }>('BatchGetWorkflows', (answer, { IncludeGraph = false }, region) => ({
      ...answer,
      Workflows: (answer.Workflows ?? []).map((workflow) => withLastRun(workflow, region, IncludeGraph)),
    })),
    // Source: botocore glue 1.44.5 DeleteWorkflow, 2026-11-28
    followed<{ Name: string }>('DeleteWorkflow', async ({ Name }, region) => {
      workflowRuns.forget(region, Name);
      await schedules.sync();
    }),

    // --- Triggers
    // Source: botocore glue 1.44.5 StartTrigger, 2026-11-28
    // Source: https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html, 2026-11-28
    route<{ Name: string }>('StartTrigger', async ({ Name }, region, call) => {
      const { Trigger: trigger } = await context.controlPlane.call<{ Trigger: Trigger }>('glue', 'GetTrigger', { Name: required(Name, 'name') }, region);
      if (trigger.Type !== 'ON_DEMAND') {
        const answer = answerOf(await call.ask());
        await schedules.sync();
        return answer;
      }
      // One on demand is not switched on: it fires.
      if (trigger.WorkflowName) {
        await workflows.start(region, trigger.WorkflowName);
      } else {
        void schedules.fire(region, trigger);
      }
      return { Name };
    }),
    // Source: botocore glue 1.44.5 StopTrigger, 2026-11-28
    followed('StopTrigger', () => schedules.sync()),
    // Source: botocore glue 1.44.5 CreateTriggerRequest, 2026-11-28
    followed<{ Type?: string; Schedule?: string }>('CreateTrigger', () => schedules.sync(), ({ Type, Schedule }) => {
      if (Type === 'SCHEDULED') {
        checkSchedule(Schedule ?? '');
      }
    }),
    // Source: botocore glue 1.44.5 UpdateTrigger, 2026-11-28
    followed<{ TriggerUpdate?: { Schedule?: string } }>('UpdateTrigger', () => schedules.sync(), ({ TriggerUpdate }) => {
      if (TriggerUpdate?.Schedule) {
        checkSchedule(TriggerUpdate.Schedule);
      }
    }),
    // Source: botocore glue 1.44.5 DeleteTrigger, 2026-11-28
    followed('DeleteTrigger', () => schedules.sync()),

    // --- Jobs
    // Source: botocore glue 1.44.5 StartJobRun, 2026-11-28
    route<{ JobName: string; JobRunId?: string; Arguments?: Record<string, string>; Timeout?: number; MaxCapacity?: number; WorkerType?: string; NumberOfWorkers?: number; AllocatedCapacity?: number; ExecutionClass?: string }>(
      'StartJobRun',
      async ({ JobName, JobRunId, Arguments, Timeout, MaxCapacity, WorkerType, NumberOfWorkers, AllocatedCapacity, ExecutionClass }, region) => {
        const shown = Object.fromEntries(Object.entries({ MaxCapacity, WorkerType, NumberOfWorkers, AllocatedCapacity, ExecutionClass }).filter(([, value]) => value !== undefined));
        if (WorkerType ?? NumberOfWorkers ?? MaxCapacity) {
          // Of the job's own size nothing is left when a run names another.
          const problem = await context.controlPlane.inspect<string | null>('job_size_problem', { job: { WorkerType, NumberOfWorkers, MaxCapacity } });
          if (problem !== null) {
            refuse('InvalidInputException', problem);
          }
        }
        const { run } = await jobs.start(region, required(JobName, 'jobName'), { arguments: Arguments, timeout: Timeout, previous: JobRunId, shown });
        return { JobRunId: run.id };
      },
    ),
    // Source: botocore glue 1.44.5 GetJobRun, 2026-11-28
    // Source: none found (tried: botocore, which has no words for it), 2026-11-28
    route<{ JobName: string; RunId: string }>('GetJobRun', async ({ JobName, RunId }, region, call) => {
      const run = jobRuns.get(region, JobName, RunId);
      if (!run) {
        await exists.job(region, JobName);
        refuse('EntityNotFoundException', `Job run ${RunId} not found.`);
      }
      tellLack(call, [run]);
      return { JobRun: shownJobRun(run) };
    }),
    // Source: botocore glue 1.44.5 GetJobBookmark, 2026-11-28
    route<{ JobName: string }>('GetJobBookmark', async ({ JobName }, region) => ({ JobBookmarkEntry: shownBookmark(await bookmarked(region, required(JobName, 'jobName'))) })),
    // Source: botocore glue 1.44.5 ResetJobBookmark, 2026-11-28
    route<{ JobName: string }>('ResetJobBookmark', async ({ JobName }, region) => {
      const run = await bookmarked(region, required(JobName, 'jobName'));
      jobRuns.set(run, { bookmark: null }, true);
      return { JobBookmarkEntry: shownBookmark(run) };
    }),
    // Source: botocore glue 1.44.5 GetJobRuns, 2026-11-28
    route<{ JobName: string } & Page>('GetJobRuns', async ({ JobName, ...page }, region, call) => {
      const runs = jobRuns.list(region, required(JobName, 'jobName'));
      if (runs.length === 0) {
        await exists.job(region, JobName);
      }
      const { items, token } = pageOf(runs, page);
      tellLack(call, items);
      return { JobRuns: items.map(shownJobRun), ...token };
    }),
    // Source: botocore glue 1.44.5 BatchStopJobRun, 2026-11-28
    // Source: botocore glue 1.44.5 BatchStopJobRunError, 2026-11-28
    // Source: none found (tried: code search for the words "Job Run is already in terminal state"), 2026-11-28
    route<{ JobName: string; JobRunIds: string[] }>('BatchStopJobRun', async ({ JobName, JobRunIds }, region) => {
      const SuccessfulSubmissions: object[] = [];
      const Errors: object[] = [];
      for (const JobRunId of required(JobRunIds, 'jobRunIds')) {
        const run = jobRuns.get(region, JobName, JobRunId);
        if (run && jobs.stop(run)) {
          SuccessfulSubmissions.push({ JobName, JobRunId });
        } else {
          const ErrorDetail = run
            ? { ErrorCode: 'JobRunInTerminalStateException', ErrorMessage: `Job Run is already in terminal state ${run.state}` }
            : { ErrorCode: 'EntityNotFoundException', ErrorMessage: `Job run ${JobRunId} not found.` };
          Errors.push({ JobName, JobRunId, ErrorDetail });
        }
      }
      return { SuccessfulSubmissions, Errors };
    }),
    // Source: botocore glue 1.44.5 DeleteJob, 2026-11-28
    followed<{ JobName: string }>('DeleteJob', ({ JobName }, region) => jobRuns.forget(region, JobName)),

    // --- Classifiers
    classifier('CreateClassifier'),
    classifier('UpdateClassifier'),

    // --- Crawlers
    // Source: botocore glue 1.44.5 StartCrawler, 2026-11-28
    route<{ Name: string }>('StartCrawler', async ({ Name }, region, call) => {
      const { crawler } = await crawls.start(region, required(Name, 'name'));
      if (otherTargets(crawler).length > 0) {
        call.limit('glue-crawler-targets');
      }
      return {};
    }),
    // Source: botocore glue 1.44.5 StopCrawler, 2026-11-28
    // Source: none found (tried: code search for the words of the two refusals), 2026-11-28
    route<{ Name: string }>('StopCrawler', async ({ Name }, region) => {
      await exists.crawler(region, required(Name, 'name'));
      const last = crawls.last(region, Name);
      if (last?.state === 'CANCELLING') {
        refuse('CrawlerStoppingException', `Crawler with name ${Name} is stopping`);
      }
      if (!last || !crawls.stop(last)) {
        refuse('CrawlerNotRunningException', `Crawler with name ${Name} isn't running`);
      }
      return {};
    }),
    // Source: botocore glue 1.44.5 GetCrawler, 2026-11-28
    extended<object, { Crawler: { Name: string } }>('GetCrawler', ({ Crawler }, _, region) => ({ Crawler: withCrawls(Crawler, region) })),
    // Source: botocore glue 1.44.5 GetCrawlers, 2026-11-28
    extended<object, { Crawlers?: { Name: string }[] }>('GetCrawlers', (answer, _, region) => ({ ...answer, Crawlers: (answer.Crawlers ?? []).map((crawler) => withCrawls(crawler, region)) })),
    // Source: botocore glue 1.44.5 BatchGetCrawlers, 2026-11-28
    extended<object, { Crawlers?: { Name: string }[] }>('BatchGetCrawlers', (answer, _, region) => ({ ...answer, Crawlers: (answer.Crawlers ?? []).map((crawler) => withCrawls(crawler, region)) })),
    // Source: botocore glue 1.44.5 ListCrawls, 2026-11-28
    route<{ CrawlerName: string } & Page>('ListCrawls', async ({ CrawlerName, ...page }, region) => {
      await exists.crawler(region, required(CrawlerName, 'crawlerName'));
      const { items, token } = pageOf(crawlRuns.list(region, CrawlerName), page);
      return { Crawls: items.map(shownCrawlHistory), ...token };
    }),
    // Source: botocore glue 1.44.5 GetCrawlerMetrics, 2026-11-28
    // Source: botocore glue 1.44.5 CrawlerMetrics, 2026-11-28
    route<{ CrawlerNameList?: string[] }>('GetCrawlerMetrics', async ({ CrawlerNameList = [] }, region) => {
      const { Crawlers = [] } = await context.controlPlane.call<{ Crawlers?: { Name: string }[] }>('glue', 'GetCrawlers', {}, region);
      const wanted = Crawlers.filter(({ Name }) => CrawlerNameList.length === 0 || CrawlerNameList.includes(Name));
      return { CrawlerMetricsList: wanted.map(({ Name }) => metrics(Name, crawlRuns.list(region, Name))) };
    }),
    // Source: botocore glue 1.44.5 CreateCrawler, 2026-11-28
    followed<{ Schedule?: string }>('CreateCrawler', () => schedules.sync(), ({ Schedule }) => void (Schedule && checkSchedule(Schedule))),
    // Source: botocore glue 1.44.5 UpdateCrawler, 2026-11-28
    followed<{ Name: string; Schedule?: string }>('UpdateCrawler', () => schedules.sync(), ({ Name, Schedule }, region) => {
      notRunning(region, Name);
      if (Schedule) {
        checkSchedule(Schedule);
      }
    }),
    // Source: botocore glue 1.44.5 DeleteCrawler, 2026-11-28
    followed<{ Name: string }>(
      'DeleteCrawler',
      async ({ Name }, region) => {
        crawlRuns.forget(region, Name);
        await schedules.sync();
      },
      ({ Name }, region) => notRunning(region, Name),
    ),

    // --- Connections: what runs in the sandbox dials this machine in place of the modelled network.
    // Source: botocore glue 1.44.5 GetConnection, 2026-11-28
    route<{ Name: string }>('GetConnection', async ({ Name }, region, call) => {
      const answer = answerOf<{ Connection: ShownConnection }>(await call.ask());
      return context.accessKeys.find(call.operation.accessKey) ? { Connection: await dialled(context, region, answer.Connection, Name) } : answer;
    }),
    // Source: botocore glue 1.44.5 GetConnections, 2026-11-28
    route('GetConnections', async (_, region, call) => {
      const answer = answerOf<{ ConnectionList?: ShownConnection[] }>(await call.ask());
      if (!context.accessKeys.find(call.operation.accessKey)) {
        return answer;
      }
      return { ...answer, ConnectionList: await Promise.all((answer.ConnectionList ?? []).map((connection) => dialled(context, region, connection, connection.Name))) };
    }),
  ];
}

interface ShownConnection {
  readonly Name: string;
  readonly ConnectionProperties?: Readonly<Record<string, string>>;
}

/** A connection with the address of its URL replaced by the one to dial. */
async function dialled(context: ServiceContext, region: string, connection: ShownConnection, name: string): Promise<ShownConnection> {
  const url = connection.ConnectionProperties?.['JDBC_CONNECTION_URL'];
  const [, scheme, rest] = /^(jdbc:\w+:\/\/)[^/?;]+(.*)$/s.exec(url ?? '') ?? [];
  if (scheme === undefined || rest === undefined) {
    return connection;
  }
  const reach = await context.network.reachConnection(region, name);
  return { ...connection, ConnectionProperties: { ...connection.ConnectionProperties, JDBC_CONNECTION_URL: `${scheme}${reach.host}:${reach.port}${rest}` } };
}

/** The control plane's answer, or its refusal. */
function answerOf<T extends object = object>({ status, body }: Answer): T {
  const answer = JSON.parse(body.toString('utf8') || '{}') as T & { __type?: string; message?: string; Message?: string };
  if (status >= 300) {
    throw new ControlPlaneError(answer.__type?.split('#').at(-1) ?? 'InternalFailure', answer.message ?? answer.Message ?? '', status);
  }
  return answer;
}

/**
 * Source: aoyagikouhei/athena-local docs/dev/measurements/errors.md, 2026-11-28
 * Source: none found (tried: code search, that Glue says it as Athena does), 2026-11-28
 */
function required<T>(value: T | undefined, name: string): T {
  return value ?? refuse('ValidationException', `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`);
}

/** Source: none found (tried: code search for the words "Invalid schedule expression"), 2026-11-28 */
function checkSchedule(expression: string): void {
  try {
    parseSchedule(expression);
  } catch {
    refuse('ValidationException', `Invalid schedule expression: ${expression}`);
  }
}

/**
 * A page of runs, newest first. The token names the last one that was seen: new runs do not move the pages.
 *
 * Source: botocore glue 1.44.5 PageSize, 2026-11-28
 * Source: botocore glue 1.44.5 OrchestrationPageSize200, 2026-11-28
 * Source: none found (tried: botocore, which has no words for either refusal), 2026-11-28
 */
function pageOf<R extends { readonly id: string }>(runs: readonly R[], { MaxResults = LARGEST_PAGE, NextToken }: Page): { items: R[]; token: { NextToken?: string } } {
  if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > LARGEST_PAGE) {
    refuse('ValidationException', `1 validation error detected: Value '${MaxResults}' at 'maxResults' failed to satisfy constraint: Member must be between 1 and ${LARGEST_PAGE}`);
  }
  let end = runs.length;
  if (NextToken) {
    const seen = Buffer.from(NextToken, 'base64url').toString('utf8');
    end = runs.findIndex(({ id }) => id === seen);
    if (end < 0) {
      refuse('InvalidInputException', 'Invalid NextToken.');
    }
  }
  const items = runs.slice(Math.max(0, end - MaxResults), end).reverse();
  const last = items.at(-1);
  return { items, token: last && end > MaxResults ? { NextToken: Buffer.from(last.id).toString('base64url') } : {} };
}

function metrics(name: string, all: readonly Crawl[]): object {
  const crawls = all.filter(isOver).filter(({ completedOn }) => completedOn !== undefined);
  const times = crawls.map(({ startedOn, completedOn = startedOn }) => (completedOn - startedOn) / 1000).sort((a, b) => a - b);
  const sum = (what: 'created' | 'updated' | 'deleted'): number => crawls.reduce((total, { tables }) => total + (tables?.[what] ?? 0), 0);
  return {
    CrawlerName: name,
    TimeLeftSeconds: 0,
    StillEstimating: all.some((crawl) => !isOver(crawl)),
    LastRuntimeSeconds: ((crawls.at(-1)?.completedOn ?? 0) - (crawls.at(-1)?.startedOn ?? 0)) / 1000,
    MedianRuntimeSeconds: times[Math.floor(times.length / 2)] ?? 0,
    TablesCreated: sum('created'),
    TablesUpdated: sum('updated'),
    TablesDeleted: sum('deleted'),
  };
}
