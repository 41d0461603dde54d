import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { isCancellation, sentences } from '../../errors.ts';
import { csvText, jsonText, markdownText, tsvText } from '../../rowsText.ts';
import type { ExportFormat, GridFilter, GridRow, GridSort, Kept, Picture } from '../../webviews/protocol.ts';
import { showFailure } from '../failures.ts';
import { withProgress } from '../progress.ts';
import type { Services } from '../services.ts';
import { formatterFor } from '../trees/format.ts';
import { toUserError } from '../userError.ts';
import { GridModel } from './gridModel.ts';
import type { Result } from './results.ts';
import type { CellRange, GridAnswers, PanelSource, PictureFile, TextFile } from './source.ts';

/** So many rows are held at most: each is some hundred bytes. */
const mostRows = 1_000_000;
/** More than this on the clipboard is a file's business. */
const mostCopied = 200_000;

/** The rows of a query or of an object as a grid. */
export class GridSource implements PanelSource, GridAnswers {
  readonly title = l10n.t('Rows');
  readonly grid = this;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private keep: Kept = {};
  private result: Result | undefined;
  private model = new GridModel([]);
  private id = 0;
  private done = true;
  private reading: Promise<void> | undefined;
  private readonly ending = new AbortController();
  private failure: string | undefined;

  constructor(private readonly services: Services) {}

  dispose(): void {
    this.ending.abort();
    this.services.results.forget(this.keep['result']);
    this.changed.dispose();
  }

  show(_visible: boolean): void {}

  find(keep: Kept): void {
    if (keep['result'] === undefined || (keep['result'] === this.keep['result'] && this.result)) {
      return;
    }
    this.keep = keep;
    this.result = this.services.results.get(keep['result']);
    this.model = new GridModel(this.result?.columns ?? [], this.result?.rows);
    this.done = !this.result?.more;
    [this.failure, this.reading] = [undefined, undefined];
    this.id++;
    this.changed.fire();
  }

  picture(): Promise<Picture> {
    const { result, model, keep, failure } = this;
    const base = { drawings: [], things: {}, tables: [], busy: this.reading !== undefined, keep };
    const again = { id: 'again', label: l10n.t('Run Again') };
    if (!result) {
      return Promise.resolve({
        ...base, title: keep['title'] ?? this.title, status: '', problem: l10n.t('Rows are not kept when a window is closed.'), actions: keep['command'] === undefined ? [] : [again],
      });
    }
    const { sort, filter } = model;
    return Promise.resolve({
      ...base,
      title: result.title,
      status: result.facts.join(' · '),
      ...(failure !== undefined && { problem: failure }),
      actions: [again, { id: 'asText', label: l10n.t('Show as Text') }, ...(this.done || model.count >= mostRows ? [] : [{ id: 'readAll', label: l10n.t('Read All Rows') }])],
      grid: {
        id: this.id, columns: model.columns.map((column, index) => ({ ...column, numeric: model.numeric[index] ?? false })), total: model.total, more: !this.done && model.count < mostRows && !filter && !sort,
        note: this.note(), ...(sort && { sort }), ...(filter && { filter }),
      },
    });
  }

  async act(_thing: string, action: string): Promise<unknown> {
    switch (action) {
      case 'again': {
        const { command = '', result: _id, title: _title, ...values } = this.keep;
        return this.result ? vscode.commands.executeCommand(this.result.asked.command, this.result.asked.values) : vscode.commands.executeCommand(command, values);
      }
      case 'asText':
        return this.result?.asText();
      default:
        return this.readAll();
    }
  }

  file(): Promise<PictureFile> {
    return Promise.reject(new Error('A grid is no drawing.'));
  }

  async text(format: ExportFormat): Promise<TextFile> {
    await this.readAll();
    const { columns, numeric, total } = this.model;
    const rows = this.model.rows(0, total);
    const text = format === 'csv' ? csvText(columns, rows) : format === 'json' ? jsonText(columns, rows, numeric) : markdownText(columns, rows, numeric);
    return { name: this.result?.name ?? 'rows', text };
  }

