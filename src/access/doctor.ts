import * as l10n from '@vscode/l10n';
import { everybody } from '../aws/catalog.ts';
import { AwsError, explain } from '../aws/errors.ts';
import type { Identity } from '../aws/identity.ts';
import { sentences } from '../errors.ts';
import { AccountView, elsewhere, findKind, isFatal, resourcesOf, type ProvisionOptions } from '../provision/account-view.ts';
import { callerProblem } from '../provision/caller.ts';
import { needsOf, permissionsName, type Need } from '../provision/permissions.ts';
import type { ResourceKind } from '../resources/kind.ts';
import { callerPrincipal } from '../resources/principal.ts';
import { NoPrincipal, keyOf, simulate, type Decided } from './simulation.ts';

export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown';

export interface Check {
  /** Stable, never localized: `root`, `network`, … */
  readonly id: string;
  readonly state: CheckState;
  readonly why: string;
  readonly fix?: string;
}

export interface StepRights {
  readonly id: string;
  readonly title: string;
  /** `nothing` for a step that calls nothing. */
  readonly state: 'allowed' | 'denied' | 'unknown' | 'nothing';
  /** Actions that are not allowed. */
  readonly missing: readonly string[];
  readonly why?: string;
  readonly fix?: string;
}

export interface Diagnosis {
  readonly identity: Pick<Identity, 'accountId' | 'arn' | 'kind' | 'partition'> & { readonly region: string };
  readonly checks: readonly Check[];
  readonly steps: readonly StepRights[];
}

/**
 * What the caller may do here, before anything is provisioned; changes nothing.
 *
 * @throws UserError when nobody can be asked: no credentials, no answer.
 */
export async function doctor(options: ProvisionOptions): Promise<Diagnosis> {
  const account = await AccountView.open(options);
  const { identity, connection } = account;
  const [steps, ...checks] = await Promise.all([
    rightsOf(account),
    looked('region', account, () => regionCheck(account)),
    looked('network', account, () => networkCheck(account)),
    looked('lake-settings', account, () => settingsCheck(account)),
    looked('elastic-ips', account, () => addressCheck(account)),
  ]);
  return {
    identity: { accountId: identity.accountId, arn: identity.arn, kind: identity.kind, partition: identity.partition, region: connection.options.region },
    checks: [...callerChecks(account), ...checks],
    steps,
  };
}

/** A check whose calls may be refused: then nobody knows, and the refusal says what to ask for. */
async function looked(id: string, account: AccountView, look: () => Promise<Omit<Check, 'id'>>): Promise<Check> {
  try {
    return { id, ...(await look()) };
  } catch (error) {
    const failure = account.failure(error);
    if (isFatal(failure)) {
      throw failure;
    }
    // What AWS or the endpoint did not answer is not known; what we say ourselves is the answer.
    const state = AwsError.is(error) || AwsError.is(failure.cause) ? 'unknown' : 'problem';
    return { id, state, why: sentences(failure.what, failure.why), ...(failure.next && { fix: failure.next }) };
  }
}

function callerChecks({ identity }: AccountView): Check[] {
  const problem = callerProblem(identity);
  const check = (id: string, code: string, fine: string): Check =>
    problem?.code === code ? { id, state: 'problem', why: problem.what, ...(problem.next && { fix: problem.next }) } : { id, state: 'ok', why: fine };
  return [
    { id: 'identity', state: 'ok', why: l10n.t('You are {0} in the account {1}.', identity.arn, identity.accountId) },
    check('root', 'account.root', l10n.t('You are not the root user.')),
    check('academy', 'account.academy', l10n.t('This is no AWS Academy lab.')),
  ];
}

