import * as vscode from 'vscode';
import type { UserError } from '../errors.ts';
import type { ProbedVerdicts } from '../provision/verify.ts';
import type { ConnectionModel } from './connectionModel.ts';
import type { Documents } from './documents.ts';
import type { Queue } from './queue.ts';
import type { TreeNode } from './trees/tree.ts';
import type { Sidebar } from './trees/views.ts';
import type { WalkthroughState } from './walkthroughState.ts';

/** What commands work with. */
export interface Services {
  readonly model: ConnectionModel;
  readonly walkthrough: WalkthroughState;
  readonly log: vscode.LogOutputChannel;
  /** Operations that change an account run one after the other. */
  readonly queue: Queue;
  /** What trial calls showed in this session, by account and region. A check that nobody asked for takes these results over. */
  readonly probed: (targetKey: string) => ProbedVerdicts;
  readonly sidebar: Sidebar;
  readonly documents: Documents;
  readonly failures: vscode.EventEmitter<UserError>;
}

/** What a command can be told instead of asking: by a walkthrough's button, a key binding, or a test. */
export interface CommandArguments {
  readonly step?: string;
  /** Agrees to everything but QuickSight's monthly cost. */
  readonly yes: boolean;
  readonly quicksight: boolean;
  readonly target?: 'sandbox' | 'aws';
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  /** For sign-in as administrator. */
  readonly method?: 'password' | 'key' | 'self' | 'forget';
  readonly controlPlaneOnly: boolean;
  /** How many rows, or scheduled events. */
  readonly count?: number;
  /** The node of the sidebar that a command was called on. */
  readonly node?: TreeNode;
  /** True from a key: the node that has the focus is meant. */
  readonly focused: boolean;
  /** The ids on the way to a node. */
  readonly path?: readonly string[];
  /** Files or a folder on this computer. */
  readonly files?: readonly string[];
  /** SQL to run, and where: the CodeLens knows both. */
  readonly sql?: string;
  /** The name of an IAM policy, the account it is for, and what becomes of it. */
  readonly policy?: string;
  readonly account?: string;
  readonly steps?: readonly string[];
  readonly to?: 'document' | 'cursor' | 'clipboard';
}

/** Reads `(step?, options?)` or `(options)`; what has another type is ignored. */
export function readArguments(values: readonly unknown[]): CommandArguments {
  const [first, second] = values;
  const given = ((typeof first === 'object' ? first : second) ?? {}) as Record<string, unknown>;
  const word = (name: string): string | undefined => (typeof given[name] === 'string' ? given[name] : undefined);
  const step = typeof first === 'string' ? first : word('step');
  const target = word('target');
  const method = word('method');
  const words = (name: string): readonly string[] | undefined => (Array.isArray(given[name]) && given[name].every((each) => typeof each === 'string') ? given[name] : undefined);
  const to = word('to');
  return {
    step,
    yes: given['yes'] === true,
    quicksight: given['quicksight'] === true,
    count: typeof given['count'] === 'number' ? given['count'] : undefined,
    controlPlaneOnly: given['controlPlaneOnly'] === true,
    target: target === 'sandbox' || target === 'aws' ? target : undefined,
    profile: word('profile'),
    node: isNode(first) ? first : undefined,
    focused: given['focused'] === true,
    path: words('path'),
    files: words('files'),
    sql: word('sql'),
    region: word('region'),
    endpoint: word('endpoint'),
    policy: word('policy'),
    account: word('account'),
    steps: words('steps'),
    to: to === 'document' || to === 'cursor' || to === 'clipboard' ? to : undefined,
    method: method === 'password' || method === 'key' || method === 'self' || method === 'forget' ? method : undefined,
  };
}

const isNode = (value: unknown): value is TreeNode => typeof value === 'object' && value !== null && typeof (value as TreeNode).id === 'string' && typeof (value as TreeNode).kind === 'string';
