import * as vscode from 'vscode';
import type { UserError } from '../errors.ts';
import type { ProbedVerdicts } from '../provision/verify.ts';
import type { ConnectionModel } from './connectionModel.ts';
import type { Documents } from './documents.ts';
import type { Queue } from './queue.ts';
import type { InstalledTutorials } from './tutorials/installed.ts';
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
  /** Tutorials that other extensions bring. */
  readonly installed: InstalledTutorials;
  readonly failures: vscode.EventEmitter<UserError>;
}
