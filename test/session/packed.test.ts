import { strict as assert } from 'node:assert';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openSession, type Session } from '../../scripts/vscode-host/session.mjs';
import { startSandbox } from '../../src/sandbox/control/sandbox.ts';
import { temporaryState } from '../integration/sandbox/support.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'test-results');

/** What a user gets: the packed extension, installed into a clean profile, used with mouse and keyboard. */
describe('the packed extension in a clean profile', function () {
  this.timeout(240_000);
  // scripts/test.mjs packs it before anything is tested.
  const vsix = join(root, '.cache/packed.vsix');
  let sandbox: Awaited<ReturnType<typeof temporaryState>>;
  let session: Session | undefined;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await temporaryState();
    await startSandbox({ state: sandbox.state, controlPlaneOnly: true });
  });
  after(async () => {
    await sandbox?.remove();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session?.screenshot(join(pictures, 'failed.png'));
    }
    await session?.close();
    session = undefined;
  });

  const isDone = async (id: string): Promise<boolean> => (await session!.walkthroughSteps()).find((step) => step.id?.endsWith(`#${id}`))?.done ?? false;
  async function eventuallyTicked(id: string, wanted: boolean): Promise<void> {
    for (const end = Date.now() + 60_000; (await isDone(id)) !== wanted; ) {
      assert.ok(Date.now() < end, `step ${id} should be ${wanted ? 'ticked' : 'unticked'}`);
      await session!.page.waitForTimeout(300);
    }
  }

  it('is smaller than 2 MB', async () => {
    const { size } = await stat(vsix);
    assert.ok(size < 2 * 1024 * 1024, `${size} bytes`);
  });

  for (const { locale, theme, title, provision } of [
    { locale: 'en', theme: 'Dark Modern', title: 'Your first data lake on AWS', provision: 'Lake Tutorial: Provision: Create the bucket' },
    { locale: 'es', theme: 'Light Modern', title: 'Tu primer data lake en AWS', provision: 'Lake Tutorial: Aprovisionar: Crea el bucket' },
    { locale: 'en', theme: 'Default High Contrast', title: 'Your first data lake on AWS', provision: 'Lake Tutorial: Provision: Create the bucket' },
  ]) {
    it(`shows the walkthrough and ticks a provisioned step (${locale}, ${theme})`, async () => {
      session = await openSession({ vsix, locale, theme, env: { LAKE_TUTORIAL_HOME: sandbox.state } });
      await session.openWalkthrough(title);
      assert.equal((await session.walkthroughSteps()).length, 19);
      await session.runCommand(provision);
      await eventuallyTicked('bucket', true);
      assert.equal(await isDone('teardown'), false);
      await session.screenshot(join(pictures, `walkthrough-${locale}-${theme.replaceAll(' ', '-').toLowerCase()}.png`));
    });
  }
});
