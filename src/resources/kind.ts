import type { Connection } from '../aws/connection.ts';
import type { Identity } from '../aws/identity.ts';
import type { Names } from './names.ts';
import type { TreePath } from './tree-path.ts';

/** Something `verify` found: a stable code, what is the case, and what to do about it. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Set when only the learner can mend it: `update` is not called for it. */
  readonly byHand?: true;
  /** Set when nobody can tell yet, or at this endpoint, rather than that something is wrong: there is nothing to mend. */
  readonly unknown?: true;
  /** Set when nothing is wrong, and what it is for is still to come: no row yet, no run yet. */
  readonly waiting?: true;
  /** What was looked at, what was found there and what should be, in words for a learner, where it can be said better than the kind and the message do. */
  readonly looked?: string;
  readonly found?: string;
  readonly expected?: string;
}

/** Whether `update` is called for a finding. */
export const isMendable = ({ byHand, unknown, waiting }: Finding): boolean => !byHand && !unknown && !waiting;

/** How to see what has come of a thing that is as it should be: what it is there for. Runs in `verify` only, so that `up` ends whether or not there is a result. */
export interface Result {
  /** What is still to come, or did not. Cheap: reads only. */
  check(context: Context): Promise<Finding[]>;
  /** What only trying it shows; for when `check` found nothing. */
  probe?(context: Context): Promise<Finding[]>;
  /** Nothing is known without the trial, and AWS charges for it. */
  readonly charged?: true;
}

/**
 * Whose a found thing is.
 * - `ours`: provisioned by this tutorial; `down` removes it.
 * - `adopted`: the learner's own, taken over on consent; `up` repairs it, `down` leaves it.
 * - `foreign`: has our name but was not made by us; adopted on consent, else left alone.
 * - `shared`: belongs to the account (default VPC, service-linked role); neither adopted nor removed.
 * - `elsewhere`: in use by the tutorial's lake in another region of the account; nothing may be provisioned on it from here.
 */
export type Owner = 'ours' | 'adopted' | 'foreign' | 'shared' | 'elsewhere';

export interface Found<State> {
  readonly owner: Owner;
  /** Of what has no region itself (users, roles): the region of the lake that it belongs to. */
  readonly region?: string | undefined;
  readonly state: State;
}

/**
 * A thing's place on the data's way, for pictures: where data comes to it from and goes to (ids of kinds, or parts of one), and what stands between the two:
 * the route, the rule, the grant or the trigger without which nothing gets through. Each way is told by one of its ends.
 */
export interface Flow {
  readonly from?: Readonly<Record<string, readonly string[]>>;
  readonly to?: Readonly<Record<string, readonly string[]>>;
}

export interface Cost<State = unknown> {
  /** USD an hour while it exists. */
  readonly perHour?: number;
  /** USD for each run of the workflow. */
  readonly perRun?: number;
  /** What it is charged for; localized. */
  readonly what: () => string;
  /** How many times it is charged for what was found: not while it is stopped, twice where there are two. Once without it. */
  times?(state: State): number;
}

/** What a resource kind gets to work with. */
export interface Context {
  readonly aws: Connection;
  readonly identity: Identity;
  readonly names: Names;
  /** Parameters that the tutorial's step gives to this kind. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Tags that mark a thing as ours. */
  readonly tags: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Where the programs that are uploaded lie (job scripts, the Lambda's zip). */
  readonly assets: (path: string) => Promise<Uint8Array>;
  /** The state of another resource: as observed while reading and checking, as it now is while creating and updating. */
  get<State>(kind: ResourceKind<State>): Promise<State | undefined>;
  /** Like {@link get} where the dependency guarantees that it is there. */
  need<State>(kind: ResourceKind<State>): Promise<State>;
  /** Says what is being waited for. */
  progress(message: string): void;
  /** The longest wait in milliseconds that makes sense: what is waited for may never come. Without it each wait has its own. */
  readonly patience?: number;
}

/**
 * One kind of resource: everything there is to know about it. Plan, apply, verify, teardown, costs, policies and documents derive from these.
 *
 * Operations must be safe to repeat: a killed `up` is simply run again.
 */
export interface ResourceKind<State = unknown> {
  readonly id: string;
  readonly title: () => string;
  /** AWS's name for its type, for icons and documents: `AWS::S3::Bucket`. */
  readonly type: string;
  readonly dependsOn?: readonly ResourceKind<never>[];
  /** What else must be in order for a trial of it to succeed: a trial that fails then only follows from that. */
  readonly reliesOn?: readonly ResourceKind<never>[];
  /** Its place on the data's way. Absent for what data does not pass through. */
  readonly flow?: Flow;
  /** What it consists of, where data passes through each by itself. */
  readonly parts?: readonly string[];
  /** The parameters that a step can give it, each with an example. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Only provisioned when the user consents to its monthly cost. */
  readonly consent?: 'quicksight';
  /** Only a data lake administrator may make it, and root cannot be one. */
  readonly asLakeAdmin?: true;
  readonly costs?: readonly Cost<State>[];
  /** Since when what was found is charged, where AWS tells. */
  since?(context: Context, state: State): Date | undefined | Promise<Date | undefined>;
  /** IAM actions that its operations call. */
  readonly actions: { readonly read: readonly string[]; readonly write?: readonly string[]; readonly remove?: readonly string[]; readonly result?: readonly string[] };
  /** Path of its page below the console's host, without leading slash. */
  readonly console?: (context: Pick<Context, 'names' | 'identity'>) => string;
  /** Its name as a part of a workflow's run. Absent for what no workflow starts. */
  readonly runsAs?: (context: Pick<Context, 'names'>) => string;
  /** Where the sidebar shows it. Absent for what its trees do not show. */
  readonly sidebar?: (context: Pick<Context, 'names'>) => TreePath;
  /** Looks for it; undefined when it is not there. */
  read(context: Context): Promise<Found<State> | undefined>;
  /** What is not as it should be and `update` can mend. Cheap: runs in every plan. */
  check?(context: Context, state: State): Finding[] | Promise<Finding[]>;
  /** Reading it tries something out, such as a command on the instance: a look that nobody asked for leaves it out, like `probe`. */
  readonly readTries?: true;
  /** What only trying it shows (a connection test, rows that rise). Runs in `verify` only. */
  probe?(context: Context, state: State): Promise<Finding[]>;
  /** What has come of it. Absent for what is done when it is there. */
  readonly result?: Result;
  /** Absent for what cannot be provisioned, only looked at. */
  create?(context: Context): Promise<State>;
  update?(context: Context, state: State, findings: readonly Finding[]): Promise<State>;
  /** What taking a found thing over changes beside what `check` finds in it, for the consent; localized. */
  readonly adoption?: (context: Context) => readonly string[];
  /** Marks a found thing as adopted, and changes nothing else. */
  adopt?(context: Context, state: State): Promise<void>;
  remove?(context: Context, state: State): Promise<void>;
  /** Fails, as `remove` would, at an endpoint that implements no removal of it, and changes nothing. Absent where all endpoints do. */
  removable?(context: Context): Promise<void>;
  /** Why it stays when everything is removed; localized. */
  readonly stays?: () => string;
}

/** Gives a kind its types; `dependsOn` and `reliesOn` take any kinds. */
export function defineKind<State>(
  kind: Omit<ResourceKind<State>, 'dependsOn' | 'reliesOn'> & { readonly dependsOn?: readonly { readonly id: string }[]; readonly reliesOn?: readonly { readonly id: string }[] },
): ResourceKind<State> {
  return kind as unknown as ResourceKind<State>;
}
