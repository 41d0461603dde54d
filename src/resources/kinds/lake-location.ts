import * as l10n from '@vscode/l10n';
import { defineKind, type Context } from '../kind.ts';
import { bucketTreePath } from '../tree-path.ts';
import { eventually, ifExists, unlessExists } from '../support.ts';
import bucket, { ownerInside } from './bucket.ts';
import serviceLinkedRole from './service-linked-role.ts';

export const locationArn = ({ names }: Pick<Context, 'names'>): string => `arn:${names.partition}:s3:::${names.bucket}`;

export default defineKind<{ readonly roleArn: string }>({
  id: 'lake-location',
  title: () => l10n.t('Data lake location'),
  type: 'AWS::LakeFormation::Resource',
  asLakeAdmin: true,
  dependsOn: [bucket, serviceLinkedRole],
  actions: {
    read: ['lakeformation:DescribeResource'],
    write: ['lakeformation:RegisterResource', 'iam:PutRolePolicy'],
    remove: ['lakeformation:DeregisterResource'],
  },
  console: () => 'lakeformation/home#register-list',
  sidebar: ({ names }) => bucketTreePath(names.bucket),

  async read(context) {
    const found = await ifExists(context.aws.lakeformation.describeResource({ ResourceArn: locationArn(context) }));
    if (!found?.ResourceInfo) {
      return undefined;
    }
    // A registration has no tags: it is whose its bucket is.
    return { owner: await ownerInside(context), state: { roleArn: found.ResourceInfo.RoleArn ?? '' } };
  },

  async create(context) {
    await eventually(context, () => unlessExists(context.aws.lakeformation.registerResource({ ResourceArn: locationArn(context), UseServiceLinkedRole: true })));
    return { roleArn: '' };
  },

  async remove(context) {
    await ifExists(context.aws.lakeformation.deregisterResource({ ResourceArn: locationArn(context) }));
  },
  stays: () => l10n.t('It belongs to a bucket that was yours before the tutorial.'),
});
