import * as l10n from '@vscode/l10n';
import { AwsError, explain } from '../aws/errors.ts';
import { UserError, messageOf } from '../errors.ts';

/** Anything that was thrown, as what happened, why, and what to do next. */
export function toUserError(error: unknown, where: { readonly endpoint?: string; readonly profile?: string } = {}): UserError {
  if (UserError.is(error)) {
    return error;
  }
  return AwsError.is(error)
    ? explain(error, where)
    : new UserError('internal', l10n.t('Something unexpected happened.'), { why: messageOf(error), next: l10n.t('Run the same again; if it stays, report it with the log.'), cause: error });
}
