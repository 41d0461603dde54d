import { isPageTexts, isToPage, type ExportFormat, type PageTexts, type Picture, type ToEditor, type ToPage } from '../protocol.ts';
import { button, element } from './dom.ts';

// What every page has: how it speaks with the editor, what it keeps across a reload, its heading and its buttons.

declare function acquireVsCodeApi(): { postMessage(message: ToEditor): void; getState(): unknown; setState(state: unknown): void };

const api = acquireVsCodeApi();
const given: unknown = JSON.parse(document.body.dataset['texts'] ?? '{}');
if (!isPageTexts(given)) {
  throw new Error('The page was given no texts.');
}
export const texts: PageTexts = given;
export const say = (message: ToEditor): void => api.postMessage(message);

/** What was kept before the window was opened again. */
export const kept = (api.getState() ?? {}) as Readonly<Record<string, unknown>>;

let keeping: ReturnType<typeof setTimeout> | undefined;
/** Writes down how the page is looked at, once nothing moves. */
export function keepSoon(state: () => Readonly<Record<string, unknown>>): void {
  clearTimeout(keeping);
  keeping = setTimeout(() => api.setState(state()), 150);
}

const title = element('h1');
const status = element('span', { class: 'status', role: 'status' });
export const heading = element('div', { class: 'heading' }, title, status);
export const problem = element('p', { class: 'problem', role: 'alert', hidden: true });
export const actions = element('div', { class: 'group' });
export const loading = element('p', { class: 'loading' }, texts.loading);

/** Shows what a picture has beside its drawing: names, problem, actions. */
export function fillFrame(next: Picture): void {
  document.title = next.title;
  title.textContent = next.title;
  status.textContent = next.status;
  document.body.classList.toggle('busy', next.busy);
  problem.textContent = next.problem ?? '';
  problem.hidden = next.problem === undefined;
  const ids = next.actions.map(({ id, label }) => `${id} ${label}`).join();
  // A button that somebody is about to press stays.
  if (actions.dataset['ids'] !== ids) {
    actions.dataset['ids'] = ids;
    actions.replaceChildren(...next.actions.map(({ id, label }) => button(label, () => say({ type: 'act', thing: '', action: id }), { 'data-action': id })));
  }
}

const formats: Readonly<Record<ExportFormat, readonly [name: string, title: string]>> = {
  csv: ['CSV', texts.exportCsv], json: ['JSON', texts.exportJson], md: ['Markdown', texts.exportMarkdown], svg: ['SVG', texts.exportSvg], png: ['PNG', texts.exportPng],
};

/** The buttons that save what is shown. */
export const exportsTo = (...wanted: readonly ExportFormat[]): HTMLElement => element('div', { class: 'group', role: 'group', 'aria-label': texts.export }, ...wanted.map((format) => {
  const [name, label] = formats[format];
  return button(name, () => say({ type: 'export', format }), { title: label, 'aria-label': label, 'data-format': format });
}));

/** Takes what the editor says from now on, and tells it so. */
export function receive(take: (message: ToPage) => void): void {
  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isToPage(data)) {
      take(data);
    }
  });
  say({ type: 'ready' });
}
