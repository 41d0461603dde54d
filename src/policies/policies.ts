import { allow, type PolicyDocument, type PolicyNames } from './document.ts';

/** One of the tutorial's policies: a document as a function of account, partition and names. */
export interface Policy {
  /** The name in IAM, and of `lake-tutorial policy NAME`. */
  readonly name: string;
  /** The prefix of its snippet. */
  readonly prefix: string;
  readonly kind: 'identity' | 'trust';
  /** Set for what the tutorial shows but no step provisions. */
  readonly onlyShown?: true;
  readonly document: (names: PolicyNames) => PolicyDocument;
}

const trust = (service: string): PolicyDocument => allow([{ Principal: { Service: service }, Action: 'sts:AssumeRole' }]);

/** Lets the data lake administrator register S3 locations with the service-linked role. */
export const lakeFormationSLR: Policy = {
  name: 'LakeFormationSLR',
  prefix: 'lf-slr',
  kind: 'identity',
  document: ({ partition, account }) =>
    allow([
      {
        Action: 'iam:CreateServiceLinkedRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:AWSServiceName': 'lakeformation.amazonaws.com' } },
      },
      {
        Action: 'iam:PutRolePolicy',
        Resource: `arn:${partition}:iam::${account}:role/aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess`,
      },
    ]),
};

/** Lets the administrator hand the workflow role, and no other, to Glue. */
export const userPassRole: Policy = {
  name: 'UserPassRole',
  prefix: 'lf-passrole',
  kind: 'identity',
  document: ({ partition, account, workflowRole }) =>
    allow([{ Sid: 'PassRolePermissions', Action: 'iam:PassRole', Resource: `arn:${partition}:iam::${account}:role/${workflowRole}` }]),
};

/** What the workflow role may do beyond AWSGlueServiceRole: get data access, grant on the tables it makes, pass itself. */
export const lakeFormationWorkflow: Policy = {
  name: 'LakeFormationWorkflow',
  prefix: 'lf-workflow',
  kind: 'identity',
  document: ({ partition, account, workflowRole }) =>
    allow([
      { Action: ['lakeformation:GetDataAccess', 'lakeformation:GrantPermissions'], Resource: '*' },
      { Action: 'iam:PassRole', Resource: `arn:${partition}:iam::${account}:role/${workflowRole}` },
    ]),
};

/** Read and write in the lake's bucket and nowhere else, instead of all of S3. */
export const lakeBucketAccess: Policy = {
  name: 'LakeBucketAccess',
  prefix: 'lf-bucket',
  kind: 'identity',
  document: ({ partition, bucket }) =>
    allow([
      { Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: `arn:${partition}:s3:::${bucket}` },
      { Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], Resource: `arn:${partition}:s3:::${bucket}/*` },
    ]),
};

/** Accepting shares of other accounts; only needed across accounts. */
export const ramAccess: Policy = {
  name: 'RAMAccess',
  prefix: 'lf-ram',
  kind: 'identity',
  onlyShown: true,
  document: () =>
    allow([
      {
        Action: ['ram:AcceptResourceShareInvitation', 'ram:RejectResourceShareInvitation', 'ec2:DescribeAvailabilityZones', 'ram:EnableSharingWithAwsOrganization'],
        Resource: '*',
      },
    ]),
};

/** The instance reads the one password that it needs. SSM decrypts with the account's own `aws/ssm` key, which needs no grant. */
export const databasePasswordAccess: Policy = {
  name: 'DatabasePasswordAccess',
  prefix: 'lf-password',
  kind: 'identity',
  document: ({ partition, account, region, passwordParameter }) =>
    allow([{ Action: 'ssm:GetParameter', Resource: `arn:${partition}:ssm:${region}:${account}:parameter${passwordParameter}` }]),
};

// Athena refuses a query for want of any of these, whether it lists or names what it reads.
const readTables = ({ partition, account, region, lakeDatabase }: PolicyNames) => ({
  Action: ['glue:GetDatabase', 'glue:GetDatabases', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartition', 'glue:GetPartitions', 'glue:BatchGetPartition'],
  Resource: [
    `arn:${partition}:glue:${region}:${account}:catalog`,
    `arn:${partition}:glue:${region}:${account}:database/${lakeDatabase}`,
    `arn:${partition}:glue:${region}:${account}:table/${lakeDatabase}/*`,
  ],
});

// Results are written below one prefix; the data itself comes through Lake Formation, which asks for no rights in S3.
const keepResults = ({ partition, bucket }: PolicyNames) => [
  { Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: `arn:${partition}:s3:::${bucket}` },
  { Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:${partition}:s3:::${bucket}/athena/*` },
];

/** Whoever queries the lake's tables with Athena: the work group, the catalog's entries, the data through Lake Formation, the results. */
export const athenaQueryAccess: Policy = {
  name: 'AthenaQueryAccess',
  prefix: 'lf-athena',
  kind: 'identity',
  document: (names) =>
    allow([
      {
        Action: ['athena:GetWorkGroup', 'athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StopQueryExecution'],
        Resource: `arn:${names.partition}:athena:${names.region}:${names.account}:workgroup/${names.prefix}`,
      },
      readTables(names),
      { Action: 'lakeformation:GetDataAccess', Resource: '*' },
      ...keepResults(names),
    ]),
};

/** Whoever draws the gold in QuickSight: its data source, data set and dashboard, and no others. */
export const quickSightAccess: Policy = {
  name: 'QuickSightAccess',
  prefix: 'lf-quicksight',
  kind: 'identity',
  onlyShown: true,
  document: ({ partition, account, region, prefix }) => {
    const arn = (thing: string): string => `arn:${partition}:quicksight:${region}:${account}:${thing}`;
    return allow([
      { Action: 'quicksight:CreateDataSource', Resource: '*' },
      {
        Action: ['quicksight:DescribeDataSource', 'quicksight:PassDataSource', 'quicksight:CreateDataSet'],
        Resource: arn(`datasource/${prefix}-athena`),
      },
      { Action: ['quicksight:DescribeDataSet', 'quicksight:PassDataSet'], Resource: arn(`dataset/${prefix}-cube`) },
      { Action: ['quicksight:CreateDashboard', 'quicksight:DescribeDashboard'], Resource: arn(`dashboard/${prefix}-dashboard`) },
    ]);
  },
};

export const glueTrust: Policy = { name: 'WorkflowRoleTrust', prefix: 'lf-trust-glue', kind: 'trust', document: () => trust('glue.amazonaws.com') };
export const lambdaTrust: Policy = { name: 'LambdaTrust', prefix: 'lf-trust-lambda', kind: 'trust', document: () => trust('lambda.amazonaws.com') };
export const instanceTrust: Policy = {
  name: 'InstanceTrust',
  prefix: 'lf-trust-ec2',
  kind: 'trust',
  // In China the service's name ends in .cn; elsewhere it does not.
  document: ({ partition }) => trust(partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com'),
};

/** All of the tutorial's policies. */
export const policies: readonly Policy[] = [
  lakeFormationSLR, userPassRole, lakeFormationWorkflow, lakeBucketAccess, ramAccess, athenaQueryAccess, quickSightAccess, databasePasswordAccess,
  glueTrust, lambdaTrust, instanceTrust,
];
