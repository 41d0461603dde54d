import * as l10n from '@vscode/l10n';
import type { RunGraph, RunNode, RunState, RunTrigger } from '../aws/workflows.ts';
import { duration } from './runChart.ts';
import { fontOf, paint, wrapped, type Colour, type Colouring } from './svg.ts';
import { escapeXml } from '../xml.ts';

// A run as the graph that AWS gives: triggers, and the crawlers and jobs that they start, from left to right.

export interface DrawnGraph extends RunGraph {
  readonly nodes: readonly RunNode[];
}

interface Spot {
  readonly id: string;
  readonly column: number;
  readonly row: number;
  readonly part?: RunNode;
  readonly trigger?: RunTrigger;
}

/** Columns by what comes before, rows as near as may be to what comes before; a graph that runs in circles ends too. */
export function placeGraph({ nodes, triggers, edges }: DrawnGraph): Spot[] {
  const ids = [...triggers.map(({ id }) => id), ...nodes.map(({ id }) => id)];
  const before = new Map(ids.map((id) => [id, edges.filter(({ from, to }) => to === id && ids.includes(from)).map(({ from }) => from)]));
  const columns = new Map<string, number>();
  const columnOf = (id: string, path: ReadonlySet<string>): number => {
    const known = columns.get(id);
    if (known !== undefined) {
      return known;
    }
    const column = Math.max(-1, ...(before.get(id) ?? []).filter((each) => !path.has(each)).map((each) => columnOf(each, new Set([...path, id])))) + 1;
    columns.set(id, column);
    return column;
  };
  ids.forEach((id) => columnOf(id, new Set()));
  const rows = new Map<string, number>();
  const spots: Spot[] = [];
  for (let column = 0; column <= Math.max(-1, ...columns.values()); column++) {
    const here = ids.filter((id) => columns.get(id) === column);
    const wish = (id: string): number => {
      const above = (before.get(id) ?? []).flatMap((each) => rows.get(each) ?? []);
      return above.length > 0 ? above.reduce((sum, each) => sum + each, 0) / above.length : 0;
    };
    let next = 0;
    for (const id of [...here].sort((one, other) => wish(one) - wish(other))) {
      const row = Math.max(next, Math.round(wish(id)));
      next = row + 1;
      rows.set(id, row);
      const [part, trigger] = [nodes.find((each) => each.id === id), triggers.find((each) => each.id === id)];
      spots.push({ id, column, row, ...(part && { part }), ...(trigger && { trigger }) });
    }
  }
  return spots;
}

const box = { part: 156, trigger: 104, height: 58, gapX: 28, gapY: 20, margin: 14, top: 14 } as const;

interface Look {
  readonly colour: Colour;
  readonly sign: string;
  readonly dash?: string;
  readonly label: () => string;
}

const looks: Readonly<Record<RunState, Look>> = {
  waiting: { colour: 'line', sign: '○', dash: '5 4', label: () => l10n.t('waiting for its turn') },
  running: { colour: 'wait', sign: '▶', label: () => l10n.t('running') },
  stopping: { colour: 'warn', sign: '■', dash: '2 2', label: () => l10n.t('stopping') },
  succeeded: { colour: 'good', sign: '✓', label: () => l10n.t('succeeded') },
  failed: { colour: 'bad', sign: '✗', label: () => l10n.t('failed') },
  stopped: { colour: 'warn', sign: '■', label: () => l10n.t('stopped') },
  unknown: { colour: 'line', sign: '?', dash: '1.5 3', label: () => l10n.t('state unknown') },
};

/** What a part's state is called. */
export const runStateLabel = (state: RunState): string => looks[state].label();

