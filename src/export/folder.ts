import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, UserError, messageOf } from '../errors.ts';
import { decodeText } from '../tutorial/bytes.ts';
import { readBundle, type Bundle } from './texts.ts';
import { exportTutorial, type Exported, type ExportedFile, type TutorialText } from './tutorial.ts';

/** What says which files of a folder we have written, and how they were then. */
const record = '.lake-tutorial-export.json';
/** The author's from the first time on. */
const placeholders: ReadonlySet<string> = new Set(['README.md', '.vscodeignore', 'LICENSE']);

interface Recorded {
  readonly version: 1;
  readonly files: Readonly<Record<string, string>>;
}

export interface FolderOptions {
  readonly file: string;
  readonly out: string;
  /** Our own package's folder. */
  readonly root: string;
  /** The texts that are set now. */
  readonly current: Bundle;
  readonly name?: string | undefined;
  readonly publisher?: string | undefined;
  /** Files of ours that the author has changed since may be written anew. */
  readonly overwrite?: boolean | undefined;
}

export interface ExportedFolder {
  /** Paths below the folder. */
  readonly files: readonly string[];
  readonly name: string;
  readonly version: string;
  readonly notes: readonly string[];
}

/**
 * Writes the walkthrough extension of a tutorial into a folder that is new, empty, or of an earlier export.
 *
 * @throws UserError for what cannot be read, exported or written; nothing is written then.
 */
export async function exportToFolder(options: FolderOptions): Promise<ExportedFolder> {
  const out = resolve(options.out);
  const earlier = await readEarlier(out);
  const [texts, ours] = await Promise.all([readTexts(options.file), readManifest(options.root)]);
  const license = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].map((name) => join(dirname(resolve(options.file)), name)).find((file) => existsSync(file));
  const bundles = Object.fromEntries(await Promise.all(texts.map(async ({ language }) => [language ?? '', await readBundle(options.root, language ?? 'en')] as const)));
  const exported = exportTutorial(texts, {
    extensionId: `${String(ours['publisher'])}.${String(ours['name'])}`,
    engine: (ours['engines'] as { readonly vscode: string }).vscode,
    bundles,
    current: options.current,
    exists: (file) => existsSync(file),
    given: { ...(earlier && (await readManifest(out).catch(() => ({})))), ...(options.name !== undefined && { name: options.name }), ...(options.publisher !== undefined && { publisher: options.publisher }) },
    ...(license !== undefined && { license }),
  });
  try {
    await (earlier ? renew(out, exported, earlier, options.overwrite === true) : create(out, exported));
  } catch (error) {
    throw UserError.is(error) ? error : new UserError('export.unwritable', l10n.t('The extension could not be written to {0}.', options.out), { why: messageOf(error), next: l10n.t('Make room or get the right to write there, then try again.'), exit: ExitCode.usage, cause: error });
  }
  return { files: exported.files.map(({ path }) => path), name: exported.name, version: exported.version, notes: exported.notes };
}

