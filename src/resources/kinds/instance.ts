import type { Instance } from '@aws-sdk/client-ec2';
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { instanceType } from '../names.ts';
import { eventually, fromTagList, ownerOf, poll, tagKeys, toTagList } from '../support.ts';
import { databaseUserData } from '../user-data.ts';
import databasePassword from './database-password.ts';
import instanceRole, { instanceRoleName } from './instance-role.ts';
import network from './network.ts';
import securityGroup from './security-group.ts';

export interface InstanceState {
  readonly id: string;
  readonly state: string;
  readonly privateIp: string;
  readonly subnetId: string;
  readonly securityGroups: readonly string[];
  /** Further instances that the tutorial made: where the client token is not honoured, two runs at the same moment make one each. */
  readonly extra: readonly string[];
  /** When it was started last. */
  readonly launched?: Date;
}

const amiParameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

const stateOf = (instance: Instance): InstanceState => ({
  id: instance.InstanceId ?? '',
  state: instance.State?.Name ?? '',
  privateIp: instance.PrivateIpAddress ?? '',
  subnetId: instance.SubnetId ?? '',
  securityGroups: [...(instance.SecurityGroups ?? []), ...(instance.NetworkInterfaces?.[0]?.Groups ?? [])].map(({ GroupId }) => GroupId ?? ''),
  extra: [],
  ...(instance.LaunchTime && { launched: instance.LaunchTime }),
});

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html, 2026-11-28 */
const isStopped = ({ state }: InstanceState): boolean => state === 'stopped' || state === 'stopping';

