import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { partitionOf } from '../../src/aws/identity.ts';
import { insertable } from '../../src/editor/languages/features.ts';
import { policyLiteral, type LiteralLanguage } from '../../src/policies/literal.ts';
import { deriveNames } from '../../src/resources/names.ts';
import { api, command, failureOf, settingsFor, withSettings } from './support.ts';

const account = '222233334444';
const arn = `arn:aws:iam::${account}:role/LakeFormationWorkflowRole`;
const inSpanish = (): boolean => vscode.env.language.startsWith('es');

/** For what has no word of any language in it: tested in one of them, which is enough, and the work is shared. */
const itInSpanish = (title: string, test: () => Promise<void>, timeout = 60_000): void => {
  if (inSpanish()) it(title, test).timeout(timeout);
};

const config = [
  '[profile learner]', 'sso_session = school', `sso_account_id = ${account}`, 'sso_role_name = Student',
  '[profile china]', 'role_arn = arn:aws-cn:iam::333344445555:role/Student', 'source_profile = learner', 'region = cn-north-1',
  '[profile blind]', 'credential_process = none',
].join('\n');

/** Opens a text in which `|` is the cursor. */
async function open(language: string, text: string): Promise<vscode.TextEditor> {
  const content = text.replace('|', '');
  const document = language.startsWith('untitled:')
    ? await vscode.workspace.openTextDocument(vscode.Uri.parse(language))
    : await vscode.workspace.openTextDocument({ language, content });
  const editor = await vscode.window.showTextDocument(document);
  // A document without a name may get that of the one before, and with it what the editor had saved of that in case of a crash.
  if (document.getText() !== content) {
    const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
    await editor.edit((edit) => edit.replace(all, content));
  }
  // Untitled documents take the platform's line breaks; what is compared has one kind.
  await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.LF));
  const cursor = document.positionAt(text.indexOf('|'));
  editor.selection = new vscode.Selection(cursor, cursor);
  return editor;
}

/** Types a prefix as a person does and takes what the list has on top. */
async function typeAndAccept(editor: vscode.TextEditor, prefix: string): Promise<string> {
  await vscode.commands.executeCommand('type', { text: prefix });
  const typed = editor.document.getText();
  await vscode.commands.executeCommand('editor.action.triggerSuggest');
  for (const until = Date.now() + 10_000; editor.document.getText() === typed && Date.now() < until; ) {
    await delay(30);
    await vscode.commands.executeCommand('acceptSelectedSuggestion');
  }
  await vscode.commands.executeCommand('leaveSnippet');
  return editor.document.getText();
}

const close = (): Thenable<unknown> => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');

async function completions(editor: vscode.TextEditor): Promise<vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', editor.document.uri, editor.selection.active, undefined, 50);
  return list.items.filter(({ label }) => (typeof label === 'string' ? label : label.label).startsWith('lf-'));
}

/**
 * What the editor offers at a word. It asks all of a language's servers, drops the question when it is busy with the document, and
 * while one of them starts it may not answer at all: so it is asked again until something comes.
 */
async function fixes(editor: vscode.TextEditor, word: string, attempts = 10): Promise<vscode.CodeAction[]> {
  const at = editor.document.positionAt(editor.document.getText().indexOf(word) + 1);
  for (let attempt = 1; ; attempt++) {
    const asked = vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', editor.document.uri, new vscode.Range(at, at), vscode.CodeActionKind.QuickFix.value, 20);
    const found = await Promise.race([asked, delay(5000).then(() => [])]);
    if (found.length > 0 || attempt >= attempts) {
      return found;
    }
    await delay(100);
  }
}