/** What a trigger waits for, in a word or two. Of one thing alone, any and all are the same. */
export function triggerLabel({ id, type, waitsFor }: Pick<RunTrigger, 'id' | 'type' | 'waitsFor'>, edges: RunGraph['edges']): string {
  const several = edges.filter(({ to }) => to === id).length > 1;
  const labels: Readonly<Record<RunTrigger['type'], () => string>> = {
    schedule: () => l10n.t('Schedule'), demand: () => l10n.t('On demand'), event: () => l10n.t('Event'),
    condition: () => (!several ? l10n.t('Trigger') : waitsFor === 'any' ? l10n.t('After ANY') : l10n.t('After ALL')),
  };
  return labels[type]();
}

/** How long a part has run, its newest attempt. */
export const tookOf = ({ attempts: [newest] }: Pick<RunNode, 'attempts'>, now: number): number | undefined =>
  newest?.started && Math.max(0, (newest.ended?.getTime() ?? now) - newest.started.getTime());

/** A name without the name of its workflow. */
export const shortName = (name: string, workflow: string): string => (name.startsWith(`${workflow}-`) && name.slice(workflow.length + 1)) || name;

export interface RunGraphOptions {
  readonly workflow: string;
  readonly colouring?: Colouring;
  readonly language?: string;
  /** Milliseconds since the epoch: how long what runs has run. */
  readonly now: number;
}

