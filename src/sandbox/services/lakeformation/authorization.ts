import type { Call, Caller } from '../../kernel/router.ts';
import type { ControlPlaneClient } from '../../kernel/control-plane-client.ts';

/** Why AWS would refuse something, in its words. */
export interface Denial {
  readonly code: string;
  readonly message: string;
}

/** By this header the control plane learns whose a new database or table is: its creator has all rights on it. */
export const ROLE_HEADER = 'x-lake-role';

type Input = Readonly<Record<string, unknown>>;

/** Of an action of the Data Catalog: on what one of which permissions is needed. */
interface Rule {
  readonly on: 'catalog' | 'database' | 'table';
  /** Any of them will do; empty: whatever makes the thing visible. */
  readonly needs: readonly string[];
  readonly database?: (input: Input) => unknown;
  readonly tables?: (input: Input) => readonly unknown[];
  /** S3 locations that the thing will point to. */
  readonly locations?: (input: Input) => readonly unknown[];
}

const at = (value: unknown, ...path: readonly string[]): unknown => path.reduce<unknown>((found, key) => (found as Input | undefined)?.[key], value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const databaseName = (input: Input): unknown => input['DatabaseName'];
const tableName = (input: Input): readonly unknown[] => [input['TableName']];
const inTableInput = (input: Input): readonly unknown[] => [at(input, 'TableInput', 'Name')];
const partitionLocation = (partition: unknown): unknown => at(partition, 'StorageDescriptor', 'Location');
const ofDatabase = { database: (input: Input) => input['Name'], locations: (input: Input) => [at(input, 'DatabaseInput', 'LocationUri')] };
const ofTable = { database: databaseName, tables: tableName };
const reads: Rule = { on: 'table', needs: [], ...ofTable };

const rules: Readonly<Record<string, Rule>> = {
  CreateDatabase: { on: 'catalog', needs: ['CREATE_DATABASE'], locations: ofDatabase.locations },
  UpdateDatabase: { on: 'database', needs: ['ALTER'], ...ofDatabase },
  DeleteDatabase: { on: 'database', needs: ['DROP'], database: ofDatabase.database },
  GetDatabase: { on: 'database', needs: [], database: ofDatabase.database },
  GetTables: { on: 'database', needs: [], database: databaseName },
  CreateTable: { on: 'database', needs: ['CREATE_TABLE'], database: databaseName, locations: (input) => [partitionLocation(input['TableInput'])] },
  UpdateTable: { on: 'table', needs: ['ALTER'], database: databaseName, tables: inTableInput, locations: (input) => [partitionLocation(input['TableInput'])] },
  DeleteTable: { on: 'table', needs: ['DROP'], database: databaseName, tables: (input) => [input['Name']] },
  BatchDeleteTable: { on: 'table', needs: ['DROP'], database: databaseName, tables: (input) => list(input['TablesToDelete']) },
  CreatePartition: { on: 'table', needs: ['ALTER', 'INSERT'], ...ofTable, locations: (input) => [partitionLocation(input['PartitionInput'])] },
  BatchCreatePartition: { on: 'table', needs: ['ALTER', 'INSERT'], ...ofTable, locations: (input) => list(input['PartitionInputList']).map(partitionLocation) },
  UpdatePartition: { on: 'table', needs: ['ALTER', 'INSERT'], ...ofTable, locations: (input) => [partitionLocation(input['PartitionInput'])] },
  BatchUpdatePartition: { on: 'table', needs: ['ALTER', 'INSERT'], ...ofTable, locations: (input) => list(input['Entries']).map((entry) => partitionLocation(at(entry, 'PartitionInput'))) },
  DeletePartition: { on: 'table', needs: ['ALTER', 'DELETE'], ...ofTable },
  BatchDeletePartition: { on: 'table', needs: ['ALTER', 'DELETE'], ...ofTable },
  GetTable: { ...reads, tables: (input) => [input['Name']] },
  GetTableVersion: reads,
  GetTableVersions: reads,
  GetPartition: reads,
  GetPartitions: reads,
  BatchGetPartition: reads,
};

/** The answer of `lake_rights` in `authorization.py`. */
interface LakePermissions {
  /** Of IAM, for each of the resources asked about: why not, if not. */
  readonly refusals: readonly (string | null)[];
  readonly admin: boolean;
  readonly catalog: readonly string[];
  readonly database: { readonly permissions: readonly string[]; readonly seesATable: boolean; readonly location: string | null; readonly allTables: readonly string[] } | null;
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly registered: readonly string[];
  readonly granted: readonly string[];
}

/** What Lake Formation lets users and roles do in the modelled account, and what Glue itself looks at before it acts as a role. */
export class Authorization {
  constructor(private readonly controlPlane: ControlPlaneClient) {}

  /** Why Lake Formation would refuse a call that IAM allows; nothing when it would not. */
  async authorize(call: Call, { principal }: Caller): Promise<Denial | undefined> {
    const { service, action, region } = call.operation;
    if (service !== 'glue' || !rules[action]) {
      return undefined;
    }
    const denial = await this.#inLake(principal, region, action, await call.json<Input>());
    call.request.rawHeaders.push(ROLE_HEADER, principal);
    return denial;
  }

  /**
   * Why a role may not do an action of Glue's Data Catalog; nothing when it may, or when the action is none of the catalog's.
   *
   * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
   * Source: https://docs.aws.amazon.com/glue/latest/dg/error-crawler-config-lf.html, 2026-11-28
   * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28
   */
  async inCatalog(role: string, region: string, action: string, input: Input): Promise<Denial | undefined> {
    return this.#inLake(role, region, action, input, true);
  }

  /**
   * With `iam`, what its policies say too.
   *
   * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
   * Source: https://docs.aws.amazon.com/glue/latest/dg/error-crawler-config-lf.html, 2026-11-28
   */
  async #inLake(principal: string, region: string, action: string, input: Input, iam = false): Promise<Denial | undefined> {
    const rule = rules[action];
    if (!rule) {
      return undefined;
    }
    const database = text(rule.database?.(input));
    const tables = (rule.tables?.(input) ?? []).map(text);
    const [, partition, , , account] = principal.split(':');
    const arn = (resource: string): string => `arn:${partition}:glue:${region}:${account}:${resource}`;
    const resources = iam ? [arn('catalog'), ...(database ? [arn(`database/${database}`)] : []), ...tables.map((table) => arn(`table/${database}/${table}`))] : [];
    // One question for both: a job asks for its tables many times.
    const rights = await this.controlPlane.inspect<LakePermissions>('lake_rights', { region, role: principal, action: `glue:${action}`, resources, database: database || null, tables });
    const denied = rights.refusals.findIndex((why) => why !== null);
    if (denied >= 0) {
      return notAuthorized(principal, `glue:${action}`, resources[denied] ?? '', rights.refusals[denied] ?? '');
    }
    const missing = missingPermission(rights, rule, database, tables) ?? missingLocation(rights, rule, input, database, tables);
    return missing === undefined ? undefined : { code: 'AccessDeniedException', message: missing };
  }

  /**
   * Why Glue cannot act as a role (an ARN); nothing when it can.
   *
   * Source: none found (tried: code and issues search; repeated by many who use Glue, published by nobody of AWS), 2026-11-28
   */
  async mayBeAssumed(role: string): Promise<Denial | undefined> {
    return (await this.controlPlane.inspect<boolean>('trusts', { role, service: 'glue.amazonaws.com' }))
      ? undefined
      : { code: 'InvalidInputException', message: `Service is unable to assume provided role ${role}. Please verify role's TrustPolicy` };
  }

  /** Why a role may not hand a role (both ARNs) to Glue; nothing when it may. */
  async mayPass(role: string, passed: string, region: string): Promise<Denial | undefined> {
    return this.#may(role, region, 'iam:PassRole', passed, { 'iam:PassedToService': ['glue.amazonaws.com'] });
  }

  /** Why a role may not list and read what lies at an `s3://` location; nothing when it may. */
  async mayRead(role: string, region: string, location: string): Promise<Denial | undefined> {
    const [, partition] = role.split(':');
    const [bucket = '', ...key] = (s3Uri(location) ?? '').slice('s3://'.length).split('/');
    for (const [action, resource] of [['s3:ListBucket', bucket], ['s3:GetObject', `${bucket}/${key.join('/')}*`]] as const) {
      const denial = await this.#may(role, region, action, `arn:${partition}:s3:::${resource}`, action === 's3:ListBucket' ? { 's3:prefix': [key.join('/')] } : {});
      if (denial) {
        return denial;
      }
    }
    return undefined;
  }

  /** Why somebody may not ask where a bucket is, as Athena does before it takes a query; nothing when they may. */
  async mayLocate(principal: string, region: string, bucket: string): Promise<Denial | undefined> {
    return this.#may(principal, region, 's3:GetBucketLocation', `arn:${principal.split(':')[1]}:s3:::${bucket}`, {});
  }

  async #may(role: string, region: string, action: string, resource: string, keys: Readonly<Record<string, readonly string[]>>): Promise<Denial | undefined> {
    const [why] = await this.controlPlane.inspect<(string | null)[]>('refusals', { principal: role, region, action, resources: [resource], keys });
    return why === null || why === undefined ? undefined : notAuthorized(role, action, resource, why);
  }

  /** What a job's role lacks before its script can begin: what Spark asks the Data Catalog for, the database `default`. */
  async missingForJob(job: { readonly role: string; readonly region: string; readonly arguments: Readonly<Record<string, string>> }): Promise<Denial | undefined> {
    const usesCatalog = job.arguments['--enable-glue-datacatalog'];
    if (usesCatalog === undefined || usesCatalog === 'false') {
      return undefined;
    }
    const found = await this.controlPlane.inspect<LakePermissions>('lake_rights', { region: job.region, role: job.role, database: 'default' });
    // One that is missing is created then and there.
    const [action, input] = found.database ? ['GetDatabase', { Name: 'default' }] : ['CreateDatabase', { DatabaseInput: { Name: 'default' } }];
    const denial = await this.inCatalog(job.role, job.region, action, input);
    return denial && { ...denial, message: `Unable to verify existence of default database: ${denial.message}` };
  }
}

