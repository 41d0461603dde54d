import * as l10n from '@vscode/l10n';
import { resetSandbox, sandboxStatus, startSandbox, stopSandbox, tickSandbox, type SandboxStatus } from '../../sandbox/control/sandbox.ts';
import { tickSummary } from '../../sandbox/services/events/texts.ts';
import { withProgress } from '../progress.ts';
import type { TickResult } from '../../sandbox/services/events/scheduled-rules.ts';
import { achieved, calling, say, tell } from '../messages.ts';
import { askCount, confirm } from '../prompts.ts';
import type { ConsentArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { readSandbox } from '../settings.ts';
import { goToStep } from './walkthrough.ts';

/** Starts the local AWS; on first use its Python environment is made. */
async function bringUp({ log }: Services, { controlPlaneOnly }: { readonly controlPlaneOnly: boolean }): Promise<SandboxStatus> {
  const started = await withProgress(l10n.t('Lake Tutorial: starting the sandbox'), (report, signal) =>
    startSandbox({ ...readSandbox(), controlPlaneOnly, signal, onProgress: report }));
  log.info(`sandbox running at ${started.endpoint}, pid ${started.pid}`);
  return started;
}

/** Starts it, and says where it answers. */
export async function start(services: Services, values: { readonly controlPlaneOnly: boolean }): Promise<SandboxStatus> {
  const started = await bringUp(services, values);
  tell(l10n.t('The sandbox runs at {0}.', started.endpoint ?? ''));
  return started;
}

/** Goes to the sandbox, starts it if it does not run, and opens the first step that is to do: the one button to begin with. It asks nothing. */
export async function startInSandbox(services: Services, values: { readonly controlPlaneOnly: boolean }): Promise<SandboxStatus> {
  const { model, steps } = services;
  if (!model.isOwnSandbox) {
    await model.choose({ target: 'sandbox', region: model.target.region });
  }
  const status = await bringUp(services, values);
  // What comes first, the account says: a sandbox keeps what it holds.
  steps.check(true);
  await steps.settled();
  await goToStep(services, {});
  achieved(services, l10n.t('The sandbox runs: an AWS of your own on this computer, at no cost.'));
  return status;
}

/** Stops it; what it holds is kept. */
export async function stop({ log, queue }: Services): Promise<SandboxStatus> {
  const stopped = await queue.run(() => withProgress(l10n.t('Lake Tutorial: stopping the sandbox'), (_report, signal) => stopSandbox({ state: readSandbox().state, signal })));
  log.info('sandbox stopped');
  say(l10n.t('The sandbox is stopped. What it holds is kept.'));
  return stopped;
}

/** Says whether it runs, where, and how it is. */
export async function status(_services: Services): Promise<SandboxStatus> {
  const now = await sandboxStatus({ state: readSandbox().state });
  if (now.state === 'running') {
    const message = l10n.t('The sandbox runs at {0}: account {1}, any credentials.', now.endpoint ?? '', now.accountId);
    tell(now.failure ? `${message} ${l10n.t('Its calls fail: {0}', now.failure)}` : message, { warning: now.failure !== undefined });
  } else {
    say(now.state === 'starting' ? l10n.t('The sandbox is starting.') : l10n.t('The sandbox is not running.'), { answers: [calling(l10n.t('Start in the Sandbox'), 'lakeTutorial.startInSandbox')] });
  }
  return now;
}

/** Runs the next scheduled events now instead of waiting for them. */
export async function tick(services: Services, values: { readonly count?: number }): Promise<TickResult> {
  const { log, queue } = services;
  const count = values.count ?? (await askCount(l10n.t("Push the sandbox's time forward"), l10n.t('How many scheduled events shall run now? Each inserts a row.'), 100, 10_000));
  const result = await queue.run(() => withProgress(l10n.t('Lake Tutorial: pushing time forward'), (report, signal) =>
    tickSandbox(count, { state: readSandbox().state, signal, onProgress: report })));
  log.info(`sandbox time pushed to ${result.now}: ${result.ran} ran, ${result.failed} failed ${result.errors.join(' · ')}`);
  if (result.failed > 0) {
    tell([tickSummary(result), ...result.errors.slice(0, 1)].join(' '), { warning: true });
  } else {
    achieved(services, tickSummary(result), [calling(l10n.t('Show Source Rows'), 'lakeTutorial.showSource')]);
  }
  return result;
}

/** Forgets all that the local AWS holds. */
export async function reset({ log, queue }: Services, { yes }: ConsentArguments): Promise<SandboxStatus> {
  if (!yes) {
    await confirm(l10n.t('Reset the sandbox?'), l10n.t('It is stopped, and everything that its AWS holds is forgotten. Your AWS accounts are not touched.'), l10n.t('Reset'));
  }
  const after = await queue.run(() => withProgress(l10n.t('Lake Tutorial: resetting the sandbox'), (_report, signal) => resetSandbox({ state: readSandbox().state, signal })));
  log.info('sandbox reset');
  say(l10n.t('The sandbox is empty and stopped.'), { answers: [calling(l10n.t('Start in the Sandbox'), 'lakeTutorial.startInSandbox')] });
  return after;
}
