import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { check } from '../../../src/authoring/index.ts';
import { report } from '../../../src/authoring/report.ts';
import { copiedTutorial, emptyTutorial, markupSnippets } from '../../../src/authoring/scaffold.ts';
import { inLanguage, readBundle } from '../../../src/export/texts.ts';
import { languages } from '../../../src/languages.generated.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';

const root = resolve(import.meta.dirname, '../../..');
const kinds = catalogue.map(({ id }) => id);

describe('a new tutorial', () => {
  for (const language of languages) {
    it(`has nothing to find fault with, in ${language}, and declares what its steps provision`, async () => {
      const text = inLanguage(await readBundle(root, language), {}, emptyTutorial);
      assert.deepEqual(check(text, { kinds }).findings, []);
      const { id, steps, problems, version } = parseTutorial(text);
      assert.deepEqual([id, version, problems], ['my-lake', 1, []]);
      assert.deepEqual(steps.map((step) => [step.id, step.role, step.provisions.map(({ kind }) => kind)]), [['bucket', 'step', ['bucket']], ['zones', 'step', ['zones']], ['teardown', 'cleanup', []]]);
      assert.ok(steps.some(({ fences }) => fences.some(({ verify }) => verify)));
    });

    it(`made of the built-in one has its steps, and an id of its own (${language})`, async () => {
      const text = await readFile(join(root, `walkthroughs/data-lake.${language}.md`), 'utf8');
      const [original, copy] = [parseTutorial(text), parseTutorial(copiedTutorial(text))];
      assert.notEqual(copy.id, original.id);
      assert.deepEqual(copy.steps.map(({ id }) => id), original.steps.map(({ id }) => id));
    });
  }
});

describe('snippets of the markup', () => {
  it('become markup that is understood, when their tab stops are left as they are', () => {
    const inserted = new Map(markupSnippets(kinds).map(({ prefix, body }) => [prefix, body.replace(/\$\{\d+\|([^|]*)\|\}/g, (_, choices: string) => choices.split(',')[0] ?? '').replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$\d/g, '').replace(/\\([\\$}])/g, '$1')]));
    const part = (prefix: string): string => inserted.get(prefix) ?? assert.fail(prefix);
    const text = `${part('lake:tutorial')}# T\n\n## 1. One\n${part('lake:step')}\n\n${part('lake:policy')}\n${part('lake:verify')}\n${part('lake:ignore')}\n${part('lake:cleanup')}Delete the bucket.\n`;
    const { steps, version, variables, problems } = parseTutorial(text);
    assert.deepEqual(problems, []);
    assert.equal(version, 1);
    assert.deepEqual(variables.map(({ name, pattern }) => [name, pattern]), [['account-id', '^\\d{12}$'], ['region', undefined]]);
    assert.deepEqual(steps.map(({ role, provisions }) => [role, provisions.map(({ kind }) => kind)]), [['step', [kinds[0]]], ['cleanup', []]]);
    assert.deepEqual(steps[0]?.fences.map(({ policy, verify }) => [policy, verify]), [['UserPassRole', false], [undefined, true]]);
    assert.deepEqual(check(text, { kinds }).findings.filter(({ severity }) => severity !== 'note'), []);
  });
});

describe('the report', () => {
  const text = '# T\n\n## 1. A [b]\n\nSay <account-id> and arn:aws:iam::<>account-id:role/x.\n\n```json\n{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::<>account-id:role/Runner" },] }\n```\n';
  it('has every finding once, the worst first, with a link to its place and its rule', () => {
    const checked = check(text, { kinds });
    const shown = report([{ name: 'a_b.md', link: (line, column) => `file:///a.md#L${line},${column}`, ...checked }, { name: 'c.md', link: () => 'c', ...check('# C\n') }], (rule) => `rules/${rule}.md`);
    const places = [...shown.matchAll(/^- \*\*(\w+)\*\* \[(\d+:\d+)\]\(file:\/\/\/a\.md#L(\d+),(\d+)\) · 1 A \\\[b\\\]\n {2}.*\[([\w-]+)\]\(rules\/\5\.md\)/gm)].map(([, severity, place, line, column, rule]) => `${severity} ${place} ${line}:${column} ${rule}`);
    const wanted = checked.findings.map(({ severity, line, column, rule }) => `${severity} ${line}:${column} ${line}:${column} ${rule}`);
    assert.ok(wanted.length > 2);
    assert.deepEqual([...places].sort(), [...wanted].sort());
    const order = places.map((place) => ['error', 'warning', 'note'].indexOf(place.split(' ')[0] ?? ''));
    assert.deepEqual(order, [...order].sort());
    assert.match(shown, /^## \[a\\_b\.md\]/m);
    assert.match(shown, /^## \[c\.md\]\(c\)\n\n0 steps\. Nothing found\.$/m);
    // What a message quotes is no markup.
    assert.doesNotMatch(shown.replace(/\\./g, ''), /<account-id>/);
  });
});
