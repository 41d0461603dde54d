import * as l10n from '@vscode/l10n';
import { createInterface } from 'node:readline/promises';
import type { Target } from '../aws/connection.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { ProgressEvent } from '../provision/account-view.ts';
import type { RunProgress } from '../provision/run.ts';
import { doing } from '../provision/words.ts';
import type { Language } from '../languages.generated.ts';

/** The flags that every command takes which looks at an account. */
export interface CommonFlags {
  readonly target: Target;
  readonly profile?: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly tutorial?: string;
  readonly step?: string[];
  readonly var?: Record<string, string>;
  readonly lang: Language;
  readonly quicksight?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly state?: string;
}

/** What Ctrl+C and a termination abort. */
export const abort = new AbortController();

/** Prose goes to stderr: stdout has results. */
export const say = (text = ''): void => void process.stderr.write(`${text}\n`);

/** Says what the sandbox does not do as AWS does. */
export const sayLimitation = (what: string): void => say(l10n.t('The sandbox falls short of AWS here: {0}', what));

/** Prints a result: the document with `--json`, else the given lines for people. */
export function print(flags: Pick<CommonFlags, 'json'>, document: unknown, lines: () => string[]): void {
  process.stdout.write(flags.json ? `${JSON.stringify(document, jsonError, 2)}\n` : `${lines().join('\n')}\n`);
}

const jsonError = (_key: string, value: unknown): unknown => (value instanceof UserError ? { code: value.code, message: value.what, why: value.why, fix: value.next } : value);

/** Whether a stream shows colours, and the user wants any (https://no-color.org, 2026-07). */
export const isColored = (stream: NodeJS.WriteStream): boolean => stream.isTTY && !process.env['NO_COLOR'];

/** Asks for a yes. Without a terminal nobody can give one, unless `--yes` has. */
export async function confirm(question: string, flags: Pick<CommonFlags, 'yes'>): Promise<boolean> {
  if (flags.yes) {
    return true;
  }
  if (!process.stdin.isTTY) {
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} ${l10n.t('[y/N]')} `, { signal: abort.signal });
    // In every language the English answers are understood too.
    return ['y', 'yes', ...l10n.t('y,yes').split(',')].includes(answer.trim().toLowerCase());
  } finally {
    prompt.close();
  }
}

/** Why nothing was done: nobody agreed to it. */
export const needsYes = (what: string): UserError =>
  new UserError('usage.confirm', l10n.t('Not confirmed: {0}', what), { next: l10n.t('Confirm at the prompt, or with --yes.'), exit: ExitCode.usage });

/** Shows progress as one changing line on a terminal, and elsewhere as a line a change. */
export function progressLine(event: ProgressEvent): void {
  const text = event.message ?? doing(event.state);
  const line = `${event.completed}/${event.total} ${event.title}: ${text}`;
  if (process.stderr.isTTY) {
    progressText(line);
    return;
  }
  // A log gets nothing of what was only looked at.
  const before = lastSaid.get(event.resource);
  if (event.state === 'done' ? before !== undefined : event.state !== 'reading' && before !== text) {
    lastSaid.set(event.resource, text);
    say(line);
  }
  if (event.state === 'done') {
    lastSaid.delete(event.resource);
  }
}
const lastSaid = new Map<string, string>();

/** Shows a text in the changing line of a terminal. */
export function progressText(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }
}

/** Makes the line free for what is said next. */
export const endProgress = (): void => void (process.stderr.isTTY && process.stderr.write('\r\x1b[K'));

/** Shows how far a run is, as {@link progressLine} does. */
export function runLine({ nodes, status }: RunProgress): void {
  const ended = nodes.filter(({ state }) => state !== 'WAITING' && state !== 'RUNNING' && state !== 'STARTING').length;
  progressText(`${ended}/${nodes.length} ${nodes.find(({ state }) => state === 'RUNNING' || state === 'STARTING')?.name ?? status}`);
}
