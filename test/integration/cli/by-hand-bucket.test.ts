import assert from 'node:assert/strict';
import { CreateBucketCommand, GetBucketLifecycleConfigurationCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { commandsAt, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, type Moto } from '../support/moto.ts';

/** The walkthrough says how to make the bucket by hand, under just the name that `up` would give it. */
describe('CLI: a bucket made by hand, with something in it', function () {
  this.timeout(120_000);
  const Bucket = 'lake-tutorial-123456789012-us-east-2';
  const Key = 'athena/my-results.csv';
  let moto: Moto;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;

  before(async () => {
    moto = await bareMoto();
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', moto.endpoint]);
    await clients.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'mine' }));
  });

  it('is adopted only on consent', async () => {
    const { actions } = await run.plan();
    assert.equal(actions.find(({ resource }) => resource === 'bucket')?.action, 'adopt');
    assert.equal((await run.fails(2, 'up')).error.code, 'adopt.refused');
    assert.deepEqual(inState(await run.up(), 'adopted'), ['bucket']);
  });

  it('gets no rule that lets anything in it expire', async () => {
    const { Rules } = await clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.ok(Rules && Rules.length > 0);
    assert.deepEqual(Rules.filter(({ Expiration }) => Expiration), []);
    assert.deepEqual(inState(await run.up(), 'created', 'updated', 'adopted', 'failed', 'blocked'), []);
  });

  it('stays with all that is in it when the tutorial goes', async () => {
    const { removed, left } = await run.down();
    for (const resource of ['bucket', 'zones', 'lake-location']) {
      assert.ok(!removed.includes(resource), resource);
      assert.ok(left.some(({ id }) => id === resource), resource);
    }
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await Body?.transformToString(), 'mine');
  });
});
