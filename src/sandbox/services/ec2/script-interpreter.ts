/**
 * The little of a shell that the sandbox's instances understand: enough for what a script does with PostgreSQL, and
 * nothing that could do anything to the machine that the sandbox runs on. No shell and no program is started here.
 */

import { MOST_STEPS, builtins, type Scope } from './script-programs.ts';
import { Reader, ScriptError, type Command, type List, type Pipeline, type Redirection, type Simple, type Word } from './script-reader.ts';

/** What a command of a script is given. */
export interface Invocation {
  readonly name: string;
  readonly args: readonly string[];
  /** The user of the instance that runs it. */
  readonly user: string;
  readonly input: string;
  /** Exported or set for this command. */
  readonly environment: ReadonlyMap<string, string>;
  /** The files that the script has written: they exist in it alone. */
  readonly files: ReadonlyMap<string, string>;
  out(text: string): void;
  err(text: string): void;
}

export interface ScriptOptions {
  /** Runs a command that is not the shell's own; `undefined` when there is no such command. */
  readonly command: (invocation: Invocation) => Promise<number> | undefined;
  /** What to do about a command that nobody knows: give its exit status, or throw. */
  readonly unknown: (name: string) => number;
  readonly user?: string;
  readonly signal: AbortSignal;
}

export interface ScriptResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_OUTPUT = 1024 * 1024;
const LONGEST_SLEEP_MS = 1_000;
const SHORTEST_SLEEP_MS = 50;

/** Ends a script: `exit`, or a failure under `set -e`. */
class Exit {
  constructor(readonly status: number) {}
}
class LoopEnd {
  constructor(
    readonly again: boolean,
    public levels: number,
  ) {}
}

/**
 * Runs a script of an instance. Its sleeps are shortened: what it waits for happens sooner here.
 *
 * @throws ScriptError what the instance does not understand; the signal's reason.
 */
export async function runScript(text: string, options: ScriptOptions): Promise<ScriptResult> {
  let stdout = '';
  let stderr = '';
  const limited = (kept: string, added: string): string => (kept.length < MOST_OUTPUT ? (kept + added).slice(0, MOST_OUTPUT) : kept);
  const run = new Run(options);
  const result = (status: number): ScriptResult => ({ status, stdout, stderr });
  try {
    const status = await run.list(new Reader(text.replaceAll('\r\n', '\n')).script(), {
      variables: new Map(),
      exported: new Set(),
      files: new Map(),
      user: options.user ?? 'root',
      input: { text: '' },
      out: (added) => (stdout = limited(stdout, added)),
      err: (added) => (stderr = limited(stderr, added)),
      tested: false,
    });
    return result(status);
  } catch (error) {
    if (error instanceof Exit) {
      return result(error.status);
    }
    if (error instanceof ScriptError) {
      stderr = limited(stderr, `${error.message}\n`);
      return result(error.status);
    }
    throw error;
  }
}

class Run {
  #status = 0;
  #steps = 0;
  #sleep = SHORTEST_SLEEP_MS;
  #options = new Set<string>();

  constructor(private readonly options: ScriptOptions) {}

  async list(list: List, scope: Scope): Promise<number> {
    let status = 0;
    for (const [index, pipeline] of list.entries()) {
      if ((pipeline.link === '&&' && status !== 0) || (pipeline.link === '||' && status === 0)) {
        continue;
      }
      const last = list[index + 1]?.link !== '&&' && list[index + 1]?.link !== '||';
      const tested = scope.tested || pipeline.negated || !last;
      status = await this.#pipeline(pipeline, { ...scope, tested });
      this.#status = status;
      if (status !== 0 && !tested && this.#options.has('errexit')) {
        throw new Exit(status);
      }
    }
    return status;
  }

