// Draws the lake as a map, one picture for each step: what the step makes, what that needs, and what is still to come.
// A webview shows it under a policy that forbids styles, so colours are presentation attributes with the theme's variables.

import { mapTexts } from '../src/editor/manifestTexts.ts';

/** Where a step stands on the map (column, row), and the service behind it, or the zones that it is drawn as. `groups` below are drawn round the places. */
const places = {
  account: { at: [0, 0], service: 'STS' },
  'admin-user': { at: [1, 0], service: 'IAM' },
  'lake-admin': { at: [2, 0], service: 'Lake Formation' },
  'workflow-role': { at: [3, 0], service: 'IAM' },
  'source-database': { at: [0, 1], service: 'EC2' },
  inserter: { at: [1, 1], service: 'Lambda' },
  schedule: { at: [2, 1], service: 'EventBridge' },
  teardown: { at: [3, 1], service: 'AWS' },
  rows: { at: [0, 2], service: 'random_data' },
  endpoint: { at: [1, 2], service: 'VPC endpoint' },
  connection: { at: [0, 3], service: 'Glue' },
  ingest: { at: [1, 3], service: 'Glue' },
  refine: { at: [2, 3], service: 'Glue' },
  aggregate: { at: [3, 3], service: 'Glue' },
  bucket: { at: [0, 4], service: 'S3' },
  zones: { at: [1, 4], tiles: [
    { at: [1, 4], zone: 'bronze' },
    { at: [2, 4], zone: 'silver' },
    { at: [3, 4], zone: 'gold' },
  ] },
  'lake-location': { at: [0, 5], service: 'Lake Formation' },
  'lake-database': { at: [1, 5], service: 'Glue' },
  visualize: { at: [3, 5], service: 'Athena' },
};

const groups = [
  { columns: [0, 3], rows: [0, 0], text: mapTexts.groups.identity },
  { columns: [0, 1], rows: [1, 2], text: mapTexts.groups.network },
  { columns: [0, 3], rows: [3, 3], text: mapTexts.groups.workflow },
  { columns: [0, 3], rows: [4, 4], text: mapTexts.groups.storage },
  { columns: [0, 1], rows: [5, 5], text: mapTexts.groups.catalog },
];

/** The way of the data, from place to place. */
const flow = [
  [[2, 1], [1, 1]], [[1, 1], [0, 1]], [[0, 1], [0, 2]], [[0, 2], [0, 3]], [[0, 3], [1, 3]],
  [[1, 3], [1, 4]], [[1, 4], [2, 3]], [[2, 3], [2, 4]], [[2, 4], [3, 3]], [[3, 3], [3, 4]], [[3, 4], [3, 5]],
];

// Contrast themes draw by borders alone, so theirs come first.
const colour = {
  text: 'var(--vscode-editor-foreground, #3b3b3b)',
  muted: 'var(--vscode-descriptionForeground, #5f5f5f)',
  page: 'var(--vscode-editor-background, #ffffff)',
  node: 'var(--vscode-editorWidget-background, #f8f8f8)',
  border: 'var(--vscode-contrastBorder, var(--vscode-editorWidget-border, #c8c8c8))',
  accent: 'var(--vscode-contrastActiveBorder, var(--vscode-focusBorder, #005fb8))',
  current: 'var(--vscode-button-background, #005fb8)',
  onCurrent: 'var(--vscode-button-foreground, #ffffff)',
};

const width = 520;
const node = { width: 116, height: 44, gap: 11 };
const left = (width - 4 * node.width - 3 * node.gap) / 2;
const rowTops = [34, 138, 208, 312, 416, 520];
const height = rowTops.at(-1) + node.height + 16;

const x = (column) => left + column * (node.width + node.gap);
const y = (row) => rowTops[row];
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const text = (at, content, { size = 12.5, fill = colour.text, weight = 400, anchor = 'start' } = {}) =>
  `<text x="${at[0]}" y="${at[1]}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escape(content)}</text>`;

const looks = {
  current: { fill: colour.current, stroke: colour.accent, width: 2, frame: true, label: colour.onCurrent, detail: colour.onCurrent },
  needed: { fill: colour.node, stroke: colour.accent, width: 2.2, label: colour.text, detail: colour.muted },
  built: { fill: colour.node, stroke: colour.border, width: 1.2, label: colour.text, detail: colour.muted },
  later: { fill: colour.page, stroke: colour.border, width: 1.2, dash: '4 3', label: colour.muted, detail: colour.muted },
};

/** The current step has a second frame: contrast themes would show it like the steps that it needs. */
function box(left, top, boxWidth, boxHeight, look) {
  const frame = look.frame ? `<rect x="${left - 4}" y="${top - 4}" width="${boxWidth + 8}" height="${boxHeight + 8}" rx="9" fill="none" stroke="${look.stroke}" stroke-width="1.5"/>` : '';
  return `${frame}<rect x="${left}" y="${top}" width="${boxWidth}" height="${boxHeight}" rx="6" fill="${look.fill}" stroke="${look.stroke}" stroke-width="${look.width}"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/>`;
}

