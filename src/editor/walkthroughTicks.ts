import type * as vscode from 'vscode';
import { contextKey, extensionId, walkthroughId } from './ids.ts';
import type { States } from './stepState.ts';
import { stepIds } from './steps.generated.ts';
import { Ticker } from './tutorials/ticker.ts';

/** The ticks of the built-in tutorial's walkthrough: a step is done while the account shows it, and not because a button was clicked. */
export class WalkthroughTicks implements vscode.Disposable {
  private readonly ticker: Ticker;
  private states: States = {};
  private applying: Promise<void> = Promise.resolve();

  constructor(log: vscode.LogOutputChannel) {
    this.ticker = new Ticker(log);
  }

  dispose(): void {
    this.ticker.dispose();
  }

  /** The steps that the walkthrough shows as done. */
  ticks(): readonly string[] {
    const ticked = new Set(this.ticker.ticks());
    return stepIds.map(({ id }) => id).filter((id) => ticked.has(contextKey(id)));
  }

  /** Ticks what is done, and unticks what is not. */
  show(states: States): void {
    this.states = states;
    this.applying = this.applying.then(() => Promise.all(stepIds.map(({ id }) =>
      this.ticker.tick({ id: `${extensionId}#${walkthroughId}#${id}`, contextKey: contextKey(id) }, this.states[id] === 'done'))).then(() => undefined));
  }

  /** Resolves when the ticks show the states. */
  settled(): Promise<void> {
    return this.applying;
  }
}
