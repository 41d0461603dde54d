/**
 * What the sandbox does not do that AWS does: the one list of it. A refusal, or an answer that falls short, carries an
 * entry's id and text in the header `x-lake-tutorial-limitation`; the README's table and what CLI and editor say are
 * made from it.
 */
import * as l10n from '@vscode/l10n';

/** The header of an answer that falls short of AWS: `ID; what is missing`. */
export const LIMITATION_HEADER = 'x-lake-tutorial-limitation';

/** Something of AWS that the sandbox lacks. */
export interface Limitation {
  /** The service, as AWS names it. */
  readonly service: string;
  /** What is missing. */
  readonly what: () => string;
  /**
   * Operations whose every answer falls short of AWS's: `service.Action`, or for services without actions
   * `service METHOD pattern`, the pattern for path and query. Others say it where it shows.
   */
  readonly operations?: readonly string[];
}

const list = {
  operations: {
    service: 'AWS',
    what: () => l10n.t('Operations outside of the tutorial that the sandbox does not implement are refused with NotImplemented.'),
  },
  'athena-sql': {
    service: 'Amazon Athena',
    what: () => l10n.t('Some statements, functions and options of SQL are refused with NOT_SUPPORTED.'),
  },
  'athena-formats': {
    service: 'Amazon Athena',
    what: () => l10n.t('Tables in ORC, Avro or Iceberg are not read; tables are written in Parquet only.'),
  },
  'athena-scanned-bytes': {
    service: 'Amazon Athena',
    what: () => l10n.t('The bytes that a query has scanned are those of whole files, not of the columns that it read.'),
    operations: ['athena.GetQueryRuntimeStatistics'],
  },
  'iam-simulation': {
    service: 'AWS IAM',
    what: () => l10n.t('The simulator looks at identity policies and permissions boundaries: not at organizations or policies of resources.'),
    operations: ['iam.SimulatePrincipalPolicy'],
  },
  'iam-callers': {
    service: 'AWS IAM',
    what: () => l10n.t('Whoever calls with a key that the sandbox did not give out is an administrator, whom no policy judges.'),
    operations: ['sts.AssumeRole'],
  },
  'lambda-runtimes': {
    service: 'AWS Lambda',
    what: () => l10n.t('Functions run in Python only, with the sandbox\'s version of it, whatever their runtime says.'),
  },
  'lambda-isolation': {
    service: 'AWS Lambda',
    what: () => l10n.t('Functions and jobs are not isolated: they run as processes of the sandbox\'s user.'),
    operations: ['lambda POST ^/2015-03-31/functions/?$'],
  },
  'lambda-layers': {
    service: 'AWS Lambda',
    what: () => l10n.t('Layers are kept, and not there when a function runs: put the modules into its zip.'),
    operations: ['lambda POST ^/2018-10-31/layers/[^/]+/versions$'],
  },
  'events-targets': {
    service: 'Amazon EventBridge',
    what: () => l10n.t('Rules invoke Lambda functions only, without input transformers.'),
  },
  'ssm-documents': {
    service: 'AWS Systems Manager',
    what: () => l10n.t('Run Command knows the document AWS-RunShellScript only.'),
  },
  'ec2-shell': {
    service: 'Amazon EC2',
    what: () => l10n.t('Instances run no operating system: user data and commands understand what installs and asks PostgreSQL, and a small shell.'),
    operations: ['ec2.RunInstances'],
  },
  'ec2-egress': {
    service: 'Amazon EC2',
    what: () => l10n.t('Outbound rules of security groups are kept, and stop nothing.'),
    operations: ['ec2.AuthorizeSecurityGroupEgress', 'ec2.RevokeSecurityGroupEgress'],
  },
  'glue-sizes': {
    service: 'AWS Glue',
    what: () => l10n.t('Jobs run on this machine, however many workers they ask for.'),
    operations: ['glue.StartJobRun'],
  },
  'glue-library': {
    service: 'AWS Glue',
    what: () => l10n.t('Of Glue\'s library (awsglue) jobs have what reads and writes Parquet, CSV and JSON in S3 and reads PostgreSQL, with the common transforms; the rest fails by name and says what to write. There are no RDDs, and bookmarks are kept of files only.'),
  },
  'glue-job-catalog': {
    service: 'AWS Glue',
    what: () => l10n.t('Jobs reach the Data Catalog by awsglue and boto3, not by spark.sql or spark.table.'),
  },
  'glue-crawler-targets': {
    service: 'AWS Glue',
    what: () => l10n.t('Crawlers look at JDBC and S3 targets only; with another one they fail.'),
  },
  'glue-classifiers': {
    service: 'AWS Glue',
    what: () => l10n.t('Custom classifiers are of CSV and JSON; those of grok and XML are refused.'),
  },
  'quicksight-pictures': {
    service: 'Amazon QuickSight',
    what: () => l10n.t('Data sets and dashboards are kept, and not drawn.'),
    operations: ['quicksight POST ^/accounts/[^/]+/dashboards/'],
  },
  's3-policies': {
    service: 'Amazon S3',
    what: () => l10n.t('Policies of buckets judge who is judged, and open no bucket to the world.'),
    operations: ['s3 PUT [?&]policy(?:=|&|$)'],
  },
  's3-lifecycle': {
    service: 'Amazon S3',
    what: () => l10n.t('Lifecycle rules are kept, and neither move nor remove anything.'),
    operations: ['s3 PUT [?&]lifecycle(?:=|&|$)'],
  },
} as const satisfies Readonly<Record<string, Limitation>>;

export type LimitationId = keyof typeof list;

/** The list, in the order of its table. */
export const limitations: Readonly<Record<LimitationId, Limitation>> = list;

const told = Object.entries(limitations).flatMap(([id, { operations = [] }]) => operations.map((operation) => ({ id: id as LimitationId, operation })));
const byOperation: ReadonlyMap<string, LimitationId> = new Map(told.map(({ id, operation }) => [operation, id]));
const byRequest = told.flatMap(({ id, operation }) => {
  const [service, method, pattern] = operation.split(' ');
  return pattern === undefined ? [] : [{ id, service, method, pattern: new RegExp(pattern) }];
});

/** What every answer of an operation falls short in; nothing for most. `url` is path and query. */
export const limitationOf = ({ service, action, method }: { readonly service: string; readonly action: string; readonly method: string }, url: string): LimitationId | undefined =>
  action ? byOperation.get(`${service}.${action}`) : byRequest.find((each) => each.service === service && each.method === method && each.pattern.test(url))?.id;

/** The header's value. It is for programs too, so the gateway, which has no translations, sends it in English. */
export const limitationHeader = (id: LimitationId): string => `${id}; ${limitations[id].what()}`;

/** A header's text in the language of whoever reads it; the text as it came where this version does not know its id. */
export function readLimitation(header: string): string {
  const [id = '', ...text] = header.split('; ');
  return id in limitations ? limitations[id as LimitationId].what() : text.join('; ');
}
