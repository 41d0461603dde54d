import * as l10n from '@vscode/l10n';
import { goldReasons, type GoldCell, type GoldData, type GoldPart, type GoldReason } from '../provision/goldData.ts';
import { goldVisuals, type GoldVisual } from '../resources/goldVisuals.ts';
import { csvText } from '../rowsText.ts';
import { escapeXml } from '../xml.ts';
import { duration } from './runChart.ts';
import { fontOf, paint, widthOf, wrapped, type Colour, type Colouring } from './svg.ts';
import type { PictureTable } from './table.ts';

// Gold as a dashboard: rows over time, by hour and by class, what was set aside and why, and how fresh it is.

/** Something that can be pointed at, opened and followed to its rows. */
export interface GoldMark {
  readonly id: string;
  readonly label: string;
  readonly rows: number;
  readonly part: GoldPart;
}

export interface GoldChart {
  readonly id: string;
  readonly title: string;
  readonly marks: readonly GoldMark[];
}

export interface GoldDashboard {
  readonly total: number;
  readonly classes: readonly string[];
  readonly chosen?: string;
  readonly overTime?: GoldChart;
  readonly byHour?: GoldChart;
  readonly byClass?: GoldChart;
  readonly quality?: GoldChart & { readonly read: number; readonly accepted: number };
  readonly freshness?: GoldData['freshness'];
}

/** More points than this nobody tells apart: neighbouring days are then one. */
const mostPoints = 120;

export const reasonLabel = (reason: GoldReason): string => {
  const labels: Readonly<Record<GoldReason, () => string>> = {
    null_key: () => l10n.t('no key'), null_fecha: () => l10n.t('no date'), future_fecha: () => l10n.t('a date in the future'), invalid_text: () => l10n.t('text that is none'), duplicate: () => l10n.t('a key that a later row has too'),
  };
  return labels[reason]();
};

const sum = (cells: readonly GoldCell[]): number => cells.reduce((total, { rows }) => total + rows, 0);

function grouped<K>(cells: readonly GoldCell[], key: (cell: GoldCell) => K): Map<K, GoldCell[]> {
  const groups = new Map<K, GoldCell[]>();
  cells.forEach((cell) => groups.set(key(cell), [...(groups.get(key(cell)) ?? []), cell]));
  return groups;
}

const pad = (value: number): string => String(value).padStart(2, '0');
const nextDay = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Every day from one to another: a day without rows is one too. */
function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last && days.length < 100_000; day = nextDay(day)) {
    days.push(day);
  }
  return days;
}

/** What there is to see of gold. @param chosen a class: time and hours are then of it alone. */
export function goldDashboard(data: GoldData, { chosen, language = 'en' }: { readonly chosen?: string | undefined; readonly language?: string } = {}): GoldDashboard {
  const classes = [...new Set(data.byClass.map(({ valueClass }) => valueClass))].sort();
  const only = chosen !== undefined && classes.includes(chosen) ? chosen : undefined;
  const own = (cells: readonly GoldCell[]): GoldCell[] => cells.filter(({ valueClass }) => only === undefined || valueClass === only);
  const titleOf = (id: GoldVisual['id']): string => {
    const title = goldVisuals.find((each) => each.id === id)?.title() ?? '';
    return only === undefined || id === 'rows-by-class' ? title : l10n.t('{0}, class {1}', title, only);
  };
  const ofClass = only === undefined ? {} : { valueClass: only };
  const byClass = [...data.byClass].sort((one, other) => other.rows - one.rows || (one.valueClass < other.valueClass ? -1 : 1));
  const hours = grouped(own(data.byHour), ({ hour }) => hour);
  const { quality, freshness } = data;
  return {
    total: sum(data.byClass), classes, ...(only !== undefined && { chosen: only }),
    ...(data.tables.cube !== undefined && data.byClass.length > 0 && {
      overTime: { id: 'rows-over-time', title: titleOf('rows-over-time'), marks: overTime(data, own, ofClass, language) },
      byHour: { id: 'rows-by-hour', title: titleOf('rows-by-hour'), marks: Array.from({ length: 24 }, (_, hour) => ({ id: `hour:${hour}`, label: `${pad(hour)}:00`, rows: sum(hours.get(hour) ?? []), part: { hour, ...ofClass } })) },
      byClass: { id: 'rows-by-class', title: titleOf('rows-by-class'), marks: byClass.map(({ valueClass, rows }) => ({ id: `class:${valueClass}`, label: valueClass, rows, part: { valueClass } })) },
    }),
    ...(quality && {
      quality: {
        id: 'quality', title: l10n.t('Quality: what became of the rows read'), read: quality.read, accepted: quality.accepted,
        marks: [{ id: 'quality:accepted', label: l10n.t('accepted'), rows: quality.accepted, part: {} }, ...goldReasons.map((reason) => ({ id: `quality:${reason}`, label: reasonLabel(reason), rows: quality.reasons[reason], part: { reason } }))],
      },
    }),
    ...(freshness && { freshness }),
  };
}

