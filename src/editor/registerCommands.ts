import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../errors.ts';
import type { Command } from './command.ts';
import { commands } from './commands.generated.ts';
import { showFailure } from './failures.ts';
import { provisionStep } from './provisionStep.ts';
import type { Services } from './services.ts';
import { stepIds } from './steps.generated.ts';

/** Registers every declared command, each in the same wrapper. */
export function registerCommands(services: Services): vscode.Disposable {
  const provisioning = stepIds.filter(({ provision }) => provision).map(({ id }) => provisionStep(id));
  return vscode.Disposable.from(...[...commands, ...provisioning].map((command) =>
    vscode.commands.registerCommand(command.id, (...values: unknown[]) => perform(services, command, values))));
}

/** Runs a command. A cancellation is quiet, every other failure is told to the user, and the account is looked at again where it may have changed. */
async function perform(services: Services, command: Command, values: readonly unknown[]): Promise<unknown> {
  services.log.debug(command.id);
  try {
    if (!command.worksUntrusted) {
      requireTrust();
    }
    return await command.call(services, values);
  } catch (error) {
    showFailure(services, command.id, error);
    return undefined;
  } finally {
    if (command.recheckAfter) {
      services.steps.check(true);
      services.sidebar.refresh();
      services.installed.check(true);
    }
  }
}

/** `enablement` greys a command out in the palette; a link in the walkthrough runs it all the same. */
function requireTrust(): void {
  if (!vscode.workspace.isTrusted) {
    throw new UserError('workspace.untrusted', l10n.t('In a workspace that you do not trust nothing is provisioned, verified or started.'), { next: l10n.t('Trust the workspace, or open another one.') });
  }
}
