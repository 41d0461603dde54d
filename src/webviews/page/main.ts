import type { DataTable, Picture } from '../protocol.ts';
import { Card } from './card.ts';
import { button, element, parseSvg } from './dom.ts';
import { actions, exportsTo, fillFrame, heading, keepSoon, kept, loading, problem, receive, say, texts } from './frame.ts';
import { isView, Viewport, type View } from './viewport.ts';

// A panel's page: it shows pictures that the editor sends, and says what somebody does with them. It asks for nothing and remembers nothing but how it was looked at.

let picture: Picture | undefined;
/** The picture whose tables stand on the page, and the drawings that do. */
let tabled: Picture | undefined;
let sections: readonly HTMLElement[] = [];
let asTable = kept['asTable'] === true;
let wantedView: View | undefined = isView(kept['view']) ? kept['view'] : undefined;
/** The thing that Tab comes to. */
let current: string | undefined;

const choice = element('select');
const choiceBox = element('label', { class: 'choice', hidden: true }, element('span'), choice);
const percent = button('100 %', () => viewport.set(1), { title: texts.actual, class: 'percent' });
const zooming = element('div', { class: 'group' },
  button('−', () => viewport.step(-1), { 'aria-label': texts.zoomOut, title: texts.zoomOut }), percent,
  button('+', () => viewport.step(1), { 'aria-label': texts.zoomIn, title: texts.zoomIn }),
  button(texts.fit, () => viewport.set('fit')));
const table = button(texts.asTable, () => {
  asTable = !asTable;
  fillTables();
  arrange();
  keep();
}, { 'aria-pressed': 'false' });
const exports = exportsTo('csv', 'svg', 'png');
const view = element('div', { class: 'view', tabindex: '0', role: 'region', 'aria-label': texts.drawing, 'aria-description': texts.help });
const tables = element('div', { class: 'tables', tabindex: '0', role: 'region', 'aria-label': texts.asTable, hidden: true });
const bar = element('header', {}, heading, choiceBox, actions, element('span', { class: 'space' }), zooming, table, exports);
document.body.append(bar, problem, element('main', {}, loading, view, tables));

/** Where the drawing stood when a card was opened beside one of its things. */
let openedAt = { left: 0, top: 0 };
const viewport = new Viewport(view, () => {
  const { left, top } = viewport.view;
  // Told a moment later, of what may have been before the card was there.
  if (Math.abs(left - openedAt.left) + Math.abs(top - openedAt.top) > 2) {
    card.close(false);
  }
  keep();
}, () => (percent.textContent = `${viewport.percent} %`));
const card = new Card(texts, (thing, action) => say({ type: 'act', thing, action }));

const keep = (): void => keepSoon(() => ({ ...(picture && { keep: picture.keep }), view: wantedView ?? viewport.view, asTable }));

function arrange(): void {
  view.hidden = asTable || !picture;
  tables.hidden = !asTable || !picture;
  loading.hidden = picture !== undefined;
  zooming.hidden = asTable;
  table.setAttribute('aria-pressed', String(asTable));
  if (!asTable && wantedView && picture) {
    viewport.view = wantedView;
    wantedView = undefined;
  }
}

const things = (): (SVGElement | HTMLElement)[] => [...view.querySelectorAll<SVGElement>('[data-thing]')];
const byThing = (id: string | undefined): SVGElement | HTMLElement | undefined => things().find((each) => each.dataset['thing'] === id);

/** Tab comes to one thing; from there the arrow keys go on. */
function mark(id: string | undefined): void {
  const all = things().filter((each) => each.getAttribute('role') === 'button');
  const chosen = all.find((each) => each.dataset['thing'] === id) ?? all[0];
  all.forEach((each) => each.setAttribute('tabindex', each === chosen ? '0' : '-1'));
  current = chosen?.dataset['thing'];
}

function show(next: Picture, revision: number): void {
  const started = performance.now();
  const focused = document.activeElement instanceof Element && view.contains(document.activeElement) ? document.activeElement.closest<SVGElement>('[data-thing]')?.dataset['thing'] : undefined;
  const drawn = picture?.drawings;
  picture = next;
  fillFrame(next);
  fillChoice(next);
  const formats: readonly string[] = next.exports ?? ['svg', 'png'];
  exports.querySelectorAll('button').forEach((each) => (each.hidden = !formats.includes(each.dataset['format'] ?? '')));
  // What is as it was stays: parsing a map takes some milliseconds.
  if (next.drawings.length !== sections.length || next.drawings.some(({ svg }, index) => svg !== drawn?.[index]?.svg)) {
    sections = next.drawings.map(({ label, svg }, index) => {
      const before = sections[index];
      const parsed = before && svg === drawn?.[index]?.svg ? undefined : parseSvg(svg);
      return before && !parsed ? before : element('section', { class: 'drawing', 'aria-label': label }, ...(parsed ? [parsed] : []));
    });
    viewport.show(sections);
  }
  fillTables();
  arrange();
  mark(focused ?? current);
  if (focused !== undefined) {
    byThing(focused)?.focus({ preventScroll: true });
  }
  if (card.thing !== undefined) {
    card.update(next.things[card.thing]);
  }
  keep();
  // A thing that is drawn twice is as its first drawing says.
  const states = Object.fromEntries(things().reverse().flatMap((each): [string, string][] => (each.dataset['thing'] && each.dataset['state'] ? [[each.dataset['thing'], each.dataset['state']]] : [])));
  say({ type: 'drawn', revision, states, ms: performance.now() - started });
}

