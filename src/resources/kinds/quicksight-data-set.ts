import * as l10n from '@vscode/l10n';
import { grantOperations, type Grant } from '../grants.ts';
import { defineKind, type Context } from '../kind.ts';
import { adoptQuickSight, quickSightArn, quickSightOwner, quickSightUsers } from '../quicksight.ts';
import { ifExists, toTagList, unlessExists } from '../support.ts';
import lakeDatabase from './lake-database.ts';
import dataSource, { dataSourceId } from './quicksight-data-source.ts';

export const dataSetId = ({ names }: Pick<Context, 'names'>): string => `${names.prefix}-cube`;

// The cube's columns as jobs/README.md lists them.
const columns = [
  ['level', 'STRING'], ['day', 'DATETIME'], ['hour', 'INTEGER'], ['value_class', 'STRING'], ['rows', 'INTEGER'], ['share', 'DECIMAL'], ['rows_per_hour', 'DECIMAL'],
] as const;

/** QuickSight's users are principals of Lake Formation of their own. */
const readers = grantOperations(async (context) =>
  (await quickSightUsers(context)).map(
    (principal): Grant => ({
      principal,
      permissions: ['SELECT', 'DESCRIBE'],
      resource: { Table: { DatabaseName: context.names.lakeDatabase, TableWildcard: {} } },
      on: context.names.lakeDatabase,
    }),
  ),
);

export default defineKind<{ readonly name: string }>({
  id: 'quicksight-data-set',
  title: () => l10n.t('QuickSight data set'),
  type: 'AWS::QuickSight::DataSet',
  consent: 'quicksight',
  dependsOn: [dataSource, lakeDatabase],
  actions: {
    read: ['quicksight:DescribeDataSet', 'quicksight:ListTagsForResource'],
    write: ['quicksight:CreateDataSet', 'quicksight:PassDataSet', 'quicksight:TagResource', 'lakeformation:BatchGrantPermissions'],
    remove: ['quicksight:DeleteDataSet'],
  },

  async read(context) {
    const found = await ifExists(context.aws.quicksight.describeDataSet({ AwsAccountId: context.names.account, DataSetId: dataSetId(context) }));
    return found?.DataSet && { owner: await quickSightOwner(context, 'dataset', dataSetId(context)), state: { name: found.DataSet.Name ?? '' } };
  },

  async create(context) {
    const users = await quickSightUsers(context);
    if (users.length > 0) {
      await readers.create(context);
    }
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
        Tags: toTagList(context.tags),
      }),
    );
    return { name: 'Lake Tutorial: cube' };
  },

  adopt: (context) => adoptQuickSight(context, 'dataset', dataSetId(context)),

  async remove(context) {
    await ifExists(context.aws.quicksight.deleteDataSet({ AwsAccountId: context.names.account, DataSetId: dataSetId(context) }));
  },
});
