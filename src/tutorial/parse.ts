import * as l10n from '@vscode/l10n';
import type { Heading, List, ListItem, Paragraph, RootContent } from 'mdast';
import type { Declaration } from './declaration.ts';
import { readComments } from './declaration.ts';
import { readFences } from './fences.ts';
import { readFrontMatter } from './front-matter.ts';
import { offsets, oneLine, parseBlocks, plainText, walk } from './markdown.ts';
import type { Fence, Step, StepRole, Tutorial, VariableDeclaration } from './model.ts';
import { Problems, Source } from './source.ts';
import type { ReadTitle } from './titles.ts';
import { isNumberBelow, readTitle, roleOf, slug } from './titles.ts';
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
  const source = new Source(text);
  const problems = new Problems(source);
  const blocks = parseBlocks(source, (start, end) =>
    problems.add('markdown', 'error', start, source.lineEnd(start),
      l10n.t('This part of the text could not be read, perhaps because it is nested too deep: {0} characters', String(end - start))),
  );
  const front = readFrontMatter(blocks, source, problems);
  const outline = readOutline(blocks, source, problems);
  const fences = readFences(blocks, source, problems);
  const titleHeading = outline.headings.find((mark) => mark.level === 1) ?? outline.headings[0];
  const title = front.title ?? titleHeading?.text ?? '';
  const marks = chooseSteps(outline, outline.headings[0]);
  return {
    id: front.id ?? (slug(title) || 'tutorial'),
    title,
    ...(front.version !== undefined && { version: front.version }),
    variables: front.variables,
    steps: buildSteps(marks, outline, fences, front.variables, source, problems),
    fences,
    problems: problems.sorted(),
  };
}

/** Something that can be a step: a heading, a bold line, a list item, or a paragraph that a comment declares. */
interface Mark {
  readonly kind: 'heading' | 'bold' | 'item' | 'paragraph';
  /** 1 to 6 for a heading; below all headings for the others. */
  readonly level: number;
  readonly start: number;
  /** Where its text ends and its body starts. */
  readonly end: number;
  /** As written, without emphasis. */
  readonly text: string;
  readonly read: ReadTitle;
  /** For a list item: its end, and the columns by which its content is indented. */
  readonly item?: { readonly end: number; readonly indent: number };
  /** For a heading: the start of the next one that is no deeper. */
  sectionEnd?: number;
  declaration?: Declaration;
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
  readonly paragraphs: readonly { readonly start: number; readonly end: number; readonly item?: Mark }[];
}

const BELOW_HEADINGS = 7;

