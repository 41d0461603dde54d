import type { StepRole } from './model.ts';

/** What the text of a heading (or of a bold line) says about a step. */
export interface ReadTitle {
  /** The number as written, without punctuation. */
  readonly number?: string;
  /** True when a word such as "Step" stands before the number; "part" when the word names a group of steps. */
  readonly word?: 'step' | 'part';
  /** True for a bare `3 Title`, which may be a number or the start of a phrase ("3 ways to …"). */
  readonly weak?: boolean;
  readonly title: string;
}

/** Words before a number, without accents. They come from public tutorials in these languages. */
const STEP_WORDS = 'step|task|paso|tarea|passo|tarefa|etape|tache|schritt|aufgabe|ステップ|手順|步骤|步驟';
const PART_WORDS =
  'part|module|lab|exercise|stage|phase|section|chapter|lesson|parte|modulo|ejercicio|fase|etapa|seccion|capitulo|leccion|' +
  'exercicio|secao|licao|partie|exercice|chapitre|teil|modul|ubung|kapitel';

const NUMBERED = new RegExp(
  String.raw`^(?:(?<step>${STEP_WORDS})|(?<part>${PART_WORDS}))?\s*(?:[#№]|n[.ºo°]+)?\s*(?<bracket>[([])?` +
    String.raw`(?<number>\d{1,3}(?:\.\d{1,3})*[a-z]?|[IVX]{1,5}(?![a-z])|[A-H](?![a-z]))` +
    String.raw`(?<total>\s*(?:of|de|von|sur|/)\s*\d{1,3})?[)\]]?\s*` +
    String.raw`(?<mark>[.):\]、．|]+(?!\d)|[-–—]+(?=\s)|(?=\s)|$)\s*`,
  'iu',
);

/** Emoji with their joiners, skin tones and selectors; not the plain signs such as © that a text may mean as text. */
const EMOJI = /(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*/gu;
const LEADING_SIGNS = /^(?:[\p{So}\uFE0F\s]|:[a-z][a-z0-9_+-]*:)+/u;

export function readTitle(text: string): ReadTitle {
  const plain = text
    .replace(/(?:\d\uFE0F?\u20E3)+/gu, (keycaps) => `${keycaps.replace(/[^\d]/gu, '')}.`)
    .replace('\u{1F51F}', '10.')
    .replace(EMOJI, ' ')
    .replace(/\s*\{#[\w-]+\}\s*$/, '')
    .replace(/\s+/g, ' ')
    .replace(LEADING_SIGNS, '')
    .trim();
  // Accents are dropped one for one, so that offsets stay those of `plain`.
  const match = NUMBERED.exec(plain.normalize('NFC').replace(/[\u00C0-\u024F]/g, (letter) => letter.normalize('NFD').charAt(0)));
  const groups = match?.groups;
  const number = groups?.['number'];
  if (!match || !groups || number === undefined) return { title: plain };
  const word = groups['step'] ? 'step' : groups['part'] ? 'part' : undefined;
  const mark = groups['mark'] !== '';
  const rest = plain.normalize('NFC').slice(match[0].length).replace(LEADING_SIGNS, '').trim();
  const letters = !/^\d/.test(number);
  // "Part I: …" and "Step A: …" are numbers, "Step a side" and "A. Smith" are not.
  if (letters && (!word || !mark || number !== number.toUpperCase())) return { title: plain };
  if (/\d[a-z]$/i.test(number) && !word && !mark) return { title: plain };
  if (groups['total'] && !word && !groups['bracket']) return { title: plain };
  const weak = !word && !mark && !number.includes('.') && rest !== '';
  return { number, ...(word && { word }), ...(weak && { weak }), title: rest || plain };
}

/** True when `child` is numbered below `parent`, as 0.1 is below 0. */
export function isNumberBelow(child: string | undefined, parent: string | undefined): boolean {
  return child !== undefined && parent !== undefined && child.startsWith(`${parent}.`);
}

/**
 * Titles without accents. "Cleanup" must not catch the cleaning of data, which is a step of many a data lake, nor
 * "verify" a step that creates something for tests.
 */
const ROLES: readonly (readonly [StepRole, RegExp])[] = [
  ['cleanup', /^(?:clean(?:ing)?[- ]?up|tear(?:ing)?[- ]?down)\b|\b(?:clean[- ]?up|tear[- ]?down)$/],
  ['cleanup', /^(?:delet|remov|destroy)(?:e|ing)?\b.*\b(?:resources?|everything|stacks?|infrastructure|environment)\b/],
  ['cleanup', /^(?:limpi(?:ar|a|e|eza|ando)|limpe|limpar|limpeza|limpando)(?: (?:final|(?:de |del |do |da |dos )?(?:(?:los |las |el |la |os |as |o |a |tus |seus |todos |tudo )*)(?:recursos?|entorno|ambiente|todo|tudo|cuenta|conta)\b.*))?$/],
  ['cleanup', /^(?:elimin|borr|destru|desmont|exclu|remov|apag|delet)\w*\b.*\b(?:recursos?|todo|tudo|infra\w*|entorno|ambiente|pilas?)\b/],
  ['cleanup', /^(?:nettoy\w+|aufraumen|bereinigung|ressourcen (?:loschen|bereinigen))\b(?! (?:des|de) donnees)/],
  ['verify', /^(?:verify(?:ing)?|verification|validat(?:e|ing|ion))\b|\bverification$/],
  ['verify', /^check(?:ing)?(?:$| (?:that|the|your|it|if|whether|results?)\b)|^test(?:ing)?(?:$| (?:that|the|your|it|if|whether)\b)/],
  ['verify', /^(?:verific|comprob|comprueb|valid)(?:ar|a|e|acion|acao|ando|amos)\b|\b(?:verificacion|verificacao|comprobacion)$/],
  ['verify', /^(?:prueb[ae]s?|probar|testar|teste|conferir|confira)(?:$| (?:el|la|los|las|o|a|os|as|que|si|se|tu|su|seu|sua)\b)/],
  ['verify', /^(?:verifi(?:er|cation)|uberprufen|uberprufung|prufen)\b/],
];

export function roleOf(title: string): StepRole {
  const plain = fold(title);
  return ROLES.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'step';
}

/** Lower case without accents and final punctuation. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[\s.:!?…]+$/u, '').trim();
}

const SLUG_LENGTH = 60;

/** Words joined by hyphens, at most 60 characters, cut between words; empty when the text has no letter or digit. */
export function slug(text: string): string {
  let result = '';
  for (const word of fold(text).match(/[\p{L}\p{N}]+/gu) ?? []) {
    const next = result ? `${result}-${word}` : word;
    if (next.length > SLUG_LENGTH) return result || word.slice(0, SLUG_LENGTH);
    result = next;
  }
  return result;
}
