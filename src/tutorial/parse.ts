import * as l10n from '@vscode/l10n';
import type { Declaration } from './declaration.ts';
import { readComments } from './declaration.ts';
import { readFences } from './fences.ts';
import { readFrontMatter } from './front-matter.ts';
import type { Block, Piece, PieceCache } from './markdown.ts';
import { oneLine, parsePieces, plainText, remembering, walk } from './markdown.ts';
import type { Fence, Step, StepRole, Tutorial, VariableDeclaration } from './model.ts';
import { Problems, Source } from './source.ts';
import type { ReadTitle } from './titles.ts';
import { isActionTitle, isAsideTitle, isNextNumber, isNumberBelow, isVariantTitle, neighbours, readTitle, roleOf, slug } from './titles.ts';
import { commonVariables } from './variables.ts';

/**
 * Reads a tutorial from Markdown. It never throws: what cannot be understood is in `problems`.
 *
 * What the steps are, the first of these that the text has:
 * 1. `lake:step` comments. A comment declares the heading, bold line or list item that it stands in or right below,
 *    else the numbered heading or bold line whose text it stands in, else the paragraph that it follows. The author
 *    may not have come to the other steps yet, so an undeclared heading or bold line is a step as well when it looks
 *    just as a declared one: the same level, and a number of as many parts. Every other is text.
 * 2. Numbered headings. A heading that has numbered ones below it is a section and they are the steps; but below a
 *    "Step 2" they are parts of its text, unless they are numbered 2.1, 2.2. A bold line counts when its
 *    number continues its heading's, as 0.1 does under "0. Security".
 * 3. Lines that are bold as a whole and numbered.
 * 4. The items of ordered lists at the top level.
 *
 * A heading about verification or clean-up is a step in any case, unless it stands within a step or holds steps.
 */
export function parseTutorial(text: string): Tutorial {
  return readTutorial(parseText(text)).tutorial;
}

/** A text with its blocks: what both the tutorial and the rules of the authoring library read. */
export interface ParsedText {
  readonly source: Source;
  /** To be given with the next version of the same text, which is then parsed where it differs. */
  readonly pieces: PieceCache;
}

export function parseText(text: string, before?: PieceCache): ParsedText {
  const source = new Source(text);
  return { source, pieces: parsePieces(source, before) };
}

/** A step as it stands in the text, and the numbered headings that only hold steps. */
export interface ReadTutorial {
  readonly tutorial: Tutorial;
  /** Headings that are divided into steps, such as "0. Security" above 0.1, in order. */
  readonly sections: readonly Step[];
}

export function readTutorial({ source, pieces }: ParsedText): ReadTutorial {
  const problems = new Problems(source);
  const front = readFrontMatter(pieces[0]?.blocks ?? [], source, problems);
  const outline = readOutline(pieces, source, problems);
  const fences = readFences(pieces, source, problems);
  const titleHeading = outline.headings.find((mark) => mark.level === 1) ?? outline.headings[0];
  const title = front.title ?? titleHeading?.text ?? '';
  const { steps, sections } = chooseSteps(outline, isTitle(titleHeading, outline.headings) ? titleHeading : undefined);
  const tutorial: Tutorial = {
    id: front.id ?? (slug(title) || 'tutorial'),
    title,
    ...(front.version !== undefined && { version: front.version }),
    variables: front.variables,
    steps: buildSteps(steps, outline, fences, front.variables, source, problems),
    fences,
    problems: problems.sorted(),
  };
  return { tutorial, sections: buildSteps(sections, outline, fences, front.variables, source, new Problems(source)) };
}

/** The first heading of a text that has its title elsewhere is one among others. */
function isTitle(heading: Mark | undefined, headings: readonly Mark[]): boolean {
  return heading !== undefined && (heading.level === 1 || heading.sectionEnd === undefined || !headings.some((mark) => mark !== heading && mark.level === heading.level));
}

