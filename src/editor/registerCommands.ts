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
  'lakeTutorial.readStep': async (services, values) => (await import('./actions/readStep.ts')).readStep(services, values),
  'lakeTutorial.showLog': async ({ log }) => log.show(),
  'lakeTutorial.connect': async (services, values) => (await import('./actions/connect.ts')).connect(services, values),
  'lakeTutorial.signInAsAdmin': async (services, values) => (await import('./actions/signInAsAdmin.ts')).signInAsAdmin(services, values),
  'lakeTutorial.showPlan': async (services, values) => (await import('./actions/provision.ts')).showPlan(services, values),
  'lakeTutorial.provisionAll': async (services, values) => (await import('./actions/provision.ts')).provision(services, { ...values, step: undefined }),
  'lakeTutorial.verifyAll': async (services) => (await import('./actions/verify.ts')).verifyAll(services),
  'lakeTutorial.verifyStep': async (services, values) => (await import('./actions/verify.ts')).verifyStep(services, values),
  'lakeTutorial.removeStep': async (services, values) => (await import('./actions/remove.ts')).removeStep(services, values),
  'lakeTutorial.tearDown': async (services, values) => (await import('./actions/remove.ts')).tearDown(services, values),
  'lakeTutorial.openConsole': async (services, values) => (await import('./actions/openConsole.ts')).openConsole(services, values),
  'lakeTutorial.insertPolicy': async (services, values) => (await import('./actions/policies.ts')).insertPolicy(services, values),
  'lakeTutorial.copyPolicy': async (services, values) => (await import('./actions/policies.ts')).copyPolicy(services, values),
  'lakeTutorial.showPermissions': async (services, values) => (await import('./actions/policies.ts')).showPermissions(services, values),
  'lakeTutorial.startSandbox': async (services, values) => (await import('./actions/sandbox.ts')).start(services, values),
  'lakeTutorial.stopSandbox': async (services) => (await import('./actions/sandbox.ts')).stop(services),
  'lakeTutorial.sandboxStatus': async (services) => (await import('./actions/sandbox.ts')).status(services),
  'lakeTutorial.insertRows': async (services, values) => (await import('./actions/insertRows.ts')).insertRows(services, values),
  'lakeTutorial.tickSandbox': async (services, values) => (await import('./actions/sandbox.ts')).tick(services, values),
  'lakeTutorial.resetSandbox': async (services, values) => (await import('./actions/sandbox.ts')).reset(services, values),
  'lakeTutorial.revealStep': async (services, values) => (await import('./actions/sidebar.ts')).revealStep(services, values),
  'lakeTutorial.refreshTree': async (services) => (await import('./actions/sidebar.ts')).refreshTree(services),
  'lakeTutorial.refreshNode': async (services, values) => (await import('./actions/sidebar.ts')).refreshNode(services, values),
  'lakeTutorial.retryNode': async (services, values) => (await import('./actions/sidebar.ts')).retryNode(services, values),
  'lakeTutorial.loadMore': async (services, values) => (await import('./actions/sidebar.ts')).loadMore(services, values),
  'lakeTutorial.cancelNode': async (services, values) => (await import('./actions/sidebar.ts')).cancelNode(services, values),
  'lakeTutorial.previewObject': async (services, values) => (await import('./actions/buckets.ts')).previewObject(services, values),
  'lakeTutorial.searchObjects': async (services, values) => (await import('./actions/buckets.ts')).searchObjects(services, values),
  'lakeTutorial.downloadObject': async (services, values) => (await import('./actions/buckets.ts')).downloadObject(services, values),
  'lakeTutorial.uploadFiles': async (services, values) => (await import('./actions/buckets.ts')).uploadFiles(services, values),
  'lakeTutorial.countObjects': async (services, values) => (await import('./actions/buckets.ts')).countObjects(services, values),
  'lakeTutorial.showLifecycle': async (services, values) => (await import('./actions/buckets.ts')).showLifecycle(services, values),
  'lakeTutorial.copyUri': async (services, values) => (await import('./actions/buckets.ts')).copyUri(services, values),
  'lakeTutorial.copyArn': async (services, values) => (await import('./actions/buckets.ts')).copyArn(services, values),
  'lakeTutorial.copyPath': async (services, values) => (await import('./actions/buckets.ts')).copyPath(services, values),
  'lakeTutorial.deleteObjects': async (services, values) => (await import('./actions/buckets.ts')).deleteObjects(services, values),
  'lakeTutorial.previewTable': async (services, values) => (await import('./actions/catalog.ts')).previewTable(services, values),
  'lakeTutorial.selectFromTable': async (services, values) => (await import('./actions/catalog.ts')).selectFromTable(services, values),
  'lakeTutorial.showTableData': async (services, values) => (await import('./actions/catalog.ts')).showTableData(services, values),
  'lakeTutorial.copyName': async (services, values) => (await import('./actions/catalog.ts')).copyName(services, values),
  'lakeTutorial.runWorkflow': async (services, values) => (await import('./actions/runWorkflow.ts')).runWorkflow(services, values),
  'lakeTutorial.showGold': async (services) => (await import('./actions/runWorkflow.ts')).showGold(services),
  'lakeTutorial.runSql': async (services, values) => (await import('./actions/catalog.ts')).runSql(services, values),
  'lakeTutorial.startWorkflow': async (services, values) => (await import('./actions/workflows.ts')).startWorkflow(services, values),
  'lakeTutorial.stopRun': async (services, values) => (await import('./actions/workflows.ts')).stopRun(services, values),
  'lakeTutorial.runAgain': async (services, values) => (await import('./actions/workflows.ts')).runAgain(services, values),
  'lakeTutorial.openLog': async (services, values) => (await import('./actions/workflows.ts')).openLog(services, values),
  'lakeTutorial.turnScheduleOn': async (services, values) => (await import('./actions/workflows.ts')).turnScheduleOn(services, values),
  'lakeTutorial.turnScheduleOff': async (services, values) => (await import('./actions/workflows.ts')).turnScheduleOff(services, values),
};

const provisionStep: Run = async (services, values) => (await import('./actions/provision.ts')).provision(services, values);

/** Commands of the sidebar, which shows itself what they change. */
const ofSidebar: ReadonlySet<string> = new Set(commands.flatMap((command: CommandDeclaration) => (command.sidebar ? [command.id] : [])));

/** Commands after which the account may look different. What verifies says itself what it saw. */
const changes = (id: string): boolean => !ofSidebar.has(id) && !/\.(openWalkthrough|readStep|showLog|showPlan|insertPolicy|copyPolicy|showPermissions|verifyAll|verifyStep|openConsole|sandboxStatus|revealStep|runSql|showGold)$/.test(id);

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
      services.sidebar.refresh();
    }
  }
}
