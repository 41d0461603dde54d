// Whose word it is where the sandbox, or what talks to AWS, says or does as AWS does: lists the places that must name
// their source and do not, and those for which none was found. `npm run provenance`; the form is in CONTRIBUTING.md.
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is looked at. */
const FOLDERS = ['src/sandbox/services', 'src/sandbox/kernel', 'src/sandbox/store', 'src/sandbox/gateway', 'src/resources', 'src/aws', 'src/access'];
/** Where AWS is a client's opposite: its texts are recognised there, not given. */
const CLIENTS = /^src\/(aws|resources|access)\//;
/** A room that is Trino's from end to end: each of its files names its source. */
const TRINO = /^src\/sandbox\/services\/athena\/trino\/.*\.py$/;

/** A name of an error that can be told from other words: Glue's, Hive's and Trino's. */
const CODE = /^(?:[A-Z][A-Za-z]+\.)?[A-Z][A-Za-z]+(?:Exception|Error|Fault|NotFound|AlreadyExists)$|^HIVE_[A-Z_]+$|^(?:[A-Z]+_)+(?:ERROR|FOUND|SUPPORTED|ARGUMENT|MISMATCH|LITERAL|RANGE|EXISTS|CALL|BY|OVERFLOW|ZERO|WINDOW_NAME)$|^(?:AMBIGUOUS_NAME|MALFORMED_QUERY)$/;
/** Codes that are Python's or JavaScript's own names. */
const OURS = /^(?:Type|Value|Key|Index|Syntax|Range|Runtime|OS|Import|Unicode(?:De|En)code|Timeout|Aws|User|Abort|Attribute|Assertion|Name|Reference|Aggregate)Error$|^Error$/;
/** A code or a phrase in a regular expression. */
const SAID = /[A-Z][a-z]+(?:[A-Z][a-z]+)+|[A-Z]{3,}_[A-Z]{3,}|[A-Za-z]{2,} \(?[A-Za-z]{2,}/;

const PAGE = 'https://[^\\s,]+[^\\s,.)]';
const THREAD = '[\\w.-]+/[\\w.-]+#\\d+';
const MODEL = 'botocore [\\w-]+ \\d+\\.\\d+\\.\\d+ \\w+';
const FILE = '[\\w.-]+/[\\w.-]+ [\\w./-]+\\.\\w+';
/** What of it, if not all. */
const PART = '(?: \\([^()]+\\))?';
const NONE = 'none found \\(tried: [^()]+\\)';
const OWN = 'our own \\([^()]+\\)';
const DAY = '20\\d\\d-[01]\\d-[0-3]\\d';
const FORM = new RegExp(`^(?:(?<none>${NONE})|(?<own>${OWN})|(?:${PAGE}|${THREAD}|${MODEL}|${FILE})${PART}), (?<day>${DAY})(?<whole> \\(whole (?:file|class)\\))?[.]?$`);

/**
 * The sources that a comment names, each on a line of its own.
 *
 * @param {string} comment
 * @returns {{ text: string, kind: 'found' | 'none' | 'own' | 'malformed', whole: boolean }[]}
 */
export function sourcesIn(comment) {
  return [...comment.matchAll(/\bSource: (.*)$/gm)].map(([, rest = '']) => {
    const text = rest.replace(/\s*(?:\*\/|"""|''')?\s*$/, '');
    const form = FORM.exec(text);
    const kind = !form ? 'malformed' : form.groups?.none ? 'none' : form.groups?.own ? 'own' : 'found';
    return { text, kind, whole: form?.groups?.whole !== undefined };
  });
}

/** A place with what the comments around it say: those beside it count, those of its file or class if they are for the whole of it. */
function place(file, line, what, beside, above) {
  const sources = [...beside.flatMap(sourcesIn), ...above.flatMap(sourcesIn).filter(({ whole }) => whole)];
  const known = sources.filter(({ kind }) => kind !== 'malformed');
  const kind = known.length === 0 ? 'missing' : known.some((each) => each.kind === 'found') ? 'found' : known.some((each) => each.kind === 'none') ? 'none' : 'own';
  // A doubt beside a place is not settled by a source for a part of it, nor by that of the whole file.
  return { file, line, what, kind: beside.flatMap(sourcesIn).some((each) => each.kind === 'none') ? 'none' : kind, sources: known.map(({ text }) => text) };
}

/** All places of a file that must name a source; a source that is not of the form is one too. */
export function placesIn(file, text) {
  const lines = text.split('\n');
  const python = file.endsWith('.py');
  const comments = commentLines(lines, python);
  const head = [headOf(lines, comments)];
  const found = new Map();
  const add = (at, what) => found.set(`${at} ${what}`, place(file, at + 1, what, ...around(lines, comments, at, head, python)));

  if (TRINO.test(file)) {
    found.set('', place(file, 1, 'file of Trino\'s', [], head));
  }
  const lineAt = lineNumbers(text);
  for (const { index, what } of python ? pythonPlaces(text) : typescriptPlaces(text, CLIENTS.test(file))) {
    if (!comments[lineAt(index)]) {
      add(lineAt(index), what);
    }
  }
  const malformed = lines.flatMap((line, at) => (comments[at] ? sourcesIn(line) : []).filter(({ kind }) => kind === 'malformed').map((each) => ({ file, line: at + 1, what: `not of the form: ${each.text}`, kind: 'malformed', sources: [] })));
  return [...found.values(), ...malformed].sort((a, b) => a.line - b.line);
}

const matches = (text, pattern, what) => [...text.matchAll(pattern)].map((match) => ({ index: match.index + match[0].search(/\S/), match, what: what(match) })).filter((each) => each.what !== undefined);

/** The name of an error in quotes, if that is what they hold. */
const errorIn = (name) => (CODE.test(name) && !OURS.test(name) ? `error ${name}` : undefined);

function typescriptPlaces(text, client) {
  return [
    ...matches(text, /\b(?:route|extended|followed)(?:<[^\n]*>)?\(\s*'([A-Z]\w+)'/g, ([, name]) => `route ${name}`),
    ...matches(text, /\{ service: '(\w+)', [^\n]*\bhandle\b/g, ([whole]) => `route ${/action(?:: '(\w+)')?|path: (\S+),/.exec(whole)?.slice(1).find(Boolean) ?? 'of each action'}`),
    ...matches(text, /\b(?:refuse|fail|Refusal|Refused|ControlPlaneError|InvokeError)\(\s*'([^']+)'/g, ([, name]) => `error ${name}`),
    ...matches(text, /\b(?:code: |errorType: |[cC]ode\)? [!=]== )'([A-Z][\w.]*[a-z][\w.]*)'/g, ([, name]) => (OURS.test(name) ? undefined : `error ${name}`)),
    ...matches(text, /\binvalid\(\s*['"`]([^'"`]{0,50})/g, ([, said]) => `text ${said}`),
    ...matches(text, /'([A-Z][A-Za-z_.]+)'/g, ([, name]) => errorIn(name)),
    ...(client ? matches(text, /(?<=[(,=\s![:?])\/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n[])+)\/[dgimsuy]*(?=[.,;)\]\s])/g, ([whole]) => (SAID.test(whole.replace(/\\./g, '.')) ? `text ${whole.slice(0, 60)}` : undefined)) : []),
  ];
}

function pythonPlaces(text) {
  return [
    ...matches(text, /^[ \t]*@((?:operation|around)\([^\n]*\))\n(?:[ \t]*@[^\n]*\n)*[ \t]*(?:async )?def (\w+)/gm, ([, decorator, name]) => `@${decorator} ${name}`),
    ...matches(text, /\b(?:refuse|Refusal|Unreachable)\(\s*f?["']([^"']{1,50})/g, ([, said]) => (/ /.test(said) ? `text ${said}` : `error ${said}`)),
    ...matches(text, /["']([A-Z][A-Za-z_.]+)["':]/g, ([, name]) => errorIn(name)),
  ];
}

/** From a position in a text to its line. */
function lineNumbers(text) {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (index) => starts.findLastIndex((start) => start <= index);
}

/** For each line whether it is one of a comment or docstring. */
function commentLines(lines, python) {
  let open;
  return lines.map((line) => {
    if (open) {
      if (line.includes(open)) {
        open = undefined;
      }
      return true;
    }
    const [, begins] = (python ? /^\s*[rf]?("""|\'\'\')/ : /^\s*(\/\*)/).exec(line) ?? [];
    if (begins) {
      const closes = python ? begins : '*/';
      open = line.slice(line.indexOf(begins) + begins.length).includes(closes) ? undefined : closes;
      return true;
    }
    return (python ? /^\s*#/ : /^\s*\/\//).test(line);
  });
}

/** The comments that a file begins with. */
function headOf(lines, comments) {
  const code = lines.findIndex((line, at) => line.trim() !== '' && !comments[at]);
  return lines.slice(0, code < 0 ? lines.length : code).join('\n');
}

const indentOf = (line) => line.length - line.trimStart().length;

/** The comments beside a line, and beside what it stands in, found by the indentation; and those of its class and file. */
function around(lines, comments, at, head, python) {
  const beside = [];
  const above = [...head];
  const block = (from, step) => {
    let to = from;
    // Above a declaration Python has comments; a docstring there is that of what comes before.
    while (comments[to] && to >= 0 && (step > 0 || !python || /^\s*#/.test(lines[to]))) {
      to += step;
    }
    return (step < 0 ? lines.slice(to + 1, from + 1) : lines.slice(from, to)).join('\n');
  };
  /** What is said of the declaration whose first line this is: before it and its decorators, and Python's docstring. */
  const said = (first) => {
    let top = first;
    while (top > 0 && /^\s*@/.test(lines[top - 1])) {
      top -= 1;
    }
    let opens = first;
    while (/^\s*@/.test(lines[opens])) {
      opens += 1;
    }
    const docstrings = [];
    if (/^\s*(?:async )?(?:def|class) /.test(lines[opens])) {
      while (opens < lines.length && !/:\s*(?:#.*)?$/.test(lines[opens])) {
        opens += 1;
      }
      docstrings.push(block(opens + 1, 1));
    }
    return [block(top - 1, -1), ...docstrings];
  };
  beside.push(...said(at));
  for (let up = at - 1, limit = indentOf(lines[at]) + (/^\s*[)\]}]/.test(lines[at]) ? 1 : 0); up >= 0 && limit > 0; up -= 1) {
    const line = lines[up];
    if (line.trim() === '' || comments[up] || indentOf(line) >= limit) {
      continue;
    }
    if (/^\s*[)\]}]/.test(line)) {
      // The end of what began at the same depth, as in `} else {` and `): number {`.
      limit = indentOf(line) + 1;
      continue;
    }
    limit = indentOf(line);
    (/^\s*(?:export |abstract )*class /.test(line) ? above : beside).push(...said(up));
  }
  return [beside, above];
}

/** All places of the repository. */
export async function provenance(root) {
  const all = await Promise.all(FOLDERS.map(async (folder) => {
    const names = (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
    const files = names.filter((name) => /\.(?:ts|py)$/.test(name) && !name.includes('generated')).sort();
    return (await Promise.all(files.map(async (file) => placesIn(file, await readFile(join(root, file), 'utf8'))))).flat();
  }));
  return all.flat();
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const places = await provenance(resolve(import.meta.dirname, '..'));
  const of = (...kinds) => places.filter(({ kind }) => kinds.includes(kind));
  const print = (title, some) => some.length > 0 && console.log(`${title}\n${some.map(({ file, line, what, kind, sources }) => `  ${file}:${line}  ${what}${kind === 'none' ? `  — ${sources.find((text) => text.startsWith('none'))}` : ''}`).join('\n')}\n`);
  print('Without a source:', of('missing', 'malformed'));
  print('Open, as none was found:', of('none'));
  console.log(`${places.length} places: ${of('found').length} with a source, ${of('own').length} our own, ${of('none').length} open, ${of('missing', 'malformed').length} without.`);
  process.exitCode = of('missing', 'malformed').length > 0 ? 1 : 0;
}
