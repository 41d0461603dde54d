import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox } from '../../../../src/sandbox/control/sandbox.ts';
import { dice } from '../../support/dice.ts';
import { clientConfig, runningFile, temporaryState } from '../support.ts';

const run = promisify(execFile);
const Bucket = 'kills';
const seed = Number(process.env['LAKE_TEST_SEED'] ?? Date.now() % 1_000_000);
const rounds = process.env['LAKE_TEST_FAULTS'] === 'all' ? 30 : 2;

describe(`sandbox: its processes killed while it is used (seed ${seed})`, function () {
  this.timeout(rounds * 60_000);

  it('loses nothing that it acknowledged, and gives nothing another id', async function () {
    if (process.platform === 'win32') this.skip();
    const random = dice(seed);
    const { state, remove } = await temporaryState();
    try {
      let { endpoint } = await startSandbox({ state, controlPlaneOnly: true });
      const s3 = () => new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
      await s3().send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
      /** What was acknowledged: key and ETag, name and id. */
      const objects = new Map<string, string>();
      const groups = new Map<string, string>();
      for (let round = 0; round < rounds; round++) {
        const before = objects.size + groups.size;
        let over = false;
        const worker = async (name: string): Promise<void> => {
          const [store, network] = [s3(), new EC2Client(clientConfig(endpoint))];
          for (let n = 0; !over; n++) {
            const id = `${round}-${name}-${n}`;
            // Whoever gets no answer knows nothing of it.
            await Promise.all([
              store.send(new PutObjectCommand({ Bucket, Key: id, Body: id.repeat(1 + Math.floor(random() * 20_000)) })).then(({ ETag }) => objects.set(id, ETag ?? ''), () => undefined),
              network.send(new CreateSecurityGroupCommand({ GroupName: id, Description: id })).then(({ GroupId }) => groups.set(id, GroupId ?? ''), () => undefined),
            ]);
          }
        };
        const workers = ['a', 'b', 'c'].map(worker);
        const target = before + 10 + Math.floor(random() * 60);
        for (const until = Date.now() + 30_000; objects.size + groups.size < target && Date.now() < until; ) await delay(5);
        // In turn the control plane, which comes back by itself, and the gateway, which somebody starts again.
        const { pid } = await runningFile(state);
        const { stdout } = await run('ps', ['-ww', '-e', '-o', 'pid=,command=']);
        const plane = Number(stdout.split('\n').find((line) => line.includes('control_plane') && line.includes(state))?.trim().split(' ')[0]);
        process.kill(round % 2 === 0 ? plane : pid, 'SIGKILL');
        over = true;
        await Promise.all(workers);
        ({ endpoint } = await startSandbox({ state, controlPlaneOnly: true }));
        const listed = new Map<string, string>();
        for (let token: string | undefined, more = true; more; more = token !== undefined) {
          const page = await s3().send(new ListObjectsV2Command({ Bucket, ContinuationToken: token }));
          for (const { Key = '', ETag = '' } of page.Contents ?? []) listed.set(Key, ETag);
          token = page.NextContinuationToken;
        }
        const found = new Map((await new EC2Client(clientConfig(endpoint)).send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.map(({ GroupName = '', GroupId = '' }) => [GroupName, GroupId]));
        assert.ok(objects.size + groups.size > before, 'something was acknowledged');
        assert.deepEqual([...objects].filter(([key, etag]) => listed.get(key) !== etag), [], `objects, round ${round}`);
        assert.deepEqual([...groups].filter(([name, id]) => found.get(name) !== id), [], `security groups, round ${round}`);
      }
    } finally {
      await remove();
    }
  });
});
