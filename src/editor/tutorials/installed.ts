import * as vscode from 'vscode';
import { exportedWalkthroughId, installedField, installedKey } from '../../export/installed.ts';
import type { VerifiedStep } from '../../provision/verify.ts';
import type { Tutorial } from '../../tutorial/model.ts';
import { Recheck } from '../recheck.ts';
import { Ticker } from './ticker.ts';

// Tutorials that other extensions bring, as "Export as Walkthrough Extension" makes them. Theirs is the walkthrough; provisioning, verifying and the
// ticks are ours. Nothing is read or loaded before one is there and somebody looks.

/** A tutorial that an installed extension brings, in the editor's language as far as it is in it. */
export interface InstalledTutorial {
  /** What its buttons and context keys call it. */
  readonly key: string;
  readonly extension: vscode.Extension<unknown>;
  readonly file: vscode.Uri;
  /** Its walkthrough's steps in order, each with the step of the tutorial. */
  readonly steps: readonly { readonly id: string; readonly step: string }[];
}

interface Contributed {
  readonly contributes?: { readonly walkthroughs?: readonly { readonly id?: string; readonly steps?: readonly { readonly id: string }[] }[] };
}

/** All that are installed and understood. */
export function installedTutorials(): InstalledTutorial[] {
  return vscode.extensions.all.flatMap((extension): InstalledTutorial[] => {
    const field = installedField(extension.packageJSON);
    const shown = (extension.packageJSON as Contributed).contributes?.walkthroughs?.find(({ id }) => id === exportedWalkthroughId)?.steps;
    if (!field || !shown) {
      return [];
    }
    const wanted = vscode.env.language.toLowerCase();
    const text = field.tutorials.find(({ language }) => language.toLowerCase() === wanted) ?? field.tutorials.find(({ language }) => language.toLowerCase().split('-')[0] === wanted.split('-')[0]) ?? field.tutorials[0];
    return text ? [{ key: field.key, extension, file: vscode.Uri.joinPath(extension.extensionUri, text.file), steps: shown.flatMap(({ id }, index) => (text.steps[index] === undefined ? [] : [{ id, step: text.steps[index] }])) }] : [];
  });
}

/** Looks at the account for a tutorial; undefined when that is not possible just now, nothing when there is no account to look at. */
export type LookAt = (tutorial: InstalledTutorial, asked: boolean) => Promise<readonly Pick<VerifiedStep, 'id' | 'state'>[] | undefined>;

/** The ticks of installed tutorials: a step is done while the account shows it. */
export class InstalledTutorials implements vscode.Disposable {
  private readonly ticker: Ticker;
  private readonly looks = new Recheck((asked) => this.lookNow(asked));

  constructor(
    private readonly look: LookAt,
    /** True while somebody may see a walkthrough: nobody else sees the ticks, and a look takes many calls. */
    private readonly isWatched: () => boolean,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.ticker = new Ticker(log);
  }

  dispose(): void {
    this.ticker.dispose();
    this.looks.dispose();
  }

  /** The context keys of the steps that are ticked. */
  ticks(): readonly string[] {
    return this.ticker.ticks();
  }

  /** Resolves when no look is under way. */
  settled(): Promise<void> {
    return this.looks.settled();
  }

  /** Looks again soon, where somebody sees it. */
  check(asked = false): void {
    if (this.isWatched()) {
      this.looks.check(asked);
    }
  }

  /** Takes over what a verification found. */
  async accept({ key, extension, steps }: InstalledTutorial, verified: readonly Pick<VerifiedStep, 'id' | 'state'>[]): Promise<void> {
    await Promise.all(verified.flatMap(({ id, state }) => steps.filter(({ step }) => step === id).map((shown) =>
      this.ticker.tick({ id: `${extension.id}#${exportedWalkthroughId}#${shown.id}`, contextKey: installedKey(key, shown.id) }, state === 'done'))));
  }

  private async lookNow(asked: boolean): Promise<void> {
    for (const tutorial of installedTutorials()) {
      try {
        const seen = await this.look(tutorial, asked);
        if (seen) {
          await this.accept(tutorial, seen);
        }
      } catch (error) {
        this.log.debug(`${tutorial.key} not re-checked: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

/** The tutorial's text, parsed. */
export async function readInstalled({ file }: InstalledTutorial): Promise<Tutorial> {
  return (await import('../core.ts')).loadTutorial({ file: file.fsPath });
}
