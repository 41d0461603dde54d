import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { junit } from '../../src/junit.ts';

describe('JUnit XML', () => {
  it('counts what passed, failed and was skipped', () => {
    const text = junit({
      name: 'A lake',
      cases: [
        { name: 'bucket', seconds: 1.25, failures: [] },
        { name: 'zones', failures: [{ message: 'not there', text: 'not there\nfix', file: 'lake.md', line: 7 }] },
        { name: 'rows', classname: 'later', failures: [], skipped: 'nothing to check' },
      ],
    });
    assert.equal(text, [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="A lake" tests="3" failures="1" errors="0" skipped="1" time="1.250">',
      '  <testsuite name="A lake" tests="3" failures="1" errors="0" skipped="1" time="1.250">',
      '    <testcase name="bucket" classname="A lake" time="1.250"/>',
      '    <testcase name="zones" classname="A lake">',
      '      <failure message="not there" type="failure" file="lake.md" line="7">lake.md:7: not there\nfix</failure>',
      '    </testcase>',
      '    <testcase name="rows" classname="later">',
      '      <skipped message="nothing to check"/>',
      '    </testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'));
  });

  it('is well-formed whatever it is told, and says it again', () => {
    const nasty = 'a<b>&"c\' ]]> \0\x1b[31m\ud800 \uffff\r\nñ 🪣\tend';
    const kept = 'a<b>&"c\' ]]> \ufffd\ufffd[31m\ufffd \ufffd\nñ 🪣\tend';
    const text = junit({ name: nasty, cases: [{ name: nasty, classname: nasty, failures: [{ message: nasty, text: nasty }], output: nasty }] });
    // Python's parser is a judge that knows nothing of ours.
    const script = 'import json, sys, xml.etree.ElementTree as e\nc = e.fromstring(sys.stdin.buffer.read()).find(".//testcase")\nf = c.find("failure")\nprint(json.dumps([c.get("name"), c.get("classname"), f.get("message"), f.text, c.find("system-out").text]))';
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [kept, kept, kept, kept, kept]);
  });
});
