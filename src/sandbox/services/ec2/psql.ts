import type { Invocation } from './script-interpreter.ts';

/** A call of psql as a script makes it, made ready for the real psql. */
export interface PsqlCall {
  /** Options that say how to print; never SQL, values or passwords, which would show in the list of processes. */
  readonly args: readonly string[];
  readonly input: string;
  readonly user: string;
  readonly database: string;
  /** The host as the script has it; without one the server of the instance itself, where the name of the user is enough. */
  readonly host: string | undefined;
  readonly port: number;
  readonly password: string | undefined;
  /** SQL given by `-c` fails with 1, a script under ON_ERROR_STOP with 3. */
  readonly failsWith: number | undefined;
}

/** What of psql's arguments or input the sandbox does not do. */
export class PsqlRefusal extends Error {}

const FLAGS: Readonly<Record<string, string>> = {
  'no-psqlrc': 'X',
  quiet: 'q',
  'no-align': 'A',
  'tuples-only': 't',
  'echo-errors': 'b',
  'echo-queries': 'e',
  'echo-all': 'a',
  expanded: 'x',
  html: 'H',
  list: 'l',
  'single-transaction': '1',
  'no-password': 'w',
  'single-line': 'S',
  'no-readline': 'n',
  'field-separator-zero': 'z',
  'record-separator-zero': '0',
  csv: '--csv',
  version: 'V',
};
const VALUES: Readonly<Record<string, string>> = {
  command: 'c',
  dbname: 'd',
  file: 'f',
  variable: 'v',
  set: 'v',
  username: 'U',
  host: 'h',
  port: 'p',
  'field-separator': 'F',
  pset: 'P',
  'record-separator': 'R',
  'table-attr': 'T',
};
const FLAG_LETTERS = 'XqAtbeaxHl1wSnz0V';
const VALUE_LETTERS = 'cdfvUhpFPRT';

/**
 * Reads psql's arguments.
 *
 * @throws PsqlRefusal what would leave the sandbox, or is not known.
 */
export function readPsql({ args, user, input, environment, files }: Pick<Invocation, 'args' | 'user' | 'input' | 'environment' | 'files'>): PsqlCall {
  const shown: string[] = ['-X', '-w'];
  const given: Record<string, string> = {};
  const sources: { command: boolean; text: string }[] = [];
  const positional: string[] = [];
  let preamble = '';
  const take = (letter: string, value: string): void => {
    switch (letter) {
      case 'c':
        sources.push({ command: true, text: value });
        break;
      case 'f': {
        const text = value === '-' ? input : files.get(value);
        if (text === undefined) {
          throw new PsqlRefusal(`psql: error: ${value}: No such file or directory`);
        }
        sources.push({ command: false, text });
        break;
      }
      case 'v': {
        const at = value.indexOf('=');
        preamble += at < 0 ? `\\unset ${name(value)}\n` : `\\set ${name(value.slice(0, at))} ${quote(value.slice(at + 1))}\n`;
        break;
      }
      case 'F':
      case 'P':
      case 'R':
      case 'T':
        shown.push(`-${letter}`, value);
        break;
      default:
        given[letter] = value;
    }
  };
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const long = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(arg);
    if (long) {
      const [, option = '', value] = long;
      const letter = VALUES[option];
      if (letter) {
        take(letter, value ?? args[(at += 1)] ?? '');
      } else if (FLAGS[option] !== undefined) {
        shown.push(FLAGS[option].startsWith('-') ? FLAGS[option] : `-${FLAGS[option]}`);
      } else {
        throw new PsqlRefusal(`psql: the sandbox's instance does not know the option --${option}`);
      }
    } else if (/^-./.test(arg)) {
      for (let letter = 1; letter < arg.length; letter += 1) {
        const one = arg[letter] ?? '';
        if (VALUE_LETTERS.includes(one)) {
          take(one, arg.slice(letter + 1) || (args[(at += 1)] ?? ''));
          break;
        }
        if (!FLAG_LETTERS.includes(one)) {
          throw new PsqlRefusal(`psql: the sandbox's instance does not know the option -${one}`);
        }
        shown.push(`-${one}`);
      }
    } else if (arg !== '-') {
      positional.push(arg);
    }
  }
  const role = given['U'] ?? positional[1] ?? environment.get('PGUSER') ?? user;
  const database = given['d'] ?? positional[0] ?? environment.get('PGDATABASE') ?? role;
  if (/=|:\/\//.test(database)) {
    throw new PsqlRefusal("psql: the sandbox's instance takes the name of a database, not a connection string");
  }
  const text = sources.length === 0 ? input : sources.map((source) => `${source.text}\n`).join('');
  const refused = refusedIn(text);
  if (refused) {
    throw new PsqlRefusal(`psql: the sandbox's instance does not do ${refused}`);
  }
  const command = sources.some((source) => source.command);
  const stops = /\\set ON_ERROR_STOP/.test(preamble);
  if (shown.includes('-1')) {
    shown.push('-f', '-');
  }
  return {
    args: shown,
    input: `${preamble}${command && !stops ? '\\set ON_ERROR_STOP 1\n' : ''}${text}`,
    user: role,
    database,
    host: given['h'] ?? environment.get('PGHOST'),
    port: Number(given['p'] ?? environment.get('PGPORT') ?? 5432),
    password: environment.get('PGPASSWORD'),
    failsWith: command && !stops ? 1 : undefined,
  };
}

