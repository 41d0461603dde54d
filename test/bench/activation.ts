import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { extensionId } from '../../src/editor/ids.ts';

/**
 * Activates the extension in a fresh window, once that has come to rest, and writes what it took and what it loaded to the file in `LAKE_TUTORIAL_BENCH`.
 * With `LAKE_TUTORIAL_BENCH_BY_ITSELF` nobody asks for it: it wakes up when the window opens its first JSON, if it does, amid all else that starts then.
 *
 * `wallMs` is from asking for the activation until it is done. It holds what the editor does meanwhile, such as fetching the extension's
 * stored state from another process; `ms` is reading and running its code and `activate()`, by the extension host's own marks.
 */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(extensionId);
  const file = process.env['LAKE_TUTORIAL_BENCH'];
  const byItself = process.env['LAKE_TUTORIAL_BENCH_BY_ITSELF'] !== undefined;
  if (!extension || !file || (extension.isActive && !byItself)) {
    throw new Error('the extension is not there, or active before it was asked');
  }
  await rest();
  if (byItself && !extension.isActive) {
    await writeFile(file, JSON.stringify({}));
    return;
  }
  const start = performance.now();
  await extension.activate();
  const wallMs = performance.now() - start;
  const load = between('willLoadExtensionCode', 'didLoadExtensionCode');
  const activate = between('willActivateExtension', 'didActivateExtension');
  await writeFile(file, JSON.stringify({ ms: load + activate, wallMs, loaded: loadedBelow(extension.extensionUri.fsPath) }));
}

/** Waits until the window's own extensions are up: until timers are on time for a while. */
async function rest(): Promise<void> {
  const end = performance.now() + 30_000;
  for (let calm = 0; calm < 20 && performance.now() < end; ) {
    const before = performance.now();
    await delay(50);
    calm = performance.now() - before < 60 ? calm + 1 : 0;
  }
}

/** Milliseconds, whole ones, between two of the extension host's marks about our extension. */
function between(from: string, to: string): number {
  const { MonacoPerformanceMarks: host } = globalThis as { MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] } };
  const at = (kind: string): number => host?.getMarks().find(({ name }) => name === `code/extHost/${kind}/${extensionId}`)?.startTime ?? Number.NaN;
  const ms = at(to) - at(from);
  if (Number.isNaN(ms)) {
    throw new Error(`the extension host has no marks ${from} and ${to}`);
  }
  return ms;
}

/** Every script of the extension that this process has loaded, as V8 knows them. */
function loadedBelow(folder: string): string[] {
  const session = new Session();
  const loaded = new Set<string>();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params: { url } }) => {
    const path = url.startsWith('file:') ? vscode.Uri.parse(url).fsPath : url;
    if (path.startsWith(folder)) {
      loaded.add(path.slice(folder.length + 1).replaceAll('\\', '/').split('?')[0] ?? '');
    }
  });
  session.post('Debugger.enable');
  session.post('Debugger.disable');
  session.disconnect();
  return [...loaded].sort();
}
