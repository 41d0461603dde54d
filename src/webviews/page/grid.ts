import { filterOperators, type Grid, type GridFilter, type GridRow, type GridSort, type Picture } from '../protocol.ts';
import { button, element } from './dom.ts';
import { actions, exportsTo, fillFrame, heading, keepSoon, kept, loading, problem, receive, say, texts } from './frame.ts';

// The page of a grid. The editor holds the rows; here are those that are to be seen, and some around them.

interface Cell {
  /** -1 for the columns' names. */
  readonly row: number;
  readonly column: number;
}

/** Rows are asked for by the block. */
const blockRows = 100;
/** Blocks that are kept: what was seen is asked for again when it was long ago. */
const keptBlocks = 60;
/** Rows drawn beyond what is to be seen, on each side. */
const beyond = 4;
/** No element may be much higher: from there on the scrollbar counts in larger steps than a row. */
const highest = 6_000_000;
/** A cell shows so much of a text; copying gives all of it. */
const shownLength = 400;
const narrowest = 48;
const widest = 380;

let picture: Picture | undefined;
let revision = 0;
let grid: Grid | undefined;
let blocks = new Map<number, readonly GridRow[]>();
let asked = new Set<number>();
let widths: number[] = [];
let chosenWidths: Record<string, number> = {};
const { widths: keptWidths } = kept;
if (typeof keptWidths === 'object' && keptWidths !== null) {
  chosenWidths = Object.fromEntries(Object.entries(keptWidths).filter((each): each is [string, number] => typeof each[1] === 'number'));
}
let active: Cell = { row: 0, column: 0 };
let anchor: Cell = active;
/** The first row that is to be seen, where something else than the scrollbar has set it. */
let pinned: { readonly top: number; readonly first: number } | undefined;
let toldEnd = -1;

const fontSize = Number.parseFloat(getComputedStyle(document.body).fontSize) || 13;
const rowHeight = Math.max(22, Math.round(fontSize * 1.8));

const filterColumn = element('select', { 'aria-label': texts.filterColumn });
const filterOperator = element('select', { 'aria-label': texts.filterOperator }, ...filterOperators.map((value) => element('option', { value }, texts[value])));
const filterText = element('input', { type: 'text', 'aria-label': texts.filterText, placeholder: texts.filterText, spellcheck: 'false', maxlength: '500' });
const clear = button('×', () => {
  [filterText.value, filterOperator.value, filterColumn.value] = ['', 'contains', ''];
  look(grid?.sort);
  filterText.focus();
}, { 'aria-label': texts.clearFilter, title: texts.clearFilter, class: 'plain' });
const filtering = element('div', { class: 'group filter', role: 'group', 'aria-label': texts.filter }, filterColumn, filterOperator, filterText, clear);
const exports = exportsTo('csv', 'json', 'md');
const note = element('p', { class: 'note', role: 'status' });
const head = element('div', { class: 'grid-row', role: 'row', 'aria-rowindex': '1' });
const rowgroup = element('div', { class: 'grid-body', role: 'rowgroup' });
const view = element('div', { class: 'grid', role: 'grid', tabindex: '0', 'aria-label': texts.rows, 'aria-description': texts.gridHelp, 'aria-multiselectable': 'true', hidden: true }, element('div', { class: 'grid-head', role: 'rowgroup' }, head), rowgroup);
document.body.classList.add('grid-page');
document.body.style.setProperty('--row', `${rowHeight}px`);
document.body.append(element('header', {}, heading, actions, filtering, element('span', { class: 'space' }), exports), problem, note, element('main', {}, loading, view));

let pool: HTMLElement[] = [];

function show(next: Picture, at: number): void {
  const started = performance.now();
  revision = at;
  const before = grid;
  const isOther = picture?.keep['result'] !== next.keep['result'];
  picture = next;
  fillFrame(next);
  loading.hidden = true;
  grid = next.grid;
  view.hidden = grid === undefined;
  filtering.hidden = grid === undefined;
  exports.hidden = grid === undefined;
  note.textContent = grid?.note ?? '';
  if (grid) {
    if (isOther || before?.id !== grid.id) {
      [blocks, asked] = [new Map(), new Set()];
    } else if (before.total !== grid.total) {
      // The last block was not full.
      blocks.delete(Math.floor(before.total / blockRows));
      asked.delete(Math.floor(before.total / blockRows));
    }
    if (isOther || JSON.stringify(before?.columns) !== JSON.stringify(grid.columns)) {
      const focused = view.contains(document.activeElement);
      if (isOther) {
        active = anchor = { row: 0, column: 0 };
        view.scrollTo(0, 0);
        pinned = undefined;
      }
      makeColumns(grid);
      if (focused) {
        view.focus({ preventScroll: true });
      }
    }
    showSort(grid);
    if (isOther) {
      showFilter(grid);
    }
    toldEnd = -1;
    view.setAttribute('aria-rowcount', String(grid.more ? -1 : grid.total + 1));
    view.setAttribute('aria-colcount', String(grid.columns.length + 1));
    measure(grid);
    render();
  }
  keep();
  tell(started);
}

