import * as vscode from 'vscode';
import { policyLanguages } from '../ids.ts';
import type { Services } from '../services.ts';

// VS Code knows no Terraform by itself: without an extension for it the file's name must do.
const selector: readonly vscode.DocumentFilter[] = [...policyLanguages.map((language) => ({ language })), { pattern: '**/*.{tf,tfvars,tofu,hcl}' }];

const lastWord = /(?:^|[^\w.$-])([\w-]*)$/;

/**
 * What of one of our prefixes was typed so far; undefined where that is something else, for which nothing is worth loading.
 * Asked for with no word at all, everything is meant. In JSON the static snippets answer to any part of their prefix (`slr`), and
 * must not be alone then.
 */
function prefixOf({ languageId }: vscode.TextDocument, before: string, { triggerKind }: vscode.CompletionContext): string | undefined {
  const word = lastWord.exec(before)?.[1];
  const asked = word === '' && triggerKind === vscode.CompletionTriggerKind.Invoke;
  return word !== undefined && (asked || /^(?:l|lf|lf-.*)$/.test(word) || (word !== '' && /^jsonc?$/.test(languageId))) ? word : undefined;
}

// A line can be as long as its file.
const reach = 2000;

/** Completions, fixes and hovers for IAM policies. What they do is loaded when first asked for. */
export function registerLanguageFeatures(services: Services): vscode.Disposable {
  let loading: Promise<typeof import('./features.ts')> | undefined;
  const features = (): NonNullable<typeof loading> => (loading ??= import('./features.ts'));
  const isOurs = (document: vscode.TextDocument): boolean => vscode.languages.match(selector, document) > 0;
  const warmUp = async (): Promise<void> => (await features()).warmUp(services);
  const warm = (document: vscode.TextDocument | undefined): void => {
    if (document && isOurs(document) && !loading) {
      // Before the first letter is typed, and after whatever the editor is doing now.
      setTimeout(() => void warmUp().catch((error: unknown) => services.log.debug(String(error))), 100);
    }
  };
  warm(vscode.window.activeTextEditor?.document);

  const completions: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position, _token, context) {
      const from = position.with({ character: Math.max(0, position.character - reach) });
      const before = document.getText(new vscode.Range(from, position));
      const prefix = prefixOf(document, before, context);
      return prefix === undefined ? undefined : (await features()).complete(services, document, position, before, prefix);
    },
    async resolveCompletionItem(item) {
      return (await features()).resolveCompletion(item);
    },
  };

  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor((editor) => warm(editor?.document)),
    vscode.languages.registerCompletionItemProvider(selector.filter(({ language }) => language !== 'markdown'), completions),
    // Markdown suggests nothing while one types, unless a character asks for it. Elsewhere that would keep the static snippets out of the list.
    vscode.languages.registerCompletionItemProvider({ language: 'markdown' }, completions, '-'),
    vscode.languages.registerCodeActionsProvider(selector, {
      async provideCodeActions(document, range) {
        return (await features()).fix(services, document, range, reach);
      },
      async resolveCodeAction(action, token) {
        return (await features()).resolveFix(action, token);
      },
    }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
    vscode.languages.registerHoverProvider(selector, {
      async provideHover(document, position) {
        return (await features()).hover(services, document, position, reach);
      },
    }),
  );
}
