import type { FilterGroup, Visual } from '@aws-sdk/client-quicksight';
import * as l10n from '@vscode/l10n';
import { goldVisuals, type GoldVisual } from '../goldVisuals.ts';
import { defineKind, type Context } from '../kind.ts';
import { adoptQuickSight, quickSightArn, quickSightOwner, quickSightUsers } from '../quicksight.ts';
import { ifExists, toTagList, unlessExists } from '../support.ts';
import dataSet, { dataSetId } from './quicksight-data-set.ts';

const dashboardId = ({ names }: Pick<Context, 'names'>): string => `${names.prefix}-dashboard`;
const DataSetIdentifier = 'cube';
const SheetId = 'overview';

const values = (id: string) => [{ NumericalMeasureField: { FieldId: `${id}-rows`, Column: { DataSetIdentifier, ColumnName: 'rows' }, AggregationFunction: { SimpleNumericalAggregation: 'SUM' as const } } }];

/** A visual as QuickSight takes it. */
function toVisual({ id, title, chart, category }: GoldVisual): Visual {
  const Column = { DataSetIdentifier, ColumnName: category };
  const FieldId = `${id}-category`;
  const head = { VisualId: id, Title: { Visibility: 'VISIBLE' as const, FormatText: { PlainText: title() } } };
  if (chart === 'line') {
    return { LineChartVisual: { ...head, ChartConfiguration: { FieldWells: { LineChartAggregatedFieldWells: { Category: [{ DateDimensionField: { FieldId, Column, DateGranularity: 'DAY' } }], Values: values(id) } } } } };
  }
  const dimension = category === 'hour' ? { NumericalDimensionField: { FieldId, Column } } : { CategoricalDimensionField: { FieldId, Column } };
  return { BarChartVisual: { ...head, ChartConfiguration: { Orientation: chart === 'column' ? 'VERTICAL' : 'HORIZONTAL', FieldWells: { BarChartAggregatedFieldWells: { Category: [dimension], Values: values(id) } } } } };
}

/** Only one level of the cube in a visual, or rows would count several times. */
const toFilter = ({ id, level }: GoldVisual): FilterGroup => ({
  FilterGroupId: `level-${id}`,
  CrossDataset: 'SINGLE_DATASET',
  ScopeConfiguration: { SelectedSheets: { SheetVisualScopingConfigurations: [{ SheetId, Scope: 'SELECTED_VISUALS', VisualIds: [id] }] } },
  Filters: [{ CategoryFilter: { FilterId: `level-${id}`, Column: { DataSetIdentifier, ColumnName: 'level' }, Configuration: { FilterListConfiguration: { MatchOperator: 'CONTAINS', CategoryValues: [level] } } } }],
});

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
          Sheets: [{ SheetId, Name: 'Overview', Visuals: goldVisuals.map(toVisual) }],
          FilterGroups: goldVisuals.map(toFilter),
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
