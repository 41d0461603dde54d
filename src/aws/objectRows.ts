import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Connection } from './connection.ts';
import { decode, openParquet, range, rowsShown, textBytes, type OpenParquet, type Preview, type PreviewColumn } from './preview.ts';

// An object's rows beyond what a preview shows, as somebody scrolls to them.

/** Rows of an object after those that a preview has shown, page by page. */
export interface ObjectRows {
  /** The next ones, and whether these are the last. Columns, where they have become more. */
  next(aws: Connection): Promise<{ readonly rows: readonly (readonly (string | null)[])[]; readonly done: boolean; readonly columns?: readonly PreviewColumn[] }>;
}

/** Rows at a time. */
const pageRows = 1000;

/**
 * Goes on where a preview has ended, through range requests too: nothing is read that nobody scrolls to.
 *
 * @param shown the preview's columns and rows.
 */
export function rowsAfter(bucket: string, key: string, size: number, shown: Pick<Extract<Preview, { readonly kind: 'table' }>, 'columns' | 'rows' | 'format'>): ObjectRows {
  if (shown.format === 'parquet') {
    let from = shown.rows.length;
    // Opened once; each page is asked of whoever is connected then.
    let asked: Connection | undefined;
    let open: Promise<OpenParquet> | undefined;
    return {
      async next(aws) {
        asked = aws;
        open ??= openParquet((start, end) => range(asked ?? aws, bucket, key, start, end), key, size);
        const { total, rows } = await open;
        const to = Math.min(total, from + pageRows);
        const read = await rows(from, to);
        from = to;
        return { rows: read, done: to >= total };
      },
    };
  }
  let connection: Connection | undefined;
  const records = recordsOf(shown.format, textOf((start, end) => range(connection!, bucket, key, start, end), size, /\.gz$/i.test(key)), shown);
  return {
    async next(aws) {
      connection = aws;
      const rows: (readonly (string | null)[])[] = [];
      let done = false;
      let columns: readonly PreviewColumn[] | undefined;
      while (rows.length < pageRows && !done) {
        const { value, done: ended } = await records.next();
        rows.push(...(value?.rows ?? []));
        columns = value?.columns ?? columns;
        done = ended === true;
      }
      return { rows, done, ...(columns && { columns }) };
    },
  };
}

/** The text of an object, a stretch at a time. */
async function* textOf(bytesOf: (start: number, end: number) => Promise<Uint8Array>, size: number, compressed: boolean): AsyncGenerator<string> {
  async function* stretches(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < size; start += textBytes) {
      yield bytesOf(start, Math.min(size, start + textBytes));
    }
  }
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  const plain: AsyncIterable<Uint8Array> = compressed ? Readable.from(stretches(), { objectMode: true, highWaterMark: 1 }).pipe(createGunzip()) : stretches();
  for await (const bytes of plain) {
    // What the preview took it for, by the same first bytes.
    decoder ??= new TextDecoder(decode(bytes.subarray(0, textBytes), true).encoding);
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder?.decode() ?? '';
}

interface Records {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly columns?: readonly PreviewColumn[];
}

/** Rows of a text, without those that were shown. */
async function* recordsOf(format: 'csv' | 'json', text: AsyncIterable<string>, shown: { readonly columns: readonly PreviewColumn[]; readonly rows: readonly unknown[] }): AsyncGenerator<Records, undefined> {
  const { default: papa } = await import('papaparse');
  let rest = '';
  let skip = shown.rows.length + (format === 'csv' ? 1 : 0);
  let columns = shown.columns;
  let delimiter: string | undefined;
  const read = (whole: string): Records => {
    if (format === 'json') {
      const values = whole.split('\n').flatMap((line) => jsonMembers(line) ?? []);
      columns = columnsOf(values, columns);
      return { rows: toRows(values, columns), columns };
    }
    const { data, meta } = papa.parse<string[]>(whole, { skipEmptyLines: true, ...(delimiter !== undefined && { delimiter }) });
    delimiter ??= meta.delimiter;
    return { rows: data };
  };
  const after = ({ rows, ...all }: Records): Records => {
    const left = rows.slice(skip);
    skip = Math.max(0, skip - rows.length);
    return { ...all, rows: left };
  };
  for await (const part of text) {
    rest += part;
    const end = format === 'json' ? rest.lastIndexOf('\n') + 1 : endOfRecords(rest);
    if (end > 0) {
      yield after(read(rest.slice(0, end)));
      rest = rest.slice(end);
    }
  }
  if (rest.trim() !== '') {
    yield after(read(rest));
  }
  return undefined;
}

