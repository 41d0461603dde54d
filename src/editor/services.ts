import * as vscode from 'vscode';
import type { UserError } from '../errors.ts';
import type { ProbedVerdicts } from '../provision/verify.ts';
import type { ConnectionModel } from './connectionModel.ts';
import type { Documents } from './documents.ts';
import type { Activity } from './panels/activity.ts';
import type { Panels } from './panels/panels.ts';
import type { Results } from './panels/results.ts';
import type { Queue } from './queue.ts';
import type { InstalledTutorials } from './tutorials/installed.ts';
import type { Sidebar } from './trees/views.ts';
import type { ActiveTutorial } from './activeTutorial.ts';
import type { StepsModel } from './stepsModel.ts';

/** What commands work with. */
export interface Services {
  readonly model: ConnectionModel;
  /** The tutorial that everything works on. */
  readonly tutorial: ActiveTutorial;
  /** What the account was last seen to hold of its steps. */
  readonly steps: StepsModel;
  readonly log: vscode.LogOutputChannel;
  /** Operations that change an account run one after the other. */
  readonly queue: Queue;
  /** What trial calls showed in this session, by account and region, and by tutorial: what one asks of a kind of resource may not be what another does. A check that nobody asked for takes these results over. */
  readonly probed: (targetKey: string, tutorialKey: string) => ProbedVerdicts;
  readonly sidebar: Sidebar;
  readonly documents: Documents;
  /** Tutorials that other extensions bring. */
  readonly installed: InstalledTutorials;
  /** What an operation that is under way does, thing by thing. */
  readonly activity: Activity;
  /** The panels that show pictures. */
  readonly panels: Panels;
  /** The rows that a grid shows. */
  readonly results: Results;
  readonly failures: vscode.EventEmitter<UserError>;
}
