import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { defineKind, type Context, type Finding, type Owner } from '../kind.ts';
import { bucketTreePath } from '../tree-path.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, toTagList } from '../support.ts';

export interface BucketState {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly publicAccessBlocked: boolean;
  readonly owner: Owner;
}

const blocked = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

const bucketTaken = (name: string, cause: unknown): UserError =>
  new UserError('bucket.taken', l10n.t('The bucket name {0} belongs to another account.', name), {
    why: l10n.t('Bucket names are unique in all of AWS.'),
    next: l10n.t('Choose another: --var bucket=NAME, or the setting lakeTutorial.variables.'),
    exit: ExitCode.aws,
    cause,
  });

/** S3 says the same of a bucket of another account and of one that the caller may not look at. */
const bucketDenied = (name: string, cause: unknown): UserError =>
  new UserError('bucket.taken', l10n.t('The bucket {0} cannot be looked at.', name), {
    why: l10n.t('It belongs to another account, or you lack the permission s3:ListBucket.'),
    next: l10n.t('Ask for that permission, or choose another name: --var bucket=NAME, or the setting lakeTutorial.variables.'),
    exit: ExitCode.aws,
    cause,
  });

/** The lake's bucket, also for kinds that put objects into it. */
const bucket = defineKind<BucketState>({
  id: 'bucket',
  title: () => l10n.t('S3 bucket'),
  type: 'AWS::S3::Bucket',
  actions: {
    read: ['s3:ListBucket', 's3:GetBucketTagging', 's3:GetBucketPublicAccessBlock'],
    write: ['s3:CreateBucket', 's3:PutBucketTagging', 's3:PutBucketPublicAccessBlock'],
    remove: ['s3:ListBucketVersions', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:DeleteBucket'],
  },
  costs: [{ what: () => l10n.t('S3: about 0.023 USD a month for each GB') }],
  async since(context) {
    const { Buckets } = await context.aws.s3.listBuckets({ Prefix: context.names.bucket });
    return Buckets?.find(({ Name }) => Name === context.names.bucket)?.CreationDate;
  },
  console: ({ names }) => `s3/buckets/${names.bucket}`,
  sidebar: ({ names }) => bucketTreePath(names.bucket),

  async read(context) {
    const Bucket = context.names.bucket;
    const { s3 } = context.aws;
    const [head, tagging, access] = await Promise.all([
      s3.headBucket({ Bucket }).catch((error: unknown) => {
        if (AwsError.is(error, 'denied')) {
          throw bucketDenied(Bucket, error);
        }
        if (AwsError.is(error, 'notFound')) {
          return undefined;
        }
        throw error;
      }),
      // NoSuchBucket and NoSuchTagSet are both "nothing there"; the head tells them apart.
      // Denied, it stays an error: whose the bucket is must never be guessed.
      ifExists(s3.getBucketTagging({ Bucket })),
      ifExists(s3.getPublicAccessBlock({ Bucket })).catch((error: unknown) => (AwsError.is(error, 'denied') ? undefined : Promise.reject(error as Error))),
    ]);
    if (!head) {
      return undefined;
    }
    if (head.BucketRegion && head.BucketRegion !== context.names.region) {
      throw new UserError('bucket.region', l10n.t('The bucket {0} is in {1}, not in {2}.', Bucket, head.BucketRegion, context.names.region), {
        next: l10n.t('Use the region {0} throughout, or another bucket name (--var bucket=NAME).', head.BucketRegion),
        exit: ExitCode.aws,
      });
    }
    const tags = fromTagList(tagging?.TagSet);
    const block = access?.PublicAccessBlockConfiguration ?? {};
    // A run that was killed between creating and tagging leaves it untagged and empty. With anything in it, it is the learner's own work.
    const untagged = Object.keys(tags).length === 0 && Bucket.startsWith(`${context.names.prefix}-${context.names.account}-`);
    const owner = untagged && (await isEmpty(context)) ? 'ours' : ownerOf(tags, context);
    return {
      owner,
      state: { owner, name: Bucket, tags, publicAccessBlocked: Object.keys(blocked).every((key) => block[key as keyof typeof blocked]) },
    };
  },

  check(context, state) {
    const findings: Finding[] = [];
    if (!state.publicAccessBlocked) {
      findings.push({
        code: 'bucket.public-access',
        message: l10n.t('The bucket {0} does not block public access.', state.name),
        expected: l10n.t('The bucket {0} blocks public access.', state.name),
        fix: l10n.t('Provision the step again: it blocks public access.'),
      });
    }
    if (state.owner === 'ours' && state.tags['lake-tutorial'] !== context.names.tutorial) {
      findings.push({
        code: 'bucket.tags',
        message: l10n.t('The bucket {0} lacks the tags of the tutorial.', state.name),
        fix: l10n.t('Provision the step again: it adds the tags.'),
      });
    }
    return findings;
  },

  async create(context) {
    const { bucket: Bucket, region } = context.names;
    try {
      await context.aws.s3.createBucket({
        Bucket,
        // us-east-1 is the one region that must not be named.
        ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as never } }),
      });
    } catch (error) {
      // Source: botocore s3 1.44.5 BucketAlreadyExists, 2026-11-28
      if (AwsError.is(error) && error.code === 'BucketAlreadyExists') {
        throw bucketTaken(Bucket, error);
      }
      if (!AwsError.is(error, 'exists')) {
        throw error;
      }
    }
    // One after the other: S3 aborts one of two changes of the same bucket.
    await block(context);
    await tag(context, {}, context.tags);
    return { owner: 'ours', name: Bucket, tags: context.tags, publicAccessBlocked: true };
  },

  async update(context, state) {
    const untagged = state.owner === 'ours' && state.tags['lake-tutorial'] !== context.names.tutorial;
    if (!state.publicAccessBlocked) {
      await block(context);
    }
    if (untagged) {
      await tag(context, state.tags, context.tags);
    }
    return { ...state, ...(untagged && { tags: { ...state.tags, ...context.tags } }), publicAccessBlocked: true };
  },

  adoption: () => [l10n.t('With the zones, what lies below bronze/ and silver/ moves to colder storage after 30 to 90 days; your own lifecycle rules stay.')],

  adopt: (context, state) => tag(context, state.tags, adoptedTags(context)),

  async remove(context) {
    const Bucket = context.names.bucket;
    await emptyBucket(context, '');
    await ifExists(context.aws.s3.deleteBucket({ Bucket }));
  },
});

