import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { defineKind } from '../kind.ts';
import { psql, runOnInstance } from '../remote-shell.ts';
import instance from './instance.ts';
import schedule from './schedule.ts';
import sourceTable from './source-table.ts';

export interface RowsState {
  readonly count: number;
  /** Seconds since the newest row. */
  readonly age: number;
  /** The highest key, and the highest of the rows that are older than an hour; absent for a table without the key. */
  readonly keys?: { readonly highest: number; readonly older: number };
}

/** Rows arrive by themselves once the schedule runs: there is nothing to provision, only to look at. */
export default defineKind<RowsState>({
  id: 'rows',
  title: () => l10n.t('Rows that arrive'),
  type: 'PostgreSQL::Rows',
  dependsOn: [sourceTable, schedule],
  flow: { to: { 'source-table': [] } },
  actions: { read: ['ssm:SendCommand', 'ssm:GetCommandInvocation'] },

  readTries: true,

  async read(context) {
    const server = await context.get(instance);
    if (!server || server.state !== 'running') {
      return undefined;
    }
    // A date that is still to come, or infinite, is a bad row's (the jobs set it aside) and would look fresh for ever. Clocks may differ by a minute.
    const sql = `SELECT 'rows:' || count(*) || ':' || coalesce(round(extract(epoch FROM (now() AT TIME ZONE 'UTC') - max(fecha) FILTER (WHERE isfinite(fecha) AND fecha < (now() AT TIME ZONE 'UTC') + interval '1 minute'))), -1) FROM ${context.names.sourceTable};`;
    // Last, since a table that was made by hand may lack the column.
    const keys = `SELECT 'keys:' || coalesce(max(id), 0) || ':' || coalesce(max(id) FILTER (WHERE isfinite(fecha) AND fecha < (now() AT TIME ZONE 'UTC') - interval '1 hour'), 0) FROM ${context.names.sourceTable};`;
    const output = await runOnInstance(context, server.id, psql(context, `${sql}\n${keys}`)).catch((error: unknown) => {
      // Source: botocore ssm 1.44.5 InvalidInstanceId, 2026-11-28
      if (AwsError.is(error) && error.code === 'InvalidInstanceId') {
        return '';
      }
      throw error;
    });
    const match = /^rows:(\d+):(-?\d+)$/m.exec(output);
    const [, highest, older] = /^keys:(\d+):(\d+)$/m.exec(output) ?? [];
    return match && Number(match[1]) > 0
      ? { owner: 'ours', state: { count: Number(match[1]), age: Number(match[2]), ...(highest !== undefined && { keys: { highest: Number(highest), older: Number(older) } }) } }
      : undefined;
  },

  check(_context, state) {
    // The schedule inserts every two minutes; two missed ones and a slow start are 300 seconds.
    return state.age > 300
      ? [{
          code: 'rows.stale',
          message: l10n.t('{0} rows, but none in the last {1} minutes.', state.count, Math.round(state.age / 60)),
          expected: l10n.t('One row every two minutes.'),
          fix: l10n.t('Look at the Lambda\'s log: a failed insert says why. The usual cause is the security group or the password.'),
        }]
      : [];
  },
});
