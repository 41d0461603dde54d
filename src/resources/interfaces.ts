import * as l10n from '@vscode/l10n';
import { AwsError } from '../aws/errors.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { Context } from './kind.ts';
import { pause } from './support.ts';

/** AWS says 20 minutes; learners have seen 45. */
export const interfaceBudget = 45 * 60_000;

/**
 * Waits until a service has taken its network interfaces out of a security group.
 *
 * Lambda and Glue do so some minutes after they last needed them, and with the role that they were made with: without it they stay for ever, and the group with them.
 *
 * @param theirs matches the description that the service gives its interfaces.
 * @throws UserError `network-interfaces.left` after `budget` milliseconds.
 */
export async function interfacesGone(context: Context, groupId: string, theirs: RegExp, budget = interfaceBudget): Promise<void> {
  const end = Date.now() + Math.min(budget, context.patience ?? Infinity);
  for (let wait = 1_000; ; wait = Math.min(wait * 2, 15_000)) {
    const left = (await interfacesIn(context, groupId)).filter(({ description }) => theirs.test(description));
    if (left.length === 0) {
      return;
    }
    if (Date.now() + wait > end) {
      throw interfacesLeft(groupId, left);
    }
    context.progress(l10n.t('Waiting until {0} network interfaces are gone, up to 45 minutes; cancel and go on later if you like…', left.length));
    await pause(wait, context.signal);
  }
}

/** What is still in a group, said so that one can do something about it. */
export function interfacesLeft(groupId: string, left: readonly NetworkInterface[], cause?: unknown): UserError {
  return new UserError('network-interfaces.left', l10n.t('The security group {0} is still used by {1} network interfaces.', groupId, left.length), {
    why: left.map(({ id, description }) => [id, description].filter(Boolean).join(': ')).join('; '),
    next: l10n.t('Nothing is lost: tear down again later. AWS takes those of Lambda and Glue away by itself; what else uses the group must be taken out of it first.'),
    exit: ExitCode.aws,
    cause,
  });
}

export interface NetworkInterface {
  readonly id: string;
  readonly description: string;
}

/** The network interfaces in a security group; none where the endpoint knows no such thing. */
export async function interfacesIn(context: Context, groupId: string): Promise<NetworkInterface[]> {
  const found = await context.aws.ec2.describeNetworkInterfaces({ Filters: [{ Name: 'group-id', Values: [groupId] }] }).catch((error: unknown) => {
    if (AwsError.is(error, 'unimplemented')) {
      return undefined;
    }
    throw error;
  });
  return (found?.NetworkInterfaces ?? []).map(({ NetworkInterfaceId = '', Description = '' }) => ({ id: NetworkInterfaceId, description: Description }));
}
