import * as l10n from '@vscode/l10n';
import { ExitCode, UserError, isCancellation, messageOf } from '../errors.ts';

/** What a failed call means for us, whatever name its service gives it. */
export type AwsErrorKind =
  | 'notFound'
  | 'exists'
  | 'denied'
  | 'credentials'
  | 'expired'
  | 'throttled'
  | 'unreachable'
  /** The endpoint does not know the operation (a bare moto lacks some). */
  | 'unimplemented'
  | 'other';

/** A call that AWS, or what stands in for it, refused or never got. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly kind: AwsErrorKind,
    /** AWS's own error code, such as `NoSuchBucket`. */
    readonly code: string,
    /** `service:Action`. */
    readonly call: string,
    message: string,
    readonly status: number | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }

  static is(error: unknown, ...kinds: AwsErrorKind[]): error is AwsError {
    return error instanceof AwsError && (kinds.length === 0 || kinds.includes(error.kind));
  }
}

interface SdkError extends Error {
  readonly code?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

// Source: our own (Node's own network errors), 2026-11-28
const unreachableCodes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
// Source: botocore iam 1.44.5 NoSuchEntityException, 2026-11-28
// Source: botocore s3 1.44.5 BucketAlreadyOwnedByYou, 2026-11-28
// Source: botocore glue 1.44.5 AlreadyExistsException, 2026-11-28
// Source: botocore glue 1.44.5 IdempotentParameterMismatchException, 2026-11-28
// Source: botocore lambda 1.44.5 ResourceConflictException, 2026-11-28
// Source: botocore quicksight 1.44.5 ResourceExistsException, 2026-11-28
// Source: botocore ssm 1.44.5 ParameterAlreadyExists, 2026-11-28
// Source: none found (tried: docs search; nobody has a list of all codes of all services), 2026-11-28
// Order matters: the first pattern that matches a code decides.
const byCode: readonly (readonly [RegExp, AwsErrorKind])[] = [
  [/^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/, 'expired'],
  [/^(CredentialsProviderError|InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|AuthFailure|IncompleteSignature|MissingAuthenticationToken|NoSuchProfile|TokenProviderError)$/, 'credentials'],
  [/^(UnknownOperationException|InvalidAction|NotImplemented|NotImplementedException)$/, 'unimplemented'],
  [/^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden|UnauthorizedException)$/, 'denied'],
  [/(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceededException$)/, 'throttled'],
  [/^(NoSuch|NotFound)|(NotFound(Exception|Fault)?|\.NotFound|NoSuchEntity(Exception)?|DoesNotExist)$/, 'notFound'],
  [/^(BucketAlreadyOwnedByYou|InvalidGroup\.Duplicate|InvalidPermission\.Duplicate|ParameterAlreadyExists)$|(AlreadyExists(Exception)?|AlreadyExists|ResourceConflictException|ResourceExistsException|IdempotentParameterMismatchException)$/, 'exists'],
];

/**
 * Turns whatever the SDK threw into an {@link AwsError}; cancellations pass unchanged.
 *
 * @param call `service:Action` of the failed call.
 */
export function toAwsError(error: unknown, call: string): Error {
  if (error instanceof AwsError || error instanceof UserError || isCancellation(error)) {
    return error as Error;
  }
  const sdk = error as SdkError;
  const status = sdk.$metadata?.httpStatusCode ?? sdk.$response?.statusCode;
  // Node's own network errors carry a code and the name "Error"; AWS's carry the code as their name.
  const code = sdk.name && sdk.name !== 'Error' && sdk.name !== 'AggregateError' ? sdk.name : (sdk.code ?? sdk.Code ?? 'Unknown');
  // Source: our own (a client's words for an emulator's answer, of @smithy/core), 2026-11-28
  if ((status === undefined || status < 400) && /Deserialization error/.test(messageOf(error))) {
    // An emulator's answer that is not of AWS's form: what it means cannot be told.
    return new AwsError('unimplemented', 'UnreadableAnswer', call, messageOf(error).split('\n')[0] ?? '', status, error);
  }
  const kind =
    // Source: our own (names of the SDK's and Node's own network errors), 2026-11-28
    unreachableCodes.test(code) || code === 'TimeoutError' || code === 'NetworkingError'
      ? 'unreachable'
      : (byCode.find(([pattern]) => pattern.test(code))?.[1] ?? (status === 403 ? 'denied' : status === 404 ? 'notFound' : 'other'));
  return new AwsError(kind, code, call, messageOf(error) || code, status, error);
}

