import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, documentOf, type ErrorDocument } from '../support/cli.ts';

interface CheckDocument {
  readonly files: readonly { readonly file: string; readonly steps: readonly { readonly id: string; readonly title: string; readonly line: number }[]; readonly findings: readonly { readonly rule: string; readonly severity: string; readonly line: number; readonly column: number; readonly message: string; readonly fix?: { readonly title: string } }[] }[];
}

const broken = `# A lake

## Step 1. Create the role

Replace <account-id> in the policy below; it costs nothing, and the last step deletes it.

\`\`\`json
{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::<>account-id:role/Runner" },]
}
\`\`\`

## Step 2. Clean up

Delete the role.
`;

describe('CLI: check', function () {
  this.timeout(60_000);
  let folder: string;
  const file = (name: string): string => join(folder, name);
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'lake-check-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tells steps and findings, and ends with 1 for an error', async () => {
    await writeFile(file('a.md'), broken);
    const { files } = documentOf<CheckDocument>(await cli(['check', file('a.md'), '--json']), 1);
    assert.deepEqual(files[0]?.steps.map(({ line }) => line), [3, 14]);
    assert.deepEqual(files[0]?.findings.flatMap(({ rule, line, severity }) => (severity === 'error' ? [`${rule} ${line}`] : [])).sort(), ['placeholder-malformed 10', 'policy-json 10']);
    assert.ok(files[0]?.findings.some(({ rule, line, column }) => rule === 'placeholder-malformed' && line === 10 && column > 80));
    const text = await cli(['check', file('a.md')]);
    assert.equal(text.code, 1);
    assert.match(text.stdout, new RegExp(`^${file('a.md').replaceAll(/\W/g, '\\$&')}:10:\\d+: error: .*\\[placeholder-malformed\\]$`, 'm'));
  });

  it('mends what can be mended, and nothing else: bytes, line ends and the mark at the beginning stay', async () => {
    const original = `\ufeff${broken.replaceAll('\n', '\r\n')}`;
    await writeFile(file('a.md'), original);
    const outcome = await cli(['check', '--fix', file('a.md'), '--lang', 'es']);
    assert.match(outcome.stderr, /lugares? corregidos?/);
    const mended = await readFile(file('a.md'), 'utf8');
    assert.equal(mended, original.replace('<>account-id', '<account-id>').replace('},]', '}]').replace('Replace <account-id> in', 'Replace `<account-id>` in'));
    assert.equal((await cli(['check', file('a.md')])).code, 0);
    assert.deepEqual(await readdir(folder), ['a.md']);
  });

  it('reads UTF-16, and writes it back as such', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(broken, 'utf16le')]);
    await writeFile(file('a.md'), bytes);
    assert.equal((await cli(['check', '--fix', file('a.md')])).code, 0);
    const mended = await readFile(file('a.md'));
    assert.deepEqual([...mended.subarray(0, 2)], [0xff, 0xfe]);
    assert.match(mended.subarray(2).toString('utf16le'), /iam::<account-id>:role/);
  });

  it('prints SARIF with a place for each finding', async () => {
    await writeFile(file('a b.md'), broken);
    const { stdout, code } = await cli(['check', '--format', 'sarif', file('a b.md')]);
    assert.equal(code, 1);
    const { version, runs } = JSON.parse(stdout) as { version: string; runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number; endLine: number; endColumn: number } } }[] }[] }[] };
    assert.equal(version, '2.1.0');
    const [run] = runs;
    assert.ok(run && run.results.length > 0);
    for (const { ruleId, ruleIndex, locations } of run.results) {
      assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
      const { artifactLocation, region } = locations[0]!.physicalLocation;
      assert.match(artifactLocation.uri, /a%20b\.md$/);
      assert.ok(region.startLine >= 1 && region.startColumn >= 1 && region.endLine >= region.startLine);
    }
  });

  it('takes globs, and says which fits nothing and which file is not there', async () => {
    await writeFile(file('a.md'), broken);
    await writeFile(file('b.md'), '# Nothing\n');
    const { files } = documentOf<CheckDocument>(await cli(['check', file('*.md'), '--json']), 1);
    assert.deepEqual(files.map((each) => each.file.split('/').at(-1)), ['a.md', 'b.md']);
    assert.equal(documentOf<ErrorDocument>(await cli(['check', file('*.txt'), '--json']), 2).error.code, 'file.none');
    assert.equal(documentOf<ErrorDocument>(await cli(['check', file('c.md'), '--json']), 2).error.code, 'tutorial.unreadable');
  });

  it('finds nothing in our own tutorials', async () => {
    const { files } = documentOf<CheckDocument>(await cli(['check', 'walkthroughs/*.md', '--json']), 0);
    assert.equal(files.length, 2);
    for (const each of files) assert.deepEqual(each.findings, [], each.file);
  });
});
