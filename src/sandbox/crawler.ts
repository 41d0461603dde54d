import type { Host } from './part.ts';

/** A crawler as Glue's GetCrawler has it, as far as a crawl needs it. */
export interface CrawlerDefinition {
  readonly Name: string;
  /** Name, path or ARN. */
  readonly Role: string;
  readonly DatabaseName: string;
  readonly TablePrefix?: string;
  readonly Targets: {
    readonly JdbcTargets?: readonly { readonly ConnectionName: string; readonly Path: string; readonly Exclusions?: readonly string[] }[];
    readonly S3Targets?: readonly { readonly Path: string; readonly Exclusions?: readonly string[] }[];
  };
  readonly SchemaChangePolicy?: { readonly UpdateBehavior?: 'LOG' | 'UPDATE_IN_DATABASE'; readonly DeleteBehavior?: 'LOG' | 'DELETE_FROM_DATABASE' | 'DEPRECATE_IN_DATABASE' };
}

export interface CrawlOutcome {
  readonly tablesCreated: number;
  readonly tablesUpdated: number;
  readonly tablesDeleted: number;
}

/** A crawl that failed, with the words that Glue has for it. */
export class CrawlError extends Error {}

/**
 * Looks at a crawler's targets and writes the tables that it finds to the Data Catalog, with the rights of its role.
 *
 * @throws CrawlError in AWS's words.
 */
export async function crawl(_host: Host, _region: string, _crawler: CrawlerDefinition, _signal: AbortSignal, _log: (line: string) => void): Promise<CrawlOutcome> {
  throw new CrawlError('The sandbox does not crawl yet.');
}
