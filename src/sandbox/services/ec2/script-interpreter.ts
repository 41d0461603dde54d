/**
 * The little of a shell that the sandbox's instances understand: enough for what a script does with PostgreSQL, and
 * nothing that could do anything to the machine that the sandbox runs on. No shell and no program is started here.
 */

/** A script that cannot be read, or a command that the instance does not know. */
export class ScriptError extends Error {
  constructor(
    message: string,
    readonly status = 127,
  ) {
    super(message);
  }
}

type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise?: string; readonly quoted: boolean }
  | { readonly kind: 'output'; readonly list: List; readonly quoted: boolean };
type Word = readonly WordPart[];

interface Redirection {
  readonly descriptor: number;
  readonly kind: '>' | '>>' | '<' | '<<' | '<<<' | '>&' | '&>';
  target: Word;
}
interface Simple {
  readonly kind: 'simple';
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
}
type Body =
  | Simple
  | { readonly kind: 'group'; readonly list: List; readonly own: boolean }
  | { readonly kind: 'if'; readonly branches: readonly { readonly when: List; readonly then: List }[]; readonly otherwise: List }
  | { readonly kind: 'loop'; readonly until: boolean; readonly when: List; readonly body: List }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: List };
interface Command {
  readonly body: Body;
  readonly redirections: readonly Redirection[];
}
interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
  /** How it hangs on the one before it. */
  readonly link: ';' | '&&' | '||';
}
type List = readonly Pipeline[];

interface HereDocument {
  readonly redirection: Redirection;
  readonly end: string;
  readonly tabs: boolean;
  readonly literal: boolean;
}

// --- Reading -----------------------------------------------------------------------------------------------------------

const RESERVED = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'for', 'do', 'done', 'case', 'esac', 'function', '{', '}', '!']);
const ENDS_WORD = /[\s;&|<>()]/;

class Reader {
  #at = 0;
  readonly #pending: HereDocument[] = [];

  constructor(private readonly text: string) {}

  script(): List {
    const list = this.#list([]);
    if (this.#at < this.text.length || this.#pending.length > 0) {
      throw this.#unreadable(this.text.slice(this.#at, this.#at + 20).split('\n')[0] || 'a here-document without its end');
    }
    return list;
  }

