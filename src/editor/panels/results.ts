import type { GridRow } from '../../webviews/protocol.ts';
import type { ResultColumn } from './gridModel.ts';

/** A page of rows, and whether more come after it. */
export interface RowPage {
  readonly rows: readonly GridRow[];
  readonly done: boolean;
  /** Where the columns have become more. */
  readonly columns?: readonly ResultColumn[];
}

/** Rows that were asked for: those that are here, and how to get at more. */
export interface Result {
  readonly title: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly GridRow[];
  /** What is known of them beside their number. */
  readonly facts: readonly string[];
  /** A name for a file, without an ending. */
  readonly name: string;
  /** The next page; none when these are all. */
  readonly more?: (signal: AbortSignal) => Promise<RowPage>;
  /** Shows the first of them as text. */
  readonly asText: () => Promise<unknown>;
  /** What asked for them, so that a window that is opened again can. */
  readonly asked: Asked;
}

/** A command and what it was told. */
export interface Asked {
  readonly command: 'lakeTutorial.runSql' | 'lakeTutorial.previewObject';
  readonly values: Readonly<Record<string, string>>;
}

/** The newest rows that were asked for: what a grid shows. */
export class Results {
  private latest: { readonly id: string; readonly result: Result } | undefined;

  /** @returns by what they are found. */
  put(result: Result): string {
    const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.latest = { id, result };
    return id;
  }

  get(id: string | undefined): Result | undefined {
    return this.latest?.id === id ? this.latest?.result : undefined;
  }

  /** They are shown no longer: a million rows are no small thing to keep. */
  forget(id: string | undefined): void {
    if (this.latest?.id === id) {
      this.latest = undefined;
    }
  }
}
