import * as vscode from 'vscode';

// The API has no input type for the walkthrough's tab, only for most others. Taking another tab for the walkthrough costs one check too many.
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
