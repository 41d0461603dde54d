import { setMaxListeners } from 'node:events';
import * as l10n from '@vscode/l10n';
import type { Connection } from '../aws/connection.ts';
import { AwsError, explain } from '../aws/errors.ts';
import { everyPage } from '../aws/every-page.ts';
import type { Identity } from '../aws/identity.ts';
import { ExitCode, UserError, isCancellation, messageOf, sentences } from '../errors.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import { requireGlueVersion } from '../resources/glue.ts';
import type { Context, Finding, Found, ResourceKind } from '../resources/kind.ts';
import { deriveNames, type Names } from '../resources/names.ts';
import { Unknowable, patient, tagKeys } from '../resources/support.ts';
import type { Step, Tutorial } from '../tutorial/model.ts';
import { resolveVariables } from '../tutorial/variables.ts';

/** What an operation on a tutorial's resources is given. */
export interface ProvisionOptions {
  readonly tutorial: Tutorial;
  readonly connection: Connection;
  /** Values for the tutorial's variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Only these steps; without it, all. */
  readonly steps?: readonly string[];
  /** Consent to QuickSight's monthly cost. The sandbox implies it. */
  readonly quicksight?: boolean;
  readonly signal?: AbortSignal;
  /** Reads a program that is uploaded: `jobs/ingest.py`, `lambda/inserter.zip`. */
  readonly assets: (path: string) => Promise<Uint8Array>;
  readonly onProgress?: (event: ProgressEvent) => void;
}

export interface ProgressEvent {
  readonly resource: string;
  readonly step: string;
  readonly title: string;
  readonly state: 'reading' | 'creating' | 'updating' | 'adopting' | 'removing' | 'waiting' | 'done' | 'failed';
  readonly message?: string;
  readonly completed: number;
  readonly total: number;
}

/** A resource of the tutorial: a kind, the step that asks for it, and its parameters. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly step: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const byId: ReadonlyMap<string, ResourceKind> = new Map(catalogue.map((kind) => [kind.id, kind]));

/** Looks up a kind by the name that `provisions=` uses. */
export function findKind(id: string): ResourceKind | undefined {
  return byId.get(id);
}

/** Ids of what a kind depends on directly. */
export const dependencies = (kind: ResourceKind): readonly ResourceKind[] => (kind.dependsOn ?? []) as unknown as readonly ResourceKind[];

/** Ids of what a trial of a kind needs beside that. */
export const reliances = (kind: ResourceKind): readonly ResourceKind[] => (kind.reliesOn ?? []) as unknown as readonly ResourceKind[];

/**
 * The resources that a tutorial's steps ask for, in the steps' order.
 *
 * `withNeeds` adds what they depend on, even where the tutorial does not name it (a step is named by the first that would need it).
 *
 * @throws UserError `step.unknown`, `kind.unknown`.
 */
export function resourcesOf(tutorial: Tutorial, steps: readonly string[] | undefined, withNeeds: boolean): Resource[] {
  const known = new Set(tutorial.steps.map(({ id }) => id));
  for (const id of steps ?? []) {
    if (!known.has(id)) {
      throw new UserError('step.unknown', l10n.t('The tutorial has no step "{0}".', id), {
        next: l10n.t('Its steps are: {0}.', [...known].join(', ')),
        exit: ExitCode.usage,
      });
    }
  }
  const all = new Map<string, Resource>();
  for (const step of tutorial.steps) {
    for (const provision of step.provisions) {
      const kind = byId.get(provision.kind);
      if (!kind) {
        throw new UserError('kind.unknown', l10n.t('The step "{0}" asks for "{1}", which is no kind of resource.', step.id, provision.kind), {
          next: l10n.t('The kinds are: {0}.', [...byId.keys()].join(', ')),
          exit: ExitCode.usage,
        });
      }
      if (!all.has(kind.id)) {
        all.set(kind.id, { kind, step: step.id, parameters: provision.parameters });
      }
    }
  }
  const chosen = new Map<string, Resource>();
  const add = (resource: Resource): void => {
    if (chosen.has(resource.kind.id)) {
      return;
    }
    if (withNeeds) {
      for (const needed of dependencies(resource.kind)) {
        add(all.get(needed.id) ?? { kind: needed, step: resource.step, parameters: {} });
      }
    }
    chosen.set(resource.kind.id, resource);
  };
  for (const resource of all.values()) {
    if (!steps || steps.includes(resource.step)) {
      add(resource);
    }
  }
  return [...chosen.values()];
}

/** How a tutorial says what its steps provision, for one in which no step does. */
export function howToDeclare({ steps }: Tutorial): string | undefined {
  if (steps.some(({ provisions }) => provisions.length > 0)) {
    return undefined;
  }
  return sentences(
    l10n.t('No step of this tutorial says what it provisions.'),
    l10n.t('Write it below a step\'s heading, as a comment: {0}', '<!-- lake:step id=lake provisions=bucket,zones -->'),
    l10n.t('The kinds are: {0}.', [...byId.keys()].join(', ')),
  );
}

