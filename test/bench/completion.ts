import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { extensionId } from '../../src/editor/ids.ts';
import { complete, warmUp } from '../../src/editor/languages/features.ts';
import type { Services } from '../../src/editor/services.ts';

const rounds = 100;
const profiles = 5000;

/**
 * Asks for completions at the end of a large file, with thousands of profiles, and writes the times to the file in `LAKE_TUTORIAL_BENCH`.
 *
 * `ms` is our part of it: the same source as in the extension, called here. `wallMs` is the extension's through the editor, to its
 * other process and back, with whatever else answers there.
 */
export async function run(): Promise<void> {
  const file = process.env['LAKE_TUTORIAL_BENCH'];
  if (!file) {
    throw new Error('nowhere to write to');
  }
  const folder = await mkdtemp(join(tmpdir(), 'lake-bench-'));
  const config = Array.from({ length: profiles }, (_, index) => `[profile p${index}]\nsso_session = s\nsso_account_id = ${String(index + 1).padStart(12, '2')}\nregion = us-east-2\n`);
  await writeFile(join(folder, 'config'), config.join('\n'));
  Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'), AWS_PROFILE: 'p4999' });
  await vscode.extensions.getExtension(extensionId)?.activate();

  const content = `${'resource "x" "y" {\n  z = "arn:aws:iam::<account-id>:role/x"\n}\n'.repeat(170_000)}policy = lf-`;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('untitled:/bench/main.tf'));
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), content));
  const position = document.positionAt(content.length);
  const before = document.lineAt(position.line).text;
  const services = { model: { target: { target: 'aws', region: 'us-east-2', profile: 'p4999' }, accountId: undefined, isSandbox: false, recogniseSandbox: () => Promise.resolve() } } as unknown as Services;

  await warmUp(services);
  await delay(1000);
  const [ms, wallMs]: number[][] = [[], []];
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    found = (await complete(services, document, position, before, 'lf-'))?.length ?? 0;
    ms?.push(performance.now() - start);
  }
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, position);
    wallMs?.push(performance.now() - start);
  }
  if (found < 12) {
    throw new Error(`there are ${found} completions`);
  }
  await writeFile(file, JSON.stringify({ ms, wallMs, found, profiles, characters: content.length }));
}
