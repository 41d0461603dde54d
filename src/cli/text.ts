import * as l10n from '@vscode/l10n';
import type { Check, CheckState, Diagnosis, StepRights } from '../access/doctor.ts';
import type { Explanation, Layer, LayerState } from '../access/explain.ts';
import { sentences } from '../errors.ts';
import type { Costs } from '../provision/costs.ts';
import { layerTitle, layers, type LakeMap } from '../pictures/lakeMap.ts';
import { describeEdge } from '../pictures/mapSvg.ts';
import type { DownResult } from '../provision/down.ts';
import { baseCost, type Action, type Plan } from '../provision/plan.ts';
import type { RunResult } from '../provision/run.ts';
import type { InsertResult } from '../provision/insert.ts';
import type { AppliedState, UpResult } from '../provision/up.ts';
import type { StepState, VerifiedStep, VerifyResult } from '../provision/verify.ts';
import { comesByItself, fine } from '../provision/words.ts';
import { about, cents, money } from '../numbers.ts';
import type { SandboxStatus } from '../sandbox/control/sandbox.ts';
import { tickSummary } from '../sandbox/services/events/texts.ts';
import type { TickResult } from '../sandbox/services/events/scheduled-rules.ts';

// What the CLI prints for people, as lines, in their language. With --json the same results are printed as they are.

/** A table with as wide columns as it needs. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd());
}

type Label = CheckState | LayerState | StepRights['state'] | Explanation['verdict'] | Action | AppliedState | StepState;

const labels: Readonly<Record<Label, () => string>> = {
  create: () => l10n.t('create'),
  update: () => l10n.t('update'),
  adopt: () => l10n.t('adopt'),
  none: () => l10n.t('none'),
  unknown: () => l10n.t('unknown'),
  created: () => l10n.t('created'),
  updated: () => l10n.t('updated'),
  adopted: () => l10n.t('adopted'),
  unchanged: () => l10n.t('unchanged'),
  failed: () => l10n.t('failed'),
  blocked: () => l10n.t('blocked'),
  done: () => l10n.t('done'),
  missing: () => l10n.t('missing'),
  wrong: () => l10n.t('wrong'),
  waiting: () => l10n.t('made, its result is still to come'),
  nothing: () => l10n.t('nothing to check'),
  ok: () => l10n.t('in order'),
  warning: () => l10n.t('take note'),
  problem: () => l10n.t('stands in the way'),
  allowed: () => l10n.t('allowed'),
  denied: () => l10n.t('denied'),
};

/** What an action or a state is called; its id, which JSON has, is English. */
export const labelOf = (of: Label): string => labels[of]();

/** A resource for people, with the id that JSON and the tutorial have. */
const named = ({ title, resource }: { readonly title: string; readonly resource: string }): string => `${title} (${resource})`;

/** Hours in a month, on average: as AWS's own price pages count. */
const hoursOfMonth = 730;

const rowsOf = (count: number): string => (count === 1 ? l10n.t('1 row') : l10n.t('{0} rows', count));

export const costTotal = ({ perHour, perRun }: Pick<Plan['cost'], 'perHour' | 'perRun'>): string =>
  l10n.t('Cost: about {0} USD an hour, which is {1} USD a month, and {2} USD for each run.', cents(about(perHour)), cents(perHour * hoursOfMonth), cents(about(perRun)));

/** The sum that everybody pays, and beside it what is charged only to those who have agreed to it. */
function planTotal({ cost }: Pick<Plan, 'cost'>): string[] {
  const { perHour, perRun, consented } = baseCost(cost);
  return [costTotal({ perHour, perRun }), ...(consented > 0 ? [l10n.t('QuickSight, for those who agree to it: {0} USD a month more.', cents(consented * hoursOfMonth))] : [])];
}

