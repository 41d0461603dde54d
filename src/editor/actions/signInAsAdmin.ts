import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import type { Identity } from '../../aws/identity.ts';
import { UserError } from '../../errors.ts';
import { withAccountProgress } from '../operations.ts';
import { tell } from '../messages.ts';
import { confirm, pick } from '../prompts.ts';
import type { ConsentArguments } from '../arguments.ts';
import type { Services } from '../services.ts';

/** How one becomes the administrator, or oneself again. */
type Method = 'password' | 'key' | 'self' | 'forget';

/** Step 0.4: looks at the lake as `datalakeadmin`, in the console with a password, or from here with an access key. */
export async function signInAsAdmin(services: Services, values: ConsentArguments & { readonly method?: Method }): Promise<void> {
  const { model } = services;
  const method = values.method ?? (await askMethod(services));
  switch (method) {
    case 'password':
      return byPassword(services, values);
    case 'key':
      return byKey(services);
    case 'self':
    case 'forget':
      await model.actAsSelf(method === 'forget');
      tell(l10n.t('You are yourself again: {0}.', model.target.profile ?? l10n.t('default credentials')));
  }
}

async function askMethod({ model }: Services): Promise<Method> {
  const items: (vscode.QuickPickItem & { readonly method: Method })[] = [
    { label: `$(globe) ${l10n.t('In the AWS console, with a password')}`, detail: l10n.t('Makes a password that is shown once and must be changed at the first sign-in.'), method: 'password' },
    { label: `$(key) ${l10n.t('From here, with an access key')}`, detail: l10n.t('Makes an access key and keeps it in the editor\'s secret storage. The administrator can look at the lake, not provision it.'), method: 'key' },
  ];
  if (await model.adminKey()) {
    items.push(
      { label: `$(account) ${l10n.t('Go back to your own identity')}`, method: 'self' },
      { label: `$(trash) ${l10n.t('Go back and forget the access key')}`, detail: l10n.t('It stays valid on AWS until the administrator is removed.'), method: 'forget' },
    );
  }
  return (await pick(items, l10n.t('Sign in as the data lake administrator'))).method;
}

async function byPassword(services: Services, { yes }: ConsentArguments): Promise<void> {
  if (!yes) {
    await confirm(l10n.t('Give datalakeadmin a new password?'), l10n.t('If there is one already, it is replaced.'), l10n.t('Make Password'));
  }
  const { password, url } = await withAccountProgress(services, l10n.t('Lake Tutorial: making a password'), async ({ connection }) => {
    const made = makePassword();
    const UserName = 'datalakeadmin';
    const profile = { UserName, Password: made, PasswordResetRequired: true };
    await administrator(connection.iam.createLoginProfile(profile).catch((error: unknown) => {
      if (AwsError.is(error, 'exists')) {
        return connection.iam.updateLoginProfile(profile);
      }
      throw error;
    }));
    return { password: made, url: signInPage(await connection.identity()) };
  });
  services.log.info('password made for datalakeadmin');
  const copy = l10n.t('Copy Password and Open Sign-In Page');
  const only = l10n.t('Copy Password');
  const chosen = yes ? undefined : await vscode.window.showInformationMessage(l10n.t('The password of datalakeadmin is shown this once.'), {
    modal: true,
    detail: `${password}\n\n${l10n.t('Sign in at {0} and choose a new one.', url)}`,
  }, copy, only);
  if (chosen) {
    await vscode.env.clipboard.writeText(password);
  }
  if (chosen === copy) {
    await vscode.env.openExternal(vscode.Uri.parse(url, true));
  }
}

async function byKey(services: Services): Promise<void> {
  const { model, log } = services;
  const key = await withAccountProgress(services, l10n.t('Lake Tutorial: making an access key'), async ({ connection }) => {
    const { AccessKey } = await administrator(connection.iam.createAccessKey({ UserName: 'datalakeadmin' }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  });
  await model.actAsAdmin(key);
  log.info(`access key ${key.accessKeyId} made for datalakeadmin and kept in secret storage`);
  tell(l10n.t('You are datalakeadmin now, until you connect or sign in otherwise. IAM may take some seconds to know the new key.'));
}

/** Explains the two errors that need other advice than usual: the user does not exist, or has as many keys as AWS allows. */
async function administrator<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (AwsError.is(error, 'notFound')) {
      throw new UserError('admin-user.missing', l10n.t('There is no user datalakeadmin in this account.'), { next: l10n.t('Provision the step "{0}" first.', 'admin-user'), cause: error });
    }
    if (AwsError.is(error) && error.code.startsWith('LimitExceeded')) {
      throw new UserError('admin-user.keys', l10n.t('datalakeadmin already has two access keys, the most that AWS allows.'), { why: error.message, next: l10n.t('Delete one of them in the IAM console, then try again.'), cause: error });
    }
    throw error;
  }
}

/** Each partition has a sign-in page of its own. */
function signInPage({ accountId, partition }: Identity): string {
  const domains: Readonly<Record<string, string>> = { 'aws-cn': 'signin.amazonaws.cn', 'aws-us-gov': 'signin.amazonaws-us-gov.com' };
  return `https://${accountId}.${domains[partition] ?? 'signin.aws.amazon.com'}/console`;
}

/** 24 characters with one of each class that a password policy may ask for, without look-alikes. */
function makePassword(): string {
  const classes = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '!@#%^*-_=+'];
  const one = (from: string): string => from[randomInt(from.length)] ?? '';
  const characters = [...classes.map(one), ...Array.from({ length: 20 }, () => one(classes.join('')))];
  for (let index = characters.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [characters[index], characters[other]] = [characters[other] ?? '', characters[index] ?? ''];
  }
  return characters.join('');
}