const readManifest = async (folder: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;

/** What an earlier export has left in the folder; undefined where it is new or empty. */
async function readEarlier(out: string): Promise<Recorded | undefined> {
  const refuse = (why: string): UserError =>
    new UserError('export.folder', l10n.t('{0} cannot take the extension.', out), { why, next: l10n.t('Name a folder that is new or empty, or one that was exported to before.'), exit: ExitCode.usage });
  const kind = await stat(out).catch(() => undefined);
  if (!kind) {
    return undefined;
  }
  if (!kind.isDirectory()) {
    throw refuse(l10n.t('It is no folder.'));
  }
  if ((await readdir(out)).length === 0) {
    return undefined;
  }
  const text = await readFile(join(out, record), 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw refuse(l10n.t('It is not empty, and what is in it was not exported by Lake Tutorial.'));
  }
  try {
    const read = JSON.parse(text) as Partial<Recorded> | null;
    if (read?.version === 1 && typeof read.files === 'object') {
      return read as Recorded;
    }
  } catch {
    // Said below.
  }
  throw refuse(l10n.t('{0} in it cannot be understood.', record));
}

/** Written beside and moved into place: a full disk or a kill leaves no half extension that looks like one. */
async function create(out: string, { files }: Exported): Promise<void> {
  const work = `${out}.part-${process.pid}`;
  try {
    const hashes = await Promise.all(files.map(async (file) => [file.path, await put(work, file)] as const));
    await writeRecord(work, Object.fromEntries(hashes));
    if (existsSync(out)) {
      await rmdir(out);
    }
    await rename(work, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes anew what derives from the tutorial, and takes away what no longer does. What the author has changed is not lost. */
async function renew(out: string, { files }: Exported, earlier: Recorded, overwrite: boolean): Promise<void> {
  const contents = new Map(await Promise.all(files.map(async (file) => [file.path, await bytesOf(file)] as const)));
  const changed: string[] = [];
  const hashes: Record<string, string> = {};
  for (const path of new Set([...Object.keys(earlier.files), ...contents.keys()])) {
    const there = await readFile(join(out, path)).catch(() => undefined);
    const wanted = contents.get(path);
    const isPlain = there === undefined || hash(there) === earlier.files[path] || (wanted && hash(wanted) === hash(there));
    // The manifest has taken over what the author has put into it.
    if (!isPlain && path !== 'package.json' && !placeholders.has(path)) {
      changed.push(path);
    }
  }
  if (changed.length > 0 && !overwrite) {
    throw new UserError('export.changed', l10n.t('Files of the earlier export were changed since: {0}.', changed.join(', ')), {
      why: l10n.t('They derive from the tutorial, and would be lost.'), next: l10n.t('Make the changes in the tutorial, or export to another folder; --yes writes them anew.'), exit: ExitCode.usage,
    });
  }
  for (const file of files) {
    const isKept = placeholders.has(file.path) && existsSync(join(out, file.path));
    hashes[file.path] = isKept ? (earlier.files[file.path] ?? '') : await put(out, file);
  }
  const gone = Object.keys(earlier.files).filter((path) => !contents.has(path) && !placeholders.has(path) && isBelow(path));
  await Promise.all(gone.map((path) => rm(join(out, path), { force: true })));
  // Folders that are empty now go too, and no others.
  for (const parent of new Set(gone.map((path) => dirname(path)).filter((path) => path !== '.'))) {
    await rmdir(join(out, parent)).catch(() => undefined);
  }
  await writeRecord(out, hashes);
}

const isBelow = (path: string): boolean => !/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(path);

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const bytesOf = async (file: ExportedFile): Promise<Uint8Array> => ('content' in file ? Buffer.from(file.content) : readFile(file.from));

const writeRecord = (folder: string, files: Recorded['files']): Promise<void> => writeFile(join(folder, record), `${JSON.stringify({ version: 1, files } satisfies Recorded, undefined, 2)}\n`);

/** Writes a file. @returns its hash. */
async function put(folder: string, file: ExportedFile): Promise<string> {
  const path = join(folder, file.path);
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.new`;
  await ('content' in file ? writeFile(part, file.content) : copyFile(file.from, part));
  await rename(part, path);
  return hash(await readFile(path));
}

/** The tutorial and its translations, English first: `NAME.es.md` and `NAME.en.md` lie beside each other, or beside `NAME.md`. */
async function readTexts(file: string): Promise<TutorialText[]> {
  const named = languageOfName(basename(file));
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const stem = named?.stem ?? basename(file).replace(/\.md$/i, '');
  const others = names.filter((name) => name !== basename(file) && (languageOfName(name)?.stem === stem || (named && name.toLowerCase() === `${stem}.md`.toLowerCase())));
  const texts = await Promise.all([file, ...others.map((name) => join(folder, name))].map(async (path): Promise<TutorialText> => {
    const language = languageOfName(basename(path))?.language;
    return { file: path, text: await readText(path), ...(language !== undefined && { language }) };
  }));
  const [own, ...translations] = texts;
  const { languageOfText } = await import('../authoring/language.ts');
  const known = [...(own ? [own] : []), ...translations.sort((a, b) => (a.file < b.file ? -1 : 1))].map((text) => ({ ...text, language: text.language ?? languageOfText(text.text) }));
  // Two that say the same of themselves: the one that was named.
  const unique = known.filter(({ language }, index) => known.findIndex((other) => other.language.toLowerCase() === language.toLowerCase()) === index);
  return unique.sort((a, b) => Number(b.language === 'en') - Number(a.language === 'en'));
}

/** What of a file's name is its language: `tutorial.es.md`, `lab.pt-BR.md`. A language of two letters: `lab.new.md` is a new one, not one in Newari. */
export function languageOfName(name: string): { readonly stem: string; readonly language: string } | undefined {
  const [, stem, language] = /^(.+)\.([a-z]{2}(?:-[a-z\d]{2,8})*)\.(?:md|markdown)$/i.exec(name) ?? [];
  if (stem === undefined || language === undefined) {
    return undefined;
  }
  try {
    const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
    return names.of(language) === undefined ? undefined : { stem, language };
  } catch {
    return undefined;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file));
  } catch (error) {
    throw new UserError('tutorial.unreadable', l10n.t('The tutorial {0} cannot be read.', file), { why: messageOf(error), next: l10n.t('Check the path.'), exit: ExitCode.usage, cause: error });
  }
}
