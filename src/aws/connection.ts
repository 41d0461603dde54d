import { setMaxListeners } from 'node:events';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import * as l10n from '@vscode/l10n';
import pLimit, { type LimitFunction } from 'p-limit';
import { ExitCode, UserError } from '../errors.ts';
import { lazyApi, type Api, type CallRecord, type CallStatistics, type ServiceModule } from './api.ts';
import { AwsError, explain } from './errors.ts';
import { isRegionName, readIdentity, type Identity } from './identity.ts';

export type Target = 'sandbox' | 'aws';

export interface ConnectionOptions {
  readonly target: Target;
  readonly region: string;
  /** A profile of `~/.aws/config`; without one the usual chain decides. */
  readonly profile?: string;
  readonly endpoint?: string;
  /** Given credentials win over profile and chain (the sandbox's, or an access key out of SecretStorage). */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  readonly signal?: AbortSignal;
  /** Told each time that an answer of the sandbox falls short of AWS's, with the header that says in what. */
  readonly onLimitation?: (header: string) => void;
  /** Told of a call, `service:Action`, that has had no answer for so many seconds. */
  readonly onSlow?: (call: string, seconds: number) => void;
  /** Told of every call when it has ended. */
  readonly onCall?: (record: CallRecord) => void;
  /** Milliseconds until an attempt without an answer has failed; a minute without it. */
  readonly answerMs?: number;
}

