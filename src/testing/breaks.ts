import type { Permission, Resource as GrantResource } from '@aws-sdk/client-lakeformation';
import * as l10n from '@vscode/l10n';
import { helpIn, vocabulary } from '../authoring/trouble.ts';
import { sentences, UserError } from '../errors.ts';
import { lakeFormationWorkflow, userPassRole, type Policy } from '../policies/policies.ts';
import { AccountView, findKind, resourcesOf, type ProvisionOptions } from '../provision/account-view.ts';
import { up } from '../provision/up.ts';
import { verify, type VerifiedStep } from '../provision/verify.ts';
import { workflowRoleArn } from '../resources/grants.ts';
import { scriptsPrefix } from '../resources/glue.ts';
import type { Context } from '../resources/kind.ts';
import { adminUserArn } from '../resources/kinds/admin-user.ts';
import { connectionName } from '../resources/kinds/connection.ts';
import elasticIp from '../resources/kinds/elastic-ip.ts';
import instance from '../resources/kinds/instance.ts';
import lakeAdmin from '../resources/kinds/lake-admin.ts';
import { locationArn } from '../resources/kinds/lake-location.ts';
import s3Endpoint from '../resources/kinds/s3-endpoint.ts';
import securityGroup from '../resources/kinds/security-group.ts';
import type { AwsCalls } from '../sandbox/control/aws-calls.ts';
import type { Step } from '../tutorial/model.ts';
import type { TestedBreak, TestedStep, TestEvent } from './model.ts';

/** Makes calls in the sandbox of the test, as somebody would by hand. */
type Call = <T = Record<string, unknown>>(service: string, operation: string, params: Readonly<Record<string, unknown>>) => Promise<T>;

/** A classic mistake with one kind of resource. */
interface Break {
  readonly id: string;
  /** The kind that is broken. */
  readonly resource: string;
  /** Kinds that the tutorial must make as well. */
  readonly needs?: readonly string[];
  readonly title: () => string;
  /** Gives `false` where it can no longer be made. */
  readonly make: (call: Call, context: Context) => Promise<unknown>;
  /** What AWS says of it, as readers meet it. */
  readonly says: RegExp;
  /** What the thing is called, in the languages that tutorials are written in. */
  readonly words: RegExp;
}

const withPlaceholder = ({ name, document }: Policy, context: Context): { PolicyName: string; PolicyDocument: string } => ({
  PolicyName: name, PolicyDocument: JSON.stringify(document(context.names)).replaceAll(context.names.account, '<account-id>'),
});

const revoke = (call: Call, context: Context, Resource: GrantResource, Permissions: readonly Permission[]): Promise<unknown> =>
  call('lakeformation', 'revoke-permissions', { Principal: { DataLakePrincipalIdentifier: workflowRoleArn(context) }, Resource, Permissions });

async function changeConnection(call: Call, context: Context, properties: Readonly<Record<string, string>>): Promise<unknown> {
  const Name = connectionName(context);
  const { Connection } = await call<{ Connection: { ConnectionType: string; ConnectionProperties: Record<string, string>; PhysicalConnectionRequirements: unknown } }>('glue', 'get-connection', { Name });
  const { ConnectionType, ConnectionProperties, PhysicalConnectionRequirements } = Connection;
  return call('glue', 'update-connection', { Name, ConnectionInput: { Name, ConnectionType, PhysicalConnectionRequirements, ConnectionProperties: { ...ConnectionProperties, ...properties } } });
}


