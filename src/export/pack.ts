import * as l10n from '@vscode/l10n';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';

// The official packer is larger than a third of all that we ship, and who packs has Node: it is taken from where it is, or by npx.

/** A way to start the packer. */
interface Packer {
  readonly command: string;
  readonly args: readonly string[];
  /** npx, which gets it from the registry. */
  readonly isFetched: boolean;
}

export interface PackOptions {
  readonly folder: string;
  /** The file's name, in that folder. */
  readonly vsix: string;
  /** Our own package's folder: in the repository the packer is among its libraries. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/**
 * Packs an exported extension as a `.vsix` by `@vscode/vsce`.
 *
 * @returns the path of the file.
 * @throws UserError `export.packer` where there is no packer, `export.pack` where it fails: the folder stays as it is.
 */
export async function pack({ folder, vsix, root, signal, onProgress }: PackOptions): Promise<string> {
  const packer = findPacker(root);
  const file = join(folder, vsix);
  const command = 'npx @vscode/vsce package --no-dependencies --allow-missing-repository';
  if (!packer) {
    throw new UserError('export.packer', l10n.t('The extension is written, but there is no packer for it.'), {
      why: l10n.t('Neither vsce nor npx was found on the path.'), next: l10n.t('Install Node.js with npm; then run this in {0}: {1}', folder, command),
    });
  }
  onProgress?.(packer.isFetched ? l10n.t('Packing with @vscode/vsce, which npx gets from the npm registry if it is not here yet…') : l10n.t('Packing with @vscode/vsce…'));
  const license = existsSync(join(folder, 'LICENSE')) ? [] : ['--skip-license'];
  const { code, output } = await run(packer, ['package', '--no-dependencies', '--allow-missing-repository', ...license, '--out', vsix], folder, signal);
  if (code !== 0) {
    throw new UserError('export.pack', l10n.t('The extension is written, but could not be packed.'), {
      why: output.split('\n').filter((line) => line.trim() !== '').slice(-3).join(' ').slice(0, 600) || l10n.t('The packer ended with {0}.', String(code)), next: l10n.t('Correct it, then run this in {0}: {1}', folder, command),
    });
  }
  return file;
}

function findPacker(root: string): Packer | undefined {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('@vscode/vsce/package.json');
    return { command: process.execPath, args: [join(dirname(manifest), 'vsce')], isFetched: false };
  } catch {
    // Only the repository has it.
  }
  const vsce = onPath('vsce');
  const npx = onPath('npx');
  return vsce ? { command: vsce, args: [], isFetched: false } : npx ? { command: npx, args: ['--yes', '@vscode/vsce@3'], isFetched: true } : undefined;
}

function onPath(name: string): string | undefined {
  const names = process.platform === 'win32' ? [`${name}.cmd`, `${name}.exe`] : [name];
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '').flatMap((folder) => names.map((each) => join(folder, each))).find((file) => existsSync(file));
}

function run({ command, args }: Packer, more: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    // On Windows npm's programs are scripts, which only a shell starts.
    const shell = process.platform === 'win32' && command.endsWith('.cmd');
    const quoted = (word: string): string => (shell ? `"${word}"` : word);
    const child = spawn(quoted(command), [...args, ...more].map(quoted), {
      cwd, shell, stdio: ['ignore', 'pipe', 'pipe'], signal,
      // The editor's own program is Node only when it is told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: Buffer.concat(output).toString() }));
  });
}
