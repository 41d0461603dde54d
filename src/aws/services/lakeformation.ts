import {
  BatchGrantPermissionsCommand,
  BatchRevokePermissionsCommand,
  DeregisterResourceCommand,
  DescribeResourceCommand,
  GetDataLakeSettingsCommand,
  GrantPermissionsCommand,
  LakeFormationClient,
  ListLakeFormationOptInsCommand,
  ListPermissionsCommand,
  ListResourcesCommand,
  PutDataLakeSettingsCommand,
  RegisterResourceCommand,
  RevokePermissionsCommand,
} from '@aws-sdk/client-lakeformation';

export const Client = LakeFormationClient;
export const commands = {
  batchGrantPermissions: BatchGrantPermissionsCommand,
  batchRevokePermissions: BatchRevokePermissionsCommand,
  deregisterResource: DeregisterResourceCommand,
  describeResource: DescribeResourceCommand,
  getDataLakeSettings: GetDataLakeSettingsCommand,
  grantPermissions: GrantPermissionsCommand,
  listLakeFormationOptIns: ListLakeFormationOptInsCommand,
  listPermissions: ListPermissionsCommand,
  listResources: ListResourcesCommand,
  putDataLakeSettings: PutDataLakeSettingsCommand,
  registerResource: RegisterResourceCommand,
  revokePermissions: RevokePermissionsCommand,
};
