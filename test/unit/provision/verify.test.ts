import { strict as assert } from 'node:assert';
import { connect, type Connection } from '../../../src/aws/connection.ts';
import { verify, type ProbedVerdicts, type VerifiedStep, type VerifyOptions } from '../../../src/provision/verify.ts';
import { jobOperations } from '../../../src/resources/glue.ts';
import type { Context } from '../../../src/resources/kind.ts';
import { deriveNames } from '../../../src/resources/names.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';
import { startFakeAws, type Call, type FakeAws } from '../../support/fakeAws.ts';

const names = deriveNames('lake', { accountId: '111122223333', partition: 'aws' }, 'us-east-2', {});
const tutorialOf = (...steps: string[]) => parseTutorial(`---\nlake: 1\nid: lake\n---\n# A lake\n\n${steps.join('\n\n')}\n`);
const refine = '## 1. Refine\n<!-- lake:step id=refine provisions=refine-job -->\n\nText.';
const ask = '## 2. Ask\n<!-- lake:step id=ask provisions=work-group -->\n\nText.';

describe('verify', () => {
  let fake: FakeAws;
  let connection: Connection;

  type Refusal = NonNullable<FakeAws['refuse']>;
  /** What the steps before made may not be looked at: nothing is known to be wrong with it. */
  const blind: Refusal = ({ name, service, input }: Call) => (service === 'iam' || name === 's3:GetBucketTagging' || input['prefix'] === 'scripts/' ? { code: 'AccessDenied', status: 403 } : undefined);
  const refuse = (also: Refusal): void => {
    fake.refuse = (call) => blind(call) ?? also(call);
  };

  beforeEach(async () => {
    fake = await startFakeAws();
    fake.refuse = blind;
    connection = connect({ target: 'aws', region: 'us-east-2', endpoint: fake.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' } });
  });
  afterEach(async () => {
    connection.close();
    await fake.stop();
  });

  const look = async (text: string | readonly string[], options: Partial<VerifyOptions> = {}) =>
    verify({ tutorial: tutorialOf(...[text].flat()), connection, assets: () => Promise.reject(new Error('no asset')), ...options });
  const only = async (text: string, options: Partial<VerifyOptions> = {}): Promise<VerifiedStep> => {
    const [step] = (await look(text, options)).steps;
    assert.ok(step);
    return step;
  };
  const shortly = ({ state, findings }: VerifiedStep): readonly unknown[] => [state, ...findings.map(({ code }) => code)];

  describe('of a step that asks for nothing', () => {
    it('is never done, says so, and once how to declare what it asks for', async () => {
      const { steps, hint } = await look(['## 1. One\n\nText.', '## 2. Two\n\nText.', '## 3. Three\n<!-- lake:step id=three needs=account-id -->\n\nText.']);
      assert.deepEqual(steps.map(({ state, findings }) => [state, findings]), [1, 2, 3].map(() => ['nothing', []]));
      for (const { looked, found, expected } of steps) {
        assert.ok(looked && found && expected);
      }
      assert.match(hint ?? '', /<!-- lake:step id=\S+ provisions=\S+ -->.* bucket, /);
    });

    it('has no hint where another step declares something', async () => {
      assert.equal((await look(['## 1. One\n\nText.', ask], { steps: [] })).hint, undefined);
    });

    it('is about who is connected where its own check asks that', async () => {
      assert.deepEqual(shortly(await only('## 1. Account\n\n```sh lake:verify\naws sts get-caller-identity\n```')), ['done']);
      assert.equal((await only('## 1. Account\n\n```sh lake:verify\naws s3 ls\n```')).state, 'nothing');
      assert.equal((await only('## 1. Account\n\n```sh\naws sts get-caller-identity\n```')).state, 'nothing', 'a block that is no check');
    });
  });

  it('takes for gone what somebody removes between two calls about it', async () => {
    const asked: string[] = [];
    refuse(({ name }) => {
      asked.push(name);
      return name === 'glue:GetTags' || (name === 'glue:GetJob' && asked.includes('glue:GetTags')) ? { code: 'EntityNotFoundException', message: 'not found' } : undefined;
    });
    fake.answers.set('glue:GetJob', () => ({ Job: { Name: 'lake-refine', Role: 'r', Command: { Name: 'glueetl' } } }));
    assert.deepEqual(shortly(await only(refine)), ['missing', 'refine-job.missing']);
  });

  describe('of a job', () => {
    const last = (JobRunState: string, ErrorMessage?: string) => fake.answers.set('glue:GetJobRuns', () => ({ JobRuns: [{ Id: 'jr_1', JobName: 'lake-refine', JobRunState, ErrorMessage, StartedOn: 1_763_600_000 }] }));
    const tables = (all: Readonly<Record<string, number>>) => fake.answers.set('glue:GetTable', ({ Name }) => (String(Name) in all
      ? { Table: { Name, Parameters: { lake_sequence: String(all[String(Name)]) } } }
      : { __type: 'never' }));
    const notThere = (name: string): Refusal => (call) =>
      call.name === 'glue:GetTable' && (name === '*' || call.input['Name'] === name) ? { code: 'EntityNotFoundException', message: 'not found' } : undefined;
    const put = (key: string, content: unknown): void => {
      const body = Buffer.from(JSON.stringify(content));
      const objects = fake.buckets.get(names.bucket) ?? [];
      fake.buckets.set(names.bucket, [...objects, { key, size: body.length, body }].sort((a, b) => (a.key < b.key ? -1 : 1)));
    };
    const part = 'silver/random_data/part=00000001-ab';
    const made = (refined: number): void => {
      put('silver/_manifests/random_data/00000001.json', { sequence: 1, refined, silver: [{ location: `s3://${names.bucket}/${part}` }] });
      put(`${part}/rows.parquet`, {});
    };

    beforeEach(async () => {
      const stub = { names, tags: {}, aws: { glue: { createJob: () => Promise.resolve({}) } }, signal: new AbortController().signal } as unknown as Context;
      const job = await jobOperations('refine').create(stub);
      fake.buckets.set(names.bucket, []);
      fake.answers.set('glue:GetJob', () => ({ Job: job as unknown as Record<string, unknown> }));
      fake.answers.set('glue:GetTags', () => ({ Tags: { 'lake-tutorial': 'lake' } }));
      fake.answers.set('glue:GetJobRuns', () => ({ JobRuns: [] }));
    });

    it('that was made and never ran: its result is still to come, which is no failure', async () => {
      refuse(notThere('*'));
      const step = await only(refine);
      assert.deepEqual(shortly(step), ['waiting', 'refine.waiting']);
      assert.match(step.findings[0]?.fix ?? '', /Run the workflow/);
      assert.match(step.looked ?? '', /silver_random_data.*s3:\/\//);
      assert.equal(step.found, step.findings[0]?.message);
      assert.ok(step.expected);
    });

    it('whose last run failed: that, in the words of AWS', async () => {
      refuse(notThere('*'));
      last('FAILED', 'NoSuchKey: refine.py');
      const step = await only(refine);
      assert.deepEqual(shortly(step), ['wrong', 'refine.failed']);
      assert.match(step.found ?? '', /NoSuchKey: refine\.py/);
    });

    it('that runs just now', async () => {
      refuse(notThere('*'));
      last('RUNNING');
      const step = await only(refine);
      assert.equal(step.state, 'waiting');
      assert.match(step.found ?? '', /is running/);
    });

    it('that made its table of all there was: done', async () => {
      tables({ bronze_random_data: 3, silver_random_data: 1 });
      made(3);
      assert.deepEqual(shortly(await only(refine)), ['done']);
    });

    it('whose table is older than what it is made of', async () => {
      tables({ bronze_random_data: 4, silver_random_data: 1 });
      made(3);
      assert.deepEqual(shortly(await only(refine)), ['waiting', 'refine.behind']);
    });

    it('whose table was dropped', async () => {
      tables({ bronze_random_data: 3 });
      made(3);
      refuse(notThere('silver_random_data'));
      assert.deepEqual(shortly(await only(refine)), ['waiting', 'refine.dropped']);
    });

    it('whose files were removed', async () => {
      tables({ bronze_random_data: 3, silver_random_data: 1 });
      put('silver/_manifests/random_data/00000001.json', { sequence: 1, refined: 3, silver: [{ location: `s3://${names.bucket}/${part}` }] });
      assert.deepEqual(shortly(await only(refine)), ['wrong', 'refine.data-gone']);
    });

    it('of somebody\'s own, without our manifests: what the catalog points to counts', async () => {
      fake.answers.set('glue:GetTable', ({ Name }) => ({ Table: { Name, StorageDescriptor: { Location: `s3://${names.bucket}/mine/` } } }));
      assert.deepEqual(shortly(await only(refine)), ['waiting', 'refine.emptied']);
      put('mine/rows.parquet', {});
      assert.deepEqual(shortly(await only(refine)), ['done']);
    });

    for (const [what, call] of [['the catalog', 'glue:GetTable'], ['the bucket', 's3:ListObjectsV2'], ['the runs', 'glue:GetJobRuns']] as const) {
      it(`when ${what} may not be looked at: unknown, and never "still to come"`, async () => {
        refuse((each) => (each.name === call ? { code: 'AccessDeniedException', status: 400 } : notThere('*')(each)));
        const step = await only(refine);
        assert.deepEqual(shortly(step), ['unknown', 'aws.denied']);
        assert.ok(step.looked && step.found && step.expected);
      });
    }

    it('that failed because what it stands on is not there: that is told, and not what follows', async () => {
      fake.refuse = (call) => (call.input['prefix'] !== 'scripts/' && blind(call) ? blind(call) : notThere('*')(call));
      last('FAILED', 'NoSuchKey: refine.py');
      assert.deepEqual(shortly(await only(refine)), ['wrong', 'job-scripts.missing']);
      const scripts = '## 1. Scripts\n<!-- lake:step id=scripts provisions=job-scripts -->\n\nText.';
      const { steps } = await look([scripts, refine]);
      assert.deepEqual(steps.map(shortly), [['missing', 'job-scripts.missing'], ['wrong']]);
      assert.equal(steps[1]?.follows, 'scripts');
      assert.match(steps[1]?.found ?? '', /"scripts"/);
    });

    it('that is not there is not asked for its result', async () => {
      fake.answers.delete('glue:GetJob');
      refuse((call) => (call.name === 'glue:GetJob' ? { code: 'EntityNotFoundException' } : undefined));
      assert.deepEqual(shortly(await only(refine)), ['missing', 'refine-job.missing']);
      assert.ok(!fake.taken().includes('glue:GetTable'));
    });
  });

  describe('of the query', () => {
    const queried = (): boolean => fake.taken().includes('athena:StartQueryExecution');
    const answers = (State: string, count = '1'): void => {
      fake.answers.set('athena:StartQueryExecution', () => ({ QueryExecutionId: 'q' }));
      fake.answers.set('athena:GetQueryExecution', () => ({ QueryExecution: { Status: { State, StateChangeReason: 'GENERIC_INTERNAL_ERROR: no' }, StatementType: 'DML' } }));
      fake.answers.set('athena:GetQueryResults', () => ({ ResultSet: { ResultSetMetadata: { ColumnInfo: [{ Name: 'n', Type: 'bigint' }] }, Rows: [{ Data: [{ VarCharValue: 'n' }] }, { Data: [{ VarCharValue: count }] }] } }));
    };

    beforeEach(() => {
      fake.answers.set('athena:GetWorkGroup', () => ({ WorkGroup: { Name: names.prefix, Configuration: { ResultConfiguration: { OutputLocation: `s3://${names.bucket}/athena/` } } } }));
      fake.answers.set('athena:ListTagsForResource', () => ({ Tags: [{ Key: 'lake-tutorial', Value: 'lake' }] }));
      fake.answers.set('glue:GetTable', ({ Name }) => ({ Table: { Name } }));
      answers('SUCCEEDED');
    });

    it('is made when its trial is asked for, and its answer counts', async () => {
      assert.deepEqual(shortly(await only(ask)), ['done']);
      assert.ok(queried());
      answers('FAILED');
      assert.deepEqual(shortly(await only(ask)), ['wrong', 'query.failed']);
      answers('SUCCEEDED', '0');
      assert.deepEqual(shortly(await only(ask)), ['waiting', 'visualize.empty']);
    });

    it('is not made, and not charged for, when it was not asked for', async () => {
      for (const options of [{ probe: false }, { charged: false }]) {
        assert.deepEqual(shortly(await only(ask, options)), ['unknown', 'work-group.not-tried']);
        assert.ok(!queried());
      }
    });

    it('is made on AWS itself only for a step that was named', async () => {
      // The fake has an address, as AWS has none.
      const aws = Object.create(connection, { options: { value: { ...connection.options, endpoint: undefined } } }) as Connection;
      assert.deepEqual(shortly(await only(ask, { connection: aws })), ['unknown', 'work-group.not-tried']);
      assert.ok(!queried());
      assert.deepEqual(shortly(await only(ask, { connection: aws, steps: ['ask'] })), ['done']);
      assert.ok(queried());
    });

    it('is remembered by a look that does not try, until the table is gone', async () => {
      const probed: ProbedVerdicts = new Map();
      await only(ask, { probed });
      assert.deepEqual(shortly(await only(ask, { probe: false, probed })), ['done']);
      refuse((call) => (call.name === 'glue:GetTable' ? { code: 'EntityNotFoundException' } : undefined));
      assert.deepEqual(shortly(await only(ask, { probe: false, probed })), ['waiting', 'visualize.waiting']);
    });
  });
});
