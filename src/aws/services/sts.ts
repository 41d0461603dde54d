import {
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';

export const Client = STSClient;
export const commands = {
  getCallerIdentity: GetCallerIdentityCommand,
};
