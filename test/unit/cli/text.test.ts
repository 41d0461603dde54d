import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { chargedLines, costLines, doctorLines, downLines, explainLines, emptyRun, insertLines, planLines, queryLine, removalLines, sandboxLines, tickLines, upLines, verifyLines, labelOf } from '../../../src/cli/text.ts';
import { policies } from '../../../src/policies/policies.ts';
import { uses } from '../../../src/policies/uses.ts';
import { permissionsName } from '../../../src/provision/permissions.ts';
import type { VerifyResult } from '../../../src/provision/verify.ts';
import { comesByItself, doing, fine } from '../../../src/provision/words.ts';

const spanish = JSON.parse(readFileSync(new URL('../../../l10n/bundle.l10n.es.json', import.meta.url), 'utf8')) as Record<string, string>;

const planned = (resource: string, action: 'create' | 'update' | 'adopt' | 'none', reason: string) => ({ resource, step: 'zones', title: `The ${resource}`, action, reason });
const applied = (state: 'created' | 'updated' | 'unchanged') => ({ resource: state, step: 'zones', title: 'Zones', state, ms: 1 });

describe('what the CLI prints for people', () => {
  afterEach(() => l10n.config({ contents: {} }));

  describe('in Spanish', () => {
    beforeEach(() => l10n.config({ contents: spanish }));

    it('has no English words of actions and states', () => {
      assert.deepEqual((['create', 'update', 'adopt', 'none'] as const).map(labelOf), ['crear', 'actualizar', 'adoptar', 'nada']);
      assert.match(planLines({ actions: [planned('bucket', 'create', 'x')] }).join('\n'), /^zones {2}crear /);
      const up = upLines({ resources: [applied('created'), applied('updated'), applied('unchanged')], ms: 1, calls: 1, retries: 0, depth: 1 }).join('\n');
      assert.match(up, /creado[^]*actualizado[^]*sin cambios/);
      assert.match(verifyLines({ steps: (['done', 'nothing', 'missing', 'waiting', 'wrong', 'unknown'] as const).map((state) => ({ id: state, title: '', state, findings: [] })) }).join('\n'), /\(falta\)[^]*\(incorrecto\)[^]*\(hecho, falta su resultado\)[^]*\(desconocido\)[^]*\(hecho\)[^]*\(nada que comprobar\)/);
      assert.deepEqual((['removing', 'done', 'waiting'] as const).map(doing), ['eliminando', 'hecho', 'esperando']);
    });

    it('says how the sandbox is', () => {
      const status = { region: 'us-east-2', accountId: '000000000000', postgres: null, stateFolder: '' };
      assert.deepEqual(sandboxLines({ ...status, state: 'stopped', endpoint: null }), ['El sandbox está detenido.']);
      assert.deepEqual(sandboxLines({ ...status, state: 'running', endpoint: 'http://127.0.0.1:1' }), ['El sandbox está en marcha en http://127.0.0.1:1 (cuenta 000000000000).']);
    });

    it('tells one from many', () => {
      const tick = (ran: number, failed: number): string | undefined => tickLines({ ran, failed, errors: [], now: 'T' })[0];
      assert.equal(tick(1, 0), 'Se ejecutó 1 evento programado. Ahora son las T.');
      assert.equal(tick(3, 1), 'Se ejecutaron 3 eventos programados. 1 de ellos falló. Ahora son las T.');
      assert.deepEqual(insertLines({ inserted: 1, id: 7, ms: 2 }), ['Se insertó 1 fila; su id es 7 (2 ms).']);
    });
  });

  it('tells one from many', () => {
    assert.equal(tickLines({ ran: 1, failed: 0, errors: [], now: 'T' })[0], '1 scheduled event ran. It is T now.');
    assert.equal(queryLine(1, 0, 5), '1 row, 0 bytes read, 5 ms');
    assert.equal(queryLine(2, 0, 5), '2 rows, 0 bytes read, 5 ms');
  });

  it('plan: only what would be done or is wrong, with its title and id, and how many others there are', () => {
    const actions = [planned('bucket', 'none', fine()), planned('rows', 'none', comesByItself()), planned('inserter', 'create', 'It is not there yet.'), planned('schedule', 'none', 'The schedule is disabled.')];
    const lines = planLines({ actions });
    assert.match(lines[0] ?? '', /^zones +create +The inserter \(inserter\) +It is not there yet\.$/);
    assert.match(lines[1] ?? '', /The schedule is disabled\./, 'what is wrong and not mended is not hidden');
    assert.deepEqual(lines.slice(2), ['', 'There is nothing to do for 2 more.']);
    assert.deepEqual(planLines({ actions: actions.slice(0, 1) }), ['Nothing to do: everything is as it should be.']);
  });

  it('plan: what costs how much, and where nothing is charged', () => {
    const cost = { perHour: 0.0104, perRun: 0.147, currency: 'USD' as const, items: [{ resource: 'instance', what: 'EC2', perHour: 0.0104 }, { resource: 'crawler', what: 'Crawler', perRun: 0.147 }, { resource: 'bucket', what: 'S3: a little' }] };
    const lines = costLines({ cost }, false);
    assert.deepEqual(lines.map((line) => line.trim().replace(/ +/g, ' ')), ['EC2 0.0104 USD an hour, 7.59 USD a month', 'Crawler 0.147 USD a run', 'S3: a little', 'Cost: about 0.02 USD an hour, which is 7.59 USD a month, and 0.15 USD for each run.']);
    assert.match(costLines({ cost }, true)[0] ?? '', /sandbox: nothing is charged/);
    // What the sandbox has for nothing is in nobody's sum: texts, dialogs and the plan name one figure.
    const withQuickSight = costLines({ cost: { ...cost, perHour: 0.0434, items: [...cost.items, { resource: 'quicksight-dashboard', what: 'QuickSight', perHour: 0.033, consent: 'quicksight' }] } }, true);
    assert.deepEqual(withQuickSight.slice(-2), ['Cost: about 0.02 USD an hour, which is 7.59 USD a month, and 0.15 USD for each run.', 'QuickSight, for those who agree to it: 24.09 USD a month more.']);
    l10n.config({ contents: spanish });
    assert.match(costLines({ cost }, false).join('\n'), /0,0104 USD por hora, 7,59 USD al mes[^]*unos 0,02 USD por hora/);
  });

  it('down: a line a resource, before and after', () => {
    assert.deepEqual(removalLines('123456789012', ['S3 bucket', 'Schedule']).slice(1), ['  • S3 bucket', '  • Schedule']);
    assert.deepEqual(downLines({ removed: ['bucket'], left: [], failed: [], unseen: [], ms: 3 }, () => 'S3 bucket'), ['removed  S3 bucket (bucket)', '1 resource removed in 3 ms.']);
  });

  it('verify: a message and its remedy are two sentences', () => {
    assert.equal(verifyLines({ steps: [{ id: 'a', title: 'A', state: 'wrong', findings: [{ code: 'c', message: 'no providers', fix: 'Connect.' }] }] })[1], '    c: no providers. Connect.');
  });

  it('verify: problems first; why, where it was asked for; what follows from another step points there', () => {
    const finding = { code: 'job.setting', message: 'The job differs.', fix: 'Provision it again.', looked: 'The job', found: 'GlueVersion: 4.0', expected: 'GlueVersion: 5.0' };
    const result: VerifyResult = {
      steps: [
        { id: 'one', title: 'One', state: 'done', findings: [] },
        { id: 'two', title: 'Two', state: 'waiting', findings: [], looked: 'The table', found: 'No table.', expected: 'A table.' },
        { id: 'three', title: 'Three', state: 'wrong', findings: [finding] },
        { id: 'four', title: 'Four', state: 'missing', findings: [], looked: 'The job', found: 'It follows from "three".', expected: 'x', follows: 'three' },
      ],
    };
    assert.deepEqual(verifyLines(result), [
      '✗ three: Three (wrong)', '    job.setting: The job differs. Provision it again.',
      '· four: Four (missing)', '    It follows from "three".',
      '… two: Two (made, its result is still to come)',
      '✓ one: One (done)',
      '', '1 of 4 steps are done.',
    ]);
    assert.deepEqual(verifyLines({ steps: result.steps.slice(2) }, { detailed: true }).slice(0, 10), [
      '✗ three: Three (wrong)', '    job.setting:', '      looked at: The job', '      found: GlueVersion: 4.0', '      expected: GlueVersion: 5.0', '      what to do: Provision it again.',
      '· four: Four (missing)', '      looked at: The job', '      found: It follows from "three".', '      expected: x',
    ]);
    assert.match(verifyLines(result, { colored: true })[0] ?? '', /^\x1b\[31m✗\x1b\[0m three/);
  });

  it('run: without any row it says how to get some', () => {
    assert.match(emptyRun({ rows: { bronze: 0, silver: 0, gold: 0 } }) ?? '', /sandbox insert --rows 1000/);
    assert.equal(emptyRun({ rows: { bronze: 1, silver: 0, gold: 0 } }), undefined);
    assert.equal(emptyRun({ rows: { bronze: null, silver: 0, gold: 0 } }), undefined);
  });

  it('every policy has a line on what it is for', () => {
    assert.deepEqual(Object.keys(uses).sort(), [...policies.map(({ name }) => name), permissionsName].sort());
  });

  it('says what is charged, what could not be looked at, and that nothing is', () => {
    const none = { resources: [], perHour: 0, perRun: 0, currency: 'USD', soFar: 0, unknown: [] } as const;
    assert.deepEqual(chargedLines(none, false), ['Nothing of the tutorial is there that is charged.']);
    const unknown = [{ resource: 'instance', title: 'PostgreSQL on EC2', why: 'You are not allowed.', denied: true }];
    assert.deepEqual(chargedLines({ ...none, unknown }, false), ['not known  PostgreSQL on EC2 (instance): You are not allowed.']);
    const address = { resource: 'elastic-ip', step: 's', title: 'Elastic IP', perHour: 0.005, since: '2026-11-28T00:00:00.000Z', soFar: 0.12, what: ['Public IPv4 address'] };
    const lines = chargedLines({ ...none, resources: [address], perHour: 0.005, soFar: 0.12, unknown }, true);
    assert.match(lines[0] ?? '', /^The target is the sandbox/);
    assert.match(lines[1] ?? '', /^Elastic IP \(elastic-ip\) {2}0\.005 USD an hour, 3\.65 USD a month {2}since 2026-11-28T00:00:00\.000Z, 0\.12 USD by now {2}Public IPv4 address$/);
    assert.match(lines.join('\n'), /\nBy now: about 0\.12 USD.*\nWhat could not be looked at is in no sum\.$/);
  });

  it('says of each step what is missing; what holds for all of them, once', () => {
    const identity = { accountId: '111122223333', arn: 'arn:x', kind: 'user', partition: 'aws', region: 'us-east-2' } as const;
    const step = (id: string, detail: object) => ({ id, title: id, state: 'unknown' as const, missing: [], ...detail });
    const same = doctorLines({ identity, checks: [{ id: 'root', state: 'problem', why: 'You are root.', fix: 'Be another.' }], steps: [step('one', { why: 'Nobody knows.', fix: 'Go on.' }), step('two', { why: 'Nobody knows.', fix: 'Go on.' })] });
    assert.deepEqual(same, ['✗ root (stands in the way): You are root.', '    what to do: Be another.', '', '? one: one (unknown)', '? two: two (unknown)', '', 'Nobody knows.', '    what to do: Go on.']);
    const each = doctorLines({ identity, checks: [], steps: [step('one', { state: 'allowed' }), step('two', { state: 'denied', missing: ['s3:PutObject'], why: 'No policy.', fix: 'Ask.' })] });
    assert.deepEqual(each, ['', '✓ one: one (allowed)', '✗ two: two (denied)', '    missing: s3:PutObject', '    No policy.', '    what to do: Ask.']);
  });

  it('says each door, and at the end the one thing to do', () => {
    const lines = explainLines({ principal: 'P', action: 'SELECT', on: 'a.b', verdict: 'denied', refused: false, fix: 'Grant it.', layers: [{ layer: 'iam', state: 'ok', why: 'Allowed.' }, { layer: 'grant', state: 'missing', why: 'None.', fix: 'Grant it.' }] });
    assert.deepEqual(lines, ['✓ iam (in order): Allowed.', '✗ grant (missing): None.', '', 'P lacks SELECT on a.b.', 'what to do: Grant it.']);
  });
});
