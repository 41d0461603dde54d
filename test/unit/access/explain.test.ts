import assert from 'node:assert/strict';
import { explainAccess, readQuestion, type Explanation, type Question } from '../../../src/access/explain.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { UserError } from '../../../src/errors.ts';
import { startFakeAws, type FakeAws } from '../../support/fakeAws.ts';
import { account, bucket, listOf, optionsAt, role, simulator } from './support.ts';

/** What Lake Formation lists as a grant on all of a table, or on some of its columns. */
const grant = (principal: string, permission: string, columns?: readonly string[]) => ({
  Principal: { DataLakePrincipalIdentifier: principal }, Permissions: [permission],
  Resource: permission === 'SELECT' ? { TableWithColumns: { DatabaseName: 'sales', Name: 'orders', ...(columns ? { ColumnNames: columns } : { ColumnWildcard: {} }) } } : { Table: { DatabaseName: 'sales', Name: 'orders' } },
});

describe('who may do what, layer by layer', () => {
  let fake: FakeAws;
  let connection: Connection | undefined;

  beforeEach(async () => {
    fake = await startFakeAws();
    // A role that people assume, a registered table, a grant: everything is open.
    fake.answers.set('iam:GetRole', () => ({ xml: `<Role><Arn>${role}</Arn><AssumeRolePolicyDocument>${encodeURIComponent(JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }] }))}</AssumeRolePolicyDocument></Role>` }));
    simulator(fake, {});
    fake.answers.set('glue:GetTable', () => ({ Table: { Name: 'orders', StorageDescriptor: { Location: `s3://${bucket}/bronze/orders/` } } }));
    fake.answers.set('lakeformation:GetDataLakeSettings', () => ({ DataLakeSettings: { DataLakeAdmins: [], CreateTableDefaultPermissions: [] } }));
    register(false);
    grants(grant(role, 'SELECT'));
  });
  afterEach(async () => {
    connection?.close();
    await fake.stop();
  });

  const register = (hybrid: boolean): void => void fake.answers.set('lakeformation:ListResources', () => ({ ResourceInfoList: [{ ResourceArn: 'arn:aws:s3:::other' }, { ResourceArn: `arn:aws:s3:::${bucket}`, HybridAccessEnabled: hybrid }] }));
  const grants = (...list: object[]): void => void fake.answers.set('lakeformation:ListPermissions', () => ({ PrincipalResourcePermissions: list }));
  const ask = async (question: Partial<Question> = {}): Promise<Explanation> => {
    const opened = await optionsAt(fake);
    ({ connection } = opened);
    return explainAccess(opened.options, { principal: role, ...(question.location === undefined && { table: 'sales.orders' }), ...question });
  };
  const states = ({ layers }: Explanation): Record<string, string> => Object.fromEntries(layers.map(({ layer, state }) => [layer, state]));
  /** The layers that are not in order. */
  const closed = (explanation: Explanation): string[] => explanation.layers.filter(({ state }) => state !== 'ok').map(({ layer, state }) => `${layer} ${state}`);
  const asked = (): string[] => fake.calls.filter(({ name }) => name === 'iam:SimulatePrincipalPolicy').flatMap(({ input }) => listOf(input, 'ActionNames')).sort();

  it('all doors are open: it may, and each says where that comes from', async () => {
    const result = await ask();
    assert.equal(result.verdict, 'allowed');
    assert.deepEqual(states(result), { principal: 'ok', table: 'ok', location: 'ok', 'opt-in': 'ok', iam: 'ok', settings: 'ok', grant: 'ok' });
    assert.equal(result.fix, undefined);
    assert.ok(asked().includes('lakeformation:GetDataAccess') && asked().includes('athena:StartQueryExecution') && !asked().includes('s3:ListBucket'), asked().join());
  });

  it('looks, and changes nothing', async () => {
    await ask();
    assert.deepEqual(fake.calls.map(({ name }) => name).filter((name) => !/:(Get|List|Simulate|Describe)/.test(name)), []);
  });

  it('IAM allows, Lake Formation does not: the grant is what is missing', async () => {
    grants(grant(`arn:aws:iam::${account}:role/other`, 'SELECT'), grant(role, 'DESCRIBE'));
    const result = await ask();
    assert.equal(result.verdict, 'denied');
    assert.deepEqual(closed(result), ['grant missing']);
    assert.match(result.fix ?? '', /grant-permissions .*role\/analyst --permissions SELECT .*"DatabaseName":"sales","Name":"orders"/);
    assert.match(result.layers.at(-1)?.why ?? '', /has DESCRIBE on sales\.orders, and not SELECT/);
  });

  it('Lake Formation grants, IAM does not: which action, and who says no', async () => {
    simulator(fake, { 'glue:GetTable': 'implicitDeny', 'lakeformation:GetDataAccess': 'explicitDeny' });
    const result = await ask();
    assert.deepEqual(closed(result), ['iam denied']);
    const { why } = result.layers.find(({ layer }) => layer === 'iam') ?? { why: '' };
    assert.match(why, /glue:GetTable on .*: no policy allows it/);
    assert.match(why, /lakeformation:GetDataAccess on \*: explicitly denied by NoLake/);
    assert.match(result.fix ?? '', /Attach a policy to analyst that allows glue:GetTable, lakeformation:GetDataAccess/);
  });

  it('who queries needs a place for the results; that is none of the table\'s', async () => {
    fake.answers.set('lakeformation:ListResources', () => ({ ResourceInfoList: [] }));
    simulator(fake, { 's3:PutObject': 'implicitDeny' });
    const result = await ask();
    assert.deepEqual(closed(result), ['iam denied']);
    assert.match(result.layers.find(({ layer }) => layer === 'iam')?.why ?? '', /s3:PutObject on arn:aws:s3:::.*\/athena\/\*: no policy/);
  });

  it('a table that is open to everybody needs no grant', async () => {
    grants(grant('IAM_ALLOWED_PRINCIPALS', 'ALL'));
    assert.equal((await ask()).verdict, 'allowed');
  });

  it('a grant on some columns is one, and says which', async () => {
    grants(grant(role, 'SELECT', ['id', 'day']));
    const result = await ask();
    assert.equal(result.verdict, 'allowed');
    assert.match(result.layers.at(-1)?.why ?? '', /the columns id, day/);
  });

  it('an administrator of the lake may describe, and not select', async () => {
    grants();
    fake.answers.set('lakeformation:GetDataLakeSettings', () => ({ DataLakeSettings: { DataLakeAdmins: [{ DataLakePrincipalIdentifier: role }] } }));
    assert.equal((await ask({ action: 'DESCRIBE' })).verdict, 'allowed');
    assert.deepEqual(closed(await ask({ action: 'select' })), ['grant missing']);
  });

  it('where the location is not registered S3 counts, and registering it is the way', async () => {
    fake.answers.set('lakeformation:ListResources', () => ({ ResourceInfoList: [{ ResourceArn: `arn:aws:s3:::${bucket.slice(0, -1)}` }] }));
    assert.equal((await ask()).verdict, 'allowed');
    assert.ok(asked().includes('s3:ListBucket') && !asked().includes('lakeformation:GetDataAccess'));
    simulator(fake, { 's3:GetObject': 'implicitDeny' });
    fake.refuse = ({ name }) => (name === 'lakeformation:DescribeResource' ? { code: 'EntityNotFoundException' } : undefined);
    const result = await ask();
    assert.deepEqual(closed(result), ['location missing', 'iam denied']);
    assert.match(result.fix ?? '', /lake-tutorial up --step lake-location/);
  });

  describe('in hybrid mode', () => {
    beforeEach(() => register(true));
    it('who has opted in is judged by the grants', async () => {
      fake.answers.set('lakeformation:ListLakeFormationOptIns', () => ({ LakeFormationOptInsInfoList: [{ Resource: { Table: { DatabaseName: 'sales', Name: 'orders' } } }] }));
      assert.equal((await ask()).verdict, 'allowed');
      assert.ok(asked().includes('lakeformation:GetDataAccess'));
    });
    it('who has not is judged by IAM, and only where the table is open', async () => {
      fake.answers.set('lakeformation:ListLakeFormationOptIns', () => ({ LakeFormationOptInsInfoList: [{ Resource: { Table: { DatabaseName: 'sales', Name: 'other' } } }] }));
      assert.deepEqual(closed(await ask()), ['grant missing']);
      assert.ok(asked().includes('s3:ListBucket'));
      grants(grant('IAM_ALLOWED_PRINCIPALS', 'ALL'));
      assert.equal((await ask()).verdict, 'allowed');
    });
    it('where opt-ins cannot be listed, nobody knows', async () => {
      const result = await ask();
      assert.equal(result.verdict, 'unknown');
      assert.equal(result.refused, false);
      assert.deepEqual(closed(result), ['opt-in unknown']);
    });
  });

  it('what AWS refuses to show is unknown, with the permission to ask for; it is not missing', async () => {
    for (const [call, layer, permission] of [
      ['iam:SimulatePrincipalPolicy', 'iam', /iam:SimulatePrincipalPolicy/], ['lakeformation:ListPermissions', 'grant', /lakeformation:ListPermissions/],
      ['lakeformation:ListResources', 'location', /ListResources/], ['lakeformation:GetDataLakeSettings', 'settings', /GetDataLakeSettings/], ['glue:GetTable', 'table', /glue:GetTable/],
      ['iam:GetRole', 'principal', /iam:GetRole/],
    ] as const) {
      fake.refuse = ({ name }) => (name === call ? { code: 'AccessDeniedException', message: 'no', status: 403 } : undefined);
      const result = await ask();
      assert.deepEqual([result.verdict, result.refused, closed(result)], ['unknown', true, [`${layer} unknown`]], call);
      assert.match(result.fix ?? '', permission);
    }
  });

  it('a principal and a table that are not there are said in words', async () => {
    fake.refuse = ({ name }) => (name === 'iam:GetRole' ? { code: 'NoSuchEntity', status: 404 } : name === 'glue:GetTable' ? { code: 'EntityNotFoundException' } : undefined);
    const result = await ask();
    assert.equal(result.verdict, 'denied');
    assert.deepEqual(closed(result).slice(0, 2), ['principal missing', 'table missing']);
    assert.match(result.layers[0]?.why ?? '', /no role analyst in the account/);
  });

  it('another account\'s principal cannot be judged from here', async () => {
    const result = await ask({ principal: 'arn:aws:iam::999999999999:role/analyst' });
    assert.equal(states(result)['principal'], 'unknown');
    assert.deepEqual(asked(), []);
  });

  it('a role that services assume does not query', async () => {
    fake.answers.set('iam:GetRole', () => ({ xml: `<Role><Arn>${role}</Arn><AssumeRolePolicyDocument>${encodeURIComponent(JSON.stringify({ Statement: [{ Principal: { Service: 'glue.amazonaws.com' } }] }))}</AssumeRolePolicyDocument></Role>` }));
    await ask();
    assert.deepEqual(asked().filter((action) => action.startsWith('athena:')), []);
  });

  it('where IAM does not take all actions together, each is asked by itself', async () => {
    fake.refuse = ({ name, input }) => (name === 'iam:SimulatePrincipalPolicy' && listOf(input, 'ActionNames').length > 1 ? { code: 'InvalidInput', message: 'Invalid Input' } : undefined);
    assert.equal((await ask()).verdict, 'allowed');
  });

  describe('a location', () => {
    const location = `s3://${bucket}/bronze`;
    beforeEach(() => grants());
    it('takes a grant on it, or on what it lies in', async () => {
      assert.deepEqual(closed(await ask({ location })), ['grant missing']);
      fake.answers.set('lakeformation:ListPermissions', ({ Resource }) => ({
        PrincipalResourcePermissions: (Resource as { DataLocation: { ResourceArn: string } }).DataLocation.ResourceArn === `arn:aws:s3:::${bucket}` ? [{ Principal: { DataLakePrincipalIdentifier: role }, Permissions: ['DATA_LOCATION_ACCESS'], Resource }] : [],
      }));
      assert.equal((await ask({ location })).verdict, 'allowed');
    });
    it('is an administrator\'s', async () => {
      fake.answers.set('lakeformation:GetDataLakeSettings', () => ({ DataLakeSettings: { DataLakeAdmins: [{ DataLakePrincipalIdentifier: role }] } }));
      assert.equal((await ask({ location })).verdict, 'allowed');
    });
  });

  it('a question that cannot be asked is refused in words, before any call', () => {
    const table = 'sales.orders';
    for (const [question, code] of [
      [{ principal: 'analyst', table }, 'principal'], [{ principal: 'arn:aws:iam::12:role/x', table }, 'principal'], [{ principal: `arn:aws:iam::${account}:role/`, table }, 'principal'],
      [{ principal: `arn:aws:sts::${account}:role/x`, table }, 'principal'], [{ principal: `arn:aws:iam::${account}:root`, table }, 'root'],
      [{ principal: role }, 'what'], [{ principal: role, table, location: 's3://bucket' }, 'what'],
      [{ principal: role, table: 'orders' }, 'table'], [{ principal: role, table: 'a b.c' }, 'table'], [{ principal: role, table, action: 'READ' }, 'action'],
      [{ principal: role, location: 'bucket' }, 'location'], [{ principal: role, location: 's3://bucket', action: 'SELECT' }, 'action'],
    ] as const) {
      assert.throws(() => readQuestion(question), (error) => UserError.is(error) && error.code === `explain.${code}` && error.exit === 2 && error.next !== undefined, JSON.stringify(question));
    }
    assert.equal(readQuestion({ principal: `arn:aws:sts::${account}:assumed-role/analyst/me`, table }).principal.arn, role);
  });
});
