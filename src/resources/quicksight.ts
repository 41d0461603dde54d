import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import { AwsError } from '../aws/errors.ts';
import type { Context, Owner } from './kind.ts';
import { adoptedTags, fromTagList, ownerOf, toTagList } from './support.ts';

type QuickSightThing = 'datasource' | 'dataset' | 'dashboard';

export const quickSightArn = ({ names }: Pick<Context, 'names'>, thing: QuickSightThing, id: string): string =>
  `arn:${names.partition}:quicksight:${names.region}:${names.account}:${thing}/${id}`;

export async function quickSightOwner(context: Context, thing: QuickSightThing, id: string): Promise<Owner> {
  const { Tags } = await context.aws.quicksight.listTagsForResource({ ResourceArn: quickSightArn(context, thing, id) });
  return ownerOf(fromTagList(Tags), context);
}

export async function adoptQuickSight(context: Context, thing: QuickSightThing, id: string): Promise<void> {
  await context.aws.quicksight.tagResource({ ResourceArn: quickSightArn(context, thing, id), Tags: toTagList(adoptedTags(context)) });
}

const usersOf = new WeakMap<object, Promise<string[]>>();

/** The QuickSight users of the account's default namespace, asked once an operation; without one nobody could open what we make. */
export function quickSightUsers(context: Context): Promise<string[]> {
  let users = usersOf.get(context.signal);
  if (!users) {
    users = listUsers(context);
    usersOf.set(context.signal, users);
  }
  return users;
}

async function listUsers(context: Context): Promise<string[]> {
  try {
    const { UserList } = await context.aws.quicksight.listUsers({ AwsAccountId: context.names.account, Namespace: 'default' });
    return (UserList ?? []).flatMap(({ Arn }) => Arn ?? []);
  } catch (error) {
    if (AwsError.is(error, 'notFound', 'denied') || (AwsError.is(error) && /not signed up|UnsupportedUserEdition|identity region/i.test(error.message))) {
      throw new UserError('quicksight.no-account', l10n.t('This account has no QuickSight subscription that can be used from here.'), {
        why: error.message,
        next: l10n.t('Sign up at the QuickSight console (it costs money each month), or go on without it: the chart in the editor needs none.'),
        exit: ExitCode.aws,
        cause: error,
      });
    }
    throw error;
  }
}