function readOutline(blocks: readonly RootContent[], source: Source, problems: Problems): Outline {
  const headings: Mark[] = [];
  const boldLines: Mark[] = [];
  const listItems: Mark[] = [];
  const declared: Mark[] = [];
  const comments: Declaration[] = [];
  const paragraphs: { start: number; end: number; item?: Mark }[] = [];

  const addItem = (item: ListItem, number?: number): Mark => {
    const mark = itemMark(item, number, source);
    for (const child of item.children) if (child.type === 'paragraph') paragraphs.push({ ...offsets(child), item: mark });
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
  let previous: RootContent | undefined;
  for (const block of blocks) {
    const { start, end } = offsets(block);
    const itemMarks = new Map<ListItem, Mark>();
    const lines = block.type === 'paragraph' ? boldLinesOf(block, source) : [];
    if (block.type === 'heading') headings.push(headingMark(block));
    boldLines.push(...lines);
    if (block.type === 'paragraph') paragraphs.push({ start, end });
    if (block.type === 'list' && block.ordered && !isContents(block)) {
      block.children.forEach((item, index) => itemMarks.set(item, addItem(item, (block.start ?? 1) + index)));
      listItems.push(...itemMarks.values());
    }

    const openItems: ListItem[] = [];
    for (const node of walk([block])) {
      if (node.type === 'listItem') openItems.push(node);
      if (node.type !== 'html') continue;
      const html = offsets(node);
      for (const declaration of readComments(source.text.slice(html.start, html.end), html.start, problems)) {
        comments.push(declaration);
        const item = openItems.findLast((each) => offsets(each).end >= html.end);
        if (item) {
          const mark = itemMarks.get(item) ?? addItem(item);
          itemMarks.set(item, mark);
          declare(mark, declaration);
          continue;
        }
        // A comment in a paragraph or heading belongs there; one of its own, to what stands before it.
        const owner = block.type === 'html' ? previous : block;
        const nearest = lastOf(headings.at(-1), boldLines.at(-1), declared.at(-1));
        const isOwn = nearest && owner && nearest.start >= offsets(owner).start;
        if (isOwn || (nearest && !nearest.declaration && isCandidate(nearest))) declare(nearest, declaration);
        else if (owner?.type === 'paragraph' && plainText(owner.children)) declare(paragraphMark(owner), declaration);
        else if (owner?.type === 'list' && owner.children.length > 0) declare(lastItemOf(owner, listItems, addItem), declaration);
        else declare(nearest?.declaration ? undefined : nearest, declaration);
      }
    }
    if (block.type !== 'html' || source.text.slice(start, end).replace(/<!--[^]*?-->/g, '').trim()) previous = block;
  }
  markSections(headings);
  const numbers = new Set(headings.map((mark) => `${mark.level} ${mark.read.number}`));
  // A neighbour tells "3 Create the role" from "3 ways to fail".
  const isNumber = ({ level, read }: Mark): boolean =>
    !read.weak || [-1, 1].some((step) => numbers.has(`${level} ${Number(read.number) + step}`));
  const numbered = [...headings.filter((mark) => mark.read.number !== undefined && isNumber(mark)), ...boldLines];
  for (const list of [numbered, declared, paragraphs]) list.sort(byStart);
  return { headings, numbered, listItems, declared, comments, paragraphs };
}

function isCandidate(mark: Mark): boolean {
  return mark.read.number !== undefined || roleOf(mark.read.title) !== 'step';
}

function lastOf(...marks: (Mark | undefined)[]): Mark | undefined {
  return marks.reduce((last, mark) => (mark && (!last || mark.start > last.start) ? mark : last), undefined);
}

function lastItemOf(list: List, marks: readonly Mark[], add: (item: ListItem) => Mark): Mark | undefined {
  const item = list.children.at(-1);
  return item && (marks.find((mark) => mark.start === offsets(item).start) ?? add(item));
}

function markSections(headings: readonly Mark[]): void {
  const open: Mark[] = [];
  for (const heading of headings) {
    for (let last = open.at(-1); last && last.level >= heading.level; last = open.at(-1)) {
      last.sectionEnd = heading.start;
      open.pop();
    }
    open.push(heading);
  }
}

function headingMark(heading: Heading): Mark {
  const text = plainText(heading.children);
  return { kind: 'heading', level: heading.depth, ...offsets(heading), text, read: readTitle(text) };
}

function paragraphMark(paragraph: Paragraph): Mark {
  const text = plainText(paragraph.children);
  return { kind: 'paragraph', level: BELOW_HEADINGS, ...offsets(paragraph), text, read: readTitle(text) };
}

function itemMark(item: ListItem, number: number | undefined, source: Source): Mark {
  const { start, end } = offsets(item);
  const first = item.children[0];
  const heading = first?.type === 'paragraph' || first?.type === 'heading' ? first : undefined;
  const contentStart = first ? offsets(first).start : end;
  const text = heading ? plainText(heading.children) : '';
  const read = number === undefined ? readTitle(text) : { ...readTitle(text), number: String(number) };
  return {
    kind: 'item', level: BELOW_HEADINGS, start, end: heading ? offsets(heading).end : contentStart, text, read,
    item: { end, indent: contentStart - source.lineStart(contentStart) },
  };
}

/** True for a list that is only a table of contents. */
function isContents(list: List): boolean {
  return list.children.every((item) => {
    const first = item.children[0];
    const link = first?.type === 'paragraph' && first.children.length === 1 ? first.children[0] : undefined;
    return link?.type === 'link' && link.url.startsWith('#');
  });
}

/** The numbered lines of a paragraph that are bold as a whole, also when their emphasis is nested or never closed. */
function boldLinesOf(paragraph: Paragraph, source: Source): Mark[] {
  const marks: Mark[] = [];
  const { start, end } = offsets(paragraph);
  if (!/^[ \t]*(?:_?\*\*|\*?__)/m.test(source.text.slice(start, end))) return [];
  for (const line of source.lines(start, end)) {
    const from = line.start + line.text.length - line.text.trimStart().length;
    if (!/^[*_]{2}/.test(source.text.slice(from, from + 3)) || from < (marks.at(-1)?.end ?? 0)) continue;
    const child = paragraph.children.find((node) => offsets(node).start <= from && from < offsets(node).end);
    if (!child) continue;
    const bold = child.type === 'strong' || (child.type === 'emphasis' && child.children.length === 1 && child.children[0]?.type === 'strong');
    let text: string;
    let to: number;
    if (bold && offsets(child).start === from) {
      const rest = source.text.slice(offsets(child).end, Math.min(end, source.lineEnd(offsets(child).end)));
      if (!/^[\s.:;!?…*_]*$/.test(rest.replace(/<!--[^]*?(?:-->|$)/g, ''))) continue;
      text = plainText([child]);
      to = offsets(child).end + (/^[.:;!?…*_]*/.exec(rest)?.[0].length ?? 0);
    } else if (child.type === 'text') {
      to = line.start + line.text.trimEnd().length;
      const inside = paragraph.children.filter((node) => offsets(node).end > from && offsets(node).start < to);
      // What is on this line, and of text that goes on, only what is on this line.
      const parts = inside.map((node) => (node.type === 'text' ? source.text.slice(Math.max(from, offsets(node).start), Math.min(to, offsets(node).end)) : plainText([node])));
      text = oneLine(parts.join('').replace(/^[*_]+|[*_]+$/g, ''));
    } else continue;
    const read = readTitle(text);
    if (read.number !== undefined && !read.weak) marks.push({ kind: 'bold', level: BELOW_HEADINGS, start: from, end: to, text, read });
  }
  return marks;
}

function chooseSteps(outline: Outline, titleHeading: Mark | undefined): Mark[] {
  const steps = (outline.declared.length > 0 ? likeDeclared(outline) : leaves(outline)).sort(byStart);
  const roles = outside(outline.headings, steps).filter((mark) => mark !== titleHeading && roleOf(mark.read.title) !== 'step');
  const ownRoles = roles.filter((mark) => !holdsAny(mark, steps));
  const all = [...steps, ...outermost(ownRoles)];
  if (steps.length === 0) all.push(...outside(outline.listItems, all.sort(byStart)));
  return all.sort(byStart);
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
function leaves({ headings, numbered }: Outline): Mark[] {
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
    if (parent && isNumbered.has(mark)) {
      if (texts.has(parent) || (parent.read.word === 'step' && !continues && !mark.read.word)) texts.add(mark);
      else if (parent.read.word !== 'step' || continues) sections.add(parent);
    }
    open.push(mark);
  }
  const hasHeadings = numbered.some((mark) => mark.kind === 'heading');
  if (hasHeadings && !isBoldUsed) for (const mark of looseBold) texts.add(mark);
  return numbered.filter((mark) => !sections.has(mark) && !texts.has(mark));
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
    return {
      id: ids[index] ?? '',
      declared: declaration?.id !== undefined,
      ...(read.number !== undefined && { number: read.number }),
      title: read.title || mark.text,
      role: roleIn(mark, path, headings[0]),
      provisions: declaration?.provisions ?? [],
      needs: (declaration?.needs ?? []).map((need) => need.name),
      optional: declaration?.optional ?? false,
      lead: leadOf(mark, end, outline, source),
      body: bodyOf(mark, end, outline, source),
      fences: own,
      path: path.map((each) => each.text),
      headingRange: source.range(mark.start, mark.end),
      range: source.range(mark.start, content),
    };
  });
}

/** A step below "Clean up" cleans up. The tutorial's own title says nothing about its steps. */
function roleIn(mark: Mark, path: readonly Mark[], titleHeading: Mark | undefined): StepRole {
  const roles = [mark, ...path.filter((each) => each !== titleHeading).reverse()].map((each) => roleOf(each.read.title));
  return roles.find((role) => role !== 'step') ?? 'step';
}

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
  return marks.map((mark) => ids.get(mark) ?? unique(slug(mark.read.title) || slug(`step ${mark.read.number ?? ''}`)));
}

function trimmedEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
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
  const text = markdown.replace(/!\[[^\]]*\]/g, '').replace(/\]?\([^)]*\)/g, ' ').replace(/<[^>]*>/g, '');
  return /[\p{L}\p{N}]/u.test(text);
}
