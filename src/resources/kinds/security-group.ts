import type { IpPermission } from '@aws-sdk/client-ec2';
import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { UserError } from '../../errors.ts';
import { interfaceBudget, interfacesGone, interfacesIn, interfacesLeft } from '../interfaces.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { adoptedTags, eventually, fromTagList, ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';
import network from './network.ts';

export interface SecurityGroupState {
  readonly id: string;
  readonly permissions: readonly IpPermission[];
}

const groupName = (context: Context): string => `${context.names.prefix}-database`;

/** Glue refuses a connection unless one of its groups lets its own members reach every TCP port. */
const selfReferencing = (id: string): IpPermission => ({ IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, UserIdGroupPairs: [{ GroupId: id }] });

export const hasSelfReference = (state: SecurityGroupState): boolean =>
  state.permissions.some(
    ({ IpProtocol, FromPort = 0, ToPort = 65535, UserIdGroupPairs }) =>
      (IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= 0 && ToPort >= 65535)) && UserIdGroupPairs?.some(({ GroupId }) => GroupId === state.id),
  );

const publicRanges = (permission: IpPermission): IpPermission => ({
  IpProtocol: permission.IpProtocol,
  FromPort: permission.FromPort,
  ToPort: permission.ToPort,
  IpRanges: permission.IpRanges?.filter(({ CidrIp }) => CidrIp === '0.0.0.0/0'),
  Ipv6Ranges: permission.Ipv6Ranges?.filter(({ CidrIpv6 }) => CidrIpv6 === '::/0'),
});
/** What of the rules lets the whole internet reach PostgreSQL. */
const publicDatabase = (state: SecurityGroupState): IpPermission[] =>
  state.permissions
    .filter(({ IpProtocol, FromPort = 0, ToPort = 65535 }) => IpProtocol === '-1' || (FromPort <= 5432 && ToPort >= 5432))
    .map(publicRanges)
    .filter(({ IpRanges, Ipv6Ranges }) => (IpRanges?.length ?? 0) + (Ipv6Ranges?.length ?? 0) > 0);

/** Waits until a service has taken its interfaces out of the group, where there is one: until then it needs the role that it made them with. */
export async function outOfGroup(context: Context, theirs: RegExp): Promise<void> {
  // Without a network there is no group, and nothing in it.
  const group = await context.get(securityGroup).catch((error: unknown) => (UserError.is(error) ? undefined : Promise.reject(error as Error)));
  if (group) {
    await interfacesGone(context, group.id, theirs);
  }
}

const authorize = (context: Context, id: string) =>
  eventually(context, () => unlessExists(context.aws.ec2.authorizeSecurityGroupIngress({ GroupId: id, IpPermissions: [selfReferencing(id)] })), { pattern: /InvalidGroup\.NotFound/ });

const securityGroup = defineKind<SecurityGroupState>({
  id: 'security-group',
  title: () => l10n.t('Security group of the database'),
  type: 'AWS::EC2::SecurityGroup',
  dependsOn: [network],
  actions: {
    read: ['ec2:DescribeSecurityGroups'],
    write: ['ec2:CreateSecurityGroup', 'ec2:CreateTags', 'ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
    remove: ['ec2:DeleteSecurityGroup', 'ec2:DescribeNetworkInterfaces'],
  },
  console: ({ names }) => `ec2/home#SecurityGroups:groupName=${names.prefix}-database`,

  async read(context) {
    const { SecurityGroups } = await context.aws.ec2.describeSecurityGroups({ Filters: [{ Name: 'group-name', Values: [groupName(context)] }] });
    const vpc = await context.get(network);
    const group = SecurityGroups?.find(({ VpcId }) => VpcId === vpc?.vpcId);
    return group?.GroupId ? { owner: ownerOf(fromTagList(group.Tags), context), state: { id: group.GroupId, permissions: group.IpPermissions ?? [] } } : undefined;
  },

  check(_context, state) {
    const findings: Finding[] = [];
    if (!hasSelfReference(state)) {
      findings.push({
        code: 'security-group.self-reference',
        message: l10n.t('At least one security group must open all ingress ports: {0} has no rule for its own members.', state.id),
        expected: l10n.t('{0} opens all ports to its own members.', state.id),
        fix: l10n.t('Provision the step again: it adds the self-referencing TCP rule 0–65535.'),
      });
    }
    if (publicDatabase(state).length > 0) {
      findings.push({
        code: 'security-group.public-database',
        message: l10n.t('{0} lets the whole internet reach PostgreSQL (port 5432).', state.id),
        fix: l10n.t('Provision the step again: it takes the public rule away.'),
      });
    }
    return findings;
  },

  async create(context) {
    const { vpcId } = await context.need(network);
    const created = await unlessExists(
      context.aws.ec2.createSecurityGroup({
        GroupName: groupName(context),
        Description: 'Lake Tutorial: database, Lambda and Glue reach one another',
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: toTagList(context.tags) }],
      }),
    );
    const id = created?.GroupId ?? (await this.read(context))?.state.id ?? '';
    await authorize(context, id);
    return { id, permissions: [selfReferencing(id)] };
  },

  async update(context, state) {
    const open = publicDatabase(state);
    await Promise.all([
      !hasSelfReference(state) && authorize(context, state.id),
      open.length > 0 && context.aws.ec2.revokeSecurityGroupIngress({ GroupId: state.id, IpPermissions: open }),
    ]);
    return { ...state, permissions: [...state.permissions.filter((permission) => !publicDatabase({ ...state, permissions: [permission] }).length), selfReferencing(state.id)] };
  },

  async adopt(context, state) {
    await context.aws.ec2.createTags({ Resources: [state.id], Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context, state) {
    // The network interfaces that Lambda and Glue made in it linger for some minutes.
    await eventually(context, () => ifExists(context.aws.ec2.deleteSecurityGroup({ GroupId: state.id })), {
      pattern: /DependencyViolation/,
      waitingFor: l10n.t('Waiting until the network interfaces in the security group are gone…'),
      budget: interfaceBudget,
    }).catch(async (error: unknown) => {
      throw AwsError.is(error) && error.code === 'DependencyViolation' ? interfacesLeft(state.id, await interfacesIn(context, state.id), error) : error;
    });
  },
});

export default securityGroup;
