import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { command, failureOf } from './support.ts';

const inSpanish = (): boolean => vscode.env.language.startsWith('es');

describe('what an author starts with and ends with', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'lake-authoring-'))));
  after(async () => {
    // One that is in no file would ask to be saved.
    for (const { input } of vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs)) {
      if (input instanceof vscode.TabInputText && input.uri.scheme === 'untitled') {
        await vscode.window.showTextDocument(input.uri);
        await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      }
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });
  const shown = (): vscode.TextDocument => vscode.window.activeTextEditor?.document ?? assert.fail('no text is shown');

  it('opens a new tutorial in either language, without a finding', async () => {
    await command('lakeTutorial.newTutorial', { from: 'empty', language: 'es' });
    assert.equal(shown().languageId, 'markdown');
    assert.match(shown().getText(), /^# Mi data lake$/m);
    assert.match(await command<string>('lakeTutorial.checkTutorial', { scope: 'file' }), inSpanish() ? /^3 pasos\. No se encontró nada\.$/m : /^3 steps\. Nothing found\.$/m);
    const copy = await command<vscode.Uri>('lakeTutorial.newTutorial', { from: 'builtIn', language: 'en' });
    assert.match((await vscode.workspace.openTextDocument(copy)).getText(), /^id: my-data-lake$/m);
    assert.equal((await failureOf('lakeTutorial.newTutorial', { from: 'empty', language: 'xx' })).code, 'language.unknown');
  });

  it('offers the markup where it is wanted, and not in other Markdown', async () => {
    const offered = async (content: string, any: boolean): Promise<string[]> => {
      const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
      const at = document.lineAt(document.lineCount - 1).range.end;
      // An editor that is busy with the document may drop the question: where something must come it is asked again.
      for (const until = Date.now() + 20_000; ; await delay(100)) {
        const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
        const found = items.map(({ label }) => (typeof label === 'string' ? label : label.label)).filter((label) => label.startsWith('lake:')).sort();
        if (found.length > 0 || !any || Date.now() > until) return found;
      }
    };
    const all = ['lake:cleanup', 'lake:ignore', 'lake:policy', 'lake:step', 'lake:verify'];
    assert.deepEqual(await offered('---\nlake: 1\n---\n\nla', true), all);
    assert.deepEqual(await offered('# Lakes\n\nla', false), []);
    assert.deepEqual(await offered('# Lakes\n\n', false), []);
    assert.deepEqual(await offered('lake:', true), [...all, 'lake:tutorial'].sort());
  });

  it('reports what is wrong with the text in front, each finding with its line', async () => {
    const file = join(folder, 'a (b).md');
    await writeFile(file, '---\nlake: 1\n---\n\n## 1. Role\n\n```json\n{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::<>account-id:role/R" }] }\n```\n');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
    const text = await command<string>('lakeTutorial.checkTutorial', { scope: 'file' });
    assert.equal(shown().uri.scheme, 'lake-tutorial');
    const [, target = ''] = /\[8:\d+\]\((file:\/\/\S+#L8,\d+)\)/.exec(text) ?? assert.fail(text);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(target, true));
    assert.equal(shown().uri.fsPath, file);
  });

  it('exports the text in front, and says in words where it cannot', async () => {
    const file = join(folder, 'lab.md');
    await writeFile(file, '# Lab\n\n## 1. Create the bucket\n<!-- lake:step id=bucket provisions=bucket -->\n\nIt is the one that you need.\n');
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
    await editor.edit((edit) => edit.insert(editor.document.lineAt(editor.document.lineCount - 1).range.end, '\nWritten, and not saved yet.\n'));
    const out = join(folder, 'out');
    const { files } = await command<{ files: string[] }>('lakeTutorial.exportWalkthrough', { out });
    assert.ok(files.includes('media/en/bucket.md'));
    assert.match(await readFile(join(out, 'media/en/bucket.md'), 'utf8'), /not saved yet/);
    assert.match(await readFile(join(out, 'package.nls.json'), 'utf8'), /\[Provision\]\(command:lakeTutorial\.installedTutorial\?/);
    await writeFile(join(folder, 'prose.md'), 'Prose.\n');
    assert.equal((await failureOf('lakeTutorial.exportWalkthrough', { file: join(folder, 'prose.md'), out })).code, 'export.empty');
    assert.equal((await failureOf('lakeTutorial.exportWalkthrough', { file, out: folder })).code, 'export.folder');
    await command('lakeTutorial.newTutorial', { from: 'empty', language: 'en' });
    assert.equal((await failureOf('lakeTutorial.exportWalkthrough', { out: join(folder, 'other') })).code, 'tutorial.unsaved');
    assert.equal((await failureOf('lakeTutorial.installedTutorial', 'bucket', { tutorial: 'no.body', action: 'verify' })).code, 'installed.none');
  });
});
