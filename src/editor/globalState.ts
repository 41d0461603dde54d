import type * as vscode from 'vscode';

/** How often a value is written at most. A write is lost only to another write of ours at the same moment. */
const TRIES = 10;

/**
 * VS Code's `globalState`, without its lost updates.
 *
 * When a write has been stored, `globalState` takes all its values back from the window's process (`extHostMemento.ts`). A value that was
 * written meanwhile is then lost, in memory and on disk. Here a value stays readable, and is written again until `globalState` has it.
 */
export class GlobalState {
  private readonly pending = new Map<string, { readonly value: unknown }>();

  constructor(private readonly memento: Pick<vscode.Memento, 'get' | 'update'>) {}

  /** What was last written here, or by another window. */
  get<T>(key: string): T | undefined {
    const pending = this.pending.get(key);
    return pending ? (pending.value as T | undefined) : this.memento.get<T>(key);
  }

  /** Can be read at once; resolves when it is kept. */
  async update(key: string, value: unknown): Promise<void> {
    const written = { value };
    this.pending.set(key, written);
    const isLatest = (): boolean => this.pending.get(key) === written;
    const isKept = (): boolean => JSON.stringify(this.memento.get(key)) === JSON.stringify(value);
    for (let tries = 0; isLatest() && (tries === 0 || !isKept()) && tries < TRIES; tries++) {
      await this.memento.update(key, value);
    }
    if (isLatest() && isKept()) {
      this.pending.delete(key);
    }
  }
}
