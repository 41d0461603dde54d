// Builds dist/: the extension, the CLI and the sandbox's gateway as ESM with shared chunks, the sandbox's Python files, and the inserter's zip.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { languagesOf } from './languages.mjs';
import { findPython } from './python.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
// Built aside and moved into place at the end: a build that fails leaves the last good one.
const finished = join(root, 'dist');
const dist = join(root, '.cache', `dist-${process.pid}`);

async function bundle() {
  await build({
    absWorkingDir: root,
    entryPoints: { extension: 'src/extension.ts', cli: 'src/cli.ts', 'sandbox/gateway': 'src/sandbox/gateway/gateway.ts', 'sandbox/guard': 'src/sandbox/control/guard.ts', 'tutorials/parse': 'src/tutorial/parse.ts' },
    outdir: dist,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['vscode'],
    chunkNames: 'chunks/[name]-[hash]',
    // Some libraries are CommonJS inside and ask for node's modules by require.
    banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

/** The pages of panels, of drawings and of rows: scripts and a style of their own, which nothing loads before a panel opens. */
async function pages() {
  await build({
    absWorkingDir: root,
    entryPoints: [{ in: 'src/webviews/page/main.ts', out: 'main' }, { in: 'src/webviews/page/grid.ts', out: 'grid' }, { in: 'src/webviews/page/page.css', out: 'main' }],
    outdir: join(dist, 'webviews'),
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    tsconfig: 'src/webviews/page/tsconfig.json',
    logLevel: 'warning',
  });
}

/** The built-in tutorial, parsed once here instead of at every start. */
async function tutorials() {
  const { parseTutorial } = await import(pathToFileURL(join(dist, 'tutorials/parse.js')).href);
  for (const language of await languagesOf(root)) {
    const name = `data-lake.${language}`;
    const tutorial = parseTutorial(await readFile(join(root, 'walkthroughs', `${name}.md`), 'utf8'));
    const [problem] = tutorial.problems;
    if (problem) throw new Error(`walkthroughs/${name}.md:${problem.range.start.line}: ${problem.message}`);
    await writeFile(join(dist, 'tutorials', `${name}.json`), JSON.stringify(tutorial));
  }
}

/** Every file below a folder, sorted, as paths relative to it. */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/')).sort();
}

/** The sandbox's Python, and what its environment is made of, where its bundled TypeScript finds them. */
async function sandboxFiles() {
  const folder = join(root, 'src/sandbox');
  const wanted = (await filesBelow(folder)).filter((file) => /\.(py|txt|generated\.json)$/.test(file));
  await Promise.all(wanted.map((file) => cp(join(folder, file), join(dist, 'sandbox', file))));
}

/** The Lambda's zip: handler and driver, the same bytes on every machine, so that its hash tells whether it is deployed. */
async function inserterZip() {
  const requirements = await readFile(join(root, 'lambda/requirements.txt'));
  const key = createHash('sha256').update(requirements).digest('hex').slice(0, 16);
  const packages = join(root, '.cache', `lambda-${key}`);
  if (!(await readdir(packages).catch(() => [])).includes('.complete')) {
    await rm(packages, { recursive: true, force: true });
    const python = await findPython(root);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--require-hashes', '--no-deps', '--target', packages, '-r', join(root, 'lambda/requirements.txt')]);
    await writeFile(join(packages, '.complete'), '');
  }
  // The driver reads dates with dateutil, and certificates with asn1crypto: of what else these two can do nothing is ever loaded, and it takes a third of the zip.
  const idle = /^(?:dateutil\/(?:easter|rrule|tzwin|tz\/win|zoneinfo\/.*)|asn1crypto\/(?:cms|crl|csr|ocsp|pdf|pkcs12|tsp))\.py$/;
  const wanted = (await filesBelow(packages)).filter((file) => !idle.test(file) && !/(dateutil-zoneinfo\.tar\.gz$|^\.complete$|__pycache__|\.pyc$|\/tests?\/|^bin\/|RECORD$|INSTALLER$|REQUESTED$|direct_url\.json$)/.test(file));
  const entries = { 'handler.py': await readFile(join(root, 'lambda/handler.py')) };
  for (const file of wanted) {
    const bytes = await readFile(join(packages, file));
    // Of what a package says of itself the driver reads its version, from the headers; the page that follows them takes a seventh of the zip.
    entries[file] = /\.dist-info\/METADATA$/.test(file) ? bytes.subarray(0, bytes.indexOf('\n\n') + 1 || bytes.length) : bytes;
  }
  // 1980 is the oldest date that a zip can hold; in local time, so that the bytes are the same everywhere.
  const mtime = new Date(1980, 0, 1);
  const zip = zipSync(Object.fromEntries(Object.entries(entries).map(([name, bytes]) => [name, [new Uint8Array(bytes), { mtime, level: 9 }]])));
  await mkdir(join(dist, 'lambda'), { recursive: true });
  await writeFile(join(dist, 'lambda/inserter.zip'), zip);
}

try {
  await Promise.all([
    bundle().then(tutorials),
    pages(),
    sandboxFiles(),
    inserterZip(),
  ]);
  await rm(finished, { recursive: true, force: true });
  await rename(dist, finished);
} finally {
  await rm(dist, { recursive: true, force: true });
}
