import {
  BatchGrantPermissionsCommand,
  BatchRevokePermissionsCommand,
  DeregisterResourceCommand,
  DescribeResourceCommand,
  GetDataLakeSettingsCommand,
  GrantPermissionsCommand,
  LakeFormationClient,
  ListPermissionsCommand,
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
  listPermissions: ListPermissionsCommand,
  putDataLakeSettings: PutDataLakeSettingsCommand,
  registerResource: RegisterResourceCommand,
  revokePermissions: RevokePermissionsCommand,
};
