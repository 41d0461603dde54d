import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sharedPython } from '../../support.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

interface Figures {
  readonly asked: number;
  readonly same: number;
  readonly otherType: number;
  readonly otherValue: number;
  readonly refused: number;
  readonly otherError: number;
  readonly taken: number;
}

describe('sandbox: Athena beside Trino', () => {
  it('answers the recorded questions as a real Trino did', async function () {
    this.timeout(120_000);
    const { stdout } = await run(await sharedPython(), [join(here, 'recorded.py'), join(here, 'recorded.jsonl')], { env: { ...process.env, PYTHONPATH: join(here, '../../../../../src') }, maxBuffer: 64 * 1024 * 1024 });
    const lines = stdout.trim().split('\n');
    const figures = JSON.parse(lines.at(-1) ?? '{}') as Figures;
    console.log(`    Trino's answers: ${figures.same} of ${figures.asked} the same, ${figures.otherValue} other values, ${figures.otherType} other types, ${figures.refused} refused, ${figures.taken} taken, ${figures.otherError} other errors`);
    const others = lines.slice(0, -1).join('\n');
    assert.ok(figures.asked > 1_800, others);
    // A wrong value is worse than a refusal: there is none.
    assert.equal(figures.otherValue, 0, others);
    assert.equal(figures.otherType, 0, others);
    assert.ok(figures.same >= 0.985 * figures.asked, others);
  });
});
