import * as l10n from '@vscode/l10n';
import { AwsError, type AwsErrorKind } from '../aws/errors.ts';
import type { Connection } from '../aws/connection.ts';
import type { Context, Owner } from './kind.ts';

export const tagKeys = { tutorial: 'lake-tutorial', step: 'lake-tutorial-step', region: 'lake-tutorial-region', adopted: 'lake-tutorial-adopted' } as const;

/** Whose a thing is, by its tags. */
export function ownerOf(tags: Readonly<Record<string, string>>, context: Context): Owner {
  if (tags[tagKeys.tutorial] !== context.names.tutorial) {
    return 'foreign';
  }
  // IAM's things have no region: those that another region's lake made are in use there, and not ours to remove from here.
  const { [tagKeys.region]: region = context.names.region } = tags;
  if (region !== context.names.region) {
    return 'elsewhere';
  }
  return tags[tagKeys.adopted] ? 'adopted' : 'ours';
}

/** The tags that mark a found thing as adopted. */
export function adoptedTags(context: Context): Readonly<Record<string, string>> {
  return { ...context.tags, [tagKeys.adopted]: 'true' };
}

/** Tags in the two spellings that services use. */
export const toTagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
export const fromTagList = (tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** The call's answer, or undefined when what it asks for does not exist. */
export async function ifExists<T>(call: Promise<T>): Promise<T | undefined> {
  return except(call, 'notFound');
}

/** Makes a call whose failure with "already exists" is success: another run got there first. */
export async function unlessExists<T>(call: Promise<T>): Promise<T | undefined> {
  return except(call, 'exists');
}

async function except<T>(call: Promise<T>, kind: AwsErrorKind): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (AwsError.is(error, kind)) {
      return undefined;
    }
    throw error;
  }
}

/** What an endpoint cannot tell: shown as `unknown`, and no failure. */
export class Unknowable extends Error {
  override readonly name = 'Unknowable';
}

/** Waits, unless the operation is cancelled meanwhile. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * What IAM's propagation looks like to the other services: their messages while a new principal is not yet known to them.
 *
 * Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
 * Source: hashicorp/terraform-provider-aws#27516, 2026-11-28
 * Source: nficano/python-lambda#28, 2026-11-28
 * Source: none found (tried: code and issues search for Glue's words; they are in many logs), 2026-11-28
 */
const propagation =
  /Invalid IAM Instance Profile name|role (defined for the function )?cannot be assumed by Lambda|unable to assume (the )?provided role|verify the role'?s TrustPolicy|execution role does not have permissions|has no associated IAM Roles|Invalid principal|register the S3 path|ConcurrentModificationException|principal .* (is not valid|not found)/i;

/**
 * What a call is told for seconds after a change that it builds on, or beside another change of the same thing: by the
 * calls that are told it, since the same words say of others that something is really not there, or not allowed.
 *
 * Source: hashicorp/terraform-provider-aws#2449, 2026-11-28
 * Source: hashicorp/terraform-provider-aws#2008, 2026-11-28
 * Source: hashicorp/terraform-provider-aws#49953, 2026-11-28
 * Source: hashicorp/terraform-provider-aws#21759, 2026-11-28
 * Source: hashicorp/terraform-provider-aws internal/service/lakeformation/permissions.go, 2026-11-28
 */
const settling: Readonly<Record<string, readonly { readonly calls: RegExp; readonly says: RegExp }[]>> = {
  // Who was just made. A managed policy that is not there is said in other words, and does not come.
  iam: [{ calls: /^((Attach|Put|Tag)(User|Role)(Policy)?|UpdateAssumeRolePolicy)$/, says: /^NoSuchEntity\S* The (user|role) with name \S+ cannot be found/ }],
  s3: [{ calls: /^(Create|Put|Delete)(Bucket|PublicAccessBlock)/, says: /^OperationAborted / }],
  glue: [
    { calls: /^(Create|Update|Delete|Start|Stop|Tag)(?!WorkflowRun)/, says: /^ConcurrentModificationException / },
    // Whoever provisions was made a data lake administrator a moment ago.
    { calls: /^(Create|Update)(Database|Crawler)$/, says: /^AccessDenied\S* Insufficient Lake Formation permission/ },
  ],
  lakeformation: [{ calls: /^(Batch)?GrantPermissions$/, says: /^EntityNotFoundException / }],
};

const mayBeTold = (service: string, action: string) => (settling[service] ?? []).filter(({ calls }) => calls.test(action));

function settles(error: AwsError): boolean {
  const [service = '', action = ''] = error.call.split(':');
  return mayBeTold(service, action).some(({ says }) => says.test(`${error.code} ${error.message}`));
}

/**
 * The same connection whose calls are made again while AWS says what it says for seconds after a change: see {@link settling}.
 *
 * For all calls alike, so that no kind of resource has to think of it.
 */
export function patient(context: Context): Connection {
  return new Proxy(context.aws, {
    get(target, service, receiver) {
      const functions: unknown = Reflect.get(target, service, receiver);
      return typeof service === 'string' && service in settling ? patientService(context, service, functions as Service) : functions;
    },
  });
}

type Service = Readonly<Record<string, (input: object) => Promise<object>>>;

function patientService(context: Context, service: string, functions: Service): Service {
  return new Proxy(functions, {
    get(target, name) {
      const call = Reflect.get(target, name) as Service[string];
      return typeof name === 'string' && mayBeTold(service, `${name.charAt(0).toUpperCase()}${name.slice(1)}`).length > 0 ? (input: object) => eventually(context, () => call(input)) : call;
    },
  });
}

/** What is waited for, and how long at most. */
const upTo = (budget: number, waitingFor: string): string =>
  budget < 60_000 ? waitingFor : l10n.t('{0} (up to {1} minutes)', waitingFor, Math.round(budget / 60_000));

/**
 * Repeats a call while it fails as it does when AWS has not yet spread the word (5–30 s, two minutes at most), or with `pattern`.
 *
 * @param budget milliseconds after which the last error is final.
 */
export async function eventually<T>(context: Context, call: () => Promise<T>, options: { readonly pattern?: RegExp; readonly waitingFor?: string; readonly budget?: number } = {}): Promise<T> {
  const budget = Math.min(options.budget ?? 120_000, context.patience ?? Infinity);
  const end = Date.now() + budget;
  for (let wait = 500; ; wait = Math.min(wait * 2, 8_000)) {
    try {
      return await call();
    } catch (error) {
      const text = AwsError.is(error) ? `${error.code} ${error.message}` : '';
      if (!(propagation.test(text) || (AwsError.is(error) && settles(error)) || options.pattern?.test(text)) || Date.now() + wait > end) {
        throw error;
      }
      context.progress(upTo(budget, options.waitingFor ?? l10n.t('Waiting until AWS knows everywhere what was just changed…')));
      await pause(wait, context.signal);
    }
  }
}

/** Asks until the answer is there. @throws the last state's absence as undefined after `budget` milliseconds. */
export async function poll<T>(context: Context, ask: () => Promise<T | undefined>, options: { readonly every: number; readonly budget: number; readonly waitingFor: string }): Promise<T | undefined> {
  const budget = Math.min(options.budget, context.patience ?? Infinity);
  const end = Date.now() + budget;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() + options.every > end) {
      return answer;
    }
    context.progress(upTo(budget, options.waitingFor));
    await pause(options.every, context.signal);
  }
}
