/** Something that a test found, at its place in the text. */
export interface TestFinding {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** In the Markdown, from 1. */
  readonly line: number;
  /** The last of its lines, where that is another. */
  readonly endLine?: number;
  readonly resource?: string;
  /** No failure: what this sandbox cannot tell, or what is still to come. */
  readonly note?: true;
}

/**
 * How a step's test ended.
 * - `done`: it was provisioned, and `verify` and its blocks agree.
 * - `waiting`: made, and its result is still to come. No failure.
 * - `unknown`: the sandbox cannot tell. No failure.
 * - `nothing`: it provisions nothing and has nothing to check.
 * - `blocked`: it needs what an earlier step failed to make, and was not tried.
 */
export type TestState = 'done' | 'failed' | 'waiting' | 'unknown' | 'nothing' | 'blocked';

export interface TestedStep {
  readonly id: string;
  readonly title: string;
  readonly line: number;
  readonly state: TestState;
  readonly ms: number;
  readonly findings: readonly TestFinding[];
  /** What was done, line by line. */
  readonly output: readonly string[];
}

/** A classic mistake that was made on purpose, and what became of it. */
export interface TestedBreak {
  readonly id: string;
  readonly title: string;
  readonly resource: string;
  /** The step whose verification says that something is wrong; none when nobody sees it. */
  readonly seenBy: string | null;
  /** Codes of what was found. */
  readonly codes: readonly string[];
  /** Whether the text helps who made the mistake; see `helpIn` in authoring/trouble.ts. */
  readonly helped: boolean;
  /** Where it does. */
  readonly where: { readonly line: number; readonly text: string } | null;
  /** What was looked for in the text. */
  readonly words: readonly string[];
  /** Whether provisioning again mended it. */
  readonly repaired: boolean;
  readonly ms: number;
  /** Why the mistake could not be made at all: AWS refused it. */
  readonly refused?: string;
}

export interface TestResult {
  readonly steps: readonly TestedStep[];
  readonly breaks?: readonly TestedBreak[];
  readonly ms: number;
}

/** What happens while a tutorial is tested. */
export type TestEvent =
  | { readonly type: 'progress'; readonly message: string; readonly fraction?: number }
  | { readonly type: 'started'; readonly step: string }
  | { readonly type: 'output'; readonly step?: string; readonly text: string }
  | { readonly type: 'ended'; readonly step: TestedStep }
  | { readonly type: 'broken'; readonly made: TestedBreak };

/** Whether a test has to be taken for failed: a step did not do what it says, or a mistake went unseen or could not be mended. */
export const hasFailed = ({ steps, breaks = [] }: Pick<TestResult, 'steps' | 'breaks'>): boolean =>
  steps.some(({ state }) => state === 'failed' || state === 'blocked') || breaks.some(({ seenBy, repaired, refused }) => refused === undefined && (seenBy === null || !repaired));
