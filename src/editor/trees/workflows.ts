import * as l10n from '@vscode/l10n';
import type { Connection } from '../../aws/connection.ts';
import { readSchedule } from '../../aws/schedule.ts';
import { isGoing, listRuns, listWorkflows, readRun, readWorkflow, type Attempt, type LakeRun, type LakeWorkflow, type RunNode, type RunSchedule, type RunState } from '../../aws/workflows.ts';
import { runId, scheduleId, workflowId } from '../../resources/tree-path.ts';
import { warningColor, type TreeItemPresentation, type Page, type TreeNode, type TreeSource } from './tree.ts';
import type { Formatter } from './format.ts';

export interface WorkflowNode extends TreeNode {
  readonly kind: 'workflow';
  readonly ofTutorial: boolean;
  readonly parent?: undefined;
  workflow: LakeWorkflow;
  /** True once its children were read. The first time, what the list said of the workflow is still fresh. */
  opened?: boolean;
}
export interface ScheduleNode extends TreeNode {
  readonly kind: 'schedule';
  readonly parent: WorkflowNode;
  readonly schedule: RunSchedule;
}
export interface WorkflowRunNode extends TreeNode {
  readonly kind: 'run';
  readonly parent: WorkflowNode;
  run: LakeRun;
}
export interface StepNode extends TreeNode {
  readonly kind: 'step';
  readonly parent: WorkflowRunNode;
  readonly step: RunNode;
}
export interface AttemptNode extends TreeNode {
  readonly kind: 'attempt';
  readonly parent: StepNode;
  readonly attempt: Attempt;
  readonly number: number;
}
export interface MessageNode extends TreeNode {
  readonly kind: 'message';
  readonly parent: WorkflowNode | WorkflowRunNode | StepNode | AttemptNode;
  readonly text: string;
  readonly failed: boolean;
}

export type WorkflowsNode = WorkflowNode | ScheduleNode | WorkflowRunNode | StepNode | AttemptNode | MessageNode;

const runsPerPage = 50;

export interface WorkflowsOptions {
  readonly format: Formatter;
  readonly language: string;
  readonly tutorialWorkflow: () => Promise<string | undefined>;
  readonly now?: () => number;
}

export class WorkflowsSource implements TreeSource<WorkflowsNode> {
  constructor(private readonly options: WorkflowsOptions) {}

  async children(node: WorkflowsNode | undefined, aws: Connection): Promise<Page<WorkflowsNode>> {
    switch (node?.kind) {
      case undefined:
        return this.workflows(aws);
      case 'workflow':
        return this.runs(node, aws);
      case 'run': {
        const { run, nodes } = await readRun(aws, node.run.workflow, node.run.id);
        const changed = JSON.stringify(run) !== JSON.stringify(node.run);
        node.run = run;
        const { parent } = node;
        const isLast = parent.workflow.lastRun?.id === run.id;
        if (isLast) {
          parent.workflow = { ...parent.workflow, lastRun: run };
        }
        return { nodes: this.steps(node, nodes), ...(changed && { changed: isLast ? parent : node }) };
      }
      default:
        return { nodes: [] };
    }
  }

  /** The children of a run's steps came with the run. */
  fixed(node: WorkflowsNode): readonly WorkflowsNode[] | undefined {
    const message = (parent: StepNode | AttemptNode, text: string | undefined): MessageNode[] => (text ? [{ kind: 'message', id: `${parent.id}/error`, parent, text, failed: true }] : []);
    if (node.kind === 'step') {
      const { attempts } = node.step;
      return attempts.length > 1
        ? attempts.map((attempt, index): AttemptNode => ({ kind: 'attempt', id: `${node.id}/attempt:${attempt.id}`, parent: node, attempt, number: attempts.length - index }))
        : message(node, attempts[0]?.error);
    }
    return node.kind === 'attempt' ? message(node, node.attempt.error) : node.kind === 'run' || node.kind === 'workflow' ? undefined : [];
  }

