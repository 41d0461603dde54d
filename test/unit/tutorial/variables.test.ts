import assert from 'node:assert/strict';
import { parseTutorial } from '../../../src/tutorial/parse.ts';
import { compilePattern } from '../../../src/tutorial/pattern.ts';
import { findPlaceholders, resolveVariables, substitute } from '../../../src/tutorial/variables.ts';

describe('variables', () => {
  it('are found in their canonical form only', () => {
    const text = 'arn:aws:iam::<account-id>:role/<role> <Account> <account_id> <<region>> <>region <-x> a<b';
    assert.deepEqual(findPlaceholders(text).map(({ name, start, end }) => [name, text.slice(start, end)]), [['account-id', '<account-id>'], ['role', '<role>']]);
  });

  it('are replaced by values as they are, and left when there is none', () => {
    assert.equal(substitute('<a>/<b-c>/<toString>/<constructor>', { a: '$&<b-c>', 'b-c': '2' }), '$&<b-c>/2/<toString>/<constructor>');
  });

  const tutorial = parseTutorial("---\nlake: 1\nvars:\n  account-id: { from: sts, pattern: '^[0-9]{12}$' }\n  stage: { default: dev, pattern: 'dev|prod' }\n  region: { default: us-east-2 }\n---\n");

  it('take given values before defaults', () => {
    assert.deepEqual(resolveVariables(tutorial, { 'account-id': '012345678901', stage: 'prod' }), {
      values: { 'account-id': '012345678901', region: 'us-east-2', stage: 'prod' },
      problems: [],
    });
  });

  it('are refused when unknown or when their pattern does not match the whole value', () => {
    const { values, problems } = resolveVariables(tutorial, { stage: 'prod2', constructor: 'x', bucket: 'common' });
    assert.deepEqual(values, { region: 'us-east-2', bucket: 'common' });
    assert.deepEqual(problems.map((each) => [each.code, each.range.start.line]), [['variable-unknown', 1], ['variable-value', 5]]);
  });
});

describe('patterns', () => {
  it('match what JavaScript\'s engine matches', () => {
    const parts = ['a', 'b', '-', '.', '\\d', '\\w', '\\S', '[a-c]', '[^b-]', '[\\d_-]', '(ab|c)', '(?:a|)', '(?<n>b)', '^', '$', '|', '\\.', '\\x61', '\\u0062', '[]', '{'];
    const signs = ['', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '+?'];
    let seed = 20261128;
    const random = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    let compared = 0;
    for (let round = 0; round < 4000; round++) {
      const source = Array.from({ length: 1 + random(5) }, () => (parts[random(parts.length)] ?? '') + (signs[random(signs.length)] ?? '')).join('');
      let native: RegExp;
      try {
        native = new RegExp(`^(?:${source})$`);
      } catch {
        assert.throws(() => compilePattern(source), SyntaxError);
        continue;
      }
      const pattern = compilePattern(source);
      for (let value = 0; value < 6; value++) {
        const text = Array.from({ length: random(6) }, () => 'abc-.1_{'[random(8)]).join('');
        assert.equal(pattern.test(text), native.test(text), `${source} on ${JSON.stringify(text)}, seed 20261128, round ${round}`);
        compared++;
      }
    }
    assert.ok(compared > 10_000);
  });

  it('take no longer for being written to, and say what they cannot do', () => {
    const before = process.cpuUsage();
    for (const source of ['(a+)+$', '(a|aa)*b', '(a*)*c', '(.*)*x', '(a{0,20}){0,20}b']) assert.equal(compilePattern(source).test(`${'a'.repeat(2000)}!`), false, source);
    const { problems } = parseTutorial("---\nlake: 1\nvars:\n  x: { default: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, pattern: '(a+)+$' }\n  y: { pattern: '(?=a)b' }\n  z: { pattern: '((a{99}){99}){99}' }\n---\n");
    assert.ok(process.cpuUsage(before).user < 3_000_000);
    assert.deepEqual(problems.map(({ code, range }) => [code, range.start.line]), [['variable-value', 4], ['variable-pattern', 5], ['variable-pattern', 6]]);
    assert.match(problems[1]?.message ?? '', /^This pattern cannot be used, because it looks ahead/);
  });
});
