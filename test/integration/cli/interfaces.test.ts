import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { anyCredentials, assertNoStack, cli, commandsAt } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';
import { bareMoto, type Moto } from '../support/moto.ts';
import { refusal, startRelay, type Relay } from '../support/relay.ts';

/** On AWS, Lambda and Glue take their network interfaces away some minutes after they need them no more, and with the role that they were made with. */
describe('CLI: down while Lambda and Glue still have network interfaces', function () {
  this.timeout(120_000);
  let moto: Moto;
  let relay: Relay;
  let clients: Clients;
  let run: ReturnType<typeof commandsAt>;
  const descriptions = ['AWS Lambda VPC ENI-lake-tutorial-inserter-0f0e', 'Attached to Glue using role: arn:aws:iam::123456789012:role/LakeFormationWorkflowRole'];
  const roles = ['LakeTutorialInserter', 'LakeFormationWorkflowRole'];

  before(async () => {
    moto = await bareMoto();
    relay = await startRelay(moto.endpoint);
    clients = clientsFor(moto.endpoint);
    run = commandsAt(['--endpoint', relay.endpoint]);
  });
  beforeEach(async () => {
    relay.clear();
    await moto.reset();
    await run.up();
  });
  after(() => relay?.stop());

  const rolesLeft = async (): Promise<string[]> => ((await clients.iam.send(new ListRolesCommand({}))).Roles ?? []).map(({ RoleName = '' }) => RoleName).filter((name) => roles.includes(name));

  /** The interfaces are seen this many times once the function is gone; until then the group cannot be deleted. Records what was deleted meanwhile. */
  function linger(times: number): { deletedTooEarly: string[]; seen: () => number } {
    let seen = 0;
    const deletedTooEarly: string[] = [];
    relay.intercept = (call) => {
      const there = seen < times;
      if (call.name === 'DescribeNetworkInterfaces' && there) {
        seen++;
        const items = descriptions.map((text, index) => `<item><networkInterfaceId>eni-${index}</networkInterfaceId><status>in-use</status><description>${text}</description></item>`);
        return { status: 200, headers: { 'content-type': 'text/xml' }, body: `<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><networkInterfaceSet>${items.join('')}</networkInterfaceSet></DescribeNetworkInterfacesResponse>` };
      }
      if (call.name === 'DeleteSecurityGroup' && there) {
        return refusal(call, 'DependencyViolation', 'resource sg-1 has a dependent object', 400);
      }
      const role = /RoleName=(\w+)/.exec(call.body)?.[1] ?? '';
      if (there && roles.includes(role) && /^(DeleteRole|DetachRolePolicy|DeleteRolePolicy)$/.test(call.name)) {
        deletedTooEarly.push(`${call.name} ${role}`);
      }
      return undefined;
    };
    return { deletedTooEarly, seen: () => seen };
  }

  it('leaves their roles as they are until the interfaces are gone, then removes all', async () => {
    const { deletedTooEarly, seen } = linger(4);
    const { removed, failed } = await run.down();
    assert.deepEqual(failed, []);
    assert.equal(seen(), 4);
    assert.deepEqual(deletedTooEarly, []);
    for (const resource of ['inserter', 'inserter-role', 'workflow-role', 'security-group']) {
      assert.ok(removed.includes(resource), resource);
    }
    assert.deepEqual(await rolesLeft(), []);
    await run.verify(0, '--step', 'teardown');
  });

  it('interrupted while it waits, stops at once, and goes on there the next time', async () => {
    const first = linger(Infinity);
    let child: ChildProcess | undefined;
    const waiting = cli(['down', '--endpoint', relay.endpoint, '--yes', '--json'], { env: anyCredentials, onStart: (started) => (child = started) });
    for (const end = Date.now() + 30_000; first.seen() < 3 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child?.kill('SIGINT');
    const outcome = await waiting;
    assertNoStack(outcome);
    assert.equal(outcome.code, 130);
    for (const RoleName of roles) {
      await clients.iam.send(new GetRoleCommand({ RoleName }));
    }
    // The function is gone already; that its interfaces are there still tells only the security group.
    const second = linger(2);
    const { failed } = await run.down();
    assert.deepEqual(failed, []);
    assert.deepEqual(second.deletedTooEarly, []);
    assert.deepEqual(await rolesLeft(), []);
    const { SecurityGroups } = await clients.ec2.send(new DescribeSecurityGroupsCommand({}));
    assert.deepEqual(SecurityGroups?.map(({ GroupName }) => GroupName), ['default']);
  });
});
