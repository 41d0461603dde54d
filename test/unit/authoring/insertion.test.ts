import assert from 'node:assert/strict';
import { languageIds, placed, planInsertion } from '../../../src/authoring/insertion.ts';
import { policyLanguages } from '../../../src/editor/ids.ts';

/** The plan at the last `|` of a text. As the editor does, it gives the lines above only once. */
function plan(languageId: string, text: string, path = '/x'): ReturnType<typeof planInsertion> {
  const lines = text.slice(0, text.lastIndexOf('|')).split('\n');
  return planInsertion({ languageId, path, before: lines.pop() ?? '', above: lines.reverse().values() });
}
const place = (languageId: string, text: string): string | undefined => plan(languageId, text)?.place;
/** `X` in the place of the policy, which has three lines. */
const put = (languageId: string, text: string): string => {
  const found = plan(languageId, text);
  assert.ok(found);
  return placed('X\n  Y\nZ', found);
};

describe('where a policy goes', () => {
  it('is known for every language that policies are offered in', () => {
    assert.deepEqual(policyLanguages.filter((language) => !languageIds.includes(language)), []);
  });

  it('is a statement only where a statement can begin', () => {
    for (const [text, expected] of [['|', 'statement'], ['x;\n\n|', 'statement'], ['f() {\n  |', 'statement'], ['const x = |', 'value'], ['put(|', 'value'], ['put(\n  |', 'value'], ['[\n  a,\n  |', 'value'], ['{\n  Policy:\n    |', 'value'], ['return |', 'value'], ['x =>\n  |', 'value'], ['const x = // why\n  |', 'value']] as const) {
      assert.equal(place('typescript', text), expected, text);
    }
    for (const [text, expected] of [['|', 'statement'], ['def f():\n    |', 'statement'], ['x = |', 'value'], ['put(\n    |', 'value'], ['x = {\n    "a":\n    |', 'value'], ['x = \\\n    |', 'value'], ['return |', 'value'], ['# x =\n|', 'statement']] as const) {
      assert.equal(place('python', text), expected, text);
    }
    for (const [text, expected] of [['locals {\n  |', 'statement'], ['x = |', 'value'], ['x = [\n  |', 'value'], ['x = jsonencode(|', 'argument'], ['x = jsonencode(\n  |', 'argument'], ['|', 'statement']] as const) {
      assert.equal(place('hcl', text), expected, text);
    }
  });

  // The case of the field: Terraform takes no argument at the top of a file, nor one that a block does not know.
  it('in Terraform is what the block around it takes, and nowhere else', () => {
    const top = 'terraform {}\n';
    const data = 'data "aws_iam_policy_document" "x" {\n';
    const resource = 'resource "aws_iam_role_policy" "x" {\n';
    for (const [text, expected] of [
      ['|', 'locals'], [`${top}\n|`, 'locals'], ['locals {\n  |', 'statement'], ['locals {\n  a = "{"\n  # {\n  |', 'statement'], ['locals {\n  x = {\n    |', 'statement'], ['locals {\n  x = {\n    a = 1,\n    |', 'statement'], ['locals { |', 'statement'],
      ['locals {\n  x = |', 'value'], ['locals {\n  x = [\n    |', 'value'], ['locals {\n  x = { for k, v in y : k => |', 'value'],
      [`${data}  |`, 'blocks'], [`${data}  statement {\n    sid = "a"\n  }\n  |`, 'blocks'], [`${data}  statement {\n    |`, undefined], [`${data}  statement {\n    actions = |`, 'value'],
      [`${resource}  name = "x"\n  |`, 'policy'], [`${resource}  policy = |`, 'value'], [`${resource}  policy = jsonencode(|`, 'argument'], [`${resource}  policy = jsonencode({\n    |`, undefined], [`${resource}  policy = "x"\n  |`, undefined], ['resource "aws_iam_role" "x" {\n  inline_policy {\n    |', 'policy'],
      ['resource "aws_s3_bucket" "x" {\n  |', undefined], ['variable "x" {\n  |', undefined], ['variable "x" {\n  default = |', 'value'], ['module "x" {\n  |', undefined], ['resource|', undefined], [`${data}}\n|`, 'locals'],
    ] as const) {
      assert.equal(place('terraform', text), expected, text);
    }
    assert.equal(plan('plaintext', '|', '/lake/main.tf')?.place, 'locals');
    // Elsewhere an argument at the top is one.
    assert.deepEqual([place('terraform-vars', '|'), place('hcl', '|'), place('hcl', 'inputs = {\n  |')], ['statement', 'statement', 'statement']);
  });

  it('is not inside a string', () => {
    for (const [language, text] of [['json', '{"a": "|'], ['typescript', "x = 'it\\'s |"], ['python', 'x = f"{a}|'], ['hcl', 'x = "|'], ['typescript', 'x = `|']] as const) {
      assert.equal(plan(language, text), undefined, text);
    }
    assert.ok(plan('json', '{"a": |'));
  });

  it('in a text of many lines is JSON, whatever the language around it', () => {
    for (const [language, text] of [
      ['hcl', 'resource "aws_iam_policy" "x" {\n  policy = <<EOF\n|'], ['hcl', 'policy = <<-POLICY\n    |'], ['python', 'policy = """\n|'], ['python', "policy = json.loads('''\n  |"], ['typescript', 'const policy = `\n|'],
      ['yaml', 'a:\n  Policy: |\n    |'], ['yaml', 'a:\n  Policy: >-\n    |'],
    ] as const) {
      const found = plan(language, text);
      assert.deepEqual([found?.language, found?.place, found?.opening], ['json', 'value', ''], text);
    }
    for (const [language, text, expected] of [
      ['hcl', 'policy = <<EOF\n{}\nEOF\n|', 'statement'], ['python', '"""What it does."""\n|', 'statement'], ['typescript', 'const a = `x`;\n|', 'statement'], ['yaml', 'a:\n  text: |\n    x\n  |', 'value'],
    ] as const) {
      const found = plan(language, text);
      assert.deepEqual([found?.language, found?.place], [language, expected], text);
    }
    // The fence's own marks are none of the program's.
    assert.equal(plan('markdown', 'a `b\n```ts\nf();\n|')?.language, 'typescript');
    assert.equal(plan('markdown', '```tf\npolicy = <<EOF\n|')?.language, 'json');
  });

  it('among a policy\'s statements is no policy but its statements', () => {
    for (const [language, text] of [
      ['json', '{\n  "Version": "2012-10-17",\n  "Statement": [\n    |'], ['json', '{"Statement": [|'], ['json', '{"Statement": [\n  { "Action": ["a:B"], "Resource": "x[" },\n  |'], ['typescript', 'const x = {\n  Statement: [\n    |'],
      ['python', 'x = {\n    "Statement": [\n        |'], ['hcl', 'policy = jsonencode({\n  Statement = [\n    |'], ['hcl', 'policy = <<EOF\n{\n  "Statement": [\n    |'], ['markdown', '```json\n{"Statement": [\n|'],
      ['yaml', 'PolicyDocument:\n  Statement:\n    - |'], ['yaml', 'PolicyDocument:\n  Statement:\n    - Effect: Allow\n      Action: a:B\n    |'], ['yaml', 'Statement:\n- |'],
    ] as const) {
      assert.equal(place(language, text), 'list', text);
    }
    for (const [language, text] of [
      ['json', '[\n  |'], ['json', '{"Statement": [{"Action": [|'], ['json', '{"Statement": []},\n|'], ['json', '{"Statements": [|'], ['yaml', 'Statement: x\n|'], ['yaml', 'Policies:\n  - |'], ['yaml', 'Statement:\n  - Effect: Allow\nPolicies:\n  - |'],
    ] as const) {
      assert.equal(place(language, text), 'value', text);
    }
    assert.equal(plan('yaml', 'Statement:\n  - |')?.replaces, 2);
  });

  it('in YAML is behind its key, a line further, or behind a dash', () => {
    assert.equal(put('yaml', 'a:\n  PolicyDocument: |'), '\n  X\n    Y\n  Z');
    assert.equal(plan('yaml', 'a:\n  PolicyDocument: |')?.replaces, 1);
    assert.equal(put('yaml', '  - |'), 'X\n    Y\n  Z');
    assert.equal(put('yaml', '  - Document: |'), '\n    X\n      Y\n    Z');
    assert.equal(put('yaml', '  |'), 'X\n  Y\nZ');
  });

  it('in Markdown has a fence, and is in the language of the one that is open', () => {
    assert.equal(put('markdown', '|'), '```json\nX\n  Y\nZ\n```');
    assert.equal(put('markdown', '1. |'), '```json\n   X\n     Y\n   Z\n   ```');
    assert.equal(put('markdown', 'Text |'), '\n\n```json\nX\n  Y\nZ\n```');
    // Where the cursor is after one was put there: behind the fence that closes it.
    assert.equal(put('markdown', '```json\n{}\n```|'), '\n\n```json\nX\n  Y\nZ\n```');
    assert.equal(put('markdown', '1. ```json\n   {}\n   ```|'), '\n\n```json\nX\n  Y\nZ\n```');
    assert.equal(put('markdown', '```json|'), '\nX\n  Y\nZ');
    assert.equal(plan('markdown', '```yaml|')?.language, 'yaml');
    assert.equal(put('markdown', '````md\n```|'), 'X\n  Y\nZ');
    for (const [text, language, fenced] of [
      ['```json\n|', 'json', false], ['```\n|', 'json', false], ['```yaml\n|', 'yaml', false], ['```hcl\nx = |', 'hcl', false], ['~~~python\n|', 'python', false], ['   ```ts lake:policy=X\n|', 'typescript', false], ['- ```yml\n  |', 'yaml', false],
      ['```json\n{}\n```\n|', 'json', true], ['````md\n```json\n|', 'json', false], ['````md\n```\n````\n|', 'json', true], ['~~~\n```\n|', 'json', false], ['```bash\n|', 'json', false], ['`a` ```not```\n|', 'json', true],
    ] as const) {
      const found = plan('markdown', text);
      assert.equal(found?.language, language, text);
      assert.equal(found.opening.includes('```'), fenced, text);
    }
  });

  it('in a quote of Markdown is quoted line by line, and in a list\'s item stays in it', () => {
    for (const [text, expected] of [
      ['> |', '```json\n> X\n>   Y\n> Z\n> ```'], ['> > |', '```json\n> > X\n> >   Y\n> > Z\n> > ```'], ['  > |', '```json\n> X\n>   Y\n> Z\n> ```'],
      ['> - |', '```json\n>   X\n>     Y\n>   Z\n>   ```'], ['1. > |', '```json\n   > X\n   >   Y\n   > Z\n   > ```'], ['- 1. |', '```json\n     X\n       Y\n     Z\n     ```'],
      // Behind other words: a paragraph of its own, in the same quote or item.
      ['> Text |', '\n>\n> ```json\n> X\n>   Y\n> Z\n> ```'], ['- Text |', '\n\n  ```json\n  X\n    Y\n  Z\n  ```'], ['> ```json\n> {}\n> ```|', '\n>\n> ```json\n> X\n>   Y\n> Z\n> ```'],
      // Inside a fence, and behind the line that opens it.
      ['> ```json\n> |', 'X\n>   Y\n> Z'], ['>```json\n>|', 'X\n>  Y\n>Z'], ['> - ```json\n>   |', 'X\n>     Y\n>   Z'], ['- > ```json\n  > |', 'X\n>   Y\n> Z'], ['> ```json|', '\n> X\n>   Y\n> Z'], ['- ```json|', '\n  X\n    Y\n  Z'],
      ['> ```yaml\n> a:\n>   Policy: |', '\n>     X\n>       Y\n>     Z'],
      // A quote that has ended ends its fence, and a quote's mark in a fence ends none.
      ['> ```json\n> {}\n\n|', '```json\nX\n  Y\nZ\n```'], ['> ```json\n|', '```json\nX\n  Y\nZ\n```'], ['```json\n> ```\n|', 'X\n  Y\nZ'],
    ] as const) {
      assert.equal(put('markdown', text), expected, text);
    }
    assert.equal(plan('markdown', '> ```json\n> {"Statement": [\n> |')?.place, 'list');
    assert.equal(plan('markdown', '> ```yaml\n> Statement:\n>   - |')?.place, 'list');
    assert.equal(plan('markdown', '> ```json\n> {"a": "|'), undefined);
  });

  it('is Terraform by the file\'s name too, and JSON where nothing is known', () => {
    assert.equal(plan('plaintext', 'x = |', '/lake/main.tf')?.language, 'hcl');
    assert.equal(plan('plaintext', '|', '/notes.txt')?.language, 'json');
  });
});
