import assert from 'node:assert/strict';
import { Clock, parseSchedule } from '../../../../src/sandbox/kernel/clock.ts';

const from = Date.parse('2026-11-24T03:30:00Z');
const times = (expression: string, count: number): string[] => {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  let at: number | undefined = from;
  while (found.length < count && (at = schedule.next(at)) !== undefined) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
};

describe('schedules as AWS writes them', () => {
  it('cron in UTC: steps from a number, Sunday is 1, last and nearest days, years', () => {
    assert.deepEqual(times('cron(0/59 * * * ? *)', 3), ['2026-11-24T03:59', '2026-11-24T04:00', '2026-11-24T04:59']);
    assert.deepEqual(times('cron(59 * * * ? *)', 2), ['2026-11-24T03:59', '2026-11-24T04:59']);
    assert.deepEqual(times('cron(0 9 ? * 1 *)', 1), ['2026-11-29T09:00']);
    assert.deepEqual(times('cron(0 9 ? * L *)', 1), ['2026-11-28T09:00']);
    assert.deepEqual(times('cron(0 9 ? * 6L *)', 1), ['2026-11-27T09:00']);
    assert.deepEqual(times('cron(0 9 ? * 2#1 *)', 1), ['2026-12-07T09:00']);
    assert.deepEqual(times('cron(0 9 L * ? *)', 2), ['2026-11-30T09:00', '2026-12-31T09:00']);
    assert.deepEqual(times('cron(15 12 ? * MON-FRI *)', 2), ['2026-11-24T12:15', '2026-11-25T12:15']);
    assert.deepEqual(times('cron(0 10 * * ? 2028/2)', 1), ['2028-01-01T10:00']);
    assert.deepEqual(times('cron(0 10 * * ? 2020)', 1), []);
  });

  it('rates', () => {
    assert.deepEqual(times('rate(2 minutes)', 2), ['2026-11-24T03:32', '2026-11-24T03:34']);
    assert.deepEqual(times('rate(1 day)', 1), ['2026-11-25T03:30']);
  });

  it('refuses what AWS refuses', () => {
    for (const wrong of ['', 'every day', 'rate(0 minutes)', 'rate(1 minutes)', 'rate(2 minute)', 'rate(5 seconds)', 'cron(* * * * *)', 'cron(0 9 * * * *)', 'cron(0 9 ? * ? *)', 'cron(61 * * * ? *)']) {
      assert.throws(() => parseSchedule(wrong), Error, wrong);
    }
  });
});

describe('the clock of the schedules', () => {
  it('pushed forward, does all that is due on the way, in order, and waits for each', async () => {
    const clock = new Clock();
    const start = clock.now();
    const done: string[] = [];
    const at = (name: string) => async (due: number) => {
      assert.ok(clock.now() >= due, 'time has come');
      await new Promise((resolve) => setImmediate(resolve));
      done.push(`${name} ${Math.round((due - start) / 60_000)}`);
    };
    clock.every(parseSchedule('rate(2 minutes)'), at('two'));
    const three = clock.every(parseSchedule('rate(3 minutes)'), at('three'));
    assert.equal(Math.round(((clock.next() ?? 0) - start) / 60_000), 2);
    assert.equal(await clock.advance(5.5 * 60_000), 3);
    assert.deepEqual(done, ['two 2', 'three 3', 'two 4']);
    three.cancel();
    const [first, second] = await Promise.all([clock.advance(60_000), clock.advance(2 * 60_000)]);
    assert.deepEqual([first, second, done.slice(3)], [1, 1, ['two 6', 'two 8']]);
    // Of what was pushed the time counts that it took to do it.
    assert.ok(clock.now() - start >= 8.5 * 60_000);
    clock.stop();
    assert.equal(await clock.advance(3_600_000), 0);
  });

  it('does what is due without being pushed, and goes on after a failure', async () => {
    const lines: string[] = [];
    const clock = new Clock((line) => lines.push(line));
    await new Promise<void>((resolve) => {
      let times = 0;
      clock.every({ next: (after) => after + 5 }, () => {
        times += 1;
        if (times === 3) {
          resolve();
        }
        throw new Error('broken');
      });
      setTimeout(() => undefined, 5_000).unref();
      const alive = setInterval(() => times >= 3 && clearInterval(alive), 5);
    });
    clock.stop();
    assert.match(lines[0] ?? '', /broken/);
  });

  it('stops where it is when aborted', async () => {
    const clock = new Clock();
    const stop = new AbortController();
    clock.every(parseSchedule('rate(1 minute)'), () => stop.abort());
    assert.equal(await clock.advance(3_600_000, stop.signal), 1);
    assert.ok(clock.now() - Date.now() < 2 * 60_000);
    clock.stop();
  });
});
