import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Drawn, OpenPanel } from '../../src/editor/panels/openPanel.ts';
import { bucketTreePath } from '../../src/resources/tree-path.ts';
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
    // How long a look takes here, now: the machine may be busy.
    const before = performance.now();
    await command('lakeTutorial.verifyStep', 'bucket');
    const look = performance.now() - before;
    await behindItsBack((aws) => aws.s3.deleteBucket({ Bucket: bucket }));
    const ms = await drawn(panel, is('bucket', 'missing'));
    // Without that it would look after twenty seconds.
    assert.ok(ms < 3000 + look, `${Math.round(ms)} ms, a look ${Math.round(look)} ms`);
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

describe('a grid of rows in the editor', () => {
  const rows = Array.from({ length: 1_500 }, (_, index) => `${(index * 7919) % 1500},9007199254740993.${String(index).padStart(4, '0')},${index % 2 === 0 ? '' : `"say ""${index}"""`}`);
  let panel: OpenPanel;
  before(async () => {
    await behindItsBack(async (aws) => {
      await aws.s3.createBucket({ Bucket: 'grids', CreateBucketConfiguration: { LocationConstraint: 'us-east-2' } });
      await aws.s3.putObject({ Bucket: 'grids', Key: 'rows.csv', Body: ['id,amount,text', ...rows].join('\n') });
    });
    await command('lakeTutorial.refreshTree');
    assert.equal(await command('lakeTutorial.previewObject', { path: bucketTreePath('grids', 'rows.csv').path }), 's3://grids/rows.csv');
    const open = (await api()).panels.get('grid');
    assert.ok(open);
    panel = open;
  });
  after(async () => {
    panel.dispose();
    await behindItsBack(async (aws) => {
      await aws.s3.deleteObjects({ Bucket: 'grids', Delete: { Objects: [{ Key: 'rows.csv' }] } });
      await aws.s3.deleteBucket({ Bucket: 'grids' });
    });
  });

  it('shows an object\'s rows as they are stored, and reads more of them', async () => {
    await drawn(panel, ({ states }) => states['0,0'] === '0' && states['0,1'] === '9007199254740993.0000' && states['0,2'] === '');
    assert.deepEqual(panel.content?.grid?.columns.map(({ name, numeric }) => [name, numeric]), [['id', true], ['amount', true], ['text', false]]);
  });

  it('sorts all that it has read as numbers, digit by digit', async () => {
    panel.press('', 'readAll');
    await drawn(panel, ({ states }) => states['total'] === '1500');
    panel.press('-1,1');
    await drawn(panel, ({ states }) => states['0,1'] === '9007199254740993.0000' && panel.content?.grid?.sort?.descending === false);
    panel.press('-1,1');
    await drawn(panel, ({ states }) => states['0,1'] === '9007199254740993.1499' && states['1,1'] === '9007199254740993.1498');
  });

  it('is a file of CSV, JSON or Markdown as it is sorted, and text', async () => {
    const [csv, json, markdown] = await Promise.all((['csv', 'json', 'md'] as const).map(async (format) => new TextDecoder().decode(await panel.contentAs(format))));
    assert.equal(csv?.split('\r\n')[1], `${(1499 * 7919) % 1500},9007199254740993.1499,"say ""1499"""`);
    assert.match(json ?? '', /"amount": 9007199254740993\.1499, "text": "say \\"1499\\""/);
    assert.match(markdown ?? '', /^\| id \| amount \| text \|\n\| ---: \| ---: \| --- \|\n/);
    const shown = new Promise<string>((resolve) => {
      const subscription = vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) {
          subscription.dispose();
          resolve(editor.document.getText());
        }
      });
    });
    panel.press('', 'asText');
    assert.match(await shown, /^ {3}0 {2}9007199254740993\.0000 *$/m);
  });
});
