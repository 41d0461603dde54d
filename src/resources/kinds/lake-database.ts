import type { DatabaseInput } from '@aws-sdk/client-glue';
import type { Permission } from '@aws-sdk/client-lakeformation';
import * as l10n from '@vscode/l10n';
import { closeDatabase, closed, databaseMarks, openPermissions, readGlueDatabase, stateOf, type GlueDatabaseState } from '../glue-database.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { databaseTreePath } from '../tree-path.ts';
import { adoptedTags, ifExists, unlessExists } from '../support.ts';
import bucket from './bucket.ts';
import lakeAdmin from './lake-admin.ts';
import lakeLocation from './lake-location.ts';

interface LakeDatabaseState extends GlueDatabaseState {
  /** What everybody whom IAM allows may do with it. */
  readonly open: readonly Permission[];
}

// Not the bucket itself: who may create tables in a database needs no grant for what lies within its location.
const location = ({ names }: Context): string => `s3://${names.bucket}/tables/`;

const write = async (context: Context, input: DatabaseInput): Promise<void> =>
  void (await context.aws.glue.updateDatabase({ Name: context.names.lakeDatabase, DatabaseInput: input }));

export default defineKind<LakeDatabaseState>({
  id: 'lake-database',
  title: () => l10n.t('Catalog database of the lake'),
  type: 'AWS::Glue::Database',
  asLakeAdmin: true,
  dependsOn: [bucket, lakeAdmin, lakeLocation],
  actions: {
    read: ['glue:GetDatabase', 'lakeformation:ListPermissions'],
    write: ['glue:CreateDatabase', 'glue:UpdateDatabase', 'lakeformation:RevokePermissions'],
    remove: ['glue:DeleteDatabase'],
  },
  console: ({ names }) => `glue/home#/v2/data-catalog/databases/view/${names.lakeDatabase}`,
  sidebar: ({ names }) => databaseTreePath(names.lakeDatabase),

  async read(context) {
    const found = await readGlueDatabase(context, context.names.lakeDatabase);
    return found && { ...found, state: { ...found.state, open: await openPermissions(context, context.names.lakeDatabase) } };
  },

  check(context, state) {
    const findings: Finding[] = [];
    if (state.open.length > 0) {
      findings.push({
        code: 'lake-database.open',
        message: l10n.t('{0} is open to IAM_ALLOWED_PRINCIPALS: grants have no effect.', context.names.lakeDatabase),
        fix: l10n.t('Provision the step again: it leaves access to Lake Formation\'s grants.'),
      });
    }
    if (state.openByDefault) {
      findings.push({
        code: 'lake-database.open-by-default',
        message: l10n.t('New tables of {0} are open to IAM_ALLOWED_PRINCIPALS: grants have no effect.', context.names.lakeDatabase),
        fix: l10n.t('Provision the step again: it leaves access to Lake Formation\'s grants.'),
      });
    }
    // Somebody's own database may lie elsewhere: the jobs name the place of each table that they make.
    if (state.owner === 'ours' && state.locationUri.replace(/\/$/, '') !== location(context).replace(/\/$/, '')) {
      findings.push({
        code: 'lake-database.location',
        message: l10n.t('The database {0} lies at {1}, not where the tutorial has it.', context.names.lakeDatabase, state.locationUri || '–'),
        fix: l10n.t('Provision the step again: it sets the location.'),
      });
    }
    return findings;
  },

  async create(context) {
    const input = closed({
      Name: context.names.lakeDatabase,
      Description: 'Lake Tutorial: the data lake\'s catalog',
      LocationUri: location(context),
      Parameters: databaseMarks(context),
    });
    await unlessExists(context.aws.glue.createDatabase({ DatabaseInput: input }));
    await closeDatabase(context, context.names.lakeDatabase, await openPermissions(context, context.names.lakeDatabase));
    return { ...stateOf('ours', input), open: [] };
  },

  async update(context, state) {
    const input = { ...closed(state.input), ...(state.owner === 'ours' && { LocationUri: location(context) }) };
    await write(context, input);
    await closeDatabase(context, context.names.lakeDatabase, state.open);
    return { ...stateOf(state.owner, input), open: [] };
  },

  adopt: (context, state) => write(context, { ...state.input, Parameters: { ...state.parameters, ...adoptedTags(context) } }),

  async remove(context) {
    await ifExists(context.aws.glue.deleteDatabase({ Name: context.names.lakeDatabase }));
  },
});
