import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { adoptGlue, glueName, glueOwner } from '../glue.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { ifExists, unlessExists } from '../support.ts';
import databasePassword from './database-password.ts';
import elasticIp from './elastic-ip.ts';
import instance from './instance.ts';
import network from './network.ts';
import s3Endpoint from './s3-endpoint.ts';
import securityGroup from './security-group.ts';
import sourceTable from './source-table.ts';

export interface ConnectionState {
  readonly url: string;
  readonly username: string;
  readonly password: string | undefined;
  readonly subnetId: string;
  readonly securityGroups: readonly string[];
}

export const connectionName = (context: Pick<Context, 'names'>): string => glueName(context, 'source');

const jdbcUrl = ({ names }: Context, host: string): string => `jdbc:postgresql://${host}:5432/${names.sourceDatabase}`;
const hostOf = (url: string): string => /^jdbc:postgresql:\/\/([^:/]+)/.exec(url)?.[1] ?? '';

async function wanted(context: Context) {
  const [server, password, net, group] = await Promise.all([context.need(instance), context.need(databasePassword), context.need(network), context.need(securityGroup)]);
  const url = jdbcUrl(context, server.privateIp);
  const username = context.names.sourceUser;
  return {
    state: { url, username, password: password.value, subnetId: net.subnetId, securityGroups: [group.id] } satisfies ConnectionState,
    input: {
      Name: connectionName(context),
      Description: 'Lake Tutorial: the toy database at its private address',
      ConnectionType: 'JDBC' as const,
      // The password itself and not a secret's name: from this subnet, without NAT, Glue could not ask Secrets Manager for it.
      ConnectionProperties: { JDBC_CONNECTION_URL: url, USERNAME: username, PASSWORD: password.value, JDBC_ENFORCE_SSL: 'false' },
      PhysicalConnectionRequirements: { SubnetId: net.subnetId, SecurityGroupIdList: [group.id], AvailabilityZone: net.availabilityZone },
    },
  };
}

export default defineKind<ConnectionState>({
  id: 'connection',
  title: () => l10n.t('Glue connection to PostgreSQL'),
  type: 'AWS::Glue::Connection',
  // Not the elastic IP: it is only looked at, to tell a URL that wrongly goes there.
  dependsOn: [instance, databasePassword, network, securityGroup],
  reliesOn: [s3Endpoint, sourceTable],
  flow: { from: { 'source-table': ['security-group'] } },
  actions: {
    read: ['glue:GetConnection', 'glue:GetTags', 'glue:TestConnection', 'ec2:DescribeAddresses'],
    write: ['glue:CreateConnection', 'glue:UpdateConnection', 'glue:TagResource'],
    remove: ['glue:DeleteConnection'],
  },
  console: ({ names }) => `gluestudio/home#/connector/detail/${names.prefix}-source`,

  async read(context) {
    const connection = (await ifExists(context.aws.glue.getConnection({ Name: connectionName(context) })))?.Connection;
    if (!connection) {
      return undefined;
    }
    const properties = connection.ConnectionProperties ?? {};
    const place = connection.PhysicalConnectionRequirements;
    return {
      owner: await glueOwner(context, 'connection', connectionName(context)),
      state: {
        url: properties.JDBC_CONNECTION_URL ?? '',
        username: properties.USERNAME ?? '',
        password: properties.PASSWORD,
        subnetId: place?.SubnetId ?? '',
        securityGroups: place?.SecurityGroupIdList ?? [],
      },
    };
  },

  async check(context, state) {
    const [server, address, password, net, group] = await Promise.all([context.get(instance), context.get(elasticIp), context.get(databasePassword), context.get(network), context.get(securityGroup)]);
    const findings: Finding[] = [];
    const fix = l10n.t('Provision the step again: it corrects the connection.');
    if (server && address && hostOf(state.url) === address.publicIp) {
      findings.push({ code: 'connection.elastic-address', message: l10n.t('The connection goes to the elastic IP {0}, which does not answer inside the VPC.', address.publicIp), fix, expected: jdbcUrl(context, server.privateIp) });
    } else if (server && state.url !== jdbcUrl(context, server.privateIp)) {
      findings.push({ code: 'connection.url', message: l10n.t('The connection goes to {0} instead of {1}.', state.url, jdbcUrl(context, server.privateIp)), fix, expected: jdbcUrl(context, server.privateIp) });
    }
    // With encrypted connection passwords Glue does not return it; then all that can be said is that a new one is not in it yet.
    const isOld = password && (state.password === undefined ? password.isNew : state.password !== password.value);
    if (state.username !== context.names.sourceUser || isOld) {
      findings.push({ code: 'connection.credentials', message: l10n.t('The connection does not have the database\'s current user and password.'), fix });
    }
    if ((net && state.subnetId !== net.subnetId) || (group && !state.securityGroups.includes(group.id))) {
      findings.push({ code: 'connection.network', message: l10n.t('The connection is not in the database\'s subnet and security group.'), fix });
    }
    return findings;
  },

  async probe(context) {
    try {
      await context.aws.glue.testConnection({ ConnectionName: connectionName(context) });
      return [];
    } catch (error) {
      if (!AwsError.is(error)) {
        throw error;
      }
      return [{
        code: 'connection.test',
        message: l10n.t('Testing the connection fails: {0}', error.message),
        fix: l10n.t('Verify the steps before this one: network, endpoint and database.'),
        looked: 'glue:TestConnection',
        expected: l10n.t('The connection answers.'),
        ...(error.kind === 'unimplemented' && { unknown: true as const }),
      }];
    }
  },

  async create(context) {
    const { state, input } = await wanted(context);
    await unlessExists(context.aws.glue.createConnection({ ConnectionInput: input, Tags: { ...context.tags } }));
    return state;
  },

  async update(context) {
    const { state, input } = await wanted(context);
    await context.aws.glue.updateConnection({ Name: connectionName(context), ConnectionInput: input });
    return state;
  },

  adopt: (context) => adoptGlue(context, 'connection', connectionName(context)),

  async remove(context) {
    await ifExists(context.aws.glue.deleteConnection({ ConnectionName: connectionName(context) }));
  },

  // A bare moto makes connections and never deletes one; a name that nobody has tells.
  async removable(context) {
    await ifExists(context.aws.glue.deleteConnection({ ConnectionName: `${connectionName(context)}-nobody` }));
  },
});
