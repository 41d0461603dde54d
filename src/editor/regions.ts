import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { isRegionName } from '../aws/identity.ts';
import { cancelled } from './prompts.ts';

// Where AWS offers Lake Formation and Glue to every account without opting in; any other region can be typed.
const regions: readonly (readonly [string, string])[] = [
  ['us-east-2', 'Ohio'],
  ['us-east-1', 'N. Virginia'],
  ['us-west-1', 'N. California'],
  ['us-west-2', 'Oregon'],
  ['ca-central-1', 'Canada'],
  ['sa-east-1', 'São Paulo'],
  ['eu-central-1', 'Frankfurt'],
  ['eu-west-1', 'Ireland'],
  ['eu-west-2', 'London'],
  ['eu-west-3', 'Paris'],
  ['eu-north-1', 'Stockholm'],
  ['ap-northeast-1', 'Tokyo'],
  ['ap-northeast-2', 'Seoul'],
  ['ap-northeast-3', 'Osaka'],
  ['ap-south-1', 'Mumbai'],
  ['ap-southeast-1', 'Singapore'],
  ['ap-southeast-2', 'Sydney'],
];

/**
 * Asks for a region: one of the list, or any that is typed.
 *
 * @throws an AbortError when none was chosen.
 */
export function pickRegion(proposed: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const input = vscode.window.createQuickPick();
    const known = [...regions].sort(([a], [b]) => Number(b === proposed) - Number(a === proposed)).map(([label, description]) => ({ label, description }));
    const items = known.some(({ label }) => label === proposed) ? known : [{ label: proposed, description: '' }, ...known];
    input.title = l10n.t('Region');
    input.placeholder = l10n.t('Choose a region, or type its name');
    input.items = items;
    input.matchOnDescription = true;
    input.ignoreFocusOut = true;
    input.onDidChangeValue((value) => {
      const typed = value.trim();
      input.items = isRegionName(typed) && !items.some(({ label }) => label === typed) ? [{ label: typed, description: l10n.t('as typed') }, ...items] : items;
    });
    input.onDidAccept(() => {
      const [chosen] = input.selectedItems;
      if (chosen) {
        resolve(chosen.label);
        input.hide();
      }
    });
    input.onDidHide(() => {
      input.dispose();
      reject(cancelled());
    });
    input.show();
  });
}
