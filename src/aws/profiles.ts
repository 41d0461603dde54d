import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError, messageOf } from '../errors.ts';
import { accountOfAccessKey } from './accessKey.ts';
import { partitionOf } from './identity.ts';

/** An account that is known without asking AWS, and from what. */
export interface OfflineAccount {
  readonly accountId: string;
  readonly source: 'role' | 'setting' | 'sso' | 'access-key';
  /** The profile's, if it has one. */
  readonly region?: string;
  /** Where the profile tells it: by the ARN of its role, or by a region that is of no other partition. */
  readonly partition?: string;
}

/** A profile of AWS's configuration files, as far as choosing among them needs. Never its secrets. */
export interface Profile {
  readonly name: string;
  readonly region?: string;
  readonly kind: 'sso' | 'role' | 'process' | 'keys' | 'other';
  /** Absent where only AWS, or an external program, could tell. */
  readonly account?: OfflineAccount;
}

type Settings = Readonly<Record<string, string | undefined>>;
const isAccountId = (text: string | undefined): text is string => text !== undefined && /^\d{12}$/.test(text);
function accountOfRole(arn: string | undefined): OfflineAccount | undefined {
  const [, partition, accountId] = /^arn:([\w-]+):iam::(\d{12}):role\//.exec(arn ?? '') ?? [];
  return partition === undefined || accountId === undefined ? undefined : { accountId, source: 'role', partition };
}

/**
 * Reads the profiles in `~/.aws/config` and `~/.aws/credentials`, or where the environment says these files are.
 * Files that are not there are no profiles; lines that say nothing are passed over.
 *
 * @throws UserError `profiles.unreadable` when a file cannot be read or understood.
 */
export async function readProfiles(): Promise<Profile[]> {
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader');
  try {
    const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
    const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)]);
    const { compare } = new Intl.Collator();
    return [...names].filter((name) => !/^(sso-session|services)\./.test(name)).sort(compare).map((name) => readProfile(name, { ...credentialsFile[name], ...configFile[name] }));
  } catch (error) {
    throw new UserError('profiles.unreadable', 'The AWS configuration files cannot be read.', { why: messageOf(error), cause: error });
  }
}

/** Says when the configuration files were last written: while this stays the same, so does what {@link readProfiles} gives. */
export async function profilesStamp(): Promise<string> {
  const file = (name: string, variable: string): string => (process.env[variable] || join(homedir(), '.aws', name)).replace(/^~(?=\/)/, homedir());
  const files = [file('config', 'AWS_CONFIG_FILE'), file('credentials', 'AWS_SHARED_CREDENTIALS_FILE')];
  return (await Promise.all(files.map((path) => stat(path).then(({ mtimeMs, size }) => `${path} ${mtimeMs} ${size}`, () => `${path} –`)))).join('\n');
}

function readProfile(name: string, settings: Settings): Profile {
  const kind = settings['sso_session'] || settings['sso_start_url'] ? 'sso' : settings['role_arn'] ? 'role' : settings['credential_process'] ? 'process' : settings['aws_access_key_id'] ? 'keys' : 'other';
  const found = accountOf(settings);
  const place = placeOf(settings['region']);
  return { name, ...(place.region && { region: place.region }), kind, ...(found && { account: { ...place, ...found } }) };
}

/** Most profiles are of `aws`: that a region of it is set there does not speak against one of China's that is chosen elsewhere. */
function placeOf(region: string | undefined): Pick<OfflineAccount, 'region' | 'partition'> {
  const partition = partitionOf(region ?? '');
  return { ...(region && { region }), ...(partition !== 'aws' && { partition }) };
}

/** A role is assumed after everything else, so its account is the one that calls are made in. */
function accountOf(settings: Settings): OfflineAccount | undefined {
  if (settings['role_arn']) {
    return accountOfRole(settings['role_arn']);
  }
  const set = [settings['aws_account_id'], settings['account_id']].find(isAccountId);
  if (set !== undefined) {
    return { accountId: set, source: 'setting' };
  }
  if (isAccountId(settings['sso_account_id'])) {
    return { accountId: settings['sso_account_id'], source: 'sso' };
  }
  const ofKey = accountOfAccessKey(settings['aws_access_key_id']);
  return ofKey === undefined ? undefined : { accountId: ofKey, source: 'access-key' };
}

/**
 * The account that the SDK's usual chain would call as, without asking anybody: a named profile (or `AWS_PROFILE`), else the
 * environment's key, else the profile `default`.
 */
export function accountOfChain(profiles: readonly Profile[], profile: string | undefined, env: Settings = process.env): OfflineAccount | undefined {
  const named = profile ?? (env['AWS_PROFILE'] || undefined);
  if (named === undefined && env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) {
    const accountId = isAccountId(env['AWS_ACCOUNT_ID']) ? env['AWS_ACCOUNT_ID'] : accountOfAccessKey(env['AWS_ACCESS_KEY_ID']);
    const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || profiles.find(({ name }) => name === 'default')?.region;
    return accountId === undefined ? undefined : { accountId, source: 'access-key', ...placeOf(region) };
  }
  const found = profiles.find(({ name }) => name === (named ?? 'default'));
  if (found) {
    return found.account;
  }
  return named === undefined && env['AWS_WEB_IDENTITY_TOKEN_FILE'] ? accountOfRole(env['AWS_ROLE_ARN']) : undefined;
}

/** The region to name things in: the one that is wanted, unless the account's partition has no such region and the profile knows better. */
export function regionIn({ partition, region }: OfflineAccount, wanted: string): string {
  return partition !== undefined && region !== undefined && partitionOf(wanted) !== partition && partitionOf(region) === partition ? region : wanted;
}
