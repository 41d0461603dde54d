import type { Position, Problem, Range } from './model.ts';

/** The text of a tutorial with its lines, so that an offset becomes a position. A byte order mark takes no column. */
export class Source {
  /** Offset at which the content starts: 1 after a byte order mark. */
  readonly start: number;
  private readonly lineStarts: number[];

  constructor(readonly text: string) {
    this.start = text.startsWith('\uFEFF') ? 1 : 0;
    this.lineStarts = [this.start];
    if (text.includes('\r')) for (const end of text.matchAll(/\r\n|\n|\r/g)) this.lineStarts.push(end.index + end[0].length);
    else for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  /** 0-based index of the line that holds `offset`. */
  private lineIndex(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Of what would be beyond the text: its end. A declaration that breaks off is reported where something is missing. */
  position(at: number): Position {
    const offset = Math.min(at, this.text.length);
    const line = this.lineIndex(offset);
    return { line: line + 1, column: offset - (this.lineStarts[line] ?? 0) + 1, offset };
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  lineStart(offset: number): number {
    return this.lineStarts[this.lineIndex(offset)] ?? this.start;
  }

  /** Offset of the end of the line that holds `offset`, before its line ending. */
  lineEnd(offset: number): number {
    let end = this.lineStarts[this.lineIndex(offset) + 1] ?? this.text.length;
    while (end > offset && isBreak(this.text.charCodeAt(end - 1))) end--;
    return end;
  }

  /** The number of the line that holds an offset, from 1. */
  lineOf(offset: number): number {
    return this.lineIndex(offset) + 1;
  }

  /** The lines of `[start, end)`, each without its line ending; the first may be the rest of a line. */
  *lines(start: number, end: number = this.text.length): Generator<{ readonly start: number; readonly text: string }> {
    for (let index = this.lineIndex(start); ; index++) {
      const lineStart = this.lineStarts[index];
      if (lineStart === undefined || (lineStart >= end && lineStart > start)) return;
      const from = Math.max(lineStart, start);
      yield { start: from, text: this.text.slice(from, Math.min(this.lineEnd(from), end)) };
    }
  }
}

const isBreak = (code: number): boolean => code === 10 || code === 13;

/** Collects problems by offsets. */
export class Problems {
  readonly list: Problem[] = [];

  constructor(private readonly source: Source) {}

  add(code: string, severity: Problem['severity'], start: number, end: number, message: string): void {
    this.list.push({ code, severity, message, range: this.source.range(start, end) });
  }

  sorted(): Problem[] {
    return [...this.list].sort((a, b) => a.range.start.offset - b.range.start.offset);
  }
}
