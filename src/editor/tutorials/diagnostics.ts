import { existsSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { Checker, compatible, fixAll, rules, type CheckOptions, type Edit, type Finding, type LakeDocument, type Level, type Severity } from '../../authoring/index.ts';
import { catalogue } from '../../resources/catalogue.generated.ts';
import { settings } from '../ids.ts';

const source = 'Lake Tutorial';
const kinds = catalogue.map(({ id }) => id);
const known: ReadonlySet<string> = new Set(rules.map(({ id }) => id));
const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
};

interface Open {
  readonly checker: Checker;
  version?: number;
  findings: readonly Finding[];
}
const open = new Map<string, Open>();

export const forget = (uri: vscode.Uri): void => void open.delete(uri.toString());

/** Levels as the settings have them, and what is beside a text. */
export function optionsFor(document: vscode.TextDocument): CheckOptions {
  const levels = vscode.workspace.getConfiguration(undefined, document.uri).get<Readonly<Record<string, Level>>>(settings.rules) ?? {};
  return {
    kinds,
    levels: Object.fromEntries(Object.entries(levels).filter(([id, level]) => known.has(id) && ['error', 'warning', 'note', 'off'].includes(level))),
    // A text that is nowhere on disk has nothing beside it.
    ...(document.uri.scheme === 'file' && { exists: (path: string) => existsSync(vscode.Uri.joinPath(document.uri, '..', path).fsPath) }),
  };
}

function entryOf({ uri }: vscode.TextDocument): Open {
  const entry = open.get(uri.toString()) ?? { checker: new Checker(), findings: [] };
  open.set(uri.toString(), entry);
  return entry;
}

/** A text as it is now, parsed once for whatever asks for it. */
export const documentOf = (document: vscode.TextDocument): LakeDocument => entryOf(document).checker.document(document.getText());

/** The findings of a text as it is now; what an edit left alone is not read again. */
function findingsIn(document: vscode.TextDocument): readonly Finding[] {
  const entry = entryOf(document);
  // Levels may have changed though the text has not.
  entry.findings = entry.checker.check(document.getText(), optionsFor(document)).findings;
  entry.version = document.version;
  return entry.findings;
}

const rangeOf = (finding: Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>): vscode.Range => new vscode.Range(finding.line - 1, finding.column - 1, finding.endLine - 1, finding.endColumn - 1);

/** A text's findings for the editor; the code of each leads to its rule's page. */
export function diagnose(document: vscode.TextDocument, extensionUri: vscode.Uri): vscode.Diagnostic[] {
  return findingsIn(document).map((finding) => {
    const diagnostic = new vscode.Diagnostic(rangeOf(finding), finding.message, severities[finding.severity]);
    diagnostic.source = source;
    diagnostic.code = { value: finding.rule, target: vscode.Uri.joinPath(extensionUri, 'docs', 'rules', `${finding.rule}.md`) };
    return diagnostic;
  });
}

/** Fixes for a place, for all of their rule, for the whole text, and the comment that says: wrong on purpose. */
export function fixes(document: vscode.TextDocument, range: vscode.Range, { only, diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
  if (only && vscode.CodeActionKind.SourceFixAll.contains(only)) {
    const action = wholeText(document, optionsFor(document), l10n.t('Mend all of this tutorial'), vscode.CodeActionKind.SourceFixAll);
    return action ? [action] : [];
  }
  if (only && !only.contains(vscode.CodeActionKind.QuickFix)) {
    return [];
  }
  const entry = open.get(document.uri.toString());
  const findings = entry?.version === document.version ? entry.findings : findingsIn(document);
  const here = findings.filter((finding) => rangeOf(finding).intersection(range) !== undefined);
  const actions: vscode.CodeAction[] = [];
  for (const { fix, ...finding } of here) {
    const about = diagnostics.filter(({ code, range: place }) => typeof code === 'object' && code.value === finding.rule && place.isEqual(rangeOf(finding)));
    if (fix) {
      actions.push(action(document, fix.title, fix.edits, vscode.CodeActionKind.QuickFix, about, !fix.isDraft));
    }
  }
  for (const rule of new Set(here.map((finding) => finding.rule))) {
    const alike = findings.filter((finding) => finding.rule === rule && finding.fix && !finding.fix.isDraft);
    if (alike.length > 1) {
      actions.push(action(document, l10n.t('Mend all of this kind: {0}', rule), compatible(alike), vscode.CodeActionKind.QuickFix));
    }
  }
  if (here.some(({ fix }) => fix) && findings.some(({ fix, rule }) => fix && !here.some((finding) => finding.rule === rule))) {
    const all = wholeText(document, optionsFor(document), l10n.t('Mend all of this tutorial'), vscode.CodeActionKind.QuickFix);
    actions.push(...(all ? [all] : []));
  }
  for (const rule of new Set(here.map((finding) => finding.rule))) {
    const [finding] = here.filter((each) => each.rule === rule);
    actions.push(...(finding ? [onPurpose(document, finding)] : []));
  }
  return actions;
}

function action(document: vscode.TextDocument, title: string, edits: readonly Edit[], kind: vscode.CodeActionKind, about: vscode.Diagnostic[] = [], isPreferred = false): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.edit = new vscode.WorkspaceEdit();
  for (const { start, end, text } of edits) {
    made.edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
  }
  made.diagnostics = about;
  made.isPreferred = isPreferred;
  return made;
}

/** One edit from the first to the last change: mending one thing may show another, so this is done until nothing is left. */
function wholeText(document: vscode.TextDocument, options: CheckOptions, title: string, kind: vscode.CodeActionKind): vscode.CodeAction | undefined {
  const before = document.getText();
  const { text: after } = fixAll(before, options);
  if (after === before) {
    return undefined;
  }
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return action(document, title, [{ start: head, end: before.length - tail, text: after.slice(head, after.length - tail) }], kind);
}

/** The comment goes before the block, with the block's own indentation. */
function onPurpose(document: vscode.TextDocument, { rule, line }: Finding): vscode.CodeAction {
  let first = line - 1;
  for (let fence = first; fence >= 0; fence--) {
    if (/^\s*(?:`{3,}|~{3,})\s*\S/.test(document.lineAt(fence).text)) {
      first = fence;
      break;
    }
    if (document.lineAt(fence).isEmptyOrWhitespace && !isInFence(document, line - 1)) {
      break;
    }
  }
  while (!isInFence(document, line - 1) && first > 0 && !document.lineAt(first - 1).isEmptyOrWhitespace) first--;
  const made = new vscode.CodeAction(l10n.t('Wrong on purpose: say so for this block ({0})', rule), vscode.CodeActionKind.QuickFix);
  const indent = /^\s*/.exec(document.lineAt(first).text)?.[0] ?? '';
  made.edit = new vscode.WorkspaceEdit();
  made.edit.insert(document.uri, new vscode.Position(first, 0), `${indent}<!-- lake:ignore ${rule} -->\n`);
  return made;
}

function isInFence(document: vscode.TextDocument, line: number): boolean {
  let inside = false;
  for (let at = 0; at <= line; at++) {
    if (/^\s*(?:`{3,}|~{3,})/.test(document.lineAt(at).text)) inside = !inside;
  }
  return inside;
}
