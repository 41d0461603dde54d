import type { LakeDocument, Place, View } from './document.ts';
import { readPlaceholder } from './placeholders.ts';

/** A placeholder as an author spelt it, of any subject. */
export interface Spelling extends Place {
  readonly text: string;
  /** What stands between its marks. */
  readonly inner: string;
  /** Equal for spellings of one thing. */
  readonly thing: string;
  /** In code, in prose where Markdown shows it, or in prose where it takes it for a tag. */
  readonly where: 'code' | 'prose';
  readonly style: 'angle' | 'double' | 'square' | 'brace' | 'bare';
}

/** Elements of HTML, SVG and MathML that stand in READMEs: none of them is a placeholder. */
const ELEMENTS = new Set(
  ('a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form frame ' +
   'frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script ' +
   'section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr path g circle rect line text tspan defs use symbol polygon polyline ellipse ' +
   'math mi mo mn mrow big nobr marquee key value string int array struct dataset property configuration name').split(' '),
);

export const isElement = (name: string): boolean => ELEMENTS.has(name.toLowerCase());

/** Names of the elements that a text closes. */
export const closedTags = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/<\/([\p{L}][\p{L}\d-]*)/gu)].map(([, name = '']) => name));

const strip = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
/** `<your_AWS-accountId2>`: your, aws, account, id, 2. */
export const wordsIn = (text: string): string[] =>
  strip(text.replace(/<\/?\w+[^<>]*>/g, ' ')).replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2').toLowerCase().split(/[^\p{L}\d]+/u).filter(Boolean);

const EMPTY = new Set('your yours my the an this tu su mi seu sua meu minha teu tua el la los las o os as votre vos ton notre le les de del da do du des of for here aqui insert enter replace with value placeholder actual'.split(' '));

/** What a placeholder's words stand for: equal for `<account_id>` and `YOUR-ACCOUNT-ID`, not for two accounts. */
export function thingOf(inner: string): string {
  const words = wordsIn(inner);
  const role = words.filter((word) => /^\d+$/.test(word) || (/^[a-h]$/.test(word) && new RegExp(`(?:^|[-_ ])${word.toUpperCase()}(?:$|[-_ ])|[-_ ]${word}$`).test(inner)));
  const read = readPlaceholder(inner);
  if (read) return [read.subject, read.whose ?? '', read.arn ? 'arn' : '', ...role].filter(Boolean).join(' ');
  return words.filter((word) => !EMPTY.has(word)).join(' ');
}

const INNER = String.raw`[\p{L}][\p{L}\d _.\-]{0,48}[\p{L}\d]|[\p{L}]`;
const FORMS = new RegExp(
  [
    String.raw`(?<double><<(?<d>${INNER})>>|\{\{ ?(?<d2>${INNER}) ?\}\})`,
    String.raw`(?<angle>(?<![<\p{L}\d])(?<!->)\\?<(?<a>${INNER})\\?>(?![>]))`,
    String.raw`(?<joined>(?<=[\p{L}\d])<(?<j>${INNER})>)`,
    String.raw`(?<bare>(?<![\p{L}\d$\{%<\-_.])(?:(?:YOUR|TU|SU|SEU|SUA|VOTRE|REPLACE|INSERT|REEMPLAZA)[_-][A-Z\d]+(?:[_-][A-Z\d]+)*|(?:your|tu|seu|sua|votre)-[a-z\d]+(?:-[a-z\d]+)*)(?![\p{L}\d\-_(=%\}]))`,
  ].join('|'),
  'uy',
);
/** Where one may begin: everything else is passed over quickly. */
const BEGINS = /[<{\\]|(?:YOUR|TU|SU|SEU|SUA|VOTRE|REPLACE|INSERT|REEMPLAZA)[_-]|(?:your|tu|seu|sua|votre)-/g;

function* formsIn(text: string): Generator<RegExpExecArray> {
  let end = 0;
  for (const { index } of text.matchAll(BEGINS)) {
    if (index < end) continue;
    FORMS.lastIndex = index;
    const match = FORMS.exec(text);
    if (!match) continue;
    end = match.index + match[0].length;
    yield match;
  }
}

function find({ text, prose, code }: View): Spelling[] {
  const found: Spelling[] = [];
  if (!/[<{]|(?:YOUR|TU|SU|SEU|SUA|VOTRE|REPLACE|INSERT)[_-]|(?:your|tu|seu|sua|votre)-/.test(text)) return found;
  const closed = closedTags(text);
  for (const [where, of] of [['code', code], ['prose', prose]] as const) {
    for (const match of formsIn(of)) {
      const groups = match.groups ?? {};
      const whole = match[0];
      const inner = groups['d'] ?? groups['d2'] ?? groups['a'] ?? groups['j'] ?? whole;
      if (groups['angle'] !== undefined || groups['joined'] !== undefined) {
        const first = /^[\p{L}\d-]+/u.exec(inner)?.[0] ?? '';
        // Types, tags, comparisons, and Hive's array<string>.
        if (isElement(first) || closed.has(first)) continue;
        if (groups['joined'] !== undefined && /^(?:array|map|struct|list|dict|set|optional|promise|string|seq)$/i.test(/[\p{L}]+$/u.exec(of.slice(0, match.index))?.[0] ?? '')) continue;
        if (where === 'code' && /^(?:string|int|bigint|double|float|boolean|date|timestamp|T|K|V)$/i.test(inner)) continue;
      }
      const thing = thingOf(inner);
      if (thing === '') continue;
      found.push({
        start: match.index, end: match.index + whole.length, text: whole, inner, thing, where,
        style: groups['double'] !== undefined ? 'double' : groups['angle'] !== undefined || groups['joined'] !== undefined ? 'angle' : 'bare',
      });
    }
  }
  return found;
}

/** All placeholders of a text that are no variables of a shell or a template. */
export const spellingsOf = (document: LakeDocument): readonly Spelling[] => document.once('spellings', () => document.each('spellings', find).sort((a, b) => a.start - b.start));

/** `<kebab-name>`: how a placeholder is written so that everything understands it. */
export const canonical = (inner: string): string => `<${wordsIn(inner).filter((word, _, all) => !(EMPTY.has(word) && all.length > 1)).join('-') || 'value'}>`;
