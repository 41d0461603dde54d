import { AthenaClient } from '@aws-sdk/client-athena';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { IAMClient } from '@aws-sdk/client-iam';
import { LakeFormationClient } from '@aws-sdk/client-lakeformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { clientConfig } from '../sandbox/support.ts';

/** The SDK's own clients: a look at the account from outside, past all of our code. */
export function clientsFor(endpoint: string, region = 'us-east-2') {
  const config = { ...clientConfig(endpoint), region };
  return {
    athena: new AthenaClient(config),
    ec2: new EC2Client(config),
    events: new EventBridgeClient(config),
    glue: new GlueClient(config),
    iam: new IAMClient(config),
    lakeFormation: new LakeFormationClient(config),
    lambda: new LambdaClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
}
export type Clients = ReturnType<typeof clientsFor>;
