import type { BatchPermissionsRequestEntry, ErrorDetail, Permission, PrincipalResourcePermissions, Resource } from '@aws-sdk/client-lakeformation';
import * as l10n from '@vscode/l10n';
import { toAwsError } from '../aws/errors.ts';
import { roleArn } from './role.ts';
import { eventually, ifExists } from './support.ts';
import type { Context, Finding, Found } from './kind.ts';

/** One grant of Lake Formation: who may do what on what. */
export interface Grant {
  readonly principal: string;
  readonly permissions: readonly Permission[];
  readonly resource: Resource;
  /** For messages: `database lake_tutorial`. */
  readonly on: string;
}

export interface GrantsState {
  /** Those of the wanted grants that are complete, by index. */
  readonly present: readonly number[];
}

export const workflowRoleArn = (context: Pick<Context, 'names'>): string => roleArn(context, context.names.workflowRole);

const sameResource = (wanted: Resource, found: Resource | undefined): boolean => {
  if (wanted.DataLocation) {
    return found?.DataLocation?.ResourceArn === wanted.DataLocation.ResourceArn;
  }
  if (wanted.Database) {
    return found?.Database?.Name === wanted.Database.Name;
  }
  // AWS lists a grant on all tables as TableWildcard or as a table of the name ALL_TABLES.
  // SELECT on all tables is listed apart, as on all columns of ALL_TABLES.
  const columns = found?.TableWithColumns;
  if (columns) {
    return columns.DatabaseName === wanted.Table?.DatabaseName && columns.Name === 'ALL_TABLES' && columns.ColumnWildcard !== undefined;
  }
  return found?.Table?.DatabaseName === wanted.Table?.DatabaseName && (found?.Table?.TableWildcard !== undefined || found?.Table?.Name === 'ALL_TABLES');
};

const isGranted = (grant: Grant, listed: readonly PrincipalResourcePermissions[]): boolean => {
  const has = new Set(
    listed
      .filter((entry) => entry.Principal?.DataLakePrincipalIdentifier === grant.principal && sameResource(grant.resource, entry.Resource))
      .flatMap((entry) => entry.Permissions ?? []),
  );
  return has.has('ALL') || grant.permissions.every((permission) => has.has(permission));
};

const entries = (grants: readonly Grant[]): BatchPermissionsRequestEntry[] =>
  grants.map((grant, index) => ({
    Id: String(index),
    Principal: { DataLakePrincipalIdentifier: grant.principal },
    Resource: grant.resource,
    Permissions: [...grant.permissions],
  }));

/** As many entries as Lake Formation takes in one call. */
const batchSize = 20;
const batches = (grants: readonly Grant[]): Grant[][] =>
  Array.from({ length: Math.ceil(grants.length / batchSize) }, (_, index) => grants.slice(index * batchSize, (index + 1) * batchSize));

/** Those of some grants that are there and complete. */
export async function presentGrants(context: Context, grants: readonly Grant[]): Promise<Grant[]> {
  // By resource, not by principal: Lake Formation lists a principal's grants only together with a resource.
  const resources = new Map(grants.map(({ resource }) => [JSON.stringify(resource), resource]));
  const found = (await Promise.all([...resources.values()].map((resource) => listAll(context, resource)))).flat();
  return grants.filter((grant) => isGranted(grant, found));
}

export async function giveGrants(context: Context, grants: readonly Grant[]): Promise<void> {
  for (const batch of batches(grants)) {
    await eventually(
      context,
      async () => {
        const { Failures } = await context.aws.lakeformation.batchGrantPermissions({ Entries: entries(batch) });
        const failed = Failures?.[0]?.Error;
        if (failed) {
          throw errorOf(failed, 'lakeformation:BatchGrantPermissions');
        }
      },
      { waitingFor: l10n.t('Waiting until Lake Formation knows the new role…') },
    );
  }
}

/** What a batch says of one of its entries, as if the whole call had failed with it. */
const errorOf = ({ ErrorCode, ErrorMessage }: ErrorDetail, call: string): Error => toAwsError(Object.assign(new Error(ErrorMessage ?? ''), { name: ErrorCode ?? 'Unknown' }), call);

// Source: botocore lakeformation 1.44.5 EntityNotFoundException, 2026-11-28
// Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
/** What a revocation says of what is not there, or no more. */
const isGone = ({ ErrorCode = '', ErrorMessage = '' }: ErrorDetail): boolean => /EntityNotFound/.test(ErrorCode) || ErrorMessage.startsWith('No permissions revoked');

/** Takes grants away. What is gone already is reported as a failure of its entry, and is fine; any other failure is one. */
export async function takeGrants(context: Context, grants: readonly Grant[]): Promise<void> {
  for (const batch of batches(grants)) {
    const { Failures } = await context.aws.lakeformation.batchRevokePermissions({ Entries: entries(batch) });
    const failed = Failures?.find(({ Error: error }) => error && !isGone(error))?.Error;
    if (failed) {
      throw errorOf(failed, 'lakeformation:BatchRevokePermissions');
    }
  }
}

export const missingGrant = (grant: Grant): Finding => ({
  code: 'grant.missing',
  message: l10n.t('{0} lacks {1} on {2}.', grant.principal.split(':').pop() ?? grant.principal, grant.permissions.join(', '), grant.on),
  expected: l10n.t('{0} has {1} on {2}.', grant.principal.split(':').pop() ?? grant.principal, grant.permissions.join(', '), grant.on),
  fix: l10n.t('Provision the step again: it grants the permissions.'),
});

/** The operations of a set of grants, to be spread into a resource kind. */
export function grantOperations(wanted: (context: Context) => Promise<Grant[]>) {
  async function grantMissing(context: Context, present: readonly number[]): Promise<GrantsState> {
    const grants = await wanted(context);
    await giveGrants(context, grants.filter((_, index) => !present.includes(index)));
    return { present: grants.map((_, index) => index) };
  }

  return {
    async read(context: Context): Promise<Found<GrantsState> | undefined> {
      const grants = await wanted(context);
      const found = await presentGrants(context, grants);
      const present = grants.flatMap((grant, index) => (found.includes(grant) ? [index] : []));
      return present.length === 0 ? undefined : { owner: 'ours', state: { present } };
    },

    async check(context: Context, state: GrantsState): Promise<Finding[]> {
      const grants = await wanted(context);
      return grants.flatMap((grant, index) => (state.present.includes(index) ? [] : [missingGrant(grant)]));
    },

    create: (context: Context) => grantMissing(context, []),
    update: (context: Context, state: GrantsState) => grantMissing(context, state.present),

    async remove(context: Context): Promise<void> {
      // Also those that are there only in part.
      await takeGrants(context, await wanted(context));
    },
  };
}

async function listAll(context: Context, Resource: Resource): Promise<PrincipalResourcePermissions[]> {
  // A database or location that is not there has no grants.
  const found = await ifExists(context.aws.lakeformation.listPermissions({ Resource }));
  return found?.PrincipalResourcePermissions ?? [];
}