/** Where the IAM action that a call takes has another name than the call. */
const permissions: Readonly<Record<string, string>> = {
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3:PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
  's3:DeleteBucketLifecycle': 's3:PutLifecycleConfiguration',
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  'lambda:Invoke': 'lambda:InvokeFunction',
};

/** The IAM action that a call, `service:Action`, takes. */
export const permissionOf = (call: string): string => permissions[call] ?? call;

/**
 * True where Lake Formation refused what IAM allows.
 *
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html, 2026-11-28
 */
export const lacksGrant = ({ message }: AwsError): boolean => /Lake Formation permission/i.test(message);

/** The readable form of a failed call: what, why, what to do next; `next` is for what has no advice of its own. */
export function explain(
  error: AwsError,
  where: { readonly endpoint?: string; readonly profile?: string },
  next = l10n.t('Nothing that was done is lost: correct the cause and run the same again.'),
): UserError {
  const exit = ExitCode.aws;
  const cause = error;
  const host = where.endpoint ?? 'AWS';
  switch (error.kind) {
    case 'unreachable':
      return new UserError('aws.unreachable', l10n.t('{0} could not be reached.', host), {
        why: error.message,
        next: where.endpoint ? l10n.t('Check that the endpoint is up and its address is right, then try again.') : l10n.t('Check the network and the name of the region, then try again.'),
        exit, cause,
      });
    case 'expired':
      return new UserError('aws.expired', l10n.t('The credentials have expired.'), {
        why: error.message,
        next: where.profile ? l10n.t('Sign in again, for instance with: aws sso login --profile {0}', where.profile) : l10n.t('Get new temporary credentials, then try again.'),
        exit, cause,
      });
    case 'credentials':
      return new UserError('aws.credentials', where.profile ? l10n.t('The profile "{0}" gives no credentials that AWS accepts.', where.profile) : l10n.t('AWS was not given credentials that it accepts.'), {
        why: error.message,
        next: l10n.t('Set up a profile (aws configure sso), choose one with --profile or "Lake Tutorial: Connect…", or use the sandbox, which needs none.'),
        exit, cause,
      });
    case 'denied':
      return new UserError('aws.denied', l10n.t('You are not allowed to call {0}.', error.call), {
        why: error.message,
        next: lacksGrant(error)
          ? l10n.t('Ask a data lake administrator for a grant on it, or connect as an identity that has one.')
          : l10n.t('Ask for the permission {0}, or connect as an identity that has it.', permissionOf(error.call)),
        exit, cause,
      });
    case 'unimplemented':
      return new UserError('aws.unimplemented', l10n.t('{0} does not implement {1}.', host, error.call), {
        next: l10n.t('Use the sandbox or AWS itself for this.'), exit, cause,
      });
    case 'throttled':
      return new UserError('aws.throttled', l10n.t('AWS is limiting how fast {0} may be called.', error.call), {
        why: error.message, next: l10n.t('Wait a minute and try again; what was done stays done.'), exit, cause,
      });
    default:
      // Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11-28
      if (/^(OptInRequired|PendingVerification|SubscriptionRequired(Exception)?)$/.test(error.code)) {
        return new UserError('aws.notActivated', l10n.t('This AWS account is not fully activated yet.'), {
          why: error.message, next: l10n.t('Finish the sign-up (payment method, phone) or wait up to 24 hours, then try again.'), exit, cause,
        });
      }
      return new UserError(`aws.${error.code}`, l10n.t('{0} failed: {1}.', error.call, error.code), {
        why: error.message, next, exit, cause,
      });
  }
}