/** What costs how much, and the sum; in the sandbox, that it is charged on AWS only. */
export function costLines({ cost }: Pick<Plan, 'cost'>, isSandbox: boolean): string[] {
  const figures = ({ perHour, perRun }: Plan['cost']['items'][number]): string =>
    [
      ...(perHour === undefined ? [] : [l10n.t('{0} USD an hour, {1} USD a month', money(perHour), cents(perHour * hoursOfMonth))]),
      ...(perRun === undefined ? [] : [l10n.t('{0} USD a run', money(perRun))]),
    ].join(', ');
  return [
    ...(isSandbox ? [l10n.t('The target is the sandbox: nothing is charged there. On AWS it would be:')] : []),
    ...table(cost.items.map((item) => [`  ${item.what}`, figures(item)])),
    ...planTotal({ cost }),
  ];
}

/** What is there that is charged; in the sandbox, that it would be on AWS only. */
export function chargedLines({ resources, perHour, perRun, soFar, unknown }: Costs, isSandbox: boolean): string[] {
  const bySince = ({ since, soFar: by, perHour: each }: Costs['resources'][number]): string =>
    since === null ? l10n.t('since when is not known') : by === null || each === 0 ? l10n.t('since {0}', since) : l10n.t('since {0}, {1} USD by now', since, cents(by));
  const blind = unknown.map(({ title, resource, why }) => `${l10n.t('not known')}  ${named({ title, resource })}: ${why}`);
  if (resources.length === 0) {
    return [...blind, ...(unknown.length === 0 ? [l10n.t('Nothing of the tutorial is there that is charged.')] : [])];
  }
  return [
    ...(isSandbox ? [l10n.t('The target is the sandbox: nothing is charged there. On AWS it would be:')] : []),
    ...table(resources.map((each) => [
      named(each),
      each.perHour > 0 ? l10n.t('{0} USD an hour, {1} USD a month', money(each.perHour), cents(each.perHour * hoursOfMonth)) : l10n.t('by use'),
      bySince(each),
      each.what.join(', '),
    ])),
    ...blind,
    '',
    costTotal({ perHour, perRun }),
    ...(soFar > 0 ? [l10n.t('By now: about {0} USD, as far as it is known since when.', cents(soFar))] : []),
    ...(unknown.length > 0 ? [l10n.t('What could not be looked at is in no sum.')] : []),
  ];
}

const signs: Readonly<Record<CheckState | LayerState | StepRights['state'], string>> = { ok: '✓', allowed: '✓', warning: '!', problem: '✗', denied: '✗', missing: '✗', unknown: '?', nothing: '-' };
const signed = (state: keyof typeof signs, name: string, why?: string): string => `${signs[state]} ${name} (${labelOf(state)})${why ? `: ${why}` : ''}`;
const toDo = (fix: string | undefined): string[] => (fix === undefined ? [] : [`    ${l10n.t('what to do')}: ${fix}`]);

/** What the caller may do here: each check, then each step. */
export function doctorLines({ checks, steps }: Diagnosis): string[] {
  // What is the same for all steps is said once.
  const [first, ...rest] = steps.filter(({ state }) => state !== 'nothing').map(({ state, why, fix }) => JSON.stringify([state, why, fix]));
  const same = first !== undefined && rest.length > 0 && rest.every((each) => each === first) ? steps.find(({ state }) => state !== 'nothing') : undefined;
  const stepLines = (step: StepRights): string[] => [
    signed(step.state, `${step.id}: ${step.title}`),
    ...(step.missing.length > 0 ? [`    ${l10n.t('missing')}: ${step.missing.join(', ')}`] : []),
    ...(same ? [] : [...(step.why ? [`    ${step.why}`] : []), ...toDo(step.fix)]),
  ];
  return [
    ...checks.flatMap(({ id, state, why, fix }: Check) => [signed(state, id, why), ...toDo(fix)]),
    '',
    ...steps.flatMap(stepLines),
    ...(same?.why ? ['', same.why, ...toDo(same.fix)] : []),
  ];
}

