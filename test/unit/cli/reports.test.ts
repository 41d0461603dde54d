import assert from 'node:assert/strict';
import { upReport } from '../../../src/cli/reports.ts';
import { UserError } from '../../../src/errors.ts';

const about = { version: '1.0.0', node: 'v22', platform: 'linux', target: 'aws', region: 'us-east-2', ownEndpoint: true };

describe('the report of an up', () => {
  it('has of a result its kinds, states, times and codes, and no text', () => {
    const error = new UserError('aws.denied', 'User arn:aws:iam::111122223333:user/alice may not', { why: 'from 203.0.113.7' });
    const report = upReport(about, [{ at: 1, call: 's3:CreateBucket', ms: 5, attempts: 2, status: 403, code: 'AccessDenied' }], {
      result: { resources: [{ resource: 'bucket', step: 'alices-bucket', title: 'Bucket of Alice', state: 'failed', ms: 7, reason: 'arn:aws:s3:::alice', error }], ms: 9, calls: 1, retries: 1, depth: 1 },
    });
    assert.deepEqual(report, { ...about, ms: 9, resources: [{ resource: 'bucket', state: 'failed', ms: 7, code: 'aws.denied' }], calls: [{ at: 1, call: 's3:CreateBucket', ms: 5, attempts: 2, status: 403, code: 'AccessDenied' }] });
  });
  it('takes for a code only what is one', () => {
    const codes = ['arn:aws:iam::111122223333:root', 'User 111122223333', 'Denied.111122223333', 'NoSuchEntity', 'InvalidGroup.NotFound'];
    const { calls } = upReport(about, codes.map((code) => ({ at: 0, call: 'iam:GetUser', ms: 1, attempts: 1, code })), { error: new Error('111122223333') });
    assert.deepEqual(calls.map(({ code }) => code), ['other', 'other', 'other', 'NoSuchEntity', 'InvalidGroup.NotFound']);
  });
  it('says by a code what ended it', () => {
    const ended = (error: unknown) => upReport(about, [], { error }).ended;
    assert.deepEqual([ended(new UserError('aws.expired', 'x')), ended(Object.assign(new Error('x'), { name: 'AbortError' })), ended(new Error('/home/alice'))], ['aws.expired', 'cancelled', 'internal']);
  });
});
