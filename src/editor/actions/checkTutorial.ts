import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { check } from '../../authoring/index.ts';
import { report, type ReportedFile } from '../../authoring/report.ts';
import { UserError } from '../../errors.ts';
import { extensionId, settings } from '../ids.ts';
import { pick } from '../prompts.ts';
import { withProgress } from '../progress.ts';
import type { Services } from '../services.ts';
import { optionsFor } from '../tutorials/diagnostics.ts';
import { isTutorial } from '../tutorials/recognise.ts';
import { activeMarkdown } from './authoring.ts';

interface CheckArguments {
  readonly scope?: 'file' | 'workspace' | undefined;
}

/** A workspace with more Markdown than this is no course. */
const mostFiles = 5000;

/** Shows all findings of the text in front, or of every tutorial in the workspace, as a report with links to their places. @returns the report. */
export async function checkTutorial({ documents }: Services, values: CheckArguments): Promise<string> {
  const scope = values.scope ?? (await chooseScope());
  const texts = scope === 'file' ? [activeMarkdown()] : await withProgress(l10n.t('Lake Tutorial: looking for tutorials'), (_report, signal) => tutorialsOfWorkspace(signal));
  if (texts.length === 0) {
    throw new UserError('tutorial.none', l10n.t('There is no lake tutorial in this workspace.'), { next: l10n.t('Write `lake: 1` into the front matter of one, or name its file in the setting {0}.', settings.tutorials) });
  }
  const files = texts.map((text): ReportedFile => ({ name: nameOf(text), link: (line, column) => linkTo(text.uri, line, column), ...check(text.getText(), optionsFor(text)) }));
  const { extensionUri } = vscode.extensions.getExtension(extensionId)!;
  const text = report(files, (rule) => vscode.Uri.joinPath(extensionUri, 'docs', 'rules', `${rule}.md`).toString());
  await documents.show('check.md', text, 'markdown');
  return text;
}

async function chooseScope(): Promise<'file' | 'workspace'> {
  if (vscode.workspace.workspaceFolders === undefined) {
    return 'file';
  }
  if (vscode.window.activeTextEditor?.document.languageId !== 'markdown') {
    return 'workspace';
  }
  return (await pick([
    { label: l10n.t('The text in front'), scope: 'file' as const },
    { label: l10n.t('All tutorials in the workspace'), scope: 'workspace' as const },
  ], l10n.t('Check what?'))).scope;
}

const nameOf = ({ uri, fileName }: vscode.TextDocument): string => (uri.scheme === 'untitled' ? fileName : vscode.workspace.asRelativePath(uri));

/** The editor goes to the line and column that a fragment names. Signs that Markdown takes for its own are escaped. */
const linkTo = (uri: vscode.Uri, line: number, column: number): string => uri.with({ fragment: `L${line},${column}` }).toString().replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29')).replace('%2C', ',').replace(/%23L/, '#L');

/** Those that say so in their front matter, that a setting names, or that the user has had treated as such; what is typed and not saved counts. */
async function tutorialsOfWorkspace(signal: AbortSignal): Promise<vscode.TextDocument[]> {
  const globs = vscode.workspace.getConfiguration().get<readonly string[]>(settings.tutorials) ?? [];
  const named = await Promise.all(globs.filter((glob) => typeof glob === 'string').map((glob) => vscode.workspace.findFiles(glob, '**/node_modules/**', mostFiles)));
  const wanted = new Map(named.flat().map((uri) => [uri.toString(), uri]));
  for (const uri of await vscode.workspace.findFiles('**/*.{md,markdown}', '**/node_modules/**', mostFiles)) {
    signal.throwIfAborted();
    // Read before it is opened: an opened document is handed to every extension.
    if (!wanted.has(uri.toString()) && /^\ufeff?---[ \t]*\r?\n(?:(?!---).*\r?\n){0,60}?lake[ \t]*:[ \t]*\d/.test(await head(uri))) {
      wanted.set(uri.toString(), uri);
    }
  }
  const open = vscode.workspace.textDocuments.filter((document) => isTutorial(document) && !wanted.has(document.uri.toString()) && document.uri.scheme !== 'lake-tutorial');
  const documents = await Promise.all([...wanted.values()].map((uri) => vscode.workspace.openTextDocument(uri)));
  return [...documents, ...open].filter(isTutorial).sort((a, b) => (a.uri.toString() < b.uri.toString() ? -1 : 1));
}

async function head(uri: vscode.Uri): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  return new TextDecoder().decode(bytes.subarray(0, 8000));
}
