// The pictures of README, taken in the real editor on a sandbox of their own, so that they stay true: `npm run pictures`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import gifenc from 'gifenc';
import { PNG } from 'pngjs';
import { register } from 'tsx/esm/api';
import { root, run } from './prepare.mjs';
import { openSession } from './vscode-host/session.mjs';

register();
const { temporaryState } = await import('../test/integration/sandbox/support.ts');

const out = join(root, 'docs/pictures');
const size = { width: 1280, height: 800 };
/** A tutorial with something to mend on its screen. */
const draft = `---
lake: 1
title: Trips of a city
---
# Trips of a city

## 1. Make the bucket
<!-- lake:step id=bucket provisions=bucket,zones -->

Make a bucket in <region> with the folders \`bronze\`, \`silver\` and \`gold\`.

## 2. Let the job read it
<!-- lake:step id=role provisions=workflow-rol -->

Attach this policy to the role:

\`\`\`json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObjects", "iam:PassRole"],
      "Resource": "arn:aws:iam::<>account-id:role/LakeRole"
    }
  ]
}
\`\`\`
`;

/** The CLI, beside the editor and on the same sandbox: what it does shows there by itself. */
async function cli(...args) {
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], { env: { ...process.env, LAKE_TUTORIAL_HOME: state }, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`lake-tutorial ${args.join(' ')} ended with ${code}.`);
}

/** A moving picture: of each frame only what differs from the one before. */
function moving(frames) {
  const images = frames.map(({ picture, ms }) => ({ ...PNG.sync.read(picture), ms }));
  const { GIFEncoder, quantize, applyPalette } = gifenc;
  const encoder = GIFEncoder();
  // Colours of the first, the middle and the last frame: what comes between has no others.
  const sample = Buffer.concat([images[0], images[Math.floor(images.length / 2)], images.at(-1)].map(({ data }) => data));
  const palette = quantize(new Uint8Array(sample), 255);
  const transparent = palette.length;
  let before;
  for (const { data, width, height, ms } of images) {
    const indexed = applyPalette(new Uint8Array(data), palette);
    const shown = before ? indexed.map((colour, at) => (colour === before[at] ? transparent : colour)) : indexed;
    encoder.writeFrame(shown, width, height, { palette: [...palette, [0, 0, 0]], delay: ms, dispose: 1, ...(before && { transparent: true, transparentIndex: transparent }) });
    before = indexed;
  }
  encoder.finish();
  return encoder.bytes();
}

await run(process.execPath, ['scripts/build.mjs']);
await mkdir(out, { recursive: true });
const { state, remove } = await temporaryState();
let session;
try {
  await cli('sandbox', 'start');
  session = await openSession({ extensionPath: root, locale: 'en', theme: 'Default Dark Modern', size, settings: { 'window.commandCenter': false }, env: { LAKE_TUTORIAL_HOME: state } });
  const { page, runCommand } = session;
  const panel = () => page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame');
  const frames = [];
  const still = async (name) => writeFile(join(out, `${name}.png`), await page.screenshot());
  /** Takes frames until something has ended. */
  const during = async (work, ms) => {
    let ended = false;
    const done = work.finally(() => (ended = true));
    while (!ended) {
      frames.push({ picture: await page.screenshot(), ms });
      await page.waitForTimeout(ms);
    }
    await done;
  };
  const hold = async (ms) => {
    await page.waitForTimeout(1500);
    frames.push({ picture: await page.screenshot(), ms });
  };

  await page.locator('.activitybar .action-label[aria-label*="Lake Tutorial"]').click();
  await runCommand('Show Lake Map');
  await panel().locator('svg .node').first().waitFor({ timeout: 60_000 });
  await hold(1500);
  await during(cli('up', '--target', 'sandbox', '--yes'), 400);
  await hold(1000);
  await during(cli('demo'), 500);
  await hold(4000);
  await still('map');
  await runCommand('Show Gold');
  await page.waitForTimeout(5000);
  await still('gold');
  frames.push({ picture: await page.screenshot(), ms: 4000 });
  await writeFile(join(out, 'way.gif'), moving(frames));

  await runCommand('View: Close All Editors');
  await runCommand('Lake Tutorial: Focus on Workflows View');
  const succeeded = page.locator('.part.sidebar [role=treeitem]', { hasText: 'succeeded' });
  await succeeded.first().click();
  await page.keyboard.press('ArrowRight');
  await succeeded.nth(1).hover();
  await succeeded.nth(1).locator('.action-label[aria-label*="Show Run"]').click();
  await panel().locator('svg .part').first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(3000);
  await still('run');

  await runCommand('View: Close All Editors');
  await writeFile(join(session.folder, 'trips.md'), draft);
  await page.locator('.activitybar .action-label[aria-label*="Explorer"]').first().click();
  await page.locator('.part.sidebar [role=treeitem]', { hasText: 'trips.md' }).dblclick();
  await page.locator('.part.editor .squiggly-error').first().waitFor({ timeout: 30_000 });
  await runCommand('Problems: Focus on Problems View');
  await page.waitForTimeout(1500);
  await still('author');
} finally {
  await session?.close();
  await remove();
}
