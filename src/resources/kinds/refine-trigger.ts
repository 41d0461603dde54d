import * as l10n from '@vscode/l10n';
import { glueName, triggerOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import ingestJob from './ingest-job.ts';
import refineJob from './refine-job.ts';
import workflow from './workflow.ts';

export default defineKind({
  id: 'refine-trigger',
  title: () => l10n.t('Trigger: refine after ingesting'),
  type: 'AWS::Glue::Trigger',
  dependsOn: [workflow, refineJob, ingestJob],
  ...triggerOperations('refine', (context) => ({
    Type: 'CONDITIONAL',
    Description: 'Lake Tutorial: refine',
    Predicate: { Logical: 'ANY', Conditions: [{ LogicalOperator: 'EQUALS', JobName: glueName(context, 'ingest'), State: 'SUCCEEDED' }] },
    Actions: [{ JobName: glueName(context, 'refine') }],
  })),
});
