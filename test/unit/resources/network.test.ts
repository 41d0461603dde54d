import assert from 'node:assert/strict';
import { AwsError } from '../../../src/aws/errors.ts';
import { deriveNames } from '../../../src/resources/names.ts';
import type { Context } from '../../../src/resources/kind.ts';
import network from '../../../src/resources/kinds/network.ts';

const subnet = (zone: string) => ({ SubnetId: `subnet-${zone}`, VpcId: 'vpc-1', AvailabilityZone: zone });

/** A default VPC with a subnet in each of three zones. */
function contextWith(offerings: () => Promise<{ InstanceTypeOfferings?: { Location: string }[] }>, variables: Record<string, string> = {}): Context {
  const ec2 = {
    describeVpcs: () => Promise.resolve({ Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '172.31.0.0/16' }] }),
    describeSubnets: () => Promise.resolve({ Subnets: ['us-east-1e', 'us-east-1b', 'us-east-1c'].map(subnet) }),
    describeRouteTables: () => Promise.resolve({ RouteTables: [] }),
    describeInstanceTypeOfferings: offerings,
  };
  return { aws: { ec2 }, names: deriveNames('data-lake', { accountId: '111122223333', partition: 'aws' }, 'us-east-1', variables) } as unknown as Context;
}

const zoneOf = async (context: Context): Promise<string | undefined> => (await network.read(context))?.state.availabilityZone;

describe('the network of the database', () => {
  it('is in the first zone by name that has the instance type', async () => {
    assert.equal(await zoneOf(contextWith(() => Promise.resolve({ InstanceTypeOfferings: [{ Location: 'us-east-1e' }, { Location: 'us-east-1c' }] }))), 'us-east-1c');
  });

  it('is in the first zone by name where nobody tells which have it', async () => {
    for (const kind of ['unimplemented', 'denied'] as const) {
      assert.equal(await zoneOf(contextWith(() => Promise.reject(new AwsError(kind, 'X', 'ec2:DescribeInstanceTypeOfferings', '', undefined, undefined)))), 'us-east-1b');
    }
  });

  it('is nowhere, and says so, where no zone has it', async () => {
    await assert.rejects(zoneOf(contextWith(() => Promise.resolve({}), { 'instance-type': 'x9.huge' })), { code: 'network.missing', why: /x9\.huge/, next: /--var instance-type/ });
  });
});
