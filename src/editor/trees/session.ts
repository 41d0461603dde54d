import type { Connection } from '../../aws/connection.ts';
import { AwsError } from '../../aws/errors.ts';
import type { ConnectionModel } from '../connectionModel.ts';
import type { Ask } from './tree.ts';

/** After so long without a call the connection is closed: nobody looks. */
const idle = 5 * 60_000;

/** The trees' one connection, kept while they are used: a new one for each expansion would cost more than the expansion. */
export class Session {
  private current: Promise<Connection> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private users = 0;

  constructor(private readonly model: Pick<ConnectionModel, 'open'>) {}

  /** Runs something with the connection. One that turns out to be of no use is not used again. */
  async use<T>(signal: AbortSignal, ask: Ask<T>): Promise<T> {
    clearTimeout(this.timer);
    const opening = (this.current ??= this.model.open());
    this.users++;
    try {
      const connection = await opening;
      signal.throwIfAborted();
      return await ask(connection.withSignal(signal));
    } catch (error) {
      if (this.current === opening && (!AwsError.is(error) || AwsError.is(error, 'unreachable', 'expired', 'credentials')) && !signal.aborted) {
        this.close();
      }
      throw error;
    } finally {
      this.users--;
      if (this.users === 0) {
        this.timer = setTimeout(() => this.close(), idle);
        this.timer.unref();
      }
    }
  }

  /** How often AWS has said that it is asked too fast, so far. */
  async throttled(): Promise<number> {
    return (await this.current?.catch(() => undefined))?.statistics.throttled ?? 0;
  }

  /** Forgets the connection; the next call makes a new one, wherever that is then. */
  close(): void {
    clearTimeout(this.timer);
    const closing = this.current;
    this.current = undefined;
    void closing?.then((connection) => connection.close(), () => undefined);
  }
}
