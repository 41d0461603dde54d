import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import * as l10n from '@vscode/l10n';
import type { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { UserError, messageOf } from '../errors.ts';
import type { Connection } from './connection.ts';
import { exactParsers, shownValue, withoutDecimals } from './parquetValues.ts';

/** What an object holds, as far as a look takes. */
export type Preview =
  | { readonly kind: 'table'; readonly format: 'csv' | 'json' | 'parquet'; readonly columns: readonly PreviewColumn[]; readonly rows: readonly (readonly (string | null)[])[]; readonly facts: readonly string[]; readonly truncated: boolean }
  | {
    readonly kind: 'text'; readonly text: string; readonly language: string; readonly truncated: boolean;
    /** There is nothing in it: no text, or a document of JSON without anything in it. */
    readonly empty: boolean;
  };

export interface PreviewColumn {
  readonly name: string;
  readonly type?: string;
}

/** Rows that a preview has. */
export const rowsShown = 100;
/** Text is read up to here; Parquet takes what its pages need. */
export const textBytes = 256 * 1024;

/**
 * Looks into an object through range requests: a CSV's or a Parquet's first rows, JSON and text from the beginning. Never a download.
 *
 * @throws UserError `preview.binary`, `preview.unreadable`, `preview.empty`.
 */
export async function previewObject(aws: Connection, bucket: string, key: string, size: number): Promise<Preview> {
  if (/\.parquet$|\.pq$/i.test(key)) {
    return previewParquet(aws, bucket, key, size);
  }
  const bytes = await beginning(aws, bucket, key, size);
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') {
    return previewParquet(aws, bucket, key, size);
  }
  const plain = /\.gz$/i.test(key) ? await inflate(bytes) : bytes;
  const truncated = size > textBytes || plain.length > textBytes;
  const decoded = decode(plain.subarray(0, textBytes), truncated);
  // What no text has in it: all control characters but tabs, ends of lines and pages, and colours of a terminal.
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(decoded.text)) {
    throw new UserError('preview.binary', l10n.t('{0} is no text, table or Parquet: there is nothing to show.', key), { next: l10n.t('Download it to look at it with another program.') });
  }
  const text = wholeLines(decoded.text, truncated);
  const name = key.replace(/\.gz$/i, '');
  if (/\.(csv|tsv)$/i.test(name)) {
    return previewCsv(text, truncated, decoded.encoding);
  }
  if (/\.(json|jsonl|ndjson)$/i.test(name)) {
    return previewJson(text, truncated);
  }
  const language = /\.(py|sql|ya?ml|xml|html?|md|sh)$/i.exec(name)?.[1]?.toLowerCase();
  const languages: Readonly<Record<string, string>> = { py: 'python', sql: 'sql', yml: 'yaml', yaml: 'yaml', xml: 'xml', htm: 'html', html: 'html', md: 'markdown', sh: 'shellscript' };
  return { kind: 'text', text, language: languages[language ?? ''] ?? 'plaintext', truncated, empty: text.trim() === '' };
}