/** All instances with our tag, also those that are gone: AWS shows a terminated one for about an hour. */
async function instances(context: Context): Promise<Instance[]> {
  const { Reservations } = await context.aws.ec2.describeInstances({ Filters: [{ Name: `tag:${tagKeys.tutorial}`, Values: [context.names.tutorial] }] });
  return (Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
}
const isGone = (instance: Instance): boolean => ['terminated', 'shutting-down'].includes(instance.State?.Name ?? '');

/** Those of ours that run, the oldest first: that one is the tutorial's, whoever looks. */
const alive = async (context: Context): Promise<Instance[]> =>
  (await instances(context))
    .filter((each) => !isGone(each))
    .toSorted((one, other) => (one.LaunchTime?.getTime() ?? 0) - (other.LaunchTime?.getTime() ?? 0) || ((one.InstanceId ?? '') < (other.InstanceId ?? '') ? -1 : 1));

const running = (context: Context, id: string) =>
  poll(context, async () => (await instances(context)).find(({ InstanceId, State }) => InstanceId === id && State?.Name === 'running'), {
    every: 3_000,
    budget: 5 * 60_000,
    waitingFor: l10n.t('Waiting until the instance runs…'),
  });

/** PostgreSQL on EC2, reached at its private address from inside the VPC only. */
export default defineKind<InstanceState>({
  id: 'instance',
  title: () => l10n.t('PostgreSQL on EC2'),
  type: 'AWS::EC2::Instance',
  dependsOn: [network, databasePassword, securityGroup, instanceRole],
  costs: [
    { perHour: 0.0104, what: () => l10n.t('EC2 instance t3.micro'), times: (state) => Number(!isStopped(state)) + state.extra.length },
    { perHour: 0.0009, what: () => l10n.t('Its 8 GB disk'), times: ({ extra }) => 1 + extra.length },
  ],
  since: (_context, { launched }) => launched,
  actions: {
    read: ['ec2:DescribeInstances'],
    write: ['ec2:RunInstances', 'ec2:CreateTags', 'ec2:StartInstances', 'ec2:ModifyInstanceAttribute', 'ec2:TerminateInstances', 'ssm:GetParameter', 'iam:PassRole'],
    remove: ['ec2:TerminateInstances'],
  },
  console: ({ names }) => `ec2/home#Instances:tag:${tagKeys.tutorial}=${names.tutorial}`,

  async read(context) {
    const [first, ...others] = await alive(context);
    return first && { owner: ownerOf(fromTagList(first.Tags), context), state: { ...stateOf(first), extra: others.filter(({ Tags }) => ownerOf(fromTagList(Tags), context) === 'ours').map(({ InstanceId = '' }) => InstanceId) } };
  },

  async check(context, state) {
    const findings: Finding[] = [];
    const group = await context.get(securityGroup);
    if (isStopped(state)) {
      findings.push({
        code: 'instance.stopped',
        message: l10n.t('The database instance {0} is stopped.', state.id),
        expected: l10n.t('It runs.'),
        fix: l10n.t('Provision the step again: it starts the instance.'),
      });
    }
    if (group && !state.securityGroups.includes(group.id)) {
      findings.push({
        code: 'instance.security-group',
        message: l10n.t('The database instance {0} is not in the security group {1}.', state.id, group.id),
        fix: l10n.t('Provision the step again: it puts the instance into the group.'),
      });
    }
    if (state.extra.length > 0) {
      findings.push({
        code: 'instance.extra',
        message: l10n.t('There are more database instances of the tutorial than one, and each is charged: {0}.', state.extra.join(', ')),
        fix: l10n.t('Provision the step again: it keeps the oldest and terminates the others.'),
      });
    }
    return findings;
  },

  async create(context) {
    const [image, before, net, group] = await Promise.all([
      context.aws.ssm.getParameter({ Name: amiParameter }),
      instances(context),
      context.need(network),
      context.need(securityGroup),
    ]);
    // The same token gives the same instance, whoever asks twice; a terminated one must not be given again, so the token counts them.
    const generation = before.filter(isGone).map(({ InstanceId }) => InstanceId).sort().join();
    let salt = '';
    const token = (): string => createHash('sha256').update([context.names.tutorial, group.id, generation, salt].join('\n')).digest('hex');
    const tags = toTagList({ ...context.tags, Name: context.names.sourceDatabase });
    const launch = () => eventually(
      context,
      () =>
        context.aws.ec2.runInstances({
          ClientToken: token(),
          ImageId: image.Parameter?.Value,
          InstanceType: instanceType(context.names) as never,
          MinCount: 1,
          MaxCount: 1,
          IamInstanceProfile: { Name: instanceRoleName },
          // Instance metadata only with a session token, which a forged request from inside cannot get.
          MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
          NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: net.subnetId, Groups: [group.id], AssociatePublicIpAddress: true }],
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true } }],
          UserData: Buffer.from(databaseUserData(context.names, net.cidr)).toString('base64'),
          TagSpecifications: [
            { ResourceType: 'instance', Tags: tags },
            { ResourceType: 'volume', Tags: tags },
          ],
        }),
      { waitingFor: l10n.t('Waiting until EC2 knows the new role…') },
    );
    const run = await launch().catch((error: unknown) => {
      // EC2 remembers the token of an instance longer than it shows the instance: IdempotentInstanceTerminated, IdempotentParameterMismatch.
      if (!AwsError.is(error) || !error.code.startsWith('Idempotent')) {
        throw error;
      }
      salt = String(Date.now());
      return launch();
    });
    const launched = run.Instances?.[0] ?? {};
    // An endpoint that does not honour the token has given two runs at the same moment one each: the later one goes.
    const [first = launched] = await alive(context);
    if (first.InstanceId !== launched.InstanceId) {
      await context.aws.ec2.terminateInstances({ InstanceIds: [launched.InstanceId ?? ''] });
    }
    const state = stateOf(first);
    return { ...state, securityGroups: [group.id], subnetId: state.subnetId || net.subnetId };
  },

  async update(context, state, findings) {
    const group = await context.need(securityGroup);
    const codes = findings.map(({ code }) => code);
    if (codes.includes('instance.extra')) {
      await context.aws.ec2.terminateInstances({ InstanceIds: [...state.extra] });
    }
    if (codes.includes('instance.security-group')) {
      await context.aws.ec2.modifyInstanceAttribute({ InstanceId: state.id, Groups: [...new Set([...state.securityGroups, group.id])] });
    }
    if (codes.includes('instance.stopped')) {
      // Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
      await eventually(context, () => context.aws.ec2.startInstances({ InstanceIds: [state.id] }), { pattern: /IncorrectInstanceState/, budget: 5 * 60_000 });
      await running(context, state.id);
    }
    return { ...state, extra: [], state: 'running', securityGroups: [...new Set([...state.securityGroups, group.id])] };
  },

  async remove(context) {
    // All of ours: where the client token is not honoured, two runs at the same moment can have made one each.
    const InstanceIds = (await instances(context)).filter((instance) => !isGone(instance)).map(({ InstanceId }) => InstanceId ?? '');
    if (InstanceIds.length > 0) {
      await context.aws.ec2.terminateInstances({ InstanceIds });
    }
    await poll(context, async () => ((await instances(context)).some(({ State }) => State?.Name !== 'terminated') ? undefined : true), {
      every: 3_000,
      budget: 10 * 60_000,
      waitingFor: l10n.t('Waiting until the instance is terminated…'),
    });
  },
});