  async #pipeline({ commands, negated }: Pipeline, scope: Scope): Promise<number> {
    let input = scope.input;
    const statuses: number[] = [];
    for (const [index, command] of commands.entries()) {
      let output = '';
      const piped = index < commands.length - 1;
      // The parts of a pipe are shells of their own.
      const own = commands.length > 1 ? { ...scope, variables: new Map(scope.variables), exported: new Set(scope.exported) } : scope;
      statuses.push(await this.#command(command, { ...own, input, out: piped ? (text) => (output = (output + text).slice(0, MOST_OUTPUT)) : scope.out }));
      input = { text: output };
    }
    const status = (this.#options.has('pipefail') ? statuses.findLast((each) => each !== 0) : undefined) ?? statuses.at(-1) ?? 0;
    return negated ? Number(status === 0) : status;
  }

  async #command({ body, redirections }: Command, scope: Scope): Promise<number> {
    this.options.signal.throwIfAborted();
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) {
      throw new ScriptError(`the script was ended after ${MOST_STEPS} commands`, 1);
    }
    let within = scope;
    for (const redirection of redirections) {
      within = await this.#redirected(redirection, within);
    }
    switch (body.kind) {
      case 'simple':
        return this.#simple(body, within);
      case 'group':
        return this.list(body.list, body.own ? { ...within, variables: new Map(within.variables), exported: new Set(within.exported) } : within);
      case 'if':
        for (const branch of body.branches) {
          if ((await this.list(branch.when, { ...within, tested: true })) === 0) {
            return this.list(branch.then, within);
          }
        }
        return this.list(body.otherwise, within);
      case 'loop':
        return this.#loop(body.body, within, async () => ((await this.list(body.when, { ...within, tested: true })) === 0) !== body.until);
      case 'for': {
        const words = (await this.#words(body.words, within)).values();
        return this.#loop(body.body, within, () => {
          const next = words.next();
          if (!next.done) {
            within.variables.set(body.name, next.value);
          }
          return Promise.resolve(!next.done);
        });
      }
    }
  }

  async #loop(body: List, scope: Scope, more: () => Promise<boolean>): Promise<number> {
    let status = 0;
    try {
      while (await more()) {
        try {
          status = await this.list(body, scope);
        } catch (error) {
          if (!(error instanceof LoopEnd) || !error.again || error.levels > 1) {
            throw error;
          }
        }
      }
    } catch (error) {
      if (!(error instanceof LoopEnd)) {
        throw error;
      }
      if (error.levels > 1) {
        error.levels -= 1;
        throw error;
      }
    }
    return status;
  }

  async #redirected({ descriptor, kind, target }: Redirection, scope: Scope): Promise<Scope> {
    const text = (await this.#expand(target, scope)).join('');
    switch (kind) {
      case '<<':
        return { ...scope, input: { text } };
      case '<<<':
        return { ...scope, input: { text: `${text}\n` } };
      case '<': {
        const content = text === '/dev/null' ? '' : scope.files.get(text);
        if (content === undefined) {
          throw new ScriptError(`${text}: No such file or directory`, 1);
        }
        return { ...scope, input: { text: content } };
      }
      case '>&':
        return text === '1' ? { ...scope, err: scope.out } : text === '2' ? { ...scope, out: scope.err } : scope;
      case '>':
      case '>>':
      case '&>': {
        if (kind === '>' || !scope.files.has(text)) {
          scope.files.set(text, '');
        }
        const write = (added: string): void => void (text === '/dev/null' || scope.files.set(text, ((scope.files.get(text) ?? '') + added).slice(0, MOST_OUTPUT)));
        return { ...scope, ...(descriptor === 2 && kind !== '&>' ? {} : { out: write }), ...(descriptor === 2 || kind === '&>' ? { err: write } : {}) };
      }
    }
  }

  async #simple({ assignments, words }: Simple, scope: Scope): Promise<number> {
    this.#status = 0;
    const values: [string, string][] = [];
    for (const { name, value } of assignments) {
      values.push([name, (await this.#expand(value, scope, false)).join('')]);
    }
    const [name, ...args] = await this.#words(words, scope);
    if (name === undefined) {
      for (const [variable, value] of values) {
        scope.variables.set(variable, value);
      }
      // Of a command whose output was assigned.
      return this.#status;
    }
    const environment = new Map([...scope.variables].filter(([variable]) => scope.exported.has(variable)));
    for (const [variable, value] of values) {
      environment.set(variable, value);
    }
    return this.#run(name, args, environment, scope);
  }

  async #run(name: string, args: readonly string[], environment: Map<string, string>, scope: Scope): Promise<number> {
    const builtin = builtins[name];
    if (builtin) {
      return builtin.call(this, args, scope);
    }
    switch (name) {
      case 'exit':
        throw new Exit(Number(args[0] ?? this.#status));
      case 'break':
      case 'continue':
        throw new LoopEnd(name === 'continue', Number(args[0] ?? 1));
      case 'set':
        return this.#set(args);
      case 'export':
        for (const each of args.filter((arg) => !arg.startsWith('-'))) {
          const [variable = '', value] = splitAt(each, '=');
          scope.exported.add(variable);
          if (value !== undefined) {
            scope.variables.set(variable, value);
          }
        }
        return 0;
      case 'sleep':
        await this.#wait(Number.parseFloat(args[0] ?? '0') * 1_000);
        return 0;
      case 'env': {
        const at = args.findIndex((arg) => !/^[A-Za-z_]\w*=/.test(arg));
        for (const each of args.slice(0, at < 0 ? undefined : at)) {
          const [variable = '', value = ''] = splitAt(each, '=');
          environment.set(variable, value);
        }
        return at < 0 ? 0 : this.#run(args[at] ?? '', args.slice(at + 1), environment, scope);
      }
      case 'sudo':
      case 'su':
      case 'runuser':
        return this.#as(name, args, environment, scope);
      case 'bash':
      case 'sh': {
        const flag = args.findIndex((arg) => /^-\w*c$/.test(arg));
        const text = flag >= 0 ? args[flag + 1] : args.some((arg) => !arg.startsWith('-')) ? scope.files.get(args.find((arg) => !arg.startsWith('-')) ?? '') : scope.input.text;
        return text === undefined ? this.options.unknown(name) : this.list(new Reader(text).script(), { ...scope, variables: new Map(environment), exported: new Set(environment.keys()) });
      }
      default: {
        const { user, files, out, err } = scope;
        const input = scope.input.text;
        const running = this.options.command({ name, args, user, input, environment, files, out, err });
        if (running) {
          scope.input.text = '';
          return running;
        }
        return this.options.unknown(name);
      }
    }
  }

  /** Another user's command: `sudo -u X …`, `su - X -c '…'`, `runuser -u X -- …`. */
  async #as(name: string, args: readonly string[], environment: Map<string, string>, scope: Scope): Promise<number> {
    let user = 'root';
    let text: string | undefined;
    let named = name === 'sudo';
    let at = 0;
    for (; at < args.length; at += 1) {
      const arg = args[at] ?? '';
      if (/^-\w*u$/.test(arg) || arg === '--user') {
        user = args[(at += 1)] ?? '';
        named = true;
      } else if (arg.startsWith('--user=')) {
        user = arg.slice('--user='.length);
        named = true;
      } else if (/^-\w*c$/.test(arg) || arg === '--command') {
        text = args[(at += 1)];
      } else if (arg === '--') {
        at += 1;
        break;
      } else if (!named && !/^-./.test(arg)) {
        if (arg !== '-') {
          user = arg;
          named = true;
        }
      } else if (!arg.startsWith('-')) {
        break;
      }
    }
    const theirs = { ...scope, user };
    if (text !== undefined) {
      return this.list(new Reader(text).script(), { ...theirs, variables: new Map(environment), exported: new Set(environment.keys()) });
    }
    const rest = [...args.slice(at)];
    while (name === 'sudo' && /^[A-Za-z_]\w*=/.test(rest[0] ?? '')) {
      const [variable = '', value = ''] = splitAt(rest.shift() ?? '', '=');
      environment.set(variable, value);
    }
    return rest.length === 0 ? 0 : this.#run(rest[0] ?? '', rest.slice(1), environment, theirs);
  }

  #set(args: readonly string[]): number {
    const letters: Readonly<Record<string, string>> = { e: 'errexit', u: 'nounset', x: 'xtrace' };
    for (let at = 0; at < args.length; at += 1) {
      const arg = args[at] ?? '';
      const names = arg.endsWith('o') ? [...arg.slice(1, -1)].map((letter) => letters[letter] ?? letter).concat(args[(at += 1)] ?? '') : [...arg.slice(1)].map((letter) => letters[letter] ?? letter);
      for (const each of names) {
        if (arg.startsWith('-')) {
          this.#options.add(each);
        } else {
          this.#options.delete(each);
        }
      }
    }
    return 0;
  }

  /** Short at first and longer by and by, never longer than was asked for. */
  #wait(asked: number): Promise<void> {
    const { signal } = this.options;
    const time = Math.min(Number.isNaN(asked) ? 0 : asked, this.#sleep);
    this.#sleep = Math.min(this.#sleep * 1.3, LONGEST_SLEEP_MS);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve();
      }, time);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  async #words(words: readonly Word[], scope: Scope): Promise<string[]> {
    const found: string[] = [];
    for (const word of words) {
      found.push(...(await this.#expand(word, scope)));
    }
    return found;
  }

  /** A word's value; unquoted values are split at blanks, unless they are assigned. */
  async #expand(word: Word, scope: Scope, split = true): Promise<string[]> {
    const fields: string[] = [];
    let field: string | undefined;
    for (const part of word) {
      const value = part.kind === 'text' ? part.text : part.kind === 'variable' ? this.#variable(part.name, part.otherwise, scope) : await this.#output(part.list, scope);
      if (part.kind === 'text' || part.quoted || !split) {
        field = (field ?? '') + value;
        continue;
      }
      const [first = '', ...others] = value.split(/[ \t\n]+/);
      field = first === '' && field === undefined ? undefined : (field ?? '') + first;
      for (const other of others) {
        if (field !== undefined) {
          fields.push(field);
        }
        field = other === '' ? undefined : other;
      }
    }
    return field === undefined ? fields : [...fields, field];
  }

  #variable(name: string, otherwise: string | undefined, scope: Scope): string {
    if (name === '?') {
      return String(this.#status);
    }
    return scope.variables.get(name) || (otherwise ?? '');
  }

  async #output(list: List, scope: Scope): Promise<string> {
    let output = '';
    // A shell of its own, which no failure of ours ends.
    this.#status = await this.list(list, {
      ...scope,
      variables: new Map(scope.variables),
      exported: new Set(scope.exported),
      out: (text) => (output = (output + text).slice(0, MOST_OUTPUT)),
      tested: true,
    }).catch((error: unknown) => {
      if (error instanceof Exit) {
        return error.status;
      }
      throw error;
    });
    return output.replace(/\n+$/, '');
  }
}

const splitAt = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};
