import * as vscode from 'vscode';
import { language } from '../settings.ts';
import { declaredAmong, headBytes, headOfPath } from './heads.ts';
import { oneTutorialOf } from './oneTutorial.ts';

/** Of so many files the beginnings are read in about a second; in a workspace with more, the setting names the tutorial, and its description says so. */
const mostFiles = 5000;

/** The only lake tutorial of the workspace, if there is just one: `lake: 1` in its front matter. */
export async function soleTutorial(): Promise<vscode.Uri | undefined> {
  if (!vscode.workspace.workspaceFolders) {
    return undefined;
  }
  const files = await vscode.workspace.findFiles('**/*.md', '{**/node_modules/**,**/.*/**}', mostFiles + 1);
  if (files.length > mostFiles) {
    return undefined;
  }
  return oneTutorialOf(await declaredAmong(files, head), ({ path }) => path, language());
}

async function head(uri: vscode.Uri): Promise<string> {
  if (uri.scheme === 'file') {
    return headOfPath(uri.fsPath);
  }
  const bytes = await vscode.workspace.fs.readFile(uri);
  return new TextDecoder().decode(bytes.subarray(0, headBytes));
}
