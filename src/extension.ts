import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { ProbedVerdicts } from './provision/verify.ts';
import type { UserError } from './errors.ts';
import { registerCommands } from './editor/registerCommands.ts';
import { registerCodeLens } from './editor/codeLens.ts';
import { ConnectionModel } from './editor/connectionModel.ts';
import { Documents } from './editor/documents.ts';
import { showLimitation } from './editor/failures.ts';
import { createLog } from './editor/log.ts';
import { registerLanguageFeatures } from './editor/languages/register.ts';
import { GlobalState } from './editor/globalState.ts';
import { lookAtInstalled, readStepStates } from './editor/operations.ts';
import { Queue } from './editor/queue.ts';
import type { Services } from './editor/services.ts';
import { registerTutorialTests, type RegisteredTests } from './editor/testing/register.ts';
import { InstalledTutorials } from './editor/tutorials/installed.ts';
import { registerMarkupSnippets } from './editor/tutorials/snippets.ts';
import { registerTutorialChecks } from './editor/tutorials/register.ts';
import { createStatusBar } from './editor/statusBar.ts';
import { Sidebar } from './editor/trees/views.ts';
import { isWalkthroughOpen, onWalkthroughShown } from './editor/walkthroughTabs.ts';
import { WalkthroughState, type States } from './editor/walkthroughState.ts';

/** What other extensions, and our tests, can see of us. */
export interface LakeTutorialApi {
  readonly walkthrough: {
    /** What the account was last seen to hold, by step. */
    states(): States;
    /** The steps that are ticked. */
    ticks(): readonly string[];
    /** Resolves when the ticks show it. */
    settled(): Promise<void>;
  };
  /** The ticks of tutorials that other extensions bring. */
  readonly installed: InstalledTutorials;
  readonly sidebar: Sidebar;
  /** The Test Explorer's tests of tutorials. */
  readonly tests: Pick<RegisteredTests, 'onDidEnd'>;
  /** What a command told the user that went wrong. */
  readonly onDidFail: vscode.Event<UserError>;
}

/** Composes, and nothing else: no file is read, no SDK loaded, no call made. */
export function activate(context: vscode.ExtensionContext): LakeTutorialApi {
  if (vscode.l10n.bundle) {
    l10n.config({ contents: vscode.l10n.bundle });
  }
  const log = createLog();
  const globalState = new GlobalState(context.globalState);
  const model = new ConnectionModel(globalState, context.secrets, (what) => showLimitation(log, what), (what) => {
    log.warn(what);
    vscode.window.setStatusBarMessage(`$(watch) ${what}`, 20_000);
  });
  const walkthrough = new WalkthroughState(globalState, (asked) => readStepStates(services, asked), () => model.targetKey, log);
  const failures = new vscode.EventEmitter<UserError>();
  const probes = new Map<string, ProbedVerdicts>();
  const probed = (targetKey: string): ProbedVerdicts => probes.get(targetKey) ?? probes.set(targetKey, new Map()).get(targetKey)!;
  const documents = new Documents();
  const sidebar = new Sidebar(model);
  const installed = new InstalledTutorials((tutorial, asked) => lookAtInstalled(services, tutorial, asked), log);
  const services: Services = { model, walkthrough, log, queue: new Queue(), probed, sidebar, documents, installed, failures };
  const status = createStatusBar(model);
  const tests = registerTutorialTests(services);
  const recheck = (): void => {
    status.show();
    walkthrough.check();
    installed.check();
  };
  context.subscriptions.push(
    log, model, walkthrough, failures, documents, sidebar, installed,
    status,
    registerCommands(services),
    registerCodeLens(),
    registerTutorialChecks(services, context.extensionUri),
    tests,
    registerMarkupSnippets(),
    registerLanguageFeatures(services),
    model.onDidChange(() => sidebar.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => sidebar.refresh()),
    model.onDidChange(recheck),
    onWalkthroughShown(recheck),
    vscode.workspace.onDidGrantWorkspaceTrust(recheck),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      // A look takes some sixty calls to AWS: once a minute is enough for somebody who switches windows.
      if (focused && isWalkthroughOpen() && walkthrough.age >= (model.isSandbox ? 0 : 60_000)) {
        recheck();
      }
    }),
  );
  walkthrough.restore();
  if (isWalkthroughOpen()) {
    recheck();
  } else if (process.env['LAKE_TUTORIAL_OPEN_WALKTHROUGH']) {
    // How `npm start` opens the editor on the walkthrough.
    void vscode.commands.executeCommand('lakeTutorial.openWalkthrough');
  }
  return { walkthrough: { states: () => walkthrough.states(), ticks: () => walkthrough.ticks(), settled: () => walkthrough.settled() }, installed, sidebar, tests, onDidFail: failures.event };
}
