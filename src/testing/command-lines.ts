import * as l10n from '@vscode/l10n';

/** A line of a `lake:verify` fence, as far as it was understood. */
export type CommandLine = {
  /** Its first line in the block, from 0. */
  readonly at: number;
  readonly text: string;
} & (
  | { readonly kind: 'call'; readonly service: string; readonly operation: string; readonly words: readonly string[] }
  /** The name of a resource kind alone: it is looked at as `verify` does. */
  | { readonly kind: 'check'; readonly resource: string }
  | { readonly kind: 'refused'; readonly why: string; readonly next: string }
);

/** What AWS's operations that only look begin with. */
const reads = /^(?:get|list|describe|head)-/;

/** The lines of a `lake:verify` fence: comments and empty lines left out, continued lines put together. Pure: nothing is run here. */
export function readCommandLines(text: string, kinds: ReadonlySet<string>): CommandLine[] {
  const lines: CommandLine[] = [];
  for (const { at, text: line } of joined(text)) {
    // A prompt that was copied along.
    const shown = line.replace(/^\s*\$\s+/, '').trim();
    if (shown === '' || shown.startsWith('#')) {
      continue;
    }
    lines.push({ at, text: shown, ...read(shown, kinds) } as CommandLine);
  }
  return lines;
}

type Read = CommandLine extends infer Line ? (Line extends CommandLine ? Omit<Line, 'at' | 'text'> : never) : never;

function read(line: string, kinds: ReadonlySet<string>): Read {
  if (kinds.has(line)) {
    return { kind: 'check', resource: line };
  }
  const words = wordsOf(line);
  const refused = (why: string): Read => ({ kind: 'refused', why, next: l10n.t('A lake:verify block has lines such as: aws s3api head-bucket --bucket <bucket>; or the name of a resource kind. Put anything else in a block of its own.') });
  if (typeof words === 'string') {
    return refused(words);
  }
  if (words[0] !== 'aws') {
    return refused(l10n.t('It is neither a call of the AWS command line nor a resource kind.'));
  }
  const global: string[] = [];
  let at = 1;
  // Flags before the service are the CLI's own; each of them but these takes a value.
  for (; words[at]?.startsWith('--'); at++) {
    const flag = words[at] ?? '';
    global.push(flag);
    if (!flag.includes('=') && !/^--(?:no-|debug)/.test(flag)) {
      global.push(words[++at] ?? '');
    }
  }
  const [service = '', operation = '', ...rest] = words.slice(at);
  if (service === '' || operation === '') {
    return refused(l10n.t('It names no service and operation.'));
  }
  if (!reads.test(operation)) {
    return refused(l10n.t('{0} {1} may change something. Only operations run that begin with get-, list-, describe- or head-.', service, operation));
  }
  const all = [...rest, ...global];
  if (all.some((word) => /^--endpoint-url(?:=|$)/.test(word))) {
    return refused(l10n.t('--endpoint-url leads out of the sandbox of the test.'));
  }
  return { kind: 'call', service, operation, words: all };
}

/** Lines, those that end in a backslash with what follows. */
function joined(text: string): { at: number; text: string }[] {
  const lines: { at: number; text: string }[] = [];
  let open = false;
  for (const [at, line] of text.split('\n').entries()) {
    const bare = line.replace(/\r$/, '');
    const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(bare);
    const content = continues ? bare.slice(0, -1) : bare;
    const last = lines.at(-1);
    if (open && last) {
      last.text += ` ${content.trim()}`;
    } else {
      lines.push({ at, text: content });
    }
    open = continues;
  }
  return lines;
}

/** The words of a line as a POSIX shell has them; or, for what only a shell could do, why it is not done. */
export function wordsOf(line: string): string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (/\s/.test(character)) {
      if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) {
        return l10n.t('A quote is not closed.');
      }
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      let inside = '';
      let closed = false;
      for (at++; at < line.length; at++) {
        const each = line.charAt(at);
        if (each === '"') {
          closed = true;
          break;
        }
        if (each === '$' || each === '`') {
          return unsupported(each);
        }
        if (each === '\\' && /["\\$`]/.test(line.charAt(at + 1))) {
          at++;
        }
        inside += line.charAt(at);
      }
      if (!closed) {
        return l10n.t('A quote is not closed.');
      }
      word = (word ?? '') + inside;
    } else if (character === '\\') {
      at++;
      word = (word ?? '') + line.charAt(at);
    } else if (character === '#' && word === undefined) {
      break;
    } else if (/[|&;<>()$`]/.test(character)) {
      return unsupported(character);
    } else {
      word = (word ?? '') + character;
    }
  }
  return word === undefined ? words : [...words, word];
}

const unsupported = (sign: string): string => l10n.t('It needs a shell ({0}), and none is run here.', sign);
