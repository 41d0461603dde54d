import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { AwsError } from '../../aws/errors.ts';
import { defineKind, type Context } from '../kind.ts';
import { instanceType } from '../names.ts';

export interface NetworkState {
  readonly vpcId: string;
  readonly cidr: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** The table that decides where the subnet's traffic goes: its own, else the VPC's main one. */
  readonly routeTableId: string | undefined;
}

/**
 * The zones that have the database's instance type; undefined where the endpoint or the caller's rights do not tell.
 *
 * Source: botocore ec2 1.44.5 DescribeInstanceTypeOfferings, 2026-11-28
 */
async function offeringZones(context: Context): Promise<ReadonlySet<string> | undefined> {
  const type = instanceType(context.names);
  try {
    const { InstanceTypeOfferings = [] } = await context.aws.ec2.describeInstanceTypeOfferings({ LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: [type] }] });
    return new Set(InstanceTypeOfferings.map(({ Location = '' }) => Location));
  } catch (error) {
    if (AwsError.is(error, 'unimplemented', 'denied')) {
      return undefined;
    }
    throw error;
  }
}

/** The account's default VPC, or the one given by `--var vpc-id=…` (and `subnet-id`). Looked at, never made or changed. */
export default defineKind<NetworkState>({
  id: 'network',
  title: () => l10n.t('Network (VPC and subnet)'),
  type: 'AWS::EC2::VPC',
  actions: { read: ['ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeRouteTables', 'ec2:DescribeInstanceTypeOfferings'] },
  console: () => 'vpcconsole/home#vpcs:',

  async read(context) {
    const { ec2 } = context.aws;
    const { 'vpc-id': vpcId, 'subnet-id': subnetId } = context.names.variables;
    const filter = (Name: string, value: string) => ({ Filters: [{ Name, Values: [value] }] });
    const [vpcs, subnets, routeTables, offered] = await Promise.all([
      ec2.describeVpcs(vpcId ? { VpcIds: [vpcId] } : filter('is-default', 'true')),
      ec2.describeSubnets(subnetId ? { SubnetIds: [subnetId] } : vpcId ? filter('vpc-id', vpcId) : filter('default-for-az', 'true')),
      ec2.describeRouteTables(vpcId ? filter('vpc-id', vpcId) : {}),
      offeringZones(context),
    ]);
    const vpc = vpcs.Vpcs?.[0];
    // The first zone by name that has the instance type, so that a second run chooses the same.
    const inside = (subnets.Subnets ?? []).filter((candidate) => candidate.VpcId === vpc?.VpcId);
    const subnet = inside
      .filter(({ AvailabilityZone = '' }) => subnetId || !offered || offered.has(AvailabilityZone))
      .sort((a, b) => (a.AvailabilityZone ?? '').localeCompare(b.AvailabilityZone ?? '') || (a.SubnetId ?? '').localeCompare(b.SubnetId ?? ''))[0];
    if (!vpc?.VpcId || !subnet?.SubnetId) {
      throw new UserError('network.missing', vpc ? l10n.t('{0} has no subnet that can be used.', vpc.VpcId ?? '') : l10n.t('There is no default VPC in {0}.', context.names.region), {
        why: inside.length > 0 ? l10n.t('None of its zones offers the instance type {0}.', instanceType(context.names)) : l10n.t('The database needs a network with a way to the internet, to install PostgreSQL.'),
        next: inside.length > 0 ? l10n.t('Choose another type: --var instance-type=TYPE, or the setting lakeTutorial.variables.') : l10n.t('Name one of yours (--var vpc-id=vpc-… --var subnet-id=subnet-…), or restore the default one with: aws ec2 create-default-vpc'),
        exit: ExitCode.aws,
      });
    }
    const tables = (routeTables.RouteTables ?? []).filter((table) => table.VpcId === vpc.VpcId);
    const table =
      tables.find((candidate) => candidate.Associations?.some((association) => association.SubnetId === subnet.SubnetId)) ??
      tables.find((candidate) => candidate.Associations?.some((association) => association.Main));
    return {
      owner: 'shared',
      state: { vpcId: vpc.VpcId, cidr: vpc.CidrBlock ?? '', subnetId: subnet.SubnetId, availabilityZone: subnet.AvailabilityZone ?? '', routeTableId: table?.RouteTableId },
    };
  },
});