  present(node: WorkflowsNode): TreeItemPresentation {
    switch (node.kind) {
      case 'workflow': {
        const { name, lastRun, schedules } = node.workflow;
        const next = this.next(schedules.find(({ on }) => on));
        const about = lastRun ? this.describeRun(lastRun) : l10n.t('has not run yet');
        return {
          label: name, expandable: true, ...(lastRun && isGoing(lastRun.state) ? { icon: 'sync~spin', color: 'charts.blue' } : { icon: node.ofTutorial ? 'mortar-board' : 'type-hierarchy-sub', ...(node.ofTutorial && { color: 'charts.blue' }) }),
          description: [about, next && l10n.t('next {0}', this.options.format.ago(next))].filter(Boolean).join(' · '),
        };
      }
      case 'schedule': {
        const { schedule } = node;
        const next = this.next(schedule);
        return {
          label: this.read(schedule)?.description ?? schedule.expression, icon: schedule.on ? 'clock' : 'circle-slash', expandable: false, context: schedule.on ? 'schedule.on' : 'schedule.off',
          ...(schedule.on ? { color: 'charts.green' } : { color: 'disabledForeground' }),
          description: schedule.on ? (next ? l10n.t('on · next {0}', this.options.format.ago(next)) : l10n.t('on')) : l10n.t('off'),
        };
      }
      case 'run':
        return { ...presentState(node.run.state), label: node.run.started ? this.options.format.brief(node.run.started) : node.run.id, description: this.describeRun(node.run), expandable: true, context: isGoing(node.run.state) ? 'run.going' : node.run.state === 'failed' ? 'run.failed' : 'run.ended' };
      case 'step': {
        const { name, state, attempts, type } = node.step;
        const [newest] = attempts;
        return {
          ...presentState(state), label: shortName(name, node.parent.run.workflow), context: state === 'failed' ? 'step.failed' : newest ? 'step.tried' : 'step.waiting',
          expandable: attempts.length > 1 || newest?.error !== undefined,
          ...(newest && { opens: 'lakeTutorial.openLog' }),
          // A narrow sidebar cuts the end off, so the part that changes comes first.
          description: [stepState(node), newest && this.took(newest), attempts.length > 1 && l10n.t('{0} attempts', attempts.length), type === 'crawler' ? l10n.t('crawler') : l10n.t('job')].filter(Boolean).join(' · '),
        };
      }
      case 'attempt':
        return { ...presentState(node.attempt.state), label: l10n.t('Attempt {0}', node.number), description: [stateName(node.attempt.state), this.took(node.attempt)].filter(Boolean).join(' · '), expandable: node.attempt.error !== undefined, opens: 'lakeTutorial.openLog', context: node.attempt.state === 'failed' ? 'attempt.failed' : 'attempt' };
      case 'message':
        return { label: node.text, icon: node.failed ? 'comment' : 'info', expandable: false };
    }
  }

  async facts(node: WorkflowsNode, aws: Connection): Promise<readonly string[]> {
    const { format } = this.options;
    switch (node.kind) {
      case 'workflow': {
        const workflow = await readWorkflow(aws, node.workflow.name);
        const { description, schedules, parts, lastRun } = workflow;
        return [
          workflow.name,
          ...(description ? [description] : []),
          ...(parts !== undefined ? [l10n.t('{0} jobs and crawlers', parts)] : []),
          ...schedules.flatMap((schedule) => this.scheduleLines(schedule)),
          ...(lastRun ? [l10n.t('Last run: {0}', this.describeRun(lastRun))] : []),
        ];
      }
      case 'schedule':
        return this.scheduleLines(node.schedule);
      case 'run': {
        const { id, started, ended, error, done, total, state } = node.run;
        return [
          id,
          stateName(state),
          ...(started ? [l10n.t('Started {0} ({1})', format.at(started), format.ago(started))] : []),
          ...(ended ? [l10n.t('Ended {0}', format.at(ended))] : []),
          ...(total > 0 ? [l10n.t('{0} of {1} jobs and crawlers succeeded', done, total)] : []),
          ...(error ? [error] : []),
        ];
      }
      case 'step': {
        const { name, type, trigger, after, attempts } = node.step;
        return [
          `${name} (${type === 'crawler' ? l10n.t('crawler') : l10n.t('job')})`,
          stepState(node),
          ...(after.length > 0 ? [l10n.t('After {0}', after.join(', '))] : []),
          ...(trigger ? [l10n.t('Started by the trigger {0}', trigger)] : []),
          ...attempts.slice(0, 1).flatMap((attempt) => this.attemptLines(attempt)),
        ];
      }
      case 'attempt':
        return this.attemptLines(node.attempt);
      case 'message':
        return [node.text];
    }
  }

