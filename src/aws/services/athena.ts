import {
  AthenaClient,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListTagsForResourceCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateWorkGroupCommand,
} from '@aws-sdk/client-athena';

export const Client = AthenaClient;
export const commands = {
  createWorkGroup: CreateWorkGroupCommand,
  deleteWorkGroup: DeleteWorkGroupCommand,
  getQueryExecution: GetQueryExecutionCommand,
  getQueryResults: GetQueryResultsCommand,
  getWorkGroup: GetWorkGroupCommand,
  listTagsForResource: ListTagsForResourceCommand,
  startQueryExecution: StartQueryExecutionCommand,
  stopQueryExecution: StopQueryExecutionCommand,
  tagResource: TagResourceCommand,
  untagResource: UntagResourceCommand,
  updateWorkGroup: UpdateWorkGroupCommand,
};
