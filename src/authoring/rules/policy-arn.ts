import * as l10n from '@vscode/l10n';

import { eachPolicy, type Word } from '../policyBlocks.ts';
import { replace, type Fix, type RawFinding, type Rule } from '../rule.ts';

/** Services whose resources all stand in an account: their ARNs name it. */
const WITH_ACCOUNT = new Set('glue lakeformation lambda dynamodb sqs sns athena kms firehose kinesis secretsmanager ssm rds redshift states events quicksight'.split(' '));
/** What stands in S3 in a region and an account; a bucket does not. */
const REGIONAL_S3 = /^(?:accesspoint|access-grants|storage-lens|job|async-request|storage-lens-group)[/:]/;

/** An ARN that names nothing: a field is missing, or there is one too many. */
export const policyArn: Rule = {
  id: 'policy-arn',
  level: 'error',
  title: () => l10n.t('An ARN of a form that names nothing'),
  check: (document) => eachPolicy(document, 'policy-arn', ({ statements, text }) => statements.flatMap(({ resources, awsPrincipals }) => [...resources.flatMap((word) => faultOf(text, word, false)), ...awsPrincipals.flatMap((word) => faultOf(text, word, true))])),
};

/** Placeholders and variables without what would be taken for a field's end; one for the account may be plain words. */
const plain = (text: string): string => text.replace(/\\([<>[\]_*-])/g, '$1').replace(/^(arn:[^:]*:[^:]*:[^:]*:)[A-Za-z]\w*(?: \w+){1,4}(?=:)/, '$1X').replace(/<<?[^<>"]{0,80}>>?|\[[^\]"]{0,80}\]|\$?\{\{?[^}"]{0,80}\}?\}|\$\([^)"]{0,80}\)|%[^%"\s]{1,60}%|\([^)"]{1,60}\)/g, 'X');

function faultOf(text: string, { value, start, end }: Word, isPrincipal: boolean): RawFinding[] {
  // What is broken in other ways is told by other rules; what is all a placeholder, or an ellipsis, is still to come.
  if (value === '*' || value.trim() === '' || /<>|\$\([A-Z_]+\}|\.\.\.|…/.test(value)) return [];
  const arn = plain(value);
  const say = (message: string, fix?: Fix): RawFinding[] => [{ start, end, message, ...(fix && { fix }) }];
  if (!/^arn:/i.test(arn)) {
    if (isPrincipal || /^X|X$/.test(arn) || /placeholder|your|arn|tu-|seu-|^\*/i.test(value) || /^[A-Z_\d-]+$/.test(value)) return [];
    return say(l10n.t('A resource is named by its ARN, which begins with arn:aws: and not so: {0}', value));
  }
  const parts = arn.split(':');
  const [, partition = '', service = '', region = '', account = '', ...rest] = parts;
  const resource = rest.join(':');
  if (/\s/.test(arn.trim()) && arn.trim() === arn && !/X\s|\sX/.test(arn) && !/^arn:aws[\w-]*:s3:::[^/]*\//.test(arn)) return say(l10n.t('An ARN has no spaces: {0}', value));
  if (arn !== arn.trim()) return say(l10n.t('An ARN has no spaces around it: {0}', value), replace(l10n.t('Remove the spaces'), start, end, text.slice(start, end).trim()));
  if (!/^(?:aws(?:-[a-z]+)*|X|\*)$/.test(partition)) return /^X/.test(partition) || /[A-Z_]{3,}/.test(partition) ? [] : say(l10n.t('The partition of an ARN is aws, aws-cn or aws-us-gov, and not: {0}', partition));
  if (parts.length < 6) {
    if (service === 's3' && parts.length === 5 && region === '') return say(l10n.t('The ARN of a bucket has three colons before its name: {0}', value), replace(l10n.t('Write three colons'), start, end, text.slice(start, end).replace(/:s3::(?!:)/, ':s3:::')));
    if (/X$/.test(arn) && parts.length < 4) return [];
    return say(l10n.t('An ARN has six parts between colons: arn, partition, service, region, account and resource. Here is one missing: {0}', value));
  }
  if (service === 's3') {
    if ((region !== '' || account !== '') && region !== '*' && account !== '*' && !REGIONAL_S3.test(resource)) {
      return say(l10n.t('The ARN of a bucket has neither region nor account: {0}', value), replace(l10n.t('Remove region and account'), start, end, text.slice(start, end).replace(/:s3:[^:]*:[^:]*:/, ':s3:::')));
    }
    if (/^s3:\/\/|^\/\//.test(resource)) return say(l10n.t('In an ARN the bucket\'s name follows the colons at once, without s3://: {0}', value), replace(l10n.t('Remove it'), start, end, text.slice(start, end).replace(/:::(?:s3:)?\/\//, ':::')));
    return [];
  }
  if (service === 'iam' || service === 'sts') {
    if (region !== '' && region !== '*') {
      return say(l10n.t('IAM has no regions, so its ARNs have none: {0}', value), /^\d{12}$|^X$/.test(region) ? undefined : replace(l10n.t('Remove the region'), start, end, text.slice(start, end).replace(/:(iam|sts):[^:]*:/, ':$1::')));
    }
    if (account === '' && /^(?:role|user|group|policy|instance-profile)\//.test(resource)) {
      return say(l10n.t('The ARN of a role, a user or a policy names its account, and here it is missing: {0}', value), replace(l10n.t('Put in <account-id>'), start, end, text.slice(start, end).replace(/:(iam|sts):::/, ':$1::<account-id>:')));
    }
    if (service === 'iam' && !/^(?:role|user|group|policy|instance-profile|server-certificate|saml-provider|oidc-provider|mfa|root|X|\*|sms-mfa|assumed-role)/.test(resource)) return say(l10n.t('The resource of IAM\'s ARN begins with its kind, such as role/ or user/: {0}', value));
    return [];
  }
  if (WITH_ACCOUNT.has(service) && account === '' && resource !== '*' && resource !== '') return say(l10n.t('This service\'s resources stand in an account, and the ARN names none: {0}', value), undefined);
  return [];
}
