import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import type { Tutorial } from './model.ts';
import { parseTutorial } from './parse.ts';

/**
 * Parses a tutorial's text; `file` is what messages call it.
 *
 * @throws UserError `tutorial.broken`, with line and column of the first error.
 */
export function checkedTutorial(text: string, file: string): Tutorial {
  const tutorial = parseTutorial(text);
  const broken = tutorial.problems.find(({ severity }) => severity === 'error');
  if (broken) {
    throw new UserError('tutorial.broken', l10n.t('The tutorial {0} has an error at line {1}, column {2}.', file, broken.range.start.line, broken.range.start.column), {
      why: broken.message, next: l10n.t('Correct the line, then try again.'), exit: ExitCode.usage,
    });
  }
  return tutorial;
}
