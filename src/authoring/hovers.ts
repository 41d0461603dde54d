import * as l10n from '@vscode/l10n';
import type { Names } from '../resources/names.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import type { ResourceKind } from '../resources/kind.ts';
import { inserterRoleName } from '../resources/kinds/inserter-role.ts';
import { instanceRoleName } from '../resources/kinds/instance-role.ts';
import { policies } from '../policies/policies.ts';
import { closestPolicy, differences } from '../policies/difference.ts';
import { exampleAccounts, fillPlaceholders } from './placeholders.ts';
import type { FoundPolicy } from './policyText.ts';

/** A word of IAM's in a line of text, with its columns. */
export interface Token {
  readonly kind: 'arn' | 'account' | 'action' | 'managed-policy' | 'policy' | 'policy-key';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of a number: that what stands before it says that it is an account's. */
  readonly named?: boolean;
}

/** What is known where the text is read. */
export interface Facts {
  /** The names in the connected account; without one, nobody knows which account is one's own. */
  readonly names?: Names;
  /** How the account is known, for people: `profile dev`. */
  readonly via?: string;
  /** Other accounts that are known, by profile. */
  readonly others: readonly { readonly accountId: string; readonly profile: string }[];
}

const services: Readonly<Record<string, string>> = {
  athena: 'Amazon Athena', cloudformation: 'AWS CloudFormation', cloudwatch: 'Amazon CloudWatch', dynamodb: 'Amazon DynamoDB', ec2: 'Amazon EC2', ecr: 'Amazon Elastic Container Registry',
  ecs: 'Amazon Elastic Container Service', events: 'Amazon EventBridge', firehose: 'Amazon Kinesis Firehose', glue: 'AWS Glue', iam: 'AWS Identity and Access Management (IAM)', kinesis: 'Amazon Kinesis Data Streams',
  kms: 'AWS Key Management Service', lakeformation: 'AWS Lake Formation', lambda: 'AWS Lambda', logs: 'Amazon CloudWatch Logs', organizations: 'AWS Organizations', quicksight: 'Amazon QuickSight',
  ram: 'AWS Resource Access Manager (RAM)', rds: 'Amazon RDS', redshift: 'Amazon Redshift', s3: 'Amazon S3', secretsmanager: 'AWS Secrets Manager', sns: 'Amazon SNS', sqs: 'Amazon SQS', ssm: 'AWS Systems Manager',
  states: 'AWS Step Functions', sts: 'AWS Security Token Service', tag: 'Amazon Resource Group Tagging API',
};
const reference = (service: string): string => `https://docs.aws.amazon.com/service-authorization/latest/reference/list_${services[service]?.toLowerCase().replace(/[^a-z\d]/g, '')}.html`;

const managed: Readonly<Record<string, () => string>> = {
  AWSLakeFormationDataAdmin: () => l10n.t('Makes a data lake administrator: all of Lake Formation and the Glue catalog, but it denies `PutDataLakeSettings`, so it can make nobody else one.'),
  AWSLakeFormationCrossAccountManager: () => l10n.t('Sharing of Lake Formation resources with other accounts; only needed for that.'),
  AWSGlueConsoleFullAccess: () => l10n.t('All that the Glue console does.'),
  AWSGlueServiceRole: () => l10n.t('What Glue itself needs to run crawlers and jobs. It reaches only objects under names that begin with `aws-glue-`.'),
  AWSLambdaVPCAccessExecutionRole: () => l10n.t('Lets a Lambda function run inside a VPC and write its log.'),
  AmazonAthenaFullAccess: () => l10n.t('All of Athena, and the results in S3.'),
  AmazonSSMManagedInstanceCore: () => l10n.t('Lets an instance be reached by Systems Manager.'),
  CloudWatchLogsReadOnlyAccess: () => l10n.t('Reading of logs.'),
  IAMUserChangePassword: () => l10n.t('Lets a user change their own password.'),
  AdministratorAccess: () => l10n.t('Everything in the account. The tutorial needs much less.'),
  AmazonS3FullAccess: () => l10n.t('All buckets of the account. The tutorial limits itself to the one bucket of the lake.'),
};

/** What AWS calls its own, where no more is said of it here. */
const alsoManaged = [String.raw`(?:Amazon|AWS|CloudWatch)[A-Z]\w*(?:FullAccess|ReadOnlyAccess)`, 'AWSLambdaBasicExecutionRole', 'PowerUserAccess', 'ReadOnlyAccess'];

