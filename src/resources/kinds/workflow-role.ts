import * as l10n from '@vscode/l10n';
import { glueTrust, lakeBucketAccess, lakeFormationWorkflow } from '../../policies/policies.ts';
import { defineKind } from '../kind.ts';
import { roleActions, roleArn, roleOperations } from '../role.ts';
import { outOfGroup } from './security-group.ts';

const role = roleOperations({
  name: ({ names }) => names.workflowRole,
  description: 'Lake Tutorial: Glue crawls, ingests and refines as this role',
  trust: glueTrust,
  managed: ['service-role/AWSGlueServiceRole'],
  inline: [lakeFormationWorkflow, lakeBucketAccess],
});

export default defineKind({
  id: 'workflow-role',
  title: () => l10n.t('Role of the workflow'),
  type: 'AWS::IAM::Role',
  actions: { ...roleActions, remove: [...roleActions.remove, 'ec2:DescribeNetworkInterfaces'] },
  console: ({ names }) => `iam/home#/roles/details/${names.workflowRole}`,
  ...role,
  async remove(context) {
    await outOfGroup(context, new RegExp(`^Attached to Glue using role: ${roleArn(context, context.names.workflowRole)}$`));
    await role.remove(context);
  },
});
