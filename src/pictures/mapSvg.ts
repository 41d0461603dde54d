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
  readonly columns?: number;
  /** How things stand to the step that is shown, instead of states: where nobody looks at an account. */
  readonly roles?: ReadonlyMap<string, MapRole>;
  /** What a screen reader says of it, instead of title and states. */
  readonly title?: string;
  readonly description?: string;
}

export type MapRole = 'current' | 'needed' | 'other';

const roleLooks: Readonly<Record<MapRole, { readonly colour: Colour; readonly width: number; readonly label: () => string }>> = {
  current: { colour: 'focus', width: 3, label: () => l10n.t('This step') },
  needed: { colour: 'focus', width: 1.3, label: () => l10n.t('What it needs') },
  other: { colour: 'border', width: 1.2, label: () => l10n.t('What comes before and after') },
};

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
  missing: { colour: 'line', sign: '○', dash: '5 4', label: () => l10n.t('missing') },
  unknown: { colour: 'line', sign: '?', dash: '1.5 3', label: () => l10n.t('not known') },
  nothing: { colour: 'line', sign: '–', dash: '8 3 2 3', label: () => l10n.t('left out') },
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

/** What stands small below a thing's title. */
function smallOf(node: MapNode, language: string): string {
  const cost = costLabel(node, language);
  // Beside a cost there is no room for what the title says already.
  const both = [cost !== '' && node.title.includes(node.service) ? '' : node.service, cost].filter(Boolean).join(' · ');
  return cost === '' || widthOf(both, 11) <= box.width - 14 ? both : cost;
}

