import assert from 'node:assert/strict';
import { installsPostgres } from '../../../../../src/sandbox/services/ec2/instances.ts';
import { readPsql } from '../../../../../src/sandbox/services/ec2/psql.ts';
import { runScript, type Invocation } from '../../../../../src/sandbox/services/ec2/script-interpreter.ts';
import { ScriptError } from '../../../../../src/sandbox/services/ec2/script-reader.ts';

/** Runs a script on an instance whose psql says what it was given. */
async function run(script: string, options: { psql?: (call: Invocation) => number; skip?: boolean; signal?: AbortSignal } = {}) {
  const calls: { user: string; args: readonly string[]; input: string; environment: Record<string, string> }[] = [];
  const result = await runScript(script, {
    command: (call) => {
      if (call.name !== 'psql') {
        return undefined;
      }
      calls.push({ user: call.user, args: call.args, input: call.input, environment: Object.fromEntries(call.environment) });
      return Promise.resolve(options.psql?.(call) ?? 0);
    },
    unknown: (name) => {
      if (options.skip) {
        return 0;
      }
      throw new ScriptError(`${name}: not here`);
    },
    signal: options.signal ?? new AbortController().signal,
  });
  return { ...result, calls };
}
const output = async (script: string): Promise<string> => (await run(script)).stdout;

describe('scripts on instances', () => {
  it('print', async () => {
    assert.equal(await output('echo one  two; echo -n "a  b"; echo; printf "%s-%s\\n" 1 2 3 4\n'), 'one two\na  b\n1-2\n3-4\n');
    assert.equal(await output("cat <<'E'\n$x `y`\nE\necho after"), '$x `y`\nafter\n');
    assert.equal(await output('x=5\ncat <<-E\n\t$x ${x}6 ${y:-none}\n\tE\n'), '5 56 none\n');
    assert.equal(await output('cat <<A; cat <<B\n1\nA\n2\nB\necho 3'), '1\n2\n3\n');
  });

  it('have variables, substitutions and quotes', async () => {
    assert.equal(await output('a="x y"; echo $a "$a" \'$a\' a\\ b'), 'x y x y $a a b\n');
    assert.equal(await output('for i in $(seq 2 4) "5 6"; do echo "<$i>"; done'), '<2>\n<3>\n<4>\n<5 6>\n');
    assert.equal(await output('echo "$(echo inner; echo two)" `echo back` # a comment\n# another'), 'inner\ntwo back\n');
  });

  it('have conditions and loops', async () => {
    assert.equal(await output('if [ -z "$x" ]; then echo empty; elif true; then echo no; else echo no; fi'), 'empty\n');
    assert.equal(await output('true && echo and || echo or; false && echo and || echo or; ! false && echo not'), 'and\nor\nnot\n');
    assert.equal(await output('for i in 1 2 3; do [ $i = 2 ] && continue; [ $i = 3 ] && break; echo $i; done; echo end'), '1\nend\n');
    let tries = 0;
    const { stdout, calls } = await run('until x=$(psql -c "SELECT 1"); do sleep 10; done; echo "$x"', {
      psql: (call) => {
        tries += 1;
        call.out(`try ${tries}\n`);
        return tries < 3 ? 2 : 0;
      },
    });
    assert.equal(stdout, 'try 3\n');
    assert.equal(calls.length, 3);
  });

  it('end at a failure where they say so, and nowhere else', async () => {
    assert.deepEqual(await run('set -e\nfalse || echo kept\nif false; then :; fi\nfalse\necho lost').then(({ stdout, status }) => [stdout, status]), ['kept\n', 1]);
    assert.deepEqual(await run('false\necho on; exit 7; echo lost').then(({ stdout, status }) => [stdout, status]), ['on\n', 7]);
    assert.equal((await run('set -o pipefail; false | true')).status, 1);
    assert.equal((await run('false | true')).status, 0);
  });

  it('give psql its user, its input and its environment', async () => {
    const { calls } = await run(`
      cd /tmp && sudo -u postgres psql -qAt -d shop <<'SQL' 2>&1
SELECT '$1';
SQL
      { printf "\\\\set p '%s'\\n" "it's"; cat <<'SQL'
SELECT :'p';
SQL
      } | sudo -iu postgres psql
      su - postgres -c "psql -c 'SELECT 2'"
      PGPASSWORD=secret psql -h localhost -U app
      cat > /tmp/init.sql <<'SQL'
SELECT 3;
SQL
      runuser -u postgres -- psql -f /tmp/init.sql`);
    assert.deepEqual(calls.map(({ user, args, input }) => [user, args.join(' '), input]), [
      ['postgres', '-qAt -d shop', "SELECT '$1';\n"],
      ['postgres', '', "\\set p 'it's'\nSELECT :'p';\n"],
      ['postgres', '-c SELECT 2', ''],
      ['root', '-h localhost -U app', ''],
      ['postgres', '-f /tmp/init.sql', ''],
    ]);
    assert.deepEqual(calls[3]?.environment, { PGPASSWORD: 'secret' });
  });

  it('start no program, read no file and write none', async () => {
    const { status, stderr, stdout } = await run('echo before; touch /tmp/x; echo after');
    assert.deepEqual([status, stdout, stderr], [127, 'before\n', 'touch: not here\n']);
    assert.deepEqual(await run('cat /etc/passwd || echo none').then((result) => [result.stdout, result.stderr]), ['none\n', 'cat: /etc/passwd: No such file or directory\n']);
    assert.equal((await run('$(echo rm) -rf x; eval "touch x"')).status, 127);
    // Of user data, what the sandbox sees to itself is left out.
    assert.equal((await run('dnf install -y x; [ -f /var/lib/y ] || make-it; echo done', { skip: true })).stdout, 'done\n');
  });

  it('are ended by whoever runs them', async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 50);
    await assert.rejects(run('while true; do sleep 1; done', { signal: ending.signal }), /enough/);
    assert.match((await run('while true; do :; done')).stderr, /ended after/);
  });

  it('that cannot be read say where', async () => {
    for (const script of ['echo "open', 'cat <<E\nno end', 'case x in esac', 'f() { :; }', 'for x in a(b); do :; done', '( echo', 'if true; then', 'echo $((1 + 1))', '; echo', 'echo )', '<<E', '${x%y}', '`']) {
      const { status, stderr } = await run(`echo 1\n${script}`);
      assert.ok(status === 2 && stderr.startsWith('line '), `${script}: ${status} ${stderr}`);
    }
  });
});

