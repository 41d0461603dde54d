import * as l10n from '@vscode/l10n';
import { lambdaTrust } from '../../policies/policies.ts';
import { defineKind } from '../kind.ts';
import { roleActions, roleOperations } from '../role.ts';
import { outOfGroup } from './security-group.ts';

export const inserterRoleName = 'LakeTutorialInserter';

const role = roleOperations({
  name: () => inserterRoleName,
  description: 'Lake Tutorial: lets the inserter run inside the VPC and write its log',
  trust: lambdaTrust,
  managed: ['service-role/AWSLambdaVPCAccessExecutionRole'],
  inline: [],
});

export default defineKind({
  id: 'inserter-role',
  title: () => l10n.t('Role of the inserter'),
  type: 'AWS::IAM::Role',
  actions: { ...roleActions, remove: [...roleActions.remove, 'ec2:DescribeNetworkInterfaces'] },
  console: () => `iam/home#/roles/details/${inserterRoleName}`,
  ...role,
  async remove(context) {
    // Named after the first function that used it, or, when older, after none.
    await outOfGroup(context, new RegExp(`^AWS Lambda VPC ENI(-${context.names.prefix}-inserter-|:)`));
    await role.remove(context);
  },
});
