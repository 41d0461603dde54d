import MarkdownIt, { type Token } from 'markdown-it';
import type { Source } from './source.ts';

/**
 * A block of Markdown with its offsets in the text. Only blocks: a tutorial's prose is read from its source, since what
 * an author has to change is the source.
 */
export interface Block {
  readonly type: 'heading' | 'paragraph' | 'list' | 'item' | 'quote' | 'code' | 'html' | 'yaml' | 'rule';
  start: number;
  end: number;
  /** 1 to 6 for a heading; 7 for one that is written in HTML is never given: those are `html`. */
  readonly depth?: number;
  /** A heading that is underlined. */
  readonly underlined?: boolean;
  /** For a list: whether it has numbers; for its item, the number as written. */
  readonly ordered?: boolean;
  readonly number?: number;
  /** Code in a fence, without its indentation; undefined for indented code. */
  readonly value?: string;
  readonly fenced?: boolean;
  readonly children?: readonly Block[];
}

/** A part of the text that is parsed on its own, and not again while it stays the same. */
export interface Piece {
  readonly text: string;
  start: number;
  readonly blocks: readonly Block[];
  /** What of it the rules found, by rule; offsets are the piece's own. */
  readonly memory: Map<string, unknown>;
}

/** The pieces of the version before, in order. They are taken over, so that version's own positions are of no use afterwards. */
export type PieceCache = readonly Piece[];

/** A piece ends at the first heading, and without headings at the first block after this many characters. */
const PIECE = 8_000;

const LIST_ITEM = /^(?:[-+*]|\d{1,9}[.)])[ \t]+\S/;
const FRONT_MATTER = /^---[ \t]*(?:\r\n|\n|\r)(?:[^]*?(?:\r\n|\n|\r))??---[ \t]*(?=[\r\n]|$)/;

/** Only the blocks: what stands in them is read where somebody asks for it. It stops at a depth of 100, whatever the text. */
const markdown = new MarkdownIt('commonmark', { html: true });
markdown.core.ruler.enableOnly(['normalize', 'block']);
// A token as a plain object: making the library's own takes a third of the time of reading blocks.
markdown.block.State = class extends markdown.block.State {
  override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
    if (nesting < 0) this.level--;
    const token = { type, tag, nesting, attrs: null, map: null, level: this.level, children: null, content: '', markup: '', info: '', meta: null, block: true, hidden: false } as unknown as Token;
    if (nesting > 0) this.level++;
    this.tokens.push(token);
    return token;
  }
};

/**
 * The text in pieces with their blocks, taking over from the version before what has not changed. Where a piece ends
 * follows from the text behind its start alone; so whatever stands behind an edit is cut as it was, once a piece ends
 * where one ended before.
 */
export function parsePieces(source: Source, before: PieceCache = []): readonly Piece[] {
  const { text } = source;
  const front = FRONT_MATTER.exec(text.slice(source.start, source.start + 200_000))?.[0].length ?? 0;
  const by = text.length - (before.at(-1)?.text.length ?? 0) - (before.at(-1)?.start ?? 0);
  const kept = keptBefore(before, text, front === 0 ? undefined : text.slice(source.start, source.start + front));
  let behind = before.length;
  while (behind > kept && text.startsWith(before[behind - 1]?.text ?? '', (before[behind - 1]?.start ?? 0) + by)) behind--;
  const pieces = before.slice(0, kept);
  // What stands between, such as a section that was moved, by its text.
  const loose = new Map<string, Piece[]>();
  for (const piece of before.slice(kept, behind)) loose.set(piece.text, [...(loose.get(piece.text) ?? []), piece]);
  let start = source.start;
  const last = pieces.at(-1);
  if (last) start = last.start + last.text.length;
  else if (front > 0) {
    const end = start + front;
    pieces.push({ text: text.slice(start, end), start, blocks: [{ type: 'yaml', start, end }], memory: new Map() });
    start = end;
  }
  while (start < text.length) {
    while (behind < before.length && (before[behind]?.start ?? 0) + by < start) behind++;
    if (behind < before.length && (before[behind]?.start ?? 0) + by === start) {
      for (const piece of before.slice(behind)) pieces.push(moved(piece, piece.start + by));
      break;
    }
    let end = boundary(source, start);
    let piece = take(loose, text.slice(start, end), start);
    // A cut inside of a fence or an HTML block: the piece reaches to where that ends.
    for (let closing = unfinished(piece, text.length - end); closing; closing = unfinished(piece, text.length - end)) {
      end = boundary(source, start, endOfMatch(text, closing, end));
      piece = take(loose, text.slice(start, end), start);
    }
    pieces.push(piece);
    start = end;
  }
  return pieces;
}

