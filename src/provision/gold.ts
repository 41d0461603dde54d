import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import { runQuery, type QueryResult } from '../aws/query.ts';
import { workGroupName } from '../resources/kinds/work-group.ts';
import type { Names } from '../resources/names.ts';
import { tablesOf } from '../resources/results.ts';

/** What the lake was built for, as SQL that runs on Athena as it is: rows and share of each class of values. */
export const goldSql = (names: Pick<Names, 'sourceTable'>): string =>
  [
    'SELECT value_class, hours, "rows", round(100 * share, 1) AS percent',
    `FROM ${tablesOf(names).gold}`,
    "WHERE level = 'value_class'",
    'ORDER BY "rows" DESC, value_class',
  ].join('\n');

/** Asks Athena for the picture of gold. @throws UserError as `runQuery` does. */
export function readGold(connection: Connection, names: Names, signal?: AbortSignal): Promise<QueryResult> {
  return runQuery(connection, goldSql(names), { database: names.lakeDatabase, workGroup: workGroupName({ names }), ...(signal && { signal }) });
}

const widestBar = 40;

/** The picture of gold in plain text: a bar for each class, and the total under them. */
export function goldLines({ rows }: Pick<QueryResult, 'rows'>): string[] {
  const classes = rows.map(([name, hours, count, percent]) => ({ name: name ?? '', hours: Number(hours), count: Number(count), percent: Number(percent) }));
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...classes.map(({ count }) => count));
  const titles = [l10n.t('class'), l10n.t('rows'), l10n.t('all')] as const;
  const wide = Math.max(titles[0].length, titles[2].length, ...classes.map(({ name }) => name.length));
  const digits = Math.max(titles[1].length, String(total).length);
  const line = (name: string, count: string, rest = ''): string => `${name.padEnd(wide)}  ${count.padStart(digits)}  ${rest}`.trimEnd();
  return [
    line(titles[0], titles[1]),
    ...classes.map(({ name, count, percent }) => line(name, String(count), `${'█'.repeat(Math.max(count > 0 ? 1 : 0, Math.round((count / most) * widestBar)))} ${percent.toFixed(1)} %`)),
    line(titles[2], String(total)),
  ];
}
