import * as l10n from '@vscode/l10n';
import type { Connection } from '../../aws/connection.ts';
import { lifecycleOf, lifecycleRules, listBuckets, listFolder, lookInto, measure, type Bucket, type Extent, type Folder, type LifecycleRule, type LifecycleStep, type S3Object } from '../../aws/buckets.ts';
import { objectId } from '../../resources/place.ts';
import type { Page, TreeNode, TreeSource } from './tree.ts';
import { objectsInWords, type Words } from './words.ts';

export interface BucketNode extends TreeNode {
  readonly kind: 'bucket';
  readonly bucket: string;
  readonly prefix: '';
  readonly facts: Bucket;
  readonly ofTutorial: boolean;
  readonly parent?: undefined;
}

/** What ends with a slash. A zone is a folder at the top of the tutorial's bucket. */
export interface FolderNode extends TreeNode {
  readonly kind: 'folder';
  readonly zone: boolean;
  readonly bucket: string;
  readonly prefix: string;
  readonly parent: BucketNode | FolderNode;
  extent?: Extent;
}

export interface ObjectNode extends TreeNode {
  readonly kind: 'object';
  readonly bucket: string;
  readonly object: S3Object;
  readonly parent: BucketNode | FolderNode;
}

export type BucketsNode = BucketNode | FolderNode | ObjectNode;

/** Rows of a level at a time: one request gives them all, and a screen shows a few dozen. */
const pageSize = 500;
const bucketsPerPage = 200;
/** What a tooltip counts: not more than ten requests because a mouse passed by. */
const pagesForTooltip = 10;

export interface BucketsOptions {
  readonly words: Words;
  /** The tutorial's bucket, which comes first; its zones are known by these names. */
  readonly tutorialBucket: () => Promise<string | undefined>;
  readonly zones: readonly string[];
}

export class BucketsSource implements TreeSource<BucketsNode> {
  private readonly rules = new Map<string, Promise<readonly LifecycleRule[]>>();

  constructor(private readonly options: BucketsOptions) {}

  async children(node: BucketsNode | undefined, aws: Connection): Promise<Page<BucketsNode>> {
    if (!node) {
      this.rules.clear();
      return this.buckets(aws);
    }
    if (node.kind === 'object') {
      return { nodes: [] };
    }
    if (node.kind === 'bucket') {
      this.rules.delete(node.bucket);
      if (node.ofTutorial) {
        const { extents, ...folder } = await lookInto(aws, node.bucket, pageSize);
        return this.page(node, folder, extents);
      }
    }
    return this.page(node, await listFolder(aws, node.bucket, node.prefix, { limit: pageSize }));
  }

  look(node: BucketsNode) {
    const { words } = this.options;
    switch (node.kind) {
      case 'bucket':
        return {
          label: node.bucket, icon: node.ofTutorial ? 'mortar-board' : 'archive', expandable: true, context: 'bucket',
          ...(node.ofTutorial && { description: l10n.t('the tutorial\'s'), color: 'charts.blue' }),
        };
      case 'folder': {
        const { extent } = node;
        const size = extent && [objectsInWords(words, extent.objects, !extent.complete), words.bytes(extent.bytes), extent.newest && words.ago(extent.newest)].filter(Boolean).join(' · ');
        return { label: lastPart(node.prefix), icon: node.zone ? 'layers' : 'folder', expandable: true, context: node.zone ? 'zone' : 'folder', ...(size && { description: size }) };
      }
      case 'object': {
        const { key, size, modified } = node.object;
        return { label: lastPart(key), icon: iconOf(key), expandable: false, description: [words.bytes(size), modified && words.ago(modified)].filter(Boolean).join(' · ') };
      }
    }
  }

  async facts(node: BucketsNode, aws: Connection): Promise<readonly string[]> {
    const { words } = this.options;
    const rules = this.lifecycle(node.bucket, aws);
    switch (node.kind) {
      case 'bucket': {
        const { created, region } = node.facts;
        const inForce = (await rules).filter(({ Status }) => Status === 'Enabled').length;
        return [
          objectId(node.bucket),
          ...(region ? [l10n.t('Region {0}', region)] : []),
          ...(created ? [l10n.t('Made {0}', words.at(created))] : []),
          inForce === 0 ? l10n.t('No lifecycle rules') : l10n.t('Lifecycle rules: {0}', inForce),
        ];
      }
      case 'folder': {
        node.extent ??= await measure(aws, node.bucket, node.prefix, { pages: pagesForTooltip });
        return [objectId(node.bucket, node.prefix), ...this.extentLines(node.extent), ...this.lifecycleLines(lifecycleOf(await rules, { prefix: node.prefix }))];
      }
      case 'object': {
        const { key, size, modified, storageClass } = node.object;
        return [
          objectId(node.bucket, key),
          size < 1024 ? words.bytes(size) : `${words.bytes(size)} (${words.count(size)} B)`,
          ...(modified ? [`${words.at(modified)} (${words.ago(modified)})`] : []),
          ...(storageClass ? [l10n.t('Storage class {0}', storageClass)] : []),
          ...this.lifecycleLines(lifecycleOf(await rules, node.object)),
        ];
      }
    }
  }

