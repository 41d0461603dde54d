import { services, type PackedService } from './iam.generated.ts';

/** A service's actions as they are looked up: by name in lower case. */
interface Service {
  readonly actions: ReadonlyMap<string, { readonly name: string; readonly types: readonly string[] }>;
  readonly types: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
}

const unpacked = new Map<string, Service>();

function unpack({ actions, types, keys }: PackedService): Service {
  const all = new Map<string, { name: string; types: readonly string[] }>();
  for (const [on, packed] of Object.entries(actions)) {
    const onTypes = on.split(' ').filter(Boolean);
    for (const group of packed.split(',')) {
      const [verb = '', rest = ''] = group.split(':');
      for (const each of rest.split(' ')) {
        const name = each === '.' ? verb : `${verb}${each}`;
        all.set(name.toLowerCase(), { name, types: onTypes });
      }
    }
  }
  return { actions: all, types, keys: keys.split(' ').filter(Boolean) };
}

/** What IAM knows of a service; undefined for services that the table leaves out, of which nothing is said. */
export function iamService(prefix: string): Service | undefined {
  const name = prefix.toLowerCase();
  const known = unpacked.get(name);
  if (known) return known;
  const packed = Object.hasOwn(services, name) ? services[name] : undefined;
  if (!packed) return undefined;
  const service = unpack(packed);
  unpacked.set(name, service);
  return service;
}

/** The number of edits between two words, at most `limit` of them. */
export function distance(a: string, b: string, limit = 3): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}

/** The word of a list that somebody who wrote `word` meant; undefined where none is near. */
export function closest(word: string, among: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.min(3, Math.floor(word.length / 4)));
  let best: string | undefined;
  let least = limit + 1;
  for (const each of among) {
    const edits = distance(word.toLowerCase(), each.toLowerCase(), limit);
    if (edits < least) [best, least] = [each, edits];
  }
  return best;
}
