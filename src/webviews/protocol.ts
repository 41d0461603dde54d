// What the editor and a panel's page say to each other: one closed union for each direction, used on both sides. No VS Code and no DOM here.
// Nothing that arrives is believed before its guard has seen it: a page may be an older build's, which a window restored.

/** The kinds of panel; there is one panel of a kind. */
export const panelKinds = ['lakeMap', 'run', 'gold', 'grid'] as const;
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

export interface GridColumn {
  readonly name: string;
  readonly type?: string;
  /** It holds numbers: they stand under each other. */
  readonly numeric: boolean;
}

export const filterOperators = ['contains', 'equals', 'greater', 'less', 'isNull', 'isNotNull', 'isEmpty'] as const;

/** Which rows are to be seen; of any column without one. */
export interface GridFilter {
  readonly column?: number;
  readonly operator: (typeof filterOperators)[number];
  readonly text: string;
}

export interface GridSort {
  readonly column: number;
  readonly descending: boolean;
}

/** Rows that the page asks for as somebody scrolls: the editor holds them. */
export interface Grid {
  /** Another one when rows stand in other places than before. */
  readonly id: number;
  readonly columns: readonly GridColumn[];
  /** How many there are to see. */
  readonly total: number;
  /** There are more, which are read when somebody comes to the end. */
  readonly more: boolean;
  /** Said above the rows: how many they are, of how many. */
  readonly note: string;
  readonly sort?: GridSort;
  readonly filter?: GridFilter;
}

/** A value as a text, as it is stored; null for none. */
export type GridRow = readonly (string | null)[];

/** What a panel's content can be saved as. */
export const exportFormats = ['svg', 'png', 'csv', 'json', 'md'] as const;
export type ExportFormat = (typeof exportFormats)[number];

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
  readonly grid?: Grid;
  /** What it can be saved as; SVG and PNG where it does not say. */
  readonly exports?: readonly ExportFormat[];
  /** What the page keeps, for a window that is opened again. */
  readonly keep: Kept;
}

/** What finds a picture again. */
export type Kept = Readonly<Record<string, string>>;

/** The texts of the page's own buttons, in the editor's language. */
export const pageTexts = [
  'fit', 'zoomIn', 'zoomOut', 'actual', 'asTable', 'export', 'exportSvg', 'exportPng', 'close', 'actions', 'drawing', 'loading', 'help',
  'exportCsv', 'exportJson', 'exportMarkdown', 'rows', 'gridHelp', 'filter', 'filterColumn', 'filterOperator', 'filterText', 'anyColumn', 'clearFilter',
  ...filterOperators] as const;
export type PageTexts = Readonly<Record<(typeof pageTexts)[number], string>>;

export type ToPage =
  | { readonly type: 'show'; readonly revision: number; readonly picture: Picture }
  /** Asks for a drawing as a PNG, so many times as large. */
  | { readonly type: 'rasterise'; readonly id: number; readonly svg: string; readonly scale: number }
  /** Rows of a grid, from one on. */
  | { readonly type: 'rows'; readonly grid: number; readonly from: number; readonly rows: readonly GridRow[] }
  /** Does what a click on a thing does, and on one of its actions. */
  | { readonly type: 'press'; readonly thing: string; readonly action?: string };

export type ToEditor =
  | { readonly type: 'ready' }
  /** Told after each drawing, from what stands on the page: the states of its things, and how long the script took. */
  | { readonly type: 'drawn'; readonly revision: number; readonly states: Readonly<Record<string, string>>; readonly ms: number }
  | { readonly type: 'act'; readonly thing: string; readonly action: string }
  | { readonly type: 'choose'; readonly value: string }
  | { readonly type: 'export'; readonly format: ExportFormat }
  /** Asks for rows of a grid. */
  | { readonly type: 'rows'; readonly grid: number; readonly from: number; readonly to: number }
  /** Somebody has come to the end of the rows that are held. */
  | { readonly type: 'more' }
  | { readonly type: 'look'; readonly sort?: GridSort; readonly filter?: GridFilter }
  /** Puts cells onto the clipboard: from one up to another, that one too. */
  | { readonly type: 'copy'; readonly grid: number; readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }
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

const isIndex = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value >= 0;
const isOneOf = <T extends string>(values: readonly T[]) => (value: unknown): value is T => values.some((each) => each === value);
const isSort = (value: unknown): value is GridSort => isFields(value) && isIndex(value['column']) && typeof value['descending'] === 'boolean';
const isFilter = (value: unknown): value is GridFilter => isFields(value) && isAbsentOr(value['column'], isIndex) && isOneOf(filterOperators)(value['operator']) && isName(value['text']);
const isColumn = (value: unknown): value is GridColumn => isFields(value) && isText(value['name']) && isAbsentOr(value['type'], isText) && typeof value['numeric'] === 'boolean';
const isGrid = (value: unknown): value is Grid =>
  isFields(value) && isNumber(value['id']) && isListOf(value['columns'], isColumn) && isIndex(value['total']) && typeof value['more'] === 'boolean' && isText(value['note']) &&
  isAbsentOr(value['sort'], isSort) && isAbsentOr(value['filter'], isFilter);
const isGridRow = (value: unknown): value is GridRow => isListOf(value, (each: unknown): each is string | null => each === null || isText(each));

const isPicture = (value: unknown): value is Picture =>
  isFields(value) && isText(value['title']) && isText(value['status']) && typeof value['busy'] === 'boolean' && isAbsentOr(value['problem'], isText) && isListOf(value['actions'], isAction) &&
  isAbsentOr(value['choice'], isChoice) && isListOf(value['drawings'], isDrawing) && isRecordOf(value['things'], isThing) && isListOf(value['tables'], isTable) && isAbsentOr(value['grid'], isGrid) &&
  isAbsentOr(value['exports'], (all: unknown): all is readonly ExportFormat[] => isListOf(all, isOneOf(exportFormats))) && isKept(value['keep']);

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
    case 'rows':
      return isNumber(value['grid']) && isIndex(value['from']) && isListOf(value['rows'], isGridRow);
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
      return isOneOf(exportFormats)(value['format']);
    case 'rows':
      return isNumber(value['grid']) && isIndex(value['from']) && isIndex(value['to']);
    case 'more':
      return true;
    case 'look':
      return isAbsentOr(value['sort'], isSort) && isAbsentOr(value['filter'], isFilter);
    case 'copy':
      return [value['grid'], value['top'], value['left'], value['bottom'], value['right']].every(isIndex);
    case 'raster':
      return isNumber(value['id']) && isAbsentOr(value['png'], (png: unknown): png is string => isText(png) && png.length <= longestRaster) && isAbsentOr(value['problem'], isText);
    default:
      return false;
  }
}

/** Texts that a page was given, if they are all there. */
export const isPageTexts = (value: unknown): value is PageTexts => isFields(value) && pageTexts.every((key) => isText(value[key]));