/** Says what stands there, once it does. */
function tell(started: number): void {
  const states: Record<string, string> = { total: String(grid?.total ?? 0) };
  for (const each of pool) {
    const row = Number(each.dataset['row']);
    if (!each.hidden && row < 5) {
      [...each.children].slice(1, 6).forEach((cell, column) => (states[`${row},${column}`] = (cell.textContent ?? '').slice(0, 100)));
    }
  }
  say({ type: 'drawn', revision, states, ms: performance.now() - started });
}

const keep = (): void => keepSoon(() => ({ ...(picture && { keep: picture.keep }), widths: chosenWidths }));

function makeColumns({ columns }: Grid): void {
  head.replaceChildren(element('span', { class: 'gutter', role: 'columnheader', 'aria-colindex': '1', 'aria-label': '#' }), ...columns.map(({ name, type, numeric }, column) => {
    const grip = element('span', { class: 'grip', 'aria-hidden': 'true' });
    const cell = element('span', { class: numeric ? 'cell numeric' : 'cell', role: 'columnheader', tabindex: '-1', 'aria-colindex': String(column + 2), title: type === undefined ? name : `${name}: ${type}` },
      element('span', { class: 'name' }, element('span', { class: 'label' }, name), element('span', { class: 'arrow', 'aria-hidden': 'true' })), ...(type === undefined ? [] : [element('span', { class: 'type' }, type)]), grip);
    grip.addEventListener('pointerdown', (event) => drag(event, column));
    grip.addEventListener('dblclick', () => resize(column, naturalWidth(column)));
    return cell;
  }));
  pool = [];
  rowgroup.replaceChildren();
  widths = columns.map(({ name }) => chosenWidths[name] ?? 0);
  filterColumn.replaceChildren(element('option', { value: '' }, texts.anyColumn), ...columns.map(({ name }, index) => element('option', { value: String(index) }, name)));
}

function showSort({ sort }: Grid): void {
  [...head.children].slice(1).forEach((cell, column) => {
    const own = sort?.column === column ? sort : undefined;
    cell.setAttribute('aria-sort', own ? (own.descending ? 'descending' : 'ascending') : 'none');
    cell.querySelector('.arrow')!.textContent = own ? (own.descending ? '▼' : '▲') : '';
  });
}

function showFilter({ filter }: Grid): void {
  filterColumn.value = filter?.column === undefined ? '' : String(filter.column);
  filterOperator.value = filter?.operator ?? 'contains';
  filterText.value = filter?.text ?? '';
  arrangeFilter();
}

const needsText = (): boolean => !['isNull', 'isNotNull', 'isEmpty'].includes(filterOperator.value);

function arrangeFilter(): void {
  filterText.hidden = !needsText();
  clear.hidden = needsText() && filterText.value === '';
}

const filterNow = (): GridFilter => ({
  operator: filterOperators.find((each) => each === filterOperator.value) ?? 'contains', text: needsText() ? filterText.value : '', ...(filterColumn.value !== '' && { column: Number(filterColumn.value) }),
});

/** Asks for another look at the rows. */
function look(sort: GridSort | undefined): void {
  arrangeFilter();
  say({ type: 'look', ...(sort && { sort }), filter: filterNow() });
}

/** Upwards, downwards, as they came. */
function sortBy(column: number): void {
  const sort = grid?.sort;
  look(sort?.column !== column ? { column, descending: false } : sort.descending ? undefined : { column, descending: true });
}

let typing: ReturnType<typeof setTimeout> | undefined;
filterText.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => look(grid?.sort), 200);
});
[filterColumn, filterOperator].forEach((each) => each.addEventListener('change', () => look(grid?.sort)));

const context = document.createElement('canvas').getContext('2d');
/** About how wide a text is in a cell. */
function textWidth(text: string): number {
  if (!context) {
    return text.length * 8;
  }
  context.font = context.font.startsWith('10px') ? `${fontSize}px ${getComputedStyle(view).fontFamily}` : context.font;
  return context.measureText(text).width;
}

