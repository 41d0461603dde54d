import { messageOf } from '../../../errors.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import { Crawls } from './crawls.ts';
import type { Crawl, JobRun, WorkflowRun } from './definitions.ts';
import { RunHistory } from './run-history.ts';
import { Jobs } from './jobs.ts';
import { glueRoutes } from './operations.ts';
import { ScheduledTriggers } from './scheduled-triggers.ts';
import { Workflows } from './workflows.ts';

/** Of one push: a week. */
const MOST_MINUTES = 10_080;

/**
 * What Glue runs: jobs, crawlers, workflows and their schedules. Definitions stay in the control plane; what ran, and
 * when, is kept here, because a replayed control plane would date it anew.
 */
export function makeGlue(context: ServiceContext): Service {
  const history = new RunHistory(context.files.history, context.log);
  const jobRuns = history.table<JobRun>('job');
  const crawlRuns = history.table<Crawl>('crawl');
  const workflowRuns = history.table<WorkflowRun>('workflow');
  const noticed = (run: JobRun | Crawl): void => {
    schedules.noticed(run).catch((error: unknown) => context.log(`triggers after ${run.name}: ${messageOf(error)}`));
  };
  const jobs = new Jobs(context, jobRuns, (failed, next) => workflows.retried(failed, next), noticed);
  const crawls = new Crawls(context, crawlRuns, noticed);
  const workflows = new Workflows(context, workflowRuns, jobRuns, crawlRuns, jobs, crawls);
  const schedules = new ScheduledTriggers(context, jobs, crawls, workflows);
  return {
    routes: glueRoutes({ context, jobs, crawls, workflows, schedules, jobRuns, crawlRuns, workflowRuns }),
    commands: {
      // Time is pushed forward for all schedules; what becomes due is over when this answers.
      advance: async ({ minutes }) => {
        if (typeof minutes !== 'number' || !(minutes >= 0 && minutes <= MOST_MINUTES)) {
          throw new Error(`The number of minutes must be between 0 and ${MOST_MINUTES}.`);
        }
        return { ran: await context.clock.advance(minutes * 60_000), now: new Date(context.clock.now()).toISOString() };
      },
    },
    start: async () => {
      await jobs.recover();
      crawls.recover();
      workflows.recover();
      await schedules.sync();
    },
    stop: async () => {
      schedules.stop();
      await Promise.all([jobs.close(), crawls.close(), workflows.close()]);
      history.close();
    },
  };
}
