import assert from 'node:assert/strict';
import { resourcesOf } from '../../../src/provision/account-view.ts';
import { lengthOf, longestManagedPolicy, partsOf, permissionsFor, permissionsPolicy } from '../../../src/provision/permissions.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { deriveNames } from '../../../src/resources/names.ts';
import { loadTutorial } from '../../../src/shell.ts';

const names = deriveNames('data-lake', { accountId: '111122223333', partition: 'aws' }, 'us-east-2', {});
const list = (value: string | readonly string[] | undefined): readonly string[] => (typeof value === 'string' ? [value] : (value ?? []));

async function ofSteps(...steps: string[]) {
  return permissionsFor(resourcesOf(await loadTutorial({}), steps, true).map(({ kind }) => kind), names);
}

describe('the permissions that provisioning needs', () => {
  it('are every action of the catalogue, and no other', () => {
    const wanted = new Set(catalogue.flatMap(({ actions: { read, write = [], remove = [], result = [] } }) => [...read, ...write, ...remove, ...result]));
    assert.deepEqual(new Set(permissionsFor(catalogue, names).Statement.flatMap(({ Action }) => list(Action))), wanted);
  });

  it('are enough for running, stopping and following the workflow, and for inserting rows', () => {
    const allowed = permissionsPolicy().document(names).Statement;
    for (const [action, on] of [
      ['glue:StartWorkflowRun', 'workflow/lake-tutorial'], ['glue:GetWorkflowRun', 'workflow/lake-tutorial'], ['glue:StopWorkflowRun', 'workflow/lake-tutorial'],
      ['lambda:InvokeFunction', 'function:lake-tutorial-inserter'],
    ] as const) {
      assert.ok(allowed.some(({ Action, Resource }) => list(Action).includes(action) && list(Resource).some((arn) => arn.endsWith(`:${on}`))), action);
    }
  });

  it('look up the elastic IP wherever the connection is looked at', async () => {
    for (const step of ['connection', 'ingest', 'refine']) {
      assert.ok((await ofSteps(step)).Statement.some(({ Action }) => list(Action).includes('ec2:DescribeAddresses')), step);
    }
  });

  it('do not ask for what no code calls any more', () => {
    const asked = new Set(permissionsFor(catalogue, names).Statement.flatMap(({ Action }) => list(Action)));
    assert.deepEqual(['glue:StopCrawler', 'glue:GetTables', 'glue:DeleteTable'].filter((action) => asked.has(action)), []);
  });

  it('are those of the chosen steps alone', async () => {
    const { Statement } = await ofSteps('bucket');
    assert.deepEqual(Statement, [{
      Effect: 'Allow',
      Action: ['s3:CreateBucket', 's3:DeleteBucket', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:GetBucketPublicAccessBlock', 's3:GetBucketTagging', 's3:ListBucket', 's3:ListBucketVersions', 's3:PutBucketPublicAccessBlock', 's3:PutBucketTagging'],
      Resource: [`arn:aws:s3:::${names.bucket}`, `arn:aws:s3:::${names.bucket}/*`],
    }]);
  });

  it('hand a role to the service it is for, and to no other', async () => {
    const passing = (await ofSteps('inserter')).Statement.filter(({ Action }) => list(Action).includes('iam:PassRole'));
    assert.equal(passing.length, 1);
    assert.deepEqual(passing[0]?.Condition, { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } });
    assert.ok(!list(passing[0].Resource).some((arn) => arn.includes('LakeFormationWorkflowRole')));
  });

  it('reach nothing else where the service can tell things apart', () => {
    const wide = permissionsPolicy().document(names).Statement.filter(({ Resource }) => list(Resource).includes('*')).flatMap(({ Action }) => list(Action));
    assert.deepEqual(wide.filter((action) => !/^(lakeformation:|ec2:Describe)/.test(action)), ['glue:CreateCrawler', 'glue:TestConnection', 'iam:ListRoles', 'ssm:GetCommandInvocation']);
    for (const { Action, Resource, Condition } of permissionsPolicy().document(names).Statement) {
      if (list(Action).some((action) => /^ec2:(Terminate|Delete|Release)/.test(action))) {
        assert.deepEqual(Condition, { StringEquals: { 'aws:ResourceTag/lake-tutorial': 'data-lake' } });
      }
      for (const action of list(Action).filter((each) => /^iam:(Delete|Put|Attach|Create)/.test(each))) {
        assert.ok(!list(Resource).some((arn) => /:(role|user)\/\*$/.test(arn)), action);
      }
    }
  });

  it('fit, in parts, into managed policies, and allow the same', () => {
    for (const [partition, region] of [['aws', 'us-east-2'], ['aws-us-gov', 'us-gov-west-1']] as const) {
      const whole = permissionsPolicy(catalogue).document(deriveNames('data-lake', { accountId: '111122223333', partition }, region, {}));
      const parts = partsOf(whole);
      assert.equal(parts.length, Math.ceil(lengthOf(whole) / longestManagedPolicy));
      assert.deepEqual(parts.filter((part) => lengthOf(part) > longestManagedPolicy), []);
      assert.deepEqual(parts.flatMap(({ Statement }) => Statement), whole.Statement);
      assert.deepEqual(new Set(parts.map(({ Version }) => Version)), new Set(['2012-10-17']));
    }
    const short = permissionsFor(catalogue.filter(({ id }) => id === 'bucket'), names);
    assert.deepEqual(partsOf(short), [short]);
  });

  it('leave out what costs by the month, unless it is asked for', () => {
    assert.doesNotMatch(JSON.stringify(permissionsPolicy().document(names)), /quicksight/);
    assert.match(JSON.stringify(permissionsPolicy(catalogue).document(names)), /quicksight:CreateDashboard/);
  });

  it('are of the account, region and partition', () => {
    const text = JSON.stringify(permissionsFor(catalogue, deriveNames('data-lake', { accountId: '444455556666', partition: 'aws-cn' }, 'cn-north-1', {})));
    assert.doesNotMatch(text, /arn:aws:|111122223333|us-east-2/);
    assert.match(text, /"ec2\.amazonaws\.com\.cn"/);
  });
});
