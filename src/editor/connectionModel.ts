import * as vscode from 'vscode';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { Connection } from '../aws/connection.ts';
import type { Identity } from '../aws/identity.ts';
import type { GlobalState } from './globalState.ts';
import { concernsUs, isTargetSet, readSandbox, readTarget, writeTarget, type TargetSettings } from './settings.ts';

const accountsKey = 'lakeTutorial.accounts';
const asAdminKey = 'lakeTutorial.asAdmin';
const secretKey = (target: string): string => `lakeTutorial.datalakeadmin.${target}`;

/** True for an address of this computer. */
export const isLocal = (endpoint: string): boolean => /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/i.test(endpoint);

/** Which account the commands act on: what the settings say, who we are there, and the key of `datalakeadmin` if one is kept. No UI. */
export class ConnectionModel implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when the target, the identity or any of our settings changed. */
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (concernsUs(event) && !this.saving) {
      this.changed.fire();
    }
  });
  private saving = false;

  constructor(
    private readonly globalState: GlobalState,
    private readonly secrets: vscode.SecretStorage,
    /** Told once a session of each thing that the sandbox does not do as AWS does. */
    private readonly onLimitation: (what: string) => void = () => undefined,
    /** Told of a call that has had no answer for a while. */
    private readonly onSlow: (what: string) => void = () => undefined,
  ) {}

  private readonly limitations = new Set<string>();

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  get target(): TargetSettings {
    return readTarget();
  }

  /** True once somebody chose where to work, here or in another window. */
  get isChosen(): boolean {
    return isTargetSet();
  }

  /** True for what costs nothing and needs no consent: a sandbox on this computer. An endpoint elsewhere may well be AWS. */
  get isSandbox(): boolean {
    const { target, endpoint } = this.target;
    return target === 'sandbox' && (endpoint === undefined || isLocal(endpoint));
  }

  /** True for the sandbox that we start and stop, not for an endpoint that somebody else runs. */
  get isOwnSandbox(): boolean {
    return this.isSandbox && this.target.endpoint === undefined;
  }

  /** Names account and region, without asking anybody. */
  get targetKey(): string {
    return `${this.key}|${this.target.region}`;
  }

  /** The account that this target was last seen to be. */
  get accountId(): string | undefined {
    return this.accounts[this.key];
  }

  /** True if AWS may be called without the user asking for it: always for a sandbox, else once the user has connected with this profile. */
  get mayCallAws(): boolean {
    return this.isSandbox || this.accountId !== undefined;
  }

  /** True while the key of `datalakeadmin` is used instead of the profile. */
  get asAdmin(): boolean {
    return this.globalState.get<string>(asAdminKey) === this.key;
  }

  /** Saves a choice; fires once for all its settings, and gives up the administrator's key in favour of the choice. */
  async choose(target: TargetSettings): Promise<void> {
    this.saving = true;
    try {
      await writeTarget(target);
      await this.globalState.update(asAdminKey, undefined);
    } finally {
      this.saving = false;
    }
    this.changed.fire();
  }

  /**
   * Makes a connection for one operation and closes it afterwards, so that renewed credentials are taken up at once.
   *
   * @throws what `connectTarget` throws: a stopped sandbox, a wrong region, a wrong endpoint.
   */
  async use<T>(run: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.open(signal);
    try {
      return await run(connection);
    } finally {
      connection.close();
    }
  }

  /** The same for whoever makes many calls and closes it himself. */
  async open(signal?: AbortSignal): Promise<Connection> {
    const { connectTarget, connect } = await import('./core.ts');
    const key = this.asAdmin ? await this.adminKey() : undefined;
    const connection = await connectTarget({ ...this.target, target: this.isSandbox ? 'sandbox' : 'aws', ...readSandbox(), onLimitation: (what) => this.noteLimitation(what), onSlow: this.onSlow, ...(key && { credentials: key }), ...(signal && { signal }) });
    // The sandbox's connection brings credentials of its own.
    return key && connection.options.credentials !== key ? connect({ ...connection.options, credentials: key }) : connection;
  }

  /** Every connection is told anew of what the sandbox lacks; the user once a session. */
  private noteLimitation(what: string): void {
    if (!this.limitations.has(what)) {
      this.limitations.add(what);
      this.onLimitation(what);
    }
  }

  /** Learns the account of our own sandbox, if it runs, from a file and a local question: neither AWS nor its SDK is needed for it. */
  async recogniseSandbox(): Promise<void> {
    if (this.isOwnSandbox && this.accountId === undefined && vscode.workspace.isTrusted) {
      const { sandboxStatus } = await import('../sandbox/control/sandbox.ts');
      const { state, accountId } = await sandboxStatus({ state: readSandbox().state });
      if (state === 'running' && this.isOwnSandbox) {
        await this.globalState.update(accountsKey, { ...this.accounts, [this.key]: accountId });
      }
    }
  }

  /** Asks who we are, and remembers the account. */
  async identify(connection: Connection): Promise<Identity> {
    const identity = await connection.identity();
    if (this.accountId !== identity.accountId) {
      await this.globalState.update(accountsKey, { ...this.accounts, [this.key]: identity.accountId });
      this.changed.fire();
    }
    return identity;
  }

  /** The access key of `datalakeadmin` that is kept for this target. */
  async adminKey(): Promise<AwsCredentialIdentity | undefined> {
    const kept = await this.secrets.get(secretKey(this.key));
    return kept === undefined ? undefined : (JSON.parse(kept) as AwsCredentialIdentity);
  }

  /** Keeps an access key of `datalakeadmin` and uses it from now on. */
  async actAsAdmin(key: AwsCredentialIdentity): Promise<void> {
    await this.secrets.store(secretKey(this.key), JSON.stringify(key));
    await this.globalState.update(asAdminKey, this.key);
    this.changed.fire();
  }

  /** Goes back to the profile; `forget` also removes the key from this machine. */
  async actAsSelf(forget: boolean): Promise<void> {
    await this.globalState.update(asAdminKey, undefined);
    if (forget) {
      await this.secrets.delete(secretKey(this.key));
    }
    this.changed.fire();
  }

  private get accounts(): Readonly<Record<string, string>> {
    return this.globalState.get<Record<string, string>>(accountsKey) ?? {};
  }

  /** Names whose account it is, whatever the region. */
  private get key(): string {
    const { target, profile, endpoint } = this.target;
    return [target, profile ?? '', endpoint ?? ''].join('|');
  }
}
