import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';

export const Client = EventBridgeClient;
export const commands = {
  deleteRule: DeleteRuleCommand,
  describeRule: DescribeRuleCommand,
  enableRule: EnableRuleCommand,
  listTagsForResource: ListTagsForResourceCommand,
  listTargetsByRule: ListTargetsByRuleCommand,
  putRule: PutRuleCommand,
  putTargets: PutTargetsCommand,
  removeTargets: RemoveTargetsCommand,
  tagResource: TagResourceCommand,
  untagResource: UntagResourceCommand,
};