async function regionCheck(account: AccountView): Promise<Omit<Check, 'id'>> {
  const { region } = account.names;
  // Users are the same in all regions: one that a lake elsewhere made says where that lake is.
  for (const id of ['admin-user', 'workflow-role']) {
    const kind = findKind(id);
    const observation = kind && (await account.observe(account.resourceOf(kind)));
    if (kind && observation?.kind === 'found' && observation.found.owner === 'elsewhere') {
      throw elsewhere(kind, observation.found.region ?? '');
    }
    if (observation?.kind === 'denied' || observation?.kind === 'error') {
      throw observation.error;
    }
  }
  return { state: 'ok', why: l10n.t('{0} answers, and no lake of the tutorial is in another region.', region) };
}

async function networkCheck(account: AccountView): Promise<Omit<Check, 'id'>> {
  const kind = findKind('network') as ResourceKind<{ readonly vpcId: string; readonly subnetId: string }>;
  const observation = await account.observe(account.resourceOf(kind as ResourceKind));
  if (observation.kind === 'denied' || observation.kind === 'error') {
    throw observation.error;
  }
  if (observation.kind !== 'found') {
    return { state: 'unknown', why: observation.kind === 'unknown' ? observation.reason : l10n.t('Nothing is known of the network.') };
  }
  const { vpcId, subnetId } = observation.found.state as { vpcId: string; subnetId: string };
  return { state: 'ok', why: l10n.t('{0} with {1} is there.', vpcId, subnetId) };
}

async function settingsCheck(account: AccountView): Promise<Omit<Check, 'id'>> {
  const { DataLakeSettings: settings = {} } = await account.connection.lakeformation.getDataLakeSettings({});
  const admins = (settings.DataLakeAdmins ?? []).map(({ DataLakePrincipalIdentifier }) => DataLakePrincipalIdentifier ?? '');
  const defaults = [...(settings.CreateDatabaseDefaultPermissions ?? []), ...(settings.CreateTableDefaultPermissions ?? [])];
  const isOpen = defaults.some(({ Principal, Permissions }) => Principal?.DataLakePrincipalIdentifier === everybody && (Permissions?.length ?? 0) > 0);
  const who = admins.length === 0 ? l10n.t('There is no data lake administrator yet.') : l10n.t('The data lake administrators are: {0}.', admins.join(', '));
  if (isOpen) {
    return {
      state: 'warning',
      why: sentences(who, l10n.t('New databases and tables are open to everybody whom IAM lets in ({0}), whatever Lake Formation\'s grants say.', everybody)),
      fix: l10n.t('Nothing needs to be done: the tutorial makes its own database without that, and leaves the account\'s defaults as they are.'),
    };
  }
  return { state: 'ok', why: sentences(who, l10n.t('New databases and tables are not open to everybody.')) };
}

/** Source: botocore ec2 1.44.5 DescribeAccountAttributes, 2026-11-28 */
const addressLimit = 'vpc-max-elastic-ips';

async function addressCheck(account: AccountView): Promise<Omit<Check, 'id'>> {
  const kind = findKind('elastic-ip');
  const [attributes, addresses, own] = await Promise.all([
    account.connection.ec2.describeAccountAttributes({ AttributeNames: [addressLimit as never] }),
    account.connection.ec2.describeAddresses({}),
    kind && account.observe(account.resourceOf(kind)),
  ]);
  const limit = Number(attributes.AccountAttributes?.find(({ AttributeName }) => AttributeName === addressLimit)?.AttributeValues?.[0]?.AttributeValue ?? NaN);
  const used = addresses.Addresses?.length ?? 0;
  if (!Number.isFinite(limit)) {
    return { state: 'unknown', why: l10n.t('{0} elastic IPs are in use; how many may be is not told here.', used) };
  }
  if (used < limit || own?.kind === 'found') {
    return { state: 'ok', why: l10n.t('{0} of {1} elastic IPs are in use.', used, limit) };
  }
  return {
    state: 'problem',
    why: l10n.t('All {0} elastic IPs that the account may have are in use; the database takes one.', limit),
    fix: l10n.t('Release one that nothing uses, or ask for more: the quota "EC2-VPC Elastic IPs" in Service Quotas.'),
  };
}

interface StepNeeds {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Need[];
  readonly asLakeAdmin: boolean;
}

