import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';

export const Client = SSMClient;
export const commands = {
  addTagsToResource: AddTagsToResourceCommand,
  deleteParameter: DeleteParameterCommand,
  getCommandInvocation: GetCommandInvocationCommand,
  getParameter: GetParameterCommand,
  listTagsForResource: ListTagsForResourceCommand,
  putParameter: PutParameterCommand,
  removeTagsFromResource: RemoveTagsFromResourceCommand,
  sendCommand: SendCommandCommand,
};
