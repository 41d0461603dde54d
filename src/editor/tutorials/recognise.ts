import * as vscode from 'vscode';
import { settings } from '../ids.ts';
import { saysSo } from './frontMatter.ts';

/** Texts that the user has had treated as a lake tutorial in this window. */
const treated = new Set<string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** A text is a lake tutorial by the user's word now. */
export const onDidTreat = changed.event;

export function treatAsTutorial(uri: vscode.Uri): void {
  treated.add(uri.toString());
  changed.fire(uri);
}

/**
 * Whether somebody wants us for a text: its front matter says `lake: 1`, a setting names it (as a lake tutorial, or as the active one), or the user has said so. Any
 * other Markdown is none of our business, and costs a look at its first line.
 */
export function isTutorial(document: vscode.TextDocument): boolean {
  if (document.languageId !== 'markdown' || document.uri.scheme === 'git') {
    return false;
  }
  if (treated.has(document.uri.toString()) || saysSo(document.lineCount, (line) => document.lineAt(line).text)) {
    return true;
  }
  const configuration = vscode.workspace.getConfiguration();
  const named = configuration.get<string>(settings.tutorial)?.trim();
  if (named && (document.uri.fsPath === named || document.uri.path.endsWith(`/${named.replace(/^(?:~|\.)\//, '')}`))) {
    return true;
  }
  const patterns = configuration.get<readonly string[]>(settings.tutorials) ?? [];
  return patterns.some((pattern) => typeof pattern === 'string' && vscode.languages.match({ pattern }, document) > 0);
}
