import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import { AwsError, explain } from '../aws/errors.ts';
import { sentences } from '../errors.ts';
import type { Need } from '../provision/permissions.ts';

// What IAM says of who may do what, asked of its simulator: identity policies and boundaries, and the organization's as far as it shows them.

/** Whether something is allowed; `unknown` with the reason. */
export type Decision =
  | { readonly state: 'allowed' }
  | { readonly state: 'denied'; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string; readonly refused: boolean };

export interface Decided extends Need {
  readonly decision: Decision;
}

/** The user, group or role whose policies are simulated is not there. */
export class NoPrincipal extends Error {
  override readonly name = 'NoPrincipal';
}

/**
 * Asks IAM's simulator for each need; what is on the same things is asked in one call. The answers come in the needs' order.
 *
 * @throws NoPrincipal when the principal is not there.
 */
export async function simulate(aws: Connection, principal: string, needs: readonly Need[]): Promise<Decided[]> {
  const groups = new Map<string, Need[]>();
  for (const need of needs) {
    const alone = need.action === 'ec2:RunInstances';
    const key = JSON.stringify([alone ? need.action : need.action.split(':')[0], need.resources, need.context]);
    groups.set(key, [...(groups.get(key) ?? []), need]);
  }
  const decided = new Map((await Promise.all([...groups.values()].map((group) => simulateGroup(aws, principal, group)))).flat().map((each) => [keyOf(each), each]));
  return needs.flatMap((need) => decided.get(keyOf(need)) ?? []);
}

/** What tells needs apart. */
export const keyOf = ({ action, resources, context }: Need): string => JSON.stringify([action, resources, context]);

async function simulateGroup(aws: Connection, principal: string, needs: readonly Need[]): Promise<Decided[]> {
  const [{ resources, context }] = needs as readonly [Need, ...Need[]];
  try {
    const { EvaluationResults = [] } = await aws.iam.simulatePrincipalPolicy({
      PolicySourceArn: principal,
      ActionNames: [...new Set(needs.map(({ action }) => action))],
      ResourceArns: [...resources],
      // Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (ResourceHandlingOption), 2026-11-28
      ...(needs[0]?.action === 'ec2:RunInstances' && { ResourceHandlingOption: 'EC2-VPC-EBS-Subnet' }),
      ContextEntries: Object.entries({ 'aws:RequestedRegion': aws.options.region, ...context }).map(([ContextKeyName, value]) => ({ ContextKeyName, ContextKeyType: 'string', ContextKeyValues: [value] })),
    });
    return needs.map((need) => ({ ...need, decision: decisionOf(need.action, EvaluationResults.filter(({ EvalActionName }) => EvalActionName?.toLowerCase() === need.action.toLowerCase())) }));
  } catch (error) {
    if (AwsError.is(error, 'notFound')) {
      throw new NoPrincipal(error.message, { cause: error });
    }
    // IAM does not take all actions together in one question; then each is asked by itself.
    // Source: botocore iam 1.44.5 InvalidInputException, 2026-11-28
    if (AwsError.is(error) && /^InvalidInput/.test(error.code) && needs.length > 1) {
      return (await Promise.all(needs.map((need) => simulateGroup(aws, principal, [need])))).flat();
    }
    if (AwsError.is(error, 'denied', 'unimplemented', 'throttled', 'other')) {
      const why = sentences(l10n.t('IAM could not be asked.'), explain(error, aws.options).message);
      return needs.map((need) => ({ ...need, decision: { state: 'unknown', why, refused: error.kind !== 'unimplemented' } }));
    }
    throw error;
  }
}

interface Evaluation {
  readonly EvalResourceName?: string | undefined;
  readonly EvalDecision?: string | undefined;
  readonly MissingContextValues?: readonly string[] | undefined;
  readonly MatchedStatements?: readonly { readonly SourcePolicyId?: string | undefined }[] | undefined;
  readonly OrganizationsDecisionDetail?: { readonly AllowedByOrganizations?: boolean | undefined } | undefined;
  readonly PermissionsBoundaryDecisionDetail?: { readonly AllowedByPermissionsBoundary?: boolean | undefined } | undefined;
}

/**
 * An action is allowed when it is on every one of its resources.
 *
 * Source: botocore iam 1.44.5 SimulatePrincipalPolicy, 2026-11-28
 */
function decisionOf(action: string, evaluations: readonly Evaluation[]): Decision {
  const refused = evaluations.find(({ EvalDecision }) => EvalDecision !== 'allowed');
  if (evaluations.length === 0) {
    return { state: 'unknown', why: l10n.t('IAM gave no answer about {0}.', action), refused: false };
  }
  if (!refused) {
    return { state: 'allowed' };
  }
  const on = refused.EvalResourceName ?? '*';
  if (refused.OrganizationsDecisionDetail?.AllowedByOrganizations === false) {
    return { state: 'denied', why: l10n.t('{0} on {1}: the organization\'s policies do not allow it.', action, on) };
  }
  if (refused.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false) {
    return { state: 'denied', why: l10n.t('{0} on {1}: the permissions boundary does not allow it.', action, on) };
  }
  if (refused.EvalDecision === 'explicitDeny') {
    const policy = refused.MatchedStatements?.find(({ SourcePolicyId }) => SourcePolicyId)?.SourcePolicyId;
    return { state: 'denied', why: policy ? l10n.t('{0} on {1}: explicitly denied by {2}.', action, on, policy) : l10n.t('{0} on {1}: explicitly denied.', action, on) };
  }
  if (refused.MissingContextValues?.length) {
    return { state: 'unknown', why: l10n.t('{0} on {1}: it depends on {2}, which only the call itself has.', action, on, refused.MissingContextValues.join(', ')), refused: false };
  }
  return { state: 'denied', why: l10n.t('{0} on {1}: no policy allows it.', action, on) };
}