function needsOfSteps(account: AccountView): StepNeeds[] {
  const { tutorial, steps } = account.options;
  // Asked for once, for the error about a step that the tutorial does not have.
  resourcesOf(tutorial, steps, true);
  return tutorial.steps.filter(({ id }) => !steps || steps.includes(id)).map(({ id, title, role }) => {
    const kinds = resourcesOf(tutorial, role === 'cleanup' ? undefined : [id], role === 'cleanup').map(({ kind }) => kind).filter((kind) => !account.isLeftOut(kind));
    return { id, title, needs: needsOf(kinds, account.names, role === 'cleanup' ? 'remove' : 'provision'), asLakeAdmin: kinds.some(({ asLakeAdmin }) => asLakeAdmin) };
  });
}

/** For each step whether its calls are allowed. */
async function rightsOf(account: AccountView): Promise<StepRights[]> {
  const steps = needsOfSteps(account);
  const same = (state: 'allowed' | 'denied' | 'unknown', detail: Pick<StepRights, 'why' | 'fix'>) => (step: StepNeeds): StepRights =>
    ({ id: step.id, title: step.title, ...(step.needs.length === 0 ? { state: 'nothing', missing: [] } : { state, missing: [], ...detail }) });
  const problem = callerProblem(account.identity);
  if (problem?.code === 'account.academy') {
    return steps.map(same('denied', { why: problem.what, ...(problem.next && { fix: problem.next }) }));
  }
  if (problem) {
    // Root may do everything, but for what only an administrator of the lake may.
    return steps.map((step) => same(step.asLakeAdmin ? 'denied' : 'allowed', step.asLakeAdmin ? { why: problem.what, ...(problem.next && { fix: problem.next }) } : {})(step));
  }
  const principal = await callerPrincipal({ identity: account.identity, aws: account.connection });
  if (principal === undefined) {
    return steps.map(same('unknown', { why: l10n.t('IAM\'s simulator takes users and roles; {0} is neither.', account.identity.arn), fix: asRole() }));
  }
  let decided: Decided[];
  try {
    const all = new Map(steps.flatMap(({ needs }) => needs).map((need) => [keyOf(need), need]));
    decided = await simulate(account.connection, principal, [...all.values()]);
  } catch (error) {
    if (error instanceof NoPrincipal) {
      return steps.map(same('unknown', { why: l10n.t('IAM does not know {0}.', principal), fix: asRole() }));
    }
    throw AwsError.is(error) ? explain(error, account.connection.options) : error;
  }
  const decisions = new Map(decided.map((each) => [keyOf(each), each]));
  return steps.map((step) => rights(step, step.needs.flatMap((need) => decisions.get(keyOf(need)) ?? [])));
}

const asRole = (): string => l10n.t('Connect as an IAM user or role to have it judged.');

function rights({ id, title }: StepNeeds, decided: readonly Decided[]): StepRights {
  if (decided.length === 0) {
    return { id, title, state: 'nothing', missing: [] };
  }
  const denied = decided.filter(({ decision }) => decision.state === 'denied');
  const why = (of: readonly Decided[]): string => sentences(...[...new Set(of.flatMap(({ decision }) => ('why' in decision ? [decision.why] : [])))].slice(0, 3));
  if (denied.length > 0) {
    return {
      id, title, state: 'denied', missing: [...new Set(denied.map(({ action }) => action))].sort(), why: why(denied),
      fix: l10n.t('Ask for a policy that allows them; this prints it: {0}', `lake-tutorial policy ${permissionsName} --step ${id}`),
    };
  }
  const unknown = decided.filter(({ decision }) => decision.state === 'unknown');
  return unknown.length > 0
    ? { id, title, state: 'unknown', missing: [], why: why(unknown), fix: l10n.t('Go on: what is missing is said when a step needs it.') }
    : { id, title, state: 'allowed', missing: [] };
}

/** Whether something stands in the way. */
export const isUnwell = ({ checks, steps }: Diagnosis): boolean => checks.some(({ state }) => state === 'problem') || steps.some(({ state }) => state === 'denied');
