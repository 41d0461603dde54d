import * as vscode from 'vscode';
import type { UserError } from '../errors.ts';
import type { VerifiedStep } from '../provision/verify.ts';
import type { Tutorial } from '../tutorial/model.ts';
import type { ActiveTutorial } from './activeTutorial.ts';
import type { GlobalState } from './globalState.ts';
import { Recheck } from './recheck.ts';
import { isComplete, type States } from './stepState.ts';
import { toUserError } from './userError.ts';

interface Remembered {
  readonly place: string;
  readonly tutorial?: string;
  readonly states: States;
}

const statesKey = 'lakeTutorial.states';
/** When each tutorial was completed, by its key. */
const completedKey = 'lakeTutorial.completed';

/** What the account was last seen to hold of the active tutorial's steps. It shows nothing, and asks nobody. */
export class StepsModel implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when states are other ones, and when a look begins or ends. */
  readonly onDidChange = this.changed.event;
  private current: States = {};
  private readonly seen = new Map<string, VerifiedStep>();
  private place: string | undefined;
  private tutorialKey = '';
  private declared: string | undefined;
  private checkedAt = 0;
  private problem: UserError | undefined;
  private disposed = false;
  private complete = false;
  /** The steps that there are, as they were last read. */
  private listed: { readonly key: string; readonly steps: Tutorial['steps'] } = { key: '', steps: [] };
  private readonly looks = new Recheck((asked) => this.lookNow(asked), () => this.changed.fire());
  private readonly subscription: vscode.Disposable;

  /**
   * @param look reads the account; `asked` is true after something that the user did. It gives nothing when there is no account to read, and undefined when it was not possible just now.
   * @param currentPlace names account and region, as the states of one account say nothing about another.
   * @param isWatched true while somebody sees the states.
   */
  constructor(
    private readonly globalState: GlobalState,
    private readonly tutorial: ActiveTutorial,
    private readonly look: (asked: boolean) => Promise<readonly VerifiedStep[] | undefined>,
    private readonly currentPlace: () => string,
    private readonly isWatched: () => boolean,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = tutorial.onDidChange(() => void this.follow());
  }

  dispose(): void {
    this.disposed = true;
    this.looks.dispose();
    this.subscription.dispose();
    this.changed.dispose();
  }

  /** Milliseconds since the account was last read. */
  get age(): number {
    return Date.now() - this.checkedAt;
  }

  /** True while the account is being read. */
  get isLooking(): boolean {
    return this.looks.isRunning;
  }

  /** Why the last look failed, if it did. */
  get failure(): UserError | undefined {
    return this.problem;
  }

  /** The states as last seen. */
  states(): States {
    return this.current;
  }

  /** What was found for a step, if it was looked at in this session. */
  verified(step: string): VerifiedStep | undefined {
    return this.seen.get(step);
  }

  /** True while every step is done that can be. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** When the tutorial was completed: it stays when the ticks go. */
  get completedOn(): Date | undefined {
    const on = this.globalState.get<Record<string, string>>(completedKey)?.[this.tutorialKey];
    return on === undefined ? undefined : new Date(on);
  }

  /** True while these are the built-in tutorial's steps. */
  get areBuiltIn(): boolean {
    return this.tutorialKey === '';
  }

  /** Takes over the states of the last window, without reading the account. */
  restore(): void {
    const remembered = this.globalState.get<Remembered>(statesKey);
    this.place = this.currentPlace();
    this.tutorialKey = this.tutorial.key ?? remembered?.tutorial ?? '';
    this.current = remembered?.place === this.place && (remembered.tutorial ?? '') === this.tutorialKey ? remembered.states : {};
    this.changed.fire();
  }

  /** Reads the account again soon. However often it is called, one check is under way and at most one more follows. */
  check(asked = false): void {
    this.looks.check(asked);
  }

  /** Takes over what a verification found. */
  accept(steps: readonly VerifiedStep[]): void {
    steps.forEach((step) => this.seen.set(step.id, step));
    this.update({ ...this.current, ...statesOf(steps) });
  }

  /** Resolves when no check is under way. */
  settled(): Promise<void> {
    return this.looks.settled();
  }

  /** Another tutorial, or another text of the same: its states are looked for where somebody sees them, if what it asks for has changed. */
  private async follow(): Promise<void> {
    const key = this.tutorial.key ?? '';
    if (key !== this.tutorialKey) {
      this.forget(key);
    }
    const declared = await this.tutorial.load().then(({ variables, steps }) => JSON.stringify([variables.map(({ range: _, ...variable }) => variable), steps.map(({ id, provisions }) => [id, provisions])]), () => undefined);
    if (this.disposed || key !== this.tutorialKey) {
      return;
    }
    if (declared !== undefined && (declared !== this.declared || this.problem) && this.isWatched()) {
      this.declared = declared;
      this.check();
    }
    this.changed.fire();
  }

  private forget(tutorialKey: string): void {
    this.tutorialKey = tutorialKey;
    this.seen.clear();
    this.checkedAt = 0;
    this.problem = undefined;
    this.declared = undefined;
    this.update({});
  }

  private async lookNow(asked: boolean): Promise<void> {
    try {
      await this.tutorial.uri();
      const [key, place] = [this.tutorial.key ?? '', this.currentPlace()];
      if (this.place !== place || this.tutorialKey !== key) {
        this.forget(key);
      }
      const [steps, all] = await Promise.all([this.look(asked), this.tutorial.load().then((text) => text.steps, () => [])]);
      this.listed = { key, steps: all };
      // What was read of another tutorial or account says nothing of the one that is the active one meanwhile.
      if (steps && this.tutorialKey === key && (this.tutorial.key ?? '') === key && this.currentPlace() === place) {
        this.checkedAt = Date.now();
        this.problem = undefined;
        this.seen.clear();
        steps.forEach((step) => this.seen.set(step.id, step));
        this.update({ ...this.unlooked(steps), ...statesOf(steps) });
      }
    } catch (error) {
      this.problem = toUserError(error);
      this.log.debug(`steps not re-checked: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Only tearing down finds out that nothing is left: a look that nobody asked for leaves that step out. What it found holds until a step's things are there again. */
  private unlooked(steps: readonly VerifiedStep[]): States {
    if (steps.length === 0 || steps.some(({ state, resources = [] }) => (state === 'done' || state === 'waiting') && resources.length > 0)) {
      return {};
    }
    const looked = new Set(steps.map(({ id }) => id));
    return Object.fromEntries(Object.entries(this.current).filter(([id, state]) => state === 'done' && !looked.has(id)));
  }

  private update(states: States): void {
    this.current = states;
    this.place = this.currentPlace();
    void this.globalState.update(statesKey, { place: this.place, tutorial: this.tutorialKey, states } satisfies Remembered);
    this.complete = this.listed.key === this.tutorialKey && isComplete(this.listed.steps, states);
    if (this.complete && this.completedOn === undefined) {
      void this.globalState.update(completedKey, { ...this.globalState.get<Record<string, string>>(completedKey), [this.tutorialKey]: new Date().toISOString() });
    }
    this.changed.fire();
  }
}

const statesOf = (steps: readonly VerifiedStep[]): States => Object.fromEntries(steps.map(({ id, state }) => [id, state]));
