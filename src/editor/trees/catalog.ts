import * as l10n from '@vscode/l10n';
import type { Connection } from '../../aws/connection.ts';
import { parseUri } from '../../aws/buckets.ts';
import { everybody, listDatabases, listGrants, listPartitions, listTables, readTable, type CatalogColumn, type CatalogDatabase, type CatalogPartition, type CatalogTable, type GrantLine, type Listed } from '../../aws/catalog.ts';
import { databaseId, partId, tableId } from '../../resources/tree-path.ts';
import { warningColor, type TreeItemPresentation, type Page, type TreeNode, type TreeSource } from './tree.ts';
import { shortPrincipal, type Formatter } from './format.ts';

export interface DatabaseNode extends TreeNode {
  readonly kind: 'database';
  readonly database: string;
  readonly facts: CatalogDatabase;
  readonly ofTutorial: boolean;
  /** Its tables by zone, once one of them lies in a zone. */
  zones?: Map<string, ZoneNode>;
}
export interface ZoneNode extends TreeNode {
  readonly kind: 'zone';
  readonly zone: string;
  readonly parent: DatabaseNode;
  readonly tables: TableNode[];
}
export interface TableNode extends TreeNode {
  readonly kind: 'table';
  readonly database: string;
  readonly parent: DatabaseNode | ZoneNode;
  table: CatalogTable;
}
export interface ColumnNode extends TreeNode {
  readonly kind: 'column';
  readonly column: CatalogColumn;
  readonly parent: TableNode;
}
/** A part of a database or table that is read when it is expanded. */
export interface PartNode extends TreeNode {
  readonly kind: 'grants' | 'location' | 'partitions';
  readonly parent: DatabaseNode | TableNode;
}
export interface PartitionNode extends TreeNode {
  readonly kind: 'partition';
  readonly partition: CatalogPartition;
  readonly parent: PartNode;
}
export interface GrantNode extends TreeNode {
  readonly kind: 'grant';
  readonly grant: GrantLine;
  readonly parent: PartNode;
}
/** Says that there is nothing, where that is worth knowing. */
export interface NoneNode extends TreeNode {
  readonly kind: 'none';
  readonly text: string;
  readonly parent: PartNode | DatabaseNode;
}

export type CatalogNode = DatabaseNode | ZoneNode | TableNode | ColumnNode | PartNode | PartitionNode | GrantNode | NoneNode;

/** What lies in a bucket, and views, Athena reads; a source that a connection leads to it does not. */
export const isReadable = ({ location }: CatalogTable): boolean => !location || parseUri(location) !== undefined;

/** Glue returns at most so many tables at a time. */
const pageSize = 100;

export interface CatalogOptions {
  readonly format: Formatter;
  readonly tutorialDatabase: () => Promise<string | undefined>;
  readonly zones: readonly string[];
  /** `aws`, `aws-cn` …: the partition in the ARNs of data locations. */
  readonly partition: () => string;
}

export class CatalogSource implements TreeSource<CatalogNode> {
  constructor(private readonly options: CatalogOptions) {}

  async children(node: CatalogNode | undefined, aws: Connection): Promise<Page<CatalogNode>> {
    switch (node?.kind) {
      case undefined:
        return this.databases(aws);
      case 'database':
        node.zones = undefined;
        return this.tables(node, await listTables(aws, node.database, { limit: pageSize }), true);
      case 'table':
        return this.columns(node, aws);
      case 'partitions':
        return this.partitions(node, aws);
      case 'grants':
      case 'location':
        return { nodes: await this.grants(node, aws) };
      default:
        return { nodes: [] };
    }
  }

  fixed(node: CatalogNode): readonly CatalogNode[] | undefined {
    return node.kind === 'zone' ? node.tables : undefined;
  }

