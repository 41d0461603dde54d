import assert from 'node:assert/strict';
import { connect, type Connection } from '../../../src/aws/connection.ts';
import { AwsError } from '../../../src/aws/errors.ts';
import { everyPage } from '../../../src/aws/every-page.ts';
import { startFakeAws, type FakeAws } from '../../support/fakeAws.ts';

describe('calls', () => {
  let aws: FakeAws;
  const connections: Connection[] = [];
  const to = (more: object = {}): Connection => {
    const made = connect({ target: 'aws', region: 'us-east-2', endpoint: aws.endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, ...more });
    connections.push(made);
    return made;
  };
  before(async () => (aws = await startFakeAws()));
  after(async () => {
    connections.forEach((each) => each.close());
    await aws.stop();
  });
  afterEach(() => {
    aws.slow = undefined;
    aws.answers.clear();
  });

  it('of an endpoint that takes them and never answers, fail in bounded time, and whoever waits is told', async () => {
    aws.slow = () => 60_000;
    const told: string[] = [];
    const { glue } = to({ answerMs: 300, onSlow: (call: string) => told.push(call) });
    await assert.rejects(glue.getDatabases({}), (error: unknown) => AwsError.is(error, 'unreachable') && error.code === 'TimeoutError' && /glue:GetDatabases/.test(error.message));
    assert.deepEqual(told, ['glue:GetDatabases']);
  });

  it('that are answered in time tell nobody', async () => {
    aws.answers.set('glue:GetDatabases', () => ({ DatabaseList: [] }));
    const told: string[] = [];
    await to({ onSlow: (call: string) => told.push(call) }).glue.getDatabases({});
    assert.deepEqual(told, []);
  });

  it('for lists give all pages, in order, where everything is wanted', async () => {
    const names = Array.from({ length: 25 }, (_, at) => `d${at}`);
    aws.answers.set('glue:GetDatabases', ({ NextToken }) => {
      const from = Number(NextToken ?? 0);
      return { DatabaseList: names.slice(from, from + 10).map((Name) => ({ Name })), ...(from + 10 < names.length && { NextToken: String(from + 10) }) };
    });
    const connection = to();
    assert.equal((await connection.glue.getDatabases({})).DatabaseList?.length, 10);
    const whole = await everyPage(connection).glue.getDatabases({});
    assert.deepEqual(whole.DatabaseList?.map(({ Name }) => Name), names);
    // Who says how many gets so many.
    assert.equal((await everyPage(connection).glue.getDatabases({ MaxResults: 10 })).DatabaseList?.length, 10);
  });

  it('for lists end where a service gives the same token again and again', async () => {
    aws.answers.set('glue:GetDatabases', () => ({ DatabaseList: [{ Name: 'd' }], NextToken: 'same' }));
    assert.equal((await everyPage(to()).glue.getDatabases({})).DatabaseList?.length, 2);
  });
});
