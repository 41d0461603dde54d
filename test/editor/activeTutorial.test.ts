import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { stepNodeId } from '../../src/editor/arguments.ts';
import { settings, viewId } from '../../src/editor/ids.ts';
import type { DownResult } from '../../src/provision/down.ts';
import type { UpResult } from '../../src/provision/up.ts';
import type { VerifiedStep, VerifyResult } from '../../src/provision/verify.ts';
import { api, behindItsBack, command, failureOf } from './support.ts';

const bucket = 'my-own-lake-000000000000';
const text = `---
lake: 1
id: my-own-lake
title: My own lake
vars:
  bucket: { default: ${bucket} }
---

# My own lake

It costs nothing. Other headings are left alone.

## Step 1. Make the bucket
<!-- lake:step id=make provisions=bucket -->

It holds the data.

## Step 2. Divide it
<!-- lake:step id=divide provisions=zones -->

Into zones.

## Step 3. Clean up
<!-- lake:step id=gone -->

Remove all.
`;

async function until<T>(look: () => Promise<T> | T, fits: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; await delay(50)) {
    const value = await look();
    if (fits(value) || Date.now() > end) {
      return value;
    }
  }
}
const inSpanish = vscode.env.language.startsWith('es');
const said = (english: string, spanish: string): string => (inSpanish ? spanish : english);