/** Something that can be a step: a heading, a bold line, a list item, or a paragraph that a comment declares. */
interface Mark {
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

interface Outline {
  readonly headings: readonly Mark[];
  /** Headings and bold lines with a number, in order. */
  readonly numbered: readonly Mark[];
  readonly listItems: readonly Mark[];
  readonly declared: readonly Mark[];
  /** Every `lake:step` comment, to be left out of bodies. */
  readonly comments: readonly Declaration[];
  /** Paragraphs at the top level and in list items that can be steps, in order. */
  readonly paragraphs: readonly Paragraph[];
  /** Where instructions stand: ordered lists and code, in order. */
  readonly instructions: readonly number[];
  /** Ordered lists of more than one item. */
  readonly lists: readonly number[];
  /** Where any text stands that is no heading, in order. */
  readonly contents: readonly number[];
}

const BELOW_HEADINGS = 7;

/** A paragraph that can be a step or hold its lead. */
interface Paragraph {
  start: number;
  end: number;
  readonly item?: Mark;
}

/** What a block holds that can be a step. */
interface BlockMarks {
  readonly block: Block;
  readonly headings: readonly Mark[];
  readonly boldLines: readonly Mark[];
  /** Of an ordered list, unless it is one of contents. */
  readonly items: ReadonlyMap<Block, Mark>;
  readonly paragraphs: readonly Paragraph[];
  readonly isContent: boolean;
  readonly isInstruction: boolean;
}

function marksOf(block: Block, source: Source): BlockMarks {
  const { start, end, type } = block;
  const raw = type === 'paragraph' || type === 'html' || type === 'list' ? source.text.slice(start, end) : '';
  const headings: Mark[] = [];
  const paragraphs: Paragraph[] = [];
  const items = new Map<Block, Mark>();
  let isInstruction = type === 'code';
  if (type === 'heading') headings.push(headingMark(block, source));
  else if (type === 'html' || (type === 'paragraph' && raw.startsWith('<'))) headings.push(...htmlHeadings(block, raw));
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

const paragraphsOf = (item: Block, mark: Mark): Paragraph[] => (item.children ?? []).filter(({ type }) => type === 'paragraph').map(({ start, end }) => ({ start, end, item: mark }));

/** The marks of a piece, read once and moved along with it. */
function marksIn(piece: Piece, source: Source): readonly BlockMarks[] {
  const known = piece.memory.get('marks') as { at: number; readonly blocks: readonly BlockMarks[] } | undefined;
  if (!known) {
    const blocks = piece.blocks.map((block) => marksOf(block, source));
    piece.memory.set('marks', { at: piece.start, blocks });
    return blocks;
  }
  const by = piece.start - known.at;
  known.at = piece.start;
  const move = (place: { start: number; end: number }): void => {
    place.start += by;
    place.end += by;
  };
  const renew = (mark: Mark): void => {
    if (by !== 0) {
      move(mark);
      if (mark.item) mark.item.end += by;
    }
    mark.sectionEnd = undefined;
    mark.parent = undefined;
    mark.declaration = undefined;
  };
  for (const { headings, boldLines, items, paragraphs } of known.blocks) {
    headings.forEach(renew);
    boldLines.forEach(renew);
    items.forEach(renew);
    if (by !== 0) paragraphs.forEach(move);
  }
  return known.blocks;
}

function readOutline(pieces: readonly Piece[], source: Source, problems: Problems): Outline {
  const headings: Mark[] = [];
  const boldLines: Mark[] = [];
  const listItems: Mark[] = [];
  const declared: Mark[] = [];
  const comments: Declaration[] = [];
  const paragraphs: Paragraph[] = [];
  const instructions: number[] = [];
  const contents: number[] = [];
  const lists: number[] = [];

  const addItem = (item: Block): Mark => {
    const mark = itemMark(item, undefined, source);
    paragraphs.push(...paragraphsOf(item, mark));
    return mark;
  };
  const declare = (mark: Mark | undefined, declaration: Declaration): void => {
    if (!mark) {
      problems.add('step-misplaced', 'error', declaration.start, declaration.end,
        l10n.t('This comment belongs to no step. Put it right below the heading of the step.'));
    } else if (mark.declaration) {
      problems.add('step-repeated', 'error', declaration.start, declaration.end,
        l10n.t('This step has a lake:step comment already, and that one counts: {0}', mark.text));
    } else {
      mark.declaration = declaration;
      declared.push(mark);
    }
  };

  /** The block before the one in hand, comments aside. */
  let previous: Block | undefined;
  for (const piece of pieces) {
    const hasComments = piece.text.includes('<!--');
    for (const { block, isContent, isInstruction, ...marks } of marksIn(piece, source)) {
      headings.push(...marks.headings);
      boldLines.push(...marks.boldLines);
      listItems.push(...marks.items.values());
      paragraphs.push(...marks.paragraphs);
      if (isContent) contents.push(block.start);
      if (isInstruction) instructions.push(block.start);
      if (marks.items.size > 1) lists.push(block.start);
      const raw = hasComments && block.type !== 'yaml' ? source.text.slice(block.start, block.end) : '';
      if (raw.includes('<!--')) {
        const itemMarks = new Map(marks.items);
        const openItems: Block[] = [];
        for (const node of walk([block])) {
          if (node.type === 'item') openItems.push(node);
          if (node.type !== 'html' && node.type !== 'paragraph' && node.type !== 'heading') continue;
          const text = source.text.slice(node.start, node.end);
          if (!text.includes('<!--')) continue;
          for (const declaration of readComments(node.type === 'html' ? text : withoutCode(text), node.start, problems)) {
            comments.push(declaration);
            const item = openItems.findLast((each) => each.end >= node.end);
            if (item) {
              const mark = itemMarks.get(item) ?? addItem(item);
              itemMarks.set(item, mark);
              declare(mark, declaration);
              continue;
            }
            // A comment in a paragraph or heading belongs there; one of its own, to what stands before it.
            const owner = block.type === 'html' ? previous : block;
            const nearest = lastOf(headings.at(-1), boldLines.at(-1), declared.at(-1));
            const isOwn = nearest && owner && nearest.start >= owner.start;
            if (isOwn || (nearest && !nearest.declaration && isCandidate(nearest))) declare(nearest, declaration);
            else if (owner?.type === 'paragraph' && plainText(source.text.slice(owner.start, owner.end))) declare(paragraphMark(owner, source), declaration);
            else if (owner?.type === 'list' && owner.children?.length) declare(lastItemOf(owner, listItems, addItem), declaration);
            else declare(nearest?.declaration ? undefined : nearest, declaration);
          }
        }
      }
      if (block.type !== 'html' || !hasComments || raw.replace(/<!--[^]*?-->/g, '').trim()) previous = block;
    }
  }
  headings.sort(byStart);
  markSections(headings);
  const numbers = new Set(headings.map((mark) => `${mark.level} ${mark.read.number}`));
  // A neighbour tells "3 Create the role" from "3 ways to fail", and "A. Create" from "A. Smith".
  const isNumber = ({ level, read }: Mark): boolean => !read.weak || neighbours(read.number ?? '').some((number) => numbers.has(`${level} ${number}`));
  // "Lab 20: …" over the whole text is the number of the text among others.
  const [title] = headings;
  const isOfText = (mark: Mark): boolean =>
    mark === title && (headings[1]?.start ?? Infinity) < (mark.sectionEnd ?? Infinity) &&
    !neighbours(mark.read.number ?? '').some((number) => headings.some(({ level, read }) => level === mark.level && read.number === number && read.word === mark.read.word));
  const numbered = [...headings.filter((mark) => mark.read.number !== undefined && isNumber(mark) && !isOfText(mark)), ...boldLines];
  for (const list of [numbered, declared, paragraphs]) list.sort(byStart);
  return { headings, numbered, listItems, declared, comments, paragraphs, instructions, lists, contents };
}

/** The same text with blanks for what stands in backticks, which is no markup. */
const withoutCode = (text: string): string => text.replace(/(`+)[^`][^]*?\1/g, (code) => ' '.repeat(code.length));

function isCandidate(mark: Mark): boolean {
  return mark.read.number !== undefined || roleOf(mark.read.title) !== 'step';
}

function lastOf(...marks: (Mark | undefined)[]): Mark | undefined {
  return marks.reduce((last, mark) => (mark && (!last || mark.start > last.start) ? mark : last), undefined);
}

function lastItemOf(list: Block, marks: readonly Mark[], add: (item: Block) => Mark): Mark | undefined {
  const item = list.children?.at(-1);
  return item && (marks.find((mark) => mark.start === item.start) ?? add(item));
}

function markSections(headings: readonly Mark[]): void {
  const open: Mark[] = [];
  for (const heading of headings) {
    for (let last = open.at(-1); last && last.level >= heading.level; last = open.at(-1)) {
      last.sectionEnd = heading.start;
      open.pop();
    }
    heading.parent = open.at(-1);
    open.push(heading);
  }
}

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

function paragraphMark(paragraph: Block, source: Source): Mark {
  const text = plainText(source.text.slice(paragraph.start, paragraph.end));
  return { kind: 'paragraph', level: BELOW_HEADINGS, start: paragraph.start, end: paragraph.end, text, read: readTitle(text) };
}

function itemMark(item: Block, number: number | undefined, source: Source): Mark {
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

function chooseSteps(outline: Outline, titleHeading: Mark | undefined): { readonly steps: Mark[]; readonly sections: Mark[] } {
  const chosen = outline.declared.length > 0 ? { steps: likeDeclared(outline), sections: [] } : leaves(outline);
  const isStrong = (marks: readonly Mark[]): boolean => marks.some((mark) => mark.kind === 'heading' || !mark.isNumberOnly) || marks.length > 1;
  const numberedHeadings = chosen.steps.filter((mark) => mark.kind === 'heading').length;
  const needsPlain = outline.declared.length === 0 && numberedHeadings < 2;
  const plain = needsPlain ? plainHeadings(outline, titleHeading) : undefined;
  let { steps, sections } = chosen;
  if (outline.declared.length === 0 && steps.length > 0 && !steps.some((mark) => mark.kind === 'heading') && (restarts(steps, outline) || !isStrong(steps))) {
    // Bold numbers that start anew below each heading number the clicks of a step.
    if (plain && plain.steps.length > 1) ({ steps, sections } = plain);
  } else if (plain && steps.length > 0 && steps.length < plain.steps.length && steps.every((mark) => mark.kind === 'bold')) ({ steps, sections } = plain);
  // A single number among many headings is one of them.
  if (plain && (steps.length === 0 || (numberedHeadings === 1 && plain.steps.length > 3))) ({ steps, sections } = plain);
  else if (outline.declared.length === 0) ({ steps, sections } = besidePlain(steps, sections, outline, titleHeading));
  if (outline.declared.length === 0) ({ steps, sections } = intoParts(steps, sections, outline));
  steps.sort(byStart);
  const roles = outside(outline.headings, steps).filter((mark) => mark !== titleHeading && roleOf(mark.read.title) !== 'step' && !isVariantTitle(mark.read.title) && !isBelowAside(mark, titleHeading));
  const ownRoles = roles.filter((mark) => !holdsAny(mark, steps));
  const all = [...steps, ...outermost(ownRoles)];
  if (steps.length === 0) all.push(...outside(outline.listItems, all.sort(byStart)));
  return { steps: all.sort(byStart), sections: sections.filter((mark) => mark.kind === 'heading' && mark !== titleHeading).sort(byStart) };
}

/**
 * Numbered headings below unnumbered ones: what they number below "Overview" or "Features" are no steps, and where an
 * unnumbered "Query the data" holds numbered ones, the headings beside it are steps as well.
 */
function besidePlain(steps: readonly Mark[], sections: readonly Mark[], { headings, instructions, lists }: Outline, titleHeading: Mark | undefined): { steps: Mark[]; sections: Mark[] } {
  const isPlain = (mark: Mark | undefined): mark is Mark => mark !== undefined && mark !== titleHeading && mark.read.number === undefined;
  // "Step 1" says itself that it is one, wherever it stands; where it comes back, the headings above it divide the text.
  const isRestarting = restartsIn(steps.filter((mark) => mark.read.word === 'step'));
  const parents = new Map(steps.map((mark) => [mark, mark.kind === 'heading' && (!mark.read.word || isRestarting) ? mark.parent : undefined] as const));
  const worded = steps.filter((mark) => mark.kind === 'heading' && mark.read.word === 'step');
  const wordedParents = new Set(worded.map((mark) => mark.parent));
  /** Bare numbers in another place than a row of "Step 1", "Step 2" are those of what is explained. */
  const isOfOther = (mark: Mark): boolean =>
    worded.length > 2 && mark.kind === 'heading' && mark.read.word === undefined && isPlain(mark.parent) && !wordedParents.has(mark.parent) && !isActionTitle(mark.parent.read.title) && !isNumberBelow(mark.read.number, mark.parent.read.number);
  const kept = steps.filter((mark) => !(parents.get(mark) && isBelowAside(mark, titleHeading)) && !isOfOther(mark));
  if (kept.length === 0) return { steps: [...steps], sections: [...sections] };
  const holders = [...new Set<Mark>(kept.map((mark) => parents.get(mark)).filter(isPlain))];
  const holding = new Set(holders);
  const levels = new Set(holders.map((mark) => mark.level));
  const has = (places: readonly number[], mark: Mark): boolean => (places[firstIndex(places, (place) => place > mark.start)] ?? Infinity) < (mark.sectionEnd ?? Infinity);
  const beside = levels.size !== 1 ? [] : headings.filter((mark) =>
    isPlain(mark) && levels.has(mark.level) && !holding.has(mark) && !isAsideTitle(mark.read.title) && !isVariantTitle(mark.read.title) && !isBelowAside(mark, titleHeading) && (isActionTitle(mark.read.title) ? has(instructions, mark) : has(lists, mark)) && !holdsAny(mark, kept));
  return { steps: [...kept, ...outside(beside, [...kept].sort(byStart))].sort(byStart), sections: [...sections, ...(beside.length > 0 || restartsIn(kept) ? holders.filter((mark) => isActionTitle(mark.read.title)) : [])] };
}

/** "Lab 1" or "Part 1" above headings without numbers, at least two of which say to do something, holds steps and is none. */
function intoParts(steps: readonly Mark[], sections: readonly Mark[], outline: Outline): { steps: Mark[]; sections: Mark[] } {
  const result: Mark[] = [];
  const parts: Mark[] = [];
  for (const mark of steps) {
    const end = mark.sectionEnd ?? Infinity;
    const below = mark.kind === 'heading' && mark.read.word === 'part' ? outline.headings.slice(firstIndex(outline.headings, (each) => each.start > mark.start), firstIndex(outline.headings, (each) => each.start >= end)) : [];
    const first = below[0];
    const own = outline.instructions[firstIndex(outline.instructions, (place) => place > mark.start)] ?? Infinity;
    const inner = first && own > first.start ? plainHeadings({ ...outline, headings: below }, undefined) : undefined;
    if (inner && inner.steps.filter((each) => isActionTitle(each.read.title)).length > 1) {
      result.push(...inner.steps);
      parts.push(mark, ...inner.sections);
    } else result.push(mark);
  }
  return { steps: result, sections: [...sections, ...parts] };
}

/** True for what stands somewhere below "Overview" or "Troubleshooting". */
function isBelowAside(mark: Mark, titleHeading: Mark | undefined): boolean {
  for (let above = mark.parent; above; above = above.parent) if (above !== titleHeading && above.read.number === undefined && isAsideTitle(above.read.title)) return true;
  return false;
}

const restartsIn = (marks: readonly Mark[]): boolean => new Set(marks.map((mark) => mark.read.number)).size < marks.length;

/** True when a number comes back below another heading. */
function restarts(marks: readonly Mark[], { headings }: Outline): boolean {
  const seen = new Map<string, number>();
  return marks.some((mark) => {
    const above = firstIndex(headings, (heading) => heading.start > mark.start);
    const before = seen.get(mark.read.number ?? '');
    seen.set(mark.read.number ?? '', above);
    return before !== undefined && before !== above;
  });
}

/**
 * The steps of a text whose headings have no numbers: headings that say to do something, or have instructions below
 * them, of the highest level that has any. What stands deeper is their text, unless a heading has no text of its own.
 */
function plainHeadings({ headings, instructions, contents }: Outline, titleHeading: Mark | undefined): { steps: Mark[]; sections: Mark[] } | undefined {
  const holds = (places: readonly number[], from: number, to: number): boolean => (places[firstIndex(places, (place) => place > from)] ?? Infinity) < to;
  const isCandidate = (mark: Mark): boolean =>
    mark !== titleHeading && !isAsideTitle(mark.read.title) && (isActionTitle(mark.read.title) || holds(instructions, mark.start, mark.sectionEnd ?? Infinity));
  const underAside = new Set<Mark>();
  let asideEnd = -1;
  for (const mark of headings) {
    if (mark.start < asideEnd) underAside.add(mark);
    else if (mark !== titleHeading && isAsideTitle(mark.read.title)) asideEnd = mark.sectionEnd ?? Infinity;
  }
  const candidates = headings.filter((mark) => !underAside.has(mark) && isCandidate(mark));
  const steps: Mark[] = [];
  const sections: Mark[] = [];
  let covered = -1;
  for (const [index, mark] of candidates.entries()) {
    if (mark.start < covered) continue;
    const end = mark.sectionEnd ?? Infinity;
    const isDivided = (candidates[index + 2]?.start ?? Infinity) < end;
    const firstBelow = headings[firstIndex(headings, (each) => each.start > mark.start)]?.start ?? Infinity;
    const actionsBelow = isDivided ? headings.slice(firstIndex(headings, (each) => each.start > mark.start), firstIndex(headings, (each) => each.start >= end)).filter((each) => each.level === mark.level + 1 && isActionTitle(each.read.title)).length : 0;
    const hasOwnText = holds(contents, mark.start, Math.min(firstBelow, end));
    const hasOwnInstructions = holds(instructions, mark.start, Math.min(firstBelow, end));
    if (isDivided && (!hasOwnText || (!hasOwnInstructions && (!isActionTitle(mark.read.title) || actionsBelow > 2)))) sections.push(mark);
    else {
      steps.push(mark);
      covered = end;
    }
  }
  // "Steps" or "Walkthrough" alone holds the steps in a list.
  return steps.length > 1 || (steps.length === 1 && isActionTitle(steps[0]?.read.title ?? '')) ? { steps, sections } : undefined;
}

function byStart(a: { readonly start: number }, b: { readonly start: number }): number {
  return a.start - b.start;
}

function endOfSection(mark: Mark): number {
  return mark.kind === 'heading' ? (mark.sectionEnd ?? Infinity) : mark.start;
}

/** The marks that are not steps and stand in no step's section; both lists are in order. */
function outside(marks: readonly Mark[], steps: readonly Mark[]): Mark[] {
  let covered = -1;
  let next = 0;
  return marks.filter((mark) => {
    for (let step = steps[next]; step && step.start <= mark.start; step = steps[++next]) covered = Math.max(covered, step.start + 1, endOfSection(step));
    return mark.start >= covered;
  });
}

function outermost(headings: readonly Mark[]): Mark[] {
  let covered = -1;
  return headings.filter((heading) => {
    if (heading.start < covered) return false;
    covered = endOfSection(heading);
    return true;
  });
}

function holdsAny(heading: Mark, steps: readonly Mark[]): boolean {
  const first = steps[firstIndex(steps, (step) => step.start > heading.start)];
  return first !== undefined && first.start < endOfSection(heading);
}

/** The index of the first item that `isReached`, which is so for all after it too. */
function firstIndex<T>(items: readonly T[], isReached: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isReached(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The declared steps, and the undeclared ones that look as they do. */
function likeDeclared({ declared, numbered }: Outline): Mark[] {
  const shapeOf = (mark: Mark): string => `${mark.kind} ${mark.level} ${mark.read.number?.split('.').length ?? 0}`;
  const shapes = new Set(declared.filter((mark) => mark.read.number !== undefined).map(shapeOf));
  // A section that holds declared steps is no step itself.
  const like = numbered.filter((mark) => !mark.declaration && shapes.has(shapeOf(mark)) && !holdsAny(mark, declared));
  return [...declared, ...like];
}

/** Numbered headings that hold no others, and bold lines that continue their numbers; without such, all bold lines. */
function leaves({ headings, numbered }: Outline): { readonly steps: Mark[]; readonly sections: Mark[] } {
  const sections = new Set<Mark>();
  const texts = new Set<Mark>();
  const isNumbered = new Set(numbered);
  const open: Mark[] = [];
  const marks = [...new Set([...headings, ...numbered])].sort(byStart);
  const looseBold: Mark[] = [];
  let isBoldUsed = false;
  for (const mark of marks) {
    while (open.length > 0 && (open.at(-1)?.level ?? 0) >= mark.level) open.pop();
    const parent = open.findLast((each) => isNumbered.has(each));
    const continues = isNumberBelow(mark.read.number, parent?.read.number);
    if (mark.kind === 'bold') {
      if (!parent) looseBold.push(mark);
      else if (continues) {
        isBoldUsed = true;
        sections.add(parent);
      } else texts.add(mark);
      continue;
    }
    // "### 3.5" below "## 3.4" is the next step at a wrong level.
    if (parent && isNumbered.has(mark) && !isNextNumber(mark.read, parent.read)) {
      if (texts.has(parent) || (parent.read.word === 'step' && !continues && !mark.read.word)) texts.add(mark);
      else if (parent.read.word !== 'step' || continues) sections.add(parent);
    }
    open.push(mark);
  }
  const hasHeadings = numbered.some((mark) => mark.kind === 'heading');
  if (hasHeadings && !isBoldUsed) for (const mark of looseBold) texts.add(mark);
  return { steps: numbered.filter((mark) => !sections.has(mark) && !texts.has(mark)), sections: [...sections] };
}

function buildSteps(
  marks: readonly Mark[],
  outline: Outline,
  fences: readonly Fence[],
  variables: readonly VariableDeclaration[],
  source: Source,
  problems: Problems,
): Step[] {
  const ids = uniqueIds(marks, problems);
  const known = new Set([...commonVariables, ...variables].map((variable) => variable.name));
  const { headings } = outline;
  const open: Mark[] = [];
  let heading = 0;
  let firstFence = 0;
  return marks.map((mark, index) => {
    for (let next = headings[heading]; next && next.start < mark.start; next = headings[++heading]) {
      while (open.length > 0 && (open.at(-1)?.level ?? 0) >= next.level) open.pop();
      open.push(next);
    }
    const path = open.filter((each) => each.level < mark.level);
    let end = marks[index + 1]?.start ?? source.text.length;
    for (let at = heading; ; at++) {
      const next = headings[at];
      if (!next || next.start >= end) break;
      if (next.start > mark.start && next.level <= mark.level) end = next.start;
    }
    while (firstFence < fences.length && (fences[firstFence]?.range.start.offset ?? 0) < mark.start) firstFence++;
    const own: Fence[] = [];
    for (let at = firstFence; ; at++) {
      const fence = fences[at];
      if (!fence || fence.range.start.offset >= end) break;
      own.push(fence);
    }
    const { declaration, read } = mark;
    for (const need of declaration?.needs ?? []) {
      if (known.has(need.name)) continue;
      problems.add('needs-unknown', 'warning', need.start, need.end,
        l10n.t('The front matter declares no variable of this name: {0}', need.name));
    }
    const content = trimmedEnd(source.text, mark.end, end);
    let [lead, body]: (string | undefined)[] = [];
    return {
      id: ids[index] ?? '',
      declared: declaration?.id !== undefined,
      ...(read.number !== undefined && { number: read.number }),
      title: read.title || mark.text,
      role: roleIn(mark, path, headings[0]),
      provisions: declaration?.provisions ?? [],
      needs: (declaration?.needs ?? []).map((need) => need.name),
      optional: declaration?.optional === true || read.optional === true,
      // Read where somebody asks: a check does not.
      get lead() { return (lead ??= leadOf(mark, end, outline, source)); },
      get body() { return (body ??= bodyOf(mark, end, outline, source)); },
      fences: own,
      path: path.map((each) => each.text),
      headingRange: source.range(mark.start, mark.end),
      ...(declaration && { declarationRange: source.range(declaration.start, declaration.end) }),
      range: source.range(mark.start, content),
    };
  });
}

/** A step below "Clean up" cleans up. The tutorial's own title says nothing about its steps. */
function roleIn(mark: Mark, path: readonly Mark[], titleHeading: Mark | undefined): StepRole {
  const roles = [mark, ...path.filter((each) => each !== titleHeading).reverse()].map((each) => roleOf(each.read.title));
  return roles.find((role) => role !== 'step') ?? 'step';
}

const slugOf = remembering(slug);

/** Declared ids first, so that a derived one never takes an author's. */
function uniqueIds(marks: readonly Mark[], problems: Problems): string[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  const unique = (id: string): string => {
    let result = id;
    let count = counts.get(id) ?? 1;
    while (taken.has(result)) result = `${id}-${++count}`;
    counts.set(id, count);
    taken.add(result);
    return result;
  };
  const ids = new Map<Mark, string>();
  const repeated: Mark[] = [];
  for (const mark of marks) {
    const { declaration } = mark;
    if (declaration?.id === undefined) continue;
    if (taken.has(declaration.id)) {
      repeated.push(mark);
      problems.add('step-duplicate', 'error', declaration.idStart, declaration.idEnd,
        l10n.t('Another step has this id already; each needs its own: {0}', declaration.id));
    } else {
      ids.set(mark, unique(declaration.id));
    }
  }
  for (const mark of repeated) ids.set(mark, unique(mark.declaration?.id ?? ''));
  return marks.map((mark) => ids.get(mark) ?? unique(slugOf(mark.read.title) || slug(`step ${mark.read.number ?? ''}`)));
}

function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last--;
  return last;
}

/** The source of `[start, end)` without `lake:step` comments and with plain line feeds. */
function withoutComments(start: number, end: number, comments: readonly Declaration[], source: Source): string {
  let text = '';
  let from = start;
  for (let at = firstIndex(comments, (comment) => comment.start >= start); ; at++) {
    const comment = comments[at];
    if (!comment || comment.start >= end) break;
    text += source.text.slice(from, comment.start);
    from = comment.end;
  }
  return (text + source.text.slice(Math.min(from, end), end)).replace(/\r\n?/g, '\n');
}

function bodyOf(mark: Mark, end: number, { comments }: Outline, source: Source): string {
  let text: string;
  if (mark.item) {
    const itemEnd = Math.min(mark.item.end, end);
    const indent = new RegExp(`^[ \\t]{0,${mark.item.indent}}`, 'gm');
    text = withoutComments(mark.end, itemEnd, comments, source).replace(indent, '') + withoutComments(itemEnd, end, comments, source);
  } else {
    text = withoutComments(mark.end, end, comments, source);
  }
  return text.replace(/^[ \t]*\n(?:[ \t]*\n)*/, '').trimEnd();
}

function leadOf(mark: Mark, end: number, outline: Outline, source: Source): string {
  const { paragraphs, comments } = outline;
  for (let at = firstIndex(paragraphs, (paragraph) => paragraph.end > mark.end); at < paragraphs.length; at++) {
    const paragraph = paragraphs[at];
    if (!paragraph || paragraph.start >= end) break;
    if (paragraph.item && paragraph.item !== mark) continue;
    const text = oneLine(withoutComments(Math.max(paragraph.start, mark.end), Math.min(paragraph.end, end), comments, source));
    if (isProse(text)) return text;
  }
  return '';
}

/** False for pictures, badges and HTML alone. */
function isProse(markdown: string): boolean {
  // So much tells: each of these patterns looks for its end from every place where it may begin.
  const text = markdown.slice(0, 5000).replace(/!\[[^\]]*\]/g, '').replace(/\]?\([^)]*\)/g, ' ').replace(/<[^>]*>/g, '');
  return /[\p{L}\p{N}]/u.test(text);
}
