import * as l10n from '@vscode/l10n';
import { glueName, triggerOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import refineJob from './refine-job.ts';
import aggregateJob from './aggregate-job.ts';
import workflow from './workflow.ts';

export default defineKind({
  id: 'aggregate-trigger',
  title: () => l10n.t('Trigger: aggregate after refining'),
  type: 'AWS::Glue::Trigger',
  dependsOn: [workflow, aggregateJob, refineJob],
  ...triggerOperations('aggregate', (context) => ({
    Type: 'CONDITIONAL',
    Description: 'Lake Tutorial: aggregate',
    Predicate: { Logical: 'ANY', Conditions: [{ LogicalOperator: 'EQUALS', JobName: glueName(context, 'refine'), State: 'SUCCEEDED' }] },
    Actions: [{ JobName: glueName(context, 'aggregate') }],
  })),
});
