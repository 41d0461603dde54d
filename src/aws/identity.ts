/** Who is calling, as STS tells it, read for what it means to this tutorial. */
export interface Identity {
  readonly accountId: string;
  readonly partition: string;
  /** What STS says: for a role, the ARN of the session. */
  readonly arn: string;
  /** The IAM principal that Lake Formation knows, undefined for root. An SSO role's path is not in its session's ARN: see {@link principalOf}. */
  readonly principal?: string;
  /** STS's id of the caller: `AIDA…`, for a role `AROA…:session`. */
  readonly userId?: string;
  readonly kind: 'root' | 'academy' | 'user' | 'role' | 'federated';
}

/**
 * Reads an ARN of `sts:GetCallerIdentity`.
 *
 * AWS Academy's learner labs call as `assumed-role/voclabs/…` and may neither create users nor use Lake Formation.
 */
export function readIdentity(arn: string, accountId: string, userId?: string): Identity {
  const [, partition = 'aws', , , , resource = ''] = /^arn:([^:]+):([^:]*):([^:]*):([^:]*):(.*)$/.exec(arn) ?? [];
  const [type, ...rest] = resource.split('/');
  const base = { accountId, partition, arn, ...(userId && { userId }) };
  if (resource === 'root') {
    return { ...base, kind: 'root' };
  }
  if (type === 'assumed-role') {
    const role = rest[0] ?? '';
    return { ...base, kind: role === 'voclabs' ? 'academy' : 'role', principal: `arn:${partition}:iam::${accountId}:role/${role}` };
  }
  if (type === 'user') {
    return { ...base, kind: 'user', principal: `arn:${partition}:iam::${accountId}:user/${rest.join('/')}` };
  }
  return { ...base, kind: 'federated' };
}

const partitions: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
];

/** The partition that a region belongs to, for when no call may be made. */
export function partitionOf(region: string): string {
  return partitions.find(([pattern]) => pattern.test(region))?.[1] ?? 'aws';
}

/** True for what has the form of a region's name; whether it exists only AWS can say. */
export function isRegionName(region: string): boolean {
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region);
}
