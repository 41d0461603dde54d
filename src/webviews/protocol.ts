// What the editor and a panel's page say to each other: one closed union for each direction, used on both sides. No VS Code and no DOM here.
// Nothing that arrives is believed before its guard has seen it: a page may be an older build's, which a window restored.

/** The kinds of panel; there is one panel of a kind. */
export const panelKinds = ['lakeMap', 'run'] as const;
export type PanelKind = (typeof panelKinds)[number];

/** Something that can be done, by a name that the editor knows. */
export interface PanelAction {
  readonly id: string;
  readonly label: string;
}

/** What a drawing shows, by its id there (`data-thing`). */
export interface Thing {
  readonly title: string;
  /** Its state, in a word or two. */
  readonly state: string;
  readonly lines: readonly string[];
  /** What is wrong with it, and how to mend it. */
  readonly problems: readonly string[];
  readonly actions: readonly PanelAction[];
}

/** A drawing: an SVG document of our own, with a name. */
export interface Drawing {
  readonly label: string;
  readonly svg: string;
}

export interface DataRow {
  /** The thing that the row is about, whose menu its first cell opens. */
  readonly thing?: string;
  readonly cells: readonly string[];
}

/** The same as a drawing, for who reads rather than looks. */
export interface DataTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly DataRow[];
}

/** One of several pictures to choose from, such as the runs of a workflow. */
export interface Choice {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** All that a panel shows. */
export interface Picture {
  readonly title: string;
  /** Where and when it was looked at. */
  readonly status: string;
  /** True while somebody looks. */
  readonly busy: boolean;
  /** Why there is nothing to see, or less than there should be. */
  readonly problem?: string;
  /** What can be done with the whole. */
  readonly actions: readonly PanelAction[];
  readonly choice?: Choice;
  readonly drawings: readonly Drawing[];
  readonly things: Readonly<Record<string, Thing>>;
  readonly tables: readonly DataTable[];
  /** What the page keeps, for a window that is opened again. */
  readonly keep: Kept;
}

/** What finds a picture again. */
export type Kept = Readonly<Record<string, string>>;

/** The texts of the page's own buttons, in the editor's language. */
export const pageTexts = ['fit', 'zoomIn', 'zoomOut', 'actual', 'asTable', 'export', 'exportSvg', 'exportPng', 'close', 'actions', 'drawing', 'loading', 'help'] as const;
export type PageTexts = Readonly<Record<(typeof pageTexts)[number], string>>;

export type ToPage =
  | { readonly type: 'show'; readonly revision: number; readonly picture: Picture }
  /** Asks for a drawing as a PNG, so many times as large. */
  | { readonly type: 'rasterise'; readonly id: number; readonly svg: string; readonly scale: number }
  /** Does what a click on a thing does, and on one of its actions. */
  | { readonly type: 'press'; readonly thing: string; readonly action?: string };

export type ToEditor =
  | { readonly type: 'ready' }
  /** Told after each drawing, from what stands on the page: the states of its things, and how long the script took. */
  | { readonly type: 'drawn'; readonly revision: number; readonly states: Readonly<Record<string, string>>; readonly ms: number }
  | { readonly type: 'act'; readonly thing: string; readonly action: string }
  | { readonly type: 'choose'; readonly value: string }
  | { readonly type: 'export'; readonly format: 'svg' | 'png' }
  | { readonly type: 'raster'; readonly id: number; /** In base64. */ readonly png?: string; readonly problem?: string };

/** Ids and names are short; what is longer is none. */
const longestName = 1000;
/** A picture of a map is some hundred KB. */
const longestRaster = 64 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
type Guard<T> = (value: unknown) => value is T;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isName = (value: unknown): value is string => isText(value) && value.length <= longestName;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isListOf = <T>(value: unknown, guard: Guard<T>): value is readonly T[] => Array.isArray(value) && value.every(guard);
const isRecordOf = <T>(value: unknown, guard: Guard<T>): value is Readonly<Record<string, T>> => isFields(value) && Object.values(value).every(guard);
const isAbsentOr = <T>(value: unknown, guard: Guard<T>): value is T | undefined => value === undefined || guard(value);

export const isKept = (value: unknown): value is Kept => isFields(value) && Object.keys(value).length <= 10 && isRecordOf(value, isName);

const isAction = (value: unknown): value is PanelAction => isFields(value) && isName(value['id']) && isText(value['label']);
const isOption = (value: unknown): value is Choice['options'][number] => isFields(value) && isName(value['value']) && isText(value['label']);
const isChoice = (value: unknown): value is Choice => isFields(value) && isText(value['label']) && isName(value['value']) && isListOf(value['options'], isOption);
const isDrawing = (value: unknown): value is Drawing => isFields(value) && isText(value['label']) && isText(value['svg']);
const isRow = (value: unknown): value is DataRow => isFields(value) && isListOf(value['cells'], isText) && isAbsentOr(value['thing'], isName);
const isTable = (value: unknown): value is DataTable => isFields(value) && isText(value['caption']) && isListOf(value['columns'], isText) && isListOf(value['rows'], isRow);
const isThing = (value: unknown): value is Thing =>
  isFields(value) && isText(value['title']) && isText(value['state']) && isListOf(value['lines'], isText) && isListOf(value['problems'], isText) && isListOf(value['actions'], isAction);

const isPicture = (value: unknown): value is Picture =>
  isFields(value) && isText(value['title']) && isText(value['status']) && typeof value['busy'] === 'boolean' && isAbsentOr(value['problem'], isText) && isListOf(value['actions'], isAction) &&
  isAbsentOr(value['choice'], isChoice) && isListOf(value['drawings'], isDrawing) && isRecordOf(value['things'], isThing) && isListOf(value['tables'], isTable) && isKept(value['keep']);

/** Whether a page was sent something that it understands. */
export function isToPage(value: unknown): value is ToPage {
  if (!isFields(value)) {
    return false;
  }
  switch (value['type']) {
    case 'show':
      return isNumber(value['revision']) && isPicture(value['picture']);
    case 'rasterise':
      return isNumber(value['id']) && isText(value['svg']) && isNumber(value['scale']);
    case 'press':
      return isName(value['thing']) && isAbsentOr(value['action'], isName);
    default:
      return false;
  }
}

/** Whether a page says something that the editor understands. */
export function isToEditor(value: unknown): value is ToEditor {
  if (!isFields(value)) {
    return false;
  }
  switch (value['type']) {
    case 'ready':
      return true;
    case 'drawn':
      return isNumber(value['revision']) && isRecordOf(value['states'], isName) && isNumber(value['ms']);
    case 'act':
      return isName(value['thing']) && isName(value['action']);
    case 'choose':
      return isName(value['value']);
    case 'export':
      return value['format'] === 'svg' || value['format'] === 'png';
    case 'raster':
      return isNumber(value['id']) && isAbsentOr(value['png'], (png: unknown): png is string => isText(png) && png.length <= longestRaster) && isAbsentOr(value['problem'], isText);
    default:
      return false;
  }
}

/** Texts that a page was given, if they are all there. */
export const isPageTexts = (value: unknown): value is PageTexts => isFields(value) && pageTexts.every((key) => isText(value[key]));