  #unreadable(what: string): ScriptError {
    return new ScriptError(`line ${this.text.slice(0, this.#at).split('\n').length}: the sandbox's instance cannot read this: ${what.trim()}`, 2);
  }

  /** Commands up to one of the closing words, which stays unread. */
  #list(ends: readonly string[]): List {
    const list: Pipeline[] = [];
    let link: Pipeline['link'] = ';';
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.text.length || this.#peekWord(ends) || (ends.includes(')') && this.text[this.#at] === ')')) {
        return list;
      }
      list.push({ ...this.#pipeline(), link });
      this.#blank(false);
      link = ';';
      const next = this.text.slice(this.#at, this.#at + 2);
      if (next === '&&' || next === '||') {
        this.#at += 2;
        link = next;
      } else if (next[0] === ';' || next[0] === '&') {
        this.#at += 1;
      } else if (next[0] !== undefined && next[0] !== '\n' && next[0] !== ')') {
        throw this.#unreadable(next);
      }
    }
  }

  #pipeline(): Omit<Pipeline, 'link'> {
    const negated = this.#take('!');
    const commands = [this.#command()];
    for (;;) {
      this.#blank(false);
      if (this.text[this.#at] !== '|' || this.text[this.#at + 1] === '|') {
        return { negated, commands };
      }
      this.#at += 1;
      this.#blank(true);
      commands.push(this.#command());
    }
  }

  #command(): Command {
    this.#blank(false);
    const redirections: Redirection[] = [];
    const body = this.#compound() ?? this.#simple(redirections);
    for (this.#blank(false); this.#redirection(redirections); this.#blank(false));
    return { body, redirections };
  }

  #compound(): Body | undefined {
    if (this.text[this.#at] === '(') {
      this.#at += 1;
      const list = this.#list([')']);
      this.#expect(')');
      return { kind: 'group', list, own: true };
    }
    if (this.#take('{')) {
      const list = this.#list(['}']);
      this.#expect('}');
      return { kind: 'group', list, own: false };
    }
    if (this.#take('if')) {
      const branches = [];
      let otherwise: List = [];
      do {
        const when = this.#list(['then']);
        this.#expect('then');
        branches.push({ when, then: this.#list(['elif', 'else', 'fi']) });
      } while (this.#take('elif'));
      if (this.#take('else')) {
        otherwise = this.#list(['fi']);
      }
      this.#expect('fi');
      return { kind: 'if', branches, otherwise };
    }
    const until = this.#peekWord(['until']);
    if (until || this.#peekWord(['while'])) {
      this.#at += 5;
      const when = this.#list(['do']);
      return { kind: 'loop', until, when, body: this.#do() };
    }
    if (this.#take('for')) {
      this.#blank(false);
      const name = /^\w+/.exec(this.text.slice(this.#at))?.[0] ?? '';
      this.#at += name.length;
      this.#blank(true);
      const words: Word[] = [];
      if (this.#take('in')) {
        for (this.#blank(false); this.#at < this.text.length && !/[;\n]/.test(this.text[this.#at] ?? ''); this.#blank(false)) {
          const before = this.#at;
          words.push(this.#word());
          if (this.#at === before) {
            throw this.#unreadable(this.text.slice(before, before + 20));
          }
        }
      }
      if (this.text[this.#at] === ';') {
        this.#at += 1;
      }
      return { kind: 'for', name, words, body: this.#do() };
    }
    return undefined;
  }

  #do(): List {
    this.#blank(true);
    this.#expect('do');
    const body = this.#list(['done']);
    this.#expect('done');
    return body;
  }

  #simple(redirections: Redirection[]): Simple {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    for (;;) {
      this.#blank(false);
      if (this.#redirection(redirections)) {
        continue;
      }
      const next = this.text[this.#at];
      if (next === undefined || /[\n;&|)]/.test(next)) {
        break;
      }
      const assigned = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.#at))?.[1] : undefined;
      if (assigned !== undefined) {
        this.#at += assigned.length + 1;
        assignments.push({ name: assigned, value: this.#word() });
        continue;
      }
      const reserved = words.length === 0 && [...RESERVED].find((word) => this.#peekWord([word]));
      if (next === '(' || reserved) {
        throw this.#unreadable(reserved || this.text.slice(this.#at, this.#at + 20));
      }
      words.push(this.#word());
    }
    if (words.length === 0 && assignments.length === 0 && redirections.length === 0) {
      throw this.#unreadable(this.text.slice(this.#at, this.#at + 20));
    }
    return { kind: 'simple', assignments, words };
  }

  #redirection(into: Redirection[]): boolean {
    const found = /^(\d)?(&>>?|>>|>&|>|<<<|<<-?|<)/.exec(this.text.slice(this.#at));
    if (!found) {
      return false;
    }
    const operator = found[2] ?? '';
    this.#at += found[0].length;
    this.#blank(false);
    if (operator === '<<' || operator === '<<-') {
      const word = this.#word();
      const redirection: Redirection = { descriptor: 0, kind: '<<', target: [] };
      into.push(redirection);
      this.#pending.push({
        redirection,
        end: word.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
        tabs: operator === '<<-',
        literal: word.some(({ quoted }) => quoted),
      });
      return true;
    }
    const kind = (operator.startsWith('&>') ? '&>' : operator) as Redirection['kind'];
    into.push({ descriptor: found[1] === undefined ? (operator.startsWith('<') ? 0 : 1) : Number(found[1]), kind, target: this.#word() });
    return true;
  }

  #word(): Word {
    const services: WordPart[] = [];
    while (this.#at < this.text.length && !ENDS_WORD.test(this.text[this.#at] ?? '')) {
      const next = this.text[this.#at] ?? '';
      if (next === "'") {
        const end = this.text.indexOf("'", this.#at + 1);
        if (end < 0) {
          throw this.#unreadable("a ' that is not closed");
        }
        services.push({ kind: 'text', text: this.text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (next === '"') {
        this.#at += 1;
        services.push({ kind: 'text', text: '', quoted: true }, ...this.#quoted('"'));
        if (this.text[this.#at] !== '"') {
          throw this.#unreadable('a " that is not closed');
        }
        this.#at += 1;
      } else if (next === '\\') {
        services.push({ kind: 'text', text: this.text[this.#at + 1] ?? '', quoted: true });
        this.#at += 2;
      } else if (next === '$' || next === '`') {
        services.push(this.#expansion(false));
      } else {
        const text = /^[^\s;&|<>()'"\\$`]+/.exec(this.text.slice(this.#at))?.[0] ?? next;
        services.push({ kind: 'text', text, quoted: false });
        this.#at += text.length;
      }
    }
    return services;
  }

  /** What stands in double quotes, or in a here-document, where the end is the end of the text. */
  #quoted(end?: string): WordPart[] {
    const services: WordPart[] = [];
    let text = '';
    while (this.#at < this.text.length && this.text[this.#at] !== end) {
      const next = this.text[this.#at] ?? '';
      const after = this.text[this.#at + 1] ?? '';
      if (next === '\\' && (after === '\n' || '$`\\'.includes(after) || after === end)) {
        text += after === '\n' ? '' : after;
        this.#at += 2;
      } else if (next === '`' || (next === '$' && /[\w{(?$#@*!]/.test(after))) {
        services.push({ kind: 'text', text, quoted: true }, this.#expansion(true));
        text = '';
      } else {
        text += next;
        this.#at += 1;
      }
    }
    return [...services, { kind: 'text', text, quoted: true }];
  }

  #expansion(quoted: boolean): WordPart {
    const rest = this.text.slice(this.#at);
    const variable = /^\$(?:(\w+|[?$#@*!])|\{(\w+)(?::?-([^}$`]*))?\})/.exec(rest);
    if (variable) {
      this.#at += variable[0].length;
      const otherwise = variable[3];
      return { kind: 'variable', name: variable[1] ?? variable[2] ?? '', quoted, ...(otherwise === undefined ? {} : { otherwise }) };
    }
    if (rest.startsWith('$(') && !rest.startsWith('$((')) {
      this.#at += 2;
      const list = this.#list([')']);
      this.#expect(')');
      return { kind: 'output', list, quoted };
    }
    if (rest.startsWith('`')) {
      const end = rest.indexOf('`', 1);
      if (end > 0) {
        this.#at += end + 1;
        return { kind: 'output', list: new Reader(rest.slice(1, end)).script(), quoted };
      }
    }
    if (/^\$(\W|$)/.test(rest) && !/^\$[{(]/.test(rest)) {
      this.#at += 1;
      return { kind: 'text', text: '$', quoted };
    }
    throw this.#unreadable(rest.slice(0, 30));
  }

  /** Skips blanks and comments; with `lines` also line ends. A here-document begins after the end of its line. */
  #blank(lines: boolean): void {
    for (;;) {
      this.#at += /^(?:[ \t\r]|\\\r?\n)*(?:#[^\n]*)?/.exec(this.text.slice(this.#at))?.[0].length ?? 0;
      if (!lines || this.text[this.#at] !== '\n') {
        return;
      }
      this.#at += 1;
      for (const document of this.#pending.splice(0)) {
        this.#hereDocument(document);
      }
    }
  }

  #hereDocument({ redirection, end, tabs, literal }: HereDocument): void {
    let body = '';
    for (;;) {
      if (this.#at >= this.text.length) {
        throw this.#unreadable(`a here-document without its end, ${end}`);
      }
      const stop = this.text.indexOf('\n', this.#at);
      const line = this.text.slice(this.#at, stop < 0 ? undefined : stop).replace(tabs ? /^\t+/ : /^/, '');
      this.#at = stop < 0 ? this.text.length : stop + 1;
      if (line.replace(/\r$/, '') === end) {
        break;
      }
      body += `${line}\n`;
    }
    redirection.target = literal ? [{ kind: 'text', text: body, quoted: true }] : new Reader(body).#quoted();
  }

  #peekWord(words: readonly string[]): boolean {
    return words.some((word) => this.text.startsWith(word, this.#at) && !/[^\s;&|()]/.test(this.text[this.#at + word.length] ?? ' '));
  }

  #take(word: string): boolean {
    this.#blank(false);
    const found = this.#peekWord([word]);
    this.#at += found ? word.length : 0;
    return found;
  }

  #expect(word: string): void {
    this.#blank(true);
    if (!this.text.startsWith(word, this.#at)) {
      throw this.#unreadable(`${word} is missing`);
    }
    this.#at += word.length;
  }
}

// --- Doing -------------------------------------------------------------------------------------------------------------

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
/** A script that only waits is waited with; one that only runs is not. */
const MOST_STEPS = 20_000;
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

interface Scope {
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
const builtins: Readonly<Record<string, Builtin>> = {
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
