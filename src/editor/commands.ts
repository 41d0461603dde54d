import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../errors.ts';
import { showFailure } from './failures.ts';
import { commands, extensionId, provisionCommand, provisionEnablement, walkthroughId, type CommandDeclaration, type CommandId } from './ids.ts';
import { readArguments, type CommandArguments, type Services } from './services.ts';
import { stepIds } from './steps.generated.ts';

type Run = (services: Services, values: CommandArguments) => Promise<unknown>;

// One file a command, or a few that belong together, loaded when first called. The type makes a missing one an error.
const handlers: Readonly<Record<CommandId, Run>> = {
  'lakeTutorial.openWalkthrough': async () => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false),
  'lakeTutorial.showLog': async ({ log }) => log.show(),
  'lakeTutorial.connect': async (services, values) => (await import('./commands/connect.ts')).connect(services, values),
  'lakeTutorial.signInAsAdmin': async (services, values) => (await import('./commands/signInAsAdmin.ts')).signInAsAdmin(services, values),
  'lakeTutorial.showPlan': async (services, values) => (await import('./commands/provision.ts')).showPlan(services, values),
  'lakeTutorial.provisionAll': async (services, values) => (await import('./commands/provision.ts')).provision(services, { ...values, step: undefined }),
  'lakeTutorial.verifyAll': async (services) => (await import('./commands/verify.ts')).verifyAll(services),
  'lakeTutorial.verifyStep': async (services, values) => (await import('./commands/verify.ts')).verifyStep(services, values),
  'lakeTutorial.removeStep': async (services, values) => (await import('./commands/remove.ts')).removeStep(services, values),
  'lakeTutorial.tearDown': async (services, values) => (await import('./commands/remove.ts')).tearDown(services, values),
  'lakeTutorial.openConsole': async (services, values) => (await import('./commands/openConsole.ts')).openConsole(services, values),
  'lakeTutorial.startSandbox': async (services, values) => (await import('./commands/sandbox.ts')).start(services, values),
  'lakeTutorial.stopSandbox': async (services) => (await import('./commands/sandbox.ts')).stop(services),
  'lakeTutorial.sandboxStatus': async (services) => (await import('./commands/sandbox.ts')).status(services),
  'lakeTutorial.insertRows': async (services, values) => (await import('./commands/insertRows.ts')).insertRows(services, values),
  'lakeTutorial.tickSandbox': async (services, values) => (await import('./commands/sandbox.ts')).tick(services, values),
  'lakeTutorial.resetSandbox': async (services, values) => (await import('./commands/sandbox.ts')).reset(services, values),
};

const provisionStep: Run = async (services, values) => (await import('./commands/provision.ts')).provision(services, values);

/** Commands after which the account may look different. What verifies says itself what it saw. */
const changes = (id: string): boolean => !/\.(openWalkthrough|showLog|showPlan|verifyAll|verifyStep|openConsole|sandboxStatus)$/.test(id);

/** Registers every declared command, each in the same wrapper. */
export function registerCommands(services: Services): vscode.Disposable {
  const register = (id: string, enablement: string | undefined, run: Run, fixed: Partial<CommandArguments> = {}): vscode.Disposable =>
    vscode.commands.registerCommand(id, (...values: unknown[]) => perform(services, id, async () => {
      if (enablement !== undefined) {
        requireTrust();
      }
      return run(services, { ...readArguments(values), ...fixed });
    }));
  return vscode.Disposable.from(
    ...commands.map((command: CommandDeclaration & { readonly id: CommandId }) => register(command.id, command.enablement, handlers[command.id])),
    ...stepIds.filter(({ provision }) => provision).map(({ id }) => register(provisionCommand(id), provisionEnablement, provisionStep, { step: id })),
  );
}

/** `enablement` greys a command out in the palette; a link in the walkthrough runs it all the same. */
function requireTrust(): void {
  if (!vscode.workspace.isTrusted) {
    throw new UserError('workspace.untrusted', l10n.t('In a workspace that you do not trust nothing is provisioned, verified or started.'), { next: l10n.t('Trust the workspace, or open another one.') });
  }
}

/** Runs a command: cancelling is quiet, everything else that goes wrong is said in words, and the walkthrough looks again. */
async function perform(services: Services, id: string, run: () => Promise<unknown>): Promise<unknown> {
  services.log.debug(id);
  try {
    return await run();
  } catch (error) {
    showFailure(services, id, error);
    return undefined;
  } finally {
    if (changes(id)) {
      services.walkthrough.check(true);
    }
  }
}
