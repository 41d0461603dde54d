import type { LakeDocument } from './document.ts';

/** How much a finding weighs: an error is one for every reader; a note is to be known. */
export type Severity = 'error' | 'warning' | 'note';

/** What an author may set for a rule. */
export type Level = Severity | 'off';

/** A change of the text: what stands between the offsets becomes `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Fix {
  /** What it does, for people. */
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Done only where it is asked for by itself: it writes what the author goes on with. */
  readonly isDraft?: true;
}

/** What a rule found, by offsets. */
export interface RawFinding {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** Where it weighs less than the rule's own level: an example's account id is a note. */
  readonly severity?: Severity;
  readonly fix?: Fix;
}

/** What rules are given from outside. */
export interface RuleContext {
  /** Whether a file exists, by its path relative to the tutorial's folder; without it, nothing is said of files. */
  readonly exists?: (path: string) => boolean;
  /** Kinds of resources that steps can provision; without them, nothing is said of kinds. */
  readonly kinds?: readonly string[];
}

/** One rule: one file, with its page in docs/rules and its cases in test/unit/authoring/rules. */
export interface Rule {
  /** Stable code, never localized; also the name of its page. */
  readonly id: string;
  readonly level: Severity;
  /** What it is about, on one line. */
  readonly title: () => string;
  readonly check: (document: LakeDocument, context: RuleContext) => readonly RawFinding[];
}

/** A finding with a fix that replaces one place. */
export const replace = (title: string, start: number, end: number, text: string): Fix => ({ title, edits: [{ start, end, text }] });
