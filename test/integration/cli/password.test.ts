import assert from 'node:assert/strict';
import { GetConnectionCommand } from '@aws-sdk/client-glue';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, GetCommandInvocationCommand, GetParameterCommand, SSMClient, SendCommandCommand } from '@aws-sdk/client-ssm';
import { clientConfig, temporaryState } from '../sandbox/support.ts';
import { cli, codesOf, commandsAt, documentOf, inState } from '../support/cli.ts';
import { clientsFor, type Clients } from '../support/clients.ts';

/** The password is in four places: the parameter, PostgreSQL, the Lambda and the Glue connection. */
describe('CLI: the database password, in the sandbox with its PostgreSQL', function () {
  this.timeout(300_000);
  const Name = '/lake-tutorial/transactionaldb/password';
  let remove: (() => Promise<void>) | undefined;
  let run: ReturnType<typeof commandsAt>;
  let clients: Clients;
  let ssm: SSMClient;

  before(async () => {
    const temporary = await temporaryState();
    remove = temporary.remove;
    const { endpoint } = documentOf<{ endpoint: string }>(await cli(['sandbox', 'start', '--state', temporary.state, '--json']), 0);
    clients = clientsFor(endpoint);
    ssm = new SSMClient(clientConfig(endpoint));
    run = commandsAt(['--state', temporary.state], {});
    assert.deepEqual(inState(await run.up(), 'failed', 'blocked'), []);
  });
  after(() => remove?.());

  const parameter = async (): Promise<string> => (await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value ?? '';

  /** Runs a script on the instance, as a learner would by Run Command. */
  async function onInstance(...commands: string[]): Promise<string> {
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }));
    const InstanceId = Reservations?.[0]?.Instances?.[0]?.InstanceId ?? assert.fail();
    const { Command } = await ssm.send(new SendCommandCommand({ InstanceIds: [InstanceId], DocumentName: 'AWS-RunShellScript', Parameters: { commands } }));
    for (;;) {
      const { Status, StandardOutputContent, StandardErrorContent } = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
      if (!['Pending', 'InProgress', 'Delayed'].includes(Status ?? '')) {
        return `${StandardOutputContent}${StandardErrorContent}`;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function assertAgreed(): Promise<void> {
    const password = await parameter();
    const { Connection } = await clients.glue.send(new GetConnectionCommand({ Name: 'lake-tutorial-source' }));
    const { Configuration } = await clients.lambda.send(new GetFunctionCommand({ FunctionName: 'lake-tutorial-inserter' }));
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }));
    const address = Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress ?? '';
    assert.equal(Connection?.ConnectionProperties?.PASSWORD, password, 'connection');
    assert.equal(Configuration?.Environment?.Variables?.['DB_PASSWORD'], password, 'Lambda');
    assert.match(await onInstance(`PGPASSWORD='${password}' psql -w -XqAt -h ${address} -U lake_tutorial -d transactionaldb -c "SELECT 'let in'"`), /let in/, 'PostgreSQL');
    await run.verify(0, '--step', 'source-database', '--step', 'inserter', '--step', 'connection');
    assert.deepEqual(inState(await run.up(), 'created', 'updated', 'failed', 'blocked'), []);
  }

  it('is the same everywhere', assertAgreed);

  it('is made anew when its parameter was deleted, and everybody is told', async () => {
    const old = await parameter();
    await ssm.send(new DeleteParameterCommand({ Name }));
    assert.ok(codesOf(await run.verify(1, '--step', 'source-database')).includes('database-password.missing'));
    assert.deepEqual(inState(await run.up(), 'failed', 'blocked'), []);
    assert.notEqual(await parameter(), old);
    await assertAgreed();
  });

  it('changed in PostgreSQL by hand, is found by verify and put right', async () => {
    await onInstance(`sudo -u postgres psql -c "ALTER ROLE lake_tutorial PASSWORD 'by-hand'"`);
    assert.deepEqual(codesOf(await run.verify(1, '--step', 'source-database')), ['source-table.password']);
    assert.equal((await run.plan()).actions.find(({ resource }) => resource === 'source-table')?.action, 'update');
    assert.deepEqual(inState(await run.up(), 'updated'), ['source-table']);
    await assertAgreed();
  });

  it('leaves a column that is missing to the learner: a table with rows is never changed', async () => {
    await onInstance('sudo -u postgres psql -d transactionaldb -c "ALTER TABLE random_data RENAME COLUMN valor TO value"');
    assert.deepEqual(codesOf(await run.verify(1, '--step', 'source-database')), ['source-table.columns']);
    const planned = (await run.plan()).actions.find(({ resource }) => resource === 'source-table');
    assert.deepEqual([planned?.action, /valor/.test(planned?.reason ?? '')], ['none', true]);
    assert.deepEqual(inState(await run.up(), 'created', 'updated', 'failed', 'blocked'), []);
  });
});
