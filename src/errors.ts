/** Exit codes of the CLI (contract). */
export const ExitCode = { done: 0, failed: 1, usage: 2, aws: 3, cancelled: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * An error that a learner can act on: what happened, why, and what to do next.
 *
 * `code` is stable and never localized; the three texts are. `exit` is the CLI's exit code for it.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  constructor(
    readonly code: string,
    readonly what: string,
    readonly detail: { readonly why?: string; readonly next?: string; readonly exit?: ExitCode; readonly cause?: unknown } = {},
  ) {
    super(sentences(what, detail.why, detail.next), { cause: detail.cause });
  }

  get why(): string | undefined {
    return this.detail.why;
  }

  get next(): string | undefined {
    return this.detail.next;
  }

  get exit(): ExitCode {
    return this.detail.exit ?? ExitCode.failed;
  }

  static is(error: unknown): error is UserError {
    return error instanceof UserError;
  }
}

/** A text that another follows: what AWS or a library says may lack its full stop. */
export function sentence(text: string): string {
  const said = text.trimEnd();
  return said === '' || /[.!?…:;]["'’”»)\]]*$/.test(said) ? said : `${said}.`;
}

/** Texts in a row as sentences; the last, which may be a command to copy, stays as it is. */
export function sentences(...texts: readonly (string | undefined)[]): string {
  const said = texts.filter((text): text is string => text !== undefined && text.trim() !== '');
  return said.map((text, at) => (at < said.length - 1 ? sentence(text) : text)).join(' ');
}

/** True for what an AbortSignal throws, here and in the AWS SDK. */
export function isCancellation(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CancelledError');
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
