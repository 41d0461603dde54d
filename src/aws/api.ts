import * as l10n from '@vscode/l10n';
import { AwsError, toAwsError } from './errors.ts';

/** Counters of one connection, for progress and for `npm run bench`. */
export interface CallStatistics {
  calls: number;
  retries: number;
}

type AnyCommand = abstract new (input: never) => { readonly input: object; resolveMiddleware: (...args: never[]) => (args: never) => Promise<{ output: object }> };
type Input<C> = C extends abstract new (...args: never[]) => { readonly input: infer I } ? I : never;
type Output<C> = C extends abstract new (...args: never[]) => { resolveMiddleware: (...args: never[]) => (args: never) => Promise<{ output: infer O }> } ? O : never;

/** How long a call may take. */
export interface CallLimits {
  /** Milliseconds until an attempt without an answer has failed. */
  readonly answerMs: number;
  /** Told of a call that has had no answer for so many seconds, once. */
  readonly onSlow?: (call: string, seconds: number) => void;
}

/** Whoever waits is told after this part of the time that an attempt has. */
const SLOW = 1 / 6;
/** Attempts that may go without an answer; those that fail in another way are the SDK's to count. */
const PATIENCE = 2.5;
/** A function of Lambda may run for 15 minutes before it answers. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 2026-11-28. */
const LONGEST_INVOCATION_MS = 15 * 60_000;

/** A service as plain async functions: `ec2.describeVpcs({…})`. Errors are {@link AwsError}s. */
export type Api<Commands> = { readonly [K in keyof Commands]: (input: Input<Commands[K]>) => Promise<Output<Commands[K]>> };

export interface ServiceModule {
  readonly Client: new (config: never) => unknown;
  readonly commands: Readonly<Record<string, AnyCommand>>;
}

/** A call that has been answered, or has failed. */
export interface CallRecord {
  /** `service:Action`. */
  readonly call: string;
  readonly ms: number;
  /** Attempts that it took. */
  readonly attempts: number;
  /** Status of the last answer; undefined without one. */
  readonly status?: number;
  /** AWS's code, of a call that failed. */
  readonly code?: string;
}

type Handler = (args: object) => Promise<object>;

interface Command {
  readonly middlewareStack: { add(middleware: (next: Handler) => Handler, options: object): void };
}

interface Sender {
  send(command: unknown, options: { abortSignal?: AbortSignal }): Promise<{ $metadata: { attempts?: number; httpStatusCode?: number } }>;
}

/**
 * Makes a service's functions out of its lazily loaded module: nothing of the SDK is loaded before the first call.
 *
 * @param service the IAM prefix of its actions, for messages (`glue:CreateJob`).
 */
export function lazyApi<M extends ServiceModule>(
  service: string,
  load: () => Promise<{ commands: M['commands']; sender: unknown }>,
  options: { readonly signal?: AbortSignal; readonly limits: CallLimits; readonly onThrottled?: () => void; readonly onLimitation?: (header: string) => void; readonly onCall?: (record: CallRecord) => void; readonly statistics: CallStatistics; readonly slot: <T>(run: () => Promise<T>) => Promise<T> },
): Api<M['commands']> {
  let loading: ReturnType<typeof load> | undefined;
  return new Proxy({} as Api<M['commands']>, {
    get(_, property) {
      if (typeof property !== 'string' || property === 'then') {
        return undefined;
      }
      const action = property[0]!.toUpperCase() + property.slice(1);
      return async (input: object) => {
        loading ??= load();
        const { commands, sender } = await loading;
        const Command = commands[property] as unknown as (new (input: object) => Command) | undefined;
        if (!Command) {
          throw new TypeError(`${service} has no command ${property}`);
        }
        return options.slot(async () => {
          options.signal?.throwIfAborted();
          options.statistics.calls++;
          const command = new Command(input);
          if (options.onThrottled) {
            noteThrottling(command, `${service}:${action}`, options.onThrottled);
          }
          if (options.onLimitation) {
            noteLimitations(command, options.onLimitation);
          }
          const name = `${service}:${action}`;
          const late = new AbortController();
          const patience = options.limits.answerMs * PATIENCE + (name === 'lambda:Invoke' ? LONGEST_INVOCATION_MS : 0);
          const slowMs = options.limits.answerMs * SLOW;
          const timers = [
            setTimeout(() => late.abort(), patience),
            setTimeout(() => options.limits.onSlow?.(name, Math.round((slowMs / 1000) * 10) / 10), slowMs),
          ];
          const start = performance.now();
          const note = ({ attempts = 1, httpStatusCode: status }: { attempts?: number; httpStatusCode?: number } = {}, code?: string): void =>
            options.onCall?.({ call: name, ms: Math.round(performance.now() - start), attempts, ...(status !== undefined && { status }), ...(code !== undefined && { code }) });
          try {
            const output = await (sender as Sender).send(command, { abortSignal: options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal });
            options.statistics.retries += (output.$metadata.attempts ?? 1) - 1;
            note(output.$metadata);
            return output;
          } catch (error) {
            const { $metadata } = error as { $metadata?: { attempts?: number; httpStatusCode?: number } };
            options.statistics.retries += ($metadata?.attempts ?? 1) - 1;
            const failure = late.signal.aborted && !options.signal?.aborted
              ? new AwsError('unreachable', 'TimeoutError', name, l10n.t('No answer to {0} for {1} seconds.', name, Math.round(patience / 100) / 10), undefined, error)
              : toAwsError(error, name);
            note($metadata, AwsError.is(failure) ? failure.code : failure.name);
            throw failure;
          } finally {
            timers.forEach(clearTimeout);
          }
        });
      };
    },
  });
}

/** By this header the sandbox says that an answer falls short of AWS's. */
const LIMITATION_HEADER = 'x-lake-tutorial-limitation';

/** Hands on what an answer says it falls short in, be it an error or not. */
function noteLimitations({ middlewareStack }: Command, onLimitation: (header: string) => void): void {
  middlewareStack.add((next) => async (args) => {
    const note = ({ response, $response = response }: { response?: Answer; $response?: Answer }): void => {
      const header = $response?.headers?.[LIMITATION_HEADER];
      if (header) {
        onLimitation(header);
      }
    };
    try {
      const result = await next(args);
      note(result);
      return result;
    } catch (error) {
      note(error as { $response?: Answer });
      throw error;
    }
  }, { step: 'deserialize', name: 'noteLimitations', priority: 'high' });
}

interface Answer {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Tells each time that an answer says: slower. Inside of the SDK's retries, so that who waits can say why while it waits. */
function noteThrottling({ middlewareStack }: Command, call: string, onThrottled: () => void): void {
  middlewareStack.add((next) => (args) => next(args).catch((error: unknown) => {
    if (AwsError.is(toAwsError(error, call), 'throttled')) {
      onThrottled();
    }
    throw error;
  }), { step: 'deserialize', name: 'noteThrottling', priority: 'high' });
}