function overTime({ byDay, byDayAndHour }: GoldData, own: (cells: readonly GoldCell[]) => GoldCell[], ofClass: GoldPart, language: string): GoldMark[] {
  const days = [...new Set(byDay.flatMap(({ day }) => day ?? []))].sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    return [];
  }
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC', ...(first.slice(0, 4) !== last.slice(0, 4) && { year: 'numeric' }) });
  const shown = (day: string): string => date.format(new Date(`${day}T00:00:00Z`));
  if (byDayAndHour.length > 0) {
    const cells = grouped(own(byDayAndHour), ({ day, hour }) => `${day ?? ''} ${hour ?? ''}`);
    const all = daysBetween(first, last).flatMap((day) => Array.from({ length: 24 }, (_, hour) => ({ day, hour })));
    const isKnown = ({ day, hour }: { readonly day: string; readonly hour: number }): boolean => byDayAndHour.some((cell) => cell.day === day && cell.hour === hour);
    // Between two of few days there may be years: then only hours that had rows.
    const near = all.length <= 24 * 31 ? all.slice(all.findIndex(isKnown), all.findLastIndex(isKnown) + 1) : all.filter(isKnown);
    return near.map(({ day, hour }) => ({ id: `time:${day}T${pad(hour)}`, label: `${shown(day)}, ${pad(hour)}:00`, rows: sum(cells.get(`${day} ${hour}`) ?? []), part: { days: [day, day] as const, hour, ...ofClass } }));
  }
  const cells = grouped(own(byDay), ({ day }) => day);
  const all = daysBetween(first, last);
  const size = Math.ceil(all.length / mostPoints);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => {
    const within = all.slice(index * size, (index + 1) * size);
    const [from = '', to = from] = [within[0], within.at(-1)];
    return { id: `time:${from}`, label: from === to ? shown(from) : `${shown(from)} – ${shown(to)}`, rows: within.reduce((total, day) => total + sum(cells.get(day) ?? []), 0), part: { days: [from, to] as const, ...ofClass } };
  });
}

