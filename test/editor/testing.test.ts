import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { EndedTests } from '../../src/editor/testing/ended.ts';
import { api, behindItsBack } from './support.ts';

const bucket = 'lake-tutorial-only-in-tests';
const text = `---
lake: 1
title: In the Test Explorer
vars:
  bucket: { default: ${bucket} }
---
# In the Test Explorer

## 1. Bucket
<!-- lake:step id=bucket provisions=bucket -->

\`\`\`sh lake:verify
aws s3api head-bucket --bucket <bucket>
\`\`\`

## 2. Zones
<!-- lake:step id=zones provisions=zones -->

\`\`\`sh lake:verify
aws s3api head-bucket --bucket no-such-bucket
\`\`\`

## 3. Read
<!-- lake:step id=read -->

Nothing to do.
`;
const wrongLine = text.slice(0, text.indexOf('aws s3api head-bucket --bucket no-such')).split('\n').length;

describe("a tutorial's steps in the Test Explorer", () => {
  let folder: string;
  let document: vscode.TextDocument;
  const ended: EndedTests[] = [];
  let subscription: vscode.Disposable;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-explorer-'));
    subscription = (await api()).tests.onDidEnd((each) => ended.push(each));
    const file = join(folder, 'explorer.md');
    await writeFile(file, text);
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
  });
  after(async () => {
    subscription.dispose();
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a command of the Test Explorer until tests have run by it: the editor learns of a tutorial a moment after it is open. */
  async function ran(command: string): Promise<EndedTests> {
    ended.length = 0;
    for (;;) {
      await vscode.commands.executeCommand(command);
      const [first] = ended;
      if (first) {
        assert.equal(first.uri.toString(), document.uri.toString());
        return first;
      }
      await delay(200);
    }
  }
  const states = ({ steps, error }: EndedTests): string[] => (assert.equal(error, undefined), steps.map(({ id, state }) => `${id} ${state}`));
  const placeCursor = (line: number): void => {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    editor.selection = new vscode.Selection(line - 1, 0, line - 1, 0);
  };

  it('run all in their order, in a sandbox of their own, each with its state and the lines of what is wrong', async () => {
    const result = await ran('testing.runCurrentFile');
    assert.deepEqual(states(result), ['bucket done', 'zones failed', 'read nothing']);
    assert.deepEqual(result.steps.map(({ lines }) => lines), [[], [wrongLine], []]);
    const { Buckets } = await behindItsBack((connection) => connection.s3.listBuckets({}));
    assert.deepEqual(Buckets?.filter(({ Name }) => Name === bucket), []);
  });

  it('run one, the one at the cursor, as the text is now', async () => {
    const edit = new vscode.WorkspaceEdit();
    const at = text.indexOf('no-such-bucket');
    edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + 'no-such-bucket'.length)), '<bucket>');
    await vscode.workspace.applyEdit(edit);
    placeCursor(text.slice(0, text.indexOf('## 2. Zones')).split('\n').length);
    assert.deepEqual(states(await ran('testing.runAtCursor')), ['zones done']);
  });

  it('run again when the text changes, as long as somebody wants that', async () => {
    await vscode.commands.executeCommand('testing.startContinuousRun');
    ended.length = 0;
    // The run may begin a moment later than the command ends: until then a change is nobody's.
    while (ended.length === 0) {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, 'More to read.\n');
      await vscode.workspace.applyEdit(edit);
      for (const until = Date.now() + 20_000; ended.length === 0 && Date.now() < until; ) {
        await delay(50);
      }
    }
    await vscode.commands.executeCommand('testing.stopContinuousRun');
    assert.deepEqual(ended.map(states), [['bucket done', 'zones done', 'read nothing']]);
  });

  it('end when they are cancelled', async () => {
    ended.length = 0;
    const running = vscode.commands.executeCommand('testing.runCurrentFile');
    while (ended.length === 0) {
      await vscode.commands.executeCommand('testing.cancelRun');
      await delay(50);
    }
    await running;
    assert.deepEqual(ended.map(({ cancelled, steps }) => [cancelled, steps]), [[true, []]]);
  });
});
