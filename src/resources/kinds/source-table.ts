import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { psql, runOnInstance } from '../remote-shell.ts';
import { isPasswordAccepted, renewPassword, tryPassword } from '../user-data.ts';
import databasePassword from './database-password.ts';
import instance from './instance.ts';

export interface SourceTableState {
  readonly columns: readonly string[];
  /** Whether PostgreSQL takes the password that the parameter holds; undefined when that could not be tried. */
  readonly passwordAccepted: boolean | undefined;
  /** Rows may lack the key by which the jobs know what they have read. */
  readonly keyMayBeNull: boolean;
}

const columns = ['id', 'valor', 'fecha'];

/** Alone: the command of an `up` that was killed may still be at it, and IF NOT EXISTS does not keep two from making it at once. */
const createTable = ({ names }: Context): string => `SELECT FROM pg_advisory_lock(hashtext('${names.sourceTable}'));
CREATE TABLE IF NOT EXISTS ${names.sourceTable} (
  id serial4 PRIMARY KEY,
  valor text,
  fecha timestamp
);
ALTER TABLE ${names.sourceTable} OWNER TO ${names.sourceUser};`;

/** The key as `serial4 PRIMARY KEY` makes it; rows without one get the next. No row is lost, and none has its key changed. */
const restoreKey = ({ names: { sourceTable: table } }: Context): string => `CREATE SEQUENCE IF NOT EXISTS ${table}_id_seq OWNED BY ${table}.id;
SELECT setval('${table}_id_seq', greatest(nextval('${table}_id_seq'), (SELECT coalesce(max(id), 0) + 1 FROM ${table})), false);
ALTER TABLE ${table} ALTER COLUMN id SET DEFAULT nextval('${table}_id_seq');
UPDATE ${table} SET id = nextval('${table}_id_seq') WHERE id IS NULL;
ALTER TABLE ${table} ALTER COLUMN id SET NOT NULL;`;

const listColumns = ({ names }: Context): string =>
  `SELECT 'column:' || column_name || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${names.sourceTable}' ORDER BY ordinal_position;`;

function columnsOf(output: string): Pick<SourceTableState, 'columns' | 'keyMayBeNull'> {
  const found = [...output.matchAll(/^column:(\w+) (YES|NO)$/gm)];
  return { columns: found.map(([, name]) => name ?? ''), keyMayBeNull: found.some(([, name, nullable]) => name === 'id' && nullable === 'YES') };
}

export default defineKind<SourceTableState>({
  id: 'source-table',
  title: () => l10n.t('Toy table in PostgreSQL'),
  type: 'PostgreSQL::Table',
  // The password, since the table is what tells whether PostgreSQL has the current one.
  dependsOn: [instance, databasePassword],
  actions: { read: ['ssm:SendCommand', 'ssm:GetCommandInvocation'], write: ['ssm:SendCommand'] },

  readTries: true,

  async read(context) {
    const server = await context.get(instance);
    if (!server || server.state !== 'running') {
      return undefined;
    }
    try {
      const output = await runOnInstance(context, server.id, `${psql(context, listColumns(context))}\n${tryPassword(context.names, server.privateIp)}`);
      const found = columnsOf(output);
      return found.columns.length === 0 ? undefined : { owner: 'ours', state: { ...found, passwordAccepted: isPasswordAccepted(output) } };
    } catch (error) {
      // The agent is not there yet, so neither is the table.
      // Source: botocore ssm 1.44.5 InvalidInstanceId, 2026-11-28
      if (AwsError.is(error) && error.code === 'InvalidInstanceId') {
        return undefined;
      }
      throw error;
    }
  },

  check(context, state) {
    const findings: Finding[] = [];
    const missing = columns.filter((column) => !state.columns.includes(column));
    if (missing.length > 0) {
      findings.push({
        code: 'source-table.columns',
        message: l10n.t('The table {0} lacks the column {1}.', context.names.sourceTable, missing.join(', ')),
        fix: l10n.t('Rename that table or add the column by hand: a table with rows is never changed for you.'),
        byHand: true,
      });
    }
    if (state.passwordAccepted === false) {
      findings.push({
        code: 'source-table.password',
        message: l10n.t('PostgreSQL does not take the password in the parameter {0}.', context.names.passwordParameter),
        fix: l10n.t('Provision the step again: it gives PostgreSQL the password.'),
      });
    }
    if (state.keyMayBeNull) {
      findings.push({
        code: 'source-table.null-key',
        message: l10n.t('The column id of {0} may be null. It is the bookmark key: rows without one would never be read.', context.names.sourceTable),
        fix: l10n.t('Provision the step again: it gives rows without an id the next one, and forbids nulls.'),
      });
    }
    return findings;
  },

  async create(context) {
    const server = await context.need(instance);
    // PostgreSQL is installed by the instance's first start: three to six minutes.
    const script = `for i in $(seq 60); do sudo -u postgres psql -XqAt -d ${context.names.sourceDatabase} -c 'SELECT 1' >/dev/null 2>&1 && break; sleep 10; done
${psql(context, `${createTable(context)}\n${listColumns(context)}`)}`;
    const output = await runOnInstance(context, server.id, script, { budget: 10 * 60_000 });
    const made = columnsOf(output);
    if (made.columns.length === 0) {
      throw new UserError('source-table.failed', l10n.t('The table {0} could not be made.', context.names.sourceTable), {
        why: output.trim().split('\n').slice(-3).join(' '),
        next: l10n.t('Wait until PostgreSQL is installed (up to six minutes after the instance started), then provision the step again.'),
        exit: ExitCode.failed,
      });
    }
    return { ...made, passwordAccepted: undefined };
  },

  async update(context, state, findings) {
    const server = await context.need(instance);
    let now = state;
    if (findings.some(({ code }) => code === 'source-table.password')) {
      const output = await runOnInstance(context, server.id, `${renewPassword(context.names)}\n${tryPassword(context.names, server.privateIp)}`);
      if (isPasswordAccepted(output) === false) {
        throw new UserError('source-table.password-failed', l10n.t('PostgreSQL could not be given the password.'), {
          why: output.trim().split('\n').slice(-3, -1).join(' '),
          next: l10n.t('Nothing that was done is lost: correct the cause and run the same again.'),
          exit: ExitCode.failed,
        });
      }
      now = { ...now, passwordAccepted: true };
    }
    if (findings.some(({ code }) => code === 'source-table.null-key')) {
      const output = await runOnInstance(context, server.id, psql(context, `${restoreKey(context)}\n${listColumns(context)}`));
      const found = columnsOf(output);
      if (found.columns.length === 0) {
        throw new UserError('source-table.failed', l10n.t('The table {0} could not be changed.', context.names.sourceTable), {
          why: output.trim().split('\n').slice(-3).join(' '),
          next: l10n.t('Put the column id in order by hand: an integer without nulls that only grows.'),
          exit: ExitCode.failed,
        });
      }
      now = { ...now, ...found };
    }
    return now;
  },
});
