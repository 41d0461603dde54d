import * as vscode from 'vscode';
import { AwsError } from '../aws/errors.ts';
import { UserError, messageOf } from '../errors.ts';
import { category } from './ids.ts';

/** The log: English, one line a resource, codes and ids as they are, never a secret. */
export const createLog = (): vscode.LogOutputChannel => vscode.window.createOutputChannel(category, { log: true });

/** An error in one line for the log, down to what AWS said. A UserError's words are localized and stay out of it: its code says the same. */
export function describe(error: unknown): string {
  const causes: string[] = [];
  for (let cause = error; cause !== undefined && causes.length < 5; cause = cause instanceof Error ? cause.cause : undefined) {
    causes.push(AwsError.is(cause) ? `${cause.call} ${cause.code}: ${cause.message}` : UserError.is(cause) ? cause.code : messageOf(cause));
  }
  return causes.join(' <- ');
}
