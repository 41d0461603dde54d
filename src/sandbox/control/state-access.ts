import { resolve, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ExitCode, messageOf, UserError } from '../../errors.ts';
import { defaultStateFolder, stateFiles, type StateFiles } from '../kernel/files.ts';
import { withLock } from '../kernel/lock-file.ts';
import { claimOf, ForeignFolder } from './state-folder.ts';

/** The files of the sandbox whose folder somebody named, or of the usual one. @throws UserError `usage.empty`. */
export function filesOf(state: string | undefined): StateFiles {
  // An empty name would mean the current folder.
  if (state?.trim() === '') {
    throw new UserError('usage.empty', l10n.t('The name of the sandbox\'s folder is empty.'), { next: l10n.t('Name a folder, or leave it out to use the sandbox\'s own.'), exit: ExitCode.usage });
  }
  return stateFiles(resolve(state ?? defaultStateFolder()));
}

/** Whether there is a folder of the sandbox's to do something with. @throws UserError `state-folder.foreign`, `state-folder`. */
export async function isOurs(files: StateFiles): Promise<boolean> {
  try {
    const claim = await claimOf(files);
    if (claim === 'foreign') {
      throw new ForeignFolder();
    }
    return claim === 'ours';
  } catch (error) {
    throw folderProblem(files.folder, error);
  }
}

/** Runs alone on the state folder. @throws UserError `disk-full`, `state-folder`, what `work` throws, or the signal's reason. */
export function alone<T>(files: StateFiles, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withLock(files.lock, work, signal).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
}

/** Why a folder cannot be written to, for who can do something about it. Other errors as they are. */
export function folderProblem(folder: string, error: unknown): unknown {
  if (error instanceof ForeignFolder) {
    return new UserError('state-folder.foreign', l10n.t('{0} is not a folder of the sandbox.', folder), {
      why: l10n.t('Something else is kept there, or it is open to every user; nothing in it was touched.'),
      next: l10n.t('Name an empty folder of your own, or one that is not there yet: the sandbox makes it.'),
      exit: ExitCode.usage,
      cause: error,
    });
  }
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError('disk-full', l10n.t('The disk is full.'), { why: messageOf(error), next: l10n.t('Free some space where {0} is and try again.', folder), cause: error });
  }
  // What is missing inside is another matter than that no folder can be made.
  const unmade = code === 'ENOENT' && path !== undefined && `${folder}${sep}`.startsWith(`${path}${sep}`);
  if (code !== undefined && path !== undefined && (unmade || ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(code))) {
    return new UserError('state-folder', l10n.t('The sandbox cannot keep its state in {0}.', folder), { why: messageOf(error), next: l10n.t('Name a folder that you may write to.'), exit: ExitCode.usage, cause: error });
  }
  return error;
}

/** As {@link alone}; but a full disk, which has no room for a lock, is no reason why nothing could be stopped or removed. */
export async function aloneIfRoom(files: StateFiles, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  let began = false;
  try {
    await alone(files, () => {
      began = true;
      return work();
    }, signal);
  } catch (error) {
    if (began || !(UserError.is(error) && error.code === 'disk-full')) {
      throw error;
    }
    await work();
  }
}

/** What is thrown when the user took back what was under way. */
export function cancelled(): UserError {
  return new UserError('cancelled', l10n.t('Cancelled.'), {
    next: l10n.t('Start again at any time: it continues where it was.'),
    exit: ExitCode.cancelled,
  });
}
