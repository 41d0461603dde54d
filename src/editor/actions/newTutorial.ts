import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { copiedTutorial, emptyTutorial } from '../../authoring/scaffold.ts';
import { UserError } from '../../errors.ts';
import { inLanguage, readBundle } from '../../export/texts.ts';
import { languages, type Language } from '../../languages.generated.ts';
import { packageRoot } from '../../shell.ts';
import { pick } from '../prompts.ts';
import { language as editorLanguage } from '../settings.ts';

interface NewArguments {
  readonly from?: 'empty' | 'builtIn' | undefined;
  readonly language?: string | undefined;
}

/** Opens a new tutorial, in no file yet: an empty one, or the built-in one to be made another of. */
export async function newTutorial(values: NewArguments): Promise<vscode.Uri> {
  const from = values.from ?? (await pick([
    { label: l10n.t('Empty'), detail: l10n.t('Three steps with all of the markup: a bucket, its zones, and how they are removed.'), from: 'empty' as const },
    { label: l10n.t('From the built-in tutorial'), detail: l10n.t('All of its steps, to change and to leave out.'), from: 'builtIn' as const },
  ], l10n.t('New lake tutorial'))).from;
  const language = values.language === undefined ? await pickLanguage() : known(values.language);
  const root = packageRoot();
  const content = from === 'empty'
    ? inLanguage(await readBundle(root, language), vscode.l10n.bundle ?? {}, emptyTutorial)
    : copiedTutorial(await readFile(join(root, 'walkthroughs', `data-lake.${language}.md`), 'utf8'));
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
  return document.uri;
}

/** The editor's own language first. */
async function pickLanguage(): Promise<Language> {
  const names = new Intl.DisplayNames([vscode.env.language], { type: 'language' });
  const own = editorLanguage();
  const items = [...languages].sort((a, b) => Number(b === own) - Number(a === own)).map((language) => ({ label: names.of(language) ?? language, description: language, language }));
  return (await pick(items, l10n.t('In which language?'))).language;
}

function known(given: string): Language {
  const language = languages.find((each) => each === given);
  if (!language) {
    throw new UserError('language.unknown', l10n.t('There is no tutorial in the language "{0}".', given), { next: l10n.t('There are: {0}.', languages.join(', ')) });
  }
  return language;
}
