import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-glue';
import { CreateAccessKeyCommand, CreateUserCommand, DeleteUserPolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { RevokePermissionsCommand } from '@aws-sdk/client-lakeformation';
import { temporaryState } from '../sandbox/support.ts';
import { anyCredentials, assertNoStack, cli, commandsAt, documentOf, type ErrorDocument } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, motoAccount } from '../support/moto.ts';
import { refusal, startRelay, type Relay } from '../support/relay.ts';

interface DoctorDocument {
  readonly identity: { readonly arn: string };
  readonly checks: readonly { readonly id: string; readonly state: string; readonly why: string; readonly fix?: string }[];
  readonly steps: readonly { readonly id: string; readonly state: string; readonly missing: readonly string[]; readonly fix?: string }[];
}
interface CostsDocument {
  readonly resources: readonly { readonly resource: string; readonly perHour: number; readonly since: string | null }[];
  readonly perHour: number;
  readonly currency: string;
  readonly unknown: readonly { readonly resource: string }[];
}
interface ExplainDocument {
  readonly verdict: string;
  readonly layers: readonly { readonly layer: string; readonly state: string; readonly why: string; readonly fix?: string }[];
  readonly fix?: string;
}
interface ReportDocument {
  readonly ended?: string;
  readonly resources: readonly { readonly resource: string; readonly state: string; readonly code?: string }[];
  readonly calls: readonly { readonly call: string; readonly at: number; readonly ms: number; readonly attempts: number; readonly status?: number; readonly code?: string }[];
}

const account = '000000000000';
const bucket = `lake-tutorial-${account}-us-east-2`;
const arn = (path: string): string => `arn:aws:iam::${account}:${path}`;
const [admin, worker] = [arn('user/datalakeadmin'), arn('role/LakeFormationWorkflowRole')];

/** What tells whose account it was: ids, ARNs, addresses, keys, names of buckets. */
const identifying = /\d{12}|arn:|\b(?:\d{1,3}\.){3}\d{1,3}\b|AKIA|AIDA|AROA|(?:vpc|subnet|sg|i|eipalloc)-[0-9a-f]{6}|s3:\/\/|datalakeadmin|lake-tutorial-|https?:/;

