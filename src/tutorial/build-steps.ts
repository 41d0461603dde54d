import * as l10n from '@vscode/l10n';
import type { Declaration } from './declaration.ts';
import { oneLine, remembering } from './markdown.ts';
import { firstIndex, type Mark } from './marks.ts';
import type { Fence, Step, StepRole, VariableDeclaration } from './model.ts';
import type { Outline } from './outline.ts';
import type { Problems, Source } from './source.ts';
import { roleOf, slug } from './titles.ts';
import { commonVariables } from './variables.ts';

/** The steps of the model: each chosen mark with its id, role, body, fences and what its comment declares. */
export function buildSteps(
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
