import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Drawn, OpenPanel } from '../../src/editor/panels/openPanel.ts';
import { api, behindItsBack, command, drawn } from './support.ts';

const bucket = 'lake-tutorial-000000000000-us-east-2';

const is = (thing: string, ...states: readonly string[]) => ({ states: seen }: Drawn): boolean => states.includes(seen[thing] ?? '');

describe('the lake map in the editor', () => {
  let panel: OpenPanel;
  before(async () => {
    await command('lakeTutorial.tearDown', { yes: true });
    await command('lakeTutorial.showLakeMap');
    const open = (await api()).panels.get('lakeMap');
    assert.ok(open);
    panel = open;
  });
  after(async () => {
    panel.dispose();
    await command('lakeTutorial.tearDown', { yes: true });
  });

  it('shows what the account has, drawn by the page', async () => {
    await drawn(panel, is('bucket', 'missing'));
    assert.equal(panel.isVisible, true);
    assert.equal(panel.drawn?.states['network'], 'done');
    assert.ok((panel.drawn?.ms ?? 1000) < 300, `${panel.drawn?.ms} ms`);
    // One of a kind.
    await command('lakeTutorial.showLakeMap');
    assert.equal((await api()).panels.get('lakeMap'), panel);
  });

  it('does what a click on a thing\'s button says, and shows it when it is done', async () => {
    panel.press('bucket', 'provision');
    await drawn(panel, is('bucket', 'done'));
    assert.deepEqual(panel.content?.things['bucket']?.actions.map(({ id }) => id), ['verify', 'reveal', 'explain']);
  });

  it('shows at once what somebody else changes in the sandbox, whose files tell it', async () => {
    await (await api()).walkthrough.settled();
    await behindItsBack((aws) => aws.s3.deleteBucket({ Bucket: bucket }));
    const ms = await drawn(panel, is('bucket', 'missing'));
    // Without that it would look after twenty seconds.
    assert.ok(ms < 3000, `${Math.round(ms)} ms`);
  });

  it('asks for nothing and draws nothing while nobody sees it, and shows what is then', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'in front of it' }));
    assert.equal(panel.isVisible, false);
    let draws = 0;
    const subscription = panel.onDidDraw(() => draws++);
    await command('lakeTutorial.provision.bucket');
    assert.equal(draws, 0);
    subscription.dispose();
    await command('lakeTutorial.showLakeMap');
    await drawn(panel, is('bucket', 'done'));
  });

  it('gives itself away as a picture for slides', async () => {
    const svg = new TextDecoder().decode(await panel.contentAs('svg'));
    assert.match(svg, /^<svg [^]*<\/svg>\n$/);
    assert.doesNotMatch(svg, /var\(/);
    const png = Buffer.from(await panel.contentAs('png'));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) > 2000);
  });
});
