import type { Declaration } from './declaration.ts';
import { type Block, plainText } from './markdown.ts';
import type { Source } from './source.ts';
import { readTitle, type ReadTitle } from './titles.ts';

/** Something that can be a step: a heading, a bold line, a list item, or a paragraph that a comment declares. */
export interface Mark {
  readonly kind: 'heading' | 'bold' | 'item' | 'paragraph';
  /** 1 to 6 for a heading; below all headings for the others. */
  readonly level: number;
  start: number;
  /** Where its text ends and its body starts. */
  end: number;
  /** As written, without emphasis. */
  readonly text: string;
  readonly read: ReadTitle;
  /** For a list item: its end, and the columns by which its content is indented. */
  readonly item?: { end: number; readonly indent: number };
  /** For a heading: the start of the next one that is no deeper. */
  sectionEnd?: number | undefined;
  /** For a heading: the one that it stands below. */
  parent?: Mark | undefined;
  declaration?: Declaration | undefined;
  /** For a bold line: only its number is bold. */
  readonly isNumberOnly?: boolean;
}

const BELOW_HEADINGS = 7;

/** True for a paragraph that is a command in backticks and nothing else. */
function isCommand(raw: string): boolean {
  const text = raw.length < 1000 ? raw.trim() : '';
  return /^`[a-z]/.test(text) && text.endsWith('`') && text.indexOf('`', 1) === text.length - 1 && /\S \S/.test(text);
}

/** A paragraph that can be a step or hold its lead. */
export interface Paragraph {
  start: number;
  end: number;
  readonly item?: Mark;
}

/** What a block holds that can be a step. */
export interface BlockMarks {
  readonly block: Block;
  readonly headings: readonly Mark[];
  readonly boldLines: readonly Mark[];
  /** Of an ordered list, unless it is one of contents. */
  readonly items: ReadonlyMap<Block, Mark>;
  readonly paragraphs: readonly Paragraph[];
  readonly isContent: boolean;
  readonly isInstruction: boolean;
}

/** What a block of the top level holds that can be a step. */
export function marksOf(block: Block, source: Source): BlockMarks {
  const { start, end, type } = block;
  const raw = type === 'paragraph' || type === 'html' || type === 'list' || block.fenced === false ? source.text.slice(start, end) : '';
  const headings: Mark[] = [];
  const paragraphs: Paragraph[] = [];
  const items = new Map<Block, Mark>();
  let isInstruction = type === 'code' || (type === 'paragraph' && isCommand(raw));
  if (type === 'heading') headings.push(headingMark(block, source));
  else if (type === 'html' || (type === 'paragraph' && raw.startsWith('<'))) headings.push(...htmlHeadings(block, raw));
  // HTML that is indented below a blank line is code to Markdown and "Step 1" to its author.
  else if (type === 'code' && block.fenced === false && /^\s*</.test(raw)) headings.push(...htmlHeadings(block, raw).filter((mark) => mark.read.number !== undefined));
  if (type === 'paragraph') paragraphs.push({ start, end });
  if (type === 'list') {
    if (!isContents(block, source)) {
      if (block.ordered) {
        isInstruction = true;
        for (const item of block.children ?? []) {
          const mark = itemMark(item, item.number, source);
          items.set(item, mark);
          paragraphs.push(...paragraphsOf(item, mark));
        }
      } else isInstruction = /^[ \t>]*(?:`{3}|~{3})/m.test(raw);
    }
    // A heading that is an item's whole text is one for whoever reads it: "1. ### Create the bucket".
    for (const item of block.children ?? []) for (const child of item.children ?? []) if (child.type === 'heading') headings.push(headingMark(child, source, child === item.children?.[0] ? item.number : undefined));
  }
  const isContent = type !== 'heading' && type !== 'html' && type !== 'yaml' && type !== 'rule';
  return { block, headings, items, paragraphs, isContent, isInstruction, boldLines: type === 'paragraph' ? boldLinesOf(block, source) : [] };
}

export const paragraphsOf = (item: Block, mark: Mark): Paragraph[] => (item.children ?? []).filter(({ type }) => type === 'paragraph').map(({ start, end }) => ({ start, end, item: mark }));

