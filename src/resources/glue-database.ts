import type { Context, Found, Owner } from './kind.ts';
import { ifExists, tagKeys } from './support.ts';

export interface GlueDatabaseState {
  readonly locationUri: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** New tables are open to everybody whom IAM allows, so that grants have no effect. */
  readonly openByDefault: boolean;
}

/** Parameters that mark a database as ours: they are made with it in one call, and read with it. */
export const databaseMarks = (context: Context): Record<string, string> => ({ ...context.tags });

export async function readGlueDatabase(context: Context, Name: string): Promise<Found<GlueDatabaseState> | undefined> {
  const database = (await ifExists(context.aws.glue.getDatabase({ Name })))?.Database;
  if (!database) {
    return undefined;
  }
  const parameters = database.Parameters ?? {};
  const owner: Owner = parameters[tagKeys.tutorial] !== context.names.tutorial ? 'foreign' : parameters[tagKeys.adopted] ? 'adopted' : 'ours';
  return {
    owner,
    state: {
      locationUri: database.LocationUri ?? '',
      parameters,
      openByDefault: (database.CreateTableDefaultPermissions ?? []).some(({ Principal }) => Principal?.DataLakePrincipalIdentifier === 'IAM_ALLOWED_PRINCIPALS'),
    },
  };
}
