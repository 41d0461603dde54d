import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../errors.ts';
import type { ExportedFolder, FolderOptions } from '../../export/folder.ts';
import type { ConsentArguments } from '../arguments.ts';
import { showFailure } from '../failures.ts';
import { withProgress } from '../progress.ts';
import { say } from '../messages.ts';
import { cancelled, confirm } from '../prompts.ts';
import type { Services } from '../services.ts';
import { activeMarkdown } from './authoring.ts';

interface ExportArguments extends ConsentArguments {
  /** The tutorial; the text in front without it. */
  readonly file?: string | undefined;
  /** Where to; asked without it. */
  readonly out?: string | undefined;
  /** Installs it too. */
  readonly install: boolean;
}

/** Writes the tutorial in front as a walkthrough extension, then offers to open its folder or to install it. */
export async function exportWalkthrough(services: Services, values: ExportArguments): Promise<ExportedFolder & { readonly out: string }> {
  const file = values.file ?? (await savedFile());
  const out = values.out ?? (await askFolder(file));
  const [{ exportToFolder }, { packageRoot }] = await Promise.all([import('../../export/folder.ts'), import('../../shell.ts')]);
  const options: FolderOptions = { file, out, root: packageRoot(), current: vscode.l10n.bundle ?? {}, overwrite: values.yes };
  const result = await withProgress(l10n.t('Lake Tutorial: exporting {0}', basename(file)), async () => {
    try {
      return await exportToFolder(options);
    } catch (error) {
      if (!UserError.is(error) || error.code !== 'export.changed') {
        throw error;
      }
      await confirm(error.what, error.why ?? '', l10n.t('Write Anew'));
      return exportToFolder({ ...options, overwrite: true });
    }
  });
  result.notes.forEach((note) => services.log.warn(`export: ${note}`));
  if (values.install) {
    await install(out, result);
  } else {
    offer(services, out, result);
  }
  return { ...result, out };
}

/** The file of the text in front, as it is on disk. */
async function savedFile(): Promise<string> {
  const document = activeMarkdown();
  if (document.uri.scheme !== 'file') {
    throw new UserError('tutorial.unsaved', l10n.t('The tutorial is in no file yet.'), { why: l10n.t('Its pictures and translations lie beside its file.'), next: l10n.t('Save it, then run the command again.') });
  }
  if (document.isDirty && !(await document.save())) {
    throw cancelled();
  }
  return document.uri.fsPath;
}

/** A folder of its own within the one that is chosen: nobody has an empty one at hand. */
async function askFolder(file: string): Promise<string> {
  const [parent] = (await vscode.window.showOpenDialog({
    title: l10n.t('Where should the extension\'s folder be?'), openLabel: l10n.t('Export Here'), canSelectFiles: false, canSelectFolders: true, canSelectMany: false, defaultUri: vscode.Uri.joinPath(vscode.Uri.file(file), '..'),
  })) ?? [];
  if (!parent) {
    throw cancelled();
  }
  const stem = basename(file).replace(/(\.[a-z]{2}(-[a-z\d]+)?)?\.(md|markdown)$/i, '');
  return join(parent.fsPath, `${stem}-walkthrough`);
}

/** The command ends here; the question stays until it is answered. */
function offer(services: Services, out: string, result: ExportedFolder): void {
  const message = [l10n.t('Exported: {0} files in {1}.', result.files.length, out), ...result.notes.slice(0, 1)].join(' ');
  const tryTo = (work: () => PromiseLike<unknown>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      showFailure(services, 'lakeTutorial.exportWalkthrough', error);
    }
  };
  say(message, { answers: [
    { title: l10n.t('Open Folder'), run: tryTo(() => vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(out), { forceNewWindow: true })) },
    { title: l10n.t('Install'), run: tryTo(() => install(out, result)) },
  ] });
}

async function install(out: string, { name, version }: ExportedFolder): Promise<void> {
  const [{ pack }, { packageRoot }] = await Promise.all([import('../../export/pack.ts'), import('../../shell.ts')]);
  await withProgress(l10n.t('Lake Tutorial: installing the walkthrough'), async (report, signal) => {
    const vsix = await pack({ folder: out, vsix: `${name}-${version}.vsix`, root: packageRoot(), signal, onProgress: report });
    await vscode.commands.executeCommand('workbench.extensions.installExtension', vscode.Uri.file(vsix));
  });
}
