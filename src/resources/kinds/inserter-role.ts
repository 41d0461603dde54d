import * as l10n from '@vscode/l10n';
import { lambdaTrust } from '../../policies/policies.ts';
import { defineKind } from '../kind.ts';
import { roleActions, roleOperations } from '../role.ts';

export const inserterRoleName = 'LakeTutorialInserter';

export default defineKind({
  id: 'inserter-role',
  title: () => l10n.t('Role of the inserter'),
  type: 'AWS::IAM::Role',
  actions: roleActions,
  console: () => `iam/home#/roles/details/${inserterRoleName}`,
  ...roleOperations({
    name: () => inserterRoleName,
    description: 'Lake Tutorial: lets the inserter run inside the VPC and write its log',
    trust: lambdaTrust,
    managed: ['service-role/AWSLambdaVPCAccessExecutionRole'],
    inline: [],
  }),
});
