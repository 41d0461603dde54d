import * as l10n from '@vscode/l10n';
import type { RunNode, RunResult } from '../provision/run.ts';
import { fontOf, paint, widthOf, wrapped, type Colour, type Colouring } from './svg.ts';
import { escapeXml } from '../xml.ts';

// A run over time: a row a part, waiting apart from running, and no width given to stretches in which nothing runs. From the data of `run --json`.

/** A stretch of time, in milliseconds from the beginning of the run. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface ChartRow {
  readonly name: string;
  readonly type: RunNode['type'];
  readonly state: string;
  readonly error: string | null;
  /** From when what it waits for had ended to its own beginning. */
  readonly waiting?: Stretch;
  /** None for a part whose turn never came. */
  readonly running?: Stretch;
  /** What of it held the run back: of all that came one after the other until the end, nothing took longer. */
  readonly held?: 'waiting' | 'running';
  /** How long it ran in the run before. */
  readonly before?: number;
}

export interface RunChart {
  readonly rows: readonly ChartRow[];
  /** Until the last part ended. */
  readonly length: number;
  /** Stretches in which nothing runs, and which are drawn narrow. */
  readonly idle: readonly Stretch[];
  /** How long the run before took. */
  readonly before?: number;
}

export type ChartedRun = Pick<RunResult, 'runId' | 'status' | 'nodes'> & Partial<Pick<RunResult, 'started' | 'rows' | 'error'>>;

/** An idle stretch shorter than this part of the whole is not worth a break in the scale. */
const worthBreaking = 0.12;

const isGood = (state: string): boolean => state === 'SUCCEEDED';

/** What took longest of what came one after the other: from the part that ended last back to what it waited for, and so on. */
function heldBack(rows: readonly ChartRow[]): { readonly row: ChartRow; readonly what: 'waiting' | 'running' } | undefined {
  const lasts = (candidates: readonly ChartRow[]): ChartRow | undefined => candidates.reduce<ChartRow | undefined>((last, row) => (row.running && row.running.to > (last?.running?.to ?? -1) ? row : last), undefined);
  const chain: { readonly row: ChartRow; readonly what: 'waiting' | 'running'; readonly ms: number }[] = [];
  const seen = new Set<ChartRow>();
  for (let row = lasts(rows); row?.running && !seen.has(row); ) {
    const { running, waiting } = row;
    seen.add(row);
    chain.push({ row, what: 'running', ms: running.to - running.from }, ...(waiting ? [{ row, what: 'waiting' as const, ms: waiting.to - waiting.from }] : []));
    row = lasts(rows.filter((other) => other.running && !seen.has(other) && other.running.to <= running.from));
  }
  // Of one thing alone nothing is said by it.
  return new Set(chain.map(({ row }) => row)).size > 1 ? chain.reduce((most, each) => (each.ms > most.ms ? each : most)) : undefined;
}

/**
 * When each part of a run waited and ran.
 *
 * @param previous the run before, to compare with.
 */
export function runChart({ nodes, started }: ChartedRun, previous?: ChartedRun): RunChart {
  const timeOf = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text));
  const begun = nodes.flatMap((node) => {
    const from = timeOf(node.started);
    return Number.isFinite(from) ? [{ node, from, to: Math.max(from, Number.isFinite(timeOf(node.ended)) ? timeOf(node.ended) : from + node.ms) }] : [];
  });
  const zero = Math.min(...begun.map(({ from }) => from), ...(Number.isFinite(timeOf(started)) ? [timeOf(started)] : []));
  const rows = nodes.map((node): ChartRow => {
    const { name, type, state, error } = node;
    const here = begun.find((each) => each.node === node);
    if (!here) {
      return { name, type, state, error };
    }
    // What ended last before it began is what it waited for.
    const ready = Math.max(zero, ...begun.filter((other) => other !== here && other.to <= here.from).map(({ to }) => to));
    return { name, type, state, error, ...(here.from > ready && { waiting: { from: ready - zero, to: here.from - zero } }), running: { from: here.from - zero, to: here.to - zero } };
  });
  const length = Math.max(0, ...begun.map(({ to }) => to - zero));
  const idle: Stretch[] = [];
  let busyUntil = 0;
  for (const { from, to } of rows.flatMap(({ running }) => running ?? []).sort((one, other) => one.from - other.from)) {
    if (from - busyUntil > length * worthBreaking) {
      idle.push({ from: busyUntil, to: from });
    }
    busyUntil = Math.max(busyUntil, to);
  }
  const held = heldBack(rows);
  const earlier = previous && runChart(previous);
  const told = rows.map((row): ChartRow => {
    const before = earlier?.rows.find(({ name, running }) => name === row.name && running)?.running;
    return { ...row, ...(held?.row === row && { held: held.what }), ...(before && { before: before.to - before.from }) };
  });
  return { rows: told, length, idle, ...(earlier && earlier.length > 0 && { before: earlier.length }) };
}

