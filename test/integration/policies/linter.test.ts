import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { json, text } from 'node:stream/consumers';
import type { PolicyDocument } from '../../../src/policies/document.ts';
import { policyLiteral } from '../../../src/policies/literal.ts';
import { policies } from '../../../src/policies/policies.ts';
import { permissionsFor, permissionsPolicy } from '../../../src/provision/permissions.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { deriveNames, type Names } from '../../../src/resources/names.ts';
import { prepareEnvironment } from '../../../src/sandbox/control/python-environment.ts';
import { withLock } from '../../../src/sandbox/kernel/lock-file.ts';

interface Finding {
  readonly issue: string;
  readonly severity: 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'MUTE';
  readonly detail: string;
}

/** A Python environment of its own, kept between runs: parliament has other needs than the sandbox. */
async function linterPython(): Promise<string> {
  const folder = resolve(process.env['LAKE_TUTORIAL_TEST_ENV'] ?? '.cache/test-state', 'policy-linter');
  await mkdir(folder, { recursive: true });
  return withLock(join(folder, 'lock'), () => prepareEnvironment({ folder: join(folder, 'environment'), requirements: [join(import.meta.dirname, 'requirements.txt')] }));
}

async function ask<T>(python: string, script: string, question: unknown): Promise<T> {
  const child = spawn(python, [join(import.meta.dirname, script)], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(question));
  const [answer, problems] = await Promise.all([json(child.stdout).catch(() => undefined), text(child.stderr)]);
  assert.ok(answer !== undefined, problems);
  return answer as T;
}

const places: readonly Names[] = ([['aws', 'us-east-2'], ['aws-cn', 'cn-north-1'], ['aws-us-gov', 'us-gov-west-1']] as const).map(([partition, region]) =>
  deriveNames('data-lake', { accountId: '111122223333', partition }, region, {}));

/** What parliament says of medium severity and above that is not so, and why. */
const explained: readonly (readonly [issue: string, detail: RegExp, why: string])[] = [
  ['RESOURCE_MISMATCH', /^\[(\{'action': 'athena:(ListTagsForResource|TagResource)', 'required_format': 'arn:\*:athena:\*:\*:(capacity-reservation|datacatalog)\/\*'\}(, )?)+\]$/,
    'Athena tags three types of things and parliament takes all three for needed at once; we tag the work group.'],
  ['RESOURCE_MISMATCH', /^\[\{'action': 'ssm:SendCommand', 'required_format': 'arn:\*:ssm:\*:\*:document\/\*'\}\]$/,
    'The document is in another statement: the condition that keeps commands to our own instance must not hold for it, since it carries no tag of ours.'],
];
const isGrave = ({ severity }: Finding): boolean => ['MEDIUM', 'HIGH', 'CRITICAL'].includes(severity);

describe('parliament on every policy that we generate', function () {
  this.timeout(300_000);
  let python: string;
  const lint = (documents: Readonly<Record<string, unknown>>): Promise<Record<string, Finding[]>> => ask(python, 'lint.py', documents);

  before(async () => {
    python = await linterPython();
  });

  it('would tell a bad one', async () => {
    const allow = (statement: object): object => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
    const found = await lint({
      action: allow({ Action: 's3:GetObjects', Resource: '*' }),
      resource: allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket' }),
      placeholder: allow({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::<>account-id:role/x' }),
    });
    for (const [name, findings] of Object.entries(found)) assert.ok(findings.some(({ severity }) => severity !== 'MUTE'), name);
    assert.ok(found['resource']?.some(isGrave));
  });

  it('finds nothing of medium severity or above that is not explained here', async () => {
    const documents = new Map<string, PolicyDocument>();
    for (const names of places) {
      for (const { name, document, kind } of policies) {
        const made = document(names);
        // IAM forbids a Resource in a role's trust policy, which parliament does not know: without one it would not look any further.
        const complete = { ...made, Statement: made.Statement.map((statement) => ({ ...statement, Resource: `arn:${names.partition}:iam::${names.account}:role/${names.workflowRole}` })) };
        documents.set(`${name} ${names.partition}`, kind === 'trust' ? complete : made);
      }
      documents.set(`permissions ${names.partition}`, permissionsPolicy(catalogue).document(names));
      for (const kind of catalogue) documents.set(`permissions for ${kind.id} ${names.partition}`, permissionsFor([kind], names));
    }
    const found = await lint(Object.fromEntries(documents));
    assert.equal(Object.keys(found).length, documents.size);
    const used = new Set<string>();
    const grave = Object.entries(found).flatMap(([name, findings]) => findings.filter((finding) => {
      const explanation = explained.find(([issue, detail]) => issue === finding.issue && detail.test(finding.detail));
      if (explanation) used.add(explanation[2]);
      return isGrave(finding) && !explanation;
    }).map((finding) => ({ name, ...finding })));
    assert.deepEqual(grave, []);
    assert.equal(used.size, explained.length, 'an explanation that explains nothing');
  });

  it('finds a star only where there is nothing else, or AWS\'s own documentation has it', async () => {
    const [names] = places;
    assert.ok(names);
    const found = await lint({ ...Object.fromEntries(policies.map(({ name, document }) => [name, document(names)])), permissions: permissionsPolicy(catalogue).document(names) });
    const stars = Object.entries(found).filter(([, findings]) => findings.some(({ issue }) => issue === 'RESOURCE_STAR')).map(([name]) => name);
    assert.deepEqual(stars, ['LakeFormationSLR', 'RAMAccess']);
  });

  it('and Python and HCL read them as what they say', async () => {
    const [names] = places;
    assert.ok(names);
    const all = [...policies, permissionsPolicy(catalogue)].map((policy) => ({ name: policy.name, document: policy.document(names) }));
    for (const language of ['python', 'hcl'] as const) {
      const read = await ask<unknown[]>(python, 'read.py', all.map(({ name, document }) => ({ language, text: policyLiteral(document, name, language, 'argument') })));
      assert.deepEqual(read, all.map(({ document }) => document), language);
    }
  });
});
