import assert from 'node:assert/strict';
import { CreateDatabaseCommand, GetDatabaseCommand, type Database } from '@aws-sdk/client-glue';
import { CreateRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetBucketLifecycleConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { commandsAt, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto } from '../support/moto.ts';

/** What is taken over stays the learner's: it is changed no further than the tutorial needs, and they are told before. */
describe('CLI: a database, a role and a bucket of somebody\'s own', function () {
  this.timeout(120_000);
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;
  const other = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const reader = { Principal: { DataLakePrincipalIdentifier: 'arn:aws:iam::123456789012:role/analyst' }, Permissions: ['SELECT' as const] };
  const Bucket = 'lake-tutorial-123456789012-us-east-2';

  const database = async (): Promise<Database> => (await clients.glue.send(new GetDatabaseCommand({ Name: 'lake_tutorial' }))).Database ?? assert.fail();

  before(async () => {
    const moto = await bareMoto();
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', moto.endpoint]);
    await clients.glue.send(new CreateDatabaseCommand({
      DatabaseInput: {
        Name: 'lake_tutorial', Description: 'sales of 2019', LocationUri: 's3://my-own-bucket/sales/', Parameters: { team: 'sales' },
        CreateTableDefaultPermissions: [{ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Permissions: ['ALL'] }, reader],
      },
    }));
    await clients.iam.send(new CreateRoleCommand({ RoleName: 'LakeFormationWorkflowRole', AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: other }) }));
    await clients.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: 'bronze/mine.csv', Body: 'mine' }));
  });

  it('says what taking them over changes, before anything is changed', async () => {
    const before = await database();
    const { error } = await run.fails(2, 'up');
    assert.equal(error.code, 'adopt.refused');
    const { actions } = await run.plan();
    for (const [resource, text] of [['bucket', /does not block public access/], ['bucket', /colder storage/], ['lake-database', /open to IAM_ALLOWED_PRINCIPALS/], ['workflow-role', /glue\.amazonaws\.com/]] as const) {
      assert.match(error.why ?? '', text);
      assert.match(actions.find((planned) => planned.resource === resource)?.reason ?? '', text);
    }
    assert.doesNotMatch(error.why ?? '', /my-own-bucket/);
    assert.deepEqual(await database(), before);
  });

  it('keeps all that the tutorial does not need', async () => {
    assert.deepEqual(inState(await run.up(), 'adopted').sort(), ['bucket', 'lake-database', 'workflow-role']);
    const { Description, LocationUri, Parameters, CreateTableDefaultPermissions } = await database();
    assert.deepEqual([Description, LocationUri, Parameters?.['team']], ['sales of 2019', 's3://my-own-bucket/sales/', 'sales']);
    assert.deepEqual(CreateTableDefaultPermissions, [reader]);
    const { Role } = await clients.iam.send(new GetRoleCommand({ RoleName: 'LakeFormationWorkflowRole' }));
    const { Statement } = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')) as { Statement: { Principal: { Service: string } }[] };
    assert.deepEqual(Statement.map(({ Principal }) => Principal.Service).sort(), ['glue.amazonaws.com', 'states.amazonaws.com']);
    const { Rules } = await clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.deepEqual(Rules?.map(({ Filter }) => Filter?.Prefix).sort(), ['bronze/', 'silver/'], 'no rule for the bucket as a whole');
    await run.verify(0);
    assert.deepEqual(inState(await run.up(), 'created', 'updated', 'adopted', 'failed', 'blocked'), []);
  });

  it('leaves them behind', async () => {
    const { removed, failed } = await run.down();
    assert.deepEqual(failed, []);
    assert.ok(!removed.some((id) => ['bucket', 'lake-database', 'workflow-role'].includes(id)));
    assert.equal((await database()).LocationUri, 's3://my-own-bucket/sales/');
  });
});