export default bucket;

async function isEmpty(context: Context): Promise<boolean> {
  const page = await context.aws.s3.listObjectVersions({ Bucket: context.names.bucket, MaxKeys: 1 });
  return (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length === 0;
}

/** Whose that is which lies in the bucket and has no tags of its own: the bucket's owner's. Only in our bucket it is ours to remove. */
export async function ownerInside(context: Context): Promise<Owner> {
  const found = await context.get(bucket);
  return found === undefined || found.owner === 'ours' ? 'ours' : 'adopted';
}

const block = (context: Context) => context.aws.s3.putPublicAccessBlock({ Bucket: context.names.bucket, PublicAccessBlockConfiguration: blocked });

/** PutBucketTagging replaces all tags, so those that are there are sent again. */
async function tag(context: Context, present: Readonly<Record<string, string>>, added: Readonly<Record<string, string>>): Promise<void> {
  await context.aws.s3.putBucketTagging({ Bucket: context.names.bucket, Tagging: { TagSet: toTagList({ ...present, ...added }) } });
}

/** Deletes every version of every object below a prefix, a thousand at a time. */
export async function emptyBucket(context: Context, Prefix: string): Promise<void> {
  const Bucket = context.names.bucket;
  for (let removed = 0; ; ) {
    const page = await ifExists(context.aws.s3.listObjectVersions({ Bucket, Prefix, MaxKeys: 1000 }));
    const objects = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }));
    if (objects.length === 0) {
      return;
    }
    const { Errors } = await context.aws.s3.deleteObjects({ Bucket, Delete: { Objects: objects, Quiet: true } });
    if (Errors && Errors.length > 0) {
      throw new UserError('bucket.not-emptied', l10n.t('{0} objects of {1} could not be deleted.', Errors.length, Bucket), { why: Errors[0]?.Message, exit: ExitCode.aws });
    }
    removed += objects.length;
    context.progress(l10n.t('{0} objects deleted…', removed));
  }
}
