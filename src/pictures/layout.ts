import { layers, type LakeMap, type Layer, type MapEdge, type MapNode } from './lakeMap.ts';

// Where things are on the map. A fixed layout: a row or more a layer, data from left to right and from above to below, what it stands on beneath.

export const box = { width: 141, height: 70, gapX: 16, gapY: 24, margin: 14, head: 22 } as const;
/** As many as 1,280 pixels hold. */
export const mostColumns = 8;

export interface Placed {
  readonly node: MapNode;
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

export interface Band {
  readonly layer: Layer;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly placed: ReadonlyMap<string, Placed>;
  readonly bands: readonly Band[];
  readonly width: number;
  readonly height: number;
}

const rank = ({ layer }: MapNode): number => layers.indexOf(layer);

/** Columns of what data passes through: down within a column to a layer below, else on to the next. */
function flowColumns(nodes: readonly MapNode[], edges: readonly MapEdge[]): Map<string, number> {
  const flow = edges.filter(({ kind }) => kind === 'flow');
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<string, number>();
  const columnOf = (id: string, path: ReadonlySet<string>): number => {
    const known = found.get(id);
    if (known !== undefined) {
      return known;
    }
    const here = byId.get(id);
    const before = flow.filter(({ to, from }) => to === id && !path.has(from));
    const column = Math.max(0, ...before.map(({ from }) => {
      const other = byId.get(from);
      return columnOf(from, new Set([...path, id])) + (here && other && rank(here) > rank(other) ? 0 : 1);
    }));
    found.set(id, column);
    return column;
  };
  for (const id of new Set(flow.flatMap(({ from, to }) => [from, to]))) {
    columnOf(id, new Set());
  }
  return found;
}

/** The free place of a row that is nearest to a wanted one, to the left first; undefined in a full row. */
function nearest(taken: ReadonlySet<number>, wanted: number, columns: number): number | undefined {
  const start = Math.min(wanted, columns - 1);
  for (let distance = 0; distance < columns; distance++) {
    const free = [start - distance, start + distance].find((column) => column >= 0 && column < columns && !taken.has(column));
    if (free !== undefined) {
      return free;
    }
  }
  return undefined;
}

/** Lays out a map of any tutorial; the same map always gives the same picture. */
export function layOut({ nodes, edges }: Pick<LakeMap, 'nodes' | 'edges'>, columns = mostColumns): Layout {
  const wanted = flowColumns(nodes, edges);
  const placed = new Map<string, Placed>();
  const bands: Band[] = [];
  let top = box.margin;
  let row = 0;
  for (const layer of layers) {
    const here = nodes.filter((node) => node.layer === layer);
    if (here.length === 0) {
      continue;
    }
    const rows: Set<number>[] = [new Set()];
    const put = (node: MapNode, column: number | undefined): void => {
      let at = rows.findIndex((taken) => taken.size < columns);
      if (at < 0) {
        at = rows.push(new Set()) - 1;
      }
      const taken = rows[at] ?? new Set<number>();
      const place = nearest(taken, column ?? 0, columns) ?? 0;
      taken.add(place);
      placed.set(node.id, { node, column: place, row: row + at, x: box.margin + place * (box.width + box.gapX), y: top + box.head + at * (box.height + box.gapY) });
    };
    // What data passes through has the first choice, in its order; the rest fills up from the left, and where there is less room, all does.
    const order = (node: MapNode): number => wanted.get(node.id) ?? Number.POSITIVE_INFINITY;
    here.filter(({ id }) => wanted.has(id)).sort((one, other) => order(one) - order(other)).forEach((node) => put(node, columns < mostColumns ? undefined : wanted.get(node.id)));
    here.filter(({ id }) => !wanted.has(id)).forEach((node) => put(node, undefined));
    const height = box.head + rows.length * box.height + (rows.length - 1) * box.gapY + 12;
    bands.push({ layer, y: top, height });
    top += height + box.gapY;
    row += rows.length;
  }
  return { placed, bands, width: 2 * box.margin + columns * box.width + (columns - 1) * box.gapX, height: Math.max(top - box.gapY + box.margin, 2 * box.margin) };
}
