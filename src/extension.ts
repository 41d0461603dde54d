import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { ProbedVerdicts } from './provision/verify.ts';
import type { UserError } from './errors.ts';
import { AccountWatch } from './editor/accountWatch.ts';
import { ActiveTutorial } from './editor/activeTutorial.ts';
import { registerCommands } from './editor/registerCommands.ts';
import { registerCodeLens } from './editor/codeLens.ts';
import { ConnectionModel } from './editor/connectionModel.ts';
import { Documents } from './editor/documents.ts';
import { showLimitation } from './editor/failures.ts';
import { onDidSay, type Said } from './editor/messages.ts';
import { createLog } from './editor/log.ts';
import { registerLanguageFeatures } from './editor/languages/register.ts';
import { GlobalState } from './editor/globalState.ts';
import { lookAtInstalled, lookAtSteps } from './editor/operations.ts';
import { Activity } from './editor/panels/activity.ts';
import { Panels } from './editor/panels/panels.ts';
import { Results } from './editor/panels/results.ts';
import { Queue } from './editor/queue.ts';
import type { Services } from './editor/services.ts';
import { registerTutorialTests, type RegisteredTests } from './editor/testing/register.ts';
import { InstalledTutorials } from './editor/tutorials/installed.ts';
import { registerMarkupSnippets } from './editor/tutorials/snippets.ts';
import { registerTutorialChecks } from './editor/tutorials/register.ts';
import { createStatusBar } from './editor/statusBar.ts';
import { Sidebar } from './editor/trees/views.ts';
import { isWalkthroughOpen, onWalkthroughShown } from './editor/walkthroughTabs.ts';
import { WalkthroughTicks } from './editor/walkthroughTicks.ts';
import type { MarkdownIt } from './editor/tutorials/previewPlugin.ts';
import { registerStepMarks } from './editor/tutorials/stepMarks.ts';
import { StepsModel } from './editor/stepsModel.ts';
import type { States } from './editor/stepState.ts';