  rows(id: number, from: number, to: number): readonly GridRow[] | undefined {
    return id === this.id ? this.model.rows(from, Math.min(to, from + 1000)) : undefined;
  }

  more(): void {
    this.readPage(this.ending.signal).catch((error: unknown) => this.tell(error));
  }

  look(sort: GridSort | undefined, filter: GridFilter | undefined): void {
    this.model.look({ sort, filter });
    this.id++;
    this.changed.fire();
  }

  async copy(id: number, { top, left, bottom, right }: CellRange): Promise<void> {
    if (id !== this.id) {
      return;
    }
    const rows = this.model.rows(top, Math.min(bottom + 1, top + Math.ceil(mostCopied / Math.max(1, right - left + 1)))).map((row) => Array.from({ length: right - left + 1 }, (_, index) => row[left + index] ?? null));
    await vscode.env.clipboard.writeText(tsvText(rows));
    const [count, wanted] = [rows.length, bottom - top + 1];
    vscode.window.setStatusBarMessage(count < wanted ? l10n.t('Copied: the first {0} of {1} rows. All of them fit into a file.', count, wanted) : rows.length === 1 && left === right ? l10n.t('Copied: {0}', (rows[0]?.[0] ?? 'NULL').slice(0, 80)) : l10n.t('Copied: {0} × {1} cells', count, right - left + 1), 3000);
  }

  private note(): string {
    const { model, done } = this;
    const format = formatterFor(vscode.env.language);
    const rows = (count: number): string => (count === 1 ? l10n.t('1 row') : l10n.t('{0} rows', format.count(count)));
    if (model.count === 0 && done) {
      return l10n.t('There are no rows.');
    }
    const held = done ? rows(model.count) : l10n.t('{0} read so far', rows(model.count));
    const seen = model.filter ? l10n.t('{0} of {1}', format.count(model.total), held) : held;
    const rest = done ? '' : model.count >= mostRows ? l10n.t('No more are read: ask for fewer with WHERE.') : model.sort || model.filter ? l10n.t('There are more: "Read All Rows" sorts and filters them too.') : l10n.t('There are more: they are read as you scroll.');
    return [seen, rest].filter(Boolean).join('. ');
  }

  /** One page is read at a time. */
  private readPage(signal: AbortSignal): Promise<void> {
    const { result, model } = this;
    if (!result?.more || this.done || model.count >= mostRows) {
      return Promise.resolve();
    }
    this.reading ??= result.more(signal).then(({ rows, done, columns }) => {
      // Another one is shown by now.
      if (result === this.result) {
        if (columns && columns.length > model.columns.length) {
          model.columns = columns;
        }
        model.add(rows.slice(0, mostRows - model.count));
        this.done = done;
        this.failure = undefined;
        this.id += model.sort || model.filter ? 1 : 0;
      }
    }).finally(() => {
      if (result === this.result) {
        this.reading = undefined;
        this.changed.fire();
      }
    });
    return this.reading;
  }

  private async readAll(): Promise<void> {
    if (this.done) {
      return;
    }
    const { result } = this;
    const format = formatterFor(vscode.env.language);
    await withProgress(l10n.t('Lake Tutorial: reading rows'), async (report, signal) => {
      const either = AbortSignal.any([signal, this.ending.signal]);
      while (!this.done && this.model.count < mostRows && result === this.result) {
        either.throwIfAborted();
        await this.readPage(either);
        report(format.count(this.model.count));
      }
    });
  }

  private tell(error: unknown): void {
    if (isCancellation(error)) {
      return;
    }
    const { what, why, next } = toUserError(error);
    this.failure = sentences(what, why, next);
    showFailure(this.services, 'grid', error);
    this.changed.fire();
  }
}
