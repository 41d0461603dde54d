import { strict as assert } from 'node:assert';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CreateUserCommand, ListUserPoliciesCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { openSession, type Session } from '../../scripts/vscode-host/session.mjs';
import { startSandbox } from '../../src/sandbox/control/sandbox.ts';
import { temporaryState } from '../integration/sandbox/support.ts';
import { anyCredentials } from '../integration/support/cli.ts';
import { clientsFor, type Clients } from '../integration/support/clients.ts';
import { refusal, startRelay, type Relay } from '../integration/support/relay.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'test-results');

/** What only a person at the editor can do: read, answer a dialog, cancel, trust. Test runs inside the editor show no dialogs. */
describe('a learner at the editor', function () {
  this.timeout(240_000);
  let sandbox: Awaited<ReturnType<typeof temporaryState>>;
  let relay: Relay;
  let clients: Clients;
  let session: Session | undefined;
  let isUsual = false;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await temporaryState();
    const { endpoint } = await startSandbox({ state: sandbox.state, controlPlaneOnly: true });
    clients = clientsFor(endpoint ?? '');
    relay = await startRelay(endpoint ?? '');
  });
  after(async () => {
    await session?.close();
    await relay?.stop();
    await sandbox?.remove();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session?.screenshot(join(pictures, 'failed.png'));
    }
    // A window that was opened in the usual way serves the next test too: opening one takes as long as most tests.
    if (!isUsual || this.currentTest?.state === 'failed') {
      await session?.close();
      session = undefined;
    }
    relay.clear();
  });

  async function open(options?: Parameters<typeof openSession>[0]): Promise<Session> {
    if (session && isUsual && !options) {
      return session;
    }
    await session?.close();
    isUsual = options === undefined;
    session = await openSession({
      extensionPath: root, ...options,
      settings: { 'lakeTutorial.endpoint': relay.endpoint, ...options?.settings },
      env: { LAKE_TUTORIAL_HOME: sandbox.state, ...anyCredentials },
    });
    return session;
  }

  const english = 'Your first data lake on AWS';
  const stepOf = ({ page }: Session, id: string) => page.locator(`.getting-started-step[data-step-id$="#${id}"]`);
  async function provision(step: string): Promise<void> {
    await session!.runCommand('Lake Tutorial: Provision Step…');
    await session!.pick(step);
  }
  async function eventuallyTicked(id: string): Promise<void> {
    for (const end = Date.now() + 60_000; !(await session!.walkthroughSteps()).find((step) => step.id?.endsWith(`#${id}`))?.done; ) {
      assert.ok(Date.now() < end, `step ${id} should be ticked`);
      await session!.page.waitForTimeout(300);
    }
  }

  it('has the running sandbox\'s account in the first policy that is typed, with nothing opened before', async () => {
    const { page, runCommand } = await open({ settings: { 'lakeTutorial.endpoint': '', 'files.defaultLanguage': 'python' } });
    await runCommand('New Untitled Text File');
    await page.locator('.statusbar-item', { hasText: 'Python' }).waitFor();
    const filled = page.locator('.suggest-widget .monaco-list-row', { hasText: '000000000000' });
    await page.keyboard.type('p = lf-pass', { delay: 50 });
    // On a busy machine the first list may come before the answer; the next must have it.
    for (const end = Date.now() + 30_000; (await filled.count()) === 0; ) {
      assert.ok(Date.now() < end, 'the account should be filled in');
      await page.waitForTimeout(500);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Space');
      await page.waitForTimeout(500);
    }
    await page.keyboard.press('Escape');
  });

  it('in a workspace that is not trusted, reads, and changes nothing', async () => {
    const { page, palette, openWalkthrough } = await open({ settings: { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' } });
    let calls = 0;
    relay.intercept = () => void calls++;
    await openWalkthrough(english);
    await palette('Lake Tutorial: ');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Open Walkthrough' }).first().waitFor();
    for (const title of ['Provision Everything', 'Verify All Steps', 'Connect…']) {
      await palette(`Lake Tutorial: ${title}`);
      await page.waitForTimeout(500);
      assert.equal(await page.locator('.quick-input-list .monaco-list-row', { hasText: `Lake Tutorial: ${title}` }).count(), 0, title);
    }
    await page.keyboard.press('Escape');
    await stepOf(session!, 'bucket').click();
    await stepOf(session!, 'bucket').locator('.monaco-button', { hasText: 'Provision' }).click();
    await page.locator('.notification-toast', { hasText: 'you do not trust' }).waitFor({ timeout: 30_000 });
    assert.equal(calls, 0);
    await assert.rejects(clients.s3.send(new HeadBucketCommand({ Bucket: 'lake-tutorial-000000000000-us-east-2' })));
  });

  it('is offered the permissions for all steps in as many policies as hold them', async () => {
    const { page, runCommand, screenshot } = await open();
    await runCommand('Lake Tutorial: Show the Permissions I Need…');
    const choice = page.locator('.quick-input-widget');
    await choice.getByText('Permissions for which steps?').waitFor();
    await page.keyboard.press('Enter');
    await choice.getByText('Open as a new document').click();
    const offer = page.locator('.notification-toast', { hasText: 'a managed policy holds 6144' });
    await offer.waitFor();
    await screenshot(join(pictures, 'permissions.png'));
    await offer.getByText('Open as 2 Policies').click();
    const tabs = page.locator('.tabs-container .tab', { hasText: 'Untitled-' });
    await tabs.nth(2).waitFor();
    assert.equal(await tabs.count(), 3);
  });

  it('reaches the sidebar with the keyboard alone: a key does what it does to what has the focus, whatever was chosen before', async () => {
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'by-key', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } }));
    for (const name of ['first', 'second']) await clients.s3.send(new PutObjectCommand({ Bucket: 'by-key', Key: `${name}.txt`, Body: `the ${name} one` }));
    const { page, runCommand } = await open();
    const { keyboard } = page;
    const focused = page.locator('.part.sidebar .monaco-list-row.focused');
    /** Goes down to what has a name, from the top. */
    const goTo = async (name: string): Promise<void> => {
      await runCommand('Lake Tutorial: Focus on Buckets View');
      await page.locator('.part.sidebar .monaco-list:focus').waitFor();
      await keyboard.press('Home');
      for (let step = 0; step < 10 && !((await focused.first().textContent({ timeout: 10_000 })) ?? '').includes(name); step++) await keyboard.press('ArrowDown');
      assert.match((await focused.first().textContent()) ?? '', new RegExp(name));
    };
    const shown = async (text: string): Promise<void> => page.locator('.part.editor .view-line', { hasText: text }).first().waitFor({ timeout: 30_000 });
    await runCommand('Lake Tutorial: Focus on Buckets View');
    // A view that was empty when it got the focus gave it to nothing in it.
    await page.locator('.part.sidebar .monaco-list-row', { hasText: 'by-key' }).waitFor({ timeout: 60_000 });
    await goTo('by-key');
    await keyboard.press('ArrowRight');
    await page.locator('.part.sidebar .monaco-list-row', { hasText: 'second.txt' }).waitFor({ timeout: 60_000 });
    await goTo('first.txt');
    await keyboard.press('Control+Enter');
    await shown('the first one');
    await goTo('second.txt');
    await keyboard.press('Control+Enter');
    await shown('the second one');
    await goTo('first.txt');
    await keyboard.press('Delete');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: 30_000 });
    assert.match((await dialog.textContent()) ?? '', /s3:\/\/by-key\/first\.txt/);
    await dialog.getByText('Cancel', { exact: true }).click();
    // What a key cannot do it says, and does not do it to something else.
    await goTo('by-key');
    await keyboard.press('Delete');
    await page.locator('.notification-toast', { hasText: 'This cannot be done with by-key' }).waitFor({ timeout: 30_000 });
  });

  it('is asked before what they made by hand is taken over, told what that changes, and may refuse', async () => {
    await clients.iam.send(new CreateUserCommand({ UserName: 'datalakeadmin' }));
    const policies = async (): Promise<number> => (await clients.iam.send(new ListUserPoliciesCommand({ UserName: 'datalakeadmin' }))).PolicyNames?.length ?? 0;
    const { page, openWalkthrough, runCommand, screenshot } = await open();
    const dialog = page.locator('.monaco-dialog-box');
    await openWalkthrough(english);
    await provision('Create the data lake administrator');
    await dialog.waitFor({ timeout: 60_000 });
    const text = (await dialog.textContent()) ?? '';
    for (const part of [/Take over what is there already\?/, /admin-user/, /datalakeadmin lacks the policy AWSLakeFormationDataAdmin/]) {
      assert.match(text, part);
    }
    await screenshot(join(pictures, 'adoption.png'));
    await dialog.getByText('Cancel', { exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await policies(), 0);
    await provision('Create the data lake administrator');
    await dialog.getByText('Take Over', { exact: true }).click({ timeout: 60_000 });
    await eventuallyTicked('admin-user');
    assert.ok((await policies()) > 0);
    // Whoever asks for the plan then sees what is still to be done, and not first what is done.
    await runCommand('Lake Tutorial: Show Plan and Cost');
    const first = page.locator('.quick-input-list .monaco-list-row').first();
    await first.filter({ hasText: /·/ }).waitFor({ timeout: 60_000 });
    assert.match((await first.textContent()) ?? '', /create · /);
    await page.keyboard.press('Escape');
  });

  it('cancels in the middle of a wait: it ends at once, in silence, and the next run goes on there', async () => {
    const { page, openWalkthrough, screenshot } = await open();
    let refused = 0;
    relay.intercept = (call) => {
      if (/^POST .*\/functions$/.test(call.name)) {
        refused++;
        return refusal(call, 'InvalidParameterValue', 'The role defined for the function cannot be assumed by Lambda.', 400);
      }
      return undefined;
    };
    const missing = (): Promise<unknown> => clients.lambda.send(new GetFunctionCommand({ FunctionName: 'lake-tutorial-inserter' }));
    await openWalkthrough(english);
    await provision('Create the inserter');
    // What was made by hand in the test before is adopted by then: nothing is asked.
    const progress = page.locator('.notification-toast', { hasText: 'Waiting until Lambda can assume the new role' });
    await progress.waitFor({ timeout: 90_000 });
    await screenshot(join(pictures, 'cancel.png'));
    await progress.getByText('Cancel', { exact: true }).click();
    await progress.waitFor({ state: 'detached', timeout: 10_000 });
    // The editor takes its notification away before it tells us: a try that was under way then may still arrive.
    await page.waitForTimeout(2_000);
    const tries = refused;
    // Longer than the longest pause between two tries.
    await page.waitForTimeout(10_000);
    assert.equal(refused, tries, 'nothing goes on after it');
    assert.equal(await page.locator('.notification-toast', { hasText: /could not|unexpected|failed/ }).count(), 0);
    await assert.rejects(missing());
    relay.clear();
    await provision('Create the inserter');
    await eventuallyTicked('inserter');
    await missing();
  });
});
