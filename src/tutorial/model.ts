/**
 * The tutorial model: what a tutorial in Markdown declares, after parsing.
 *
 * Positions are 1-based lines and columns and 0-based offsets into the source text, so that both an editor
 * and a terminal can point at them.
 */

export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A variable of the front matter: `vars: { region: { default: us-east-2 } }`. */
export interface VariableDeclaration {
  readonly name: string;
  /** Where its value comes from when nobody gives one; `sts` is the account of the connected identity. */
  readonly from?: string;
  readonly default?: string;
  /** A regular expression that a value must match as a whole. */
  readonly pattern?: string;
  /** Where it is declared; none for a variable that every tutorial has. */
  readonly range?: Range;
}

/** One resource kind that a step asks for, with its parameters: `provisions='schedule(rate="rate(5 minutes)")'`. */
export interface Provision {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Fence {
  /** The first word of the info string, in lower case; empty when there is none. */
  readonly language: string;
  /** `NAME` of `lake:policy=NAME`. */
  readonly policy?: string;
  /** True for `lake:verify`. */
  readonly verify: boolean;
  readonly text: string;
  readonly range: Range;
  /** Where each line of `text` starts in the source (a fence may be indented), for `positionInFence`. */
  readonly lineStarts?: readonly Position[];
}

export type StepRole = 'step' | 'verify' | 'cleanup';

export interface Step {
  /** The author's id, else one derived from the heading (a slug that is unique in the tutorial). */
  readonly id: string;
  /** True when the id was written by the author in a `lake:step` comment. */
  readonly declared: boolean;
  /** The number as written (`0.2`), if there is one. */
  readonly number?: string;
  /** The heading without its number, emoji and emphasis. */
  readonly title: string;
  readonly role: StepRole;
  readonly provisions: readonly Provision[];
  /** Variables that the step needs. */
  readonly needs: readonly string[];
  readonly optional: boolean;
  /** The first paragraph of prose after the heading, as Markdown. */
  readonly lead: string;
  /** Everything after the heading and the declaration, as Markdown, up to the next step or section heading. */
  readonly body: string;
  readonly fences: readonly Fence[];
  /** Titles of the headings that enclose the step, outermost first. */
  readonly path: readonly string[];
  readonly headingRange: Range;
  /** Its `lake:step` comment, where it has one. */
  readonly declarationRange?: Range;
  readonly range: Range;
}

/** Something in the text that could not be understood. Parsing never throws. */
export interface Problem {
  /** Stable code, never localized: `front-matter`, `step-duplicate`, `provisions-syntax`, … */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly range: Range;
}

export interface Tutorial {
  /** Identifies what the tutorial provisions (the value of the tag `lake-tutorial`); front matter `id`, else a slug of the title. */
  readonly id: string;
  readonly title: string;
  /** `lake: 1` in the front matter. */
  readonly version?: number;
  readonly variables: readonly VariableDeclaration[];
  readonly steps: readonly Step[];
  /** All fences of the text in order, also those outside of steps. */
  readonly fences?: readonly Fence[];
  readonly problems: readonly Problem[];
}
