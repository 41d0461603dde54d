import * as l10n from '@vscode/l10n';
import { jobOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import { jobResult } from '../results.ts';
import jobScripts from './job-scripts.ts';
import workflowRole from './workflow-role.ts';

export default defineKind({
  id: 'refine-job',
  title: () => l10n.t('Refining job (silver)'),
  type: 'AWS::Glue::Job',
  dependsOn: [jobScripts, workflowRole],
  flow: { from: { bronze: ['refine-trigger', 'workflow-role'] }, to: { silver: ['lake-location', 'location-grant', 'lake-grants'] } },
  ...jobOperations('refine'),
  result: jobResult('refine'),
});
