import type { Table } from '@aws-sdk/client-glue';
import type { Connection } from '../aws/connection.ts';
import { runQuery } from '../aws/query.ts';
import { workGroupName } from '../resources/kinds/work-group.ts';
import type { Names } from '../resources/names.ts';
import { goldTables, tablesOf } from '../resources/results.ts';
import { ifExists } from '../resources/support.ts';

// Gold as a dashboard shows it: what there is of it is asked of the catalog first, and nothing is made up of what is not there.

/** A cell of the cube: how many rows. */
export interface GoldCell {
  /** `2026-11-28` */
  readonly day?: string;
  readonly hour?: number;
  readonly valueClass: string;
  readonly rows: number;
}

/** Why `refine` set rows aside, as gold counts it. */
export const goldReasons = ['null_key', 'null_fecha', 'future_fecha', 'invalid_text', 'duplicate'] as const;
export type GoldReason = (typeof goldReasons)[number];

export interface GoldQuality {
  readonly read: number;
  readonly accepted: number;
  readonly reasons: Readonly<Record<GoldReason, number>>;
}

export interface GoldFreshness {
  readonly source: string;
  readonly lastRow: string | undefined;
  readonly lastLoaded: string | undefined;
  readonly lagSeconds: number | undefined;
  readonly rows: number;
  readonly batches: number;
}

/** Which tables of gold the catalog has, with the columns that are needed. */
export interface GoldTables {
  readonly cube?: string;
  readonly quality?: string;
  readonly freshness?: string;
  /** Where the rows themselves are. */
  readonly silver?: string;
  readonly rejected?: string;
  /** What changes when a run has made gold anew. */
  readonly version: string;
}

export interface GoldData {
  readonly tables: GoldTables;
  /** By class, by hour and class, by day and class; of few days also by day, hour and class. */
  readonly byClass: readonly GoldCell[];
  readonly byHour: readonly GoldCell[];
  readonly byDay: readonly GoldCell[];
  readonly byDayAndHour: readonly GoldCell[];
  readonly quality?: GoldQuality;
  readonly freshness?: GoldFreshness;
}

/** So many days and fewer are shown by their hours. */
export const daysByHour = 3;

const columnsOf = (table: Table): Set<string> => new Set([...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])].map(({ Name = '' }) => Name));
const needed = {
  cube: ['level', 'day', 'hour', 'value_class', 'rows'],
  quality: ['read', 'accepted', ...goldReasons],
  freshness: ['source', 'last_fecha', 'last_loaded_at', 'lag_seconds', 'rows', 'batches'],
  silver: ['day', 'hour', 'value_class', 'fecha'],
  rejected: ['reason'],
} as const;

