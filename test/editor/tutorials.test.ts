import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { command } from './support.ts';

const policy = (resource: string): string => `\`\`\`json\n{\n  "Version": "2012-10-17",\n  "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "${resource}" },]\n}\n\`\`\`\n`;
const body = `# A lake\n\n## Step 1. Create the role\n\nIt costs nothing.\n\n${policy('arn:aws:iam::<>account-id:role/Runner')}\nAnother:\n\n${policy('arn:aws:iam::<account-id>:role/Runner')}\n## Step 2. Clean up\n\nDelete the role.\n`;
const marked = `---\nlake: 1\n---\n${body}`;

describe("an author's tutorial", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'lake-author-'))));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  async function show(name: string, text: string): Promise<vscode.TextDocument> {
    const file = join(folder, name);
    await writeFile(file, text);
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    return document;
  }
  const ours = ({ uri }: vscode.TextDocument): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Lake Tutorial');
  const idsOf = (diagnostics: readonly vscode.Diagnostic[]): string[] => diagnostics.map(({ code }) => (typeof code === 'object' ? String(code.value) : '')).sort();
  /** Findings come a moment after a text has changed. */
  async function findings(document: vscode.TextDocument, wanted: (ids: string[]) => boolean): Promise<vscode.Diagnostic[]> {
    for (const until = Date.now() + 10_000; Date.now() < until; await delay(30)) {
      if (wanted(idsOf(ours(document)))) return ours(document);
    }
    throw new Error(`findings are ${idsOf(ours(document)).join()}`);
  }
  const actionsAt = ({ uri }: vscode.TextDocument, range: vscode.Range): Thenable<vscode.CodeAction[]> => vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range);

  it('has its findings at their places, each with the page of its rule', async () => {
    const document = await show('marked.md', marked);
    const found = await findings(document, (ids) => ids.includes('placeholder-malformed'));
    assert.deepEqual(idsOf(found.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)), ['placeholder-malformed', 'policy-json', 'policy-json']);
    const [malformed] = found.filter(({ code }) => typeof code === 'object' && code.value === 'placeholder-malformed');
    assert.equal(document.getText(malformed?.range), '<>account-id');
    const { target } = malformed?.code as { target: vscode.Uri };
    assert.match(Buffer.from(await vscode.workspace.fs.readFile(target)).toString(), /^# placeholder-malformed/);
  });

  it('is mended at a click: one, all of a kind, everything; each in one step, and nothing else of the text changes', async () => {
    const document = await show('mended.md', marked);
    const found = await findings(document, (ids) => ids.includes('policy-json'));
    const [json] = found.filter(({ code }) => typeof code === 'object' && code.value === 'policy-json');
    assert.ok(json);
    const actions = await actionsAt(document, json.range);
    const kind = actions.find(({ title }) => /policy-json$/.test(title));
    assert.ok(kind?.edit, actions.map(({ title }) => title).join('; '));
    await vscode.workspace.applyEdit(kind.edit);
    assert.equal(document.getText(), marked.replaceAll('},]', '}]'));
    await findings(document, (ids) => !ids.includes('policy-json'));
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), marked);
    await command('lakeTutorial.fixTutorial');
    assert.equal(document.getText(), marked.replaceAll('},]', '}]').replace('<>account-id', '<account-id>'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), marked);
  });

  it('can be wrong on purpose', async () => {
    const document = await show('purpose.md', marked);
    const found = await findings(document, (ids) => ids.includes('placeholder-malformed'));
    const [malformed] = found.filter(({ code }) => typeof code === 'object' && code.value === 'placeholder-malformed');
    assert.ok(malformed);
    const say = (await actionsAt(document, malformed.range)).find(({ title }) => /\(placeholder-malformed\)$/.test(title));
    assert.ok(say?.edit);
    await vscode.workspace.applyEdit(say.edit);
    await findings(document, (ids) => !ids.includes('placeholder-malformed'));
    assert.match(document.getText(), /<!-- lake:ignore placeholder-malformed -->\n```json/);
  });

  it("is not given the account of whoever edits it: its placeholders are its readers'", async () => {
    const document = await show('placeholders.md', marked);
    await findings(document, (ids) => ids.length > 0);
    const at = document.positionAt(document.getText().indexOf('<account-id>') + 3);
    const titles = (await actionsAt(document, new vscode.Range(at, at))).map(({ title }) => title);
    assert.deepEqual(titles.filter((title) => /\d{12}|Connect|Conect/.test(title)), []);
  });

  it('is helped with: completions with its own placeholders, its steps as symbols, and a variable renamed everywhere in one step', async () => {
    const written = '---\nlake: 1\nvars:\n  store: {}\n---\n# A lake\n\n## 1. Create the bucket\n<!-- lake:step id=make needs=store -->\n\nCreate an S3 bucket, `<store>`.\n\n```sh\naws s3 mb s3://<store>\n```\n\n## 2. Clean up\n\nDelete it.\n\n';
    const document = await show('helped.md', written);
    const offered = async (at: number, trigger?: string): Promise<string[]> =>
      (await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, document.positionAt(at), trigger)).items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok((await offered(written.indexOf('needs=') + 'needs='.length, '=')).includes('store'));
    assert.ok((await offered(written.indexOf('<store>') + 1, '<')).includes('<account-id>'));
    const policies = (await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, document.positionAt(written.length))).items.filter(({ detail }) => detail === 'UserPassRole');
    assert.deepEqual(policies.map(({ insertText }) => (insertText as vscode.SnippetString).value).map((text) => [/<account-id>/.test(text), /\d{12}/.test(text), text.includes('```json lake:policy=UserPassRole\n')]), [[true, false, true]]);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri);
    assert.deepEqual(symbols.map(({ name }) => name).filter((name) => /^\d /.test(name)), ['1 Create the bucket', '2 Clean up']);
    const place = document.positionAt(written.lastIndexOf('<store>') + 2);
    assert.equal((await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeReferenceProvider', document.uri, place)).length, 4);
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', document.uri, place, 'lake-store');
    await vscode.workspace.applyEdit(edit);
    assert.equal(document.getText(), written.replaceAll('store', 'lake-store'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), written);
    const heading = document.positionAt(written.indexOf('## 1.'));
    const declare = (await actionsAt(document, new vscode.Range(heading, heading))).find((each) => each.edit && [...each.edit.entries()].some(([, edits]) => edits.some(({ newText }) => newText === ' provisions=bucket')));
    assert.ok(declare);
  });

  it('is one only where somebody says so: other Markdown is left alone until then', async () => {
    const document = await show('plain.md', body);
    await delay(500);
    assert.deepEqual(ours(document), []);
    await command('lakeTutorial.treatAsTutorial');
    await findings(document, (ids) => ids.includes('placeholder-malformed'));
    await vscode.commands.executeCommand('workbench.action.closePanel');
  });
});
