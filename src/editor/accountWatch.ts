import * as vscode from 'vscode';
import type { Services } from './services.ts';
import { readSandbox } from './settings.ts';

export interface WatchOptions {
  /** Not more often than this, in milliseconds, however much changes. */
  readonly pause: number;
  /** Looked at again after this without news: AWS tells of none. Absent where only news counts. */
  readonly every?: () => number;
}

/**
 * Says when something in the account may have become another: at once in the sandbox, whose files tell it; elsewhere at a modest pace, and only while
 * the window has the focus. It asks nobody anything, and does nothing before it is started and after it is stopped.
 */
export class AccountWatch implements vscode.Disposable {
  private ends: vscode.Disposable | undefined;
  private due: NodeJS.Timeout | undefined;
  private told = 0;
  private generation = 0;

  constructor(private readonly services: Pick<Services, 'model'>, private readonly look: () => void, private readonly options: WatchOptions) {}

  start(): void {
    this.stop();
    const generation = ++this.generation;
    const { model } = this.services;
    const subscriptions = [model.onDidChange(() => this.start())];
    this.ends = vscode.Disposable.from(...subscriptions);
    if (model.isOwnSandbox) {
      void import('../sandbox/control/sandbox.ts').then(({ watchSandbox }) => {
        if (generation === this.generation) {
          const end = watchSandbox({ state: readSandbox().state }, () => this.soon(0));
          this.ends = vscode.Disposable.from(...subscriptions, { dispose: end });
        }
      });
    }
    this.later();
  }

  stop(): void {
    this.generation++;
    clearTimeout(this.due);
    this.due = undefined;
    this.ends?.dispose();
    this.ends = undefined;
  }

  dispose(): void {
    this.stop();
  }

  /** Looks after so long, or when the pause is over. */
  private soon(ms: number): void {
    clearTimeout(this.due);
    this.due = setTimeout(() => this.now(), Math.max(ms, this.told + this.options.pause - Date.now()));
    this.due.unref();
  }

  /** The pace may be another one now. */
  later(): void {
    if (this.ends && this.options.every) {
      this.soon(this.options.every());
    }
  }

  private now(): void {
    if (!this.ends) {
      return;
    }
    if (vscode.window.state.focused || this.services.model.isOwnSandbox) {
      this.told = Date.now();
      this.look();
    }
    this.later();
  }
}
