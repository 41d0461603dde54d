import * as l10n from '@vscode/l10n';
import { everybody, listGrants, type GrantLine } from '../aws/catalog.ts';
import type { Connection } from '../aws/connection.ts';
import { AwsError, explain as explainError } from '../aws/errors.ts';
import { everyPage } from '../aws/every-page.ts';
import { ExitCode, UserError, sentences } from '../errors.ts';
import { decodePolicy } from '../policies/document.ts';
import { AccountView, findKind, resourcesOf, type ProvisionOptions } from '../provision/account-view.ts';
import type { Need } from '../provision/permissions.ts';
import { isMendable } from '../resources/kind.ts';
import { outputLocation, workGroupName } from '../resources/kinds/work-group.ts';
import { callerPrincipal } from '../resources/principal.ts';
import { NoPrincipal, simulate, type Decided } from './simulation.ts';

/** `ok`, or what keeps it from being so: something is `missing`, something says no (`denied`), or nobody can tell (`unknown`). */
export type LayerState = 'ok' | 'missing' | 'denied' | 'unknown';

/** One of the doors that all have to be open. */
export interface Layer {
  readonly layer: 'principal' | 'table' | 'iam' | 'settings' | 'location' | 'opt-in' | 'grant';
  readonly state: LayerState;
  readonly why: string;
  readonly fix?: string;
}

export interface Explanation {
  readonly principal: string;
  readonly action: string;
  readonly on: string;
  readonly verdict: 'allowed' | 'denied' | 'unknown';
  readonly layers: readonly Layer[];
  /** The first thing to do, where something is missing. */
  readonly fix?: string;
  /** AWS refused a look: what is unknown can be known by who has the rights. */
  readonly refused: boolean;
}

/** What is asked: may a principal do something on a table, or use a location. */
export interface Question {
  readonly principal: string;
  readonly table?: string;
  readonly location?: string;
  readonly action?: string;
}

/**
 * What each of Lake Formation's permissions on a table takes of IAM in the catalog, and whether it reaches the data.
 *
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html, 2026-11-28
 */
