import type * as vscode from 'vscode';
import type { TestState } from '../../testing/model.ts';

/** How the tests of one tutorial ended. */
export interface EndedTests {
  readonly uri: vscode.Uri;
  /** With the lines of what is wrong. None when the tutorial could not be tested, or somebody cancelled. */
  readonly steps: readonly { readonly id: string; readonly state: TestState; readonly lines: readonly number[] }[];
  /** Why it could not be tested. */
  readonly error?: string;
  readonly cancelled?: true;
}
