import type { Identity } from '../aws/identity.ts';
import { mark, type PolicyNames } from '../policies/document.ts';

/** Every name that the tutorial's resources have: deterministic, so that nothing needs to be remembered between runs. */
export interface Names extends PolicyNames {
  /** The tutorial's id: the value of the tag `lake-tutorial`. */
  readonly tutorial: string;
  readonly adminUser: string;
  readonly sourceDatabase: string;
  readonly sourceTable: string;
  readonly sourceUser: string;
  readonly lakeDatabase: string;
  /** Prefix of what has no name in the tutorial. */
  readonly prefix: string;
  /** The variables they were made from, for kinds that read one directly. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Derives all names from the account, the region and the tutorial's variables.
 *
 * The bucket's name must be unique in all of AWS, hence account and region in it.
 */
export function deriveNames(tutorial: string, identity: Pick<Identity, 'accountId' | 'partition'>, region: string, variables: Readonly<Record<string, string>>): Names {
  const prefix = 'lake-tutorial';
  return {
    tutorial,
    partition: identity.partition,
    account: identity.accountId,
    region,
    prefix,
    variables,
    bucket: variables['bucket'] ?? `${prefix}-${identity.accountId}-${region}`,
    adminUser: 'datalakeadmin',
    workflowRole: 'LakeFormationWorkflowRole',
    passwordParameter: `/${prefix}/transactionaldb/password`,
    sourceDatabase: 'transactionaldb',
    sourceTable: 'random_data',
    sourceUser: 'lake_tutorial',
    lakeDatabase: variables['lake-database'] ?? 'lake_tutorial',
  };
}

/** The names in an account that is not known: account, region and bucket are marks that whoever writes them down replaces. */
export function unknownNames(tutorial: string, partition: string, variables: Readonly<Record<string, string>>): Names {
  return deriveNames(tutorial, { accountId: mark('account-id'), partition }, mark('region'), { ...variables, bucket: variables['bucket'] ?? mark('bucket') });
}

/** The type of the database's instance. */
export const instanceType = ({ variables }: Pick<Names, 'variables'>): string => variables['instance-type'] ?? 't3.micro';