async function hover(editor: vscode.TextEditor, word: string): Promise<string> {
  const at = editor.document.positionAt(editor.document.getText().indexOf(word) + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', editor.document.uri, at);
  return hovers.flatMap(({ contents }) => contents).map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
}

describe('IAM policies in the editor', () => {
  const kept = { ...process.env };
  let folder: string;
  let restore: () => Promise<void>;
  const asLearner = { 'lakeTutorial.target': 'aws', 'lakeTutorial.profile': 'learner', 'lakeTutorial.region': 'us-east-2', 'editor.wordBasedSuggestions': 'off', 'typescript.suggest.enabled': false };
  const blind = { 'lakeTutorial.target': 'aws', 'lakeTutorial.profile': 'blind' };

  before(async function () {
    this.timeout(180_000);
    folder = await mkdtemp(join(tmpdir(), 'lake-policies-'));
    await writeFile(join(folder, 'config'), config);
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') });
    await api();
    restore = await settingsFor(asLearner);
    // TypeScript's own server takes its time to start; what is typed meanwhile waits for it.
    await completions(await open('typescript', '|'));
    await close();
  });
  after(async () => {
    await restore();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    Object.assign(process.env, kept);
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(close);

  describe('typed and accepted, are the document byte by byte', () => {
    const statement = (indent: string, ...lines: string[]): string => lines.map((line) => `${indent}${line}`).join('\n');
    const json = ['{', '    "Version": "2012-10-17",', '    "Statement": [', '        {', '            "Sid": "PassRolePermissions",', '            "Effect": "Allow",', '            "Action": "iam:PassRole",', `            "Resource": "${arn}"`, '        }', '    ]', '}'];
    const yaml = ["Version: '2012-10-17'", 'Statement:', '  - Sid: PassRolePermissions', '    Effect: Allow', '    Action: iam:PassRole', `    Resource: ${arn}`];
    const hcl = ['{', '    Version = "2012-10-17"', '    Statement = [', '        {', '            Sid      = "PassRolePermissions"', '            Effect   = "Allow"', '            Action   = "iam:PassRole"', `            Resource = "${arn}"`, '        },', '    ]', '}'];
    const ts = ['{', "    Version: '2012-10-17',", '    Statement: [', '        {', "            Sid: 'PassRolePermissions',", "            Effect: 'Allow',", "            Action: 'iam:PassRole',", `            Resource: '${arn}',`, '        },', '    ],', '}'];
    const python = ts.map((line) => line.replaceAll("'", '"').replace(/(\w+):(?= )/, '"$1":'));
    const [first = '', ...rest] = json;
    const text = (lines: readonly string[]): string => lines.join('\n');

    const all = [
      ['JSON', 'json', '|', text(json)],
      ['JSON, as a value', 'json', '{\n    "PolicyDocument": |\n}', `{\n    "PolicyDocument": ${first}\n${statement('    ', ...rest)}\n}`],
      ['JSON, among statements', 'json', '{\n    "Statement": [\n        |\n    ]\n}', `{\n    "Statement": [\n${text(json.slice(3, -2))}\n    ]\n}`],
      ['JSONC', 'jsonc', '// mine\n|\n', `// mine\n${text(json)}\n`],
      ['Markdown, with a fence around it', 'markdown', '# Step\n\n|\n\nEnd.\n', `# Step\n\n\`\`\`json\n${text(json)}\n\`\`\`\n\nEnd.\n`],
      ['Markdown, inside a fence', 'markdown', '```json lake:policy=UserPassRole\n|\n```\n', `\`\`\`json lake:policy=UserPassRole\n${text(json)}\n\`\`\`\n`],
      ['Markdown, inside a fence of YAML', 'markdown', 'a\n\n```yaml\n|\n```\n', `a\n\n\`\`\`yaml\n${text(yaml)}\n\`\`\`\n`],
      ['Markdown, as a list\'s item', 'markdown', '- |', `- \`\`\`json\n${statement('  ', ...json, '```')}`],
      ['Markdown, in a quote', 'markdown', '> Put this:\n>\n> |\n', `> Put this:\n>\n> \`\`\`json\n${statement('> ', ...json, '```')}\n`],
      ['Markdown, in a fence in a list in a quote', 'markdown', '> - ```yaml\n>   |\n>   ```\n', `> - \`\`\`yaml\n${statement('>   ', ...yaml, '```')}\n`],
      ['YAML', 'yaml', '|', text(yaml)],
      ['YAML, behind a key', 'yaml', 'Policy:\n  PolicyDocument: |\n', `Policy:\n  PolicyDocument:\n${statement('    ', ...yaml)}\n`],
      ['YAML, in a list', 'yaml', 'Policies:\n  - |\n', `Policies:\n  - ${yaml[0]}\n${statement('    ', ...yaml.slice(1))}\n`],
      ['YAML, among statements', 'yaml', 'Policy:\n  Statement:\n    - |\n', `Policy:\n  Statement:\n${statement('  ', ...yaml.slice(2))}\n`],
      ['HCL, in a heredoc', 'untitled:/lake/d.tf', 'locals {\n    policy = <<EOF\n|\nEOF\n}\n', `locals {\n    policy = <<EOF\n${text(json)}\nEOF\n}\n`],
      ['HCL, inside jsonencode()', 'untitled:/lake/a.tf', 'resource "aws_iam_policy" "x" {\n    policy = jsonencode(|)\n}\n', `resource "aws_iam_policy" "x" {\n    policy = jsonencode(${hcl[0]}\n${statement('    ', ...hcl.slice(1))})\n}\n`],
      ['HCL, as a value', 'untitled:/lake/b.tf', 'locals {\n    policy = |\n}\n', `locals {\n    policy = jsonencode(${hcl[0]}\n${statement('    ', ...hcl.slice(1))})\n}\n`],
      ['HCL, as an attribute', 'untitled:/lake/c.tf', 'locals {\n    |\n}\n', `locals {\n    user_pass_role = jsonencode(${hcl[0]}\n${statement('    ', ...hcl.slice(1))})\n}\n`],
      ['TypeScript, as a statement', 'typescript', '|', `const userPassRole = ${text(ts)};`],
      ['TypeScript, as a value', 'typescript', 'const policy = |;\n', `const policy = ${text(ts)};\n`],
      ['Python, as a statement', 'python', '|', `user_pass_role = ${text(python)}`],
      ['Python, as an argument', 'python', 'put(\n    |\n)\n', `put(\n    ${python[0]}\n${statement('    ', ...python.slice(1))}\n)\n`],
    ] as const;
    // The documents are the same in any language of the editor's: half of them in each.
    for (const [name, language, before, after] of all.filter((_, index) => (index % 2 === 1) === inSpanish())) {
      it(name, async () => {
        const editor = await open(language, before);
        assert.equal(await typeAndAccept(editor, 'lf-passrole'), after);
        // One step back is what was typed.
        await vscode.commands.executeCommand('undo');
        assert.equal(editor.document.getText(), before.replace('|', 'lf-passrole'));
      });
    }

    // The documents are the same in any language of the editor's: once is enough for all of them.
    if (!inSpanish()) {
      for (const [name, language, literal] of [['JSON', 'json', 'json'], ['YAML', 'yaml', 'yaml'], ['HCL', 'untitled:/lake/all.tf', 'hcl'], ['TypeScript', 'typescript', 'typescript'], ['Python', 'python', 'python'], ['JSONC', 'jsonc', 'json'], ['Markdown', 'markdown', 'json']] as const) {
        it(`every policy in ${name}`, async () => {
          const names = deriveNames('data-lake', { accountId: account, partition: 'aws' }, 'us-east-2', {});
          // Accepting has its tests above; here each offer is inserted as the editor inserts it, in one document.
          const data = literal === 'json' || literal === 'yaml';
          const editor = await open(language, data ? '|' : 'x = |');
          const before = editor.document.getText();
          const offered = await completions(editor);
          for (const policy of insertable) {
            const expected = policyLiteral(policy.document(names), policy.name, literal satisfies LiteralLanguage, 'value', '    ');
            const item = offered.find(({ label }) => typeof label !== 'string' && label.label === policy.prefix && label.description?.startsWith(account));
            assert.ok(item, policy.name);
            const at = item.range instanceof vscode.Range ? item.range : item.range?.replacing ?? editor.selection;
            await editor.insertSnippet(item.insertText instanceof vscode.SnippetString ? item.insertText : new vscode.SnippetString().appendText(item.insertText ?? ''), at);
            assert.equal(editor.document.getText(), language === 'markdown' ? `\`\`\`json\n${expected}\n\`\`\`` : `${data ? '' : 'x = '}${expected}`, policy.name);
            await editor.edit((edit) => edit.replace(new vscode.Range(0, 0, editor.document.lineCount, 0), before));
          }
        }).timeout(120_000);
      }
    }
  });

  describe('in the list of completions', () => {
    it('come filled in first, and say that the others are not', async () => {
      for (const language of ['json', 'yaml', 'typescript', 'python', 'markdown']) {
        const editor = await open(language, language === 'typescript' || language === 'python' ? 'x = lf-passrole|' : 'lf-passrole|');
        const found = (await completions(editor)).filter(({ label }) => (typeof label === 'string' ? label : label.label) === 'lf-passrole').sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
        assert.equal(found.length, 2, language);
        const [filled, open_] = found.map((item) => JSON.stringify([item.label, item.detail, item.documentation, item.insertText]));
        assert.match(filled ?? '', new RegExp(`${account} · (profile|perfil) learner`), language);
        assert.match(filled ?? '', new RegExp(arn), language);
        assert.match(open_ ?? '', /not filled in|sin completar/, language);
        assert.match(open_ ?? '', /\{1:<account-id>\}/, language);
        await close();
      }
    });

    it('come filled in too where they are asked for with nothing typed, or with a part of the prefix as the static ones are', async () => {
      for (const [language, text] of [['json', '|'], ['json', 'slr|'], ['jsonc', '// mine\n|'], ['markdown', '|'], ['yaml', 'Policy: |'], ['python', 'x = |']] as const) {
        const editor = await open(language, text);
        const filled = (await completions(editor)).filter(({ label }) => typeof label !== 'string' && label.label === 'lf-slr' && label.description?.startsWith(account));
        assert.equal(filled.length, 1, `${language} ${text}`);
        await close();
      }
    });

    it('have tab stops and a way to connect where no account is known', async () => {
      await withSettings(blind, async () => {
        const editor = await open('python', 'x = lf-passrole|');
        const [item] = await completions(editor);
        assert.ok(item);
        assert.match(JSON.stringify(item.insertText), /\$\{1:<account-id>\}/);
        assert.match((item.documentation as vscode.MarkdownString).value, /command:lakeTutorial\.connect/);
        await close();
        const snippets = await completions(await open('json', 'lf-passrole|'));
        assert.equal(snippets.filter(({ label }) => (typeof label === 'string' ? label : label.label) === 'lf-passrole').length, 1);
      });
    });

    it('are of the profile\'s partition', async () => {
      await withSettings({ 'lakeTutorial.target': 'aws', 'lakeTutorial.profile': 'china', 'lakeTutorial.region': 'cn-north-1' }, async () => {
        const editor = await open('yaml', '|');
        assert.match(await typeAndAccept(editor, 'lf-passrole'), /arn:aws-cn:iam::333344445555:role/);
        assert.equal(partitionOf('cn-north-1'), 'aws-cn');
      });
      await withSettings({ 'lakeTutorial.target': 'aws', 'lakeTutorial.profile': 'china', 'lakeTutorial.region': 'us-east-2' }, async () => {
        const editor = await open('yaml', '|');
        assert.match(await typeAndAccept(editor, 'lf-athena'), /arn:aws-cn:athena:cn-north-1:333344445555:/);
        await close();
      });
    });

    itInSpanish('are not in the way of anything else', async () => {
      for (const [language, text] of [['typescript', 'const x = foo.l|'], ['typescript', 'le|'], ['json', '{"a": "lf-|'], ['python', "x = 'lf-|"], ['markdown', 'self-|'], ['yaml', 'a: half-|']] as const) {
        const editor = await open(language, text);
        const found = (await completions(editor)).filter(({ sortText }) => sortText?.startsWith('y-'));
        assert.deepEqual(found.map(({ label }) => label), [], text);
        await close();
      }
    });
  });

  describe('placeholders', () => {
    const text = '{\n  "a": "arn:aws:iam::<account-id>:role/LakeFormationWorkflowRole",\n  "b": "arn:aws:glue:<region>:${ACCOUNT_ID}:catalog",\n  "c": "arn:aws:iam::<producer-account-id>:root"\n}\n|';

    it('are replaced one at a time, or all in one step that can be taken back', async () => {
      const editor = await open('json', text);
      const original = editor.document.getText();
      const [one, all] = await fixes(editor, '<account-id>');
      assert.match(one?.title ?? '', new RegExp(`${account} \\((profile|perfil) learner\\)$`));
      assert.ok(one?.edit && all?.edit);
      await vscode.workspace.applyEdit(one.edit);
      assert.equal(editor.document.getText(), original.replace('<account-id>', account));
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), original);
      await vscode.workspace.applyEdit(all.edit);
      assert.equal(editor.document.getText(), original.replace('<account-id>', account).replace('${ACCOUNT_ID}', account));
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), original);
    });

    itInSpanish('are replaced by the thousand, and nothing between them changes', async () => {
      const original = `[\n${Array.from({ length: 5000 }, (_, index) => `  "${index} arn:aws:iam::<account-id>:role/x ñ <region> <producer-account-id>",\n`).join('')}]\n`;
      // Of a name of its own: the next text would be taken for this one by the servers that have yet to read it.
      const editor = await open('untitled:/lake/many.json', `${original}|`);
      const [, all] = await fixes(editor, '<account-id>');
      assert.ok(all?.edit);
      // The editor takes texts of less than 100,000 characters apart again, and is busy for minutes with what that gives.
      const edits = all.edit.get(editor.document.uri);
      assert.ok(edits.length < 10, `${edits.length} edits`);
      assert.deepEqual(edits.filter(({ newText }) => newText.length > 1000 && newText.length < 100_000), []);
      await vscode.workspace.applyEdit(all.edit);
      assert.equal(editor.document.getText(), original.replaceAll('<account-id>', account));
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), original);
    });

    it('of regions, buckets and roles are too, and another\'s account only by itself', async () => {
      const editor = await open('markdown', `${text}\n<your-bucket> <workflow-role>`);
      const titles = async (word: string): Promise<string[]> => (await fixes(editor, word)).map(({ title }) => title);
      assert.match((await titles('<region>')).join(), /us-east-2.*us-east-2/);
      assert.match((await titles('<your-bucket>')).join(), new RegExp(`lake-tutorial-${account}-us-east-2`));
      assert.match((await titles('<workflow-role>')).join(), /LakeFormationWorkflowRole/);
      assert.equal((await titles('<producer-account-id>')).length, 1);
      assert.deepEqual(await fixes(editor, 'catalog', 1), []);
    });

    it('lead to connecting where no account is known', async () => {
      await withSettings(blind, async () => {
        const [only, ...others] = await fixes(await open('json', text), '<account-id>');
        assert.deepEqual(others, []);
        assert.equal(only?.command?.command, 'lakeTutorial.connect');
      });
    });

    itInSpanish('do so no longer from the first time on that the account can be read', async () => {
      await withSettings(blind, async () => {
        const editor = await open('json', text);
        assert.equal((await fixes(editor, '<account-id>')).length, 1);
        try {
          await writeFile(join(folder, 'config'), `${config}\nsso_account_id = 210987654321`);
          // No sooner are the files looked at again.
          await delay(2500);
          assert.match((await fixes(editor, '<account-id>'))[0]?.title ?? '', /210987654321/);
        } finally {
          await writeFile(join(folder, 'config'), config);
          await delay(2500);
        }
      });
    });
  });

  describe('hovers', () => {
    const policy = (resource: string, actions = '["lakeformation:GetDataAccess", "lakeformation:GrantPermissions"]'): string =>
      `{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": ${actions}, "Resource": "*" },\n    { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "${resource}" }\n  ]\n}\n|`;

    it('say what a word of IAM\'s is, and whose account it is', async () => {
      const editor = await open('json', `{"a": "${arn}", "b": "arn:aws:iam::333344445555:role/x", "c": "555566667777", "d": "AWSGlueServiceRole", "e": "iam:PassRole", "Account": "666677778888", "Size": "777788886666"}|`);
      assert.match(await hover(editor, arn), inSpanish() ? /\*\*esta cuenta\*\* \(perfil learner\)/ : /\*\*this account\*\* \(profile learner\)/);
      assert.match(await hover(editor, '333344445555:role/x'), /china/);
      assert.match(await hover(editor, '555566667777'), inSpanish() ? /ejemplo/ : /example/);
      assert.match(await hover(editor, '666677778888'), inSpanish() ? /otra cuenta/ : /another account/);
      assert.equal(await hover(editor, '777788886666'), '');
      assert.match(await hover(editor, 'AWSGlueServiceRole'), /aws-glue-/);
      assert.match(await hover(editor, 'iam:PassRole'), /UserPassRole, LakeFormationWorkflow/);
      assert.equal(await hover(editor, '"a"'), '');
    });

    it('tell what of a policy differs from the tutorial\'s', async () => {
      const same = await open('json', policy(arn));
      assert.match(await hover(same, 'Version'), inSpanish() ? /LakeFormationWorkflow\*\*, tal como/ : /LakeFormationWorkflow\*\*, as `up`/);
      await close();
      const open_ = await open('json', policy('arn:aws:iam::<account-id>:role/LakeFormationWorkflowRole'));
      assert.match(await hover(open_, 'Version'), inSpanish() ? /tal como/ : /as `up`/);
      await close();
      const fence = await open('markdown', `Text\n\n\`\`\`json lake:policy=UserPassRole\n${policy(arn).replace('|', '')}\`\`\`\n|`);
      assert.match(await hover(fence, 'UserPassRole'), /\*\*UserPassRole\*\* [^]*lakeformation:GetDataAccess/);
      assert.match(await hover(fence, 'Version'), /\*\*UserPassRole\*\* [^]*lakeformation:GetDataAccess/);
      await close();
      const other = await open('json', policy(arn.replace('Workflow', 'Other'), '["lakeformation:GetDataAccess", "s3:GetObject"]'));
      const told = await hover(other, 'Statement');
      assert.match(told, /lakeformation:GrantPermissions/);
      assert.match(told, /s3:GetObject/);
      assert.match(told, /LakeFormationOtherRole/);
      await close();
      for (const [language, literal] of [['yaml', 'yaml'], ['typescript', 'typescript'], ['python', 'python'], ['untitled:/lake/hover.tf', 'hcl']] as const) {
        const document = insertable.find(({ prefix }) => prefix === 'lf-workflow')?.document(deriveNames('data-lake', { accountId: account, partition: 'aws' }, 'us-east-2', {}));
        assert.ok(document);
        const editor = await open(language, `${literal === 'yaml' ? '' : 'x = '}${policyLiteral(document, 'x', literal).replace('GrantPermissions', 'RevokePermissions')}\n|`);
        assert.match(await hover(editor, 'Version'), /lakeformation:GrantPermissions[^]*lakeformation:RevokePermissions/, language);
        await close();
      }
    });
  });

  describe('by command', () => {
    it('are inserted for the chosen account, in one step', async () => {
      const editor = await open('typescript', 'put(|)');
      await command('lakeTutorial.insertPolicy', { policy: 'UserPassRole', profile: 'china' });
      assert.match(editor.document.getText(), /^put\(\{\n {4}Version: '2012-10-17',\n[^]*arn:aws-cn:iam::333344445555:role\/LakeFormationWorkflowRole',\n[^]*\}\)$/);
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), 'put()');
    });

    it('are quoted line by line in a quote', async () => {
      const editor = await open('markdown', '> > |');
      await command('lakeTutorial.insertPolicy', { policy: 'UserPassRole', profile: 'china' });
      const lines = editor.document.getText().split('\n');
      assert.deepEqual([lines[0], lines[1], lines.at(-1), lines.filter((line) => !line.startsWith('> > '))], ['> > ```json', '> > {', '> > ```', []]);
    });

    it('are copied as JSON', async () => {
      await command('lakeTutorial.copyPolicy', { policy: 'lf-passrole', account: '999900001111' });
      assert.equal(await vscode.env.clipboard.readText(), `${JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'PassRolePermissions', Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::999900001111:role/LakeFormationWorkflowRole' }] }, undefined, 2)}\n`);
    });

    it('are the permissions that steps need', async () => {
      await command('lakeTutorial.showPermissions', { steps: ['bucket'], account, to: 'document' });
      const shown = vscode.window.activeTextEditor?.document;
      assert.equal(shown?.languageId, 'json');
      const { Statement } = JSON.parse(shown.getText()) as { Statement: { Action: string[]; Resource: string[] }[] };
      assert.ok(Statement.every(({ Action }) => Action.every((action) => action.startsWith('s3:'))));
      assert.deepEqual(Statement[0]?.Resource, [`arn:aws:s3:::lake-tutorial-${account}-us-east-2`, `arn:aws:s3:::lake-tutorial-${account}-us-east-2/*`]);
    });

    it('say what is wrong with what they are told', async () => {
      assert.equal((await failureOf('lakeTutorial.copyPolicy', { policy: 'Nonsense' })).code, 'policy.unknown');
      assert.equal((await failureOf('lakeTutorial.copyPolicy', { policy: 'UserPassRole', account: '12' })).code, 'account.invalid');
      assert.equal((await failureOf('lakeTutorial.showPermissions', { steps: ['nonsense'], account, to: 'clipboard' })).code, 'step.unknown');
    });
  });

  itInSpanish('take half-typed and huge files as they are', async () => {
    for (const text of ['{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:Pass|', '{"Statement": [{|', '[[[[{{{{|', '{"a": <account-id>|']) {
      const editor = await open('json', text);
      await Promise.all([completions(editor), hover(editor, 'Statement'), fixes(editor, '{', 1)]);
      await close();
    }
    const line = '  "arn:aws:iam::<account-id>:role/x",\n';
    const huge = await open('untitled:/lake/huge.json', `[\n${line.repeat(300_000)}|`);
    assert.ok(huge.document.getText().length > 10_000_000);
    const at = new vscode.Range(1, 20, 1, 20);
    const [one] = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', huge.document.uri, at, vscode.CodeActionKind.QuickFix.value);
    assert.ok(one);
    assert.match(await hover(huge, 'arn:aws'), /LakeFormation|IAM/);
    assert.ok((await completions(huge)).some(({ sortText }) => sortText?.startsWith('y-')));
  }, 180_000);
});
