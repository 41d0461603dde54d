import * as l10n from '@vscode/l10n';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { callerPrincipal } from '../principal.ts';
import { eventually, ifExists, toTagList } from '../support.ts';
import adminUser, { adminUserArn } from './admin-user.ts';

export interface LakeAdminState {
  readonly admins: readonly string[];
}

/** Tags of `datalakeadmin` that record which administrators we added: only those are taken away again. Each region has administrators of its own. */
const recordPrefix = ({ names }: Context): string => `lake-tutorial-added-admin-${names.region}-`;

const recorded = (context: Context, tags: Readonly<Record<string, string>>): string[] =>
  Object.entries(tags).filter(([key]) => key.startsWith(recordPrefix(context))).map(([, value]) => value);

async function wantedAdmins(context: Context): Promise<string[]> {
  const caller = await callerPrincipal(context);
  return [...new Set([adminUserArn(context), ...(caller ? [caller] : [])])];
}

async function settings(context: Context) {
  const { DataLakeSettings } = await context.aws.lakeformation.getDataLakeSettings({});
  return DataLakeSettings ?? {};
}

const adminsOf = (current: Awaited<ReturnType<typeof settings>>): string[] => (current.DataLakeAdmins ?? []).map((admin) => admin.DataLakePrincipalIdentifier ?? '');

/** Puts a new list of administrators and keeps every other setting: PutDataLakeSettings replaces all that it is not given. */
async function putAdmins(context: Context, current: Awaited<ReturnType<typeof settings>>, admins: readonly string[]): Promise<LakeAdminState> {
  await eventually(
    context,
    () =>
      context.aws.lakeformation.putDataLakeSettings({
        DataLakeSettings: { ...current, DataLakeAdmins: admins.map((DataLakePrincipalIdentifier) => ({ DataLakePrincipalIdentifier })) },
      }),
    { waitingFor: l10n.t('Waiting until Lake Formation knows the new user…') },
  );
  return { admins };
}

async function addAdmins(context: Context): Promise<LakeAdminState> {
  const [current, wanted, user] = await Promise.all([settings(context), wantedAdmins(context), context.need(adminUser)]);
  const present = adminsOf(current);
  const added = wanted.filter((arn) => !present.includes(arn));
  const record = recorded(context, user.tags);
  const fresh = added.filter((arn) => !record.includes(arn));
  if (fresh.length > 0) {
    // Recorded first: killed in between, we would take away an administrator that is not there, which harms nobody.
    await context.aws.iam.tagUser({
      UserName: context.names.adminUser,
      Tags: toTagList(Object.fromEntries(fresh.map((arn, index) => [`${recordPrefix(context)}${record.length + index + 1}`, arn]))),
    });
  }
  return putAdmins(context, current, [...present, ...added]);
}

export default defineKind<LakeAdminState>({
  id: 'lake-admin',
  title: () => l10n.t('Lake Formation administrators'),
  type: 'AWS::LakeFormation::DataLakeSettings',
  dependsOn: [adminUser],
  actions: {
    read: ['lakeformation:GetDataLakeSettings', 'iam:GetUser', 'iam:GetRole'],
    write: ['lakeformation:PutDataLakeSettings', 'iam:TagUser'],
    remove: ['lakeformation:PutDataLakeSettings'],
  },
  console: () => 'lakeformation/home#administrative-roles-and-tasks',

  async read(context) {
    const [current, user] = await Promise.all([settings(context), context.get(adminUser)]);
    const admins = adminsOf(current);
    const ours = recorded(context, user?.tags ?? {});
    if (!admins.includes(adminUserArn(context)) && !ours.some((arn) => admins.includes(arn))) {
      return undefined;
    }
    return { owner: ours.length > 0 ? 'ours' : 'adopted', state: { admins } };
  },

  async check(context, state) {
    const missing = (await wantedAdmins(context)).filter((arn) => !state.admins.includes(arn));
    return missing.map((arn): Finding => ({
      code: 'lake-admin.not-admin',
      message: l10n.t('{0} is not a data lake administrator.', arn),
      expected: l10n.t('{0} is a data lake administrator.', arn),
      fix: l10n.t('Provision the step again: it adds the administrator and keeps the others.'),
    }));
  },

  create: addAdmins,
  update: addAdmins,

  async remove(context) {
    const [current, user] = await Promise.all([settings(context), ifExists(context.aws.iam.getUser({ UserName: context.names.adminUser }))]);
    const ours = recorded(context, Object.fromEntries((user?.User?.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])));
    await putAdmins(context, current, adminsOf(current).filter((arn) => !ours.includes(arn)));
  },
  stays: () => l10n.t('It was an administrator before the tutorial.'),
});
