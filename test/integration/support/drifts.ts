import { AuthorizeSecurityGroupIngressCommand, DescribeSecurityGroupsCommand, DisassociateAddressCommand, DescribeAddressesCommand, ModifyVpcEndpointCommand, DescribeVpcEndpointsCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { DisableRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteTriggerCommand, GetConnectionCommand, GetJobCommand, StopTriggerCommand, UpdateConnectionCommand, UpdateJobCommand } from '@aws-sdk/client-glue';
import { DeleteUserPolicyCommand, DetachRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetDataLakeSettingsCommand, GrantPermissionsCommand, PutDataLakeSettingsCommand, RevokePermissionsCommand } from '@aws-sdk/client-lakeformation';
import { DeleteObjectCommand, DeletePublicAccessBlockCommand, DeleteBucketLifecycleCommand } from '@aws-sdk/client-s3';
import type { Clients } from './clients.ts';

/** Something that somebody did to a lake by hand. */
export interface Drift {
  readonly what: string;
  readonly code: string;
  readonly resource: string;
  /** What somebody did by hand. */
  readonly by: (clients: Clients, account: string) => Promise<unknown>;
}

const bucketOf = (account: string): string => `lake-tutorial-${account}-us-east-2`;
const roleOf = (account: string): string => `arn:aws:iam::${account}:role/LakeFormationWorkflowRole`;
export async function databaseGroup({ ec2 }: Clients) {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['lake-tutorial-database'] }] }));
  return SecurityGroups?.[0] ?? {};
}

/** One thing of each step, all done at once: what is found must be these and nothing else. */
export const drifts: readonly Drift[] = [
  {
    what: 'an inline policy deleted', code: 'admin-user.inline-policy', resource: 'admin-user',
    by: ({ iam }) => iam.send(new DeleteUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'UserPassRole' })),
  },
  {
    what: 'a Lake Formation administrator removed', code: 'lake-admin.not-admin', resource: 'lake-admin',
    by: async ({ lakeFormation }) => {
      const { DataLakeSettings } = await lakeFormation.send(new GetDataLakeSettingsCommand({}));
      const DataLakeAdmins = DataLakeSettings?.DataLakeAdmins?.filter(({ DataLakePrincipalIdentifier }) => !DataLakePrincipalIdentifier?.endsWith('user/datalakeadmin'));
      await lakeFormation.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { ...DataLakeSettings, DataLakeAdmins } }));
    },
  },
  { what: 'the bucket opened', code: 'bucket.public-access', resource: 'bucket', by: ({ s3 }, account) => s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucketOf(account) })) },
  { what: 'a zone deleted', code: 'zones.missing-zone', resource: 'zones', by: ({ s3 }, account) => s3.send(new DeleteObjectCommand({ Bucket: bucketOf(account), Key: 'silver/' })) },
  { what: 'the lifecycle deleted', code: 'zones.lifecycle', resource: 'zones', by: ({ s3 }, account) => s3.send(new DeleteBucketLifecycleCommand({ Bucket: bucketOf(account) })) },
  {
    what: 'the self-reference removed', code: 'security-group.self-reference', resource: 'security-group',
    by: async (clients) => {
      const { GroupId, IpPermissions } = await databaseGroup(clients);
      await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    },
  },
  {
    what: '5432 opened to the world', code: 'security-group.public-database', resource: 'security-group',
    by: async (clients) => {
      const { GroupId } = await databaseGroup(clients);
      await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    },
  },
  {
    what: 'the elastic IP taken off', code: 'elastic-ip.not-associated', resource: 'elastic-ip',
    by: async ({ ec2 }) => {
      const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
      await ec2.send(new DisassociateAddressCommand({ AssociationId: Addresses?.[0]?.AssociationId }));
    },
  },
  { what: 'the rule disabled', code: 'schedule.disabled', resource: 'schedule', by: ({ events }) => events.send(new DisableRuleCommand({ Name: 'lake-tutorial-insert' })) },
  { what: 'its target removed', code: 'schedule.target', resource: 'schedule', by: ({ events }) => events.send(new RemoveTargetsCommand({ Rule: 'lake-tutorial-insert', Ids: ['inserter'] })) },
  {
    what: 'the endpoint taken off the route table', code: 's3-endpoint.route-table', resource: 's3-endpoint',
    by: async ({ ec2 }) => {
      const { VpcEndpoints } = await ec2.send(new DescribeVpcEndpointsCommand({}));
      await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: VpcEndpoints?.[0]?.VpcEndpointId, RemoveRouteTableIds: VpcEndpoints?.[0]?.RouteTableIds }));
    },
  },
  {
    what: "the role's managed policy detached", code: 'role.managed-policy', resource: 'workflow-role',
    by: ({ iam }) => iam.send(new DetachRolePolicyCommand({ RoleName: 'LakeFormationWorkflowRole', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole' })),
  },
  {
    what: "the role's inline policy widened", code: 'role.inline-policy', resource: 'workflow-role',
    by: ({ iam }) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'LakeFormationWorkflowRole', PolicyName: 'LakeBucketAccess', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }) })),
  },
  {
    what: 'a grant revoked', code: 'grant.missing', resource: 'lake-grants',
    by: ({ lakeFormation }, account) =>
      lakeFormation.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: roleOf(account) }, Resource: { Database: { Name: 'lake_tutorial' } }, Permissions: ['CREATE_TABLE'] })),
  },
  { what: 'a trigger deleted', code: 'refine-trigger.missing', resource: 'refine-trigger', by: ({ glue }) => glue.send(new DeleteTriggerCommand({ Name: 'lake-tutorial-refine' })) },
];

/** Those that take more than a bare moto. */
export const sandboxDrifts: readonly Drift[] = [
  {
    what: "the connection's address changed", code: 'connection.url', resource: 'connection',
    by: async ({ glue }) => {
      const { Connection } = await glue.send(new GetConnectionCommand({ Name: 'lake-tutorial-source' }));
      await glue.send(new UpdateConnectionCommand({
        Name: 'lake-tutorial-source',
        ConnectionInput: {
          Name: 'lake-tutorial-source', ConnectionType: 'JDBC', PhysicalConnectionRequirements: Connection?.PhysicalConnectionRequirements,
          ConnectionProperties: { ...Connection?.ConnectionProperties, JDBC_CONNECTION_URL: 'jdbc:postgresql://203.0.113.7:5432/transactionaldb' },
        },
      }));
    },
  },
  {
    what: "a job's Glue version changed", code: 'job.setting', resource: 'ingest-job',
    by: async ({ glue }) => {
      const { Job } = await glue.send(new GetJobCommand({ JobName: 'lake-tutorial-ingest' }));
      await glue.send(new UpdateJobCommand({ JobName: 'lake-tutorial-ingest', JobUpdate: { Role: Job?.Role, Command: Job?.Command, DefaultArguments: Job?.DefaultArguments, Connections: Job?.Connections, GlueVersion: '3.0', WorkerType: Job?.WorkerType, NumberOfWorkers: Job?.NumberOfWorkers } }));
    },
  },
  {
    what: 'the database opened to everybody whom IAM allows', code: 'lake-database.open', resource: 'lake-database',
    by: ({ lakeFormation }) =>
      lakeFormation.send(new GrantPermissionsCommand({ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Resource: { Database: { Name: 'lake_tutorial' } }, Permissions: ['ALL'] })),
  },
  { what: 'a trigger stopped', code: 'trigger.deactivated', resource: 'aggregate-trigger', by: ({ glue }) => glue.send(new StopTriggerCommand({ Name: 'lake-tutorial-aggregate' })) },
];
