import * as l10n from '@vscode/l10n';
import type { StepState } from '../provision/verify.ts';
import { layerTitle, type EdgeState, type LakeMap, type MapEdge, type MapNode } from './lakeMap.ts';
import { box, layOut, type Layout, type Placed } from './layout.ts';
import { fontOf, paint, widthOf, wrapped, type Colour, type Colouring } from './svg.ts';
import { escapeXml } from '../xml.ts';

export interface MapSvgOptions {
  readonly colouring?: Colouring;
  /** BCP 47, for numbers. */
  readonly language?: string;
  /** What is under the map: when and where it was looked at. */
  readonly caption?: string;
}

interface Look {
  readonly colour: Colour;
  /** One sign that says the same without its colour. */
  readonly sign: string;
  readonly dash?: string;
  readonly label: () => string;
}

/** A state as it is drawn: what is under way looks so, whatever it was before. */
type DrawnState = StepState | 'running';

const nodeLooks: Readonly<Record<DrawnState, Look>> = {
  done: { colour: 'good', sign: '✓', label: () => l10n.t('done') },
  running: { colour: 'wait', sign: '▶', label: () => l10n.t('under way') },
  waiting: { colour: 'wait', sign: '…', label: () => l10n.t('made, its result is still to come') },
  wrong: { colour: 'bad', sign: '!', label: () => l10n.t('wrong') },
  missing: { colour: 'border', sign: '○', dash: '5 4', label: () => l10n.t('missing') },
  unknown: { colour: 'border', sign: '?', dash: '1.5 3', label: () => l10n.t('not known') },
  nothing: { colour: 'border', sign: '–', dash: '8 3 2 3', label: () => l10n.t('left out') },
};

const edgeLooks: Readonly<Record<EdgeState, Omit<Look, 'sign'> & { readonly width: number }>> = {
  open: { colour: 'good', width: 2, label: () => l10n.t('open') },
  waiting: { colour: 'wait', width: 1.8, label: () => l10n.t('nothing has passed yet') },
  broken: { colour: 'bad', width: 2.6, label: () => l10n.t('something between is missing or wrong') },
  missing: { colour: 'line', width: 1.3, dash: '5 4', label: () => l10n.t('one end is not there') },
  unknown: { colour: 'line', width: 1.3, dash: '1.5 3', label: () => l10n.t('not known') },
};

/** What a node's state is called. */
export const nodeStateLabel = (state: DrawnState): string => nodeLooks[state].label();
/** What an edge's state is called. */
export const edgeStateLabel = (state: EdgeState): string => edgeLooks[state].label();
/** How a node is drawn. */
export const drawnState = ({ state, running }: Pick<MapNode, 'state' | 'running'>): DrawnState => (running ? 'running' : state);
/** A state as one sign of text. */
export const nodeStateSign = (state: StepState): string => nodeLooks[state].sign;

/** A figure as it has room: all of it, while it is not too long. */
const figure = (value: number, language: string): string => new Intl.NumberFormat(language, { notation: value < 1_000_000 ? 'standard' : 'compact' }).format(value);
/** What has come a way. */
const passed = ({ count, newest, objects }: Pick<MapEdge, 'count' | 'newest' | 'objects'>, language: string, brief = false): string[] => [
  ...(count === undefined ? [] : [count === 1 ? l10n.t('1 row') : l10n.t('{0} rows', figure(count, language))]),
  ...(newest === undefined ? [] : [brief ? l10n.t('+{0} rows', figure(newest, language)) : l10n.t('{0} rows in the newest batch', figure(newest, language))]),
  ...(objects === undefined ? [] : [objects === 1 ? l10n.t('1 object') : l10n.t('{0} objects', figure(objects, language))]),
];

/** What has come a way, in words; empty where it is not known. */
export const describeCount = (edge: Pick<MapEdge, 'count' | 'newest' | 'objects'>, language = 'en'): string => passed(edge, language).join(', ');

/** What is charged for a node, in words; empty where nothing is. */
export function costLabel({ perHour, perRun }: Pick<MapNode, 'perHour' | 'perRun'>, language = 'en'): string {
  const figure = (value: number): string => new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(value);
  return [...(perHour === undefined ? [] : [`${figure(perHour)} USD/h`]), ...(perRun === undefined ? [] : [l10n.t('{0} USD/run', figure(perRun))])].join(' · ');
}

