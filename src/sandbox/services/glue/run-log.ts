import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../../errors.ts';
import { ControlPlaneClient } from '../../kernel/control-plane-client.ts';
import { LogStream } from '../logs/log-stream.ts';
import type { ServiceContext } from '../context.ts';

const LONGEST_LINE = 16_000;
/** Characters that may wait to be written before what writes them has to wait. */
const MOST_WAITING = 200_000;
/** Of one stream: what is logged is kept for ever. */
const LARGEST_STREAM = 2_000_000;

/** What a run says, on its way to CloudWatch Logs. A log that cannot be kept never stops what is logged. */
export class RunLog {
  readonly #decoder = new StringDecoder('utf8');
  readonly #stream: LogStream;
  #rest = '';
  #waiting = 0;
  #total = 0;

  /** `clean` takes out of a line what nobody may read. */
  constructor(
    private readonly context: ServiceContext,
    region: string,
    group: string,
    stream: string,
    private readonly clean: (text: string) => string,
    /** Of the role that writes it: without the right to, there is no log. */
    accessKey: string,
  ) {
    this.#stream = new LogStream(new ControlPlaneClient(() => Number(new URL(context.endpoint).port), accessKey), region, group, stream);
  }

  /** Takes what a process writes, in whatever pieces. Resolves when more may come. */
  async write(chunk: Buffer | string): Promise<void> {
    const lines = (this.#rest + (typeof chunk === 'string' ? chunk : this.#decoder.write(chunk))).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    for (const line of lines) {
      this.#add(line);
    }
    if (this.#waiting > MOST_WAITING) {
      await this.#flush();
    }
  }

  line(text: string): void {
    void this.write(`${text}\n`);
  }

  /** Resolves when all is where it can be read. */
  async end(): Promise<void> {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    this.#add(rest);
    await this.#flush();
  }

  #add(line: string): void {
    if (line.trim() === '' || this.#total > LARGEST_STREAM) {
      return;
    }
    this.#total += line.length;
    this.#waiting += line.length;
    this.#stream.write(this.#total > LARGEST_STREAM ? '[The sandbox keeps no more than 2 MB of a log; the rest is left out.]' : this.clean(line).slice(0, LONGEST_LINE));
  }

  async #flush(): Promise<void> {
    this.#waiting = 0;
    await this.#stream.flush().catch((error: unknown) => this.context.log(`log ${this.#stream.group}/${this.#stream.stream}: ${messageOf(error)}`));
  }
}
