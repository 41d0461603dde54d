import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context } from '../kind.ts';
import { psql, runOnInstance } from '../remote-shell.ts';
import instance from './instance.ts';

export interface SourceTableState {
  readonly columns: readonly string[];
}

const columns = ['id', 'valor', 'fecha'];

const createTable = ({ names }: Context): string => `CREATE TABLE IF NOT EXISTS ${names.sourceTable} (
  id serial4 PRIMARY KEY,
  valor text,
  fecha timestamp
);
ALTER TABLE ${names.sourceTable} OWNER TO ${names.sourceUser};`;

const listColumns = ({ names }: Context): string =>
  `SELECT 'column:' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${names.sourceTable}' ORDER BY ordinal_position;`;

const readColumns = (output: string): string[] => [...output.matchAll(/^column:(\w+)$/gm)].map((match) => match[1] ?? '');

export default defineKind<SourceTableState>({
  id: 'source-table',
  title: () => l10n.t('Toy table in PostgreSQL'),
  type: 'PostgreSQL::Table',
  dependsOn: [instance],
  actions: { read: ['ssm:SendCommand', 'ssm:GetCommandInvocation'], write: ['ssm:SendCommand'] },

  readTries: true,

  async read(context) {
    const server = await context.get(instance);
    if (!server || server.state !== 'running') {
      return undefined;
    }
    try {
      const found = readColumns(await runOnInstance(context, server.id, psql(context, listColumns(context))));
      return found.length === 0 ? undefined : { owner: 'ours', state: { columns: found } };
    } catch (error) {
      // The agent is not there yet, so neither is the table.
      if (AwsError.is(error) && error.code === 'InvalidInstanceId') {
        return undefined;
      }
      throw error;
    }
  },

  check(context, state) {
    const missing = columns.filter((column) => !state.columns.includes(column));
    return missing.length === 0
      ? []
      : [{
          code: 'source-table.columns',
          message: l10n.t('The table {0} lacks the column {1}.', context.names.sourceTable, missing.join(', ')),
          fix: l10n.t('Rename that table or add the column by hand: a table with rows is never changed for you.'),
        }];
  },

  async create(context) {
    const server = await context.need(instance);
    // PostgreSQL is installed by the instance's first start: three to six minutes.
    const script = `for i in $(seq 60); do sudo -u postgres psql -XqAt -d ${context.names.sourceDatabase} -c 'SELECT 1' >/dev/null 2>&1 && break; sleep 10; done
${psql(context, `${createTable(context)}\n${listColumns(context)}`)}`;
    const output = await runOnInstance(context, server.id, script, { budget: 10 * 60_000 });
    const found = readColumns(output);
    if (found.length === 0) {
      throw new UserError('source-table.failed', l10n.t('The table {0} could not be made.', context.names.sourceTable), {
        why: output.trim().split('\n').slice(-3).join(' '),
        next: l10n.t('Wait until PostgreSQL is installed (up to six minutes after the instance started), then provision the step again.'),
        exit: ExitCode.failed,
      });
    }
    return { columns: found };
  },
});
