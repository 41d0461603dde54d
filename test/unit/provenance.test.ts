import { strict as assert } from 'node:assert';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Place {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly kind: 'found' | 'none' | 'own' | 'missing' | 'malformed';
}
interface Script {
  placesIn(file: string, text: string): Place[];
  provenance(root: string): Promise<Place[]>;
}

const root = resolve(import.meta.dirname, '../..');

describe('provenance', () => {
  let script: Script;
  before(async () => {
    script = (await import(pathToFileURL(join(root, 'scripts/provenance.mjs')).href)) as Script;
  });
  const kinds = (file: string, ...lines: string[]): string[] => script.placesIn(file, lines.join('\n')).map(({ line, kind }) => `${line} ${kind}`);

  it('every place that stands for AWS names its source', async () => {
    const places = await script.provenance(root);
    assert.deepEqual(places.filter(({ kind }) => kind === 'missing' || kind === 'malformed').map(({ file, line, what }) => `${file}:${line} ${what}`), []);
    for (const part of ['services/glue/operations.py', 'services/glue/operations.ts', 'services/athena/trino/casts.py', 'aws/errors.ts', 'resources/support.ts']) {
      assert(places.some(({ file }) => file.endsWith(part)), `nothing was seen in ${part}`);
    }
  });

  const python = 'src/sandbox/services/x/operations.py';
  const operation = (...docstring: string[]): string[] => ['@around(Response, "get_thing")', 'def get_thing(original: Any) -> Any:', ...docstring, '    refuse("ThingNotFoundException", "There is none.")'];
  it('an operation in Python is a place, and so is the error that it gives', () => {
    assert.deepEqual(kinds(python, ...operation()), ['1 missing', '3 missing']);
  });
  it('a docstring names the source for both', () => {
    assert.deepEqual(kinds(python, ...operation('    """What there is.', '', '    Source: botocore x 1.2.3 GetThing, 2026-11-28', '    """')), ['1 found', '7 found']);
  });
  it('what of a page counts may be said', () => {
    assert.deepEqual(kinds(python, ...operation('    """Source: https://docs.aws.amazon.com/x.html (Errors), 2026-11-28."""')), ['1 found', '4 found']);
  });
  it('another function\'s source is no source', () => {
    assert.deepEqual(kinds(python, 'def other() -> None:', '    """Source: owner/repo#1, 2026-11-28"""', '', '', ...operation()), ['5 missing', '7 missing']);
  });
  it('a module names a source for all of it only if it says so', () => {
    assert.deepEqual(kinds(python, '"""Things.', '', 'Source: owner/repo#1, 2026-11-28', '"""', ...operation()), ['5 missing', '7 missing']);
    assert.deepEqual(kinds(python, '"""Things.', '', 'Source: owner/repo#1, 2026-11-28 (whole file)', '"""', ...operation()), ['5 found', '7 found']);
  });
  it('a doubt stays open beside a source for a part, and under that of the whole file', () => {
    const doubt = '    Source: none found (tried: issues), 2026-11-28';
    assert.deepEqual(kinds(python, '"""Source: owner/repo#1, 2026-11-28 (whole file)"""', ...operation('    """Source: owner/repo file.py, 2026-11-28', doubt, '    """')), ['2 none', '7 none']);
  });
  it('what stands for nothing of AWS is told apart', () => {
    assert.deepEqual(kinds(python, ...operation('    """Source: our own (for speed), 2026-11-28"""')), ['1 own', '4 own']);
  });
  it('a source without a day, or that cannot be looked up, is none', () => {
    assert.deepEqual(kinds(python, ...operation('    """Source: https://docs.aws.amazon.com/x.html"""')), ['1 missing', '3 malformed', '4 missing']);
    assert.deepEqual(kinds(python, ...operation('    """Source: aws-facts, 2026-11-28"""')), ['1 missing', '3 malformed', '4 missing']);
  });
  it('a file that is Trino\'s from end to end is a place itself', () => {
    assert.deepEqual(kinds('src/sandbox/services/athena/trino/x.py', '"""Things."""'), ['1 missing']);
    assert.deepEqual(kinds('src/sandbox/services/athena/trino/x.py', '"""Things.', '', 'Source: trinodb/trino docs/x.md, 2026-11-28 (whole file)', '"""'), ['1 found']);
  });

  const typescript = 'src/sandbox/services/x/operations.ts';
  it('routes and errors in TypeScript are places', () => {
    assert.deepEqual(kinds(typescript, "const routes = [", "  { service: 'x', action: 'GetThing', handle: (call) => get(call) },", "  route<{ Name: string }>('PutThing', async () => {", "    refuse('ThingExistsException', 'There is one.');", '  }),', '];'), ['2 missing', '3 missing', '4 missing']);
  });
  it('the comment above a route, or the declaration around it, names its source', () => {
    assert.deepEqual(kinds(typescript, 'const routes = [', '  // Source: botocore x 1.2.3 GetThing, 2026-11-28', "  { service: 'x', action: 'GetThing', handle: (call) => get(call) },", "  route('PutThing', async () => put()),", '];'), ['3 found', '4 missing']);
    assert.deepEqual(kinds(typescript, '/**', ' * Refuses.', ' *', ' * Source: https://docs.aws.amazon.com/x/latest/dg/things.html, 2026-11-28', ' */', 'function get(', '  call: Call,', '): void {', '  if (none) {', '    call.log();', '  } else {', "    call.fail('ThingNotFoundException', 'There is none.');", '  }', '}'), ['12 found']);
  });
  it('a class names a source for all of it only if it says so', () => {
    const method = ['  get(): void {', "    throw new Refused('ThingNotFoundException', 'There is none.');", '  }', '}'];
    assert.deepEqual(kinds(typescript, '/** Source: owner/repo#1, 2026-11-28 */', 'export class Things {', ...method), ['4 missing']);
    assert.deepEqual(kinds(typescript, '/** Source: owner/repo#1, 2026-11-28 (whole class) */', 'export class Things {', ...method), ['4 found']);
  });
  it('what a client recognises of AWS\'s texts is a place, and other patterns are not', () => {
    const lines = ['const isGone = (text: string) => /has been deleted/.test(text);', "const isNone = ({ code }: AwsError) => code === 'NoSuchThing';", 'const isNumber = (text: string) => /^\\d+$/.test(text);'];
    assert.deepEqual(kinds('src/aws/x.ts', ...lines), ['1 missing', '2 missing']);
    assert.deepEqual(kinds('src/aws/x.ts', '// Source: owner/repo#1, 2026-11-28', ...lines), ['2 found', '3 missing']);
  });
});
