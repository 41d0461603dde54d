import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';

export const Client = LambdaClient;
export const commands = {
  addPermission: AddPermissionCommand,
  createFunction: CreateFunctionCommand,
  deleteFunction: DeleteFunctionCommand,
  getFunction: GetFunctionCommand,
  getPolicy: GetPolicyCommand,
  invoke: InvokeCommand,
  removePermission: RemovePermissionCommand,
  tagResource: TagResourceCommand,
  untagResource: UntagResourceCommand,
  updateFunctionCode: UpdateFunctionCodeCommand,
  updateFunctionConfiguration: UpdateFunctionConfigurationCommand,
};
