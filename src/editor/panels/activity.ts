import * as vscode from 'vscode';
import type { ProgressEvent } from '../../provision/account-view.ts';

/** What an operation that is under way does with things: for whoever shows it. Empty while none is. */
export class Activity implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly removing = new Set<string>();
  private readonly states = new Map<string, ProgressEvent['state']>();

  /** What was last told of a thing, by its kind. */
  get now(): ReadonlyMap<string, ProgressEvent['state']> {
    return this.states;
  }

  /** What it has made or mended, and what it has removed. */
  readonly made = new Set<string>();
  readonly gone = new Set<string>();

  note({ resource, state }: Pick<ProgressEvent, 'resource' | 'state'>): void {
    const before = this.states.get(resource);
    if (before !== state) {
      this.states.set(resource, state);
      if (state === 'done' && before !== undefined && before !== 'reading') {
        (this.removing.has(resource) ? this.gone : this.made).add(resource);
      } else if (state === 'removing') {
        this.removing.add(resource);
      }
      this.changed.fire();
    }
  }

  /** The operation has ended. */
  end(): void {
    if (this.states.size > 0) {
      [this.states, this.made, this.gone, this.removing].forEach((each) => each.clear());
      this.changed.fire();
    }
  }

  dispose(): void {
    this.changed.dispose();
  }
}
