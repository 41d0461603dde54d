import assert from 'node:assert/strict';
import { parseText, parseTutorial, readTutorial } from '../../../src/tutorial/parse.ts';
import { positionInFence } from '../../../src/tutorial/fences.ts';
import type { Problem, Tutorial } from '../../../src/tutorial/model.ts';

const ids = (tutorial: Tutorial): string[] => tutorial.steps.map((step) => step.id);
const titles = (text: string): string[] => parseTutorial(text).steps.map((step) => step.title);
const numbers = (text: string): (string | undefined)[] => parseTutorial(text).steps.map((step) => step.number);
/** What a problem points at. */
const marked = (text: string, problem: Problem | undefined): string =>
  problem ? text.slice(problem.range.start.offset, problem.range.end.offset) : '';
const problem = (text: string, code: string): Problem | undefined => parseTutorial(text).problems.find((each) => each.code === code);

const DECLARED = `---
lake: 1
title: A small lake
id: small-lake
vars:
  account-id: { from: sts, pattern: '^\\d{12}$' }
  region: { default: us-east-2 }
  bucket: {}
  owner: 001234
---
# Lake

Some words before.

## 0. Access

### 0.2 Create the **administrator**
<!-- lake:step id=admin-user provisions=admin-user needs=account-id,region -->

![picture](x.png)

The administrator is
an *IAM user*.

\`\`\`json lake:policy=UserPassRole
{ "Resource": "arn:aws:iam::<account-id>:role/R" }
\`\`\`

\`\`\`sh lake:verify
# no heading
aws iam get-user
\`\`\`

#### A detail

More.

### 0.3 Start it <!-- lake:step id=schedule provisions='schedule(rate="rate(5 minutes)", on=true),bucket(name=my-bucket)' optional -->

Every five minutes.

## Clean up

Remove it all.
`;

describe('parseTutorial', () => {
  it('reads a declared tutorial', () => {
    const tutorial = parseTutorial(DECLARED);
    assert.deepEqual(tutorial.problems, []);
    assert.equal(tutorial.id, 'small-lake');
    assert.equal(tutorial.title, 'A small lake');
    assert.equal(tutorial.version, 1);
    assert.deepEqual(
      tutorial.variables.map(({ range, ...variable }) => ({ ...variable, line: range?.start.line })),
      [
        { name: 'account-id', from: 'sts', pattern: '^\\d{12}$', line: 6 },
        { name: 'region', default: 'us-east-2', line: 7 },
        { name: 'bucket', line: 8 },
        { name: 'owner', default: '001234', line: 9 },
      ],
    );
    const [admin, schedule, cleanup] = tutorial.steps;
    assert.deepEqual(ids(tutorial), ['admin-user', 'schedule', 'clean-up']);
    assert.ok(admin && schedule && cleanup);
    assert.deepEqual(
      { ...admin, fences: admin.fences.map(({ language, policy, verify, range }) => [language, policy, verify, range.start.line]), headingRange: 0, declarationRange: 0, range: 0, body: 0 },
      {
        id: 'admin-user', declared: true, number: '0.2', title: 'Create the administrator', role: 'step',
        provisions: [{ kind: 'admin-user', parameters: {} }], needs: ['account-id', 'region'], optional: false,
        lead: 'The administrator is an *IAM user*.',
        fences: [['json', 'UserPassRole', false, 25], ['sh', undefined, true, 29]],
        path: ['Lake', '0. Access'], headingRange: 0, declarationRange: 0, range: 0, body: 0,
      },
    );
    assert.match(admin.body, /^!\[picture\]/);
    assert.match(admin.body, /#### A detail\n\nMore\.$/);
    assert.deepEqual([admin.headingRange.start.line, admin.range.end.line], [17, 36]);
    assert.deepEqual([admin.declarationRange?.start.line, admin.declarationRange?.end.line, cleanup.declarationRange], [18, 18, undefined]);
    assert.deepEqual(schedule.provisions, [
      { kind: 'schedule', parameters: { rate: 'rate(5 minutes)', on: 'true' } },
      { kind: 'bucket', parameters: { name: 'my-bucket' } },
    ]);
    assert.equal(schedule.optional, true);
    assert.equal(schedule.title, 'Start it');
    assert.equal(schedule.body, 'Every five minutes.');
    assert.equal(cleanup.role, 'cleanup');
    assert.equal(cleanup.declared, false);
  });

  it('reads the same with CRLF and a byte order mark', () => {
    const unix = parseTutorial(DECLARED);
    const windows = parseTutorial(`\uFEFF${DECLARED.replaceAll('\n', '\r\n')}`);
    const withoutOffsets = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'offset' ? undefined : each)));
    assert.deepEqual(withoutOffsets(windows), withoutOffsets(unix));
  });

  it('gives offsets into the text as it was given', () => {
    const text = `\uFEFF${DECLARED.replaceAll('\n', '\r\n')}`;
    const heading = parseTutorial(text).steps[0]?.headingRange;
    assert.equal(text.slice(heading?.start.offset, heading?.end.offset), '### 0.2 Create the **administrator**');
  });

  it('takes an empty text', () => {
    assert.deepEqual(parseTutorial(''), { id: 'tutorial', title: '', variables: [], steps: [], fences: [], problems: [] });
    assert.deepEqual(parseTutorial('\uFEFF').steps, []);
    assert.deepEqual(parseTutorial('\n\n  \n').steps, []);
  });

  it('takes a long text, with positions as in a short one', function () {
    this.timeout(60_000);
    const unit = '## 1. Step\n\nText <b>x</b>.\n\n```sh\n# a\n\n# b\n```\n\n- one\n  - two\n';
    const count = Math.ceil(200_000 / unit.length);
    const { steps, problems } = parseTutorial(unit.repeat(count));
    assert.equal(steps.length, count);
    assert.deepEqual(problems, []);
    assert.ok(steps.every((step, index) => step.headingRange.start.line === index * 12 + 1 && step.fences.length === 1));
  });

  it('does not cut a long text within a block', () => {
    const text = `# T\n\n\`\`\`\n${'# not a heading\n\n'.repeat(3000)}\`\`\`\n\n<!--\n${'# hidden\n\n'.repeat(3000)}-->\n\n## 1. Real\n`;
    const { steps, fences, problems } = parseTutorial(text);
    assert.deepEqual(steps.map((step) => step.title), ['Real']);
    assert.equal(fences?.length, 1);
    assert.deepEqual(problems, []);
  });

  it('never throws', () => {
    const pieces = ['---\n', 'lake: 1\n', '# ', '**1. ', '**', '\n', '\n\n', '```', '~~~ lake:policy\n', '<!-- lake:step ', 'id=a ', "provisions='b(", ')', '-->', '1. ', '- ', '   ', '> ', 'x', '"', '[', '](', '\r\n', '\t', '&', '{', ': '];
    let seed = 1;
    const random = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: random(30) }, () => pieces[random(pieces.length)]).join('');
      const { steps, problems } = parseTutorial(text);
      for (const { range } of [...steps, ...problems]) {
        assert.ok(range.start.offset <= range.end.offset && range.end.offset <= text.length, JSON.stringify(text));
      }
      assert.equal(new Set(steps.map((step) => step.id)).size, steps.length, JSON.stringify(text));
    }
    for (const deep of ['> '.repeat(5000), '- '.repeat(5000), `# ${'*a '.repeat(3000)}b${' a*'.repeat(3000)}`]) parseTutorial(deep);
    assert.equal(problem(`---\nvars: ${'['.repeat(20_000)}\n---\n`, 'front-matter')?.range.start.line, 1);
    assert.equal(problem(`---\nvars:\n  ${'- '.repeat(20_000)}\n---\n`, 'front-matter')?.range.start.line, 1);
  }).timeout(60_000);
});

