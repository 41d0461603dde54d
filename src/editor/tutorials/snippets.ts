import * as vscode from 'vscode';
import { isTutorial } from './recognise.ts';

/**
 * The markup while one writes: after `lake` or `lake:`, and in other Markdown only after `lake:`, which nobody types by chance. Static
 * snippets would be offered in every Markdown file.
 */
export function registerMarkupSnippets(): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider({ language: 'markdown' }, {
    async provideCompletionItems(document, position) {
      const before = document.lineAt(position.line).text.slice(0, position.character);
      const typed = /^[ \t>]*(l|la|lak|lake|lake:[\w-]*)$/.exec(before)?.[1];
      if (typed === undefined || !(typed.startsWith('lake:') || isTutorial(document))) {
        return undefined;
      }
      const [{ markupSnippets }, { catalogue }] = await Promise.all([import('../../authoring/scaffold.ts'), import('../../resources/catalogue.generated.ts')]);
      const isBare = document.lineAt(0).text.trimEnd() !== '---';
      return markupSnippets(catalogue.map(({ id }) => id)).filter(({ atTop }) => !atTop || (position.line === 0 && isBare)).map(({ prefix, detail, body }) => {
        const item = new vscode.CompletionItem(prefix, vscode.CompletionItemKind.Snippet);
        item.detail = detail;
        item.insertText = new vscode.SnippetString(body);
        item.range = new vscode.Range(position.translate(0, -typed.length), position);
        item.filterText = prefix;
        return item;
      });
    },
  }, ':');
}
