import type { LakeDocument, Place } from '../document.ts';
import type { Step } from '../tutorial.ts';

/** A step in the editor's outline, or a policy in it. */
export interface OutlineItem {
  readonly kind: 'section' | 'step' | 'verification' | 'clean-up' | 'policy';
  readonly title: string;
  /** The kinds of resources that it provisions. */
  readonly detail: string;
  readonly place: Place;
  readonly heading: Place;
  readonly children: readonly OutlineItem[];
}

/** The steps as a tree: sections hold steps, and those the policies that they declare. */
export function outlineOf(document: LakeDocument): readonly OutlineItem[] {
  const steps = new Set<Step>(document.tutorial.steps);
  const root: Building[] = [];
  const open: Building[] = [];
  for (const step of document.steps) {
    const { range, headingRange, fences, number, title, role, provisions } = step;
    const item: Building = {
      kind: !steps.has(step) ? 'section' : role === 'verify' ? 'verification' : role === 'cleanup' ? 'clean-up' : 'step',
      title: number === undefined ? title : `${number} ${title}`,
      detail: provisions.map(({ kind }) => kind).join(', '),
      place: { start: range.start.offset, end: range.end.offset },
      heading: { start: headingRange.start.offset, end: headingRange.end.offset },
      children: !steps.has(step) ? [] : fences.flatMap((fence): Building[] => {
        const place = { start: fence.range.start.offset, end: fence.range.end.offset };
        return fence.policy === undefined ? [] : [{ kind: 'policy', title: fence.policy, detail: '', place, heading: { start: place.start, end: document.source.lineEnd(place.start) }, children: [] }];
      }),
    };
    while (open.length > 0 && (open.at(-1)?.place.end ?? 0) <= item.place.start) open.pop();
    (open.at(-1)?.children ?? root).push(item);
    if (item.kind === 'section') open.push(item);
  }
  return root;
}

type Building = OutlineItem & { readonly children: Building[] };

/** The lines that fold together: a step from its heading to its last line, from 1. */
export const foldsOf = (document: LakeDocument): readonly { readonly first: number; readonly last: number }[] =>
  document.steps.map(({ range }) => ({ first: range.start.line, last: range.end.line })).filter(({ first, last }) => last > first);