/** Asks the catalog which tables of gold there are; no query is made. A table that has other columns is somebody else's. */
export async function goldTablesIn(aws: Connection, names: Names): Promise<GoldTables> {
  const { gold, silver } = tablesOf(names);
  const wanted = { cube: gold, ...goldTables, silver, rejected: `${silver}_rejected` } as const;
  let version = '';
  const found = await Promise.all(Object.entries(wanted).map(async ([key, Name]) => {
    const table = (await ifExists(aws.glue.getTable({ DatabaseName: names.lakeDatabase, Name })))?.Table;
    if (!table) {
      return [];
    }
    const columns = columnsOf(table);
    return needed[key as keyof typeof needed].every((column) => columns.has(column)) ? [{ key, Name, version: `${Name}@${table.Parameters?.['lake_sequence'] ?? ''}/${String(table.UpdateTime?.getTime() ?? '')}` }] : [];
  }));
  version = found.flat().map((each) => each.version).join(' ');
  return { ...Object.fromEntries(found.flat().map(({ key, Name }) => [key, Name])), version };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const cubeSql = (table: string, levels: readonly string[]): string =>
  `SELECT level, CAST(day AS varchar) AS day, hour, value_class, "rows" FROM ${quoted(table)} WHERE level IN (${levels.map(literal).join(', ')})`;

/** Reads what the dashboard shows. @throws UserError as `runQuery` does. */
export async function readGoldData(connection: Connection, names: Names, tables: GoldTables, signal?: AbortSignal): Promise<GoldData> {
  const ask = async (sql: string): Promise<readonly (readonly (string | null)[])[]> =>
    (await runQuery(connection, sql, { database: names.lakeDatabase, workGroup: workGroupName({ names }), ...(signal && { signal }) })).rows;
  const { cube, quality, freshness } = tables;
  const [cells, counted, fresh] = await Promise.all([
    cube === undefined ? [] : ask(cubeSql(cube, ['value_class', 'hour_value_class', 'day_value_class'])),
    quality === undefined ? undefined : ask(`SELECT ${['read', 'accepted', ...goldReasons].map((column) => `sum(${quoted(column)})`).join(', ')} FROM ${quoted(quality)}`),
    freshness === undefined ? undefined : ask(`SELECT source, CAST(last_fecha AS varchar), CAST(last_loaded_at AS varchar), lag_seconds, "rows", batches FROM ${quoted(freshness)}`),
  ]);
  const at = (level: string, rows = cells): GoldCell[] => rows.filter(([of]) => of === level).map(([, day, hour, valueClass, count]) => ({
    ...(day !== null && day !== undefined && { day: day.slice(0, 10) }), ...(hour !== null && hour !== undefined && { hour: Number(hour) }), valueClass: valueClass ?? '', rows: Number(count),
  }));
  const byDay = at('day_value_class');
  const days = new Set(byDay.map(({ day }) => day));
  const byDayAndHour = cube !== undefined && days.size > 0 && days.size <= daysByHour ? at('day_hour_value_class', [...(await ask(cubeSql(cube, ['day_hour_value_class'])))]) : [];
  const [numbers] = counted ?? [];
  const [row] = fresh ?? [];
  const number = (text: string | null | undefined): number | undefined => (text === null || text === undefined ? undefined : Number(text));
  return {
    tables, byClass: at('value_class'), byHour: at('hour_value_class'), byDay, byDayAndHour,
    ...(numbers && number(numbers[0]) !== undefined && {
      quality: { read: Number(numbers[0]), accepted: Number(numbers[1]), reasons: Object.fromEntries(goldReasons.map((reason, index) => [reason, Number(numbers[index + 2] ?? 0)])) as Record<GoldReason, number> },
    }),
    ...(row && { freshness: { source: row[0] ?? '', lastRow: row[1] ?? undefined, lastLoaded: row[2] ?? undefined, lagSeconds: number(row[3]), rows: Number(row[4]), batches: Number(row[5]) } }),
  };
}

/** Which rows a mark of the dashboard stands for. */
export interface GoldPart {
  readonly valueClass?: string;
  /** From one day to another, both of them. */
  readonly days?: readonly [from: string, to: string];
  readonly hour?: number;
  readonly reason?: GoldReason;
}

/** A grid shows so many rows of them. */
const mostRows = 10_000;

/** SQL for the rows behind a mark; undefined where the catalog has no table with them. */
export function rowsBehindSql({ silver, rejected }: GoldTables, { valueClass, days, hour, reason }: GoldPart): string | undefined {
  const table = reason === undefined ? silver : rejected;
  if (table === undefined) {
    return undefined;
  }
  const conditions = reason !== undefined ? [`reason = ${literal(reason)}`] : [
    ...(valueClass === undefined ? [] : [`value_class = ${literal(valueClass)}`]),
    ...(days === undefined ? [] : days[0] === days[1] ? [`day = DATE ${literal(days[0])}`] : [`day BETWEEN DATE ${literal(days[0])} AND DATE ${literal(days[1])}`]),
    ...(hour === undefined ? [] : [`hour = ${hour}`]),
  ];
  return ['SELECT *', `FROM ${quoted(table)}`, ...(conditions.length > 0 ? [`WHERE ${conditions.join('\n  AND ')}`] : []), ...(reason === undefined ? ['ORDER BY fecha DESC'] : []), `LIMIT ${mostRows}`].join('\n');
}
