import * as l10n from '@vscode/l10n';
import type { Identity } from '../aws/identity.ts';
import { ExitCode, UserError } from '../errors.ts';

/**
 * Why the caller cannot do what the tutorial needs; undefined for a caller who can.
 *
 * Root cannot be a Lake Formation administrator (it may do the steps before that). AWS Academy's labs have no Lake Formation at all.
 */
export function callerProblem(identity: Identity): UserError | undefined {
  if (identity.kind === 'root') {
    return new UserError('account.root', l10n.t('You are connected as the root user of {0}, which cannot be a data lake administrator.', identity.accountId), {
      next: l10n.t('Root may create the administrator (step 0.2); then connect as an IAM user or role: "Lake Tutorial: Sign In as the Data Lake Administrator…".'),
      exit: ExitCode.aws,
    });
  }
  if (identity.kind === 'academy') {
    return new UserError('account.academy', l10n.t('This is an AWS Academy account (voclabs): it has no Lake Formation and may not create users.'), {
      next: l10n.t('Use an account of your own, or the sandbox, which needs none.'),
      exit: ExitCode.aws,
    });
  }
  return undefined;
}
