import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LifecycleRule, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import * as l10n from '@vscode/l10n';
import { UserError, messageOf } from '../errors.ts';
import type { Connection } from './connection.ts';
import { AwsError } from './errors.ts';

export interface Bucket {
  readonly name: string;
  readonly created?: Date;
  readonly region?: string;
}

export interface S3Object {
  readonly key: string;
  readonly size: number;
  readonly modified?: Date;
  readonly storageClass?: string;
}

/** What lies directly below a prefix, in the order of the keys. */
export interface Folder {
  /** Prefixes, each with its slash at the end. */
  readonly folders: readonly string[];
  readonly objects: readonly S3Object[];
  readonly next?: string;
}

/** What lies below a prefix at any depth. */
export interface Extent {
  readonly objects: number;
  readonly bytes: number;
  readonly newest?: Date;
  /** False when there is more than was looked at. */
  readonly complete: boolean;
}

const toObject = ({ Key, Size, LastModified, StorageClass }: NonNullable<ListObjectsV2CommandOutput['Contents']>[number]): S3Object => ({
  key: Key ?? '',
  size: Size ?? 0,
  ...(LastModified && { modified: LastModified }),
  ...(StorageClass && { storageClass: StorageClass }),
});

/** All buckets of the account, by name. */
export async function listBuckets(aws: Connection): Promise<Bucket[]> {
  const { Buckets = [] } = await aws.s3.listBuckets({});
  return Buckets.map(({ Name, CreationDate, BucketRegion }) => ({ name: Name ?? '', ...(CreationDate && { created: CreationDate }), ...(BucketRegion && { region: BucketRegion }) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** One page of what lies directly below a prefix: one request, however much lies deeper. */
export async function listFolder(aws: Connection, bucket: string, prefix: string, options: { readonly next?: string; readonly limit: number }): Promise<Folder> {
  const answer = await aws.s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: options.limit, ContinuationToken: options.next });
  return {
    folders: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
    // A folder that was made by hand is an object of its own name.
    objects: (answer.Contents ?? []).filter(({ Key }) => Key !== prefix).map(toObject),
    ...(answer.NextContinuationToken && { next: answer.NextContinuationToken }),
  };
}

class Sum {
  private count = 0;
  private bytes = 0;
  private newest: Date | undefined;

  constructor(private readonly prefix: string) {}

  add({ key, size, modified }: S3Object): void {
    // What marks the folder is no object to anybody who looks.
    if (key !== this.prefix) {
      this.count++;
      this.bytes += size;
      if (modified && (!this.newest || modified > this.newest)) {
        this.newest = modified;
      }
    }
  }

  extent(complete: boolean): Extent {
    return { objects: this.count, bytes: this.bytes, ...(this.newest && { newest: this.newest }), complete };
  }
}

/**
 * A bucket's first level with what lies in each folder, as far as one request tells: all of it for up to a thousand objects.
 * Beyond that it takes a second one for the level itself, and only folders that end within the first thousand have an extent.
 */
export async function lookInto(aws: Connection, bucket: string, limit: number): Promise<Folder & { readonly extents: ReadonlyMap<string, Extent> }> {
  const answer = await aws.s3.listObjectsV2({ Bucket: bucket });
  const sums = new Map<string, Sum>();
  const objects: S3Object[] = [];
  let last = '';
  for (const object of (answer.Contents ?? []).map(toObject)) {
    const slash = object.key.indexOf('/');
    if (slash < 0) {
      objects.push(object);
      continue;
    }
    last = object.key.slice(0, slash + 1);
    const sum = sums.get(last) ?? new Sum(last);
    sums.set(last, sum);
    sum.add(object);
  }
  const truncated = answer.IsTruncated === true;
  const extents = new Map([...sums].map(([folder, sum]) => [folder, sum.extent(!truncated || folder !== last)]));
  return truncated ? { ...(await listFolder(aws, bucket, '', { limit })), extents } : { folders: [...sums.keys()], objects, extents };
}

/** Counts what lies below a prefix, a thousand objects a request, until there are no more or `pages` is reached. */
export async function measure(aws: Connection, bucket: string, prefix: string, options: { readonly pages?: number; readonly onProgress?: (extent: Extent) => void } = {}): Promise<Extent> {
  const sum = new Sum(prefix);
  let next: string | undefined;
  for (let page = 1; ; page++) {
    const answer = await aws.s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, ContinuationToken: next });
    (answer.Contents ?? []).map(toObject).forEach((object) => sum.add(object));
    next = answer.NextContinuationToken;
    if (!next || page === options.pages) {
      return sum.extent(!next);
    }
    options.onProgress?.(sum.extent(false));
  }
}

