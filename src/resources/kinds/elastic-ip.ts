import type { Address } from '@aws-sdk/client-ec2';
import * as l10n from '@vscode/l10n';
import { defineKind, type Context } from '../kind.ts';
import { eventually, fromTagList, ifExists, ownerOf, tagKeys, toTagList } from '../support.ts';
import instance from './instance.ts';

export interface ElasticIpState {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly instanceId: string | undefined;
  readonly associationId: string | undefined;
}

/** Elastic IPs have no name of their own: the tag is all that tells ours. */
async function ours(context: Context): Promise<Address[]> {
  const { Addresses } = await context.aws.ec2.describeAddresses({ Filters: [{ Name: `tag:${tagKeys.tutorial}`, Values: [context.names.tutorial] }] });
  return Addresses ?? [];
}

async function associate(context: Context, state: ElasticIpState): Promise<ElasticIpState> {
  const { id } = await context.need(instance);
  const answer = await eventually(context, () => context.aws.ec2.associateAddress({ AllocationId: state.allocationId, InstanceId: id, AllowReassociation: true }), {
    // An instance that is still starting cannot be given an address.
    pattern: /InvalidInstanceID|IncorrectInstanceState|IncorrectState/,
    waitingFor: l10n.t('Waiting until the instance runs…'),
    budget: 5 * 60_000,
  });
  return { ...state, instanceId: id, associationId: answer.AssociationId };
}

export default defineKind<ElasticIpState>({
  id: 'elastic-ip',
  title: () => l10n.t('Elastic IP of the database'),
  type: 'AWS::EC2::EIP',
  dependsOn: [instance],
  costs: [{ perHour: 0.005, what: () => l10n.t('Public IPv4 address, also while nothing uses it') }],
  actions: {
    read: ['ec2:DescribeAddresses'],
    write: ['ec2:AllocateAddress', 'ec2:CreateTags', 'ec2:AssociateAddress'],
    remove: ['ec2:DisassociateAddress', 'ec2:ReleaseAddress'],
  },
  console: () => 'ec2/home#Addresses:',

  async read(context) {
    const addresses = await ours(context);
    const address = addresses.find(({ AssociationId }) => AssociationId) ?? addresses[0];
    return address?.AllocationId
      ? {
          owner: ownerOf(fromTagList(address.Tags), context),
          state: { allocationId: address.AllocationId, publicIp: address.PublicIp ?? '', instanceId: address.InstanceId || undefined, associationId: address.AssociationId },
        }
      : undefined;
  },

  async check(context, state) {
    const wanted = await context.get(instance);
    return wanted && state.instanceId !== wanted.id
      ? [{
          code: 'elastic-ip.not-associated',
          message: l10n.t('The elastic IP {0} is not associated with the database instance.', state.publicIp),
          fix: l10n.t('Provision the step again: it associates the address.'),
        }]
      : [];
  },

  async create(context) {
    const allocated = await context.aws.ec2.allocateAddress({ Domain: 'vpc', TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: toTagList(context.tags) }] });
    return associate(context, { allocationId: allocated.AllocationId ?? '', publicIp: allocated.PublicIp ?? '', instanceId: undefined, associationId: undefined });
  },

  update: associate,

  async remove(context) {
    // Two runs at the same moment, in the editor and on the command line, can have allocated one each; both cost money.
    const addresses = await ours(context);
    await Promise.all(
      addresses.map(async ({ AssociationId, AllocationId }) => {
        if (AssociationId) {
          await ifExists(context.aws.ec2.disassociateAddress({ AssociationId }));
        }
        await ifExists(context.aws.ec2.releaseAddress({ AllocationId }));
      }),
    );
  },
});