  /** Nodes of a run's steps, in the order of the graph. */
  steps(parent: WorkflowRunNode, nodes: readonly RunNode[]): WorkflowsNode[] {
    return [
      ...(parent.run.error ? [{ kind: 'message' as const, id: `${parent.id}/error`, parent, text: parent.run.error, failed: true }] : []),
      ...nodes.map((step): StepNode => ({ kind: 'step', id: `${parent.id}/step:${step.id}`, parent, step })),
    ];
  }

  private read({ expression }: RunSchedule) {
    return readSchedule(expression, { from: new Date(this.options.now?.() ?? Date.now()), language: this.options.language });
  }

  /** When a schedule starts a workflow next; undefined where none does. */
  nextStart(node: WorkflowsNode): Date | undefined {
    return node.kind === 'workflow' ? this.next(node.workflow.schedules.find(({ on }) => on)) : undefined;
  }

  private next(schedule: RunSchedule | undefined): Date | undefined {
    return schedule && this.read(schedule)?.next[0];
  }

  private scheduleLines(schedule: RunSchedule): string[] {
    const { format } = this.options;
    const read = this.read(schedule);
    const times = (read?.next ?? []).map((date) => `${format.at(date)} (${format.ago(date)})`);
    return [
      `${schedule.expression} UTC${read ? `: ${read.description}` : ''}`,
      schedule.on ? l10n.t('The schedule is on.') : l10n.t('The schedule is off: the workflow runs when it is started.'),
      ...(times.length > 0 ? [schedule.on ? l10n.t('Next times:') : l10n.t('If it were on, the next times would be:'), ...times] : []),
    ];
  }

  private took({ started, ended }: { readonly started?: Date; readonly ended?: Date }): string | undefined {
    return started && this.options.format.duration((ended?.getTime() ?? this.options.now?.() ?? Date.now()) - started.getTime());
  }

  private describeRun(run: LakeRun): string {
    // While a run is under way, its duration says when it started.
    const going = isGoing(run.state);
    return [stateName(run.state), going && run.total > 0 && l10n.t('{0} of {1}', run.done, run.total), this.took(run), !going && run.started && this.options.format.ago(run.started)].filter(Boolean).join(' · ');
  }

  private attemptLines({ id, state, started, ended, error }: Attempt): string[] {
    const { format } = this.options;
    return [id, stateName(state), ...(started ? [l10n.t('Started {0} ({1})', format.at(started), format.ago(started))] : []), ...(ended ? [l10n.t('Ended {0}', format.at(ended))] : []), ...(error ? [error] : [])];
  }

  private async workflows(aws: Connection, next?: string): Promise<Page<WorkflowsNode>> {
    const [{ items, next: following }, own] = await Promise.all([listWorkflows(aws, next), this.options.tutorialWorkflow()]);
    const nodes = items
      .map((workflow): WorkflowNode => ({ kind: 'workflow', id: workflowId(workflow.name), workflow, ofTutorial: workflow.name === own }))
      .sort((a, b) => Number(b.ofTutorial) - Number(a.ofTutorial) || a.workflow.name.localeCompare(b.workflow.name));
    return { nodes, ...(following && { more: (connection: Connection) => this.workflows(connection, following) }) };
  }

