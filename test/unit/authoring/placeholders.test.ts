import assert from 'node:assert/strict';
import { fillPlaceholders, findPlaceholderSpellings, valueFor } from '../../../src/authoring/placeholders.ts';

/** `text|subject`, then `!whose` and `@` for an ARN. */
const found = (text: string, language?: string): string[] =>
  findPlaceholderSpellings(text, language).map(({ text: spelling, subject, whose, arn }) => `${spelling}|${subject}${whose === undefined ? '' : `!${whose}`}${arn ? '@' : ''}`);

describe('placeholders in any spelling', () => {
  for (const spelling of [
    '<account-id>', '<account_id>', '<AccountId>', '<ACCOUNT ID>', '<<account-id>>', '${ACCOUNT_ID}', '{account_id}', '{{ account_id }}', '%ACCOUNT_ID%', '[ACCOUNT ID]', '$(ACCOUNT_ID)',
    '\\<account-id\\>', '&lt;account-id&gt;', '<em>account-id</em>', '__ACCOUNT_ID__', 'xxxxxxxxxxxx', 'XXXX-XXXX-XXXX', '************', 'YOUR_ACCOUNT_ID', 'your-account-id', 'AWS_ACCOUNT_ID',
    '<su-id-de-cuenta>', '<número de cuenta>', '<ID da conta>', '<AWS account number>', '<your account id here>', '123456789012', '111122223333',
    // Malformed ones, as they are met.
    '<>account-id', '$(ACCOUNT_ID}', '${ACCOUNT_ID)',
  ]) {
    it(`${spelling} is an account, alone and in an ARN`, () => {
      assert.deepEqual(found(spelling), [`${spelling}|account-id`]);
      assert.equal(fillPlaceholders(`"arn:aws:iam::${spelling}:role/LakeFormationWorkflowRole"`, { 'account-id': '222233334444' }), '"arn:aws:iam::222233334444:role/LakeFormationWorkflowRole"');
    });
  }

  it('are known by their place in an ARN where the words do not tell', () => {
    assert.deepEqual(found('arn:aws:iam::account-id:role/LakeRole'), ['account-id|account-id']);
    assert.deepEqual(found('arn:aws:iam::ACCOUNT-ID-WITHOUT-HYPHENS:role/LakeRole'), ['ACCOUNT-ID-WITHOUT-HYPHENS|account-id']);
    assert.deepEqual(found('arn:aws:glue:<where>:<id>:catalog'), ['<where>|region', '<id>|account-id']);
    assert.deepEqual(found('arn:aws:s3:::<the-lake>/*'), ['<the-lake>|bucket']);
    assert.deepEqual(found('arn:aws:iam::<account-id>:role/<name>'), ['<account-id>|account-id', '<name>|role']);
  });

  it('are regions, buckets, roles and partitions too', () => {
    assert.deepEqual(found('<region> <AWS_REGION> <región>'), ['<region>|region', '<AWS_REGION>|region', '<región>|region']);
    assert.deepEqual(found('s3://YOUR-BUCKET-NAME/ <data-lake-bucket>'), ['YOUR-BUCKET-NAME|bucket', '<data-lake-bucket>|bucket']);
    assert.deepEqual(found('<workflow-role-name> <role-arn>'), ['<workflow-role-name>|role', '<role-arn>|role@']);
    assert.deepEqual(found('arn:<partition>:s3:::bronze'), ['<partition>|partition']);
  });

  it('say whose they are, and are then not filled in with the rest', () => {
    assert.deepEqual(found('<producer-account-id> <CONSUMER_ACCOUNT> 444455556666'), ['<producer-account-id>|account-id!producer', '<CONSUMER_ACCOUNT>|account-id!consumer', '444455556666|account-id!444455556666']);
    assert.equal(fillPlaceholders('<account-id> <producer-account-id>', { 'account-id': '222233334444' }), '222233334444 <producer-account-id>');
  });

  it('are not what only looks like one', () => {
    for (const text of [
      'arn:aws:iam::${AWS::AccountId}:role/LakeRole', 'arn:aws:iam::aws:policy/AdministratorAccess', 'arn:aws:iam::222233334444:role/LakeRole', 'arn:aws:iam::*:role/LakeRole', '<AccountId>222233334444</AccountId>', '<div>', '<table-name>',
      '[region]', '[Region](https://example.com)', 'AWS_REGION=us-east-2', '$(aws sts get-caller-identity --query Account --output text)', '222233334444', '1234567890123', '${var.account_id}', 'account', 'The region of your account',
    ]) {
      assert.deepEqual(found(text).filter((each) => !/^\$\{var/.test(each)), [], text);
    }
  });

  it('are not the language\'s own expressions', () => {
    assert.deepEqual(found('`arn:aws:iam::${accountId}:role/LakeRole`', 'typescript'), []);
    assert.deepEqual(found('"arn:aws:iam::${var.account_id}:role/LakeRole"', 'hcl'), []);
    assert.deepEqual(found('f"arn:aws:iam::{account_id}:role/LakeRole"', 'python'), []);
    assert.deepEqual(found('!Sub "arn:${AWS::Partition}:iam::${AccountId}:role/LakeRole"', 'yaml'), []);
    assert.deepEqual(found('"arn:aws:iam::<account-id>:role/LakeRole"', 'python'), ['<account-id>|account-id']);
  });

  it('are not a program\'s constants, types and keys, which it would break to replace', () => {
    for (const [text, language] of [
      ['AWS_ACCOUNT_ID = os.environ["AWS_ACCOUNT_ID"]', 'python'], ['client(region_name=AWS_REGION)', 'python'], ['process.env.AWS_REGION', 'typescript'], ["process.env['AWS_REGION']", 'typescript'], ['export const BUCKET_NAME: string', 'typescript'],
      ['type X<Account> = Y<Region>;', 'typescript'], ['new Bucket<Role>()', 'typescript'], ['MY_BUCKET: x', 'yaml'], ['- AWS_REGION', 'yaml'], ['role = IAM_ROLE', 'hcl'],
      ['os.environ["AWS_ACCOUNT_ID"]', 'markdown'], ['process.env.AWS_REGION', 'markdown'], ['{"ACCOUNT_ID": "222233334444", "AWS_REGION":"us-east-1"}', 'json'], ['"12345678-1234-1234-1234-123456789012"', 'json'],
    ] as const) {
      assert.deepEqual(found(text, language), [], text);
    }
    assert.deepEqual(found('account = "YOUR_ACCOUNT_ID"', 'python'), ['YOUR_ACCOUNT_ID|account-id']);
    assert.deepEqual(found('x = "arn:aws:iam::ACCOUNT_ID:role/LakeRole"', 'python'), ['ACCOUNT_ID|account-id']);
    assert.deepEqual(found('{"Account": "ACCOUNT_ID"}', 'json'), ['ACCOUNT_ID|account-id']);
    assert.deepEqual(found('data-lake-111122223333'), ['111122223333|account-id']);
  });

  it('are the fields of an ARN that say so in plain words, and what stands for nobody\'s', () => {
    assert.deepEqual(found('arn:aws:glue:region:account-id:catalog'), ['region|region', 'account-id|account-id']);
    assert.deepEqual(found('arn:aws:s3:::amzn-s3-demo-bucket/* arn:aws:s3:::DOC-EXAMPLE-BUCKET arn:aws:s3:::bucket-name'), ['amzn-s3-demo-bucket|bucket', 'DOC-EXAMPLE-BUCKET|bucket', 'bucket-name|bucket']);
    assert.deepEqual(found('arn:aws:iam::000000000000:role/LakeRole'), ['000000000000|account-id']);
    assert.deepEqual(found('arn:aws:s3:::my-data-lake 000000000000'), []);
  });

  it('get a value only where there is one that changes something', () => {
    const [role] = findPlaceholderSpellings('<role-arn>');
    assert.ok(role);
    assert.equal(valueFor(role, { role: 'R', 'account-id': '222233334444', partition: 'aws-cn' }), 'arn:aws-cn:iam::222233334444:role/R');
    assert.equal(valueFor(role, { role: 'R' }), undefined);
    const [example] = findPlaceholderSpellings('123456789012');
    assert.ok(example);
    assert.equal(valueFor(example, { 'account-id': '123456789012' }), undefined);
    assert.equal(valueFor(example, {}), undefined);
  });
});

describe('placeholders as public tutorials spell them', () => {
  const values = { 'account-id': '999900001111', region: 'us-east-2', bucket: 'my-lake', role: 'R', partition: 'aws' };
  const cases: Record<string, string> = {
    'arn:aws:s3:::[S3 Bucket Name]/*': 'arn:aws:s3:::my-lake/*',
    'arn:aws:s3:::[O NOME DO SEU BUCKET S3]': 'arn:aws:s3:::my-lake',
    'arn:aws:s3:::<your S3 bucket>/x': 'arn:aws:s3:::my-lake/x',
    'lake-YOUR_ACCOUNT_ID': 'lake-999900001111',
    'arn:aws:iam::(account ID):role/LakeFormationWorkflowRole': 'arn:aws:iam::999900001111:role/LakeFormationWorkflowRole',
    'arn:aws:iam::account id:role/LakeFormationWorkflowRole': 'arn:aws:iam::999900001111:role/LakeFormationWorkflowRole',
    'arn:aws:iam::account\\-id:role/LakeFormationWorkflowRole': 'arn:aws:iam::999900001111:role/LakeFormationWorkflowRole',
    '<b style="color:red">account-id</b>': '999900001111',
    '<account-A-id> <account-B-id>': '<account-A-id> <account-B-id>',
    '<account-id-1> <account-id-2>': '<account-id-1> <account-id-2>',
    '<votre-compte> VOTRE_ID_DE_COMPTE': '999900001111 999900001111',
    '<account id without dashes>': '999900001111',
    '<12-digit-account-id>': '999900001111',
    'arn:${ARN_PARTITION}:s3:::b': 'arn:aws:s3:::b',
    'account 901234567890, 1234-5678-9012': 'account 999900001111, 999900001111',
    'TU_ID_DE_CUENTA SEU_BUCKET tu-bucket': '999900001111 my-lake my-lake',
  };
  for (const [text, filled] of Object.entries(cases)) {
    it(text, () => assert.equal(fillPlaceholders(text, values), filled));
  }
});