export type { LifecycleRule };

/** The lifecycle rules of a bucket; none where none were ever set. */
export async function lifecycleRules(aws: Connection, bucket: string): Promise<readonly LifecycleRule[]> {
  try {
    return (await aws.s3.getBucketLifecycleConfiguration({ Bucket: bucket })).Rules ?? [];
  } catch (error) {
    if (AwsError.is(error, 'notFound')) {
      return [];
    }
    throw error;
  }
}

/** Something that a rule does to what it applies to. */
export interface LifecycleStep {
  readonly rule: string;
  readonly does: 'move' | 'expire' | 'abort-upload';
  readonly to?: string;
  readonly days?: number;
  /** When it does so to this very object. */
  readonly on?: Date;
  /** The rule takes only a part of what lies here: by tags, size, or a longer prefix. */
  readonly partly: boolean;
}

/** A rule's prefix; older rules have it outside of the filter. */
const prefixOf = ({ Filter, Prefix }: LifecycleRule): string => Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';

/** What the enabled rules do to an object, or to what lies below a prefix, in the order of time. */
export function lifecycleOf(rules: readonly LifecycleRule[], target: { readonly prefix: string } | S3Object): LifecycleStep[] {
  const object = 'key' in target ? target : undefined;
  const path = 'key' in target ? target.key : target.prefix;
  const steps = rules.flatMap((rule): LifecycleStep[] => {
    const prefix = prefixOf(rule);
    const within = path.startsWith(prefix);
    if (rule.Status !== 'Enabled' || !(within || (!object && prefix.startsWith(path)))) {
      return [];
    }
    const conditions = { ...rule.Filter, ...rule.Filter?.And };
    const { ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = conditions;
    if (object && ((above !== undefined && object.size <= above) || (below !== undefined && object.size >= below))) {
      return [];
    }
    const tagged = conditions.Tag !== undefined || (conditions.Tags?.length ?? 0) > 0;
    const partly = !within || tagged || (!object && (above !== undefined || below !== undefined));
    const step = (does: LifecycleStep['does'], { Days: days, Date: date }: { Days?: number; Date?: Date }, to?: string): LifecycleStep => {
      const on = date ?? (object?.modified && days !== undefined ? dayAfter(object.modified, days) : undefined);
      return { rule: rule.ID ?? prefix, does, partly, ...(to && { to }), ...(days !== undefined && { days }), ...(on && { on }) };
    };
    return [
      ...(rule.Transitions ?? []).map((transition) => step('move', transition, transition.StorageClass)),
      ...(rule.Expiration?.Days !== undefined || rule.Expiration?.Date ? [step('expire', rule.Expiration)] : []),
      ...(rule.AbortIncompleteMultipartUpload && !object ? [step('abort-upload', { Days: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation })] : []),
    ];
  });
  return steps.sort((a, b) => (a.days ?? 0) - (b.days ?? 0));
}

/** S3 acts at the midnight (UTC) that follows so many days. */
function dayAfter(from: Date, days: number): Date {
  const at = new Date(from.getTime() + days * 86_400_000);
  return new Date(Math.ceil(at.getTime() / 86_400_000) * 86_400_000);
}

/** Tells how many of how many bytes or things are done. */
export type Progress = (done: number, total: number) => void;

const counting = (total: number, onProgress: Progress | undefined): Transform => {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      done += chunk.length;
      onProgress?.(done, total);
      callback(undefined, chunk);
    },
  });
};

