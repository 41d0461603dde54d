import * as l10n from '@vscode/l10n';

import { closest, iamService } from '../iam.ts';
import { eachPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

/** Global keys (IAM user guide, "AWS global condition context keys", November 2026). */
const GLOBAL = (
  'CalledVia CalledViaFirst CalledViaLast CurrentTime Ec2InstanceSourceVPC Ec2InstanceSourcePrivateIPv4 EpochTime FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths ' +
  'PrincipalServiceName PrincipalServiceNamesList PrincipalTag/ PrincipalType Referer referer RequestedRegion RequestTag/ ResourceAccount ResourceOrgID ResourceOrgPaths ResourceTag/ SecureTransport SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths ' +
  'SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent userid username ViaAWSService VpceAccount VpceOrgID VpceOrgPaths VpcSourceIp ChatbotSourceArn AssumedRoot PrincipalTagKeys IsMcpServiceAction ViaAWSMCPService CalledViaAWSMCP SignInSessionArn'
).split(' ');
const OPERATORS = ('StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals DateNotEquals ' +
  'DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null').split(' ');
const byLowerCase = new Map(OPERATORS.map((each) => [each.toLowerCase(), each]));

/** A condition whose key or operator IAM does not know never holds. */
export const policyConditionKey: Rule = {
  id: 'policy-condition-key',
  level: 'warning',
  title: () => l10n.t('A condition that IAM does not know'),
  check: (document) =>
    eachPolicy(document, 'policy-condition-key', ({ statements }) => statements.flatMap(({ conditionKeys, conditionOperators }) => [
      ...conditionOperators.flatMap(({ value, start, end }): RawFinding[] => {
        const [, before = '', name = '', after = ''] = /^((?:ForAllValues:|ForAnyValue:)?)(.*?)((?:IfExists)?)$/i.exec(value) ?? [];
        if (byLowerCase.has(name.toLowerCase()) || /[<>{$[]/.test(value)) return [];
        const meant = closest(name, OPERATORS);
        return [{ start, end, message: l10n.t('IAM knows no such condition operator: {0}', value), ...(meant && { fix: replace(l10n.t('Write {0}', meant), start, end, `${before}${meant}${after}`) }) }];
      }),
      ...conditionKeys.flatMap(({ value, start, end }): RawFinding[] => {
        const [, prefix = '', name = ''] = /^([^:]*):(.*)$/.exec(value) ?? [];
        // SAML's and web identities' keys are the provider's.
        if (prefix === '' || /[<>{$[.]/.test(value)) return [];
        const keys = prefix.toLowerCase() === 'aws' ? GLOBAL : iamService(prefix)?.keys;
        if (!keys || keys.length === 0) return [];
        const isKnown = keys.some((key) => (key.endsWith('/') ? name.toLowerCase().startsWith(key.toLowerCase()) : key.toLowerCase() === name.toLowerCase()));
        if (isKnown) return [];
        const meant = closest(name, keys);
        return [{ start, end, message: l10n.t('IAM knows no such condition key, so the condition never holds: {0}', value), ...(meant && { fix: replace(l10n.t('Write {0}', `${prefix}:${meant}`), start, end, `${prefix}:${meant}`) }) }];
      }),
    ])),
};
