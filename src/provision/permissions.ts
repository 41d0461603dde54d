import type { PolicyDocument } from '../policies/document.ts';
import { allow } from '../policies/document.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import type { ResourceKind } from '../resources/kind.ts';
import { inserterRoleName } from '../resources/kinds/inserter-role.ts';
import { instanceRoleName } from '../resources/kinds/instance-role.ts';
import type { Names } from '../resources/names.ts';
import { tagKeys } from '../resources/support.ts';

/** The name of the policy that {@link permissionsFor} makes, as the tutorial's own policies have theirs. */
export const permissionsName = 'LakeTutorialPermissions';
/** The prefix of its completion. */
export const permissionsPrefix = 'lf-permissions';

/** The longest managed policy that IAM takes, in characters without white space; as an inline policy a role takes 10,240. */
export const longestManagedPolicy = 6144;

/** {@link permissionsFor}, in the shape of the tutorial's own policies: for the given kinds, or for all that need no consent to a cost. */
export function permissionsPolicy(kinds: readonly Operation[] = catalogue.filter(({ consent }) => consent === undefined)) {
  return { name: permissionsName, prefix: permissionsPrefix, kind: 'identity' as const, document: (names: Names): PolicyDocument => permissionsFor(kinds, names) };
}

/**
 * A policy that no managed one holds in as few as hold it: statements go over in their order, and together they allow what it does.
 * IAM attaches ten managed policies to a user or role.
 *
 * @param most characters without white space that each may have.
 */
export function partsOf({ Version, Statement }: PolicyDocument, most = longestManagedPolicy): PolicyDocument[] {
  const parts: PolicyDocument[] = [];
  for (const statement of Statement) {
    const more = { Version, Statement: [...(parts.at(-1)?.Statement ?? []), statement] };
    if (parts.length > 0 && lengthOf(more) <= most) {
      parts[parts.length - 1] = more;
    } else {
      parts.push({ Version, Statement: [statement] });
    }
  }
  return parts;
}

/** The characters of a policy as IAM counts them: white space is none. */
export const lengthOf = (document: PolicyDocument): number => JSON.stringify(document).replace(/\s/g, '').length;

/** What an action is limited to: ARNs, and a condition (a key and its value) where the ARN cannot say which things are ours. */
interface Scope {
  readonly resources: readonly string[];
  readonly condition?: Condition;
  /** Not to be joined with others of its service: they would reach too far with these resources. */
  readonly apart?: true;
}

type Condition = readonly [key: string, value: string];
type Operation = Pick<ResourceKind, 'id' | 'type' | 'actions'>;

/**
 * One policy with what the catalogue says that these kinds' operations call, on no more than the tutorial's own things.
 *
 * A managed policy holds 6,144 characters. So what one service may do is one statement, with the resources of all its
 * actions, of which each takes only those of its type. Where a service knows no resources for an action (all of Lake
 * Formation, what EC2 describes) it is on everything.
 */
export function permissionsFor(kinds: readonly Operation[], names: Names): PolicyDocument {
  const statements = new Map<string, { readonly key?: string; readonly values: Set<string>; readonly actions: Set<string>; readonly resources: Set<string> }>();
  for (const kind of kinds) {
    const { read, write = [], remove = [], result = [] } = kind.actions;
    for (const action of [...read, ...write, ...remove, ...result]) {
      for (const { resources, condition: [key, value] = [], apart } of scopesOf(action, kind, names)) {
        const group = resources === everything ? '' : JSON.stringify([action.split(':')[0], key, apart && resources]);
        const statement = statements.get(group) ?? { ...(key && { key }), values: new Set<string>(), actions: new Set<string>(), resources: new Set<string>() };
        statement.actions.add(action);
        resources.forEach((resource) => statement.resources.add(resource));
        if (value !== undefined) {
          statement.values.add(value);
        }
        statements.set(group, statement);
      }
    }
  }
  const made = [...statements.values()].map(({ key, values, actions, resources }) => ({ key, values: [...values].sort(), actions: [...actions].sort(), resources: [...resources].sort() }));
  made.sort((a, b) => ((a.actions[0] ?? '') < (b.actions[0] ?? '') ? -1 : 1));
  return allow(made.map(({ key, values, actions, resources }) => ({
    Action: oneOrMore(actions),
    Resource: oneOrMore(resources),
    ...(key && { Condition: { StringEquals: { [key]: oneOrMore(values) } } }),
  })));
}

