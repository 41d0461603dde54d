import assert from 'node:assert/strict';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { BatchRevokePermissionsCommand, GrantPermissionsCommand, ListPermissionsCommand, type Resource } from '@aws-sdk/client-lakeformation';
import { clientConfig, temporaryState } from '../sandbox/support.ts';
import { cli, codesOf, commandsAt, documentOf, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { refusal, startRelay, type Relay } from '../support/relay.ts';

interface User {
  readonly Arn: string;
  readonly UserName: string;
  readonly Role: string;
  readonly PrincipalId: string;
}

describe('CLI: who sees the lake in QuickSight', function () {
  this.timeout(300_000);
  let remove: (() => Promise<void>) | undefined;
  let relay: Relay;
  let run: ReturnType<typeof commandsAt>;
  let clients: Clients;
  let userId = '';
  let users: readonly User[] = [];
  /** What create calls of QuickSight gave access to, and the batches of grants as they passed. */
  let shared: string[] = [];
  let batches: number[] = [];

  const user = (name: string, Role: string, principal = `AIDA${name}`): User =>
    ({ Arn: `arn:aws:quicksight:us-east-2:000000000000:user/default/${name}`, UserName: name, Role, PrincipalId: `federated/iam/${principal}` });
  const tables: Resource = { Table: { DatabaseName: 'lake_tutorial', TableWildcard: {} } };
  /** Also what Lake Formation lists apart: SELECT, as on all columns. */
  async function granted(): Promise<string[]> {
    const { PrincipalResourcePermissions } = await clients.lakeFormation.send(new ListPermissionsCommand({ Resource: tables }));
    return [...new Set((PrincipalResourcePermissions ?? []).map(({ Principal }) => Principal?.DataLakePrincipalIdentifier ?? ''))].filter((arn) => arn.includes(':quicksight:')).map((arn) => arn.split('/').pop() ?? '').sort();
  }

  before(async () => {
    const temporary = await temporaryState();
    remove = temporary.remove;
    const { endpoint } = documentOf<{ endpoint: string }>(await cli(['sandbox', 'start', '--control-plane-only', '--state', temporary.state, '--json']), 0);
    relay = await startRelay(endpoint);
    clients = clientsFor(endpoint);
    userId = (await new STSClient(clientConfig(endpoint)).send(new GetCallerIdentityCommand({}))).UserId ?? '';
    run = commandsAt(['--endpoint', relay.endpoint]);
    relay.intercept = (call) => {
      if (/^GET .*\/namespaces\/default\/users$/.test(call.name)) {
        // Source: cloud-custodian/cloud-custodian#10168, 2026-11-28
        if (call.region !== 'eu-central-1') {
          return refusal(call, 'AccessDenied', `Operation is being called from endpoint ${call.region}, but your identity region is eu-central-1. Please use the eu-central-1 endpoint.`, 403);
        }
        const at = Number(/next-token=(\d+)/.exec(call.path)?.[1] ?? 0);
        const UserList = users.slice(at, at + 20);
        return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ UserList, Status: 200, ...(at + 20 < users.length && { NextToken: String(at + 20) }) }) };
      }
      if (/^POST .*\/(data-sources|data-sets|dashboards\/[\w-]+)$/.test(call.name)) {
        const { Permissions = [] } = JSON.parse(call.body) as { Permissions?: { Principal: string }[] };
        shared.push(...Permissions.map(({ Principal }) => Principal.split('/').pop() ?? ''));
      }
      if (/BatchGrantPermissions/.test(call.name)) {
        batches.push((JSON.parse(call.body) as { Entries: unknown[] }).Entries.length);
      }
      return undefined;
    };
  });
  beforeEach(() => {
    shared = [];
    batches = [];
  });
  after(async () => {
    await relay?.stop();
    await remove?.();
  });

  it('is whoever provisions it, in whatever region the users are kept, also on the second page of users, and nobody else', async () => {
    users = [...Array.from({ length: 22 }, (_, index) => user(`someone-${index}`, index === 0 ? 'ADMIN' : 'READER')), user('me', 'AUTHOR', userId)];
    assert.deepEqual(inState(await run.up('--step', 'visualize'), 'failed', 'blocked'), []);
    assert.deepEqual([...new Set(shared)], ['me']);
    assert.deepEqual(await granted(), ['me']);
  });

  it('a grant that was revoked is found and given again', async () => {
    const [principal] = users.filter(({ UserName }) => UserName === 'me').map(({ Arn }) => Arn);
    await clients.lakeFormation.send(new BatchRevokePermissionsCommand({ Entries: [{ Id: '0', Principal: { DataLakePrincipalIdentifier: principal }, Resource: tables, Permissions: ['SELECT', 'DESCRIBE'] }] }));
    assert.deepEqual(await granted(), []);
    assert.deepEqual(codesOf(await run.verify(1, '--step', 'visualize')), ['grant.missing']);
    assert.deepEqual(inState(await run.up('--step', 'visualize'), 'updated'), ['quicksight-data-set']);
    assert.deepEqual(await granted(), ['me']);
  });

  it('loses access with the data set, whoever the users are by then; who had it from somebody else keeps it', async () => {
    await clients.lakeFormation.send(new GrantPermissionsCommand({ Principal: { DataLakePrincipalIdentifier: user('analyst', 'READER').Arn }, Resource: tables, Permissions: ['DESCRIBE'] }));
    users = [user('analyst', 'ADMIN')];
    const { failed } = await run.down('--step', 'visualize');
    assert.deepEqual(failed, []);
    assert.deepEqual(await granted(), ['analyst']);
  });

  it('is the administrators of QuickSight where the caller is no user of it, however many, in batches that Lake Formation takes', async () => {
    users = [...Array.from({ length: 25 }, (_, index) => user(`admin-${index}`, index % 2 ? 'ADMIN' : 'ADMIN_PRO')), user('reader', 'READER')];
    assert.deepEqual(inState(await run.up('--step', 'visualize'), 'failed', 'blocked'), []);
    assert.equal((await granted()).filter((name) => name.startsWith('admin-')).length, 25);
    assert.ok(!(await granted()).includes('reader') && !shared.includes('reader'));
    assert.ok(Math.max(...batches) <= 20, batches.join());
    await run.down('--step', 'visualize');
    assert.deepEqual(await granted(), ['analyst']);
  });
});
