import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { LakeDocument, Place } from '../../authoring/document.ts';
import { declareStep } from '../../authoring/help/declare.ts';
import { completionsAt, hoverAt, type Completion, type HelpContext } from '../../authoring/help/markup.ts';
import { nameAt, occurrencesOf, rename, type Name } from '../../authoring/help/names.ts';
import { foldsOf, outlineOf, type OutlineItem } from '../../authoring/help/outline.ts';
import { rules } from '../../authoring/index.ts';
import { policies } from '../../policies/policies.ts';
import { catalogue } from '../../resources/catalogue.generated.ts';
import type { ResourceKind } from '../../resources/kind.ts';
import { documentOf } from './diagnostics.ts';

let known: HelpContext | undefined;
/** In the editor's language, which is known once the first text is asked about. */
const context = (): HelpContext =>
  (known ??= {
    kinds: (catalogue as readonly ResourceKind[]).map(({ id, title, type, parameters, dependsOn = [], costs = [] }) => ({
      id, title: title(), type, ...(parameters && { parameters }), needs: dependsOn.map((kind) => kind.id), costs: costs.map(({ what }) => what()),
    })),
    policies: policies.map(({ name }) => ({ name })),
    rules: rules.map(({ id, title }) => ({ id, title: title() })),
  });

const rangeIn = (document: vscode.TextDocument, { start, end }: Place): vscode.Range => new vscode.Range(document.positionAt(start), document.positionAt(end));

const kinds: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  attribute: vscode.CompletionItemKind.Property, resource: vscode.CompletionItemKind.Class, parameter: vscode.CompletionItemKind.Field, variable: vscode.CompletionItemKind.Variable,
  policy: vscode.CompletionItemKind.Constant, rule: vscode.CompletionItemKind.EnumMember, key: vscode.CompletionItemKind.Property,
};

export function complete(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
  return completionsAt(documentOf(document), document.offsetAt(position), context()).map((found, index) => {
    const item = new vscode.CompletionItem({ label: found.label, description: found.detail }, kinds[found.kind]);
    item.range = rangeIn(document, found);
    item.insertText = new vscode.SnippetString(found.insert);
    // As it is typed: a placeholder with its bracket.
    item.filterText = found.kind === 'variable' ? `${document.getText(item.range).startsWith('<') ? '<' : ''}${found.label.replace(/[<>]/g, '')}` : found.label;
    // Before words of the text, and in the order of the library.
    item.sortText = `!${String(index).padStart(3, '0')}`;
    return item;
  });
}

export function hover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const found = hoverAt(documentOf(document), document.offsetAt(position), context());
  return found && new vscode.Hover(new vscode.MarkdownString(found.text), rangeIn(document, found));
}

const symbolKinds: Readonly<Record<OutlineItem['kind'], vscode.SymbolKind>> = {
  section: vscode.SymbolKind.Namespace, step: vscode.SymbolKind.Event, verification: vscode.SymbolKind.Boolean, 'clean-up': vscode.SymbolKind.Event, policy: vscode.SymbolKind.Key,
};

export function symbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  const symbolOf = (item: OutlineItem): vscode.DocumentSymbol => {
    const symbol = new vscode.DocumentSymbol(item.title, item.detail, symbolKinds[item.kind], rangeIn(document, item.place), rangeIn(document, item.heading));
    symbol.children = item.children.map(symbolOf);
    return symbol;
  };
  return outlineOf(documentOf(document)).map(symbolOf);
}

export const folds = (document: vscode.TextDocument): vscode.FoldingRange[] => foldsOf(documentOf(document)).map(({ first, last }) => new vscode.FoldingRange(first - 1, last - 1));

function named(document: vscode.TextDocument, position: vscode.Position): { readonly lake: LakeDocument; readonly name: Name } | undefined {
  const lake = documentOf(document);
  const name = nameAt(lake, document.offsetAt(position));
  return name && { lake, name };
}

export function definition(document: vscode.TextDocument, position: vscode.Position): vscode.Location | undefined {
  const at = named(document, position);
  const declared = at && occurrencesOf(at.lake, at.name).find(({ isDeclaration }) => isDeclaration);
  return declared && new vscode.Location(document.uri, rangeIn(document, declared));
}

export function references(document: vscode.TextDocument, position: vscode.Position, includeDeclaration: boolean): vscode.Location[] {
  const at = named(document, position);
  return at ? occurrencesOf(at.lake, at.name).filter(({ isDeclaration }) => includeDeclaration || !isDeclaration).map((place) => new vscode.Location(document.uri, rangeIn(document, place))) : [];
}

export function renamable(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
  const at = named(document, position);
  if (!at) {
    throw new Error(l10n.t('Only variables and the ids of steps can be renamed here.'));
  }
  return rangeIn(document, at.name);
}

export function renameTo(document: vscode.TextDocument, position: vscode.Position, to: string): vscode.WorkspaceEdit {
  const at = named(document, position);
  const edits = at ? rename(at.lake, at.name, to) : l10n.t('Only variables and the ids of steps can be renamed here.');
  if (typeof edits === 'string') {
    throw new Error(edits);
  }
  const edit = new vscode.WorkspaceEdit();
  for (const change of edits) {
    edit.replace(document.uri, rangeIn(document, change), change.text);
  }
  return edit;
}

/** "Declare what this step provisions", on the heading of a step that does not say so. */
export function declarations(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
  const edit = declareStep(documentOf(document), document.offsetAt(range.start));
  if (!edit) {
    return [];
  }
  const action = new vscode.CodeAction(l10n.t('Declare what this step provisions'), vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, rangeIn(document, edit), edit.text);
  return [action];
}
