import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError, isCancellation } from '../errors.ts';
import { toUserError } from './userError.ts';
import type { CommandId } from './commandIds.generated.ts';
import { describe } from './log.ts';
import { calling, say } from './messages.ts';
import type { Services } from './services.ts';

/** Tells the user what happened, why, and what to do next, with the buttons for it. */
export function showFailure({ log, failures, tutorial }: Services, id: string, error: unknown): void {
  if (isCancellation(error) || (UserError.is(error) && error.code === 'cancelled')) {
    log.info(`${id} cancelled`);
    return;
  }
  log.error(`${id} failed: ${describe(error)}`);
  if (!UserError.is(error) && error instanceof Error) {
    log.debug(error.stack ?? '');
  }
  const failure = toUserError(error);
  failures.fire(failure);
  const actions = actionsFor(failure, tutorial.isBuiltIn);
  say(failure.message, { weight: 'error', answers: actions.map(({ title, command }) => calling(title, command)) });
}

/** Says what the sandbox does not do as AWS does: nobody waits for it, so it stands in the status bar for a while, and in the log. */
export function showLimitation(log: vscode.LogOutputChannel, what: string): void {
  log.warn(`limitation: ${what}`);
  vscode.window.setStatusBarMessage(`$(info) ${l10n.t('The sandbox falls short of AWS here: {0}', what)}`, 20_000);
}

function actionsFor({ code }: UserError, isBuiltIn: boolean): { readonly title: string; readonly command: CommandId | 'workbench.trust.manage' }[] {
  const log = { title: l10n.t('Show Log'), command: 'lakeTutorial.showLog' as const };
  const start = { title: l10n.t('Start in the Sandbox'), command: 'lakeTutorial.startInSandbox' as const };
  const connect = { title: l10n.t('Connect…'), command: 'lakeTutorial.connect' as const };
  if (code === 'sandbox.stopped') {
    return [start, connect];
  }
  if (!isBuiltIn && ['step.unknown', 'tutorial.unreadable', 'tutorial.broken'].includes(code)) {
    // A button of the walkthrough speaks of the built-in tutorial's steps.
    return [{ title: l10n.t('Use the Built-in Tutorial'), command: 'lakeTutorial.useBuiltInTutorial' }, log];
  }
  if (code === 'workspace.untrusted') {
    return [{ title: l10n.t('Manage Trust'), command: 'workbench.trust.manage' }];
  }
  return /^(aws\.(unreachable|expired|credentials|notActivated|denied)|region\.|endpoint\.|account\.)/.test(code) ? [connect, log] : [log];
}
