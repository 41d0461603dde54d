import assert from 'node:assert/strict';
import {
  BatchCreatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetTableCommand,
  GetTablesCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { AttachRolePolicyCommand, CreateRoleCommand, DeleteRolePolicyCommand, DetachRolePolicyCommand, IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  GetDataLakeSettingsCommand,
  GrantPermissionsCommand,
  LakeFormationClient,
  ListPermissionsCommand,
  PutDataLakeSettingsCommand,
  RegisterResourceCommand,
  RevokePermissionsCommand,
  type Permission,
  type Resource,
} from '@aws-sdk/client-lakeformation';
import { clientConfig } from '../../support.ts';
import { inProcess, type InProcess } from '../../inprocess.ts';

const role = 'arn:aws:iam::000000000000:role/service/worker';
const IAM_ALLOWED = 'IAM_ALLOWED_PRINCIPALS';

describe('sandbox: what a job or crawler may do is what its role may do', function () {
  this.timeout(120_000);
  let sandbox: InProcess;
  let lake: LakeFormationClient;
  let iam: IAMClient;
  /** The learner, who is never checked, and the job. */
  let owner: GlueClient;
  let job: GlueClient;

  const refused = (call: Promise<unknown>, message: RegExp) => assert.rejects(call, (error: Error) => {
    assert.equal(error.name, 'AccessDeniedException', error.message);
    assert.match(error.message, message);
    return true;
  });
  const grant = (Permissions: Permission[], Resource: Resource, principal = role) => lake.send(new GrantPermissionsCommand({ Principal: { DataLakePrincipalIdentifier: principal }, Resource, Permissions }));
  const revoke = (Permissions: Permission[], Resource: Resource, principal = role) => lake.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: principal }, Resource, Permissions }));
  const table = (Name: string, Location: string) => ({ DatabaseName: 'sea', TableInput: { Name, StorageDescriptor: { Location, Columns: [{ Name: 'id', Type: 'bigint' }] } } });
  const sea: Resource = { Database: { Name: 'sea' } };
  const allTables: Resource = { Table: { DatabaseName: 'sea', TableWildcard: {} } };

  before(async () => {
    sandbox = await inProcess();
    lake = new LakeFormationClient(clientConfig(sandbox.endpoint));
    iam = new IAMClient(clientConfig(sandbox.endpoint));
    owner = new GlueClient(clientConfig(sandbox.endpoint));
    job = new GlueClient(sandbox.as({ role }));
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }] });
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', Path: '/service/', AssumeRolePolicyDocument: trust }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole' }));
    await lake.send(new RegisterResourceCommand({ ResourceArn: 'arn:aws:s3:::water', UseServiceLinkedRole: true }));
    await owner.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'sea', LocationUri: 's3://water/sea', CreateTableDefaultPermissions: [] } }));
  });
  after(() => sandbox?.stop());

  it('opens a new database to all whom IAM lets in, as the account says, until that is revoked', async () => {
    await job.send(new GetDatabaseCommand({ Name: 'sea' }));
    await revoke(['ALL'], sea, IAM_ALLOWED);
    await refused(job.send(new GetDatabaseCommand({ Name: 'sea' })), /^Insufficient Lake Formation permission\(s\): Required Create Database on Catalog/);
    await refused(job.send(new GetTablesCommand({ DatabaseName: 'sea' })), /Insufficient Lake Formation/);
    await owner.send(new GetDatabaseCommand({ Name: 'sea' }));
  });

  it('makes a table with CREATE_TABLE, and within a registered location with a grant on that, IAM_ALLOWED_PRINCIPALS or not', async () => {
    const create = (name: string, location: string) => job.send(new CreateTableCommand(table(name, location)));
    await refused(create('fish', 's3://water/fish/'), /^Resource does not exist or requester is not authorized/);
    await grant(['DESCRIBE'], sea);
    await refused(create('fish', 's3://water/fish/'), /^Insufficient Lake Formation permission\(s\): Required Create Table on sea/);
    await grant(['CREATE_TABLE'], sea);
    await refused(create('fish', 's3://water/fish/'), /^Insufficient Lake Formation permission\(s\) on s3:\/\/water\/fish\/ \(Database name: sea, Table Name: fish\)/);
    await grant(['ALL'], sea, IAM_ALLOWED);
    await refused(create('fish', 's3a://water/fish/'), /permission\(s\) on s3:\/\/water\/fish/);
    await revoke(['ALL'], sea, IAM_ALLOWED);
    // Outside of what is registered, and within the database's own place, none is needed.
    await create('land', 's3://waterless/land/');
    await create('shells', 's3://water/sea/shells/');
    await refused(create('seaside', 's3://water/seaside/'), /permission\(s\) on s3:\/\/water\/seaside/);
    await grant(['DATA_LOCATION_ACCESS'], { DataLocation: { ResourceArn: 'arn:aws:s3:::water' } });
    await create('fish', 's3://water/fish/');
  });

  it('gives the maker of a table all rights on it, and takes them when it is deleted', async () => {
    const listed = async () => (await lake.send(new ListPermissionsCommand({ Resource: { Table: { DatabaseName: 'sea', Name: 'fish' } } }))).PrincipalResourcePermissions ?? [];
    // SELECT is listed apart, as on all columns.
    assert.deepEqual((await listed()).map(({ Principal, Permissions }) => [Principal?.DataLakePrincipalIdentifier, Permissions?.includes('ALL'), Permissions?.includes('SELECT')]), [[role, true, false], [role, false, true]]);
    await job.send(new UpdateTableCommand(table('fish', 's3://water/fish/')));
    await job.send(new DeleteTableCommand({ DatabaseName: 'sea', Name: 'fish' }));
    assert.deepEqual(await listed(), []);
  });

  it('needs ALTER, INSERT, DROP on the tables of others, which SELECT shows', async () => {
    await owner.send(new CreateTableCommand(table('wreck', 's3://water/wreck/')));
    const partition = { DatabaseName: 'sea', TableName: 'wreck', PartitionInputList: [{ Values: ['1'], StorageDescriptor: { Location: 's3://water/wreck/1' } }] };
    await revoke(['CREATE_TABLE'], sea);
    await refused(job.send(new GetTableCommand({ DatabaseName: 'sea', Name: 'wreck' })), /^Resource does not exist or requester/);
    await refused(job.send(new GetTableCommand({ DatabaseName: 'sea', Name: 'nothing' })), /^Resource does not exist or requester/);
    await grant(['SELECT'], allTables);
    await job.send(new GetTableCommand({ DatabaseName: 'sea', Name: 'wreck' }));
    await assert.rejects(job.send(new GetTableCommand({ DatabaseName: 'sea', Name: 'nothing' })), { name: 'EntityNotFoundException', message: 'Entity Not Found' });
    await refused(job.send(new UpdateTableCommand(table('wreck', 's3://water/wreck/'))), /Required Alter on wreck/);
    await refused(job.send(new BatchCreatePartitionCommand(partition)), /Required Alter on wreck/);
    await grant(['INSERT'], allTables);
    await job.send(new BatchCreatePartitionCommand(partition));
    await grant(['ALTER'], allTables);
    await job.send(new UpdateTableCommand(table('wreck', 's3://water/wreck/')));
    await revoke(['DATA_LOCATION_ACCESS'], { DataLocation: { ResourceArn: 'arn:aws:s3:::water' } });
    await refused(job.send(new UpdateTableCommand(table('wreck', 's3://water/wreck/'))), /permission\(s\) on s3:\/\/water\/wreck\//);
    await refused(job.send(new DeleteTableCommand({ DatabaseName: 'sea', Name: 'wreck' })), /Required Drop on wreck/);
    await grant(['DROP'], { Table: { DatabaseName: 'sea', Name: 'wreck' } });
    await job.send(new DeleteTableCommand({ DatabaseName: 'sea', Name: 'wreck' }));
  });

  it('lets an administrator see all and go everywhere, not alter what is others\'', async () => {
    const { DataLakeSettings } = await lake.send(new GetDataLakeSettingsCommand({}));
    const admins = (names: readonly string[]) =>
      lake.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { ...DataLakeSettings, DataLakeAdmins: names.map((DataLakePrincipalIdentifier) => ({ DataLakePrincipalIdentifier })) } }));
    await owner.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lagoon', CreateTableDefaultPermissions: [] } }));
    await revoke(['ALL'], { Database: { Name: 'lagoon' } }, IAM_ALLOWED);
    await owner.send(new CreateTableCommand({ ...table('reef', 's3://water/reef/'), DatabaseName: 'lagoon' }));
    await admins([role]);
    await job.send(new GetTableCommand({ DatabaseName: 'lagoon', Name: 'reef' }));
    await refused(job.send(new DeleteTableCommand({ DatabaseName: 'lagoon', Name: 'reef' })), /Required Drop on reef/);
    await job.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'made' } }));
    await admins([]);
    await refused(job.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'other' } })), /Required Create Database on Catalog$/);
    await refused(job.send(new GetDatabaseCommand({ Name: 'lagoon' })), /Insufficient Lake Formation/);
    // Its maker keeps it.
    await job.send(new CreateTableCommand({ ...table('own', 's3://elsewhere/'), DatabaseName: 'made' }));
  });

  it('asks for `default` on behalf of a job that uses the catalog', async () => {
    const missing = (args: Record<string, string> = { '--enable-glue-datacatalog': 'true' }) => sandbox.authorization.missingForJob({ role, region: 'us-east-2', arguments: args });
    assert.match((await missing())?.message ?? '', /default database.*Insufficient Lake Formation permission\(s\): Required Create Database on Catalog/);
    assert.equal(await missing({}), undefined);
    await owner.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'default' } }));
    assert.equal(await missing(), undefined);
    await revoke(['ALL'], { Database: { Name: 'default' } }, IAM_ALLOWED);
    assert.match((await missing())?.message ?? '', /Required Create Database on Catalog/);
    await grant(['DESCRIBE'], { Database: { Name: 'default' } });
    assert.equal(await missing(), undefined);
  });

  it('needs Glue to be trusted by the role', async () => {
    assert.equal(await sandbox.authorization.mayBeAssumed(role), undefined);
    const trust = (service: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: [service, 'ec2.amazonaws.com'] }, Action: 'sts:AssumeRole' }] }) }));
    await trust('lambda.amazonaws.com');
    assert.match((await sandbox.authorization.mayBeAssumed(role))?.message ?? '', /^Service is unable to assume provided role.*verify role's TrustPolicy/);
    await trust('glue.amazonaws.com');
    assert.equal(await sandbox.authorization.mayBeAssumed(role), undefined);
    assert.match((await sandbox.authorization.mayBeAssumed('arn:aws:iam::000000000000:role/nobody'))?.message ?? '', /^Service is unable to assume provided role arn:aws:iam::000000000000:role\/nobody/);
  });

  it('needs the role\'s policies too', async () => {
    assert.match((await sandbox.authorization.mayPass(role, role, 'us-east-2'))?.message ?? '', /^User: arn:aws:sts::000000000000:assumed-role\/worker\/.* is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role\/service\/worker/);
    const pass = { RoleName: 'worker', PolicyName: 'pass', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: role }] }) };
    await iam.send(new PutRolePolicyCommand(pass));
    assert.equal(await sandbox.authorization.mayPass(role, role, 'us-east-2'), undefined);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'worker', PolicyName: 'pass' }));
    await iam.send(new DetachRolePolicyCommand({ RoleName: 'worker', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole' }));
    await refused(job.send(new GetDatabaseCommand({ Name: 'sea' })), /is not authorized to perform: glue:GetDatabase on resource: arn:aws:glue:us-east-2:000000000000:catalog/);
  });
});