/** How many of the first pieces stay as they are. The last two before an edit may end elsewhere now: the line behind a piece decides. */
function keptBefore(before: PieceCache, text: string, front: string | undefined): number {
  if ((before[0]?.blocks[0]?.type === 'yaml' ? before[0].text : undefined) !== front) return 0;
  let same = 0;
  for (let piece = before[0]; piece && text.startsWith(piece.text, piece.start); piece = before[same]) same++;
  return Math.max(front === undefined ? 0 : 1, same - 2);
}

function take(loose: Map<string, Piece[]>, text: string, start: number): Piece {
  const known = loose.get(text)?.pop();
  // A text of its own: as a part of the whole one it would keep that in memory, and with it each version of a long session.
  return known ? moved(known, start) : { text: copyOf(text), start, blocks: blocksOf(text, start), memory: new Map() };
}

function copyOf(text: string): string {
  const encoding = /[^\0-\xff]/.test(text) ? 'utf16le' : 'latin1';
  return Buffer.from(text, encoding).toString(encoding);
}

function moved(piece: Piece, start: number): Piece {
  const by = start - piece.start;
  if (by !== 0) shift(piece.blocks, by);
  piece.start = start;
  return piece;
}

/** Moves blocks in place. They nest no deeper than the parser goes. */
function shift(blocks: readonly Block[], by: number): void {
  for (const block of blocks) {
    block.start += by;
    block.end += by;
    if (block.children) shift(block.children, by);
  }
}

/** The first place after `start`, or from `least` on, where the text can be cut with no effect on how its blocks are read. */
function boundary(source: Source, start: number, least = start + 1): number {
  let previous = '';
  let fence: string | undefined;
  for (const line of source.lines(source.lineStart(Math.min(least > start + 1 ? least : start, source.text.length)))) {
    const { text } = line;
    const mark = /^[ \t>]*(`{3,}|~{3,})/.exec(text)?.[1];
    if (mark && fence === undefined) fence = mark;
    else if (mark && fence !== undefined && mark.startsWith(fence) && /^[ \t>`~]*$/.test(text)) fence = undefined;
    if (fence !== undefined && line.start - start <= 40 * PIECE) {
      previous = text;
      continue;
    }
    if (line.start >= least && line.start > start) {
      if (previous.trim() === '' && /^#{1,6}[ \t]/.test(text)) return line.start;
      const isItem = LIST_ITEM.test(text);
      if (line.start - start > PIECE && previous.trim() === '' && /^\S/.test(text) && !isItem) return line.start;
      // A list is cut only when it is very long.
      if (line.start - start > 4 * PIECE && isItem && (previous.trim() === '' || LIST_ITEM.test(previous))) return line.start;
      // A single paragraph as long as a book is no tutorial's: it is cut at a line.
      if (line.start - start > 40 * PIECE) return line.start;
    }
    previous = text;
  }
  return source.text.length;
}

/** What would end the last block of a piece that has text after it: an open fence or HTML block. */
function unfinished(piece: Piece, rest: number): RegExp | undefined {
  const last = piece.blocks.at(-1);
  if (!last || rest === 0 || (last.type !== 'code' && last.type !== 'html')) return undefined;
  const raw = piece.text.slice(last.start - piece.start, last.end - piece.start);
  if (last.type === 'code') {
    const fence = openFence(raw);
    return fence && !isFenceClosed(raw, fence) ? closingLine(fence) : undefined;
  }
  const open = /^<(?:(!--)|(\?)|(!\[CDATA\[)|(![A-Za-z])|(?:script|pre|style|textarea)(?=[\s>]|$))/i.exec(raw);
  if (!open) return undefined;
  const closing = open[1] ? /-->/g : open[2] ? /\?>/g : open[3] ? /\]\]>/g : open[4] ? />/g : /<\/(?:script|pre|style|textarea)>/gi;
  return closing.test(raw) ? undefined : closing;
}

