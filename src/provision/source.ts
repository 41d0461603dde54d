import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import { psql, runOnInstance } from '../resources/remote-shell.ts';
import instance from '../resources/kinds/instance.ts';
import rows from '../resources/kinds/rows.ts';
import { AccountView, type ProvisionOptions } from './account-view.ts';

/** A row of the source as it lies in PostgreSQL. */
export interface SourceRow {
  readonly id: number | null;
  readonly valor: string | null;
  readonly fecha: string | null;
}

/** The source table as it is now. */
export interface SourceRows {
  readonly table: string;
  readonly count: number;
  /** The newest, by key. */
  readonly newest: readonly SourceRow[];
}

/** The most of a value that is shown: SSM gives back 24,000 characters of what a command prints. */
const longestValue = 60;

/**
 * Reads how many rows the source has, and the newest: on the instance, as only the VPC reaches the database. It costs nothing.
 *
 * @throws UserError `source.missing`, `source.unreadable`.
 */
export async function readSource(options: ProvisionOptions, newest = 20): Promise<SourceRows> {
  const account = await AccountView.open({ ...options, onProgress: undefined });
  const { sourceTable: table } = account.names;
  const context = account.context(account.resourceOf(rows), 'observed');
  const server = await context.get(instance);
  if (server?.state !== 'running') {
    throw new UserError('source.missing', server ? l10n.t('The source database does not run.') : l10n.t('There is no source database yet.'), { next: l10n.t('Provision the step "source-database".'), exit: ExitCode.failed });
  }
  const sql = `SELECT 'count:' || count(*) FROM ${table};
SELECT 'row:' || json_build_object('id', id, 'valor', left(valor, ${longestValue}), 'fecha', fecha::text) FROM ${table} ORDER BY id DESC NULLS LAST LIMIT ${newest};`;
  const output = await runOnInstance(context, server.id, psql(context, sql));
  const count = /^count:(\d+)$/m.exec(output)?.[1];
  if (count === undefined) {
    throw new UserError('source.unreadable', l10n.t('The table {0} cannot be read.', table), { why: output.replace('lake-tutorial:end', '').trim().split('\n').at(-1), next: l10n.t('Verify the step "source-database": it says what is missing.'), exit: ExitCode.failed });
  }
  return { table, count: Number(count), newest: [...output.matchAll(/^row:(\{.*\})$/gm)].map(([, row = '']) => JSON.parse(row) as SourceRow) };
}
