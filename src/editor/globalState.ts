import type * as vscode from 'vscode';

/** Tries to write one value. Each can only be lost to another write of ours at the same moment. */
const TRIES = 10;

/**
 * What the extension remembers between windows, without losing any of it.
 *
 * `globalState` replaces all that it holds by what comes back from the window of an earlier write (`extHostMemento.ts`): what was
 * written in between is gone, in memory and then on disk. Here it stays readable, and is written again until it is there.
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