const actions: Readonly<Record<string, () => string>> = {
  'iam:passrole': () => l10n.t('Hands a role to a service, which then acts with it. Without it: "not authorized to perform iam:PassRole".'),
  'iam:createservicelinkedrole': () => l10n.t('Makes the role that a service has in this account for itself; the condition says which service.'),
  'iam:putrolepolicy': () => l10n.t('Writes an inline policy of a role: registering a bucket adds it to the role of Lake Formation.'),
  'lakeformation:getdataaccess': () => l10n.t('Asks Lake Formation for temporary credentials for the data of a table. Whoever queries or writes tables needs it.'),
  'lakeformation:grantpermissions': () => l10n.t('Gives rights on databases, tables and locations to others.'),
  'sts:assumerole': () => l10n.t('Takes on a role. In a trust policy it says who may.'),
  'ssm:getparameter': () => l10n.t('Reads a parameter, such as the password of the database.'),
  'ram:acceptresourceshareinvitation': () => l10n.t('Accepts what another account shares.'),
  's3:getobject': () => l10n.t('Reads objects.'),
  's3:putobject': () => l10n.t('Writes objects.'),
  's3:deleteobject': () => l10n.t('Deletes objects.'),
  's3:listbucket': () => l10n.t('Lists the objects of a bucket. Its resource is the bucket, without `/*`.'),
  's3:getbucketlocation': () => l10n.t('Tells the region of a bucket.'),
};

