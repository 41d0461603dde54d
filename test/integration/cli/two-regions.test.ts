import assert from 'node:assert/strict';
import { GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam';
import { commandsAt } from '../support/cli.ts';
import { clientsFor } from '../support/clients.ts';
import { bareMoto } from '../support/moto.ts';

describe('CLI: down in another region than the lake\'s', function () {
  this.timeout(120_000);

  it('takes no user and no role from the lake, which IAM shows in every region', async () => {
    const moto = await bareMoto();
    const { iam } = clientsFor(moto.endpoint);
    await commandsAt(['--endpoint', moto.endpoint]).up();
    const { removed } = await commandsAt(['--endpoint', moto.endpoint, '--region', 'eu-west-1']).down();
    assert.deepEqual(removed, []);
    await iam.send(new GetUserCommand({ UserName: 'datalakeadmin' }));
    for (const RoleName of ['LakeFormationWorkflowRole', 'LakeTutorialInstance', 'LakeTutorialInserter']) {
      await iam.send(new GetRoleCommand({ RoleName }));
    }
  });
});
