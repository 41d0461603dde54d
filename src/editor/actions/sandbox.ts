import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox, tickSandbox, type SandboxStatus } from '../../sandbox/control/sandbox.ts';
import { tickSummary } from '../../sandbox/services/events/texts.ts';
import { withProgress } from '../progress.ts';
import type { TickResult } from '../../sandbox/services/events/scheduled-rules.ts';
import { askCount, confirm, tell } from '../prompts.ts';
import type { ConsentArguments } from '../arguments.ts';
import { viewId } from '../ids.ts';
import type { Services } from '../services.ts';
import { readSandbox } from '../settings.ts';

/** Starts the local AWS; on first use its Python environment is made. */
export async function start({ log }: Services, { controlPlaneOnly }: { readonly controlPlaneOnly: boolean }): Promise<SandboxStatus> {
  const started = await withProgress(l10n.t('Lake Tutorial: starting the sandbox'), (report, signal) =>
    startSandbox({ ...readSandbox(), controlPlaneOnly, signal, onProgress: report }));
  log.info(`sandbox running at ${started.endpoint}, pid ${started.pid}`);
  tell(l10n.t('The sandbox runs at {0}.', started.endpoint ?? ''));
  return started;
}

/** Goes to the sandbox, starts it if it does not run, and shows the steps: the one button to begin with. It asks nothing. */
export async function startInSandbox(services: Services): Promise<SandboxStatus> {
  const { model } = services;
  if (!model.isOwnSandbox) {
    await model.choose({ target: 'sandbox', region: model.target.region });
  }
  const status = await start(services, { controlPlaneOnly: false });
  await vscode.commands.executeCommand(`${viewId('steps')}.focus`);
  return status;
}

/** Stops it; what it holds is kept. */
export async function stop({ log, queue }: Services): Promise<SandboxStatus> {
  const stopped = await queue.run(() => withProgress(l10n.t('Lake Tutorial: stopping the sandbox'), (_report, signal) => stopSandbox({ state: readSandbox().state, signal })));
  log.info('sandbox stopped');
  void vscode.window.showInformationMessage(l10n.t('The sandbox is stopped. What it holds is kept.'));
  return stopped;
}

/** Says whether it runs, where, and how it is. */
export async function status(_services: Services): Promise<SandboxStatus> {
  const now = await sandboxStatus({ state: readSandbox().state });
  if (now.state === 'running') {
    const message = l10n.t('The sandbox runs at {0}: account {1}, any credentials.', now.endpoint ?? '', now.accountId);
    tell(now.failure ? `${message} ${l10n.t('Its calls fail: {0}', now.failure)}` : message, { warning: now.failure !== undefined });
  } else {
    const begin = l10n.t('Start Sandbox');
    void vscode.window.showInformationMessage(now.state === 'starting' ? l10n.t('The sandbox is starting.') : l10n.t('The sandbox is not running.'), begin)
      .then((chosen) => chosen && vscode.commands.executeCommand('lakeTutorial.startSandbox'));
  }
  return now;
}

/** Runs the next scheduled events now instead of waiting for them. */
export async function tick({ log, queue }: Services, values: { readonly count?: number }): Promise<TickResult> {
  const count = values.count ?? (await askCount(l10n.t("Push the sandbox's time forward"), l10n.t('How many scheduled events shall run now? Each inserts a row.'), 100, 10_000));
  const result = await queue.run(() => withProgress(l10n.t('Lake Tutorial: pushing time forward'), (report, signal) =>
    tickSandbox(count, { state: readSandbox().state, signal, onProgress: report })));
  log.info(`sandbox time pushed to ${result.now}: ${result.ran} ran, ${result.failed} failed ${result.errors.join(' · ')}`);
  tell(
    [tickSummary(result), ...result.errors.slice(0, 1)].join(' '),
    { warning: result.failed > 0 },
  );
  return result;
}

/** Forgets all that the local AWS holds. */
export async function reset({ log, queue }: Services, { yes }: ConsentArguments): Promise<SandboxStatus> {
  if (!yes) {
    await confirm(l10n.t('Reset the sandbox?'), l10n.t('It is stopped, and everything that its AWS holds is forgotten. Your AWS accounts are not touched.'), l10n.t('Reset'));
  }
  const after = await queue.run(() => withProgress(l10n.t('Lake Tutorial: resetting the sandbox'), (_report, signal) => resetSandbox({ state: readSandbox().state, signal })));
  log.info('sandbox reset');
  void vscode.window.showInformationMessage(l10n.t('The sandbox is empty and stopped.'));
  return after;
}
