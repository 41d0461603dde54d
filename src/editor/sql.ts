/** A statement of SQL in a text: where it begins and ends, without the semicolon. */
export interface Statement {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// Strings, quoted names and comments are passed over whole; what ends in none of them is a semicolon.
const token = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|--[^\n]*|\/\*[^]*?(?:\*\/|$)|;/g;

/** The statements of a text. Comments alone are none. */
export function statements(sql: string): Statement[] {
  const found: Statement[] = [];
  let start = 0;
  const add = (end: number): void => {
    const part = sql.slice(start, end);
    // What comes before the first word is not the statement's.
    const lead = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/.exec(part)?.[0].length ?? 0;
    const text = part.slice(lead).trimEnd();
    if (text !== '') {
      found.push({ text, start: start + lead, end: start + lead + text.length });
    }
  };
  for (const match of sql.matchAll(token)) {
    if (match[0] === ';') {
      add(match.index);
      start = match.index + 1;
    }
  }
  add(sql.length);
  return found;
}

/** The statement that a place in a text is in or, between two, the one before it. */
export function statementAt(sql: string, offset: number): string | undefined {
  const all = statements(sql);
  return (all.filter(({ start }) => start <= offset).at(-1) ?? all[0])?.text;
}
