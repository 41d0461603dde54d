import assert from 'node:assert/strict';
import type { SandboxStatus } from '../../src/sandbox/control/sandbox.ts';
import { api, command } from './support.ts';

const states = async (): Promise<Readonly<Record<string, string>>> => (await api()).walkthrough.states();

// The last suite: it stops the sandbox that the others use.
describe('the sandbox from the editor', () => {
  it('unticks when it is stopped, and has everything again when it is started', async () => {
    await command('lakeTutorial.provision.bucket');
    assert.equal((await command<SandboxStatus>('lakeTutorial.stopSandbox')).state, 'stopped');
    assert.deepEqual(await states(), {});
    const { state, endpoint } = await command<SandboxStatus>('lakeTutorial.startSandbox', { controlPlaneOnly: true });
    assert.equal(state, 'running');
    assert.equal((await states())['bucket'], 'done');
    assert.equal((await command<SandboxStatus>('lakeTutorial.sandboxStatus')).endpoint, endpoint);
  });

  it('is empty after a reset', async () => {
    assert.equal((await command<SandboxStatus>('lakeTutorial.resetSandbox', { yes: true })).state, 'stopped');
    await command('lakeTutorial.startSandbox', { controlPlaneOnly: true });
    assert.equal((await states())['bucket'], 'missing');
  });
});