describe('CLI: doctor, explain, costs, and the report of up', function () {
  this.timeout(300_000);
  let remove: (() => Promise<void>) | undefined;
  let relay: Relay;
  let clients: Clients;
  let folder = '';

  const at = (command: string, ...args: string[]) => cli([command, '--endpoint', relay.endpoint, '--json', ...args], { env: anyCredentials });
  const explain = async (code: number, principal: string, ...args: string[]): Promise<ExplainDocument> => documentOf<ExplainDocument>(await at('explain', '--principal', principal, ...(args.length > 0 ? args : ['--table', 'lake_tutorial.bronze'])), code);
  const closed = ({ layers }: ExplainDocument): string[] => layers.filter(({ state }) => state !== 'ok').map(({ layer, state }) => `${layer} ${state}`);
  /** Does what a fix says, and nothing else. */
  const follow = async (fix: string | undefined): Promise<void> => {
    const [, step = ''] = /lake-tutorial up --step ([\w-]+)$/.exec(fix ?? '') ?? [];
    assert.notEqual(step, '', fix);
    await commandsAt(['--endpoint', relay.endpoint]).up('--step', step);
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-report-'));
    const temporary = await temporaryState();
    remove = temporary.remove;
    const { endpoint } = documentOf<{ endpoint: string }>(await cli(['sandbox', 'start', '--control-plane-only', '--state', temporary.state, '--json']), 0);
    relay = await startRelay(endpoint);
    clients = clientsFor(endpoint);
  });
  afterEach(() => {
    relay.intercept = undefined;
  });
  after(async () => {
    await relay?.stop();
    await remove?.();
    await rm(folder, { recursive: true, force: true });
  });

  it('doctor: before the first step, who I am and that each step will work; nothing is charged yet', async () => {
    const { identity, checks, steps } = documentOf<DoctorDocument>(await at('doctor'), 0);
    assert.equal(identity.arn, arn('user/sandbox'));
    assert.deepEqual(checks.map(({ id, state }) => `${id} ${state}`), ['identity ok', 'root ok', 'academy ok', 'region ok', 'network ok', 'lake-settings warning', 'elastic-ips ok']);
    assert.equal(steps.length, 19);
    assert.deepEqual(steps.filter(({ state }) => state !== 'allowed').map(({ id, state }) => `${id} ${state}`), ['account nothing']);
    assert.deepEqual(documentOf<CostsDocument>(await at('costs'), 0).resources, []);
  });

  it('doctor: a caller who may little is told for each step what is missing, and how to get it', async () => {
    await clients.iam.send(new CreateUserCommand({ UserName: 'limited' }));
    const allowed = await cli(['policy', 'LakeTutorialPermissions', '--account', account, '--step', 'bucket']);
    await clients.iam.send(new PutUserPolicyCommand({ UserName: 'limited', PolicyName: 'bucket', PolicyDocument: allowed.stdout }));
    await clients.iam.send(new PutUserPolicyCommand({ UserName: 'limited', PolicyName: 'look', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['iam:SimulatePrincipalPolicy', 'iam:Get*', 'ec2:Describe*', 'lakeformation:GetDataLakeSettings'], Resource: '*' }] }) }));
    const { AccessKey } = await clients.iam.send(new CreateAccessKeyCommand({ UserName: 'limited' }));
    const env = { AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '', AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '' };
    const { steps } = documentOf<DoctorDocument>(await cli(['doctor', '--endpoint', relay.endpoint, '--json', '--step', 'bucket', '--step', 'inserter'], { env }), 1);
    assert.deepEqual(steps.map(({ id, state }) => [id, state]), [['bucket', 'allowed'], ['inserter', 'denied']]);
    assert.ok(['lambda:CreateFunction', 'iam:CreateRole', 'iam:PassRole'].every((action) => steps[1]?.missing.includes(action)), steps[1]?.missing.join());
    assert.match(steps[1]?.fix ?? '', /policy LakeTutorialPermissions --step inserter/);
  });

  it('up --report: what a refused call said in full is not in it, its code is', async () => {
    const report = join(folder, 'refused.json');
    relay.intercept = (call) => (call.service === 's3' && call.name.startsWith('PUT ') ? refusal(call, 'AccessDenied', `User: ${arn('user/alice')} at 203.0.113.7 is not authorized on ${bucket}`, 403) : undefined);
    const { code } = await at('up', '--yes', '--step', 'bucket', '--report', report);
    assert.equal(code, 3);
    const text = await readFile(report, 'utf8');
    assert.doesNotMatch(text, identifying);
    assert.doesNotMatch(text, /alice/);
    const { resources, calls } = JSON.parse(text) as ReportDocument;
    assert.deepEqual(resources.map(({ resource, state, code: each }) => [resource, state, each]), [['bucket', 'failed', 'aws.denied']]);
    assert.deepEqual(calls.find(({ call }) => call === 's3:CreateBucket')?.code, 'AccessDenied');
    assert.equal(calls.find(({ call }) => call === 's3:CreateBucket')?.status, 403);
  });

  it('up --report: an up that ends before it has a result leaves one too; one that cannot be written is said', async () => {
    const report = join(folder, 'ended.json');
    const { code } = await at('up', '--yes', '--step', 'no-such-step', '--report', report);
    assert.equal(code, 2);
    assert.equal((JSON.parse(await readFile(report, 'utf8')) as ReportDocument).ended, 'step.unknown');
    const unwritable = documentOf<ErrorDocument>(await at('up', '--yes', '--step', 'account', '--report', join(folder, 'no', 'where.json')), 2);
    assert.equal(unwritable.error.code, 'report.unwritable');
  });

  it('up --report: calls, codes and times of all of it, and nothing that tells whose account it was', async () => {
    const report = join(folder, 'report.json');
    const up = documentOf<{ resources: readonly { resource: string; state: string }[]; calls: number }>(await at('up', '--yes', '--report', report), 0);
    const text = await readFile(report, 'utf8');
    assert.doesNotMatch(text, identifying);
    const { resources, calls } = JSON.parse(text) as ReportDocument;
    assert.deepEqual(resources.map(({ resource, state }) => [resource, state]), up.resources.map(({ resource, state }) => [resource, state]));
    assert.equal(calls.length, up.calls);
    for (const { call, at: when, ms, attempts, status } of calls) {
      assert.match(call, /^[a-z0-9]+:[A-Z]\w+$/);
      assert.ok(when >= 0 && ms >= 0 && attempts >= 1 && (status ?? 200) >= 200, JSON.stringify({ call, when, ms, attempts, status }));
    }
    assert.ok(calls.some(({ call, code }) => call === 'iam:GetUser' && code?.startsWith('NoSuchEntity')));
  });

  it('costs: what is there now that is charged, since when, and how much by now', async () => {
    const { resources, perHour, currency, unknown } = documentOf<CostsDocument>(await at('costs'), 0);
    assert.deepEqual([currency, unknown], ['USD', []]);
    assert.deepEqual(resources.filter((each) => each.perHour > 0).map((each) => [each.resource, each.perHour]), [['instance', 0.0113], ['elastic-ip', 0.005], ['quicksight-data-source', 0.033]]);
    assert.equal(perHour, 0.0493);
    const since = Date.parse(resources.find(({ resource }) => resource === 'instance')?.since ?? '');
    assert.ok(Date.now() - since >= 0 && Date.now() - since < 300_000, String(since));
    const { stdout, code } = await cli(['costs', '--endpoint', relay.endpoint, '--lang', 'es'], { env: anyCredentials });
    assert.equal(code, 0);
    assert.match(stdout, /PostgreSQL.*\(instance\) +0,0113 USD por hora.* desde 20\d\d-.*USD hasta ahora/);
  });

  it('costs: what AWS does not show is named and ends with 3', async () => {
    relay.intercept = (call) => (call.name === 'DescribeInstances' ? refusal(call, 'UnauthorizedOperation', 'no', 403) : undefined);
    const { resources, unknown } = documentOf<CostsDocument>(await at('costs'), 3);
    assert.deepEqual(unknown.map(({ resource }) => resource), ['instance']);
    assert.ok(!resources.some(({ resource }) => resource === 'instance'));
  });

  describe('explain', () => {
    before(async () => {
      await clients.glue.send(new CreateTableCommand({ DatabaseName: 'lake_tutorial', TableInput: { Name: 'bronze', StorageDescriptor: { Location: `s3://${bucket}/bronze/`, Columns: [{ Name: 'id', Type: 'int' }] } } }));
    });

    it('the tutorial\'s own may, each door open', async () => {
      for (const principal of [admin, worker]) {
        const result = await explain(0, principal);
        assert.equal(result.verdict, 'allowed', JSON.stringify(result.layers));
        assert.deepEqual(closed(result), []);
      }
      assert.equal((await explain(0, worker, '--location', `s3://${bucket}/bronze`)).verdict, 'allowed');
    });

    it('a grant that was taken away is what is missing, and the fix brings it back', async () => {
      await clients.lakeFormation.send(new RevokePermissionsCommand({ Principal: { DataLakePrincipalIdentifier: admin }, Resource: { Table: { DatabaseName: 'lake_tutorial', TableWildcard: {} } }, Permissions: ['SELECT'] }));
      const result = await explain(1, admin);
      assert.deepEqual(closed(result), ['grant missing']);
      assert.deepEqual(closed(await explain(0, worker)), []);
      await follow(result.fix);
      assert.equal((await explain(0, admin)).verdict, 'allowed');
    });

    it('a policy that was taken away is what IAM lacks, and the fix brings it back', async () => {
      await clients.iam.send(new DeleteUserPolicyCommand({ UserName: 'datalakeadmin', PolicyName: 'AthenaQueryAccess' }));
      const result = await explain(1, admin);
      assert.deepEqual(closed(result), ['iam denied']);
      assert.match(result.layers.find(({ layer }) => layer === 'iam')?.why ?? '', /s3:PutObject on .*\/athena\/\*: no policy allows it/);
      await follow(result.fix);
      assert.equal((await explain(0, admin)).verdict, 'allowed');
    });

    it('who is not there, and what is not, is said in words; a question that makes no sense too', async () => {
      const nobody = await explain(1, arn('user/nobody'));
      assert.match(nobody.layers[0]?.why ?? '', /no user nobody in the account/);
      const nothing = await explain(1, admin, '--table', 'lake_tutorial.nothing');
      assert.deepEqual(closed(nothing), ['table missing']);
      for (const [args, code] of [
        [['--principal', 'datalakeadmin', '--table', 'a.b'], 'explain.principal'], [['--principal', admin, '--table', 'bronze'], 'explain.table'], [['--principal', admin], 'explain.what'],
        [['--principal', admin, '--table', 'a.b', '--action', 'READ'], 'explain.action'], [['--principal', admin, '--location', '/tmp'], 'explain.location'], [['--table', 'a.b'], 'usage'],
      ] as const) {
        const { error } = documentOf<ErrorDocument>(await at('explain', ...args), 2);
        assert.equal(error.code, code);
        assert.ok(error.fix);
      }
    });

    it('for people: the doors, what is missing, and what to do, in Spanish too', async () => {
      const outcome = await cli(['explain', '--endpoint', relay.endpoint, '--principal', arn('user/limited'), '--table', 'lake_tutorial.bronze', '--lang', 'es'], { env: anyCredentials });
      assertNoStack(outcome);
      assert.equal(outcome.code, 1);
      assert.match(outcome.stdout, /^✓ principal \(en orden\)/m);
      assert.match(outcome.stdout, /^✗ grant \(falta\): No tiene ningún permiso sobre lake_tutorial\.bronze\.$/m);
      assert.match(outcome.stdout, /A arn:aws:iam::000000000000:user\/limited le falta SELECT sobre lake_tutorial\.bronze\.\nqué hacer: /);
    });

    it('what AWS does not show is unknown and ends with 3', async () => {
      relay.intercept = (call) => (call.name === 'SimulatePrincipalPolicy' ? refusal(call, 'AccessDenied', 'no', 403) : undefined);
      const result = await explain(3, admin);
      assert.deepEqual([result.verdict, closed(result)], ['unknown', ['iam unknown']]);
    });
  });

  it('a bare moto, which simulates nothing, leaves it unknown, and that is no failure', async () => {
    const { endpoint } = await bareMoto();
    await commandsAt(['--endpoint', endpoint]).up('--step', 'workflow-role');
    const { steps } = documentOf<DoctorDocument>(await cli(['doctor', '--endpoint', endpoint, '--json'], { env: anyCredentials }), 0);
    assert.deepEqual(new Set(steps.map(({ state }) => state)), new Set(['nothing', 'unknown']));
    const outcome = await cli(['explain', '--endpoint', endpoint, '--json', '--principal', `arn:aws:iam::${motoAccount}:role/LakeFormationWorkflowRole`, '--location', 's3://elsewhere'], { env: anyCredentials });
    assert.equal(documentOf<ExplainDocument>(outcome, 0).verdict, 'unknown');
    assert.equal(documentOf<CostsDocument>(await cli(['costs', '--endpoint', endpoint, '--json'], { env: anyCredentials }), 0).perHour, 0);
  });
});
