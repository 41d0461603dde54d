import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { anyCredentials, assertNoStack, cli, commandsAt, documentOf, inState, type ErrorDocument, type UpDocument, type VerifyDocument } from '../support/cli.ts';
import { clientsFor } from '../support/clients.ts';
import { bareMoto, motoAccount, type Moto } from '../support/moto.ts';
import { refusal, startRelay, type Relay } from '../support/relay.ts';

const nowhere = 'http://127.0.0.1:1';
const bucket = `lake-tutorial-${motoAccount}-us-east-2`;

/** Runs a command that must fail, with --json, and returns the error that it tells. */
async function failure(code: number, args: readonly string[], env: Readonly<Record<string, string>> = anyCredentials): Promise<ErrorDocument['error']> {
  const outcome = await cli([...args, '--json'], { env });
  const { error } = documentOf<ErrorDocument>(outcome, code);
  assert.ok(error.message);
  assert.ok(outcome.stderr.includes(error.message), 'the same in prose on stderr');
  return error;
}

describe('CLI: bad input', function () {
  this.timeout(60_000);
  let folder: string;
  let moto: Moto;
  let relay: Relay;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-input-'));
    moto = await bareMoto();
    relay = await startRelay(moto.endpoint);
  });
  beforeEach(() => relay.clear());
  after(async () => {
    await relay?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [what, code, error, args] of [
    ['an unknown step', 2, 'step.unknown', ['plan', '--endpoint', 'MOTO', '--step', 'nonsense']],
    ['an unknown step, for verify', 2, 'step.unknown', ['verify', '--endpoint', 'MOTO', '--step', 'nonsense']],
    ['an unknown step, for up', 2, 'step.unknown', ['up', '--endpoint', 'MOTO', '--yes', '--step', 'nonsense']],
    ['an unknown step, for down', 2, 'step.unknown', ['down', '--endpoint', 'MOTO', '--yes', '--step', 'nonsense']],
    ['a region that is none', 2, 'region.invalid', ['plan', '--target', 'aws', '--region', 'Ohio']],
    ['an endpoint that is no address', 2, 'endpoint.invalid', ['plan', '--endpoint', 'localhost']],
    ['an endpoint whose port is none', 2, 'endpoint.invalid', ['plan', '--endpoint', 'http://127.0.0.1:99999']],
    ['an endpoint with a blank in its host', 2, 'endpoint.invalid', ['plan', '--endpoint', 'http://my host/']],
    ['an empty folder name for a reset', 2, 'usage.empty', ['sandbox', 'reset', '--yes', '--state', '']],
    ['an empty folder name for up', 2, 'usage.empty', ['up', '--yes', '--state', '']],
    ['an empty endpoint', 2, 'usage.empty', ['plan', '--endpoint', '']],
    ['an empty profile', 2, 'usage.empty', ['plan', '--target', 'aws', '--profile', '']],
    ['an empty tutorial', 2, 'usage.empty', ['plan', '--tutorial', '']],
    ['an empty step', 2, 'usage.empty', ['plan', '--step', '']],
    ['a folder for the state that is a file', 2, 'state-folder', ['sandbox', 'start', '--state', 'package.json']],
    ['a folder for the state that is a project', 2, 'state-folder.foreign', ['sandbox', 'reset', '--yes', '--state', 'src']],
    ['a variable without a value', 2, 'usage.var', ['plan', '--endpoint', 'MOTO', '--var', 'bucket']],
    ['a variable whose value does not fit', 2, 'variable.invalid', ['plan', '--endpoint', 'MOTO', '--var', 'account-id=12']],
    ['a bucket name that is none', 2, 'variable.invalid', ['plan', '--endpoint', 'MOTO', '--var', 'bucket=Not A Bucket']],
    ['a schedule that is none', 2, 'variable.invalid', ['plan', '--endpoint', 'MOTO', '--var', 'cron=hourly']],
    ['a version of Glue that the jobs do not run on', 2, 'variable.invalid', ['plan', '--endpoint', 'MOTO', '--var', 'glue-version=4.0']],
    ['a variable that nobody declares', 2, 'variable.invalid', ['plan', '--endpoint', 'MOTO', '--var', 'bukcet=mine']],
    ['no SQL', 2, 'query.empty', ['query', '--endpoint', 'MOTO']],
    ['SQL that is empty', 2, 'query.empty', ['query', ' ', '--endpoint', 'MOTO']],
    ['an unknown flag', 2, 'usage', ['plan', '--nonsense']],
    ['an unknown command', 2, 'usage', ['nonsense']],
    ['a target that is none', 2, 'usage', ['plan', '--target', 'azure']],
    ['a port that is none', 2, 'usage.port', ['sandbox', 'start', '--port', '99999']],
    ['no rows', 2, 'usage.count', ['sandbox', 'insert', '--endpoint', 'MOTO', '--rows', '0']],
    ['rows dated before all time', 2, 'usage.count', ['sandbox', 'insert', '--endpoint', 'MOTO', '--spread-hours', '999999999999']],
    ['fewer events than one', 2, 'usage.count', ['sandbox', 'tick', '--count', '-1']],
    ['an endpoint that is down', 3, 'aws.unreachable', ['plan', '--endpoint', nowhere]],
    ['a profile that does not exist', 3, 'aws.credentials', ['plan', '--target', 'aws', '--profile', 'nonsense']],
  ] as const) {
    it(`${what}: ${error}, exit ${code}`, async () => {
      assert.equal((await failure(code, args.map((argument) => (argument === 'MOTO' ? moto.endpoint : argument)))).code, error);
    });
  }

  it('an empty LAKE_TUTORIAL_HOME: usage.empty, exit 2', async () => {
    assert.equal((await failure(2, ['sandbox', 'reset', '--yes'], { LAKE_TUTORIAL_HOME: '' })).code, 'usage.empty');
  });

  it('no credentials: aws.credentials, exit 3, and how to get some', async () => {
    for (const target of [['--target', 'aws'], ['--endpoint', moto.endpoint]]) {
      const error = await failure(3, ['plan', ...target], {});
      assert.equal(error.code, 'aws.credentials');
      assert.match(error.fix ?? '', /aws configure sso/);
    }
    assert.match((await failure(3, ['plan', '--target', 'aws', '--profile', 'nope'], {})).message, /The profile "nope"/);
  });

  it('an expired token: aws.expired, exit 3', async () => {
    relay.intercept = (call) => refusal(call, 'ExpiredToken', 'The security token included in the request is expired', 403);
    for (const command of [['plan'], ['verify'], ['up', '--yes'], ['down', '--yes']]) {
      assert.equal((await failure(3, [...command, '--endpoint', relay.endpoint])).code, 'aws.expired');
    }
  });

  it('a tutorial that cannot be read or is broken: exit 2, with the place', async () => {
    assert.equal((await failure(2, ['plan', '--endpoint', moto.endpoint, '--tutorial', join(folder, 'none.md')])).code, 'tutorial.unreadable');
    const broken = join(folder, 'broken.md');
    await writeFile(broken, '---\nlake: [\n---\n# A tutorial\n\n## 1. A step\n\nText.\n');
    const error = await failure(2, ['plan', '--endpoint', moto.endpoint, '--tutorial', broken]);
    assert.equal(error.code, 'tutorial.broken');
    assert.match(error.message, /line \d+, column \d+/);
    await writeFile(broken, '---\nlake: 1\n---\n# A tutorial\n\n<!-- lake:step id=one provisions=nonsense -->\n## 1. A step\n\nText.\n');
    assert.match((await failure(2, ['plan', '--endpoint', moto.endpoint, '--tutorial', broken])).code, /^(kind\.unknown|tutorial\.broken)$/);
  });

  it('a tutorial that declares nothing: nothing is done and nothing failed, and each command says once how to declare it', async () => {
    const plain = join(folder, 'plain.md');
    await writeFile(plain, '# A tutorial\n\n## 1. One\n\nText.\n\n## 2. Two\n\nText.\n');
    const report = join(folder, 'plain.xml');
    const told = /<!-- lake:step id=\S+ provisions=\S+ -->/g;
    const verified = await cli(['verify', '--endpoint', moto.endpoint, '--tutorial', plain, '--junit', report], { env: anyCredentials });
    assert.equal(verified.code, 0);
    assert.match(verified.stdout, /^- \S+: One \(nothing to check\)\n- \S+: Two \(nothing to check\)\n\n0 of 2 steps are done\.\n/);
    assert.equal(verified.stdout.match(told)?.length, 1);
    assert.match(await readFile(report, 'utf8'), /tests="2" failures="0" errors="0" skipped="2"/);
    for (const command of [['plan'], ['up', '--yes']]) {
      const { code, stderr } = await cli([...command, '--endpoint', moto.endpoint, '--tutorial', plain], { env: anyCredentials });
      assert.equal(code, 0);
      assert.equal(stderr.match(told)?.length, 1, stderr);
    }
    const error = await failure(2, ['verify', '--endpoint', moto.endpoint, '--tutorial', plain, '--junit', join(folder, 'none', 'report.xml')]);
    assert.equal(error.code, 'report.unwritable');
  });

  it('a service that is denied: the rest is provisioned, exit 3, and the permission is named', async () => {
    relay.intercept = (call) => (call.name === 'CreateUser' ? refusal(call, 'AccessDenied', 'User is not authorized to perform: iam:CreateUser', 403) : undefined);
    const outcome = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json', '--step', 'admin-user', '--step', 'bucket'], { env: anyCredentials });
    const { resources } = documentOf<UpDocument>(outcome, 3);
    assert.equal(resources.find(({ resource }) => resource === 'admin-user')?.error?.code, 'aws.denied');
    assert.equal(resources.find(({ resource }) => resource === 'bucket')?.state, 'created');
    assert.match(outcome.stderr, /iam:CreateUser/);
    await moto.reset();
  });

  it('an inserter that may not be invoked: aws.denied, exit 3, and the permission', async () => {
    relay.intercept = (call) => (call.service === 'lambda' ? refusal(call, 'AccessDenied', 'User is not authorized to perform: lambda:InvokeFunction', 403) : undefined);
    const error = await failure(3, ['sandbox', 'insert', '--endpoint', relay.endpoint, '--rows', '1']);
    assert.equal(error.code, 'aws.denied');
    assert.match(error.fix ?? '', /lambda:InvokeFunction/);
  });

  it("a bucket name that is somebody else's: bucket.taken, exit 3, and another name works", async () => {
    const head = (status: number) => (call: Parameters<NonNullable<Relay['intercept']>>[0]) =>
      call.service !== 's3' || !call.path.startsWith(`/${bucket}`)
        ? undefined
        : call.method === 'HEAD'
          ? { status }
          : call.method === 'PUT'
            ? refusal(call, 'BucketAlreadyExists', 'The requested bucket name is not available.', 409)
            : refusal(call, status === 403 ? 'AccessDenied' : 'NoSuchBucket', 'no', status);
    // Seen when looking; and, where somebody was quicker, when making it.
    for (const status of [403, 404]) {
      relay.intercept = head(status);
      const outcome = await cli(['up', '--endpoint', relay.endpoint, '--yes', '--json', '--step', 'zones'], { env: anyCredentials });
      const { resources } = documentOf<UpDocument>(outcome, 3);
      assert.equal(resources.find(({ resource }) => resource === 'bucket')?.error?.code, 'bucket.taken', String(status));
      assert.equal(resources.find(({ resource }) => resource === 'zones')?.state, 'blocked');
      assert.match(outcome.stderr, /--var bucket=NAME/);
    }
    relay.intercept = head(403);
    const { steps } = documentOf<VerifyDocument>(await cli(['verify', '--endpoint', relay.endpoint, '--json', '--step', 'bucket'], { env: anyCredentials }), 1);
    assert.deepEqual(steps[0]?.findings.map(({ code }) => code), ['bucket.taken']);
    const other = await commandsAt(['--endpoint', relay.endpoint]).up('--step', 'zones', '--var', 'bucket=a-name-of-my-own');
    assert.deepEqual(inState(other, 'failed', 'blocked'), []);
    assert.deepEqual((await clientsFor(moto.endpoint).s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name), ['a-name-of-my-own']);
    await moto.reset();
  });

  it('the bucket in another region: bucket.region, exit 3', async () => {
    await clientsFor(moto.endpoint, 'eu-west-1').s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
    const { resources } = documentOf<UpDocument>(await cli(['up', '--endpoint', moto.endpoint, '--yes', '--json', '--step', 'bucket'], { env: anyCredentials }), 3);
    assert.equal(resources[0]?.error?.code, 'bucket.region');
    await moto.reset();
  });

  it('a count without its flag: usage, exit 2, and the flag', async () => {
    for (const [command, flagged] of [[['insert', '50'], 'insert --rows 50'], [['tick', '5'], 'tick --count 5']] as const) {
      const error = await failure(2, ['sandbox', ...command]);
      assert.equal(error.code, 'usage');
      assert.equal(error.fix, `lake-tutorial sandbox ${flagged}`);
    }
  });

  it('SQL without quotes: usage.sql, exit 2, and how it is given', async () => {
    const error = await failure(2, ['query', 'SELECT', '1']);
    assert.equal(error.code, 'usage.sql');
    assert.match(error.fix ?? '', /query "SELECT 1"/);
  });

  it('a reader that has had enough: the command ends as if it had read all', async () => {
    const { code, stderr } = await cli(['policy', '--list'], { onStart: (child) => child.stdout?.destroy() });
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('the help says what each command of the sandbox does', async () => {
    const { stdout } = await cli(['sandbox', '--help']);
    for (const command of ['start', 'stop', 'status', 'reset', 'tick', 'insert']) {
      assert.match(stdout, new RegExp(`^  ${command} \\[options\\] +\\w`, 'm'));
    }
  });

  it('plan for people: the changes by title and id, what costs how much, and no charge in the sandbox alone', async () => {
    const { stdout, code } = await cli(['plan', '--endpoint', moto.endpoint, '--lang', 'es'], { env: anyCredentials });
    assert.equal(code, 0);
    assert.match(stdout, /^bucket +crear +Bucket de S3 \(bucket\)/m);
    assert.match(stdout, /Instancia EC2 t3\.micro +0,0104 USD por hora/);
    assert.doesNotMatch(stdout, /no se cobra nada/, 'whose endpoint it is, is not known');
  });

  it('speaks Spanish with --lang es; codes and ids stay', async () => {
    const spanish = await failure(2, ['plan', '--endpoint', moto.endpoint, '--step', 'nonsense', '--lang', 'es']);
    const english = await failure(2, ['plan', '--endpoint', moto.endpoint, '--step', 'nonsense']);
    assert.equal(spanish.code, english.code);
    assert.notEqual(spanish.message, english.message);
    assert.match(spanish.message, /El tutorial no tiene/);
    const [es, en] = await Promise.all(['es', 'en'].map((lang) => commandsAt(['--endpoint', moto.endpoint]).verify(1, '--lang', lang)));
    const shape = (document: VerifyDocument) => document.steps.map(({ id, state, findings }) => [id, state, findings.map(({ code }) => code)]);
    assert.deepEqual(shape(es!), shape(en!));
    assert.notEqual(es?.steps[1]?.findings[0]?.message, en?.steps[1]?.findings[0]?.message);
  });

  it('wrong flags and commands: what was meant or what there is, in Spanish too', async () => {
    for (const [args, message, fix, mensaje, arreglo] of [
      [['plan', '--stpe', 'bucket'], /no flag --stpe/, /mean --step\?/, /opción --stpe/, /decir --step\?/],
      [['plan', '--nonsense'], /no flag --nonsense/, /lake-tutorial plan --help/, /opción --nonsense/, /lake-tutorial plan --help/],
      [['sandbox', 'strat'], /no command "strat"/, /mean start\?/, /comando "strat"/, /decir start\?/],
      [['plan', '--target', 'azure'], /--target .*"azure"/, /sandbox, aws/, /no admite "azure"/, /Admite: sandbox, aws/],
      [['plan', 'bucket'], /more arguments/, /plan --help/, /más argumentos/, /plan --help/],
    ] as const) {
      const [english, spanish] = await Promise.all([failure(2, args), failure(2, [...args, '--lang=es'])]);
      assert.match(english.message, message);
      assert.match(english.fix ?? '', fix);
      assert.match(spanish.message, mensaje);
      assert.match(spanish.fix ?? '', arreglo);
    }
    const { code, stderr } = await cli(['plan', '--region']);
    assert.deepEqual([code, stderr.split('\n')[0]], [2, '--region <region> needs a value.']);
  });

  it('the help speaks Spanish with --lang es', async () => {
    for (const args of [[], ['plan'], ['up'], ['query'], ['doctor'], ['explain'], ['costs'], ['policy'], ['sandbox'], ['sandbox', 'start'], ['sandbox', 'tick'], ['sandbox', 'insert']]) {
      const { stdout, code } = await cli([...args, '--help', '--lang', 'es']);
      assert.equal(code, 0);
      assert.match(stdout, /^Uso: lake-tutorial.*\[opciones\]/);
      assert.doesNotMatch(stdout, /Usage|Options|Commands:|Arguments|\[options\]|\[command\]|display|choices|default|\bthe\b/, args.join(' '));
    }
  });

  it('a command that is not complete: its help, exit 2', async () => {
    const { code, stderr, stdout } = await cli(['sandbox']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: lake-tutorial sandbox/);
  });

  it('a step that provisions nothing says so, and the one that cleans up what does it', async () => {
    for (const [command, step, hint] of [['plan', 'account', false], ['plan', 'teardown', true], ['up', 'teardown', true]] as const) {
      const { code, stdout, stderr } = await cli([command, '--endpoint', moto.endpoint, '--step', step], { env: anyCredentials });
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), 'What was asked for provisions nothing.');
      assert.equal(stderr.includes('lake-tutorial down'), hint);
    }
  });

  it('the stopped sandbox: sandbox.stopped, exit 3, and how to start it, whatever needs it', async () => {
    const env = { LAKE_TUTORIAL_HOME: folder };
    for (const command of [['plan'], ['query', 'SELECT 1'], ['sandbox', 'tick'], ['sandbox', 'insert'], ['policy', 'UserPassRole', '--target', 'sandbox']]) {
      const error = await failure(3, command, env);
      assert.equal(error.code, 'sandbox.stopped', command.join(' '));
      assert.match(error.fix ?? '', /lake-tutorial sandbox start/);
    }
  });

  it('without --json says the same in prose', async () => {
    const outcome = await cli(['plan', '--endpoint', nowhere], { env: anyCredentials });
    assertNoStack(outcome);
    assert.equal(outcome.code, 3);
    assert.equal(outcome.stdout, '');
    assert.match(outcome.stderr, /could not be reached/);
    assert.ok(outcome.stderr.trim().split('\n').length <= 4, outcome.stderr);
  });
});

