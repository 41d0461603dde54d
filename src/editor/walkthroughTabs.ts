import * as vscode from 'vscode';

// The API has no kind of tab for the walkthrough: it is one of the few whose input is not told. A look too many costs little.
const maybeWalkthrough = (tab: vscode.Tab | undefined): boolean => tab !== undefined && tab.input === undefined;

/** True when a walkthrough may be on show. */
export const isWalkthroughOpen = (): boolean => vscode.window.tabGroups.all.some(({ activeTab }) => maybeWalkthrough(activeTab));

/** Calls back when a walkthrough may have come into view. */
export function onWalkthroughShown(shown: () => void): vscode.Disposable {
  const report = ({ opened, changed }: vscode.TabChangeEvent): void => {
    if ([...opened, ...changed].some((tab) => tab.isActive && maybeWalkthrough(tab))) {
      shown();
    }
  };
  return vscode.window.tabGroups.onDidChangeTabs(report);
}
