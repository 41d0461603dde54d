import * as l10n from '@vscode/l10n';
import { writeFile } from 'node:fs/promises';
import { ExitCode, UserError, messageOf, sentences } from '../errors.ts';
import type { JUnitCase, JUnitSuite } from '../junit.ts';
import type { VerifiedStep, VerifyResult } from '../provision/verify.ts';
import type { Tutorial } from '../tutorial/model.ts';
import { labelOf, whyLines } from './text.ts';

/**
 * What a verification found, as a test suite: a case a step, in their order. What is missing or wrong has failed; what could not be seen or is still to come was skipped.
 *
 * @param file the tutorial's file, where it is one of the author's.
 */
export function verifySuite({ steps }: VerifyResult, tutorial: Tutorial, file?: string): JUnitSuite {
  const lineOf = new Map(tutorial.steps.map(({ id, headingRange }) => [id, headingRange.start.line]));
  return { name: tutorial.title, cases: steps.map((step) => caseOf(step, tutorial.id, file === undefined ? {} : { file, line: lineOf.get(step.id) ?? 1 })) };
}

function caseOf(step: VerifiedStep, classname: string, place: { readonly file?: string; readonly line?: number }): JUnitCase {
  const { id, title, state, found = '' } = step;
  const base = { name: `${id}: ${title}`, classname, ...place };
  if (state === 'missing' || state === 'wrong') {
    return { ...base, failures: [{ message: found || labelOf(state), text: whyLines(step).join('\n'), ...place }] };
  }
  return { ...base, failures: [], ...(state !== 'done' && { skipped: sentences(labelOf(state), found) }) };
}

/** Writes what a command reports beside its output. @throws UserError `report.unwritable` */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UserError('report.unwritable', l10n.t('The report {0} could not be written.', file), { why: messageOf(error), next: l10n.t('Check the path and that its folder is there.'), exit: ExitCode.usage, cause: error });
  }
}