/** Tables are made when somebody reads them. */
function fillTables(): void {
  if (asTable && tabled !== picture) {
    tabled = picture;
    tables.replaceChildren(...(picture?.tables ?? []).map(toTable));
  }
}

function fillChoice({ choice: offered }: Picture): void {
  choiceBox.hidden = offered === undefined;
  if (offered) {
    const [label] = choiceBox.children;
    label!.textContent = offered.label;
    const ids = JSON.stringify(offered.options);
    if (choice.dataset['ids'] !== ids) {
      choice.dataset['ids'] = ids;
      choice.replaceChildren(...offered.options.map((option) => element('option', { value: option.value }, option.label)));
    }
    choice.value = offered.value;
  }
}

function toTable({ caption, columns, rows }: DataTable): HTMLTableElement {
  return element('table', {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column)))),
    element('tbody', {}, ...rows.map(({ thing, cells: [first = '', ...rest] }) => element('tr', {},
      element('th', { scope: 'row' }, thing === undefined ? first : opener(thing, first)),
      ...rest.map((cell) => element('td', {}, cell))))));
}

function opener(thing: string, text: string): HTMLButtonElement {
  const made: HTMLButtonElement = button(text, () => open(thing, made), { class: 'link', 'aria-haspopup': 'dialog' });
  return made;
}

function open(id: string, at: Element & HTMLOrSVGElement): void {
  const thing = picture?.things[id];
  if (thing) {
    mark(id);
    openedAt = viewport.view;
    card.show(id, thing, at.getBoundingClientRect(), () => (at.isConnected ? at : byThing(id))?.focus());
  }
}

/** The nearest thing in a direction. */
function beside(from: Element, key: string): SVGElement | HTMLElement | undefined {
  const middle = (each: Element): { x: number; y: number } => {
    const { left, top, width, height } = each.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const here = middle(from);
  const sideways = key === 'ArrowLeft' || key === 'ArrowRight';
  const sign = key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1;
  const reach = (each: Element): { ahead: number; aside: number } => {
    const { x, y } = middle(each);
    return sideways ? { ahead: (x - here.x) * sign, aside: Math.abs(y - here.y) } : { ahead: (y - here.y) * sign, aside: Math.abs(x - here.x) };
  };
  const [nearest] = things()
    .filter((each) => each !== from && each.getAttribute('role') === 'button').map((each) => ({ each, ...reach(each) }))
    .filter(({ ahead, aside }) => ahead > 4 && (!sideways || aside < ahead * 2)).sort((one, other) => one.ahead + one.aside * 2 - (other.ahead + other.aside * 2));
  return nearest?.each;
}

/** What a thing stands on, and what stands on it, shows while somebody points at it. */
function point(id: string | undefined): void {
  for (const each of view.querySelectorAll<SVGElement>('.edge')) {
    each.classList.toggle('near', id !== undefined && (each.dataset['from'] === id || each.dataset['to'] === id));
  }
}
for (const event of ['pointerover', 'focusin']) {
  view.addEventListener(event, ({ target }) => point(target instanceof Element ? target.closest<SVGElement>('[data-thing]')?.dataset['thing'] : undefined));
}

view.addEventListener('click', ({ target }) => {
  const thing = target instanceof Element ? target.closest<SVGElement>('[data-thing]') : undefined;
  if (thing?.dataset['thing'] !== undefined) {
    open(thing.dataset['thing'], thing);
  }
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement || asTable) {
    return;
  }
  const thing = event.target instanceof Element ? event.target.closest<SVGElement>('[data-thing]') : undefined;
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => viewport.step(1), '=': () => viewport.step(1), '-': () => viewport.step(-1), '0': () => viewport.set('fit'), '1': () => viewport.set(1),
    ...(thing && {
      Enter: () => open(thing.dataset['thing'] ?? '', thing), ' ': () => open(thing.dataset['thing'] ?? '', thing),
      ...Object.fromEntries(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => [key, () => {
        const next = beside(thing, key);
        if (next) {
          mark(next.dataset['thing']);
          next.focus();
          next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        }
      }])),
    }),
  };
  const run = keys[event.key];
  if (run) {
    event.preventDefault();
    run();
  }
});

choice.addEventListener('change', () => say({ type: 'choose', value: choice.value }));

/** Draws an SVG of our own and gives the PNG. */
async function rasterise(svg: string, scale: number): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element('canvas');
  [canvas.width, canvas.height] = [Math.round(image.naturalWidth * scale), Math.round(image.naturalHeight * scale)];
  const context = canvas.getContext('2d');
  context?.scale(scale, scale);
  context?.drawImage(image, 0, 0);
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}

arrange();
receive((data) => {
  switch (data.type) {
    case 'show':
      show(data.picture, data.revision);
      break;
    case 'rasterise':
      rasterise(data.svg, data.scale).then(
        (png) => say({ type: 'raster', id: data.id, png }),
        (error: unknown) => say({ type: 'raster', id: data.id, problem: error instanceof Error ? error.message : String(error) }),
      );
      break;
    case 'press': {
      const pressed = data.thing === '' ? actions : byThing(data.thing);
      if (data.thing !== '') {
        pressed?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      }
      if (data.action !== undefined) {
        document.querySelector<HTMLElement>(`${data.thing === '' ? 'header' : '.card'} [data-action="${CSS.escape(data.action)}"]`)?.click();
      }
      break;
    }
  }
});
