// Rows as texts that other programs read: CSV, JSON, Markdown, and what a spreadsheet takes from the clipboard.

interface Column {
  readonly name: string;
  readonly type?: string;
}

/** Values are texts as they are stored; null is none. */
type Row = readonly (string | null)[];

const csvField = (value: string | null): string => (value === null ? '' : value === '' || /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Rows as CSV (RFC 4180): no value is nothing, an empty text a pair of quotes, as PostgreSQL's COPY tells them apart. */
export const csvText = (columns: readonly Column[], rows: readonly Row[]): string =>
  [columns.map(({ name }) => csvField(name)), ...rows.map((row) => columns.map((_, index) => csvField(row[index] ?? null)))].map((fields) => `${fields.join(',')}\r\n`).join('');

/** What JSON takes as a number, digit by digit. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Rows as JSON, a line for each: numbers with all of their digits, what is no value as null. */
export function jsonText(columns: readonly Column[], rows: readonly Row[], numeric: readonly boolean[]): string {
  const names = columns.map(({ name }, index) => {
    const same = columns.slice(0, index).filter((each) => each.name === name).length;
    return JSON.stringify(same === 0 ? name : `${name}_${same + 1}`);
  });
  const cell = (value: string | null, index: number): string =>
    value === null ? 'null' : (numeric[index] && jsonNumber.test(value)) || (/^bool/i.test(columns[index]?.type ?? '') && /^(?:true|false)$/.test(value)) ? value : JSON.stringify(value);
  return `[${rows.map((row) => `\n  {${names.map((name, index) => `${name}: ${cell(row[index] ?? null, index)}`).join(', ')}}`).join(',')}${rows.length > 0 ? '\n' : ''}]\n`;
}

const markdownCell = (text: string): string => text.replace(/[\\|<>*_`[\]~&#]/g, (sign) => `\\${sign}`).replace(/\r\n?|\n/g, '<br>');

/** Rows as a table of Markdown. */
export const markdownText = (columns: readonly Column[], rows: readonly Row[], numeric: readonly boolean[]): string =>
  [
    columns.map(({ name }) => markdownCell(name)),
    columns.map((_, index) => (numeric[index] ? '---:' : '---')),
    ...rows.map((row) => columns.map((_, index) => (row[index] === null || row[index] === undefined ? '*NULL*' : markdownCell(row[index])))),
  ].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

/** Rows for a spreadsheet: what has tabs, lines or quotes in it stands between quotes. */
export const tsvText = (rows: readonly Row[]): string => rows.map((row) => row.map((value) => (value !== null && /["\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value ?? '')).join('\t')).join('\n');
