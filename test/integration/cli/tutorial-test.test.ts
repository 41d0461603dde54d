import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../../../src/sandbox/kernel/processes.ts';
import { runningFile, temporaryState } from '../sandbox/support.ts';
import { cli, documentOf, type ErrorDocument, type Outcome } from '../support/cli.ts';

interface TestDocument {
  readonly steps: readonly { readonly id: string; readonly state: string; readonly ms: number; readonly findings: readonly { readonly code: string; readonly message: string; readonly fix: string; readonly line: number; readonly note?: true }[] }[];
  readonly breaks?: readonly { readonly id: string; readonly resource: string; readonly seenBy: string | null; readonly helped: boolean; readonly where: { readonly line: number } | null; readonly repaired: boolean }[];
}

const passRole = (account: string, extra = ''): string => `\`\`\`json lake:policy=UserPassRole
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "PassRolePermissions",
      "Effect": "Allow",
      "Action": ["iam:PassRole"${extra}],
      "Resource": "arn:<partition>:iam::${account}:role/LakeFormationWorkflowRole"
    }
  ]
}
\`\`\`
`;
const calls = (...lines: readonly string[]): string => ['```sh lake:verify', ...lines, '```', ''].join('\n');
const step = (id: string, provisions: string, ...blocks: readonly string[]): string => `## ${id}\n<!-- lake:step id=${id}${provisions && ` provisions=${provisions}`} -->\n\nText.\n\n${blocks.join('\n')}\n`;
const tutorial = (...steps: readonly string[]): string => `---\nlake: 1\ntitle: Small\nvars:\n  region: { default: us-west-2 }\n---\n# Small\n\n${steps.join('\n')}`;

const good = tutorial(
  step('identity', '', calls('# Who calls?', 'aws sts get-caller-identity')),
  step('user', 'admin-user', passRole('<account-id>')),
  step('bucket', 'bucket', calls('$ aws s3api head-bucket \\', '    --bucket <bucket>', 'bucket', "aws --region <region> s3api get-public-access-block --bucket=<bucket> --query 'PublicAccessBlockConfiguration.BlockPublicAcls'"), '**If it fails**\n\n- Public access is open: block it.\n'),
  step('zones', 'zones', calls("aws s3api list-objects-v2 --bucket <bucket> --delimiter / --query 'CommonPrefixes[].Prefix'", 'aws ec2 describe-vpcs --filters Name=is-default,Values=true,false Name=state,Values=available')),
  step('reading', ''),
  step('clean-up', '').replace('## clean-up', '## Clean up'),
);

const lineOf = (text: string, part: string, after = 0): number => text.slice(0, text.indexOf(part, after)).split('\n').length;

