/**
 * Results of tests as JUnit XML, in the form that Jenkins, GitLab and GitHub's reporters read: https://github.com/testmoapp/junitxml (2026-07).
 * Written here, since what is kept well of writers brings a parser along.
 */

import { escapeXml } from './xml.ts';

/** What a test case found to be wrong. */
export interface JUnitFailure {
  /** One line. */
  readonly message: string;
  /** Everything there is to say, over as many lines as it takes. */
  readonly text: string;
  readonly file?: string;
  readonly line?: number;
}

export interface JUnitCase {
  readonly name: string;
  /** The group that reporters show it in; by default the suite's name. */
  readonly classname?: string;
  readonly seconds?: number;
  /** Empty for a case that passed. */
  readonly failures: readonly JUnitFailure[];
  /** Why it was not tried. A case that has failures is not skipped. */
  readonly skipped?: string;
  /** Where the case itself is written. */
  readonly file?: string;
  readonly line?: number;
  /** What else it said. */
  readonly output?: string;
}

export interface JUnitSuite {
  readonly name: string;
  readonly cases: readonly JUnitCase[];
}

/** One suite as a JUnit XML document. */
export function junit({ name, cases }: JUnitSuite): string {
  const seconds = cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0);
  const counts = { tests: cases.length, failures: cases.filter(hasFailed).length, errors: 0, skipped: cases.filter(isSkipped).length, time: time(seconds) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts })}>`,
    `  <testsuite${attributes({ name, ...counts })}>`,
    ...cases.flatMap((each) => caseLines(name, each)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const hasFailed = ({ failures }: JUnitCase): boolean => failures.length > 0;
const isSkipped = (each: JUnitCase): boolean => !hasFailed(each) && each.skipped !== undefined;
const time = (seconds: number): string => seconds.toFixed(3);

function caseLines(suite: string, each: JUnitCase): string[] {
  const { name, classname = suite, seconds, file, line, failures, skipped, output } = each;
  const inside = [
    ...(isSkipped(each) ? [`      <skipped${attributes({ message: skipped })}/>`] : []),
    ...failures.map((failure) => `      <failure${attributes({ message: failure.message, type: 'failure', file: failure.file, line: failure.line })}>${escaped(placed(failure))}</failure>`),
    ...(output ? [`      <system-out>${escaped(output)}</system-out>`] : []),
  ];
  const start = `    <testcase${attributes({ name, classname, time: seconds === undefined ? undefined : time(seconds), file, line })}`;
  return inside.length === 0 ? [`${start}/>`] : [`${start}>`, ...inside, '    </testcase>'];
}

/** With its place in front, as compilers write it: reporters make links of that, and few read the attributes. */
const placed = ({ text, file, line }: JUnitFailure): string => (file === undefined ? text : `${file}${line === undefined ? '' : `:${line}`}: ${text}`);

const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`])).join('');

/** What XML has no way to write becomes U+FFFD: that something was there is seen. */
const escaped = (text: string): string => escapeXml(text.replace(/\r\n?/g, '\n'), '\ufffd');
