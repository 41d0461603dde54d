/** What a terminal would obey, as signs that it shows: rows may hold anything. */
const visible = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (sign) => (sign < ' ' ? String.fromCharCode(0x2400 + sign.charCodeAt(0)) : sign === '\x7f' ? '␡' : '�'));

/** Rows of text as a table in plain text: it can be read, searched, copied and heard. */
export function tableText(columns: readonly { readonly name: string; readonly type?: string }[], rows: readonly (readonly (string | null)[])[], widest = 60): string {
  const cut = (text: string): string => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text);
  const shown = rows.map((row) => columns.map((_, index) => cut(visible((row[index] ?? '∅').replace(/\s+/g, ' ')))));
  const head = columns.map(({ name }) => cut(name));
  const types = columns.some(({ type }) => type) ? [columns.map(({ type = '' }) => cut(type))] : [];
  const widths = columns.map((_, index) => Math.max(1, ...[head, ...types, ...shown].map((row) => row[index]?.length ?? 0)));
  // Numbers stand under each other.
  const numeric = columns.map((_, index) => shown.length > 0 && rows.every((row) => row[index] === null || row[index] === undefined || /^-?[\d.,]+$/.test(row[index])));
  const line = (row: readonly string[]): string => row.map((text, index) => (numeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0))).join('  ').trimEnd();
  return [line(head), ...types.map(line), widths.map((width) => '─'.repeat(width)).join('  '), ...shown.map(line), ''].join('\n');
}