/** A node in one sentence or two, for a screen reader and as a tooltip. */
export function describeNode(node: MapNode, language = 'en'): string {
  const { title, service, finding, step } = node;
  return [
    `${title} (${service}): ${nodeStateLabel(drawnState(node))}.`, l10n.t('Step "{0}".', step), costLabel(node, language), finding?.message, finding?.fix,
  ].filter(Boolean).join(' ');
}

/** An edge in a sentence. */
export function describeEdge(edge: MapEdge, titleOf: (id: string) => string, language = 'en'): string {
  const ends = edge.kind === 'flow' ? `${titleOf(edge.from)} → ${titleOf(edge.to)}` : l10n.t('{0} stands on {1}', titleOf(edge.to), titleOf(edge.from));
  return [`${ends}: ${edgeStateLabel(edge.state)}.`, describeCount(edge, language).replace(/.$/, '$&.'), edge.finding?.message, edge.finding?.fix].filter(Boolean).join(' ');
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Line {
  readonly path: string;
  readonly middle: Point;
  /** It goes straight down or up: what is said of it stands beside it. */
  readonly upright?: true;
}

const at = (x: number, y: number): Point => ({ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 });
const say = ({ x, y }: Point): string => `${x} ${y}`;

/** The way of a line between two boxes: straight to the neighbour, else by the gaps between the rows, where no box is. */
function lineOf(from: Placed, to: Placed): Line {
  const centre = (placed: Placed): Point => at(placed.x + box.width / 2, placed.y + box.height / 2);
  const [a, b] = [centre(from), centre(to)];
  if (from.row === to.row && Math.abs(from.column - to.column) === 1) {
    const right = to.column > from.column;
    const [start, end] = [at(from.x + (right ? box.width : 0), a.y), at(to.x + (right ? -3 : box.width + 3), b.y)];
    return { path: `M${say(start)}L${say(end)}`, middle: at((start.x + end.x) / 2, start.y) };
  }
  if (from.row === to.row) {
    const y = from.y - 13;
    const [start, end] = [at(a.x + 22, from.y), at(b.x - 22, to.y - 3)];
    return { path: `M${say(start)}V${y}H${end.x}V${end.y}`, middle: at((start.x + end.x) / 2, y) };
  }
  const down = to.row > from.row;
  const startY = down ? from.y + box.height : from.y;
  const endY = down ? to.y - 3 : to.y + box.height + 3;
  if (Math.abs(to.row - from.row) === 1 && from.column === to.column) {
    const x = a.x;
    return { path: `M${say(at(x, startY))}L${say(at(x, endY))}`, middle: at(x, (startY + endY) / 2), upright: true };
  }
  if (Math.abs(to.row - from.row) === 1) {
    const right = b.x > a.x;
    const [startX, endX] = [a.x + (right ? 34 : -34), b.x - (right ? 34 : -34)];
    const y = down ? to.y - 30 : from.y - 14;
    return { path: `M${say(at(startX, startY))}V${y}H${endX}V${endY}`, middle: at((startX + endX) / 2, y) };
  }
  // Through the gap beside the target's column, between the rows.
  const [outY, inY] = down ? [from.y + box.height + 12, to.y - 25] : [from.y - 13, to.y + box.height + 12];
  const side = to.x + (b.x > a.x || to.column === 0 ? box.width + box.gapX / 2 : -box.gapX / 2);
  return { path: `M${say(at(a.x, startY))}V${outY}H${side}V${inY}H${b.x}V${endY}`, middle: at(side, (outY + inY) / 2) };
}

/** What a way is called among the things of a picture. */
export const edgeId = ({ from, to }: Pick<MapEdge, 'from' | 'to'>): string => `${from}>${to}`;

function drawEdge(edge: MapEdge, { placed }: Layout, language: string, colour: (name: Colour) => string): string {
  const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
  if (!from || !to) {
    return '';
  }
  const look = edgeLooks[edge.state];
  const { path, middle, upright } = lineOf(from, to);
  const faint = edge.kind === 'needs' && edge.state !== 'broken';
  const titleOf = (id: string): string => placed.get(id)?.node.title ?? id;
  const stroke = `stroke="${colour(look.colour)}" stroke-width="${faint ? 1 : look.width}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}${faint ? ' stroke-opacity="0.22"' : ''}`;
  const parts = [`<path d="${path}" fill="none" stroke-linejoin="round" ${stroke}${faint ? '' : ` marker-end="url(#lake-${edge.state})"`}/>`];
  if (edge.state === 'broken') {
    parts.push(`<path d="M${middle.x - 5} ${middle.y - 5}l10 10M${middle.x + 5} ${middle.y - 5}l-10 10" stroke="${colour('page')}" stroke-width="5"/>`, `<path d="M${middle.x - 5} ${middle.y - 5}l10 10M${middle.x + 5} ${middle.y - 5}l-10 10" stroke="${colour('bad')}" stroke-width="2.6"/>`);
  } else {
    const lines = passed(edge, language, true);
    const width = Math.max(0, ...lines.map((line) => widthOf(line, 11))) + 10;
    const top = middle.y - lines.length * 7 - 2;
    const left = upright ? middle.x + 3 : middle.x - width / 2;
    parts.push(...(lines.length > 0 ? [`<rect x="${at(left, 0).x}" y="${at(0, top).y}" width="${at(width, 0).x}" height="${lines.length * 14 + 2}" rx="4" fill="${colour('page')}"/>`] : []));
    parts.push(...lines.map((line, index) => `<text x="${at(left + width / 2, 0).x}" y="${at(0, top + 11.5 + index * 14).y}" font-size="11" text-anchor="middle" fill="${colour('text')}">${escapeXml(line)}</text>`));
  }
  // Where it fails is something to open, like a thing.
  const opens = edge.state === 'broken' ? ` data-thing="${escapeXml(edgeId(edge))}" role="button" tabindex="-1" aria-label="${escapeXml(describeEdge(edge, titleOf, language))}"` : '';
  return `<g class="edge ${edge.kind}"${opens} data-from="${escapeXml(edge.from)}" data-to="${escapeXml(edge.to)}" data-state="${edge.state}"><title>${escapeXml(describeEdge(edge, titleOf, language))}</title>${parts.join('')}</g>`;
}

function drawNode({ node, x, y }: Placed, language: string, colour: (name: Colour) => string): string {
  const drawn = drawnState(node);
  const look = nodeLooks[drawn];
  const faint = ['missing', 'unknown', 'nothing'].includes(drawn);
  const strong = drawn === 'wrong' || drawn === 'running' ? 2.4 : faint ? 1.2 : 1.8;
  const cost = costLabel(node, language);
  // Bold, so wider than its size says; the sign of the state stands beside the first line.
  const lines = wrapped(node.title, 13.4, box.width - 32, 3);
  // Beside a cost there is no room for what the title says already.
  const both = [cost !== '' && node.title.includes(node.service) ? '' : node.service, cost].filter(Boolean).join(' · ');
  const small = cost === '' || widthOf(both, 11) <= box.width - 14 ? both : cost;
  const description = escapeXml(describeNode(node, language));
  return [
    `<g class="node" data-thing="${escapeXml(node.id)}" role="button" tabindex="-1" id="node-${escapeXml(node.id)}" data-node="${escapeXml(node.id)}" data-state="${drawn}" aria-label="${description}"><title>${description}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${colour(faint && drawn !== 'nothing' ? 'page' : 'node')}" stroke="${colour(look.colour)}" stroke-width="${strong}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/>`,
    ...lines.map((line, index) => `<text x="${x + 8}" y="${y + 18 + index * 14.5}" font-size="12" font-weight="600" fill="${colour(faint ? 'muted' : 'text')}">${escapeXml(line)}</text>`),
    `<text x="${x + 8}" y="${y + box.height - 8}" font-size="11" fill="${colour('muted')}">${escapeXml(wrapped(small, 11, box.width - 14, 1)[0] ?? '')}</text>`,
    `<text x="${x + box.width - 9}" y="${y + 18}" font-size="14" font-weight="700" text-anchor="end"${drawn === 'running' ? ' class="runs"' : ''} fill="${colour(look.colour === 'border' ? 'muted' : look.colour)}">${look.sign}</text>`,
    '</g>',
  ].join('');
}

function drawLegend(map: LakeMap, layout: Layout, colour: (name: Colour) => string): { readonly parts: readonly string[]; readonly height: number } {
  const shown = new Set(map.nodes.map(drawnState));
  const ways = new Set(map.edges.filter(({ kind, state }) => kind === 'flow' || state === 'broken').map(({ state }) => state));
  let x: number = box.margin;
  let y = layout.height + 16;
  const place = (width: number): Point => {
    if (x + width > layout.width - box.margin) {
      x = box.margin;
      y += 22;
    }
    const here = at(x, y);
    x += width;
    return here;
  };
  const label = (text: string, left: number, top: number): string => `<text x="${left}" y="${top + 4}" font-size="12" fill="${colour('text')}">${escapeXml(text)}</text>`;
  const nodes = (Object.keys(nodeLooks) as DrawnState[]).filter((state) => shown.has(state)).map((state) => {
    const look = nodeLooks[state];
    const here = place(widthOf(look.label(), 12) + 46);
    return `<rect x="${here.x}" y="${here.y - 7}" width="22" height="14" rx="3" fill="none" stroke="${colour(look.colour)}" stroke-width="1.6"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/><text x="${here.x + 11}" y="${here.y + 4}" font-size="11" text-anchor="middle" fill="${colour('text')}">${look.sign}</text>${label(look.label(), here.x + 28, here.y)}`;
  });
  const lines = (Object.keys(edgeLooks) as EdgeState[]).filter((state) => ways.has(state)).map((state) => {
    const look = edgeLooks[state];
    const here = place(widthOf(look.label(), 12) + 54);
    return `<path d="M${here.x} ${here.y}h28" fill="none" stroke="${colour(look.colour)}" stroke-width="${look.width}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''} marker-end="url(#lake-${state})"/>${label(look.label(), here.x + 36, here.y)}`;
  });
  return { parts: [...nodes, ...lines], height: y + 16 - layout.height };
}

/** Draws a map. The same map, language and colouring always give the same bytes. */
export function mapSvg(map: LakeMap, { colouring = 'theme', language = 'en', caption }: MapSvgOptions = {}): string {
  const colour = paint(colouring);
  const layout = layOut(map);
  const legend = drawLegend(map, layout, colour);
  const height = layout.height + legend.height + (caption ? 20 : 0);
  const states = (Object.keys(nodeLooks) as DrawnState[]).flatMap((state) => {
    const how = map.nodes.filter((node) => drawnState(node) === state).length;
    return how > 0 ? [`${nodeStateLabel(state)}: ${how}`] : [];
  });
  const title = l10n.t('Lake map: {0}', map.title);
  // What is broken lies above all other lines.
  const order = ({ kind, state }: MapEdge): number => (state === 'broken' ? 2 : kind === 'flow' ? 1 : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" role="group" aria-labelledby="lake-title lake-summary" font-family="${fontOf(colouring)}">`,
    `<title id="lake-title">${escapeXml(title)}</title>`,
    `<desc id="lake-summary">${escapeXml(states.join('; '))}</desc>`,
    '<defs>',
    ...(Object.keys(edgeLooks) as EdgeState[]).map((state) => `<marker id="lake-${state}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour(edgeLooks[state].colour)}"/></marker>`),
    '</defs>',
    ...(colouring === 'plain' ? [`<rect width="${layout.width}" height="${height}" fill="${colour('page')}"/>`] : []),
    '<g aria-hidden="true">',
    ...layout.bands.map(({ layer, y, height: tall }) => `<rect x="4" y="${y}" width="${layout.width - 8}" height="${tall}" rx="8" fill="none" stroke="${colour('border')}" stroke-opacity="0.6"/><text x="${box.margin}" y="${y + 14}" font-size="11.5" fill="${colour('muted')}">${escapeXml(layerTitle(layer))}</text>`),
    '</g>',
    '<g class="edges">',
    ...[...map.edges].sort((one, other) => order(one) - order(other)).map((edge) => drawEdge(edge, layout, language, colour)),
    '</g>',
    '<g class="nodes">',
    ...[...layout.placed.values()].map((placed) => drawNode(placed, language, colour)),
    '</g>',
    '<g class="legend" aria-hidden="true">',
    ...legend.parts,
    '</g>',
    ...(caption ? [`<text x="${box.margin}" y="${height - 8}" font-size="11.5" fill="${colour('muted')}">${escapeXml(caption)}</text>`] : []),
    '</svg>',
    '',
  ].join('\n');
}
