import * as l10n from '@vscode/l10n';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languages } from '../languages.generated.ts';

/** What a language says: each English text with what it is there. */
export type Bundle = Readonly<Record<string, string>>;

/** What the pages and buttons of a walkthrough say beside the tutorial's own text, in the language that is set. */
export function walkthroughTexts() {
  return {
    provision: l10n.t('Provision'),
    verify: l10n.t('Verify'),
    connect: l10n.t('Connect'),
    tearDown: l10n.t('Tear Down'),
    reveal: l10n.t('Show in Sidebar'),
    copy: l10n.t('Copy'),
    provisions: l10n.t('What the button provisions'),
    lookedAt: l10n.t('only looked at'),
    consent: l10n.t('only with your consent to its monthly cost'),
    actions: l10n.t('IAM actions that this takes'),
    cost: l10n.t('What it costs'),
    hour: l10n.t('USD an hour'),
    run: l10n.t('USD a run of the workflow'),
    /** `{0}` is the command that opens the step's text. */
    read: l10n.t('What to do by hand, what can fail, what it costs: [read the step]({0}).'),
    /** The same for an author's tutorial, of which nobody knows what it tells. */
    readPage: l10n.t('All of this step: [read it]({0}).'),
  };
}

export type WalkthroughTexts = ReturnType<typeof walkthroughTexts>;

/** Does something at once with a language's texts, and sets the current language's again. */
export function inLanguage<T>(bundle: Bundle, current: Bundle, work: () => T): T {
  l10n.config({ contents: { ...bundle } });
  try {
    return work();
  } finally {
    l10n.config({ contents: { ...current } });
  }
}

/** What we say in a language; English where we do not speak it. `root` is our own package's folder. */
export async function readBundle(root: string, language: string): Promise<Bundle> {
  const spoken = languages.find((each) => each === language.toLowerCase().split('-')[0]);
  return spoken === undefined || spoken === 'en' ? {} : (JSON.parse(await readFile(join(root, 'l10n', `bundle.l10n.${spoken}.json`), 'utf8')) as Bundle);
}