/** Draws a run's graph. The same graph and time always give the same bytes. */
export function runGraphSvg(graph: DrawnGraph, { workflow, colouring = 'theme', language = 'en', now }: RunGraphOptions): string {
  const colour = paint(colouring);
  const spots = placeGraph(graph);
  const columns = Math.max(0, ...spots.map(({ column }) => column + 1));
  const widths = Array.from({ length: columns }, (_, column) => (spots.some((spot) => spot.column === column && spot.part) ? box.part : box.trigger));
  const left = (column: number): number => box.margin + widths.slice(0, column).reduce((sum, width) => sum + width + box.gapX, 0);
  const rows = Math.max(1, ...spots.map(({ row }) => row + 1));
  const width = Math.max(1240, left(columns) - box.gapX + box.margin);
  const height = box.top + rows * box.height + (rows - 1) * box.gapY + box.margin;
  const stateOf = (id: string): RunState => {
    const part = graph.nodes.find((each) => each.id === id);
    if (part) {
      return part.state;
    }
    // A trigger has done its work when what it starts has begun.
    const started = graph.edges.filter(({ from }) => from === id).map(({ to }) => graph.nodes.find((each) => each.id === to)?.attempts.length ?? 0);
    return started.some((attempts) => attempts > 0) ? 'succeeded' : 'waiting';
  };
  const at = new Map(spots.map((spot) => {
    const own = spot.part ? box.part : box.trigger;
    const x = left(spot.column) + ((widths[spot.column] ?? own) - own) / 2;
    return [spot.id, { x, y: box.top + spot.row * (box.height + box.gapY), width: own }] as const;
  }));
  const text = (x: number, y: number, content: string, { fill = 'text', size = 12, weight = 400, anchor = 'start', more = '' }: { fill?: Colour; size?: number; weight?: number; anchor?: string; more?: string } = {}): string =>
    `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour(fill)}"${more}>${escapeXml(content)}</text>`;
  const drawEdge = ({ from, to }: { readonly from: string; readonly to: string }): string => {
    const [a, b] = [at.get(from), at.get(to)];
    if (!a || !b) {
      return '';
    }
    const passed = stateOf(from) === 'succeeded' && stateOf(to) !== 'waiting';
    const failed = stateOf(from) === 'failed' || stateOf(from) === 'stopped';
    const [y1, y2] = [a.y + box.height / 2, b.y + box.height / 2];
    const [x1, x2] = [a.x + a.width, b.x - 3];
    const middle = Math.round((x1 + x2) / 2);
    const kind = passed ? 'good' : failed ? 'bad' : 'line';
    return `<path class="edge" d="${y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}H${middle}V${y2}H${x2}`}" fill="none" stroke="${colour(kind)}" stroke-width="${passed ? 2 : 1.3}"${passed ? '' : ' stroke-dasharray="5 4"'} marker-end="url(#run-${kind})"/>`;
  };
  const drawTrigger = (trigger: RunTrigger, { x, y }: { readonly x: number; readonly y: number }): string => {
    const state = stateOf(trigger.id);
    const top = y + 9;
    const label = `${triggerLabel(trigger, graph.edges)} ${shortName(trigger.name, workflow)}${trigger.schedule ? `: ${trigger.schedule}` : ''}`;
    return [
      `<g class="trigger" role="button" tabindex="-1" data-thing="trigger:${escapeXml(trigger.name)}" data-state="${state}" aria-label="${escapeXml(label)}"><title>${escapeXml(label)}</title>`,
      `<rect x="${x}" y="${top}" width="${box.trigger}" height="40" rx="20" fill="${colour('page')}" stroke="${colour(state === 'succeeded' ? 'good' : 'line')}" stroke-width="1.4"${state === 'succeeded' ? '' : ' stroke-dasharray="5 4"'}/>`,
      text(x + box.trigger / 2, top + 17, triggerLabel(trigger, graph.edges), { size: 11.5, weight: 600, anchor: 'middle' }),
      text(x + box.trigger / 2, top + 31, wrapped(shortName(trigger.name, workflow), 10.5, box.trigger - 22, 1)[0] ?? '', { size: 10.5, fill: 'muted', anchor: 'middle' }),
      '</g>',
    ].join('\n');
  };
  const drawPart = (part: RunNode, { x, y }: { readonly x: number; readonly y: number }): string => {
    const look = looks[part.state];
    const took = tookOf(part, now);
    const [newest] = part.attempts;
    const about = [
      part.type === 'crawler' ? l10n.t('crawler') : l10n.t('job'),
      ...(took === undefined ? [] : [duration(took, language)]), ...(part.attempts.length > 1 ? [l10n.t('{0} attempts', part.attempts.length)] : []),
    ].join(' · ');
    const label = escapeXml(`${shortName(part.name, workflow)}, ${about}: ${runStateLabel(part.state)}.${newest?.error ? ` ${newest.error}` : ''}`);
    const strong = part.state === 'failed' || part.state === 'running' ? 2.4 : part.state === 'waiting' ? 1.2 : 1.8;
    return [
      `<g class="part" role="button" tabindex="-1" data-thing="part:${escapeXml(part.name)}" data-state="${part.state}" aria-label="${label}"><title>${label}</title>`,
      `<rect x="${x}" y="${y}" width="${box.part}" height="${box.height}" rx="6" fill="${colour(part.state === 'waiting' ? 'page' : 'node')}" stroke="${colour(look.colour)}" stroke-width="${strong}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/>`,
      text(x + 10, y + 24, wrapped(shortName(part.name, workflow), 13.5, box.part - 38, 1)[0] ?? '', { weight: 600, size: 12.5, fill: part.state === 'waiting' ? 'muted' : 'text' }),
      text(x + 10, y + 44, wrapped(about, 11, box.part - 18, 1)[0] ?? '', { size: 11, fill: 'muted' }),
      text(x + box.part - 10, y + 24, look.sign, { size: 14, weight: 700, anchor: 'end', fill: look.colour === 'line' ? 'muted' : look.colour, more: part.state === 'running' ? ' class="runs"' : '' }),
      '</g>',
    ].join('\n');
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${escapeXml(l10n.t('Graph of the run'))}" font-family="${fontOf(colouring)}">`,
    '<defs>',
    ...(['good', 'bad', 'line'] as const).map((kind) => `<marker id="run-${kind}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour(kind)}"/></marker>`),
    '</defs>',
    ...(colouring === 'plain' ? [`<rect width="${width}" height="${height}" fill="${colour('page')}"/>`] : []),
    '<g class="edges">', ...graph.edges.map(drawEdge), '</g>',
    '<g class="nodes">', ...spots.map(({ id, part, trigger }) => {
      const here = at.get(id);
      return here && part ? drawPart(part, here) : here && trigger ? drawTrigger(trigger, here) : '';
    }), '</g>',
    '</svg>',
    '',
  ].join('\n');
}