const counted = (rows: number, language: string): string => (rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', rows.toLocaleString(language)));
const share = (rows: number, of: number, language: string): string => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(of === 0 ? 0 : rows / of);

const chartsOf = ({ overTime: time, byHour, byClass, quality }: GoldDashboard): readonly GoldChart[] => [time, byHour, byClass, quality].flatMap((chart) => chart ?? []);

/** All marks, by their ids. */
export const goldMarks = (dashboard: GoldDashboard): readonly GoldMark[] => chartsOf(dashboard).flatMap(({ marks }) => marks);

/** A mark in a sentence. */
export const describeMark = ({ label, rows }: GoldMark, of: number, language: string): string => `${label}: ${counted(rows, language)} (${share(rows, of, language)})`;

const markTotal = (chart: GoldChart): number => chart.marks.reduce((total, { rows }) => total + rows, 0);

/** The whole of which a mark is a share. */
export const totalBehind = (dashboard: GoldDashboard, id: string): number => {
  const chart = chartsOf(dashboard).find(({ marks }) => marks.some((each) => each.id === id));
  return chart ? markTotal(chart) : 0;
};

/** Freshness, as pairs of words. */
function facts({ freshness, total, quality }: GoldDashboard, hasCube: boolean, language: string): readonly (readonly [string, string])[] {
  const time = (text: string | undefined): string => {
    const date = text === undefined ? undefined : new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T').replace(/(\.\d{3})\d+$/, '$1')}Z`);
    return date && !Number.isNaN(date.getTime()) ? new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(date) : (text ?? '–');
  };
  const lag = freshness?.lagSeconds;
  return [
    ...(hasCube ? [[l10n.t('Rows in gold'), total.toLocaleString(language)] as const] : []),
    ...(quality ? [[l10n.t('Accepted'), share(quality.accepted, quality.read, language)] as const] : []),
    ...(freshness ? [
      [l10n.t('Newest row (UTC)'), time(freshness.lastRow)] as const, [l10n.t('Last copied (UTC)'), time(freshness.lastLoaded)] as const,
      [l10n.t('Behind when copied'), lag === undefined ? '–' : lag < 0 ? `−${duration(-lag * 1000, language)}` : duration(lag * 1000, language)] as const, [l10n.t('Batches'), freshness.batches.toLocaleString(language)] as const,
    ] : []),
  ];
}

/** The same as tables: one for each picture. */
export function goldTablesShown(dashboard: GoldDashboard, language = 'en'): readonly PictureTable[] {
  const tableOf = (chart: GoldChart): PictureTable => ({
    caption: chart.title, columns: [l10n.t('Name'), l10n.t('Rows'), l10n.t('Share')],
    rows: chart.marks.map((mark) => ({ thing: mark.id, cells: [mark.label, mark.rows.toLocaleString(language), share(mark.rows, markTotal(chart), language)] })),
  });
  return [
    { caption: l10n.t('In short'), columns: [l10n.t('Name'), l10n.t('Value')], rows: facts(dashboard, dashboard.byClass !== undefined, language).map((cells) => ({ cells })) },
    ...chartsOf(dashboard).map(tableOf),
  ];
}

/** All numbers of the dashboard as CSV: which picture, which mark, how many rows. */
export const goldCsv = (dashboard: GoldDashboard): string =>
  csvText(['visual', 'day_from', 'day_to', 'hour', 'value_class', 'reason', 'rows'].map((name) => ({ name })), chartsOf(dashboard).flatMap(({ id, marks }) => marks.map(({ id: mark, rows, part }) =>
    [id, part.days?.[0] ?? null, part.days?.[1] ?? null, part.hour === undefined ? null : String(part.hour), part.valueClass ?? null, id === 'quality' ? mark.replace(/^quality:/, '') : null, String(rows)])));

export interface GoldSvgOptions {
  readonly colouring?: Colouring;
  readonly language?: string;
  /** Marks are things to open: on a page, not in a file. */
  readonly opens?: boolean;
  /** Said at the top of a picture that stands alone. */
  readonly caption?: string;
}

// Beside a sidebar in a window of 1280 pixels it is still to be read.
const size = { width: 960, margin: 12, gap: 12, tile: 66, title: 34 } as const;

/** A round figure of which few make an axis. */
function stepOf(most: number): number {
  const rough = Math.max(1, most / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough);
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the dashboard. The same data always give the same bytes. */
export function goldSvg(dashboard: GoldDashboard, { colouring = 'theme', language = 'en', opens = false, caption }: GoldSvgOptions = {}): string {
  const colour = paint(colouring);
  const text = (x: number, y: number, content: string, { fill = 'text', anchor = 'start', font = 12, weight = 400 }: { fill?: Colour; anchor?: string; font?: number; weight?: number } = {}): string =>
    `<text x="${Math.round(x * 10) / 10}" y="${Math.round(y * 10) / 10}" font-size="${font}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour(fill)}">${escapeXml(content)}</text>`;
  const whole = size.width - 2 * size.margin;
  const panel = ({ x, y, width, height }: Area, title: string): string =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${colour('node')}" stroke="${colour('border')}"/>${text(x + 14, y + 23, title, { font: 14, weight: 600 })}`;
  const mark = (each: GoldMark, of: number, hit: Area, drawing: string, visible?: string): string => {
    const said = escapeXml(describeMark(each, of, language));
    // What is to be read there is its name, so that who speaks to the machine can say it. The first rectangle shows where one points; it takes the pointer from edge to edge.
    return `<g class="mark"${opens ? ` data-thing="${escapeXml(each.id)}" tabindex="-1" role="button"` : ' role="listitem"'} data-state="${each.rows}" aria-label="${opens && visible !== undefined ? escapeXml(visible) : said}"><title>${said}</title><rect x="${hit.x}" y="${hit.y}" width="${hit.width}" height="${hit.height}" rx="2" fill="${colour('page')}" fill-opacity="0"/>${drawing}</g>`;
  };
  const axis = (area: Area, most: number): { readonly at: (value: number) => number; readonly drawing: string } => {
    const step = stepOf(most);
    const top = Math.ceil(Math.max(1, most) / step) * step;
    const at = (value: number): number => Math.round((area.y + area.height - (value / top) * area.height) * 10) / 10;
    const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
    return { at, drawing: `<g aria-hidden="true">${lines.map((value) => `<path d="M${area.x} ${at(value)}H${area.x + area.width}" stroke="${colour('border')}" stroke-opacity="0.6"/>${text(area.x - 8, at(value) + 4, value.toLocaleString(language), { fill: 'muted', anchor: 'end', font: 11 })}`).join('')}</g>` };
  };
  /** Columns or a line, and below them as many of the labels as there is room for. */
  const upright = (chart: GoldChart, box: Area, isLine: boolean): string => {
    const { marks } = chart;
    const most = Math.max(0, ...marks.map(({ rows }) => rows));
    const left = Math.max(46, widthOf((Math.ceil(most / stepOf(most)) * stepOf(most)).toLocaleString(language), 11) + 26);
    const area = { x: box.x + left, y: box.y + 44, width: box.width - left - 18, height: box.height - 78 };
    const { at, drawing } = axis(area, most);
    const slot = area.width / Math.max(1, marks.length);
    const middle = (index: number): number => Math.round((area.x + slot * (index + 0.5)) * 10) / 10;
    const bottom = area.y + area.height;
    const every = Math.max(1, Math.ceil((Math.max(...marks.map(({ label }) => widthOf(label, 11)), 20) + 18) / slot));
    const of = markTotal(chart);
    const points = marks.map(({ rows }, index) => `${middle(index)} ${at(rows)}`);
    const line = isLine && marks.length > 1 ? `<path d="M${middle(0)} ${bottom}L${points.join('L')}L${middle(marks.length - 1)} ${bottom}Z" fill="${colour('wait')}" fill-opacity="0.16"/><path d="M${points.join('L')}" fill="none" stroke="${colour('wait')}" stroke-width="2" stroke-linejoin="round"/>` : '';
    const dots = marks.length <= 60 ? 3.5 : 0;
    return [
      panel(box, chart.title), drawing, `<g aria-hidden="true">${line}</g>`, `<g role="${opens ? 'group' : 'list'}" aria-label="${escapeXml(chart.title)}">`,
      ...marks.map((each, index) => mark(each, of, { x: Math.round((area.x + slot * index) * 10) / 10, y: area.y, width: Math.round(slot * 10) / 10, height: area.height }, isLine
        ? (marks.length === 1 || dots > 0 ? `<circle cx="${middle(index)}" cy="${at(each.rows)}" r="${dots || 4}" fill="${colour('wait')}"/>` : '')
        : `<rect x="${Math.round((area.x + slot * index + slot * 0.14) * 10) / 10}" y="${at(each.rows)}" width="${Math.round(slot * 0.72 * 10) / 10}" height="${Math.round((bottom - at(each.rows)) * 10) / 10}" rx="2" fill="${colour('wait')}" fill-opacity="0.8"/>`)),
      '</g>', '<g aria-hidden="true">',
      ...marks.flatMap(({ label }, index) => {
        const half = widthOf(label, 11) / 2;
        // One that would stand beyond the edge is left out rather than moved into its neighbour.
        return index % every === 0 && middle(index) - half > box.x + 4 && middle(index) + half < box.x + box.width - 4 ? [text(middle(index), bottom + 19, label, { fill: 'muted', anchor: 'middle', font: 11 })] : [];
      }),
      '</g>',
    ].join('\n');
  };
  /** Bars from the left, each with its number. */
  const lying = (chart: GoldChart, box: Area, fill: (each: GoldMark) => Colour, dimmed: (each: GoldMark) => boolean = () => false): string => {
    const { marks } = chart;
    const most = Math.max(1, ...marks.map(({ rows }) => rows));
    const of = markTotal(chart);
    const told = (each: GoldMark): string => `${each.rows.toLocaleString(language)} · ${share(each.rows, of, language)}`;
    const names = Math.min(230, Math.max(24, ...marks.map(({ label }) => widthOf(label, 12)))) + 14;
    const numbers = Math.max(...marks.map((each) => widthOf(told(each), 12)), 40) + 26;
    const room = box.width - 28 - names - numbers;
    const row = (box.height - 46) / Math.max(1, marks.length);
    const bar = Math.min(20, row * 0.68);
    return [
      panel(box, chart.title), `<g role="${opens ? 'group' : 'list'}" aria-label="${escapeXml(chart.title)}">`,
      ...marks.map((each, index) => {
        const y = box.y + 38 + row * index;
        const width = each.rows === 0 ? 0 : Math.max(2, Math.round((each.rows / most) * room * 10) / 10);
        const x = box.x + 14 + names;
        const font = row < 15 ? 10 : 12;
        const name = wrapped(each.label, font, names - 8, 1)[0] ?? '';
        return mark(each, of, { x: box.x + 8, y: Math.round(y * 10) / 10, width: box.width - 16, height: Math.round(row * 10) / 10 }, [
          text(x - 10, y + row / 2 + 4, name, { anchor: 'end', font }),
          `<rect x="${x}" y="${Math.round((y + (row - bar) / 2) * 10) / 10}" width="${width}" height="${Math.round(bar * 10) / 10}" rx="2" fill="${colour(fill(each))}" fill-opacity="${dimmed(each) ? 0.3 : 0.8}"/>`,
          text(x + width + 8, y + row / 2 + 4, told(each), { fill: 'muted', font }),
        ].join('\n'), `${name} ${told(each)}`);
      }),
      '</g>',
    ].join('\n');
  };
  const parts: string[] = [];
  let y: number = size.margin;
  if (caption !== undefined) {
    parts.push(text(size.margin, y + 16, caption, { font: 15, weight: 600 }));
    y += size.title;
  }
  const told = facts(dashboard, dashboard.byClass !== undefined, language);
  if (told.length > 0) {
    // What says more is wider; letters in bold are, too.
    const font = 15;
    const needs = told.map(([name, value]) => Math.max(90, widthOf(name, 12) + 26, widthOf(value, font) * 1.12 + 24));
    const spare = whole - size.gap * (told.length - 1) - needs.reduce((all, each) => all + each, 0);
    told.forEach(([name, value], index) => {
      const width = (needs[index] ?? 0) + spare / told.length;
      const x = Math.round(size.margin + needs.slice(0, index).reduce((all, each) => all + each + spare / told.length + size.gap, 0));
      parts.push(`<g role="group" aria-label="${escapeXml(`${name}: ${value}`)}"><rect x="${x}" y="${y}" width="${Math.round(width)}" height="${size.tile}" rx="6" fill="${colour('node')}" stroke="${colour('border')}"/>${text(x + 12, y + 23, name, { fill: 'muted', font: 12 })}${text(x + 12, y + 49, value, { font, weight: 600 })}</g>`);
    });
    y += size.tile + size.gap;
  }
  const { overTime: time, byHour, byClass, quality } = dashboard;
  if (time) {
    parts.push(upright(time, { x: size.margin, y, width: whole, height: 210 }, true));
    y += 210 + size.gap;
  }
  if (byHour && byClass) {
    const half = (whole - size.gap) / 2;
    const height = Math.max(210, 60 + byClass.marks.length * 17);
    parts.push(upright(byHour, { x: size.margin, y, width: half, height }, false));
    parts.push(lying(byClass, { x: size.margin + half + size.gap, y, width: half, height }, () => 'wait', ({ label }) => dashboard.chosen !== undefined && label !== dashboard.chosen));
    y += height + size.gap;
  }
  if (quality) {
    const height = 46 + quality.marks.length * 24;
    parts.push(lying(quality, { x: size.margin, y, width: whole, height }, ({ id }) => (id === 'quality:accepted' ? 'good' : 'bad')));
    y += height + size.gap;
  }
  const height = y;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="group" aria-label="${escapeXml(l10n.t('Gold'))}" font-family="${fontOf(colouring)}">`,
    ...(colouring === 'plain' ? [`<rect width="${size.width}" height="${height}" fill="${colour('page')}"/>`] : []),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
