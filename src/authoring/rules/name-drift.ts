import * as l10n from '@vscode/l10n';

import { grouped } from '../document.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

interface Name {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** The name without what spellings differ by. */
  readonly key: string;
  readonly kind: 'bucket' | 'role' | 'code';
}

/** The signs between two numbers tell them apart: `part-1-10` is not `part-11-0`. */
const keyOf = (name: string): string => name.toLowerCase().replace(/(?<!\d)[-_.]|[-_.](?!\d)/g, '');

const BUCKET = /(?:s3[an]?:\/\/|arn:aws[\w-]*:s3:::)(?<name>[a-z\d][a-z\d.-]{4,61}[a-z\d])(?=[/"'`\s*)\]]|$)/g;
const ROLE = /(?::role\/(?:service-role\/)?|--role-name[ =]+["']?)(?<name>[A-Za-z][\w+=,.@-]{5,63})(?=["'`\s]|$)/g;
const WORD = /^[A-Za-z][A-Za-z\d]*(?:[-_][A-Za-z\d]+)*$/;

/** One name in two spellings: `golden` and `gold`, `LakeFormationWorkFlowRole`. */
export const nameDrift: Rule = {
  id: 'name-drift',
  level: 'warning',
  title: () => l10n.t('One name in two spellings'),
  check: (document) => {
    const names = document.each('names', ({ text, code }): Name[] => {
      const found: Name[] = [];
      for (const [pattern, kind, sign] of [[BUCKET, 'bucket', /s3[an]?:/], [ROLE, 'role', /:role\/|--role-name/]] as const) {
        if (!sign.test(text)) continue;
        for (const match of text.matchAll(pattern)) {
          const name = match.groups?.['name'] ?? '';
          const start = match.index + match[0].length - name.length;
          found.push({ start, end: start + name.length, name, key: keyOf(name), kind });
        }
      }
      for (const match of !/`|\*\*/.test(text) ? [] : text.matchAll(/(?<!`)`(?<name>[^`\n]{6,64})`(?!`)|\*\*(?<bold>[^*\n]{6,64})\*\*/g)) {
        const name = match.groups?.['name'] ?? match.groups?.['bold'] ?? '';
        const start = match.index + match[0].indexOf(name);
        if (WORD.test(name) && (match.groups?.['name'] === undefined || code.slice(start, start + name.length) === name)) found.push({ start, end: start + name.length, name, key: keyOf(name), kind: 'code' });
      }
      return found;
    });
    return [...zones(document.each('zones', ({ text }) => zoneWords(text))), ...spelledTwice(names)];
  },
};

/** Buckets and roles whose names differ by a capital, a hyphen or an underscore; and words in backticks that do so from one. */
function spelledTwice(names: readonly Name[]): RawFinding[] {
  const groups = grouped(names, ({ key }) => key);
  return [...groups.values()].flatMap((group) => {
    if (group.every(({ name }) => name === group[0]?.name)) return [];
    const strong = group.filter(({ kind }) => kind !== 'code');
    const isCamel = (name: string): boolean => /[a-z][A-Z]/.test(name) && /^[A-Z]/.test(name);
    // Without a bucket or a role among them only capitals within a word count: a table, a variable and a flag may differ by their signs.
    const alike = strong.length > 0 ? group : group.filter(({ name }) => isCamel(name));
    const counts = new Map<string, number>();
    for (const { name, kind } of alike) counts.set(name, (counts.get(name) ?? 0) + (kind === 'code' ? 1 : 2));
    if (counts.size < 2) return [];
    const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
    if (!first || !second) return [];
    return alike.filter(({ name }) => name !== first[0]).filter(({ name }) => strong.length === 0 || name.length > 7 && !/^[A-Z_]+$/.test(name)).map(({ start, end, name }) => ({
      start, end, message: l10n.t('Elsewhere this is written {0}. AWS takes two spellings for two things: {1}', first[0], name), fix: replace(l10n.t('Write {0}', first[0]), start, end, first[0]),
    }));
  });
}

interface Zone {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  /** In code or as a folder: the name of the zone itself. */
  readonly isName: boolean;
  /** "The golden record", "gold standard": not the zone. */
  readonly isPhrase: boolean;
}

function zoneWords(text: string): Zone[] {
  return [...text.matchAll(/(?<![\p{L}\d])(?<word>bronze|silver|golden|gold)(?![\p{L}\d])/giu)].map((match) => {
    const [start, end] = [match.index, match.index + match[0].length];
    return { start, end, word: match[0].toLowerCase(), isPhrase: /^\s(?:records?|rules?|standard|images?|path|tickets?|hours?|signals?|source|truth|key)\b/i.test(text.slice(end, end + 12)), isName: /[`/]/.test(text[start - 1] ?? '') || /[`/]/.test(text[end] ?? '') };
  });
}

/** The third zone is gold or golden, and not both. */
function zones(words: readonly Zone[]): RawFinding[] {
  const count = (word: string): number => words.filter((each) => each.word === word).length;
  if (count('golden') === 0 || count('gold') === 0 || count('bronze') === 0 || count('silver') === 0) return [];
  const [kept, other] = count('gold') >= count('golden') ? ['gold', 'golden'] : ['golden', 'gold'];
  const names = words.filter((each) => each.word === kept && each.isName);
  // "The golden record" is another thing.
  return names.length === 0 ? [] : words.filter((each, index) => each.word === other && !each.isPhrase && (each.isName || [-2, -1, 1, 2].some((by) => { const near = words[index + by]; return near && /bronze|silver/.test(near.word) && Math.abs(near.start - each.start) < 300; }))).map(({ start, end, word }) => ({
    start, end, message: l10n.t('Elsewhere this zone is called {0}. One name a thing: {1}', kept, word), fix: replace(l10n.t('Write {0}', kept), start, end, kept),
  }));
}