/** A node in one sentence or two, for a screen reader and as a tooltip: it begins with what is to be read on it, so that who speaks to the machine can name it. */
export function describeNode(node: MapNode, language = 'en'): string {
  const { title, finding, step } = node;
  return [
    `${title}, ${smallOf(node, language)}: ${nodeStateLabel(drawnState(node))}.`, l10n.t('Step "{0}".', step), finding?.message, finding?.fix,
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

/** What is drawn without a state: a way, and what stands on something. */
const stateless = { colour: 'line', width: 1.6, label: () => '' } as const;

function drawEdge(edge: MapEdge, { placed }: Layout, language: string, colour: (name: Colour) => string, hasStates: boolean): string {
  const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
  if (!from || !to) {
    return '';
  }
  const look: Omit<Look, 'sign'> & { readonly width: number } = hasStates ? edgeLooks[edge.state] : stateless;
  const { path, middle, upright } = lineOf(from, to);
  const faint = edge.kind === 'needs' && edge.state !== 'broken';
  const titleOf = (id: string): string => placed.get(id)?.node.title ?? id;
  const stroke = `stroke="${colour(look.colour)}" stroke-width="${faint ? 1 : look.width}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}${faint ? ` stroke-opacity="${hasStates ? 0.22 : 0.6}"` : ''}`;
  const parts = [`<path d="${path}" fill="none" stroke-linejoin="round" ${stroke}${faint ? '' : ` marker-end="url(#lake-${hasStates ? edge.state : 'way'})"`}/>`];
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
  return `<g class="edge ${edge.kind}"${opens} data-from="${escapeXml(edge.from)}" data-to="${escapeXml(edge.to)}"${hasStates ? ` data-state="${edge.state}"><title>${escapeXml(describeEdge(edge, titleOf, language))}</title>` : '>'}${parts.join('')}</g>`;
}

/** A thing where nothing is known of its state: by how it stands to the step that is shown. */
function drawPart({ node, x, y }: Placed, role: MapRole, colour: (name: Colour) => string): string {
  const look = roleLooks[role];
  return [
    '<g>',
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${colour(role === 'other' ? 'page' : 'node')}" stroke="${colour(look.colour)}" stroke-width="${look.width}"/>`,
    ...wrapped(node.title, 13.4, box.width - 18, 3).map((line, index) => `<text x="${x + 8}" y="${y + 18 + index * 14.5}" font-size="12" font-weight="${role === 'current' ? 700 : 600}" fill="${colour(role === 'other' ? 'muted' : 'text')}">${escapeXml(line)}</text>`),
    `<text x="${x + 8}" y="${y + box.height - 8}" font-size="11" fill="${colour('muted')}">${escapeXml(node.service)}</text>`,
    '</g>',
  ].join('');
}

function drawNode({ node, x, y }: Placed, language: string, colour: (name: Colour) => string): string {
  const drawn = drawnState(node);
  const look = nodeLooks[drawn];
  const faint = ['missing', 'unknown', 'nothing'].includes(drawn);
  const strong = drawn === 'wrong' || drawn === 'running' ? 2.4 : faint ? 1.2 : 1.8;
  // Bold, so wider than its size says; the sign of the state stands beside the first line.
  const lines = wrapped(node.title, 13.4, box.width - 32, 3);
  const small = smallOf(node, language);
  const description = escapeXml(describeNode(node, language));
  return [
    `<g class="node" data-thing="${escapeXml(node.id)}" role="button" tabindex="-1" id="node-${escapeXml(node.id)}" data-node="${escapeXml(node.id)}" data-state="${drawn}" aria-label="${description}"><title>${description}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${colour(faint && drawn !== 'nothing' ? 'page' : 'node')}" stroke="${colour(look.colour)}" stroke-width="${strong}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/>`,
    ...lines.map((line, index) => `<text x="${x + 8}" y="${y + 18 + index * 14.5}" font-size="12" font-weight="600" fill="${colour(faint ? 'muted' : 'text')}">${escapeXml(line)}</text>`),
    `<text x="${x + 8}" y="${y + box.height - 8}" font-size="11" fill="${colour('muted')}">${escapeXml(wrapped(small, 11, box.width - 14, 1)[0] ?? '')}</text>`,
    `<text x="${x + box.width - 9}" y="${y + 18}" font-size="14" font-weight="700" text-anchor="end"${drawn === 'running' ? ' class="runs"' : ''} fill="${colour(look.colour === 'line' ? 'muted' : look.colour)}">${look.sign}</text>`,
    '</g>',
  ].join('\n');
}

function drawLegend(map: LakeMap, layout: Layout, colour: (name: Colour) => string, roles: ReadonlyMap<string, MapRole> | undefined): { readonly parts: readonly string[]; readonly height: number } {
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
  if (roles) {
    const used = new Set(roles.values());
    const parts = (Object.keys(roleLooks) as MapRole[]).filter((role) => used.size > 1 && used.has(role)).map((role) => {
      const look = roleLooks[role];
      const here = place(widthOf(look.label(), 12) + 52);
      return `<rect x="${here.x}" y="${here.y - 7}" width="22" height="14" rx="3" fill="none" stroke="${colour(look.colour)}" stroke-width="${look.width}"/>${label(look.label(), here.x + 30, here.y)}`;
    });
    return { parts, height: parts.length > 0 ? y + 16 - layout.height : 0 };
  }
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
export function mapSvg(map: LakeMap, { colouring = 'theme', language = 'en', caption, columns, roles, title: own, description }: MapSvgOptions = {}): string {
  const colour = paint(colouring);
  const layout = layOut(map, columns);
  const legend = drawLegend(map, layout, colour, roles);
  const height = layout.height + legend.height + (caption ? 20 : 0);
  const states = (Object.keys(nodeLooks) as DrawnState[]).flatMap((state) => {
    const how = map.nodes.filter((node) => drawnState(node) === state).length;
    return how > 0 ? [`${nodeStateLabel(state)}: ${how}`] : [];
  });
  const title = own ?? l10n.t('Lake map: {0}', map.title);
  // What is broken lies above all other lines.
  const order = ({ kind, state }: MapEdge): number => (state === 'broken' ? 2 : kind === 'flow' ? 1 : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" role="${roles ? 'img' : 'group'}" aria-labelledby="lake-title lake-summary" font-family="${fontOf(colouring)}">`,
    `<title id="lake-title">${escapeXml(title)}</title>`,
    `<desc id="lake-summary">${escapeXml(description ?? states.join('; '))}</desc>`,
    '<defs>',
    ...(roles ? [['way', stateless.colour] as const] : (Object.keys(edgeLooks) as EdgeState[]).map((state) => [state, edgeLooks[state].colour] as const))
      .map(([id, fill]) => `<marker id="lake-${id}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour(fill)}"/></marker>`),
    '</defs>',
    ...(colouring === 'plain' ? [`<rect width="${layout.width}" height="${height}" fill="${colour('page')}"/>`] : []),
    '<g aria-hidden="true">',
    ...layout.bands.map(({ layer, y, height: tall }) => `<rect x="4" y="${y}" width="${layout.width - 8}" height="${tall}" rx="8" fill="none" stroke="${colour('border')}" stroke-opacity="0.6"/><text x="${box.margin}" y="${y + 14}" font-size="11.5" fill="${colour('muted')}">${escapeXml(layerTitle(layer))}</text>`),
    '</g>',
    '<g class="edges">',
    ...[...map.edges].sort((one, other) => order(one) - order(other)).map((edge) => drawEdge(edge, layout, language, colour, roles === undefined)),
    '</g>',
    '<g class="nodes">',
    ...[...layout.placed.values()].map((placed) => (roles ? drawPart(placed, roles.get(placed.node.id) ?? 'other', colour) : drawNode(placed, language, colour))),
    '</g>',
    '<g class="legend" aria-hidden="true">',
    ...legend.parts,
    '</g>',
    ...(caption ? [`<text x="${box.margin}" y="${height - 8}" font-size="11.5" fill="${colour('muted')}">${escapeXml(caption)}</text>`] : []),
    '</svg>',
    '',
  ].join('\n');
}