function drawNode({ at: [column, row], label, detail }, state, number) {
  const look = looks[state];
  const parts = [
    box(x(column), y(row), node.width, node.height, look),
    text([x(column) + 6, y(row) + 20], label, { weight: 600, fill: look.label }),
    text([x(column) + 6, y(row) + 36], detail, { size: 11.5, fill: look.detail }),
  ];
  if (number) {
    const right = x(column) + node.width - 6;
    parts.push(
      `<rect x="${right - 27}" y="${y(row) - 8}" width="27" height="16" rx="8" fill="${colour.page}" stroke="${look.stroke}" stroke-width="1.2"/>`,
      text([right - 13.5, y(row) + 4], number, { size: 11, anchor: 'middle', weight: state === 'current' ? 600 : 400 }),
    );
  }
  return parts.join('\n    ');
}

function drawGroup({ columns, rows, text: label }, translate) {
  const top = y(rows[0]) - 30;
  const bottom = y(rows[1]) + node.height + 10;
  const from = x(columns[0]) - 9;
  return [
    `<rect x="${from}" y="${top}" width="${x(columns[1]) + node.width + 9 - from}" height="${bottom - top}" rx="8" fill="none" stroke="${colour.border}" stroke-width="1"/>`,
    text([from + 9, top + 16], translate(label), { size: 11.5, fill: colour.muted }),
  ].join('\n    ');
}

function drawArrow([from, to]) {
  const [fromX, toX] = [x(from[0]), x(to[0])];
  const [fromY, toY] = [y(from[1]), y(to[1])];
  const middle = node.width / 2;
  let line;
  if (from[1] === to[1]) {
    const back = to[0] < from[0];
    line = [fromX + (back ? 0 : node.width), fromY + node.height / 2, toX + (back ? node.width + 3 : -3), toY + node.height / 2];
  } else if (from[0] === to[0]) {
    line = [fromX + middle, fromY + node.height, toX + middle, toY - 3];
  } else {
    line = [fromX + node.width, fromY + 12, toX + 16, toY + node.height + 3];
  }
  return `<path d="M${line[0]} ${line[1]}L${line[2]} ${line[3]}" stroke="${colour.muted}" stroke-width="1.5" fill="none" marker-end="url(#arrow)"/>`;
}

function drawLegend(entries, translate) {
  return entries
    .map(([state, key], index) => {
      const left = x(2) + 4 + (index % 2) * (node.width + node.gap);
      const top = y(2) + 4 + Math.floor(index / 2) * 24;
      return `${box(left, top, 18, 13, looks[state])}\n    ${text([left + 25, top + 11], translate(mapTexts.legend[key]), { size: 11.5 })}`;
    })
    .join('\n    ');
}

/**
 * The map for one step.
 *
 * @param steps the tutorial's steps in order: `{ id, number, title }`
 * @param needs ids of the steps that provision what this one depends on
 * @param translate says one of our texts in the map's language
 * @returns the SVG and a text that says the same
 */
export function drawMap(steps, current, needs, translate) {
  const index = steps.indexOf(current);
  const removes = current.id === 'teardown';
  const stateOf = (step, position) => {
    if (step === current) return 'current';
    if (needs.includes(step.id)) return 'needed';
    return position < index && !(removes && step.id !== 'account') ? 'built' : 'later';
  };
  const nodes = steps.flatMap((step, position) => {
    const place = places[step.id];
    if (!place) throw new Error(`The step "${step.id}" has no place on the map in scripts/lake-map.mjs.`);
    const state = stateOf(step, position);
    const tiles = place.tiles?.map(({ at, zone }) => ({ at, label: zone, detail: translate(mapTexts.zones[zone]) })) ?? [{ at: place.at, label: translate(mapTexts.steps[step.id]), detail: place.service }];
    return tiles.map((tile, tileIndex) => drawNode(tile, state, tileIndex === 0 ? step.number : undefined));
  });
  const shown = new Set(steps.map(stateOf));
  const legend = Object.keys(looks).filter((state) => shown.has(state)).map((state) => [state, state === 'later' && removes ? 'removed' : state]);
  const labelOf = (id) => translate(mapTexts.steps[id]);
  const title = translate(mapTexts.title, current.number, current.title);
  const { description, descriptionWithNeeds } = mapTexts;
  const alt = translate(needs.length > 0 ? descriptionWithNeeds : description, labelOf(current.id), needs.map(labelOf).join(', '));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc" font-family="var(--vscode-font-family, system-ui, sans-serif)">
  <title id="title">${escape(title)}</title>
  <desc id="desc">${escape(alt)}</desc>
  <defs>
    <marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour.muted}"/></marker>
  </defs>
  <g>
    ${groups.map((group) => drawGroup(group, translate)).join('\n    ')}
  </g>
  <g>
    ${nodes.join('\n    ')}
  </g>
  <g>
    ${flow.map(drawArrow).join('\n    ')}
  </g>
  <g>
    ${drawLegend(legend, translate)}
  </g>
</svg>
`;
  return { svg, alt };
}
