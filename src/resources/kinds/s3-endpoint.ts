import * as l10n from '@vscode/l10n';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';
import network from './network.ts';

export interface EndpointState {
  readonly id: string;
  readonly routeTableIds: readonly string[];
  /** Further ones that the tutorial made: AWS refuses a second one on a route table, other endpoints may not. */
  readonly extra: readonly string[];
}

const serviceName = ({ names }: Context): string => `${names.partition === 'aws-cn' ? 'cn.com.amazonaws' : 'com.amazonaws'}.${names.region}.s3`;

async function withoutExtra(context: Context, state: EndpointState): Promise<EndpointState> {
  if (state.extra.length > 0) {
    await ifExists(context.aws.ec2.deleteVpcEndpoints({ VpcEndpointIds: [...state.extra] }));
  }
  return { ...state, extra: [] };
}

/** Lets Glue's network interfaces, which have no public address, reach S3. PostgreSQL is reached inside the VPC without it. */
export default defineKind<EndpointState>({
  id: 's3-endpoint',
  title: () => l10n.t('S3 gateway endpoint'),
  type: 'AWS::EC2::VPCEndpoint',
  dependsOn: [network],
  actions: {
    read: ['ec2:DescribeVpcEndpoints', 'ec2:DescribeRouteTables'],
    write: ['ec2:CreateVpcEndpoint', 'ec2:CreateTags', 'ec2:ModifyVpcEndpoint', 'ec2:DeleteVpcEndpoints'],
    remove: ['ec2:DeleteVpcEndpoints'],
  },
  console: () => 'vpcconsole/home#Endpoints:',

  async read(context) {
    const [answer, net] = await Promise.all([
      context.aws.ec2.describeVpcEndpoints({ Filters: [{ Name: 'service-name', Values: [serviceName(context)] }] }),
      context.get(network),
    ]);
    const [endpoint, ...others] = (answer.VpcEndpoints ?? [])
      .filter(({ VpcId, VpcEndpointType, State }) => VpcId === net?.vpcId && VpcEndpointType !== 'Interface' && !/^delet/i.test(State ?? ''))
      // One that is not ours is used where there is one; of ours the first by its id, whoever looks.
      .map((each) => ({ ...each, owner: ownerOf(fromTagList(each.Tags), context), id: each.VpcEndpointId ?? '' }))
      .toSorted((one, other) => Number(one.owner === 'ours') - Number(other.owner === 'ours') || (one.id < other.id ? -1 : 1));
    return endpoint && {
      owner: endpoint.owner,
      state: { id: endpoint.id, routeTableIds: endpoint.RouteTableIds ?? [], extra: others.filter(({ owner }) => owner === 'ours').map(({ id }) => id) },
    };
  },

  async check(context, state) {
    const table = (await context.get(network))?.routeTableId;
    const findings: Finding[] = [];
    if (table && !state.routeTableIds.includes(table)) {
      findings.push({
          code: 's3-endpoint.route-table',
          message: l10n.t('VPC S3 endpoint validation fails: the endpoint {0} is not on the route table {1} of the database\'s subnet.', state.id, table),
          expected: l10n.t('The endpoint is on the route table {0}.', table),
          fix: l10n.t('Provision the step again: it adds the route table to the endpoint.'),
      });
    }
    if (state.extra.length > 0) {
      findings.push({
        code: 's3-endpoint.extra',
        message: l10n.t('There are more S3 endpoints of the tutorial than one: {0}.', state.extra.join(', ')),
        fix: l10n.t('Provision the step again: it deletes them.'),
      });
    }
    return findings;
  },

  async create(context) {
    const net = await context.need(network);
    const RouteTableIds = net.routeTableId ? [net.routeTableId] : [];
    // RouteAlreadyExists: another run made one on the same table meanwhile.
    const created = await unlessExists(
      context.aws.ec2.createVpcEndpoint({
        VpcEndpointType: 'Gateway',
        VpcId: net.vpcId,
        ServiceName: serviceName(context),
        RouteTableIds,
        TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: toTagList(context.tags) }],
      }),
    );
    // Of two runs at the same moment the one whose endpoint is not the first ends it again.
    const found = (await this.read(context))?.state;
    if (!found) {
      return { id: created?.VpcEndpoint?.VpcEndpointId ?? '', routeTableIds: RouteTableIds, extra: [] };
    }
    return withoutExtra(context, found);
  },

  async update(context, found) {
    const state = await withoutExtra(context, found);
    const { routeTableId } = await context.need(network);
    if (!routeTableId || state.routeTableIds.includes(routeTableId)) {
      return state;
    }
    await context.aws.ec2.modifyVpcEndpoint({ VpcEndpointId: state.id, AddRouteTableIds: [routeTableId] });
    return { ...state, routeTableIds: [...state.routeTableIds, routeTableId] };
  },

  async adopt(context, state) {
    await context.aws.ec2.createTags({ Resources: [state.id], Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context, state) {
    await ifExists(context.aws.ec2.deleteVpcEndpoints({ VpcEndpointIds: [state.id, ...state.extra] }));
  },
});