describe("CLI: a tutorial's steps as tests", function () {
  this.timeout(120_000);
  let folder: string;
  let state: string;
  let remove: () => Promise<void>;
  /** Where temporary folders go, so that none of another test is taken for ours. */
  let temporary: string;

  before(async () => {
    ({ state, remove } = await temporaryState());
    folder = await mkdtemp(join(tmpdir(), 'lake-tutorials-'));
    temporary = await mkdtemp(join(tmpdir(), 'lake-tmp-'));
  });
  after(async () => {
    await remove();
    await Promise.all([folder, temporary].map((each) => rm(each, { recursive: true, force: true })));
  });

  const borrowed = async (): Promise<string[]> => (await readdir(temporary)).filter((name) => name.startsWith('lake-tutorial-borrowed-')).map((name) => join(temporary, name));
  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }
  const test = (args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<Outcome> =>
    cli(['test', ...args], { env: { LAKE_TUTORIAL_HOME: state, TMPDIR: temporary, TEMP: temporary, TMP: temporary }, ...(onStart && { onStart }) });

  it('pass in their order, with their blocks; what is no test is none; nothing stays, and the own sandbox is not touched', async () => {
    const [path, junit] = [await file('good.md', good), join(folder, 'good.xml')];
    const document = documentOf<TestDocument>(await test([path, '--json', '--junit', junit]), 0);
    assert.deepEqual(document.steps.map(({ id, state: seen }) => `${id} ${seen}`), ['identity done', 'user done', 'bucket done', 'zones done', 'reading nothing', 'clean-up done']);
    assert.deepEqual(document.steps.flatMap(({ findings }) => findings), []);
    const xml = await readFile(junit, 'utf8');
    assert.match(xml, /<testsuite [^>]*tests="6" failures="0" errors="0" skipped="1"/);
    assert.deepEqual(await borrowed(), []);
    assert.deepEqual((await readdir(state)).filter((name) => !/^(environment|start\.lock|lake-tutorial-sandbox\.json)/.test(name)), []);
  });

  it('fail at their lines: a call, a call that changes something, placeholders, a policy; and JUnit has them', async () => {
    const bad = tutorial(
      step('user', 'admin-user', passRole('<acount-id>'), passRole('<>account-id'), passRole('<account-id>', ', "iam:GetRole"'), passRole('<account-id>').replace('UserPassRole', 'NoSuchPolicy')),
      step('bucket', 'bucket', calls('aws s3api head-bucket --bucket no-such-bucket', 'aws s3api delete-bucket --bucket <bucket>', 'aws s3api head-bucket --bucket <bucket> | cat', 'aws s3api head-bucket --buket x', 'aws s3api head-bucket --bucket <bucket> --endpoint-url http://example.com', 'curl http://example.com')),
      step('late', 'zones', calls('aws s3api head-bucket --bucket <nobody-knows>')),
    );
    const [path, junit] = [await file('bad.md', bad), join(folder, 'bad.xml')];
    const document = documentOf<TestDocument>(await test([path, '--json', '--junit', junit]), 1);
    const found = document.steps.map(({ id, state: seen, findings }) => [id, seen, findings.map(({ code, line }) => `${line} ${code}`)]);
    const at = (part: string, code: string): string => `${lineOf(bad, part)} ${code}`;
    assert.deepEqual(found, [
      ['user', 'failed', [at('<acount-id>', 'fence.placeholder'), at('<>account-id', 'fence.placeholder'), `${lineOf(bad, '```json', bad.indexOf('<>account-id'))} policy.differs`, at('```json lake:policy=NoSuchPolicy', 'policy.unknown')]],
      ['bucket', 'failed', [
        at('aws s3api head-bucket --bucket no-such', 'verify.failed'), at('aws s3api delete-bucket', 'verify.refused'), at('aws s3api head-bucket --bucket <bucket> |', 'verify.refused'),
        at('aws s3api head-bucket --buket', 'verify.usage'), at('aws s3api head-bucket --bucket <bucket> --endpoint', 'verify.refused'), at('curl', 'verify.refused'),
      ]],
      ['late', 'failed', [at('aws s3api head-bucket --bucket <nobody', 'fence.placeholder')]],
    ]);
    for (const { code, message, fix } of document.steps.flatMap(({ findings }) => findings)) {
      assert.ok(message && fix, code);
    }
    const xml = await readFile(junit, 'utf8');
    assert.match(xml, /tests="3" failures="3"/);
    assert.ok(xml.includes(`bad.md:${lineOf(bad, '<>account-id')}: `));
    assert.deepEqual(await borrowed(), []);
  });

  it('a step that needs what only a later one makes is out of order', async () => {
    const text = tutorial(step('zones', 'zones'), step('bucket', 'bucket'));
    const document = documentOf<TestDocument>(await test([await file('order.md', text), '--json']), 1);
    assert.deepEqual(document.steps.map(({ state: seen, findings }) => [seen, findings.map(({ code, line }) => `${line} ${code}`)]), [['failed', [`${lineOf(text, '## zones')} test.order`]], ['done', []]]);
  });

  it('some of them: by name with what they need, and up to one', async () => {
    const path = await file('some.md', good);
    const named = documentOf<TestDocument>(await test([path, '--json', '--step', 'zones', '--lang', 'es']), 0);
    assert.deepEqual(named.steps.map(({ id, state: seen }) => `${id} ${seen}`), ['zones done']);
    const until = await test([path, '--up-to', 'user']);
    assert.equal(until.code, 0);
    assert.deepEqual(until.stdout.match(/^\S \w+(?=:)/gm), ['✓ identity', '✓ user']);
  });

  it('--break: each classic mistake with what it makes is seen, the text is judged, and it is mended', async () => {
    const { breaks } = documentOf<TestDocument>(await test([await file('break.md', good), '--json', '--break']), 0);
    assert.deepEqual(breaks?.map(({ id, resource, seenBy, helped, where, repaired }) => [id, resource, seenBy, helped, where?.line, repaired]), [
      ['placeholder-in-policy', 'admin-user', 'user', false, undefined, true],
      ['public-access', 'bucket', 'bucket', true, lineOf(good, '- Public access'), true],
      ['missing-zone', 'zones', 'zones', false, undefined, true],
      ['no-lifecycle', 'zones', 'zones', false, undefined, true],
    ]);
  });

  it('what cannot be tested is said, with exit code 2', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[join(folder, 'none.md')], 'tutorial.unreadable'],
      [[await file('empty.md', '# Nothing\n\nText.\n')], 'tutorial.empty'],
      [[await file('kind.md', tutorial(step('one', 'no-such-kind')))], 'kind.unknown'],
      [[await file('markup.md', tutorial(step('one', 'bucket(')))], 'tutorial.broken'],
      [[await file('step.md', good), '--step', 'nope'], 'step.unknown'],
      [[await file('upto.md', good), '--up-to', 'nope'], 'step.unknown'],
    ];
    for (const [args, code] of cases) {
      assert.equal(documentOf<ErrorDocument>(await test([...args, '--json']), 2).error.code, code);
    }
  });

  /** The process of the sandbox that a test has just been given. */
  async function gateway(): Promise<number> {
    for (const until = Date.now() + 30_000; ; ) {
      assert.ok(Date.now() < until, 'no sandbox was started');
      const [found] = await borrowed();
      const running = found === undefined ? undefined : await runningFile(found).catch(() => undefined);
      if (running) {
        return running.pid;
      }
      await delay(20);
    }
  }
  async function gone(pid: number): Promise<void> {
    for (const until = Date.now() + 30_000; isAlive(pid) || (await borrowed()).length > 0; await delay(50)) {
      assert.ok(Date.now() < until, 'it is still there');
    }
  }

  it('Ctrl+C ends it with 130, and everything is cleaned up by then', async () => {
    const path = await file('cancelled.md', good);
    let pid = 0;
    const outcome = await test([path, '--json'], (child) => void gateway().then((found) => {
      pid = found;
      child.kill('SIGINT');
    }));
    assert.equal(documentOf<ErrorDocument>(outcome, 130).error.code, 'cancelled');
    assert.ok(pid > 0);
    assert.equal(isAlive(pid), false);
    assert.deepEqual(await borrowed(), []);
  });

  it('killed, it leaves nothing behind all the same', async () => {
    const path = await file('killed.md', good);
    let pid = 0;
    const outcome = await test([path], (child) => void gateway().then((found) => {
      pid = found;
      child.kill('SIGKILL');
    }));
    assert.equal(outcome.signal, 'SIGKILL');
    assert.ok(pid > 0);
    await gone(pid);
    assert.ok(existsSync(join(state, 'environment')));
  });

  it('the built-in tutorial passes its own', async () => {
    const document = documentOf<TestDocument>(await test(['walkthroughs/data-lake.en.md', '--json']), 0);
    const other = document.steps.filter(({ state: seen }) => seen !== 'done');
    assert.deepEqual(other, []);
  });
});
