import * as l10n from '@vscode/l10n';
import { decodePolicy, samePolicy } from '../../policies/document.ts';
import { athenaQueryAccess, lakeFormationSLR, userPassRole, type Policy } from '../../policies/policies.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { inlinePolicyFindings, managedPolicyArn, missingPolicy } from '../role.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, tagKeys, toTagList, unlessExists } from '../support.ts';

export interface AdminUserState {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly managed: readonly string[];
  readonly inline: Readonly<Record<string, unknown>>;
}

// AWSLakeFormationDataAdmin is what makes an administrator; the others let them see Glue, logs and query results, and set their password at the first sign-in.
const managed = ['AWSLakeFormationDataAdmin', 'AWSGlueConsoleFullAccess', 'CloudWatchLogsReadOnlyAccess', 'AmazonAthenaFullAccess', 'IAMUserChangePassword'];
// AmazonAthenaFullAccess reaches results in buckets named aws-athena-query-results-*, and the lake's are in its own.
const inline: readonly Policy[] = [lakeFormationSLR, userPassRole, athenaQueryAccess];

export const adminUserArn = (context: Pick<Context, 'names'>): string =>
  `arn:${context.names.partition}:iam::${context.names.account}:user/${context.names.adminUser}`;

function desired(context: Context): AdminUserState {
  return {
    arn: adminUserArn(context),
    tags: context.tags,
    managed: managed.map((name) => managedPolicyArn(context, name)),
    inline: Object.fromEntries(inline.map((policy) => [policy.name, policy.document(context.names)])),
  };
}

const attach = (context: Context, PolicyArn: string) => context.aws.iam.attachUserPolicy({ UserName: context.names.adminUser, PolicyArn });
const put = (context: Context, policy: Policy) =>
  context.aws.iam.putUserPolicy({ UserName: context.names.adminUser, PolicyName: policy.name, PolicyDocument: JSON.stringify(policy.document(context.names)) });

export default defineKind<AdminUserState>({
  id: 'admin-user',
  title: () => l10n.t('Data lake administrator (IAM user)'),
  type: 'AWS::IAM::User',
  actions: {
    read: ['iam:GetUser', 'iam:ListAttachedUserPolicies', 'iam:GetUserPolicy'],
    write: ['iam:CreateUser', 'iam:TagUser', 'iam:AttachUserPolicy', 'iam:PutUserPolicy'],
    remove: [
      'iam:ListUserPolicies', 'iam:ListAccessKeys', 'iam:ListGroupsForUser', 'iam:DetachUserPolicy', 'iam:DeleteUserPolicy', 'iam:DeleteAccessKey',
      'iam:DeleteLoginProfile', 'iam:RemoveUserFromGroup', 'iam:DeleteUser',
    ],
  },
  console: ({ names }) => `iam/home#/users/details/${names.adminUser}`,

  async read(context) {
    const UserName = context.names.adminUser;
    const { iam } = context.aws;
    const user = await ifExists(iam.getUser({ UserName }));
    if (!user?.User) {
      return undefined;
    }
    const [attached, ...documents] = await Promise.all([
      iam.listAttachedUserPolicies({ UserName }),
      ...inline.map((policy) => ifExists(iam.getUserPolicy({ UserName, PolicyName: policy.name }))),
    ]);
    const tags = fromTagList(user.User.Tags);
    return {
      owner: ownerOf(tags, context),
      region: tags[tagKeys.region],
      state: {
        arn: user.User.Arn ?? adminUserArn(context),
        tags,
        managed: (attached.AttachedPolicies ?? []).map((policy) => policy.PolicyArn ?? ''),
        inline: Object.fromEntries(inline.map((policy, index) => [policy.name, decodePolicy(documents[index]?.PolicyDocument)])),
      },
    };
  },

  check(context, state) {
    const wanted = desired(context);
    const findings: Finding[] = wanted.managed
      .filter((arn) => !state.managed.includes(arn))
      .map((arn) => missingPolicy('admin-user.managed-policy', context.names.adminUser, arn.split('/').pop() ?? arn));
    return [...findings, ...inlinePolicyFindings('admin-user.inline-policy', context.names.adminUser, inline, state.inline, context)];
  },

  async create(context) {
    await unlessExists(context.aws.iam.createUser({ UserName: context.names.adminUser, Tags: toTagList(context.tags) }));
    const wanted = desired(context);
    await Promise.all([...wanted.managed.map((arn) => attach(context, arn)), ...inline.map((policy) => put(context, policy))]);
    return wanted;
  },

  async update(context, state) {
    const wanted = desired(context);
    await Promise.all([
      ...wanted.managed.filter((arn) => !state.managed.includes(arn)).map((arn) => attach(context, arn)),
      ...inline.filter((policy) => !samePolicy(state.inline[policy.name], wanted.inline[policy.name])).map((policy) => put(context, policy)),
    ]);
    return { ...wanted, tags: state.tags };
  },

  async adopt(context) {
    await context.aws.iam.tagUser({ UserName: context.names.adminUser, Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context) {
    const UserName = context.names.adminUser;
    const { iam } = context.aws;
    const [attached, policies, keys, groups] = await Promise.all([
      iam.listAttachedUserPolicies({ UserName }),
      iam.listUserPolicies({ UserName }),
      iam.listAccessKeys({ UserName }),
      iam.listGroupsForUser({ UserName }),
    ]);
    // DeleteUser fails with DeleteConflict while anything hangs on the user.
    await Promise.all([
      ...(attached.AttachedPolicies ?? []).map(({ PolicyArn }) => ifExists(iam.detachUserPolicy({ UserName, PolicyArn }))),
      ...(policies.PolicyNames ?? []).map((PolicyName) => ifExists(iam.deleteUserPolicy({ UserName, PolicyName }))),
      ...(keys.AccessKeyMetadata ?? []).map(({ AccessKeyId }) => ifExists(iam.deleteAccessKey({ UserName, AccessKeyId }))),
      ...(groups.Groups ?? []).map(({ GroupName }) => ifExists(iam.removeUserFromGroup({ UserName, GroupName }))),
      ifExists(iam.deleteLoginProfile({ UserName })),
    ]);
    await ifExists(iam.deleteUser({ UserName }));
  },
});
