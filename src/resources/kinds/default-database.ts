import type { Permission } from '@aws-sdk/client-lakeformation';
import * as l10n from '@vscode/l10n';
import { closeDatabase, openDatabase, openPermissions, readGlueDatabase, stateOf, type GlueDatabaseState } from '../glue-database.ts';
import { defineKind, type Context } from '../kind.ts';
import { databaseTreePath } from '../tree-path.ts';
import { ifExists, unlessExists } from '../support.ts';
import lakeAdmin from './lake-admin.ts';

const Name = 'default';
const input = (Parameters: Record<string, string>) => ({ Name, Description: 'Default database', Parameters });

/** Parameters of the database. We made it: nobody had used it before. */
const madeMark = 'lake-tutorial-made';
/** It was open to everybody whom IAM allows, and is again when the lake is gone. */
const closedMark = 'lake-tutorial-closed';

const parameters = async (context: Context): Promise<Record<string, string>> => (await ifExists(context.aws.glue.getDatabase({ Name })))?.Database?.Parameters ?? {};

export interface DefaultDatabase {
  /** What everybody may do with one that is there for the lake alone. */
  readonly open: readonly Permission[];
  /** It is ours to give back. */
  readonly closed: boolean;
}

/** How the database is left to grants: by what the account shows, whatever a run that was killed did of it. */
export async function lookAtDefault(context: Context, marks: Readonly<Record<string, string>>): Promise<DefaultDatabase> {
  return { open: madeMark in marks ? await openPermissions(context, Name) : [], closed: closedMark in marks };
}

/** Leaves the database to grants like the lake's own, if it is there for the lake alone. One that was there before is as its users know it. */
export async function closeDefault(context: Context): Promise<DefaultDatabase> {
  const found = await parameters(context);
  const open = madeMark in found ? await openPermissions(context, Name) : [];
  if (open.length > 0) {
    await context.aws.glue.updateDatabase({ Name, DatabaseInput: input({ ...found, [closedMark]: 'true' }) });
    await closeDatabase(context, Name, open);
  }
  return { open: [], closed: open.length > 0 || closedMark in found };
}

/** Opens again what `closeDefault` closed: it stays, and must not stand in the way of others. */
export async function giveBackDefault(context: Context): Promise<void> {
  const { [closedMark]: closed, ...rest } = await parameters(context);
  if (closed) {
    await openDatabase(context, Name);
    await context.aws.glue.updateDatabase({ Name, DatabaseInput: input(rest) });
  }
}

/** Spark asks for the database `default` whatever it is told to use; a new account may not have it. */
export default defineKind<GlueDatabaseState>({
  id: 'default-database',
  title: () => l10n.t('Catalog database "default"'),
  type: 'AWS::Glue::Database',
  // Where an account's databases are not open to all, only a data lake administrator may make one.
  dependsOn: [lakeAdmin],
  actions: { read: ['glue:GetDatabase'], write: ['glue:CreateDatabase'] },
  console: () => 'glue/home#/v2/data-catalog/databases/view/default',
  sidebar: () => databaseTreePath('default'),

  async read(context) {
    const found = await readGlueDatabase(context, Name);
    return found && { ...found, owner: 'shared' };
  },

  async create(context) {
    const made = input({ [madeMark]: context.names.tutorial });
    await unlessExists(context.aws.glue.createDatabase({ DatabaseInput: made }));
    return stateOf('shared', made);
  },
  stays: () => l10n.t('The account\'s own; other tools use it, and it costs nothing.'),
});
