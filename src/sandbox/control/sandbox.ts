import { readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';
import { prepareEnvironment } from './python-environment.ts';
import { sandboxFile, type StateFiles } from '../kernel/files.ts';
import type { RemoteFile } from '../gateway/gateway.ts';
import { takeFolder } from './state-folder.ts';
import { removePostgres } from '../services/ec2/postgres.ts';
import { isSparkRemote, sparkRemoteAddress } from '../kernel/spark-remote.ts';
import { type SandboxOptions, sandboxStatus, type SandboxStatus } from './sandbox-status.ts';
import { alone, aloneIfRoom, cancelled, filesOf, folderProblem, isOurs } from './state-access.ts';
import { startGateway, stopRunning } from './gateway-process.ts';

export { defaultStateFolder } from '../kernel/files.ts';
export { askSandbox, tickSandbox } from './sandbox-commands.ts';
export { watchSandbox } from './sandbox-changes.ts';
export { SANDBOX_ACCOUNT, SANDBOX_REGION, sandboxStatus, sandboxStopped, type SandboxOptions, type SandboxStatus } from './sandbox-status.ts';

/**
 * Starts the sandbox, or returns the one that runs on this state folder. Resolves when it answers. Two starters at once
 * give one sandbox.
 *
 * @throws UserError what `prepareEnvironment` throws; `usage.empty`; `state-folder`; `state-folder.foreign`; `port-in-use`; `port-differs`; `spark-remote`; `spark-remote-differs`; `sandbox-failed`; `cancelled`.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxStatus> {
  if (options.sparkRemote !== undefined && !isSparkRemote(options.sparkRemote)) {
    throw new UserError('spark-remote', l10n.t('"{0}" is not the address of a Spark Connect server.', options.sparkRemote), {
      next: l10n.t('Write it as sc://host:15002, or leave it out to use the sandbox\'s own engine.'),
      exit: ExitCode.usage,
    });
  }
  if (options.listen !== undefined && (isIP(options.listen) === 0 || /^(127\.|::1$)/.test(options.listen))) {
    throw new UserError('listen', l10n.t('"{0}" is not an address of this machine that others reach.', options.listen), {
      next: l10n.t('Name one of its IP addresses, or 0.0.0.0 for all of them.'),
      exit: ExitCode.usage,
    });
  }
  const files = filesOf(options.state);
  const known = await sandboxStatus(options);
  if (known.state === 'running' && !known.failure) {
    return withSecret(files, matching(known, options));
  }
  await takeFolder(files).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
  try {
    return await alone(files, async () => {
      const now = await sandboxStatus(options);
      if (now.state === 'running' && !now.failure) {
        return withSecret(files, matching(now, options));
      }
      // One that hangs, is broken or was killed.
      await stopRunning(files);
      const python = await environmentOf(files, options);
      options.onProgress?.(l10n.t('Starting the sandbox…'));
      await startGateway(files, python, options);
      return withSecret(files, await sandboxStatus(options));
    }, options.signal);
  } catch (error) {
    throw options.signal?.aborted && !UserError.is(error) ? cancelled() : error;
  }
}

/**
 * Makes sure that a folder has the Python environment that a sandbox of it would run in, and gives the environment's folder: for another
 * sandbox that is to share it.
 *
 * @throws UserError what `prepareEnvironment` throws; `usage.empty`; `state-folder`; `state-folder.foreign`.
 */
export async function prepareSandbox(options: Pick<SandboxOptions, 'state' | 'controlPlaneOnly' | 'python' | 'signal' | 'onProgress'> = {}): Promise<string> {
  const files = filesOf(options.state);
  await takeFolder(files).catch((error: unknown) => {
    throw folderProblem(files.folder, error);
  });
  await alone(files, () => environmentOf(files, options), options.signal);
  return files.environment;
}

function environmentOf(files: StateFiles, options: Pick<SandboxOptions, 'controlPlaneOnly' | 'python' | 'signal' | 'onProgress'>): Promise<string> {
  return prepareEnvironment({
    folder: files.environment,
    requirements: requirementsOf(options.controlPlaneOnly),
    ...(options.python === undefined ? {} : { python: options.python }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
}

/**
 * Stops the sandbox; what it holds is kept for the next start. Says what it is afterwards: stopped.
 *
 * @throws UserError `usage.empty`; `state-folder.foreign` for a folder that is not the sandbox's: it stays as it is.
 */
export async function stopSandbox(options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  if (await isOurs(files)) {
    await aloneIfRoom(files, () => stopRunning(files), options.signal);
  }
  return sandboxStatus(options);
}

/**
 * Stops the sandbox and forgets all that its AWS held. The Python environment stays.
 *
 * @throws UserError as {@link stopSandbox}.
 */
export async function resetSandbox(options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<SandboxStatus> {
  const files = filesOf(options.state);
  if (await isOurs(files)) {
    await aloneIfRoom(files, async () => {
      await stopRunning(files);
      await removePostgres(files);
      await Promise.all(Object.values(files.held).map((path) => rm(path, { recursive: true, force: true })));
    }, options.signal);
  }
  return sandboxStatus(options);
}

/** The requirements files that a sandbox's environment is made of. */
export function requirementsOf(controlPlaneOnly = false): string[] {
  const names = controlPlaneOnly ? ['requirements'] : ['requirements', 'engine-requirements'];
  return names.map((name) => sandboxFile(`control/${name}.txt`));
}

/** What a start tells: with the secret of the key that others need. */
async function withSecret(files: StateFiles, status: SandboxStatus): Promise<SandboxStatus> {
  if (!status.listen) {
    return status;
  }
  const { secretAccessKey } = JSON.parse(await readFile(files.remote, 'utf8')) as RemoteFile;
  return { ...status, listen: { ...status.listen, secretAccessKey } };
}

function matching(status: SandboxStatus, options: SandboxOptions): SandboxStatus {
  if (options.port !== undefined && status.endpoint !== `http://127.0.0.1:${options.port}`) {
    throw new UserError('port-differs', l10n.t('The sandbox already runs at {0}.', status.endpoint ?? ''), {
      next: l10n.t('Use it there, or stop it first to start it on port {0}.', options.port),
      exit: ExitCode.failed,
    });
  }
  if (options.listen !== undefined && status.listen?.address !== options.listen) {
    throw new UserError('listen-differs', l10n.t('The sandbox runs already, and does not listen at {0}.', options.listen), {
      next: l10n.t('Stop it, then start it again: what it holds is kept.'),
      exit: ExitCode.failed,
    });
  }
  if (options.sparkRemote !== undefined && status.sparkRemote !== sparkRemoteAddress(options.sparkRemote)) {
    throw new UserError('spark-remote-differs', l10n.t('The sandbox runs already, and its jobs not on {0}.', sparkRemoteAddress(options.sparkRemote)), {
      why: status.sparkRemote === undefined ? l10n.t('They run on its own engine.') : l10n.t('They run on {0}.', status.sparkRemote),
      next: l10n.t('Stop it, then start it again: what it holds is kept.'),
      exit: ExitCode.failed,
    });
  }
  return status;
}
