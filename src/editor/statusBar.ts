import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { ConnectionModel } from './connectionModel.ts';
import type { ActiveTutorial } from './activeTutorial.ts';
import { category } from './ids.ts';

export interface StatusBar extends vscode.Disposable {
  show(): void;
}

/**
 * One item on the left: where the commands act, and with whose rights. A click changes it.
 *
 * It is hidden until the tutorial is used: opening a JSON file activates the extension too.
 */
export function createStatusBar(model: ConnectionModel, tutorial: ActiveTutorial): StatusBar {
  const item = vscode.window.createStatusBarItem('lakeTutorial.target', vscode.StatusBarAlignment.Left);
  item.name = category;
  item.command = 'lakeTutorial.connect';
  const render = (): void => {
    const { target, profile, region, endpoint } = model.target;
    const who = model.asAdmin ? 'datalakeadmin' : target === 'aws' ? (profile ?? l10n.t('default credentials')) : undefined;
    const where = [target === 'aws' ? 'AWS' : l10n.t('Sandbox'), who, region].filter(Boolean).join(' · ');
    item.text = `${target === 'aws' ? '$(cloud)' : '$(beaker)'} ${where}`;
    item.tooltip = [`${category}: ${where}`, tutorial.name && l10n.t('Tutorial in use: {0}', tutorial.name), endpoint, model.accountId && l10n.t('Account {0}', model.accountId), l10n.t('Click to connect elsewhere.')].filter(Boolean).join('\n');
    item.accessibilityInformation = { label: `${category}: ${where}`, role: 'button' };
  };
  render();
  const subscription = vscode.Disposable.from(
    model.onDidChange(() => {
      render();
      item.show();
    }),
    tutorial.onDidLoad(render),
  );
  if (model.isChosen) {
    item.show();
  }
  return {
    show: () => item.show(),
    dispose: () => {
      item.dispose();
      subscription.dispose();
    },
  };
}
