import { strict as assert } from 'node:assert';
import { decodePolicy, samePolicy } from '../../../src/policies/document.ts';
import { policies } from '../../../src/policies/policies.ts';
import { deriveNames } from '../../../src/resources/names.ts';

const names = (partition: string, account = '111122223333') => deriveNames('data-lake', { accountId: account, partition }, 'us-east-2', {});

describe('policy documents', () => {
  for (const policy of policies) {
    it(`${policy.name} has the account's partition and id in every ARN and no placeholder`, () => {
      const text = JSON.stringify(policy.document(names('aws-us-gov')));
      assert.doesNotMatch(text, /[<>]|undefined/);
      for (const [arn, partition, account] of text.matchAll(/arn:([^:]*):[a-z0-9]+:[^:]*:([^:]*):/g)) {
        assert.equal(partition, 'aws-us-gov', arn);
        assert.ok(account === '' || account === '111122223333', arn);
      }
    });
    it(`${policy.name} has what its kind of policy needs`, () => {
      for (const statement of policy.document(names('aws')).Statement) {
        assert.equal(statement.Principal !== undefined, policy.kind === 'trust');
        assert.equal(statement.Resource !== undefined, policy.kind === 'identity');
      }
    });
  }

  it('for Athena have what its documentation and its users\' refusals ask of the catalog', () => {
    const actions = policies.find(({ name }) => name === 'AthenaQueryAccess')?.document(names('aws')).Statement.flatMap(({ Action }) => Action) ?? [];
    for (const action of ['GetDatabase', 'GetDatabases', 'GetTable', 'GetTables', 'GetPartition', 'GetPartitions', 'BatchGetPartition']) {
      assert.ok(actions.includes(`glue:${action}`), action);
    }
  });

  it('are the same whatever their spelling, and differ in what they say', () => {
    const left = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: ['*'] }] };
    assert.ok(samePolicy(left, { Statement: { Resource: '*', Action: ['s3:PutObject', 's3:GetObject'], Effect: 'Allow' }, Version: '2012-10-17' }));
    assert.ok(!samePolicy(left, { ...left, Statement: [{ ...left.Statement[0], Effect: 'Deny' }] }));
    assert.ok(!samePolicy(left, { ...left, Statement: [...left.Statement, left.Statement[0]] }));
    assert.ok(!samePolicy(left, undefined));
  });

  it('are read as IAM returns them', () => {
    assert.deepEqual(decodePolicy(encodeURIComponent('{"a":"b c"}')), { a: 'b c' });
    assert.deepEqual(decodePolicy('{"a":1}'), { a: 1 });
    assert.equal(decodePolicy('{'), undefined);
    assert.equal(decodePolicy('%7B%'), undefined);
  });
});