function naturalWidth(column: number): number {
  const { name = '', type = '' } = grid?.columns[column] ?? {};
  const values = [...blocks.values()].slice(0, 2).flat().map((row) => row[column] ?? 'NULL');
  const longest = values.reduce((most, value) => (value.length > most.length ? value : most), '').split('\n', 1)[0]?.slice(0, 60) ?? '';
  return Math.ceil(Math.min(widest, Math.max(narrowest, textWidth(name) * 1.1 + 40, textWidth(type) + 24, textWidth(longest) + 26)));
}

/** Columns that nobody has made wider or narrower are as wide as what is in them. */
function measure({ columns, total }: Grid): void {
  if (widths.some((width) => width === 0) && (blocks.size > 0 || total === 0)) {
    widths = widths.map((width, column) => width || naturalWidth(column));
  }
  const gutter = Math.max(36, String(total).length * 8 + 20);
  const template = [gutter, ...columns.map((_, column) => widths[column] || 120)].map((width) => `${width}px`).join(' ');
  // All rows are laid out again when it is written.
  if (view.style.getPropertyValue('--columns') !== template) {
    view.style.setProperty('--columns', template);
  }
  const height = `${Math.min(highest, total * rowHeight)}px`;
  if (rowgroup.style.height !== height) {
    rowgroup.style.height = height;
  }
}

function resize(column: number, width: number): void {
  const name = grid?.columns[column]?.name;
  widths[column] = Math.max(narrowest, Math.round(width));
  if (grid && name !== undefined) {
    chosenWidths[name] = widths[column];
    measure(grid);
    keep();
  }
}

function drag(event: PointerEvent, column: number): void {
  event.preventDefault();
  const grip = event.target as HTMLElement;
  const [from, width] = [event.clientX, widths[column] ?? 0];
  const move = ({ clientX }: PointerEvent): void => resize(column, width + clientX - from);
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener('pointermove', move);
  grip.addEventListener('pointerup', () => grip.removeEventListener('pointermove', move), { once: true });
}

const visibleRows = (): number => Math.max(1, Math.floor((view.clientHeight - head.offsetHeight) / rowHeight));
const isScaled = (): boolean => (grid?.total ?? 0) * rowHeight > highest;
const furthest = (): number => Math.max(1, view.scrollHeight - view.clientHeight);

/** The first row to be seen, with a part of it. */
function firstRow(): number {
  if (pinned && Math.abs(view.scrollTop - pinned.top) < 1) {
    return pinned.first;
  }
  return isScaled() ? (view.scrollTop / furthest()) * Math.max(0, (grid?.total ?? 0) - visibleRows()) : view.scrollTop / rowHeight;
}

function scrollToRow(first: number): void {
  const most = Math.max(0, (grid?.total ?? 0) - visibleRows());
  const wanted = Math.min(most, Math.max(0, first));
  view.scrollTop = isScaled() ? (wanted / Math.max(1, most)) * furthest() : wanted * rowHeight;
  pinned = isScaled() ? { top: view.scrollTop, first: wanted } : undefined;
}

function newRow(columns: number): HTMLElement {
  const made = element('div', { class: 'grid-row', role: 'row' }, element('span', { class: 'gutter', role: 'rowheader', 'aria-colindex': '1' }),
    ...Array.from({ length: columns }, (_, column) => element('span', { class: 'cell', role: 'gridcell', tabindex: '-1', 'aria-colindex': String(column + 2) })));
  rowgroup.append(made);
  return made;
}

const rowAt = (index: number): GridRow | undefined => blocks.get(Math.floor(index / blockRows))?.[index % blockRows];

