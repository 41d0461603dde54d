import { ControlPlaneError, type ControlPlaneClient } from '../../kernel/control-plane-client.ts';

/** CloudWatch Logs takes no more than this in one event. */
const LARGEST_EVENT = 256 * 1024;
const MOST_EVENTS = 1_000;
const FLUSH_MS = 400;

/**
 * A log stream of CloudWatch Logs that something in the sandbox writes to; read by GetLogEvents as on AWS.
 *
 * Lines are gathered and written a few times a second at most: each write is a change that the journal keeps.
 */
export class LogStream {
  #lines: { timestamp: number; message: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #made = false;

  constructor(
    private readonly controlPlane: ControlPlaneClient,
    private readonly region: string,
    readonly group: string,
    readonly stream: string,
  ) {}

  /** Adds what may be several lines. */
  write(text: string, timestamp = Date.now()): void {
    for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
      // An empty event is refused by AWS.
      this.#lines.push({ timestamp, message: line.slice(0, LARGEST_EVENT) || ' ' });
    }
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), FLUSH_MS);
  }

  /** Resolves when all that was written so far can be read. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines.splice(0);
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#put(lines));
    return this.#writing;
  }

  async #put(lines: { timestamp: number; message: string }[]): Promise<void> {
    const names = { logGroupName: this.group, logStreamName: this.stream };
    if (lines.length > 0 && !this.#made) {
      await this.#unlessExists('CreateLogGroup', { logGroupName: this.group });
      await this.#unlessExists('CreateLogStream', names);
      this.#made = true;
    }
    for (let at = 0; at < lines.length; at += MOST_EVENTS) {
      await this.controlPlane.call('logs', 'PutLogEvents', { ...names, logEvents: lines.slice(at, at + MOST_EVENTS) }, this.region);
    }
  }

  /** Source: botocore logs 1.44.5 CreateLogStream, 2026-11-28 */
  async #unlessExists(action: string, input: object): Promise<void> {
    await this.controlPlane.call('logs', action, input, this.region).catch((error: unknown) => {
      if (!(error instanceof ControlPlaneError) || error.code !== 'ResourceAlreadyExistsException') {
        throw error;
      }
    });
  }
}
