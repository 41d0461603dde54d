import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { uvConfiguration } from '../../../../src/sandbox/control/python-environment.ts';

describe('the configuration of pip, for uv', () => {
  it('has the indexes, certificates and limits, the environment before the command before the rest', () => {
    const listed = [
      ":env:.cert='/etc/company.pem'",
      ":env:.default-timeout='180'",
      "global.index-url='https://packages.example/simple'",
      "global.cert='/etc/other.pem'",
      "install.index-url='https://user:secret@packages.example/simple'",
      "global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'",
      "global.find-links='/opt/a /opt/b'",
      "global.trusted-host='packages.example'",
      "freeze.timeout='10'",
      'not a line of it',
    ].join('\r\n');
    assert.deepEqual(uvConfiguration(listed), {
      UV_DEFAULT_INDEX: 'https://user:secret@packages.example/simple',
      UV_INDEX: 'https://one.example/simple https://two.example/simple',
      UV_FIND_LINKS: '/opt/a,/opt/b',
      SSL_CERT_FILE: '/etc/company.pem',
      UV_INSECURE_HOST: 'packages.example',
      UV_HTTP_TIMEOUT: '180',
      UV_INDEX_STRATEGY: 'unsafe-best-match',
    });
  });
  it('is nothing where pip has none, and knows what is off', () => {
    assert.deepEqual(uvConfiguration(''), { UV_INDEX_STRATEGY: 'unsafe-best-match' });
    assert.deepEqual(uvConfiguration(":env:.no-index='0'\nglobal.no-cache-dir='true'"), { UV_NO_CACHE: '1', UV_INDEX_STRATEGY: 'unsafe-best-match' });
  });
});

describe("the locks of the sandbox's packages", () => {
  for (const name of ['installer-requirements', 'requirements', 'engine-requirements']) {
    it(`${name}: every package has one version for each Python, and hashes`, async () => {
      const lock = await readFile(new URL(`../../../../src/sandbox/control/${name}.txt`, import.meta.url), 'utf8');
      const asked = await readFile(new URL(`../../../../src/sandbox/control/${name}.in`, import.meta.url), 'utf8');
      const entries = lock.split(/\n(?=\S)/).filter((entry) => !entry.startsWith('#'));
      assert.ok(entries.length > 0);
      for (const entry of entries) {
        assert.match(entry, /^[\w.-]+==\S+.* \\\n(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\\n|\n?$))+/, entry.slice(0, 80));
      }
      for (const [, wanted = ''] of asked.matchAll(/^([\w-]+(?:\[\w+\])?==[\w.]+)/gm)) {
        assert.ok(lock.includes(`\n${wanted.replace(/\[\w+\]/, '')} `), `${wanted} is locked: npm run lock`);
      }
    });
  }
});
