import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { contextKey, extensionId, walkthroughId } from './ids.ts';
import type { States } from './stepState.ts';
import { stepIds } from './steps.generated.ts';

/**
 * The ticks of the built-in tutorial's walkthrough: a step is done while the account shows it, and not because a button was clicked.
 *
 * `onContext:` completion ticks once and never unticks, hence the workbench's own commands beside the context keys.
 */
export class WalkthroughTicks implements vscode.Disposable {
  private states: States = {};
  private readonly ticked = new Map<string, boolean>();
  private applying: Promise<void> = Promise.resolve();
  private disposed = false;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  dispose(): void {
    this.disposed = true;
  }

  /** The steps that the walkthrough shows as done. */
  ticks(): readonly string[] {
    return [...this.ticked].filter(([, done]) => done).map(([step]) => step);
  }

  /** Ticks what is done, and unticks what is not. */
  show(states: States): void {
    this.states = states;
    this.applying = this.applying.then(() => Promise.all(stepIds.map(({ id }) => this.tick(id))).then(() => undefined));
  }

  /** Resolves when the ticks show the states. */
  settled(): Promise<void> {
    return this.applying;
  }

  private async tick(step: string): Promise<void> {
    const done = this.states[step] === 'done';
    if (this.ticked.get(step) === done) {
      return;
    }
    this.ticked.set(step, done);
    await vscode.commands.executeCommand('setContext', contextKey(step), done);
    if (!(await this.mark(step, done))) {
      this.ticked.delete(step);
    }
  }

  /** These two commands are the workbench's own and undocumented: without them a step still ticks by its context key. */
  private async mark(step: string, done: boolean): Promise<boolean> {
    const command = done ? 'welcome.markStepComplete' : 'welcome.markStepIncomplete';
    for (let attempt = 0; attempt < 20 && !this.disposed; attempt++) {
      try {
        await vscode.commands.executeCommand(command, `${extensionId}#${walkthroughId}#${step}`);
        return true;
      } catch (error) {
        if (attempt === 0) {
          this.log.debug(`${command} ${step}: ${error instanceof Error ? error.message : String(error)}`);
        }
        // The steps are registered a moment after we are activated.
        await delay(100);
      }
    }
    return false;
  }
}
