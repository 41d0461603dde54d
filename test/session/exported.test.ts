import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSession, type Session } from '../../scripts/vscode-host/session.mjs';
import { exportToFolder } from '../../src/export/folder.ts';
import { pack } from '../../src/export/pack.ts';
import { connect, sandboxCredentials } from '../../src/aws/connection.ts';
import { sandboxStatus, startSandbox } from '../../src/sandbox/control/sandbox.ts';
import { temporaryState } from '../integration/sandbox/support.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'test-results');

const text = (title: string, create: string, read: string): string => `---
lake: 1
title: ${title}
---

# ${title}

## 1. ${create}
<!-- lake:step id=bucket provisions=bucket -->

S3 \`bucket\`.

![Map](map.png)

## 2. ${read}
<!-- lake:step id=more -->

S3.
`;
// A picture of two by two points, by name larger.
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR42mNkYPjPwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==', 'base64');

/** What a student gets of an author's tutorial: its packed extension beside ours. */
describe('an exported tutorial, installed beside ours', function () {
  this.timeout(180_000);
  let folder: string;
  let sandbox: Awaited<ReturnType<typeof temporaryState>>;
  let session: Session | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-exported-'));
    sandbox = await temporaryState();
    await Promise.all([startSandbox({ state: sandbox.state, controlPlaneOnly: true }), mkdir(pictures, { recursive: true })]);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session?.screenshot(join(pictures, 'exported-failed.png'));
    }
  });
  after(async () => {
    await session?.close();
    await sandbox?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows its walkthrough in the reader\'s language, and ticks a step while the account has what it asks for', async () => {
    await writeFile(join(folder, 'lab.en.md'), text('A small lake of mine', 'Create it', 'Read on'));
    await writeFile(join(folder, 'lab.es.md'), text('Mi pequeño data lake', 'Créalo', 'Sigue leyendo'));
    await writeFile(join(folder, 'map.png'), png);
    const out = join(folder, 'out');
    const { name, version } = await exportToFolder({ file: join(folder, 'lab.en.md'), out, root, current: {} });
    const vsix = await pack({ folder: out, vsix: `${name}-${version}.vsix`, root });

    session = await openSession({ vsix: [join(root, '.cache/packed.vsix'), vsix], locale: 'es', env: { LAKE_TUTORIAL_HOME: sandbox.state } });
    await session.openWalkthrough('Mi pequeño data lake');
    const isDone = async (id: string): Promise<boolean> => (await session!.walkthroughSteps()).find((step) => step.id?.endsWith(`#${id}`))?.done ?? false;
    const eventually = async (wanted: boolean): Promise<void> => {
      for (const end = Date.now() + 60_000; (await isDone('bucket')) !== wanted; await session!.page.waitForTimeout(200)) {
        assert.ok(Date.now() < end, `the step should be ${wanted ? 'ticked' : 'unticked'}`);
      }
    };
    const steps = await session.walkthroughSteps();
    assert.deepEqual(steps.map(({ title }) => title), ['1 Créalo', '2 Sigue leyendo']);
    assert.deepEqual(steps[0]?.buttons, ['Aprovisionar', 'Verificar']);
    assert.equal(await isDone('bucket'), false);
    // The page beside the steps has its picture.
    await session.page.frameLocator('iframe.webview').frameLocator('iframe').locator('img[alt="Map"]').evaluate((image: { decode(): Promise<void> }) => image.decode());
    await session.page.locator('.getting-started-step .monaco-button', { hasText: 'Aprovisionar' }).click();
    await eventually(true);
    await session.screenshot(join(pictures, 'exported.png'));
    const connection = connect({ target: 'sandbox', region: 'us-east-2', endpoint: (await sandboxStatus({ state: sandbox.state })).endpoint ?? '', credentials: sandboxCredentials });
    await connection.s3.deleteBucket({ Bucket: 'lake-tutorial-000000000000-us-east-2' }).finally(() => connection.close());
    await session.page.locator('.getting-started-step .monaco-button', { hasText: 'Verificar' }).click();
    await eventually(false);
  });
});
