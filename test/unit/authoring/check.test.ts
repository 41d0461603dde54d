import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check, Checker, fixAll, longest, rules, type Finding } from '../../../src/authoring/index.ts';
import { johabCharacter } from '../../../src/authoring/codepages.ts';
import { iamService } from '../../../src/authoring/iam.ts';
import { cases } from './rules/cases.ts';

const STATEMENT = '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*" }] }';
const BROKEN = `# T\n\n\`\`\`json\n${STATEMENT}\n\`\`\`\n`;
const ids = (text: string): string[] => check(text).findings.map(({ rule }) => rule);

describe('check', () => {
  it('gives steps with their kind, and findings at their line and column', () => {
    const { steps, findings } = check(`# Lake\n\n## 0. Access\n\n### 0.1 Make a user\n\n### 0.2 Verify\n\n## Clean up (optional)\n\nx\n\n${BROKEN}`);
    assert.deepEqual(steps.map(({ title, line, kind, optional }) => [title, line, kind, optional]), [['Access', 3, 'section', false], ['Make a user', 5, 'step', false], ['Verify', 7, 'verification', false], ['Clean up', 9, 'clean-up', true]]);
    assert.deepEqual(findings.map(({ rule, severity, line, column, endColumn }) => [rule, severity, line, column, endColumn]), [['policy-action', 'warning', 16, 74, 86]]);
  });

  it('takes levels, and comments that say "wrong on purpose"', () => {
    assert.deepEqual(ids(BROKEN), ['policy-action']);
    assert.deepEqual(check(BROKEN, { levels: { 'policy-action': 'off' } }).findings, []);
    assert.equal(check(BROKEN, { levels: { 'policy-action': 'error' } }).findings[0]?.severity, 'error');
    const fence = BROKEN.slice(5);
    for (const comment of ['<!-- lake:ignore policy-action -->', '<!-- lake:ignore -->', '<!-- lake:ignore policy-json, policy-action -->', '<!-- lake:ignore-file policy-action -->']) assert.deepEqual(ids(`# T\n\n${comment}\n${fence}`), [], comment);
    assert.deepEqual(ids(`# T\n\n<!-- lake:ignore policy-json -->\n${fence}`), ['policy-action']);
    assert.deepEqual(ids(`# T\n\n<!-- lake:ignore policy-action -->\n${fence}\nText.\n\n${fence}`), ['policy-action']);
  });

  it('finds the same with CRLF and a byte order mark, at the same lines and columns', () => {
    const bare = ({ rule, line, column, endLine, endColumn }: Finding): unknown[] => [rule, line, column, endLine, endColumn];
    for (const { bad } of Object.values(cases)) {
      for (const text of bad.map((each) => each.replace(/[«»]/g, ''))) {
        assert.deepEqual(check(`\uFEFF${text.replaceAll('\n', '\r\n')}`).findings.map(bare), check(text).findings.map(bare), text);
      }
    }
  });

  it('changes nothing but what is fixed, whatever the line endings, and comes to rest', () => {
    for (const [id, { bad, fixed = [] }] of Object.entries(cases)) {
      for (const [index, right] of fixed.entries()) {
        const text = (bad[index] ?? '').replace(/[«»]/g, '').replaceAll('\n', '\r\n');
        const once = fixAll(text, { only: [id] }).text;
        if (id !== 'policy-json') assert.equal(once, right.replaceAll('\n', '\r\n'));
        assert.equal(fixAll(once, { only: [id] }).text, once);
      }
    }
  });

  it('never puts an account\'s id into a text', () => {
    const text = Object.values(cases).flatMap(({ bad }) => bad).join('\n\n').replace(/[«»]/g, '');
    const [before, after] = [text, fixAll(text).text].map((each) => new Set(each.match(/\d{12}/g)));
    assert.deepEqual([...(after ?? [])].filter((id) => !before?.has(id)), []);
  });

  it('checks again after an edit as it would from nothing', () => {
    const checker = new Checker();
    const unit = Object.values(cases).flatMap(({ bad, trap }) => [...bad, ...trap]).join('\n\n# Next\n\n').replace(/[«»]/g, '');
    let text = unit;
    let seed = 7;
    const random = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    for (let round = 0; round < 25; round++) {
      const at = random(text.length);
      text = text.slice(0, at) + (['', '\n\n', 'x', '```\n', '`', '## 3. X\n'][random(6)] ?? '') + text.slice(at + random(3));
      assert.deepEqual(checker.check(text), check(text));
    }
  }).timeout(60_000);

  it('knows Johab as CPython does', () => {
    const decoder = new TextDecoder('euc-kr');
    const all: string[] = [];
    const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
    for (let lead = 0x81; lead < 0xfe; lead++) {
      for (let trail = 0x31; trail < 0xff; trail++) {
        const character = johabCharacter(lead, trail, decoder);
        if (character) all.push(hex(lead, 2) + hex(trail, 2) + hex(character.charCodeAt(0), 4));
      }
    }
    // The digest of the same list made by CPython 3.11's codec "johab".
    assert.equal(createHash('sha256').update(all.join('')).digest('hex'), 'a782459b2bdafe620e9b1248ad3531c89f613eefe4dbc9297f7b86f45879d3ae');
  });

  it('has IAM\'s table in 80 KB, with the actions of a lake', () => {
    assert.ok(readFileSync(fileURLToPath(new URL('../../../src/authoring/iam.generated.ts', import.meta.url))).length <= 80 * 1024);
    assert.deepEqual([iamService('s3')?.actions.get('getobject')?.types.includes('object'), iamService('lakeformation')?.actions.has('getdataaccess'), iamService('glue')?.actions.get('createdatabase')?.name, iamService('ec2')], [true, true, 'CreateDatabase', undefined]);
  });

  const original = fileURLToPath(new URL('../../../../shared/tutorial/original.es.md', import.meta.url));
  const broken = fileURLToPath(new URL('../../../../shared/tutorial/original.mojibake.md', import.meta.url));
  if (existsSync(broken)) {
    it('repairs the original to the byte, and finds what is wrong in it', () => {
      assert.equal(fixAll(readFileSync(broken, 'utf8'), { only: ['encoding'] }).text, readFileSync(original, 'utf8'));
      const { findings, steps } = check(readFileSync(original, 'utf8'));
      assert.deepEqual(findings.filter(({ severity }) => severity === 'error').map(({ rule, line }) => [rule, line]), [['placeholder-malformed', 132]]);
      assert.deepEqual(findings.filter(({ severity }) => severity === 'warning').map(({ rule, line }) => [rule, line]), [['value-before-step', 109], ['placeholder-malformed', 132], ['name-drift', 217], ['placeholder-drift', 389], ['schedule', 504]].filter(([rule]) => rule !== 'placeholder-malformed'));
      assert.deepEqual(steps.filter(({ kind }) => kind === 'section').map(({ number }) => number), ['0', '1', '2', '3', '4', '5']);
    });
  }
});

