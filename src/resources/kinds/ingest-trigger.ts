import * as l10n from '@vscode/l10n';
import { glueName, triggerOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import crawler, { crawlerName } from './crawler.ts';
import ingestJob from './ingest-job.ts';
import workflow from './workflow.ts';

export default defineKind({
  id: 'ingest-trigger',
  title: () => l10n.t('Trigger: ingest after the crawl'),
  type: 'AWS::Glue::Trigger',
  dependsOn: [workflow, ingestJob, crawler],
  ...triggerOperations('ingest', (context) => ({
    Type: 'CONDITIONAL',
    Description: 'Lake Tutorial: ingest',
    Predicate: { Logical: 'ANY', Conditions: [{ LogicalOperator: 'EQUALS', CrawlerName: crawlerName(context), CrawlState: 'SUCCEEDED' }] },
    Actions: [{ JobName: glueName(context, 'ingest') }],
  })),
});