  present(node: CatalogNode): TreeItemPresentation {
    const { format } = this.options;
    switch (node.kind) {
      case 'database':
        return { label: node.database, icon: node.ofTutorial ? 'mortar-board' : 'database', expandable: true, ...(node.ofTutorial ? { description: l10n.t('the tutorial\'s'), color: 'charts.blue' } : node.facts.description && { description: node.facts.description }) };
      case 'zone':
        return { label: this.zoneTitle(node.zone), icon: node.zone === 'source' ? 'plug' : node.zone ? 'layers' : 'folder', expandable: 'expanded', description: node.tables.length === 1 ? l10n.t('1 table') : l10n.t('{0} tables', format.count(node.tables.length)) };
      case 'table': {
        const { name, format: fileFormat, rows, batchRows } = node.table;
        const counted = rows !== undefined ? this.rows(rows) : batchRows !== undefined ? l10n.t('newest batch {0}', this.rows(batchRows)) : undefined;
        return { label: name, icon: 'table', expandable: true, ...(isReadable(node.table) && { opens: 'lakeTutorial.previewTable' }), description: [fileFormat, counted].filter(Boolean).join(' · ') };
      }
      case 'column':
        return {
          label: node.column.name, icon: node.column.partition ? 'split-horizontal' : 'symbol-field', expandable: false,
          description: [node.column.type, node.column.partition && l10n.t('partition'), node.column.comment].filter(Boolean).join(' · '),
        };
      case 'partitions':
        return { label: l10n.t('Partitions'), icon: 'split-horizontal', expandable: true, ...(node.parent.kind === 'table' && { description: node.parent.table.partitionKeys.join(', ') }) };
      case 'partition':
        return { label: node.partition.values.map((value, index) => `${this.keyOf(node, index)}=${value}`).join(' / '), icon: 'folder', expandable: false };
      case 'grants':
        return { label: l10n.t('Who may do what'), icon: 'shield', expandable: true };
      case 'location':
        return { label: l10n.t('Location'), icon: 'shield', expandable: true, ...(node.parent.kind === 'database' && { description: node.parent.facts.location }) };
      case 'grant': {
        const { principal, permissions, onAllTables, onWhole, columns } = node.grant;
        const open = principal === everybody;
        return {
          label: open ? l10n.t('Everybody whom IAM allows') : shortPrincipal(principal),
          icon: open ? 'unlock' : principal.includes(':role/') ? 'person-add' : 'account',
          ...(open && { color: warningColor }),
          expandable: false,
          description: [permissions.join(', '), onAllTables && l10n.t('on all tables'), onWhole && l10n.t('on the whole bucket'), columns && l10n.t('columns {0}', columns.join(', '))].filter(Boolean).join(' · '),
        };
      }
      case 'none':
        return { label: node.text, icon: 'info', expandable: false };
    }
  }

  async facts(node: CatalogNode, aws: Connection): Promise<readonly string[]> {
    const { format } = this.options;
    switch (node.kind) {
      case 'database':
        return [node.database, ...(node.facts.description ? [node.facts.description] : []), ...(node.facts.location ? [l10n.t('Location {0}', node.facts.location)] : [])];
      case 'table': {
        const { columns, ...table } = await readTable(aws, node.database, node.table.name);
        const { name, format: fileFormat, rows, batchRows, location, updated, partitionKeys } = table;
        return [
          `${node.database}.${name}`,
          ...(fileFormat ? [l10n.t('Format {0}', fileFormat)] : []),
          ...(location ? [l10n.t('Location {0}', location)] : []),
          rows !== undefined ? this.rows(rows) : batchRows !== undefined ? l10n.t('newest batch {0}', this.rows(batchRows)) : l10n.t('The catalog does not say how many rows there are.'),
          columns.length === 1 ? l10n.t('1 column') : l10n.t('{0} columns', format.count(columns.length)),
          ...(partitionKeys.length > 0 ? [l10n.t('Partitioned by {0}', partitionKeys.join(', '))] : []),
          ...(updated ? [l10n.t('Changed {0} ({1})', format.at(updated), format.ago(updated))] : []),
        ];
      }
      case 'column':
        return [`${node.column.name} ${node.column.type}`, ...(node.column.comment ? [node.column.comment] : [])];
      case 'partition':
        return [node.partition.values.join(' / '), ...(node.partition.location ? [node.partition.location] : [])];
      case 'grant': {
        const { principal, permissions, grantable, onAllTables } = node.grant;
        return [
          principal,
          permissions.join(', '),
          ...(grantable.length > 0 ? [l10n.t('May pass on: {0}', grantable.join(', '))] : []),
          ...(onAllTables ? [l10n.t('Granted on all tables of the database.')] : []),
          ...(principal === 'IAM_ALLOWED_PRINCIPALS' ? [l10n.t('Here IAM alone decides: grants of Lake Formation have no effect.')] : []),
        ];
      }
      case 'location':
        return [...(node.parent.kind === 'database' && node.parent.facts.location ? [node.parent.facts.location] : []), l10n.t('Who may make tables and data at this place.')];
      case 'grants':
        return [l10n.t('Grants of Lake Formation.')];
      default:
        return [];
    }
  }

