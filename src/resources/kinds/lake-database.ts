import * as l10n from '@vscode/l10n';
import { databaseMarks, readGlueDatabase, type GlueDatabaseState } from '../glue-database.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { adoptedTags, ifExists, unlessExists } from '../support.ts';
import bucket from './bucket.ts';
import lakeAdmin from './lake-admin.ts';
import lakeLocation from './lake-location.ts';

const location = ({ names }: Context): string => `s3://${names.bucket}/`;

const input = (context: Context, Parameters: Record<string, string>) => ({
  Name: context.names.lakeDatabase,
  Description: 'Lake Tutorial: the data lake\'s catalog',
  LocationUri: location(context),
  Parameters,
  // Empty, not left out: else the account's default opens every new table to all whom IAM allows, and grants have no effect.
  CreateTableDefaultPermissions: [],
});

export default defineKind<GlueDatabaseState>({
  id: 'lake-database',
  title: () => l10n.t('Catalog database of the lake'),
  type: 'AWS::Glue::Database',
  asLakeAdmin: true,
  dependsOn: [bucket, lakeAdmin, lakeLocation],
  actions: {
    read: ['glue:GetDatabase'],
    write: ['glue:CreateDatabase', 'glue:UpdateDatabase'],
    remove: ['glue:DeleteDatabase', 'glue:GetTables', 'glue:DeleteTable'],
  },
  console: ({ names }) => `glue/home#/v2/data-catalog/databases/view/${names.lakeDatabase}`,

  read: (context) => readGlueDatabase(context, context.names.lakeDatabase),

  check(context, state) {
    const findings: Finding[] = [];
    if (state.openByDefault) {
      findings.push({
        code: 'lake-database.open-by-default',
        message: l10n.t('New tables of {0} are open to IAM_ALLOWED_PRINCIPALS: grants have no effect.', context.names.lakeDatabase),
        fix: l10n.t('Provision the step again: it leaves access to Lake Formation\'s grants.'),
      });
    }
    if (state.locationUri.replace(/\/$/, '') !== location(context).replace(/\/$/, '')) {
      findings.push({
        code: 'lake-database.location',
        message: l10n.t('The database {0} lies at {1}, not in the lake\'s bucket.', context.names.lakeDatabase, state.locationUri || '–'),
        fix: l10n.t('Provision the step again: it sets the location.'),
      });
    }
    return findings;
  },

  async create(context) {
    const parameters = databaseMarks(context);
    await unlessExists(context.aws.glue.createDatabase({ DatabaseInput: input(context, parameters) }));
    return { locationUri: location(context), parameters, openByDefault: false };
  },

  async update(context, state) {
    const parameters = { ...state.parameters };
    await context.aws.glue.updateDatabase({ Name: context.names.lakeDatabase, DatabaseInput: input(context, parameters) });
    return { locationUri: location(context), parameters, openByDefault: false };
  },

  async adopt(context, state) {
    await context.aws.glue.updateDatabase({ Name: context.names.lakeDatabase, DatabaseInput: input(context, { ...state.parameters, ...adoptedTags(context) }) });
  },

  async remove(context) {
    await ifExists(context.aws.glue.deleteDatabase({ Name: context.names.lakeDatabase }));
  },
});
