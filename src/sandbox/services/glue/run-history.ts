import { closeSync, fdatasync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../../errors.ts';

/** What every record of a run has. */
export interface RunRecord {
  readonly id: string;
  readonly region: string;
  /** Of the job, crawler or workflow. */
  readonly name: string;
  /** Milliseconds since the epoch, by the machine's clock. */
  readonly startedOn: number;
}

type Kind = 'job' | 'crawl' | 'workflow';

type Line =
  | { readonly kind: Kind; readonly add: RunRecord }
  | { readonly kind: Kind; readonly id: string; readonly set: object }
  | { readonly kind: Kind; readonly forget: readonly [region: string, name: string] };

/** As long as Glue keeps it. */
const KEPT_MS = 90 * 86_400_000;
/** Runs of one thing; the oldest go. */
const MOST_RUNS = 2_000;
/** A file that has grown by more than this, and doubled, is written anew. */
const GROWTH = 8 * 1024 * 1024;

/**
 * What ran, and how it ended: in memory, and in a file of JSON lines that are only ever appended to, so that a kill at
 * any moment loses at most a line that was being written.
 */
export class RunHistory {
  readonly #tables = new Map<Kind, Table<RunRecord>>();
  #fd: number;
  #size = 0;
  #compacted = 0;
  #closed = false;

  constructor(
    private readonly file: string,
    private readonly log: (line: string) => void = () => undefined,
  ) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#fd = openSync(file, 'a+', 0o600);
    const content = readFileSync(file);
    const whole = content.lastIndexOf(0x0a) + 1;
    for (const text of content.subarray(0, whole).toString('utf8').split('\n')) {
      if (text) {
        this.#read(text);
      }
    }
    // Also drops a line that a kill cut off: it would spoil the next one.
    this.#compact();
  }

  table<R extends RunRecord>(kind: Kind): Table<R> {
    let table = this.#tables.get(kind);
    if (!table) {
      table = new Table((line, settled) => this.#append({ kind, ...line } as Line, settled));
      this.#tables.set(kind, table);
    }
    return table as unknown as Table<R>;
  }

  close(): void {
    this.#closed = true;
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  #read(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      // Half a line in the middle can only come from a full disk; what it said is lost, the rest is not.
      return;
    }
    const table = this.table(line.kind);
    if ('add' in line) {
      table.restore(line.add);
    } else if ('set' in line) {
      table.restoreChange(line.id, line.set);
    } else {
      table.restoreForget(...line.forget);
    }
  }

  #append(line: Line, settled: boolean): void {
    if (this.#closed) {
      return;
    }
    try {
      this.#size += writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    } catch (error) {
      // A full disk: what runs goes on, and is forgotten at the next start.
      this.log(`the history cannot be written: ${messageOf(error)}`);
      return;
    }
    if (settled) {
      // What has ended must outlive a power cut too; nobody waits for it.
      fdatasync(this.#fd, () => undefined);
    }
    if (this.#size > 2 * this.#compacted + GROWTH) {
      this.#compact();
    }
  }

  /** Writes the file anew with what is still known, one line a run. */
  #compact(): void {
    const draft = `${this.file}.new`;
    const fd = openSync(draft, 'w', 0o600);
    let size = 0;
    for (const [kind, table] of this.#tables) {
      table.trim(Date.now() - KEPT_MS);
      for (const record of table.all()) {
        size += writeSync(fd, `${JSON.stringify({ kind, add: record } satisfies Line)}\n`);
      }
    }
    fsyncSync(fd);
    closeSync(fd);
    closeSync(this.#fd);
    renameSync(draft, this.file);
    this.#fd = openSync(this.file, 'a', 0o600);
    this.#size = this.#compacted = size;
  }
}

type Change<R> = { add: R } | { id: string; set: object } | { forget: [string, string] };

/** The runs of one kind of thing. */
export class Table<R extends RunRecord> {
  readonly #byId = new Map<string, R>();
  readonly #byOwner = new Map<string, R[]>();

  constructor(private readonly append: (change: Change<R>, settled: boolean) => void) {}

  add(record: R): R {
    this.restore(record);
    this.append({ add: record }, false);
    return record;
  }

  /** Changes a record where it lies; `settled` when it has ended. Nothing happens to one that was forgotten. */
  set(record: R, change: Partial<R>, settled = false): void {
    if (this.#byId.has(record.id)) {
      Object.assign(record, change);
      this.append({ id: record.id, set: change }, settled);
    }
  }

  /** All runs of something are forgotten with it. */
  forget(region: string, name: string): void {
    if (this.list(region, name).length > 0) {
      this.restoreForget(region, name);
      this.append({ forget: [region, name] }, true);
    }
  }

  find(id: string): R | undefined {
    return this.#byId.get(id);
  }

  get(region: string, name: string, id: string): R | undefined {
    const found = this.#byId.get(id);
    return found?.region === region && found.name === name ? found : undefined;
  }

  /** The runs of something, oldest first. */
  list(region: string, name: string): readonly R[] {
    return this.#byOwner.get(owner(region, name)) ?? [];
  }

  all(): Iterable<R> {
    return this.#byId.values();
  }

  /** @internal */
  restore(record: R): void {
    const key = owner(record.region, record.name);
    const runs = this.#byOwner.get(key);
    this.#byId.set(record.id, record);
    if (!runs) {
      this.#byOwner.set(key, [record]);
    } else {
      runs.push(record);
      if (runs.length > MOST_RUNS) {
        this.#byId.delete(runs.shift()?.id ?? '');
      }
    }
  }

  /** @internal */
  restoreChange(id: string, set: object): void {
    const record = this.#byId.get(id);
    if (record) {
      Object.assign(record, set);
    }
  }

  /** @internal */
  restoreForget(region: string, name: string): void {
    const key = owner(region, name);
    for (const { id } of this.#byOwner.get(key) ?? []) {
      this.#byId.delete(id);
    }
    this.#byOwner.delete(key);
  }

  /** @internal */
  trim(before: number): void {
    for (const [key, runs] of this.#byOwner) {
      const old = runs.findIndex(({ startedOn }) => startedOn >= before);
      for (const { id } of runs.splice(0, old < 0 ? runs.length : old)) {
        this.#byId.delete(id);
      }
      if (runs.length === 0) {
        this.#byOwner.delete(key);
      }
    }
  }
}

const owner = (region: string, name: string): string => `${region}/${name}`;
