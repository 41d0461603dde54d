import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { partsOf, permissionsPolicy } from '../../../src/provision/permissions.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { deriveNames } from '../../../src/resources/names.ts';
import { startSandbox } from '../../../src/sandbox/control/sandbox.ts';
import { sharedPython, temporaryState } from '../sandbox/support.ts';
import { cli } from '../support/cli.ts';
import { clientsFor } from '../support/clients.ts';
import { drifts, sandboxDrifts } from '../support/drifts.ts';
import { startRelay, type Relay, type RelayedCall } from '../support/relay.ts';

interface Findings {
  readonly problems: readonly string[];
  readonly checks: readonly (readonly [call: string, action: string, resource: string])[];
  readonly calls: number;
}

const names = deriveNames('data-lake', { accountId: '000000000000', partition: 'aws' }, 'us-east-2', {});
const list = (value: string | readonly string[] | undefined): readonly string[] => (typeof value === 'string' ? [value] : (value ?? []));

/** What is asked for and no call of this lake needs, and when one does. */
const elsewhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['athena:UpdateWorkGroup', 'glue:UpdateCrawler', 'glue:UpdateTrigger', 'glue:UpdateWorkflow', 'iam:UpdateAssumeRolePolicy', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'ec2:ModifyInstanceAttribute']
      .map((action) => [action, 'up, when just that was changed by hand']),
  ),
  'ec2:StartInstances': 'up, when the instance was stopped',
  'iam:DeleteAccessKey': 'down, when the administrator was given a key',
  'iam:RemoveUserFromGroup': 'down, when the administrator was put into a group',
  's3:DeleteObjectVersion': 'down, when the bucket keeps versions',
  'glue:StopWorkflowRun': 'run, when it is cancelled',
  'glue:GetJobRuns': 'verify, when the result of a job is missing',
  ...Object.fromEntries(['glue:GetPartitions', 'lakeformation:GetDataAccess', 's3:GetBucketLocation'].map((action) => [action, 'Athena, on behalf of whoever queries, and the previews'])),
};

/** One recorded lake, made by somebody who has "the permissions I need" and no other: the sandbox judges each call by them. */
describe('every call of a lake: by the permissions that are shown, and by AWS\'s own models', function () {
  this.timeout(300_000);
  let remove: (() => Promise<void>) | undefined;
  let relay: Relay;
  const recorded: RelayedCall[] = [];
  const denied: string[] = [];
  let findings: Findings;

  before(async () => {
    const place = await temporaryState();
    remove = place.remove;
    const { endpoint } = await startSandbox({ state: place.state });
    const clients = clientsFor(endpoint ?? '');
    const { iam } = clients;
    await iam.send(new CreateUserCommand({ UserName: 'learner' }));
    for (const [at, part] of partsOf(permissionsPolicy(catalogue).document(names)).entries()) {
      await iam.send(new PutUserPolicyCommand({ UserName: 'learner', PolicyName: `LakeTutorialPermissions${at}`, PolicyDocument: JSON.stringify(part) }));
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'learner' }));
    const env = { AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '', AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '' };
    relay = await startRelay(endpoint ?? '');
    relay.done = (call, status, answer) => {
      recorded.push(call);
      if (status === 403 || /AccessDenied|UnauthorizedOperation/.test(answer.slice(0, 2000))) {
        denied.push(`${call.service} ${call.name}: ${/[Mm]essage"?[>:] ?"?([^<"]*)/.exec(answer)?.[1] ?? answer.slice(0, 300)}`);
      }
    };
    const at = ['--endpoint', relay.endpoint];
    const command = async (name: string, ...args: string[]) => {
      const outcome = await cli([name, ...at, '--json', ...args], { env });
      const failed = (JSON.parse(outcome.stdout || '{}') as { resources?: readonly { state: string }[] }).resources?.filter(({ state }) => /failed|blocked/.test(state));
      assert.equal(outcome.code, 0, `${name}: ${outcome.stderr}${failed ? JSON.stringify(failed, null, 1) : outcome.stdout.slice(0, 2000)}\n${denied.join('\n')}`);
    };
    const lambda = new LambdaClient({ endpoint: relay.endpoint, region: names.region, credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY } });
    const invoke = () => lambda.send(new InvokeCommand({ FunctionName: `${names.prefix}-inserter`, Payload: Buffer.from('{"batch":20,"spread_hours":1}') }));
    try {
      await command('plan');
      await command('up', '--yes');
      // The account's owner spoils it, and it is repaired.
      for (const drift of [...drifts, ...sandboxDrifts]) {
        await drift.by(clients, '000000000000');
      }
      await command('up', '--yes');
      await invoke();
      await command('run');
      await command('verify');
      await command('query', `SELECT count(*) FROM ${names.lakeDatabase}.bronze_random_data`);
      await command('down', '--yes');
    } catch (error) {
      throw new Error(`${String(error)}\n${denied.join('\n')}`);
    }
    findings = await judge(recorded);
  });
  after(async () => {
    await relay?.stop();
    await remove?.();
  });

  it('are allowed, each of them', () => {
    assert.ok(recorded.length > 200, String(recorded.length));
    // Until the caller is an administrator of the lake, Lake Formation hides what is in the catalog; that it is looked at again afterwards, the lake shows.
    assert.deepEqual(denied.filter((each) => each !== 'glue GetDatabase: Insufficient Lake Formation permission(s): Required Create Database on Catalog'), []);
  });

  it('use all that is asked for', () => {
    const used = new Set(findings.checks.map(([, action]) => action));
    const asked = permissionsPolicy(catalogue).document(names).Statement.flatMap(({ Action }) => list(Action));
    assert.deepEqual([...new Set(asked)].filter((action) => !used.has(action)).sort(), Object.keys(elsewhere).sort());
  });

  it('fit the models: members, types, enums, lengths, patterns', () => {
    assert.deepEqual(findings.problems, []);
  });
});

async function judge(calls: readonly RelayedCall[]): Promise<Findings> {
  const child = spawn(await sharedPython(), [resolve(import.meta.dirname, 'models.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(calls.map(({ service, region, method, path, headers, body }) => ({ service, region, method, path, headers, body: Buffer.from(body, 'latin1').toString('base64') }))));
  const parts: Buffer[] = [];
  for await (const part of child.stdout) {
    parts.push(part as Buffer);
  }
  return JSON.parse(Buffer.concat(parts).toString()) as Findings;
}
