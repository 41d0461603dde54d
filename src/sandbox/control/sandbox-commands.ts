import * as l10n from '@vscode/l10n';
import { ExitCode, isCancellation, UserError } from '../../errors.ts';
import type { TickResult } from '../services/events/scheduled-rules.ts';
import { type SandboxOptions, sandboxStopped } from './sandbox-status.ts';
import { probe, readRunning } from './gateway-process.ts';
import { cancelled, filesOf } from './state-access.ts';

/**
 * Asks a running sandbox to do something that AWS has no call for, such as pushing time forward.
 *
 * @throws UserError `sandbox.stopped`; `sandbox.hollow`; `sandbox.command` with the sandbox's own reason.
 */
export async function askSandbox<T>(command: string, input: Readonly<Record<string, unknown>>, options: Pick<SandboxOptions, 'state' | 'signal'> = {}): Promise<T> {
  const running = await readRunning(filesOf(options.state));
  const status = running && (await probe(running));
  if (!status) {
    throw sandboxStopped();
  }
  if (status.controlPlaneOnly) {
    throw new UserError('sandbox.hollow', l10n.t('The sandbox runs without engine and PostgreSQL.'), { next: l10n.t('Stop it, then start it again: what it holds is kept.'), exit: ExitCode.failed });
  }
  const response = await fetch(`http://127.0.0.1:${running.port}/_lake/${command}`, {
    method: 'POST',
    headers: { 'x-lake-token': running.token },
    body: JSON.stringify(input),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    if (isCancellation(error)) {
      throw error;
    }
    // It ended over it: fetch's own words say nothing.
    throw new UserError('sandbox.stopped', l10n.t('The sandbox ended while it did that.'), { next: l10n.t('Start it again: what it holds is kept.'), exit: ExitCode.failed, cause: error });
  });
  const text = await response.text();
  if (!response.ok) {
    const why = text.startsWith('{') ? (JSON.parse(text) as { error: string }).error : `HTTP ${response.status}`;
    throw new UserError('sandbox.command', l10n.t('The sandbox could not do that.'), { why, exit: ExitCode.failed });
  }
  return JSON.parse(text) as T;
}

/** So many scheduled events run in one request: between requests there is progress, and a chance to cancel. */
const TICKS_AT_ONCE = 10;

/**
 * Pushes the sandbox's time forward until so many scheduled events have run.
 *
 * @throws UserError as `askSandbox`; `cancelled`.
 */
export async function tickSandbox(count: number, options: Pick<SandboxOptions, 'state' | 'signal' | 'onProgress'> = {}): Promise<TickResult> {
  let sum: TickResult = { ran: 0, failed: 0, errors: [], now: '' };
  while (sum.ran < count) {
    if (options.signal?.aborted) {
      throw cancelled();
    }
    const part = await askSandbox<TickResult>('tick', { count: Math.min(TICKS_AT_ONCE, count - sum.ran) }, { ...(options.state === undefined ? {} : { state: options.state }) });
    sum = { ran: sum.ran + part.ran, failed: sum.failed + part.failed, errors: [...new Set([...sum.errors, ...part.errors])], now: part.now };
    options.onProgress?.(l10n.t('{0} of {1} scheduled events', sum.ran, count), sum.ran / count);
  }
  return sum;
}
