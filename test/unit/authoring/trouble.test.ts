import assert from 'node:assert/strict';
import { helpIn, vocabulary } from '../../../src/authoring/trouble.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';

const says = /VPC S3 endpoint validation failed/;

/** The line that helps whoever has no endpoint, by its text; the step "endpoint" shows it. */
function helps(text: string): string | undefined {
  const tutorial = parseTutorial(text);
  const steps = tutorial.steps.filter(({ title }) => /endpoint/i.test(title));
  assert.ok(steps.length > 0);
  return helpIn(text, tutorial, { steps, says, words: vocabulary.endpoint })?.text;
}
const step = (body: string): string => `# T\n\n## Step 1. Bucket\n\nText.\n\n## Step 2. Endpoint\n\nMake the endpoint.\n\n${body}\n`;

describe('whether a text helps with a mistake', () => {
  it('does so with AWS\'s words in the step, or in a passage on trouble anywhere', () => {
    assert.equal(helps(step('You may see VPC S3 endpoint validation failed.')), 'You may see VPC S3 endpoint validation failed.');
    assert.equal(helps(`${step('')}\n## Step 3. Run\n\nText.\n\n**If it fails**\n\n- VPC S3 endpoint validation failed: add it.\n`), '- VPC S3 endpoint validation failed: add it.');
    assert.equal(helps(`${step('')}\n## Step 3. Run\n\nVPC S3 endpoint validation failed, once.\n`), undefined);
  });

  it('does so by naming the thing in a passage on trouble, in any of the languages', () => {
    for (const head of ['**If it fails**', '### Troubleshooting', '**Si falla**', '### Solución de problemas', '**Common errors:**']) {
      assert.equal(helps(step(`${head}\n\n- No endpoint: make it.`)), '- No endpoint: make it.', head);
    }
  });

  it('does not by naming the thing where it is made, in another step, or after the passage', () => {
    assert.equal(helps(step('')), undefined);
    assert.equal(helps(step('').replace('Text.', '**If it fails**\n\n- No endpoint: wait.')), undefined);
    assert.equal(helps(step('**If it fails**\n\n- Wait.\n\n**By hand**\n\n- Choose Endpoints.')), undefined);
  });
});