/** Where the last whole record of CSV ends: at a line's end outside of quotes. */
function endOfRecords(text: string): number {
  let end = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    quoted = sign === 34 ? !quoted : quoted;
    end = sign === 10 && !quoted ? at + 1 : end;
  }
  // A quote that nothing closes must not make one record of all that follows.
  return end === 0 && text.length > 4 * textBytes ? text.lastIndexOf('\n') + 1 : end;
}

/** JSON's own pieces, with the place of each. */
const jsonToken = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The members of a document's objects, one after the other, or of one object: each value as it is written. Undefined where it is nothing of the kind. */
export function jsonMembers(text: string): Map<string, string | null>[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || list.some((each) => typeof each !== 'object' || each === null || Array.isArray(each))) {
      return undefined;
    }
  } catch {
    return undefined;
  }
  const found: Map<string, string | null>[] = [];
  const base = text.trimStart().startsWith('[') ? 1 : 0;
  let depth = 0;
  let name: string | undefined;
  let from = 0;
  let before = '';
  for (const { 0: token, index } of text.matchAll(jsonToken)) {
    const close = token === '}' || token === ']';
    if (depth === base + 1 && name !== undefined && (token === ',' || token === '}')) {
      found.at(-1)?.set(name, shownJson(text.slice(from, index).trim()));
      name = undefined;
    }
    if (token === '{' && depth === base) {
      found.push(new Map());
    } else if (depth === base + 1 && name === undefined && token === ':') {
      name = JSON.parse(before) as string;
      from = index + 1;
    }
    depth += token === '{' || token === '[' ? 1 : close ? -1 : 0;
    before = token;
  }
  return found;
}

/** A value as a cell shows it: a text without its quotes, a number with its digits, what has parts as it is written. */
const shownJson = (raw: string): string | null => (raw === 'null' ? null : raw.startsWith('"') ? (JSON.parse(raw) as string) : raw);

function columnsOf(objects: readonly ReadonlyMap<string, unknown>[], before: readonly PreviewColumn[] = []): readonly PreviewColumn[] {
  const names = new Set(before.map(({ name }) => name));
  const known = names.size;
  objects.forEach((each) => [...each.keys()].forEach((name) => names.add(name)));
  return names.size === known ? before : [...names].map((name) => ({ name }));
}

const toRows = (objects: readonly ReadonlyMap<string, string | null>[], columns: readonly PreviewColumn[]): (string | null)[][] => objects.map((each) => columns.map(({ name }) => each.get(name) ?? null));

/** A text of JSON as a table, where it is objects, in a list or line by line; undefined where it is none. */
export function jsonTable({ text, language, truncated }: Extract<Preview, { readonly kind: 'text' }>): Extract<Preview, { readonly kind: 'table' }> | undefined {
  const lines = language === 'jsonl' ? text.split('\n').filter((line) => line.trim() !== '') : [];
  const objects = language === 'json' ? (text.trimStart().startsWith('[') ? jsonMembers(text) : undefined) : language === 'jsonl' ? lines.slice(0, rowsShown).map(jsonMembers) : undefined;
  const found = objects?.flatMap((each): Map<string, string | null>[] | [undefined] => (each instanceof Map ? [each] : each ?? [undefined]));
  const whole = found?.filter((each) => each !== undefined);
  if (!found || !whole || whole.length === 0 || whole.length !== found.length) {
    return undefined;
  }
  const columns = columnsOf(whole);
  return { kind: 'table', format: 'json', columns, rows: toRows(whole, columns), facts: [], truncated: truncated || lines.length > rowsShown };
}
