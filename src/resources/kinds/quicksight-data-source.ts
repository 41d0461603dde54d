import * as l10n from '@vscode/l10n';
import { defineKind, type Context } from '../kind.ts';
import { adoptQuickSight, quickSightOwner, quickSightUsers } from '../quicksight.ts';
import { ifExists, toTagList, unlessExists } from '../support.ts';
import workGroup, { workGroupName } from './work-group.ts';

export const dataSourceId = ({ names }: Pick<Context, 'names'>): string => `${names.prefix}-athena`;

export default defineKind<{ readonly status: string }>({
  id: 'quicksight-data-source',
  title: () => l10n.t('QuickSight data source'),
  type: 'AWS::QuickSight::DataSource',
  consent: 'quicksight',
  dependsOn: [workGroup],
  flow: { from: { 'work-group': [] } },
  costs: [{ perHour: 0.033, what: () => l10n.t('QuickSight: about 24 USD a month for each author') }],
  actions: {
    read: ['quicksight:DescribeDataSource', 'quicksight:ListTagsForResource'],
    write: ['quicksight:CreateDataSource', 'quicksight:PassDataSource', 'quicksight:TagResource', 'quicksight:ListUsers'],
    remove: ['quicksight:DeleteDataSource'],
  },

  async read(context) {
    const found = await ifExists(context.aws.quicksight.describeDataSource({ AwsAccountId: context.names.account, DataSourceId: dataSourceId(context) }));
    return found?.DataSource && { owner: await quickSightOwner(context, 'datasource', dataSourceId(context)), state: { status: found.DataSource.Status ?? '' } };
  },

  async create(context) {
    const users = await quickSightUsers(context);
    await unlessExists(
      context.aws.quicksight.createDataSource({
        AwsAccountId: context.names.account,
        DataSourceId: dataSourceId(context),
        Name: 'Lake Tutorial',
        Type: 'ATHENA',
        DataSourceParameters: { AthenaParameters: { WorkGroup: workGroupName(context) } },
        ...(users.length > 0 && {
          Permissions: users.map((Principal) => ({ Principal, Actions: ['quicksight:DescribeDataSource', 'quicksight:DescribeDataSourcePermissions', 'quicksight:PassDataSource'] })),
        }),
        Tags: toTagList(context.tags),
      }),
    );
    return { status: 'CREATION_SUCCESSFUL' };
  },

  adopt: (context) => adoptQuickSight(context, 'datasource', dataSourceId(context)),

  async remove(context) {
    await ifExists(context.aws.quicksight.deleteDataSource({ AwsAccountId: context.names.account, DataSourceId: dataSourceId(context) }));
  },
});