/** One thing goes wrong with each, as it does for learners. Each belongs to a kind of the catalogue, and to every tutorial that makes it. */
export const breaks: readonly Break[] = [
  {
    id: 'placeholder-in-policy', resource: 'admin-user', title: () => l10n.t('The placeholder is still in the policy {0}.', userPassRole.name),
    make: (call, context) => call('iam', 'put-user-policy', { UserName: context.names.adminUser, ...withPlaceholder(userPassRole, context) }),
    says: /MalformedPolicyDocument|not authorized to perform:? `?iam:PassRole/i, words: vocabulary.placeholder,
  },
  {
    id: 'not-an-administrator', resource: 'lake-admin', title: () => l10n.t('The user is not a data lake administrator.'),
    make: async (call, context) => {
      const { admins } = await context.need(lakeAdmin);
      const { DataLakeSettings } = await call<{ DataLakeSettings: Record<string, unknown> }>('lakeformation', 'get-data-lake-settings', {});
      const DataLakeAdmins = admins.filter((arn) => arn !== adminUserArn(context)).map((DataLakePrincipalIdentifier) => ({ DataLakePrincipalIdentifier }));
      return call('lakeformation', 'put-data-lake-settings', { DataLakeSettings: { ...DataLakeSettings, DataLakeAdmins } });
    },
    says: /not a data lake admin|requester is not authorized/i, words: vocabulary.administrator,
  },
  {
    id: 'public-access', resource: 'bucket', title: () => l10n.t('The bucket does not block public access.'),
    make: (call, context) => call('s3api', 'delete-public-access-block', { Bucket: context.names.bucket }),
    says: /NoSuchPublicAccessBlockConfiguration/, words: vocabulary.publicAccess,
  },
  {
    id: 'missing-zone', resource: 'zones', title: () => l10n.t('A zone is missing: {0}.', 'gold/'),
    make: async (call, context) => {
      const { Contents = [] } = await call<{ Contents?: { Key: string }[] }>('s3api', 'list-objects-v2', { Bucket: context.names.bucket, Prefix: 'gold/' });
      // A zone that has data is there without its folder.
      return Contents.some(({ Key }) => Key !== 'gold/') ? false : call('s3api', 'delete-object', { Bucket: context.names.bucket, Key: 'gold/' });
    },
    says: /NoSuchKey/, words: vocabulary.zone,
  },
  {
    id: 'no-lifecycle', resource: 'zones', title: () => l10n.t('The bucket has no lifecycle rules.'),
    make: (call, context) => call('s3api', 'delete-bucket-lifecycle', { Bucket: context.names.bucket }),
    says: /NoSuchLifecycleConfiguration/, words: vocabulary.lifecycle,
  },
  {
    id: 'no-security-group-rule', resource: 'security-group', title: () => l10n.t('The security group lacks the rule that refers to itself.'),
    make: async (call, context) => {
      const { id, permissions } = await context.need(securityGroup);
      await call('ec2', 'revoke-security-group-ingress', { GroupId: id, IpPermissions: permissions });
      return call('ec2', 'authorize-security-group-ingress', { GroupId: id, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '172.31.0.0/16' }] }] });
    },
    says: /At least one security group must open all ingress ports/, words: vocabulary.securityGroup,
  },
  {
    id: 'stopped-instance', resource: 'instance', title: () => l10n.t('The instance is stopped.'),
    make: async (call, context) => call('ec2', 'stop-instances', { InstanceIds: [(await context.need(instance)).id] }),
    says: /connect(?:ion)? (?:timed out|attempt failed|refused)/i, words: vocabulary.stopped,
  },
  {
    id: 'schedule-off', resource: 'schedule', title: () => l10n.t('The schedule is off.'),
    make: (call, context) => call('events', 'disable-rule', { Name: `${context.names.prefix}-insert` }),
    says: /\bDISABLED\b/, words: vocabulary.schedule,
  },
  {
    id: 'no-s3-endpoint', resource: 's3-endpoint', title: () => l10n.t('The S3 endpoint is not on the route table of the subnet.'),
    make: async (call, context) => {
      const { id, routeTableIds } = await context.need(s3Endpoint);
      return call('ec2', 'modify-vpc-endpoint', { VpcEndpointId: id, RemoveRouteTableIds: routeTableIds });
    },
    says: /VPC S3 endpoint validation failed|Could not find S3 endpoint or NAT gateway/, words: vocabulary.endpoint,
  },
  {
    id: 'placeholder-in-role-policy', resource: 'workflow-role', title: () => l10n.t('The placeholder is still in the policy {0}.', lakeFormationWorkflow.name),
    make: (call, context) => call('iam', 'put-role-policy', { RoleName: context.names.workflowRole, ...withPlaceholder(lakeFormationWorkflow, context) }),
    says: /MalformedPolicyDocument|not authorized to perform:? `?iam:PassRole/i, words: vocabulary.placeholder,
  },
  {
    id: 'no-location-grant', resource: 'location-grant', title: () => l10n.t('The role has no grant on the data location.'),
    make: (call, context) => revoke(call, context, { DataLocation: { ResourceArn: locationArn(context) } }, ['DATA_LOCATION_ACCESS']),
    says: /Insufficient Lake Formation permission/, words: vocabulary.grant,
  },
  {
    id: 'no-table-grant', resource: 'lake-grants', title: () => l10n.t('The role may not create tables in the database.'),
    make: (call, context) => revoke(call, context, { Database: { Name: context.names.lakeDatabase } }, ['CREATE_TABLE']),
    says: /Required Create Table|Insufficient Lake Formation permission\(s\):/i, words: vocabulary.grant,
  },
  {
    id: 'elastic-address', resource: 'connection', needs: ['elastic-ip'], title: () => l10n.t('The elastic address is in the connection, not the private one.'),
    make: async (call, context) => changeConnection(call, context, { JDBC_CONNECTION_URL: `jdbc:postgresql://${(await context.need(elasticIp)).publicIp}:5432/${context.names.sourceDatabase}` }),
    says: /connect(?:ion)? (?:timed out|attempt failed)/i, words: vocabulary.privateAddress,
  },
  {
    id: 'wrong-address', resource: 'connection', title: () => l10n.t('A wrong address is in the connection.'),
    make: (call, context) => changeConnection(call, context, { JDBC_CONNECTION_URL: `jdbc:postgresql://203.0.113.7:5432/${context.names.sourceDatabase}` }),
    says: /connect(?:ion)? (?:timed out|attempt failed|refused)|UnknownHost/i, words: vocabulary.address,
  },
  {
    id: 'wrong-password', resource: 'connection', title: () => l10n.t('A wrong password is in the connection.'),
    make: (call, context) => changeConnection(call, context, { PASSWORD: 'wrong' }),
    says: /password authentication failed/i, words: vocabulary.password,
  },
  {
    id: 'missing-script', resource: 'job-scripts', title: () => l10n.t('A job\'s script is not in the bucket.'),
    make: (call, context) => call('s3api', 'delete-object', { Bucket: context.names.bucket, Key: `${scriptsPrefix}refine.py` }),
    says: /NoSuchKey|LAUNCH ERROR|404/, words: vocabulary.script,
  },
];

