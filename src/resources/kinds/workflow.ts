import * as l10n from '@vscode/l10n';
import { adoptGlue, differs, glueOwner, workflowName } from '../glue.ts';
import { defineKind, type Finding } from '../kind.ts';
import { workflowTreePath } from '../tree-path.ts';
import { ifExists, unlessExists } from '../support.ts';

export interface WorkflowState {
  readonly maxConcurrentRuns: number | undefined;
  /** Id of the run that is under way. */
  readonly running?: string | undefined;
}

export default defineKind<WorkflowState>({
  id: 'workflow',
  title: () => l10n.t('Glue workflow'),
  type: 'AWS::Glue::Workflow',
  actions: {
    read: ['glue:GetWorkflow', 'glue:GetTags'],
    write: ['glue:CreateWorkflow', 'glue:UpdateWorkflow', 'glue:TagResource'],
    remove: ['glue:DeleteWorkflow'],
    result: ['glue:StartWorkflowRun', 'glue:GetWorkflowRun', 'glue:StopWorkflowRun'],
  },
  console: ({ names }) => `glue/home#/v2/etl-configuration/workflows/view/${names.prefix}`,
  sidebar: (context) => workflowTreePath(workflowName(context)),

  async read(context) {
    const found = (await ifExists(context.aws.glue.getWorkflow({ Name: workflowName(context) })))?.Workflow;
    return found && { owner: await glueOwner(context, 'workflow', workflowName(context)), state: { maxConcurrentRuns: found.MaxConcurrentRuns, running: found.LastRun?.Status === 'RUNNING' ? found.LastRun.WorkflowRunId : undefined } };
  },

  check(context, state) {
    const findings: Finding[] = state.maxConcurrentRuns === 1 ? [] : [differs('workflow.concurrency', workflowName(context), 'MaxConcurrentRuns', { is: state.maxConcurrentRuns, should: 1 })];
    if (state.running) {
      findings.push({
        code: 'workflow.running',
        message: l10n.t('The run {0} is under way. Until it ends, AWS refuses another: Concurrent runs exceeded for workflow {1}.', state.running, workflowName(context)),
        fix: l10n.t('Wait until it has ended, or stop it. If runs start by themselves too often, look at the schedule of the start trigger.'),
        // Nothing is wrong: how it ends is not known yet.
        unknown: true,
      });
    }
    return findings;
  },

  async create(context) {
    // One run at a time: two would read the same rows.
    await unlessExists(
      context.aws.glue.createWorkflow({ Name: workflowName(context), Description: 'Lake Tutorial: crawl, ingest, refine, aggregate', MaxConcurrentRuns: 1, Tags: { ...context.tags } }),
    );
    return { maxConcurrentRuns: 1 };
  },

  async update(context) {
    await context.aws.glue.updateWorkflow({ Name: workflowName(context), MaxConcurrentRuns: 1 });
    return { maxConcurrentRuns: 1 };
  },

  adopt: (context) => adoptGlue(context, 'workflow', workflowName(context)),

  async remove(context) {
    await ifExists(context.aws.glue.deleteWorkflow({ Name: workflowName(context) }));
  },
});
