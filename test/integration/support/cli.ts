import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built CLI; `LAKE_TUTORIAL_TEST_CLI` names another build of it. */
const program = resolve(process.env['LAKE_TUTORIAL_TEST_CLI'] ?? 'dist/cli.js');

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Told of the process as soon as it runs, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

export const anyCredentials = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'anything' };

/** Runs the CLI as a user without any AWS set-up, unless `env` has one, and without a terminal. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  assert.ok(existsSync(program), `${program} is not built: npm run build`);
  const home = await mkdtemp(join(tmpdir(), 'lake-home-'));
  try {
    return await new Promise<Outcome>((done, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        env: { PATH: process.env['PATH'], HOME: home, USERPROFILE: home, AWS_EC2_METADATA_DISABLED: 'true', ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.once('error', reject);
      child.once('close', (code, signal) => done({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
      options.onStart?.(child);
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Whatever happens, prose has no stack trace. */
export function assertNoStack(outcome: Outcome): void {
  assert.doesNotMatch(outcome.stderr, /^\s+at .*(\d+:\d+|\(.*\))/m);
  assert.doesNotMatch(outcome.stderr, /node:internal|\.js:\d+/);
}

/** The one JSON document on stdout, after a look at the exit code. */
export function documentOf<T>(outcome: Outcome, code: number): T {
  assertNoStack(outcome);
  assert.equal(outcome.code, code, `exit ${outcome.code}\n${outcome.stderr}\n${outcome.stdout.slice(0, 4000)}`);
  return JSON.parse(outcome.stdout) as T;
}

export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly why?: string; readonly fix?: string };
}
export interface PlanDocument {
  readonly actions: readonly { readonly resource: string; readonly step: string; readonly action: string; readonly reason: string }[];
  readonly cost: { readonly perHour: number; readonly perRun: number; readonly currency: string };
}
export interface UpDocument {
  readonly resources: readonly { readonly resource: string; readonly step: string; readonly state: string; readonly ms: number; readonly reason?: string; readonly error?: { readonly code: string } }[];
  readonly ms: number;
}
export interface VerifyDocument {
  readonly steps: readonly {
    readonly id: string; readonly state: string; readonly looked?: string; readonly found?: string; readonly expected?: string; readonly follows?: string;
    readonly findings: readonly { readonly code: string; readonly message: string; readonly fix: string; readonly looked?: string; readonly found?: string; readonly expected?: string }[];
  }[];
  readonly hint?: string;
}
export interface DownDocument {
  readonly removed: readonly string[];
  readonly left: readonly { readonly id: string; readonly why: string }[];
  readonly failed: readonly unknown[];
}

/** The commands against one endpoint, each with its document. */
export function commandsAt(target: readonly string[], env: Readonly<Record<string, string>> = anyCredentials) {
  const run = <T>(command: string, code: number, args: readonly string[]): Promise<T> =>
    cli([command, ...target, '--json', ...args], { env }).then((outcome) => documentOf<T>(outcome, code));
  return {
    plan: (...args: string[]) => run<PlanDocument>('plan', 0, args),
    up: (...args: string[]) => run<UpDocument>('up', 0, ['--yes', ...args]),
    verify: (code: number, ...args: string[]) => run<VerifyDocument>('verify', code, args),
    down: (...args: string[]) => run<DownDocument>('down', 0, ['--yes', ...args]),
    fails: (code: number, command: string, ...args: string[]) => run<ErrorDocument>(command, code, args),
  };
}

/** What a bare moto cannot tell: it runs no commands on instances, and reads of QuickSight fail in it. */
export const motoUnknowns: readonly string[] = ['source-table', 'rows', 'quicksight-data-source', 'quicksight-data-set', 'quicksight-dashboard'];

/** The resources that an `up` left in one of these states. */
export const inState = (document: UpDocument, ...states: string[]): string[] => document.resources.filter(({ state }) => states.includes(state)).map(({ resource }) => resource);

/** Codes of all that `verify` found wrong or missing, in the steps' order. */
export const codesOf = (document: VerifyDocument): string[] =>
  document.steps.filter(({ state }) => state === 'wrong' || state === 'missing').flatMap(({ findings }) => findings.map(({ code }) => code));
