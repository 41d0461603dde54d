import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { sentences } from '../../errors.ts';
import { describeMark, goldCsv, goldDashboard, goldMarks, goldSvg, goldTablesShown, totalBehind, type GoldDashboard, type GoldMark } from '../../pictures/goldDashboard.ts';
import { goldTablesIn, readGoldData, rowsBehindSql, type GoldData, type GoldTables } from '../../provision/goldData.ts';
import type { Kept, PanelAction, Picture, Thing } from '../../webviews/protocol.ts';
import { withAccount } from '../operations.ts';
import type { Services } from '../services.ts';
import { language } from '../settings.ts';
import { tutorialNames } from '../trees/controller.ts';
import { AccountSource } from './accountSource.ts';
import type { PictureFile, TextFile } from './source.ts';
import { obstacleCommands, place, timeOfDay } from './where.ts';

/** The catalog is looked at so often, in milliseconds; Athena is asked only when a run has made gold anew. */
const quietMs = { sandbox: 20_000, aws: 60_000 } as const;
const allClasses = '';
/** The jobs on the way to gold. */
const jobs = ['ingest-job', 'refine-job', 'aggregate-job'];

/** Gold as a dashboard. */
export class GoldSource extends AccountSource {
  readonly title = l10n.t('Gold');
  private tables: GoldTables | undefined;
  private data: GoldData | undefined;
  private place = '';
  private readAt: Date | undefined;
  private chosen: string | undefined;

  constructor(services: Services) {
    super(services, 800);
  }

  protected every(): number {
    return quietMs[this.services.model.isSandbox ? 'sandbox' : 'aws'];
  }

  protected override follow(): vscode.Disposable {
    const { steps, tutorial, model } = this.services;
    const look = (): void => this.look();
    return vscode.Disposable.from(steps.onDidChange(() => this.changed.fire()), tutorial.onDidChange(look), model.onDidChange(look), vscode.workspace.onDidGrantWorkspaceTrust(look));
  }

  /** That it is being read shows at once. */
  protected override look(): void {
    super.look();
    this.changed.fire();
  }

  find({ class: chosen }: Kept): void {
    if (chosen !== undefined) {
      this.chosen = chosen;
      this.changed.fire();
    }
  }

  choose(value: string): void {
    this.chosen = value === allClasses ? undefined : value;
    this.changed.fire();
  }

  async picture(): Promise<Picture> {
    const { services, data } = this;
    const dashboard = this.dashboard();
    const { title } = await services.tutorial.load();
    const base = {
      title: l10n.t('Gold: {0}', title), busy: this.reads.isRunning, things: {}, tables: [], drawings: [], exports: ['csv', 'svg', 'png'] as const,
      status: [place(services), this.readAt ? l10n.t('seen at {0}', timeOfDay(this.readAt)) : ''].filter(Boolean).join(' · '), keep: (this.chosen === undefined ? {} : { class: this.chosen }) satisfies Kept as Kept,
    };
    if (this.obstacle) {
      return { ...base, problem: this.obstacle.problem, actions: this.obstacle.actions };
    }
    const behind = await this.behind();
    if (!dashboard || !data || (dashboard.total === 0 && !dashboard.quality && !dashboard.freshness)) {
      const failure = this.failure ?? (this.tables ? behind : undefined);
      return { ...base, ...(failure !== undefined && { problem: failure }), actions: failure === undefined ? [] : await this.ways() };
    }
    const missing = [
      ...(data.tables.cube === undefined ? [l10n.t('rows over time, by hour and by class')] : []), ...(data.tables.quality === undefined ? [l10n.t('quality')] : []), ...(data.tables.freshness === undefined ? [l10n.t('freshness')] : []),
    ];
    const problem = [
      ...(this.failure === undefined ? [] : [this.failure]),
      ...(missing.length > 0 ? [l10n.t('Of these the catalog has no table of this tutorial, so they are not shown: {0}.', missing.join(', '))] : []),
      // What is shown may be old, or of no rows at all.
      ...(behind === undefined ? [] : [behind]),
    ].join('\n');
    const marks = goldMarks(dashboard);
    return {
      ...base,
      ...(problem !== '' && { problem }),
      actions: [{ id: 'refresh', label: l10n.t('Refresh') }, ...(behind === undefined ? [] : await this.ways()), ...(rowsBehindSql(data.tables, {}) === undefined ? [] : [{ id: 'allRows', label: l10n.t('Show Rows') }])],
      ...(dashboard.classes.length > 1 && { choice: { label: l10n.t('Class'), value: dashboard.chosen ?? allClasses, options: [{ value: allClasses, label: l10n.t('All classes') }, ...dashboard.classes.map((each) => ({ value: each, label: each }))] } }),
      drawings: [{ label: l10n.t('Gold'), svg: goldSvg(dashboard, { language: language(), opens: true }) }],
      things: Object.fromEntries(marks.map((mark) => [mark.id, this.thingOf(mark, dashboard, data)])),
      tables: goldTablesShown(dashboard, language()),
    };
  }

