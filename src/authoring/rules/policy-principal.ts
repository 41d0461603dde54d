import * as l10n from '@vscode/l10n';

import { closest } from '../iam.ts';
import { eachPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

const SERVICES = 'glue lakeformation lambda ec2 athena s3 events scheduler states firehose kinesis kinesisanalytics elasticmapreduce emr-serverless emr-containers redshift redshift-serverless quicksight sagemaker dms rds cloudformation sns sqs logs apigateway ecs-tasks ecs eks batch databrew transfer appflow iot datasync codebuild codepipeline ssm delivery.logs cloudtrail config monitoring bedrock spark.emr-serverless ops.apigateway edgelambda replicator.lambda'.split(' ');

/** Who a service is in a trust policy: glue.amazonaws.com. */
export const policyPrincipal: Rule = {
  id: 'policy-principal',
  level: 'warning',
  title: () => l10n.t('A service principal that is none'),
  check: (document) =>
    eachPolicy(document, 'policy-principal', ({ statements }) => statements.flatMap(({ servicePrincipals }) => servicePrincipals.flatMap(({ value, start, end }): RawFinding[] => {
      if (/[<>${}[\]*…]|\.\.\./.test(value)) return [];
      const [, name = '', ending = ''] = /^([a-z\d.-]+?)\.(amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com)$/i.exec(value) ?? [];
      if (ending !== '' && ending.toLowerCase() !== 'amazon.com') {
        const meant = SERVICES.includes(name) ? undefined : name.length > 4 ? closest(name, SERVICES) : undefined;
        // Only a slip of a letter: there are more services than are known here.
        if (!meant || Math.abs(meant.length - name.length) > 1 || meant.replace(/[^a-z]/g, '') === name.replace(/[^a-z]/g, '') && meant === name) return [];
        return [{ start, end, message: l10n.t('No service has this principal. Did you mean {0}? {1}', `${meant}.amazonaws.com`, value), fix: replace(l10n.t('Write {0}', `${meant}.amazonaws.com`), start, end, `${meant}.amazonaws.com`) }];
      }
      const word = (name || value).toLowerCase().replace(/^(?:aws|amazon)[-. ]?|\.amazon.*$|\.aws.*$/g, '');
      const right = SERVICES.includes(word) ? `${word}.amazonaws.com` : undefined;
      return [{ start, end, message: l10n.t('A service\'s principal ends with .amazonaws.com, and not so: {0}', value), ...(right && { fix: replace(l10n.t('Write {0}', right), start, end, right) }) }];
    }))),
};