/** Draws the rows that are to be seen. Nothing else of all the rows is on the page. */
function render(): void {
  if (!grid) {
    return;
  }
  const { columns, total, more } = grid;
  const focused = document.activeElement === view || rowgroup.contains(document.activeElement);
  const first = firstRow();
  const from = Math.max(0, Math.floor(first) - beyond);
  const to = Math.min(total, Math.ceil(first) + visibleRows() + beyond + 1);
  const shift = isScaled() ? view.scrollTop - first * rowHeight : 0;
  while (pool.length < to - from) {
    pool.push(newRow(columns.length));
  }
  const [top, bottom] = [Math.min(anchor.row, active.row), Math.max(anchor.row, active.row)];
  const [left, right] = [Math.min(anchor.column, active.column), Math.max(anchor.column, active.column)];
  const isRange = top !== bottom || left !== right;
  let focus: HTMLElement | undefined;
  pool.forEach((each, index) => {
    // A row keeps its element while it moves.
    const row = from + ((((index - from) % pool.length) + pool.length) % pool.length);
    each.hidden = row >= to;
    if (row >= to) {
      return;
    }
    each.style.transform = `translateY(${shift + row * rowHeight}px)`;
    const data = rowAt(row);
    const drawn = each.dataset['row'] === String(row) && each.dataset['grid'] === `${grid?.id ?? ''} ${data !== undefined}`;
    if (!drawn) {
      each.dataset['row'] = String(row);
      each.dataset['grid'] = `${grid?.id ?? ''} ${data !== undefined}`;
      each.setAttribute('aria-rowindex', String(row + 2));
      each.classList.toggle('odd', row % 2 === 1);
      (each.firstElementChild as HTMLElement).textContent = String(row + 1);
    }
    columns.forEach(({ numeric }, column) => {
      const cell = each.children[column + 1] as HTMLElement;
      if (!drawn) {
        const value = data?.[column];
        cell.textContent = data === undefined ? '…' : value === null || value === undefined ? 'NULL' : value.slice(0, shownLength);
        cell.className = `cell${numeric ? ' numeric' : ''}${data !== undefined && (value === null || value === undefined) ? ' null' : ''}`;
        cell.title = value !== null && value !== undefined && value.length > 18 ? value.slice(0, 2000) : '';
      }
      const isActive = row === active.row && column === active.column;
      const selected = isRange && row >= top && row <= bottom && column >= left && column <= right;
      if (cell.classList.contains('selected') !== selected) {
        cell.classList.toggle('selected', selected);
      }
      if (selected || cell.hasAttribute('aria-selected')) {
        cell.setAttribute('aria-selected', String(selected));
      }
      if (isActive !== (cell.tabIndex === 0)) {
        cell.tabIndex = isActive ? 0 : -1;
      }
      focus = isActive ? cell : focus;
    });
  });
  // Where the cell that has the focus is scrolled away, the grid has it; the next key comes back to it.
  view.tabIndex = focus || active.row < 0 ? -1 : 0;
  if (focused) {
    (focus ?? view).focus({ preventScroll: true });
  }
  [...head.children].slice(1).forEach((cell, column) => ((cell as HTMLElement).tabIndex = active.row === -1 && active.column === column ? 0 : -1));
  ask(from, to);
  if (more && to >= total - blockRows / 2 && toldEnd !== total && !(picture?.busy ?? false)) {
    toldEnd = total;
    say({ type: 'more' });
  }
}

function ask(from: number, to: number): void {
  if (!grid || grid.total === 0) {
    return;
  }
  for (let block = Math.floor(from / blockRows); block <= Math.floor(Math.max(from, to - 1) / blockRows); block++) {
    if (!blocks.has(block) && !asked.has(block)) {
      asked.add(block);
      say({ type: 'rows', grid: grid.id, from: block * blockRows, to: Math.min(grid.total, (block + 1) * blockRows) });
    }
  }
}

function take(from: number, rows: readonly GridRow[]): void {
  const started = performance.now();
  const block = Math.floor(from / blockRows);
  blocks.set(block, rows);
  asked.delete(block);
  for (const old of blocks.keys()) {
    if (blocks.size <= keptBlocks) {
      break;
    }
    blocks.delete(old);
  }
  if (grid) {
    measure(grid);
    render();
  }
  tell(started);
}

let frame = 0;
const redraw = (): void => {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    render();
  });
};
view.addEventListener('scroll', redraw, { passive: true });
view.addEventListener('wheel', (event) => {
  // Where the scrollbar counts in larger steps, the wheel does not.
  if (isScaled() && !event.ctrlKey && !event.shiftKey && event.deltaY !== 0) {
    event.preventDefault();
    scrollToRow(firstRow() + event.deltaY / rowHeight);
    redraw();
  }
}, { passive: false });
new ResizeObserver(redraw).observe(view);

/** Goes to a cell, and shows it. */
function go(cell: Cell, extend: boolean): void {
  if (!grid) {
    return;
  }
  active = { row: Math.min(grid.total - 1, Math.max(-1, cell.row)), column: Math.min(grid.columns.length - 1, Math.max(0, cell.column)) };
  anchor = extend && active.row >= 0 && anchor.row >= 0 ? anchor : active;
  if (active.row >= 0) {
    const first = firstRow();
    if (active.row < first) {
      scrollToRow(active.row);
    } else if (active.row > first + visibleRows() - 1) {
      scrollToRow(active.row - visibleRows() + 1);
    }
  }
  view.focus({ preventScroll: true });
  render();
  const element_ = active.row < 0 ? head.children[active.column + 1] : rowgroup.querySelector(`[data-row="${active.row}"]:not([hidden])`)?.children[active.column + 1];
  if (element_ instanceof HTMLElement) {
    element_.focus({ preventScroll: true });
    showColumn(active.column);
  }
}

