import type { Database, DatabaseInput } from '@aws-sdk/client-glue';
import type { Permission } from '@aws-sdk/client-lakeformation';
import { everybody } from '../aws/catalog.ts';
import { AwsError } from '../aws/errors.ts';
import type { Context, Found, Owner } from './kind.ts';
import { ifExists, tagKeys } from './support.ts';

export interface GlueDatabaseState {
  readonly owner: Owner;
  readonly locationUri: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** New tables are open to everybody whom IAM allows, so that grants have no effect. */
  readonly openByDefault: boolean;
  /** All of it, in the form that an update takes: an update replaces what it is not given. */
  readonly input: DatabaseInput;
}

/** Parameters that mark a database as ours: they are made with it in one call, and read with it. */
export const databaseMarks = (context: Context): Record<string, string> => ({ ...context.tags });

const isOpen = ({ Principal }: NonNullable<DatabaseInput['CreateTableDefaultPermissions']>[number]): boolean => Principal?.DataLakePrincipalIdentifier === everybody;

/** A database whose new tables are open to nobody but by grants; its other defaults stay. */
export const closed = (input: DatabaseInput): DatabaseInput => ({
  ...input,
  // Empty, not left out: else the account's default opens every new table to all whom IAM allows.
  CreateTableDefaultPermissions: (input.CreateTableDefaultPermissions ?? []).filter((permissions) => !isOpen(permissions)),
});

export async function readGlueDatabase(context: Context, Name: string): Promise<Found<GlueDatabaseState> | undefined> {
  const database = (await ifExists(context.aws.glue.getDatabase({ Name })))?.Database;
  if (!database) {
    return undefined;
  }
  const parameters = database.Parameters ?? {};
  const owner: Owner = parameters[tagKeys.tutorial] !== context.names.tutorial ? 'foreign' : parameters[tagKeys.adopted] ? 'adopted' : 'ours';
  return { owner, state: stateOf(owner, inputOf(database)) };
}

/** What a database is after it was written. */
export const stateOf = (owner: Owner, input: DatabaseInput): GlueDatabaseState => ({
  owner,
  input,
  locationUri: input.LocationUri ?? '',
  parameters: input.Parameters ?? {},
  openByDefault: (input.CreateTableDefaultPermissions ?? []).some(isOpen),
});

const inputOf = ({ Name, Description, LocationUri, Parameters, CreateTableDefaultPermissions, TargetDatabase, FederatedDatabase }: Database): DatabaseInput => ({
  Name, Description, LocationUri, Parameters, CreateTableDefaultPermissions, TargetDatabase, FederatedDatabase,
});

/** What Lake Formation gives to everybody on a database: an account that never changed its settings opens each new one. */
export async function openPermissions(context: Context, Name: string): Promise<readonly Permission[]> {
  const listed = await ifExists(context.aws.lakeformation.listPermissions({ Resource: { Database: { Name } } }));
  return (listed?.PrincipalResourcePermissions ?? []).flatMap(({ Principal, Permissions }) => (Principal?.DataLakePrincipalIdentifier === everybody ? (Permissions ?? []) : []));
}

/** Leaves a database to the grants on it. */
export async function closeDatabase(context: Context, Name: string, open: readonly Permission[]): Promise<void> {
  if (open.length > 0) {
    await ifExists(context.aws.lakeformation.revokePermissions({ Principal: { DataLakePrincipalIdentifier: everybody }, Resource: { Database: { Name } }, Permissions: [...open] })).catch((error: unknown) => {
      // Another run took them away since they were listed.
      if (!(AwsError.is(error) && error.message.startsWith('No permissions revoked'))) {
        throw error;
      }
    });
  }
}

/** Gives back to everybody what `closeDatabase` took. */
export async function openDatabase(context: Context, Name: string): Promise<void> {
  await context.aws.lakeformation.grantPermissions({ Principal: { DataLakePrincipalIdentifier: everybody }, Resource: { Database: { Name } }, Permissions: ['ALL'] });
}
