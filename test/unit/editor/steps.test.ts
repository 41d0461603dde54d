import assert from 'node:assert/strict';
import { UserError } from '../../../src/errors.ts';
import { GivenArguments, stepNodeId } from '../../../src/editor/arguments.ts';
import { nextStep, showState, stepStates, type States } from '../../../src/editor/stepState.ts';
import { StepsSource, type KnownStates, type StepsNode } from '../../../src/editor/trees/steps.ts';
import { frontMatterSaysSo } from '../../../src/editor/tutorials/frontMatter.ts';
import { oneTutorialOf } from '../../../src/editor/tutorials/oneTutorial.ts';
import { OpenTutorials } from '../../../src/editor/tutorials/openTutorials.ts';
import { addBadges, type Badge, type MarkdownIt } from '../../../src/editor/tutorials/previewPlugin.ts';
import { stepLenses, whyLenses } from '../../../src/editor/tutorials/stepLenses.ts';
import { stepOfWhy, whyPath } from '../../../src/editor/tutorials/whyDocuments.ts';
import { whyText } from '../../../src/editor/whyText.ts';
import { findKind } from '../../../src/provision/account-view.ts';
import type { VerifiedStep } from '../../../src/provision/verify.ts';
import { checkedTutorial } from '../../../src/tutorial/checked.ts';

const text = `---
lake: 1
---
# A lake

## Step 1. Make the bucket
<!-- lake:step id=make provisions=bucket -->

## Step 2. Divide it
<!-- lake:step id=divide provisions=zones,nonsense -->

## Step 3. Look
<!-- lake:step id=look -->

## Step 4. Clean up
<!-- lake:step id=gone -->
`;
const tutorial = checkedTutorial(text, 'lake.md');
const verified = (id: string, state: VerifiedStep['state'], more: Partial<VerifiedStep> = {}): VerifiedStep => ({ id, title: id, state, findings: [], ...more });
const divided = verified('divide', 'missing', {
  findings: [{ code: 'zones.missing', message: 'Zones: not there.', fix: 'Provision the step "divide".', resource: 'zones' }],
  resources: [{ id: 'zones', title: 'Zones', state: 'missing' }],
});

describe('the steps', () => {
  const nodes = async (known: Partial<KnownStates> & { seen?: readonly VerifiedStep[] } = {}): Promise<{ source: StepsSource; nodes: readonly StepsNode[] }> => {
    const { seen = [] } = known;
    const states: States = Object.fromEntries(seen.map(({ id, state }) => [id, state]));
    const source = new StepsSource({
      tutorial: { load: () => Promise.resolve(tutorial) },
      steps: { states: () => states, verified: (id) => seen.find((step) => step.id === id), isLooking: false, failure: undefined, ...known },
      kinds: () => Promise.resolve(findKind),
    });
    return { source, nodes: (await source.children(undefined)).nodes };
  };
  const lines = ({ source, nodes: all }: { source: StepsSource; nodes: readonly StepsNode[] }): string[] => all.map((node) => {
    const { label, description } = source.present(node);
    return [label, description].filter(Boolean).join(' | ');
  });

  it('are listed with their numbers before the account was looked at, and nothing is said of their states', async () => {
    assert.deepEqual(lines(await nodes()), ['1 Make the bucket | not looked at yet', '2 Divide it | not looked at yet', '3 Look | not looked at yet', '4 Clean up | not looked at yet']);
    assert.match(lines(await nodes({ isLooking: true }))[0] ?? '', /looking…$/);
  });

  it('have their states, and the first that is to do is the next one, by a word and not by its colour alone', async () => {
    const all = await nodes({ seen: [verified('make', 'done'), divided, verified('look', 'nothing')] });
    assert.deepEqual(lines(all), ['1 Make the bucket | done', '2 Divide it | next · not there yet', '3 Look | nothing to check', '4 Clean up | not looked at yet']);
    assert.deepEqual(all.nodes.map((node) => all.source.present(node).icon), ['pass-filled', 'arrow-circle-right', 'dash', 'circle-outline']);
    assert.deepEqual(all.nodes.map((node) => all.source.present(node).context), ['tutorialStep.makes', 'tutorialStep.makes', 'tutorialStep.looks', 'tutorialStep.cleanup']);
  });

  it('have below them what they ask for, with what was found of each; a kind that there is not is said', async () => {
    const { source, nodes: all } = await nodes({ seen: [divided] });
    const [, divide] = all;
    assert.ok(divide);
    const below = source.fixed(divide) ?? [];
    assert.deepEqual(below.map((node) => [node.id, source.present(node).description]), [['tutorial-step:divide#zones', 'not there yet'], ['tutorial-step:divide#nonsense', 'no kind of resource']]);
    assert.match(source.present(below[0]!).tooltip ?? '', /Zones: not there\. Provision the step "divide"\./);
  });

  it('say why the account could not be read, above all', async () => {
    const all = await nodes({ failure: new UserError('aws.unreachable', 'AWS did not answer.') });
    assert.deepEqual(lines(all).slice(0, 2), ['AWS did not answer.', '1 Make the bucket | not looked at yet']);
  });

  it('come one after the other: what is to do before what is awaited, and neither what is optional nor the clean-up', () => {
    const next = (states: States): string | undefined => nextStep(tutorial.steps, states)?.id;
    assert.equal(next({}), undefined);
    assert.equal(next({ make: 'waiting', divide: 'wrong' }), 'divide');
    assert.equal(next({ make: 'waiting', divide: 'done', look: 'nothing' }), 'make');
    assert.equal(next({ make: 'done', divide: 'unknown', gone: 'missing' }), undefined);
    assert.equal(nextStep([{ id: 'a', role: 'step', optional: true }], { a: 'missing' }), undefined);
  });

  it('have a sign, an icon and a word for each state, no two alike', () => {
    for (const part of ['sign', 'icon', 'label'] as const) assert.equal(new Set(stepStates.map((state) => showState(state)[part])).size, stepStates.length, part);
  });

  it('are named to a command by their nodes, or by those of what they ask for', () => {
    assert.equal(new GivenArguments([{ id: stepNodeId('make'), kind: 'tutorialStep' }]).step, 'make');
    assert.equal(new GivenArguments([{ id: 'tutorial-step:make#bucket', kind: 'resource' }]).step, 'make');
    assert.equal(new GivenArguments([{ id: 's3://make', kind: 'bucket' }]).step, undefined);
  });
});