  /** What the bucket's lifecycle rules do, in sentences. */
  lifecycleLines(steps: readonly LifecycleStep[]): string[] {
    return steps.length === 0 ? [l10n.t('No lifecycle rule applies')] : steps.map((step) => this.lifecycleLine(step));
  }

  lifecycleLine({ rule, does, to, days, on, partly }: LifecycleStep): string {
    const { words } = this.options;
    const when = on ? l10n.t('on {0} ({1})', words.at(on), words.ago(on)) : l10n.t('after {0} days', days ?? 0);
    const what = does === 'move' ? l10n.t('moves to {0} {1}', to ?? '', when) : does === 'expire' ? l10n.t('is deleted {0}', when) : l10n.t('unfinished uploads are dropped {0}', when);
    return `${rule}: ${what}${partly ? ` (${l10n.t('only a part of what is here')})` : ''}`;
  }

  /** The rules of a bucket, asked for once until it is refreshed; a failure is not kept. */
  lifecycle(bucket: string, aws: Connection): Promise<readonly LifecycleRule[]> {
    let rules = this.rules.get(bucket);
    if (!rules) {
      rules = lifecycleRules(aws, bucket);
      rules.catch(() => this.rules.delete(bucket));
      this.rules.set(bucket, rules);
    }
    return rules;
  }

  extentLines({ objects, bytes, newest, complete }: Extent): string[] {
    const { words } = this.options;
    return [
      `${objectsInWords(words, objects, !complete)} · ${words.bytes(bytes)}${complete ? '' : '+'}`,
      ...(newest ? [complete ? l10n.t('Newest: {0} ({1})', words.at(newest), words.ago(newest)) : l10n.t('Newest of those that were looked at: {0} ({1})', words.at(newest), words.ago(newest))] : []),
      ...(complete ? [] : [l10n.t('There are more. "Count Objects" counts them all.')]),
    ];
  }

  private async buckets(aws: Connection): Promise<Page<BucketsNode>> {
    const [all, tutorial] = await Promise.all([listBuckets(aws), this.options.tutorialBucket()]);
    const nodes = [...all.filter(({ name }) => name === tutorial), ...all.filter(({ name }) => name !== tutorial)]
      .map((facts): BucketNode => ({ kind: 'bucket', id: objectId(facts.name), bucket: facts.name, prefix: '', facts, ofTutorial: facts.name === tutorial }));
    return inPages(nodes, bucketsPerPage);
  }

  private page(parent: BucketNode | FolderNode, folder: Folder, extents?: ReadonlyMap<string, Extent>): Page<BucketsNode> {
    const { bucket } = parent;
    const zoneRank = (prefix: string): number => (parent.kind === 'bucket' && parent.ofTutorial ? this.options.zones.indexOf(prefix.slice(0, -1)) : -1);
    const folders = folder.folders
      .map((prefix): FolderNode => ({ kind: 'folder', id: objectId(bucket, prefix), bucket, prefix, zone: zoneRank(prefix) >= 0, parent, ...(extents?.has(prefix) && { extent: extents.get(prefix) }) }))
      // Zones first, in the order in which data goes through them.
      .sort((a, b) => (a.zone && b.zone ? zoneRank(a.prefix) - zoneRank(b.prefix) : Number(b.zone) - Number(a.zone)));
    const objects = folder.objects.map((object): ObjectNode => ({ kind: 'object', id: objectId(bucket, object.key), bucket, object, parent }));
    const { next } = folder;
    return {
      nodes: [...folders, ...objects],
      ...(next && { more: async (aws: Connection) => this.page(parent, await listFolder(aws, bucket, parent.prefix, { limit: pageSize, next })) }),
    };
  }
}

/** What came in one answer, shown a part at a time. */
export function inPages<N>(nodes: readonly N[], size: number): Page<N> {
  return nodes.length <= size ? { nodes } : { nodes: nodes.slice(0, size), more: () => Promise.resolve(inPages(nodes.slice(size), size)) };
}

const lastPart = (key: string): string => key.replace(/\/$/, '').split('/').pop() || key;

const icons: readonly (readonly [RegExp, string])[] = [
  [/\.(parquet|pq|orc|avro)$/i, 'table'],
  [/\.(csv|tsv)(\.gz)?$/i, 'list-flat'],
  [/\.(jsonl?|ndjson)(\.gz)?$/i, 'json'],
  [/\.(py|sql|sh)$/i, 'file-code'],
  [/\.(zip|gz|jar|whl)$/i, 'file-zip'],
  [/\.(txt|log|md)$/i, 'output'],
];
const iconOf = (key: string): string => icons.find(([pattern]) => pattern.test(key))?.[1] ?? 'file';
