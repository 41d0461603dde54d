import { strict as assert } from 'node:assert';
import { AwsError, explain, toAwsError, type AwsErrorKind } from '../../../src/aws/errors.ts';
import { isRegionName, partitionOf, readIdentity } from '../../../src/aws/identity.ts';
import { UserError } from '../../../src/errors.ts';

/** An error as the SDK throws it. */
const sdk = (name: string, message = '', status?: number): Error => Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

describe('errors of AWS', () => {
  const kinds: readonly (readonly [string, AwsErrorKind])[] = [
    ['NoSuchBucket', 'notFound'],
    ['NotFound', 'notFound'],
    ['NoSuchEntityException', 'notFound'],
    ['EntityNotFoundException', 'notFound'],
    ['ResourceNotFoundException', 'notFound'],
    ['ParameterNotFound', 'notFound'],
    ['InvalidGroup.NotFound', 'notFound'],
    ['NoSuchTagSet', 'notFound'],
    ['NoSuchPublicAccessBlockConfiguration', 'notFound'],
    ['EntityAlreadyExistsException', 'exists'],
    ['AlreadyExistsException', 'exists'],
    ['BucketAlreadyOwnedByYou', 'exists'],
    ['InvalidPermission.Duplicate', 'exists'],
    ['ResourceConflictException', 'exists'],
    ['AccessDenied', 'denied'],
    ['UnauthorizedOperation', 'denied'],
    ['ExpiredToken', 'expired'],
    ['ExpiredTokenException', 'expired'],
    ['InvalidClientTokenId', 'credentials'],
    ['CredentialsProviderError', 'credentials'],
    ['ThrottlingException', 'throttled'],
    ['SlowDown', 'throttled'],
    ['UnknownOperationException', 'unimplemented'],
    ['ValidationException', 'other'],
  ];
  for (const [code, kind] of kinds) {
    it(`reads ${code} as ${kind}`, () => {
      const error = toAwsError(sdk(code), 'svc:Call');
      assert.ok(AwsError.is(error, kind));
    });
  }

  it('does not take a bucket of somebody else for ours', () => {
    // BucketAlreadyExists is "taken"; only BucketAlreadyOwnedByYou is success.
    const error = toAwsError(sdk('BucketAlreadyExists', '', 409), 's3:CreateBucket');
    assert.ok(AwsError.is(error) && error.code === 'BucketAlreadyExists');
  });

  it("reads node's network errors as unreachable", () => {
    const error = toAwsError(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }), 'sts:GetCallerIdentity');
    assert.ok(AwsError.is(error, 'unreachable'));
    const shown = explain(error, { endpoint: 'http://127.0.0.1:1' });
    assert.equal(shown.code, 'aws.unreachable');
    assert.equal(shown.exit, 3);
    assert.match(shown.what, /127\.0\.0\.1:1/);
    assert.ok(shown.next);
  });

  it('passes cancellations unchanged', () => {
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' });
    assert.equal(toAwsError(abort, 'svc:Call'), abort);
  });

  it('tells how to sign in again with the profile in use', () => {
    const shown = explain(toAwsError(sdk('ExpiredToken', 'expired'), 'sts:GetCallerIdentity') as AwsError, { profile: 'school' });
    assert.match(shown.next ?? '', /--profile school/);
    assert.ok(shown instanceof UserError);
  });
});

describe('who is calling', () => {
  it('recognises root, Academy, users and roles', () => {
    assert.equal(readIdentity('arn:aws:iam::123456789012:root', '123456789012').kind, 'root');
    assert.equal(readIdentity('arn:aws:sts::123456789012:assumed-role/voclabs/user1=x', '123456789012').kind, 'academy');
    assert.equal(readIdentity('arn:aws:iam::123456789012:user/team/ana', '123456789012').principal, 'arn:aws:iam::123456789012:user/team/ana');
    const role = readIdentity('arn:aws-cn:sts::123456789012:assumed-role/Teacher/ana', '123456789012');
    assert.deepEqual([role.kind, role.partition, role.principal], ['role', 'aws-cn', 'arn:aws-cn:iam::123456789012:role/Teacher']);
    assert.equal(readIdentity('arn:aws:sts::123456789012:federated-user/ana', '123456789012').principal, undefined);
    assert.equal(readIdentity('arn:aws:iam::123456789012:root', '123456789012').principal, undefined);
  });

  it('knows partitions and the form of region names', () => {
    assert.deepEqual(['us-east-2', 'cn-north-1', 'us-gov-west-1'].map(partitionOf), ['aws', 'aws-cn', 'aws-us-gov']);
    assert.deepEqual(['us-east-2', 'ap-southeast-1', 'us-gov-west-1', 'Ohio', 'us-east', '', 'us-east-2a'].map(isRegionName), [true, true, true, false, false, false, false]);
  });
});
