import * as l10n from '@vscode/l10n';
import { writeFile } from 'node:fs/promises';
import { ExitCode, UserError, isCancellation, messageOf, sentences } from '../errors.ts';
import type { CallRecord } from '../aws/api.ts';
import type { JUnitCase, JUnitSuite } from '../junit.ts';
import type { UpResult } from '../provision/up.ts';
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

/** What is in a report of `up`, and no more: kinds of ours, names of operations, codes and times. Texts of AWS's are not, since they quote ids, ARNs and addresses. */
export interface UpReport {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly target: string;
  readonly region: string;
  /** False when the target is another than the sandbox's or AWS's own. */
  readonly ownEndpoint: boolean;
  /** The code of the error that ended it, before there was a result. */
  readonly ended?: string;
  readonly ms?: number;
  readonly resources: readonly { readonly resource: string; readonly state: string; readonly ms: number; readonly code?: string }[];
  readonly calls: readonly (CallRecord & { readonly at: number })[];
}

/** A code is a word; what is none could be anything. */
const codeOf = (code: string): string => (/^[A-Za-z][\w.-]{0,80}$/.test(code) && !/\d{6}/.test(code) ? code : 'other');

/** The report of an `up`, for somebody to send to the authors: whose account it was cannot be told from it. */
export function upReport(
  about: Pick<UpReport, 'version' | 'node' | 'platform' | 'target' | 'region' | 'ownEndpoint'>, calls: UpReport['calls'], outcome: { readonly result: UpResult } | { readonly error: unknown },
): UpReport {
  const told = calls.map(({ at, call, ms, attempts, status, code }) => ({ at, call, ms, attempts, ...(status !== undefined && { status }), ...(code !== undefined && { code: codeOf(code) }) }));
  if ('error' in outcome) {
    return { ...about, ended: UserError.is(outcome.error) ? codeOf(outcome.error.code) : isCancellation(outcome.error) ? 'cancelled' : 'internal', resources: [], calls: told };
  }
  const { resources, ms } = outcome.result;
  return { ...about, ms, resources: resources.map(({ resource, state, ms: each, error }) => ({ resource, state, ms: each, ...(error && { code: codeOf(error.code) }) })), calls: told };
}

/** Writes what a command reports beside its output. @throws UserError `report.unwritable` */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UserError('report.unwritable', l10n.t('The report {0} could not be written.', file), { why: messageOf(error), next: l10n.t('Check the path and that its folder is there.'), exit: ExitCode.usage, cause: error });
  }
}
