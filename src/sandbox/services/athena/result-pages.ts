import { ControlPlaneError, type ControlPlaneClient } from '../../kernel/control-plane-client.ts';
import type { Execution } from './query-execution.ts';
import { invalid, limit } from './refusals.ts';

/** What of a result is read from S3 for one page: first so much, then more if its rows are long, but no more than this. */
const PAGE_BYTES = 256 * 1024;
const LARGEST_PAGE_BYTES = 16 * 1024 * 1024;
const MOST_ROWS = 1_000;

/**
 * One page of a result, read from where it lies in S3: nothing is held between pages.
 *
 * Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28
 * Source: none found (tried: botocore, which has no words for a bad token), 2026-11-28
 */
export async function resultPage(controlPlane: ControlPlaneClient, execution: Execution, input: { MaxResults?: number; NextToken?: string }): Promise<object> {
  if (execution.state !== 'SUCCEEDED') {
    const state = execution.state === 'FAILED' || execution.state === 'CANCELLED' ? `Query did not finish successfully. Final query state: ${execution.state}` : `Query has not yet finished. Current state: ${execution.state}`;
    throw invalid(state, 'INVALID_QUERY_EXECUTION_STATE');
  }
  const most = limit(input.MaxResults, MOST_ROWS, MOST_ROWS);
  const offset = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64url').toString());
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw invalid('The token in NextToken is not valid.');
  }
  const { rows, next } = execution.updated === undefined ? await rowsOf(controlPlane, execution, offset, most) : { rows: [], next: undefined };
  return {
    // Source: botocore athena 1.44.5 GetQueryResultsOutput, 2026-11-28
    UpdateCount: execution.updated ?? 0,
    ResultSet: {
      Rows: rows.map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) })),
      ResultSetMetadata: { ColumnInfo: execution.columns ?? [] },
    },
    ...(next !== undefined && { NextToken: Buffer.from(String(next)).toString('base64url') }),
  };
}

async function rowsOf(controlPlane: ControlPlaneClient, { output, region }: Execution, offset: number, most: number): Promise<{ rows: (string | null)[][]; next: number | undefined }> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? [];
  const read = output.endsWith('.csv') ? takeRows : takeLines;
  for (let size = PAGE_BYTES; ; size *= 4) {
    const { bytes, isLast } = await range(controlPlane, bucket, key, region, offset, size);
    const { rows, used } = read(bytes, most, isLast);
    if (rows.length === most || isLast || (rows.length > 0 && size >= LARGEST_PAGE_BYTES)) {
      return { rows, next: isLast && used >= bytes.length ? undefined : offset + used };
    }
  }
}

/** Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28 */
async function range(controlPlane: ControlPlaneClient, bucket: string, key: string, region: string, offset: number, size: number): Promise<{ bytes: Buffer; isLast: boolean }> {
  try {
    const { content, total } = await controlPlane.getRange(bucket, key, region, offset, size);
    return { bytes: content, isLast: offset + content.length >= total };
  } catch (error) {
    if (error instanceof ControlPlaneError && error.code.startsWith('NoSuch')) {
      throw invalid(`Could not find results: s3://${bucket}/${key}`, 'RESULT_NOT_FOUND');
    }
    throw error;
  }
}

interface Taken {
  readonly rows: (string | null)[][];
  /** Bytes that they take. */
  readonly used: number;
}

const QUOTE = 0x22;

const COMMA = 0x2c;

const NEWLINE = 0x0a;

/** Whole rows of CSV as we write it: every value quoted, nothing for null. */
export function takeRows(bytes: Buffer, most: number, isLast: boolean): Taken {
  const rows: (string | null)[][] = [];
  let at = 0;
  let used = 0;
  while (rows.length < most && at < bytes.length) {
    const row: (string | null)[] = [];
    for (;;) {
      if (bytes[at] === QUOTE) {
        const from = at + 1;
        let close = bytes.indexOf(QUOTE, from);
        while (close >= 0 && bytes[close + 1] === QUOTE) {
          close = bytes.indexOf(QUOTE, close + 2);
        }
        // A quote that is the last byte read may be the first half of a doubled one.
        if (close < 0 || (close + 1 === bytes.length && !isLast)) {
          return { rows, used };
        }
        row.push(bytes.toString('utf8', from, close).replaceAll('""', '"'));
        at = close + 1;
      } else {
        row.push(null);
      }
      if (bytes[at] === COMMA) {
        at++;
      } else if (bytes[at] === NEWLINE || (at === bytes.length && isLast)) {
        break;
      } else {
        return { rows, used };
      }
    }
    at++;
    used = Math.min(at, bytes.length);
    rows.push(row);
  }
  return { rows, used };
}

/** Whole lines of text, each a row of one value. */
function takeLines(bytes: Buffer, most: number, isLast: boolean): Taken {
  const rows: (string | null)[][] = [];
  let used = 0;
  while (rows.length < most && used < bytes.length) {
    const end = bytes.indexOf(NEWLINE, used);
    if (end < 0 && !isLast) {
      break;
    }
    rows.push([bytes.toString('utf8', used, end < 0 ? bytes.length : end)]);
    used = end < 0 ? bytes.length : end + 1;
  }
  return { rows, used };
}
