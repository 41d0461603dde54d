import * as l10n from '@vscode/l10n';
import { ExitCode } from '../errors.ts';
import type { Language } from '../languages.generated.ts';
import { packageRoot } from '../shell.ts';
import { abort, print, say } from './terminal.ts';

export interface ExportFlags {
  readonly out: string;
  readonly vsix?: boolean;
  readonly name?: string;
  readonly publisher?: string;
  readonly lang: Language;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Writes a tutorial as a walkthrough extension, and with `--vsix` packs it. */
export async function exportCommand(file: string, flags: ExportFlags): Promise<ExitCode> {
  const [{ exportToFolder }, { readBundle }] = await Promise.all([import('../export/folder.ts'), import('../export/texts.ts')]);
  const root = packageRoot();
  const { files, name, version, notes } = await exportToFolder({
    file, out: flags.out, root, current: await readBundle(root, flags.lang), name: flags.name, publisher: flags.publisher, overwrite: flags.yes,
  });
  notes.forEach((note) => say(note));
  let vsix: string | undefined;
  if (flags.vsix) {
    const { pack } = await import('../export/pack.ts');
    vsix = `${name}-${version}.vsix`;
    await pack({ folder: flags.out, vsix, root, signal: abort.signal, onProgress: (message) => say(message) });
  }
  const all = vsix === undefined ? files : [...files, vsix];
  print(flags, { files: all, out: flags.out, ...(vsix !== undefined && { vsix }) }, () => [
    ...all,
    l10n.t('{0}: {1} files.', flags.out, all.length),
  ]);
  return ExitCode.done;
}
