import { createHash, createHmac, timingSafeEqual, type Hash, type Hmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import type { Denial } from '../services/lakeformation/authorization.ts';

/** The key that everything which comes from beyond this machine is signed with. */
export interface RemoteKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** So far a clock may be wrong, as AWS has it (AWS General Reference, "Elements of an AWS API request signature", 2026-11-28). */
const SKEW_MS = 15 * 60_000;
/** A body whose digest is signed is held whole; what is larger comes in parts, or unsigned. */
const LARGEST_BODY = 256 * 1024 * 1024;

/** Node's SHA-256, as the signer takes it. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }
  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof chunk === 'string' ? chunk : bytesOf(chunk));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('not used');
  }
}

const bytesOf = (given: ArrayBuffer | ArrayBufferView): Uint8Array => (ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given));

const refused = (code: string, message: string): Denial => ({ code, message });
const mismatch = (): Denial => refused('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided. Check your key and signing method.');

/** What a request says of its signature, in its header or, presigned, in its address. */
interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signed: readonly string[];
  readonly signature: string;
  readonly date: Date;
  /** Seconds, of a presigned one. */
  readonly expires?: number;
}

/**
 * Judges the signature (version 4) of a request by computing it again. `read` fetches the body, where it must be known.
 *
 * @returns why it is refused; nothing when it is as it should be.
 */
export async function judgeSignature(request: IncomingMessage, key: RemoteKey, read: (most: number) => Promise<Buffer | undefined>): Promise<Denial | undefined> {
  const [path = '/', search = ''] = splitOnce(request.url ?? '/');
  const query = parseQuery(search);
  const claim = query && claimOf(request, query);
  if (!query || !claim) {
    return refused('MissingAuthenticationToken', "Beyond this machine the sandbox takes only requests that are signed with the key that its start printed.");
  }
  if (claim.accessKeyId !== key.accessKeyId) {
    return refused('InvalidClientTokenId', 'The security token included in the request is invalid.');
  }
  const age = Date.now() - claim.date.getTime();
  if (!(age > -SKEW_MS && age < (claim.expires === undefined ? SKEW_MS : claim.expires * 1_000))) {
    return refused('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.');
  }
  // Whom a request is for, and all that AWS's own header fields say, must be under the signature.
  const unsigned = Object.keys(request.headers).find((name) => (name === 'host' || (name.startsWith('x-amz-') && name !== 'x-amzn-trace-id')) && !claim.signed.includes(name));
  if (unsigned !== undefined) {
    return refused('SignatureDoesNotMatch', `There were headers present in the request which were not signed: ${unsigned}`);
  }
  const headers = Object.fromEntries(claim.signed.map((name) => [name, [request.headers[name] ?? ''].flat().join(',')]));
  const stated = headers['x-amz-content-sha256'];
  const digest = stated !== undefined && /^[0-9a-f]{64}$/.test(stated);
  // S3's own words for a body that the signature leaves out, or that comes in chunks.
  if (stated !== undefined && !digest && !/^(UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/.test(stated)) {
    return mismatch();
  }
  const signer = new SignatureV4({ credentials: key, region: claim.region, service: claim.service, sha256: Sha256, uriEscapePath: claim.service !== 's3', applyChecksum: false });
  const asked: HttpRequest = { method: request.method ?? 'GET', protocol: 'http:', hostname: '', path, query, headers };
  const options = { signingDate: claim.date, signableHeaders: new Set(claim.signed), unsignableHeaders: new Set<string>() };
  if (claim.expires !== undefined) {
    // A presigned request's body is never signed: an object that is no text stands for it.
    const { query: again } = await signer.presign({ ...asked, body: {} }, { ...options, expiresIn: claim.expires, unhoistableHeaders: new Set(claim.signed) });
    return isSame(String(again?.['X-Amz-Signature']), claim.signature) ? undefined : mismatch();
  }
  const compute = async (body?: Buffer): Promise<boolean> => {
    const again = await signer.sign({ ...asked, ...(body === undefined ? {} : { body }) }, options);
    return isSame(/Signature=([0-9a-f]+)$/.exec(again.headers['authorization'] ?? '')?.[1] ?? '', claim.signature);
  };
  // The head first: for whom it is not right nothing is read.
  if (stated !== undefined && !(await compute())) {
    return mismatch();
  }
  if (stated !== undefined && !digest) {
    return undefined;
  }
  const body = await read(LARGEST_BODY);
  if (!body) {
    return refused('EntityTooLarge', `Beyond this machine a signed body has at most ${LARGEST_BODY} bytes: upload it in parts.`);
  }
  const right = stated === undefined ? await compute(body) : createHash('sha256').update(body).digest('hex') === stated;
  return right ? undefined : mismatch();
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function claimOf(request: IncomingMessage, query: Record<string, string | string[]>): Claim | undefined {
  const take = (name: string): string => {
    const value = query[name];
    delete query[name];
    return typeof value === 'string' ? value : '';
  };
  const header = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
  const presigned = header === null && query['X-Amz-Algorithm'] === 'AWS4-HMAC-SHA256';
  const [credential = '', names = '', signature = ''] = header?.slice(1) ?? (presigned ? ['X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Signature'].map(take) : []);
  const at = presigned ? take('X-Amz-Date') : String(request.headers['x-amz-date'] ?? '');
  const expires = presigned ? Number(take('X-Amz-Expires')) : undefined;
  take('X-Amz-Algorithm');
  const [accessKeyId, day, region, service, end, more] = credential.split('/');
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(at);
  if (!accessKeyId || !region || !service || end !== 'aws4_request' || more !== undefined || !time || !at.startsWith(day ?? '-') || (expires !== undefined && !(expires > 0 && expires <= 604_800))) {
    return undefined;
  }
  const [, year, month, date, hour, minute, second] = time;
  return {
    accessKeyId, region, service, signature,
    signed: names.split(';'),
    date: new Date(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`),
    ...(expires === undefined ? {} : { expires }),
  };
}

function splitOnce(url: string): string[] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

/** Nothing for one that is not encoded as it must be. */
function parseQuery(text: string): Record<string, string | string[]> | undefined {
  const query: Record<string, string | string[]> = {};
  try {
    for (const pair of text.split('&').filter((each) => each !== '')) {
      const [name = '', value = ''] = pair.split(/=(.*)/s).map((part) => decodeURIComponent(part));
      const had = query[name];
      query[name] = had === undefined ? value : [had, value].flat();
    }
    return query;
  } catch {
    return undefined;
  }
}