/** An action, all that it must be allowed on, and the condition's keys that the request carries. */
export interface Need {
  readonly action: string;
  readonly resources: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

/** What these kinds need to be allowed, action by action: to provision and look at them, or to remove them. */
export function needsOf(kinds: readonly Operation[], names: Names, to: 'provision' | 'remove'): Need[] {
  const needs = new Map<string, Need>();
  for (const kind of kinds) {
    const { read, write = [], remove = [], result = [] } = kind.actions;
    for (const action of [...read, ...(to === 'provision' ? [...write, ...result] : remove)]) {
      for (const { resources, condition } of scopesOf(action, kind, names)) {
        const need = { action, resources, context: condition ? { [condition[0]]: condition[1] } : {} };
        needs.set(JSON.stringify(need), need);
      }
    }
  }
  return [...needs.values()];
}

const oneOrMore = (items: readonly string[]): string | readonly string[] => (items.length === 1 ? (items[0] ?? '') : items);
const everything: readonly string[] = ['*'];

function scopesOf(action: string, kind: Operation, names: Names): readonly Scope[] {
  const [service = '', operation = ''] = action.split(':');
  return services[service]?.(operation, kind, names) ?? [{ resources: everything }];
}

type Rule = (operation: string, kind: Operation, names: Names) => readonly Scope[] | undefined;

const arn = ({ partition, region, account }: Names, service: string, ...things: readonly string[]): string[] => things.map((thing) => `arn:${partition}:${service}:${region}:${account}:${thing}`);
const roles = ({ partition, account }: Names, ...paths: readonly string[]): string[] => paths.map((path) => `arn:${partition}:iam::${account}:role/${path}`);
const on = (resources: readonly string[], condition?: Condition): readonly Scope[] => [{ resources, ...(condition && { condition }) }];
const ours = (names: Names, key = 'aws:ResourceTag'): Condition => [`${key}/${tagKeys.tutorial}`, names.tutorial];

const serviceLinkedRole = 'aws-service-role/lakeformation.amazonaws.com/*';
/** The roles that a kind makes, or hands to the service it provisions. */
const roleOf = ({ id }: Operation, names: Names): string => ({ inserter: inserterRoleName, 'inserter-role': inserterRoleName, instance: instanceRoleName, 'instance-role': instanceRoleName })[id] ?? names.workflowRole;

const services: Readonly<Record<string, Rule>> = {
  iam(operation, kind, names) {
    const { partition, account } = names;
    if (operation === 'ListRoles') {
      return undefined;
    }
    if (operation === 'CreateServiceLinkedRole') {
      return on(roles(names, serviceLinkedRole), ['iam:AWSServiceName', 'lakeformation.amazonaws.com']);
    }
    if (operation === 'PassRole') {
      const service = kind.type.startsWith('AWS::Lambda') ? 'lambda.amazonaws.com' : kind.type.startsWith('AWS::Glue') ? 'glue.amazonaws.com' : partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
      return on(roles(names, roleOf(kind, names)), ['iam:PassedToService', service]);
    }
    if (operation.includes('InstanceProfile')) {
      return on([`arn:${partition}:iam::${account}:instance-profile/${instanceRoleName}`]);
    }
    if (operation === 'RemoveUserFromGroup') {
      return on([`arn:${partition}:iam::${account}:group/*`]);
    }
    if (/Role/.test(operation)) {
      // Whoever provisions becomes an administrator of the lake: their own role, whatever its name, has to be looked up.
      if (kind.type === 'AWS::LakeFormation::DataLakeSettings') {
        return [{ resources: roles(names, '*'), apart: true }];
      }
      return on(roles(names, kind.type === 'AWS::LakeFormation::Resource' ? serviceLinkedRole : roleOf(kind, names)));
    }
    return on([`arn:${partition}:iam::${account}:user/${names.adminUser}`]);
  },

  s3: (operation, _kind, { partition, bucket }) => on([`arn:${partition}:s3:::${bucket}${/Object/.test(operation) ? '/*' : ''}`]),

  ssm(operation, kind, names) {
    const { partition, region } = names;
    if (operation === 'SendCommand') {
      return [
        { resources: [`arn:${partition}:ssm:${region}:*:document/AWS-RunShellScript`] },
        { resources: arn(names, 'ec2', 'instance/*'), condition: ours(names, 'ssm:resourceTag') },
      ];
    }
    if (operation === 'GetCommandInvocation') {
      return undefined;
    }
    // Which image to start an instance from is a parameter that AWS publishes, as it does the document; their ARNs name no account.
    return on(kind.type === 'AWS::EC2::Instance' ? [`arn:${partition}:ssm:${region}:*:parameter/aws/service/*`] : arn(names, 'ssm', `parameter${names.passwordParameter}`));
  },

  ec2(operation, kind, names) {
    if (operation.startsWith('Describe')) {
      return undefined;
    }
    const things = taken[operation] ?? tagged[kind.type];
    const image = operation === 'RunInstances' ? [`arn:${names.partition}:ec2:${names.region}::image/*`] : [];
    // What is changed or removed carries our tag; what is made, joined or tagged does not yet.
    const marked = /^(Start|Terminate|Release|Authorize|Revoke|Delete)/.test(operation);
    return things && on([...arn(names, 'ec2', ...things.map((thing) => `${thing}/*`)), ...image], marked ? ours(names) : undefined);
  },

  glue(operation, kind, names) {
    if (/^(GetTable|GetPartitions)$/.test(operation)) {
      return on(arn(names, 'glue', 'catalog', `database/${names.lakeDatabase}`, `table/${names.lakeDatabase}/*`));
    }
    const ours = arn(names, 'glue', `${kind.type.replace('AWS::Glue::', '').toLowerCase()}/${names.prefix}-*`);
    switch (kind.type) {
      case 'AWS::Glue::Connection':
        return operation === 'TestConnection' ? undefined : on(/Tag/.test(operation) ? ours : [...arn(names, 'glue', 'catalog'), ...ours]);
      case 'AWS::Glue::Crawler':
        return operation === 'CreateCrawler' ? undefined : on(ours);
      case 'AWS::Glue::Job':
      case 'AWS::Glue::Trigger':
        return on(ours);
      case 'AWS::Glue::Workflow':
        return on(arn(names, 'glue', `workflow/${names.prefix}`));
      case 'AWS::Glue::Database': {
        if (kind.id === 'default-database') {
          return [{ resources: arn(names, 'glue', 'catalog', 'database/default'), apart: true }];
        }
        const database = names.lakeDatabase;
        const inside = /Table/.test(operation) || operation === 'DeleteDatabase' ? [`table/${database}/*`] : [];
        return on(arn(names, 'glue', 'catalog', `database/${database}`, ...inside, ...(operation === 'DeleteDatabase' ? [`userDefinedFunction/${database}/*`] : [])));
      }
      // The grants on `default` come with a mark on the database itself.
      case 'AWS::LakeFormation::PrincipalPermissions':
        return [{ resources: arn(names, 'glue', 'catalog', 'database/default'), apart: true }];
      default:
        return undefined;
    }
  },

  lambda: (_operation, _kind, names) => on(arn(names, 'lambda', `function:${names.prefix}-inserter`)),
  events: (_operation, _kind, names) => on(arn(names, 'events', `rule/${names.prefix}-insert`)),
  athena: (_operation, _kind, names) => on(arn(names, 'athena', `workgroup/${names.prefix}`)),

  quicksight(operation, kind, names) {
    switch (operation) {
      case 'CreateDataSource':
        return undefined;
      case 'ListUsers':
        return on(arn(names, 'quicksight', 'user/default/*'));
      case 'CreateDataSet':
        return on(arn(names, 'quicksight', `datasource/${names.prefix}-*`));
      default:
        return on(arn(names, 'quicksight', `${kind.type.replace('AWS::QuickSight::', '').toLowerCase()}/${names.prefix}-*`));
    }
  },
};

/** What an action of EC2's takes, where that is not just what the kind makes. */
const taken: Readonly<Record<string, readonly string[]>> = {
  AssociateAddress: ['elastic-ip', 'instance', 'network-interface'],
  DisassociateAddress: ['elastic-ip', 'network-interface'],
  RunInstances: ['instance', 'network-interface', 'security-group', 'subnet', 'volume'],
  ModifyInstanceAttribute: ['instance', 'security-group'],
  CreateSecurityGroup: ['security-group', 'vpc'],
  CreateVpcEndpoint: ['vpc', 'vpc-endpoint', 'route-table'],
  ModifyVpcEndpoint: ['vpc-endpoint', 'route-table'],
};

/** What each kind of EC2's makes and tags. */
const tagged: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::EIP': ['elastic-ip'],
  'AWS::EC2::Instance': ['instance', 'volume'],
  'AWS::EC2::SecurityGroup': ['security-group'],
  'AWS::EC2::VPCEndpoint': ['vpc-endpoint'],
};