describe('the active tutorial', () => {
  let file: vscode.Uri;
  const folder = (): vscode.Uri => vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder is open');
  const steps = async (): Promise<string[]> => {
    const { sidebar } = await api();
    const tree = await sidebar.tree('steps');
    return (await tree.children(undefined)).map((node) => {
      const { label, description } = tree.present(node);
      return [label, description].filter(Boolean).join(' | ');
    });
  };
  const lenses = async (uri: vscode.Uri): Promise<[number, string, unknown][]> =>
    (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50))
      .filter(({ command: link }) => link?.command.startsWith('lakeTutorial.'))
      .map(({ range, command: link }) => [range.start.line, link?.title ?? '', link?.arguments?.[0]]);
  const edit = async (document: vscode.TextDocument, from: string, to: string): Promise<void> => {
    const at = document.getText().indexOf(from);
    assert.ok(at >= 0, from);
    const change = new vscode.WorkspaceEdit();
    change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
    await vscode.workspace.applyEdit(change);
  };

  before(async () => {
    await command('lakeTutorial.tearDown', { yes: true });
    await vscode.commands.executeCommand(`${viewId('steps')}.focus`);
    file = vscode.Uri.joinPath(folder(), 'my lake [1].md');
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.getConfiguration().update(settings.tutorial, undefined, vscode.ConfigurationTarget.Workspace);
    await rm(file.fsPath, { force: true });
    await until(async () => (await api()).tutorial.isBuiltIn, Boolean);
    await command('lakeTutorial.tearDown', { yes: true });
  });

  it('is the built-in one where there is no other: each step with its number, and the one that comes next', async () => {
    const shown = await until(steps, (lines) => lines.some((line) => line.includes(said('next', 'siguiente'))));
    assert.equal(shown.length, 19);
    assert.match(shown[0] ?? '', new RegExp(`^0\\.1 .* \\| ${said('done', 'hecho')}$`));
    assert.match(shown[1] ?? '', new RegExp(`^0\\.2 .* \\| ${said('next', 'siguiente')} · ${said('not there yet', 'todavía no existe')}$`));
  });

  it('is the only lake tutorial of the folder, without anybody saying so', async () => {
    await vscode.workspace.fs.writeFile(file, Buffer.from(text));
    const shown = await until(steps, (lines) => lines.length === 3 && lines.some((line) => line.includes(said('next', 'siguiente'))));
    assert.deepEqual(shown.map((line) => line.split(' | ')[0]), ['1 Make the bucket', '2 Divide it', '3 Clean up']);
    assert.equal((await api()).tutorial.name, 'My own lake');
    assert.deepEqual((await api()).walkthrough.ticks(), []);
  });

  it('is what commands provision, verify and show: with its own names, and nothing of another', async () => {
    const { resources } = await command<UpResult>('lakeTutorial.provisionStep', 'make');
    assert.deepEqual(resources.map(({ resource, state }) => [resource, state]), [['bucket', 'created']]);
    await behindItsBack(({ s3 }) => s3.headBucket({ Bucket: bucket }));
    const { steps: verified } = await command<VerifyResult>('lakeTutorial.verifyAll');
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    assert.deepEqual(verified.map(({ id, state }) => [id, state]), [['make', 'done'], ['divide', 'missing']]);
    const shown = await until(steps, (lines) => lines[0]?.endsWith(said('done', 'hecho')) === true);
    assert.deepEqual(shown.slice(0, 2).map((line) => line.split(' | ')[1]), [said('done', 'hecho'), said('next · not there yet', 'siguiente · todavía no existe')]);
    // What the walkthrough ticks are the built-in tutorial's steps, and of those nothing is said here.
    assert.deepEqual((await api()).walkthrough.ticks(), []);
    const failure = await failureOf('lakeTutorial.provision.inserter');
    assert.equal(failure.code, 'step.unknown');
    assert.equal(await command('lakeTutorial.revealStep', 'make'), `s3://${bucket}`);
  });

  it('shows under a step what it asks for, each with its state', async () => {
    const tree = await (await api()).sidebar.tree('steps');
    const divide = await tree.model.find([stepNodeId('divide')]);
    assert.ok(divide);
    const [zones] = await tree.children(divide);
    assert.ok(zones);
    assert.equal(tree.present(zones).description, said('not there yet', 'todavía no existe'));
    assert.equal(tree.item(divide).contextValue, 'tutorialStep.makes');
    assert.deepEqual((await command<VerifyResult>('lakeTutorial.verifyStep', divide)).steps.map(({ id }) => id), ['divide']);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  });

  it('says why a step is not done: what was looked at, found and expected, and how to mend it, with buttons', async () => {
    const verified = await command<VerifiedStep>('lakeTutorial.whyNotDone', 'divide');
    assert.equal(verified.state, 'missing');
    const { document } = vscode.window.activeTextEditor ?? assert.fail('nothing is shown');
    assert.equal(document.languageId, 'markdown');
    assert.deepEqual(document.getText().match(/^##? .*$/gm)?.slice(1), inSpanish
      ? ['## Qué se ha mirado', '## Qué se ha encontrado', '## Qué se esperaba', '## Cómo arreglarlo']
      : ['## What was looked at', '## What was found', '## What was expected', '## How to mend it']);
    assert.match(document.getText(), /^# .*"2 Divide it"/);
    assert.deepEqual((await lenses(document.uri)).map(([, , step]) => step), ['divide', 'divide', 'divide']);
  });

  it('has its states above the headings of its text, and beside them in the preview; other Markdown has not', async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    const line = (heading: string): number => text.split('\n').indexOf(heading);
    const of = (all: [number, string, unknown][], heading: string): string[] => all.filter(([at]) => at === line(heading)).map(([, title]) => title);
    const shown = await lenses(file);
    assert.deepEqual(of(shown, '## Step 1. Make the bucket'), inSpanish
      ? ['$(pass-filled)\u00A0hecho', 'Aprovisionar', 'Verificar', 'Mostrar', 'Eliminar']
      : ['$(pass-filled)\u00A0done', 'Provision', 'Verify', 'Reveal', 'Remove']);
    assert.deepEqual(of(shown, '## Step 2. Divide it'), inSpanish
      ? ['$(circle-large-outline)\u00A0siguiente · todavía no existe', 'Aprovisionar', 'Verificar', '¿Por qué no está hecho?', 'Mostrar', 'Eliminar']
      : ['$(circle-large-outline)\u00A0next · not there yet', 'Provision', 'Verify', 'Why not done?', 'Reveal', 'Remove']);

    const rendered = await until(async () => vscode.commands.executeCommand<string>('markdown.api.render', document), (html) => html.includes('lake-tutorial-done'));
    assert.match(rendered, new RegExp(`Make the bucket <span class="lake-tutorial-state lake-tutorial-done">✓ ${said('done', 'hecho')}</span></h2>`));
    assert.match(rendered, /Divide it <span class="lake-tutorial-state lake-tutorial-missing">/);
    assert.equal(rendered.match(/lake-tutorial-state/g)?.length, 2);
    assert.doesNotMatch(rendered.replace(/<!--[^]*?-->/g, ''), /lake:step/);

    const other = await vscode.workspace.openTextDocument({ language: 'markdown', content: '# Step 1. Make the bucket\n' });
    assert.doesNotMatch(await vscode.commands.executeCommand<string>('markdown.api.render', other), /lake-tutorial/);
    assert.deepEqual(await lenses(other.uri), []);
  });

  it('counts as it is typed, before it is saved; a broken one is told in words, and works again when it is mended', async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await edit(document, 'Divide it', 'Part it');
    await until(steps, (lines) => lines.some((line) => line.startsWith('2 Part it')));
    assert.match((await steps())[1] ?? '', /^2 Part it \| /);
    await edit(document, 'provisions=zones', 'provisions=zones(');
    assert.equal((await until(() => failureOf('lakeTutorial.verifyStep', 'make').catch(() => ({ code: '' })), ({ code }) => code === 'tutorial.broken')).code, 'tutorial.broken');
    const named = /my lake \[1\]\.md.* 19/;
    assert.match((await until(steps, ([first]) => named.test(first ?? '')))[0] ?? '', named);
    await edit(document, 'provisions=zones(', 'provisions=zones');
    assert.equal((await until(steps, (lines) => lines.length === 3)).length, 3);
    await document.save();
  });

  it('is another one at a word, which the workspace keeps: the built-in one, or a file that is opened', async () => {
    const word = (): unknown => vscode.workspace.getConfiguration().inspect(settings.tutorial)?.workspaceValue;
    await command('lakeTutorial.useBuiltInTutorial');
    assert.equal(word(), '');
    assert.equal((await until(steps, (lines) => lines.length === 19)).length, 19);
    assert.deepEqual(await lenses(file), [[text.split('\n').indexOf('## Step 1. Make the bucket'), `$(mortar-board)\u00A0${said('Use as Tutorial', 'Usar como tutorial')}`, { uri: file.toString() }]]);
    await vscode.window.showTextDocument(file);
    assert.equal(await command('lakeTutorial.useAsTutorial'), 'My own lake');
    assert.equal(word(), 'my lake [1].md');
    assert.equal((await until(steps, (lines) => lines.length === 3)).length, 3);
    const { removed } = await command<DownResult>('lakeTutorial.tearDown', { yes: true });
    assert.deepEqual(removed, ['bucket']);
    // The file is gone: that is said, and what there was before is not taken for it.
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(file.fsPath);
    assert.equal((await until(() => failureOf('lakeTutorial.verifyStep', 'make').catch(() => ({ code: '' })), ({ code }) => code === 'tutorial.unreadable')).code, 'tutorial.unreadable');
  });
});
