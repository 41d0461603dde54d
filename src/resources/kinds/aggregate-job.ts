import * as l10n from '@vscode/l10n';
import { jobOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import { jobResult } from '../results.ts';
import jobScripts from './job-scripts.ts';
import workflowRole from './workflow-role.ts';

export default defineKind({
  id: 'aggregate-job',
  title: () => l10n.t('Aggregation job (gold)'),
  type: 'AWS::Glue::Job',
  dependsOn: [jobScripts, workflowRole],
  flow: { from: { silver: ['aggregate-trigger', 'workflow-role'] }, to: { gold: ['lake-location', 'location-grant', 'lake-grants'] } },
  ...jobOperations('aggregate'),
  result: jobResult('aggregate'),
});
