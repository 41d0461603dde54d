import type { Address } from '@aws-sdk/client-ec2';
import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { eventually, fromTagList, ifExists, ownerOf, tagKeys, toTagList } from '../support.ts';
import instance from './instance.ts';

export interface ElasticIpState {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly instanceId: string | undefined;
  readonly associationId: string | undefined;
  /** Further addresses of ours that nothing uses, and that cost as much: the answer to an allocation was lost, or two runs allocated one each. */
  readonly extra: readonly { readonly allocationId: string; readonly publicIp: string }[];
}

/** Elastic IPs have no name of their own: the tag is all that tells ours. */
async function ours(context: Context): Promise<Address[]> {
  const { Addresses } = await context.aws.ec2.describeAddresses({ Filters: [{ Name: `tag:${tagKeys.tutorial}`, Values: [context.names.tutorial] }] });
  return Addresses ?? [];
}

/** The one to use, the same for whoever looks: the one in use, else the first by its id. The others that nothing uses are extra. */
function chosen(context: Context, addresses: readonly Address[]): { readonly address: Address; readonly state: ElasticIpState } | undefined {
  const [address, ...others] = addresses
    .filter(({ AllocationId }) => AllocationId)
    .toSorted((one, other) => Number(!one.AssociationId) - Number(!other.AssociationId) || ((one.AllocationId ?? '') < (other.AllocationId ?? '') ? -1 : 1));
  return (
    address && {
      address,
      state: {
        allocationId: address.AllocationId ?? '',
        publicIp: address.PublicIp ?? '',
        instanceId: address.InstanceId || undefined,
        associationId: address.AssociationId,
        extra: others.filter(({ AssociationId, Tags }) => !AssociationId && ownerOf(fromTagList(Tags), context) === 'ours').map(({ AllocationId = '', PublicIp = '' }) => ({ allocationId: AllocationId, publicIp: PublicIp })),
      },
    }
  );
}

/** Source: botocore ec2 1.44.5 ReleaseAddress, 2026-11-28 */
async function release(context: Context, allocationId: string): Promise<void> {
  // InvalidIPAddress.InUse: another run has just taken it for the instance. Then another one is extra, which that run sees.
  await ifExists(context.aws.ec2.releaseAddress({ AllocationId: allocationId })).catch((error: unknown) => {
    if (!AwsError.is(error) || error.code !== 'InvalidIPAddress.InUse') {
      throw error;
    }
  });
}

/**
 * Gives the instance one address and releases what is extra.
 *
 * AllocateAddress has no token that would make it idempotent, so what there is is looked at by its tag before, and again
 * when the address is in use: of two runs at the same moment the later one to look sees both.
 */
async function settle(context: Context): Promise<ElasticIpState> {
  for (let attempt = 1; ; attempt += 1) {
    const found = chosen(context, await ours(context))?.state;
    const state = found ?? (await allocate(context));
    try {
      const associated = await associate(context, state);
      const after = chosen(context, await ours(context))?.state ?? associated;
      await Promise.all(after.extra.map(({ allocationId }) => release(context, allocationId)));
      return { ...after, extra: [] };
    } catch (error) {
      // Another run has released it as extra meanwhile: the one that it kept is there.
      if (!AwsError.is(error, 'notFound') || !error.code.startsWith('InvalidAllocationID') || attempt === 3) {
        throw error;
      }
    }
  }
}

async function allocate(context: Context): Promise<ElasticIpState> {
  const { AllocationId = '', PublicIp = '' } = await context.aws.ec2.allocateAddress({ Domain: 'vpc', TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: toTagList(context.tags) }] });
  // Once more: the SDK asks again when an answer is lost.
  return chosen(context, await ours(context))?.state ?? { allocationId: AllocationId, publicIp: PublicIp, instanceId: undefined, associationId: undefined, extra: [] };
}

async function associate(context: Context, state: ElasticIpState): Promise<ElasticIpState> {
  const { id } = await context.need(instance);
  if (state.instanceId === id) {
    return state;
  }
  const answer = await eventually(context, () => context.aws.ec2.associateAddress({ AllocationId: state.allocationId, InstanceId: id, AllowReassociation: true }), {
    // An instance that is still starting cannot be given an address.
    // Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
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
  costs: [{ perHour: 0.005, what: () => l10n.t('Public IPv4 address, also while nothing uses it'), times: ({ extra }) => 1 + extra.length }],
  actions: {
    read: ['ec2:DescribeAddresses'],
    write: ['ec2:AllocateAddress', 'ec2:CreateTags', 'ec2:AssociateAddress', 'ec2:ReleaseAddress'],
    remove: ['ec2:DisassociateAddress', 'ec2:ReleaseAddress'],
  },
  console: () => 'ec2/home#Addresses:',

  async read(context) {
    const found = chosen(context, await ours(context));
    return found && { owner: ownerOf(fromTagList(found.address.Tags), context), state: found.state };
  },

  async check(context, state) {
    const wanted = await context.get(instance);
    const findings: Finding[] = [];
    if (wanted && state.instanceId !== wanted.id) {
      findings.push({
        code: 'elastic-ip.not-associated',
        message: l10n.t('The elastic IP {0} is not associated with the database instance.', state.publicIp),
        fix: l10n.t('Provision the step again: it associates the address.'),
      });
    }
    if (state.extra.length > 0) {
      findings.push({
        code: 'elastic-ip.extra',
        message: l10n.t('There are more elastic IPs of the tutorial than the one in use, and each is charged: {0}.', state.extra.map(({ publicIp }) => publicIp).join(', ')),
        fix: l10n.t('Provision the step again: it releases them.'),
      });
    }
    return findings;
  },

  async create(context) {
    return settle(context);
  },

  update: settle,

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
