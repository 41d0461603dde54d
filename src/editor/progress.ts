import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { ProgressEvent } from '../provision/account-view.ts';
import { doing } from '../provision/words.ts';
import { beginAnother } from './messages.ts';

/** Says what is being done, and how much of all of it is done (0 to 1). */
export type Report = (message: string, fraction?: number) => void;

/** Runs something under a notification with a Cancel button that aborts the signal. */
export function withProgress<T>(title: string, run: (report: Report, signal: AbortSignal) => Promise<T>): Promise<T> {
  beginAnother();
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(vscode.window.withProgress(options, async (progress, token) => {
    const cancelling = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelling.abort());
    let shown = 0;
    try {
      return await run((message, fraction) => {
        const increment = fraction === undefined ? 0 : Math.max(0, fraction * 100 - shown);
        shown += increment;
        progress.report({ message, ...(increment > 0 && { increment }) });
      }, cancelling.signal);
    } finally {
      subscription.dispose();
    }
  }));
}

/** Shows what happens to the resources, one line at a time. */
export function resourceProgress(report: Report): (event: ProgressEvent) => void {
  return ({ title, state, message, completed, total }) => {
    report(l10n.t('{0} of {1}: {2}: {3}', completed, total, title, state === 'waiting' && message ? message : doing(state)), total > 0 ? completed / total : undefined);
  };
}
