import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check, fixAll, rules, type CheckOptions } from '../../../../src/authoring/index.ts';
import { cases } from './cases.ts';

const options = (id: string): CheckOptions => ({ only: [id], exists: (path) => path === 'there.png', kinds: ['bucket', 'role', 'schedule'] });
const unmark = (text: string): string => text.replace(/[«»]/g, '');
/** Where a text has the marks, those of quotes in the traps aside. */
const found = (text: string, id: string): string[] => check(text, options(id)).findings.map(({ start, end }) => text.slice(start, end));

describe('rules', () => {
  it('each have their page and their cases, and nothing else has', () => {
    const ids = rules.map(({ id }) => id).sort();
    assert.deepEqual(Object.keys(cases).sort(), ids);
    const pages = readdirSync(fileURLToPath(new URL('../../../../docs/rules/', import.meta.url)));
    assert.deepEqual(pages.filter((page) => page !== 'README.md').sort(), ids.map((id) => `${id}.md`).sort());
    const index = readFileSync(fileURLToPath(new URL('../../../../docs/rules/README.md', import.meta.url)), 'utf8');
    for (const { id, level } of rules) {
      assert.ok(index.includes(`[${id}](${id}.md)`), id);
      const page = readFileSync(fileURLToPath(new URL(`../../../../docs/rules/${id}.md`, import.meta.url)), 'utf8');
      assert.ok(page.startsWith(`# ${id}\n`) && page.includes(`Level: ${level}`) && page.includes(`lake:ignore ${id}`), id);
    }
  });
  for (const { id } of rules) {
    const { bad, good, trap, fixed = [] } = cases[id] ?? { bad: [], good: [], trap: [] };
    it(`${id}: finds what is wrong, at its place, and nothing in good text`, () => {
      for (const text of bad) {
        const plain = unmark(text);
        const expected = id === 'encoding' ? undefined : [...text.matchAll(/«([^»]*)»/g)].map((match) => match[1]);
        const actual = found(plain, id);
        if (expected) assert.deepEqual(actual, expected, plain);
        else assert.ok(actual.length > 0, plain);
      }
      for (const text of [...good, ...trap]) assert.deepEqual(found(text, id), [], text);
      for (const [index, right] of fixed.entries()) assert.equal(fixAll(unmark(bad[index] ?? ''), options(id)).text, right);
    });
  }
});
