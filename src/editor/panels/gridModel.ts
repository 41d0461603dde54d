// Rows as a grid holds them: sorted and filtered without a change to any value. Values are texts as they are stored; null is none.

import type { GridColumn, GridFilter, GridRow, GridSort } from '../../webviews/protocol.ts';

/** A column as whoever stores it names it. */
export type ResultColumn = Pick<GridColumn, 'name' | 'type'>;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const numericType = /^(?:tiny|small|big)?int(?:eger)?(?:8|16|32|64|96)?\b|^u?int_?(?:8|16|32|64)\b|^(?:decimal|numeric|double|float|real|long|short|byte|number)\b/i;

/** Whether a column holds numbers: by its type, or where it has none by all that is held of it. */
export function isNumeric(column: ResultColumn, values: Iterable<string | null | undefined>): boolean {
  if (column.type !== undefined) {
    return numericType.test(column.type);
  }
  let some = false;
  for (const value of values) {
    if (value !== null && value !== undefined && value !== '') {
      if (!number.test(value)) {
        return false;
      }
      some = true;
    }
  }
  return some;
}

interface Exact {
  readonly sign: -1 | 0 | 1;
  /** Digits without zeros around them; the point stands before the first. */
  readonly digits: string;
  readonly exponent: number;
}

function exact(text: string): Exact {
  const [, sign = '', whole = '', , fraction = '', power = '0'] = /^([+-]?)(\d*)(\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const lead = /^0*/.exec(all)?.[0].length ?? 0;
  const digits = all.slice(lead).replace(/0+$/, '');
  return { sign: digits === '' ? 0 : sign === '-' ? -1 : 1, digits, exponent: whole.length - lead + Number(power) };
}

/** Compares numbers that are written down, however many digits they have: no double would tell 0.1000000000000000001 from 0.1. */
export function compareNumbers(one: string, other: string): number {
  // Written alike: what comes first as a text is the smaller one, or the larger below zero.
  if (one.length === other.length && one.indexOf('.') === other.indexOf('.') && !/[eE+]/.test(one) && !/[eE+]/.test(other) && one.startsWith('-') === other.startsWith('-')) {
    return one === other ? 0 : one < other === one.startsWith('-') ? 1 : -1;
  }
  const [a, b] = [exact(one), exact(other)];
  if (a.sign !== b.sign || a.sign === 0) {
    return a.sign - b.sign;
  }
  return a.sign * (a.exponent - b.exponent || (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0)) || 0;
}

/** What is no number comes after all that are: NaN and whatever else a column of numbers holds. */
const keyOf = (text: string): number => {
  const value = Number(text);
  return Number.isNaN(value) ? (/^[+-]?inf(?:inity)?$/i.test(text.trim()) ? (text.trim().startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : Number.NaN) : text.trim() === '' ? Number.NaN : value;
};

/** Two values that round to the same, or are no numbers. */
const compareAlike = (a: string, b: string): number => (a === b ? 0 : number.test(a) && number.test(b) ? compareNumbers(a, b) : a < b ? -1 : 1);

/** What rows a filter lets through. */
function test(filter: GridFilter, columns: readonly ResultColumn[], numeric: readonly boolean[]): (row: GridRow) => boolean {
  const { operator, text } = filter;
  const wanted = text.toLowerCase();
  const cell = (value: string | null, column: number): boolean => {
    switch (operator) {
      case 'isNull':
        return value === null;
      case 'isNotNull':
        return value !== null;
      case 'isEmpty':
        return value === '';
      case 'contains':
        return value !== null && value.toLowerCase().includes(wanted);
      case 'equals':
        return value !== null && (value === text || (numeric[column] === true && number.test(value) && number.test(text) && compareNumbers(value, text) === 0));
      case 'greater':
      case 'less': {
        if (value === null) {
          return false;
        }
        const order = numeric[column] === true && number.test(text) ? (number.test(value) ? compareNumbers(value, text) : Number.NaN) : value < text ? -1 : value > text ? 1 : 0;
        return operator === 'greater' ? order > 0 : order < 0;
      }
    }
  };
  const { column } = filter;
  return column === undefined ? (row) => columns.some((_, index) => cell(row[index] ?? null, index)) : (row) => cell(row[column] ?? null, column);
}

/** Whether a filter leaves anything out. */
export const isFiltering = ({ operator, text }: GridFilter): boolean => text !== '' || operator === 'isNull' || operator === 'isNotNull' || operator === 'isEmpty';

/** Rows and how they are looked at. More may be added at any time. */
export class GridModel {
  private readonly held: GridRow[] = [];
  private shown: Uint32Array | undefined;
  private numbers: readonly boolean[] | undefined;
  sort: GridSort | undefined;
  filter: GridFilter | undefined;

  constructor(public columns: readonly ResultColumn[], rows: readonly GridRow[] = []) {
    this.add(rows);
  }

  /** How many rows are held, and how many of them are to be seen. */
  get count(): number {
    return this.held.length;
  }

  get total(): number {
    return this.order()?.length ?? this.held.length;
  }

  /** Which columns hold numbers. */
  get numeric(): readonly boolean[] {
    return (this.numbers ??= this.columns.map((column, index) => isNumeric(column, (function* (rows: readonly GridRow[]) {
      for (const row of rows) {
        yield row[index];
      }
    })(this.held))));
  }

  add(rows: readonly GridRow[]): void {
    for (const row of rows) {
      this.held.push(row);
    }
    this.forget();
    this.numbers = undefined;
  }

  look({ sort, filter }: { readonly sort?: GridSort | undefined; readonly filter?: GridFilter | undefined }): void {
    this.sort = sort && sort.column < this.columns.length ? sort : undefined;
    this.filter = filter && isFiltering(filter) && (filter.column ?? 0) < this.columns.length ? filter : undefined;
    this.forget();
  }

  /** Rows of those that are to be seen, in their order. */
  rows(from: number, to: number): GridRow[] {
    const order = this.order();
    const end = Math.min(to, this.total);
    return Array.from({ length: Math.max(0, end - from) }, (_, index) => this.held[order ? (order[from + index] ?? 0) : from + index] ?? []);
  }

  private forget(): void {
    this.shown = undefined;
  }

  private order(): Uint32Array | undefined {
    if (!this.sort && !this.filter) {
      return undefined;
    }
    return (this.shown ??= this.arranged());
  }

  private arranged(): Uint32Array {
    const { held, filter, sort } = this;
    let wanted = Uint32Array.from({ length: held.length }, (_, index) => index);
    if (filter) {
      const passes = test(filter, this.columns, this.numeric);
      wanted = wanted.filter((index) => passes(held[index] ?? []));
    }
    if (sort) {
      const { column, descending } = sort;
      const sign = descending ? -1 : 1;
      const texts = held.map((row) => row[column] ?? '');
      // What is no number comes after all that are.
      const keys = this.numeric[column] ? Float64Array.from(texts, keyOf) : undefined;
      // What is none comes last, whichever way it is sorted; what is equal stays as it came.
      const isNull = (index: number): boolean => (held[index]?.[column] ?? null) === null;
      const nulls = wanted.filter(isNull);
      const rest = wanted.filter((index) => !isNull(index));
      const compareTexts = (a: number, b: number): number => {
        const [one = '', other = ''] = [texts[a], texts[b]];
        return one < other ? -sign : one > other ? sign : a - b;
      };
      rest.sort(keys ? (a, b) => {
        const [one = 0, other = 0] = [keys[a], keys[b]];
        // Rounding keeps the order: only what rounds to the same is to be read digit by digit.
        const order = one < other ? -1 : one > other ? 1 : one === other || (one !== one && other !== other) ? compareAlike(texts[a] ?? '', texts[b] ?? '') : one !== one ? 1 : -1;
        return order * sign || a - b;
      } : compareTexts);
      wanted.set(rest);
      wanted.set(nulls, rest.length);
    }
    return wanted;
  }
}