function endOfMatch(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match ? match.index + match[0].length : text.length;
}

interface Open {
  readonly type: Block['type'];
  readonly token: Token;
  readonly children: Block[];
}

/** The blocks of a piece, whose first character has the offset `base`. */
function blocksOf(text: string, base: number): Block[] {
  const lines: { readonly start: number; readonly text: string }[] = [];
  for (let at = 0; at <= text.length; ) {
    const end = /\r\n|\n|\r/g;
    end.lastIndex = at;
    const found = end.exec(text);
    lines.push({ start: at, text: text.slice(at, found?.index ?? text.length) });
    if (!found) break;
    at = found.index + found[0].length;
  }
  const lineAt = (index: number): { readonly start: number; readonly text: string } => lines[index] ?? { start: text.length, text: '' };
  const ends = (last: number, first: number): number => {
    let index = Math.min(last - 1, lines.length - 1);
    while (index > first && lineAt(index).text.trim() === '') index--;
    return base + lineAt(index).start + lineAt(index).text.trimEnd().length;
  };
  /** Where a block's first line begins, which may stand behind marks of lists and quotes. */
  const startOf = (line: number, firstLine: string): number => {
    const raw = lineAt(line).text;
    const at = raw.length - raw.trimEnd().length;
    const start = raw.length - at - firstLine.trim().length;
    return base + lineAt(line).start + Math.max(0, start);
  };
  const root: Block[] = [];
  const open: Open[] = [];
  const put = (block: Block): void => void (open.at(-1)?.children ?? root).push(block);
  const tokens = markdown.parse(text, {});
  for (const [index, token] of tokens.entries()) {
    const [first, last] = token.map ?? [0, 0];
    const raw = lineAt(first).text;
    switch (token.type) {
      case 'heading_open': {
        const content = tokens[index + 1]?.content ?? '';
        if (token.markup.startsWith('#')) {
          const at = raw.search(new RegExp(`#{${token.markup.length}}(?:[ \\t]|$)`));
          put({ type: 'heading', depth: token.markup.length, start: base + lineAt(first).start + Math.max(0, at), end: ends(last, first) });
        } else {
          put({ type: 'heading', depth: token.tag === 'h1' ? 1 : 2, underlined: true, start: startOf(first, content.split('\n')[0] ?? ''), end: ends(last, first) });
        }
        break;
      }
      case 'paragraph_open':
        put({ type: 'paragraph', start: startOf(first, (tokens[index + 1]?.content ?? '').split('\n')[0] ?? ''), end: ends(last, first) });
        break;
      case 'html_block':
        put({ type: 'html', start: startOf(first, token.content.split('\n')[0] ?? ''), end: ends(last, first) });
        break;
      case 'hr':
        put({ type: 'rule', start: base + lineAt(first).start, end: ends(last, first) });
        break;
      case 'fence': {
        const at = Math.max(0, raw.indexOf(token.markup));
        put({ type: 'code', fenced: true, value: token.content.replace(/\n$/, ''), start: base + lineAt(first).start + at, end: ends(last, first) });
        break;
      }
      case 'code_block':
        put({ type: 'code', fenced: false, value: token.content.replace(/\n$/, ''), start: base + lineAt(first).start, end: ends(last, first) });
        break;
      case 'ordered_list_open':
      case 'bullet_list_open':
        open.push({ type: 'list', token, children: [] });
        break;
      case 'list_item_open':
        open.push({ type: 'item', token, children: [] });
        break;
      case 'blockquote_open':
        open.push({ type: 'quote', token, children: [] });
        break;
      case 'ordered_list_close':
      case 'bullet_list_close':
      case 'list_item_close':
      case 'blockquote_close': {
        const closed = open.pop();
        if (!closed) break;
        const { type, token: opening, children } = closed;
        const [from, to] = opening.map ?? [0, 0];
        const inner = children[0];
        const line = lineAt(from);
        let start = base + line.start + line.text.length - line.text.trimStart().length;
        if (inner && type !== 'list' && inner.start - base <= line.start + line.text.length) {
          const before = line.text.slice(0, Math.max(0, inner.start - base - line.start));
          const marker = (type === 'item' ? /(?:[-+*]|\d{1,9}[.)])[ \t]*$/ : />[ \t]*$/).exec(before);
          if (marker) start = base + line.start + marker.index;
        } else if (inner && type === 'list') start = inner.start;
        put({
          type, start, end: Math.max(ends(to, from), children.at(-1)?.end ?? 0), children,
          ...(type === 'list' && { ordered: opening.type === 'ordered_list_open' }),
          ...(type === 'item' && opening.info !== '' && { number: Number(opening.info) }),
        });
        break;
      }
      default:
    }
  }
  return root;
}

