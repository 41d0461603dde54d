import type { LifecycleRule } from '@aws-sdk/client-s3';
import * as l10n from '@vscode/l10n';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { bucketTreePath } from '../tree-path.ts';
import { ifExists } from '../support.ts';
import bucket, { ownerInside } from './bucket.ts';

/** The lake's zones, from raw to refined. */
export const zoneNames = ['bronze', 'silver', 'gold'] as const;

export interface ZonesState {
  readonly zones: readonly string[];
  readonly rules: readonly LifecycleRule[];
}

// Everything here stays readable without a restore: Glacier Instant Retrieval is the coldest class that Athena and Glue read.
const rules: readonly LifecycleRule[] = [
  {
    ID: 'lake-tutorial-bronze-colder',
    Status: 'Enabled',
    Filter: { Prefix: 'bronze/' },
    Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }, { Days: 90, StorageClass: 'GLACIER_IR' }],
  },
  { ID: 'lake-tutorial-silver-colder', Status: 'Enabled', Filter: { Prefix: 'silver/' }, Transitions: [{ Days: 90, StorageClass: 'STANDARD_IA' }] },
  { ID: 'lake-tutorial-query-results', Status: 'Enabled', Filter: { Prefix: 'athena/' }, Expiration: { Days: 7 } },
  { ID: 'lake-tutorial-uploads', Status: 'Enabled', Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
];
const isOurs = (rule: LifecycleRule): boolean => rules.some(({ ID }) => ID === rule.ID);

const putZone = (context: Context, zone: string) => context.aws.s3.putObject({ Bucket: context.names.bucket, Key: `${zone}/`, ContentLength: 0 });

/** In a bucket that was the learner's before, nothing is set to expire, and no rule is for all of it. */
const rulesFor = async (context: Context): Promise<readonly LifecycleRule[]> => ((await ownerInside(context)) === 'ours' ? rules : rules.filter(({ Transitions }) => Transitions));

/** The lifecycle configuration is replaced as a whole, so rules that are not ours are sent again. */
const putRules = async (context: Context, present: readonly LifecycleRule[]) =>
  context.aws.s3.putBucketLifecycleConfiguration({
    Bucket: context.names.bucket,
    LifecycleConfiguration: { Rules: [...present.filter((rule) => !isOurs(rule)), ...(await rulesFor(context))] },
  });

const missingRules = async (context: Context, state: ZonesState): Promise<LifecycleRule[]> =>
  (await rulesFor(context)).filter((rule) => !state.rules.some(({ ID, Status }) => ID === rule.ID && Status === 'Enabled'));

export default defineKind<ZonesState>({
  id: 'zones',
  title: () => l10n.t('Zones bronze, silver, gold'),
  type: 'AWS::S3::Object',
  dependsOn: [bucket],
  parts: zoneNames,
  actions: {
    read: ['s3:ListBucket', 's3:GetLifecycleConfiguration'],
    write: ['s3:PutObject', 's3:PutLifecycleConfiguration'],
    remove: ['s3:DeleteObject', 's3:PutLifecycleConfiguration'],
  },
  console: ({ names }) => `s3/buckets/${names.bucket}`,
  sidebar: ({ names }) => bucketTreePath(names.bucket, 'bronze/'),

  async read(context) {
    const Bucket = context.names.bucket;
    const [listing, lifecycle] = await Promise.all([
      ifExists(context.aws.s3.listObjectsV2({ Bucket, Delimiter: '/' })),
      ifExists(context.aws.s3.getBucketLifecycleConfiguration({ Bucket })),
    ]);
    const zones = zoneNames.filter((zone) => listing?.CommonPrefixes?.some(({ Prefix }) => Prefix === `${zone}/`));
    return zones.length === 0 ? undefined : { owner: await ownerInside(context), state: { zones, rules: lifecycle?.Rules ?? [] } };
  },

  async check(context, state) {
    return [
      ...zoneNames
        .filter((zone) => !state.zones.includes(zone))
        .map((zone): Finding => ({
          code: 'zones.missing-zone',
          message: l10n.t('The zone {0} is missing in {1}.', zone, context.names.bucket),
          fix: l10n.t('Provision the step again: it adds the zone.'),
        })),
      ...(await missingRules(context, state)).map((rule): Finding => ({
        code: 'zones.lifecycle',
        message: l10n.t('The lifecycle rule {0} is missing or disabled.', rule.ID ?? ''),
        fix: l10n.t('Provision the step again: it restores the rule and keeps yours.'),
      })),
    ];
  },

  async create(context) {
    await context.need(bucket);
    const lifecycle = await ifExists(context.aws.s3.getBucketLifecycleConfiguration({ Bucket: context.names.bucket }));
    await Promise.all([...zoneNames.map((zone) => putZone(context, zone)), putRules(context, lifecycle?.Rules ?? [])]);
    return { zones: zoneNames, rules };
  },

  async update(context, state) {
    await Promise.all([
      ...zoneNames.filter((zone) => !state.zones.includes(zone)).map((zone) => putZone(context, zone)),
      (await missingRules(context, state)).length > 0 && putRules(context, state.rules),
    ]);
    return { zones: zoneNames, rules };
  },

  async remove(context, state) {
    const Bucket = context.names.bucket;
    const others = state.rules.filter((rule) => !isOurs(rule));
    await context.aws.s3.deleteObjects({ Bucket, Delete: { Objects: zoneNames.map((zone) => ({ Key: `${zone}/` })), Quiet: true } });
    await (others.length > 0
      ? context.aws.s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: others } })
      : context.aws.s3.deleteBucketLifecycle({ Bucket }));
  },
});
