import { allow, type PolicyDocument, type PolicyNames } from './document.ts';

/** One of the tutorial's policies: a document as a function of account, partition and names. */
export interface Policy {
  /** The name in IAM, and of `lake-tutorial policy NAME`. */
  readonly name: string;
  /** The prefix of its snippet. */
  readonly prefix: string;
  readonly kind: 'identity' | 'trust';
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

export const glueTrust: Policy = { name: 'WorkflowRoleTrust', prefix: 'lf-trust-glue', kind: 'trust', document: () => trust('glue.amazonaws.com') };
export const lambdaTrust: Policy = { name: 'LambdaTrust', prefix: 'lf-trust-lambda', kind: 'trust', document: () => trust('lambda.amazonaws.com') };
export const instanceTrust: Policy = {
  name: 'InstanceTrust',
  prefix: 'lf-trust-ec2',
  kind: 'trust',
  // In China the service's name ends in .cn; elsewhere it does not.
  document: ({ partition }) => trust(partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com'),
};

export const policies: readonly Policy[] = [
  lakeFormationSLR, userPassRole, lakeFormationWorkflow, lakeBucketAccess, ramAccess, databasePasswordAccess, glueTrust, lambdaTrust, instanceTrust,
];
