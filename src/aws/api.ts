import { toAwsError } from './errors.ts';

/** Counters of one connection, for progress and for `npm run bench`. */
export interface CallStatistics {
  calls: number;
  retries: number;
  /** Answers so far that said: slower. Counted as they come, while the call goes on trying. */
  throttled: number;
}

type AnyCommand = abstract new (input: never) => { readonly input: object; resolveMiddleware: (...args: never[]) => (args: never) => Promise<{ output: object }> };
type Input<C> = C extends abstract new (...args: never[]) => { readonly input: infer I } ? I : never;
type Output<C> = C extends abstract new (...args: never[]) => { resolveMiddleware: (...args: never[]) => (args: never) => Promise<{ output: infer O }> } ? O : never;

/** A service as plain async functions: `ec2.describeVpcs({…})`. Errors are {@link AwsError}s. */
export type Api<Commands> = { readonly [K in keyof Commands]: (input: Input<Commands[K]>) => Promise<Output<Commands[K]>> };

export interface ServiceModule {
  readonly Client: new (config: never) => unknown;
  readonly commands: Readonly<Record<string, AnyCommand>>;
}

interface Sender {
  send(command: unknown, options: { abortSignal?: AbortSignal }): Promise<{ $metadata: { attempts?: number } }>;
}

/**
 * Makes a service's functions out of its lazily loaded module: nothing of the SDK is loaded before the first call.
 *
 * @param service the IAM prefix of its actions, for messages (`glue:CreateJob`).
 */
export function lazyApi<M extends ServiceModule>(
  service: string,
  load: () => Promise<{ commands: M['commands']; sender: unknown }>,
  options: { readonly signal?: AbortSignal; readonly statistics: CallStatistics; readonly slot: <T>(run: () => Promise<T>) => Promise<T> },
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
        const Command = commands[property] as unknown as (new (input: object) => unknown) | undefined;
        if (!Command) {
          throw new TypeError(`${service} has no command ${property}`);
        }
        return options.slot(async () => {
          options.signal?.throwIfAborted();
          options.statistics.calls++;
          try {
            const output = await (sender as Sender).send(new Command(input), { abortSignal: options.signal });
            options.statistics.retries += (output.$metadata.attempts ?? 1) - 1;
            return output;
          } catch (error) {
            options.statistics.retries += ((error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1) - 1;
            throw toAwsError(error, `${service}:${action}`);
          }
        });
      };
    },
  });
}
