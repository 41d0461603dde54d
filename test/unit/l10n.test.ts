import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { category } from '../../src/editor/ids.ts';
import { languages } from '../../src/languages.generated.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Texts that are the same in another language: names, and patterns of placeholders and signs. */
const same: Readonly<Record<string, ReadonlySet<string>>> = { es: new Set(['1 tutorial.', 'crawler', 'error', 'job', 'sandbox']) };

interface Call {
  readonly text: string;
  readonly where: string;
}

/** A call of l10n.t, and the literal that starts its arguments: a text alone, or with a comment as { message: … }. */
const call = /\bl10n\s*\.\s*t\s*\(/g;
const literal = /\s*(?:\{\s*message\s*:\s*)?('(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|`(?:[^`\\$]|\\[^]|\$(?!\{))*`)\s*(?=[,)}])/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0', '\n': '' };

/** The text that a literal of the source stands for. */
function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([^]))/gi, (_all, point?: string, unit?: string, byte?: string, char?: string) => {
    const code = point ?? unit ?? byte;
    return code === undefined ? escapes[char ?? ''] ?? char ?? '' : String.fromCodePoint(parseInt(code, 16));
  });
}

/** The calls of l10n.t in one source file, and those whose text is not a plain literal and so cannot be translated. */
function callsIn(source: string, file: string): { calls: Call[]; unreadable: string[] } {
  const calls: Call[] = [];
  const unreadable: string[] = [];
  for (const match of source.matchAll(call)) {
    const where = `${file}:${source.slice(0, match.index).split('\n').length}`;
    // A call that a comment speaks of is none.
    const before = source.slice(source.lastIndexOf('\n', match.index) + 1, match.index);
    if (/^\s*(\/\/|\/?\*)/.test(before)) continue;
    literal.lastIndex = match.index + match[0].length;
    const quoted = literal.exec(source)?.[1];
    if (quoted === undefined) unreadable.push(where);
    else calls.push({ text: unquote(quoted), where });
  }
  return { calls, unreadable };
}

