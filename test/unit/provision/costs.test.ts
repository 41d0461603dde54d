import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { costs, type Costs } from '../../../src/provision/costs.ts';
import { startFakeAws, type FakeAws } from '../../support/fakeAws.ts';
import { optionsAt } from '../access/support.ts';

const ours = '<tagSet><item><key>lake-tutorial</key><value>data-lake</value></item></tagSet>';
const instance = (id: string, state: string, launched: string): string =>
  `<item><instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState><launchTime>${launched}</launchTime>${ours}</item>`;
const now = Date.parse('2026-11-28T12:00:00Z');

describe('what exists that is charged', () => {
  let fake: FakeAws;
  let connection: Connection | undefined;

  beforeEach(async () => {
    fake = await startFakeAws();
    instances(instance('i-1', 'running', '2026-11-28T02:00:00.000Z'));
    fake.answers.set('ec2:DescribeAddresses', () => ({ xml: `<addressesSet><item><publicIp>203.0.113.1</publicIp><allocationId>eipalloc-1</allocationId>${ours}</item></addressesSet>` }));
    for (const kind of ['vpcSet', 'subnetSet', 'routeTableSet', 'securityGroupInfo']) {
      fake.answers.set(`ec2:Describe${{ vpcSet: 'Vpcs', subnetSet: 'Subnets', routeTableSet: 'RouteTables', securityGroupInfo: 'SecurityGroups' }[kind]}`, () => ({ xml: `<${kind}/>` }));
    }
    fake.refuse = absent();
  });
  afterEach(async () => {
    connection?.close();
    await fake.stop();
  });

  const instances = (...all: string[]): void => void fake.answers.set('ec2:DescribeInstances', () => ({ xml: `<reservationSet><item><instancesSet>${all.join('')}</instancesSet></item></reservationSet>` }));
  /** All but the instance and its address are not there; what is named is refused. */
  const absent = (...denied: string[]): FakeAws['refuse'] => ({ name, service }) =>
    denied.includes(name) ? { code: 'AccessDenied', status: 403 } : ['glue', 'quicksight'].includes(service) ? { code: 'EntityNotFoundException', status: 404 } : name === 'athena:GetWorkGroup' ? { code: 'InvalidRequestException', message: 'WorkGroup lake-tutorial is not found.' } : undefined;
  const ask = async (): Promise<Costs> => {
    const opened = await optionsAt(fake);
    ({ connection } = opened);
    return costs(opened.options, now);
  };
  const figures = ({ resources }: Costs) => Object.fromEntries(resources.map(({ resource, perHour, since, soFar }) => [resource, [perHour, since, soFar]]));

  it('is what is there, by the hour, since when, and how much by now', async () => {
    const result = await ask();
    assert.deepEqual(figures(result), { instance: [0.0113, '2026-11-28T02:00:00.000Z', 0.113], 'elastic-ip': [0.005, null, null] });
    assert.deepEqual([result.perHour, result.soFar, result.currency, result.unknown], [0.0163, 0.113, 'USD', []]);
    assert.deepEqual(fake.calls.map(({ name }) => name).filter((name) => !/:(Get|List|Describe|Head)|^quicksight:accounts.*data-sources/.test(name)), []);
  });

  it('a stopped instance costs its disk; one too many costs again', async () => {
    instances(instance('i-1', 'stopped', '2026-11-28T02:00:00.000Z'));
    assert.equal(figures(await ask())['instance']?.[0], 0.0009);
    instances(instance('i-1', 'running', '2026-11-28T02:00:00.000Z'), instance('i-2', 'running', '2026-11-28T03:00:00.000Z'));
    assert.equal(figures(await ask())['instance']?.[0], 0.0226);
    instances(instance('i-1', 'terminated', '2026-11-28T02:00:00.000Z'));
    assert.equal('instance' in figures(await ask()), false);
  });

  it('a bucket is charged by what it holds, since it was made; since when is not needed to know that it is', async () => {
    fake.buckets.set('lake-tutorial-111122223333-us-east-2', []);
    fake.refuse = absent('s3:GetBucketTagging');
    assert.deepEqual((await ask()).unknown.map(({ resource, denied }) => [resource, denied]), [['bucket', true]]);
    const bare = (...denied: string[]): FakeAws['refuse'] => (call) => (/Tagging|PublicAccess/.test(call.name) ? { code: 'NoSuchTagSet', status: 404 } : absent(...denied)?.(call));
    fake.refuse = bare();
    assert.deepEqual(figures(await ask())['bucket'], [0, '2026-11-20T10:00:00.000Z', 0]);
    fake.refuse = bare('s3:ListBuckets');
    assert.deepEqual(figures(await ask())['bucket'], [0, null, 0]);
  });

  it('what may not be looked at is named, and is not counted as nothing', async () => {
    fake.refuse = absent('ec2:DescribeInstances');
    const result = await ask();
    assert.deepEqual(result.unknown.map(({ resource, denied }) => [resource, denied]), [['instance', true]]);
    assert.match(result.unknown[0]?.why ?? '', /ec2:DescribeInstances/);
    assert.deepEqual(Object.keys(figures(result)), ['elastic-ip']);
  });

  it('what the endpoint does not implement is unknown without anybody having refused it', async () => {
    fake.refuse = (call) => (call.name === 'ec2:DescribeAddresses' ? { code: 'InvalidAction' } : absent()?.(call));
    assert.deepEqual((await ask()).unknown.map(({ resource, denied }) => [resource, denied]), [['elastic-ip', false]]);
  });
});
