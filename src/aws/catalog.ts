import type { Column, Database, Table } from '@aws-sdk/client-glue';
import type { PrincipalResourcePermissions, Resource } from '@aws-sdk/client-lakeformation';
import type { Connection } from './connection.ts';
import { AwsError } from './errors.ts';

/** One page of a listing. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface CatalogDatabase {
  readonly name: string;
  readonly description?: string;
  readonly location?: string;
}

/** A table without its columns: there may be thousands of tables. */
export interface CatalogTable {
  readonly name: string;
  readonly location?: string;
  /** `parquet`, `csv`, `postgresql`… */
  readonly format?: string;
  readonly rows?: number;
  /** The rows of the newest batch, where that is what is known. */
  readonly batchRows?: number;
  readonly partitionKeys: readonly string[];
  readonly updated?: Date;
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
  readonly partition: boolean;
}

export interface CatalogPartition {
  readonly values: readonly string[];
  readonly location?: string;
}

/**
 * Whoever IAM lets in, by the name that Lake Formation has for them. A grant to it makes all other grants on the same thing pointless.
 *
 * Source: https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html, 2026-11-28
 */
export const everybody = 'IAM_ALLOWED_PRINCIPALS';

/** Who may do what on something. */
export interface GrantLine {
  /** An ARN, or a name that stands for many such as {@link everybody}. */
  readonly principal: string;
  readonly permissions: readonly string[];
  /** Those of them that the principal may pass on. */
  readonly grantable: readonly string[];
  /** Granted on all tables of the database, not on this one alone. */
  readonly onAllTables: boolean;
  /** Granted on the bucket that the place lies in. */
  readonly onWhole?: boolean;
  /** Only these columns, where it is not all of them. */
  readonly columns?: readonly string[];
}

const listed = <T>(items: readonly T[], next: string | undefined): Listed<T> => ({ items, ...(next && { next }) });

const toDatabase = ({ Name, Description, LocationUri }: Database): CatalogDatabase => ({
  name: Name ?? '',
  ...(Description && { description: Description }),
  ...(LocationUri && { location: LocationUri }),
});

/** Databases of the catalog. */
export async function listDatabases(aws: Connection, options: { readonly next?: string; readonly limit: number }): Promise<Listed<CatalogDatabase>> {
  const { DatabaseList = [], NextToken } = await aws.glue.getDatabases({ NextToken: options.next, MaxResults: options.limit });
  return listed(DatabaseList.map(toDatabase), NextToken);
}

const count = (value: string | undefined): number | undefined => (value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined);

function toTable({ Name, StorageDescriptor, Parameters = {}, PartitionKeys = [], UpdateTime, TableType }: Table): CatalogTable {
  const location = StorageDescriptor?.Location;
  const serde = /(parquet|orc|avro|json|opencsv|lazysimple)/i.exec(StorageDescriptor?.SerdeInfo?.SerializationLibrary ?? '')?.[1]?.toLowerCase();
  const format = Parameters['table_type']?.toLowerCase() ?? Parameters['classification'] ?? (serde === 'opencsv' || serde === 'lazysimple' ? 'csv' : serde) ?? (TableType === 'VIRTUAL_VIEW' ? 'view' : undefined);
  // Crawlers count, Hive and Spark count, and the tutorial's jobs do: the bronze job its newest batch.
  const own = count(Parameters['lake_rows']);
  const batch = Parameters['lake_batch'] !== undefined;
  const rows = (batch ? undefined : own) ?? count(Parameters['numRows']) ?? count(Parameters['recordCount']);
  return {
    name: Name ?? '',
    ...(location && { location }),
    ...(format && { format }),
    ...(rows !== undefined && { rows }),
    ...(batch && own !== undefined && { batchRows: own }),
    partitionKeys: PartitionKeys.map((key) => key.Name ?? ''),
    ...(UpdateTime && { updated: UpdateTime }),
  };
}

/** Tables of a database, by name as AWS gives them. */
export async function listTables(aws: Connection, database: string, options: { readonly next?: string; readonly limit: number }): Promise<Listed<CatalogTable>> {
  const { TableList = [], NextToken } = await aws.glue.getTables({ DatabaseName: database, NextToken: options.next, MaxResults: options.limit });
  return listed(TableList.map(toTable), NextToken);
}

/** One table with its columns, those it is partitioned by last. */
export async function readTable(aws: Connection, database: string, name: string): Promise<CatalogTable & { readonly columns: readonly CatalogColumn[] }> {
  const { Table: table = { Name: name } } = await aws.glue.getTable({ DatabaseName: database, Name: name });
  const toColumn = (partition: boolean) => ({ Name, Type, Comment }: Column): CatalogColumn => ({ name: Name ?? '', type: Type ?? '', partition, ...(Comment && { comment: Comment }) });
  return { ...toTable(table), columns: [...(table.StorageDescriptor?.Columns ?? []).map(toColumn(false)), ...(table.PartitionKeys ?? []).map(toColumn(true))] };
}