  async act(thing: string, action: string): Promise<unknown> {
    const { executeCommand } = vscode.commands;
    if (action === 'refresh') {
      this.data = undefined;
      return this.look();
    }
    if (action === 'rows' || action === 'allRows') {
      const dashboard = this.dashboard();
      const part = dashboard && (action === 'allRows' ? { ...(dashboard.chosen !== undefined && { valueClass: dashboard.chosen }) } : goldMarks(dashboard).find(({ id }) => id === thing)?.part);
      const sql = part && this.data && rowsBehindSql(this.data.tables, part);
      return sql === undefined ? undefined : executeCommand('lakeTutorial.runSql', { sql });
    }
    if (action === 'filter') {
      const valueClass = thing.replace(/^class:/, '');
      return this.choose(this.chosen === valueClass ? allClasses : valueClass);
    }
    await executeCommand(obstacleCommands[action] ?? `lakeTutorial.${action}`);
    return this.look();
  }

  async file(): Promise<PictureFile> {
    const { title } = await this.services.tutorial.load();
    const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' }).format(this.readAt ?? new Date());
    return { name: 'gold', svg: goldSvg(this.dashboard() ?? goldDashboard(nothing), { colouring: 'plain', language: language(), caption: [l10n.t('Gold: {0}', title), place(this.services), when].join(' · ') }) };
  }

  text(): Promise<TextFile> {
    return Promise.resolve({ name: 'gold', text: goldCsv(this.dashboard() ?? goldDashboard(nothing)) });
  }

  private dashboard(): GoldDashboard | undefined {
    return this.data && goldDashboard(this.data, { chosen: this.chosen, language: language() });
  }

  private thingOf(mark: GoldMark, dashboard: GoldDashboard, { tables }: GoldData): Thing {
    const isClass = mark.id.startsWith('class:');
    return {
      title: mark.label,
      state: describeMark(mark, totalBehind(dashboard, mark.id), language()).slice(mark.label.length + 2),
      problems: [],
      lines: mark.id.startsWith('quality:') && mark.part.reason !== undefined ? [l10n.t('"{0}" in the table of the rows that were set aside.', mark.part.reason)] : [],
      actions: [
        ...(mark.rows > 0 && rowsBehindSql(tables, mark.part) !== undefined ? [{ id: 'rows', label: l10n.t('Show Rows') }] : []),
        ...(isClass ? [{ id: 'filter', label: dashboard.chosen === mark.part.valueClass ? l10n.t('All classes') : l10n.t('Only This Class') }] : []),
      ],
    };
  }

  /** What may be behind it that there are no rows, or old ones: as the steps' own check says. */
  private async behind(): Promise<string | undefined> {
    const { steps, tutorial } = this.services;
    const text = await tutorial.load();
    const kinds = new Set(text.steps.flatMap(({ provisions }) => provisions.map(({ kind }) => kind)));
    const isEmpty = (this.dashboard()?.total ?? 0) === 0;
    if (isEmpty && !kinds.has('aggregate-job')) {
      return l10n.t('None of this tutorial\'s steps makes gold (the job aggregate), so there is nothing to show.');
    }
    const findings = text.steps.flatMap(({ id }) => steps.verified(id)?.findings ?? []).filter(({ unknown }) => !unknown);
    const about = (wanted: (resource: string) => boolean): string[] => [...new Set(findings.filter(({ resource }) => resource !== undefined && wanted(resource)).map(({ message, fix }) => sentences(message, fix)))];
    // The first on the way is the cause of those after it.
    const [first] = about((resource) => jobs.includes(resource));
    if (!isEmpty) {
      return first;
    }
    const [other] = about(() => true);
    return [
      this.tables?.cube === undefined ? l10n.t('The catalog has no table of gold yet: it comes with the first run of the workflow.') : l10n.t('Gold has no rows yet.'),
      first ?? other ?? l10n.t('Insert rows into the source, if it has no new ones, and run the workflow.'),
    ].join(' ');
  }

  /** What may bring rows. */
  private async ways(): Promise<PanelAction[]> {
    const text = await this.services.tutorial.load();
    const kinds = new Set(text.steps.flatMap(({ provisions }) => provisions.map(({ kind }) => kind)));
    const { steps } = this.services;
    const verify = { id: 'verifyAll', label: l10n.t('Verify Everything') };
    // A job that is not there, or not as it should be, does not run.
    if (text.steps.some(({ id }) => steps.verified(id)?.findings.some(({ resource = '', waiting, unknown }) => jobs.includes(resource) && !waiting && !unknown))) {
      return [{ id: 'provisionAll', label: l10n.t('Provision Everything') }, verify];
    }
    return kinds.has('aggregate-job') ? [{ id: 'runWorkflow', label: l10n.t('Run Workflow') }, { id: 'insertRows', label: l10n.t('Insert Rows') }, verify] : [];
  }

  protected async read(): Promise<void> {
    const { services } = this;
    await withAccount(services, undefined, async ({ connection }) => {
      const names = await tutorialNames(services);
      const tables = await goldTablesIn(connection, names);
      const where = `${place(services)} ${names.lakeDatabase}`;
      if (!this.data || this.tables?.version !== tables.version || this.place !== where) {
        this.data = await readGoldData(connection, names, tables);
        this.readAt = new Date();
        // Why there is none, or old one, is the steps' to say.
        services.steps.check();
      }
      [this.tables, this.place] = [tables, where];
    });
  }
}

const nothing: GoldData = { tables: { version: '' }, byClass: [], byHour: [], byDay: [], byDayAndHour: [] };
