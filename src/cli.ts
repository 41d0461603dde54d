#!/usr/bin/env node
import { CommanderError } from 'commander';
import * as l10n from '@vscode/l10n';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemLanguage, usageError } from './cli/help.ts';
import { commandPath, program } from './cli/program.ts';
import { abort, endProgress, say } from './cli/terminal.ts';
import { ExitCode, UserError, isCancellation, messageOf } from './errors.ts';
import { languages, type Language } from './languages.generated.ts';
import { packageRoot } from './shell.ts';

// The SDK prints a page about Node's version on stderr, where our own prose goes.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

function setLanguage(language: Language): void {
  l10n.config({ contents: JSON.parse(readFileSync(join(packageRoot(), 'l10n', `bundle.l10n.${language}.json`), 'utf8')) as Record<string, string> });
}

async function main(): Promise<ExitCode> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => abort.abort(Object.assign(new Error(l10n.t('Cancelled.')), { name: 'AbortError' })));
  }
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever reads what we print may have had enough (`| head`): what was asked for is done all the same.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        throw error;
      }
    });
  }
  let code: ExitCode = ExitCode.done;
  // Before the flags are parsed: what is wrong with them is said in this language too.
  const language = languages.find((each) => new RegExp(`(^|\\s)--lang[ =]${each}(\\s|$)`).test(process.argv.slice(2).join(' '))) ?? systemLanguage();
  if (language !== 'en') {
    setLanguage(language);
  }
  const root = program((result) => (code = result));
  try {
    await root.parseAsync();
    return code;
  } catch (error) {
    endProgress();
    const json = process.argv.includes('--json');
    // With --json stdout is one document, whatever happens.
    const document = (code: string, message: string, why?: string, fix?: string): void => void (json && process.stdout.write(`${JSON.stringify({ error: { code, message, why, fix } })}\n`));
    if (abort.signal.aborted || isCancellation(error)) {
      const message = l10n.t('Cancelled. Run the same again to go on where it was.');
      say(message);
      document('cancelled', message);
      return ExitCode.cancelled;
    }
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) {
        return ExitCode.done;
      }
      if (error.code === 'commander.help') {
        // The help itself is the answer to a command that is not complete; commander has printed it.
        document('usage', l10n.t('The command is not complete.'), undefined, `${commandPath(root)} --help`);
        return ExitCode.usage;
      }
    }
    const shown = UserError.is(error) ? error : error instanceof CommanderError ? usageError(error, commandPath(root)) : new UserError('internal', l10n.t('Something unexpected happened.'), { why: messageOf(error), next: l10n.t('Run the same again; if it stays, report it with the log.') });
    [shown.what, shown.why, shown.next].filter((line) => line !== undefined).forEach((line) => say(line));
    document(shown.code, shown.what, shown.why, shown.next);
    return shown.exit;
  }
}

// Not process.exit: what is still on its way to a pipe would be lost.
process.exitCode = await main();
abort.abort();