  private rows(count: number): string {
    return count === 1 ? l10n.t('1 row') : l10n.t('{0} rows', this.options.format.count(count));
  }

  private zoneTitle(zone: string): string {
    return zone === 'source' ? l10n.t('Source') : zone || l10n.t('Others');
  }

  private keyOf(node: PartitionNode, index: number): string {
    const table = node.parent.parent;
    return (table.kind === 'table' && table.table.partitionKeys[index]) || String(index + 1);
  }

  /** The zone of a table is the first folder of its location. A table whose location is in no bucket is a source. */
  private zoneOf({ location, format }: CatalogTable): string {
    const key = location === undefined ? undefined : parseUri(location)?.key;
    if (key === undefined) {
      return /postgres|mysql|jdbc|sqlserver|oracle/i.test(format ?? '') ? 'source' : '';
    }
    const [first = ''] = key.split('/');
    return this.options.zones.includes(first) ? first : '';
  }

  private async databases(aws: Connection, next?: string): Promise<Page<CatalogNode>> {
    const [{ items, next: following }, tutorial] = await Promise.all([listDatabases(aws, { limit: pageSize, next }), this.options.tutorialDatabase()]);
    const nodes = items
      .map((facts): DatabaseNode => ({ kind: 'database', id: databaseId(facts.name), database: facts.name, facts, ofTutorial: facts.name === tutorial }))
      .sort((a, b) => Number(b.ofTutorial) - Number(a.ofTutorial));
    return { nodes, ...(following && { more: (connection: Connection) => this.databases(connection, following) }) };
  }

  /** A page of tables, grouped by zone if one of them is in a zone. */
  private tables(parent: DatabaseNode, { items, next }: Listed<CatalogTable>, first: boolean): Page<CatalogNode> {
    // An endpoint without pagination gives all tables at once.
    const [shown, rest] = [items.slice(0, pageSize), items.slice(pageSize)];
    const byZone = shown.map((table) => ({ table, zone: this.zoneOf(table) }));
    if (first) {
      parent.zones = byZone.some(({ zone }) => zone !== '') ? new Map() : undefined;
    }
    const { zones } = parent;
    const added: CatalogNode[] = [];
    const node = (table: CatalogTable, of: DatabaseNode | ZoneNode): TableNode => ({ kind: 'table', id: tableId(parent.database, table.name), database: parent.database, table, parent: of });
    for (const { table, zone } of byZone) {
      if (!zones) {
        added.push(node(table, parent));
        continue;
      }
      let group = zones.get(zone);
      if (!group) {
        group = { kind: 'zone', id: `${parent.id}/zone:${zone}`, zone, parent, tables: [] };
        zones.set(zone, group);
        added.push(group);
      }
      group.tables.push(node(table, group));
    }
    if (zones) {
      const order = ['source', ...this.options.zones, ''];
      added.sort((a, b) => (a.kind === 'zone' && b.kind === 'zone' ? order.indexOf(a.zone) - order.indexOf(b.zone) : 0));
    }
    const about: CatalogNode[] = !first ? [] : [
      { kind: 'grants', id: partId(parent.id, 'grants'), parent },
      ...(parent.facts.location ? [{ kind: 'location' as const, id: partId(parent.id, 'location'), parent }] : []),
      ...(shown.length === 0 && !next ? [{ kind: 'none' as const, id: `${parent.id}/none`, text: l10n.t('No tables yet'), parent }] : []),
    ];
    const more = rest.length > 0
      ? () => Promise.resolve(this.tables(parent, { items: rest, ...(next && { next }) }, false))
      : next && (async (aws: Connection) => this.tables(parent, await listTables(aws, parent.database, { limit: pageSize, next }), false));
    return { nodes: [...about, ...added], ...(more && { more }) };
  }