/** A time for people: as fine as it matters. */
export function duration(ms: number, language = 'en'): string {
  const number = (value: number, digits: number): string => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return ms < 1000 ? `${number(ms, 0)} ms` : ms < 60_000 ? `${number(ms / 1000, 1)} s` : ms < 3_600_000 ? `${number(Math.floor(ms / 60_000), 0)} min ${number(Math.floor((ms % 60_000) / 1000), 0)} s` : `${number(Math.floor(ms / 3_600_000), 0)} h ${number(Math.floor((ms % 3_600_000) / 60_000), 0)} min`;
}

const size = { width: 1240, left: 250, right: 190, top: 62, row: 34, error: 16, bar: 18, gap: 26, margin: 14 } as const;

/** From time to a place: the same everywhere but in the idle stretches, which are all equally narrow. */
function scale({ length, idle }: RunChart): (ms: number) => number {
  const room = size.width - size.left - size.right;
  const busy = Math.max(1, length - idle.reduce((sum, { from, to }) => sum + to - from, 0));
  const perMs = Math.max(0, room - idle.length * size.gap) / busy;
  return (ms) => {
    const shift = idle.reduce((sum, { from, to }) => (ms <= from ? sum : sum + Math.min(1, (ms - from) / (to - from)) * size.gap - Math.min(to - from, ms - from) * perMs), 0);
    return Math.round((size.left + ms * perMs + shift) * 10) / 10;
  };
}

/** Places for marks of time: round figures, not nearer than they can be read, and none within an idle stretch. */
function ticks({ length, idle }: RunChart, x: (ms: number) => number): number[] {
  const steps = [1, 2, 5].flatMap((factor) => [1, 10, 100, 1000, 10_000].map((power) => factor * power)).concat([15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000]).sort((a, b) => a - b);
  const step = steps.find((each) => length / each <= 8) ?? Math.max(1, length / 8);
  const all = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step).filter((ms) => !idle.some(({ from, to }) => ms > from && ms < to));
  return all.reduce<number[]>((kept, ms) => (kept.length === 0 || x(ms) - x(kept.at(-1) ?? 0) >= 70 ? [...kept, ms] : kept), []);
}

export interface RunChartOptions {
  /** The run before, to compare with. */
  readonly previous?: ChartedRun;
  /** The order of the rows, by name; without it they come as they began. */
  readonly order?: readonly string[];
  /** Rows are things to open: on a page, not in a file. */
  readonly opens?: boolean;
  /** Names without this beginning: the workflow's. */
  readonly workflow?: string;
  readonly colouring?: Colouring;
  readonly language?: string;
}

/** A row in a sentence, for a screen reader and as a tooltip. */
/** How much longer or shorter than before. */
const difference = (ms: number, before: number, language: string): string => `${ms >= before ? '+' : '−'}${duration(Math.abs(ms - before), language)}`;

/** What held the run back, in words. */
export const heldLabel = (held: 'waiting' | 'running'): string => (held === 'waiting' ? l10n.t('its waiting held the run back most') : l10n.t('held the run back most'));

function describe({ name, state, error, waiting, running, held, before }: ChartRow, language: string): string {
  const times = running
    ? [...(waiting ? [l10n.t('waited {0}', duration(waiting.to - waiting.from, language))] : []), l10n.t('ran {0}', duration(running.to - running.from, language)), ...(before === undefined ? [] : [l10n.t('{0} in the run before', duration(before, language))]), ...(held ? [heldLabel(held)] : [])]
    : [l10n.t('its turn never came')];
  return `${name}: ${state}, ${times.join(', ')}.${error ? ` ${error}` : ''}`;
}

function colourOf(state: string): Colour {
  return isGood(state) ? 'good' : ['FAILED', 'ERROR', 'TIMEOUT', 'EXPIRED'].includes(state) ? 'bad' : ['STOPPED', 'STOPPING', 'CANCELLED', 'CANCELLING'].includes(state) ? 'warn' : 'wait';
}

