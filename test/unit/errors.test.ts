import assert from 'node:assert/strict';
import { UserError, sentence, sentences } from '../../src/errors.ts';

describe('what is said of an error', () => {
  it('is sentences, also where what AWS says has no full stop', () => {
    const error = new UserError('aws.credentials', 'AWS was not given credentials that it accepts.', { why: 'Could not load credentials from any providers', next: 'Set up a profile' });
    assert.equal(error.message, 'AWS was not given credentials that it accepts. Could not load credentials from any providers. Set up a profile');
    // The parts stay as they came: AWS's words are searched for.
    assert.equal(error.why, 'Could not load credentials from any providers');
  });

  it('gets no second mark', () => {
    for (const text of ['Done.', 'Why?', 'No!', 'Wait…', 'These are:', 'It is "so."', 'It ended (it was cut off.)']) assert.equal(sentence(text), text);
    assert.equal(sentence('line 1:8: Column "nope"\n'), 'line 1:8: Column "nope".');
    assert.equal(sentence('a list (a, b)'), 'a list (a, b).');
  });

  it('leaves out what there is not, and the last as it is', () => {
    assert.equal(sentences('It failed', undefined, '', 'run: lake-tutorial up'), 'It failed. run: lake-tutorial up');
    assert.equal(sentences(), '');
  });
});
