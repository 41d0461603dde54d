import { watch, type FSWatcher } from 'node:fs';
import { basename } from 'node:path';
import type { SandboxOptions } from './sandbox-status.ts';
import { filesOf } from './state-access.ts';

/** So long is waited for what else changes: a call writes several lines. */
const togetherMs = 60;

/**
 * Tells when something in a sandbox has become another: what changes it is written to its folder before it is answered (the journal, the history of
 * runs), and so is that it starts or stops. Nobody is asked anything.
 *
 * @returns what ends it.
 */
export function watchSandbox(options: Pick<SandboxOptions, 'state'>, changed: () => void): () => void {
  const files = filesOf(options.state);
  const told = new Set([files.history, files.running, files.journal].map((path) => basename(path)));
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const tell = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      // A reset makes the journal's folder anew.
      begin();
      changed();
    }, togetherMs);
    timer.unref();
  };
  const drop = (path: string): void => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };
  const follow = (path: string, concerns: (name: string | null) => boolean): void => {
    if (ended || watchers.has(path)) {
      return;
    }
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        if (path === files.folder && event === 'rename' && name === basename(files.journal)) {
          drop(files.journal);
        }
        if (concerns(name)) {
          tell();
        }
      });
      watchers.set(path, watcher.on('error', () => drop(path)));
    } catch {
      // It is not there yet: the folder that it will be in is watched, or nobody has made a sandbox so far.
    }
  };
  const begin = (): void => {
    follow(files.folder, (name) => name === null || told.has(name));
    follow(files.journal, () => true);
  };
  begin();
  return () => {
    ended = true;
    clearTimeout(timer);
    [...watchers.keys()].forEach(drop);
  };
}
