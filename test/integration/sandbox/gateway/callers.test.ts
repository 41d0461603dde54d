import assert from 'node:assert/strict';
import { AthenaClient, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { CreateTagsCommand, DescribeVpcsCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDatabaseCommand, CreateJobCommand, GetDatabasesCommand, GlueClient, PutResourcePolicyCommand } from '@aws-sdk/client-glue';
import {
  AttachUserPolicyCommand, CreateAccessKeyCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, DeleteAccessKeyCommand, DeleteUserPolicyCommand, GetUserCommand, IAMClient,
  PutUserPermissionsBoundaryCommand, DeleteUserPermissionsBoundaryCommand, PutUserPolicyCommand, UpdateAccessKeyCommand, UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetDataLakeSettingsCommand, LakeFormationClient, PutDataLakeSettingsCommand } from '@aws-sdk/client-lakeformation';
import { AddPermissionCommand, CreateFunctionCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient, type Credentials } from '@aws-sdk/client-sts';
import { userPassRole } from '../../../../src/policies/policies.ts';
import { deriveNames } from '../../../../src/resources/names.ts';
import { clientConfig } from '../support.ts';
import { inProcess, type InProcess } from '../inprocess.ts';

const account = '000000000000';
const arn = (path: string): string => `arn:aws:iam::${account}:${path}`;
const workflowRole = arn('role/LakeFormationWorkflowRole');
const document = (...Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string | readonly string[], Resource: string | readonly string[] = '*', Condition?: object) => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
const trust = (Principal: object) => document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });

