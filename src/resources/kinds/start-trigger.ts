import * as l10n from '@vscode/l10n';
import { triggerOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import crawler, { crawlerName } from './crawler.ts';
import workflow from './workflow.ts';

export default defineKind({
  id: 'start-trigger',
  title: () => l10n.t('Start of the workflow (schedule, off)'),
  type: 'AWS::Glue::Trigger',
  parameters: { cron: 'cron(59 * * * ? *)' },
  dependsOn: [workflow, crawler],
  ...triggerOperations('start', (context) => ({
    Type: 'SCHEDULED',
    Description: 'Lake Tutorial: once an hour when activated',
    // Minute 59 of every hour, UTC. cron cannot say "every 59 minutes": 0/59 fires at :00 and :59.
    Schedule: context.parameters['cron'] ?? context.names.variables['cron'] ?? 'cron(59 * * * ? *)',
    Actions: [{ CrawlerName: crawlerName(context) }],
  })),
});
