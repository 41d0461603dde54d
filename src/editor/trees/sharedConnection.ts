import type { Connection } from '../../aws/connection.ts';
import { AwsError } from '../../aws/errors.ts';
import type { ConnectionModel } from '../connectionModel.ts';
import type { AwsCall } from './tree.ts';

/** The connection is closed after so many milliseconds without a call. */
const idle = 5 * 60_000;

interface Opened {
  readonly connection: Promise<Connection>;
  users: number;
}

/** The connection that the trees share. It stays open while they are used, since opening one takes longer than most calls. */
export class SharedConnection {
  private current: Opened | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly model: Pick<ConnectionModel, 'open'>) {}

  /** Makes a call with the connection. After an error of the connection itself the next call opens a new one. */
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

  /** Gives the connection up: the next call opens a new one, perhaps to another account. Calls that are under way, such as an upload, continue. */
  close(): void {
    clearTimeout(this.timer);
    const closing = this.current;
    this.current = undefined;
    if (closing) {
      end(closing);
    }
  }
}

/** Closes a connection once no call uses it. */
function end({ connection, users }: Opened): void {
  if (users === 0) {
    void connection.then((opened) => opened.close(), () => undefined);
  }
}
