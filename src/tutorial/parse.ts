import { buildSteps } from './build-steps.ts';
import { chooseSteps, isTitle } from './choose-steps.ts';
import { readFences } from './fences.ts';
import { readFrontMatter } from './front-matter.ts';
import { parsePieces, type PieceCache } from './markdown.ts';
import type { Step, Tutorial } from './model.ts';
import { readOutline } from './outline.ts';
import { Problems, Source } from './source.ts';
import { slug } from './titles.ts';

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