/** Whether a principal may do something, layer by layer, and the one thing that is missing. */
export function explainLines({ principal, action, on, verdict, layers, fix }: Explanation): string[] {
  return [
    ...layers.flatMap(({ layer, state, why, fix: each }: Layer) => [signed(state, layer, why), ...(each === fix ? [] : toDo(each))]),
    '',
    verdict === 'allowed' ? l10n.t('{0} has {1} on {2}.', principal, action, on)
      : verdict === 'denied' ? l10n.t('{0} lacks {1} on {2}.', principal, action, on)
      : l10n.t('Whether {0} has {1} on {2} is not known.', principal, action, on),
    ...(verdict !== 'allowed' && fix !== undefined ? [`${l10n.t('what to do')}: ${fix}`] : []),
  ];
}

/** What would be done; the rest is only counted. */
const nothingAsked = (): string => l10n.t('What was asked for provisions nothing.');

export function planLines({ actions }: Pick<Plan, 'actions'>): string[] {
  if (actions.length === 0) {
    return [nothingAsked()];
  }
  // Something can be wrong with which nothing is done: it is for the reader to mend.
  const shown = actions.filter(({ action, reason }) => action !== 'none' || ![fine(), comesByItself()].includes(reason));
  const rest = actions.length - shown.length;
  if (shown.length === 0) {
    return [l10n.t('Nothing to do: everything is as it should be.')];
  }
  return [
    ...table(shown.map((planned) => [planned.step, labelOf(planned.action), named(planned), planned.reason])),
    ...(rest === 0 ? [] : ['', rest === 1 ? l10n.t('There is nothing to do for 1 more.') : l10n.t('There is nothing to do for {0} more.', rest)]),
  ];
}

export function upLines(result: UpResult): string[] {
  if (result.resources.length === 0) {
    return [nothingAsked()];
  }
  const changed = result.resources.filter(({ state }) => state === 'created' || state === 'updated' || state === 'adopted').length;
  const blind = result.resources.filter(({ state }) => state === 'unknown').length;
  const bad = result.resources.filter(({ state }) => state === 'failed' || state === 'blocked').length;
  return [
    ...table(result.resources.map(({ step, title, state, ms, reason }) => [step, title, labelOf(state), `${ms} ms`, state === 'failed' || state === 'unknown' || state === 'blocked' ? (reason ?? '') : ''])),
    '',
    changed === 0 && bad === 0 ? l10n.t('Nothing to do: everything is as it should be ({0} ms).', result.ms) : l10n.t('{0} of {1} resources changed in {2} ms.', changed, result.resources.length, result.ms),
    ...(blind > 0 ? [l10n.t('{0} could not be looked at here.', blind)] : []),
    ...(bad > 0 ? [l10n.t('{0} failed or were blocked by a failure.', bad)] : []),
  ];
}

const marks: Readonly<Record<StepState, string>> = { missing: '·', wrong: '✗', unknown: '?', waiting: '…', done: '✓', nothing: '-' };
const colors: Readonly<Partial<Record<StepState, number>>> = { missing: 33, wrong: 31, unknown: 36, waiting: 36, done: 32 };
/** What has to be done first, then what may be left; the steps of each kind in the tutorial's order. */
const problemsFirst: readonly (readonly StepState[])[] = [['wrong', 'missing'], ['unknown', 'waiting'], ['done', 'nothing']];

export interface VerifyLinesOptions {
  /** What was looked at, found and expected: for steps that were asked for by name. */
  readonly detailed?: boolean;
  readonly colored?: boolean;
}

