import * as vscode from 'vscode';
import { sentences } from '../../errors.ts';
import type { Kept, Picture } from '../../webviews/protocol.ts';
import { AccountWatch } from '../accountWatch.ts';
import { Recheck } from '../recheck.ts';
import type { Services } from '../services.ts';
import { toUserError } from '../userError.ts';
import type { PanelSource, PictureFile } from './source.ts';
import { obstacle, type Obstacle } from './where.ts';

/** What a panel shows of the account: read again while somebody sees it, when something may have changed. */
export abstract class AccountSource implements PanelSource {
  abstract readonly title: string;
  protected readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  protected readonly reads = new Recheck(() => this.readNow());
  /** Why the account cannot be looked at, and what went wrong when it was. */
  protected obstacle: Obstacle | undefined;
  protected failure: string | undefined;
  private readonly watch: AccountWatch;
  private subscription: vscode.Disposable | undefined;

  /** @param pause not more often than this is it read, in milliseconds, however much changes. */
  constructor(protected readonly services: Services, pause: number) {
    this.watch = new AccountWatch(services, () => this.look(), { pause, every: () => this.every() });
  }

  abstract find(keep: Kept): void;
  abstract picture(): Promise<Picture>;
  abstract act(thing: string, action: string): Promise<unknown>;
  abstract file(): Promise<PictureFile>;
  /** Read again after this long without news, in milliseconds. */
  protected abstract every(): number;
  /** Reads what is shown, when the account can be looked at. */
  protected abstract read(): Promise<void>;
  /** What else may change the picture, while somebody sees it. */
  protected follow(): vscode.Disposable {
    return vscode.Disposable.from();
  }

  dispose(): void {
    this.show(false);
    this.reads.dispose();
    this.changed.dispose();
  }

  show(visible: boolean): void {
    this.subscription?.dispose();
    this.subscription = undefined;
    this.watch.stop();
    if (visible) {
      this.subscription = this.follow();
      this.watch.start();
      this.look();
    }
  }

  /** True while somebody sees it. */
  protected get isShown(): boolean {
    return this.subscription !== undefined;
  }

  protected look(): void {
    this.reads.check();
  }

  /** The account cannot be looked at. */
  protected unseen(): void {}

  /** Reading failed. */
  protected failed(error: unknown): void {
    const { what, why, next } = toUserError(error);
    this.failure = sentences(what, why, next);
  }

  private async readNow(): Promise<void> {
    try {
      this.obstacle = await obstacle(this.services);
      await (this.obstacle ? this.unseen() : this.read());
      this.failure = undefined;
    } catch (error) {
      this.failed(error);
    }
    this.changed.fire();
    this.watch.later();
  }
}
