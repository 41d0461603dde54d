import type { Connection } from '../../aws/connection.ts';
import { AwsError } from '../../aws/errors.ts';
import type { ConnectionModel } from '../connectionModel.ts';
import type { AwsCall } from './tree.ts';

/** After so long without a call the connection is closed: nobody looks. */
const idle = 5 * 60_000;

interface Opened {
  readonly connection: Promise<Connection>;
  users: number;
}

/** The trees' one connection, kept while they are used: a new one for each expansion would cost more than the expansion. */
export class SharedConnection {
  private current: Opened | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly model: Pick<ConnectionModel, 'open'>) {}

  /** Runs something with the connection. One that turns out to be of no use is not used again. */
  async use<T>(signal: AbortSignal, ask: AwsCall<T>, onThrottled?: () => void): Promise<T> {
    clearTimeout(this.timer);
    const opened = (this.current ??= { connection: this.model.open(), users: 0 });
    opened.users++;
    let connection: Connection | undefined;
    try {
      connection = await opened.connection;
      signal.throwIfAborted();
      return await ask(connection.withSignal(signal, onThrottled));
    } catch (error) {
      if (this.current === opened && !signal.aborted && (!connection || AwsError.is(error, 'unreachable', 'expired', 'credentials'))) {
        this.close();
      }
      throw error;
    } finally {
      opened.users--;
      if (opened !== this.current) {
        end(opened);
      } else if (opened.users === 0) {
        this.timer = setTimeout(() => this.close(), idle);
        this.timer.unref();
      }
    }
  }

  /** Forgets the connection; the next call makes a new one, wherever that is then. What is under way, such as an upload, goes on to its end. */
  close(): void {
    clearTimeout(this.timer);
    const closing = this.current;
    this.current = undefined;
    if (closing) {
      end(closing);
    }
  }
}

/** Closes a connection that nobody uses any longer. */
function end({ connection, users }: Opened): void {
  if (users === 0) {
    void connection.then((opened) => opened.close(), () => undefined);
  }
}
