import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { PanelAction } from '../../webviews/protocol.ts';
import type { Services } from '../services.ts';
import { readSandbox } from '../settings.ts';

/** Why no account can be looked at, and what to do about it. */
export interface Obstacle {
  readonly problem: string;
  readonly actions: readonly PanelAction[];
}

/** The obstacle's actions and the commands that they call. */
export const obstacleCommands: Readonly<Record<string, string>> = { start: 'lakeTutorial.startInSandbox', connect: 'lakeTutorial.connect', trust: 'workbench.trust.manage' };

/** What keeps us from looking at the account, if anything does. */
export async function obstacle({ model }: Services): Promise<Obstacle | undefined> {
  const connect = { id: 'connect', label: l10n.t('Connect…') };
  if (!vscode.workspace.isTrusted) {
    return { problem: l10n.t('In a workspace that you do not trust nothing is provisioned, verified or started.'), actions: [{ id: 'trust', label: l10n.t('Manage Trust') }] };
  }
  if (!model.mayCallAws) {
    return { problem: l10n.t('You are not connected to an AWS account.'), actions: [connect] };
  }
  if (model.isOwnSandbox) {
    const { sandboxStatus } = await import('../../sandbox/control/sandbox.ts');
    if ((await sandboxStatus({ state: readSandbox().state })).state !== 'running') {
      return { problem: l10n.t('The sandbox is not running.'), actions: [{ id: 'start', label: l10n.t('Start in the Sandbox') }, connect] };
    }
  }
  return undefined;
}

/** Which account and region it is. */
export const place = ({ model }: Services): string => [model.isSandbox ? l10n.t('Sandbox') : l10n.t('AWS account {0}', model.accountId ?? ''), model.target.region].join(' · ');

/** A time of day, as it is said here. */
export const timeOfDay = (date: Date): string => new Intl.DateTimeFormat(vscode.env.language, { timeStyle: 'medium' }).format(date);
