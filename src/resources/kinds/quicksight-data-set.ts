import * as l10n from '@vscode/l10n';
import { giveGrants, missingGrant, presentGrants, takeGrants, type Grant } from '../grants.ts';
import { defineKind, type Context } from '../kind.ts';
import { adoptQuickSight, quickSightArn, quickSightTags, quickSightUsers } from '../quicksight.ts';
import { ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';
import lakeDatabase from './lake-database.ts';
import dataSource, { dataSourceId } from './quicksight-data-source.ts';

interface DataSetState {
  readonly name: string;
  /** The users whom we gave access to the lake for it, as its tags record: that is taken from them again, and from nobody else. */
  readonly readers: readonly string[];
}

const readerTag = 'lake-tutorial-reader-';

export const dataSetId = ({ names }: Pick<Context, 'names'>): string => `${names.prefix}-cube`;

// The cube's columns as jobs/README.md lists them.
const columns = [
  ['level', 'STRING'], ['day', 'DATETIME'], ['hour', 'INTEGER'], ['value_class', 'STRING'], ['rows', 'INTEGER'], ['share', 'DECIMAL'], ['rows_per_hour', 'DECIMAL'],
] as const;

/** QuickSight's users are principals of Lake Formation of their own. */
const grants = (context: Context, readers: readonly string[]): Grant[] =>
  readers.map((principal) => ({
    principal,
    permissions: ['SELECT', 'DESCRIBE'],
    resource: { Table: { DatabaseName: context.names.lakeDatabase, TableWildcard: {} } },
    on: context.names.lakeDatabase,
  }));

async function missingGrants(context: Context, readers: readonly string[]): Promise<Grant[]> {
  const wanted = grants(context, readers);
  const present = wanted.length > 0 ? await presentGrants(context, wanted) : [];
  return wanted.filter((grant) => !present.includes(grant));
}

export default defineKind<DataSetState>({
  id: 'quicksight-data-set',
  title: () => l10n.t('QuickSight data set'),
  type: 'AWS::QuickSight::DataSet',
  consent: 'quicksight',
  dependsOn: [dataSource, lakeDatabase],
  flow: { from: { 'quicksight-data-source': [] } },
  actions: {
    read: ['quicksight:DescribeDataSet', 'quicksight:ListTagsForResource', 'lakeformation:ListPermissions'],
    write: ['quicksight:CreateDataSet', 'quicksight:PassDataSet', 'quicksight:TagResource', 'lakeformation:BatchGrantPermissions', 'lakeformation:GrantPermissions'],
    remove: ['quicksight:DeleteDataSet', 'lakeformation:BatchRevokePermissions', 'lakeformation:RevokePermissions'],
  },

  async read(context) {
    const found = await ifExists(context.aws.quicksight.describeDataSet({ AwsAccountId: context.names.account, DataSetId: dataSetId(context) }));
    if (!found?.DataSet) {
      return undefined;
    }
    const tags = await quickSightTags(context, 'dataset', dataSetId(context));
    const readers = Object.entries(tags).filter(([key]) => key.startsWith(readerTag)).map(([, arn]) => arn);
    return { owner: ownerOf(tags, context), state: { name: found.DataSet.Name ?? '', readers } };
  },

  check: async (context, { readers }) => (await missingGrants(context, readers)).map(missingGrant),

  async create(context) {
    const users = await quickSightUsers(context);
    const missing = await missingGrants(context, users);
    const readers = missing.map(({ principal }) => principal);
    await unlessExists(
      context.aws.quicksight.createDataSet({
        AwsAccountId: context.names.account,
        DataSetId: dataSetId(context),
        Name: 'Lake Tutorial: cube',
        ImportMode: 'DIRECT_QUERY',
        PhysicalTableMap: {
          cube: {
            RelationalTable: {
              DataSourceArn: quickSightArn(context, 'datasource', dataSourceId(context)),
              Catalog: 'AwsDataCatalog',
              Schema: context.names.lakeDatabase,
              Name: 'gold_random_data_cube',
              InputColumns: columns.map(([Name, Type]) => ({ Name, Type })),
            },
          },
        },
        ...(users.length > 0 && {
          Permissions: users.map((Principal) => ({ Principal, Actions: ['quicksight:DescribeDataSet', 'quicksight:DescribeDataSetPermissions', 'quicksight:PassDataSet', 'quicksight:DescribeIngestion', 'quicksight:ListIngestions'] })),
        }),
        // Recorded first: killed in between, the next run gives what is recorded and missing.
        Tags: toTagList({ ...context.tags, ...Object.fromEntries(readers.map((arn, index) => [`${readerTag}${index + 1}`, arn])) }),
      }),
    );
    await giveGrants(context, missing);
    return { name: 'Lake Tutorial: cube', readers };
  },

  async update(context, state) {
    await giveGrants(context, await missingGrants(context, state.readers));
    return state;
  },

  adopt: (context) => adoptQuickSight(context, 'dataset', dataSetId(context)),

  async remove(context, { readers }) {
    await takeGrants(context, grants(context, readers));
    await ifExists(context.aws.quicksight.deleteDataSet({ AwsAccountId: context.names.account, DataSetId: dataSetId(context) }));
  },
});
