import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { isGoing, listRuns, readRun, type LakeRun, type RunNode, type RunTrigger } from '../../aws/workflows.ts';
import { duration, heldLabel, runChart, runChartSvg, type ChartRow } from '../../pictures/runChart.ts';
import { runGraphSvg, runStateLabel, shortName, tookOf, triggerLabel } from '../../pictures/runGraph.ts';
import { runTable } from '../../pictures/runTable.ts';
import { joinSvg } from '../../pictures/svg.ts';
import { resultOf } from '../../provision/run.ts';
import { workflowName } from '../../resources/glue.ts';
import { runId, runTreePath, workflowTreePath } from '../../resources/tree-path.ts';
import type { Kept, PanelAction, Picture, Thing } from '../../webviews/protocol.ts';
import type { Services } from '../services.ts';
import { language } from '../settings.ts';
import { sharedConnectionOf, tutorialNames } from '../trees/controller.ts';
import { AccountSource } from './accountSource.ts';
import type { PictureFile } from './source.ts';
import { obstacleCommands, place, timeOfDay } from './where.ts';

type ReadRun = Awaited<ReturnType<typeof readRun>>;

/** Runs to choose from: the newest. */
const runsToChoose = 25;
/** How often a run that is under way is looked at, in milliseconds. */
const followMs = { sandbox: 900, aws: 5000 } as const;
/** Without one that is under way. */
const quietMs = { sandbox: 30_000, aws: 60_000 } as const;

/** The parts in the order in which they began, then those whose turn has not come, as the graph has them. */
const inTime = (nodes: readonly RunNode[]): readonly string[] => {
  const began = ({ attempts }: RunNode): number => attempts.at(-1)?.started?.getTime() ?? Number.POSITIVE_INFINITY;
  return [...nodes].sort((one, other) => (began(one) === began(other) ? 0 : began(one) - began(other))).map(({ name }) => name);
};

/** A run of a workflow: its graph, and below it the same over time. */
export class RunSource extends AccountSource {
  readonly title = l10n.t('Workflow Run');
  private workflow: string | undefined;
  private wanted: string | undefined;
  private runs: readonly LakeRun[] = [];
  private seen: ReadRun | undefined;
  private previous: ReadRun | undefined;
  private readAt = new Date();

  constructor(services: Services) {
    super(services, 300);
  }

  protected every(): number {
    return (this.seen && isGoing(this.seen.run.state) ? followMs : quietMs)[this.services.model.isSandbox ? 'sandbox' : 'aws'];
  }

  find({ workflow, run }: Kept): void {
    if (workflow !== undefined && (workflow !== this.workflow || run !== this.wanted)) {
      [this.workflow, this.wanted] = [workflow, run];
      [this.seen, this.previous] = [undefined, undefined];
      this.again();
    }
  }

  choose(run: string): void {
    if (this.workflow !== undefined) {
      this.find({ workflow: this.workflow, run });
    }
  }