describe('finding steps', () => {
  it('takes numbered headings, with emoji, emphasis and words for "step"', () => {
    assert.deepEqual(
      parseTutorial(
        ['## 🚀 Step 1: Bucket', '## **Paso 2** – Rol', '## Étape 3 : `Glue`', '## 4️⃣ Crawl', '## Schritt 5. Los', '## 6) Query ✨', '## Passo nº 7: Fim', '## Part II: More', '## Step 9 of 9 - Done', '## Intro']
          .join('\n\n'),
      ).steps.map((step) => [step.number, step.title]),
      [['1', 'Bucket'], ['2', 'Rol'], ['3', 'Glue'], ['4', 'Crawl'], ['5', 'Los'], ['6', 'Query'], ['7', 'Fim'], ['II', 'More'], ['9', 'Done']],
    );
  });

  it('leaves alone what only starts with a number', () => {
    assert.deepEqual(titles('# 3 ways to fail\n\n## 2a parte\n\n## 24/7 service\n\n## 3-tier design\n\n## Step back\n\n## A. Smith\n\n## 10:30 start'), []);
    assert.deepEqual(titles('## 1 Bucket\n\n## 2 Role'), ['Bucket', 'Role']);
  });

  it('takes the innermost numbered headings, keyed by their path when numbers restart', () => {
    const { steps } = parseTutorial('# T\n## Module 1: S3\n### 1. Create\n### 2. Look\n## Module 2: Glue\n### 1. Create\n## 3. Alone');
    assert.deepEqual(
      steps.map((step) => [step.number, step.id, step.path.at(-1)]),
      [['1', 'create', 'Module 1: S3'], ['2', 'look', 'Module 1: S3'], ['1', 'create-2', 'Module 2: Glue'], ['3', 'alone', 'T']],
    );
  });

  it('takes numbered headings within a "Step" as its text, unless they continue its number', () => {
    const text = '## Step 1: Bucket\n### 1. Click\n### 2. Type\n## Step 2: Role\n### 2.1 Make\n### 2.2 Use\n';
    assert.deepEqual(numbers(text), ['1', '2.1', '2.2']);
    assert.match(parseTutorial(text).steps[0]?.body ?? '', /### 2\. Type$/);
  });

  it('takes bold lines that continue the number of their heading', () => {
    assert.deepEqual(numbers('## 0. A\n\n**0.1. B**\n\n**1. not this**\n\n## 1. C\n\n## Other\n\n**2.1 D**\n'), ['0.1', '1', '2.1']);
  });

  it('takes wholly bold lines, nested or unclosed, and not bold starts of sentences', () => {
    const text = [
      '**0.1. One _two_ **three** four.**', '**0.2. Never closed', '__0.3. Under__:', '**0.4. Start** of a sentence', '**0.5. Right**\nabove its text',
      'text and\n**0.6. Below its text**', '**Note 7.**', '**0.8. Closed late **', '***0.9. Both***', '**0.10. With code `a*b` in it', '**25 GB**',
    ].join('\n\n');
    assert.deepEqual(
      parseTutorial(text).steps.map((step) => [step.number, step.title, step.body]),
      [
        ['0.1', 'One two three four.', ''], ['0.2', 'Never closed', ''], ['0.3', 'Under', '**0.4. Start** of a sentence'],
        ['0.5', 'Right', 'above its text\n\ntext and'], ['0.6', 'Below its text', '**Note 7.**'], ['0.8', 'Closed late', ''], ['0.9', 'Both', ''],
        ['0.10', 'With code a*b in it', '**25 GB**'],
      ],
    );
    assert.equal(parseTutorial(text).steps[3]?.lead, 'above its text');
  });

  it('takes top-level ordered lists only when there is nothing else', () => {
    const list = '1. Open the console\n\n   Look around.\n\n   ```sh\n   ls\n   ```\n2. Create\n   - a\n   1. nested\n\ntext\n\n3. Query\n';
    const { steps } = parseTutorial(`# T\n\n1. [Start](#start)\n\n- x\n  1. not top-level\n\n${list}`);
    assert.deepEqual(steps.map((step) => [step.number, step.title]), [['1', 'Open the console'], ['2', 'Create'], ['3', 'Query']]);
    assert.equal(steps[0]?.lead, 'Look around.');
    assert.equal(steps[0]?.body, 'Look around.\n\n```sh\nls\n```');
    assert.equal(steps[1]?.body, '- a\n1. nested\n\ntext');
    assert.deepEqual(titles(`## 1. Only this\n\n${list}`), ['Only this']);
  });

  it('finds no heading in a fence', () => {
    assert.deepEqual(titles('## 1. A\n\n```sh\n## 2. B\n```\n\n1. x\n\n   ~~~\n   ## 3. C\n   ~~~\n\n## 4. D'), ['A', 'D']);
  });

  it('knows verification and clean-up in several languages', () => {
    for (const [title, role] of Object.entries({
      'Verify': 'verify', '✅ Validation': 'verify', 'Check your work': 'verify', 'Verificar': 'verify', 'Comprobación': 'verify', 'Verificação dos dados': 'verify', 'Probar la conexión': 'verify',
      'Clean up': 'cleanup', 'Cleanup resources': 'cleanup', 'Teardown': 'cleanup', 'Delete all resources': 'cleanup', 'Limpieza': 'cleanup', 'Limpieza de los recursos': 'cleanup', 'Eliminar los recursos': 'cleanup', 'Limpeza': 'cleanup', 'Excluir recursos': 'cleanup',
      'Limpieza de datos': 'step', 'Clean the data': 'step', 'Create a test database': 'step', 'Check out the code': 'step', 'Test data': 'step', 'Validador': 'step',
    })) {
      assert.equal(parseTutorial(`# T\n\n## 1. ${title}\n`).steps[0]?.role, role, title);
      assert.equal(parseTutorial(`# T\n\n## ${title}\n`).steps[0]?.role ?? 'step', role, title);
    }
  });

  it('takes verification inside a step as its text, and the steps of a clean-up as clean-up', () => {
    assert.deepEqual(
      parseTutorial('# Clean up a lake\n## 1. A\n### Verify\n## Verify\n## Cleanup\n### 1. B\n### 2. C').steps.map((step) => [step.title, step.role]),
      [['A', 'step'], ['Verify', 'verify'], ['B', 'cleanup'], ['C', 'cleanup']],
    );
  });

  it('makes ids unique, and never takes one that an author gave', () => {
    const tutorial = parseTutorial('## 1. Bucket\n\n## 2. Bucket\n\n## 3. Mine\n<!-- lake:step id=bucket -->\n\n## 4. ☁️\n');
    assert.deepEqual(ids(tutorial), ['bucket-2', 'bucket-3', 'bucket', '4']);
    assert.deepEqual(tutorial.problems, []);
  });
});

describe('lake:step comments', () => {
  it('declare the heading, bold line, list item or paragraph that they follow', () => {
    const tutorial = parseTutorial(
      [
        '# T', '## Plain heading\n\n<!-- a note -->\n\n<!-- lake:step id=a -->', 'Text.', '**1.1. Bold**\n<!-- lake:step id=b -->', '**1.2. Bold** <!-- lake:step id=c -->',
        '- item one\n  <!-- lake:step id=d -->\n- item two', 'A paragraph.\n<!-- lake:step id=e -->', '### 7. Later\n\n```sh\nls\n```\n\n<!-- lake:step id=f -->\n\nEnd.',
      ].join('\n\n'),
    );
    assert.deepEqual(tutorial.problems, []);
    assert.deepEqual(
      tutorial.steps.map((step) => [step.id, step.title]),
      [['a', 'Plain heading'], ['b', 'Bold'], ['c', 'Bold'], ['d', 'item one'], ['e', 'A paragraph.'], ['f', 'Later']],
    );
    assert.equal(tutorial.steps[5]?.body.includes('lake:step'), false);
    assert.equal(tutorial.steps[5]?.lead, 'End.');
  });

  it('leave other numbered headings to the text, unless they look like declared ones', () => {
    assert.deepEqual(
      titles('## 1. Section\n### 1.1 Declared\n<!-- lake:step id=a -->\n#### 1. Detail\n### 1.2 Not yet declared\n### 9. Aside\n## 2. Notes\n**2.1 Bold**'),
      ['Declared', 'Not yet declared'],
    );
  });

  it('may go over lines and quote either way', () => {
    const { steps, problems } = parseTutorial('## 1. A\n<!-- lake:step\n  id = "a"\n  provisions=schedule(rate="rate(2 minutes)"),\'b\'\n-->\n\n## 2. B\n<!-- lake:step provisions="schedule(rate=\'cron(0 * * * ? *)\')" optional=false -->');
    assert.deepEqual(steps[1]?.provisions, [{ kind: 'schedule', parameters: { rate: 'cron(0 * * * ? *)' } }]);
    assert.equal(steps[1]?.declared, false);
    assert.equal(steps[0]?.id, 'a');
    assert.deepEqual(steps[0]?.provisions, [{ kind: 'schedule', parameters: { rate: 'rate(2 minutes)' } }]);
    assert.deepEqual(problems.map((each) => each.code), ['provisions-syntax']);
  });

  const cases: Record<string, [comment: string, code: string, at: string]> = {
    'an open quote': ['id="a', 'step-syntax', '"a'],
    'no name': ['=a', 'step-syntax', '=a'],
    'a missing value': ['id=', 'step-syntax', 'id='],
    'an unknown attribute': ['id=a provision=b', 'step-syntax', 'provision=b'],
    'an attribute twice': ['id=a id=b', 'step-syntax', 'id=b'],
    'an id with spaces': ['id="a b"', 'step-id', 'a b'],
    'an open parenthesis': ['provisions="a, b(c=d"', 'provisions-syntax', '(c=d'],
    'no comma': ['provisions="a b, c"', 'provisions-syntax', 'b'],
    'an empty kind': ['provisions="a,,b"', 'provisions-syntax', ','],
    'a parameter without a value': ['provisions=a(b)', 'provisions-syntax', 'b'],
    'a parameter twice': ['provisions=a(b=1,b=2)', 'provisions-syntax', 'b=2'],
    'a malformed variable': ['needs=account-id,Account_ID', 'needs-syntax', 'Account_ID'],
    'an undeclared variable': ['needs=account-id,owner', 'needs-unknown', 'owner'],
    'a value for a flag': ['optional=maybe', 'step-syntax', 'optional=maybe'],
  };
  for (const [name, [comment, code, at]] of Object.entries(cases)) {
    it(`report ${name} at its place`, () => {
      const text = `# T\r\n\r\n## 1. A\r\n<!-- lake:step ${comment} -->\r\n`;
      const found = parseTutorial(text).problems;
      assert.deepEqual(found.map((each) => each.code), [code]);
      assert.equal(marked(text, found[0]), at);
      assert.equal(found[0]?.range.start.line, 4);
      assert.equal(found[0]?.range.start.column, 16 + comment.lastIndexOf(at));
    });
  }

  it('keep what is well-formed beside what is not', () => {
    const [step] = parseTutorial('## 1. A\n<!-- lake:step id=a provisions="bucket,role(x,endpoint" needs="region,9" -->').steps;
    assert.deepEqual(step?.provisions, [{ kind: 'bucket', parameters: {} }]);
    assert.deepEqual(step?.needs, ['region']);
  });

  it('report an id given twice, a second comment, one that belongs nowhere, one not closed, and an unknown one', () => {
    const twice = '## A\n<!-- lake:step id=x -->\n## B\n<!-- lake:step id=x -->';
    assert.deepEqual(ids(parseTutorial(twice)), ['x', 'x-2']);
    assert.equal(problem(twice, 'step-duplicate')?.range.start.line, 4);
    assert.equal(marked(twice, problem(twice, 'step-duplicate')), 'x');
    assert.equal(problem('## A\n<!-- lake:step id=x -->\n<!-- lake:step id=y -->', 'step-repeated')?.range.start.line, 3);
    assert.equal(problem('<!-- lake:step id=x -->\n# T', 'step-misplaced')?.range.start.line, 1);
    const open = '## A\n<!-- lake:step id=x\n\n## B\n';
    assert.equal(marked(open, problem(open, 'step-syntax')), '<!-- lake:step id=x');
    assert.deepEqual(ids(parseTutorial(open)), ['x']);
    assert.equal(problem('## A\n<!-- lake:stpe id=x -->', 'comment-unknown')?.severity, 'warning');
  });

  it('are text within a fence', () => {
    assert.deepEqual(ids(parseTutorial('## 1. A\n\n```md\n<!-- lake:step id=x -->\n```\n')), ['a']);
  });
});

describe('front matter', () => {
  it('reports broken YAML at its line and goes on', () => {
    const text = '---\nlake: 1\ntitle: "open\nvars: {\n---\n## 1. A\n';
    const found = parseTutorial(text);
    assert.ok(found.problems.length > 0);
    assert.ok(found.problems.every((each) => each.code === 'front-matter' && each.severity === 'error' && each.range.start.line <= 4 && each.range.start.line >= 3));
    assert.deepEqual(ids(found), ['a']);
    const flow = '---\r\nlake: 1\r\nvars:\r\n  a: { default: 1\r\n  b: 2\r\n---\r\n';
    assert.deepEqual([...new Set(parseTutorial(flow).problems.map((each) => each.range.start.line > 3 && each.range.start.line < 6))], [true]);
    const repeated = '---\nlake: 1\nvars:\n  a: {}\n  a: {}\n---\n';
    assert.equal(problem(repeated, 'front-matter')?.range.start.line, 5);
  });

  it('only warns of broken YAML that is not ours', () => {
    assert.equal(problem('---\ntitle: {{ x }\n---\n', 'front-matter')?.severity, 'warning');
  });

  it('reports front matter that is not closed', () => {
    assert.equal(problem('---\nlake: 1\n\n# T\n', 'front-matter')?.range.start.line, 1);
    assert.deepEqual(parseTutorial('---\n\n# A rule above\n').problems, []);
  });

  const cases: Record<string, [yaml: string, code: string, at: string]> = {
    'a version to come': ['lake: 2', 'version', '2'],
    'an id with spaces': ['id: my lake', 'tutorial-id', 'my lake'],
    'variables that are no map': ['vars: [a]', 'variables', '[a]'],
    'a name in another spelling': ['vars: { Account_ID: {} }', 'variable-name', 'Account_ID'],
    'a pattern that is none': ["vars: { a: { pattern: '(' } }", 'variable-pattern', "'('"],
    'a default that its pattern refuses': ["vars: { a: { pattern: '\\d+', default: x } }", 'variable-value', 'x'],
    'an unknown option': ['vars: { a: { defualt: x } }', 'variables', 'defualt'],
    'a title that is no text': ['title: [a]', 'front-matter', '[a]'],
  };
  for (const [name, [yaml, code, at]] of Object.entries(cases)) {
    it(`reports ${name} at its place`, () => {
      const text = `---\r\n# ours\r\n${yaml}\r\n---\r\n`;
      const found = parseTutorial(text).problems;
      assert.deepEqual(found.map((each) => [each.code, marked(text, each), each.range.start.line]), [[code, at, 3]]);
    });
  }

  it('leaves the keys of other tools alone', () => {
    const tutorial = parseTutorial('---\nlayout: post\ntags: [a]\n---\n# A Title\n');
    assert.deepEqual(tutorial.problems, []);
    assert.equal(tutorial.title, 'A Title');
    assert.equal(tutorial.id, 'a-title');
  });
});

describe('fences', () => {
  it('are found in lists and quotes, with positions of their content', () => {
    const text = '1. a\r\n   - b\r\n\r\n     ```JSON lake:policy=P\r\n     {\r\n       "a": 1\r\n\r\n     }\r\n     ```\r\n\r\n> ~~~\r\n> quoted\r\n> ~~~\r\n';
    const fences = parseTutorial(text).fences ?? [];
    assert.deepEqual(fences.map(({ language, policy, text: content }) => [language, policy, content]), [['json', 'P', '{\n  "a": 1\n\n}'], ['', undefined, 'quoted']]);
    for (const [fence, word] of [[fences[0], '"a"'], [fences[0], '}'], [fences[1], 'quoted']] as const) {
      assert.ok(fence);
      assert.ok(text.slice(positionInFence(fence, fence.text.indexOf(word)).offset).startsWith(word));
    }
    assert.equal(fences[0]?.range.start.line, 4);
    assert.equal(fences[0]?.range.end.line, 9);
  });

  it('are found where they are indented more than the list allows', () => {
    const text = `1. a\n\n${' '.repeat(20)}\`\`\`json\n${' '.repeat(20)}{\n${' '.repeat(22)}"a": 1\n${' '.repeat(20)}}\n${' '.repeat(20)}\`\`\`\n2. b\n         ~~~sh lake:verify\n         # ls\n         ~~~\n`;
    const fences = parseTutorial(text).fences ?? [];
    assert.deepEqual(fences.map(({ language, verify, text: content, range }) => [language, verify, content, range.start.line, range.start.column, range.end.line]), [
      ['json', false, '{\n  "a": 1\n}', 3, 21, 7],
      ['sh', true, '# ls', 9, 10, 11],
    ]);
    assert.ok(fences[0] && text.slice(positionInFence(fences[0], fences[0].text.indexOf('"a"')).offset).startsWith('"a"'));
  });

  it('that are not closed are reported where they open', () => {
    const text = '## 1. A\n\n```sh\n## 2. B\n\ntext\n';
    const tutorial = parseTutorial(text);
    assert.deepEqual(ids(tutorial), ['a']);
    assert.deepEqual(tutorial.problems.map((each) => [each.code, marked(text, each)]), [['fence-unclosed', '```sh']]);
    assert.deepEqual(parseTutorial('````md\n```sh\nls\n```\n````\n').problems, []);
  });

  it('have a language only when it is not our word', () => {
    const [fence] = parseTutorial('``` lake:verify title="x"\nls\n```').fences ?? [];
    assert.deepEqual([fence?.language, fence?.verify], ['', true]);
    const text = '```json lake:policy\n{}\n```\n\n```json lake:polcy=X\n{}\n```';
    assert.deepEqual(parseTutorial(text).problems.map((each) => [each.severity, marked(text, each)]), [['error', 'lake:policy'], ['warning', 'lake:polcy=X']]);
  });
});

describe('steps as people write them', () => {
  const shape = (text: string): (string | undefined)[][] => parseTutorial(text).steps.map((step) => [step.number, step.title, step.optional ? 'optional' : step.role]);
  it('reads numbers with words of many languages, before and after them', () => {
    const cases: Record<string, [string | undefined, string]> = {
      '1단계: 버킷 만들기': ['1', '버킷 만들기'], '태스크 2: 역할': ['2', '역할'], 'Bước 1: Tạo bucket': ['1', 'Tạo bucket'], 'Phần 2. Cấu hình': ['2', 'Cấu hình'], 'Шаг 3. Запуск': ['3', 'Запуск'],
      '2-й шаг: Запрос': ['2', 'Запрос'], '第一步：创建存储桶': ['1', '创建存储桶'], '步骤 2 创建角色': ['2', '创建角色'], '十二、清理': ['12', '清理'], '第3章 查询': ['3', '查询'], 'Parte 1': ['1', 'Parte 1'], 'Partie 2 : Interroger': ['2', 'Interroger'],
      'Task-1: Bucket': [undefined, 'Task-1: Bucket'], '단계별 안내': [undefined, '단계별 안내'], '部分文件': [undefined, '部分文件'],
    };
    for (const [text, [number, title]] of Object.entries(cases)) {
      const [step] = parseTutorial(`# T\n\n## ${text}\n\nx\n`).steps;
      assert.deepEqual([step?.number, step?.number === undefined ? title : step.title], [number, title], text);
    }
  });
  it('takes bold numbers alone, HTML headings, letters in a row and mixed levels', () => {
    assert.deepEqual(shape('# T\n\n**1.** Open it\n\n**2.** Close it\n'), [['1', 'Open it', 'step'], ['2', 'Close it', 'step']]);
    assert.deepEqual(shape('<h4>1. Make</h4>\n\ntext\n\n<h4 id="x">2. Use</h4>\n'), [['1', 'Make', 'step'], ['2', 'Use', 'step']]);
    assert.deepEqual(shape('## A. Make\n\n## B. Use\n'), [['A', 'Make', 'step'], ['B', 'Use', 'step']]);
    assert.deepEqual(shape('## Step 1\n\na\n\n# Step 2\n\nb\n\n## Step 3\n\nc\n').map(([number]) => number), ['1', '2', '3']);
  });
  it('keeps "(optional)" out of the title', () => {
    assert.deepEqual(shape('## 1. Make (Opcional)\n\n## 2. (Optional) Use\n\n## 3. 정리 (선택 사항)\n'), [['1', 'Make', 'optional'], ['2', 'Use', 'optional'], ['3', '정리', 'optional']]);
  });
  it('takes headings without numbers, not the clicks below them, nor what only explains', () => {
    const text = '# Lake\n\n## Overview\n\n1. One\n2. Two\n\n## Prerequisites\n\n- x\n\n## Create the bucket\n\n1. Click\n2. Type\n\n## Query it\n\n**Step 1: open**\n\n1. Click\n\n## Conclusion\n\nx\n';
    assert.deepEqual(titles(text), ['Create the bucket', 'Query it']);
  });
  it('takes no numbers below "Features" for steps', () => {
    assert.deepEqual(titles('# T\n\n## Features\n\n### 1. Fast\n\n### 2. Cheap\n\n## Setup\n\n### 1. Make\n\n### 2. Use\n'), ['Make', 'Use']);
  });
  it('takes the number over a whole text for none of a step, nor one heading of many', () => {
    assert.deepEqual(titles('# LAB20: A lake\n\n## Step 1: Make\n\nx\n\n## Step 2: Use\n\nx\n'), ['Make', 'Use']);
    assert.deepEqual(titles('# Lab 1 - A lake\n\n## Create a bucket\n\n1. Click\n\n## Query the data\n\n1. Click\n'), ['Create a bucket', 'Query the data']);
    assert.deepEqual(titles('# T\n\n## Create a bucket\n\n1. a\n\n## Load the data\n\n1. a\n\n## Part 3: Join the tables\n\n1. a\n\n## Query the data\n\n1. a\n'), ['Create a bucket', 'Load the data', 'Join the tables', 'Query the data']);
    assert.deepEqual(titles('# Step 1: Make\n\n## Create a\n\nx\n\n# Step 2: Use\n\n## Create b\n\nx\n'), ['Make', 'Use']);
  });
  it('takes what is numbered to explain, or to help in trouble, for no steps, however deep it stands', () => {
    assert.deepEqual(titles('# T\n\n## クイックスタート\n\n### 1. 作成\n\nx\n\n### 2. 実行\n\nx\n\n## モジュール詳細\n\n### 1. Storage\n\nx\n\n## トラブルシューティング\n\n### よくある問題\n\n#### 1. Storage\n\nx\n\n#### 2. 結果の確認\n\nx\n'), ['作成', '実行']);
    assert.deepEqual(titles('# T\n\n## Levels\n\n### 1. Row\n\n### 2. Column\n\n## Order\n\n### Step 1: Make\n\n### Step 2: Load\n\n### Step 3: Use\n'), ['Make', 'Load', 'Use']);
    assert.deepEqual(titles('# T\n\n## Make the table\n\n1. Take the file\n\n   ### `make.sql`\n\n   x\n\n2. Run it\n\n## Query the table\n\n1. a\n'), ['Make the table', 'Query the table']);
  });
  it('takes headings with clicks below them beside others, and optional ones as such', () => {
    assert.deepEqual(shape('# T\n\n## Create it\n\n1. a\n2. b\n\n## Analyze it\n\n### Step 1: a\n\nx\n\n### Step 2: b\n\nx\n\n## Data in pictures\n\n1. a\n2. b\n\n## (Optional, no action) Merge files\n\n### Step 1: c\n\nx\n\n## Buenas prácticas\n\n1. a\n2. b\n').map(([, title]) => title), ['Create it', 'a', 'b', 'Data in pictures', 'c']);
    assert.deepEqual(shape('## 1. (OPTIONAL EXTRA STEP) Query\n\n## 2. Edit (optional, no action)\n'), [['1', 'Query', 'optional'], ['2', 'Edit', 'optional']]);
    assert.deepEqual(shape('# T\n\n## 1. 실행\n\nx\n\n## 2. 조회\n\nx\n\n## 실습 결과 정리\n\nx\n\n## 실습 정리\n\nx\n').map(([, title, role]) => [title, role]), [['실행', 'step'], ['조회', 'step'], ['실습 정리', 'cleanup']]);
  });
  it('goes into one way of several', () => {
    assert.deepEqual(titles('# T\n\n## Task 1: Make\n\nx\n\n## Task 2: Use\n\nx\n\n## Clean up\n\n### Option 1: by hand\n\n#### Step 1: Empty the bucket\n\nx\n\n#### Step 2: Delete it\n\nx\n'), ['Make', 'Use', 'Empty the bucket', 'Delete it']);
  });
  it('takes headings beside those whose steps start anew', () => {
    assert.deepEqual(titles('# T\n\n## 스트림 생성하기\n\n1. a\n\n## 데이터 분석하기\n\n### 1단계: 생성\n\nx\n\n### 2단계: 조회\n\nx\n\n## 파일 합치기\n\n### 1단계: 저장\n\nx\n'), ['스트림 생성하기', '생성', '조회', '저장']);
  });
  it('goes into "Lab 1" above headings that say to do something, and not above one, nor past clicks of its own', () => {
    const linesOf = (text: string): number[] => parseTutorial(text).steps.map((step) => step.headingRange.start.line);
    assert.deepEqual(linesOf('# W\n## Lab 1: Store\nText.\n### Create a bucket\n1. Go.\n### Upload the files\n1. Go.\n## Lab 2: Query\n1. Go.\n### Create a view\n1. Go.\n'), [4, 6, 8]);
  });
  it('takes the next number at a wrong level for the next step, and a number of its own below one for its text', () => {
    const linesOf = (text: string): number[] => parseTutorial(text).steps.map((step) => step.headingRange.start.line);
    assert.deepEqual(linesOf('# W\n## 3.3: Look\nText.\n## 3.4: Crawl\nText.\n### 3.5: Query\nText.\n'), [2, 4, 6]);
    assert.deepEqual(linesOf('# W\n## Step 1: Look\nText.\n### 1. See\nText.\n## Step 2: Crawl\nText.\n'), [2, 6]);
  });
  it('takes the first heading of a text without a title for one among others, and a title for none', () => {
    const linesOf = (text: string): number[] => parseTutorial(text).steps.map((step) => step.headingRange.start.line);
    assert.deepEqual(linesOf('Text.\n\n#### Create a role\n1. Go.\n\n#### Create a table\n1. Go.\n'), [3, 6]);
    assert.deepEqual(linesOf('# Create a lake\n## Create a role\n1. Go.\n## Create a table\n1. Go.\n'), [2, 4]);
  });
  it('reads German headings, brackets before a number, small letters and Japanese nouns of doing', () => {
    assert.deepEqual(shape('# T\n\n## Überblick\n\n- x\n\n## S3-Bucket für die Daten erstellen\n\n- a\n\n## Testen der Pipeline\n\n- a\n\n## Aufräumen\n\n- a\n').map(([, title, role]) => [title, role]), [['S3-Bucket für die Daten erstellen', 'step'], ['Testen der Pipeline', 'verify'], ['Aufräumen', 'cleanup']]);
    assert.deepEqual(shape('# T\n\n## (사전 작업) 4-1. 키 생성\n\nx\n\n## 4-2. 확인\n\nx\n').map(([number]) => number), ['4.1', '4.2']);
    assert.deepEqual(shape('# T\n\n## a) Make\n\nx\n\n## b) Use\n\nx\n').map(([number, title]) => [number, title]), [['a', 'Make'], ['b', 'Use']]);
    assert.deepEqual(titles('# T\n\n## デバイスの有効化\n\n- x\n\n## コンソールへのサインイン\n\n- x\n'), ['デバイスの有効化', 'コンソールへのサインイン']);
  });
  it('takes for "Steps" the items of its list, or the headings that the list only announces', () => {
    const rich = '1. Make it:\n\n   ```sh\n   a\n   ```\n\n2. Use it:\n\n   ```sh\n   b\n   ```\n';
    assert.deepEqual(titles(`# T\n\n## Preparation\n\n\`\`\`sh\nx\n\`\`\`\n\n## Steps\n\n${rich}\n## Cleanup\n\n1. x\n2. y\n`), ['Preparation', 'Make it:', 'Use it:', 'Cleanup']);
    assert.deepEqual(titles('# T\n\n## Steps\n\n1. Make it\n2. Use it\n\n## Make it\n\n1. a\n2. b\n\n## Use it\n\n1. a\n2. b\n'), ['Make it', 'Use it']);
    assert.deepEqual(titles('# T\n\n## Steps\n\n1. To make\n2. To use\n\n## Make it\n\n1. a\n2. b\n\n## Use it\n\n1. a\n2. b\n'), ['Make it', 'Use it']);
    // In each of several labs they are its text.
    assert.deepEqual(titles(`# T\n\n## Lab 1: Store\n\n### Steps\n\n${rich}\n## Lab 2: Query\n\n### Steps\n\n${rich}`), ['Store', 'Query']);
    assert.deepEqual(titles('# T\n\n## Steps\n\n### Step 1: Make\n\nx\n\n### Step 2: Use\n\nx\n\n### Data in pictures\n\nx\n'), ['Make', 'Use', 'Data in pictures']);
  });
  it('takes "Step 1" below "Task 1" for the step, and a step above its only part for one as well', () => {
    assert.deepEqual(titles('# T\n\n## Task 1: All\n\nx\n\n### Step 1: Make\n\nx\n\n### Step 2: Use\n\nx\n\n## Task 2: Look\n\nx\n'), ['Make', 'Use', 'Look']);
    assert.deepEqual(numbers('# T\n\n## 5. Make\n\n1. a\n2. b\n\n### 5.1 Run\n\n1. a\n\n## 6. All\n\n1. a\n\n### 6.1 One\n\nx\n\n### 6.2 Two\n\nx\n'), ['5', '5.1', '6.1', '6.2']);
    assert.deepEqual(numbers('# T\n\n## 3. All\n\n## 3.1 Make\n\nx\n\n## 3.2 Use\n\nx\n'), ['3.1', '3.2']);
  });
  it('takes numbered headings that ask or only tell, and those of an annex, for no steps', () => {
    assert.deepEqual(titles('# T\n\n## 1. Introduction\n\nx\n\n## 2. Make\n\nx\n\n## 3. Consultar los datos\n\nx\n\n## 4. Questions\n\n### 1. What is a lake?\n\nx\n'), ['Make', 'Consultar los datos']);
    assert.deepEqual(titles('# T\n\n### Tâche 1 : Faire\n\nx\n\n### Tâche 2 : Voir\n\nx\n\n# Annexe 1 - Détails\n\n### Étape 1 : Le flux\n\nx\n'), ['Faire', 'Voir']);
  });
  it('goes below a heading that only tells to several with clicks, by mixed levels, commands in backticks and per account', () => {
    assert.deepEqual(titles('# T\n\n# Join the data\n\nText.\n\n```\ns3://x\n```\n\n### Create a job\n\n1. a\n2. b\n\n#### Explore the data\n\n1. a\n2. b\n\n# Load the data\n\n1. a\n'), ['Create a job', 'Load the data']);
    assert.deepEqual(titles('# T\n\n## Deployment\n\n### Prerequisites\n\n- x\n\n### Central account\n\nRun:\n\n`yarn deploy --profile a`\n\n### Producer account\n\nRun:\n\n`yarn deploy --profile b`\n'), ['Central account', 'Producer account']);
  });
  it('finds numbered headings in indented HTML, and no steps in the reference of a template', () => {
    assert.deepEqual(titles('# T\n\n<div>\n\n    <h4>Step 1: Make</h4>\n    <ol><li>a</li></ol>\n\n    <h4>Step 2: Use</h4>\n\n</div>\n'), ['Make', 'Use']);
    assert.deepEqual(titles('# T\n\n#### IngestionBucket\n\n```yaml\na: 1\n```\n\n#### ApacheLogs\n\n```yaml\na: 1\n```\n\n#### LoadSampleData\n\n```yaml\na: 1\n```\n'), []);
  });
  it('points at no place beyond the text, wherever that breaks off', () => {
    for (const text of ['## A\n<!-- lake:step id=a needs=,', '## A\n<!-- lake:step id=a provisions=bucket,', '## A\n<!-- lake:step id=', '---\nlake: 1\nvars:\n  a: {', DECLARED.slice(0, -1)]) {
      for (let end = 0; end <= text.length; end++) {
        for (const { code, range } of parseTutorial(text.slice(0, end)).problems) {
          assert.ok(range.start.offset <= end && range.end.offset <= end, `${code} of ${JSON.stringify(text.slice(0, end))}`);
        }
      }
    }
  });

  it('parses again only what changed, to the same as from nothing', () => {
    const unit = '## 1. Make\n\nText.\n\n```sh\nls\n```\n\n- a\n  - b\n\n';
    const text = unit.repeat(200);
    const before = parseText(text);
    const edited = `${text.slice(0, 3000)}x\n\n${text.slice(3000)}`;
    const after = readTutorial(parseText(edited, before.pieces)).tutorial;
    assert.deepEqual(after, parseTutorial(edited));
  });
});
