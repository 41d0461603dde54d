import type * as vscode from 'vscode';
import type { ExportFormat, GridFilter, GridRow, GridSort, Kept, Picture } from '../../webviews/protocol.ts';

/** A picture for a file: an SVG that stands alone, and a name for it without an ending. */
export interface PictureFile {
  readonly name: string;
  readonly svg: string;
}

/** The same as a text, for other programs. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Cells between two corners, which belong to them. */
export interface CellRange {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Who holds the rows of a grid. */
export interface GridAnswers {
  /** Rows of those that `id` names; undefined when they stand elsewhere by now. */
  rows(id: number, from: number, to: number): readonly GridRow[] | undefined;
  /** Somebody has come to the end. */
  more(): void;
  look(sort: GridSort | undefined, filter: GridFilter | undefined): void;
  copy(id: number, range: CellRange): Promise<void>;
}

/** What a panel shows. One file a kind; the panel does the rest: page, messages, export, what is kept. */
export interface PanelSource extends vscode.Disposable {
  /** Its title before there is a picture. */
  readonly title: string;
  /** There may be another picture. */
  readonly onDidChange: vscode.Event<void>;
  /** Told when somebody sees it from now on, or no longer: nobody is asked anything meanwhile. */
  show(visible: boolean): void;
  /** Another picture is wanted: the one that `keep` finds. */
  find(keep: Kept): void;
  picture(): Promise<Picture>;
  /** Does what a thing's action says; the whole picture's things have the empty id. */
  act(thing: string, action: string): Promise<unknown>;
  choose?(value: string): void;
  /** The picture for a file, in colours that any program shows. */
  file(): Promise<PictureFile>;
  /** What is shown as a text; without it there are drawings alone. */
  text?(format: ExportFormat): Promise<TextFile>;
  /** Who holds its rows, where it is a grid. */
  readonly grid?: GridAnswers;
}
