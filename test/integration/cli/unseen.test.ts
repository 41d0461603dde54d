import assert from 'node:assert/strict';
import { anyCredentials, cli, commandsAt, documentOf } from '../support/cli.ts';
import { bareMoto } from '../support/moto.ts';
import { refusal, startRelay, type Relay } from '../support/relay.ts';

interface DownDocument {
  readonly removed: readonly string[];
  readonly left: readonly { readonly id: string; readonly why: string }[];
  readonly failed: readonly { readonly id: string; readonly why: string }[];
}

/** Of each service something that is there after `up`, and the permission to ask for. */
const services: Readonly<Record<string, readonly [resource: string, permission: RegExp]>> = {
  ec2: ['instance', /ec2:DescribeInstances/],
  s3: ['bucket', /s3:/],
  iam: ['admin-user', /iam:GetUser/],
  ssm: ['database-password', /ssm:/],
  events: ['schedule', /events:/],
  lakeformation: ['lake-location', /lakeformation:/],
  athena: ['work-group', /athena:/],
  glue: ['workflow', /glue:/],
  lambda: ['inserter', /lambda:/],
};

/** A call that only looks. */
const looks = /^(Get|List|Describe|HEAD |GET )|^POST \/(Get|List|Describe)/;

describe('CLI: what may not be looked at is not gone', function () {
  this.timeout(300_000);
  let relay: Relay;
  const deny = (service: string): void => {
    relay.intercept = (call) => (call.service === service && looks.test(call.name) ? refusal(call, 'AccessDenied', `not authorized to perform: ${service}:${call.name}`, 403) : undefined);
  };
  const down = (code: number) => cli(['down', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials }).then((outcome) => documentOf<DownDocument>(outcome, code));

  before(async () => {
    relay = await startRelay((await bareMoto()).endpoint);
    await commandsAt(['--endpoint', relay.endpoint]).up();
  });
  after(() => relay.stop());

  for (const [service, [resource, permission]] of Object.entries(services)) {
    it(`${service}: the plan and the verification do not say that it is not there`, async () => {
      deny(service);
      const { actions } = documentOf<{ actions: { resource: string; action: string }[] }>(await cli(['plan', '--endpoint', relay.endpoint, '--json'], { env: anyCredentials }), 0);
      assert.equal(actions.find((each) => each.resource === resource)?.action, 'unknown');
      const outcome = await cli(['verify', '--endpoint', relay.endpoint, '--step', 'teardown', '--json'], { env: anyCredentials });
      assert.notEqual(outcome.code, 0);
      assert.match(outcome.stdout, permission);
    });
  }

  it('down ends with 3 and names each thing, why nobody knows, and what to ask for; with the rights it removes all', async () => {
    // One after the other on one lake: what each leaves is there for the next.
    for (const [service, [resource, permission]] of Object.entries(services)) {
      deny(service);
      const { left, failed, removed } = await down(3);
      const unseen = left.find(({ id }) => id === resource);
      assert.match(unseen?.why ?? '', /^Not known whether it is still there\./, `${service}: ${JSON.stringify({ left, failed, removed })}`);
      assert.match(unseen?.why ?? '', permission);
      relay.intercept = undefined;
      await commandsAt(['--endpoint', relay.endpoint]).up();
    }
    relay.clear();
    const { failed, removed } = await down(0);
    assert.deepEqual(failed, []);
    assert.ok(removed.includes('bucket') && removed.includes('instance'));
  });
});
