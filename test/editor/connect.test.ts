import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Identity } from '../../src/aws/identity.ts';
import { sandboxStatus } from '../../src/sandbox/control/sandbox.ts';
import { api, command, failureOf } from './support.ts';

const deadEndpoint = 'http://127.0.0.1:1';

describe('connecting', () => {
  before(() => {
    // The usual chain's credentials, for endpoints that are not our own sandbox.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'anything', AWS_EC2_METADATA_DISABLED: 'true' });
  });

  after(async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await command('lakeTutorial.connect', { target: 'sandbox', region: 'us-east-2' });
  });

  it('says who one is, and saves the choice in the user\'s settings', async () => {
    const identity = await command<Identity>('lakeTutorial.connect', { target: 'sandbox', region: 'eu-west-1' });
    assert.equal(identity.accountId, '000000000000');
    assert.equal(vscode.workspace.getConfiguration().inspect('lakeTutorial.region')?.globalValue, 'eu-west-1');
  });

  it('looks at no AWS account by itself before the user connected to it', async () => {
    const { endpoint } = await sandboxStatus();
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update('lakeTutorial.target', 'aws', vscode.ConfigurationTarget.Global);
    await configuration.update('lakeTutorial.endpoint', endpoint, vscode.ConfigurationTarget.Global);
    const { walkthrough } = await api();
    await walkthrough.settled();
    assert.deepEqual(walkthrough.states(), {});
    await command('lakeTutorial.connect', { target: 'aws', endpoint, region: 'us-east-2' });
    assert.equal(walkthrough.states()['bucket'], 'missing');
  });

  it('refuses what is no region', async () => {
    const { code, next } = await failureOf('lakeTutorial.connect', { target: 'sandbox', region: 'middle earth' });
    assert.equal(code, 'region.invalid');
    assert.ok(next);
  });

  it('says in words that an endpoint is down', async () => {
    const failure = await failureOf('lakeTutorial.connect', { target: 'sandbox', region: 'us-east-2', endpoint: deadEndpoint });
    assert.equal(failure.code, 'aws.unreachable');
    assert.ok(failure.next);
    assert.doesNotMatch(failure.message, /\n\s+at /);
    assert.equal((await failureOf('lakeTutorial.verifyAll')).code, 'aws.unreachable');
    assert.equal((await failureOf('lakeTutorial.provision.bucket')).code, 'aws.unreachable');
  });
});
