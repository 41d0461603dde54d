import { UserError, messageOf } from '../errors.ts';

/** A profile of AWS's configuration files, as far as choosing among them needs. Never its secrets. */
export interface Profile {
  readonly name: string;
  readonly region?: string;
  readonly kind: 'sso' | 'role' | 'process' | 'keys' | 'other';
}

/**
 * Reads the names of the profiles in `~/.aws/config` and `~/.aws/credentials`, or where the environment says these files are.
 * Files that are not there are no profiles.
 *
 * @throws UserError `profiles.unreadable` when a file cannot be read or understood.
 */
export async function readProfiles(): Promise<Profile[]> {
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader');
  try {
    const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
    const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)]);
    return [...names].filter((name) => !/^(sso-session|services)\./.test(name)).sort((a, b) => a.localeCompare(b)).map((name) => {
      const profile = { ...credentialsFile[name], ...configFile[name] };
      const kind = profile['sso_session'] || profile['sso_start_url'] ? 'sso' : profile['role_arn'] ? 'role' : profile['credential_process'] ? 'process' : profile['aws_access_key_id'] ? 'keys' : 'other';
      return { name, ...(profile['region'] && { region: profile['region'] }), kind };
    });
  } catch (error) {
    throw new UserError('profiles.unreadable', 'The AWS configuration files cannot be read.', { why: messageOf(error), cause: error });
  }
}