function headingMark(heading: Block, source: Source, itemNumber?: number): Mark {
  const raw = source.text.slice(heading.start, heading.end);
  const inner = heading.underlined ? raw.replace(/(?:\r\n|\n|\r)[ \t>]*[=-]+[ \t]*$/, '') : raw.replace(/^#+[ \t]*/, '').replace(/(?:^|[ \t])#+[ \t]*$/, '');
  const text = plainText(inner);
  const read = readTitle(text);
  return {
    kind: 'heading', level: heading.depth ?? 1, start: heading.start, end: heading.end, text,
    read: itemNumber !== undefined && read.number === undefined ? { ...read, number: String(itemNumber) } : read,
  };
}

/** Headings that are written in HTML: `<h4>1. …</h4>`. */
function htmlHeadings(block: Block, raw: string): Mark[] {
  return [...raw.matchAll(/<h([1-6])(?:\s[^<>]{0,500})?>([^]{0,500}?)<\/h\1\s*>/gi)].flatMap((match) => {
    const text = plainText(match[2] ?? '');
    const [start, end] = [block.start + match.index, block.start + match.index + match[0].length];
    return text ? [{ kind: 'heading' as const, level: Number(match[1]), start, end, text, read: readTitle(text) }] : [];
  });
}

export function paragraphMark(paragraph: Block, source: Source): Mark {
  const text = plainText(source.text.slice(paragraph.start, paragraph.end));
  return { kind: 'paragraph', level: BELOW_HEADINGS, start: paragraph.start, end: paragraph.end, text, read: readTitle(text) };
}

export function itemMark(item: Block, number: number | undefined, source: Source): Mark {
  const { start, end } = item;
  const first = item.children?.[0];
  const heading = first?.type === 'paragraph' || first?.type === 'heading' ? first : undefined;
  const contentStart = first ? first.start : end;
  const raw = heading ? source.text.slice(heading.start, heading.end) : '';
  const text = plainText(heading?.type === 'heading' ? raw.replace(/^#+[ \t]*/, '') : raw);
  const read = number === undefined ? readTitle(text) : { ...readTitle(text), number: String(number) };
  return {
    kind: 'item', level: BELOW_HEADINGS, start, end: heading?.end ?? contentStart, text, read,
    item: { end, indent: contentStart - source.lineStart(contentStart) },
  };
}

/** True for a list that is only a table of contents. */
function isContents(list: Block, source: Source): boolean {
  return (list.children ?? []).every((item) => {
    const first = item.children?.[0];
    return first?.type === 'paragraph' && /^\[[^\]]*\]\(#[^)]*\)$/.test(source.text.slice(first.start, first.end).trim());
  });
}

const BOLD = /^(?:_?\*\*|\*__|\*\*\*|__)/;

/** Only the number is bold: `**1.** Create …`, `**Step 1:** Create …`. */
const BOLD_NUMBER = /^(?:\*\*|__)([^*_\r\n]{1,24}?)(?:\*\*|__)[ \t]*[.):–—-]?[ \t]*(\S[^\r\n]*)?$/;

/** The numbered lines of a paragraph that are bold as a whole, also when their emphasis is nested or never closed. */
function boldLinesOf(paragraph: Block, source: Source): Mark[] {
  const marks: Mark[] = [];
  const { start, end } = paragraph;
  const raw = source.text.slice(start, end);
  if (!/^[ \t]*(?:_?\*\*|\*?__)/m.test(raw)) return [];
  for (const line of source.lines(start, end)) {
    const from = line.start + line.text.length - line.text.trimStart().length;
    if (from < (marks.at(-1)?.end ?? 0)) continue;
    const shown = line.text.trim().replace(/<!--[^]*?(?:-->|$)/g, '').replace(/[ \t]+$/, '');
    if (!BOLD.test(shown)) continue;
    const add = (text: string, length: number, isNumberOnly = false): void => {
      const read = readTitle(plainText(text));
      if (read.number === undefined || read.weak) return;
      marks.push({ kind: 'bold', level: BELOW_HEADINGS, start: from, end: from + length, text: plainText(text), read, ...(isNumberOnly && { isNumberOnly }) });
    };
    const numberOnly = BOLD_NUMBER.exec(shown);
    const label = numberOnly && readTitle(plainText(numberOnly[1] ?? ''));
    if (numberOnly && label && (label.number !== undefined || /^\d{1,2}$/.test(numberOnly[1] ?? '')) && (label.title === plainText(numberOnly[1] ?? '') || /^\d{1,2}$/.test(numberOnly[1] ?? ''))) {
      const [, number = '', rest = ''] = numberOnly;
      if (rest !== '') {
        add(`${number.replace(/[.):\s]+$/, '')}. ${rest}`, shown.length, true);
        continue;
      }
    }
    const marker = /^[*_]{2,3}/.exec(shown)?.[0] ?? '**';
    const closing = closingOf(shown, marker);
    // Bold to its end, signs aside; or never closed, which is meant as bold to the end of the line.
    if (closing === undefined) add(shown.replace(/^[*_]+|[*_]+$/g, ''), shown.length);
    else {
      const rest = shown.slice(closing);
      if (/^[\s.:;!?…*_]*$/.test(rest)) add(shown.slice(marker.length, closing - marker.length), closing + (/^[.:;!?…*_]*/.exec(rest)?.[0].length ?? 0));
      // Bold within bold closes early: **a **b** c.**
      else if (/[*_]{2}[.:;!?…]*$/.test(rest)) add(shown.replace(/^[*_]+|[*_]+(?=[.:;!?…]*$)/g, ''), shown.length);
    }
  }
  return marks;
}

/** Where the emphasis that opens a line ends, behind its marks; undefined where it does not on this line. */
function closingOf(line: string, marker: string): number | undefined {
  const code = line.replace(/`[^`]*`/g, (each) => 'x'.repeat(each.length));
  for (let at = code.indexOf(marker, marker.length); at >= 0; at = code.indexOf(marker, at + 1)) {
    if (/\S/.test(code[at - 1] ?? ' ')) return at + marker.length;
  }
  return undefined;
}

export function byStart(a: { readonly start: number }, b: { readonly start: number }): number {
  return a.start - b.start;
}

export function endOfSection(mark: Mark): number {
  return mark.kind === 'heading' ? (mark.sectionEnd ?? Infinity) : mark.start;
}

/** The index of the first item that `isReached`, which is so for all after it too. */
export function firstIndex<T>(items: readonly T[], isReached: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isReached(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
