import * as vscode from 'vscode';
import { language } from '../settings.ts';
import { frontMatterSaysSo } from './frontMatter.ts';
import { oneTutorialOf } from './oneTutorial.ts';

/** A workspace with more Markdown than this is no tutorial's. */
const mostFiles = 60;
/** Front matter is short: of a file no more is looked at. */
const headBytes = 4096;

/** The only lake tutorial of the workspace, if there is just one: `lake: 1` in its front matter. */
export async function soleTutorial(): Promise<vscode.Uri | undefined> {
  if (!vscode.workspace.workspaceFolders) {
    return undefined;
  }
  const files = await vscode.workspace.findFiles('**/*.md', '{**/node_modules/**,**/.*/**}', mostFiles + 1);
  if (files.length > mostFiles) {
    return undefined;
  }
  const declared = await Promise.all(files.map(async (uri) => ((await head(uri).then(frontMatterSaysSo, () => false)) ? uri : undefined)));
  return oneTutorialOf(declared.filter((uri) => uri !== undefined), ({ path }) => path, language());
}

async function head(uri: vscode.Uri): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  return new TextDecoder().decode(bytes.subarray(0, headBytes));
}
