import type { Connection } from './connection.ts';
import { AwsError } from './errors.ts';

/** Something of AWS's that it describes. */
export type Describable =
  | { readonly kind: 'bucket'; readonly bucket: string }
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string }
  | { readonly kind: 'workflow'; readonly workflow: string }
  | { readonly kind: 'schedule'; readonly trigger: string }
  | { readonly kind: 'run'; readonly workflow: string; readonly run: string }
  | { readonly kind: 'job' | 'crawler'; readonly name: string };

/** What AWS itself says of a thing, as its API has it, without what is about the answer alone. */
export async function describe(aws: Connection, thing: Describable): Promise<Readonly<Record<string, unknown>>> {
  const { $metadata: _, ...description } = (await ask(aws, thing)) as { readonly $metadata?: unknown } & Readonly<Record<string, unknown>>;
  return description;
}

async function ask(aws: Connection, thing: Describable): Promise<object> {
  switch (thing.kind) {
    case 'bucket':
      return describeBucket(aws, thing.bucket);
    case 'object':
      return aws.s3.headObject({ Bucket: thing.bucket, Key: thing.key });
    case 'database':
      return aws.glue.getDatabase({ Name: thing.database });
    case 'table':
      return aws.glue.getTable({ DatabaseName: thing.database, Name: thing.table });
    case 'workflow':
      return aws.glue.getWorkflow({ Name: thing.workflow, IncludeGraph: true });
    case 'schedule':
      return aws.glue.getTrigger({ Name: thing.trigger });
    case 'run':
      return aws.glue.getWorkflowRun({ Name: thing.workflow, RunId: thing.run, IncludeGraph: true });
    case 'job':
      return aws.glue.getJob({ JobName: thing.name });
    case 'crawler':
      return aws.glue.getCrawler({ Name: thing.name });
  }
}

/** A bucket is described in parts, of which it may lack each. */
async function describeBucket({ s3 }: Connection, bucket: string): Promise<object> {
  const part = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch((error: unknown) => {
    if (AwsError.is(error, 'notFound') || AwsError.is(error, 'unimplemented')) {
      return undefined;
    }
    throw error;
  });
  const [head, tags, lifecycle, access] = await Promise.all([
    s3.headBucket({ Bucket: bucket }), part(s3.getBucketTagging({ Bucket: bucket })), part(s3.getBucketLifecycleConfiguration({ Bucket: bucket })), part(s3.getPublicAccessBlock({ Bucket: bucket })),
  ]);
  const { $metadata: _, ...about } = head;
  return {
    Bucket: bucket, ...about,
    ...(tags && { TagSet: tags.TagSet }), ...(lifecycle && { LifecycleRules: lifecycle.Rules }), ...(access && { PublicAccessBlockConfiguration: access.PublicAccessBlockConfiguration }),
  };
}
