import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isRunning } from '../../../../src/sandbox/kernel/processes.ts';

describe('processes', () => {
  let child: ChildProcess;
  const path = process.env['PATH'];
  beforeEach(async () => {
    child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)', 'a folder of ours']);
    await once(child.stdout!, 'data');
  });
  afterEach(() => {
    process.env['PATH'] = path;
    child.kill('SIGKILL');
  });

  it('are known by what they were started with', () => {
    assert.equal(isRunning(child.pid!, 'a folder of ours'), true);
    assert.equal(isRunning(child.pid!, 'a folder of others'), false);
  });

  it('are known on a Linux without ps, such as a slim container', function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    process.env['PATH'] = '';
    assert.equal(isRunning(child.pid!, 'a folder of ours'), true);
  });

  it('are none of ours once they have ended', async () => {
    const { pid } = child;
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isRunning(pid!, ''), false);
  });
});
