import * as l10n from '@vscode/l10n';
import { partitionOf } from '../../aws/identity.ts';
import { accountOfChain, profilesStamp, readProfiles, regionIn, type OfflineAccount, type Profile } from '../../aws/profiles.ts';
import { deriveNames, unknownNames, type Names } from '../../resources/names.ts';
import type { ConnectionModel } from '../connectionModel.ts';
import { readVariables } from '../settings.ts';

/** An account that policies can be written for. */
export interface KnownAccount {
  readonly accountId: string;
  readonly region: string;
  readonly source: 'sts' | 'sandbox' | OfflineAccount['source'];
  /** Undefined where it is the region's. */
  readonly partition?: string;
  /** Undefined for the usual credentials and the sandbox. */
  readonly profile?: string;
}

// The files are looked at again no sooner: whoever types asks many times a second.
const freshFor = 2000;

/**
 * The accounts that are known here, without asking AWS: what the connection was told by STS, what profiles say, and what is in
 * an access key's id. Answers at once from memory; the files are read in the background.
 */
export class AccountBook {
  private profiles: readonly Profile[] = [];
  private stamp: string | undefined;
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;

  constructor(private readonly model: ConnectionModel) {}

  /** The account of the connection first, if it is known; in the sandbox then that of the usual credentials, for what goes to AWS. */
  known(): readonly KnownAccount[] {
    void this.refresh();
    const { target, profile, region, endpoint } = this.model.target;
    const connectedId = this.model.accountId;
    if (target === 'sandbox') {
      const sandbox: KnownAccount[] = connectedId === undefined ? [] : [{ accountId: connectedId, region, source: this.model.isSandbox ? 'sandbox' : 'sts' }];
      return [...sandbox, ...this.chain(undefined, undefined, region)];
    }
    const offline = endpoint === undefined ? this.chain(profile, undefined, region, region) : [];
    // What STS said is remembered; a profile that names another account now was changed since.
    return offline.length > 0 && (connectedId === undefined || offline[0]?.accountId !== connectedId) ? offline : connectedId === undefined ? [] : [{ accountId: connectedId, region, source: 'sts', ...(profile && { profile }) }];
  }

  /** Every account that a policy can be written for: those of {@link known}, then each profile that tells its own. */
  async all(): Promise<KnownAccount[]> {
    await this.refresh();
    const known = this.known();
    const { region } = this.model.target;
    const others = this.profiles.filter(({ name, account }) => account !== undefined && !known.some(({ profile }) => profile === name));
    return [...known, ...others.flatMap((profile) => this.chain(profile.name, profile, region))];
  }

  /** The profiles' accounts, for saying whose an id is. */
  others(): { readonly accountId: string; readonly profile: string }[] {
    return this.profiles.flatMap(({ name, account }) => (account ? [{ accountId: account.accountId, profile: name }] : []));
  }

  /** Resolves when the files were looked at; at once when that was just now. */
  refresh(): Promise<void> {
    if (!this.looking && performance.now() - this.lookedAt < freshFor) {
      return Promise.resolve();
    }
    this.looking ??= this.look().finally(() => {
      this.lookedAt = performance.now();
      this.looking = undefined;
    });
    return this.looking;
  }

  private async look(): Promise<void> {
    await this.model.recogniseSandbox();
    const stamp = await profilesStamp();
    if (stamp !== this.stamp) {
      // Files that cannot be read name no accounts; "Connect…" says why.
      this.profiles = await readProfiles().catch(() => []);
      this.stamp = stamp;
    }
  }

  /** @param fixed the region to use whatever the profile's is. */
  private chain(profile: string | undefined, found: Profile | undefined, region: string, fixed?: string): KnownAccount[] {
    const account = found ? found.account : accountOfChain(this.profiles, profile);
    const name = profile ?? (process.env['AWS_PROFILE'] || undefined);
    return account ? [{ ...account, region: regionIn(account, fixed ?? account.region ?? region), ...(name && { profile: name }) }] : [];
  }
}

/** The names of everything in an account; unknown, with marks in their place. */
export function namesIn(account: KnownAccount | undefined, region: string): Names {
  return account ? deriveNames('data-lake', { accountId: account.accountId, partition: account.partition ?? partitionOf(account.region) }, account.region, readVariables()) : unknownNames('data-lake', partitionOf(region), readVariables());
}

/** How an account is known, in a few words: `profile dev`. */
export function viaOf({ source, profile }: KnownAccount): string {
  return source === 'sandbox' ? l10n.t('Sandbox') : profile ? l10n.t('profile {0}', profile) : source === 'access-key' ? l10n.t('access key') : l10n.t('default credentials');
}