/** The longest chain of dependencies: the number of rounds that an `up` from nothing cannot do without. */
export function graphDepth(resources: readonly Resource[]): number {
  const depth = new Map<string, number>();
  const of = (kind: ResourceKind): number => {
    let value = depth.get(kind.id);
    if (value === undefined) {
      value = 1 + Math.max(0, ...dependencies(kind).map(of));
      depth.set(kind.id, value);
    }
    return value;
  };
  return Math.max(0, ...resources.map(({ kind }) => of(kind)));
}

/** Loads the clients that these resources' calls take, while something else is waited for. */
export function preload(connection: Connection, resources: readonly Resource[]): void {
  connection.preload(new Set(resources.flatMap(({ kind }) => kind.actions.read.map((action) => action.split(':')[0] ?? ''))));
}

export type Observation =
  | { readonly kind: 'found'; readonly found: Found<unknown> }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It may be there: whoever looked was not allowed to. Unlike `unknown`, which is the endpoint's doing, this can be mended. */
  | { readonly kind: 'denied'; readonly error: UserError }
  /** Reading it showed something that the user must mend. */
  | { readonly kind: 'error'; readonly error: UserError };

/** One operation's view of the account: who calls, what the names are, and what was observed, each resource read once. */
export class AccountView {
  readonly names: Names;
  readonly signal: AbortSignal;
  private readonly observations = new Map<string, Promise<Observation>>();
  private readonly current = new Map<string, Promise<unknown>>();
  private readonly assetCache = new Map<string, Promise<Uint8Array>>();
  private completed = 0;
  private total = 0;

  /** The connection, with lists whole: what stands on a second page is there too. */
  private readonly everything: Connection;

  private constructor(
    readonly options: ProvisionOptions,
    readonly connection: Connection,
    readonly identity: Identity,
    readonly variables: Readonly<Record<string, string>>,
  ) {
    this.signal = options.signal ?? new AbortController().signal;
    this.everything = everyPage(connection);
    this.names = deriveNames(options.tutorial.id, identity, connection.options.region, variables);
  }

  /**
   * Asks who calls and resolves the tutorial's variables.
   *
   * @throws UserError for values that do not fit, and for all that keeps the identity from being known.
   */
  static async open(options: ProvisionOptions): Promise<AccountView> {
    options.signal?.throwIfAborted();
    // Many calls listen to one signal; that is no leak.
    if (options.signal) {
      setMaxListeners(0, options.signal);
    }
    const connection = options.signal ? options.connection.withSignal(options.signal) : options.connection;
    const { values, problems } = resolveVariables(options.tutorial, { ...options.variables });
    const [problem] = problems;
    if (problem) {
      throw new UserError('variable.invalid', problem.message, { next: l10n.t('Correct the value given with --var or in the settings.'), exit: ExitCode.usage });
    }
    requireGlueVersion(values);
    return new AccountView(options, connection, await connection.identity(), values);
  }

  get quicksight(): boolean {
    return this.options.quicksight === true || this.connection.options.target === 'sandbox';
  }

  /** True for what the user has not consented to and is therefore left out. */
  isLeftOut(kind: ResourceKind): boolean {
    return kind.consent === 'quicksight' && !this.quicksight;
  }

  /** Reads a resource once. Never rejects, but for a cancellation. */
  observe(resource: Resource): Promise<Observation> {
    let observation = this.observations.get(resource.kind.id);
    if (!observation) {
      observation = this.read(resource);
      this.observations.set(resource.kind.id, observation);
    }
    return observation;
  }

  /** Reads a resource once more, after something has changed that the first look depended on. */
  observeAgain(resource: Resource): Promise<Observation> {
    this.observations.delete(resource.kind.id);
    return this.observe(resource);
  }

  /**
   * Nothing is provisioned beside a lake in another region: its users and roles would be rewritten for this one.
   *
   * @throws UserError `region.elsewhere`.
   */
  async requireHere(resources: readonly Resource[]): Promise<void> {
    for (const resource of resources) {
      const observation = await this.observe(resource);
      if (observation.kind === 'found' && observation.found.owner === 'elsewhere') {
        throw elsewhere(resource.kind, observation.found.region ?? '');
      }
    }
  }

  /** Says what a resource is now, after it was created or updated. */
  settle(kind: ResourceKind, state: Promise<unknown>): void {
    state.catch(() => undefined);
    this.current.set(kind.id, state);
  }

  async check(resource: Resource, state: unknown, mode: 'observed' | 'applied'): Promise<Finding[]> {
    return (await resource.kind.check?.(this.context(resource, mode), state)) ?? [];
  }

