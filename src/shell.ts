import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { connect, sandboxCredentials, type Connection, type ConnectionOptions, type Target } from './aws/connection.ts';
import { ExitCode, UserError, messageOf } from './errors.ts';
import type { Language } from './languages.generated.ts';
import { readLimitation } from './sandbox/kernel/limitations.ts';
import type { Tutorial } from './tutorial/model.ts';

// What the two thin shells, the editor and the CLI, share: where our files are, which tutorial, and how a target becomes a connection.

/** The folder that holds package.json, `walkthroughs/`, `jobs/` and `dist/`. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) {
      return folder;
    }
    if (folder === dirname(folder)) {
      throw new Error('package.json not found above this module');
    }
  }
}

/** Which version this is. */
export const version = (): string => (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;

/** Reads a program that provisioning uploads: a job script, or the inserter's zip that the build makes. */
export async function readAsset(path: string): Promise<Uint8Array> {
  const file = join(packageRoot(), path.startsWith('lambda/') ? 'dist' : '', path);
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError('asset.missing', l10n.t('The file {0} of Lake Tutorial is missing.', path), {
      why: messageOf(error), next: l10n.t('Install the extension again, or in the repository run: npm run build'), cause: error,
    });
  }
}

/**
 * Parses the built-in tutorial, or a file.
 *
 * @throws UserError `tutorial.unreadable`, `tutorial.broken` (with line and column of the first error).
 */
export async function loadTutorial(options: { readonly file?: string; readonly language?: Language }): Promise<Tutorial> {
  const name = `data-lake.${options.language ?? 'en'}`;
  if (options.file === undefined && import.meta.url.includes('/dist/')) {
    // Parsed by the build: the parser and its libraries take longer to load than all else that a start needs.
    return JSON.parse(await readFile(join(packageRoot(), 'dist', 'tutorials', `${name}.json`), 'utf8')) as Tutorial;
  }
  const { checkedTutorial } = await import('./tutorial/checked.ts');
  const file = options.file ?? join(packageRoot(), 'walkthroughs', `${name}.md`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError('tutorial.unreadable', l10n.t('The tutorial {0} cannot be read.', file), {
      why: messageOf(error), next: l10n.t('Check the path given with --tutorial.'), exit: ExitCode.usage, cause: error,
    });
  }
  return checkedTutorial(text, file);
}

export interface TargetOptions extends Pick<ConnectionOptions, 'profile' | 'endpoint' | 'credentials' | 'signal' | 'onCall'> {
  readonly target: Target;
  readonly region: string;
  /** The sandbox's state folder; its default without it. */
  readonly state?: string;
  /** Starts the sandbox if it does not run. Without it a stopped sandbox is an error. */
  readonly start?: boolean;
  readonly onProgress?: (message: string, fraction?: number) => void;
  /** Told once of each thing that the sandbox does not do as AWS does, in words. */
  readonly onLimitation?: (what: string) => void;
  /** Told, in words, that a call has had no answer for a while. */
  readonly onSlow?: (what: string) => void;
}

/**
 * A connection to a target. An endpoint wins over the sandbox's own; credentials for it come from the usual chain.
 *
 * @throws UserError `sandbox.stopped`, and what {@link connect} and starting the sandbox throw.
 */
export async function connectTarget(options: TargetOptions): Promise<Connection> {
  const { target, region, profile, endpoint, credentials, signal, onCall } = options;
  const told = new Set<string>();
  const onLimitation = (header: string): void => {
    if (!told.has(header)) {
      told.add(header);
      options.onLimitation?.(readLimitation(header));
    }
  };
  const onSlow = (call: string, seconds: number): void => options.onSlow?.(l10n.t('{0} has had no answer for {1} seconds. Waiting on…', call, seconds));
  if (target === 'aws' || endpoint !== undefined) {
    return connect({ target, region, profile, endpoint, credentials, signal, onLimitation, onSlow, onCall });
  }
  const sandbox = await import('./sandbox/control/sandbox.ts');
  let status = await sandbox.sandboxStatus({ state: options.state });
  if (status.state !== 'running' && options.start) {
    status = await sandbox.startSandbox({ state: options.state, signal, onProgress: options.onProgress });
  }
  if (!status.endpoint) {
    throw sandbox.sandboxStopped();
  }
  return connect({ target, region, endpoint: status.endpoint, credentials: sandboxCredentials, signal, onLimitation, onSlow, onCall });
}
