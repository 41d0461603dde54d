import type { Command, CommanderError, Help, Option } from 'commander';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import { languages, type Language } from '../languages.generated.ts';

// Commander's own words in the user's language. It has no setting for them, but hands each out before it prints it.

/** The language that the system speaks, where we speak it too; else English. */
export function systemLanguage(env: NodeJS.ProcessEnv = process.env, fallback = Intl.DateTimeFormat().resolvedOptions().locale): Language {
  // As POSIX has it: the first that is set decides. Windows sets none.
  const named = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || fallback;
  return languages.find((each) => new RegExp(`^${each}(?![a-z])`, 'i').test(named)) ?? 'en';
}

/** The headings of a help page, as commander has them. */
const headings: Readonly<Record<string, () => string>> = {
  'Usage:': () => l10n.t('Usage:'),
  'Arguments:': () => l10n.t('Arguments:'),
  'Options:': () => l10n.t('Options:'),
  'Commands:': () => l10n.t('Commands:'),
};

function describeOption({ description, argChoices, defaultValue, required }: Option): string {
  const extra = [
    ...(argChoices ? [l10n.t('choices: {0}', argChoices.join(', '))] : []),
    ...(required && defaultValue !== undefined ? [l10n.t('default: {0}', String(defaultValue))] : []),
  ];
  return [description, ...(extra.length > 0 ? [`(${extra.join('; ')})`] : [])].join(' ').trim();
}

/** Help in the user's language, and errors left to {@link usageError}. What is added to the command later inherits it. */
export function inLanguage(command: Command): Command {
  const help: Partial<Help> = {
    styleTitle: (title) => headings[title]?.() ?? title,
    styleUsage: (usage) => usage.replace('[options]', l10n.t('[options]')).replace('[command]', l10n.t('[command]')),
    styleSubcommandTerm: (term) => term.replace('[options]', l10n.t('[options]')),
    optionDescription: describeOption,
  };
  return command
    .helpOption('-h, --help', l10n.t('shows this help'))
    .configureHelp(help)
    .configureOutput({ outputError: () => undefined });
}

/** Commander's errors, by their codes: what each says of what was given, and our words for it. */
const errors: Readonly<Record<string, readonly [RegExp, (given: string, what: string) => string]>> = {
  'commander.unknownOption': [/'(.+?)'/, (given) => l10n.t('There is no flag {0} here.', given)],
  'commander.unknownCommand': [/'(.+?)'/, (given) => l10n.t('There is no command "{0}".', given)],
  'commander.optionMissingArgument': [/'(.+?)'/, (given) => l10n.t('{0} needs a value.', given)],
  'commander.missingMandatoryOptionValue': [/'(.+?)'/, (given) => l10n.t('{0} is missing.', given)],
  'commander.missingArgument': [/'(.+?)'/, (given) => l10n.t('{0} is missing.', `<${given}>`)],
  'commander.excessArguments': [/but got (\d+)/, () => l10n.t('There are more arguments than the command takes.')],
  'commander.invalidArgument': [/'(.+?)' argument '(.*?)' is invalid/s, (flag, given) => l10n.t('{0} does not take "{1}".', flag, given)],
};

/** What was wrong with the command line, in the user's language, and what to do: commander's English where it has an error that we do not know. */
export function usageError({ code, message }: CommanderError, path: string): UserError {
  const [pattern, word] = errors[code] ?? [];
  const found = pattern?.exec(message);
  const meant = /Did you mean (?:one of )?(.+?)\?/.exec(message)?.[1];
  const choices = /Allowed choices are (.+?)\.$/.exec(message)?.[1];
  return new UserError('usage', found && word ? word(found[1] ?? '', found[2] ?? '') : message.replace(/^error: /, ''), {
    next: meant ? l10n.t('Did you mean {0}?', meant) : choices ? l10n.t('It takes: {0}.', choices) : l10n.t('What there is: {0}', `${path} --help`),
    exit: ExitCode.usage,
  });
}