/** Any AWS credentials are accepted by the sandbox; these make its requests recognisable. */
export const sandboxCredentials: AwsCredentialIdentity = { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' };

// AWS throttles each service by itself. More at a time than this gains nothing: IAM and Glue allow a few a second beyond a small burst.
const callsPerService = 16;
/** An answer takes seconds at most, but for what a function computes. */
const ANSWER_MS = 60_000;

// The import calls are spelt out so that the bundler makes a chunk of each client.
const modules = {
  athena: () => import('./services/athena.ts'),
  ec2: () => import('./services/ec2.ts'),
  events: () => import('./services/events.ts'),
  glue: () => import('./services/glue.ts'),
  iam: () => import('./services/iam.ts'),
  lakeformation: () => import('./services/lakeformation.ts'),
  lambda: () => import('./services/lambda.ts'),
  logs: () => import('./services/logs.ts'),
  quicksight: () => import('./services/quicksight.ts'),
  s3: () => import('./services/s3.ts'),
  ssm: () => import('./services/ssm.ts'),
  sts: () => import('./services/sts.ts'),
};

type Services = { readonly [K in keyof typeof modules]: Api<Awaited<ReturnType<(typeof modules)[K]>>['commands']> };

/** AWS as the core sees it: one account, one region, its services as plain functions that load their client on first use. */
export interface Connection extends Services {
  readonly options: ConnectionOptions;
  readonly statistics: CallStatistics;
  /**
   * The calling identity, asked of STS once.
   *
   * @throws UserError when there are no credentials, they have expired, or the endpoint does not answer.
   */
  identity(): Promise<Identity>;
  /** Loads the clients of services that are about to be called, so that it happens while something else is waited for. */
  preload(services: Iterable<string>): void;
  /** The same connection whose calls also end when this signal does. Whoever waits for them can be told each time that AWS says: slower. */
  withSignal(signal: AbortSignal, onThrottled?: () => void): Connection;
  /** The same connection whose calls go out whatever has been aborted: to end what was begun. */
  withoutSignal(): Connection;
  close(): void;
}

/**
 * Makes a connection. Nothing is loaded and no call is made before it is used.
 *
 * @throws UserError `region.invalid` for what cannot be a region's name, `endpoint.invalid` for what is no http(s) URL.
 */
export function connect(options: ConnectionOptions): Connection {
  if (!isRegionName(options.region)) {
    throw new UserError('region.invalid', l10n.t('"{0}" is not the name of an AWS region.', options.region), {
      next: l10n.t('Use a name such as us-east-2.'),
      exit: ExitCode.usage,
    });
  }
  if (options.endpoint !== undefined && !isAddress(options.endpoint)) {
    throw new UserError('endpoint.invalid', l10n.t('"{0}" is not the address of an endpoint.', options.endpoint), {
      next: l10n.t('Give an address that starts with http:// or https://, such as http://127.0.0.1:4566.'),
      exit: ExitCode.usage,
    });
  }
  const statistics = { calls: 0, retries: 0 };
  return makeConnection(options, new SharedClients(options), statistics);
}

/** An http(s) URL that the SDK can take apart too. */
const isAddress = (text: string): boolean => /^https?:\/\/[^/]+/.test(text) && URL.canParse(text);

function makeConnection(options: ConnectionOptions, shared: SharedClients, statistics: CallStatistics, onThrottled?: () => void): Connection {
  const services = Object.fromEntries(
    Object.keys(modules).map((service) => [
      service,
      lazyApi<ServiceModule>(service, () => shared.load(service as keyof typeof modules), { signal: options.signal, limits: { answerMs: options.answerMs ?? ANSWER_MS, onSlow: options.onSlow }, onThrottled, onLimitation: options.onLimitation, onCall: options.onCall, statistics, slot: shared.slot(service) }),
    ]),
  ) as unknown as Services;
  return {
    ...services,
    options,
    statistics,
    identity() {
      shared.identity ??= services.sts.getCallerIdentity({}).then(
        (caller) => readIdentity(caller.Arn ?? '', caller.Account ?? '', caller.UserId),
        (error: unknown) => {
          shared.identity = undefined;
          throw AwsError.is(error) ? explain(error, options) : error;
        },
      );
      return shared.identity;
    },
    preload(wanted) {
      for (const service of wanted) {
        if (service in modules) {
          shared.load(service as keyof typeof modules).catch(() => undefined);
        }
      }
    },
    withSignal(signal, told = onThrottled) {
      const joined = options.signal && options.signal !== signal ? AbortSignal.any([options.signal, signal]) : signal;
      setMaxListeners(0, joined);
      return makeConnection({ ...options, signal: joined }, shared, statistics, told);
    },
    withoutSignal: () => makeConnection({ ...options, signal: undefined }, shared, statistics),
    close: () => shared.destroy(),
  };
}

/** The SDK's clients, made when first asked for, with one connection pool and one credential provider between them. */
class SharedClients {
  private readonly slots = new Map<string, LimitFunction>();
  identity: Promise<Identity> | undefined;
  private readonly clients = new Map<string, Promise<{ commands: ServiceModule['commands']; sender: unknown }>>();
  private base: Promise<object> | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  /** Runs a service's calls, so many at a time. */
  slot(service: string): LimitFunction {
    let slot = this.slots.get(service);
    if (!slot) {
      slot = pLimit(callsPerService);
      this.slots.set(service, slot);
    }
    return slot;
  }

  load(service: keyof typeof modules): Promise<{ commands: ServiceModule['commands']; sender: unknown }> {
    let client = this.clients.get(service);
    if (!client) {
      client = this.make(service);
      this.clients.set(service, client);
    }
    return client;
  }

  destroy(): void {
    for (const client of this.clients.values()) {
      void client.then(({ sender }) => (sender as { destroy(): void }).destroy(), () => undefined);
    }
    this.clients.clear();
  }

  private async make(service: keyof typeof modules): Promise<{ commands: ServiceModule['commands']; sender: unknown }> {
    this.base ??= this.configuration();
    const [module, base] = await Promise.all([modules[service](), this.base]);
    const Client = module.Client as unknown as new (config: object) => { middlewareStack: MiddlewareStack };
    const timed = service === 'lambda' ? { ...base, requestHandler: await this.handler(0) } : base;
    const client = new Client(service === 's3' ? { ...base, forcePathStyle: this.options.endpoint !== undefined, followRegionRedirects: true } : timed);
    client.middlewareStack.add(unimplementedAsError, { step: 'deserialize', name: 'unimplementedAsError', priority: 'low' });
    return { commands: module.commands as unknown as ServiceModule['commands'], sender: client };
  }

  /** @param answerMs how long an attempt may be without an answer; 0 for ever. */
  private async handler(answerMs: number): Promise<object> {
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    return new NodeHttpHandler({
      connectionTimeout: 10_000,
      ...(answerMs > 0 && { requestTimeout: answerMs, throwOnRequestTimeout: true }),
      httpAgent: { keepAlive: true, maxSockets: 4 * callsPerService },
      httpsAgent: { keepAlive: true, maxSockets: 4 * callsPerService },
    });
  }

  private async configuration(): Promise<object> {
    const { region, endpoint, profile, credentials, answerMs = ANSWER_MS } = this.options;
    return {
      region,
      endpoint,
      maxAttempts: 5,
      credentials: credentials ?? (await import('./credentials.ts')).profileChain(profile),
      requestHandler: await this.handler(answerMs),
    };
  }
}

type Handler = (args: object) => Promise<object>;
interface MiddlewareStack {
  add(middleware: (next: Handler) => Handler, options: object): void;
}

/**
 * moto answers what it does not implement with a page of HTML and status 404 or 500, which the SDK would retry and then
 * report as a syntax error. This looks at the raw response and makes it an error of its own that is not retried.
 */
function unimplementedAsError(next: Handler): Handler {
  return async (args) => {
    const result = await next(args);
    const { statusCode = 200, headers = {} } = (result as { response?: { statusCode?: number; headers?: Record<string, string> } }).response ?? {};
    // A HEAD has no body to tell by: there 404 is S3's "no such bucket".
    const { method } = (args as { request?: { method?: string } }).request ?? {};
    if (method !== 'HEAD' && [404, 500, 501].includes(statusCode) && headers['content-type']?.startsWith('text/html')) {
      throw Object.assign(new Error('The endpoint does not implement this operation.'), { name: 'NotImplemented', $metadata: { httpStatusCode: 501, attempts: 1 } });
    }
    return result;
  };
}
