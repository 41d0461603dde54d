import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { describePolicy, describeToken, tokenAt, type Facts } from '../../authoring/hovers.ts';
import { literalLanguageOf, placed, planInsertion, type Insertion } from '../../authoring/insertion.ts';
import { findPlaceholderSpellings, valueFor, type FoundPlaceholder, type PlaceholderValues } from '../../authoring/placeholders.ts';
import { findPolicy, findYamlPolicy, readPolicy } from '../../authoring/policyText.ts';
import type { PolicyDocument } from '../../policies/document.ts';
import { policyLiteral, toSnippet, withPlaceholders } from '../../policies/literal.ts';
import { policies } from '../../policies/policies.ts';
import { permissionsPolicy } from '../../provision/permissions.ts';
import type { Names } from '../../resources/names.ts';
import type { CommandId } from '../commandIds.generated.ts';
import { isTutorial } from '../tutorials/recognise.ts';
import type { Services } from '../services.ts';
import { AccountBook, namesIn, viaOf, type KnownAccount } from './accounts.ts';

/** A policy that can be put into a text: the tutorial's, or the permissions to provision it. */
export interface InsertablePolicy {
  readonly name: string;
  readonly prefix: string;
  readonly document: (names: Names) => PolicyDocument;
}

/** All of them, in the tutorial's order. */
export const insertable: readonly InsertablePolicy[] = [...policies, permissionsPolicy()];

const books = new WeakMap<Services['model'], AccountBook>();

/** The accounts that are known in this window. */
export function bookOf({ model }: Services): AccountBook {
  let book = books.get(model);
  if (!book) {
    book = new AccountBook(model);
    books.set(model, book);
  }
  return book;
}