describe('CLI: policy', function () {
  this.timeout(30_000);
  const policy = (...args: string[]) => cli(['policy', ...args]);

  it('prints each policy for an account without any call', async () => {
    const names = (await policy('--list')).stdout.trim().split('\n').map((line) => line.split(' ')[0] ?? '');
    for (const name of ['LakeFormationSLR', 'UserPassRole', 'LakeFormationWorkflow']) {
      assert.ok(names.includes(name), name);
    }
    await Promise.all(names.map(async (name) => {
      const text = JSON.stringify(documentOf(await policy(name, '--account', '210987654321'), 0));
      assert.match(text, /"Version":"2012-10-17"/, name);
      assert.doesNotMatch(text, /<|>|account.id|000000000000/, name);
    }));
    assert.match((await policy('UserPassRole', '--account', '210987654321')).stdout, /"arn:aws:iam::210987654321:role\/LakeFormationWorkflowRole"/);
  });

  it('knows each by the prefix of its snippet too', async () => {
    assert.equal((await policy('lf-passrole', '--account', '210987654321')).stdout, (await policy('UserPassRole', '--account', '210987654321')).stdout);
    assert.equal((await policy('lf-permissions', '--account', '210987654321')).code, 0);
  });

  it("follows the region's partition", async () => {
    assert.match((await policy('UserPassRole', '--account', '210987654321', '--region', 'cn-north-1')).stdout, /"arn:aws-cn:iam::/);
  });

  it('lists each with what it is for, and without a name says that none is named', async () => {
    assert.match((await policy('--list')).stdout, /^UserPassRole +\S+ \S+ /m);
    const error = await failure(2, ['policy']);
    assert.equal(error.code, 'policy.unknown');
    assert.doesNotMatch(error.message, /""/);
    assert.match(error.fix ?? '', /policy --list/);
  });

  it('lists as JSON', async () => {
    const listed = documentOf<{ name: string; use: string; prefix: string }[]>(await policy('--list', '--json'), 0);
    assert.equal(listed.find(({ name }) => name === 'LakeFormationSLR')?.prefix, 'lf-slr');
    assert.deepEqual(listed.filter(({ use }) => use === '').map(({ name }) => name), []);
  });

  it('prints the permissions for all steps, or for those that are named', async () => {
    const actions = (text: string): string[] => [...text.matchAll(/"(\w+:[A-Z]\w+)"/g)].map(([, action = '']) => action);
    const all = await policy('LakeTutorialPermissions', '--account', '210987654321');
    assert.equal(all.code, 0);
    assert.match(all.stderr, /6144.* --part 1 to --part 2/s);
    const parts = await Promise.all([1, 2].map(async (part) => {
      const outcome = await policy('LakeTutorialPermissions', '--account', '210987654321', '--part', String(part));
      assert.equal(outcome.stderr, '');
      return documentOf<{ Statement: unknown[] }>(outcome, 0).Statement;
    }));
    assert.deepEqual(parts.flat(), documentOf<{ Statement: unknown[] }>(all, 0).Statement);
    assert.equal((await failure(2, ['policy', 'LakeTutorialPermissions', '--account', '210987654321', '--part', '3'])).code, 'policy.part');
    const bucket = await policy('laketutorialpermissions', '--account', '210987654321', '--step', 'bucket');
    assert.equal(bucket.stderr, '');
    assert.ok(actions(bucket.stdout).every((action) => action.startsWith('s3:')) && actions(bucket.stdout).length < actions(all.stdout).length);
    assert.doesNotMatch(all.stdout, /quicksight/);
    assert.match((await policy('LakeTutorialPermissions', '--account', '210987654321', '--step', 'visualize', '--quicksight')).stdout, /quicksight:CreateDashboard/);
    assert.equal((await failure(2, ['policy', 'LakeTutorialPermissions', '--account', '210987654321', '--step', 'nonsense'])).code, 'step.unknown');
  });

  it('takes the account that the profile or the access key names while AWS does not answer, and says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lake-policy-'));
    const config = join(folder, 'config');
    await writeFile(config, '[profile school]\nsso_account_id = 222233334444\nrole_arn = arn:aws-cn:iam::333344445555:role/x\nsource_profile = none\n[profile beijing]\nsso_account_id = 444455556666\nregion = cn-north-1\n');
    const named = await cli(['policy', 'UserPassRole', '--endpoint', nowhere, '--profile', 'school', '--region', 'cn-north-1'], { env: { AWS_CONFIG_FILE: config } });
    assert.match(named.stdout, /arn:aws-cn:iam::333344445555:role/);
    assert.match(named.stderr, /333344445555/);
    const elsewhere = await cli(['policy', 'AthenaQueryAccess', '--endpoint', nowhere, '--profile', 'beijing'], { env: { AWS_CONFIG_FILE: config } });
    assert.match(elsewhere.stdout, /arn:aws-cn:athena:cn-north-1:444455556666:/);
    await rm(folder, { recursive: true });
    const keyed = await cli(['policy', 'UserPassRole', '--endpoint', nowhere], { env: { AWS_ACCESS_KEY_ID: 'ASIAY34FZKBOKMUTVV7A', AWS_SECRET_ACCESS_KEY: 'x' } });
    assert.match(keyed.stdout, /arn:aws:iam::609629065308:role/);
    // An id of the old kind names none.
    const error = await failure(2, ['policy', 'UserPassRole', '--endpoint', nowhere]);
    assert.equal(error.code, 'account.unknown');
    assert.match(error.fix ?? '', /--account/);
  });

  it('refuses an unknown name, a bad account, and to guess the account', async () => {
    assert.equal((await failure(2, ['policy', 'nonsense', '--account', '210987654321'])).code, 'policy.unknown');
    assert.equal((await failure(2, ['policy', 'UserPassRole', '--account', '12'])).code, 'account.invalid');
    const error = await failure(2, ['policy', 'UserPassRole'], {});
    assert.equal(error.code, 'account.unknown');
    assert.match(error.fix ?? '', /--account/);
  });

  it('takes the region of the profile, where none is given', async () => {
    const home = await mkdtemp(join(tmpdir(), 'lake-profile-'));
    const config = join(home, 'config');
    await writeFile(config, '[profile beijing]\nregion = cn-north-1\n');
    const policy = async (...args: string[]): Promise<string> => (await cli(['policy', 'LakeBucketAccess', '--target', 'aws', '--account', '123456789012', '--profile', 'beijing', ...args], { env: { ...anyCredentials, AWS_CONFIG_FILE: config } })).stdout;
    assert.match(await policy(), /arn:aws-cn:s3:::/);
    assert.match(await policy('--region', 'us-east-1'), /arn:aws:s3:::/);
    await rm(home, { recursive: true });
  });
});

it('The CLI of the repository is the one that package.json names', async () => {
  const { bin, version } = JSON.parse(await readFile('package.json', 'utf8')) as { bin: Record<string, string>; version: string };
  assert.equal(bin['lake-tutorial'], './dist/cli.js');
  assert.equal((await cli(['--version'])).stdout.trim(), version);
});
