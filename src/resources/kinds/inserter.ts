import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { roleArn } from '../role.ts';
import { adoptedTags, eventually, ifExists, ownerOf, poll, unlessExists } from '../support.ts';
import databasePassword from './database-password.ts';
import inserterRole, { inserterRoleName } from './inserter-role.ts';
import instance from './instance.ts';
import network from './network.ts';
import securityGroup from './security-group.ts';

export interface InserterState {
  readonly codeSha256: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export const inserterName = (context: Pick<Context, 'names'>): string => `${context.names.prefix}-inserter`;
export const inserterArn = ({ names }: Pick<Context, 'names'>): string => `arn:${names.partition}:lambda:${names.region}:${names.account}:function:${names.prefix}-inserter`;

const runtime = 'python3.13';
const code = (context: Context): Promise<Uint8Array> => context.assets('lambda/inserter.zip');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

/** In the VPC the function reaches nothing but the VPC, so it is given here what it needs to know, the password with it. */
async function environment(context: Context): Promise<Record<string, string> | undefined> {
  const [server, password] = await Promise.all([context.get(instance), context.get(databasePassword)]);
  return server && password
    ? { DB_HOST: server.privateIp, DB_PORT: '5432', DB_NAME: context.names.sourceDatabase, DB_USER: context.names.sourceUser, DB_PASSWORD: password.value }
    : undefined;
}

async function vpc(context: Context): Promise<{ SubnetIds: string[]; SecurityGroupIds: string[] }> {
  const [net, group] = await Promise.all([context.need(network), context.need(securityGroup)]);
  return { SubnetIds: [net.subnetId], SecurityGroupIds: [group.id] };
}

/** A function in a VPC takes its network interface before it is Active, about a minute on AWS; updates must wait for it. */
const settled = (context: Context) =>
  poll(
    context,
    async () => {
      const { Configuration } = await context.aws.lambda.getFunction({ FunctionName: inserterName(context) });
      return Configuration?.State !== 'Pending' && Configuration?.LastUpdateStatus !== 'InProgress' ? Configuration : undefined;
    },
    { every: 2_000, budget: 5 * 60_000, waitingFor: l10n.t('Waiting until the Lambda function is active…') },
  );

export default defineKind<InserterState>({
  id: 'inserter',
  title: () => l10n.t('Inserter (Lambda function)'),
  type: 'AWS::Lambda::Function',
  dependsOn: [inserterRole, instance, databasePassword, securityGroup, network],
  flow: { to: { rows: ['security-group'] } },
  actions: {
    read: ['lambda:GetFunction'],
    write: ['lambda:CreateFunction', 'lambda:TagResource', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'iam:PassRole', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
    remove: ['lambda:DeleteFunction'],
    // Rows for those who do not wait for the schedule.
    result: ['lambda:InvokeFunction'],
  },
  console: ({ names }) => `lambda/home#/functions/${names.prefix}-inserter`,

  async read(context) {
    const found = await ifExists(context.aws.lambda.getFunction({ FunctionName: inserterName(context) }));
    const configuration = found?.Configuration;
    return configuration
      ? {
          owner: ownerOf(found.Tags ?? {}, context),
          state: {
            codeSha256: configuration.CodeSha256 ?? '',
            environment: configuration.Environment?.Variables ?? {},
            subnets: configuration.VpcConfig?.SubnetIds ?? [],
            securityGroups: configuration.VpcConfig?.SecurityGroupIds ?? [],
          },
        }
      : undefined;
  },

  async check(context, state) {
    const findings: Finding[] = [];
    const [wanted, net, group, zip] = await Promise.all([environment(context), context.get(network), context.get(securityGroup), code(context)]);
    const fix = l10n.t('Provision the step again: it updates the function.');
    if (wanted && wanted['DB_HOST'] !== state.environment['DB_HOST']) {
      findings.push({ code: 'inserter.host', message: l10n.t('The inserter connects to {0}, but the database is at {1}.', state.environment['DB_HOST'] ?? '–', wanted['DB_HOST'] ?? ''), fix, expected: `DB_HOST: ${wanted['DB_HOST'] ?? ''}` });
    }
    if (wanted && Object.entries(wanted).some(([key, value]) => key !== 'DB_HOST' && state.environment[key] !== value)) {
      findings.push({ code: 'inserter.environment', message: l10n.t('The inserter does not have the database\'s current name, user or password.'), fix });
    }
    if (state.codeSha256 !== sha256(zip)) {
      findings.push({ code: 'inserter.code', message: l10n.t('The inserter\'s code is not this version\'s.'), fix });
    }
    if ((net && !state.subnets.includes(net.subnetId)) || (group && !state.securityGroups.includes(group.id))) {
      findings.push({ code: 'inserter.network', message: l10n.t('The inserter is not in the database\'s subnet and security group.'), fix });
    }
    return findings;
  },

  async create(context) {
    const [zip, variables, VpcConfig] = await Promise.all([code(context), environment(context), vpc(context)]);
    const created = await unlessExists(
      eventually(
        context,
        () =>
          context.aws.lambda.createFunction({
            FunctionName: inserterName(context),
            Description: 'Lake Tutorial: inserts a row into the toy table',
            Runtime: runtime,
            Handler: 'handler.handler',
            Role: roleArn(context, inserterRoleName),
            Code: { ZipFile: zip },
            Timeout: 30,
            MemorySize: 128,
            Environment: { Variables: variables },
            VpcConfig,
            Tags: { ...context.tags },
          }),
        { waitingFor: l10n.t('Waiting until Lambda can assume the new role…') },
      ),
    );
    if (created?.State === 'Pending') {
      await settled(context);
    }
    return { codeSha256: sha256(zip), environment: variables ?? {}, subnets: VpcConfig.SubnetIds, securityGroups: VpcConfig.SecurityGroupIds };
  },

  async update(context, state, findings) {
    const FunctionName = inserterName(context);
    const [zip, variables, VpcConfig] = await Promise.all([code(context), environment(context), vpc(context)]);
    if (findings.some(({ code: finding }) => finding !== 'inserter.code')) {
      await context.aws.lambda.updateFunctionConfiguration({ FunctionName, Environment: { Variables: { ...state.environment, ...variables } }, VpcConfig });
      await settled(context);
    }
    if (findings.some(({ code: finding }) => finding === 'inserter.code')) {
      await context.aws.lambda.updateFunctionCode({ FunctionName, ZipFile: zip });
      await settled(context);
    }
    return { codeSha256: sha256(zip), environment: { ...state.environment, ...variables }, subnets: VpcConfig.SubnetIds, securityGroups: VpcConfig.SecurityGroupIds };
  },

  async adopt(context) {
    await context.aws.lambda.tagResource({ Resource: inserterArn(context), Tags: { ...adoptedTags(context) } });
  },

  async remove(context) {
    await ifExists(context.aws.lambda.deleteFunction({ FunctionName: inserterName(context) }));
  },
});
