import * as l10n from '@vscode/l10n';
import { type Declaration, readComments } from './declaration.ts';
import { type Block, type Piece, plainText, walk } from './markdown.ts';
import { type BlockMarks, byStart, itemMark, type Mark, marksOf, type Paragraph, paragraphMark, paragraphsOf } from './marks.ts';
import type { Problems, Source } from './source.ts';
import { neighbours, roleOf } from './titles.ts';

/** What of a text bears on its steps. */
export interface Outline {
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

/** All that can be a step, in order, with the comments that declare steps put to what they declare. */
export function readOutline(pieces: readonly Piece[], source: Source, problems: Problems): Outline {
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

export function isCandidate(mark: Mark): boolean {
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
