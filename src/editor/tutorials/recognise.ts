import * as vscode from 'vscode';
import { settings } from '../ids.ts';

/** Texts that the user has had treated as a lake tutorial in this window. */
const treated = new Set<string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** A text is a lake tutorial by the user's word now. */
export const onDidTreat = changed.event;

export function treatAsTutorial(uri: vscode.Uri): void {
  treated.add(uri.toString());
  changed.fire(uri);
}

/** Front matter ends somewhere; whose does not by then is none. */
const mostLines = 60;

/**
 * Whether somebody wants us for a text: its front matter says `lake: 1`, a setting names it, or the user has said so. Any
 * other Markdown is none of our business, and costs a look at its first line.
 */
export function isTutorial(document: vscode.TextDocument): boolean {
  if (document.languageId !== 'markdown' || document.uri.scheme === 'git') {
    return false;
  }
  if (treated.has(document.uri.toString()) || saysSo(document)) {
    return true;
  }
  const patterns = vscode.workspace.getConfiguration().get<readonly string[]>(settings.tutorials) ?? [];
  return patterns.some((pattern) => typeof pattern === 'string' && vscode.languages.match({ pattern }, document) > 0);
}

function saysSo(document: vscode.TextDocument): boolean {
  if (document.lineCount === 0 || document.lineAt(0).text.trimEnd() !== '---') {
    return false;
  }
  for (let line = 1; line < Math.min(document.lineCount, mostLines); line++) {
    const { text } = document.lineAt(line);
    if (/^lake\s*:\s*\d/.test(text)) {
      return true;
    }
    if (/^(?:---|\.\.\.)\s*$/.test(text)) {
      return false;
    }
  }
  return false;
}