/** Source: aws-cloudformation/cloudformation-coverage-roadmap#1302, 2026-11-28 */
const UNSEEN = 'Resource does not exist or requester is not authorized to access requested permissions.';

/**
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
 */
function missingPermission(authorization: LakePermissions, rule: Rule, database: string, tables: readonly string[]): string | undefined {
  const asks = (permissions: readonly string[]): boolean =>
    permissions.length > 0 && (rule.needs.length === 0 || permissions.includes('ALL') || rule.needs.some((need) => permissions.includes(need)));
  const required = (on: string): string => `Insufficient Lake Formation permission(s): Required ${spelled(rule.needs[0] ?? 'DESCRIBE')} on ${on}`;
  if (rule.on === 'catalog') {
    return authorization.admin || asks(authorization.catalog) ? undefined : required('Catalog');
  }
  // An administrator sees everything, and creates databases; to alter, drop or fill others' things takes a grant.
  const sees = authorization.admin && rule.needs.length === 0;
  const found = authorization.database;
  const visible = authorization.admin || (found !== null && (found.permissions.length > 0 || found.seesATable));
  if (!found || !visible) {
    // Who could create it may be told that it is not there; to all others it makes no difference.
    const mayCreate = authorization.admin || authorization.catalog.some((permission) => permission === 'CREATE_DATABASE' || permission === 'ALL');
    return !found && mayCreate ? undefined : rule.needs.length === 0 && rule.on === 'database' ? 'Insufficient Lake Formation permission(s): Required Create Database on Catalog' : UNSEEN;
  }
  if (rule.on === 'database') {
    const allowed = sees || rule.needs.length === 0 || asks(found.permissions);
    return allowed ? undefined : rule.needs.includes('CREATE_TABLE') ? `${required(database)}. ${UNSEEN}` : required(database);
  }
  for (const table of tables) {
    const permissions = authorization.tables[table];
    if (permissions) {
      if (!sees && !asks(permissions)) {
        return authorization.admin || permissions.length > 0 ? required(table) : UNSEEN;
      }
    } else if (!authorization.admin && found.allTables.length === 0 && !found.permissions.some((permission) => permission === 'CREATE_TABLE' || permission === 'ALL')) {
      return UNSEEN;
    }
  }
  return undefined;
}

