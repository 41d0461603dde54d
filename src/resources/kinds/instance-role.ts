import * as l10n from '@vscode/l10n';
import { databasePasswordAccess, instanceTrust } from '../../policies/policies.ts';
import { defineKind } from '../kind.ts';
import { roleActions, roleOperations, type RoleState } from '../role.ts';
import { eventually, ifExists, toTagList, unlessExists } from '../support.ts';

export const instanceRoleName = 'LakeTutorialInstance';

export interface InstanceRoleState extends RoleState {
  /** The role is in the instance profile of the same name. */
  readonly inProfile: boolean;
}

const role = roleOperations({
  name: () => instanceRoleName,
  description: 'Lake Tutorial: lets the database instance read its password and take commands from SSM',
  trust: instanceTrust,
  managed: ['AmazonSSMManagedInstanceCore'],
  inline: [databasePasswordAccess],
});

const InstanceProfileName = instanceRoleName;

export default defineKind<InstanceRoleState>({
  id: 'instance-role',
  title: () => l10n.t('Role of the database instance'),
  type: 'AWS::IAM::Role',
  actions: {
    read: [...roleActions.read, 'iam:GetInstanceProfile'],
    write: [...roleActions.write, 'iam:CreateInstanceProfile', 'iam:TagInstanceProfile', 'iam:AddRoleToInstanceProfile', 'iam:PassRole'],
    remove: [...roleActions.remove, 'iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile'],
  },
  console: () => `iam/home#/roles/details/${instanceRoleName}`,

  async read(context) {
    const [found, profile] = await Promise.all([role.read(context), ifExists(context.aws.iam.getInstanceProfile({ InstanceProfileName }))]);
    const inProfile = profile?.InstanceProfile?.Roles?.some(({ RoleName }) => RoleName === instanceRoleName) ?? false;
    return found && { ...found, state: { ...found.state, inProfile } };
  },

  check(context, state) {
    return [
      ...role.check(context, state),
      ...(state.inProfile
        ? []
        : [{
            code: 'instance-role.profile',
            message: l10n.t('The role {0} is not in its instance profile.', instanceRoleName),
            fix: l10n.t('Provision the step again: it completes the instance profile.'),
          }]),
    ];
  },

  async create(context) {
    const [state] = await Promise.all([role.create(context), createProfile(context)]);
    await addToProfile(context);
    return { ...state, inProfile: true };
  },

  async update(context, state) {
    const [updated] = await Promise.all([role.update(context, state), !state.inProfile && createProfile(context)]);
    if (!state.inProfile) {
      await addToProfile(context);
    }
    return { ...updated, inProfile: true };
  },

  adopt: role.adopt,

  async remove(context) {
    await ifExists(context.aws.iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName: instanceRoleName }));
    await Promise.all([ifExists(context.aws.iam.deleteInstanceProfile({ InstanceProfileName })), role.remove(context)]);
  },
});

type Context = Parameters<typeof role.create>[0];
const createProfile = (context: Context) => unlessExists(context.aws.iam.createInstanceProfile({ InstanceProfileName, Tags: toTagList(context.tags) }));
// A profile holds one role: LimitExceeded means that the role is in it already.
// Source: botocore iam 1.44.5 AddRoleToInstanceProfile, 2026-11-28
const addToProfile = (context: Context) =>
  eventually(context, () => context.aws.iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName: instanceRoleName }), { pattern: /NoSuchEntity/ }).catch(async (error: unknown) => {
    const profile = await ifExists(context.aws.iam.getInstanceProfile({ InstanceProfileName }));
    if (!profile?.InstanceProfile?.Roles?.some(({ RoleName }) => RoleName === instanceRoleName)) {
      throw error;
    }
  });