  private async columns(node: TableNode, aws: Connection): Promise<Page<CatalogNode>> {
    const { columns, ...table } = await readTable(aws, node.database, node.table.name);
    const changed = JSON.stringify(table) !== JSON.stringify(node.table);
    node.table = table;
    return {
      nodes: [
        { kind: 'grants', id: partId(node.id, 'grants'), parent: node },
        ...(table.partitionKeys.length > 0 ? [{ kind: 'partitions' as const, id: partId(node.id, 'partitions'), parent: node }] : []),
        ...columns.map((column): ColumnNode => ({ kind: 'column', id: `${node.id}/column:${column.name}`, column, parent: node })),
      ],
      ...(changed && { changed: node }),
    };
  }

  private async partitions(node: PartNode, aws: Connection, next?: string): Promise<Page<CatalogNode>> {
    if (node.parent.kind !== 'table') {
      return { nodes: [] };
    }
    const { items, next: following } = await listPartitions(aws, node.parent.database, node.parent.table.name, { limit: pageSize, next });
    const nodes = items.map((partition): PartitionNode => ({ kind: 'partition', id: `${node.id}/${partition.values.join('/')}`, partition, parent: node }));
    return { nodes: nodes.length === 0 && !next ? [this.none(node, l10n.t('No partitions yet'))] : nodes, ...(following && { more: (connection: Connection) => this.partitions(node, connection, following) }) };
  }

  private async grants(node: PartNode, aws: Connection): Promise<CatalogNode[]> {
    const { parent } = node;
    const place = parent.kind === 'database' ? parseUri(parent.facts.location ?? '') : undefined;
    const grants = node.kind === 'location' && place ? await this.grantsOn(place, aws) : await listGrants(aws, { database: parent.database, ...(parent.kind === 'table' && { table: parent.table.name }) });
    return grants.length === 0
      ? [this.none(node, l10n.t('No grants'))]
      : grants.map((grant, index): GrantNode => ({ kind: 'grant', id: `${node.id}/${index}:${grant.principal}`, grant, parent: node }));
  }

  /** The grants on a data location and on the whole bucket: Lake Formation lists the bucket's only under the bucket. */
  private async grantsOn({ bucket, key }: { readonly bucket: string; readonly key: string }, aws: Connection): Promise<readonly GrantLine[]> {
    // Lake Formation registers a location without the slash at its end.
    const folder = key.replace(/\/$/, '');
    const arn = `arn:${this.options.partition()}:s3:::${bucket}`;
    const [whole, part] = await Promise.all([listGrants(aws, { location: arn }), folder ? listGrants(aws, { location: `${arn}/${folder}` }) : []]);
    return [...part, ...whole.map((grant) => (folder ? { ...grant, onWhole: true } : grant))];
  }

  private none(parent: PartNode, text: string): NoneNode {
    return { kind: 'none', id: `${parent.id}/none`, text, parent };
  }
}