/** The marker of a fence, such as four backticks, when `raw` is the source of a fenced code block. */
export function openFence(raw: string): string | undefined {
  return /^(?:`{3,}|~{3,})/.exec(raw)?.[0];
}

function closingLine(fence: string): RegExp {
  return new RegExp(String.raw`^[ \t>]*${fence[0]}{${fence.length},}[ \t]*$`, 'gm');
}

/** True when the source of a fenced code block ends with its closing line. */
export function isFenceClosed(raw: string, fence: string): boolean {
  const end = raw.trimEnd();
  const last = Math.max(end.lastIndexOf('\n'), end.lastIndexOf('\r'));
  return last >= 0 && closingLine(fence).test(end.slice(last + 1));
}

/** A block and all below it, in the order of the text. Without recursion: a text can nest as deep as it likes. */
export function* walk(blocks: readonly Block[]): Generator<Block> {
  const stack: Block[] = [...blocks].reverse();
  for (let block = stack.pop(); block; block = stack.pop()) {
    yield block;
    if (block.children) for (let index = block.children.length - 1; index >= 0; index--) stack.push(block.children[index] as Block);
  }
}

const ESCAPE = /\\([!-/:-@[-`{-~])/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

/** What a function gave for short texts: a version of a text is mostly the lines of the one before. */
export function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = compute(text);
    if (text.length < 2000) {
      if (known.size > 30_000) known.clear();
      known.set(text, result);
    }
    return result;
  };
}

/** Markdown as one reads it, on one line: without emphasis, pictures, HTML and the targets of links. */
export const plainText = remembering((markdownText: string): string => {
  // Code first: nothing is marked up in it. Its place is kept by a character of Unicode's private use.
  const codes: string[] = [];
  const bounded = (markdownText.length > 20_000 ? markdownText.slice(0, 20_000) : markdownText).replace(
    /(`+)(?!`)((?:(?!\1(?!`))[^])*?[^`])\1(?!`)/g,
    (_, _marks: string, code: string) => (codes.push(code), '\uE000'),
  );
  let next = 0;
  return oneLine(inlineText(bounded).replace(/\uE000/g, () => codes[next++] ?? ''));
});

function inlineText(text: string): string {
  return text
    .replace(/<!--[^]*?-->/g, '')
    .replace(/!\[[^\]]{0,1000}\](?:\([^)\s]{0,2000}(?:\s+"[^"]{0,500}")?\)|\[[^\]]{0,200}\])?/g, '')
    .replace(/\[([^\]]{0,1000})\](?:\([^)]{0,2000}\)|\[[^\]]{0,200}\])/g, '$1')
    .replace(/<\/?[A-Za-z][^<>]{0,1000}>/g, '')
    .replace(/\\(?=\r|\n)/g, ' ')
    .replace(/(?<![\\*_\p{L}\p{N}])[*_]{1,3}(?=[^\s*_])|(?<=[^\s*_\\])[*_]{1,3}(?![\p{L}\p{N}])|(?<!\\)\*{1,3}/gu, '')
    .replace(ESCAPE, '$1')
    .replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => ENTITIES[name] ?? '');
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
