import * as l10n from '@vscode/l10n';

/**
 * The regular expressions of `vars`, which whoever writes a tutorial gives to whoever follows it: they are matched in
 * time that grows with the value and the pattern and never with their product's powers, as `(a+)+$` would in V8's engine.
 *
 * The syntax is JavaScript's without what cannot be matched so: looking ahead or behind, references back to a group, and
 * boundaries of words. It is followed as a set of states, as Thompson's construction has it (CACM 11:6, 1968). A port of
 * RE2 would do (re2js 2.10, MIT), for 148 KB and 25 ms at each start, which is more than the rest of the parser.
 */
export interface Pattern {
  /** True when a value matches as a whole. */
  readonly test: (value: string) => boolean;
}

/** What a single character is held against. */
type Test = (code: number) => boolean;

/** A state: it takes a character, or goes on without one. */
interface State {
  readonly test?: Test;
  /** Passed without a character: at the start or the end of the value alone, or anywhere. */
  readonly at?: 'start' | 'end';
  next: number[];
}

/** More than any value needs; `((a{99}){99}){99}` would fill the memory. */
const MOST_STATES = 2000;
/** Deeper groups are nobody's, and would fill the stack. */
const DEEPEST = 100;

/** Throws SyntaxError, with words for people, for what is no pattern or none that can be matched in bounded time. */
export function compilePattern(source: string): Pattern {
  // V8 knows best what is no regular expression at all.
  void new RegExp(`^(?:${source})$`);
  const states: State[] = [];
  const add = (state: State): number => {
    if (states.length >= MOST_STATES) throw new SyntaxError(l10n.t('it is too long with its repetitions written out'));
    return states.push(state) - 1;
  };
  let at = 0;
  const refuse = (): never => {
    throw new SyntaxError(l10n.t('it looks ahead or behind, or back to a group, which takes no bounded time to match'));
  };

  /** A piece of the pattern: given the state that follows, it gives the state that begins it. */
  type Piece = (next: number) => number;
  const one = (test: Test): Piece => (next) => add({ test, next: [next] });
  const alternatives = (depth: number): Piece => {
    if (depth > DEEPEST) throw new SyntaxError(l10n.t('its groups are nested too deep'));
    const all = [sequence(depth)];
    while (source[at] === '|') {
      at++;
      all.push(sequence(depth));
    }
    return all.length === 1 ? (all[0] as Piece) : (next) => add({ next: all.map((each) => each(next)) });
  };
  const sequence = (depth: number): Piece => {
    const parts: Piece[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(atom(depth)));
    return (next) => parts.reduceRight((follows, part) => part(follows), next);
  };
  const repeated = (part: Piece): Piece => {
    const counts = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 40));
    if (!counts) return part;
    at += counts[0].length;
    const sign = counts[0][0];
    const least = sign === '*' || sign === '?' ? 0 : sign === '+' ? 1 : Number(counts[1]);
    const most = sign === '*' || sign === '+' ? Infinity : sign === '?' ? 1 : counts[2] === '' ? least : counts[3] === '' ? Infinity : Number(counts[3]);
    return (next) => {
      let begin = next;
      if (most === Infinity) {
        const loop: State = { next: [next] };
        begin = add(loop);
        loop.next.push(part(begin));
      } else {
        // Each may be left out, and then all behind it are.
        for (let count = least; count < most; count++) begin = add({ next: [part(begin), next] });
      }
      for (let count = 0; count < least; count++) begin = part(begin);
      return begin;
    };
  };
  const atom = (depth: number): Piece => {
    const character = source[at++] ?? '';
    switch (character) {
      case '(': {
        const opening = /^\?(?::|<[A-Za-z_$][\w$]*>)/.exec(source.slice(at, at + 100))?.[0];
        if (source[at] === '?' && opening === undefined) refuse();
        at += opening?.length ?? 0;
        const inner = alternatives(depth + 1);
        at++;
        return inner;
      }
      case '.': return one((code) => code !== 10 && code !== 13 && code !== 0x2028 && code !== 0x2029);
      case '^': return (next) => add({ at: 'start', next: [next] });
      case '$': return (next) => add({ at: 'end', next: [next] });
      case '[': return one(set());
      case '\\': return one(escape(false));
      default: return one(is(character.charCodeAt(0)));
    }
  };
  const escape = (isInSet: boolean): Test & { readonly code?: number } => {
    const character = source[at++] ?? '\\';
    const lower = character.toLowerCase();
    if (/[dws]/.test(lower)) {
      const shape = lower === 'd' ? /\d/ : lower === 'w' ? /\w/ : /\s/;
      const isPositive = character === lower;
      return (code) => shape.test(String.fromCharCode(code)) === isPositive;
    }
    if (character === 'b' && isInSet) return is(8);
    if (/[bBk1-9pP]/.test(character)) refuse();
    const control = 'tnvfr0'.indexOf(character);
    if (control >= 0) return is([9, 10, 11, 12, 13, 0][control] ?? 0);
    const code = (character === 'x' ? /^[\da-f]{2}/i : character === 'u' ? /^[\da-f]{4}/i : undefined)?.exec(source.slice(at, at + 4))?.[0];
    if (code !== undefined) at += code.length;
    return is(code === undefined ? character.charCodeAt(0) : Number.parseInt(code, 16));
  };
  const set = (): Test => {
    const isNegative = source[at] === '^';
    if (isNegative) at++;
    const tests: Test[] = [];
    const member = (): Test & { readonly code?: number } => {
      if (source[at] !== '\\') return is(source.charCodeAt(at++));
      at++;
      return escape(true);
    };
    while (at < source.length && source[at] !== ']') {
      const first = member();
      if (source[at] !== '-' || source[at + 1] === ']' || at + 1 >= source.length) {
        tests.push(first);
        continue;
      }
      at++;
      const last = member();
      const [from, to] = [first.code, last.code];
      if (from === undefined || to === undefined) tests.push(first, last, is(45));
      else tests.push((code) => code >= from && code <= to);
    }
    at++;
    return (code) => tests.some((test) => test(code)) !== isNegative;
  };

  const accept = add({ next: [] });
  const begin = alternatives(0)(accept);
  return { test: (value) => follow(states, begin, accept, value) };
}

function is(expected: number): Test & { readonly code: number } {
  return Object.assign((code: number): boolean => code === expected, { code: expected });
}

function follow(states: readonly State[], begin: number, accept: number, value: string): boolean {
  /** For each state, the place at which it was last entered. */
  const entered = new Int32Array(states.length).fill(-1);
  const enter = (into: number[], from: number, place: number): void => {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = states[index];
      if (!state || entered[index] === place || (state.at === 'start' && place > 0) || (state.at === 'end' && place < value.length)) continue;
      entered[index] = place;
      if (state.test || index === accept) into.push(index);
      else open.push(...state.next);
    }
  };
  let current: number[] = [];
  enter(current, begin, 0);
  for (let place = 0; place < value.length && current.length > 0; place++) {
    const next: number[] = [];
    const code = value.charCodeAt(place);
    for (const index of current) {
      const state = states[index];
      if (state?.test?.(code)) enter(next, state.next[0] ?? accept, place + 1);
    }
    current = next;
  }
  return current.includes(accept);
}