/** Writes an object to a file, which is there when it is whole and not before. */
export async function download(aws: Connection, bucket: string, key: string, file: string, options: { readonly signal?: AbortSignal; readonly onProgress?: Progress } = {}): Promise<void> {
  const { Body, ContentLength = 0 } = await aws.s3.getObject({ Bucket: bucket, Key: key });
  const partial = `${file}.partial`;
  try {
    await pipeline(Body as Readable, counting(ContentLength, options.onProgress), createWriteStream(partial), { signal: options.signal });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw (error as NodeJS.ErrnoException).code?.startsWith('E') && (error as NodeJS.ErrnoException).syscall
      ? new UserError('file.write', l10n.t('The file {0} cannot be written.', file), { why: messageOf(error), next: l10n.t('Choose another place, then download again.'), cause: error })
      : error;
  }
}

/** Those of some keys that a bucket has already: a request for each, since a listing of all that is there would take more. */
export async function existingKeys(aws: Connection, bucket: string, keys: readonly string[]): Promise<string[]> {
  const found = await Promise.all(keys.map(async (key) => {
    // Of all that begins so, the key itself comes first.
    const { Contents: [first] = [] } = await aws.s3.listObjectsV2({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
    return first?.Key === key;
  }));
  return keys.filter((_, index) => found[index]);
}

/** S3 takes no more in one request. */
const largestUpload = 5 * 1024 ** 3;

/** Puts a file into a bucket. It is there when it is whole and not before. */
export async function upload(aws: Connection, file: string, bucket: string, key: string, options: { readonly signal?: AbortSignal; readonly onProgress?: Progress } = {}): Promise<void> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw new UserError('file.read', l10n.t('The file {0} cannot be read.', file), { why: messageOf(error), next: l10n.t('Check the file, then upload again.'), cause: error });
  });
  if (size > largestUpload) {
    throw new UserError('file.large', l10n.t('{0} is larger than 5 GB.', file), { why: l10n.t('S3 takes no more in one request.'), next: l10n.t('Upload it in parts: aws s3 cp {0} s3://{1}/{2}', file, bucket, key) });
  }
  const body = createReadStream(file).pipe(counting(size, options.onProgress));
  const stop = (): void => void body.destroy();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    await aws.s3.putObject({ Bucket: bucket, Key: key, Body: body, ContentLength: size });
  } finally {
    options.signal?.removeEventListener('abort', stop);
    body.destroy();
  }
}

/** Deletes one object, or with a slash at the end all that lies below a prefix. @returns how many were deleted. */
export async function deleteObjects(aws: Connection, bucket: string, key: string, onProgress?: (deleted: number) => void): Promise<number> {
  if (!key.endsWith('/')) {
    await aws.s3.deleteObjects({ Bucket: bucket, Delete: { Objects: [{ Key: key }], Quiet: true } }).then(refused);
    return 1;
  }
  for (let deleted = 0; ; ) {
    // Always the first page: what was listed is gone when the next is asked for.
    const { Contents = [] } = await aws.s3.listObjectsV2({ Bucket: bucket, Prefix: key });
    if (Contents.length === 0) {
      return deleted;
    }
    await aws.s3.deleteObjects({ Bucket: bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key: Key ?? '' })), Quiet: true } }).then(refused);
    deleted += Contents.length;
    onProgress?.(deleted);
  }
}

/**
 * S3 reports what it did not delete in its answer instead of failing.
 *
 * Source: botocore s3 1.44.5 DeleteObjects, 2026-11-28
 */
function refused({ Errors }: { readonly Errors?: readonly { readonly Code?: string; readonly Message?: string; readonly Key?: string }[] }): void {
  const [first] = Errors ?? [];
  if (first) {
    throw new AwsError(first.Code === 'AccessDenied' ? 'denied' : 'other', first.Code ?? 'DeleteFailed', 's3:DeleteObject', `${first.Key ?? ''}: ${first.Message ?? ''}`, undefined, undefined);
  }
}

/** `s3://bucket/key` in its parts; undefined for anything else. */
export function parseUri(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key = ''] = /^s3[an]?:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** The key that was typed to search a bucket for: a path as it is, for keys may begin and end with spaces, or a whole URI that was pasted. */
export function keyFromInput(typed: string, bucket: string): string {
  const uri = parseUri(typed.trim());
  return uri ? (uri.bucket === bucket ? uri.key : '') : typed;
}