const tokens: readonly (readonly [Token['kind'], RegExp])[] = [
  ['arn', /arn:aws[\w-]*:[a-z\d-]*:[^\s"'`,;()[\]]*/g],
  ['action', new RegExp(String.raw`(?<![\w:/.-])(?:${Object.keys(services).join('|')}):[A-Za-z\d*?]+(?![\w:/.-])`, 'gi')],
  ['account', /(?<![\w.-])\d{12}(?![\w.-])/g],
  ['managed-policy', new RegExp(String.raw`(?<![\w/:-])(?:service-role/)?(?:${[...Object.keys(managed), ...alsoManaged].join('|')})(?![\w-])`, 'g')],
  ['policy', new RegExp(String.raw`(?<![\w/:-])(?:${policies.map(({ name }) => name).join('|')})(?![\w-])`, 'g')],
  ['policy-key', /(?<![\w-])(?:Version|Statement)(?=["']?\s*[:=])/g],
];

/** Small letters alone are an action only where one stands by itself: `tag:latest` in a sentence is none. */
const isOther = (action: string, before: string): boolean => !/[A-Z*?]/.test(action.slice(action.indexOf(':'))) && !/["'\x60]$|^\s*- +$/.test(before);

/**
 * The word of IAM's at a column; `line` may be as much of a long line as is around it.
 *
 * @param above the lines before it, the nearest first: asked for only where a list may be one of accounts.
 */
export function tokenAt(line: string, column: number, above: Iterable<string> = []): Token | undefined {
  for (const [kind, pattern] of tokens) {
    for (const { 0: text, index } of line.matchAll(pattern)) {
      if (index <= column && column <= index + text.length && !(kind === 'action' && isOther(text, line.slice(0, index)))) {
        return { kind, text, start: index, end: index + text.length, ...(kind === 'account' && { named: saysAccount(line.slice(0, index), above) }) };
      }
    }
  }
  return undefined;
}

// What may stand between the word and the number: signs, words that say no more than that the id follows, and other ids of the same list.
const toNumber = String.raw`(?:[\s"'\x60:=([{,*#_>/-]|\b(?:ids?|n[uú]m(?:ero|ber)?s?|no|nr|aws|is|are|es|son|de|del|of|the|la|el|tu|your)\b\.?|n\.?[º°]|(?<=[_a-z])(?:Ids?|IDs?|ids?|Numbers?)\b|\d{12})*$`;
const accountWord = new RegExp(String.raw`(?:account|acct|cuenta|conta|compte|konto)s?${toNumber}`, 'i');
/** The keys of a policy, or of Terraform's, below which accounts stand as they are. */
const principalKey = /(?<![\w-])["']?(?:AWS|(?:Not)?Principals?|identifiers|[oO]wner(?:Id)?s?)["']?\s*[:=]\s*[[({]?\s*(?:(["'`])[^"'`]{0,200}\1\s*,\s*)*["'`]?$/;
/** An item of a list that has a line of its own, up to where its text begins; and a whole such line. */
const itemStart = /^\s*(?:- +)?["'`]?$/;
const itemLine = /^\s*(?:- +\S.*|(["'`]).*\1\s*,|\d{12}\s*,)\s*(?:(?:#|\/\/).*)?$/;
const longestList = 50;

/** Whether what stands before a number says that it is an account's: a word on its line, or the key of the list that it is in. */
function saysAccount(before: string, above: Iterable<string>): boolean {
  let head = before.slice(-300);
  if (itemStart.test(head)) {
    let looked = 0;
    for (const line of above) {
      head = line.slice(-300);
      if (!itemLine.test(head) || ++looked > longestList) {
        break;
      }
    }
    // Only what opens the list counts: the line above may be about anything.
    if (!/[[({:=]\s*$/.test(head)) {
      return false;
    }
  }
  return accountWord.test(head) || principalKey.test(head);
}

/** What a word is, as paragraphs of Markdown. What it says of a policy is in {@link describePolicy}. */
export function describeToken({ kind, text, named }: Token, facts: Facts): string[] {
  switch (kind) {
    case 'arn':
      return ofArn(text, facts);
    case 'account':
      // Any number may have twelve digits.
      return named || isKnown(text, facts) ? [ofAccount(text, facts)] : [];
    case 'action':
      return ofAction(text);
    case 'managed-policy':
      return ofManaged(text.split('/').pop() ?? text);
    default:
      return [];
  }
}

/** An account of one's own, or one of AWS's examples that is nothing else by chance. */
const isKnown = (id: string, { names, others }: Facts): boolean => names?.account === id || others.some(({ accountId }) => accountId === id) || (exampleAccounts.has(id) && !/^(\d)\1+$/.test(id));

function ofAccount(id: string, { names, via, others }: Facts): string {
  const shown = `\`${id}\``;
  if (names?.account === id) {
    return via ? l10n.t('{0} is **this account** ({1}).', shown, via) : l10n.t('{0} is **this account**.', shown);
  }
  if (id === '000000000000') {
    return l10n.t('{0} is the account of the sandbox; on AWS it is nobody\'s.', shown);
  }
  const other = others.find(({ accountId }) => accountId === id);
  if (other) {
    return names ? l10n.t('{0} is the account of the profile {1}, **not this one** ({2}).', shown, `\`${other.profile}\``, `\`${names.account}\``) : l10n.t('{0} is the account of the profile {1}.', shown, `\`${other.profile}\``);
  }
  if (exampleAccounts.has(id)) {
    return names ? l10n.t('{0} is an example id of AWS\'s documentation, **not this account** ({1}).', shown, `\`${names.account}\``) : l10n.t('{0} is an example id of AWS\'s documentation.', shown);
  }
  return names ? l10n.t('{0} is **another account** than this one ({1}).', shown, `\`${names.account}\``) : l10n.t('{0} is an account id. Which account is yours is not known before you connect.', shown);
}

function ofArn(arn: string, facts: Facts): string[] {
  const [, partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  const { names } = facts;
  if (account === 'aws' && service === 'iam') {
    return ofManaged(resource.split('/').pop() ?? resource);
  }
  const where = [services[service] ?? `\`${service}\``, region && `\`${region}\``].filter(Boolean).join(' · ');
  const thing = names && thingOf(service, resource, names);
  return [
    `**${where}** \`${resource.replaceAll('`', '')}\`${thing ? `\\\n${thing}` : ''}`,
    ...(/^\d{12}$/.test(account) ? [ofAccount(account, facts)] : account === '' || account === '*' ? [] : [l10n.t('The account is still to be filled in.')]),
    ...(names && names.partition !== partition ? [l10n.t('Its partition is `{0}`; this account is in `{1}`.', partition, names.partition)] : []),
    ...(names && region !== '' && region !== '*' && /^[a-z]+(-[a-z]+)+-\d$/.test(region) && region !== names.region ? [l10n.t('Its region is `{0}`; you work in `{1}`.', region, names.region)] : []),
  ];
}

/** Which of the tutorial's things an ARN names. */
function thingOf(service: string, resource: string, names: Names): string | undefined {
  const things: readonly (readonly [string, string, () => string])[] = [
    ['iam', `role/${names.workflowRole}`, () => l10n.t('The role that Glue runs the tutorial\'s workflow as.')],
    ['iam', `role/${inserterRoleName}`, () => l10n.t('The role of the tutorial\'s Lambda function.')],
    ['iam', `role/${instanceRoleName}`, () => l10n.t('The role of the tutorial\'s database instance.')],
    ['iam', 'role/aws-service-role/lakeformation.amazonaws.com/', () => l10n.t('The role that Lake Formation has in the account for itself.')],
    ['iam', `user/${names.adminUser}`, () => l10n.t('The tutorial\'s data lake administrator.')],
    ['s3', names.bucket, () => l10n.t('The bucket of the tutorial\'s lake.')],
    ['lambda', `function:${names.prefix}-inserter`, () => l10n.t('The tutorial\'s Lambda function.')],
    ['ssm', `parameter${names.passwordParameter}`, () => l10n.t('The password of the tutorial\'s database.')],
    ['athena', `workgroup/${names.prefix}`, () => l10n.t('The tutorial\'s Athena work group.')],
    ['glue', `database/${names.lakeDatabase}`, () => l10n.t('The tutorial\'s database in the catalog.')],
    ['glue', `table/${names.lakeDatabase}/`, () => l10n.t('Tables of the tutorial\'s database in the catalog.')],
  ];
  return things.find(([of, name]) => of === service && (resource === name || resource.startsWith(name.endsWith('/') ? name : `${name}/`)))?.[2]();
}

function ofManaged(name: string): string[] {
  return [l10n.t('**{0}**: a policy that AWS maintains.', name), ...(managed[name] ? [managed[name]()] : [])];
}

function ofAction(action: string): string[] {
  const [spelt = '', operation = ''] = action.split(':');
  const service = spelt.toLowerCase();
  // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html, 2026-11-28
  // `*` and `?` stand anywhere, and case does not count.
  const pattern = new RegExp(`^${action.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
  const takes = (among: readonly string[] = []): boolean => among.some((each) => pattern.test(each));
  const kinds = (pick: (actions: ResourceKind['actions']) => readonly string[] | undefined): string[] => catalogue.filter((kind) => takes(pick(kind.actions))).map((kind) => kind.title());
  const use = (titles: readonly string[], say: (list: string) => string): string[] => (titles.length > 0 ? [say(titles.length > 6 ? l10n.t('{0} and {1} others', titles.slice(0, 5).join(', '), titles.length - 5) : titles.join(', '))] : []);
  const holding = policies.filter(({ document }) => document(nobody).Statement.some(({ Action }) => takes(typeof Action === 'string' ? [Action] : Action))).map(({ name }) => name);
  const uses = [
    ...use(kinds(({ read }) => read), (list) => l10n.t('To look at: {0}.', list)),
    ...use(kinds(({ write }) => write), (list) => l10n.t('To provision: {0}.', list)),
    ...use(kinds(({ remove }) => remove), (list) => l10n.t('To remove: {0}.', list)),
    ...use(holding, (list) => l10n.t('In the policies: {0}.', list)),
  ];
  return [
    `**${services[service]}** \`${operation}\` · [${l10n.t('reference')}](${reference(service)})`,
    ...(actions[action.toLowerCase()] ? [actions[action.toLowerCase()]!()] : []),
    uses.length > 0 ? [l10n.t('In the tutorial:'), ...uses.map((line) => `- ${line}`)].join('\n') : l10n.t('The tutorial does not need it.'),
  ];
}

const nobody: Names = {
  tutorial: '', partition: '', account: '', region: '', bucket: '', workflowRole: '', passwordParameter: '', lakeDatabase: '', prefix: '', adminUser: '', sourceDatabase: '', sourceTable: '', sourceUser: '', variables: {},
};

/**
 * What in a policy of the tutorial's differs from what `up` would provision, as paragraphs of Markdown; empty where there is none.
 *
 * @param text the policy as it is written; placeholders in it are filled in first, since they are not what is asked here.
 * @param name the policy that it says it is, if it does.
 */
export function describePolicy(text: string, read: (text: string) => FoundPolicy['document'] | undefined, facts: Facts, name?: string): string[] {
  const account = facts.names?.account ?? /(?<!\d)\d{12}(?!\d)/.exec(text)?.[0] ?? '<account-id>';
  const names = facts.names ?? { ...nobody, ...standIn, account };
  const found = read(fillPlaceholders(text, { 'account-id': account, region: names.region, bucket: names.bucket, role: names.workflowRole, partition: names.partition }));
  if (!found) {
    return [];
  }
  const candidates = policies.map(({ name: own, onlyShown, document }) => ({ name: own, onlyShown, document: document(names) }));
  const meant = candidates.find((candidate) => candidate.name === name) ?? closestPolicy(found, candidates);
  if (!meant) {
    return [];
  }
  const lines = differences(found, meant.document);
  if (lines.length === 0) {
    return [meant.onlyShown ? l10n.t('**{0}**, as the tutorial has it.', meant.name) : l10n.t('**{0}**, as `up` provisions it.', meant.name)];
  }
  return [[meant.onlyShown ? l10n.t('**{0}** differs from the tutorial\'s:', meant.name) : l10n.t('**{0}** differs from what `up` would provision:', meant.name), ...lines.map((line) => `- ${line.replace(/[<>*_]/g, '\\$&')}`)].join('\n')];
}

const standIn = { partition: 'aws', region: '<region>', bucket: '<bucket>', workflowRole: 'LakeFormationWorkflowRole', passwordParameter: '/lake-tutorial/transactionaldb/password', lakeDatabase: 'lake_tutorial', prefix: 'lake-tutorial' };

