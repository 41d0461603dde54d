import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunHistory, type RunRecord } from '../../../../../src/sandbox/services/glue/run-history.ts';
import { isMet } from '../../../../../src/sandbox/services/glue/workflows.ts';

interface Run extends RunRecord {
  state: string;
  note?: string;
}

describe('the history of what ran', () => {
  let folder: string;
  let file: string;
  const day = 86_400_000;
  const open = () => {
    const history = new RunHistory(file);
    return { history, runs: history.table<Run>('job') };
  };
  const run = (id: string, name = 'one', startedOn = Date.now()): Run => ({ id, region: 'us-east-2', name, startedOn, state: 'RUNNING' });
  const ids = (all: readonly Run[]) => all.map(({ id }) => id);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lake-history-'));
    file = join(folder, 'history.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('comes back as it was, without having been closed', () => {
    const { runs } = open();
    const first = runs.add(run('a'));
    runs.add(run('b'));
    runs.add(run('c', 'other'));
    runs.set(first, { state: 'SUCCEEDED', note: 'señal' }, true);
    runs.forget('us-east-2', 'other');
    const again = open().runs;
    assert.deepEqual(again.list('us-east-2', 'one'), [{ ...first }, runs.find('b')]);
    assert.deepEqual([again.find('c'), again.list('us-east-1', 'one'), again.get('us-east-2', 'two', 'a')], [undefined, [], undefined]);
  });

  it('loses no more than the line that a kill cut off, and goes on after it', () => {
    const { runs } = open();
    runs.add(run('a'));
    appendFileSync(file, '{"kind":"job","add":{"id":"torn"');
    const second = open();
    second.runs.add(run('b'));
    assert.deepEqual(ids(open().runs.list('us-east-2', 'one')), ['a', 'b']);
    assert.ok(!readFileSync(file, 'utf8').includes('torn'));
  });

  it('does not come back for what was forgotten, or once it is closed', () => {
    const { history, runs } = open();
    const one = runs.add(run('a'));
    runs.forget('us-east-2', 'one');
    runs.set(one, { state: 'SUCCEEDED' });
    history.close();
    runs.add(run('late'));
    assert.deepEqual([...open().runs.all()], []);
  });

  it('is bounded: by age, by number, and its file does not grow with what happens to a run', () => {
    const { runs } = open();
    runs.add(run('old', 'one', Date.now() - 91 * day));
    for (let at = 0; at < 2_100; at += 1) {
      runs.add(run(`run-${at}`));
    }
    const busy = runs.add(run('busy', 'two'));
    const note = 'x'.repeat(100_000);
    for (let at = 0; at < 200; at += 1) {
      runs.set(busy, { note });
    }
    assert.ok(statSync(file).size < 12_000_000, `${statSync(file).size} bytes`);
    const all = ids(open().runs.list('us-east-2', 'one'));
    assert.deepEqual([all.length, all[0], all.at(-1)], [2_000, 'run-100', 'run-2099']);
    assert.ok(statSync(file).size < 500_000);
    open().runs.add(run('old', 'three', Date.now() - 91 * day));
    assert.equal(open().runs.find('old'), undefined);
  });
});

describe('conditional triggers', () => {
  const conditions = [{ JobName: 'a', State: 'SUCCEEDED' }, { CrawlerName: 'a', CrawlState: 'FAILED' }];
  const trigger = (Logical: 'AND' | 'ANY' | undefined, Conditions = conditions) => ({ Name: 't', Type: 'CONDITIONAL' as const, State: 'ACTIVATED', Predicate: { ...(Logical && { Logical }), Conditions } });

  it('tell jobs from crawlers of the same name, ALL from ANY', () => {
    const both = new Map([['JOB a', 'SUCCEEDED'], ['CRAWLER a', 'FAILED']]);
    const one = new Map([['JOB a', 'SUCCEEDED'], ['CRAWLER a', 'SUCCEEDED']]);
    assert.deepEqual([isMet(trigger('AND'), both), isMet(trigger(undefined), both), isMet(trigger('AND'), one), isMet(trigger('ANY'), one)], [true, true, false, true]);
    assert.deepEqual([isMet(trigger('ANY'), new Map()), isMet(trigger('AND', []), both), isMet(trigger('ANY', []), both)], [false, false, false]);
  });
});
