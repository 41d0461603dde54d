import * as l10n from '@vscode/l10n';
import { glueTrust, lakeBucketAccess, lakeFormationWorkflow } from '../../policies/policies.ts';
import { defineKind } from '../kind.ts';
import { roleActions, roleOperations } from '../role.ts';

export default defineKind({
  id: 'workflow-role',
  title: () => l10n.t('Role of the workflow'),
  type: 'AWS::IAM::Role',
  actions: roleActions,
  console: ({ names }) => `iam/home#/roles/details/${names.workflowRole}`,
  ...roleOperations({
    name: ({ names }) => names.workflowRole,
    description: 'Lake Tutorial: Glue crawls, ingests and refines as this role',
    trust: glueTrust,
    managed: ['service-role/AWSGlueServiceRole'],
    inline: [lakeFormationWorkflow, lakeBucketAccess],
  }),
});