export function verifyLines({ steps, hint }: VerifyResult, { detailed = false, colored = false }: VerifyLinesOptions = {}): string[] {
  const ordered = problemsFirst.flatMap((states) => steps.filter(({ state }) => states.includes(state)));
  const mark = (state: StepState): string => (colored && colors[state] !== undefined ? `\x1b[${colors[state]}m${marks[state]}\x1b[0m` : marks[state]);
  const lines = ordered.flatMap((step) => [`${mark(step.state)} ${step.id}: ${step.title} (${labelOf(step.state)})`, ...(detailed ? whyLines(step) : findingLines(step)).map((line) => `    ${line}`)]);
  const done = steps.filter(({ state }) => state === 'done').length;
  return [...lines, ...(steps.length > 1 ? ['', l10n.t('{0} of {1} steps are done.', done, steps.length)] : []), ...(hint === undefined ? [] : [hint])];
}

function findingLines({ findings, follows, found }: VerifiedStep): string[] {
  return [...findings.map(({ code, message, fix }) => `${code}: ${sentences(message, fix)}`), ...(follows !== undefined && found !== undefined ? [found] : [])];
}

/** The map as a list: its things, layer by layer, and what is broken between them. */
export function mapLines({ nodes, edges }: LakeMap): string[] {
  const titleOf = (id: string): string => nodes.find((node) => node.id === id)?.title ?? id;
  const rows = table(nodes.map(({ state, id, title, step, finding }) => [`  ${marks[state]} ${id}`, title, step, labelOf(state), finding?.message ?? '']));
  const lines = layers.flatMap((layer) => {
    const here = rows.filter((_, index) => nodes[index]?.layer === layer);
    return here.length === 0 ? [] : [layerTitle(layer), ...here];
  });
  const broken = edges.filter(({ state }) => state === 'broken').map((edge) => `  ✗ ${describeEdge(edge, titleOf)}`);
  return [...lines, ...(broken.length > 0 ? ['', l10n.t('Broken between two things:'), ...broken] : [])];
}

/** Why a step is not done: for each finding what was looked at, what was found there, what should be, and how to mend it. */
export function whyLines({ state, findings, looked, found, expected, follows }: VerifiedStep): string[] {
  if (state === 'done') {
    return [];
  }
  const each = follows === undefined && findings.length > 0 ? findings : [{ code: undefined, looked, found, expected, fix: undefined }, ...findings];
  return each.flatMap((finding) => [
    ...(finding.code === undefined ? [] : [`${finding.code}:`]),
    ...([
      [l10n.t('looked at'), finding.looked], [l10n.t('found'), finding.found], [l10n.t('expected'), finding.expected],
      [l10n.t('what to do'), finding.fix ?? (follows === undefined ? undefined : l10n.t('Mend the step "{0}".', follows))],
    ] as const).flatMap(([label, text]) => (text ? [`  ${label}: ${text}`] : [])),
  ]);
}

/** What a removal asks for, before its question: a line a resource. */
export const removalLines = (accountId: string, titles: readonly string[]): string[] => [
  l10n.t('From account {0} is removed what the tutorial made of these; what you made yourself stays:', accountId),
  ...titles.map((title) => `  • ${title}`),
];

export function downLines(result: DownResult, titleOf: (id: string) => string | undefined): string[] {
  const name = (id: string): string => named({ title: titleOf(id) ?? id, resource: id });
  return [
    ...result.removed.map((id) => `${l10n.t('removed')}  ${name(id)}`),
    ...result.left.map(({ id, why }) => `${result.unseen.includes(id) ? l10n.t('not known') : l10n.t('left')}  ${name(id)}: ${why}`),
    ...result.failed.map(({ id, why }) => `${l10n.t('failed')}  ${name(id)}: ${why}`),
    result.removed.length === 0 && result.failed.length + result.unseen.length > 0
      ? l10n.t('Nothing was removed.')
      : result.removed.length === 0
      ? l10n.t('Nothing of the tutorial was there.')
      : result.removed.length === 1 ? l10n.t('1 resource removed in {0} ms.', result.ms) : l10n.t('{0} resources removed in {1} ms.', result.removed.length, result.ms),
  ];
}

