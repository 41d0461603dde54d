import * as l10n from '@vscode/l10n';
import { defineKind, type Context } from '../kind.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';
import network from './network.ts';

export interface EndpointState {
  readonly id: string;
  readonly routeTableIds: readonly string[];
}

const serviceName = ({ names }: Context): string => `${names.partition === 'aws-cn' ? 'cn.com.amazonaws' : 'com.amazonaws'}.${names.region}.s3`;

/** Lets Glue's network interfaces, which have no public address, reach S3. PostgreSQL is reached inside the VPC without it. */
export default defineKind<EndpointState>({
  id: 's3-endpoint',
  title: () => l10n.t('S3 gateway endpoint'),
  type: 'AWS::EC2::VPCEndpoint',
  dependsOn: [network],
  actions: {
    read: ['ec2:DescribeVpcEndpoints', 'ec2:DescribeRouteTables'],
    write: ['ec2:CreateVpcEndpoint', 'ec2:CreateTags', 'ec2:ModifyVpcEndpoint'],
    remove: ['ec2:DeleteVpcEndpoints'],
  },
  console: () => 'vpcconsole/home#Endpoints:',

  async read(context) {
    const [answer, net] = await Promise.all([
      context.aws.ec2.describeVpcEndpoints({ Filters: [{ Name: 'service-name', Values: [serviceName(context)] }] }),
      context.get(network),
    ]);
    const endpoint = answer.VpcEndpoints?.find(({ VpcId, VpcEndpointType, State }) => VpcId === net?.vpcId && VpcEndpointType !== 'Interface' && !/^delet/i.test(State ?? ''));
    return endpoint?.VpcEndpointId
      ? { owner: ownerOf(fromTagList(endpoint.Tags), context), state: { id: endpoint.VpcEndpointId, routeTableIds: endpoint.RouteTableIds ?? [] } }
      : undefined;
  },

  async check(context, state) {
    const table = (await context.get(network))?.routeTableId;
    return table && !state.routeTableIds.includes(table)
      ? [{
          code: 's3-endpoint.route-table',
          message: l10n.t('VPC S3 endpoint validation fails: the endpoint {0} is not on the route table {1} of the database\'s subnet.', state.id, table),
          fix: l10n.t('Provision the step again: it adds the route table to the endpoint.'),
        }]
      : [];
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
    const id = created?.VpcEndpoint?.VpcEndpointId ?? (await this.read(context))?.state.id ?? '';
    return { id, routeTableIds: RouteTableIds };
  },

  async update(context, state) {
    const { routeTableId } = await context.need(network);
    if (!routeTableId) {
      return state;
    }
    await context.aws.ec2.modifyVpcEndpoint({ VpcEndpointId: state.id, AddRouteTableIds: [routeTableId] });
    return { ...state, routeTableIds: [...state.routeTableIds, routeTableId] };
  },

  async adopt(context, state) {
    await context.aws.ec2.createTags({ Resources: [state.id], Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context, state) {
    await ifExists(context.aws.ec2.deleteVpcEndpoints({ VpcEndpointIds: [state.id] }));
  },
});
