// What an exported tutorial's extension and ours know of each other. No imports: the editor reads it at activation.

/** The walkthrough's id in every such extension: by it the editor wakes ours when one is opened. */
export const exportedWalkthroughId = 'lakeTutorialOfAuthor';

/** The command that an exported walkthrough's buttons call. */
export const installedCommand = 'lakeTutorial.installedTutorial';

/** What the buttons do with a step. */
export const installedActions = ['provision', 'verify', 'read', 'remove'] as const;
export type InstalledAction = (typeof installedActions)[number];

/** The context key that is true while a step of an exported tutorial is done; ours have no tutorial's key in theirs. */
export const installedKey = (tutorial: string, step: string): string => `lakeTutorial.done.${tutorial}/${step}`;

/** The field `lakeTutorial` of an exported extension's manifest. */
export interface InstalledField {
  readonly version: 1;
  /** What the buttons and the context keys call the tutorial. */
  readonly key: string;
  /** In each language the file, and the ids of its steps in the walkthrough's order. */
  readonly tutorials: readonly { readonly language: string; readonly file: string; readonly steps: readonly string[] }[];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The field of a manifest, where it is one that we understand: its files lie in the extension. */
export function installedField(manifest: unknown): InstalledField | undefined {
  const field = (manifest as { lakeTutorial?: Partial<InstalledField> } | undefined)?.lakeTutorial;
  const isWell = field?.version === 1 && isText(field.key) && Array.isArray(field.tutorials) && field.tutorials.length > 0
    && field.tutorials.every((each: Partial<InstalledField['tutorials'][number]> | null) => isText(each?.language) && isText(each.file) && !/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(each.file) && Array.isArray(each.steps) && each.steps.every(isText));
  return isWell ? (field as InstalledField) : undefined;
}
