import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import { connect } from '../aws/connection.ts';
import { AwsError } from '../aws/errors.ts';
import { everyPage } from '../aws/every-page.ts';
import type { Context, Owner } from './kind.ts';
import { adoptedTags, fromTagList, ownerOf, toTagList } from './support.ts';

type QuickSightThing = 'datasource' | 'dataset' | 'dashboard';

export const quickSightArn = ({ names }: Pick<Context, 'names'>, thing: QuickSightThing, id: string): string =>
  `arn:${names.partition}:quicksight:${names.region}:${names.account}:${thing}/${id}`;

export async function quickSightTags(context: Context, thing: QuickSightThing, id: string): Promise<Record<string, string>> {
  const { Tags } = await context.aws.quicksight.listTagsForResource({ ResourceArn: quickSightArn(context, thing, id) });
  return fromTagList(Tags);
}

export const quickSightOwner = async (context: Context, thing: QuickSightThing, id: string): Promise<Owner> => ownerOf(await quickSightTags(context, thing, id), context);

export async function adoptQuickSight(context: Context, thing: QuickSightThing, id: string): Promise<void> {
  await context.aws.quicksight.tagResource({ ResourceArn: quickSightArn(context, thing, id), Tags: toTagList(adoptedTags(context)) });
}

const usersOf = new WeakMap<object, Promise<string[]>>();

/** As many as tags of the data set can record, which are 50 at most. */
const mostReaders = 40;

/**
 * Whom what we make in QuickSight is opened to, asked once an operation: the caller's own user there.
 *
 * Where the caller is none (many sign up as root, or by IAM Identity Center), QuickSight's administrators, who can reach everything in it anyway; without anybody nobody could open it.
 */
export function quickSightUsers(context: Context): Promise<string[]> {
  let users = usersOf.get(context.signal);
  if (!users) {
    users = listUsers(context);
    usersOf.set(context.signal, users);
  }
  return users;
}

/** All users of the account, asked in the region that keeps them: where it was signed up, whatever region the lake is in. */
async function allUsers(context: Context) {
  const ask = { AwsAccountId: context.names.account, Namespace: 'default' };
  try {
    return await context.aws.quicksight.listUsers(ask);
  } catch (error) {
    // There is no call that tells the region; the refusal does.
    // Source: aws-solutions-library-samples/cloud-intelligence-dashboards-framework#12, 2026-11-28
    // Source: cloud-custodian/cloud-custodian#10168, 2026-11-28
    const region = AwsError.is(error) ? /your identity region is ([a-z]{2,}(?:-[a-z]+)+-\d)/.exec(error.message)?.[1] : undefined;
    if (region === undefined || region === context.names.region) {
      throw error;
    }
    const there = connect({ ...context.aws.options, region });
    try {
      return await everyPage(there).quicksight.listUsers(ask);
    } finally {
      there.close();
    }
  }
}

async function listUsers(context: Context): Promise<string[]> {
  try {
    const { UserList: all = [] } = await allUsers(context);
    const { userId } = context.identity;
    const own = all.filter(({ PrincipalId }) => userId !== undefined && PrincipalId?.endsWith(`/${userId}`));
    const chosen = own.length > 0 ? own : all.filter(({ Role }) => Role === 'ADMIN' || Role === 'ADMIN_PRO');
    return chosen.slice(0, mostReaders).flatMap(({ Arn }) => Arn ?? []);
  } catch (error) {
    // Source: hashicorp/terraform-provider-aws internal/service/quicksight/sweep.go, 2026-11-28
    // Source: botocore quicksight 1.44.5 UnsupportedUserEditionException, 2026-11-28
    // Source: none found (tried: botocore, which has no words for another identity region), 2026-11-28
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
