import assert from 'node:assert/strict';
import { parseTutorial } from '../../../src/tutorial/parse.ts';
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