interface BreakOptions {
  readonly options: ProvisionOptions;
  readonly text: string;
  readonly calls: AwsCalls;
  readonly steps: readonly Step[];
  /** How their tests ended: what is broken already tells nothing. */
  readonly tested: readonly TestedStep[];
  readonly tell: (event: TestEvent) => void;
}

/** Makes each mistake that belongs to what the steps made, looks who sees it, and mends it. */
export async function makeBreaks({ options, text, calls, steps, tested, tell }: BreakOptions): Promise<TestedBreak[]> {
  const { tutorial, signal } = options;
  const fine = new Set(tested.filter(({ state }) => state === 'done' || state === 'waiting' || state === 'unknown').map(({ id }) => id));
  const made = steps.filter(({ id, provisions }) => provisions.length > 0 && fine.has(id));
  const there = resourcesOf(tutorial, made.map(({ id }) => id), false);
  const step = (kind: string): Step | undefined => made.find(({ id }) => there.some((resource) => resource.kind.id === kind && resource.step === id));
  const call: Call = async <T>(service: string, operation: string, params: Readonly<Record<string, unknown>>): Promise<T> => {
    const answer = await calls.call({ service, operation }, params);
    signal?.throwIfAborted();
    if ('error' in answer) {
      throw new UserError(answer.error.code, answer.error.message);
    }
    return answer.output as T;
  };
  const ids = made.map(({ id }) => id);
  const look = async (): Promise<readonly VerifiedStep[]> => (await verify({ ...options, steps: ids })).steps;
  const results: TestedBreak[] = [];
  const possible = breaks.filter(({ resource, needs = [] }) => [resource, ...needs].every((kind) => step(kind) !== undefined));
  let before = possible.length > 0 ? await look() : [];
  for (const each of possible) {
    signal?.throwIfAborted();
    const start = performance.now();
    const base = { id: each.id, title: each.title(), resource: each.resource };
    tell({ type: 'progress', message: base.title });
    const account = await AccountView.open(options);
    const kind = findKind(each.resource);
    if (!kind) {
      continue;
    }
    const words = [each.says.source, each.words.source];
    const end = (result: Omit<TestedBreak, 'id' | 'title' | 'resource' | 'words' | 'ms'>): void => {
      const broken: TestedBreak = { ...base, words, ...result, ms: Math.round(performance.now() - start) };
      results.push(broken);
      tell({ type: 'broken', made: broken });
    };
    try {
      if ((await each.make(call, account.context(account.resourceOf(kind), 'observed'))) === false) {
        continue;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!UserError.is(error)) {
        throw error;
      }
      // AWS does not let it happen: whoever tries is told at once.
      end({ seenBy: null, codes: [], helped: false, where: null, repaired: true, refused: sentences(`${error.code}: ${error.what}`) });
      continue;
    }
    const seen = (await look()).filter(({ id, state }) => isBad(state) && !isBad(before.find((one) => one.id === id)?.state ?? 'done'));
    const first = seen.find(({ findings }) => findings.some(({ resource }) => resource === each.resource)) ?? seen[0];
    const shown = made.find(({ id }) => id === first?.id);
    const where = helpIn(text, tutorial, { steps: [shown, step(each.resource)].filter((one) => one !== undefined), says: each.says, words: each.words });
    await up({ ...options, steps: ids, adopt: () => Promise.resolve(true) });
    const after = await look();
    const repaired = after.every(({ id, state }) => !isBad(state) || isBad(before.find((one) => one.id === id)?.state ?? 'done'));
    before = after;
    end({ seenBy: first?.id ?? null, codes: [...new Set(first?.findings.map(({ code }) => code) ?? [])], helped: where !== undefined, where: where ?? null, repaired });
  }
  return results;
}

const isBad = (state: VerifiedStep['state']): boolean => state === 'wrong' || state === 'missing';
