import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { queryResult } from '../results.ts';
import { adoptedTags, fromTagList, ownerOf, toTagList } from '../support.ts';
import bucket from './bucket.ts';

export interface WorkGroupState {
  readonly outputLocation: string;
}

export const workGroupName = ({ names }: Pick<Context, 'names'>): string => names.prefix;
const arn = ({ names }: Context): string => `arn:${names.partition}:athena:${names.region}:${names.account}:workgroup/${names.prefix}`;
/** Where its results go. */
export const outputLocation = ({ names }: Pick<Context, 'names'>): string => `s3://${names.bucket}/athena/`;

export default defineKind<WorkGroupState>({
  id: 'work-group',
  title: () => l10n.t('Athena work group'),
  type: 'AWS::Athena::WorkGroup',
  dependsOn: [bucket],
  flow: { from: { gold: ['lake-grants'] } },
  costs: [{ what: () => l10n.t('Athena: 5 USD for each TB that queries read, 10 MB at least') }],
  actions: {
    read: ['athena:GetWorkGroup', 'athena:ListTagsForResource'],
    write: ['athena:CreateWorkGroup', 'athena:UpdateWorkGroup', 'athena:TagResource'],
    remove: ['athena:DeleteWorkGroup'],
    result: [
      'athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StartQueryExecution', 'glue:GetPartitions', 'glue:GetTable', 'lakeformation:GetDataAccess',
      's3:GetBucketLocation', 's3:GetObject', 's3:ListBucket', 's3:PutObject',
    ],
  },
  console: ({ names }) => `athena/home#/workgroups/details/${names.prefix}`,

  async read(context) {
    let group;
    try {
      group = (await context.aws.athena.getWorkGroup({ WorkGroup: workGroupName(context) })).WorkGroup;
    } catch (error) {
      // Source: ColeMurray/aws-athena-mcp#23, 2026-11-28
      // Athena has no error of its own for a missing work group.
      if (AwsError.is(error) && error.code === 'InvalidRequestException' && /not found/i.test(error.message)) {
        return undefined;
      }
      throw error;
    }
    if (!group) {
      return undefined;
    }
    const tags = await context.aws.athena.listTagsForResource({ ResourceARN: arn(context) });
    return { owner: ownerOf(fromTagList(tags.Tags), context), state: { outputLocation: group.Configuration?.ResultConfiguration?.OutputLocation ?? '' } };
  },

  check(context, state): Finding[] {
    return state.outputLocation === outputLocation(context)
      ? []
      : [{
          code: 'work-group.output-location',
          message: l10n.t('The work group writes results to {0} instead of {1}.', state.outputLocation || '–', outputLocation(context)),
          fix: l10n.t('Provision the step again: it sets the location.'),
        }];
  },

  result: queryResult(workGroupName),

  async create(context) {
    try {
      await context.aws.athena.createWorkGroup({
        Name: workGroupName(context),
        Description: 'Lake Tutorial: queries on the lake',
        Configuration: {
          ResultConfiguration: { OutputLocation: outputLocation(context) },
          EnforceWorkGroupConfiguration: true,
          // A mistyped query on a big table stops at 1 GB, half a cent.
          BytesScannedCutoffPerQuery: 1_073_741_824,
        },
        Tags: toTagList(context.tags),
      });
    } catch (error) {
      // Source: none found (tried: code search; the words are in many logs, published by nobody of AWS), 2026-11-28
      if (!(AwsError.is(error) && /already (exists|created)/i.test(error.message))) {
        throw error;
      }
    }
    return { outputLocation: outputLocation(context) };
  },

  async update(context) {
    await context.aws.athena.updateWorkGroup({ WorkGroup: workGroupName(context), ConfigurationUpdates: { ResultConfigurationUpdates: { OutputLocation: outputLocation(context) } } });
    return { outputLocation: outputLocation(context) };
  },

  async adopt(context) {
    await context.aws.athena.tagResource({ ResourceARN: arn(context), Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context) {
    await context.aws.athena.deleteWorkGroup({ WorkGroup: workGroupName(context), RecursiveDeleteOption: true });
  },
});
