// Time and memory against the number of rows, as an SVG for a light or a dark page.

const [width, height, left, top, gap] = [380, 240, 56, 40, 90];
const decades = (low, high) => Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, power) => low * 10 ** power);
const short = (value) => (value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : String(value));

/** One panel: both axes by powers of ten, so that a straight line of slope one is growth in proportion. */
function panel(x, title, points, limits) {
  const rows = points.map(([value]) => value);
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...rows))), 10 ** Math.ceil(Math.log10(Math.max(...rows)))];
  const values = [...points, ...limits].map(([, value]) => value);
  const [bottom, most] = [10 ** Math.floor(Math.log10(Math.min(...values))), 10 ** Math.ceil(Math.log10(Math.max(...values)))];
  const across = (value) => x + (width * Math.log10(value / low)) / Math.log10(high / low);
  const up = (value) => top + height - (height * Math.log10(value / bottom)) / Math.log10(most / bottom);
  const at = (value) => value.toFixed(1);
  return [
    `<text x="${x}" y="${top - 16}" class="title">${title}</text>`,
    ...decades(low, high).map((value) => `<path d="M${at(across(value))} ${top}v${height}" class="grid"/><text x="${at(across(value))}" y="${top + height + 18}" text-anchor="middle">${short(value)}</text>`),
    ...decades(bottom, most).map((value) => `<path d="M${x} ${at(up(value))}h${width}" class="grid"/><text x="${x - 8}" y="${at(up(value) + 4)}" text-anchor="end">${short(value)}</text>`),
    ...limits.map(([row, value]) => `<path d="M${at(across(row) - 14)} ${at(up(value))}h28" class="limit"><title>limit: ${value}</title></path>`),
    `<path d="M${points.map(([row, value]) => `${at(across(row))} ${at(up(value))}`).join('L')}" class="line"/>`,
    ...points.map(([row, value], index) => `<circle cx="${at(across(row))}" cy="${at(up(value))}" r="4"/><text x="${at(across(row) + (index ? 0 : 6))}" y="${at(up(value) - 10)}" text-anchor="${index ? 'middle' : 'start'}" class="value">${value}</text>`),
  ].join('\n');
}

/** @param {{ rows: number, ms: number, peakMb: number }[]} by */
export function chart(by) {
  const million = by.find(({ rows }) => rows === 1_000_000);
  const time = panel(left, 'Jobs, seconds by rows', by.map(({ rows, ms }) => [rows, Number((ms / 1000).toFixed(1))]), [[1_000_000, 8], [10_000_000, Number(((12 * million.ms) / 1000).toFixed(1))]]);
  const memory = panel(left + width + gap, 'All processes, MB by rows', by.map(({ rows, peakMb }) => [rows, peakMb]), [[1_000_000, 1536], [10_000_000, 4096]]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + 2 * width + gap + 30} ${top + height + 44}" role="img" aria-label="Time and memory against the number of rows">
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a; } .title { font-size: 14px; fill: #24292f; } .value { fill: #24292f; }
  .grid { stroke: #d0d7de; } .line { stroke: #0969da; stroke-width: 2; fill: none; } circle { fill: #0969da; } .limit { stroke: #cf222e; stroke-width: 2; }
  @media (prefers-color-scheme: dark) { text { fill: #8b949e; } .title, .value { fill: #e6edf3; } .grid { stroke: #30363d; } .line { stroke: #58a6ff; } circle { fill: #58a6ff; } }
</style>
${time}
${memory}
<text x="${left}" y="${top + height + 38}">Both axes by powers of ten; red: the limits.</text>
</svg>
`;
}
