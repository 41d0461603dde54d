import { byStart, endOfSection, firstIndex, type Mark } from './marks.ts';
import type { Outline } from './outline.ts';
import { isActionTitle, isAsideTitle, isListOfSteps, isNextNumber, isNumberBelow, isVariantTitle, roleOf } from './titles.ts';

/** The first heading of a text that has its title elsewhere is one among others. */
export function isTitle(heading: Mark | undefined, headings: readonly Mark[]): boolean {
  return heading !== undefined && (heading.level === 1 || heading.sectionEnd === undefined || !headings.some((mark) => mark !== heading && mark.level === heading.level));
}

/** The marks that are the tutorial's steps, and the headings that only hold them, by the rules that `parseTutorial` tells. */
export function chooseSteps(outline: Outline, titleHeading: Mark | undefined): { readonly steps: Mark[]; readonly sections: Mark[] } {
  const chosen = outline.declared.length > 0 ? { steps: likeDeclared(outline), sections: [] } : leaves(outline);
  const isStrong = (marks: readonly Mark[]): boolean => marks.some((mark) => mark.kind === 'heading' || !mark.isNumberOnly) || marks.length > 1;
  const numberedHeadings = chosen.steps.filter((mark) => mark.kind === 'heading').length;
  const needsPlain = outline.declared.length === 0 && numberedHeadings < 2;
  const plain = needsPlain ? plainHeadings(outline, titleHeading) : undefined;
  let { steps, sections } = chosen;
  if (outline.declared.length === 0 && steps.length > 0 && !steps.some((mark) => mark.kind === 'heading') && (restarts(steps, outline) || !isStrong(steps))) {
    // Bold numbers that start anew below each heading number the clicks of a step.
    if (plain && plain.steps.length > 1) ({ steps, sections } = plain);
  } else if (plain && steps.length > 0 && steps.every((mark) => mark.kind === 'bold') && (steps.length < plain.steps.length || isWithinOne(steps, plain.steps))) ({ steps, sections } = plain);
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

/** True when all the marks stand in the text of one step of several. */
function isWithinOne(marks: readonly Mark[], steps: readonly Mark[]): boolean {
  const holding = new Set(marks.map((mark) => firstIndex(steps, (step) => step.start > mark.start) - 1));
  return steps.length > 2 && holding.size === 1 && !holding.has(-1);
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
  const besideHolders = new Set([...wordedParents].map((mark) => (mark?.read.number === undefined ? undefined : mark.parent)).filter((mark) => mark !== undefined));
  /** Bare numbers in another place than a row of "Step 1", "Step 2" are those of what is explained. */
  const isOfOther = (mark: Mark): boolean =>
    worded.length > 2 && mark.kind === 'heading' && mark.read.word === undefined && isPlain(mark.parent) && !wordedParents.has(mark.parent) && !besideHolders.has(mark.parent) && !isActionTitle(mark.parent.read.title) && !isNumberBelow(mark.read.number, mark.parent.read.number);
  const kept = steps.filter((mark) => !(parents.get(mark) && isBelowAside(mark, titleHeading)) && !isOfOther(mark));
  if (kept.length === 0) return { steps: [...steps], sections: [...sections] };
  const holders = [...new Set<Mark>(kept.map((mark) => parents.get(mark)).filter(isPlain))];
  const holding = new Set(holders);
  const levels = new Set(holders.map((mark) => mark.level));
  const has = (places: readonly number[], mark: Mark): boolean => (places[firstIndex(places, (place) => place > mark.start)] ?? Infinity) < (mark.sectionEnd ?? Infinity);
  const beside = levels.size !== 1 ? [] : headings.filter((mark) =>
    isPlain(mark) && levels.has(mark.level) && !holding.has(mark) && !isAsideTitle(mark.read.title) && !isVariantTitle(mark.read.title) && !isBelowAside(mark, titleHeading) && (isActionTitle(mark.read.title) ? has(instructions, mark) : has(lists, mark)) && !holdsAny(mark, kept));
  // Whatever stands among numbered ones right below "Steps" is one of them.
  const listed = new Set(kept.filter((mark) => mark.kind === 'heading' && mark.parent && isListOfSteps(mark.parent.read.title)).map((mark) => mark.parent));
  const known = new Set(beside);
  if (listed.size > 0) beside.push(...headings.filter((mark) => listed.has(mark.parent) && isPlain(mark) && !known.has(mark) && !isAsideTitle(mark.read.title) && !isVariantTitle(mark.read.title) && !holdsAny(mark, kept)));
  beside.sort(byStart);
  return { steps: [...kept, ...outside(beside, [...kept].sort(byStart))].sort(byStart), sections: [...sections, ...(beside.length > 0 || restartsIn(kept) ? holders.filter((mark) => isActionTitle(mark.read.title)) : [])] };
}

/** "Lab 1" or "Part 1" above headings without numbers, at least two of which say to do something, holds steps and is none. */
function intoParts(steps: readonly Mark[], sections: readonly Mark[], outline: Outline): { steps: Mark[]; sections: Mark[] } {
  const result: Mark[] = [];
  const parts: Mark[] = [];
  const single = new Map<Mark, Mark>();
  for (const mark of steps) {
    const end = mark.sectionEnd ?? Infinity;
    const below = mark.kind === 'heading' && mark.read.word === 'part' ? outline.headings.slice(firstIndex(outline.headings, (each) => each.start > mark.start), firstIndex(outline.headings, (each) => each.start >= end)) : [];
    const first = below[0];
    const own = outline.instructions[firstIndex(outline.instructions, (place) => place > mark.start)] ?? Infinity;
    const inner = first && own > first.start ? plainHeadings({ ...outline, headings: below }, null) : undefined;
    if (inner && inner.steps.filter((each) => isActionTitle(each.read.title)).length > 1) {
      result.push(...inner.steps);
      parts.push(mark, ...inner.sections);
    } else {
      result.push(mark);
      const [only] = inner?.steps ?? [];
      if (only && isActionTitle(only.read.title) && inner?.steps.length === 1) single.set(mark, only);
    }
  }
  // Among parts that hold several, one that holds a single step is none itself either.
  if (parts.length === 0) return { steps: result, sections: [...sections] };
  return { steps: result.map((mark) => single.get(mark) ?? mark), sections: [...sections, ...parts, ...single.keys()] };
}

/** True for what stands somewhere below "Overview" or "Troubleshooting". */
function isBelowAside(mark: Mark, titleHeading: Mark | undefined): boolean {
  for (let above = mark.parent; above; above = above.parent) if (above !== titleHeading && above.read.number === undefined && isAsideTitle(above.read.title)) return true;
  return false;
}

const isBelowNumberedAside = (mark: Mark): boolean => {
  for (let above = mark.parent; above?.parent; above = above.parent) if (above.read.number !== undefined && !above.read.word && isAsideTitle(above.read.title)) return true;
  return false;
};

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
 * The steps of a text, or of a part of it (`null` for its title), whose headings have no numbers: headings that say to do something, or have instructions below
 * them, of the highest level that has any. What stands deeper is their text, unless a heading has no text of its own.
 */
function plainHeadings(outline: Outline, titleHeading: Mark | undefined | null): { steps: Mark[]; sections: Mark[] } | undefined {
  const { headings, instructions, contents } = outline;
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
    const below = isDivided ? headings.slice(firstIndex(headings, (each) => each.start > mark.start), firstIndex(headings, (each) => each.start >= end)) : [];
    const childLevel = Math.min(...below.map((each) => each.level));
    const actionsBelow = below.filter((each) => each.level === childLevel && isActionTitle(each.read.title)).length;
    const hasOwnText = holds(contents, mark.start, Math.min(firstBelow, end));
    const hasOwnInstructions = holds(instructions, mark.start, Math.min(firstBelow, end));
    // Clicks below two headings that say what to do, and none above them: what stands above only tells, whatever its code shows.
    const withClicks = ownItems(mark, outline).length > 1 ? 0 : below.filter((each) => isActionTitle(each.read.title) && ownItems(each, outline).length > 1).length;
    if (isDivided && (!hasOwnText || withClicks > 1 || (!hasOwnInstructions && (!isActionTitle(mark.read.title) || actionsBelow > 2)))) sections.push(mark);
    else {
      steps.push(mark);
      covered = end;
    }
  }
  // A reference names its parts as the template does: "IngestionBucket", "LoadSampleData".
  if (steps.length > 2 && steps.filter((mark) => /^[A-Za-z][\w.:-]*[a-z][A-Z][\w.:-]*$/.test(mark.text)).length * 2 > steps.length) return undefined;
  // What announces the headings that follow is none of them; "Steps" among headings stands for the items of its list.
  const titles = new Set(headings.map(wordsOf));
  const listed = steps.filter((mark) => !announces(mark, titles, outline));
  const holder = listed.filter((mark) => isListOfSteps(mark.read.title));
  const held = holder.length === 1 && titleHeading !== null ? listed.flatMap((mark) => (mark === holder[0] ? itemsOf(mark, listed, outline) : [mark])) : listed;
  if (held.length > 1 && held.length !== steps.length) return { steps: held, sections };
  // "Steps" or "Walkthrough" alone holds the steps in a list.
  return steps.length > 1 || (steps.length === 1 && isActionTitle(steps[0]?.read.title ?? '')) ? { steps, sections } : undefined;
}