/** Partitions of a table. */
export async function listPartitions(aws: Connection, database: string, table: string, options: { readonly next?: string; readonly limit: number }): Promise<Listed<CatalogPartition>> {
  const { Partitions = [], NextToken } = await aws.glue.getPartitions({ DatabaseName: database, TableName: table, NextToken: options.next, MaxResults: options.limit, ExcludeColumnSchema: true });
  return listed(Partitions.map(({ Values = [], StorageDescriptor }) => ({ values: Values, ...(StorageDescriptor?.Location && { location: StorageDescriptor.Location }) })), NextToken);
}

/** What grants are asked for: a database, a table, or a place in S3 by its ARN. */
export type GrantTarget = { readonly database: string; readonly table?: string } | { readonly location: string };

/**
 * Who may do what on a database, a table or a location, by Lake Formation's grants.
 *
 * For a table Lake Formation is asked twice: what is granted on all tables is no answer about one of them.
 */
export async function listGrants(aws: Connection, target: GrantTarget): Promise<GrantLine[]> {
  if ('location' in target) {
    return inLines(await allGrants(aws, { DataLocation: { ResourceArn: target.location } }));
  }
  const { database, table } = target;
  if (table === undefined) {
    return inLines(await allGrants(aws, { Database: { Name: database } }));
  }
  const [own, all] = await Promise.all([
    allGrants(aws, { Table: { DatabaseName: database, Name: table } }),
    allGrants(aws, { Table: { DatabaseName: database, TableWildcard: {} } }),
  ]);
  // Some endpoints answer one question with the other's grants too.
  return inLines([...new Map([...own, ...all].filter(isAbout(table)).map((grant) => [JSON.stringify(grant), grant])).values()]);
}

const tableOf = ({ Resource: resource }: PrincipalResourcePermissions): string | undefined => resource?.Table?.Name ?? resource?.TableWithColumns?.Name;
const isOnAll = (grant: PrincipalResourcePermissions): boolean => grant.Resource?.Table?.TableWildcard !== undefined || tableOf(grant) === 'ALL_TABLES';
const isAbout = (table: string) => (grant: PrincipalResourcePermissions): boolean => isOnAll(grant) || tableOf(grant) === table;

async function allGrants(aws: Connection, resource: Resource): Promise<PrincipalResourcePermissions[]> {
  const all: PrincipalResourcePermissions[] = [];
  for (let NextToken: string | undefined; ; ) {
    try {
      const page = await aws.lakeformation.listPermissions({ Resource: resource, NextToken, MaxResults: 1000 });
      all.push(...(page.PrincipalResourcePermissions ?? []));
      NextToken = page.NextToken;
    } catch (error) {
      // What is not registered, or not there, has no grants.
      if (!AwsError.is(error, 'notFound')) {
        throw error;
      }
      return all;
    }
    if (!NextToken) {
      return all;
    }
  }
}

/** One line for each principal and scope: Lake Formation lists SELECT apart from the rest. */
function inLines(grants: readonly PrincipalResourcePermissions[]): GrantLine[] {
  const lines = new Map<string, { principal: string; permissions: Set<string>; grantable: Set<string>; onAllTables: boolean; columns?: readonly string[] }>();
  for (const grant of grants) {
    const principal = grant.Principal?.DataLakePrincipalIdentifier ?? '';
    const columns = grant.Resource?.TableWithColumns?.ColumnNames;
    const onAllTables = isOnAll(grant);
    const key = JSON.stringify([principal, onAllTables, columns]);
    const line = lines.get(key) ?? { principal, permissions: new Set(), grantable: new Set(), onAllTables, ...(columns && { columns }) };
    lines.set(key, line);
    grant.Permissions?.forEach((permission) => line.permissions.add(permission));
    grant.PermissionsWithGrantOption?.forEach((permission) => line.grantable.add(permission));
  }
  return [...lines.values()].map((line) => ({ ...line, permissions: [...line.permissions].sort(), grantable: [...line.grantable].sort() })).sort((a, b) => a.principal.localeCompare(b.principal));
}

/** A name as Athena's SQL takes it. */
export const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? (name.startsWith('_') ? `"${name}"` : name) : `"${name.replaceAll('"', '""')}"`);

/** The SELECT that shows a table's first rows. */
export const selectFrom = (database: string, table: string, limit: number): string => `SELECT *\nFROM ${quoted(database)}.${quoted(table)}\nLIMIT ${limit};\n`;
