/** Reads the shell scripts of instances: words, quotes, here-documents, and the commands they make. */

/** A script that cannot be read, or a command that the instance does not know. */
export class ScriptError extends Error {
  constructor(
    message: string,
    readonly status = 127,
  ) {
    super(message);
  }
}

export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise?: string; readonly quoted: boolean }
  | { readonly kind: 'output'; readonly list: List; readonly quoted: boolean };
export type Word = readonly WordPart[];

export interface Redirection {
  readonly descriptor: number;
  readonly kind: '>' | '>>' | '<' | '<<' | '<<<' | '>&' | '&>';
  target: Word;
}
export interface Simple {
  readonly kind: 'simple';
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
}
export type Body =
  | Simple
  | { readonly kind: 'group'; readonly list: List; readonly own: boolean }
  | { readonly kind: 'if'; readonly branches: readonly { readonly when: List; readonly then: List }[]; readonly otherwise: List }
  | { readonly kind: 'loop'; readonly until: boolean; readonly when: List; readonly body: List }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: List };
export interface Command {
  readonly body: Body;
  readonly redirections: readonly Redirection[];
}
export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
  /** How it hangs on the one before it. */
  readonly link: ';' | '&&' | '||';
}
export type List = readonly Pipeline[];

interface HereDocument {
  readonly redirection: Redirection;
  readonly end: string;
  readonly tabs: boolean;
  readonly literal: boolean;
}


const RESERVED = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'for', 'do', 'done', 'case', 'esac', 'function', '{', '}', '!']);
const ENDS_WORD = /[\s;&|<>()]/;

export class Reader {
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