/** Source: https://docs.aws.amazon.com/glue/latest/dg/error-crawler-config-lf.html, 2026-11-28 */
function missingLocation(authorization: LakePermissions, rule: Rule, input: Input, database: string, tables: readonly string[]): string | undefined {
  const denied = (rule.locations?.(input) ?? []).map(s3Uri).find((location) => location !== undefined && !mayPointTo(authorization, location));
  const table = tables[0] ?? text(inTableInput(input)[0]);
  const on = [database && `Database name: ${database}`, table && `Table Name: ${table}`].filter(Boolean).join(', ');
  return denied && `Insufficient Lake Formation permission(s) on ${denied}${on && ` (${on})`}`;
}

/**
 * Whether something of the catalog may point to a place: one that is not registered is none of Lake Formation's business.
 *
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/creating-database.html, 2026-11-28
 */
function mayPointTo(authorization: LakePermissions, location: string): boolean {
  const inside = (place: string): boolean => `${location}/`.startsWith(`${place.replace(/\/$/, '')}/`);
  // Within the database's own location no grant is needed; for the database itself it is.
  const own = authorization.database?.location ? s3Uri(authorization.database.location) : undefined;
  return authorization.admin || !authorization.registered.some(inside) || authorization.granted.some(inside) || (own !== undefined && inside(own));
}

const s3Uri = (location: unknown): string | undefined => {
  const found = /^s3[an]?:\/\/(.+)$/.exec(text(location))?.[1];
  return found === undefined ? undefined : `s3://${found}`;
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `CREATE_TABLE` as Lake Formation's messages write it. */
const spelled = (permission: string): string => permission.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join(' ');

/**
 * Source: LBHackney-IT/Data-Platform#2274, 2026-11-28
 * Source: alphagov/govuk-infrastructure#2439, 2026-11-28
 */
function notAuthorized(role: string, action: string, resource: string, why: string): Denial {
  return { code: 'AccessDeniedException', message: `User: ${sessionArn(role)} is not authorized to perform: ${action} on resource: ${resource} ${why}` };
}

/** Who a role is to AWS when Glue has assumed it. */
const sessionArn = (role: string): string => `${role.replace(':iam:', ':sts:').replace(/:role\/(?:.*\/)?/, ':assumed-role/')}/GlueJobRunnerSession`;