describe('check, of whatever is no tutorial', () => {
  const within = (name: string, text: string, limit = 1000): void => {
    const before = process.cpuUsage();
    const { findings, steps } = check(text);
    // The processor's time, whatever the machine is doing beside it; a slower machine has ten times as long, and a hang takes minutes.
    assert.ok(process.cpuUsage(before).user / 1000 < limit * 10, name);
    const lines = text.split(/\r\n|\n|\r/);
    for (const { line, column, start: from, end } of findings) {
      assert.ok(line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1 && from <= end && end <= text.length, `${name} ${line}:${column}`);
    }
    for (const { line } of steps) assert.ok(line >= 1 && line <= lines.length, name);
  };

  it('ends, with places within the text', () => {
    const inputs: Record<string, string> = {
      empty: '', 'null bytes': '\0'.repeat(1000), 'UTF-16 as it is': Buffer.from('# Schritt 1\n\nText\n', 'utf16le').toString('latin1'), 'right to left': '# خطوة 1\n\n\u202Eabc <account-id>\n'.repeat(100),
      fences: '```\n'.repeat(10_001), 'deep list': Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}- x`).join('\n'), quotes: '> '.repeat(5000), brackets: '['.repeat(50_000), stars: '*a **b '.repeat(20_000), angles: '<a '.repeat(50_000),
      backticks: Array.from({ length: 300 }, (_, count) => '`'.repeat(count)).join(' '), braces: `\`\`\`json\n${'{"Effect": "Allow", "a": '.repeat(3000)}\n\`\`\`\n`, arns: 'arn:aws:iam::'.repeat(20_000), digits: '1'.repeat(200_000), 'one line': 'word '.repeat(100_000), comments: '<!-- lake:step '.repeat(5000), passwords: 'password: '.repeat(20_000),
      headings: '# 1. x\n'.repeat(5000), html: '<h4>'.repeat(20_000), links: '[x](#y)'.repeat(5000), crons: 'cron('.repeat(20_000), placeholders: '<a-b>'.repeat(20_000), lonely: '\uD800'.repeat(1000), hangul: '칤a'.repeat(5000),
    };
    for (const [name, text] of Object.entries(inputs)) within(name, text);
    within('50 MB', 'a b c\n\n'.repeat(7_000_000));
    for (const none of ['x'.repeat(longest + 1), randomBytes(100_000).toString('latin1'), randomBytes(100_000).toString('utf8'), '\0'.repeat(1000)]) {
      assert.deepEqual(check(none).findings.map(({ rule, severity, line, column }) => [rule, severity, line, column]), [['markup', 'error', 1, 1]]);
    }
  }).timeout(120_000);

  it('ends on random mixtures, truncations and bytes', () => {
    const parts = Object.values(cases).flatMap(({ bad, trap }) => [...bad, ...trap]).map((text) => text.replace(/[«»]/g, ''));
    const start = Number(process.env['LAKE_TUTORIAL_FUZZ_SEED'] ?? 1 + Math.floor(Math.random() * 2 ** 30));
    let seed = start;
    const random = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    const until = performance.now() + 3000;
    for (let round = 0; round < 400 && performance.now() < until; round++) {
      let text = Array.from({ length: 1 + random(6) }, () => parts[random(parts.length)] ?? '').join(['\n', '\r\n', '', '\n\n> ', '\n    '][random(5)]);
      text = text.slice(random(20), text.length - random(60));
      if (round % 5 === 0) text = new TextDecoder(round % 2 ? 'utf-8' : 'utf-16le').decode(Buffer.from(text).map((byte) => (random(20) === 0 ? random(256) : byte)));
      const name = `LAKE_TUTORIAL_FUZZ_SEED=${start}, round ${round}: ${JSON.stringify(text)}`;
      try {
        within(name, text);
        fixAll(text);
      } catch (error) {
        assert.fail(`${name}: ${String(error)}`);
      }
    }
    assert.ok(rules.length > 25);
  }).timeout(60_000);
});