/** A stretch of an object. */
export async function range(aws: Connection, bucket: string, key: string, start: number, end: number): Promise<Uint8Array> {
  const { Body } = await aws.s3.getObject({ Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}` });
  return (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray();
}

async function beginning(aws: Connection, bucket: string, key: string, size: number): Promise<Buffer> {
  // S3 refuses a range in an empty object.
  return size === 0 ? Buffer.alloc(0) : Buffer.from(await range(aws, bucket, key, 0, Math.min(size, textBytes)));
}

/** What is there of a compressed file: its end is usually missing. */
async function inflate(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify<Buffer, object, Buffer>(gunzip)(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw unreadable(error);
  }
}

/** Text of any of the usual encodings: UTF-16 tells by its first bytes, what is not UTF-8 is most likely of an older spreadsheet. */
export function decode(bytes: Uint8Array, cut: boolean): { readonly text: string; readonly encoding: string } {
  const [first, second] = bytes;
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  try {
    const encoding = wide ?? 'utf-8';
    // A character at the end may be cut through.
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut }), encoding };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' };
  }
}

/** Without the line that was cut through, unless it is the only one. */
function wholeLines(text: string, truncated: boolean): string {
  const end = text.lastIndexOf('\n');
  return truncated && end > 0 ? text.slice(0, end + 1) : text;
}

/**
 * A document with indents; lines of JSON, and what is cut off, as they are: these the editor takes for lines too, since as a document
 * it would find errors in them.
 */
function previewJson(text: string, truncated: boolean): Preview {
  const lines = { kind: 'text', text, language: 'jsonl', truncated, empty: text.trim() === '' } as const;
  if (truncated) {
    return lines;
  }
  try {
    const value: unknown = JSON.parse(text);
    // Laid out as it stands: what is parsed has lost digits of numbers.
    return { ...lines, text: `${laidOut(text)}\n`, language: 'json', empty: value === null || (typeof value === 'object' && Object.keys(value).length === 0) };
  } catch {
    return lines;
  }
}

/** JSON with a line for each member, its values as they are written. */
function laidOut(text: string): string {
  let out = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  tokens.forEach((token, at) => {
    if (token === '}' || token === ']') {
      depth--;
      out += /^[{[]$/.test(tokens[at - 1] ?? '') ? token : line() + token;
    } else if (token === ':') {
      out += ': ';
    } else {
      out += (/^[{[,]$/.test(tokens[at - 1] ?? '') ? line() : '') + token;
      depth += token === '{' || token === '[' ? 1 : 0;
    }
  });
  return out;
}

async function previewCsv(text: string, truncated: boolean, encoding: string): Promise<Preview> {
  const { default: papa } = await import('papaparse');
  const { data, meta } = papa.parse<string[]>(text, { skipEmptyLines: true, preview: rowsShown + 2 });
  const [header = [], ...rows] = data;
  return {
    kind: 'table',
    format: 'csv',
    columns: header.map((name) => ({ name })),
    rows: rows.slice(0, rowsShown),
    facts: [
      ...(meta.delimiter === ',' ? [] : [l10n.t('separated by {0}', JSON.stringify(meta.delimiter))]),
      ...(encoding === 'utf-8' ? [] : [l10n.t('in the encoding {0}', encoding)]),
    ],
    truncated: truncated || rows.length > rowsShown,
  };
}

const smallParquet = 256 * 1024;

/** What is read at a time while looking for a page's end. */
const stride = 64 * 1024;

type Slice = (start: number, end?: number) => Promise<ArrayBuffer>;

/**
 * The first pages of a column chunk, whole ones, that hold so many values. A chunk can be as large as all rows of the file: reading it whole
 * would be the download that nobody asked for.
 */
async function firstPages(slice: Slice, thrift: typeof deserializeTCompactProtocol, start: number, end: number, values: number): Promise<ArrayBuffer> {
  let have = new Uint8Array(await slice(start, Math.min(end, start + stride)));
  const extend = async (length: number): Promise<void> => {
    const from = start + have.length;
    const added = new Uint8Array(await slice(from, Math.min(end, Math.max(from + 1, start + length))));
    const joined = new Uint8Array(have.length + added.length);
    joined.set(have);
    joined.set(added, have.length);
    have = joined;
  };
  let offset = 0;
  for (let seen = 0; seen < values && start + offset < end - 1; ) {
    const reader = { view: new DataView(have.buffer, have.byteOffset, have.byteLength), offset };
    let header: { readonly field_3?: number; readonly field_5?: { readonly field_1?: number }; readonly field_8?: { readonly field_1?: number } };
    try {
      header = thrift(reader);
    } catch (error) {
      if (start + have.length >= end) {
        throw error;
      }
      await extend(have.length + stride);
      continue;
    }
    offset = reader.offset + (header.field_3 ?? 0);
    if (offset > have.length) {
      // The page to its end, and the next one's header.
      await extend(offset + 128);
    }
    seen += header.field_5?.field_1 ?? header.field_8?.field_1 ?? 0;
  }
  return have.slice(0, offset).buffer;
}

/** A file of Parquet whose rows are read as they are wanted. */
export interface OpenParquet {
  readonly columns: readonly PreviewColumn[];
  readonly total: number;
  readonly facts: readonly string[];
  rows(from: number, to: number): Promise<(string | null)[][]>;
}

async function previewParquet(aws: Connection, bucket: string, key: string, size: number): Promise<Preview> {
  const { columns, total, facts, rows } = await openParquet((start, end) => range(aws, bucket, key, start, end), key, size);
  return { kind: 'table', format: 'parquet', columns, rows: await rows(0, Math.min(rowsShown, total)), facts, truncated: total > rowsShown };
}

/** Reads what a file of Parquet says of itself. @param bytesOf gives a stretch of the file. */
export async function openParquet(bytesOf: (start: number, end: number) => Promise<Uint8Array>, key: string, size: number): Promise<OpenParquet> {
  if (size === 0) {
    throw new UserError('preview.empty', l10n.t('{0} is empty.', key), { why: l10n.t('Parquet has at least a schema: what wrote it did not get that far.'), next: l10n.t('Look at the log of the job that writes it.') });
  }
  const [{ parquetMetadataAsync, parquetReadObjects, parquetSchema }, { deserializeTCompactProtocol }, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet/src/thrift.js'), import('hyparquet-compressors')]);
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const bytes = await bytesOf(start, end);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  };
  // A small one is one request, and its parts are many.
  const whole = size > 0 && size <= smallParquet ? read(0, size) : undefined;
  const slice: Slice = async (start, end = size) => (whole ? (await whole).slice(start, end) : read(start, end));
  const metadata = await understood(() => parquetMetadataAsync({ byteLength: size, slice }, { initialFetchSize: 64 * 1024 }));
  const fields = parquetSchema(metadata).children;
  const exact = { ...metadata, schema: withoutDecimals(metadata.schema) };
  const total = Number(metadata.num_rows);
  /** How many rows of a group come before the end of those that are wanted, in the group that has most of them. */
  const within = (rowStart: number, rowEnd: number): number => {
    let start = 0;
    return metadata.row_groups.reduce((most, { num_rows }) => {
      const [from, to] = [start, (start += Number(num_rows))];
      return from < rowEnd && to > rowStart ? Math.max(most, Math.min(rowEnd, to) - from) : most;
    }, 0);
  };
  const rows = (rowStart: number, rowEnd: number): Promise<(string | null)[][]> => understood(async () => {
    // Each column by itself: so a chunk that was read in part is that column's alone.
    const values = await Promise.all(fields.map(async (field) => {
      const { name } = field.element;
      // A row of a list holds many values, and how many only reading it tells.
      for (let wanted = within(rowStart, rowEnd) + 1; rowEnd > rowStart; wanted *= 32) {
        const file = { byteLength: size, slice: (start: number, end = size) => (end - start <= stride ? slice(start, end) : firstPages(slice, deserializeTCompactProtocol, start, end, wanted)) };
        const read = await parquetReadObjects({ file, metadata: exact, columns: [name], rowStart, rowEnd, compressors, parsers: exactParsers, utf8: false, useOffsetIndex: true });
        if (wanted > total * 32 || read.every((row) => row[name] !== undefined)) {
          return read.map((row) => shownValue(row[name], field));
        }
      }
      return [];
    }));
    return Array.from({ length: rowEnd - rowStart }, (_, row) => values.map((column) => column[row] ?? null));
  });
  return {
    columns: fields.map(({ element }) => ({ name: element.name, type: typeOf(element) })),
    total,
    facts: [
      total === 1 ? l10n.t('1 row') : l10n.t('{0} rows', total),
      ...new Set(metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec ?? '')).filter(Boolean)),
      ...(metadata.created_by ? [metadata.created_by] : []),
    ],
    rows,
  };
}

async function understood<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // What is no Parquet ends in one of the library's own errors; AWS's pass.
    throw error instanceof Error && (error.constructor === Error || error instanceof RangeError || error instanceof TypeError) ? unreadable(error) : error;
  }
}

const unreadable = (error: unknown): UserError =>
  new UserError('preview.unreadable', l10n.t('The object cannot be read.'), {
    // What the library stumbled over inside of itself tells nobody anything.
    ...(error instanceof Error && error.constructor === Error && { why: messageOf(error) }),
    next: l10n.t('It may be damaged, or something else than its name says: download it to look at it.'), cause: error,
  });

/** The type for people: the logical one where there is one. */
function typeOf(element: { readonly type?: string; readonly converted_type?: string; readonly logical_type?: { readonly type: string }; readonly num_children?: number }): string {
  const { type, converted_type: converted, logical_type: logical, num_children: children } = element;
  return (logical?.type === 'INTEGER' ? converted : logical?.type ?? converted)?.toLowerCase() ?? (children ? 'struct' : type?.toLowerCase() ?? '');
}