function showColumn(column: number): void {
  const gutter = (head.firstElementChild as HTMLElement).offsetWidth;
  const left = widths.slice(0, column).reduce((sum, width) => sum + width, 0);
  const right = left + (widths[column] ?? 0);
  if (left < view.scrollLeft) {
    view.scrollLeft = left;
  } else if (right > view.scrollLeft + view.clientWidth - gutter) {
    view.scrollLeft = right - view.clientWidth + gutter;
  }
}

function copy(): void {
  if (grid && active.row >= 0) {
    say({ type: 'copy', grid: grid.id, top: Math.min(anchor.row, active.row), left: Math.min(anchor.column, active.column), bottom: Math.max(anchor.row, active.row), right: Math.max(anchor.column, active.column) });
  }
}

const cellOf = (target: EventTarget | null): Cell | undefined => {
  const cell = target instanceof Element ? target.closest<HTMLElement>('.cell') : null;
  const row = cell?.parentElement;
  return cell && row ? { row: row === head ? -1 : Number(row.dataset['row']), column: [...row.children].indexOf(cell) - 1 } : undefined;
};

view.addEventListener('pointerdown', (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.button !== 0 || (event.target instanceof Element && event.target.classList.contains('grip'))) {
    return;
  }
  event.preventDefault();
  go(cell, event.shiftKey);
  if (cell.row < 0) {
    return;
  }
  const over = ({ target }: PointerEvent): void => {
    const next = cellOf(target);
    if (next && next.row >= 0 && (next.row !== active.row || next.column !== active.column)) {
      go(next, true);
    }
  };
  view.addEventListener('pointerover', over);
  addEventListener('pointerup', () => view.removeEventListener('pointerover', over), { once: true });
});
head.addEventListener('click', (event) => {
  const cell = cellOf(event.target);
  if (cell && !(event.target instanceof Element && event.target.classList.contains('grip'))) {
    sortBy(cell.column);
  }
});

view.addEventListener('keydown', (event) => {
  if (!grid || event.altKey) {
    return;
  }
  const { row, column } = active;
  const all = event.ctrlKey || event.metaKey;
  const { total, columns } = grid;
  const extend = event.shiftKey;
  const to = (next: Partial<Cell>): (() => void) => () => go({ row, column, ...next }, extend);
  const onHead = row < 0;
  const keys: Readonly<Record<string, (() => void) | undefined>> = all
    ? { Home: to({ row: 0, column: 0 }), End: to({ row: total - 1, column: columns.length - 1 }), ArrowUp: to({ row: 0 }), ArrowDown: to({ row: total - 1 }), ArrowLeft: to({ column: 0 }), ArrowRight: to({ column: columns.length - 1 }), c: copy, a: () => {
      anchor = { row: 0, column: 0 };
      active = { row: total - 1, column: columns.length - 1 };
      render();
    } }
    : {
      ArrowUp: to({ row: row - 1 }), ArrowDown: to({ row: row + 1 }), PageUp: to({ row: Math.max(0, row - visibleRows()) }), PageDown: to({ row: row + visibleRows() }), Home: to({ column: 0 }), End: to({ column: columns.length - 1 }),
      ArrowLeft: onHead && extend ? () => resize(column, (widths[column] ?? 0) - 16) : to({ column: column - 1 }),
      ArrowRight: onHead && extend ? () => resize(column, (widths[column] ?? 0) + 16) : to({ column: column + 1 }),
      Escape: to({}),
      ...(onHead && { Enter: () => sortBy(column), ' ': () => sortBy(column) }),
    };
  const run = keys[event.key];
  if (run) {
    event.preventDefault();
    run();
  }
});
document.addEventListener('copy', (event) => {
  if (view.contains(document.activeElement)) {
    event.preventDefault();
    copy();
  }
});

receive((data) => {
  switch (data.type) {
    case 'show':
      show(data.picture, data.revision);
      break;
    case 'rows':
      // Of rows that stand elsewhere by now nothing is wanted.
      if (data.grid === grid?.id) {
        take(data.from, data.rows);
      }
      break;
    case 'press':
      if (data.action !== undefined) {
        document.querySelector<HTMLElement>(`header [data-action="${CSS.escape(data.action)}"]`)?.click();
      } else {
        const [, row = '', column = ''] = /^(-?\d+),(\d+)$/.exec(data.thing) ?? [];
        const line = row === '-1' ? head : rowgroup.querySelector(`[data-row="${row}"]`);
        line?.children[Number(column) + 1]?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      }
      break;
  }
});
