import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describePolicy, describeToken, tokenAt, type Facts } from '../../../src/authoring/hovers.ts';
import { findPolicy, findYamlPolicy, readPolicy } from '../../../src/authoring/policyText.ts';
import { readYamlPolicy } from '../../../src/authoring/yamlPolicy.ts';
import { policyLiteral } from '../../../src/policies/literal.ts';
import { closestPolicy, differences } from '../../../src/policies/difference.ts';
import { policies } from '../../../src/policies/policies.ts';
import { deriveNames } from '../../../src/resources/names.ts';

const names = deriveNames('data-lake', { accountId: '222233334444', partition: 'aws' }, 'us-east-2', {});
const facts: Facts = { names, via: 'profile dev', others: [{ accountId: '333344445555', profile: 'prod' }] };
const unknown: Facts = { others: [] };
const say = (text: string, known = facts): string => {
  const token = tokenAt(text, 0);
  return token ? describeToken(token, known).join('\n') : '';
};
const documents = policies.map((policy) => ({ name: policy.name, document: policy.document(names) }));

describe('hovering on a word of IAM\'s', () => {
  it('finds it, whole, and nothing else', () => {
    const line = '{ "Action": "iam:PassRole", "Resource": "arn:aws:iam::222233334444:role/x", "n": 1234567890123, "t": "http://a:Bc", "k": "x-222233334444-y", "w": "s3:Get*" }';
    const at = (word: string): string | undefined => tokenAt(line, line.indexOf(word) + 2)?.text;
    assert.equal(at('PassRole'), 'iam:PassRole');
    assert.equal(at('2222'), 'arn:aws:iam::222233334444:role/x');
    assert.equal(at('1234567890123'), undefined);
    assert.equal(at('http'), undefined);
    assert.equal(at('x-2222'), undefined);
    assert.equal(at('s3:Get'), 's3:Get*');
    assert.equal(at('"n"'), undefined);
  });

  it('knows wildcards anywhere in an action, and any case', () => {
    const sayOf = (action: string) => {
      const line = `"Action": "${action}"`;
      const token = tokenAt(line, 12);
      assert.equal(token?.text, action);
      return describeToken(token!, facts).join('\n');
    };
    for (const action of ['glue:Get*Partition*', 's3:Get?bject', 's3:getobject', 'glue:*Database*', 'GLUE:GETTABLE', 's3:*Object', 'lakeformation:?etDataAccess', 'iam:p*role', 'athena:*Query*']) {
      assert.match(sayOf(action), /In the tutorial:/, action);
    }
    for (const action of ['sqs:*Queue*', 'glue:?', 's3:Get??bject', 'kms:de*']) {
      assert.match(sayOf(action), /The tutorial does not need it\./, action);
    }
    assert.match(sayOf('S3:GetObject'), /Amazon S3.*\n?.*Reads objects/s);
    for (const line of ['the image tag:latest', 's3:', 'states:ok in a sentence']) {
      assert.equal(tokenAt(line, line.indexOf(':') + 1), undefined, line);
    }
  });

  /** What is said at `|`, with the lines above it. */
  const sayAt = (text: string, known = facts): string => {
    const lines = text.slice(0, text.indexOf('|')).split('\n');
    const before = lines.pop() ?? '';
    const token = tokenAt((before + text.slice(text.indexOf('|') + 1)).split('\n')[0] ?? '', before.length, lines.reverse().values());
    return token ? describeToken(token, known).join('\n') : '';
  };

  it('calls a number of twelve digits an account only where it stands as one, or is one that is known', () => {
    for (const text of [
      '"Principal": "|444433332222"', '"Principal": { "AWS": "|444433332222" }', '"Principal": {"AWS": ["arn:aws:iam::1:root", "|444433332222"]}', '"Principal": {\n  "AWS": [\n    "111122223333",\n    "|444433332222"\n  ]', 'Principal:\n  AWS:\n    - 111122223333\n    - \'|444433332222\'',
      'Principal:\n  AWS: |444433332222', 'principals {\n  identifiers = ["|444433332222"]', '"aws:SourceAccount": "|444433332222"', '"aws:PrincipalAccount": [\n  "111122223333",\n  "|444433332222"', 'AWS_ACCOUNT_ID=|444433332222', 'accountId: \'|444433332222\'', 'sso_account_id = |444433332222',
      'the account |444433332222', 'Account ID: |444433332222', 'account number is **|444433332222**', 'la cuenta de AWS es |444433332222', 'ID de cuenta (|444433332222)', 'accounts 111122223333, |444433332222', '--account |444433332222', 'cuenta n.º |444433332222', '<account id="|444433332222"/>', 'Accounts:\n- |444433332222',
    ]) {
      assert.match(sayAt(text), /\*\*another account\*\*/, text);
      assert.match(sayAt(text, unknown), /not known before you connect/, text);
    }
    for (const text of [
      '|444433332222', '"size": |444433332222', '"account": "x", "size": |444433332222', '"Account": {\n  "n": 1,\n  "size": |444433332222', 'The account has |444433332222 rows', 'discount |444433332222', 'ts = |444433332222', '"AWS": "x",\n"n": "|444433332222"',
      'accounts:\n  a: 1\nids:\n  - |444433332222', '"phones": [\n  "|444433332222"', '# account\n|444433332222', 'Your account.\n\n|444433332222', '999999999999', '|999999999999', '|000000000000',
    ]) {
      assert.equal(sayAt(text), '', text);
      assert.equal(sayAt(text, unknown), '', text);
    }
    assert.match(sayAt('"n": "|222233334444"'), /this account/);
    assert.match(sayAt('"n": "|333344445555"'), /profile `prod`/);
    assert.match(sayAt('"n": "|123456789012"'), /example id/);
    assert.match(sayAt('account |999999999999'), /example id/);
    // One that is known to be one's own is one wherever it stands, whatever the length of what is above.
    assert.equal(sayAt(`${'"x",\n'.repeat(5000)}"|444433332222"`), '');
  });

  it('says whose account it is', () => {
    assert.match(say('222233334444'), /\*\*this account\*\* \(profile dev\)/);
    assert.match(say('333344445555'), /profile `prod`, \*\*not this one\*\*/);
    assert.match(sayAt('account |444433332222'), /\*\*another account\*\*/);
    assert.match(say('123456789012'), /example id/);
    assert.match(sayAt('account |000000000000'), /sandbox/);
    assert.match(sayAt('account |444433332222', unknown), /not known before you connect/);
  });

  it('says what an ARN names, and what of it is not ours', () => {
    assert.match(say('arn:aws:iam::222233334444:role/LakeFormationWorkflowRole'), /Identity and Access Management.*\n.*workflow.*\n.*this account/);
    assert.match(say(`arn:aws:s3:::${names.bucket}/gold/x`), /bucket of the tutorial's lake/);
    assert.match(say('arn:aws-cn:iam::333344445555:role/x'), /partition is `aws-cn`; this account is in `aws`/);
    assert.match(say('arn:aws:glue:eu-west-1:222233334444:catalog'), /region is `eu-west-1`; you work in `us-east-2`/);
    assert.match(say('arn:aws:iam::<account-id>:role/x'), /still to be filled in/);
    assert.match(say('arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole'), /AWS maintains.*\n.*aws-glue-/);
  });

  it('knows a policy of AWS\'s by its name alone, and no other', () => {
    for (const name of ['AWSGlueConsoleFullAccess', 'AmazonS3ReadOnlyAccess', 'AWSLambda_FullAccess', 'AWSLambdaBasicExecutionRole', 'PowerUserAccess']) {
      assert.match(say(name), /AWS maintains/, name);
    }
    for (const name of ['MyFullAccess', 'LakeReadOnlyAccess', 'AwsomeFullAccess']) {
      assert.doesNotMatch(say(name), /AWS maintains/, name);
    }
  });

  it('says what the tutorial takes an action for', () => {
    assert.match(say('iam:PassRole'), /Hands a role[^]*To provision: [^]*Lambda[^]*In the policies: UserPassRole, LakeFormationWorkflow/);
    assert.match(say('glue:CreateJob'), /list_awsglue\.html/);
    assert.match(say('iam:passrole'.replace('passrole', 'PASSROLE')), /UserPassRole/);
    assert.match(say('kms:Decrypt'), /does not need it/);
    assert.match(say('s3:Get*'), /To look at/);
  });
});

describe('the tutorial\'s policies', () => {
  it('say of themselves whether any step provisions them', async () => {
    const kinds = resolve(import.meta.dirname, '../../../src/resources/kinds');
    const texts = await Promise.all((await readdir(kinds)).map((file) => readFile(join(kinds, file), 'utf8')));
    const all = await import('../../../src/policies/policies.ts');
    for (const [constant, policy] of Object.entries(all)) {
      if (!Array.isArray(policy) && 'prefix' in policy) {
        assert.equal(texts.some((text) => new RegExp(`\\b${constant}\\b`).test(text)), policy.onlyShown === undefined, constant);
      }
    }
  });
});

describe('a policy in a text', () => {
  const policy = documents.find(({ name }) => name === 'LakeFormationWorkflow') ?? assert.fail();

  for (const language of ['json', 'typescript', 'python', 'hcl'] as const) {
    it(`is read out of ${language}, whatever stands around it`, () => {
      const text = `before = "{" // {\n/* ' */ x = ${policyLiteral(policy.document, 'x', language)} # rest }\n`;
      const found = findPolicy(text, text.indexOf('PassRole'));
      assert.deepEqual(found?.document, { Version: '2012-10-17', Statement: JSON.parse(JSON.stringify(policy.document.Statement)) });
      assert.deepEqual(readPolicy(text.slice(found?.start, found?.end)), found?.document);
    });
  }

  it('is read out of a CloudFormation template', () => {
    const yaml = policyLiteral(policy.document, 'x', 'yaml').replaceAll('\n', '\n        ');
    const text = `Resources:\n  Role:\n    Policies:\n      - PolicyName: x\n        PolicyDocument:\n          a: 1\n      - Document:\n        ${yaml}\n  Other: 1\n`;
    const block = findYamlPolicy(text, text.indexOf('PassRole'));
    assert.deepEqual(readYamlPolicy(block?.text ?? ''), { Version: '2012-10-17', Statement: policy.document.Statement });
    assert.equal(readYamlPolicy('a: [b'), undefined);
    assert.equal(findYamlPolicy('a: 1\n', 2), undefined);
  });

  it('is read as far as it is typed, and where there is none, none is', () => {
    assert.deepEqual(findPolicy('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:Pa', 60)?.document.Statement, [{ Effect: 'Allow', Action: 'iam:Pa' }]);
    assert.deepEqual(findPolicy('[{"Effect": "Allow", "Action": "iam:PassRole"}]', 20)?.document.Statement, [{ Effect: 'Allow', Action: 'iam:PassRole' }]);
    for (const text of ['{}', '{"a": {"b": 1}}', '[[[[[[', '{"Statement": []}', '{"Statement": 5}', '', '{'.repeat(5000), '{"__proto__": {"Statement": [{}]}}']) {
      assert.equal(findPolicy(text, Math.floor(text.length / 2)), undefined, text.slice(0, 40));
    }
  });

  it('is known for the one that it is meant to be', () => {
    for (const { name, document } of documents) {
      assert.equal(closestPolicy(document, documents)?.name, name);
    }
    assert.equal(closestPolicy({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }, documents), undefined);
    assert.equal(closestPolicy({ Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }] }, documents), undefined);
  });

  it('differs in what is missing, too much, or elsewhere, and in nothing else', () => {
    const [first, second] = policy.document.Statement;
    assert.ok(first && second);
    assert.deepEqual(differences({ Version: '2012-10-17', Statement: [{ ...second, Action: ['iam:PassRole'] }, first] }, policy.document), []);
    assert.deepEqual(differences({ Statement: [first] }, policy.document), ['No statement allows iam:PassRole.']);
    assert.deepEqual(differences({ Statement: [first, second, { Effect: 'Allow', Action: 's3:*', Resource: '*' }] }, policy.document), ['A statement too many: s3:*.']);
    assert.deepEqual(differences({ Statement: [first, { ...second, Effect: 'Deny', Resource: '*' }] }, policy.document), [
      'The effect of iam:PassRole is Deny instead of Allow.', `Resource of iam:PassRole is * instead of ${String(second.Resource)}.`,
    ]);
    assert.deepEqual(differences({ Version: '2008-10-17', Statement: [first, second] }, policy.document), ['The version is 2008-10-17 instead of 2012-10-17.']);
  });

  it('is compared with its placeholders filled in, with or without an account', () => {
    const open = JSON.stringify(policy.document).replaceAll('222233334444', '<account_id>');
    assert.match(describePolicy(open, readPolicy, facts).join(), /as `up` provisions it/);
    assert.match(describePolicy(open, readPolicy, unknown).join(), /as `up` provisions it/);
    assert.match(describePolicy(JSON.stringify(policy.document), readPolicy, unknown).join(), /as `up` provisions it/);
    assert.match(describePolicy(JSON.stringify(policy.document).replaceAll('222233334444', '333344445555'), readPolicy, facts).join(), /333344445555.*instead of.*222233334444/);
    assert.match(describePolicy(open, readPolicy, facts, 'UserPassRole').join(), /\*\*UserPassRole\*\* differs/);
    const shown = documents.find(({ name }) => name === 'RAMAccess') ?? assert.fail();
    assert.match(describePolicy(JSON.stringify(shown.document), readPolicy, facts).join(), /as the tutorial has it/);
    assert.deepEqual(describePolicy('{"a": 1}', readPolicy, facts), []);
  });
});