describe('why a step is not done', () => {
  const [, divide, look] = tutorial.steps;
  const place = { where: 'in the sandbox, us-east-2', when: '12:00:00' };
  it('says what was looked at, found and expected, and how to mend it', () => {
    assert.equal(whyText(divide!, divided, place), [
      '# Why "2 Divide it" is not done', 'State: ○ not there yet. Looked at in the sandbox, us-east-2, 12:00:00.', '## What was looked at', '- ○ Zones: not there yet',
      '## What was found', '- Zones: not there.', '## What was expected', '- Zones: there, and as the tutorial has it.', '## How to mend it', '1. Provision the step "divide".',
    ].join('\n\n') + '\n');
  });
  it('takes over what the look itself says', () => {
    const said = whyText(divide!, { ...divided, looked: 'The zones of the bucket.', found: 'Only bronze.', expected: 'Three of them.' }, place);
    assert.match(said, /looked at\n\n- The zones of the bucket\.\n[^]*found\n\n- Only bronze\.\n[^]*expected\n\n- Three of them\./);
  });
  it('says it finding by finding where findings do, and as a whole where the step follows from another', () => {
    const findings = ['bronze', 'silver'].map((zone) => ({ code: `zones.${zone}`, message: `${zone}: wrong`, fix: 'Provision it.', looked: `The folder ${zone}.`, found: 'Nothing.', expected: `${zone}/` }));
    const each = whyText(divide!, { ...divided, findings, looked: 'Both.', found: 'Neither.', expected: 'Both.' }, place);
    assert.match(each, /looked at\n\n- The folder bronze\.\n- The folder silver\.\n[^]*found\n\n- Nothing\.\n\n[^]*expected\n\n- bronze\/\n- silver\/\n\n[^]*\n\n1\. Provision it\.\n$/);
    const following = whyText(divide!, { ...divided, findings, found: 'It follows from the step "make".', follows: 'make' }, place);
    assert.match(following, /found\n\n- It follows from the step "make"\.\n/);
  });
  it('says of a step without a declaration how to declare what it provisions', () => {
    const said = whyText(look!, verified('look', 'nothing'), place);
    assert.match(said, /^# "3 Look": there is nothing to check/);
    assert.match(said, /1\. .*`<!-- lake:step id=bucket provisions=bucket -->`/);
  });
  it('lies where its step can be read from, whatever the step is called', () => {
    for (const id of ['make', 'a/b c', 'крок']) assert.equal(stepOfWhy({ scheme: 'lake-tutorial', path: `/${whyPath({ id, number: '1/2' })}` }), id);
    assert.equal(stepOfWhy({ scheme: 'file', path: `/${whyPath({ id: 'make' })}` }), undefined);
  });
});

describe('lenses above the steps', () => {
  const options = { trusted: true, uri: 'file:///lake.md' };
  const titles = (lenses: ReturnType<typeof stepLenses>): string[] => lenses.map(({ line, title }) => `${line} ${title}`);
  it('say the state, and offer what can be done with each step', () => {
    assert.deepEqual(titles(stepLenses(tutorial, { ...options, states: { make: 'done', divide: 'wrong', look: 'nothing' } })), [
      '5 $(pass-filled)\u00A0done', '5 Provision', '5 Verify', '5 Reveal', '5 Remove',
      '8 $(warning)\u00A0next · needs correction', '8 Provision', '8 Verify', '8 Why not done?', '8 Reveal', '8 Remove',
      '11 $(dash)\u00A0nothing to check', '11 Verify', '11 Why not done?',
      '14 $(circle-outline)\u00A0not looked at yet', '14 Tear Down', '14 Verify',
    ]);
  });
  it('of another tutorial offer to use it, and without trust to trust the workspace', () => {
    assert.deepEqual(stepLenses(tutorial, { ...options, states: undefined }), [{ line: 5, title: '$(mortar-board)\u00A0Use as Tutorial', command: 'lakeTutorial.useAsTutorial', arguments: [{ uri: 'file:///lake.md' }] }]);
    assert.deepEqual(stepLenses(tutorial, { ...options, states: {}, trusted: false }).map(({ command }) => command), ['workbench.trust.manage']);
    assert.deepEqual(stepLenses({ steps: [] }, { ...options, states: {} }), []);
  });
  it('of a text that says why offer to provision what can be, to look again and to read', () => {
    assert.deepEqual(whyLenses(tutorial, 'make').map(({ command }) => command), ['lakeTutorial.provisionStep', 'lakeTutorial.whyNotDone', 'lakeTutorial.readStep']);
    assert.deepEqual(whyLenses(tutorial, 'look').map(({ command }) => command), ['lakeTutorial.whyNotDone', 'lakeTutorial.readStep']);
    assert.deepEqual(whyLenses(tutorial, 'none'), []);
  });
});

describe('badges in the preview', () => {
  /** The renderer as Markdown-it has it: a rule by a token's type, and what is done where there is none. */
  const render = (env: unknown, badgesOf: Parameters<typeof addBadges>[1]): string => {
    const markdown: MarkdownIt = { renderer: { rules: {}, renderToken: (_tokens, index) => ['<h2>', 'Make it', '</h2>'][index] ?? '' } };
    addBadges(markdown, badgesOf);
    const tokens = [{ map: [4, 5] as const }, { map: [4, 5] as const }, { map: null }];
    return '<h2>Make it' + (markdown.renderer.rules['heading_close']?.(tokens, 2, {}, env, markdown.renderer) ?? '');
  };
  const badge: Badge = { state: 'wrong', sign: '!', label: 'needs <correction>' };
  it('stand at the end of the heading, with words', () => {
    assert.equal(render({ currentDocument: 'file:///lake.md#anchor' }, (uri) => (uri === 'file:///lake.md' ? new Map([[4, badge]]) : undefined)), '<h2>Make it <span class="lake-tutorial-state lake-tutorial-wrong">! needs &#60;correction&#62;</span></h2>');
  });
  it('leave other documents and other headings as they are', () => {
    assert.equal(render({ currentDocument: 'file:///other.md' }, () => undefined), '<h2>Make it</h2>');
    assert.equal(render({ currentDocument: 'file:///lake.md' }, () => new Map([[7, badge]])), '<h2>Make it</h2>');
    assert.equal(render(undefined, () => assert.fail('a text without a document was asked for')), '<h2>Make it</h2>');
  });
});

describe('which tutorial a folder has', () => {
  const one = (language: string, ...files: string[]): string | undefined => oneTutorialOf(files, (file) => file, language);
  it('is its only one, or the one in the reader\'s language where one text is there in several', () => {
    assert.equal(one('en'), undefined);
    assert.equal(one('en', '/a.md'), '/a.md');
    assert.equal(one('en', '/a.md', '/b.md'), undefined);
    assert.equal(one('es', '/docs/lake.en.md', '/docs/lake.es.md'), '/docs/lake.es.md');
    assert.equal(one('fr', '/docs/lake.es.md', '/docs/lake.en.md'), '/docs/lake.en.md');
    assert.equal(one('es', '/docs/lake.en.md', '/other/lake.es.md'), undefined);
  });
  it('is told by its front matter alone', () => {
    for (const yes of ['---\nlake: 1\n---\n', '\uFEFF---\r\ntitle: a\r\nlake: 1\r\n---\r\n']) assert.equal(frontMatterSaysSo(yes), true, yes);
    for (const no of ['', 'lake: 1\n', '# A\n---\nlake: 1\n---\n', '---\ntitle: a\n---\nlake: 1\n', `---\n${'a: b\n'.repeat(80)}lake: 1\n---\n`]) assert.equal(frontMatterSaysSo(no), false, no);
  });
});

describe('tutorials that are open', () => {
  it('are parsed once a version', () => {
    const open = new OpenTutorials();
    let asked = 0;
    const document = (version: number, of: string) => ({ uri: 'file:///lake.md', version, getText: () => (asked++, of) });
    const first = open.read(document(1, text));
    assert.equal(open.read(document(1, text)), first);
    assert.equal(asked, 1);
    assert.equal(open.read(document(2, text.replace('Divide it', 'Part it'))).steps[1]?.title, 'Part it');
    open.forget(document(2, ''));
    open.read(document(2, text));
    assert.equal(asked, 3);
  });
});
