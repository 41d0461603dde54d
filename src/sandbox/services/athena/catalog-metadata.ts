import { ControlPlaneError, type ControlPlaneClient } from '../../kernel/control-plane-client.ts';
import { Refused, invalid } from './refusals.ts';

export interface InCatalog {
  CatalogName?: string;
  DatabaseName?: string;
  TableName?: string;
  Expression?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface GlueDatabase {
  readonly Name: string;
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
}

export interface GlueTable extends GlueDatabase {
  readonly CreateTime?: number;
  readonly LastAccessTime?: number;
  readonly TableType?: string;
  readonly PartitionKeys?: readonly object[];
  readonly StorageDescriptor?: {
    readonly Columns?: readonly object[];
    readonly Location?: string;
    readonly InputFormat?: string;
    readonly OutputFormat?: string;
    readonly SerdeInfo?: { readonly SerializationLibrary?: string; readonly Parameters?: Readonly<Record<string, string>> };
  };
}

export const shownDatabase = ({ Name, Description, Parameters }: GlueDatabase): object => ({ Name, Description, Parameters });

/** A table as Athena has it: what Glue says of its storage is among the parameters. */
export function shownTable({ Name, CreateTime, LastAccessTime, TableType, PartitionKeys, StorageDescriptor, Parameters }: GlueTable): object {
  const { Columns, Location, InputFormat, OutputFormat, SerdeInfo } = StorageDescriptor ?? {};
  const serde = Object.entries(SerdeInfo?.Parameters ?? {}).map(([name, value]) => [`serde.param.${name}`, value]);
  return {
    Name,
    CreateTime,
    LastAccessTime,
    TableType,
    Columns,
    PartitionKeys,
    Parameters: {
      ...Parameters,
      ...(Location && { location: Location }),
      ...(InputFormat && { inputformat: InputFormat }),
      ...(OutputFormat && { outputformat: OutputFormat }),
      ...(SerdeInfo?.SerializationLibrary && { 'serde.serialization.lib': SerdeInfo.SerializationLibrary }),
      ...Object.fromEntries(serde),
    },
  };
}

/**
 * What Athena tells of the Glue catalog, which is the one that it has here.
 *
 * Source: botocore athena 1.44.5 MetadataException, 2026-11-28
 * Source: none found (tried: code search; those of the Data Catalog are in many logs, those on a catalog that is not there in none), 2026-11-28
 */
export async function askCatalog<T extends object>(controlPlane: ControlPlaneClient, action: string, { CatalogName = '' }: InCatalog, input: object, region: string): Promise<T & { NextToken?: string }> {
  if (CatalogName.toLowerCase() !== 'awsdatacatalog') {
    throw invalid(`DataCatalog ${CatalogName} was not found`);
  }
  return controlPlane.call<T & { NextToken?: string }>('glue', action, input, region).catch((error: unknown) => {
    throw error instanceof ControlPlaneError ? new Refused('MetadataException', `${error.message} (Service: AmazonDataCatalog; Status Code: ${error.status}; Error Code: ${error.code})`) : error;
  });
}
