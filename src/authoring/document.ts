import type { Fence, ParsedText, PieceCache, Step, Tutorial } from './tutorial.ts';
import { parseText, positionInFence, readTutorial, walk, type Piece, type Source } from './tutorial.ts';

/** A piece of the text as rules look at it. Offsets are the piece's own, so that what was found in it holds while it stays the same. */
export interface View {
  readonly text: string;
  /** The same length, with blanks for all that is no prose: code, comments, HTML tags and the targets of links. */
  readonly prose: string;
  /** The same length, with blanks for all that is no code, in fences or backticks. */
  readonly code: string;
}

/** Something that was found, with its place. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** What was found in a piece, and for which place of it the offsets are. They are moved in place: a document is of no use once the next one is parsed from its cache. */
interface Found<T> {
  at: number;
  readonly items: readonly T[];
}

/** A text as rules see it: parsed once a version, whatever many ask. */
export class LakeDocument {
  readonly text: string;
  readonly source: Source;
  readonly tutorial: Tutorial;
  /** Steps and the numbered headings that hold them, in order. */
  readonly steps: readonly Step[];
  /** For the next version of the text. */
  readonly pieces: PieceCache;
  private readonly kept = new Map<string, unknown>();

  constructor(parsed: ParsedText) {
    const { tutorial, sections } = readTutorial(parsed);
    this.text = parsed.source.text;
    this.source = parsed.source;
    this.pieces = parsed.pieces;
    this.tutorial = tutorial;
    this.steps = [...tutorial.steps, ...sections].sort((a, b) => a.range.start.offset - b.range.start.offset);
  }

  static parse(text: string, before?: PieceCache): LakeDocument {
    return new LakeDocument(parseText(text, before));
  }

  /** `lake: 1`: the author wants to be told of the markup too. */
  get isDeclared(): boolean {
    return this.tutorial.version !== undefined || this.tutorial.steps.some((step) => step.declared);
  }

  get fences(): readonly Fence[] {
    return this.tutorial.fences ?? [];
  }

  /** What `find` gives for each piece, moved to its place in the text. It is asked only for pieces that are new under this key. */
  each<T extends Place>(key: string, find: (view: View) => readonly T[]): T[] {
    return this.once(`each:${key}`, () => {
      const all: T[] = [];
      for (const piece of this.pieces) {
        let found = piece.memory.get(key) as Found<T> | undefined;
        if (!found) piece.memory.set(key, (found = { at: 0, items: find(viewOf(piece)) }));
        if (found.items.length === 0) continue;
        const by = piece.start - found.at;
        if (by !== 0) {
          for (const item of found.items as readonly { start: number; end: number }[]) {
            item.start += by;
            item.end += by;
          }
          found.at = piece.start;
        }
        for (const item of found.items) all.push(item);
      }
      return all;
    });
  }

  /** How many pieces of the text `test` is true for, at most `enough`: no more are looked at. */
  count(key: string, test: (view: View) => boolean, enough = 1): number {
    return this.once(`count:${key}`, () => {
      let found = 0;
      for (const piece of this.pieces) {
        let is = piece.memory.get(key) as boolean | undefined;
        if (is === undefined) piece.memory.set(key, (is = test(viewOf(piece))));
        if (is && ++found >= enough) break;
      }
      return found;
    });
  }

  /** What is computed once a version, however many rules need it. */
  once<T>(key: string, compute: () => T): T {
    if (!this.kept.has(key)) this.kept.set(key, compute());
    return this.kept.get(key) as T;
  }

  /** The step that an offset stands in. */
  stepAt(offset: number): Step | undefined {
    return this.tutorial.steps.findLast((step) => step.range.start.offset <= offset);
  }

  /** The code block that an offset stands in. */
  fenceAt(offset: number): Fence | undefined {
    const { fences } = this;
    let [low, high] = [0, fences.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((fences[middle]?.range.start.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const last = fences[low - 1];
    return last && offset < last.range.end.offset ? last : undefined;
  }

  /** The line that holds an offset. */
  lineAt(offset: number): string {
    return this.text.slice(this.source.lineStart(offset), this.source.lineEnd(offset));
  }

  /** The paragraph or line of text before an offset: what introduces a code block. */
  before(offset: number, length = 200): string {
    return this.text.slice(Math.max(0, offset - length), offset);
  }
}

/** Items by what they have in common, in the order in which that first comes. */
export function grouped<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The offset in the text of an offset in a fence's text. */
export const inFence = (fence: Fence, offset: number): number => positionInFence(fence, offset).offset;

function viewOf(piece: Piece): View {
  const known = piece.memory.get('view') as View | undefined;
  if (known) return known;
  const { text, start } = piece;
  const hidden: Place[] = [];
  const codes: Place[] = [];
  const parts: Place[] = [];
  for (const block of walk(piece.blocks)) {
    const place = { start: block.start - start, end: block.end - start };
    if (block.type === 'yaml') hidden.push(place);
    else if (block.type === 'code') {
      hidden.push(place);
      codes.push(place);
    } else if (block.type === 'html' || block.type === 'paragraph' || block.type === 'heading') parts.push(place);
  }
  for (const { start: from, end: to } of parts) {
    const raw = text.slice(from, to);
    if (!/[`<(:]/.test(raw)) continue;
    for (const match of raw.matchAll(INLINE)) {
      const [whole, marks] = match;
      const at = from + match.index;
      const end = at + whole.length;
      hidden.push({ start: whole.startsWith('](') ? at + 1 : at, end });
      if (marks !== undefined) codes.push({ start: at + marks.length, end: end - marks.length });
    }
  }
  const view: View = { text, prose: without(text, hidden), code: only(text, codes) };
  piece.memory.set('view', view);
  return view;
}

const byStart = (a: Place, b: Place): number => a.start - b.start;

function without(text: string, places: Place[]): string {
  let [result, at] = ['', 0];
  for (const { start, end } of places.sort(byStart)) {
    if (end <= at) continue;
    result += text.slice(at, Math.max(at, start)) + blank(text.slice(Math.max(at, start), end));
    at = end;
  }
  return result + text.slice(at);
}

function only(text: string, places: Place[]): string {
  let [result, at] = ['', 0];
  for (const { start, end } of places.sort(byStart)) {
    if (end <= at) continue;
    result += blank(text.slice(at, Math.max(at, start))) + text.slice(Math.max(at, start), end);
    at = end;
  }
  return result + blank(text.slice(at));
}

/** Code in backticks, comments, targets of links, addresses. */
const INLINE = /(`+)(?!`)(?:(?!\1(?!`))[^]){0,2000}?[^`]\1(?!`)|<!--[^]*?(?:-->|$)|\]\([^)\n]{0,2000}\)|<?https?:\/\/[^\s<>)\]]{1,2000}>?/g;

const blank = (text: string): string => (/[\r\n]/.test(text) ? text.replace(/[^\r\n]+/g, (line) => ' '.repeat(line.length)) : ' '.repeat(text.length));
