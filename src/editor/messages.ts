import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { nextStep, titleOf } from './stepState.ts';
import type { Services } from './services.ts';

// What we say when something that the user did has ended: one message at a time, with what comes next. All our notifications are shown here.

/** A button of a message. */
export interface Answer {
  readonly title: string;
  readonly run: () => unknown;
}

interface MessageOptions {
  readonly weight?: 'info' | 'warning' | 'error';
  readonly answers?: readonly Answer[];
}

/** A button that calls a command. */
export const calling = (title: string, command: string, ...args: readonly unknown[]): Answer => ({ title, run: () => vscode.commands.executeCommand(command, ...args) });

/** The button that most messages have. */
export const showLog = (): Answer => calling(l10n.t('Show Log'), 'lakeTutorial.showLog');

/** A message as the user gets it. */
export interface Said {
  readonly message: string;
  readonly answers: readonly string[];
}
const saying = new vscode.EventEmitter<Said>();
/** Each message of ours. */
export const onDidSay = saying.event;

/** How many things the user has begun: what is said of an earlier one comes too late. */
let begun = 0;

/** The user begins something else: what was said before is put out of sight, and what was still to be said is not. */
export function beginAnother(): void {
  begun++;
  void supersede();
}

/** The messages of ours that nobody has answered or closed. */
const open = new Set<symbol>();

/** Puts what we said before out of sight: it stays in the list behind the bell. The editor lets nobody close a message. */
export async function supersede(): Promise<void> {
  if (open.size > 0) {
    open.clear();
    await vscode.commands.executeCommand('notifications.hideToasts').then(undefined, () => undefined);
  }
}

/** Shows a message in place of the one before it. It waits neither until it is on show nor until it is closed. */
export function say(message: string, { weight = 'info', answers = [] }: MessageOptions = {}): void {
  void showMessage(message, weight, answers);
}

async function showMessage(message: string, weight: NonNullable<MessageOptions['weight']>, answers: readonly Answer[]): Promise<void> {
  await supersede();
  const id = Symbol(message);
  open.add(id);
  saying.fire({ message, answers: answers.map(({ title }) => title) });
  const show = { info: vscode.window.showInformationMessage, warning: vscode.window.showWarningMessage, error: vscode.window.showErrorMessage }[weight];
  const chosen = await show(message, ...answers.map(({ title }) => title));
  open.delete(id);
  await answers.find(({ title }) => title === chosen)?.run();
}

/** The same with "Show Log". */
export const tell = (message: string, { warning = false }: { readonly warning?: boolean } = {}): void => say(message, { weight: warning ? 'warning' : 'info', answers: [showLog()] });

/** So long a message waits for the look at the account that tells what comes next. */
const patienceMs = 15_000;

/** Says what was achieved, and with a button what comes next; at the end, that it is the end. It does not wait for it. */
export function achieved(services: Services, message: string, others: readonly Answer[] = [showLog()]): void {
  const now = begun;
  void (async () => {
    const next = await whatIsNext(services);
    if (now !== begun) {
      services.log.info(message);
      return;
    }
    const end = next === 'end' ? ` ${l10n.t('Every step is done: the lake is yours.')}` : '';
    const answer = next === undefined || next === 'end' ? [] : [calling(l10n.t('Next: {0}', titleOf(next)), 'lakeTutorial.goToStep', next.id)];
    say(`${message}${end}`, { answers: [...answer, ...others] });
    if (next !== undefined && next !== 'end') {
      await (await import('./actions/walkthrough.ts')).bringIntoView(services, next);
    }
  })();
}

/** The step to do now, once the look that follows every change of the account has ended. */
async function whatIsNext({ steps, tutorial }: Services) {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
  // The look is asked for when the command ends, which is when this gives the thread back.
  await Promise.race([new Promise<void>((resolve) => setImmediate(resolve)).then(() => steps.settled()), patience]);
  clearTimeout(timer);
  const text = await tutorial.load().catch(() => undefined);
  const states = steps.states();
  const next = text && nextStep(text.steps, states);
  return next ?? (text && steps.isComplete ? 'end' : undefined);
}
