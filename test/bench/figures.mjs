// Numbers of several runs, and how they are shown.
import { spawn } from 'node:child_process';

const round = (value, digits = 0) => Number(value.toFixed(digits));

/** Median, smallest and largest of some runs. */
export function summary(values, digits = 0) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median: round(median, digits), min: round(sorted[0], digits), max: round(sorted.at(-1), digits), runs: sorted.length };
}

/** Runs a Node program and gives its standard output and the milliseconds from its start to its end; rejects unless it ends with 0. */
export function timed(args, env = {}) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const ms = performance.now() - start;
      if (code === 0) resolve({ stdout, ms });
      else reject(new Error(`node ${args.join(' ')} ended with ${code}: ${stdout.slice(-500)}`));
    });
  });
}

/** A process that prints one line of JSON when it is ready; ended by `stop`. */
export async function service(command, args, { env = {}, ready }) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } });
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
  failed.catch(() => undefined);
  const stop = () => void child.kill();
  try {
    return { value: await Promise.race([ready(child), failed]), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Rows of cells as a table with as wide columns as it needs. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}
