import type { CreateJobRequest, CreateTriggerRequest, Job, Trigger } from '@aws-sdk/client-glue';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import type { Context, Finding, Found, Owner } from './kind.ts';
import { workflowTreePath } from './tree-path.ts';
import { roleArn } from './role.ts';
import { adoptedTags, eventually, ifExists, ownerOf, unlessExists } from './support.ts';

type GlueThing = 'connection' | 'crawler' | 'job' | 'trigger' | 'workflow';

export const glueArn = ({ names }: Pick<Context, 'names'>, thing: GlueThing, name: string): string =>
  `arn:${names.partition}:glue:${names.region}:${names.account}:${thing}/${name}`;

/** Whose a Glue thing is: its tags are asked for apart. */
export async function glueOwner(context: Context, thing: GlueThing, name: string): Promise<Owner> {
  const { Tags } = await context.aws.glue.getTags({ ResourceArn: glueArn(context, thing, name) });
  return ownerOf(Tags ?? {}, context);
}

export async function adoptGlue(context: Context, thing: GlueThing, name: string): Promise<void> {
  await context.aws.glue.tagResource({ ResourceArn: glueArn(context, thing, name), TagsToAdd: { ...adoptedTags(context) } });
}

export const glueName = ({ names }: Pick<Context, 'names'>, part: string): string => `${names.prefix}-${part}`;
export const workflowName = ({ names }: Pick<Context, 'names'>): string => names.prefix;
export const scriptsPrefix = 'scripts/';
export const scriptUri = (context: Pick<Context, 'names'>, file: string): string => `s3://${context.names.bucket}/${scriptsPrefix}${file}`;

/** A setting as it is and as it should be. */
interface Difference {
  readonly is: unknown;
  readonly should: unknown;
}

const said = (setting: string, value: unknown): string => `${setting}: ${value === undefined || value === '' ? '–' : typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)}`;

/** The finding for a setting of a Glue thing that differs. */
export function differs(code: string, thing: string, setting: string, { is, should }: Difference): Finding {
  return {
    code,
    found: said(setting, is),
    expected: said(setting, should),
    message: l10n.t('{0}: {1} is not as the tutorial has it.', thing, setting),
    fix: l10n.t('Provision the step again: it restores the setting.'),
  };
}

/** The oldest version of Glue that runs the tutorial's jobs: they are written for its Spark and its Python (jobs/README.md). */
const OLDEST_GLUE = 5;

/** @throws UserError for a version of Glue that the jobs do not run on: AWS takes it, and each run would fail. */
export function requireGlueVersion({ 'glue-version': version }: Readonly<Record<string, string>>): void {
  if (version !== undefined && !(Number(version) >= OLDEST_GLUE)) {
    throw new UserError('variable.invalid', l10n.t('The tutorial\'s jobs do not run on Glue {0}.', version), {
      why: l10n.t('They are written for Glue {0} and later.', OLDEST_GLUE.toFixed(1)),
      next: l10n.t('Leave the variable "{0}" out, or give a later version with --var or in the settings.', 'glue-version'),
      exit: ExitCode.usage,
    });
  }
}

