import * as l10n from '@vscode/l10n';
import type { Connection } from '../../aws/connection.ts';
import { lifecycleOf, lifecycleRules, listBuckets, listFolder, lookInto, measure, type Bucket, type Extent, type Folder, type LifecycleRule, type LifecycleStep, type S3Object } from '../../aws/buckets.ts';
import { AwsError } from '../../aws/errors.ts';
import { objectId } from '../../resources/tree-path.ts';
import { toUserError } from '../userError.ts';
import type { Page, TreeNode, TreeSource } from './tree.ts';
import { formatObjectCount, type Formatter } from './format.ts';

export interface BucketNode extends TreeNode {
  readonly kind: 'bucket';
  readonly bucket: string;
  readonly prefix: '';
  readonly facts: Bucket;
  readonly ofTutorial: boolean;
  readonly parent?: undefined;
}

/** A prefix that ends with a slash. A zone is such a folder at the top of the tutorial's bucket. */
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

/** Says that there is nothing, and what to do about it. */
export interface NothingNode extends TreeNode {
  readonly kind: 'nothing';
  readonly bucket: string;
  readonly parent: BucketNode | FolderNode;
}

/** A node for something that S3 has. */
export type PlaceNode = BucketNode | FolderNode | ObjectNode;

export type BucketsNode = PlaceNode | NothingNode;

/** A level shows so many nodes at a time. One request brings more, but a screen shows a few dozen. */
const pageSize = 500;
const bucketsPerPage = 200;
/** A tooltip makes at most so many requests to count objects: the mouse may only have passed by. */
const pagesForTooltip = 10;

export interface BucketsOptions {
  readonly format: Formatter;
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
    if (node.kind === 'object' || node.kind === 'nothing') {
      return { nodes: [] };
    }
    if (node.kind === 'bucket') {
      this.rules.delete(node.bucket);
      if (node.ofTutorial) {
        const { extents, ...folder } = await lookInto(aws, node.bucket, pageSize);
        return this.page(node, folder, { extents });
      }
    }
    return this.page(node, await listFolder(aws, node.bucket, node.prefix, { limit: pageSize }));
  }

  present(node: BucketsNode) {
    const { format } = this.options;
    switch (node.kind) {
      case 'bucket':
        return {
          label: node.bucket, icon: node.ofTutorial ? 'mortar-board' : 'archive', expandable: true, context: 'bucket',
          ...(node.ofTutorial && { description: l10n.t('the tutorial\'s'), color: 'charts.blue' }),
        };
      case 'folder': {
        const { extent } = node;
        // When only some objects were read, a newer one may be among the others.
        const size = extent
          ? [this.describeExtent(extent), extent.complete && extent.newest && format.ago(extent.newest)].filter(Boolean).join(' · ')
          : node.zone ? l10n.t('not counted') : undefined;
        const kind = node.zone ? 'zone' : 'folder';
        return { label: nameIn(node.parent, node.prefix), icon: node.zone ? 'layers' : 'folder', expandable: true, context: node.zone && !extent?.complete ? 'zone.uncounted' : kind, ...(size && { description: size }) };
      }
      case 'object': {
        const { key, size, modified } = node.object;
        return { label: nameIn(node.parent, key), icon: iconOf(key), expandable: false, opens: 'lakeTutorial.previewObject' as const, description: [format.bytes(size), modified && format.ago(modified)].filter(Boolean).join(' · ') };
      }
      case 'nothing':
        return { label: l10n.t('Nothing here yet'), icon: 'info', expandable: false };
    }
  }

  async facts(node: BucketsNode, aws: Connection): Promise<readonly string[]> {
    const { format } = this.options;
    const rules = this.lifecycle(node.bucket, aws);
    switch (node.kind) {
      case 'bucket': {
        const { created, region } = node.facts;
        return [
          objectId(node.bucket),
          ...(region ? [l10n.t('Region {0}', region)] : []),
          ...(created ? [l10n.t('Made {0}', format.at(created))] : []),
          ...(await lifecycleFacts(rules, (all) => {
            const inForce = all.filter(({ Status }) => Status === 'Enabled').length;
            return [inForce === 0 ? l10n.t('No lifecycle rules') : l10n.t('Lifecycle rules: {0}', inForce)];
          })),
        ];
      }
      case 'folder': {
        node.extent ??= await measure(aws, node.bucket, node.prefix, { pages: pagesForTooltip });
        return [objectId(node.bucket, node.prefix), ...this.extentLines(node.extent), ...(await lifecycleFacts(rules, (all) => this.lifecycleLines(lifecycleOf(all, { prefix: node.prefix }))))];
      }
      case 'object': {
        const { key, size, modified, storageClass } = node.object;
        return [
          objectId(node.bucket, key),
          size < 1024 ? format.bytes(size) : `${format.bytes(size)} (${format.count(size)} B)`,
          ...(modified ? [`${format.at(modified)} (${format.ago(modified)})`] : []),
          ...(storageClass ? [l10n.t('Storage class {0}', storageClass)] : []),
          ...(await lifecycleFacts(rules, (all) => this.lifecycleLines(lifecycleOf(all, node.object)))),
        ];
      }
      case 'nothing':
        return [l10n.t('"Upload Files…" puts files here, and so do the jobs of a workflow.')];
    }
  }

  /** What the bucket's lifecycle rules do, in sentences. */
  lifecycleLines(steps: readonly LifecycleStep[]): string[] {
    return steps.length === 0 ? [l10n.t('No lifecycle rule applies')] : steps.map((step) => this.lifecycleLine(step));
  }

  lifecycleLine({ rule, does, to, days, on, partly }: LifecycleStep): string {
    const { format } = this.options;
    const when = on ? l10n.t('on {0} ({1})', format.at(on), format.ago(on)) : days === 1 ? l10n.t('after 1 day') : l10n.t('after {0} days', days ?? 0);
    const what = does === 'move' ? l10n.t('moves to {0} {1}', to ?? '', when) : does === 'expire' ? l10n.t('is deleted {0}', when) : l10n.t('unfinished uploads are dropped {0}', when);
    return `${rule}: ${what}${partly ? ` (${l10n.t('only a part of what is here')})` : ''}`;
  }

  /** A bucket's rules, which are read once until the bucket is refreshed. A failure is not kept. */
  lifecycle(bucket: string, aws: Connection): Promise<readonly LifecycleRule[]> {
    let rules = this.rules.get(bucket);
    if (!rules) {
      rules = lifecycleRules(aws, bucket);
      rules.catch(() => this.rules.delete(bucket));
      this.rules.set(bucket, rules);
    }
    return rules;
  }

  private describeExtent({ objects, bytes, complete }: Extent): string {
    const { format } = this.options;
    return `${formatObjectCount(format, objects, !complete)} · ${format.bytes(bytes)}${complete ? '' : '+'}`;
  }

  extentLines(extent: Extent): string[] {
    const { format } = this.options;
    const { newest, complete } = extent;
    return [
      this.describeExtent(extent),
      ...(newest ? [complete ? l10n.t('Newest: {0} ({1})', format.at(newest), format.ago(newest)) : l10n.t('Newest of those that were looked at: {0} ({1})', format.at(newest), format.ago(newest))] : []),
      ...(complete ? [] : [l10n.t('There are more. "Count Objects" counts them all.')]),
    ];
  }

  private async buckets(aws: Connection): Promise<Page<BucketsNode>> {
    const [all, tutorial] = await Promise.all([listBuckets(aws), this.options.tutorialBucket()]);
    const nodes = [...all.filter(({ name }) => name === tutorial), ...all.filter(({ name }) => name !== tutorial)]
      .map((facts): BucketNode => ({ kind: 'bucket', id: objectId(facts.name), bucket: facts.name, prefix: '', facts, ofTutorial: facts.name === tutorial }));
    return inPages(nodes, bucketsPerPage);
  }

  private page(parent: BucketNode | FolderNode, folder: Folder, { extents, first = true }: { readonly extents?: ReadonlyMap<string, Extent>; readonly first?: boolean } = {}): Page<BucketsNode> {
    const { bucket } = parent;
    const zoneRank = (prefix: string): number => (parent.kind === 'bucket' && parent.ofTutorial ? this.options.zones.indexOf(prefix.slice(0, -1)) : -1);
    const folders = folder.folders
      .map((prefix): FolderNode => ({ kind: 'folder', id: objectId(bucket, prefix), bucket, prefix, zone: zoneRank(prefix) >= 0, parent, ...(extents?.has(prefix) && { extent: extents.get(prefix) }) }))
      // Zones first, in the order in which data goes through them.
      .sort((a, b) => (a.zone && b.zone ? zoneRank(a.prefix) - zoneRank(b.prefix) : Number(b.zone) - Number(a.zone)));
    const objects = folder.objects.map((object): ObjectNode => ({ kind: 'object', id: objectId(bucket, object.key), bucket, object, parent }));
    const { next } = folder;
    const nodes = [...folders, ...objects];
    return {
      nodes: nodes.length > 0 || next || !first ? nodes : [{ kind: 'nothing', id: `${parent.id}#nothing`, bucket, parent }],
      ...(next && { more: async (aws: Connection) => this.page(parent, await listFolder(aws, bucket, parent.prefix, { limit: pageSize, next }), { first: false }) }),
    };
  }
}

