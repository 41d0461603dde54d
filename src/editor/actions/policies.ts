import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError, sentences } from '../../errors.ts';
import type { PolicyDocument } from '../../policies/document.ts';
import { policyLiteral, withPlaceholders } from '../../policies/literal.ts';
import { resourcesOf } from '../../provision/account-view.ts';
import { uses } from '../../policies/uses.ts';
import { lengthOf, longestManagedPolicy, partsOf, permissionsPolicy } from '../../provision/permissions.ts';
import { namesIn, viaOf, type KnownAccount } from '../languages/accounts.ts';
import { bookOf, indentUnit, insertable, planAt, snippetFor, type InsertablePolicy } from '../languages/features.ts';
import { calling, say } from '../messages.ts';
import { cancelled, pick } from '../prompts.ts';
import { titleOf } from '../stepState.ts';
import type { Services } from '../services.ts';

interface PolicyArguments {
  /** The name of an IAM policy, or its prefix. */
  readonly policy?: string;
}

/** The account that a policy is for. */
interface AccountArguments {
  readonly account?: string;
  readonly region?: string;
  readonly profile?: string;
}

interface PermissionsArguments {
  readonly steps?: readonly string[];
  readonly quicksight: boolean;
  /** What becomes of the policy. */
  readonly to?: 'document' | 'cursor' | 'clipboard';
}

/** Puts a policy at the cursor, as a literal of the document's language; into a new document where none is open. */
export async function insertPolicy(services: Services, values: PolicyArguments & AccountArguments): Promise<void> {
  const policy = await choosePolicy(values, l10n.t('Insert an IAM policy'));
  await insert(services, policy, await chooseAccount(services, values));
}

/** Puts a policy into the clipboard, as JSON. */
export async function copyPolicy(services: Services, values: PolicyArguments & AccountArguments): Promise<void> {
  const policy = await choosePolicy(values, l10n.t('Copy an IAM policy'));
  await copy(services, policy, await chooseAccount(services, values));
}

/** One policy with what the chosen steps call: as a document of its own, at the cursor, or in the clipboard. */
export async function showPermissions(services: Services, values: PermissionsArguments & AccountArguments): Promise<void> {
  const policy = await choosePermissions(services, values);
  const account = await chooseAccount(services, values);
  const to = values.to ?? (await chooseUse());
  await { document: show, cursor: insert, clipboard: copy }[to](services, policy, account);
  const whole = policy.document(namesIn(account, services.model.target.region));
  if (lengthOf(whole) > longestManagedPolicy) {
    void offerParts(services, policy, account, whole);
  }
}

/** Offers to split a policy that is too long for one managed policy into several, each in a document of its own. */
function offerParts(services: Services, policy: InsertablePolicy, account: KnownAccount | undefined, whole: PolicyDocument): void {
  const parts = partsOf(whole).map((part, at) => ({ ...policy, name: `${policy.name}${at + 1}`, document: () => part }));
  const split = l10n.t('Open as {0} Policies', parts.length);
  const message = sentences(
    l10n.t('The policy has {0} characters; a managed policy holds {1}.', lengthOf(whole), longestManagedPolicy),
    l10n.t('Take fewer steps, put it inline into a role, or make {0} of it.', parts.length),
  );
  const openAll = async (): Promise<void> => {
    for (const part of parts) {
      await show(services, part, account);
    }
  };
  say(message, { weight: 'warning', answers: [{ title: split, run: openAll }] });
}

async function choosePolicy(values: PolicyArguments, title: string): Promise<InsertablePolicy> {
  if (values.policy !== undefined) {
    const found = insertable.find(({ name, prefix }) => name.toLowerCase() === values.policy?.toLowerCase() || prefix === values.policy);
    if (!found) {
      throw new UserError('policy.unknown', l10n.t('There is no policy "{0}".', values.policy), { next: l10n.t('The policies are: {0}.', insertable.map(({ name }) => name).join(', ')) });
    }
    return found;
  }
  return (await pick(insertable.map((policy) => ({ label: `$(shield) ${policy.name}`, description: policy.prefix, detail: uses[policy.name]?.(), policy })), title)).policy;
}