/** The operations of one of the three jobs, to be spread into a resource kind. */
export function jobOperations(part: 'ingest' | 'refine' | 'aggregate', options: { readonly inVpc?: boolean } = {}) {
  const name = (context: Pick<Context, 'names'>): string => glueName(context, part);
  const wanted = (context: Context): Omit<CreateJobRequest, 'Name' | 'Tags'> => ({
    Description: `Lake Tutorial: ${part}`,
    Role: roleArn(context, context.names.workflowRole),
    Command: { Name: 'glueetl', ScriptLocation: scriptUri(context, `${part}.py`), PythonVersion: '3' },
    // Pinned: unset, it means the newest, and the same script would run on another Spark one day.
    GlueVersion: context.names.variables['glue-version'] ?? '5.0',
    WorkerType: 'G.1X',
    NumberOfWorkers: 2,
    Timeout: 15,
    MaxRetries: 0,
    ExecutionProperty: { MaxConcurrentRuns: 1 },
    ...(options.inVpc && { Connections: { Connections: [glueName(context, 'source')] } }),
    DefaultArguments: {
      '--bucket': context.names.bucket,
      '--database': context.names.lakeDatabase,
      '--source_connection': glueName(context, 'source'),
      '--source_table': `public.${context.names.sourceTable}`,
      '--bookmark-key': 'id',
      // The jobs keep their own marks, which survive what Glue's bookmarks do not (jobs/README.md).
      '--job-bookmark-option': 'job-bookmark-disable',
      '--enable-glue-datacatalog': 'true',
      '--extra-py-files': scriptUri(context, 'lake_adapter.py'),
      '--TempDir': `s3://${context.names.bucket}/temporary/`,
    },
  });
  const compared = ['Role', 'GlueVersion', 'WorkerType', 'NumberOfWorkers'] as const;

  return {
    costs: [{ perRun: 0.029, what: () => l10n.t('Glue job {0}: 2 DPU for about 2 minutes', part) }],
    runsAs: name,
    since: (_context: Context, { CreatedOn }: Job) => CreatedOn,
    actions: {
      read: ['glue:GetJob', 'glue:GetTags'],
      write: ['glue:CreateJob', 'glue:UpdateJob', 'glue:TagResource', 'iam:PassRole'],
      remove: ['glue:DeleteJob'],
      result: ['glue:GetJobRuns', 'glue:GetTable', 's3:GetObject', 's3:ListBucket'],
    },
    console: ({ names }: Pick<Context, 'names'>) => `gluestudio/home#/editor/job/${names.prefix}-${part}/details`,
    sidebar: (context: Pick<Context, 'names'>) => workflowTreePath(workflowName(context)),
    async read(context: Context): Promise<Found<Job> | undefined> {
      const job = (await ifExists(context.aws.glue.getJob({ JobName: name(context) })))?.Job;
      return job && { owner: await glueOwner(context, 'job', name(context)), state: job };
    },
    check(context: Context, state: Job): Finding[] {
      const target = wanted(context);
      const findings = compared.filter((key) => state[key] !== target[key]).map((key) => differs('job.setting', name(context), key, { is: state[key], should: target[key] }));
      if (state.Command?.ScriptLocation !== target.Command?.ScriptLocation) {
        findings.push(differs('job.script', name(context), 'ScriptLocation', { is: state.Command?.ScriptLocation, should: target.Command?.ScriptLocation }));
      }
      for (const [key, value] of Object.entries(target.DefaultArguments ?? {})) {
        if (state.DefaultArguments?.[key] !== value) {
          findings.push(differs('job.argument', name(context), key, { is: state.DefaultArguments?.[key], should: value }));
        }
      }
      if (options.inVpc && !state.Connections?.Connections?.includes(glueName(context, 'source'))) {
        findings.push(differs('job.connection', name(context), 'Connections', { is: state.Connections?.Connections, should: target.Connections?.Connections }));
      }
      return findings;
    },
    async create(context: Context): Promise<Job> {
      await eventually(context, () => unlessExists(context.aws.glue.createJob({ Name: name(context), ...wanted(context), Tags: { ...context.tags } })));
      return { Name: name(context), ...wanted(context) } as Job;
    },
    async update(context: Context, state: Job): Promise<Job> {
      const target = wanted(context);
      // UpdateJob replaces the whole definition: arguments that the learner added are sent again.
      await context.aws.glue.updateJob({ JobName: name(context), JobUpdate: { ...target, DefaultArguments: { ...state.DefaultArguments, ...target.DefaultArguments } } });
      return { ...state, ...target } as Job;
    },
    adopt: (context: Context) => adoptGlue(context, 'job', name(context)),
    async remove(context: Context): Promise<void> {
      await ifExists(context.aws.glue.deleteJob({ JobName: name(context) }));
    },
  };
}

