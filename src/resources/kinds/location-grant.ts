import * as l10n from '@vscode/l10n';
import { grantOperations, workflowRoleArn } from '../grants.ts';
import { defineKind } from '../kind.ts';
import { databaseTreePath } from '../tree-path.ts';
import lakeLocation, { locationArn } from './lake-location.ts';
import lakeAdmin from './lake-admin.ts';
import workflowRole from './workflow-role.ts';

export default defineKind({
  id: 'location-grant',
  title: () => l10n.t('Grant on the data lake location'),
  type: 'AWS::LakeFormation::PrincipalPermissions',
  asLakeAdmin: true,
  dependsOn: [lakeLocation, lakeAdmin, workflowRole],
  actions: {
    read: ['lakeformation:ListPermissions'],
    write: ['lakeformation:BatchGrantPermissions', 'lakeformation:GrantPermissions'],
    remove: ['lakeformation:BatchRevokePermissions', 'lakeformation:RevokePermissions'],
  },
  console: () => 'lakeformation/home#data-locations',
  sidebar: ({ names }) => databaseTreePath(names.lakeDatabase, 'location'),
  ...grantOperations(async (context) => [
    {
      principal: workflowRoleArn(context),
      permissions: ['DATA_LOCATION_ACCESS'],
      resource: { DataLocation: { ResourceArn: locationArn(context) } },
      on: `s3://${context.names.bucket}`,
    },
  ]),
});