/** So many pixels are to be seen. */
const worthDrawing = 1.5;

/** A bracket above what held the run back. */
const held = ([from, to]: readonly [number, number], top: number): string => `M${from} ${top + 7}V${top + 3}H${Math.max(to, from + 4)}V${top + 7}`;

/** Draws a run over time. The same run always gives the same bytes. */
export function runChartSvg(run: ChartedRun, { colouring = 'theme', language = 'en', previous, order, opens = false, workflow }: RunChartOptions = {}): string {
  const colour = paint(colouring);
  const nodes = order ? [...run.nodes].sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name)) : run.nodes;
  const chart = runChart({ ...run, nodes }, previous);
  const nameOf = (name: string): string => (workflow !== undefined && name.startsWith(`${workflow}-`) ? name.slice(workflow.length + 1) : name);
  const x = scale(chart);
  /** Where a row begins: an error stands below its row's bar. */
  const topOf = (index: number): number => size.top + chart.rows.slice(0, index).reduce((sum, { error }) => sum + size.row + (error ? size.error : 0), 0);
  const bottom = topOf(chart.rows.length);
  const height = bottom + 66;
  const text = (left: number, top: number, content: string, { fill = 'text', anchor = 'start', font = 12, weight = 400 }: { fill?: Colour; anchor?: string; font?: number; weight?: number } = {}): string =>
    `<text x="${left}" y="${top}" font-size="${font}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour(fill)}">${escapeXml(content)}</text>`;
  const took = duration(chart.length, language);
  const compared = chart.before === undefined ? took : l10n.t('{0} (the run before: {1})', took, duration(chart.before, language));
  const title = opens ? l10n.t('Time line: {0}', compared) : l10n.t('Run {0}: {1}, {2}', run.runId, run.status, compared);
  const drawRow = (row: ChartRow, index: number): string => {
    const top = topOf(index);
    const middle = top + size.row / 2;
    const bar = top + (size.row - size.bar) / 2;
    const { running, waiting } = row;
    const at = colourOf(row.state);
    const ran = running && running.to - running.from;
    const label = ran === undefined ? l10n.t('its turn never came') : [duration(ran, language), ...(row.before === undefined || at !== 'good' ? [] : [`(${difference(ran, row.before, language)})`])].join(' ');
    const ghost = running && row.before !== undefined && (at === 'good' || at === 'wait') ? Math.min(x(chart.length), x(running.from + row.before)) : undefined;
    const failed = at === 'bad' || at === 'warn';
    const end = running ? Math.max(x(running.to), x(running.from) + 2) : size.left;
    const beside = failed && row.error ? `${label} · ${row.state}` : running ? label : row.state === 'WAITING' ? label : `${label} · ${row.state}`;
    const name = wrapped(nameOf(row.name), 12, size.left - 46, 1)[0] ?? '';
    const problem = row.error ? (wrapped(row.error, 11, size.width - size.left - 20, 1)[0] ?? '') : undefined;
    // On a page it begins with what is to be read, so that who speaks to the machine can name it.
    const said = escapeXml(opens ? [name, beside, problem, describe(row, language)].filter(Boolean).join(' ') : describe(row, language));
    return [
      `<g class="row"${opens ? ` data-thing="part:${escapeXml(row.name)}" tabindex="-1"` : ''} data-name="${escapeXml(row.name)}" data-state="${escapeXml(row.state)}" role="${opens ? 'button' : 'listitem'}" aria-label="${said}"><title>${escapeXml(describe(row, language))}</title>`,
      ...(opens ? [`<rect x="4" y="${top + 1}" width="${size.width - 8}" height="${size.row + (row.error ? size.error : 0) - 2}" rx="4" fill="${colour('page')}" fill-opacity="0"/>`] : []),
      text(size.margin, middle + 4, `${isGood(row.state) ? '✓' : failed ? '✗' : '…'} ${name}`, { fill: failed ? at : 'text' }),
      ...(waiting && x(waiting.to) - x(waiting.from) >= worthDrawing ? [`<rect class="waiting" x="${x(waiting.from)}" y="${middle - 4}" width="${Math.max(1, Math.round((x(waiting.to) - x(waiting.from)) * 10) / 10)}" height="8" fill="none" stroke="${colour('line')}" stroke-dasharray="3 2"/>`] : []),
      ...(running ? [`<rect class="running" x="${x(running.from)}" y="${bar}" width="${Math.max(2, Math.round((x(running.to) - x(running.from)) * 10) / 10)}" height="${size.bar}" rx="3" fill="${colour(at)}" fill-opacity="0.75" stroke="${colour(at)}"/>`] : []),
      ...(ghost !== undefined && running ? [`<path class="before" d="M${x(running.from)} ${bar + size.bar + 4}H${ghost}m0 -3v6" fill="none" stroke="${colour('line')}" stroke-width="1.5"/>`] : []),
      ...(row.held && running ? [`<path class="held" d="${held(row.held === 'waiting' && waiting ? [x(waiting.from), x(waiting.to)] : [x(running.from), x(running.to)], top)}" fill="none" stroke="${colour('warn')}" stroke-width="2"/>`] : []),
      text(end + 8, middle + 4, beside, { fill: failed ? at : 'muted' }),
      ...(problem !== undefined ? [text(size.left, top + size.row + 8, problem, { fill: 'bad', font: 11 })] : []),
      '</g>',
    ].join('\n');
  };
  let legendAt: number = size.margin;
  const legend = ([['running', l10n.t('running')], ['waiting', l10n.t('waiting for its turn')], ['before', l10n.t('in the run before')], ['held', l10n.t('held the run back most')], ['idle', l10n.t('nothing runs: drawn shorter than it was')]] as const)
    .filter(([kind]) => (kind === 'idle' ? chart.idle.length > 0 : chart.rows.some((row) => row[kind] !== undefined && (kind !== 'before' || !['bad', 'warn'].includes(colourOf(row.state))) && (kind !== 'waiting' || (row.waiting && x(row.waiting.to) - x(row.waiting.from) >= worthDrawing))))).map(([kind, label]) => {
      const left = legendAt;
      legendAt += widthOf(label, 12) + 60;
      const top = bottom + 40;
      const sample = kind === 'running' ? `<rect x="${left}" y="${top - 9}" width="22" height="12" rx="3" fill="${colour('good')}" fill-opacity="0.75"/>`
        : kind === 'waiting' ? `<rect x="${left}" y="${top - 7}" width="22" height="8" fill="none" stroke="${colour('line')}" stroke-dasharray="3 2"/>`
        : kind === 'before' ? `<path d="M${left} ${top - 3}H${left + 22}m0 -3v6" fill="none" stroke="${colour('line')}" stroke-width="1.5"/>`
        : kind === 'held' ? `<path d="${held([left, left + 22], top - 7)}" fill="none" stroke="${colour('warn')}" stroke-width="2"/>`
        : `<path d="M${left + 4} ${top + 3}l6 -12m4 12l6 -12" stroke="${colour('muted')}" fill="none"/>`;
      return `${sample}${text(Math.round(left + 28), top + 2, label)}`;
    });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="group" aria-labelledby="run-title" font-family="${fontOf(colouring)}">`,
    `<title id="run-title">${escapeXml(title)}</title>`,
    ...(colouring === 'plain' ? [`<rect width="${size.width}" height="${height}" fill="${colour('page')}"/>`] : []),
    text(size.margin, 24, title, { font: 14, weight: 600 }),
    ...(run.error ? [text(size.margin, 42, wrapped(run.error, 11, size.width - 28, 1)[0] ?? '', { fill: 'bad', font: 11 })] : []),
    '<g aria-hidden="true">',
    ...ticks(chart, x).map((ms) => `<path d="M${x(ms)} ${size.top - 4}V${bottom}" stroke="${colour('border')}" stroke-opacity="0.5"/>${text(x(ms), size.top - 8, duration(ms, language), { fill: 'muted', anchor: 'middle', font: 11 })}`),
    ...chart.idle.map(({ from, to }) => {
      const middle = (x(from) + x(to)) / 2;
      return `<path class="idle" d="M${middle - 5} ${bottom + 6}l6 -12m4 12l6 -12" stroke="${colour('muted')}" fill="none"/>${text(middle + 2, bottom + 20, duration(to - from, language), { fill: 'muted', anchor: 'middle', font: 11 })}`;
    }),
    '</g>',
    `<g role="${opens ? 'group' : 'list'}">`,
    ...chart.rows.map(drawRow),
    '</g>',
    '<g aria-hidden="true">',
    ...legend,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
