import type { ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet';

/** Ticks since 1970 of a time, as the file has them. */
class Ticks {
  constructor(readonly count: bigint, readonly digits: 3 | 6 | 9) {}
}

/** JSON that stands in a file as text. */
class JsonText {
  constructor(readonly text: string) {}
}

/** What the reader makes of times, days and JSON: all that the file has of them, where its own would round. */
export const exactParsers = {
  timestampFromMilliseconds: (count: bigint) => new Ticks(BigInt(count), 3),
  timestampFromMicroseconds: (count: bigint) => new Ticks(BigInt(count), 6),
  timestampFromNanoseconds: (count: bigint) => new Ticks(BigInt(count), 9),
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().replace(/T.*/, ''),
  jsonFromBytes: (bytes: Uint8Array) => bytes && new JsonText(new TextDecoder().decode(bytes)),
} as unknown as Partial<ParquetParsers>;

/** The same elements, but decimals as the integers that they are stored as: as fractions they would lose digits. */
export const withoutDecimals = (elements: readonly SchemaElement[]): SchemaElement[] =>
  elements.map((element) => (element.converted_type === 'DECIMAL' ? { ...element, converted_type: undefined } : element));

/** A value as a cell shows it; null for none. */
export function shownValue(value: unknown, node: SchemaTree): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  const plain = plainly(value, node.element);
  return plain?.text ?? json(value, node);
}

/** What is no list, map or struct. */
function plainly(value: unknown, element: SchemaElement): { readonly text: string; readonly isNumber: boolean } | undefined {
  const { type, converted_type: converted, logical_type: logical } = element;
  const text = (shown: string) => ({ text: shown, isNumber: false });
  const number = (shown: string) => ({ text: shown, isNumber: true });
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    return number(decimal(value instanceof Uint8Array ? signed(value) : BigInt(value as number | bigint), element.scale ?? 0));
  }
  if (value instanceof Ticks) {
    // INT96 has no zone; the older annotations are of UTC.
    const isUtc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : type !== 'INT96';
    return text(`${timestamp(value)}${isUtc ? 'Z' : ''}`);
  }
  if (value instanceof JsonText) {
    return { text: value.text, isNumber: true };
  }
  if (value instanceof Uint8Array) {
    return text(ofBytes(value, type));
  }
  if ((typeof value === 'number' || typeof value === 'bigint') && (logical?.type === 'TIME' || converted === 'TIME_MILLIS' || converted === 'TIME_MICROS')) {
    const unit = logical?.type === 'TIME' ? logical.unit : converted === 'TIME_MILLIS' ? 'MILLIS' : 'MICROS';
    return text(timestamp(new Ticks(BigInt(value), unit === 'MILLIS' ? 3 : unit === 'MICROS' ? 6 : 9)).slice(11));
  }
  if (typeof value === 'number') {
    return number(type === 'FLOAT' ? single(value) : String(value));
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') {
    return number(String(value));
  }
  return typeof value === 'string' ? text(value) : value instanceof Date ? text(value.toISOString()) : undefined;
}

/** As JSON, with numbers as long as they are. */
function json(value: unknown, node: SchemaTree | undefined): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  const plain = plainly(value, node?.element ?? { name: '' });
  if (plain) {
    return plain.isNumber && !/^-?(?:NaN|Infinity)$/.test(plain.text) ? plain.text : JSON.stringify(plain.text);
  }
  if (Array.isArray(value)) {
    return `[${value.map((each) => json(each, itemOf(node))).join(',')}]`;
  }
  // A map's values have one schema, a struct's each its own.
  const pair = node?.children.length === 1 && /^MAP/.test(node.element.converted_type ?? node.element.logical_type?.type ?? '') ? node.children[0] : undefined;
  return `{${Object.entries(value as object).map(([name, each]) => `${JSON.stringify(name)}:${json(each, pair ? pair.children[1] : node?.children.find(({ element }) => element.name === name))}`).join(',')}}`;
}

/** The schema of a list's items: by way of the group that repeats, where there is one. */
function itemOf(node: SchemaTree | undefined): SchemaTree | undefined {
  if (node?.element.converted_type !== 'LIST' && node?.element.logical_type?.type !== 'LIST') {
    return node;
  }
  const [repeated] = node.children;
  return repeated?.children.length === 1 ? repeated.children[0] : repeated;
}

function decimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${scale > 0 ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits}`;
}

/** A number of two's complement, its highest byte first. */
const signed = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`)));

/** Without a zone, with three digits of a second or as many threes as say something. */
function timestamp({ count, digits }: Ticks): string {
  const perSecond = 10n ** BigInt(digits);
  const rest = ((count % perSecond) + perSecond) % perSecond;
  const whole = new Date(Number((count - rest) / perSecond) * 1000).toISOString().slice(0, -5);
  return `${whole}.${String(rest).padStart(digits, '0').replace(/(?<=^\d{3,})(?:000)+$/, '')}`;
}

/** The shortest number that is this one in single precision. */
function single(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) {
      return String(short);
    }
  }
  return String(value);
}

/** Older programs write text without saying so; what is none is shown in hexadecimal. */
function ofBytes(bytes: Uint8Array, type: string | undefined): string {
  if (type === 'BYTE_ARRAY') {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (!/[\0-\x08\x0b-\x1f\x7f]/.test(text)) {
        return text;
      }
    } catch {
      // No text.
    }
  }
  return Buffer.from(bytes).toString('hex');
}
