// What judging a call costs: the same call by the learner, whom nobody judges, and by a user and a role with policies, in turn.
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, AttachUserPolicyCommand, AttachRolePolicyCommand, IAMClient, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { summary } from './figures.mjs';

/** @param {{ inProcess: () => Promise<any>, clientConfig: (endpoint: string) => object, calls: number, log: (line: string) => void }} options */
export async function measureRights({ inProcess, clientConfig, calls, log }) {
  const sandbox = await inProcess();
  try {
    const owner = { ...clientConfig(sandbox.endpoint), forcePathStyle: true };
    const iam = new IAMClient(owner);
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::measured*', Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-2' } } }] });
    await iam.send(new CreateUserCommand({ UserName: 'measured' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'measured', PolicyName: 'own', PolicyDocument: policy }));
    await iam.send(new CreateRoleCommand({ RoleName: 'measured', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'measured', PolicyName: 'own', PolicyDocument: policy }));
    for (const name of ['AWSGlueConsoleFullAccess', 'AWSLakeFormationDataAdmin', 'service-role/AWSGlueServiceRole']) {
      await iam.send(new AttachUserPolicyCommand({ UserName: 'measured', PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'measured', PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'measured' }));
    await new S3Client(owner).send(new CreateBucketCommand({ Bucket: 'measured', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    const who = {
      learner: new S3Client(owner),
      user: new S3Client({ ...owner, credentials: { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: 'any' } }),
      role: new S3Client({ ...sandbox.as({ role: 'arn:aws:iam::000000000000:role/measured' }), forcePathStyle: true }),
    };
    const times = { learner: [], user: [], role: [] };
    for (let call = -20; call < calls; call++) {
      for (const [name, client] of Object.entries(who)) {
        const start = performance.now();
        await client.send(new HeadBucketCommand({ Bucket: 'measured' }));
        if (call >= 0) times[name].push(performance.now() - start);
      }
    }
    const added = (name) => summary(times[name].map((ms, at) => ms - times.learner[at]), 2);
    const result = { learnerMs: summary(times.learner, 2), userAddedMs: added('user'), roleAddedMs: added('role') };
    log(`judging a call: a user's ${result.userAddedMs.median} ms more, a role's ${result.roleAddedMs.median} ms`);
    return result;
  } finally {
    await sandbox.stop();
  }
}
