// npm start: builds if needed, shows the main job on the sandbox, then opens the editor on it. `-- --headless` stops before the editor.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepare, root, run } from './prepare.mjs';

const headless = process.argv.includes('--headless');
const passed = process.argv.slice(2).filter((argument) => argument !== '--headless');

try {
  await prepare();
  await run(process.execPath, [join(root, 'dist', 'cli.js'), 'demo', ...passed]);
} catch (error) {
  if (!error.code) console.error(error.message);
  process.exit(error.code ?? 1);
}

if (!headless) {
  const { openEditor } = await import('./vscode-host/hosts.mjs');
  const folder = join(root, '.cache', 'workspace');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.lake-tutorial'), '');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  try {
    await openEditor({
      extensionPath: root,
      folder,
      settings: { 'lakeTutorial.target': 'sandbox' },
      env: { LAKE_TUTORIAL_OPEN_WALKTHROUGH: '1' },
      log: (line) => console.error(line),
      signal: stop.signal,
    });
  } catch (error) {
    console.error(`The editor could not be opened: ${error.message}\nInstall VS Code so that its command "code" is found, and run npm start again.`);
    process.exitCode = 1;
  }
}
console.error('The sandbox goes on running. To stop it: node dist/cli.js sandbox stop');