/** Letters that English has not, a text under a language's name, or the small words of Spanish within one literal. */
const isSpanish = (line: string): boolean =>
  /[áéíóúñ¿¡]/i.test(line) || /\b(?:\w+Es|es)\b['"]?\s*:\s*['"`]/.test(line) ||
  [...line.matchAll(/'[^']*'|"[^"]*"|`[^`]*`/g)].some(([literal]) => (literal.match(/(?<=[\s'"`])(?:el|los|las|del|para|una|que|por)(?=[\s'"`])/g) ?? []).length > 1);

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

const json = async (path: string): Promise<Record<string, string>> => JSON.parse(await readFile(join(root, path), 'utf8')) as Record<string, string>;

async function callsInSource(): Promise<{ calls: Call[]; unreadable: string[] }> {
  const files = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const found = await Promise.all(files.map(async (file) => callsIn(await readFile(join(root, 'src', file), 'utf8'), relative(root, join(root, 'src', file)).replaceAll('\\', '/'))));
  return { calls: found.flatMap(({ calls }) => calls), unreadable: found.flatMap(({ unreadable }) => unreadable) };
}

describe('texts in the code', () => {
  it('finds each way a text can be written', () => {
    const source = [
      "l10n.t('It isn\\'t {0}.', name)",
      'vscode.l10n.t("Say \\"{0}\\"\\u2026", l10n.t(\'inner, with (parentheses)\'))',
      "l10n.t(\n  `two\\nlines`,\n  { a: 1 },\n)",
      "l10n.t({ message: 'Run', comment: ['a verb'] })",
      "// l10n.t('spoken of only')",
      'l10n.t(text)',
      "l10n.t('a' + b)",
      'l10n.t(`now ${name}`)',
    ].join('\n');
    const found = callsIn(source, 'x.ts');
    assert.deepEqual(found.calls.map(({ text }) => text), ["It isn't {0}.", 'Say "{0}"…', 'inner, with (parentheses)', 'two\nlines', 'Run']);
    assert.deepEqual(found.unreadable, ['x.ts:9', 'x.ts:10', 'x.ts:11']);
  });

  it('are literals, which can be translated', async () => {
    const { calls, unreadable } = await callsInSource();
    assert.ok(calls.length > 0);
    assert.deepEqual(unreadable, []);
  });

  it('are in English, wherever they are: what is in another language has a room of its own', async () => {
    const found: string[] = [];
    for (const folder of ['src', 'scripts', 'jobs', 'lambda']) {
      for (const file of (await readdir(join(root, folder), { recursive: true })).filter((name) => /\.(ts|mjs|py)$/.test(name)).sort()) {
        // Authoring reads what people write in their own files, in Spanish too: there only what it says counts.
        const reads = file.replaceAll('\\', '/').startsWith('authoring/');
        const lines = (await readFile(join(root, folder, file), 'utf8')).split('\n');
        found.push(...lines.flatMap((line, index) => ((!reads || line.includes('l10n.t(')) && isSpanish(line) ? [`${folder}/${file}:${index + 1} ${line.trim()}`] : [])));
      }
    }
    assert.deepEqual(found, []);
    // It would be seen.
    for (const line of ["titleEs: 'Conectar…'", "{ en: 'Bucket', es: 'Bucket' }", "say('Iniciar sesión')", "'Mostrar el plan del bucket'"]) assert.ok(isSpanish(line), line);
    for (const line of ["link('Show the plan', 'es')", "const keys = ['en', 'es'];", '// para: a paragraph, del: what is deleted']) assert.ok(!isSpanish(line), line);
  });
});

for (const language of languages.filter((each) => each !== 'en')) describe(`language ${language}`, () => {
  let calls: Call[] = [];
  let bundle: Record<string, string> = {};
  let manifest: Record<string, string> = {};
  const parts = new Map<string, Record<string, string>>();

  before(async () => {
    ({ calls } = await callsInSource());
    bundle = await json(`l10n/bundle.l10n.${language}.json`);
    manifest = await json(`l10n/parts/manifest.${language}.json`);
    for (const file of (await readdir(join(root, 'l10n/parts'))).filter((name) => name.endsWith(`.${language}.json`)).sort()) parts.set(file, await json(`l10n/parts/${file}`));
  });

  it('has a text for each in the code', () => {
    assert.deepEqual(calls.filter(({ text }) => !bundle[text]).map(({ text, where }) => `${where} ${text}`), []);
  });

  it('has no text that the code does not use', () => {
    const used = new Set(calls.map(({ text }) => text));
    assert.deepEqual(Object.keys(bundle).filter((text) => !used.has(text)), []);
  });

  it('has the placeholders of the English', () => {
    assert.deepEqual(Object.entries({ ...bundle, ...manifest }).filter(([english, translated]) => placeholders(english).join() !== placeholders(translated).join()).map(([english]) => english), []);
  });

  it('differs from the English', () => {
    assert.deepEqual(Object.entries(bundle).filter(([english, translated]) => english === translated && !same[language]?.has(english)).map(([english]) => english), []);
    assert.deepEqual([...(same[language] ?? [])].filter((text) => bundle[text] !== text), [], 'listed as the same without need');
  });

  it('names commands by the titles they have', () => {
    const quoted = (text: string): string[] => [...text.matchAll(new RegExp(`"${category}: ([^"]+)"`, 'g'))].map(([, title = '']) => title);
    const wrong = Object.entries(bundle).filter(([english, translated]) => quoted(english).map((title) => manifest[title]).join() !== quoted(translated).join());
    assert.deepEqual(wrong.map(([english]) => english), []);
  });

  it('says the same in each part', () => {
    const said = new Map<string, string>();
    const contradictions: string[] = [];
    for (const [file, part] of parts) {
      for (const [english, translated] of Object.entries(part)) {
        const other = said.get(english);
        if (other !== undefined && other !== translated) contradictions.push(`${file}: ${english}`);
        said.set(english, translated);
      }
    }
    assert.deepEqual(contradictions, []);
  });
});

describe('Spanish', () => {
  it('has one term for each thing, in messages, commands and the tutorial', async () => {
    // What is code, AWS's own (in **bold** or English), a name of ours or a place where only a short word fits is left out.
    const prose = (text: string): string => text
      .replace(/^(---\n[^]*?\n---$)|^(`{3,})[^]*?^\2|`[^`]*`|<!--[^]*?-->|\*\*[A-Z][^*]*\*\*|\]\([^)]*\)/gm, ' ')
      .replace(/Concurrent runs exceeded for workflow/g, ' ')
      .replace(/lake:\S+|lake: |lake-tutorial|-lake|\/lake/g, ' ');
    const wrong = /\blagos?\b|(?<!data )\blake\b(?! =)|\bflujos?\b(?! de trabajo)|\bworkflows?\b|\bhorario|\binsertador|\bborr(a|e|ar|ó|ad[oa]s?|an|ando|arl[oa]s?)\b|sandbox está (arranca|parado|apagado)/i;
    const sources: Record<string, string> = { ...(await json('l10n/bundle.l10n.es.json')), ...(await json('package.nls.es.json')), tutorial: await readFile(join(root, 'walkthroughs/data-lake.es.md'), 'utf8') };
    // A view's name, and the map's labels.
    const short = /^view\.workflows$|\.(alt|media)$/;
    const found = Object.entries(sources).filter(([key]) => !short.test(key)).flatMap(([key, text]) =>
      prose(text).replace(/Lake (Tutorial|Formation)/g, ' ').split('\n').filter((line) => wrong.test(line)).map((line) => `${key}: ${line}`));
    assert.deepEqual(found, []);
  });
});
