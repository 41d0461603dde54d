import type { AccessKeys } from '../kernel/access-keys.ts';
import type { ControlPlaneClient } from '../kernel/control-plane-client.ts';
import type { Call } from '../kernel/router.ts';
import type { Authorization, Denial } from '../services/lakeformation/authorization.ts';

/** The answer of `judge` in `judgement.py`. */
interface Judgement {
  readonly known: boolean;
  /** ARN of the user or role whose rights count. */
  readonly principal?: string;
  /** ARN of who calls: of a role, its session. */
  readonly session?: string;
  readonly denial?: (Denial & { readonly status: number }) | null;
}

/** Bodies beyond this are not read for what they ask; only uploads to S3 are larger, and theirs say nothing. */
const LARGEST_BODY = 96 * 1024 * 1024;
/** A member longer than this names nothing. */
const LONGEST_MEMBER = 20_000;
/** Keys that nobody gave out are remembered, so that the learner's calls cost nothing; no client uses more. */
const MOST_STRANGERS = 1_000;

/**
 * Whether a call may be made: asked before anybody handles it, and the only place that decides. First IAM, then, for the Data Catalog, Lake
 * Formation.
 *
 * Keys that the sandbox did not give out are the learner's, whom nobody judges.
 */
export class Guard {
  readonly #strangers = new Set<string>();

  constructor(
    private readonly controlPlane: ControlPlaneClient,
    private readonly accessKeys: AccessKeys,
    private readonly authorization: Authorization,
    /** What a request leaves unsaid of the resource it is for: the work group of a query. */
    private readonly hints: (call: Call, input: unknown) => Readonly<Record<string, string>> = () => ({}),
  ) {}

  /** Why AWS would refuse a call; nothing when it would not. */
  async judge(call: Call): Promise<(Denial & { readonly status?: number }) | undefined> {
    const { service, region, action, accessKey, method } = call.operation;
    const session = this.accessKeys.find(accessKey);
    if (!session && (accessKey === '' || this.#strangers.has(accessKey))) {
      return undefined;
    }
    const body = await this.#bodyOf(call);
    const judgement = await this.controlPlane.inspect<Judgement>('judge', {
      service, region, action, method, body,
      url: call.request.url ?? '/',
      key: accessKey,
      headers: Object.fromEntries(Object.entries(call.request.headers).filter(([name]) => name.startsWith('x-amz-') && name !== 'x-amz-security-token').map(([name, value]) => [name, String(value)])),
      hints: this.hints(call, body),
      via: session?.service ?? '',
      ...(session && ('role' in session ? { role: session.role, session: session.name } : { user: session.user })),
    });
    if (!judgement.known) {
      if (this.#strangers.size < MOST_STRANGERS) {
        this.#strangers.add(accessKey);
      }
      return undefined;
    }
    call.caller = { principal: judgement.principal ?? '', session: judgement.session ?? '' };
    return judgement.denial ?? this.authorization.authorize(call, call.caller);
  }

  /** What a request says of what it asks for, as an object or a form; nothing for what carries data. */
  async #bodyOf(call: Call): Promise<unknown> {
    const { service, action, method, path } = call.operation;
    const isS3 = service === 's3' && action === '';
    if (isS3 ? !(method === 'POST' && /[?&]delete(?:=|&|$)/.test(call.request.url ?? '')) : method === 'GET' || method === 'HEAD') {
      return undefined;
    }
    // An invocation's body is the event.
    if (Number(call.request.headers['content-length'] ?? 0) > LARGEST_BODY || (service === 'lambda' && /\/invo(cations|ke-async)\/?$/.test(path))) {
      return undefined;
    }
    const text = (await call.body()).toString('utf8');
    try {
      return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' && value.length > LONGEST_MEMBER ? undefined : value)) as unknown;
    } catch {
      return text;
    }
  }
}
