import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { about } from '../numbers.ts';
import type { Step } from '../tutorial/model.ts';
import { showState, titleOf, type States } from './stepState.ts';

/** Thrown when the user backs out of a question; like every cancellation it is quiet. */
export function cancelled(): Error {
  return new DOMException('Cancelled by the user.', 'AbortError');
}

/**
 * Asks modally before something that cannot be taken back or costs money.
 *
 * @param keep what leaves all as it is: the first button, so that it is what Enter does. Without it Enter agrees.
 * @throws an AbortError when the user does not agree.
 */
export async function confirm(question: string, detail: string, agree: string, keep?: string): Promise<void> {
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, ...(keep === undefined ? [] : [keep]), agree)) !== agree) {
    throw cancelled();
  }
}

/** @throws an AbortError when nothing was chosen. */
export async function pick<T extends vscode.QuickPickItem>(items: readonly T[] | Promise<readonly T[]>, title: string): Promise<T> {
  const chosen = await vscode.window.showQuickPick(items as T[] | Promise<T[]>, { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true });
  if (!chosen) {
    throw cancelled();
  }
  return chosen;
}

/**
 * Asks for a whole number from 1 on.
 *
 * @throws an AbortError when nothing was entered.
 */
export async function askCount(title: string, prompt: string, value: number, most: number): Promise<number> {
  const entered = await vscode.window.showInputBox({
    title,
    prompt,
    value: String(value),
    ignoreFocusOut: true,
    validateInput: (text) => (/^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most ? undefined : l10n.t('Enter a whole number from 1 to {0}.', most)),
  });
  if (entered === undefined) {
    throw cancelled();
  }
  return Number(entered);
}

/** Names things in a question: a line each, or one paragraph where the dialog would not fit a small screen. */
export const listed = (titles: readonly string[]): string => (titles.length <= 12 ? titles.map((title) => `• ${title}`).join('\n') : titles.join(' · '));

/** Asks for one of the steps, showing what is known of each. */
export async function pickStep(steps: readonly Step[], states: States, title: string): Promise<string> {
  const items = steps.map((step) => {
    const { icon, label } = showState(states[step.id]);
    return { label: `$(${icon}) ${titleOf(step)}`, description: label, id: step.id };
  });
  return (await pick(items, title)).id;
}

/** Milliseconds as seconds, as the editor's language writes them. */
export const seconds = (ms: number): string => new Intl.NumberFormat(vscode.env.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000);

/** US dollars, for cents and less too. */
export const dollars = (value: number): string => new Intl.NumberFormat(vscode.env.language, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 }).format(value);

/** What a run costs, and for what. */
export const runPrice = (sum: number, items: readonly { readonly what: string; readonly perRun: number }[]): string =>
  [l10n.t('A run of the tutorial\'s workflow costs about {0}.', dollars(about(sum))), ...items.map(({ what, perRun }) => `• ${what}: ${dollars(perRun)}`)].join('\n');
