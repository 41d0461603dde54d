import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { sentences } from '../../errors.ts';
import { lakeMap, type LakeMap, type MapEdge, type MapFinding, type MapNode } from '../../pictures/lakeMap.ts';
import { trafficForMap, type Traffic } from '../../pictures/look.ts';
import { costLabel, describeCount, drawnState, edgeId, edgeStateLabel, mapSvg, nodeStateLabel } from '../../pictures/mapSvg.ts';
import { mapTables } from '../../pictures/table.ts';
import { findKind } from '../../provision/account-view.ts';
import type { Kept, PanelAction, Picture, Thing } from '../../webviews/protocol.ts';
import { withAccount } from '../operations.ts';
import type { Services } from '../services.ts';
import { language } from '../settings.ts';
import { AccountSource } from './accountSource.ts';
import type { PictureFile } from './source.ts';
import { obstacleCommands, place, timeOfDay } from './where.ts';

/** Between two looks at the sandbox there is this pause, in milliseconds. */
const pause = 400;
/** Looked at again after this long without news, in milliseconds: rows arrive without AWS being called. */
const quiet = { sandbox: 20_000, aws: 60_000 } as const;
/** While jobs run on AWS, what runs is looked at so often. */
const followMs = 5000;

const commands: Readonly<Record<string, string>> = {
  provision: 'lakeTutorial.provisionStep', verify: 'lakeTutorial.verifyStep', why: 'lakeTutorial.whyNotDone', reveal: 'lakeTutorial.revealStep', explain: 'lakeTutorial.readStep', console: 'lakeTutorial.openConsole',
};

/** The active tutorial's lake as a map, as the account was last seen. */
export class LakeMapSource extends AccountSource {
  readonly title = l10n.t('Lake Map');
  private traffic: Traffic | undefined;
  private map: LakeMap | undefined;

  constructor(services: Services) {
    super(services, pause);
  }

  protected every(): number {
    return this.services.model.isSandbox ? quiet.sandbox : this.traffic?.running?.size ? followMs : quiet.aws;
  }

  protected override follow(): vscode.Disposable {
    const { steps, tutorial, model, activity } = this.services;
    const again = (): void => this.changed.fire();
    return vscode.Disposable.from(
      steps.onDidChange(again), activity.onDidChange(again), tutorial.onDidChange(again),
      model.onDidChange(() => this.look()), vscode.workspace.onDidGrantWorkspaceTrust(() => this.look()),
    );
  }

  /** There is one map. */
  find(_keep: Kept): void {}

  async picture(): Promise<Picture> {
    const { services, traffic } = this;
    const { steps } = services;
    const map = await this.draw();
    const said = language();
    const failure = steps.failure;
    const things = { ...Object.fromEntries(map.nodes.map((node) => [node.id, this.thingOf(node)])), ...Object.fromEntries(map.edges.filter(({ state }) => state === 'broken').map((edge) => [edgeId(edge), this.wayOf(edge, map)])) };
    const done = map.nodes.filter(({ state }) => state === 'done').length;
    const looked = Number.isFinite(steps.age) && steps.age < Date.now() - 1 ? timeOfDay(new Date(Date.now() - steps.age)) : undefined;
    const problem = this.obstacle?.problem ?? (failure && sentences(failure.what, failure.why, failure.next));
    return {
      title: l10n.t('Lake map: {0}', map.title),
      status: [place(services), l10n.t('{0} of {1} done', done, map.nodes.length), looked ? l10n.t('seen at {0}', looked) : steps.isLooking ? l10n.t('looking…') : ''].filter(Boolean).join(' · '),
      busy: steps.isLooking,
      ...(problem !== undefined && { problem }),
      actions: this.obstacle?.actions ?? [{ id: 'verifyAll', label: l10n.t('Verify Everything') }, ...(traffic && map.nodes.some(({ state }) => state === 'missing' || state === 'wrong') ? [{ id: 'provisionAll', label: l10n.t('Provision Everything') }] : [])],
      drawings: [{ label: l10n.t('Lake map: {0}', map.title), svg: mapSvg(map, { language: said }) }],
      things,
      tables: mapTables(map, said),
      keep: {},
    };
  }