/** The account that a policy is for: the only one that is known, or the one that the user picks. Undefined leaves the id to be filled in. */
async function chooseAccount(services: Services, values: AccountArguments): Promise<KnownAccount | undefined> {
  const { region } = services.model.target;
  if (values.account !== undefined) {
    if (!/^\d{12}$/.test(values.account)) {
      throw new UserError('account.invalid', l10n.t('"{0}" is not an account id.', values.account), { next: l10n.t('An account id has 12 digits.') });
    }
    return { accountId: values.account, region: values.region ?? region, source: 'setting' };
  }
  const all = await bookOf(services).all();
  if (values.profile !== undefined) {
    return all.find(({ profile }) => profile === values.profile);
  }
  if (all.length <= 1) {
    return all[0];
  }
  const items = all.map((account) => ({ label: `$(account) ${account.accountId}`, description: `${viaOf(account)} · ${account.region}`, account }));
  const open = { label: `$(edit) ${l10n.t('Leave the account id to be filled in')}`, description: '', account: undefined };
  return (await pick<vscode.QuickPickItem & { readonly account: KnownAccount | undefined }>([...items, open], l10n.t('For which account?'))).account;
}

async function choosePermissions(services: Services, { steps, quicksight }: PermissionsArguments): Promise<InsertablePolicy> {
  const text = await services.tutorial.load();
  const of = (ids: readonly string[] | undefined, withQuickSight: boolean): InsertablePolicy =>
    permissionsPolicy(resourcesOf(text, ids, true).map(({ kind }) => kind).filter(({ consent }) => consent === undefined || withQuickSight));
  if (steps) {
    return of(steps, quicksight);
  }
  const items = text.steps.filter(({ provisions }) => provisions.length > 0).map((step) => ({ label: titleOf(step), id: step.id, picked: true }));
  const costly = { label: 'QuickSight', description: l10n.t('only with your consent to its monthly cost'), id: '', picked: false };
  const chosen = await vscode.window.showQuickPick([...items, costly], { title: l10n.t('Permissions for which steps?'), placeHolder: l10n.t('What these steps need is added by itself'), canPickMany: true, ignoreFocusOut: true });
  const ids = chosen?.map(({ id }) => id).filter(Boolean) ?? [];
  if (ids.length === 0) {
    throw cancelled();
  }
  return of(ids, chosen?.includes(costly) ?? false);
}

async function chooseUse(): Promise<NonNullable<PermissionsArguments['to']>> {
  const items = [
    { label: `$(new-file) ${l10n.t('Open as a new document')}`, to: 'document' as const },
    ...(vscode.window.activeTextEditor ? [{ label: `$(insert) ${l10n.t('Insert at the cursor')}`, to: 'cursor' as const }] : []),
    { label: `$(copy) ${l10n.t('Copy')}`, to: 'clipboard' as const },
  ];
  return (await pick(items, l10n.t('What to do with the policy?'))).to;
}

const asJson = (services: Services, policy: InsertablePolicy, account: KnownAccount | undefined): string =>
  withPlaceholders(policyLiteral(policy.document(namesIn(account, services.model.target.region)), policy.name, 'json'));

async function show(services: Services, policy: InsertablePolicy, account: KnownAccount | undefined): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'json', content: `${asJson(services, policy, account)}\n` });
  await vscode.window.showTextDocument(document, { preview: false });
  hint(account);
}

async function insert(services: Services, policy: InsertablePolicy, account: KnownAccount | undefined): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return show(services, policy, account);
  }
  const { document, selection: { start, end } } = editor;
  const before = document.getText(new vscode.Range(start.with({ character: 0 }), start));
  // The user asked for it here, so it goes inside a string too.
  const plan = planAt(document, start, before) ?? { language: 'json' as const, place: 'value' as const, replaces: 0, opening: '', closing: '', indent: '' };
  const snippet = snippetFor(policy, policy.document(namesIn(account, services.model.target.region)), plan, indentUnit(document, plan));
  await editor.insertSnippet(new vscode.SnippetString(snippet), new vscode.Range(start.translate(0, -plan.replaces), end));
  hint(account);
}

async function copy(services: Services, policy: InsertablePolicy, account: KnownAccount | undefined): Promise<void> {
  await vscode.env.clipboard.writeText(`${asJson(services, policy, account)}\n`);
  vscode.window.setStatusBarMessage(`$(check) ${account ? l10n.t('{0} for account {1} is in the clipboard', policy.name, account.accountId) : l10n.t('{0} is in the clipboard, its account id still to be filled in', policy.name)}`, 6000);
  hint(account);
}

/** If the account id was not known, says how it can be. */
function hint(account: KnownAccount | undefined): void {
  if (!account) {
    say(l10n.t('The account id is not known. Connect to AWS, or set up a profile with "aws configure sso", and it is filled in.'), { answers: [calling(l10n.t('Connect…'), 'lakeTutorial.connect')] });
  }
}