  /** @param patience see {@link Context.patience} */
  context(resource: Resource, mode: 'observed' | 'applied', patience?: number): Context {
    const get = async <State>(kind: ResourceKind<State>): Promise<State | undefined> => {
      const applied = mode === 'applied' ? this.current.get(kind.id) : undefined;
      if (applied) {
        return (await applied) as State | undefined;
      }
      const observation = await this.observe(this.resourceOf(kind as unknown as ResourceKind));
      // Denied is not absent: what is read by way of it cannot be looked at either.
      if (observation.kind === 'error' || observation.kind === 'denied') {
        throw observation.error;
      }
      return observation.kind === 'found' ? (observation.found.state as State) : undefined;
    };
    const context: Context = {
      aws: this.everything,
      identity: this.identity,
      names: this.names,
      parameters: resource.parameters,
      tags: { [tagKeys.tutorial]: this.names.tutorial, [tagKeys.step]: resource.step, [tagKeys.region]: this.names.region },
      signal: this.signal,
      ...(patience !== undefined && { patience }),
      assets: (path) => {
        let asset = this.assetCache.get(path);
        if (!asset) {
          asset = this.options.assets(path);
          this.assetCache.set(path, asset);
        }
        return asset;
      },
      get,
      need: async (kind) => {
        const state = await get(kind);
        if (state === undefined) {
          throw new UserError('resource.needed', l10n.t('{0} is needed and is not there.', kind.title()), { next: l10n.t('Provision the steps before this one first.') });
        }
        return state;
      },
      progress: (message) => this.report(resource, 'waiting', message),
    };
    return { ...context, aws: patient(context) };
  }

  private resources: Map<string, Resource> | undefined;
  /** The resource of a kind, with the step that the tutorial gives it. */
  resourceOf(kind: ResourceKind): Resource {
    this.resources ??= new Map(resourcesOf(this.options.tutorial, undefined, true).map((resource) => [resource.kind.id, resource]));
    return this.resources.get(kind.id) ?? { kind, step: '', parameters: {} };
  }

  expect(total: number): void {
    this.total = total;
  }

  report(resource: Resource, state: ProgressEvent['state'], message?: string): void {
    if (state === 'done' || state === 'failed') {
      this.completed++;
    }
    this.options.onProgress?.({
      resource: resource.kind.id, step: resource.step, title: resource.kind.title(), state, ...(message !== undefined && { message }), completed: this.completed, total: this.total,
    });
  }

  /** A failure in words; cancellations are thrown on. */
  failure(error: unknown): UserError {
    this.signal.throwIfAborted();
    if (isCancellation(error)) {
      throw error;
    }
    if (UserError.is(error)) {
      return error;
    }
    return AwsError.is(error) ? explain(error, this.connection.options) : new UserError('internal', l10n.t('Something unexpected happened.'), { why: messageOf(error), next: l10n.t('Run the same again; if it stays, report it with the log.'), cause: error });
  }

  private async read(resource: Resource): Promise<Observation> {
    const look = () => resource.kind.read(this.context(resource, 'observed'));
    try {
      // Somebody may remove a thing between two calls about it: then it is not there, which a second look sees.
      const found = await look().catch((error: unknown) => (AwsError.is(error, 'notFound') ? look() : Promise.reject(error as Error)));
      return found ? { kind: 'found', found } : { kind: 'missing' };
    } catch (error) {
      if (error instanceof Unknowable) {
        return { kind: 'unknown', reason: error.message };
      }
      if (AwsError.is(error, 'unimplemented')) {
        return { kind: 'unknown', reason: explain(error, this.connection.options).message };
      }
      const failure = this.failure(error);
      return { kind: failure.code === 'aws.denied' ? 'denied' : 'error', error: failure };
    }
  }
}

/** Whose lake a thing of another region's is, and what to do: IAM has one set of names for all regions, so an account has room for one lake. */
export function elsewhere({ title }: Pick<ResourceKind, 'title'>, region: string): UserError {
  return new UserError('region.elsewhere', l10n.t('{0} belongs to the tutorial\'s lake in {1}, and users and roles are the same in all regions of an account.', title(), region), {
    next: l10n.t('Work in that region (--region {0}, or the setting lakeTutorial.region), or tear that lake down first: down --region {0}.', region),
    exit: ExitCode.usage,
  });
}

/** Why nobody knows whether a thing is there: AWS refused the look, or it failed. What we say ourselves, such as that there is no network, is no such reason. */
export function unseenBecause(observation: Observation): UserError | undefined {
  return observation.kind === 'denied' || (observation.kind === 'error' && AwsError.is(observation.error.cause)) ? observation.error : undefined;
}

/** True for errors after which nothing else can work either: no use in one message a resource. */
export function isFatal(error: UserError): boolean {
  return ['aws.unreachable', 'aws.expired', 'aws.credentials', 'aws.notActivated'].includes(error.code);
}

export const stepsOf = (tutorial: Tutorial, steps: readonly string[] | undefined): Step[] =>
  tutorial.steps.filter(({ id }) => (steps ? steps.includes(id) : true));
