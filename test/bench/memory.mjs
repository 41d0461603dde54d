// How much memory a set of processes takes together.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Every process's parent and resident kilobytes. On Linux without a program: one that samples must not be in the sample. */
async function processes() {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=']);
    return stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  }
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(ids.map(async (id) => {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
    return [Number(id), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
  }));
  return found.filter(([, parent]) => Number.isFinite(parent));
}

/** Kilobytes of one process; what it shares with others (PostgreSQL's buffers) counts in part, where the system can tell. */
async function size(pid, resident) {
  if (process.platform !== 'linux') return resident;
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
}

/** Megabytes of some processes and all that they started. */
export async function memoryOf(roots) {
  const all = await processes();
  const wanted = new Set(roots);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, parent] of all) {
      if (wanted.has(parent) && !wanted.has(pid)) {
        wanted.add(pid);
        grew = true;
      }
    }
  }
  const sizes = await Promise.all(all.filter(([pid]) => wanted.has(pid)).map(([pid, , resident]) => size(pid, resident)));
  return sizes.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
}

/** Samples until `stop`, which gives the largest sum that was seen, in megabytes. */
export function watchMemory(roots, everyMs = 100) {
  let peak = 0;
  let going = true;
  const done = (async () => {
    while (going) {
      peak = Math.max(peak, await memoryOf(roots()));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async stop() {
      going = false;
      await done;
      return Math.round(peak);
    },
  };
}
