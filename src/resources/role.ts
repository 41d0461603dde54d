import * as l10n from '@vscode/l10n';
import { decodePolicy, includesPolicy, samePolicy, withStatements } from '../policies/document.ts';
import type { Policy } from '../policies/policies.ts';
import type { Context, Finding, Found } from './kind.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, tagKeys, toTagList, unlessExists } from './support.ts';

/** An IAM role as a resource kind declares it. */
export interface RoleSpec {
  readonly name: (context: Context) => string;
  readonly description: string;
  readonly trust: Policy;
  /** Names below `arn:{partition}:iam::aws:policy/`. */
  readonly managed: readonly string[];
  readonly inline: readonly Policy[];
}

export interface RoleState {
  /** Not made by us: its trust policy may say more than ours. */
  readonly isTheirs: boolean;
  readonly trust: unknown;
  readonly managed: readonly string[];
  readonly inline: Readonly<Record<string, unknown>>;
}

export const roleActions = {
  read: ['iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:GetRolePolicy'],
  write: ['iam:CreateRole', 'iam:TagRole', 'iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  remove: ['iam:ListRolePolicies', 'iam:DetachRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
};

export function roleArn(context: Pick<Context, 'names'>, name: string): string {
  return `arn:${context.names.partition}:iam::${context.names.account}:role/${name}`;
}

export const managedPolicyArn = (context: Pick<Context, 'names'>, name: string): string => `arn:${context.names.partition}:iam::aws:policy/${name}`;

/** The five operations of a role, to be spread into a resource kind. */
export function roleOperations(spec: RoleSpec) {
  const managedArns = (context: Context): string[] => spec.managed.map((name) => managedPolicyArn(context, name));
  const desired = (context: Context): RoleState => ({
    isTheirs: false,
    trust: spec.trust.document(context.names),
    managed: managedArns(context),
    inline: Object.fromEntries(spec.inline.map((policy) => [policy.name, policy.document(context.names)])),
  });
  const trusts = (context: Context, { isTheirs, trust }: RoleState): boolean => (isTheirs ? includesPolicy : samePolicy)(trust, spec.trust.document(context.names));
  const attach = (context: Context, PolicyArn: string) => context.aws.iam.attachRolePolicy({ RoleName: spec.name(context), PolicyArn });
  const put = (context: Context, policy: Policy) =>
    context.aws.iam.putRolePolicy({ RoleName: spec.name(context), PolicyName: policy.name, PolicyDocument: JSON.stringify(policy.document(context.names)) });

  return {
    async read(context: Context): Promise<Found<RoleState> | undefined> {
      const RoleName = spec.name(context);
      const { iam } = context.aws;
      const role = await ifExists(iam.getRole({ RoleName }));
      if (!role?.Role) {
        return undefined;
      }
      const [attached, ...inline] = await Promise.all([
        iam.listAttachedRolePolicies({ RoleName }),
        ...spec.inline.map((policy) => ifExists(iam.getRolePolicy({ RoleName, PolicyName: policy.name }))),
      ]);
      const tags = fromTagList(role.Role.Tags);
      const owner = ownerOf(tags, context);
      return {
        owner,
        region: tags[tagKeys.region],
        state: {
          isTheirs: owner !== 'ours',
          trust: decodePolicy(role.Role.AssumeRolePolicyDocument),
          managed: (attached.AttachedPolicies ?? []).map((policy) => policy.PolicyArn ?? ''),
          inline: Object.fromEntries(spec.inline.map((policy, index) => [policy.name, decodePolicy(inline[index]?.PolicyDocument)])),
        },
      };
    },

    check(context: Context, state: RoleState): Finding[] {
      const name = spec.name(context);
      const findings: Finding[] = [];
      if (!trusts(context, state)) {
        const services = spec.trust.document(context.names).Statement.flatMap(({ Principal }) => Object.values(Principal ?? {}));
        findings.push({
          code: 'role.trust',
          message: state.isTheirs ? l10n.t('The role {0} does not trust {1}.', name, services.join(', ')) : l10n.t('The role {0} trusts somebody else than the tutorial says.', name),
          fix: l10n.t('Provision the step again: it restores the trust policy.'),
        });
      }
      for (const arn of managedArns(context)) {
        if (!state.managed.includes(arn)) {
          findings.push(missingPolicy('role.managed-policy', name, arn.split('/').pop() ?? arn));
        }
      }
      return [...findings, ...inlinePolicyFindings('role.inline-policy', name, spec.inline, state.inline, context)];
    },

    async create(context: Context): Promise<RoleState> {
      await unlessExists(
        context.aws.iam.createRole({
          RoleName: spec.name(context),
          Description: spec.description,
          AssumeRolePolicyDocument: JSON.stringify(spec.trust.document(context.names)),
          Tags: toTagList(context.tags),
        }),
      );
      await Promise.all([...managedArns(context).map((arn) => attach(context, arn)), ...spec.inline.map((policy) => put(context, policy))]);
      return desired(context);
    },

    async update(context: Context, state: RoleState): Promise<RoleState> {
      const trust = spec.trust.document(context.names);
      await Promise.all([
        trusts(context, state) ||
          context.aws.iam.updateAssumeRolePolicy({ RoleName: spec.name(context), PolicyDocument: JSON.stringify(state.isTheirs ? withStatements(state.trust, trust) : trust) }),
        ...managedArns(context).filter((arn) => !state.managed.includes(arn)).map((arn) => attach(context, arn)),
        ...spec.inline.filter((policy) => !samePolicy(state.inline[policy.name], policy.document(context.names))).map((policy) => put(context, policy)),
      ]);
      return desired(context);
    },

    async adopt(context: Context): Promise<void> {
      await context.aws.iam.tagRole({ RoleName: spec.name(context), Tags: toTagList(adoptedTags(context)) });
    },

    async remove(context: Context): Promise<void> {
      const RoleName = spec.name(context);
      const { iam } = context.aws;
      // What somebody attached later would keep the role from being deleted, so everything goes, not only what we put there.
      const [attached, inline] = await Promise.all([iam.listAttachedRolePolicies({ RoleName }), iam.listRolePolicies({ RoleName })]);
      await Promise.all([
        ...(attached.AttachedPolicies ?? []).map(({ PolicyArn }) => ifExists(iam.detachRolePolicy({ RoleName, PolicyArn }))),
        ...(inline.PolicyNames ?? []).map((PolicyName) => ifExists(iam.deleteRolePolicy({ RoleName, PolicyName }))),
      ]);
      await ifExists(iam.deleteRole({ RoleName }));
    },
  };
}

/** What of a user's or role's inline policies is missing or says something else than the tutorial's. */
export function inlinePolicyFindings(code: string, principal: string, wanted: readonly Policy[], found: Readonly<Record<string, unknown>>, context: Pick<Context, 'names'>): Finding[] {
  return wanted.flatMap((policy): Finding[] => {
    if (!found[policy.name]) {
      return [missingPolicy(code, principal, policy.name)];
    }
    return samePolicy(found[policy.name], policy.document(context.names))
      ? []
      : [{
          code,
          message: l10n.t('The inline policy {1} of {0} is not the tutorial\'s.', principal, policy.name),
          fix: l10n.t('Provision the step again: it restores the policy.'),
        }];
  });
}

/** The finding for a policy that is not attached. */
export function missingPolicy(code: string, principal: string, policy: string): Finding {
  return {
    code,
    message: l10n.t('{0} lacks the policy {1}.', principal, policy),
    expected: l10n.t('{0} has the policy {1}.', principal, policy),
    fix: l10n.t('Provision the step again: it attaches the policy.'),
  };
}