  picture(): Promise<Picture> {
    const { seen, previous, services, workflow = '' } = this;
    const problem = this.obstacle?.problem ?? this.failure ?? (seen || this.reads.isRunning || this.runs.length > 0 ? undefined : l10n.t('This workflow has not run yet.'));
    const base = {
      busy: this.reads.isRunning,
      ...(problem !== undefined && { problem }),
      ...(this.runs.length > 0 && { choice: this.choice() }),
      keep: { ...(workflow !== '' && { workflow }), ...(seen && { run: seen.run.id }) },
    };
    if (!seen) {
      return Promise.resolve({ ...base, title: workflow || this.title, status: place(services), actions: this.obstacle?.actions ?? [], drawings: [], things: {}, tables: [] });
    }
    const { run, nodes, graph } = seen;
    const now = this.readAt.getTime();
    const chart = runChart(resultOf(seen.raw), previous && resultOf(previous.raw));
    const order = inTime(nodes);
    const going = isGoing(run.state);
    const took = run.started && duration((run.ended?.getTime() ?? now) - run.started.getTime(), language());
    return Promise.resolve({
      ...base,
      title: l10n.t('Run of {0}', run.workflow),
      status: [place(services), runStateLabel(run.state), took, l10n.t('{0} of {1} done', nodes.filter(({ state }) => state === 'succeeded').length, nodes.length), run.started && l10n.t('started at {0}', timeOfDay(run.started))].filter(Boolean).join(' · '),
      actions: [going ? { id: 'stopRun', label: l10n.t('Stop') } : { id: 'runAgain', label: l10n.t('Run Again') }, { id: 'reveal', label: l10n.t('Show in the Sidebar') }],
      drawings: [
        { label: l10n.t('Graph of the run'), svg: runGraphSvg({ ...graph, nodes }, { workflow, language: language(), now }) },
        { label: l10n.t('The run over time'), svg: this.chartSvg(seen, true) },
      ],
      things: {
        ...Object.fromEntries(graph.triggers.map((trigger) => [`trigger:${trigger.name}`, this.triggerThing(trigger)])),
        ...Object.fromEntries(nodes.map((node) => [`part:${node.name}`, this.partThing(node, chart.rows.find(({ name }) => name === node.name))])),
      },
      tables: [runTable([...nodes].sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name)), chart, language())],
    });
  }

  async act(thing: string, action: string): Promise<unknown> {
    const { seen } = this;
    const { executeCommand } = vscode.commands;
    if (thing === '' && action in obstacleCommands) {
      await executeCommand(obstacleCommands[action] ?? '');
      return this.reads.check();
    }
    if (!seen) {
      return undefined;
    }
    const { run } = seen;
    const { path } = runTreePath(run.workflow, run.id);
    switch (action) {
      case 'runAgain': {
        const started = await executeCommand<string | undefined>('lakeTutorial.runAgain', { path });
        return started === undefined ? undefined : this.find({ workflow: run.workflow, run: started });
      }
      case 'stopRun':
        await executeCommand('lakeTutorial.stopRun', { path });
        return this.reads.check();
      case 'log': {
        const node = seen.nodes.find(({ name }) => `part:${name}` === thing);
        return executeCommand('lakeTutorial.openLog', { path: [...path, `${runId(run.workflow, run.id)}/step:${node?.id ?? ''}`] });
      }
      default: {
        const { reveal } = await import('../actions/sidebar.ts');
        const trigger = seen.graph.triggers.find(({ name }) => `trigger:${name}` === thing);
        const node = seen.nodes.find(({ name }) => `part:${name}` === thing);
        return reveal(this.services, trigger ? workflowTreePath(run.workflow, trigger.type === 'schedule' ? trigger.name : undefined) : { tree: 'workflows', path: [...path, ...(node ? [`${runId(run.workflow, run.id)}/step:${node.id}`] : [])] });
      }
    }
  }

  file(): Promise<PictureFile> {
    const { seen, workflow = '' } = this;
    if (!seen) {
      return Promise.resolve({ name: 'run', svg: joinSvg([]) });
    }
    const graph = runGraphSvg({ ...seen.graph, nodes: seen.nodes }, { workflow, colouring: 'plain', language: language(), now: this.readAt.getTime() });
    return Promise.resolve({ name: `run-${workflow}`, svg: joinSvg([this.chartSvg(seen, false), graph]) });
  }

  private chartSvg({ raw, nodes }: ReadRun, page: boolean): string {
    return runChartSvg(resultOf(raw), {
      language: language(), ...(this.previous && { previous: resultOf(this.previous.raw) }), order: inTime(nodes), opens: page, workflow: this.workflow ?? '', colouring: page ? 'theme' : 'plain',
    });
  }

  private choice(): NonNullable<Picture['choice']> {
    const at = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'medium' });
    const options = this.runs.map((run) => ({ value: run.id, label: [run.started ? at.format(run.started) : run.id, runStateLabel(run.state)].join(' · ') }));
    const value = this.seen?.run.id ?? this.wanted ?? '';
    return { label: l10n.t('Run shown'), value, options: options.some((each) => each.value === value) || value === '' ? options : [...options, { value, label: value }] };
  }

  private partThing(node: RunNode, row: ChartRow | undefined): Thing {
    const { name, type, state, attempts, after, trigger } = node;
    const ran = tookOf(node, this.readAt.getTime());
    const time = (ms: number): string => duration(ms, language());
    return {
      title: shortName(name, this.workflow ?? ''),
      state: [runStateLabel(state), type === 'crawler' ? l10n.t('crawler') : l10n.t('job')].join(' · '),
      problems: attempts[0]?.error ? [attempts[0].error] : [],
      lines: [
        name,
        ...(row?.waiting ? [l10n.t('Waited: {0}', time(row.waiting.to - row.waiting.from))] : []),
        ...(ran === undefined ? [] : [[l10n.t('Ran: {0}', time(ran)), row?.before === undefined ? '' : l10n.t('({0} in the run before)', time(row.before))].filter(Boolean).join(' ')]),
        ...(row?.held ? [l10n.t('In this run: {0}.', heldLabel(row.held))] : []),
        ...(attempts.length > 1 ? [l10n.t('{0} attempts', attempts.length)] : []),
        ...(after.length > 0 ? [l10n.t('After {0}', after.join(', '))] : trigger ? [l10n.t('Started by the trigger {0}', trigger)] : []),
      ],
      actions: [...(attempts.length > 0 ? [{ id: 'log', label: l10n.t('Open Log') }] : []), this.revealing()],
    };
  }

  private triggerThing(trigger: RunTrigger): Thing {
    const { seen } = this;
    const nameOf = (id: string): string => seen?.nodes.find((node) => node.id === id)?.name ?? '';
    const [before, next] = [seen?.graph.edges.filter(({ to }) => to === trigger.id).map(({ from }) => nameOf(from)) ?? [], seen?.graph.edges.filter(({ from }) => from === trigger.id).map(({ to }) => nameOf(to)) ?? []];
    return {
      title: shortName(trigger.name, this.workflow ?? ''), state: [...new Set([l10n.t('Trigger'), triggerLabel(trigger, seen?.graph.edges ?? [])])].join(' · '), problems: [],
      lines: [...(trigger.schedule ? [trigger.schedule] : []), ...(before.length > 0 ? [l10n.t('After {0}', before.join(', '))] : []), ...(next.length > 0 ? [l10n.t('Starts {0}', next.join(', '))] : [])],
      actions: [this.revealing()],
    };
  }

  private revealing(): PanelAction {
    return { id: 'reveal', label: l10n.t('Show in the Sidebar') };
  }

  private again(): void {
    if (this.isShown) {
      this.reads.check();
      this.changed.fire();
    }
  }

  protected async read(): Promise<void> {
    const { services } = this;
    const asked = this.wanted;
    const connection = sharedConnectionOf(services.model);
    await connection.use(new AbortController().signal, async (aws) => {
      if (services.model.accountId === undefined) {
        await services.model.identify(aws);
      }
      const workflow = (this.workflow ??= workflowName({ names: await tutorialNames(services) }));
      const { items } = await listRuns(aws, workflow, { limit: runsToChoose });
      const id = asked ?? items[0]?.id;
      const index = items.findIndex((each) => each.id === id);
      // What a run is compared with is one that has ended.
      const earlier = index < 0 ? undefined : items.slice(index + 1).find(({ state }) => state === 'succeeded') ?? items[index + 1];
      const [seen, previous] = await Promise.all([
        id === undefined ? undefined : readRun(aws, workflow, id),
        earlier === undefined ? undefined : this.previous?.run.id === earlier.id ? this.previous : readRun(aws, workflow, earlier.id),
      ]);
      // Another one was asked for meanwhile.
      if (workflow === this.workflow && asked === this.wanted) {
        [this.runs, this.seen, this.previous, this.readAt] = [items, seen, previous, new Date()];
      }
    });
  }
}
