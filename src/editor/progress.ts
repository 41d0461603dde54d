import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { ProgressEvent } from '../provision/environment.ts';

/** Says what is being done, and how much of all of it is done (0 to 1). */
export type Report = (message: string, fraction?: number) => void;

/** Runs something under a notification with a Cancel button that aborts the signal. */
export function withProgress<T>(title: string, run: (report: Report, signal: AbortSignal) => Promise<T>): Promise<T> {
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
    const doing = state === 'waiting' && message ? message : words[state]();
    report(l10n.t('{0} of {1}: {2}: {3}', completed, total, title, doing), total > 0 ? completed / total : undefined);
  };
}

const words: Readonly<Record<ProgressEvent['state'], () => string>> = {
  reading: () => l10n.t('looking'),
  creating: () => l10n.t('creating'),
  updating: () => l10n.t('correcting'),
  adopting: () => l10n.t('taking over'),
  removing: () => l10n.t('removing'),
  waiting: () => l10n.t('waiting'),
  done: () => l10n.t('done'),
  failed: () => l10n.t('failed'),
};
