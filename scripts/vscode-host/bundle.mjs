// Bundles a suite for the extension host, which takes one file.
import { build } from 'esbuild';

/** CommonJS dependencies (mocha) expect these, and an ES module has none of them. */
const COMMONJS_SCOPE = [
  "import { createRequire as scopeRequire } from 'node:module';",
  "import { fileURLToPath as scopePath } from 'node:url';",
  'const require = scopeRequire(import.meta.url);',
  "const __filename = scopePath(import.meta.url), __dirname = scopePath(new URL('.', import.meta.url));",
].join('\n');

/**
 * @param {string} entry a module with `export async function run()`
 * @param {string} outfile the ES module to write: `.mjs`, or `.js` below a package.json with `"type": "module"`
 */
export async function bundleSuite(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['vscode'],
    sourcemap: 'inline',
    banner: { js: COMMONJS_SCOPE },
    logLevel: 'warning',
  });
}