  private async runs(node: WorkflowNode, aws: Connection): Promise<Page<WorkflowsNode>> {
    // A refresh reads the schedule too. The first time the list has just brought it.
    const [runs, workflow] = await Promise.all([listRuns(aws, node.workflow.name, { limit: runsPerPage }), node.opened ? readWorkflow(aws, node.workflow.name) : node.workflow]);
    node.opened = true;
    const [newest] = runs.items;
    node.workflow = { ...workflow, ...(newest && { lastRun: newest }) };
    const page = this.runPage(node, runs);
    const nodes: WorkflowsNode[] = [
      ...workflow.schedules.map((schedule): ScheduleNode => ({ kind: 'schedule', id: scheduleId(workflow.name, schedule.trigger), parent: node, schedule })),
      ...(page.nodes.length === 0 ? [{ kind: 'message' as const, id: `${node.id}/none`, parent: node, text: l10n.t('It has not run yet. Start it with the button beside its name.'), failed: false }] : page.nodes),
    ];
    // Redrawn in any case: the workflow's description says how long ago its last run was.
    return { ...page, nodes, changed: node };
  }

  private runPage(parent: WorkflowNode, { items, next }: { readonly items: readonly LakeRun[]; readonly next?: string }): Page<WorkflowsNode> {
    const { name } = parent.workflow;
    const nodes = (runs: readonly LakeRun[]): WorkflowsNode[] => runs.map((run): WorkflowRunNode => ({ kind: 'run', id: runId(name, run.id), parent, run }));
    // An endpoint without pagination gives all runs at once. They are shown in pages all the same.
    const [shown, rest] = [items.slice(0, runsPerPage), items.slice(runsPerPage)];
    const more = rest.length > 0
      ? () => Promise.resolve(this.runPage(parent, { items: rest, ...(next && { next }) }))
      : next && (async (aws: Connection) => this.runPage(parent, await listRuns(aws, name, { limit: runsPerPage, next })));
    return { nodes: nodes(shown), ...(more && { more }) };
  }
}

/** A state's icon and colour. The icons differ too, for those who see no colours. */
export function presentState(state: RunState): { readonly icon: string; readonly color?: string } {
  const looks: Readonly<Record<RunState, { readonly icon: string; readonly color?: string }>> = {
    waiting: { icon: 'circle-large-outline', color: 'disabledForeground' },
    running: { icon: 'sync~spin', color: 'charts.blue' },
    stopping: { icon: 'loading~spin', color: warningColor },
    succeeded: { icon: 'pass', color: 'charts.green' },
    failed: { icon: 'error', color: 'errorForeground' },
    stopped: { icon: 'debug-stop', color: warningColor },
    unknown: { icon: 'question' },
  };
  return looks[state];
}

/** A step's name without the name of its workflow, which stands above it. */
const shortName = (name: string, workflow: string): string => (name.startsWith(`${workflow}-`) && name.slice(workflow.length + 1)) || name;

/** A step that still waits when its run has ended did not run. */
const stepState = ({ step, parent }: StepNode): string => (step.state === 'waiting' && !isGoing(parent.run.state) ? l10n.t('did not run') : stateName(step.state));

export function stateName(state: RunState): string {
  const names: Readonly<Record<RunState, () => string>> = {
    waiting: () => l10n.t('waiting for its turn'),
    running: () => l10n.t('running'),
    stopping: () => l10n.t('stopping'),
    succeeded: () => l10n.t('succeeded'),
    failed: () => l10n.t('failed'),
    stopped: () => l10n.t('stopped'),
    unknown: () => l10n.t('state unknown'),
  };
  return names[state]();
}
