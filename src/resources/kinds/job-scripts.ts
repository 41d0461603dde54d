import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { scriptsPrefix } from '../glue.ts';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { bucketTreePath } from '../tree-path.ts';
import { ifExists } from '../support.ts';
import bucket, { ownerInside } from './bucket.ts';

export interface JobScriptsState {
  /** MD5 of each uploaded script, as S3's ETag tells it. */
  readonly uploaded: Readonly<Record<string, string>>;
}

const files = ['lake_adapter.py', 'ingest.py', 'refine.py', 'aggregate.py'];
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const local = (context: Context, file: string): Promise<Uint8Array> => context.assets(`jobs/${file}`);

async function upload(context: Context, wanted: readonly string[]): Promise<JobScriptsState> {
  const entries = await Promise.all(
    files.map(async (file) => {
      const Body = await local(context, file);
      if (wanted.includes(file)) {
        await context.aws.s3.putObject({ Bucket: context.names.bucket, Key: scriptsPrefix + file, Body, ContentType: 'text/x-python' });
      }
      return [file, md5(Body)] as const;
    }),
  );
  return { uploaded: Object.fromEntries(entries) };
}

export default defineKind<JobScriptsState>({
  id: 'job-scripts',
  title: () => l10n.t('Job scripts in the bucket'),
  type: 'AWS::S3::Object',
  dependsOn: [bucket],
  actions: { read: ['s3:ListBucket'], write: ['s3:PutObject'], remove: ['s3:DeleteObject'] },
  console: ({ names }) => `s3/buckets/${names.bucket}?prefix=${scriptsPrefix}`,
  sidebar: ({ names }) => bucketTreePath(names.bucket, scriptsPrefix),

  async read(context) {
    const listing = await ifExists(context.aws.s3.listObjectsV2({ Bucket: context.names.bucket, Prefix: scriptsPrefix }));
    const uploaded = Object.fromEntries((listing?.Contents ?? []).map(({ Key = '', ETag = '' }) => [Key.slice(scriptsPrefix.length), ETag.replaceAll('"', '')]));
    return files.some((file) => file in uploaded) ? { owner: await ownerInside(context), state: { uploaded } } : undefined;
  },

  async check(context, state) {
    const findings = await Promise.all(
      files.map(async (file): Promise<Finding[]> => {
        const etag = state.uploaded[file];
        if (etag === md5(await local(context, file))) {
          return [];
        }
        return [{
          code: etag ? 'job-scripts.changed' : 'job-scripts.missing',
          message: etag ? l10n.t('The script {0} in the bucket is not this version\'s.', file) : l10n.t('The script {0} is missing in the bucket.', file),
          fix: l10n.t('Provision the step again: it uploads the script.'),
        }];
      }),
    );
    return findings.flat();
  },

  create: (context) => upload(context, files),
  async update(context, state) {
    const current = await Promise.all(files.map(async (file) => (state.uploaded[file] === md5(await local(context, file)) ? [] : [file])));
    return upload(context, current.flat());
  },

  async remove(context) {
    await context.aws.s3.deleteObjects({ Bucket: context.names.bucket, Delete: { Objects: files.map((file) => ({ Key: scriptsPrefix + file })), Quiet: true } });
  },
});
