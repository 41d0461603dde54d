import * as l10n from '@vscode/l10n';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Checked, CheckOptions, Finding } from '../authoring/index.ts';
import { ExitCode, UserError, messageOf } from '../errors.ts';
import { packageRoot } from '../shell.ts';
import { say } from './terminal.ts';

export interface CheckFlags {
  readonly fix?: boolean;
  readonly format?: 'text' | 'json' | 'sarif';
  readonly json?: boolean;
}

interface CheckedFile extends Checked {
  readonly file: string;
}

/** Checks tutorials, each as a lake tutorial, and with `--fix` mends what can be mended. */
export async function checkCommand(patterns: readonly string[], flags: CheckFlags): Promise<ExitCode> {
  const [{ check, fixAll }, { catalogue }] = await Promise.all([import('../authoring/index.ts'), import('../resources/catalogue.generated.ts')]);
  const kinds = catalogue.map(({ id }) => id);
  const checked: CheckedFile[] = [];
  for (const file of await filesOf(patterns)) {
    const read = decode(await bytesOf(file));
    const options: CheckOptions = { kinds, exists: (path) => existsSync(resolve(dirname(file), path)) };
    let { text } = read;
    if (flags.fix) {
      const fixed = fixAll(text, options);
      if (fixed.text !== text) {
        await write(file, read.encode(fixed.text));
        say(fixed.fixed === 1 ? l10n.t('{0}: 1 place mended.', file) : l10n.t('{0}: {1} places mended.', file, fixed.fixed));
      }
      text = fixed.text;
    }
    checked.push({ file, ...check(text, options) });
  }
  const format = flags.json ? 'json' : (flags.format ?? 'text');
  if (format === 'sarif') {
    const { toSarif } = await import('../authoring/sarif.ts');
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
    process.stdout.write(`${JSON.stringify(toSarif(checked, version), undefined, 2)}\n`);
  } else if (format === 'json') {
    process.stdout.write(`${JSON.stringify({ files: checked.map(shown) }, undefined, 2)}\n`);
  } else {
    process.stdout.write(`${textLines(checked).join('\n')}\n`);
  }
  return checked.some(({ findings }) => findings.some(({ severity }) => severity === 'error')) ? ExitCode.failed : ExitCode.done;
}

const shown = ({ file, steps, findings }: CheckedFile): object => ({ file, steps, findings: findings.map(({ start: _start, end: _end, ...finding }) => finding) });

/** A finding a line, as compilers write it, so that editors and terminals make links of them. */
export function textLines(files: readonly CheckedFile[]): string[] {
  const severity: Readonly<Record<Finding['severity'], () => string>> = { error: () => l10n.t('error'), warning: () => l10n.t('warning'), note: () => l10n.t('note') };
  const all = files.flatMap(({ findings }) => findings);
  const count = (wanted: Finding['severity']): number => all.filter((finding) => finding.severity === wanted).length;
  const mendable = all.filter(({ fix }) => fix && !fix.isDraft).length;
  return [
    ...files.flatMap(({ file, findings }) => findings.map(({ line, column, severity: weight, message, rule }) => `${file}:${line}:${column}: ${severity[weight]()}: ${message} [${rule}]`)),
    ...files.map(({ file, steps }) => l10n.t('{0}: {1} steps.', file, steps.filter(({ kind }) => kind !== 'section').length)),
    all.length === 0 ? l10n.t('Nothing found.') : l10n.t('{0} errors, {1} warnings, {2} notes.', count('error'), count('warning'), count('note')),
    ...(mendable > 0 ? [l10n.t('{0} of them can be mended: lake-tutorial check --fix', mendable)] : []),
  ];
}

/** The files that names and globs stand for, in their order. A shell has expanded most globs already. */
async function filesOf(patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (existsSync(pattern) || !/[*?[\]{}]/.test(pattern)) {
      found.add(pattern);
      continue;
    }
    const { glob } = await import('tinyglobby');
    const files = (await glob(pattern.replaceAll('\\', '/'), { onlyFiles: true, expandDirectories: false })).sort();
    if (files.length === 0) {
      throw new UserError('file.none', l10n.t('No file fits {0}.', pattern), { next: l10n.t('Name the tutorials to check.'), exit: ExitCode.usage });
    }
    files.forEach((file) => found.add(file));
  }
  return [...found];
}

/** The bytes of a tutorial's file. @throws UserError `tutorial.unreadable` */
export async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError('tutorial.unreadable', l10n.t('The tutorial {0} cannot be read.', file), { why: messageOf(error), next: l10n.t('Check the path.'), exit: ExitCode.usage, cause: error });
  }
}

/** The text of a file and how a text is written back so that all else of it stays as it was, byte for byte. */
export function decode(bytes: Buffer): { readonly text: string; readonly encode: (text: string) => Buffer } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return { text: bytes.subarray(2).toString('utf16le'), encode: (text) => Buffer.concat([bytes.subarray(0, 2), Buffer.from(text, 'utf16le')]) };
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const swapped = (content: Buffer): Buffer => Buffer.from(content.subarray(0, content.length & ~1)).swap16();
    return { text: swapped(bytes.subarray(2)).toString('utf16le'), encode: (text) => Buffer.concat([bytes.subarray(0, 2), swapped(Buffer.from(text, 'utf16le'))]) };
  }
  const text = bytes.toString('utf8');
  // What is no UTF-8 is not written back: its bytes would be lost.
  if (!Buffer.from(text).equals(bytes)) {
    return {
      text: bytes.toString('latin1'),
      encode: (changed) => {
        if (/[^\0-\xff]/.test(changed)) {
          throw new UserError('tutorial.encoding', l10n.t('The file is not in UTF-8, and its mended text does not fit its encoding.'), { next: l10n.t('Save it as UTF-8, then check it again.'), exit: ExitCode.usage });
        }
        return Buffer.from(changed, 'latin1');
      },
    };
  }
  return { text, encode: (changed) => Buffer.from(changed) };
}

/** Written beside and moved into place: a full disk or a kill leaves the old file whole. */
async function write(file: string, content: Buffer): Promise<void> {
  try {
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new UserError('tutorial.unwritable', l10n.t('{0} could not be written; it is as it was.', file), { why: messageOf(error), next: l10n.t('Make room or get the right to write there, then try again.'), exit: ExitCode.usage, cause: error });
  }
}
