import type { Connection } from './connection.ts';

/** How services name the token for the next page: what the answer calls it, and what the request does. */
const tokens = [
  { answer: 'NextToken', request: 'NextToken' },
  { answer: 'NextContinuationToken', request: 'ContinuationToken' },
  { answer: 'NextMarker', request: 'Marker' },
  { answer: 'Marker', request: 'Marker' },
] as const;
/** A request that says how much it wants, or where to go on, gets that and no more. */
const ownPaging = ['MaxResults', 'MaxItems', 'MaxKeys', 'Limit', 'NextToken', 'Marker', 'ContinuationToken', 'StartAfter', 'KeyMarker'];

type Answer = Readonly<Record<string, unknown>>;
type Call = (input: Answer) => Promise<Answer>;

/**
 * The same connection, whose lists come whole: an answer with a token is followed by those after it, and the lists in them
 * are one. For what must not overlook anything; a request with a limit or a token of its own stays as it is.
 */
export function everyPage(connection: Connection): Connection {
  return new Proxy(connection, {
    get(target, name, receiver) {
      const service: unknown = Reflect.get(target, name, receiver);
      return typeof service === 'object' && service !== null && isService(name) ? wholeLists(service as Readonly<Record<string, Call>>) : service;
    },
  });
}

const isService = (name: string | symbol): boolean => typeof name === 'string' && name !== 'options' && name !== 'statistics';

function wholeLists(service: Readonly<Record<string, Call>>): Readonly<Record<string, Call>> {
  return new Proxy(service, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      return typeof call === 'function' ? (input: Answer) => whole(call as Call, input) : call;
    },
  });
}

async function whole(call: Call, input: Answer): Promise<Answer> {
  let page = await call(input);
  if (ownPaging.some((name) => name in input)) {
    return page;
  }
  let all = page;
  for (const seen = new Set<unknown>(); ; ) {
    const next = tokens.find(({ answer }) => typeof page[answer] === 'string' && page[answer] !== '');
    // S3's and IAM's answers may name where they ended though nothing is left.
    if (!next || page['IsTruncated'] === false || seen.has(page[next.answer])) {
      return all;
    }
    seen.add(page[next.answer]);
    page = await call({ ...input, [next.request]: page[next.answer] });
    const more = page;
    all = Object.fromEntries([...new Set([...Object.keys(all), ...Object.keys(more)])].map((key) => [key, Array.isArray(all[key]) && Array.isArray(more[key]) ? [...(all[key] as unknown[]), ...(more[key] as unknown[])] : (all[key] ?? more[key])]));
  }
}
