/**
 * Code pages that UTF-8 is wrongly read as, from characters back to bytes. Those that TextDecoder knows come from it; it
 * lacks Johab and the two of DOS. The tables are those of CPython's codecs (the unit test compares by digest).
 */

/** A code page as a function from a character to its bytes. */
export interface CodePage {
  readonly name: string;
  /** One character of it may stand for two bytes, and then take the letter behind it along. */
  readonly isDouble: boolean;
  readonly bytes: ReadonlyMap<string, readonly number[]>;
}

/** Its first 32: Node 20's TextDecoder reads them as ISO 8859-1 does. */
const HIGH_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ';
const HIGH_437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';
const HIGH_850 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0';

const single = (high: string): Map<string, readonly number[]> => new Map([...high].map((character, index) => [character, [128 + index]]));

function bySingle(label: string): Map<string, readonly number[]> {
  const decoder = new TextDecoder(label);
  const map = new Map<string, readonly number[]>();
  for (let byte = 128; byte < 256; byte++) {
    const character = decoder.decode(Uint8Array.of(byte));
    if (character !== '\uFFFD') map.set(character, [byte]);
    // What other readers of the page give for a byte that it leaves open.
    if (!map.has(String.fromCharCode(byte))) map.set(String.fromCharCode(byte), [byte]);
  }
  return map;
}

function byDouble(label: string): Map<string, readonly number[]> {
  const decoder = new TextDecoder(label);
  const map = new Map<string, readonly number[]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const characters = decoder.decode(Uint8Array.of(lead, trail));
      if (characters.length === 1 && characters !== '\uFFFD' && !map.has(characters)) map.set(characters, [lead, trail]);
    }
  }
  return map;
}

const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
const FINALS = ' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
const OTHERS: Readonly<Record<number, string>> = { 0x8441: '\u3000', 0xd9e6: '€', 0xd9e7: '®' };
const VOWEL_CODES = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29];

/** The character of two bytes in Johab: a syllable is its three letters in five bits each; the rest is KS X 1001, moved. */
export function johabCharacter(lead: number, trail: number, ksx1001: InstanceType<typeof TextDecoder>): string | undefined {
  // Three that CPython's codec has beside the rule.
  const other = OTHERS[(lead << 8) | trail];
  if (other !== undefined) return other;
  if (lead >= 0x84 && lead <= 0xd3) {
    const code = (lead << 8) | trail;
    const [first, middle, last] = [(code >> 10) & 31, (code >> 5) & 31, code & 31];
    const initial = first >= 2 && first <= 20 ? first - 2 : -1;
    const vowel = VOWEL_CODES.indexOf(middle);
    const final = last === 1 ? 0 : last >= 2 && last <= 17 ? last - 1 : last >= 19 && last <= 29 ? last - 2 : -1;
    if (initial >= 0 && vowel >= 0 && final >= 0) return String.fromCharCode(0xac00 + (initial * 21 + vowel) * 28 + final);
    if (initial >= 0 && middle === 2 && last === 1) return INITIALS[initial];
    if (first === 1 && vowel >= 0 && last === 1) return VOWELS[vowel];
    if (first === 1 && middle === 2 && final > 0) return FINALS[final];
    return undefined;
  }
  const isMoved = (lead >= 0xd8 && lead <= 0xde) || (lead >= 0xe0 && lead <= 0xf9);
  if (!isMoved || !((trail >= 0x31 && trail <= 0x7e) || (trail >= 0x91 && trail <= 0xfe))) return undefined;
  // The single letters have codes of their own above.
  if (lead === 0xda && trail >= 0xa1 && trail <= 0xd3) return undefined;
  const pair = lead < 0xe0 ? 2 * (lead - 0xd9) : 2 * lead - 0x197;
  const place = trail < 0x91 ? trail - 0x31 : trail - 0x43;
  const [row, column] = [pair + (place < 0x5e ? 0 : 1) + 0x21, (place < 0x5e ? place : place - 0x5e) + 0x21];
  if (row < 0x21 || row > 0x7e) return undefined;
  const character = ksx1001.decode(Uint8Array.of(row + 0x80, column + 0x80));
  return character.length === 1 && character !== '\uFFFD' ? character : undefined;
}

function johab(): Map<string, readonly number[]> {
  const ksx1001 = new TextDecoder('euc-kr');
  const map = new Map<string, readonly number[]>();
  for (let lead = 0x84; lead <= 0xf9; lead++) {
    for (let trail = 0x31; trail <= 0xfe; trail++) {
      const character = johabCharacter(lead, trail, ksx1001);
      if (character !== undefined && !map.has(character)) map.set(character, [lead, trail]);
    }
  }
  return map;
}

const makers: readonly (readonly [name: string, isDouble: boolean, make: () => Map<string, readonly number[]>])[] = [
  ['Windows-1252', false, () => new Map([...bySingle('iso-8859-1'), ...single(HIGH_1252)])],
  ['Mac Roman', false, () => bySingle('macintosh')],
  ['CP437', false, () => single(HIGH_437)],
  ['CP850', false, () => single(HIGH_850)],
  ['Windows-1250', false, () => bySingle('windows-1250')],
  ['Windows-1251', false, () => bySingle('windows-1251')],
  ['Johab', true, johab],
  ['EUC-KR', true, () => byDouble('euc-kr')],
  ['GBK', true, () => byDouble('gbk')],
  ['Shift JIS', true, () => byDouble('shift_jis')],
  ['Big5', true, () => byDouble('big5')],
];
const made = new Map<string, CodePage | undefined>();

/** The code pages, most frequent first; made when they are first needed. One that this runtime does not know is left out. */
export function* codePages(isDouble: boolean): Generator<CodePage> {
  for (const [name, double, make] of makers) {
    if (double !== isDouble) continue;
    if (!made.has(name)) {
      try {
        made.set(name, { name, isDouble, bytes: make() });
      } catch {
        made.set(name, undefined);
      }
    }
    const page = made.get(name);
    if (page) yield page;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a text was before it was read in the code page; undefined when it was not, or does not say. */
export function unread(text: string, page: CodePage): string | undefined {
  const bytes: number[] = [];
  let high = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 128) {
      bytes.push(code);
      continue;
    }
    const known = page.bytes.get(character);
    if (!known) return undefined;
    bytes.push(...known);
    high++;
  }
  if (high === 0 || !isUtf8(bytes)) return undefined;
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** By the form of its bytes: most texts fail here, and a decoder's exceptions are dear. */
function isUtf8(bytes: readonly number[]): boolean {
  let more = 0;
  for (const byte of bytes) {
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (isContinuation !== more > 0) return false;
    if (isContinuation) more--;
    else if (byte >= 0xc2) more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : -1;
    else if (byte >= 0x80) return false;
    if (more < 0) return false;
  }
  return more === 0;
}
