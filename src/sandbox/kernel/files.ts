import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../../errors.ts';

/**
 * Finds a file or folder that belongs to the sandbox, whether this code runs from the sources or from a bundle
 * (`dist/`, `dist/chunks/` or `dist/sandbox/`), where the sandbox's files lie in `dist/sandbox/`.
 */
export function sandboxFile(...names: string[]): string {
  const candidates = names.flatMap((name) =>
    ['./', './sandbox/', '../sandbox/', '../'].map((folder) => fileURLToPath(new URL(folder + name, import.meta.url))),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (!found) {
    throw new Error(`The installation is incomplete: none of ${candidates.join(', ')} exists.`);
  }
  return found;
}

/**
 * How Python runs a module of the package `sandbox`, which is what lies in our own folder: the arguments for it, and
 * the folder that it must be started in.
 */
export function pythonModule(name: `sandbox.${string}`): { readonly arguments: readonly string[]; readonly cwd: string } {
  return { arguments: ['-m', name], cwd: dirname(dirname(dirname(sandboxFile('kernel/extend.py')))) };
}

/**
 * Where the sandbox keeps its data unless told otherwise: `LAKE_TUTORIAL_HOME`, else the operating system's folder for
 * a user's application data.
 *
 * @throws UserError `usage.empty` for a variable that is set to nothing: a script's mistake, and no wish for the default.
 */
export function defaultStateFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const named = env['LAKE_TUTORIAL_HOME'];
  if (named?.trim() === '') {
    throw new UserError('usage.empty', l10n.t('{0} is empty.', 'LAKE_TUTORIAL_HOME'), { next: l10n.t('Set it to a folder, or unset it.'), exit: ExitCode.usage });
  }
  if (named !== undefined) {
    return named;
  }
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  const base =
    platform === 'win32'
      ? env['LOCALAPPDATA'] || join(home, 'AppData', 'Local')
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : env['XDG_DATA_HOME'] || join(home, '.local', 'share');
  return join(base, 'lake-tutorial');
}

/** The names inside a state folder. */
export function stateFiles(folder: string) {
  /** What the sandbox's AWS holds and a reset forgets. */
  const held = {
    /** What the control plane was told. */
    journal: join(folder, 'journal'),
    /** What runs on its instances: PostgreSQL's data (unless root starts it) and its superuser's secret. */
    instances: join(folder, 'instances'),
    /** What Systems Manager ran on instances. */
    commands: join(folder, 'commands.jsonl'),
    /** What Glue ran, when, and how it ended. */
    history: join(folder, 'history.jsonl'),
    /** The history of Athena's queries. */
    queries: join(folder, 'queries.jsonl'),
    /** The code of Lambda functions, as uploaded; made again from the journal when missing. */
    functions: join(folder, 'functions'),
    /** The key for what comes from beyond this machine, and the port it comes to. */
    remote: join(folder, 'remote.json'),
    /** What runs now has its files here. */
    scratch: join(folder, 'scratch'),
  } as const;
  return {
    folder,
    held,
    ...held,
    /** The Python environment; a reset keeps it. */
    environment: join(folder, 'environment'),
    logs: join(folder, 'logs'),
    log: join(folder, 'logs', 'gateway.log'),
    /** Who runs: pid, port and the token of the private endpoint. */
    running: join(folder, 'running.json'),
    /** The port to take again at the next start. */
    port: join(folder, 'port'),
    lock: join(folder, 'start.lock'),
    /** By it the folder is known as the sandbox's; see `ownership.ts`. */
    mark: join(folder, 'lake-tutorial-sandbox.json'),
  } as const;
}

export type StateFiles = ReturnType<typeof stateFiles>;
