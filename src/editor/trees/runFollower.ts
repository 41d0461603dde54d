import type { Connection } from '../../aws/connection.ts';
import { isGoing, readRun } from '../../aws/workflows.ts';
import type { TreeModel } from './tree.ts';
import type { WorkflowRunNode, WorkflowsNode, WorkflowsSource } from './workflows.ts';

export interface RunFollowerOptions {
  readonly model: TreeModel<WorkflowsNode>;
  readonly source: WorkflowsSource;
  readonly use: <T>(signal: AbortSignal, ask: (aws: Connection) => Promise<T>) => Promise<T>;
  readonly visible: () => boolean;
  /** Milliseconds between two requests for a run's state. */
  readonly every: () => number;
  readonly now: () => number;
  /** So many milliseconds after its time a schedule has surely started its run. */
  readonly grace?: number;
}

/** The longest delay that `setTimeout` takes. */
const longest = 2 ** 31 - 1;

/** No more runs than these are followed at a time. */
const mostAtATime = 8;

/**
 * Reads the state of the runs that are under way and visible, again and again. While the view is hidden or nothing runs it makes no
 * request. When the time of a schedule has come it refreshes the tree once, to show the run that the schedule started.
 */
export class RunFollower {
  private timer: NodeJS.Timeout | undefined;
  private starting: NodeJS.Timeout | undefined;
  private due: number | undefined;
  private looking: AbortController | undefined;

  constructor(private readonly options: RunFollowerOptions) {}

  /** Called after nodes were read, shown or hidden: starts to follow runs, or stops. */
  update(): void {
    const { visible, every } = this.options;
    if (visible() && this.going().length > 0) {
      clearTimeout(this.starting);
      this.timer ??= setTimeout(() => void this.look(), every());
      this.timer.unref();
    } else {
      this.stop();
      this.awaitSchedule();
    }
  }

  stop(): void {
    clearTimeout(this.starting);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.looking?.abort();
  }

  /** The visible runs that are under way. Of a workflow that is collapsed that is its last run. */
  private going(): WorkflowRunNode[] {
    const { model } = this.options;
    return model.known(undefined).flatMap((workflow): WorkflowRunNode[] => {
      if (workflow.kind !== 'workflow') {
        return [];
      }
      if (model.isOpen(workflow)) {
        return model.known(workflow).filter((node): node is WorkflowRunNode => node.kind === 'run' && isGoing(node.run.state));
      }
      const { lastRun } = workflow.workflow;
      return lastRun && isGoing(lastRun.state) ? [{ kind: 'run', id: '', parent: workflow, run: lastRun }] : [];
    }).slice(0, mostAtATime);
  }

  /** Refreshes the tree once when the time of the next schedule has come, or when the view is shown again after that time. */
  private awaitSchedule(): void {
    const { model, source, visible, now, grace = 5000 } = this.options;
    if (!visible()) {
      return;
    }
    if (this.due !== undefined && now() >= this.due) {
      this.due = undefined;
      model.refresh();
      return;
    }
    const next = Math.min(...model.known(undefined).map((node) => source.nextStart(node)?.getTime() ?? Infinity)) + grace;
    // A time that has passed stays due, although the schedule's next time is a later one by then.
    this.due = Math.min(this.due ?? Infinity, next);
    if (this.due - now() < longest) {
      this.starting = setTimeout(() => this.update(), this.due - now());
      this.starting.unref();
    }
  }

  private async look(): Promise<void> {
    const looking = new AbortController();
    this.looking = looking;
    await Promise.all(this.going().map((node) => this.follow(node, looking.signal)));
    if (this.looking === looking) {
      this.looking = undefined;
      this.timer = undefined;
      this.update();
    }
  }

  private async follow(node: WorkflowRunNode, signal: AbortSignal): Promise<void> {
    const { model, source, use } = this.options;
    try {
      const { run, nodes } = await use(signal, (aws) => readRun(aws, node.run.workflow, node.run.id));
      if (signal.aborted) {
        return;
      }
      node.run = run;
      const { workflow } = node.parent;
      if (workflow.lastRun?.id === run.id) {
        node.parent.workflow = { ...workflow, lastRun: run };
        model.redraw(node.parent);
      }
      if (node.id !== '') {
        model.replace(node, source.steps(node, nodes));
      }
    } catch {
      // The next request may succeed. If it does not, refreshing the tree shows the error.
    }
  }
}
