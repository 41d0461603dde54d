import * as l10n from '@vscode/l10n';
import type { Piece } from './markdown.ts';
import { isFenceClosed, openFence, walk } from './markdown.ts';
import type { Fence, Position, Problem, Range } from './model.ts';
import { Problems, Source } from './source.ts';

/** What a piece holds, by the piece's own offsets and lines. */
interface Read {
  readonly fences: readonly Fence[];
  readonly problems: readonly Problem[];
}

/** The same at the piece's place in the text. */
interface Placed extends Read {
  readonly at: number;
  readonly line: number;
}

/** All fenced code blocks in the order of the text, however deep in lists or quotes. */
export function readFences(pieces: readonly Piece[], source: Source, problems: Problems): Fence[] {
  const fences: Fence[] = [];
  for (const piece of pieces) {
    const placed = placedIn(piece, source);
    for (const fence of placed.fences) fences.push(fence);
    for (const problem of placed.problems) problems.list.push(problem);
  }
  return fences;
}

function placedIn(piece: Piece, source: Source): Placed {
  const [at, line] = [piece.start, source.lineOf(piece.start)];
  const known = piece.memory.get('placed-fences') as Placed | undefined;
  if (known?.at === at && known.line === line) return known;
  let read = piece.memory.get('fences') as Read | undefined;
  if (!read) piece.memory.set('fences', (read = readPiece(piece)));
  const placed: Placed = {
    at, line,
    fences: read.fences.map((fence) => movedFence(fence, at, line - 1)),
    problems: read.problems.map((problem) => ({ ...problem, range: movedRange(problem.range, at, line - 1) })),
  };
  piece.memory.set('placed-fences', placed);
  return placed;
}

const movedPosition = ({ line, column, offset }: Position, by: number, lines: number): Position => ({ line: line + lines, column, offset: offset + by });
const movedRange = ({ start, end }: Range, by: number, lines: number): Range => ({ start: movedPosition(start, by, lines), end: movedPosition(end, by, lines) });

function movedFence(fence: Fence, by: number, lines: number): Fence {
  const { language, policy, verify, text } = fence;
  let known: readonly Position[] | undefined;
  return {
    language, ...(policy !== undefined && { policy }), verify, text, range: movedRange(fence.range, by, lines),
    get lineStarts() { return (known ??= (fence.lineStarts ?? []).map((position) => movedPosition(position, by, lines))); },
  };
}

function readPiece(piece: Piece): Read {
  const source = new Source(piece.text);
  const problems = new Problems(source);
  const fences: Fence[] = [];
  for (const { type, value = '', start: from, end: to } of walk(piece.blocks)) {
    if (type !== 'code' && type !== 'paragraph') continue;
    const [start, end] = [from - piece.start, to - piece.start];
    const fence = type === 'code' ? openFence(piece.text.slice(start, end)) : undefined;
    fences.push(...(fence ? [readFence(value, start, end, fence, source, problems)] : looseFences(start, end, source, problems)));
  }
  return { fences, problems: problems.list };
}

/** Where each line of a fence's text begins in it. */
const lineOffsets = new WeakMap<Fence, number[]>();

/** The source position of an offset into the fence's text. */
export function positionInFence(fence: Fence, offset: number): Position {
  let starts = lineOffsets.get(fence);
  if (!starts) {
    starts = [0];
    for (let at = fence.text.indexOf('\n'); at >= 0; at = fence.text.indexOf('\n', at + 1)) starts.push(at + 1);
    lineOffsets.set(fence, starts);
  }
  let [line, high] = [0, starts.length - 1];
  while (line < high) {
    const middle = (line + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) line = middle;
    else high = middle - 1;
  }
  const column = offset - (starts[line] ?? 0);
  const start = fence.lineStarts?.[line] ?? fence.range.start;
  return { line: start.line, column: start.column + column, offset: start.offset + column };
}

