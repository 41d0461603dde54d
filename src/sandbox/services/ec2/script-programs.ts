/** The programs that are part of the shell of instances: `echo`, `printf`, `test`, `cat` and their like. */

/** A script that only waits is waited with; one that only runs is not. */
export const MOST_STEPS = 20_000;

/** What a command runs with: its variables, its files, and where its input and output go. */
export interface Scope {
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly files: Map<string, string>;
  readonly user: string;
  /** Read once: what the first command that reads leaves nothing of. */
  readonly input: { text: string };
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Within a condition a failure ends nothing. */
  readonly tested: boolean;
}

type Builtin = (args: readonly string[], scope: Scope) => number;

/** The escapes of printf and of `echo -e`. */
const unescape = (text: string): string =>
  text.replaceAll(/\\(n|t|r|\\|"|'|0[0-7]{0,3})/g, (_whole, code: string) => ({ n: '\n', t: '\t', r: '\r' })[code] ?? (/^0/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) || 0) : code));

function printf(format: string, args: readonly string[]): string {
  let used = 0;
  const once = (): string =>
    unescape(format).replaceAll(/%(?:%|(-?\d*)([sdbq]))/g, (whole, width: string | undefined, kind: string | undefined) => {
      if (whole === '%%') {
        return '%';
      }
      const value = args[used] ?? (kind === 'd' ? '0' : '');
      used += 1;
      const text = kind === 'b' ? unescape(value) : kind === 'q' ? `'${value.replaceAll("'", "'\\''")}'` : value;
      return width?.startsWith('-') ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width ?? 0));
    });
  let text = once();
  // The format is used again until nothing is left.
  while (used > 0 && used < args.length) {
    text += once();
  }
  return text;
}

function test(args: readonly string[], files: ReadonlyMap<string, string>): boolean {
  if (args[0] === '!') {
    return !test(args.slice(1), files);
  }
  const [left = '', operator = '', right = ''] = args;
  const numbers: Readonly<Record<string, (a: number, b: number) => boolean>> = {
    '-eq': (a, b) => a === b,
    '-ne': (a, b) => a !== b,
    '-lt': (a, b) => a < b,
    '-le': (a, b) => a <= b,
    '-gt': (a, b) => a > b,
    '-ge': (a, b) => a >= b,
  };
  if (args.length === 3) {
    return operator === '=' || operator === '==' ? left === right : operator === '!=' ? left !== right : (numbers[operator]?.(Number(left), Number(right)) ?? false);
  }
  if (args.length === 2) {
    return left === '-n' ? operator !== '' : left === '-z' ? operator === '' : files.has(operator);
  }
  return left !== '';
}

/** What a shell does itself and needs no program for. */
export const builtins: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  cd: () => 0,
  wait: () => 0,
  umask: () => 0,
  shopt: () => 0,
  echo: (args, { out }) => {
    const flags = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
    const words = flags < 0 ? [] : args.slice(flags);
    const given = args.slice(0, flags < 0 ? undefined : flags).join('');
    const text = words.join(' ');
    out((given.includes('e') ? unescape(text) : text) + (given.includes('n') ? '' : '\n'));
    return 0;
  },
  printf: ([format = '', ...args], { out }) => {
    out(printf(format, args));
    return 0;
  },
  cat: (args, { input, files, out, err }) => {
    let status = 0;
    for (const name of args.length === 0 ? ['-'] : args) {
      const content = name === '-' ? input.text : files.get(name);
      if (name === '-') {
        input.text = '';
      }
      if (content === undefined) {
        err(`cat: ${name}: No such file or directory\n`);
        status = 1;
      } else {
        out(content);
      }
    }
    return status;
  },
  seq: (args, { out }) => {
    const [first = 1, last = first] = args.map(Number);
    const from = args.length > 1 ? first : 1;
    out(Array.from({ length: Math.min(Math.max(0, last - from + 1), MOST_STEPS) }, (_, index) => `${from + index}\n`).join(''));
    return 0;
  },
  rm: (args, { files }) => {
    args.forEach((name) => files.delete(name));
    return 0;
  },
  unset: (args, { variables }) => {
    args.forEach((name) => variables.delete(name));
    return 0;
  },
  '[[': (args, { files }) => Number(!test(args.slice(0, -1), files)),
  '[': (args, { files }) => Number(!test(args.slice(0, -1), files)),
  test: (args, { files }) => Number(!test(args, files)),
};