export function sandboxLines({ state, endpoint, accountId, postgres, postgresProblem, damaged, access, listen }: SandboxStatus): string[] {
  const states: Readonly<Record<SandboxStatus['state'], () => string>> = { running: () => l10n.t('running'), stopped: () => l10n.t('stopped'), starting: () => l10n.t('starting') };
  return [
    endpoint ? l10n.t('The sandbox is {0} at {1} (account {2}).', states[state](), endpoint, accountId) : l10n.t('The sandbox is {0}.', states[state]()),
    ...(postgres ? [l10n.t('Its PostgreSQL answers at {0}.', `${postgres.host}:${postgres.port}`)] : []),
    ...(postgresProblem ? [postgresProblem] : []),
    ...(damaged ? [damaged] : []),
    ...(listen ? [l10n.t('Others reach it at {0}, unencrypted, with requests signed by this key:', listen.endpoint), `  AWS_ACCESS_KEY_ID=${listen.accessKeyId}${listen.secretAccessKey === undefined ? '' : ` AWS_SECRET_ACCESS_KEY=${listen.secretAccessKey}`}`] : []),
    ...(access === 'machine' ? [l10n.t('This system does not tell whose a connection is: every user of the machine can use the sandbox.')] : []),
  ];
}

export const tickLines = (result: TickResult): string[] => [`${tickSummary(result)} ${l10n.t('It is {0} now.', result.now)}`, ...result.errors];

export const insertLines = ({ inserted, id, ms }: InsertResult): string[] => [
  inserted === 1 ? l10n.t('1 row inserted; its id is {0} ({1} ms).', id, ms) : l10n.t('{0} rows inserted; the last id is {1} ({2} ms).', inserted, id, ms),
];

export const queryLine = (rows: number, scannedBytes: number, ms: number): string => l10n.t('{0}, {1} bytes read, {2} ms', rowsOf(rows), scannedBytes, ms);

export function runLines({ runId, status, nodes, rows, ms }: RunResult): string[] {
  const count = (of: number | null): string => (of === null ? '?' : String(of));
  return [
    ...table(nodes.map(({ name, type, state, ms: each }) => [name, type, state, `${each} ms`])),
    '',
    l10n.t('Run {0}: {1} in {2} ms.', runId, status, ms),
    l10n.t('Rows: bronze {0}, silver {1}, gold {2}.', count(rows.bronze), count(rows.silver), count(rows.gold)),
  ];
}

/** What to do when a run that went well had nothing to copy. */
export const emptyRun = ({ rows }: Pick<RunResult, 'rows'>): string | undefined =>
  rows.bronze === 0
    ? l10n.t('No row has come yet. Insert some (lake-tutorial sandbox insert --rows 1000), or wait until the schedule has, then run it again.')
    : undefined;

/** What was done from nothing to gold, and how long each part took. */
export function timeLines(times: Readonly<Record<string, number>>, parts: { readonly endpoint: string; readonly up: UpResult; readonly inserted: number; readonly run: RunResult; readonly gold?: number; readonly verify: VerifyResult }): string[] {
  const ms = (name: string): string => `${times[name]} ms`;
  return table([
    [l10n.t('sandbox'), ms('sandboxMs'), parts.endpoint],
    [l10n.t('provisioned'), ms('upMs'), l10n.t('{0} resources, {1} calls', parts.up.resources.length, parts.up.calls)],
    [l10n.t('inserted'), ms('insertMs'), rowsOf(parts.inserted)],
    [l10n.t('run'), ms('runMs'), parts.run.status],
    ...(parts.gold === undefined ? [] : [[l10n.t('queried'), ms('queryMs'), rowsOf(parts.gold)]]),
    [l10n.t('verified'), ms('verifyMs'), l10n.t('{0} steps done', parts.verify.steps.filter(({ state }) => state === 'done').length)],
  ]);
}
