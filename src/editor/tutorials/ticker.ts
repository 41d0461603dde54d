import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

/** A step of a walkthrough, as the workbench names it (`publisher.name#walkthrough#step`), and the context key that ticks it. */
export interface Tickable {
  readonly id: string;
  readonly contextKey: string;
}

/**
 * Ticks steps of walkthroughs, and unticks them.
 *
 * `onContext:` completion ticks once and never unticks, hence the workbench's own commands beside the context keys.
 */
export class Ticker implements vscode.Disposable {
  private readonly ticked = new Map<string, boolean>();
  private disposed = false;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  dispose(): void {
    this.disposed = true;
  }

  /** The context keys of the steps that are ticked. */
  ticks(): readonly string[] {
    return [...this.ticked].filter(([, done]) => done).map(([contextKey]) => contextKey);
  }

  async tick({ id, contextKey }: Tickable, done: boolean): Promise<void> {
    if (this.ticked.get(contextKey) === done) {
      return;
    }
    this.ticked.set(contextKey, done);
    await vscode.commands.executeCommand('setContext', contextKey, done);
    if (!(await this.mark(id, done))) {
      this.ticked.delete(contextKey);
    }
  }

  /** These two commands are the workbench's own and undocumented: without them a step still ticks by its context key. */
  private async mark(id: string, done: boolean): Promise<boolean> {
    const command = done ? 'welcome.markStepComplete' : 'welcome.markStepIncomplete';
    for (let attempt = 0; attempt < 20 && !this.disposed; attempt++) {
      try {
        await vscode.commands.executeCommand(command, id);
        return true;
      } catch (error) {
        if (attempt === 0) {
          this.log.debug(`${command} ${id}: ${error instanceof Error ? error.message : String(error)}`);
        }
        // The steps are registered a moment after an extension is activated.
        await delay(100);
      }
    }
    return false;
  }
}
