import assert from 'node:assert/strict';
import { LakeDocument } from '../../../src/authoring/document.ts';
import { declareStep, kindsIn, toldKinds } from '../../../src/authoring/help/declare.ts';
import { completionsAt, hoverAt, type HelpContext } from '../../../src/authoring/help/markup.ts';
import { nameAt, occurrencesOf, rename } from '../../../src/authoring/help/names.ts';
import { foldsOf, outlineOf, type OutlineItem } from '../../../src/authoring/help/outline.ts';
import { applyEdits, check, fixAll } from '../../../src/authoring/index.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';

const context: HelpContext = {
  kinds: [
    { id: 'bucket', title: 'S3 bucket', type: 'AWS::S3::Bucket', needs: [], costs: ['S3: little'] },
    { id: 'schedule', title: 'Schedule', type: 'AWS::Events::Rule', parameters: { rate: 'rate(2 minutes)' }, needs: ['bucket'], costs: [] },
  ],
  policies: [{ name: 'UserPassRole' }],
  rules: [{ id: 'no-cost', title: 'No word about cost' }],
};
/** A text whose mark says where the cursor is. */
function at(marked: string): { readonly document: LakeDocument; readonly offset: number; readonly text: string } {
  const text = marked.replace('‸', '');
  return { document: LakeDocument.parse(text), offset: marked.indexOf('‸'), text };
}
const offered = (marked: string): string[] => {
  const { document, offset } = at(marked);
  return completionsAt(document, offset, context).map(({ label }) => label);
};
const front = '---\nlake: 1\nvars:\n  lake-bucket: { default: x }\n---\n';

describe('completion of markup', () => {
  for (const [marked, labels] of Object.entries({
    '## 1. A\n<!-- ‸': ['lake:step', 'lake:ignore', 'lake:ignore-file'],
    '## 1. A\n<!-- lake:step ‸ -->': ['id', 'provisions', 'needs', 'optional'],
    '## 1. A\n<!-- lake:step id=a pro‸ -->': ['id', 'provisions', 'needs', 'optional'],
    '## 1. A\n<!-- lake:step id=a provisions=‸ -->': ['bucket', 'schedule'],
    '## 1. A\n<!-- lake:step provisions="bucket, s‸" -->': ['bucket', 'schedule'],
    '## 1. A\n<!-- lake:step provisions=bucket,schedule(‸ -->': ['rate'],
    '## 1. A\n<!-- lake:step provisions=\'schedule(rate="rate(2 minutes)")\' ‸ -->': ['id', 'provisions', 'needs', 'optional'],
    [`${front}## 1. A\n<!-- lake:step id=a needs=‸ -->`]: ['lake-bucket', 'account-id', 'region', 'partition', 'bucket'],
    '<!-- lake:ignore ‸ -->': ['no-cost'],
    '```json ‸\n{}\n```': ['lake:policy=', 'lake:verify'],
    '```json lake:policy=‸\n{}\n```': ['UserPassRole'],
    '---\n‸\n---\n': ['lake', 'title', 'id', 'vars'],
    '---\nlake: 1\nvars:\n  x: { ‸\n---\n': ['from', 'default', 'pattern'],
    '---\nlake: 1\nvars:\n  x: { from: ‸\n---\n': ['sts'],
    'Go to <‸': ['<account-id>', '<region>', '<partition>', '<bucket>'],
    '```js‸\n': [], 'a word ‸': [], 'a << ‸': [], '```html\n<!-- ‸\n```': [], '---\nlayout: ‸\n---\n': [],
  })) it(JSON.stringify(marked), () => assert.deepEqual(offered(marked), labels));

  it('puts placeholders into backticks in prose, and takes a bracket that is there', () => {
    const put = (marked: string): string => {
      const { document, offset, text } = at(marked);
      const [first] = completionsAt(document, offset, context);
      assert.ok(first);
      return applyEdits(text, [{ ...first, text: first.insert }]);
    };
    assert.equal(put(`${front}Put <la‸`), `${front}Put \`<lake-bucket>\``);
    assert.equal(put(`${front}Put \`<la‸>\``), `${front}Put \`<lake-bucket>\``);
    assert.equal(put(`${front}\`\`\`sh\naws s3 mb s3://<‸\n\`\`\`\n`), `${front}\`\`\`sh\naws s3 mb s3://<lake-bucket>\n\`\`\`\n`);
    assert.equal(put('## 1. A\n<!-- lake:step provisions=‸ -->'), '## 1. A\n<!-- lake:step provisions=bucket -->');
  });
});

