// What a process and all that it started take together: memory at its highest, and the processors' time, which others on the machine do not lengthen.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** On Linux a jiffy is 10 ms, and no program is started for a look: one that samples must not be in the sample. */
const JIFFY_MS = 10;

async function processes() {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=']);
    return stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number)).map(([pid, parent, resident]) => ({ pid, parent, resident, cpuMs: 0 }));
  }
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(ids.map(async (id) => {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    // Its own time and that of its children that have ended.
    return { pid: Number(id), parent: fields[1], cpuMs: (fields[11] + fields[12] + fields[13] + fields[14]) * JIFFY_MS };
  }));
  return found.filter(({ parent }) => Number.isFinite(parent));
}

/** Kilobytes of one process; what it shares with others (PostgreSQL's buffers) counts in part, where the system can tell. */
async function sizeOf({ pid, resident }) {
  if (process.platform !== 'linux') return resident;
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
}

async function look(root) {
  const all = await processes();
  const wanted = new Set([root]);
  for (let before = 0; before < wanted.size;) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  const ours = all.filter(({ pid }) => wanted.has(pid));
  const sizes = await Promise.all(ours.map(sizeOf));
  return { mb: sizes.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024, cpuMs: ours.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
}

/** Watches until `stop`, which gives the largest sum of megabytes that was seen and the processors' time since the beginning (0 where it is not known). */
export async function watchProcesses(root, everyMs = 100) {
  const first = await look(root);
  let peak = first.mb;
  let last = first;
  let going = true;
  const done = (async () => {
    while (going) {
      last = await look(root);
      peak = Math.max(peak, last.mb);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    last = await look(root);
  })();
  return {
    async stop() {
      going = false;
      await done;
      return { peakMb: Math.round(peak), cpuMs: Math.max(0, last.cpuMs - first.cpuMs) };
    },
  };
}
