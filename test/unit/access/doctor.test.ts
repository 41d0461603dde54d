import assert from 'node:assert/strict';
import { doctor, isUnwell, type Diagnosis } from '../../../src/access/doctor.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { startFakeAws, type FakeAws } from '../../support/fakeAws.ts';
import { listOf, optionsAt, simulator } from './support.ts';

const vpc = '<vpcId>vpc-1</vpcId><cidrBlock>172.31.0.0/16</cidrBlock>';
const addresses = (count: number): string => `<addressesSet>${'<item><publicIp>203.0.113.1</publicIp><allocationId>eipalloc-1</allocationId></item>'.repeat(count)}</addressesSet>`;

describe('what the caller may do here', () => {
  let fake: FakeAws;
  let connection: Connection | undefined;

  beforeEach(async () => {
    fake = await startFakeAws();
    simulator(fake, {});
    fake.answers.set('ec2:DescribeInstanceTypeOfferings', () => ({ xml: '<instanceTypeOfferingSet><item><instanceType>t3.micro</instanceType><location>us-east-2a</location></item></instanceTypeOfferingSet>' }));
    fake.answers.set('ec2:DescribeVpcs', () => ({ xml: `<vpcSet><item>${vpc}</item></vpcSet>` }));
    fake.answers.set('ec2:DescribeSubnets', () => ({ xml: '<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availabilityZone>us-east-2a</availabilityZone></item></subnetSet>' }));
    fake.answers.set('ec2:DescribeRouteTables', () => ({ xml: '<routeTableSet/>' }));
    fake.answers.set('ec2:DescribeAccountAttributes', () => ({ xml: '<accountAttributeSet><item><attributeName>vpc-max-elastic-ips</attributeName><attributeValueSet><item><attributeValue>5</attributeValue></item></attributeValueSet></item></accountAttributeSet>' }));
    fake.answers.set('ec2:DescribeAddresses', (input) => ({ xml: addresses('Filter.1.Name' in input ? 0 : 2) }));
    fake.answers.set('lakeformation:GetDataLakeSettings', () => ({ DataLakeSettings: { DataLakeAdmins: [] } }));
    fake.refuse = refusal({});
  });
  afterEach(async () => {
    connection?.close();
    await fake.stop();
  });

  /** Users and roles are not there yet; what is named is refused. */
  const refusal = (denied: Readonly<Record<string, string>>): FakeAws['refuse'] => ({ name }) =>
    denied[name] ? { code: denied[name], message: 'no', status: 403 } : name === 'iam:GetUser' || name === 'iam:GetRole' ? { code: 'NoSuchEntity', status: 404 } : undefined;
  const ask = async (...steps: string[]): Promise<Diagnosis> => {
    const opened = await optionsAt(fake, steps.length > 0 ? steps : undefined);
    ({ connection } = opened);
    return doctor(opened.options);
  };
  const checks = ({ checks: all }: Diagnosis): Record<string, string> => Object.fromEntries(all.map(({ id, state }) => [id, state]));
  const steps = ({ steps: all }: Diagnosis): Record<string, string> => Object.fromEntries(all.map(({ id, state }) => [id, state]));

  it('an account in which all goes well: every check and step says so, by reads alone', async () => {
    const result = await ask();
    assert.deepEqual(checks(result), { identity: 'ok', root: 'ok', academy: 'ok', region: 'ok', network: 'ok', 'lake-settings': 'ok', 'elastic-ips': 'ok' });
    assert.deepEqual(new Set(Object.values(steps(result))), new Set(['allowed', 'nothing']));
    assert.equal(steps(result)['account'], 'nothing');
    assert.equal(isUnwell(result), false);
    assert.deepEqual(fake.calls.map(({ name }) => name).filter((name) => !/:(Get|List|Simulate|Describe)/.test(name)), []);
    assert.deepEqual(result.identity, { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/learner', kind: 'user', partition: 'aws', region: 'us-east-2' });
  });

  it('a step names the actions that it lacks, and no other step does', async () => {
    simulator(fake, { 'lambda:CreateFunction': 'implicitDeny', 'iam:PassRole': 'explicitDeny' });
    const result = await ask('bucket', 'inserter', 'teardown');
    assert.deepEqual(result.steps.map(({ id, missing }) => [id, missing]), [['bucket', []], ['inserter', ['iam:PassRole', 'lambda:CreateFunction']], ['teardown', []]]);
    const { why, fix } = result.steps[1] ?? {};
    assert.match(why ?? '', /no policy allows it/);
    assert.match(why ?? '', /explicitly denied by NoLake/);
    assert.match(fix ?? '', /lake-tutorial policy LakeTutorialPermissions --step inserter/);
    assert.equal(isUnwell(result), true);
  });

  it('IAM is asked with the resources and the conditions of the permissions', async () => {
    await ask('inserter');
    const passing = fake.calls.filter(({ name, input }) => name === 'iam:SimulatePrincipalPolicy' && listOf(input, 'ActionNames').includes('iam:PassRole'));
    assert.equal(passing.length, 1);
    const input = passing[0]?.input ?? {};
    assert.deepEqual(listOf(input, 'ResourceArns'), ['arn:aws:iam::111122223333:role/LakeTutorialInserter']);
    const context = Object.entries(input).filter(([key]) => /ContextKeyName|ContextKeyValues/.test(key)).map(([, value]) => value);
    assert.deepEqual(new Set(context), new Set(['aws:RequestedRegion', 'us-east-2', 'iam:PassedToService', 'lambda.amazonaws.com']));
  });

  it('where the simulation is refused nobody knows, and that is no failure', async () => {
    fake.refuse = refusal({ 'iam:SimulatePrincipalPolicy': 'AccessDenied' });
    const result = await ask('bucket', 'account');
    assert.deepEqual(steps(result), { account: 'nothing', bucket: 'unknown' });
    assert.match(result.steps.find(({ id }) => id === 'bucket')?.why ?? '', /not allowed to call iam:SimulatePrincipalPolicy/);
    assert.equal(isUnwell(result), false);
  });

  it('without a default VPC it says so, and what to do', async () => {
    fake.answers.set('ec2:DescribeVpcs', () => ({ xml: '<vpcSet/>' }));
    const found = (await ask('bucket')).checks.find(({ id }) => id === 'network');
    assert.equal(found?.state, 'problem');
    assert.match(`${found.why} ${found.fix}`, /no default VPC in us-east-2.*create-default-vpc/);
  });

  it('what may not be looked at is unknown, not wrong', async () => {
    fake.refuse = refusal({ 'ec2:DescribeVpcs': 'UnauthorizedOperation', 'ec2:DescribeAccountAttributes': 'UnauthorizedOperation', 'lakeformation:GetDataLakeSettings': 'AccessDeniedException', 'iam:GetUser': 'AccessDenied' });
    const result = await ask('bucket');
    assert.deepEqual(checks(result), { identity: 'ok', root: 'ok', academy: 'ok', region: 'unknown', network: 'unknown', 'lake-settings': 'unknown', 'elastic-ips': 'unknown' });
    assert.match(result.checks.find(({ id }) => id === 'network')?.fix ?? '', /ec2:DescribeVpcs/);
  });

  it('all elastic IPs in use stand in the way, unless one is the tutorial\'s', async () => {
    const inUse = async (own: number): Promise<string | undefined> => {
      fake.answers.set('ec2:DescribeAddresses', (input) => ({ xml: addresses('Filter.1.Name' in input ? own : 5) }));
      return checks(await ask('bucket'))['elastic-ips'];
    };
    assert.equal(await inUse(0), 'problem');
    assert.equal(await inUse(1), 'ok');
  });

  it('open defaults are told, and are no failure', async () => {
    fake.answers.set('lakeformation:GetDataLakeSettings', () => ({ DataLakeSettings: { CreateTableDefaultPermissions: [{ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Permissions: ['ALL'] }] } }));
    const result = await ask('bucket');
    assert.equal(checks(result)['lake-settings'], 'warning');
    assert.equal(isUnwell(result), false);
  });

  it('root may do all but what only an administrator of the lake may; a lab may nothing', async () => {
    fake.caller = 'arn:aws:iam::111122223333:root';
    const root = await ask('bucket', 'lake-database');
    assert.deepEqual([checks(root)['root'], steps(root)], ['problem', { bucket: 'allowed', 'lake-database': 'denied' }]);
    fake.caller = 'arn:aws:sts::111122223333:assumed-role/voclabs/user1';
    const lab = await ask('bucket');
    assert.deepEqual([checks(lab)['academy'], steps(lab)], ['problem', { bucket: 'denied' }]);
    assert.deepEqual(fake.calls.filter(({ name }) => name === 'iam:SimulatePrincipalPolicy'), []);
  });
});
