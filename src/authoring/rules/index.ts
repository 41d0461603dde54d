import type { Rule } from '../rule.ts';
import { accountLength } from './account-length.ts';
import { accountLiteral } from './account-literal.ts';
import { deadTarget } from './dead-target.ts';
import { encoding } from './encoding.ts';
import { fenceLanguage } from './fence-language.ts';
import { fenceUnclosed } from './fence-unclosed.ts';
import { jdbcPublicAddress } from './jdbc-public-address.ts';
import { managedPolicy } from './managed-policy.ts';
import { markup } from './markup.ts';
import { nameDrift } from './name-drift.ts';
import { noCleanUp } from './no-clean-up.ts';
import { noCost } from './no-cost.ts';
import { passRoleName } from './pass-role-name.ts';
import { placeholderBare } from './placeholder-bare.ts';
import { placeholderDrift } from './placeholder-drift.ts';
import { placeholderMalformed } from './placeholder-malformed.ts';
import { policyAction } from './policy-action.ts';
import { policyActionResource } from './policy-action-resource.ts';
import { policyArn } from './policy-arn.ts';
import { policyConditionKey } from './policy-condition-key.ts';
import { policyDependentAction } from './policy-dependent-action.ts';
import { policyJson } from './policy-json.ts';
import { policyMissingPart } from './policy-missing-part.ts';
import { policyPrincipal } from './policy-principal.ts';
import { policyWildcard } from './policy-wildcard.ts';
import { regionDrift } from './region-drift.ts';
import { schedule } from './schedule.ts';
import { secretClearText } from './secret-clear-text.ts';
import { stepCount } from './step-count.ts';
import { stepEmpty } from './step-empty.ts';
import { stepNumbers } from './step-numbers.ts';
import { valueBeforeStep } from './value-before-step.ts';

/** Every rule there is, by its id. */
export const rules: readonly Rule[] = [
  accountLength,
  accountLiteral,
  deadTarget,
  encoding,
  fenceLanguage,
  fenceUnclosed,
  jdbcPublicAddress,
  managedPolicy,
  markup,
  nameDrift,
  noCleanUp,
  noCost,
  passRoleName,
  placeholderBare,
  placeholderDrift,
  placeholderMalformed,
  policyAction,
  policyActionResource,
  policyArn,
  policyConditionKey,
  policyDependentAction,
  policyJson,
  policyMissingPart,
  policyPrincipal,
  policyWildcard,
  regionDrift,
  schedule,
  secretClearText,
  stepCount,
  stepEmpty,
  stepNumbers,
  valueBeforeStep,
];