function name(text: string): string {
  if (!/^\w+$/.test(text)) {
    throw new PsqlRefusal(`psql: error: invalid variable name: "${text}"`);
  }
  return text;
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`;

/** Commands of psql that stay within the database and the output. */
const KEPT = /^\\(?:set|unset|gexec|gset|gdesc|g|gx|echo|qecho|warn|pset|x|t|a|f|timing|if|elif|else|endif|conninfo|encoding|q|r|reset|bind|parse|crosstabview|errverbose|sf\+?|sv\+?|l\+?|d[A-Za-z]*[S+]*|c|connect|\\|;|:)$/;

/**
 * What in a script for psql is not done: commands that touch files, start programs or go to another server. They would
 * do it on the learner's machine, which the instance only stands for. This keeps accidents out; it is no guard against
 * malice, which could run a function of its own instead.
 */
function refusedIn(script: string): string | undefined {
  let sql = '';
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(script)?.[0];
  };
  while (at < script.length) {
    const skipped = match(/--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\/\*[\s\S]*?\*\//y);
    const dollar = match(/\$\w*\$/y);
    if (skipped) {
      at += skipped.length;
      sql += skipped.startsWith("'") ? "''" : ' ';
    } else if (dollar) {
      const end = script.indexOf(dollar, at + dollar.length);
      at = end < 0 ? script.length : end + dollar.length;
    } else if (script[at] === '\\') {
      const line = match(/[^\n]*/y) ?? '';
      const command = /^\\(?:[A-Za-z_]+[S+]*|.)?/.exec(line)?.[0] ?? '';
      const argument = line.slice(command.length);
      if (!KEPT.test(command)) {
        return command;
      }
      if (argument.includes('`') || (/^\\gx?$/.test(command) && argument.trim() !== '') || (/^\\c(onnect)?$/.test(command) && !/^\s*[\w"-]*\s*;?$/.test(argument))) {
        return line.trim();
      }
      // What the command leaves of its line is arguments, quoted in psql's own way.
      at += /^\\(?:g|gx|gexec|gset|gdesc|\\|;|:|r|reset)$/.test(command) ? command.length : line.length;
    } else {
      const plain = match(/\w+|[^\w'"\\$/;-]+|[\s\S]/y) ?? ' ';
      sql += plain;
      at += plain.length;
      if (plain.includes(';') && /\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;[^;]*$/i.test(sql)) {
        // Rows, up to the mark of their end.
        at += /^[\s\S]*?(?:^\\\.$|$(?![\s\S]))/m.exec(script.slice(at))?.[0].length ?? 0;
        sql = '';
      }
    }
  }
  return /\bcopy\b[^;]*\bprogram\s*''/i.test(sql) ? 'COPY … PROGRAM' : undefined;
}
