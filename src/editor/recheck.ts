import { setTimeout as delay } from 'node:timers/promises';

/** Looks that may be asked for at any time: however often, one is under way and at most one more follows. */
export class Recheck {
  private running: Promise<void> | undefined;
  private wanted = false;
  private asked = false;
  private disposed = false;

  /**
   * @param look never rejects; `asked` is true after something that the user did.
   * @param changed told when looks begin and end.
   */
  constructor(
    private readonly look: (asked: boolean) => Promise<void>,
    private readonly changed: () => void = () => undefined,
  ) {}

  dispose(): void {
    this.disposed = true;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Looks again soon. */
  check(asked = false): void {
    this.wanted = true;
    this.asked ||= asked;
    if (!this.running) {
      this.running = this.run().finally(() => {
        this.running = undefined;
        this.changed();
        if (this.wanted && !this.disposed) {
          this.check();
        }
      });
      this.changed();
    }
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    while (this.running) {
      await this.running;
    }
  }

  private async run(): Promise<void> {
    while (this.wanted && !this.disposed) {
      // Not during activation; and calls that come together make one look.
      await delay(0);
      const { asked } = this;
      [this.wanted, this.asked] = [false, false];
      await this.look(asked);
    }
  }
}
