import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { isBorrowed } from './borrowed-folder.ts';
import { resetSandbox } from './sandbox.ts';

// A process that watches over a sandbox which somebody has for a while: when whoever started it ends, however that happens, its standard
// input closes, and the sandbox and its folder are removed.

const [state = ''] = process.argv.slice(2);
// Ctrl+C in a terminal is for who started us; how that ended we see.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}
process.stdin.on('error', () => undefined);
process.stdin.once('close', () => void remove());
process.stdin.resume();

async function remove(): Promise<void> {
  if (!isBorrowed(basename(state))) {
    return;
  }
  try {
    // Stops it; as root, PostgreSQL's data are elsewhere, and go as well.
    await resetSandbox({ state });
  } finally {
    await rm(state, { recursive: true, force: true, maxRetries: 5 });
  }
}