describe('sandbox: whoever calls with a key that it gave out is judged by its policies', function () {
  this.timeout(120_000);
  let sandbox: InProcess;
  let iam: IAMClient;
  /** The learner: any credentials. */
  let owner: ReturnType<typeof clientConfig>;

  const refused = async (call: Promise<unknown>, name: string, message: RegExp | string, status?: number): Promise<void> => {
    await assert.rejects(call, (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
      assert.equal(error.name, name, error.message);
      if (typeof message === 'string') {
        assert.equal(error.message, message);
      } else {
        assert.match(error.message, message);
      }
      if (status !== undefined) {
        assert.equal(error.$metadata?.httpStatusCode, status);
      }
      return true;
    });
  };
  const holding = (given: Credentials | undefined) => ({
    ...clientConfig(sandbox.endpoint),
    credentials: { accessKeyId: given?.AccessKeyId ?? '', secretAccessKey: given?.SecretAccessKey ?? '', ...(given?.SessionToken && { sessionToken: given.SessionToken }) },
  });
  const keyOf = async (UserName: string) => {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { ...clientConfig(sandbox.endpoint), credentials: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' } };
  };
  const user = async (UserName: string, ...statements: readonly object[]) => {
    await iam.send(new CreateUserCommand({ UserName }));
    if (statements.length > 0) {
      await may(UserName, ...statements);
    }
    return keyOf(UserName);
  };
  const may = (UserName: string, ...statements: readonly object[]) => iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: document(...statements) }));
  const s3 = (config: ReturnType<typeof clientConfig>) => new S3Client({ ...config, forcePathStyle: true });

  before(async () => {
    sandbox = await inProcess();
    owner = clientConfig(sandbox.endpoint);
    iam = new IAMClient(owner);
    await iam.send(new CreateRoleCommand({ RoleName: 'LakeFormationWorkflowRole', AssumeRolePolicyDocument: trust({ Service: 'glue.amazonaws.com' }) }));
    await s3(owner).send(new CreateBucketCommand({ Bucket: 'water', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await s3(owner).send(new PutObjectCommand({ Bucket: 'water', Key: 'a/fish', Body: 'x' }));
  });
  after(() => sandbox?.stop());

  it('makes the step of the administrator real: what DataAdmin denies, what takes UserPassRole, and with the right account', async () => {
    const admin = await user('datalakeadmin');
    const [lake, glue] = [new LakeFormationClient(admin), new GlueClient(admin)];
    const job = (Role = 'LakeFormationWorkflowRole') => glue.send(new CreateJobCommand({ Name: 'bronze', Role, Command: { Name: 'glueetl', ScriptLocation: 's3://water/a.py' } }));
    const who = `User: ${arn('user/datalakeadmin')} is not authorized to perform:`;
    await refused(job(), 'AccessDeniedException', `${who} glue:CreateJob on resource: arn:aws:glue:us-east-2:${account}:job/bronze because no identity-based policy allows the glue:CreateJob action`, 400);
    for (const name of ['AWSLakeFormationDataAdmin', 'AWSGlueConsoleFullAccess']) {
      await iam.send(new AttachUserPolicyCommand({ UserName: 'datalakeadmin', PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
    }
    await lake.send(new GetDataLakeSettingsCommand({}));
    await refused(
      lake.send(new PutDataLakeSettingsCommand({ DataLakeSettings: {} })), 'AccessDeniedException',
      `${who} lakeformation:PutDataLakeSettings on resource: arn:aws:lakeformation:us-east-2:${account}:catalog:${account} with an explicit deny in an identity-based policy`,
    );
    const denied = `${who} iam:PassRole on resource: ${workflowRole} because no identity-based policy allows the iam:PassRole action`;
    await refused(job(), 'AccessDeniedException', denied);
    const names = deriveNames('data-lake', { accountId: account, partition: 'aws' }, 'us-east-2', {});
    const passing = JSON.stringify(userPassRole.document(names));
    const put = (PolicyDocument: string) => iam.send(new PutUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'UserPassRole', PolicyDocument }));
    await put(passing.replaceAll(account, '<account-id>'));
    await refused(job(), 'AccessDeniedException', denied);
    await put(passing);
    await job();
    await refused(job(workflowRole), 'AlreadyExistsException', /./);
  });

  it('leaves the learner\'s calls alone: any other key is an administrator\'s', async () => {
    assert.equal((await new STSClient(owner).send(new GetCallerIdentityCommand({}))).Arn, arn('user/sandbox'));
    await new LakeFormationClient(owner).send(new PutDataLakeSettingsCommand({ DataLakeSettings: {} }));
  });

  it('refuses in the form of each service', async () => {
    const nobody = await user('nobody');
    const because = (action: string) => `because no identity-based policy allows the ${action} action`;
    const who = `User: ${arn('user/nobody')} is not authorized to perform:`;
    await refused(s3(nobody).send(new ListObjectsV2Command({ Bucket: 'water' })), 'AccessDenied', `${who} s3:ListBucket on resource: "arn:aws:s3:::water" ${because('s3:ListBucket')}`, 403);
    await refused(s3(nobody).send(new PutObjectCommand({ Bucket: 'water', Key: 'b', Body: 'x' })), 'AccessDenied', `${who} s3:PutObject on resource: "arn:aws:s3:::water/b" ${because('s3:PutObject')}`, 403);
    await refused(s3(nobody).send(new ListObjectsV2Command({ Bucket: 'none' })), 'NoSuchBucket', /./, 404);
    await refused(new IAMClient(nobody).send(new GetUserCommand({ UserName: 'datalakeadmin' })), 'AccessDenied', `${who} iam:GetUser on resource: user datalakeadmin ${because('iam:GetUser')}`, 403);
    await refused(new EC2Client(nobody).send(new DescribeVpcsCommand({})), 'UnauthorizedOperation', `You are not authorized to perform this operation. ${who} ec2:DescribeVpcs on resource: * ${because('ec2:DescribeVpcs')}.`, 403);
    await refused(new LambdaClient(nobody).send(new GetFunctionCommand({ FunctionName: 'f' })), 'AccessDeniedException', `${who} lambda:GetFunction on resource: arn:aws:lambda:us-east-2:${account}:function:f ${because('lambda:GetFunction')}`, 403);
    await refused(new AthenaClient(nobody).send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1' })), 'AccessDeniedException', 'You are not authorized to perform: athena:StartQueryExecution on the resource. After your AWS administrator or you have updated your permissions, please try again.', 400);
    await refused(new GlueClient(nobody).send(new GetDatabasesCommand({})), 'AccessDeniedException', `${who} glue:GetDatabases on resource: arn:aws:glue:us-east-2:${account}:catalog ${because('glue:GetDatabases')}`, 400);
    assert.equal((await new STSClient(nobody).send(new GetCallerIdentityCommand({}))).Arn, arn('user/nobody'));
  });

  it('looks at conditions: the region, the service that a role is passed to, tags of the request and of the thing, the name of the user', async () => {
    const config = await user('careful', allow('s3:*', ['arn:aws:s3:::water'], { StringLike: { 's3:prefix': ['${aws:username}/*', ''] } }), allow('glue:Get*', '*', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }),
      allow('ec2:CreateTags', '*', { StringEquals: { 'ec2:ResourceTag/team': 'sea' }, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['note'] } }), allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }), allow('glue:CreateJob'));
    await refused(s3(config).send(new ListObjectsV2Command({ Bucket: 'water', Prefix: 'a/' })), 'AccessDenied', /s3:ListBucket/);
    await s3(config).send(new ListObjectsV2Command({ Bucket: 'water', Prefix: 'careful/' }));
    await refused(new GlueClient(config).send(new GetDatabasesCommand({})), 'AccessDeniedException', /glue:GetDatabases/);
    await new GlueClient({ ...config, region: 'eu-west-1' }).send(new GetDatabasesCommand({}));
    await refused(new GlueClient(config).send(new CreateJobCommand({ Name: 'j', Role: workflowRole, Command: {} })), 'AccessDeniedException', /iam:PassRole/);
    const { Vpcs } = await new EC2Client(owner).send(new DescribeVpcsCommand({}));
    const Resources = [Vpcs?.[0]?.VpcId ?? ''];
    const note = (Key: string) => new EC2Client(config).send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: 'x' }] }));
    await refused(note('note'), 'UnauthorizedOperation', new RegExp(`vpc/${Resources[0]}`));
    await new EC2Client(owner).send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'team', Value: 'sea' }] }));
    await note('note');
    await refused(note('other'), 'UnauthorizedOperation', /ec2:CreateTags/);
  });

  it('needs each of the things that an instance is made of', async () => {
    const config = await user('builder', allow('ec2:RunInstances', ['image', 'subnet', 'network-interface', 'security-group', 'volume'].map((kind) => `arn:aws:ec2:*:*:${kind}/*`)));
    const run = () => new EC2Client(config).send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }] }));
    await refused(run(), 'UnauthorizedOperation', /ec2:RunInstances on resource: arn:aws:ec2:us-east-2:000000000000:instance\/\*/);
    await may('builder', allow('ec2:RunInstances'));
    await refused(run(), 'UnauthorizedOperation', /ec2:CreateTags on resource: arn:aws:ec2:us-east-2:000000000000:instance\/\*/);
    await may('builder', allow('ec2:RunInstances'), allow('ec2:CreateTags', '*', { StringEquals: { 'ec2:CreateAction': 'RunInstances', 'aws:RequestTag/a': 'b' } }));
    await run();
  });

  it('puts a boundary and a session\'s policy above what is allowed', async () => {
    const config = await user('bound', allow('s3:*'));
    await s3(config).send(new ListObjectsV2Command({ Bucket: 'water' }));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'readers', PolicyDocument: document(allow('s3:Get*')) }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bound', PermissionsBoundary: Policy?.Arn ?? '' }));
    await refused(s3(config).send(new ListObjectsV2Command({ Bucket: 'water' })), 'AccessDenied', /because no permissions boundary allows the s3:ListBucket action$/);
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'bound' }));
    await s3(config).send(new ListObjectsV2Command({ Bucket: 'water' }));
    await may('bound', allow(['s3:*', 'sts:*']));
    const narrow = document(allow('s3:GetObject'));
    const guest = holding((await new STSClient(config).send(new GetFederationTokenCommand({ Name: 'guest', Policy: narrow }))).Credentials);
    assert.equal((await new STSClient(guest).send(new GetCallerIdentityCommand({}))).Arn, `arn:aws:sts::${account}:federated-user/guest`);
    await refused(s3(guest).send(new ListObjectsV2Command({ Bucket: 'water' })), 'AccessDenied', /federated-user\/guest is not authorized.*because no session policy allows/);
    const same = holding((await new STSClient(config).send(new GetSessionTokenCommand({}))).Credentials);
    assert.equal((await new STSClient(same).send(new GetCallerIdentityCommand({}))).Arn, arn('user/bound'));
    await refused(new GlueClient(same).send(new GetDatabasesCommand({})), 'AccessDeniedException', /user\/bound is not authorized/);
  });

  it('lets a role be assumed by whom it trusts, and judges the session by the role', async () => {
    const config = await user('walker');
    const assume = () => new STSClient(config).send(new AssumeRoleCommand({ RoleArn: arn('role/diver'), RoleSessionName: 'dive' }));
    await iam.send(new CreateRoleCommand({ RoleName: 'diver', AssumeRolePolicyDocument: trust({ Service: 'glue.amazonaws.com' }) }));
    await refused(assume(), 'AccessDenied', `User: ${arn('user/walker')} is not authorized to perform: sts:AssumeRole on resource: ${arn('role/diver')}`, 403);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'diver', PolicyDocument: trust({ AWS: arn('root') }) }));
    await refused(assume(), 'AccessDenied', /because no identity-based policy allows the sts:AssumeRole action$/);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'diver', PolicyDocument: trust({ AWS: arn('user/walker') }) }));
    const diver = holding((await assume()).Credentials);
    await refused(s3(diver).send(new ListObjectsV2Command({ Bucket: 'water' })), 'AccessDenied', /^User: arn:aws:sts::000000000000:assumed-role\/diver\/dive is not authorized/);
  });

  it('reads the policies of resources: a bucket\'s, a function\'s, the Data Catalog\'s', async () => {
    const config = await user('reader', allow('s3:ListBucket'));
    const get = (Key = 'a/fish') => s3(config).send(new GetObjectCommand({ Bucket: 'water', Key }));
    await refused(get(), 'AccessDenied', /s3:GetObject on resource: "arn:aws:s3:::water\/a\/fish" because no identity-based/);
    const policy = (...statements: readonly object[]) => s3(owner).send(new PutBucketPolicyCommand({ Bucket: 'water', Policy: document(...statements) }));
    await policy({ ...allow('s3:GetObject', 'arn:aws:s3:::water/a/*'), Principal: { AWS: arn('user/reader') } });
    await get();
    await policy({ Effect: 'Deny', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::water', Principal: '*' });
    await refused(s3(config).send(new ListObjectsV2Command({ Bucket: 'water' })), 'AccessDenied', /with an explicit deny in a resource-based policy$/);
    await policy({ ...allow('s3:GetObject', 'arn:aws:s3:::water/a/*'), Principal: { AWS: arn('user/reader') } });

    await iam.send(new CreateRoleCommand({ RoleName: 'runner', AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) }));
    const lambda = new LambdaClient(owner);
    await lambda.send(new CreateFunctionCommand({ FunctionName: 'f', Role: arn('role/runner'), Runtime: 'python3.12', Handler: 'a.b', Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') } }));
    await refused(new LambdaClient(config).send(new GetFunctionCommand({ FunctionName: 'f' })), 'AccessDeniedException', /lambda:GetFunction/);
    await lambda.send(new AddPermissionCommand({ FunctionName: 'f', StatementId: 'r', Action: 'lambda:GetFunction', Principal: arn('user/reader') }));
    await new LambdaClient(config).send(new GetFunctionCommand({ FunctionName: 'f' }));

    await refused(new GlueClient(config).send(new GetDatabasesCommand({})), 'AccessDeniedException', /glue:GetDatabases/);
    await new GlueClient(owner).send(new PutResourcePolicyCommand({ PolicyInJson: document({ ...allow('glue:GetDatabases', `arn:aws:glue:us-east-2:${account}:*`), Principal: { AWS: arn('user/reader') } }) }));
    await new GlueClient(config).send(new GetDatabasesCommand({}));
  });

  it('tells only those who may list that an object is not there, and deletes no object that may not be', async () => {
    const config = await user('looker', allow('s3:GetObject'));
    const head = (Key: string) => s3(config).send(new HeadObjectCommand({ Bucket: 'water', Key }));
    await head('a/fish');
    await assert.rejects(head('a/none'), (error: Error & { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode === 403);
    await may('looker', allow(['s3:GetObject', 's3:ListBucket']));
    await assert.rejects(head('a/none'), (error: Error & { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode === 404);
    await refused(s3(config).send(new DeleteObjectsCommand({ Bucket: 'water', Delete: { Objects: [{ Key: 'a/fish' }] } })), 'AccessDenied', /s3:DeleteObject on resource: "arn:aws:s3:::water\/a\/fish"/);
    await head('a/fish');
  });

  it('judges by Lake Formation too', async () => {
    const config = await user('cataloguer', allow('glue:*'));
    const glue = new GlueClient(config);
    const lake = new LakeFormationClient(owner);
    await refused(glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'sea' } })), 'AccessDeniedException', 'Insufficient Lake Formation permission(s): Required Create Database on Catalog');
    await lake.send(new PutDataLakeSettingsCommand({ DataLakeSettings: { DataLakeAdmins: [{ DataLakePrincipalIdentifier: arn('user/cataloguer') }] } }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'sea' } }));
  });

  it('knows a key that was put to sleep or deleted as nobody\'s', async () => {
    const config = await user('leaver', allow('*'));
    const key = { UserName: 'leaver', AccessKeyId: config.credentials.accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }));
    await refused(new GlueClient(config).send(new GetDatabasesCommand({})), 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    await iam.send(new DeleteAccessKeyCommand(key));
    await refused(new IAMClient(config).send(new GetUserCommand({})), 'InvalidClientTokenId', /./, 403);
    await refused(s3(config).send(new ListObjectsV2Command({ Bucket: 'water' })), 'InvalidAccessKeyId', /./, 403);
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'leaver', PolicyName: 'inline' }));
  });
});