  async act(thing: string, action: string): Promise<unknown> {
    const { executeCommand } = vscode.commands;
    if (thing === '') {
      return executeCommand(obstacleCommands[action] ?? `lakeTutorial.${action}`);
    }
    const step = this.stepOf(thing);
    return step === undefined ? undefined : executeCommand(commands[action] ?? '', step);
  }

  async file(): Promise<PictureFile> {
    const map = await this.draw();
    const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date());
    return { name: 'lake-map', svg: mapSvg(map, { colouring: 'plain', language: language(), caption: [map.title, place(this.services), when].join(' · ') }) };
  }

  private async draw(): Promise<LakeMap> {
    const { tutorial, steps, activity } = this.services;
    const text = await tutorial.load();
    const verified = text.steps.flatMap(({ id }) => steps.verified(id) ?? []);
    const under = (wanted: (state: string) => boolean): string[] => [...activity.now].flatMap(([kind, state]) => (wanted(state) ? [kind] : []));
    const running = new Set([...(this.traffic?.running ?? []), ...under((state) => ['creating', 'updating', 'adopting', 'removing', 'waiting'].includes(state))]);
    this.map = lakeMap(text, verified, this.traffic?.counts, { ...this.traffic, running, made: new Set(activity.made), gone: new Set(activity.gone) });
    return this.map;
  }

  /** Looks at the account again: states by the steps' own look, and what passes. */
  protected override look(): void {
    this.services.steps.check();
    super.look();
  }

  protected async read(): Promise<void> {
    // An operation that is under way says itself what it does.
    if (!this.services.queue.busy) {
      this.traffic = await withAccount(this.services, undefined, (options) => trafficForMap(options));
    }
  }

  protected override unseen(): void {
    this.traffic = undefined;
  }

  /** The look at the steps meets the same, and says it. */
  protected override failed(error: unknown): void {
    this.services.log.debug(`lake map: ${error instanceof Error ? error.message : String(error)}`);
  }

  private stepOf(thing: string): string | undefined {
    const { map } = this;
    const edge = map?.edges.find((each) => edgeId(each) === thing);
    const kind = edge?.finding?.resource;
    return map?.nodes.find(({ id, kind: of }) => (edge ? of === kind : id === thing))?.step;
  }

  private thingOf(node: MapNode): Thing {
    const { title, service, step, finding, state } = node;
    const cost = costLabel(node, language());
    return {
      title,
      state: [nodeStateLabel(drawnState(node)), service].join(' · '),
      problems: problemsOf(finding),
      lines: [...(cost ? [l10n.t('Costs {0}', cost)] : []), l10n.t('Step "{0}"', this.titleOfStep(step))],
      actions: this.actionsFor(node.kind, state),
    };
  }

  private wayOf(edge: MapEdge, { nodes }: LakeMap): Thing {
    const titleOf = (id: string): string => nodes.find((node) => node.id === id)?.title ?? id;
    const kind = edge.finding?.resource ?? '';
    const gate = nodes.find((node) => node.kind === kind);
    return {
      title: `${titleOf(edge.from)} → ${titleOf(edge.to)}`,
      state: edgeStateLabel(edge.state),
      problems: problemsOf(edge.finding),
      lines: [...[describeCount(edge, language())].filter(Boolean)],
      actions: gate ? this.actionsFor(kind, gate.state) : [],
    };
  }

  private titleOfStep(id: string): string {
    return this.services.steps.verified(id)?.title ?? id;
  }

  /** Only what applies. */
  private actionsFor(kindId: string, state: MapNode['state']): PanelAction[] {
    const kind = findKind(kindId);
    const isOpen = state === 'missing' || state === 'wrong' || state === 'waiting';
    return [
      ...(kind?.create && state !== 'done' && state !== 'waiting' ? [{ id: 'provision', label: l10n.t('Provision') }] : []),
      { id: 'verify', label: l10n.t('Verify') },
      ...(isOpen ? [{ id: 'why', label: l10n.t('Why?') }] : []),
      ...(kind?.sidebar && state !== 'missing' ? [{ id: 'reveal', label: l10n.t('Show in the Sidebar') }] : []),
      { id: 'explain', label: l10n.t('Read the Step') },
      ...(kind?.console && !this.services.model.isSandbox ? [{ id: 'console', label: l10n.t('Open in the Console') }] : []),
    ];
  }
}

const problemsOf = (finding: MapFinding | undefined): string[] => (finding ? [sentences(finding.message, finding.fix)] : []);
