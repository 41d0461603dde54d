import * as l10n from '@vscode/l10n';
import { defineKind, type Context } from '../kind.ts';
import { adoptQuickSight, quickSightArn, quickSightOwner, quickSightUsers } from '../quicksight.ts';
import { ifExists, toTagList, unlessExists } from '../support.ts';
import dataSet, { dataSetId } from './quicksight-data-set.ts';

const dashboardId = ({ names }: Pick<Context, 'names'>): string => `${names.prefix}-dashboard`;
const DataSetIdentifier = 'cube';

const visual = {
  BarChartVisual: {
    VisualId: 'rows-by-class',
    Title: { Visibility: 'VISIBLE' as const, FormatText: { PlainText: 'Rows by value class' } },
    ChartConfiguration: {
      FieldWells: {
        BarChartAggregatedFieldWells: {
          Category: [{ CategoricalDimensionField: { FieldId: 'class', Column: { DataSetIdentifier, ColumnName: 'value_class' } } }],
          Values: [{ NumericalMeasureField: { FieldId: 'rows', Column: { DataSetIdentifier, ColumnName: 'rows' }, AggregationFunction: { SimpleNumericalAggregation: 'SUM' as const } } }],
        },
      },
    },
  },
};

export default defineKind<{ readonly name: string }>({
  id: 'quicksight-dashboard',
  title: () => l10n.t('QuickSight dashboard'),
  type: 'AWS::QuickSight::Dashboard',
  consent: 'quicksight',
  dependsOn: [dataSet],
  flow: { from: { 'quicksight-data-set': [] } },
  actions: {
    read: ['quicksight:DescribeDashboard', 'quicksight:ListTagsForResource'],
    write: ['quicksight:CreateDashboard', 'quicksight:TagResource'],
    remove: ['quicksight:DeleteDashboard'],
  },

  async read(context) {
    const found = await ifExists(context.aws.quicksight.describeDashboard({ AwsAccountId: context.names.account, DashboardId: dashboardId(context) }));
    return found?.Dashboard && { owner: await quickSightOwner(context, 'dashboard', dashboardId(context)), state: { name: found.Dashboard.Name ?? '' } };
  },

  async create(context) {
    const users = await quickSightUsers(context);
    await unlessExists(
      context.aws.quicksight.createDashboard({
        AwsAccountId: context.names.account,
        DashboardId: dashboardId(context),
        Name: 'Lake Tutorial',
        Definition: {
          DataSetIdentifierDeclarations: [{ Identifier: DataSetIdentifier, DataSetArn: quickSightArn(context, 'dataset', dataSetId(context)) }],
          Sheets: [{ SheetId: 'overview', Name: 'Overview', Visuals: [visual] }],
          // Only one level of the cube, or rows would count several times.
          FilterGroups: [
            {
              FilterGroupId: 'level',
              CrossDataset: 'SINGLE_DATASET',
              ScopeConfiguration: { SelectedSheets: { SheetVisualScopingConfigurations: [{ SheetId: 'overview', Scope: 'ALL_VISUALS' }] } },
              Filters: [
                {
                  CategoryFilter: {
                    FilterId: 'level',
                    Column: { DataSetIdentifier, ColumnName: 'level' },
                    Configuration: { FilterListConfiguration: { MatchOperator: 'CONTAINS', CategoryValues: ['value_class'] } },
                  },
                },
              ],
            },
          ],
        },
        ...(users.length > 0 && { Permissions: users.map((Principal) => ({ Principal, Actions: ['quicksight:DescribeDashboard', 'quicksight:ListDashboardVersions', 'quicksight:QueryDashboard'] })) }),
        Tags: toTagList(context.tags),
      }),
    );
    return { name: 'Lake Tutorial' };
  },

  adopt: (context) => adoptQuickSight(context, 'dashboard', dashboardId(context)),

  async remove(context) {
    await ifExists(context.aws.quicksight.deleteDashboard({ AwsAccountId: context.names.account, DashboardId: dashboardId(context) }));
  },
});
