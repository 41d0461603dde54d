import assert from 'node:assert/strict';
import { interfacesGone } from '../../../src/resources/interfaces.ts';
import type { Context } from '../../../src/resources/kind.ts';
import { AwsError } from '../../../src/aws/errors.ts';
import { UserError } from '../../../src/errors.ts';
import { eventually } from '../../../src/resources/support.ts';

describe('waiting for network interfaces', () => {
  const lambda = /^AWS Lambda VPC ENI/;
  function context(descriptions: readonly string[], progress: string[] = [], signal = new AbortController().signal): Context {
    const NetworkInterfaces = descriptions.map((Description, index) => ({ NetworkInterfaceId: `eni-${index}`, Description }));
    return { aws: { ec2: { describeNetworkInterfaces: () => Promise.resolve({ NetworkInterfaces }) } }, signal, progress: (message: string) => progress.push(message) } as unknown as Context;
  }

  it('waits for nobody else\'s', async () => {
    const progress: string[] = [];
    await interfacesGone(context(['', 'Attached to Glue using role: arn:aws:iam::1:role/other'], progress), 'sg-1', lambda);
    assert.deepEqual(progress, []);
  });

  it('gives up in words that say what is in the way and that nothing is lost', async () => {
    const progress: string[] = [];
    await assert.rejects(interfacesGone(context(['AWS Lambda VPC ENI-mine'], progress), 'sg-1', lambda, 0), (error) => {
      assert.ok(UserError.is(error));
      assert.equal(error.code, 'network-interfaces.left');
      assert.match(error.message, /eni-0/);
      assert.ok(error.next);
      return true;
    });
  });

  it('has no patience where what is waited for may never come', async () => {
    const waiting = { ...context(['AWS Lambda VPC ENI-mine']), patience: 0 };
    await assert.rejects(interfacesGone(waiting, 'sg-1', lambda), { code: 'network-interfaces.left' });
    const inUse = (): Promise<never> => Promise.reject(new AwsError('other', 'DependencyViolation', 'ec2:DeleteSecurityGroup', 'in use', 400, undefined));
    await assert.rejects(eventually(waiting, inUse, { pattern: /DependencyViolation/, budget: 45 * 60_000 }), { code: 'DependencyViolation' });
  });

  it('says of every wait what for and how long', async () => {
    const progress: string[] = [];
    let tries = 0;
    const call = (): Promise<string> => (tries++ === 0 ? Promise.reject(new AwsError('other', 'X', 's:A', 'Invalid principal', 400, undefined)) : Promise.resolve('done'));
    assert.equal(await eventually(context([], progress), call), 'done');
    assert.deepEqual(progress, ['Waiting until AWS knows everywhere what was just changed… (up to 2 minutes)']);
  });

  it('says what it waits for, and stops waiting when it is cancelled', async () => {
    const progress: string[] = [];
    const cancelling = new AbortController();
    const waiting = interfacesGone(context(['AWS Lambda VPC ENI-mine'], progress, cancelling.signal), 'sg-1', lambda);
    setImmediate(() => cancelling.abort());
    await assert.rejects(waiting, { name: 'AbortError' });
    assert.equal(progress.length, 1);
  });
});