/** The same, once it was read; never waited for long. */
async function readBookOf(services: Services): Promise<AccountBook> {
  const book = bookOf(services);
  if (book.known().length === 0) {
    await Promise.race([book.refresh(), new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  return book;
}

/** Reads the accounts and makes their policies, so that the first letter typed finds them. */
export async function warmUp(services: Services): Promise<void> {
  const book = bookOf(services);
  await book.refresh();
  for (const account of [...book.known(), undefined]) {
    documentsIn(namesIn(account, services.model.target.region));
  }
}

/** What was made last, by what it was made from: while one types, the same is asked for again and again. */
function remembered<T>(size: number): (key: string, make: () => T) => T {
  const kept = new Map<string, T>();
  return (key, make) => {
    const value = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= size) break;
      kept.delete(oldest);
    }
    return value;
  };
}

const documentsFor = remembered<ReadonlyMap<InsertablePolicy, PolicyDocument>>(8);
const documentsIn = (names: Names): ReadonlyMap<InsertablePolicy, PolicyDocument> => documentsFor(JSON.stringify(names), () => new Map(insertable.map((policy) => [policy, policy.document(names)])));
const textsFor = remembered<readonly { readonly policy: InsertablePolicy; readonly text: string }[]>(8);
/** Every policy as a snippet for a place. */
const textsIn = (names: Names, plan: Insertion, unit: string): readonly { readonly policy: InsertablePolicy; readonly text: string }[] =>
  textsFor(JSON.stringify([names, plan, unit]), () => insertable.map((policy) => ({ policy, text: snippetFor(policy, documentsIn(names).get(policy) ?? policy.document(names), plan, unit) })));

// --- Completion

/** How far up is looked for the fence or the expression that the place is in. */
const linesAbove = 5000;

interface PolicyItem extends vscode.CompletionItem {
  readonly policy: InsertablePolicy;
  readonly names: Names;
  readonly account: KnownAccount | undefined;
  readonly isOfTutorial: boolean;
}

/** The policies at a place, filled in for every account that is known; with tab stops where none is. */
export async function complete(services: Services, document: vscode.TextDocument, position: vscode.Position, before: string, prefix: string): Promise<vscode.CompletionItem[] | undefined> {
  const plan = planAt(document, position, before.slice(0, before.length - prefix.length));
  if (!plan) {
    return undefined;
  }
  const isOfTutorial = isTutorial(document);
  const book = await readBookOf(services);
  // JSON's own snippets, which know no account, are in the list without us. An author's tutorial keeps its placeholders: they are for its readers.
  const accounts: readonly (KnownAccount | undefined)[] = isOfTutorial ? [undefined] : [...book.known(), ...(/^jsonc?$/.test(document.languageId) ? [] : [undefined])];
  const range = new vscode.Range(position.translate(0, -prefix.length - plan.replaces), position);
  // The editor compares what is typed with all that is replaced.
  const replaced = before.slice(before.length - prefix.length - plan.replaces, before.length - prefix.length);
  const made = new Set<string>();
  const unit = indentUnit(document, plan);
  return accounts.flatMap((account, rank) => {
    const names = namesIn(account, services.model.target.region);
    return textsIn(names, plan, unit).flatMap(({ policy, text }): PolicyItem[] => {
      if (made.has(text)) {
        // Nothing in it depends on the account.
        return [];
      }
      made.add(text);
      const isFilled = account !== undefined || !hasTabStops(text);
      const label = { label: policy.prefix, description: account ? `${account.accountId} · ${viaOf(account)}` : isFilled || isOfTutorial ? policy.name : l10n.t('not filled in') };
      return [Object.assign(new vscode.CompletionItem(label, vscode.CompletionItemKind.Snippet), {
        detail: policy.name,
        filterText: `${replaced}${policy.prefix}`,
        // Before the snippets that know no account ("z-…"), and behind what the language itself offers.
        sortText: `y-${rank}-${policy.prefix}`,
        range,
        // The fence says which policy it is, so that it is kept equal to what is provisioned.
        insertText: new vscode.SnippetString(isOfTutorial ? text.replace(/(`{3,}json)(?=\n)/, `$1 lake:policy=${policy.name}`) : text),
        policy, names, account, isOfTutorial,
      })];
    });
  });
}

const hasTabStops = (snippet: string): boolean => /\$\{\d/.test(snippet);

/** Shows what will be inserted, and where the account comes from. */
export function resolveCompletion(item: vscode.CompletionItem): vscode.CompletionItem {
  const { policy, names, account, isOfTutorial } = item as Partial<PolicyItem>;
  if (policy && names) {
    const text = new vscode.MarkdownString();
    if (account) {
      text.appendMarkdown(`${l10n.t('Account {0} ({1}), region {2}.', `\`${account.accountId}\``, viaOf(account), `\`${names.region}\``)}\n\n`);
    } else if (!isOfTutorial && hasTabStops((item.insertText as vscode.SnippetString).value)) {
      text.isTrusted = { enabledCommands: ['lakeTutorial.connect' satisfies CommandId] };
      text.appendMarkdown(`${l10n.t('The account id is not filled in here: it is a tab stop. [Connect…](command:lakeTutorial.connect) and it is.')}\n\n`);
    }
    text.appendCodeblock(withPlaceholders(policyLiteral(policy.document(names), policy.name, 'json')), 'json');
    item.documentation = text;
  }
  return item;
}

/** A policy as a snippet for a place. */
export function snippetFor({ name }: InsertablePolicy, document: PolicyDocument, plan: Insertion, indent: string): string {
  const literal = policyLiteral(document, name, plan.language, plan.place, indent);
  return toSnippet(placed(literal, plan));
}

/** One level of indentation in a snippet: a tab, which the editor makes its own; behind other columns than its own, what it would make of it. */
export function indentUnit(document: vscode.TextDocument, { indent }: Insertion): string {
  const { insertSpaces = true, tabSize = 4 } = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.options ?? {};
  return indent !== '' && insertSpaces === true ? ' '.repeat(Number(tabSize) || 4) : '\t';
}

/** How a policy is put at a place of a document. */
export function planAt(document: vscode.TextDocument, position: vscode.Position, before: string): Insertion | undefined {
  return planInsertion({ languageId: document.languageId, path: document.uri.path, before, above: above(document, position.line) });
}

function* above(document: vscode.TextDocument, line: number): Iterable<string> {
  for (let at = line - 1; at >= Math.max(0, line - linesAbove); at--) {
    yield document.lineAt(at).text;
  }
}

// --- Fixes

interface PlaceholderFix extends vscode.CodeAction {
  readonly everywhere?: { readonly document: vscode.TextDocument; readonly line: number; readonly subject: FoundPlaceholder['subject']; readonly values: PlaceholderValues };
}

/** What is looked through in one go for placeholders; a whole file is done a piece at a time. */
const piece = 64 * 1024;
/** From how many on they are replaced together. */
const manyEdits = 50;

/** "Use account 1234…" on a placeholder, for it alone and for the whole file. */
export async function fix(services: Services, document: vscode.TextDocument, range: vscode.Range, reach: number): Promise<vscode.CodeAction[]> {
  // An author's tutorial keeps its placeholders: they are for its readers.
  const found = isTutorial(document) ? [] : placeholdersAt(document, range, reach);
  if (found.length === 0) {
    return [];
  }
  const accounts = (await readBookOf(services)).known();
  const actions = accounts.flatMap((account) => {
    const values = valuesIn(namesIn(account, account.region));
    return found.flatMap(({ place, placeholder }) => {
      const value = valueFor(placeholder, values);
      return value === undefined ? [] : fixesFor(document, place, placeholder, value, values, account);
    });
  });
  if (actions.length === 0 && accounts.length === 0) {
    const action = new vscode.CodeAction(l10n.t('Connect to fill in the account id…'), vscode.CodeActionKind.QuickFix);
    action.command = { command: 'lakeTutorial.connect' satisfies CommandId, title: action.title };
    return [action];
  }
  // Two accounts may have a region in common.
  return actions.filter(({ title }, index) => actions.findIndex((other) => other.title === title) === index);
}

const valuesIn = ({ account, region, bucket, workflowRole, partition }: Names): PlaceholderValues => ({ 'account-id': account, region, bucket, role: workflowRole, partition });

function fixesFor(document: vscode.TextDocument, place: vscode.Range, placeholder: FoundPlaceholder, value: string, values: PlaceholderValues, account: KnownAccount): PlaceholderFix[] {
  const titles: Readonly<Record<FoundPlaceholder['subject'], () => readonly [string, string]>> = {
    'account-id': () => [l10n.t('Use account {0} ({1})', value, viaOf(account)), l10n.t('Use account {0} ({1}) everywhere in this file', value, viaOf(account))],
    region: () => [l10n.t('Use region {0}', value), l10n.t('Use region {0} everywhere in this file', value)],
    bucket: () => [l10n.t('Use bucket {0}', value), l10n.t('Use bucket {0} everywhere in this file', value)],
    role: () => [l10n.t('Use role {0}', value), l10n.t('Use role {0} everywhere in this file', value)],
    partition: () => [l10n.t('Use partition {0}', value), l10n.t('Use partition {0} everywhere in this file', value)],
  };
  const [one, all] = titles[placeholder.subject]();
  const single = new vscode.CodeAction(one, vscode.CodeActionKind.QuickFix);
  single.edit = new vscode.WorkspaceEdit();
  single.edit.replace(document.uri, place, value);
  // A placeholder that says whose it is is not that of the others.
  return placeholder.whose !== undefined
    ? [single]
    : [single, Object.assign(new vscode.CodeAction(all, vscode.CodeActionKind.QuickFix), { everywhere: { document, line: place.start.line, subject: placeholder.subject, values } })];
}

/** Finds all the others only when that is asked for. */
export async function resolveFix(action: PlaceholderFix, token: vscode.CancellationToken): Promise<vscode.CodeAction> {
  if (action.everywhere) {
    const { document, line, ...wanted } = action.everywhere;
    const edit = new vscode.WorkspaceEdit();
    // The line one is on goes by itself: what is replaced there leaves the cursor where it is.
    for (const [from, to] of [[0, line], [line, line + 1], [line + 1, document.lineCount]] as const) {
      const replaced = await replacements(document, from, to, wanted, token);
      if (!replaced) {
        return action;
      }
      inFewEdits(document, replaced).forEach(({ place, value }) => edit.replace(document.uri, place, value));
    }
    action.edit = edit;
  }
  return action;
}

interface Replacement {
  readonly place: vscode.Range;
  readonly value: string;
}

/** What is replaced in some lines; undefined when that is no longer wanted, or the text has changed. */
async function replacements(document: vscode.TextDocument, from: number, to: number, { subject, values }: { readonly subject: FoundPlaceholder['subject']; readonly values: PlaceholderValues }, token: vscode.CancellationToken): Promise<Replacement[] | undefined> {
  const { version } = document;
  const replaced: Replacement[] = [];
  for (let line = from; line < to; ) {
    const start = line;
    const lines: string[] = [];
    for (let size = 0; line < to && size < piece; line++) {
      const { text } = document.lineAt(line);
      lines.push(text);
      size += text.length + 1;
    }
    for (const { place, placeholder } of located(lines.join('\n'), start, 0, document)) {
      const value = placeholder.subject === subject && placeholder.whose === undefined ? valueFor(placeholder, values) : undefined;
      if (value !== undefined) {
        replaced.push({ place, value });
      }
    }
    // The editor stays usable while a large file is gone through.
    await new Promise(setImmediate);
    if (token.isCancellationRequested || document.version !== version) {
      return undefined;
    }
  }
  return replaced;
}

/**
 * Hundreds of thousands of edits keep the editor busy for minutes: many become one, in which what lies between is written again
 * as it is. It must be one and not a few, since the editor takes texts of less than 100,000 characters apart into small edits again.
 */
function inFewEdits(document: vscode.TextDocument, replaced: readonly Replacement[]): readonly Replacement[] {
  const [first, last] = [replaced[0], replaced.at(-1)];
  if (!first || !last || replaced.length <= manyEdits) {
    return replaced;
  }
  const whole = new vscode.Range(first.place.start, last.place.end);
  const text = document.getText(whole);
  const base = document.offsetAt(whole.start);
  let value = '';
  let from = 0;
  for (const { place, value: filled } of replaced) {
    value += text.slice(from, document.offsetAt(place.start) - base) + filled;
    from = document.offsetAt(place.end) - base;
  }
  return [{ place: whole, value }];
}

function placeholdersAt(document: vscode.TextDocument, range: vscode.Range, reach: number): { readonly place: vscode.Range; readonly placeholder: FoundPlaceholder }[] {
  // A selection of many lines asks for the whole file, which the first of them offers.
  const line = range.start.line;
  const from = Math.max(0, range.start.character - reach);
  const to = (range.isSingleLine ? range.end.character : range.start.character) + reach;
  const text = document.getText(new vscode.Range(line, from, line, to));
  return located(text, line, from, document).filter(({ place }) => place.intersection(range) !== undefined);
}

function located(text: string, line: number, column: number, document: vscode.TextDocument): { readonly place: vscode.Range; readonly placeholder: FoundPlaceholder }[] {
  const language = literalLanguageOf(document.languageId, document.uri.path);
  let [at, row, rowStart] = [0, line, -column];
  return findPlaceholderSpellings(text, language).map((placeholder) => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < placeholder.start; next = text.indexOf('\n', at)) {
      row++;
      rowStart = next + 1;
      at = next + 1;
    }
    return { place: new vscode.Range(row, placeholder.start - rowStart, row, placeholder.end - rowStart), placeholder };
  });
}

// --- Hovers

/** How many lines around are looked at for the policy that a word stands in. */
const linesAround = 400;

/** What a word of IAM's is, and on a policy what is other than the tutorial's. */
export async function hover(services: Services, document: vscode.TextDocument, position: vscode.Position, reach: number): Promise<vscode.Hover | undefined> {
  const from = Math.max(0, position.character - reach);
  const text = document.getText(new vscode.Range(position.line, from, position.line, position.character + reach));
  const token = tokenAt(text, position.character - from, above(document, position.line));
  if (!token) {
    return undefined;
  }
  const facts = factsOf(await readBookOf(services));
  const paragraphs = describeToken(token, facts);
  if (token.kind === 'policy-key' || token.kind === 'policy') {
    paragraphs.push(...(await policyAt(document, position, facts, token.kind === 'policy' ? token.text : undefined)));
  }
  return paragraphs.length > 0 ? new vscode.Hover(paragraphs.map((paragraph) => new vscode.MarkdownString(paragraph)), new vscode.Range(position.line, from + token.start, position.line, from + token.end)) : undefined;
}

function factsOf(book: AccountBook): Facts {
  const [account] = book.known();
  return { ...(account && { names: namesIn(account, account.region), via: viaOf(account) }), others: book.others() };
}

async function policyAt(document: vscode.TextDocument, position: vscode.Position, facts: Facts, name: string | undefined): Promise<string[]> {
  const first = Math.max(0, position.line - linesAround);
  const last = Math.min(document.lineCount - 1, position.line + linesAround);
  const window = new vscode.Range(first, 0, last, Number.MAX_SAFE_INTEGER);
  if ([...lengths(document, first, last)].some((length) => length > piece)) {
    return [];
  }
  const language = literalLanguageOf(document.languageId, document.uri.path);
  // A quote's marks are none of the policy's.
  const text = language === 'markdown' ? document.getText(window).replace(/^[ \t]*(?:>[ \t]?)+/gm, (marks) => ' '.repeat(marks.length)) : document.getText(window);
  let offset = document.offsetAt(position) - document.offsetAt(window.start);
  const plan = language === 'markdown' ? planAt(document, position, '') : undefined;
  if (language === 'markdown') {
    const fence = declaredPolicy(text, offset);
    name ??= fence?.name;
    // On the fence's own line it is what stands in it that is meant.
    offset = Math.max(offset, fence?.start ?? 0);
  }
  if (language === 'yaml' || plan?.language === 'yaml') {
    const block = findYamlPolicy(text, offset);
    const { readYamlPolicy } = await import('../../authoring/yamlPolicy.ts');
    return block ? describePolicy(block.text, readYamlPolicy, facts, name) : [];
  }
  const found = findPolicy(text, offset);
  return found ? describePolicy(text.slice(found.start, found.end), readPolicy, facts, name) : name === undefined ? [] : named(name);
}

/** The policy that the fence around an offset declares itself to be, and where its text starts. */
function declaredPolicy(text: string, offset: number): { readonly name: string; readonly start: number } | undefined {
  const end = text.indexOf('\n', offset);
  const [opening] = [...text.slice(0, end === -1 ? text.length : end).matchAll(/^[ \t]*(?:`{3,}|~{3,}).*$/gm)].slice(-1);
  const name = /\blake:policy=["']?([\w+=,.@-]+)/.exec(opening?.[0] ?? '')?.[1];
  if (!opening || name === undefined) {
    return undefined;
  }
  const brace = text.indexOf('{', opening.index + opening[0].length);
  return { name, start: brace === -1 ? offset : brace };
}

/** The policy's name in a text, where no policy is: what it is for. */
const named = (name: string): string[] => [l10n.t('**{0}**: a policy of the tutorial.', name)];

function* lengths(document: vscode.TextDocument, first: number, last: number): Iterable<number> {
  for (let line = first; line <= last; line++) {
    yield document.lineAt(line).text.length;
  }
}
