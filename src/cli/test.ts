import * as l10n from '@vscode/l10n';
import { ExitCode, sentences } from '../errors.ts';
import type { JUnitCase } from '../junit.ts';
import { writeReport } from './reports.ts';
import type { TestedBreak, TestedStep, TestEvent, TestFinding, TestResult } from '../testing/model.ts';
import { breakLines } from '../testing/words.ts';
import { readAsset } from '../shell.ts';
import { bytesOf, decode } from './check.ts';
import { abort, endProgress, print, progressText, say, type CommonFlags } from './terminal.ts';
import { labelOf } from './text.ts';

export interface TestFlags extends Pick<CommonFlags, 'step' | 'var' | 'json' | 'state'> {
  readonly upTo?: string;
  readonly region?: string;
  readonly junit?: string;
  readonly break?: boolean;
}

/** Runs a tutorial's steps as tests, in a sandbox that is made for them and gone afterwards. */
export async function testCommand(file: string, flags: TestFlags): Promise<ExitCode> {
  const [{ testTutorial }, { hasFailed }] = await Promise.all([import('../testing/test-tutorial.ts'), import('../testing/model.ts')]);
  const { text } = decode(await bytesOf(file));
  const show = (lines: readonly string[]): void => {
    endProgress();
    if (!flags.json) {
      process.stdout.write(`${lines.join('\n')}\n`);
    }
  };
  const onEvent = (event: TestEvent): void => {
    if (event.type === 'progress') {
      progressText(event.message);
    } else if (event.type === 'ended') {
      show(stepLines(file, event.step));
    } else if (event.type === 'broken') {
      show([`${wasMissed(event.made) ? marks.failed : marks.done} ${event.made.id}: ${event.made.title}`, ...mistakeLines(file, event.made).map((line) => `    ${line}`)]);
    }
  };
  const result = await testTutorial({
    text, name: file, signal: abort.signal, onEvent, assets: readAsset, break: flags.break === true,
    ...(flags.var && { variables: flags.var }), ...(flags.region !== undefined && { region: flags.region }), ...(flags.step && { steps: flags.step }),
    ...(flags.upTo !== undefined && { upTo: flags.upTo }), ...(flags.state !== undefined && { state: flags.state }),
  });
  endProgress();
  if (flags.junit !== undefined) {
    await writeJUnit(flags.junit, file, result);
  }
  if (flags.json) {
    print(flags, { file, ...result }, () => []);
  } else {
    show(sumLines(result, flags.break === true));
  }
  return hasFailed(result) ? ExitCode.failed : ExitCode.done;
}

const marks: Readonly<Record<TestedStep['state'], string>> = { done: '✓', failed: '✗', waiting: '…', unknown: '?', nothing: '·', blocked: '–' };
const label = (state: TestedStep['state']): string => (state === 'waiting' ? l10n.t('result still to come') : state === 'nothing' ? l10n.t('nothing to test') : labelOf(state));
const findingText = ({ code, message, fix }: TestFinding): string => `${sentences(message, fix)} [${code}]`;

/** A step as it ended; of one that failed, what was done for it too. */
function stepLines(file: string, { id, title, state, ms, findings, output }: TestedStep): string[] {
  return [
    `${marks[state]} ${id}: ${title} (${label(state)}, ${ms} ms)`,
    ...(state === 'failed' ? output.flatMap((text) => text.split('\n').map((line) => `    | ${line}`)) : []),
    ...findings.map((finding) => `    ${file}:${finding.line}: ${findingText(finding)}`),
  ];
}

const wasMissed = ({ seenBy, repaired, refused }: TestedBreak): boolean => refused === undefined && (seenBy === null || !repaired);

const mistakeLines = (file: string, made: TestedBreak): string[] => breakLines(made, (line) => `${file}:${line}:`);

function sumLines({ steps, breaks = [], ms }: TestResult, broke: boolean): string[] {
  const failed = steps.filter(({ state }) => state === 'failed' || state === 'blocked').length;
  return [
    '',
    l10n.t('{0} steps, {1} failed, {2} ms.', steps.length, failed, ms),
    ...(broke ? [l10n.t('{0} mistakes made, {1} seen, the text helps with {2}.', breaks.length, breaks.filter(({ seenBy, refused }) => seenBy !== null || refused !== undefined).length, breaks.filter(({ helped }) => helped).length)] : []),
  ];
}

/** The result as JUnit XML: a case a step, and one a mistake. */
async function writeJUnit(path: string, file: string, result: TestResult): Promise<void> {
  const { junit } = await import('../junit.ts');
  const cases: JUnitCase[] = [
    ...result.steps.map(({ id, title, line, state, ms, findings, output }): JUnitCase => ({
      name: `${id}: ${title}`, classname: file, seconds: ms / 1000, file, line,
      failures: state === 'failed' || state === 'blocked' ? findings.filter(({ note }) => !note).map((finding) => ({ message: finding.message, text: findingText(finding), file, line: finding.line })) : [],
      ...(state === 'nothing' && { skipped: label(state) }),
      ...(output.length > 0 && { output: output.join('\n') }),
    })),
    ...(result.breaks ?? []).map((made): JUnitCase => ({
      name: `--break ${made.id}: ${made.title}`, classname: file, seconds: made.ms / 1000, file,
      failures: wasMissed(made) ? [{ message: made.title, text: mistakeLines(file, made).join('\n') }] : [],
      output: mistakeLines(file, made).join('\n'),
    })),
  ];
  await writeReport(path, junit({ name: file, cases }));
  say(l10n.t('JUnit results are in {0}.', path));
}
