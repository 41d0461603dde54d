import * as vscode from 'vscode';

// The API has no kind of tab for the walkthrough: it is one of the few whose input is not told. A look too many costs little.
const maybeWalkthrough = (tab: vscode.Tab | undefined): boolean => tab !== undefined && tab.input === undefined;
const isOpen = (): boolean => vscode.window.tabGroups.all.some(({ activeTab }) => maybeWalkthrough(activeTab));

/** Calls back when a walkthrough may have come into view: if one is on show now, when it is opened, and when the user comes back to it. */
export function onWalkthroughShown(shown: () => void): vscode.Disposable {
  if (isOpen()) {
    shown();
  }
  return vscode.Disposable.from(
    vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      if ([...opened, ...changed].some((tab) => tab.isActive && maybeWalkthrough(tab))) {
        shown();
      }
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused && isOpen()) {
        shown();
      }
    }),
  );
}