function readFence(text: string, start: number, end: number, fence: string, source: Source, problems: Problems): Fence {
  const info = readInfo(source, start + fence.length, problems);
  if (!isFenceClosed(source.text.slice(start, end), fence)) {
    problems.add('fence-unclosed', 'warning', start, source.lineEnd(start),
      l10n.t('This code block is not closed, so it takes in all that follows. End it with a line of its own: {0}', fence));
  }
  let known: Position[] | undefined;
  const lineStarts = (): Position[] => {
    const lines = source.lines(start, end);
    lines.next();
    return text.split('\n').map((line) => {
      const raw = lines.next().value;
      // The parser took indentation (and a quote's marks) from the front of the line, and nothing else.
      return source.position(raw ? raw.start + Math.max(0, raw.text.length - line.length) : end);
    });
  };
  // Only who points into a fence needs them.
  return { ...info, text, range: source.range(start, end), get lineStarts() { return (known ??= lineStarts()); } };
}

/**
 * Fences that Markdown does not see as such, because they are indented four columns more than their list allows. It
 * shows them as text or code with the backticks; authors mean a fence.
 */
function looseFences(start: number, end: number, source: Source, problems: Problems): Fence[] {
  const raw = source.text.slice(source.lineStart(start), end);
  if (!(raw.includes('```') || raw.includes('~~~')) || !/^[ \t]*(?:`{3,}|~{3,})/m.test(raw)) return [];
  const fences: Fence[] = [];
  let open: { marker: string; indent: string; start: number } | undefined;
  let content: { start: number; text: string }[] = [];
  for (const line of source.lines(source.lineStart(start), end)) {
    if (!open) {
      const match = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/.exec(line.text);
      if (match) open = { indent: match[1] ?? '', marker: match[2] ?? '', start: line.start + (match[1]?.length ?? 0) };
      content = [];
    } else if (line.text.trim().startsWith(open.marker) && /^(?:`+|~+)$/.test(line.text.trim())) {
      const { indent } = open;
      const dedented = content.map(({ start: lineStart, text }) => {
        const blank = Math.min(indent.length, text.length - text.trimStart().length);
        return { text: text.slice(blank), start: source.position(lineStart + blank) };
      });
      fences.push({
        ...readInfo(source, open.start + open.marker.length, problems),
        text: dedented.map(({ text }) => text).join('\n'),
        range: source.range(open.start, line.start + line.text.trimEnd().length),
        lineStarts: dedented.map((each) => each.start),
      });
      open = undefined;
    } else {
      content.push(line);
    }
  }
  return fences;
}

/** The info string from `start` to the end of its line: a language, then our `lake:` words. Other words are other tools'. */
function readInfo(source: Source, start: number, problems: Problems): Pick<Fence, 'language' | 'policy' | 'verify'> {
  let language = '';
  let policy: string | undefined;
  let verify = false;
  const info = source.text.slice(start, source.lineEnd(start));
  for (const [index, match] of [...info.matchAll(/\S+/g)].entries()) {
    const word = match[0];
    const [from, to] = [start + match.index, start + match.index + word.length];
    if (!word.startsWith('lake:')) {
      if (index === 0) language = word.toLowerCase();
    } else if (word === 'lake:verify') {
      verify = true;
    } else if (/^lake:policy(?:=|$)/.test(word)) {
      // IAM's own rule for the names of policies.
      policy = /^lake:policy=(["']?)([\w+=,.@-]{1,128})\1$/.exec(word)?.[2];
      if (policy === undefined) {
        problems.add('fence-syntax', 'error', from, to, l10n.t('A policy name is expected here, such as lake:policy=UserPassRole.'));
      }
    } else {
      problems.add('fence-syntax', 'warning', from, to, l10n.t('A code block can have lake:policy=NAME or lake:verify, but not this: {0}', word));
    }
  }
  return { language, ...(policy !== undefined && { policy }), verify };
}
