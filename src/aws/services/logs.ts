import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

export const Client = CloudWatchLogsClient;
export const commands = {
  getLogEvents: GetLogEventsCommand,
};
