import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { frontmatter } from 'micromark-extension-frontmatter';
import type { Source } from './source.ts';

/**
 * micromark's time grows with the square of its input beyond some 50 KB (a megabyte took it 100 s), so a long text
 * is parsed in pieces of about this many characters. Most tutorials are a piece or two.
 */
const PIECE = 8_000;

const LIST_ITEM = /^(?:[-+*]|\d{1,9}[.)])[ \t]+\S/;
const FRONT_MATTER = /^---[ \t]*(?:\r\n|\n|\r)(?:[^]*?(?:\r\n|\n|\r))??---[ \t]*(?=[\r\n]|$)/;

/**
 * The top-level blocks of the text. Their offsets are those of the whole text; their lines and columns are not.
 *
 * `onError` gets the offsets of a piece that the parser could not take, such as one nested thousands deep.
 */
export function parseBlocks(source: Source, onError: (start: number, end: number) => void): RootContent[] {
  const { text } = source;
  const blocks: RootContent[] = [];
  let start = source.start;
  let least = Math.max(PIECE, FRONT_MATTER.exec(text.slice(start))?.[0].length ?? 0);
  while (start < text.length) {
    const end = boundary(source, start, least);
    let piece: RootContent[] = [];
    try {
      piece = parsePiece(text.slice(start, end), start, start === source.start);
    } catch {
      onError(start, end);
    }
    const last = piece.at(-1);
    const closing = last && end < text.length ? missingEnd(text, last) : undefined;
    if (last && closing) {
      // The cut fell into this block: the next piece starts with it and reaches beyond its end.
      piece.pop();
      start = source.lineStart(offsets(last).start);
      least = Math.max(start + PIECE, endOfMatch(text, closing, end));
    } else {
      start = end;
      least = start + PIECE;
    }
    for (const block of piece) blocks.push(block);
  }
  return blocks;
}

/** The first place from `least` on where the text can be cut with no effect on how its blocks are read. */
function boundary(source: Source, start: number, least: number): number {
  if (least >= source.text.length) return source.text.length;
  let previous = '-';
  for (const line of source.lines(source.lineStart(least))) {
    const isItem = LIST_ITEM.test(line.text);
    const startsBlock = /^#{1,6}[ \t]/.test(line.text) || (previous.trim() === '' && /^\S/.test(line.text) && !isItem);
    // A list is cut only when it is very long: its numbers then start anew, which is what they are in the source.
    const startsItem = isItem && (previous.trim() === '' || LIST_ITEM.test(previous)) && line.start - start > 4 * PIECE;
    if (line.start >= least && (startsBlock || startsItem)) return line.start;
    previous = line.text;
  }
  return source.text.length;
}

/** Lists and quotes as deep as this in one line are no text, and take the parser time without end. */
const TOO_DEEP = /^(?:[ \t]*(?:[-+*>]|\d{1,9}[.)])(?=[ \t>])){100}/m;

function parsePiece(text: string, base: number, first: boolean): RootContent[] {
  if (TOO_DEEP.test(text)) throw new RangeError('Nested too deep');
  const tree = fromMarkdown(text, {
    extensions: first ? [frontmatter('yaml')] : [],
    mdastExtensions: first ? [frontmatterFromMarkdown('yaml')] : [],
  });
  for (const node of walk(tree.children)) {
    if (!node.position) continue;
    node.position.start.offset = (node.position.start.offset ?? 0) + base;
    node.position.end.offset = (node.position.end.offset ?? 0) + base;
  }
  return tree.children;
}

/** What would end a block that runs to the end of its piece without its own end: an open fence or HTML block. */
function missingEnd(text: string, node: RootContent): RegExp | undefined {
  const { start, end } = offsets(node);
  const raw = text.slice(start, end);
  if (node.type === 'code') {
    const fence = openFence(raw);
    return fence && !isFenceClosed(raw, fence) ? closingLine(fence) : undefined;
  }
  if (node.type !== 'html') return undefined;
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

/** The marker of a fence, such as four backticks, when `raw` is the source of a fenced code block. */
export function openFence(raw: string): string | undefined {
  return /^(?:`{3,}|~{3,})/.exec(raw)?.[0];
}

function closingLine(fence: string): RegExp {
  return new RegExp(String.raw`^[ \t>]*${fence[0]}{${fence.length},}[ \t]*$`, 'gm');
}

/** True when the source of a fenced code block ends with its closing line. */
export function isFenceClosed(raw: string, fence: string): boolean {
  const lines = raw.trimEnd().split(/\r\n|\n|\r/);
  return lines.length > 1 && closingLine(fence).test(lines.at(-1) ?? '');
}

/** A node and all below it, in the order of the text. Without recursion: a text can nest as deep as it likes. */
export function* walk(nodes: readonly Nodes[]): Generator<Nodes> {
  const stack: Nodes[] = [...nodes].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node;
    if ('children' in node) for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i] as Nodes);
  }
}

export function offsets(node: Nodes): { start: number; end: number } {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/** Text without emphasis, images and HTML, on one line. */
export function plainText(nodes: readonly Nodes[]): string {
  let text = '';
  for (const node of walk(nodes)) {
    if (node.type === 'text' || node.type === 'inlineCode') text += node.value;
    else if (node.type === 'break') text += ' ';
  }
  return oneLine(text);
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
