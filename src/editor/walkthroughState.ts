import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { StepState, VerifyResult } from '../provision/verify.ts';
import { contextKey, extensionId, walkthroughId } from './ids.ts';
import type { GlobalState } from './globalState.ts';
import { stepIds } from './steps.generated.ts';

export type States = Readonly<Record<string, StepState>>;

interface Remembered {
  readonly place: string;
  readonly states: States;
}

const statesKey = 'lakeTutorial.states';
const cleanup = 'teardown';

/**
 * The walkthrough's ticks: a step is done while the account shows it, and not because a button was clicked.
 *
 * `onContext:` completion ticks once and never unticks, hence the workbench's own commands beside the context keys.
 */
export class WalkthroughState implements vscode.Disposable {
  private current: States = {};
  private targetKey: string | undefined;
  private readonly ticked = new Map<string, boolean>();
  private applying: Promise<void> = Promise.resolve();
  private checking: Promise<void> | undefined;
  private wanted = false;
  private asked = false;
  private checkedAt = 0;
  private disposed = false;

  /**
   * @param readStates reads the account; `asked` is true after something that the user did. It gives `{}` when there is no account to read, and undefined when reading failed.
   * @param currentTargetKey names account and region, as the states of one account say nothing about another.
   */
  constructor(
    private readonly globalState: GlobalState,
    private readonly readStates: (asked: boolean) => Promise<States | undefined>,
    private readonly currentTargetKey: () => string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  dispose(): void {
    this.disposed = true;
  }

  /** Milliseconds since the account was last read. */
  get age(): number {
    return Date.now() - this.checkedAt;
  }

  /** The states as last seen. */
  states(): States {
    return this.current;
  }

  /** The steps that the walkthrough shows as done. */
  ticks(): readonly string[] {
    return [...this.ticked].filter(([, done]) => done).map(([step]) => step);
  }

  /** Shows the states of the last window, without reading the account. */
  restore(): void {
    const remembered = this.globalState.get<Remembered>(statesKey);
    this.targetKey = this.currentTargetKey();
    this.current = remembered?.place === this.targetKey ? remembered.states : {};
    this.apply();
  }

  /** Reads the account again soon. However often it is called, one check is under way and at most one more follows. */
  check(asked = false): void {
    this.wanted = true;
    this.asked ||= asked;
    this.checking ??= this.run().finally(() => {
      this.checking = undefined;
      if (this.wanted && !this.disposed) {
        this.check();
      }
    });
  }

  /** Takes over the states that a verification found. */
  accept(steps: VerifyResult['steps']): void {
    this.update({ ...this.current, ...Object.fromEntries(steps.map(({ id, state }) => [id, state])) });
  }

  /** Resolves when no check is under way and the ticks show the states. */
  async settled(): Promise<void> {
    while (this.checking) {
      await this.checking;
    }
    await this.applying;
  }

  private async run(): Promise<void> {
    while (this.wanted && !this.disposed) {
      // Not during activation; and calls that come together make one check.
      await delay(0);
      this.wanted = false;
      const asked = this.asked;
      this.asked = false;
      if (this.targetKey !== this.currentTargetKey()) {
        this.update({});
      }
      try {
        const seen = await this.readStates(asked);
        if (seen) {
          this.checkedAt = Date.now();
          // Only tearing down finds out that nothing is left. That holds until a step's things are there again.
          const clean = this.current[cleanup] === 'done' && !Object.entries(seen).some(([id, state]) => (state === 'done' || state === 'waiting') && provisions.has(id));
          this.update({ ...seen, ...(clean && { [cleanup]: 'done' as const }) });
        }
      } catch (error) {
        this.log.debug(`walkthrough not re-checked: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  private update(states: States): void {
    this.current = states;
    this.targetKey = this.currentTargetKey();
    void this.globalState.update(statesKey, { place: this.targetKey, states } satisfies Remembered);
    this.apply();
  }

  private apply(): void {
    this.applying = this.applying.then(() => Promise.all(stepIds.map(({ id }) => this.tick(id))).then(() => undefined));
  }

  private async tick(step: string): Promise<void> {
    const done = this.current[step] === 'done';
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

const provisions = new Set(stepIds.filter(({ provision }) => provision).map(({ id }) => id));