/** The operations of one of the workflow's triggers, to be spread into a resource kind. */
export function triggerOperations(part: string, wanted: (context: Context) => Pick<CreateTriggerRequest, 'Type' | 'Schedule' | 'Predicate' | 'Actions' | 'Description'>) {
  const name = (context: Context): string => glueName(context, part);
  const essence = (trigger: Pick<Trigger, 'Type' | 'Schedule' | 'Predicate' | 'Actions'>): string =>
    JSON.stringify([
      trigger.Type,
      trigger.Schedule,
      (trigger.Predicate?.Conditions ?? []).map(({ JobName, CrawlerName, State, CrawlState }) => [JobName ?? null, CrawlerName ?? null, State ?? null, CrawlState ?? null]),
      (trigger.Actions ?? []).map(({ JobName, CrawlerName }) => [JobName ?? null, CrawlerName ?? null]),
    ]);
  const told = ({ Schedule, Predicate, Actions }: Pick<Trigger, 'Schedule' | 'Predicate' | 'Actions'>) => ({ Schedule, Conditions: Predicate?.Conditions, Actions });
  // A conditional trigger that is not activated never fires; the start trigger stays off until it is asked for, since each run costs money.
  const activated = (context: Context): boolean => wanted(context).Type === 'CONDITIONAL';

  return {
    actions: {
      read: ['glue:GetTrigger', 'glue:GetTags'],
      write: ['glue:CreateTrigger', 'glue:UpdateTrigger', 'glue:StartTrigger', 'glue:TagResource'],
      remove: ['glue:DeleteTrigger'],
    },
    console: ({ names }: Pick<Context, 'names'>) => `glue/home#/v2/etl-configuration/triggers/view/${names.prefix}-${part}`,
    // Only what starts a workflow by the clock is a node of its own.
    sidebar: (context: Pick<Context, 'names'>) => workflowTreePath(workflowName(context), part === 'start' ? glueName(context, part) : undefined),
    async read(context: Context): Promise<Found<Trigger> | undefined> {
      const trigger = (await ifExists(context.aws.glue.getTrigger({ Name: name(context) })))?.Trigger;
      return trigger && { owner: await glueOwner(context, 'trigger', name(context)), state: trigger };
    },
    check(context: Context, state: Trigger): Finding[] {
      const findings: Finding[] = [];
      if (essence(state) !== essence(wanted(context))) {
        findings.push(differs('trigger.definition', name(context), 'Predicate, Actions, Schedule', { is: told(state), should: told(wanted(context)) }));
      }
      if (activated(context) && state.State !== 'ACTIVATED' && state.State !== 'ACTIVATING') {
        findings.push({
          code: 'trigger.deactivated',
          message: l10n.t('The trigger {0} is not activated: the workflow stops before it.', name(context)),
          fix: l10n.t('Provision the step again: it activates the trigger.'),
        });
      }
      return findings;
    },
    async create(context: Context): Promise<Trigger> {
      await unlessExists(
        context.aws.glue.createTrigger({
          Name: name(context),
          WorkflowName: workflowName(context),
          StartOnCreation: activated(context),
          ...wanted(context),
          Tags: { ...context.tags },
        }),
      );
      return { Name: name(context), ...wanted(context), State: activated(context) ? 'ACTIVATED' : 'CREATED' };
    },
    async update(context: Context, state: Trigger, findings: readonly Finding[]): Promise<Trigger> {
      const { Type: _type, ...update } = wanted(context);
      if (findings.some(({ code }) => code === 'trigger.definition')) {
        await context.aws.glue.updateTrigger({ Name: name(context), TriggerUpdate: update });
      }
      if (findings.some(({ code }) => code === 'trigger.deactivated')) {
        await context.aws.glue.startTrigger({ Name: name(context) });
      }
      return { ...state, ...update };
    },
    adopt: (context: Context) => adoptGlue(context, 'trigger', name(context)),
    async remove(context: Context): Promise<void> {
      await ifExists(context.aws.glue.deleteTrigger({ Name: name(context) }));
    },
  };
}