describe('psql on instances', () => {
  const read = (args: string[], input = '', environment: Record<string, string> = {}) => readPsql({ args, user: 'postgres', input, environment: new Map(Object.entries(environment)), files: new Map([['/tmp/a.sql', 'SELECT 1;']]) });

  it('keeps SQL, values and passwords out of the arguments', () => {
    const call = read(['-XqAt', '-v', "password=it's \\ secret", '-c', "ALTER ROLE a PASSWORD 'secret'", '-dshop', '--username=app'], '', { PGPASSWORD: 'secret' });
    assert.ok(!call.args.join(' ').includes('secret'), call.args.join(' '));
    assert.equal(call.input, "\\set password 'it''s \\\\ secret'\n\\set ON_ERROR_STOP 1\nALTER ROLE a PASSWORD 'secret'\n");
    assert.deepEqual([call.database, call.user, call.password, call.failsWith], ['shop', 'app', 'secret', 1]);
  });

  it('takes names and files as psql does', () => {
    assert.deepEqual([read(['shop', 'app']).database, read(['shop', 'app']).user, read([]).database], ['shop', 'app', 'postgres']);
    assert.equal(read(['-f', '/tmp/a.sql']).input, 'SELECT 1;\n');
    assert.throws(() => read(['-f', '/etc/passwd']), /No such file/);
    assert.throws(() => read(['-d', 'host=elsewhere']), /connection string/);
    assert.throws(() => read(['-o', 'file']), /-o/);
    assert.throws(() => read(['--log-file=x']), /--log-file/);
  });

  it('does nothing to the machine that it runs on', () => {
    for (const sql of ['\\! ls', 'SELECT 1 \\! ls', '\\o file', '\\i file', '\\copy a from b', '\\set x `ls`', 'SELECT 1 \\g |sh', '\\c - - elsewhere 5432', '\\setenv A b', '\\w file', "COPY a FROM PROGRAM 'ls'", "copy a to program\n'ls'", "SELECT '\\'; \\! ls"]) {
      assert.throws(() => read([], sql), /does not do/, sql);
      assert.throws(() => read([], `COPY a FROM stdin;\n\\N\n\\.\n${sql}`), /does not do/, sql);
    }
    for (const sql of ["\\set a 'b'", 'SELECT 1 \\gexec', '\\d+ t', '\\c shop', "SELECT E'\\! \\' \\! ';", "SELECT '\\!', $$ \\! $$, $a$ \\! $a$ -- \\!\n/* \\! */;", 'COPY a FROM stdin;\n1\t\\N\n\\.\nSELECT 1', "SELECT 'copy from program ''x'''"]) {
      assert.doesNotThrow(() => read([], sql), sql);
    }
  });
});

describe('user data', () => {
  it('that install a PostgreSQL server are known', () => {
    for (const script of ['until dnf install -y postgresql17-server postgresql17; do :; done', 'yum -y install postgresql-server', 'apt-get update && apt-get install -y postgresql', 'apt install -y curl \\\n  postgresql-16', 'amazon-linux-extras install postgresql14']) {
      assert.ok(installsPostgres(`#!/bin/bash\n${script}\n`), script);
    }
    for (const script of ['', 'dnf install -y postgresql17', 'apt-get install -y postgresql-client', '# dnf install postgresql-server', 'echo postgresql-server', 'dnf install httpd; echo postgresql-server']) {
      assert.ok(!installsPostgres(`#!/bin/bash\n${script}\n`), script);
    }
  });
});