describe('hovers of markup', () => {
  const hovered = (marked: string): string | undefined => {
    const { document, offset } = at(marked);
    return hoverAt(document, offset, context)?.text;
  };
  it('tell of attributes, kinds and variables', () => {
    assert.match(hovered('## 1. A\n<!-- lake:step pro‸visions=bucket -->') ?? '', /^\*\*provisions\*\*: /);
    assert.equal(hovered('## 1. A\n<!-- lake:step provisions=sched‸ule -->'), '**Schedule** (AWS::Events::Rule)\n\nNeeds `bucket`.\n\nParameter `rate`, such as `rate(2 minutes)`.');
    assert.equal(hovered(`${front}Use \`<lake-‸bucket>\` here.`), '**<lake-bucket>**: default x. Declared in line 4, used 1 times.');
    assert.match(hovered('```sh lake:ver‸ify\n```') ?? '', /^\*\*lake:verify\*\*/);
    assert.match(hovered('---\nla‸ke: 1\n---\n') ?? '', /^\*\*lake\*\*/);
    assert.equal(hovered('A wo‸rd, a <b>tag</b>.'), undefined);
  });
});

describe('names', () => {
  const text = `${front}# T\n\nUse \`<lake-bucket>\`, <lake-bucket> and <details>.\n\n## 1. A\n<!-- lake:step id=make needs=lake-bucket,region -->\n\n\`\`\`sh\naws s3 ls s3://<lake-bucket>\nlake-tutorial verify --step make\n\`\`\`\n\nSee [it](#make) and [that](#t).\n`;
  const document = LakeDocument.parse(text);
  it('are found in prose, blocks, markup and front matter', () => {
    const lines = (kind: 'variable' | 'step', name: string): unknown[] => occurrencesOf(document, { kind, name }).map(({ start, end, isDeclaration }) => [document.source.position(start).line, text.slice(start, end), isDeclaration]);
    assert.deepEqual(lines('variable', 'lake-bucket'), [[4, 'lake-bucket', true], [8, 'lake-bucket', false], [8, 'lake-bucket', false], [11, 'lake-bucket', false], [14, 'lake-bucket', false]]);
    assert.deepEqual(lines('step', 'make'), [[11, 'make', true], [15, 'make', false], [18, 'make', false]]);
    assert.equal(nameAt(document, text.indexOf('<details>') + 3), undefined);
    assert.equal(nameAt(document, text.indexOf('(#t)') + 2), undefined);
  });
  it('are renamed everywhere at once, or it is said why not', () => {
    const variable = { kind: 'variable', name: 'lake-bucket' } as const;
    const edits = rename(document, variable, 'store');
    assert.ok(typeof edits !== 'string');
    assert.equal(applyEdits(text, edits), text.replaceAll('lake-bucket', 'store'));
    const step = rename(document, { kind: 'step', name: 'make' }, 'build');
    assert.ok(typeof step !== 'string');
    assert.equal(applyEdits(text, step), text.replaceAll(/(id=|--step |#)make/g, '$1build'));
    for (const [name, to] of [[variable, 'Store'], [variable, 'region'], [{ kind: 'variable', name: 'region' }, 'place'], [{ kind: 'step', name: 'make' }, 'a b']] as const) assert.equal(typeof rename(document, name, to), 'string', to);
  });
});

describe('the outline', () => {
  it('has steps in their sections, with their policies, and folds them', () => {
    const document = LakeDocument.parse('# T\n\n## 0. Access\n\n### 0.1 User\n<!-- lake:step provisions=bucket -->\n\n```json lake:policy=UserPassRole\n{}\n```\n\n### 0.2 Verify\n\nx\n\n## Clean up\n\nx\n');
    const shape = ({ kind, title, detail, children }: OutlineItem): unknown[] => [kind, title, detail, ...(children.length > 0 ? [children.map(shape)] : [])];
    assert.deepEqual(outlineOf(LakeDocument.parse('# T\n\n## 0. Access\n\n### 0.1 User\n\nx\n\n### 0.2 Verify\n\nx\n\n## Clean up\n\nx\n')).map(shape), [['section', '0 Access', '', [['step', '0.1 User', ''], ['verification', '0.2 Verify', '']]], ['clean-up', 'Clean up', '']]);
    assert.deepEqual(outlineOf(document).map(shape), [['step', '0.1 User', 'bucket', [['policy', 'UserPassRole', '']]], ['verification', '0.2 Verify', ''], ['clean-up', 'Clean up', '']]);
    assert.deepEqual(foldsOf(document), [{ first: 5, last: 10 }, { first: 12, last: 14 }, { first: 16, last: 18 }]);
  });
});

describe('declaring what a step provisions', () => {
  const declared = (marked: string): string | undefined => {
    const { document, offset, text } = at(marked);
    const edit = declareStep(document, offset);
    return edit && applyEdits(text, [edit]);
  };
  it('reads kinds from the text, and writes them below the heading or into the comment', () => {
    assert.equal(declared(`${front}## 1. Ma‸ke it\r\n\r\nCreate an S3 bucket, \`<lake-bucket>\`.\r\n`), `${front}## 1. Make it\r\n<!-- lake:step id=make-it provisions=bucket needs=lake-bucket -->\r\n\r\nCreate an S3 bucket, \`<lake-bucket>\`.\r\n`);
    assert.equal(declared('## 1. Ma‸ke it\n<!-- lake:step id=x -->\n\nCrea un bucket y un crawler.\n'), '## 1. Make it\n<!-- lake:step id=x provisions=bucket,crawler -->\n\nCrea un bucket y un crawler.\n');
    assert.equal(declared('1. Create a buck‸et\n2. Go\n'), '1. Create a bucket\n   <!-- lake:step id=create-a-bucket provisions=bucket -->\n2. Go\n');
    for (const none of ['## 1. Re‸ad\n\nNothing is made.\n', '## 1. A\n<!-- lake:step provisions=bucket -->\n\nCreate a buc‸ket.\n', '## Clean ‸up\n\nDelete the crawler.\n']) assert.equal(declared(none), undefined, none);
  });
  it('knows only kinds that there are', () => {
    const ids: readonly string[] = catalogue.map(({ id }) => id);
    assert.deepEqual(toldKinds.filter((kind) => !ids.includes(kind)), []);
    assert.deepEqual(kindsIn({ title: 'Set up', body: 'aws s3 mb s3://x\n\nRegister an Amazon S3 location, and grant permissions.' }), ['bucket', 'lake-location', 'lake-grants']);
  });
  it('is joined by a draft of the clean-up, which is put in only where it is asked for', () => {
    const text = '# A lake\n\n## 1. Create a bucket\n\nCreate an S3 bucket.\n\n## 2. Create a crawler\n\nCreate a Glue crawler and launch it. It costs little.\n';
    const [finding] = check(text, { only: ['no-clean-up'] }).findings;
    assert.ok(finding?.fix);
    const mended = applyEdits(text, finding.fix.edits);
    assert.equal(mended, `${text.trimEnd()}\n\n## Clean up\n\nDelete what you created, in this order:\n\n1. crawler\n2. bucket\n`);
    assert.deepEqual(check(mended, { only: ['no-clean-up'] }).findings, []);
    assert.equal(fixAll(text).text, text);
  });
});
