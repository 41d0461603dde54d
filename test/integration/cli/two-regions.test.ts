import assert from 'node:assert/strict';
import { GetRoleCommand, GetRolePolicyCommand, GetUserCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { codesOf, commandsAt, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto } from '../support/moto.ts';

/** Users and roles have no region: IAM shows those of one lake to all regions of the account. */
describe('CLI: in another region than the lake\'s', function () {
  this.timeout(120_000);
  let clients: Clients;
  let here: ReturnType<typeof commandsAt>;
  let elsewhere: ReturnType<typeof commandsAt>;

  before(async () => {
    const moto = await bareMoto();
    clients = clientsFor(moto.endpoint);
    here = commandsAt(['--endpoint', moto.endpoint]);
    elsewhere = commandsAt(['--endpoint', moto.endpoint, '--region', 'eu-west-1']);
    await here.up();
  });

  const document = async (RoleName: string, PolicyName: string): Promise<string> =>
    decodeURIComponent((await clients.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument ?? '');

  for (const command of ['up', 'plan']) {
    it(`${command} says where the lake is and what to do, and changes nothing`, async () => {
      const { error } = await elsewhere.fails(2, command, '--yes');
      assert.equal(error.code, 'region.elsewhere');
      assert.match(error.message, /us-east-2/);
      assert.match(error.fix ?? '', /--region us-east-2/);
      assert.match(await document('LakeTutorialInstance', 'DatabasePasswordAccess'), /:us-east-2:/);
      assert.match(await document('LakeFormationWorkflowRole', 'LakeBucketAccess'), /-us-east-2/);
      const { Buckets } = await clients.s3.send(new ListBucketsCommand({}));
      assert.deepEqual(Buckets?.map(({ Name }) => Name), ['lake-tutorial-123456789012-us-east-2']);
      assert.deepEqual(inState(await here.up(), 'created', 'updated', 'adopted', 'failed', 'blocked'), []);
    });
  }

  it('what needs no user and no role is made all the same', async () => {
    assert.deepEqual(inState(await elsewhere.up('--step', 'bucket'), 'created'), ['bucket']);
    assert.deepEqual((await elsewhere.down()).removed, ['bucket']);
  });

  it('verify says whose they are, and does not advise to change them', async () => {
    const found = await elsewhere.verify(1, '--step', 'admin-user', '--step', 'workflow-role');
    assert.deepEqual([...new Set(codesOf(found))], ['region.elsewhere']);
    assert.deepEqual(found.steps.map(({ state }) => state), ['wrong', 'wrong']);
  });

  it('down takes no user and no role from the lake, and says why they stay', async () => {
    const { removed, left } = await elsewhere.down();
    assert.deepEqual(removed, []);
    await clients.iam.send(new GetUserCommand({ UserName: 'datalakeadmin' }));
    for (const RoleName of ['LakeFormationWorkflowRole', 'LakeTutorialInstance', 'LakeTutorialInserter']) {
      await clients.iam.send(new GetRoleCommand({ RoleName }));
    }
    for (const resource of ['admin-user', 'workflow-role', 'instance-role', 'inserter-role']) {
      assert.match(left.find(({ id }) => id === resource)?.why ?? '', /us-east-2/, resource);
    }
  });

  it('the lake can move: torn down in one region, it is made in the other', async () => {
    await here.down();
    assert.deepEqual(inState(await elsewhere.up(), 'failed', 'blocked'), []);
  });
});