/** The lines about the rules, or why they cannot be read: the tooltip shows the other facts all the same. */
async function lifecycleFacts(rules: Promise<readonly LifecycleRule[]>, say: (rules: readonly LifecycleRule[]) => string[]): Promise<string[]> {
  try {
    return say(await rules);
  } catch (error) {
    if (!AwsError.is(error)) {
      throw error;
    }
    const { what, next } = toUserError(error);
    return [what, ...(next ? [next] : [])];
  }
}

/** Shows what came in one answer in several pages. */
export function inPages<N>(nodes: readonly N[], size: number): Page<N> {
  return nodes.length <= size ? { nodes } : { nodes: nodes.slice(0, size), more: () => Promise.resolve(inPages(nodes.slice(size), size)) };
}

/** A key without its folder's. After a double slash a folder has no name, and is shown as a slash. */
const nameIn = ({ prefix }: BucketNode | FolderNode, key: string): string => key.slice(prefix.length).replace(/\/$/, '') || '/';

const icons: readonly (readonly [RegExp, string])[] = [
  [/\.(parquet|pq|orc|avro)$/i, 'table'],
  [/\.(csv|tsv)(\.gz)?$/i, 'list-flat'],
  [/\.(jsonl?|ndjson)(\.gz)?$/i, 'json'],
  [/\.(py|sql|sh)$/i, 'file-code'],
  [/\.(zip|gz|jar|whl)$/i, 'file-zip'],
  [/\.(txt|log|md)$/i, 'output'],
];
const iconOf = (key: string): string => icons.find(([pattern]) => pattern.test(key))?.[1] ?? 'file';