/** What other extensions, and our tests, can see of us. */
export interface LakeTutorialApi {
  readonly walkthrough: {
    /** What the account was last seen to hold, by step of the active tutorial. */
    states(): States;
    /** The steps that are ticked: the built-in tutorial's. */
    ticks(): readonly string[];
    /** Resolves when the ticks show it. */
    settled(): Promise<void>;
  };
  readonly tutorial: ActiveTutorial;
  /** The ticks of tutorials that other extensions bring. */
  readonly installed: InstalledTutorials;
  readonly sidebar: Sidebar;
  /** The panels that show pictures: what they show, and how one clicks there. */
  readonly panels: Pick<Panels, 'open' | 'get' | 'onDidOpen'>;
  /** The Test Explorer's tests of tutorials. */
  readonly tests: Pick<RegisteredTests, 'onDidEnd'>;
  /** What the user was told. */
  readonly onDidSay: vscode.Event<Said>;
  /** What a command told the user that went wrong. */
  readonly onDidFail: vscode.Event<UserError>;
  /** What VS Code's own preview of Markdown asks of extensions that add to it. */
  extendMarkdownIt(markdown: MarkdownIt): MarkdownIt;
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
  const tutorial = new ActiveTutorial();
  const isWatched = (): boolean => isWalkthroughOpen() || sidebar.isVisible('steps') || marks.areShown() || panels.isVisible('lakeMap');
  const steps = new StepsModel(globalState, tutorial, (asked) => lookAtSteps(services, asked), () => model.targetKey, isWatched, log);
  const ticks = new WalkthroughTicks(log);
  const failures = new vscode.EventEmitter<UserError>();
  const probes = new Map<string, ProbedVerdicts>();
  const probed: Services['probed'] = (targetKey, key) => {
    const id = `${targetKey}|${key}`;
    return probes.get(id) ?? probes.set(id, new Map()).get(id)!;
  };
  const documents = new Documents();
  const sidebar = new Sidebar({ model, tutorial, steps });
  const installed = new InstalledTutorials((other, asked) => lookAtInstalled(services, other, asked), isWalkthroughOpen, log);
  const activity = new Activity();
  const panels = new Panels(async (kind, keep, webview) => (await import('./editor/panels/panel.ts')).openPanel(services, context.extensionUri, kind, keep, webview));
  const services: Services = { model, tutorial, steps, log, queue: new Queue(), probed, sidebar, documents, installed, failures, activity, panels, results: new Results() };
  documents.make('steps', async (path) => (await import('./editor/actions/walkthrough.ts')).stepPage(services, path));
  const marks = registerStepMarks(services, context.extensionUri);
  const status = createStatusBar(model, tutorial);
  const tests = registerTutorialTests(services);
  const recheck = (): void => {
    status.show();
    steps.check();
    installed.check();
  };
  // What others do in the sandbox (the CLI, a schedule) shows in the trees while somebody looks at them.
  let shownSteps: string | undefined;
  let late: NodeJS.Timeout | undefined;
  const news = new AccountWatch({ model }, () => {
    // What was read a moment ago is not read again under somebody's hands, but soon.
    sidebar.refreshStale(2000);
    clearTimeout(late);
    late = setTimeout(() => sidebar.refreshStale(2000), 2500);
    late.unref();
    if (isWatched()) {
      steps.check();
    }
  }, { pause: 1500 });
  context.subscriptions.push(
    news, { dispose: () => clearTimeout(late) }, sidebar.onAnyShown((any) => (any ? news.start() : news.stop())),
    log, model, tutorial, steps, ticks, failures, documents, sidebar, marks, installed, activity, panels,
    status,
    registerCommands(services),
    registerCodeLens(),
    registerTutorialChecks(services, context.extensionUri),
    tests,
    registerMarkupSnippets(),
    registerLanguageFeatures(services),
    model.onDidChange(() => sidebar.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => sidebar.refresh()),
    steps.onDidChange(() => {
      sidebar.say('steps', steps.completedOn && l10n.t('completed on {0}', new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium' }).format(steps.completedOn)));
      const states = steps.states();
      ticks.show(steps.areBuiltIn ? states : {});
      // A tree that is read anew loses the node that somebody is just clicking: only what is another now is a reason.
      const known = JSON.stringify([states, steps.failure?.message, steps.isLooking && Object.keys(states).length === 0, Object.keys(states).map((id) => steps.verified(id))]);
      if (known !== shownSteps) {
        shownSteps = known;
        sidebar.refresh('steps');
      }
    }),
    tutorial.onDidChange(() => sidebar.refresh()),
    tutorial.onDidLoad(() => void vscode.commands.executeCommand('setContext', 'lakeTutorial.ownTutorial', !tutorial.isBuiltIn)),
    model.onDidChange(recheck),
    onWalkthroughShown(recheck),
    sidebar.onShown('steps', () => steps.age >= (model.isSandbox ? 0 : 60_000) && recheck()),
    vscode.workspace.onDidGrantWorkspaceTrust(recheck),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      // A look takes some sixty calls to AWS: once a minute is enough for somebody who switches windows.
      const patience = model.isSandbox ? 2_000 : 60_000;
      if (focused) {
        sidebar.refreshStale(patience);
      }
      if (focused && isWatched() && steps.age >= (model.isSandbox ? 0 : patience)) {
        recheck();
      }
    }),
  );
  steps.restore();
  if (isWalkthroughOpen()) {
    recheck();
  } else if (process.env['LAKE_TUTORIAL_OPEN_WALKTHROUGH']) {
    // How `npm start` opens the editor on the walkthrough.
    void vscode.commands.executeCommand('lakeTutorial.openWalkthrough');
  }
  const settled = async (): Promise<void> => {
    await steps.settled();
    await ticks.settled();
  };
  return {
    walkthrough: { states: () => steps.states(), ticks: () => ticks.ticks(), settled },
    tutorial, installed, sidebar, panels, tests, onDidSay, onDidFail: failures.event, extendMarkdownIt: marks.extendMarkdownIt,
  };
}
