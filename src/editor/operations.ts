import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import type { ProvisionOptions } from '../provision/account-view.ts';
import type { VerifiedStep } from '../provision/verify.ts';
import type { Tutorial } from '../tutorial/model.ts';
import { resourceProgress, withProgress, type Report } from './progress.ts';
import type { Services } from './services.ts';
import { readSandbox, readVariables } from './settings.ts';
import { readInstalled, type InstalledTutorial } from './tutorials/installed.ts';

/** A step's title for people; an id that no step has stays as it is. */
export async function stepTitle({ tutorial }: Services, id: string): Promise<string> {
  return (await tutorial.load()).steps.find((step) => step.id === id)?.title ?? id;
}

/**
 * Opens a connection for an operation of the core, and closes it afterwards.
 *
 * @param of another tutorial than the one that everything works on.
 */
export async function withAccount<T>(
  { model, tutorial }: Services,
  signal: AbortSignal | undefined,
  run: (options: ProvisionOptions & { readonly connection: Connection }) => Promise<T>,
  of?: Tutorial,
): Promise<T> {
  const [{ readAsset }, text] = await Promise.all([import('./core.ts'), of ?? tutorial.load()]);
  return model.use(async (connection) => {
    await model.identify(connection);
    return run({ tutorial: text, connection, variables: !of && tutorial.isBuiltIn ? readVariables() : variablesOf(text), assets: readAsset, ...(signal && { signal }) });
  }, signal);
}

/** The settings' values of the variables that a tutorial has: those of another, which the same settings hold, would be unknown to it. */
function variablesOf({ variables }: Tutorial): Record<string, string> {
  const known = new Set([...variables.map(({ name }) => name), 'bucket']);
  return Object.fromEntries(Object.entries(readVariables()).filter(([name]) => known.has(name)));
}

/** The same under a progress notification, resource by resource. */
export function withAccountProgress<T>(
  services: Services,
  title: string,
  run: (options: ProvisionOptions & { readonly connection: Connection }, report: Report) => Promise<T>,
  { start = false, of }: { readonly start?: boolean; readonly of?: Tutorial | undefined } = {},
): Promise<T> {
  return withProgress(title, (report, signal) => {
    if (services.queue.busy) {
      report(l10n.t('Waiting for what is under way…'));
    }
    return services.queue.run(async () => {
      signal.throwIfAborted();
      if (start) {
        await ensureSandbox(services, report, signal);
      }
      report(l10n.t('Looking at the account…'));
      const say = resourceProgress(report);
      const onProgress: NonNullable<ProvisionOptions['onProgress']> = (event) => {
        say(event);
        services.activity.note(event);
      };
      return withAccount(services, signal, (options) => run({ ...options, onProgress }, report), of);
    }).finally(() => services.activity.end());
  });
}

/** Starts the sandbox if it is the target and does not run. */
export async function ensureSandbox({ model, log }: Services, report: Report, signal: AbortSignal): Promise<void> {
  if (!model.isOwnSandbox) {
    return;
  }
  const { sandboxStatus, startSandbox } = await import('../sandbox/control/sandbox.ts');
  const settings = readSandbox();
  if ((await sandboxStatus(settings)).state !== 'running') {
    report(l10n.t('Starting the sandbox…'));
    const status = await startSandbox({ ...settings, signal, onProgress: report });
    log.info(`sandbox running at ${status.endpoint}`);
  }
}

/**
 * Reads from the account which steps of the active tutorial are done. It shows no notification.
 *
 * @param asked true after something that the user did. Otherwise trial calls that were made in this session are not made again, and none is made that AWS charges for.
 * @returns nothing when there is no account to read, and undefined while an operation is under way.
 */
export async function lookAtSteps(services: Services, asked: boolean): Promise<readonly VerifiedStep[] | undefined> {
  const steps = await lookAt(services, asked);
  services.log.debug(`steps re-checked: ${steps?.map(({ id, state }) => `${id}=${state}`).join(' ') ?? 'not now'}`);
  return steps;
}

/** The same for an installed tutorial. */
export async function lookAtInstalled(services: Services, installed: InstalledTutorial, asked: boolean): Promise<readonly VerifiedStep[] | undefined> {
  const steps = await lookAt(services, asked, { key: installed.key, read: () => readInstalled(installed) });
  services.log.debug(`${installed.key} re-checked: ${steps?.map(({ id, state }) => `${id}=${state}`).join(' ') ?? 'not now'}`);
  return steps;
}

/** In the sandbox nothing is charged: what a trial showed to be amiss is tried again after this long, in milliseconds. */
const retryMs = 5000;

async function lookAt(services: Services, asked: boolean, other?: { readonly key: string; readonly read: () => Promise<Tutorial> }): Promise<readonly VerifiedStep[] | undefined> {
  const { model, queue, tutorial } = services;
  if (queue.busy) {
    // The operation that is under way asks for a check when it ends.
    return undefined;
  }
  if (!model.mayCallAws || !vscode.workspace.isTrusted) {
    return [];
  }
  if (model.isOwnSandbox) {
    const { sandboxStatus } = await import('../sandbox/control/sandbox.ts');
    if ((await sandboxStatus({ state: readSandbox().state })).state !== 'running') {
      return [];
    }
  }
  const { verify } = await import('./core.ts');
  // What one tutorial asks of a kind of resource may not be what another does.
  const probed = services.probed(model.targetKey, other?.key ?? tutorial.key ?? '');
  const text = await other?.read();
  const { steps } = await withAccount(services, undefined, (options) => verify({ ...options, probe: asked || probed.size === 0, ...(!asked && (model.isSandbox ? { retryMs } : { charged: false })), probed }), text);
  return steps;
}