/** The items of a numbered list right below a heading, before the next one. */
function ownItems(mark: Mark, { headings, listItems }: Outline): Mark[] {
  // Of a part of the text only its own headings are given: what follows it is not the last one's.
  const next = Math.min(headings[firstIndex(headings, (each) => each.start > mark.start)]?.start ?? Infinity, mark.sectionEnd ?? Infinity);
  return listItems.slice(firstIndex(listItems, (each) => each.start > mark.start), firstIndex(listItems, (each) => each.start >= next));
}

const wordsOf = (mark: Mark): string => mark.read.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();

/** True for a heading whose list only has the titles of others, which are given as `wordsOf` has them. */
function announces(mark: Mark, titles: ReadonlySet<string>, outline: Outline): boolean {
  const items = ownItems(mark, outline);
  return items.length > 1 && items.filter((item) => titles.has(wordsOf(item))).length * 2 >= items.length;
}

/** What stands for "Steps" among other steps: its items where they hold more than a line, or where the text does not go on under headings of its own. */
function itemsOf(mark: Mark, steps: readonly Mark[], outline: Outline): Mark[] {
  const items = ownItems(mark, outline);
  if (items.length < 2) return [mark];
  const isRich = items.filter((item) => (item.item?.end ?? 0) > item.end + 1).length * 2 >= items.length;
  if (isRich) return items;
  return steps.some((each) => each !== mark && each.level === mark.level && each.start > mark.start && roleOf(each.read.title) === 'step') ? [] : items;
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

/** The declared steps, and the undeclared ones that look as they do. */
function likeDeclared({ declared, numbered }: Outline): Mark[] {
  const shapeOf = (mark: Mark): string => `${mark.kind} ${mark.level} ${mark.read.number?.split('.').length ?? 0}`;
  const shapes = new Set(declared.filter((mark) => mark.read.number !== undefined).map(shapeOf));
  // A section that holds declared steps is no step itself.
  const like = numbered.filter((mark) => !mark.declaration && shapes.has(shapeOf(mark)) && !holdsAny(mark, declared));
  return [...declared, ...like];
}

/** Numbered headings that hold no others, and bold lines that continue their numbers; without such, all bold lines. */
function leaves({ headings, numbered, instructions, contents }: Outline): { readonly steps: Mark[]; readonly sections: Mark[] } {
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
      // "Step 1" anew below "Task 2" divides it, where "Step 3" goes on.
      else if (parent.read.word !== 'step' || continues || mark.read.number === '1') sections.add(parent);
    }
    open.push(mark);
  }
  const hasHeadings = numbered.some((mark) => mark.kind === 'heading');
  if (hasHeadings && !isBoldUsed) for (const mark of looseBold) texts.add(mark);
  // "5. Make the crawler" with clicks of its own above nothing but "5.1 Run it" is a step as well.
  for (const mark of sections) {
    const first = headings[firstIndex(headings, (each) => each.start > mark.start)]?.start ?? Infinity;
    const below = numbered.slice(firstIndex(numbered, (each) => each.start > mark.start), firstIndex(numbered, (each) => each.start >= endOfSection(mark)));
    if (below.length === 1 && below[0]?.kind === 'heading' && isNumberBelow(below[0].read.number, mark.read.number) && (instructions[firstIndex(instructions, (place) => place > mark.start)] ?? Infinity) < first) sections.delete(mark);
  }
  // "3. Practice" above "3.1 Make it" of the same level holds it.
  for (const [index, mark] of headings.entries()) {
    const next = headings[index + 1];
    if (isNumbered.has(mark) && next?.level === mark.level && isNumberBelow(next.read.number, mark.read.number) && (contents[firstIndex(contents, (place) => place > mark.start)] ?? Infinity) > next.start) sections.add(mark);
  }
  const steps = numbered.filter((mark) => !sections.has(mark) && !texts.has(mark));
  // "1. Introduction", "7. What is it?" and "1.2 Aims" only tell; whoever writes "Step 1" means it.
  const telling = new Set(steps.filter((mark) => mark.kind === 'heading' && !mark.read.word && ((isAsideTitle(mark.read.title) && !isActionTitle(mark.read.title)) || /[?？]$/.test(mark.read.title) || isBelowNumberedAside(mark))));
  return { steps: telling.size < steps.length ? steps.filter((mark) => !telling.has(mark)) : steps, sections: [...sections] };
}
