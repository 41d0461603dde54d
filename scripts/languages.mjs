// The languages that there are, and what each says. A language is there when the built-in tutorial is in it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The language that texts are written in, in the code as in the tutorial. */
export const original = 'en';

/** The languages of the built-in tutorial, English first. */
export async function languagesOf(root) {
  const languages = (await readdir(join(root, 'walkthroughs'))).flatMap((file) => /^data-lake\.([\w-]+)\.md$/.exec(file)?.[1] ?? []).sort();
  return [original, ...languages.filter((language) => language !== original)];
}

/** A language's part: each English text with what it is there. */
const readPart = async (root, part, language) => JSON.parse(await readFile(join(root, 'l10n/parts', `${part}.${language}.json`), 'utf8'));

/** What is needed only to generate the manifest is a part of its own: nothing of it is said at run time. */
const manifestPart = 'manifest';

/** What a language says at run time: the sum of its parts, sorted. */
export async function readBundle(root, language) {
  const parts = (await readdir(join(root, 'l10n/parts'))).flatMap((file) => (file.endsWith(`.${original}.json`) ? [] : /^(.+)\.([\w-]+)\.json$/.exec(file)?.slice(1, 3).join('.') ?? []));
  const names = [...new Set(parts.map((name) => name.replace(/\.[\w-]+$/, '')))].filter((name) => name !== manifestPart).sort();
  const merged = Object.assign({}, ...(await Promise.all(names.map((name) => readPart(root, name, language)))));
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What says the manifest's texts in one language, with `{0}`, `{1}` … filled in.
 *
 * `check()` throws when a text had no translation, or a translation no text.
 */
export async function translator(root, language) {
  const texts = language === original ? {} : await readPart(root, manifestPart, language);
  const used = new Set();
  const translate = (text, ...values) => {
    used.add(text);
    return (texts[text] ?? text).replace(/\{(\d)\}/g, (placeholder, at) => values[at] ?? placeholder);
  };
  const check = () => {
    if (language === original) return;
    const problems = [
      ...[...used].filter((text) => texts[text] === undefined).map((text) => `lacks: ${text}`),
      ...Object.keys(texts).filter((text) => !used.has(text)).map((text) => `has what nothing uses: ${text}`),
    ];
    if (problems.length > 0) throw new Error(problems.map((problem) => `l10n/parts/${manifestPart}.${language}.json ${problem}`).join('\n'));
  };
  return Object.assign(translate, { check });
}