const tableActions = {
  SELECT: { catalog: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartitions'], data: ['s3:GetObject'] },
  INSERT: { catalog: ['glue:GetDatabase', 'glue:GetTable'], data: ['s3:GetObject', 's3:PutObject'] },
  DELETE: { catalog: ['glue:GetDatabase', 'glue:GetTable'], data: ['s3:GetObject', 's3:DeleteObject'] },
  DESCRIBE: { catalog: ['glue:GetTable'], data: [] },
  ALTER: { catalog: ['glue:GetTable', 'glue:UpdateTable'], data: [] },
  DROP: { catalog: ['glue:GetTable', 'glue:DeleteTable'], data: [] },
} as const;
type TableAction = keyof typeof tableActions;

interface Principal {
  readonly arn: string;
  readonly kind: 'user' | 'role' | 'group';
  readonly name: string;
  readonly account: string;
}

/**
 * Reads the question. A role's session stands for its role.
 *
 * @throws UserError `explain.*` for what cannot be asked.
 */
export function readQuestion({ principal, table, location, action }: Question) {
  const wrong = (code: string, what: string, next: string): UserError => new UserError(`explain.${code}`, what, { next, exit: ExitCode.usage });
  const match = /^arn:(aws[\w-]*):(iam|sts)::(\d{12}):(user|role|group|assumed-role|root)(?:\/([\w+=,.@/-]+))?$/.exec(principal);
  const [, partition = '', service = '', account = '', type = '', path = ''] = match ?? [];
  if (type === 'root') {
    throw wrong('root', l10n.t('The root user has no grants of Lake Formation and no policies of IAM.'), l10n.t('Ask for an IAM user or role.'));
  }
  if (!match || path === '' || (service === 'sts') !== (type === 'assumed-role')) {
    throw wrong('principal', l10n.t('"{0}" is not the ARN of an IAM user, role or group.', principal), l10n.t('It has the form {0}.', 'arn:aws:iam::111122223333:role/NAME'));
  }
  const asked: Principal = type === 'assumed-role'
    ? { arn: `arn:${partition}:iam::${account}:role/${path.split('/')[0] ?? ''}`, kind: 'role', name: path.split('/')[0] ?? '', account }
    : { arn: principal, kind: type as Principal['kind'], name: path.split('/').pop() ?? '', account };
  if ((table === undefined) === (location === undefined)) {
    throw wrong('what', l10n.t('Give a table or a location, one of the two.'), '--table DATABASE.TABLE, --location s3://BUCKET/PREFIX');
  }
  if (location !== undefined) {
    const place = /^(?:s3:\/\/|arn:aws[\w-]*:s3:::)([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location);
    if (!place) {
      throw wrong('location', l10n.t('"{0}" is not a location in S3.', location), l10n.t('It has the form {0}.', 's3://BUCKET/PREFIX'));
    }
    if (action !== undefined && action.toUpperCase() !== 'DATA_LOCATION_ACCESS') {
      throw wrong('action', l10n.t('On a location there is no permission "{0}".', action), l10n.t('There is one: {0}.', 'DATA_LOCATION_ACCESS'));
    }
    return { principal: asked, place: [place[1], place[2]?.replace(/\/+$/, '')].filter(Boolean).join('/'), database: undefined };
  }
  const names = /^([^.\s/]+)\.([^\s/]+)$/.exec(table ?? '');
  if (!names) {
    throw wrong('table', l10n.t('"{0}" is not the name of a table with its database.', table ?? ''), l10n.t('It has the form {0}.', 'DATABASE.TABLE'));
  }
  const wanted = (action ?? 'SELECT').toUpperCase();
  if (!(wanted in tableActions)) {
    throw wrong('action', l10n.t('On a table there is no permission "{0}".', action ?? ''), l10n.t('The permissions are: {0}.', Object.keys(tableActions).join(', ')));
  }
  return { principal: asked, database: names[1] ?? '', table: names[2] ?? '', action: wanted as TableAction, place: undefined };
}

/**
 * Whether a principal may do something on a table or a location, and at which of the doors it stands if not; changes nothing.
 *
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-overview.html, 2026-11-28
 *
 * @throws UserError for a question that cannot be asked, and when nobody can be asked.
 */
export async function explainAccess(options: ProvisionOptions, question: Question): Promise<Explanation> {
  const asked = readQuestion(question);
  const account = await AccountView.open(options);
  const access = new Access(account, asked.principal);
  return asked.place !== undefined ? access.toLocation(asked.place) : access.toTable(asked.database, asked.table, asked.action);
}

/** A place that is registered with Lake Formation. */
interface Registered {
  readonly arn: string;
  readonly hybrid: boolean;
}

class Access {
  private readonly aws: Connection;
  private refused = false;

  constructor(private readonly account: AccountView, private readonly principal: Principal) {
    this.aws = everyPage(account.connection);
  }

  async toTable(database: string, table: string, action: TableAction): Promise<Explanation> {
    const on = `${database}.${table}`;
    const [who, admins, found] = await Promise.all([this.who(), this.admins(), this.ask(async () => (await this.aws.glue.getTable({ DatabaseName: database, Name: table })).Table)]);
    const location = 'value' in found ? found.value?.StorageDescriptor?.Location : undefined;
    const tableLayer = this.tableLayer(on, found);
    const reachesData = tableActions[action].data.length > 0;
    const place = location?.replace(/^s3[an]?:\/\//, '').replace(/\/+$/, '');
    const registered = place !== undefined && /^s3/.test(location ?? '') ? await this.registered(place) : { value: undefined };
    const optIn = await this.optIn(registered, { database, table });
    // Who gives the access to the data: Lake Formation, S3 by IAM's policies, or nobody knows.
    const by = !reachesData || place === undefined || !('value' in registered) || optIn.optedIn === undefined ? undefined
      : registered.value && (!registered.value.hybrid || optIn.optedIn) ? 'lakeformation' : 's3';
    const [grant, iam] = await Promise.all([
      this.tableGrant(database, table, action, admins.admins, optIn.optedIn === false),
      who.exists ? this.iam([...this.catalogNeeds(database, table, action, who.queries), ...(by === undefined ? [] : this.dataNeeds(tableActions[action].data, by, place ?? ''))]) : undefined,
    ]);
    const locationLayer: Layer = !reachesData
      ? { layer: 'location', state: 'ok', why: l10n.t('{0} does not reach the data.', action) }
      : await this.locationLayer(registered, place, optIn.optedIn, iam?.denied);
    return this.answer(on, action, [who.layer, tableLayer, locationLayer, optIn.layer, ...(iam ? [iam.layer] : []), admins.layer, grant]);
  }

  async toLocation(place: string): Promise<Explanation> {
    const on = `s3://${place}`;
    const [who, admins, registered] = await Promise.all([this.who(), this.admins(), this.registered(place)]);
    const needs = 'value' in registered ? this.dataNeeds(['s3:GetObject', 's3:PutObject'], registered.value ? 'lakeformation' : 's3', place) : [];
    const [iam, grant] = await Promise.all([who.exists && needs.length > 0 ? this.iam(needs) : undefined, this.locationGrant(place, registered, admins.admins)]);
    return this.answer(on, 'DATA_LOCATION_ACCESS', [who.layer, await this.locationLayer(registered, place, undefined, iam?.denied), ...(iam ? [iam.layer] : []), admins.layer, grant]);
  }

  private answer(on: string, action: string, layers: readonly Layer[]): Explanation {
    const closed = layers.find(({ state }) => state === 'missing' || state === 'denied');
    const verdict = closed ? 'denied' : layers.some(({ state }) => state === 'unknown') ? 'unknown' : 'allowed';
    const fix = (closed ?? layers.find(({ state }) => state === 'unknown'))?.fix;
    return { principal: this.principal.arn, action, on, verdict, layers, ...(fix !== undefined && { fix }), refused: this.refused };
  }

  /** An answer, or why there is none. What is not there is undefined. */
  private async ask<T>(call: () => Promise<T>): Promise<{ readonly value: T | undefined } | { readonly why: string; readonly fix?: string }> {
    try {
      return { value: await call() };
    } catch (error) {
      this.account.signal.throwIfAborted();
      if (AwsError.is(error, 'notFound')) {
        return { value: undefined };
      }
      if (!AwsError.is(error, 'denied', 'unimplemented', 'other')) {
        throw AwsError.is(error) ? explainError(error, this.aws.options) : error;
      }
      this.refused ||= !AwsError.is(error, 'unimplemented');
      const { what, why, next } = explainError(error, this.aws.options);
      return { why: sentences(what, why), ...(next !== undefined && { fix: next }) };
    }
  }

  /** Whether the principal is there, and whether it is somebody who queries rather than a service's role. */
  private async who(): Promise<{ readonly layer: Layer; readonly exists: boolean; readonly queries: boolean }> {
    const { kind, name, account, arn } = this.principal;
    const there = (queries: boolean) => ({ layer: { layer: 'principal', state: 'ok', why: l10n.t('{0} is there.', arn) } as const, exists: true, queries });
    if (account !== this.account.identity.accountId) {
      const why = l10n.t('{0} belongs to another account than the one you look at, {1}.', arn, this.account.identity.accountId);
      return { layer: { layer: 'principal', state: 'unknown', why, fix: l10n.t('Connect to the account {0} to see its policies.', account) }, exists: false, queries: false };
    }
    // Whoever calls is there, also where an emulator made the caller up.
    if (kind === 'group' || (kind === 'user' && arn === this.account.identity.principal)) {
      return there(true);
    }
    const found = await this.ask(async () => (kind === 'user' ? { arn: (await this.aws.iam.getUser({ UserName: name })).User?.Arn, trust: undefined } : await this.roleOf(name)));
    if (!('value' in found)) {
      return { layer: { layer: 'principal', state: 'unknown', ...found }, exists: true, queries: kind === 'user' };
    }
    if (found.value === undefined || (found.value.arn !== undefined && found.value.arn !== arn && !this.isSessionOf(found.value.arn))) {
      const fix = (await this.stepOf(arn)) ?? l10n.t('Check the name; a role with a path has it in its ARN.');
      return { layer: { layer: 'principal', state: 'missing', why: l10n.t('There is no {0} in the account {1}.', `${kind} ${name}`, account), fix }, exists: false, queries: false };
    }
    return there(kind === 'user' || !isServiceRole(found.value.trust));
  }

  private async roleOf(RoleName: string): Promise<{ readonly arn: string | undefined; readonly trust: unknown }> {
    const { Role } = await this.aws.iam.getRole({ RoleName });
    return { arn: Role?.Arn, trust: decodePolicy(Role?.AssumeRolePolicyDocument) };
  }

  /** A session's ARN has no path: the role that was found may have one. */
  private readonly isSessionOf = (arn: string): boolean => this.principal.kind === 'role' && !this.principal.arn.replace(/^.*:role\//, '').includes('/') && arn.endsWith(`/${this.principal.name}`);

  private async iam(needs: readonly Need[]): Promise<{ readonly layer: Layer; readonly denied: readonly Need[] }> {
    let decided: readonly Decided[];
    try {
      decided = await simulate(this.aws, this.principal.arn, needs);
    } catch (error) {
      if (error instanceof NoPrincipal) {
        return { layer: { layer: 'iam', state: 'missing', why: l10n.t('IAM does not know {0}.', this.principal.arn), fix: l10n.t('Check the name; a role with a path has it in its ARN.') }, denied: [] };
      }
      throw AwsError.is(error) ? explainError(error, this.aws.options) : error;
    }
    const whys = (state: 'denied' | 'unknown'): string[] => [...new Set(decided.flatMap(({ decision }) => (decision.state === state ? [decision.why] : [])))];
    const denied = decided.filter(({ decision }) => decision.state === 'denied');
    if (denied.length > 0) {
      const fix = (await this.stepOf(this.principal.arn)) ?? l10n.t('Attach a policy to {0} that allows {1}.', this.principal.name, [...new Set(denied.map(({ action }) => action))].join(', '));
      return { layer: { layer: 'iam', state: 'denied', why: sentences(...whys('denied')), fix }, denied };
    }
    const unknown = whys('unknown');
    if (unknown.length > 0) {
      this.refused ||= decided.some(({ decision }) => decision.state === 'unknown' && decision.refused);
      return { layer: { layer: 'iam', state: 'unknown', why: sentences(...unknown), fix: l10n.t('Ask as somebody who has the permission {0}.', 'iam:SimulatePrincipalPolicy') }, denied };
    }
    return { layer: { layer: 'iam', state: 'ok', why: l10n.t('Its policies allow {0}.', [...new Set(needs.map(({ action }) => action))].join(', ')) }, denied };
  }

  private catalogNeeds(database: string, table: string, action: TableAction, queries: boolean): Need[] {
    const { partition, region, account } = this.account.names;
    const glue = ['catalog', `database/${database}`, `table/${database}/${table}`].map((thing) => `arn:${partition}:glue:${region}:${account}:${thing}`);
    // Who queries does it with Athena, which keeps the results in S3 by the caller's own rights; a job's role reads by itself.
    // Source: https://docs.aws.amazon.com/athena/latest/ug/lf-athena-user-permissions.html, 2026-11-28
    const results = outputLocation(this.account).replace('s3://', '');
    const athena: readonly (readonly [action: string, resource: string])[] = queries && action === 'SELECT'
      ? [
          ...['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'].map((each) => [each, `arn:${partition}:athena:${region}:${account}:workgroup/${workGroupName(this.account)}`] as const),
          ['s3:GetBucketLocation', `arn:${partition}:s3:::${results.split('/')[0] ?? ''}`],
          ...['s3:GetObject', 's3:PutObject'].map((each) => [each, `arn:${partition}:s3:::${results}*`] as const),
        ]
      : [];
    return [
      ...tableActions[action].catalog.map((each) => ({ action: each, resources: each === 'glue:GetDatabase' ? glue.slice(0, 2) : glue, context: {} })),
      ...athena.map(([each, resource]) => ({ action: each, resources: [resource], context: {} })),
    ];
  }

  /** What reaching the data takes of IAM. Source: https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html, 2026-11-28 */
  private dataNeeds(actions: readonly string[], by: 'lakeformation' | 's3', place: string): Need[] {
    const s3 = (thing: string): readonly string[] => [`arn:${this.account.names.partition}:s3:::${thing}`];
    return by === 'lakeformation'
      ? [{ action: 'lakeformation:GetDataAccess', resources: ['*'], context: {} }]
      : [...actions.map((action) => ({ action, resources: s3(`${place}/*`), context: {} })), { action: 's3:ListBucket', resources: s3(place.split('/')[0] ?? ''), context: {} }];
  }

  /** Source: https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html, 2026-11-28 */
  private async admins(): Promise<{ readonly layer: Layer; readonly admins: readonly string[] | undefined }> {
    const answer = await this.ask(async () => (await this.aws.lakeformation.getDataLakeSettings({})).DataLakeSettings);
    if (!('value' in answer)) {
      return { layer: { layer: 'settings', state: 'unknown', ...answer }, admins: undefined };
    }
    const settings = answer.value ?? {};
    const admins = (settings.DataLakeAdmins ?? []).map(({ DataLakePrincipalIdentifier }) => DataLakePrincipalIdentifier ?? '');
    const isOpen = [...(settings.CreateDatabaseDefaultPermissions ?? []), ...(settings.CreateTableDefaultPermissions ?? [])].some(({ Principal: each, Permissions }) => each?.DataLakePrincipalIdentifier === everybody && (Permissions?.length ?? 0) > 0);
    return {
      layer: {
        layer: 'settings', state: 'ok',
        why: sentences(
          admins.includes(this.principal.arn) ? l10n.t('It is a data lake administrator: it may describe everything and use every location, but has no SELECT by that.') : l10n.t('It is no data lake administrator.'),
          isOpen ? l10n.t('What is new in the catalog is open to everybody whom IAM lets in.') : l10n.t('What is new in the catalog is not open by default.'),
          settings.AllowExternalDataFiltering ? l10n.t('Engines of other companies may filter data.') : undefined,
        ),
      },
      admins,
    };
  }

  private tableLayer(on: string, found: Awaited<ReturnType<Access['ask']>>): Layer {
    if (!('value' in found)) {
      return { layer: 'table', state: 'unknown', ...found };
    }
    return found.value === undefined
      ? { layer: 'table', state: 'missing', why: l10n.t('There is no table {0}, or you may not see it.', on), fix: l10n.t('Check the name with "{0}"; what the tutorial makes comes with a run: {1}', 'SHOW TABLES', 'lake-tutorial run') }
      : { layer: 'table', state: 'ok', why: l10n.t('{0} is there.', on) };
  }

  /** The registered location that a place lies in, the nearest. */
  private registered(place: string): Promise<{ readonly value: Registered | undefined } | { readonly why: string; readonly fix?: string }> {
    return this.ask(async () => {
      const { ResourceInfoList = [] } = await this.aws.lakeformation.listResources({});
      const around = ResourceInfoList.map(({ ResourceArn = '', HybridAccessEnabled }) => ({ arn: ResourceArn, path: ResourceArn.replace(/^arn:[^:]+:s3:::/, '').replace(/\/+\*?$/, ''), hybrid: HybridAccessEnabled === true }))
        .filter(({ path }) => place === path || place.startsWith(`${path}/`))
        .toSorted((one, other) => other.path.length - one.path.length)[0];
      return around && { arn: around.arn, hybrid: around.hybrid };
    });
  }

  /** Source: https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html, 2026-11-28 */
  private async locationLayer(registered: Awaited<ReturnType<Access['registered']>>, place: string | undefined, optedIn: boolean | undefined, denied: readonly Need[] = []): Promise<Layer> {
    if (!('value' in registered)) {
      return { layer: 'location', state: 'unknown', ...registered };
    }
    if (place === undefined) {
      return { layer: 'location', state: 'ok', why: l10n.t('It has no data in S3.') };
    }
    if (registered.value === undefined) {
      // No fault in itself; but who has no policies about S3 reaches the data only by way of Lake Formation.
      const isShut = denied.some(({ action, resources }) => action.startsWith('s3:') && resources.some((each) => each.endsWith(`:::${place}/*`)));
      const fix = isShut
        ? ((place.split('/')[0] === this.account.names.bucket ? await this.stepThatMends('lake-location') : undefined)
          ?? l10n.t('Register it: {0}', `aws lakeformation register-resource --region ${this.account.names.region} --use-service-linked-role --resource-arn arn:${this.account.names.partition}:s3:::${place}`))
        : undefined;
      return {
        layer: 'location', state: isShut ? 'missing' : 'ok',
        why: l10n.t('{0} is not registered with Lake Formation: there IAM\'s policies about S3 decide about the data.', `s3://${place}`),
        ...(fix !== undefined && { fix }),
      };
    }
    return {
      layer: 'location', state: 'ok',
      why: optedIn !== false || !registered.value.hybrid
        ? l10n.t('It lies in {0}, which is registered: Lake Formation hands out the access to the data.', registered.value.arn)
        : l10n.t('It lies in {0}, which is registered in hybrid mode: to who has not opted in, IAM\'s policies about S3 decide.', registered.value.arn),
    };
  }

  /** Source: https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html, 2026-11-28 */
  private async optIn(registered: Awaited<ReturnType<Access['registered']>>, { database, table }: { readonly database: string; readonly table: string }): Promise<{ readonly layer: Layer; readonly optedIn: boolean | undefined }> {
    if (!('value' in registered) || !registered.value?.hybrid) {
      return { optedIn: true, layer: { layer: 'opt-in', state: 'ok', why: l10n.t('Nothing to opt into: the location is not in hybrid mode.') } };
    }
    const answer = await this.ask(async () => (await this.aws.lakeformation.listLakeFormationOptIns({ Principal: { DataLakePrincipalIdentifier: this.principal.arn } })).LakeFormationOptInsInfoList ?? []);
    if (!('value' in answer)) {
      return { optedIn: undefined, layer: { layer: 'opt-in', state: 'unknown', ...answer } };
    }
    const optedIn = (answer.value ?? []).some(({ Resource: resource }) => resource?.Database?.Name === database || (resource?.Table?.DatabaseName === database && (resource.Table.TableWildcard !== undefined || resource.Table.Name === table)));
    return {
      optedIn,
      layer: { layer: 'opt-in', state: 'ok', why: optedIn ? l10n.t('It has opted in: Lake Formation\'s grants count.') : l10n.t('It has not opted in: IAM\'s policies count, not Lake Formation\'s grants.') },
    };
  }

  /** Whether a grant's principal is the one asked for, or stands for it. Source: botocore lakeformation 1.44.5 DataLakePrincipal, 2026-11-28 */
  private isMine = ({ principal }: GrantLine): boolean => principal === this.principal.arn || principal === `${this.principal.account}:IAMPrincipals`;

  private async tableGrant(database: string, table: string, action: TableAction, admins: readonly string[] | undefined, onlyOpen: boolean): Promise<Layer> {
    const answer = await this.ask(() => listGrants(this.aws, { database, table }));
    if (!('value' in answer)) {
      return { layer: 'grant', state: 'unknown', ...answer };
    }
    const gives = ({ permissions }: GrantLine): boolean => permissions.includes('ALL') || permissions.includes(action) || (action === 'DESCRIBE' && permissions.length > 0);
    const lines = answer.value ?? [];
    const from = ({ onAllTables, columns }: GrantLine): string => (onAllTables ? l10n.t('all tables of {0}', database) : columns ? l10n.t('the columns {0}', columns.join(', ')) : `${database}.${table}`);
    const open = lines.find((line) => line.principal === everybody && gives(line));
    if (open) {
      return { layer: 'grant', state: 'ok', why: l10n.t('{0} is open to everybody whom IAM lets in ({1}).', from(open), everybody) };
    }
    const mine = onlyOpen ? undefined : (lines.find((line) => this.isMine(line) && gives(line) && !line.columns) ?? lines.find((line) => this.isMine(line) && gives(line)));
    if (mine) {
      return { layer: 'grant', state: 'ok', why: l10n.t('It has {0} on {1}.', mine.permissions.join(', '), from(mine)) };
    }
    if (action === 'DESCRIBE' && admins?.includes(this.principal.arn)) {
      return { layer: 'grant', state: 'ok', why: l10n.t('As a data lake administrator it may describe everything.') };
    }
    const other = lines.filter(this.isMine).flatMap(({ permissions }) => permissions);
    return {
      layer: 'grant', state: 'missing',
      why: onlyOpen
        ? l10n.t('In hybrid mode, who has not opted in needs {0} on {1}: it is not open.', everybody, `${database}.${table}`)
        : other.length > 0 ? l10n.t('It has {0} on {1}, and not {2}.', [...new Set(other)].join(', '), `${database}.${table}`, action) : l10n.t('It has no grant on {0}.', `${database}.${table}`),
      fix: (database === this.account.names.lakeDatabase && (await this.isOurs()) ? await this.stepThatMends('lake-grants') : undefined)
        ?? this.grantCommand(action, { Table: { DatabaseName: database, Name: table } }),
    };
  }

  private async locationGrant(place: string, registered: Awaited<ReturnType<Access['registered']>>, admins: readonly string[] | undefined): Promise<Layer> {
    const { partition, bucket, workflowRole } = this.account.names;
    if ('value' in registered && registered.value === undefined) {
      return { layer: 'grant', state: 'ok', why: l10n.t('Lake Formation asks for no grant on what is not registered.') };
    }
    if (admins?.includes(this.principal.arn)) {
      return { layer: 'grant', state: 'ok', why: l10n.t('As a data lake administrator it may use every location.') };
    }
    // A grant on a place is one on what lies in it.
    const parts = place.split('/');
    const places = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const answers = await Promise.all(places.map((each) => this.ask(async () => ({ each, lines: await listGrants(this.aws, { location: `arn:${partition}:s3:::${each}` }) }))));
    const granted = answers.find((answer) => 'value' in answer && answer.value?.lines.some((line) => this.isMine(line) && line.permissions.includes('DATA_LOCATION_ACCESS')));
    if (granted && 'value' in granted) {
      return { layer: 'grant', state: 'ok', why: l10n.t('It has {0} on {1}.', 'DATA_LOCATION_ACCESS', `s3://${granted.value?.each ?? ''}`) };
    }
    const unknown = answers.find((answer) => !('value' in answer));
    if (unknown && !('value' in unknown)) {
      return { layer: 'grant', state: 'unknown', ...unknown };
    }
    return {
      layer: 'grant', state: 'missing', why: l10n.t('It has no grant on {0}.', `s3://${place}`),
      fix: (parts[0] === bucket && this.principal.name === workflowRole ? await this.stepThatMends('location-grant') : undefined)
        ?? this.grantCommand('DATA_LOCATION_ACCESS', { DataLocation: { ResourceArn: 'value' in registered ? registered.value?.arn : `arn:${partition}:s3:::${place}` } }),
    };
  }

  /** Whom the tutorial itself gives grants. */
  private async isOurs(): Promise<boolean> {
    const { workflowRole, adminUser } = this.account.names;
    return [workflowRole, adminUser].includes(this.principal.name) || (await callerPrincipal({ identity: this.account.identity, aws: this.aws })) === this.principal.arn;
  }

  private readonly grantCommand = (permission: string, resource: object): string =>
    l10n.t('A data lake administrator grants it: {0}', `aws lakeformation grant-permissions --region ${this.account.names.region} --principal DataLakePrincipalIdentifier=${this.principal.arn} --permissions ${permission} --resource '${JSON.stringify(resource)}'`);

  /** The step that makes or mends a kind, as a command; undefined where no step does, or nothing is wrong with what it makes. */
  private async stepThatMends(id: string): Promise<string | undefined> {
    const kind = findKind(id);
    const resource = resourcesOf(this.account.options.tutorial, undefined, true).find((each) => each.kind === kind);
    if (!resource) {
      return undefined;
    }
    const observation = await this.account.observe(resource);
    const mends = observation.kind === 'missing' || (observation.kind === 'found' && (await this.account.check(resource, observation.found.state, 'observed').catch(() => [])).some(isMendable));
    return mends ? l10n.t('The step "{0}" does it: {1}', resource.step, `lake-tutorial up --step ${resource.step}`) : undefined;
  }

  /** What makes one of the tutorial's own users and roles. */
  private async stepOf(arn: string): Promise<string | undefined> {
    const { workflowRole, adminUser } = this.account.names;
    const kind = arn.endsWith(`:role/${workflowRole}`) ? 'workflow-role' : arn.endsWith(`:user/${adminUser}`) ? 'admin-user' : undefined;
    return kind === undefined ? undefined : this.stepThatMends(kind);
  }
}

/** True for a role that only services assume: nobody queries with it. */
function isServiceRole(trust: unknown): boolean {
  const statements = [(trust as { readonly Statement?: unknown } | undefined)?.Statement ?? []].flat() as readonly { readonly Principal?: unknown }[];
  return statements.length > 0 && statements.every(({ Principal: who }) => typeof who === 'object' && who !== null && Object.keys(who).every((key) => key === 'Service'));
}
