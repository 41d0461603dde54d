/** Front matter ends somewhere; whose does not by then is none. */
const mostLines = 60;

/** Whether front matter says `lake: 1`, asking for no more lines than it takes. */
export function saysSo(lineCount: number, lineAt: (line: number) => string): boolean {
  if (lineCount === 0 || lineAt(0).replace(/^\uFEFF/, '').trimEnd() !== '---') {
    return false;
  }
  for (let line = 1; line < Math.min(lineCount, mostLines); line++) {
    const text = lineAt(line);
    if (/^lake\s*:\s*\d/.test(text)) {
      return true;
    }
    if (/^(?:---|\.\.\.)\s*$/.test(text)) {
      return false;
    }
  }
  return false;
}

/** The same of a text's beginning. */
export function frontMatterSaysSo(text: string): boolean {
  const lines = text.split(/\r?\n/, mostLines);
  return saysSo(lines.length, (line) => lines[line] ?? '');
}
