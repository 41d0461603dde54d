import { strict as assert } from 'node:assert';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

const source = resolve(import.meta.dirname, '../../src');

/** What each room of the house may import from; rooms not named may import nothing of ours but errors. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  tutorial: [],
  aws: [],
  policies: [],
  sandbox: [],
  resources: ['policies', 'aws', 'tutorial'],
  provision: ['resources', 'policies', 'aws', 'tutorial'],
  access: ['provision', 'resources', 'policies', 'aws', 'tutorial'],
  authoring: ['provision', 'resources', 'policies', 'aws', 'tutorial'],
  pictures: ['provision', 'resources', 'aws', 'tutorial'],
  // What runs on a page knows of the editor no more than what they say to each other.
  webviews: [],
  testing: ['authoring', 'sandbox', 'provision', 'resources', 'policies', 'aws', 'tutorial'],
  export: ['authoring', 'provision', 'resources', 'policies', 'aws', 'tutorial'],
};

async function imports(): Promise<{ file: string; target: string }[]> {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(source, file), 'utf8');
      return [...text.replace(/^\s*(\/\/|\/?\*).*$/gm, '').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({ file: file.replaceAll('\\', '/'), target: match[1] ?? '' }));
    }),
  );
  return all.flat();
}

/** What is loaded along with a file: neither types nor what an `import()` brings. */
async function staticImports(): Promise<{ file: string; target: string }[]> {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(files.map(async (file) => {
    const text = await readFile(join(source, file), 'utf8');
    return [...text.matchAll(/^(?:import|export) (?!type )(?:[^;']* from )?'([^']+)'/gm)].map((match) => ({ file: file.replaceAll('\\', '/'), target: match[1] ?? '' }));
  }));
  return all.flat();
}

/** Which file imports which, as paths below src/; packages by their names. */
function arrows(all: readonly { file: string; target: string }[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { file, target } of all) {
    const to = target.startsWith('.') ? relative(source, resolve(source, dirname(file), target)).replaceAll('\\', '/') : target;
    graph.set(file, [...(graph.get(file) ?? []), to]);
  }
  return graph;
}

/** All that is imported from some files on, those included. */
function reachable(graph: ReadonlyMap<string, readonly string[]>, from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  for (const left = [...from]; left.length > 0; ) {
    const file = left.pop() ?? '';
    if (!seen.has(file)) {
      seen.add(file);
      left.push(...(graph.get(file) ?? []));
    }
  }
  return seen;
}

describe('imports point one way', () => {
  it('below the editor nothing knows vscode', async () => {
    const wrong = (await imports()).filter(({ file, target }) => target === 'vscode' && !file.startsWith('editor/') && file !== 'extension.ts');
    assert.deepEqual(wrong, []);
  });
  it('only aws/ loads the SDK; the rest takes its types', async () => {
    const files = [...new Set((await imports()).filter(({ target }) => target.startsWith('@aws-sdk/')).map(({ file }) => file))].filter((file) => !file.startsWith('aws/'));
    for (const file of files) {
      const text = await readFile(join(source, file), 'utf8');
      for (const [line] of text.matchAll(/^import .*'@aws-sdk\/.*$/gm)) {
        assert.match(line, /^import type /, `${file}: ${line}`);
      }
    }
  });
  it('rooms import only from those below them', async () => {
    const wrong = (await imports()).filter(({ file, target }) => {
      const [room = ''] = file.split('/');
      const rooms = allowed[room];
      if (!rooms || !target.startsWith('.')) {
        return false;
      }
      const path = relative(source, resolve(source, dirname(file), target)).replaceAll('\\', '/');
      const [other = ''] = path.split('/');
      return path.includes('/') && other !== room && !rooms.includes(other);
    });
    assert.deepEqual(wrong, []);
  });
  it('in the editor no module imports itself by way of others', async () => {
    const graph = arrows((await imports()).filter(({ file }) => file.startsWith('editor/')));
    // Whatever it takes: types and what is loaded later too.
    const circles = [...graph.keys()].filter((file) => reachable(graph, graph.get(file) ?? []).has(file));
    assert.deepEqual(circles, []);
  });
  it('a command is declared without VS Code, and what it takes to do it is loaded later', async () => {
    const graph = arrows(await staticImports());
    const commands = [...graph.keys()].filter((file) => file.startsWith('editor/commands/'));
    assert.ok(commands.length > 0);
    for (const file of commands) {
      assert.deepEqual([...reachable(graph, [file])].filter((other) => other === 'vscode' || other.startsWith('editor/actions/')), [], file);
    }
  });
  it('activation loads neither what commands do, nor the core, nor the SDK', async () => {
    const loaded = reachable(arrows(await staticImports()), ['extension.ts']);
    assert.ok(loaded.has('editor/commands/connect.ts'));
    // These two are small and of our own: how failures and progress are said.
    const small = ['aws/errors.ts', 'provision/words.ts'];
    assert.deepEqual([...loaded].filter((file) => !small.includes(file) && /^(editor\/actions|provision|resources|aws|sandbox|tutorial|authoring|testing)\/|^editor\/core\.ts$|^@aws-sdk|^@smithy/.test(file)), []);
  });
});

/** The floors of the sandbox, from the top down: each may import from itself and from those below. */
const floors = ['control', 'gateway', 'services', 'store', 'kernel'];

interface SandboxImport {
  readonly file: string;
  readonly target: string;
}

/** What the files of the sandbox import of each other, TypeScript and Python, as paths below `src/sandbox` without their ending. */
async function sandboxImports(): Promise<readonly SandboxImport[]> {
  const folder = join(source, 'sandbox');
  const files = (await readdir(folder, { recursive: true })).map((file) => file.replaceAll('\\', '/')).filter((file) => /\.(ts|py)$/.test(file));
  const all = await Promise.all(
    files.map(async (file) => {
      // What is imported for types alone is no arrow: it is not there when the program runs.
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll(/^if TYPE_CHECKING:\n(?: {4}.*\n)+/gm, '');
      const stem = file.replace(/\.\w+$/, '');
      const targets = file.endsWith('.py')
        ? [...text.matchAll(/^\s*(?:from|import) (sandbox(?:\.\w+)+)(?: import \(?([\w, ]+))?|import_module\("(sandbox(?:\.\w+)+)"\)/gm)].flatMap(([, module = '', names = '', named]) => {
            const path = (named ?? module).split('.').slice(1).join('/');
            // `from sandbox.kernel import engine` names a module after the word `import`.
            return floors.includes(path) ? names.split(',').map((name) => `${path}/${name.trim().split(' ')[0]}`) : [path];
          })
        : [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target = '']) => relative(folder, resolve(folder, dirname(file), target)).replaceAll('\\', '/').replace(/\.\w+$/, ''));
      return targets.filter((target) => !target.startsWith('..') && target.includes('/')).map((target) => ({ file: `${stem}${file.endsWith('.py') ? '.py' : '.ts'}`, target }));
    }),
  );
  return all.flat();
}

const floorOf = (path: string): number => floors.indexOf(path.split('/')[0] ?? '');
const room = (path: string): string => path.split('/').slice(0, path.startsWith('services/') ? 2 : 1).join('/');

/** The first circle that there is among things that point to others; nothing when there is none. */
function circleIn(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (at: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(at)) {
      return [...path.slice(path.indexOf(at)), at];
    }
    if (done.has(at)) {
      return undefined;
    }
    for (const next of arrows.get(at) ?? []) {
      const circle = visit(next, [...path, at]);
      if (circle) {
        return circle;
      }
    }
    done.add(at);
    return undefined;
  };
  for (const start of arrows.keys()) {
    const circle = visit(start, []);
    if (circle) {
      return circle;
    }
  }
  return undefined;
}

function arrowsOf(imports: readonly SandboxImport[], name: (path: string) => string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const [from, to] = [name(file), name(target)];
    if (from !== to) {
      arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  return arrows;
}

describe('the sandbox, from the top floor down', () => {
  it('imports downwards only, in TypeScript and in Python', async () => {
    const all = await sandboxImports();
    assert.ok(all.some(({ file }) => file.endsWith('.py')) && all.some(({ file }) => file.endsWith('.ts')));
    const wrong = all.filter(({ file, target }) => floorOf(file) < 0 || (floorOf(target) < floorOf(file)));
    assert.deepEqual(wrong, []);
  });
  it('has no circle of services', async () => {
    const among = (await sandboxImports()).filter(({ file, target }) => file.startsWith('services/') && target.startsWith('services/') && room(target) !== 'services');
    assert.equal(circleIn(arrowsOf(among.filter(({ file }) => room(file) !== 'services/context.ts'), room)), undefined);
  });
  it('has no circle of Python modules', async () => {
    const python = (await sandboxImports()).filter(({ file }) => file.endsWith('.py'));
    assert.equal(circleIn(arrowsOf(python, (path) => path.replace(/\.py$/, ''))), undefined);
  });
});
