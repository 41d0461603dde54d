import * as l10n from '@vscode/l10n';

import { closest } from '../iam.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

/** Policies of AWS's that tutorials of data lakes name, with their path (AWS managed policy reference, November 2026). */
const KNOWN = new Map(
  ('AdministratorAccess PowerUserAccess ReadOnlyAccess ViewOnlyAccess=job-function/ViewOnlyAccess DataScientist=job-function/DataScientist SecurityAudit IAMFullAccess IAMReadOnlyAccess IAMUserChangePassword AmazonS3FullAccess AmazonS3ReadOnlyAccess AmazonS3TablesFullAccess ' +
  'AWSGlueConsoleFullAccess AWSGlueServiceRole=service-role/AWSGlueServiceRole AWSGlueServiceNotebookRole=service-role/AWSGlueServiceNotebookRole AWSGlueConsoleSageMakerNotebookFullAccess AWSGlueDataBrewServiceRole=service-role/AWSGlueDataBrewServiceRole AwsGlueDataBrewFullAccessPolicy AwsGlueSessionUserRestrictedPolicy AWSGlueSchemaRegistryFullAccess ' +
  'AWSLakeFormationDataAdmin AWSLakeFormationCrossAccountManager AmazonAthenaFullAccess AWSQuicksightAthenaAccess=service-role/AWSQuicksightAthenaAccess AWSQuickSightDescribeRDS=service-role/AWSQuickSightDescribeRDS AWSQuickSightListIAM=service-role/AWSQuickSightListIAM AWSQuickSightDescribeRedshift=service-role/AWSQuickSightDescribeRedshift ' +
  'AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSLambdaRole=service-role/AWSLambdaRole AWSLambdaExecute AWSLambdaBasicExecutionRole=service-role/AWSLambdaBasicExecutionRole AWSLambdaVPCAccessExecutionRole=service-role/AWSLambdaVPCAccessExecutionRole AWSLambdaKinesisExecutionRole=service-role/AWSLambdaKinesisExecutionRole AWSLambdaDynamoDBExecutionRole=service-role/AWSLambdaDynamoDBExecutionRole AWSLambdaSQSQueueExecutionRole=service-role/AWSLambdaSQSQueueExecutionRole AWSLambdaMSKExecutionRole=service-role/AWSLambdaMSKExecutionRole AWSLambdaInvocation-DynamoDB ' +
  'AmazonEC2FullAccess AmazonEC2ReadOnlyAccess AmazonVPCFullAccess AmazonVPCReadOnlyAccess AmazonSSMManagedInstanceCore AmazonSSMFullAccess AmazonSSMReadOnlyAccess AmazonRDSFullAccess AmazonRDSReadOnlyAccess AmazonRedshiftFullAccess AmazonRedshiftReadOnlyAccess AmazonRedshiftAllCommandsFullAccess AmazonRedshiftDataFullAccess AmazonRedshiftQueryEditor AmazonRedshiftQueryEditorV2FullAccess AmazonDynamoDBFullAccess AmazonDynamoDBReadOnlyAccess ' +
  'AmazonElasticMapReduceRole=service-role/AmazonElasticMapReduceRole AmazonElasticMapReduceforEC2Role=service-role/AmazonElasticMapReduceforEC2Role AmazonElasticMapReduceforAutoScalingRole=service-role/AmazonElasticMapReduceforAutoScalingRole AmazonElasticMapReduceEditorsRole=service-role/AmazonElasticMapReduceEditorsRole AmazonEMRFullAccessPolicy_v2 AmazonEMRReadOnlyAccessPolicy_v2 AmazonEMRServicePolicy_v2=service-role/AmazonEMRServicePolicy_v2 AmazonElasticMapReduceFullAccess AmazonElasticMapReduceReadOnlyAccess ' +
  'AmazonKinesisFullAccess AmazonKinesisReadOnlyAccess AmazonKinesisFirehoseFullAccess AmazonKinesisFirehoseReadOnlyAccess AmazonKinesisAnalyticsFullAccess AmazonMSKFullAccess AmazonMSKReadOnlyAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonSageMakerFullAccess AmazonSageMakerReadOnly AmazonEventBridgeFullAccess AmazonEventBridgeSchedulerFullAccess CloudWatchFullAccess CloudWatchFullAccessV2 CloudWatchReadOnlyAccess CloudWatchLogsFullAccess CloudWatchLogsReadOnlyAccess CloudWatchEventsFullAccess CloudWatchAgentServerPolicy ' +
  'AWSCloudFormationFullAccess AWSCloudFormationReadOnlyAccess AWSStepFunctionsFullAccess AWSStepFunctionsConsoleFullAccess AWSStepFunctionsReadOnlyAccess AWSCloudTrail_FullAccess AWSCloudTrail_ReadOnlyAccess AWSKeyManagementServicePowerUser SecretsManagerReadWrite AWSResourceAccessManagerFullAccess AWSResourceAccessManagerReadOnlyAccess AWSOrganizationsFullAccess AWSOrganizationsReadOnlyAccess AWSCloud9User AWSCloud9Administrator AWSCodeCommitFullAccess AWSCodePipeline_FullAccess AWSCodeBuildAdminAccess AWSMarketplaceManageSubscriptions ' +
  'AmazonOpenSearchServiceFullAccess AmazonESFullAccess AmazonECS_FullAccess AmazonEC2ContainerRegistryFullAccess AmazonEC2ContainerRegistryReadOnly AmazonEC2ContainerRegistryPowerUser AmazonEKSClusterPolicy AmazonEKSWorkerNodePolicy AmazonEKS_CNI_Policy AmazonDMSVPCManagementRole=service-role/AmazonDMSVPCManagementRole AmazonDMSCloudWatchLogsRole=service-role/AmazonDMSCloudWatchLogsRole AmazonDMSRedshiftS3Role=service-role/AmazonDMSRedshiftS3Role AmazonAPIGatewayAdministrator AmazonAppFlowFullAccess AWSTransferFullAccess AWSTransferConsoleFullAccess AmazonDataZoneFullAccess AmazonBedrockFullAccess AWSBackupFullAccess AWSIoTFullAccess AWSBatchFullAccess AmazonComprehendFullAccess AmazonMacieFullAccess AmazonCognitoPowerUser AmazonElastiCacheFullAccess AmazonRoute53FullAccess AWSDataExchangeFullAccess AWSDataExchangeReadOnly')
    .split(' ').map((each) => { const [name = '', path = name] = each.split('='); return [name, path] as const; }),
);
/** Gone or superseded, with what took their place. */
const GONE: Readonly<Record<string, string>> = {
  AWSLambdaFullAccess: 'AWSLambda_FullAccess', AWSLambdaReadOnlyAccess: 'AWSLambda_ReadOnlyAccess', AmazonElasticMapReduceFullAccess: 'AmazonEMRFullAccessPolicy_v2', AmazonElasticMapReduceReadOnlyAccess: 'AmazonEMRReadOnlyAccessPolicy_v2',
  AmazonEC2RoleforSSM: 'AmazonSSMManagedInstanceCore', AWSCloudTrailFullAccess: 'AWSCloudTrail_FullAccess', AWSCloudTrailReadOnlyAccess: 'AWSCloudTrail_ReadOnlyAccess', AWSCodePipelineFullAccess: 'AWSCodePipeline_FullAccess', AmazonEC2ContainerServiceFullAccess: 'AmazonECS_FullAccess',
  AWSGlueFullAccess: 'AWSGlueConsoleFullAccess', AmazonGlueFullAccess: 'AWSGlueConsoleFullAccess', AWSLakeFormationFullAccess: 'AWSLakeFormationDataAdmin', AmazonLakeFormationFullAccess: 'AWSLakeFormationDataAdmin', AWSLakeFormationAdmin: 'AWSLakeFormationDataAdmin', AmazonLambdaFullAccess: 'AWSLambda_FullAccess',
  AWSAthenaFullAccess: 'AmazonAthenaFullAccess', AWSS3FullAccess: 'AmazonS3FullAccess', AmazonGlueServiceRole: 'AWSGlueServiceRole', AWSEC2FullAccess: 'AmazonEC2FullAccess', AWSRedshiftFullAccess: 'AmazonRedshiftFullAccess', AWSKinesisFullAccess: 'AmazonKinesisFullAccess', AWSGlueConsoleAccess: 'AWSGlueConsoleFullAccess',
  AmazonCloudWatchFullAccess: 'CloudWatchFullAccess', AWSCloudWatchFullAccess: 'CloudWatchFullAccess', AmazonIAMFullAccess: 'IAMFullAccess', AWSIAMFullAccess: 'IAMFullAccess', AmazonEMRFullAccess: 'AmazonEMRFullAccessPolicy_v2', AmazonStepFunctionsFullAccess: 'AWSStepFunctionsFullAccess', AmazonSecretsManagerReadWrite: 'SecretsManagerReadWrite', AmazonEventBridgeFullAcccess: 'AmazonEventBridgeFullAccess',
};
const names = [...KNOWN.keys()];
const NAME = /(?:(?<arn>arn:aws[\w-]*:iam::aws:policy\/)(?<path>(?:[\w-]+\/)*))?(?<![\w/.:<$-])(?<name>(?:A[Ww][Ss]|Amazon|CloudWatch|IAM|Admin|Adminst|SecretsManager)[A-Za-z\d_]{6,60})(?![\w/:(-]|\.\w)|arn:aws[\w-]*:iam::aws:policy\/(?<path2>(?:[\w-]+\/)*)(?<name2>[\w+=,.@-]{3,64})/g;

/** A policy that AWS does not have, or no longer. */
export const managedPolicy: Rule = {
  id: 'managed-policy',
  level: 'warning',
  title: () => l10n.t('A managed policy that AWS does not have'),
  check: (document) =>
    document.each('managed-policy', ({ text, code, prose }) => {
      const found: (RawFinding & { readonly right: string })[] = [];
      if (!/A[Ww][Ss]|Amazon|CloudWatch|IAM|Admin/.test(text)) return found;
      for (const of of [code, prose]) {
        for (const match of of.matchAll(NAME)) {
          const groups = match.groups ?? {};
          const name = groups['name'] ?? groups['name2'] ?? '';
          const isArn = groups['arn'] !== undefined || groups['name2'] !== undefined;
          const path = groups['path'] ?? groups['path2'] ?? '';
          const start = match.index + match[0].length - name.length;
          const end = start + name.length;
          const known = KNOWN.get(name);
          const add = (right: string, message: string, from = start): void => void found.push({ start: from, end, right, message });
          if (Object.hasOwn(GONE, name)) add(GONE[name] ?? '', l10n.t('AWS has no policy of this name, or no longer. Use {0} in place of: {1}', GONE[name] ?? '', name));
          else if (known !== undefined) {
            if (isArn && `${path}${name}` !== known && !path.startsWith('aws-service-role')) add(known, l10n.t('The ARN of this policy has a path: {0}', `policy/${known}`), start - path.length);
          } else if ((isArn || /(?:A[ces]{3,6}|ServiceRole|Admin|ExecutionRole)$/i.test(name)) && name.length > 10) {
            const meant = closest(name, names);
            // A role that somebody made may be named like a policy with a word more; a slip of letters is none's name.
            if (meant && meant.toLowerCase() !== name.toLowerCase() ? Math.abs(meant.length - name.length) <= 2 && !name.startsWith(meant) && isSlip(name, meant) : meant && meant !== name) add(isArn ? (KNOWN.get(meant ?? '') ?? meant ?? '') : (meant ?? ''), l10n.t('AWS has no policy of this name. Did you mean {0}? {1}', meant ?? '', name), isArn ? start - path.length : start);
          }
        }
      }
      return found;
    }).map(({ right, ...finding }) => ({ ...finding, fix: replace(l10n.t('Write {0}', right), finding.start, finding.end, right) })),
};

/** Letters within words differ; not a word in the place of another, as Lambda and Kinesis. */
const isSlip = (a: string, b: string): boolean => {
  const wordsOf = (name: string): readonly string[] => name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  const [left, right] = [wordsOf(a), wordsOf(b)];
  return Math.abs(left.length - right.length) <= 1 && left.filter((word) => !right.includes(word)).length <= 2;
};
