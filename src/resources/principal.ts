import type { Context } from './kind.ts';

const cache = new WeakMap<object, Promise<string | undefined>>();

/**
 * The caller's IAM principal as Lake Formation knows it; undefined for root and federated callers, which cannot be granted anything.
 *
 * A role's session does not tell the role's path (an SSO role has one), so IAM is asked for it.
 */
export function callerPrincipal(context: Pick<Context, 'identity' | 'aws'>): Promise<string | undefined> {
  const { identity } = context;
  if (identity.kind !== 'role' || !identity.principal) {
    return Promise.resolve(identity.principal);
  }
  let principal = cache.get(identity);
  if (!principal) {
    const RoleName = identity.principal.split('/').pop();
    principal = context.aws.iam.getRole({ RoleName }).then(
      (role) => role.Role?.Arn ?? identity.principal,
      // Without iam:GetRole, or for a role that an emulator made up, the ARN without a path is the best guess.
      () => identity.principal,
    );
    cache.set(identity, principal);
  }
  return principal;
}
