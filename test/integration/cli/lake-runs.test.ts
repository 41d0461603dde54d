import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetWorkflowRunCommand, GlueClient, ListWorkflowsCommand, StartWorkflowRunCommand, type WorkflowRun } from '@aws-sdk/client-glue';
import { startSandbox, stopSandbox } from '../../../src/sandbox/control/sandbox.ts';
import { clientConfig, temporaryState } from '../sandbox/support.ts';
import { anyCredentials, cli, commandsAt, documentOf } from '../support/cli.ts';

/** The tutorial's own jobs in the sandbox, from rows in PostgreSQL to tables that can be read. */
describe('the lake runs: crawler and jobs of the tutorial over real rows', function () {
  this.timeout(300_000);
  let state: string;
  let remove: () => Promise<void>;
  let glue: GlueClient;
  let logs: CloudWatchLogsClient;

  const connect = async (): Promise<string> => {
    const { endpoint } = await startSandbox({ state });
    glue = new GlueClient(clientConfig(endpoint));
    logs = new CloudWatchLogsClient(clientConfig(endpoint));
    return endpoint ?? '';
  };
  const insert = async (rows: number): Promise<unknown> =>
    documentOf(await cli(['sandbox', 'insert', '--rows', String(rows), '--json', '--state', state], { env: anyCredentials }), 0);
  const run = async (): Promise<WorkflowRun> => {
    const Name = (await glue.send(new ListWorkflowsCommand({}))).Workflows?.[0];
    const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name }));
    for (;;) {
      const { Run } = await glue.send(new GetWorkflowRunCommand({ Name, RunId, IncludeGraph: true }));
      if (Run && Run.Status !== 'RUNNING') {
        return Run;
      }
      await delay(200);
    }
  };
  /** The line that each job ends with, by job. */
  const reports = async (done: WorkflowRun): Promise<Record<string, Record<string, unknown>>> => {
    const found: Record<string, Record<string, unknown>> = {};
    for (const { JobDetails } of done.Graph?.Nodes ?? []) {
      for (const { Id, JobRunState, ErrorMessage } of JobDetails?.JobRuns ?? []) {
        assert.equal(JobRunState, 'SUCCEEDED', ErrorMessage);
        const { events = [] } = await logs.send(new GetLogEventsCommand({ logGroupName: '/aws-glue/jobs/output', logStreamName: Id ?? '', startFromHead: true }));
        const report = JSON.parse(events.at(-1)?.message ?? '{}') as Record<string, unknown>;
        found[String(report['job'])] = report;
      }
    }
    return found;
  };

  before(async () => {
    ({ state, remove } = await temporaryState());
    const endpoint = await connect();
    await commandsAt(['--endpoint', endpoint]).up();
  });
  after(() => remove());

  it('carries rows to gold, and says so', async () => {
    await insert(200);
    const done = await run();
    assert.equal(done.Status, 'COMPLETED');
    assert.deepEqual([done.Statistics?.TotalActions, done.Statistics?.SucceededActions], [4, 4]);
    const { ingest, refine, aggregate } = await reports(done);
    assert.ok(Number(ingest?.['rows']) >= 200);
    assert.equal(Number(refine?.['accepted']) + Number(refine?.['rejected']), ingest?.['rows']);
    assert.ok(Number(aggregate?.['rows']) > 0);
  });

  it('takes only what is new the next time, also after a stop', async () => {
    await stopSandbox({ state });
    await connect();
    await insert(50);
    const { ingest } = await reports(await run());
    assert.ok(Number(ingest?.['rows']) >= 50 && Number(ingest?.['rows']) < 200, JSON.stringify(ingest));
  });
});
